package message

import (
	"math"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/inspect/plan"
	"github.com/pbscope/pbscope/inspect/wire"
)

// Kind is what a Value holds.
type Kind uint8

// The kinds of values.
const (
	None   Kind = iota // a message, a group, a packed run or broken bytes
	Bool               // Uint is 0 or 1
	Int                // Int
	Uint               // Uint
	Float              // Float, of 32 bits
	Double             // Float, of 64 bits
	Enum               // Int, and Name as a JSON string, nil if it has none
	String             // Bytes, which are UTF-8 unless a problem or the schema says otherwise
	Bytes              // Bytes
)

// Value is a scalar, ready to print.
type Value struct {
	Kind  Kind
	Uint  uint64
	Int   int64
	Float float64
	Bytes []byte
	Name  []byte
}

// Value is what node i holds. Without a schema varints and fixed values are
// Uint; length-delimited content then is None, since Readings say what it may
// be.
func (t *Tree) Value(i int) Value {
	c := t.cells.at(i)
	if c.is(broken|packed) || c.wire == wire.Group {
		return Value{}
	}
	if c.wire != wire.Len {
		if c.why == OtherWireType {
			return Value{Kind: Uint, Uint: t.bits(i)}
		}
		return scalar(t.field(i), t.bits(i))
	}
	if f := t.field(i); c.why == Known && f != nil {
		switch f.Kind {
		case protoreflect.StringKind:
			return Value{Kind: String, Bytes: t.Content(i)}
		case protoreflect.BytesKind:
			return Value{Kind: Bytes, Bytes: t.Content(i)}
		}
	}
	return Value{}
}

func scalar(f *plan.Field, bits uint64) Value {
	if f == nil {
		return Value{Kind: Uint, Uint: bits}
	}
	switch f.Kind {
	case protoreflect.BoolKind:
		if bits != 0 {
			bits = 1
		}
		return Value{Kind: Bool, Uint: bits}
	case protoreflect.Int32Kind, protoreflect.Sfixed32Kind:
		return Value{Kind: Int, Int: int64(int32(bits))}
	case protoreflect.Int64Kind, protoreflect.Sfixed64Kind:
		return Value{Kind: Int, Int: int64(bits)}
	case protoreflect.Sint32Kind:
		return Value{Kind: Int, Int: wire.UnZigZag(bits & math.MaxUint32)}
	case protoreflect.Sint64Kind:
		return Value{Kind: Int, Int: wire.UnZigZag(bits)}
	case protoreflect.Uint32Kind, protoreflect.Fixed32Kind:
		return Value{Kind: Uint, Uint: bits & math.MaxUint32}
	case protoreflect.FloatKind:
		return Value{Kind: Float, Float: float64(math.Float32frombits(uint32(bits)))}
	case protoreflect.DoubleKind:
		return Value{Kind: Double, Float: math.Float64frombits(bits)}
	case protoreflect.EnumKind:
		return Value{Kind: Enum, Int: int64(int32(bits)), Name: f.Enum.Quoted(int32(bits))}
	}
	return Value{Kind: Uint, Uint: bits}
}

// unnamed says whether v is a number that f's closed enum does not name.
func unnamed(f *plan.Field, v uint64) bool {
	return f.Enum != nil && f.Enum.Closed && f.Enum.Quoted(int32(v)) == nil
}

// wireType is the wire type of one value of f, not packed.
func wireType(f *plan.Field) wire.Type { return wire.Type(f.WireType) }

// Element is one value of a packed run.
type Element struct {
	// Offset counts bytes from the payload's first; Length is in bytes.
	Offset, Length int
	Bits           uint64
	// Code is not OK for the last element if it cannot be read: it then is
	// the rest of the run.
	Code wire.Code
}

// Elements iterates over the values of node i if it is Packed.
func (t *Tree) Elements(i int) func(yield func(Element) bool) {
	if !t.cells.at(i).is(packed) {
		return func(func(Element) bool) {}
	}
	return t.run(i, wireType(t.field(i)))
}

// ElementsAs iterates over the values of node i in one of its packed readings.
func (t *Tree) ElementsAs(i int, as As) func(yield func(Element) bool) {
	return t.run(i, packedType(as))
}

func packedType(as As) wire.Type {
	switch as {
	case AsPackedI32:
		return wire.I32
	case AsPackedI64:
		return wire.I64
	}
	return wire.Varint
}

func (t *Tree) run(i int, typ wire.Type) func(yield func(Element) bool) {
	content := t.Content(i)
	offset := int(t.cells.at(i).offset) + int(t.cells.at(i).head)
	return func(yield func(Element) bool) { elements(content, offset, typ, yield) }
}

func elements(content []byte, offset int, typ wire.Type, yield func(Element) bool) {
	for at := 0; at < len(content); {
		el := Element{Offset: offset + at}
		switch typ {
		case wire.I32:
			var v uint32
			v, el.Length, el.Code = wire.ConsumeI32(content[at:])
			el.Bits = uint64(v)
		case wire.I64:
			el.Bits, el.Length, el.Code = wire.ConsumeI64(content[at:])
		default:
			el.Bits, el.Length, el.Code = wire.ConsumeVarint(content[at:])
		}
		if el.Code != wire.OK {
			el.Length = len(content) - at
		}
		if !yield(el) {
			return
		}
		at += el.Length
	}
}

// ElementValue is the value of an element of node i.
func (t *Tree) ElementValue(i int, el Element) Value { return scalar(t.field(i), el.Bits) }

// ElementType is the wire type of the elements of node i if it is Packed.
func (t *Tree) ElementType(i int) wire.Type { return wireType(t.field(i)) }
