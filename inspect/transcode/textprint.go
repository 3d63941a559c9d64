package transcode

import (
	"github.com/pbscope/pbscope/inspect/plan"
	"github.com/pbscope/pbscope/inspect/wire"
)

// textRange is a run of bytes of the payload.
type textRange struct{ from, to int }

// textOccurrence is a value on the wire.
type textOccurrence struct {
	// at is the value without tag and length, and for a group without its end.
	at     textRange
	number wire.Number
	typ    wire.Type
	// next is the place of the field's next one in textPrinter.occurrences, or
	// -1.
	next int32
}

// textFieldRun is a field of a message with its occurrences. A field of a oneof
// whose other member came later has none (first is -1).
type textFieldRun struct {
	f           *plan.Field
	first, last int32
}

// textPrinter prints one payload. Fields may come in any order, twice or
// split, so that each message is gathered before it is printed.
type textPrinter struct {
	src []byte
	dst []byte
	o   TextOptions
	max int
	// indent is how many messages are open in the text.
	indent int
	// partial is set where a value is only checked, whose required fields do
	// not matter since another replaces it.
	partial bool
	// occurrences and fields are stacks that grow with the open messages.
	occurrences []textOccurrence
	fields      []textFieldRun
	// groups are where the groups within a group end, once that has been
	// walked through: start of content → its end and what follows.
	groups map[int]textRange
}

// textGathered is what a message has on the wire: fields[base:] of the
// printer, and the list of unknown values.
type textGathered struct {
	m            *plan.Message
	level        int
	base         int
	occurrences  int
	index        textIndex
	first, last  int32
	requiredSeen int
}

func (p *textPrinter) gather(m *plan.Message, level int) textGathered {
	return textGathered{m: m, level: level, base: len(p.fields), occurrences: len(p.occurrences), first: -1, last: -1}
}

// drop gives the stacks back.
func (p *textPrinter) drop(g *textGathered) {
	p.fields = p.fields[:g.base]
	p.occurrences = p.occurrences[:g.occurrences]
}

// message prints the fields of the message in src[at].
func (p *textPrinter) message(m *plan.Message, at textRange, level int) bool {
	g := p.gather(m, level)
	defer p.drop(&g)
	return p.add(&g, at) && p.print(&g)
}

// merged prints the fields of the message that a list of values is together.
func (p *textPrinter) merged(m *plan.Message, first int32, level int) bool {
	g := p.gather(m, level)
	defer p.drop(&g)
	for i := first; i >= 0; i = p.occurrences[i].next {
		if !p.add(&g, p.occurrences[i].at) {
			return false
		}
	}
	return p.print(&g)
}

// add gathers the fields of src[at].
func (p *textPrinter) add(g *textGathered, at textRange) bool {
	if g.level > p.max {
		return false
	}
	for pos := at.from; pos < at.to; {
		number, typ, n, code := wire.ConsumeTag(p.src[pos:at.to])
		if code != wire.OK {
			return false
		}
		pos += n
		value, next, ok := p.value(pos, at.to, number, typ, g.level)
		if !ok || !p.take(g, textOccurrence{at: value, number: number, typ: typ, next: -1}, pos) {
			return false
		}
		pos = next
	}
	return true
}

// value finds the value at pos: its content, and where the next tag is.
func (p *textPrinter) value(pos, to int, number wire.Number, typ wire.Type, level int) (content textRange, next int, ok bool) {
	switch typ {
	case wire.Len:
		b, _, n, code := wire.ConsumeLen(p.src[pos:to])
		return textRange{pos + n - len(b), pos + n}, pos + n, code == wire.OK
	case wire.Group:
		return p.group(pos, to, number, level)
	}
	n, code := wire.SkipValue(p.src[pos:to], number, typ, 0)
	return textRange{pos, pos + n}, pos + n, code == wire.OK
}

// group finds the end of the group whose content begins at pos. Walking
// through a group notes where those within it end, so that groups within
// groups are not walked through again and again.
func (p *textPrinter) group(pos, to int, number wire.Number, level int) (content textRange, next int, ok bool) {
	if end, known := p.groups[pos]; known {
		return textRange{pos, end.from}, end.to, true
	}
	type opened struct {
		number wire.Number
		start  int
	}
	open := []opened{{number, pos}}
	if level >= p.max {
		return content, 0, false
	}
	for at := pos; at < to; {
		number, typ, n, code := wire.ConsumeTag(p.src[at:to])
		if code != wire.OK {
			return content, 0, false
		}
		tag := at
		at += n
		switch typ {
		case wire.Group:
			if level+len(open) >= p.max {
				return content, 0, false
			}
			open = append(open, opened{number, at})
		case wire.EndGroup:
			last := open[len(open)-1]
			if last.number != number {
				return content, 0, false
			}
			if open = open[:len(open)-1]; len(open) == 0 {
				return textRange{pos, tag}, at, true
			}
			if p.groups == nil {
				p.groups = make(map[int]textRange)
			}
			p.groups[last.start] = textRange{tag, at}
		default:
			n, code := wire.SkipValue(p.src[at:to], number, typ, 0)
			if code != wire.OK {
				return content, 0, false
			}
			at += n
		}
	}
	return content, 0, false
}
