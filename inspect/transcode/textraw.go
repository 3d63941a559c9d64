package transcode

import (
	"strconv"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/inspect/plan"
	"github.com/pbscope/pbscope/inspect/wire"
)

// numbered reads a field that is given by number.
func (p *textParser) numbered(t *textMessage) bool {
	start := p.pos
	digits := p.run(textDigit)
	number, err := strconv.ParseUint(string(digits), 10, 32)
	if err != nil || number == 0 || number > wire.MaxNumber || textWord(p.at(0)) {
		return p.fail(start, "a field number is 1 to "+strconv.Itoa(wire.MaxNumber))
	}
	colon := p.accept(':')
	value := func() bool { return p.raw(t, wire.Number(number), colon, start) }
	if p.next() != '[' {
		return p.inField(string(digits), value())
	}
	return p.list(string(digits), value)
}

// raw reads a value of a field that is given by number, whose wire type it
// tells; start is where the number stands.
func (p *textParser) raw(t *textMessage, number wire.Number, colon bool, start int) bool {
	n := textNode{leaf: true, from: len(p.tree.values)}
	ok := true
	var v uint64
	switch c := p.next(); {
	case c == '{' || c == '<':
		if n, ok = p.nested(nil, t.level+1); c == '<' {
			n.typ = wire.Group
		} else {
			n.typ = wire.Len
		}
	case !colon:
		return p.failDue("a colon is due after the field number")
	case c == '"' || c == '\'':
		n.typ = wire.Len
		p.tree.values, ok = p.text(p.tree.values)
	default:
		n.typ, v, ok = p.rawNumber()
	}
	if !ok {
		return false
	}
	if t.m != nil && textNamed(t.m, number, n.typ, v) {
		f := t.m.Field(number)
		p.fail(start, "field "+strconv.Itoa(int(number))+" is known to "+string(t.m.Name))
		p.problem.Hint = "call it " + textName(t.m, f)
		return false
	}
	if n.leaf {
		n.to = len(p.tree.values)
		n.size = n.to - n.from
	}
	n.number, n.order = number, textLast
	p.tree.open = append(p.tree.open, n)
	return true
}

// rawNumber reads a number by whose spelling the wire type is told.
func (p *textParser) rawNumber() (typ wire.Type, v uint64, ok bool) {
	start := p.pos
	negative := p.accept('-')
	p.skip()
	if !textDigit(p.at(0)) {
		return 0, 0, p.failDue("an integer, a string or a message is due here")
	}
	n, ok := p.number()
	if !ok {
		return 0, 0, false
	}
	hex := n.base == 16 && (len(n.digits) == 8 || len(n.digits) == 16)
	v, err := strconv.ParseUint(string(n.digits), n.base, 64)
	if n.fraction || err != nil || negative && v > 1<<63 || n.base == 16 && (negative || !hex) {
		return 0, 0, p.fail(start, "the value of a numbered field is a 64-bit integer, or 0x with 8 or 16 digits for a fixed-size value")
	}
	if negative {
		v = -v
	}
	switch {
	case hex && len(n.digits) == 8:
		p.tree.values = wire.AppendI32(p.tree.values, uint32(v))
		return wire.I32, v, true
	case hex:
		p.tree.values = wire.AppendI64(p.tree.values, v)
		return wire.I64, v, true
	}
	p.tree.values = wire.AppendVarint(p.tree.values, v)
	return wire.Varint, v, true
}

// textNamed says whether the type reads a value as a field that it knows. v is
// a varint's value. A map's entry with an enum that may be closed counts as
// unknown: what it holds decides.
func textNamed(m *plan.Message, number wire.Number, typ wire.Type, v uint64) bool {
	f := m.Field(number)
	switch {
	case f == nil:
		return false
	case f.Map && f.MapValue.Enum != nil && f.MapValue.Enum.Closed:
		return false
	case typ == wire.Len && f.Packable:
		return true
	case typ != textWireType(f.Kind):
		return false
	}
	return f.Kind != protoreflect.EnumKind || !f.Enum.Closed || f.Enum.Quoted(int32(v)) != nil
}

// skipField passes over the value of a field that the type reserves, or of one
// within it.
func (p *textParser) skipField(name string, level int) bool {
	colon := p.accept(':')
	if p.next() != '[' {
		return p.inField(name, p.skipValue(level, colon))
	}
	return p.list(name, func() bool { return p.skipValue(level, colon) })
}

func (p *textParser) skipValue(level int, colon bool) (ok bool) {
	c := p.next()
	switch {
	case c == '{' || c == '<':
		return p.skipMessage(level + 1)
	case !colon:
		return p.failDue("a colon is due here")
	case c == '"' || c == '\'':
		from := len(p.tree.values)
		p.tree.values, ok = p.text(p.tree.values)
		p.tree.values = p.tree.values[:from]
		return ok
	case c == '-':
		p.pos++
		c = p.next()
	}
	if textLetter(c) {
		p.word()
		return true
	}
	if !textDigit(c) && c != '.' {
		return p.failDue("a value is due here")
	}
	_, ok = p.number()
	return ok
}

// skipMessage passes over a message whose type is not known.
func (p *textParser) skipMessage(level int) bool {
	if level > p.max {
		_, ok := p.message(nil, 0, level)
		return ok
	}
	opened, end := p.pos, byte('}')
	if p.src[p.pos] == '<' {
		end = '>'
	}
	p.pos++
	for {
		c := p.next()
		start := p.pos
		switch {
		case p.pos >= len(p.src):
			return p.fail(opened, "the message is not closed")
		case c == end:
			p.pos++
			return true
		case c == '[':
			if _, _, ok := p.bracketed(); !ok {
				return false
			}
		case textDigit(c):
			p.run(textDigit)
		case len(p.word()) == 0:
			return p.failDue("a field name is due here")
		}
		if !p.skipField(string(p.src[start:p.pos]), level) {
			return false
		}
		if !p.accept(',') {
			p.accept(';')
		}
	}
}
