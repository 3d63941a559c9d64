package transcode

import (
	"bytes"
	"slices"
	"strconv"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/inspect/plan"
	"github.com/pbscope/pbscope/inspect/span"
	"github.com/pbscope/pbscope/inspect/wire"
)

// textParser reads one document into a tree.
type textParser struct {
	textScanner
	max  int
	tree textTree
	root textNode
	// path is where the problem lies, innermost first.
	path []string
}

// textMessage is a message that is being read.
type textMessage struct {
	m     *plan.Message
	level int
	// seen has the singular fields by number and the oneofs by negative
	// number, each with the number of the field that was seen.
	seen     textIndex
	required int
}

func (p *textParser) document(m *plan.Message) bool {
	var ok bool
	p.root, ok = p.message(m, 0, 1)
	return ok
}

// place completes the problem with its line, column and path.
func (p *textParser) place() *span.Problem {
	q := p.problem
	before := p.src[:q.Offset]
	q.Line = 1 + bytes.Count(before, []byte{'\n'})
	q.Column = len(before) - bytes.LastIndexByte(before, '\n')
	slices.Reverse(p.path)
	if n := len(p.path); n > longestPath {
		p.path = slices.Concat(p.path[:longestPath/2], []string{"…"}, p.path[n-longestPath/2:])
	}
	q.Path = strings.Join(p.path, ".")
	return q
}

// message reads fields up to the byte end, or to the end of the text where
// that is 0. m is nil within what was given by number.
func (p *textParser) message(m *plan.Message, end byte, level int) (n textNode, ok bool) {
	if level > p.max {
		return n, p.failAs(span.TooDeep, p.pos, "messages are nested deeper than "+strconv.Itoa(p.max)+" levels")
	}
	opened := p.pos
	base := len(p.tree.open)
	t := textMessage{m: m, level: level}
	for {
		c := p.next()
		if p.pos >= len(p.src) {
			if end != 0 {
				return n, p.fail(max(opened-1, 0), "the message is not closed")
			}
			break
		}
		if c == end && end != 0 {
			p.pos++
			break
		}
		if !p.field(&t, c) {
			return n, false
		}
		if !p.accept(',') {
			p.accept(';')
		}
	}
	if m != nil && t.required < m.Required {
		return n, p.missing(&t, max(opened-1, 0))
	}
	return p.tree.finish(base), true
}

func (p *textParser) missing(t *textMessage, offset int) bool {
	for _, f := range t.m.ByNumber {
		if _, seen := t.seen.get(int32(f.Number)); f.Required && !seen {
			p.failAs(span.MissingRequired, offset, "required field "+textName(t.m, f)+" of "+string(t.m.Name)+" is absent")
			p.problem.Field = int32(f.Number)
			return false
		}
	}
	return false
}

// field reads a field whose first byte is c.
func (p *textParser) field(t *textMessage, c byte) bool {
	start := p.pos
	switch {
	case textDigit(c):
		return p.numbered(t)
	case c == '[' && t.m != nil:
		name, isURL, ok := p.bracketed()
		if !ok {
			return false
		}
		if isURL || t.m.WellKnown == plan.Any {
			return p.expansion(t, start, string(name))
		}
		f := textExtension(t.m, protoreflect.FullName(name))
		if f == nil {
			return p.unknownExtension(t, start, string(name))
		}
		return p.known(t, f, start)
	case textLetter(c) && t.m != nil:
		name := string(p.word())
		if f := textField(t.m, name); f != nil {
			return p.known(t, f, start)
		}
		if t.m.Desc.ReservedNames().Has(protoreflect.Name(name)) {
			return p.skipField(name, t.level)
		}
		return p.unknownName(t, start, name)
	}
	if t.m == nil {
		return p.failDue("a field number is due here")
	}
	return p.failDue("a field name is due here")
}

// known reads the value of a field whose name has been read.
func (p *textParser) known(t *textMessage, f *plan.Field, offset int) bool {
	if !p.first(t, f, offset) {
		return false
	}
	name := textName(t.m, f)
	colon := p.accept(':')
	isMessage := f.Kind == protoreflect.MessageKind || f.Kind == protoreflect.GroupKind
	if !colon && !isMessage {
		return p.inField(name, p.failDue("a colon is due after "+name))
	}
	if !f.Repeated && !f.Map || p.next() != '[' {
		return p.inField(name, p.value(t, f))
	}
	return p.list(name, func() bool { return p.value(t, f) })
}

// list reads [value, value]; value reads one of them.
func (p *textParser) list(name string, value func() bool) bool {
	for i := 0; ; i++ {
		p.pos++ // the bracket or the comma
		if c := p.next(); i == 0 && c == ']' {
			break
		}
		if !value() {
			return p.inField(name+"["+strconv.Itoa(i)+"]", false)
		}
		if c := p.next(); c == ']' {
			break
		} else if c != ',' {
			return p.inField(name, p.failDue("a comma or ] is due after a list's value"))
		}
	}
	p.pos++
	return true
}

// inField puts the field's name on the path of a problem.
func (p *textParser) inField(name string, ok bool) bool {
	if !ok {
		p.path = append(p.path, name)
	}
	return ok
}

// first refuses a singular field that came already, alone or in its oneof.
func (p *textParser) first(t *textMessage, f *plan.Field, offset int) bool {
	if f.Repeated || f.Map {
		return true
	}
	name := textName(t.m, f)
	if _, seen := t.seen.get(int32(f.Number)); seen {
		return p.inField(name, p.fail(offset, name+" is given twice"))
	}
	t.seen.set(int32(f.Number), int32(f.Number))
	if f.Required {
		t.required++
	}
	if f.Oneof == 0 {
		return true
	}
	if other, seen := t.seen.get(-int32(f.Oneof)); seen {
		earlier := textName(t.m, t.m.Field(protoreflect.FieldNumber(other)))
		return p.inField(name, p.fail(offset, name+" and "+earlier+" exclude each other (oneof "+
			string(f.Desc.ContainingOneof().Name())+")"))
	}
	t.seen.set(-int32(f.Oneof), int32(f.Number))
	return true
}

// value reads one value of a field.
func (p *textParser) value(t *textMessage, f *plan.Field) bool {
	switch {
	case f.Map:
		return p.entry(t, f)
	case f.Kind == protoreflect.MessageKind || f.Kind == protoreflect.GroupKind:
		n, ok := p.nested(f.Message(), t.level+1)
		if !ok {
			return false
		}
		n.number, n.order, n.typ = f.Number, int32(f.Number), wire.Len
		if f.Kind == protoreflect.GroupKind {
			n.typ = wire.Group
		}
		n.item = t.m.MessageSet && f.Extension && !f.Repeated
		p.tree.open = append(p.tree.open, n)
		return true
	}
	n, ok := p.scalar(f)
	if !ok {
		return false
	}
	if !f.Repeated && !f.Presence && p.zero(n) {
		return true
	}
	n.packed = f.Packed && f.Packable
	p.tree.open = append(p.tree.open, n)
	return true
}

// zero says whether a value is what an absent field without presence has. A
// negative zero is not.
func (p *textParser) zero(n textNode) bool {
	if n.typ == wire.Len {
		return n.size == 0
	}
	for _, c := range p.tree.values[n.from:n.to] {
		if c != 0 {
			return false
		}
	}
	return true
}

// nested reads a message in braces or angle brackets.
func (p *textParser) nested(m *plan.Message, level int) (n textNode, ok bool) {
	end := byte('}')
	switch p.next() {
	case '{':
	case '<':
		end = '>'
	default:
		return n, p.failDue("a message in braces is due here")
	}
	p.pos++
	return p.message(m, end, level)
}
