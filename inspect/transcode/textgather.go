package transcode

import (
	"unicode/utf8"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/inspect/plan"
	"github.com/pbscope/pbscope/inspect/wire"
)

// take puts a value where it belongs: to its field or to the unknown ones.
// start is where it begins, with its length.
func (p *textPrinter) take(g *textGathered, o textOccurrence, start int) bool {
	if g.m == nil {
		return p.unknown(g, o)
	}
	if g.m.MessageSet && o.typ == wire.Group && o.number == 1 {
		item, ok := p.item(o.at)
		if !ok || g.m.Field(item.number) == nil || g.m.Field(item.number).Message() == nil {
			return p.unknown(g, o)
		}
		return p.known(g, g.m.Field(item.number), item)
	}
	f := g.m.Field(o.number)
	if f == nil {
		return p.unknown(g, o)
	}
	switch want := textWireType(f.Kind); {
	case o.typ == wire.Len && f.Packable:
		return p.packed(g, f, o.at)
	case o.typ != want && !(f.Map && o.typ == wire.Len):
		return p.unknown(g, o)
	}
	if f.Enum != nil && f.Enum.Closed && f.Enum.Quoted(int32(p.varint(o.at.from))) == nil && !g.m.Desc.IsMapEntry() {
		return p.unknown(g, o) // of an entry the last value counts, see entryKnown
	}
	if f.Map {
		if known, ok := p.entryKnown(f, o.at, g.level); !ok || !known {
			return ok && p.unknown(g, o)
		}
	}
	if f.UTF8 && !utf8.Valid(p.src[o.at.from:o.at.to]) {
		return false
	}
	return p.known(g, f, o)
}

// packed takes the values of a packed field one by one.
func (p *textPrinter) packed(g *textGathered, f *plan.Field, at textRange) bool {
	typ := textWireType(f.Kind)
	if size := textFixedSize(typ); size > 0 && (at.to-at.from)%size != 0 {
		return false
	}
	for pos := at.from; pos < at.to; {
		n, code := wire.SkipValue(p.src[pos:at.to], f.Number, typ, 0)
		if code != wire.OK {
			return false
		}
		o := textOccurrence{at: textRange{pos, pos + n}, number: f.Number, typ: typ, next: -1}
		pos += n
		ok := true
		if f.Enum != nil && f.Enum.Closed && f.Enum.Quoted(int32(p.varint(o.at.from))) == nil {
			ok = p.unknown(g, o)
		} else {
			ok = p.known(g, f, o)
		}
		if !ok {
			return false
		}
	}
	return true
}

func textFixedSize(typ wire.Type) int {
	switch typ {
	case wire.I32:
		return 4
	case wire.I64:
		return 8
	}
	return 0
}

func (p *textPrinter) varint(pos int) uint64 {
	v, _, _ := wire.ConsumeVarint(p.src[pos:])
	return v
}

// unknown adds a value to the list of unknown ones.
func (p *textPrinter) unknown(g *textGathered, o textOccurrence) bool {
	switch p.o.Unknown {
	case DropUnknown:
		return true
	case RefuseUnknown:
		return false
	}
	at := int32(len(p.occurrences))
	p.occurrences = append(p.occurrences, o)
	if g.last >= 0 {
		p.occurrences[g.last].next = at
	} else {
		g.first = at
	}
	g.last = at
	return true
}

// known adds a value to its field.
func (p *textPrinter) known(g *textGathered, f *plan.Field, o textOccurrence) bool {
	if f.Oneof != 0 && !p.leave(g, f) {
		return false
	}
	at := int32(len(p.occurrences))
	p.occurrences = append(p.occurrences, o)
	place, seen := g.index.get(int32(f.Number))
	if !seen || p.fields[place].first < 0 {
		if f.Required && !seen {
			g.requiredSeen++
		}
		g.index.set(int32(f.Number), int32(len(p.fields)))
		p.fields = append(p.fields, textFieldRun{f: f, first: at, last: at})
		return true
	}
	run := &p.fields[place]
	p.occurrences[run.last].next = at
	run.last = at
	return true
}

// leave takes the other member of f's oneof away, if there is one. Its bytes
// must be in order all the same.
func (p *textPrinter) leave(g *textGathered, f *plan.Field) bool {
	key := -int32(f.Oneof)
	other, seen := g.index.get(key)
	g.index.set(key, int32(f.Number))
	if !seen || other == int32(f.Number) {
		return true
	}
	place, _ := g.index.get(other)
	run := &p.fields[place]
	first, left := run.first, run.f
	run.first = -1
	if left.Message() == nil {
		return true
	}
	return p.check(func() bool { return p.merged(left.Message(), first, g.level+1) })
}

// check runs something that prints, for its verdict only.
func (p *textPrinter) check(print func() bool) bool {
	length, partial := len(p.dst), p.partial
	p.partial = true
	ok := print()
	p.dst, p.partial = p.dst[:length], partial
	return ok
}

// item reads the content of a MessageSet's item: exactly one type id and one
// message.
func (p *textPrinter) item(at textRange) (o textOccurrence, ok bool) {
	var haveID, haveMessage bool
	o.typ, o.next = wire.Len, -1
	for pos := at.from; pos < at.to; {
		number, typ, n, code := wire.ConsumeTag(p.src[pos:at.to])
		if code != wire.OK {
			return o, false
		}
		pos += n
		switch {
		case number == 2 && typ == wire.Varint && !haveID:
			v, n, code := wire.ConsumeVarint(p.src[pos:at.to])
			if code != wire.OK || v == 0 || v > 1<<31-1 {
				return o, false
			}
			o.number, haveID = wire.Number(v), true
			pos += n
		case number == 3 && typ == wire.Len && !haveMessage:
			b, _, n, code := wire.ConsumeLen(p.src[pos:at.to])
			if code != wire.OK {
				return o, false
			}
			o.at, haveMessage = textRange{pos + n - len(b), pos + n}, true
			pos += n
		default:
			return o, false
		}
	}
	return o, haveID && haveMessage
}

// textIsMessage says whether values are messages, which need no colon.
func textIsMessage(f *plan.Field) bool {
	return f.Kind == protoreflect.MessageKind || f.Kind == protoreflect.GroupKind
}
