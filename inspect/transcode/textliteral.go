package transcode

import (
	"bytes"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/inspect/nearest"
	"github.com/pbscope/pbscope/inspect/plan"
	"github.com/pbscope/pbscope/inspect/span"
	"github.com/pbscope/pbscope/inspect/wire"
)

// textWireType is how a value of a kind is written.
func textWireType(k protoreflect.Kind) wire.Type {
	switch k {
	case protoreflect.StringKind, protoreflect.BytesKind, protoreflect.MessageKind:
		return wire.Len
	case protoreflect.GroupKind:
		return wire.Group
	case protoreflect.FloatKind, protoreflect.Fixed32Kind, protoreflect.Sfixed32Kind:
		return wire.I32
	case protoreflect.DoubleKind, protoreflect.Fixed64Kind, protoreflect.Sfixed64Kind:
		return wire.I64
	}
	return wire.Varint
}

// scalar reads a value that is no message.
func (p *textParser) scalar(f *plan.Field) (n textNode, ok bool) {
	p.skip()
	n = textNode{number: f.Number, order: int32(f.Number), typ: textWireType(f.Kind), leaf: true, from: len(p.tree.values)}
	if n.typ == wire.Len {
		ok = p.characters(f)
	} else {
		var v uint64
		if v, ok = p.bits(f); ok {
			switch n.typ {
			case wire.I32:
				p.tree.values = wire.AppendI32(p.tree.values, uint32(v))
			case wire.I64:
				p.tree.values = wire.AppendI64(p.tree.values, v)
			default:
				p.tree.values = wire.AppendVarint(p.tree.values, v)
			}
		}
	}
	n.to = len(p.tree.values)
	n.size = n.to - n.from
	return n, ok
}

func (p *textParser) characters(f *plan.Field) (ok bool) {
	start, from := p.pos, len(p.tree.values)
	if c := p.next(); c != '"' && c != '\'' {
		return p.failDue("a string in quotes is due here")
	}
	if p.tree.values, ok = p.text(p.tree.values); !ok {
		return false
	}
	if f.UTF8 && !utf8.Valid(p.tree.values[from:]) {
		return p.failAs(span.InvalidUTF8, start, "the string is not UTF-8")
	}
	return true
}

// bits reads a number, a bool or an enum's value as the wire has it: varints
// as 64 bits, fixed-size values as theirs.
func (p *textParser) bits(f *plan.Field) (v uint64, ok bool) {
	switch f.Kind {
	case protoreflect.BoolKind:
		return p.boolean()
	case protoreflect.EnumKind:
		return p.enum(f.Enum)
	case protoreflect.FloatKind:
		x, ok := p.float(32)
		return uint64(math.Float32bits(float32(x))), ok
	case protoreflect.DoubleKind:
		x, ok := p.float(64)
		return math.Float64bits(x), ok
	case protoreflect.Uint32Kind, protoreflect.Fixed32Kind:
		return p.integer(0, math.MaxUint32)
	case protoreflect.Uint64Kind, protoreflect.Fixed64Kind:
		return p.integer(0, math.MaxUint64)
	case protoreflect.Int32Kind, protoreflect.Sfixed32Kind:
		return p.integer(1<<31, math.MaxInt32)
	case protoreflect.Int64Kind, protoreflect.Sfixed64Kind:
		return p.integer(1<<63, math.MaxInt64)
	case protoreflect.Sint32Kind:
		v, ok = p.integer(1<<31, math.MaxInt32)
	default:
		v, ok = p.integer(1<<63, math.MaxInt64)
	}
	return wire.ZigZag(int64(v)), ok
}

// integer reads an integer from -lowest to highest, in two's complement.
func (p *textParser) integer(lowest, highest uint64) (v uint64, ok bool) {
	p.skip()
	start := p.pos
	negative := p.accept('-')
	p.skip()
	if !textDigit(p.at(0)) {
		return 0, p.failDue("an integer is due here")
	}
	n, ok := p.number()
	if !ok {
		return 0, false
	}
	if n.fraction {
		return 0, p.fail(start, "an integer is due here, without point, exponent or suffix")
	}
	v, err := strconv.ParseUint(string(n.digits), n.base, 64)
	limit := highest
	if negative {
		limit = lowest
	}
	if err != nil || v > limit {
		least := "0"
		if lowest > 0 {
			least = "-" + strconv.FormatUint(lowest, 10)
		}
		return 0, p.fail(start, "the number is out of range; the field holds "+least+" to "+strconv.FormatUint(highest, 10))
	}
	if negative {
		v = -v
	}
	return v, true
}

// float reads a floating-point number; what is beyond the type is infinite.
func (p *textParser) float(bits int) (x float64, ok bool) {
	p.skip()
	negative := p.accept('-')
	p.skip()
	start := p.pos
	if textLetter(p.at(0)) {
		switch word := strings.ToLower(string(p.word())); word {
		case "inf", "infinity":
			x = math.Inf(1)
		case "nan":
			x = quietNaN()
		default:
			p.pos = start
			return 0, p.failDue("a number is due here")
		}
	} else {
		if c := p.at(0); !textDigit(c) && c != '.' {
			return 0, p.failDue("a number is due here")
		}
		n, ok := p.number()
		if !ok {
			return 0, false
		}
		if n.base != 10 {
			return 0, p.fail(start, "a floating-point number is decimal")
		}
		// An error can only be that the number is out of range.
		x, _ = strconv.ParseFloat(string(n.digits), bits)
	}
	if negative {
		x = -x
	}
	return x, true
}

func (p *textParser) boolean() (v uint64, ok bool) {
	start := p.pos
	if textDigit(p.at(0)) {
		return p.integer(0, 1)
	}
	switch string(p.word()) {
	case "true", "True", "t":
		return 1, true
	case "false", "False", "f":
		return 0, true
	}
	p.pos = start
	return 0, p.failDue("true or false is due here")
}

func (p *textParser) enum(e *plan.Enum) (v uint64, ok bool) {
	start := p.pos
	if name := p.word(); len(name) > 0 {
		number, ok := e.Number(name)
		if !ok {
			p.fail(start, strconv.Quote(shortened(name, longestName))+" is no value of "+string(e.Name))
			p.nearestValue(e, string(name))
		}
		return uint64(int64(number)), ok
	}
	if v, ok = p.integer(1<<31, math.MaxInt32); !ok {
		return 0, false
	}
	if e.Closed && e.Quoted(int32(v)) == nil {
		p.fail(start, shortened(bytes.TrimSpace(p.src[start:p.pos]), longestName)+" is no value of "+string(e.Name)+", which is closed")
		return 0, false
	}
	return v, true
}

func (p *textParser) nearestValue(e *plan.Enum, name string) {
	values := e.Desc.Values()
	names := make([]string, values.Len())
	for i := range names {
		names[i] = string(values.Get(i).Name())
	}
	if near := nearest.Name(name, names); near != "" {
		p.problem.Hint = "did you mean " + near + "?"
	}
}
