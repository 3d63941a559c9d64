package render

import (
	"math"
	"strconv"
	"unicode/utf8"

	"github.com/pbscope/pbscope/inspect/message"
	"github.com/pbscope/pbscope/inspect/plan"
	"github.com/pbscope/pbscope/inspect/span"
	"github.com/pbscope/pbscope/inspect/wire"
)

// value is the last column: what node i holds, and its type.
func (p *printer) value(i int) {
	n := p.t.Node(i)
	switch {
	case n.Role == message.Broken:
		p.put(wrong, "broken, "+count(n.Length, "byte")+" to the end")
	case len(p.t.Readings(i)) > 0:
		best := p.t.Readings(i)[0]
		p.reading(i, best)
		p.put(dim, "  "+percent(best.Score))
	case n.Why != message.Known && n.Wire == wire.Group:
		p.put(dim, "group, "+count(len(p.t.Content(i)), "byte"))
	case n.Why == message.UnknownNumber, n.Why == message.OtherWireType:
		p.number(n)
	case n.Packed:
		p.packed(p.t.Elements(i), func(el message.Element) string { return scalarText(p.t.ElementValue(i, el)) })
		p.put(dim, "  packed "+n.Field.Kind.String())
	case n.Entry:
		p.put(dim, typeName(n)+" entry, "+count(len(p.t.Content(i)), "byte"))
	case n.Type != nil:
		p.put(dim, string(n.Type.Name)+", "+count(len(p.t.Content(i)), "byte"))
		if text := p.wellKnown(i); text != "" {
			p.put(dim, " = ")
			p.put(number, text)
		}
	case n.Wire == wire.Group:
		p.put(dim, "MessageSet item")
	case n.Field != nil:
		p.scalar(p.t.Value(i))
		p.put(dim, "  "+typeName(n))
	default:
		p.number(n)
	}
	switch n.Why {
	case message.OtherWireType:
		p.put(wrong, "  unknown field: "+n.Field.ProtoName+" is "+typeName(n))
	case message.UnknownKey:
		p.put(wrong, "  unknown field: the key is not UTF-8")
	case message.UnnamedNumber, message.UnknownEntry:
		p.put(wrong, "  unknown field: the closed enum has no such value")
	case message.UnknownNumber:
		if p.t.Type != nil && !p.unknown {
			p.put(dim, "  unknown field")
		}
	}
}

// typeName is the type of a field's value as .proto source writes it.
func typeName(n message.Node) string { return fieldType(n.Field) }

func fieldType(f *plan.Field) string {
	switch {
	case f.Enum != nil:
		return string(f.Enum.Name)
	case f.Map:
		return "map<" + f.MapKey.Kind.String() + ", " + fieldType(f.MapValue) + ">"
	case f.Message() != nil:
		return string(f.Message().Name)
	}
	return f.Kind.String()
}

func (p *printer) scalar(v message.Value) {
	switch v.Kind {
	case message.String:
		p.text(v.Bytes)
	case message.Bytes:
		p.raw(v.Bytes)
	default:
		p.put(number, scalarText(v))
	}
}

func scalarText(v message.Value) string {
	switch v.Kind {
	case message.Bool:
		return strconv.FormatBool(v.Uint != 0)
	case message.Int:
		return strconv.FormatInt(v.Int, 10)
	case message.Float:
		return strconv.FormatFloat(v.Float, 'g', -1, 32)
	case message.Double:
		return strconv.FormatFloat(v.Float, 'g', -1, 64)
	case message.Enum:
		if v.Name != nil {
			return string(v.Name[1:len(v.Name)-1]) + " = " + strconv.FormatInt(v.Int, 10)
		}
		return strconv.FormatInt(v.Int, 10)
	}
	return strconv.FormatUint(v.Uint, 10)
}

// number is a varint or fixed value that no schema describes, in all its
// readings.
func (p *printer) number(n message.Node) {
	switch n.Wire {
	case wire.Varint:
		p.put(number, strconv.FormatUint(n.Bits, 10))
		if int64(n.Bits) < 0 {
			p.or("int64", strconv.FormatInt(int64(n.Bits), 10))
		}
		p.or("sint64", strconv.FormatInt(wire.UnZigZag(n.Bits), 10))
		if n.Bits < 2 {
			p.or("bool", strconv.FormatBool(n.Bits == 1))
		}
		if text := timeOf(n.Bits); text != "" {
			p.or("time", text)
		}
	case wire.I32:
		p.put(number, strconv.FormatUint(n.Bits, 10))
		if int32(n.Bits) < 0 {
			p.or("sfixed32", strconv.FormatInt(int64(int32(n.Bits)), 10))
		}
		p.or("float", strconv.FormatFloat(float64(math.Float32frombits(uint32(n.Bits))), 'g', -1, 32))
	case wire.I64:
		p.put(number, strconv.FormatUint(n.Bits, 10))
		if int64(n.Bits) < 0 {
			p.or("sfixed64", strconv.FormatInt(int64(n.Bits), 10))
		}
		p.or("double", strconv.FormatFloat(math.Float64frombits(n.Bits), 'g', -1, 64))
	}
}

func (p *printer) or(as, value string) {
	p.put(dim, " · "+as+" ")
	p.put(number, value)
}

// text is a quoted string, cut if it is long.
func (p *printer) text(b []byte) {
	cut := b
	if len(b) > p.maxText && !p.o.Full {
		end := p.maxText
		for end > p.maxText-utf8.UTFMax && !utf8.RuneStart(b[end]) {
			end--
		}
		cut = b[:end]
	}
	if !p.aside && !utf8.Valid(b) {
		p.raw(b)
		return
	}
	quoted := span.AppendQuoted(nil, cut)
	if len(cut) == len(b) {
		p.put(text, string(quoted))
		return
	}
	p.put(text, string(quoted[:len(quoted)-1])+"…\"")
	p.put(dim, " "+count(len(b), "byte"))
}

// raw is the size of bytes and what of them is printable: their digits stand
// in the bytes column.
func (p *printer) raw(b []byte) {
	limit := p.maxText / 2
	if p.o.Full {
		limit = len(b)
	}
	shown := b[:min(len(b), limit)]
	printable := make([]byte, 0, len(shown))
	for _, c := range shown {
		if c < ' ' || c > '~' {
			c = '.'
		}
		printable = append(printable, c)
	}
	p.put(dim, count(len(b), "byte"))
	if len(b) == 0 {
		return
	}
	p.put(dim, " ")
	p.put(text, "|"+string(printable)+"|")
	if len(shown) < len(b) {
		p.put(dim, "…")
	}
}

func (p *printer) packed(run func(func(message.Element) bool), show func(message.Element) string) {
	p.put(plain, "[")
	shown, more := 0, 0
	for el := range run {
		if el.Code != wire.OK {
			break
		}
		if shown >= p.maxElements && p.aside {
			p.put(dim, ", …")
			break
		}
		if shown >= p.maxElements {
			more++
			continue
		}
		if shown > 0 {
			p.put(plain, ", ")
		}
		p.put(number, show(el))
		shown++
	}
	if more > 0 {
		p.put(dim, ", … "+strconv.Itoa(more)+" more")
	}
	p.put(plain, "]")
}

// elements is the lines of the elements of packed node i, if all are wanted.
func (p *printer) elements(i, depth int) {
	if !p.o.Full {
		return
	}
	index := 0
	for el := range p.t.Elements(i) {
		p.offsetColumn(el.Offset)
		p.hex(el.Offset, el.Offset, el.Offset+el.Length, hexBytes)
		width := p.indent(depth)
		label := "[" + strconv.Itoa(index) + "]"
		p.put(dim, label)
		p.pad(width+len(label), p.fieldWidth+2+8)
		if el.Code == wire.OK {
			p.scalar(p.t.ElementValue(i, el))
		} else {
			p.put(wrong, "broken")
		}
		p.line()
		index++
	}
}
