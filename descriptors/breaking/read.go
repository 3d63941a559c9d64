package breaking

import (
	"bytes"
	"math"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/inspect/plan"
	"github.com/pbscope/pbscope/inspect/wire"
)

// value is what a reader gets for one occurrence of a field.
type value struct {
	// Integers, bools and enums: a sign and a magnitude.
	negative  bool
	magnitude uint64
	// float64 of fixed-point bits; real tells it from the integers.
	real  bool
	float float64
	// Strings, bytes, and messages as they are encoded.
	bytes []byte
	kind  protoreflect.Kind
	enum  *plan.Enum
}

func unsigned(v uint64) value { return value{magnitude: v} }

func signed(v int64) value {
	if v < 0 {
		return value{negative: true, magnitude: -uint64(v)}
	}
	return value{magnitude: uint64(v)}
}

// refusal says why a reader refuses a message; "" if it does not.
type refusal string

// read is what a reader gets for the field f out of the records b: nothing, a
// value, or several for lists and maps (whose values are their entries). The
// records are those of number, f's own or that of a field in its place.
func read(f *plan.Field, at protoreflect.FieldNumber, b []byte) (values []value, refused refusal) {
	for len(b) > 0 {
		number, typ, n, code := wire.ConsumeTag(b)
		if code != wire.OK {
			return nil, "the bytes are no message"
		}
		b = b[n:]
		size, code := wire.SkipValue(b, number, typ, maxLevels)
		if code != wire.OK {
			return nil, "the bytes are no message"
		}
		content := b[:size]
		b = b[size:]
		if number != at {
			continue
		}
		switch {
		case typ == wireType(f.Kind):
			v, ok, refused := readOne(f, at, typ, content)
			if refused != "" {
				return nil, refused
			}
			if ok {
				values = add(f, values, v)
			}
		case typ == wire.Len && f.Packable:
			packed, _, _, _ := wire.ConsumeLen(content)
			if values, refused = readPacked(f, values, packed); refused != "" {
				return nil, refused
			}
		}
	}
	return values, ""
}

// maxLevels bounds the groups in what is read here.
const maxLevels = 100

// add puts one more occurrence to those before, as readers do: lists grow, an
// entry takes the place of one with the same key, a message is merged, and of
// other values the last one stays.
func add(f *plan.Field, values []value, v value) []value {
	switch {
	case f.Repeated || len(values) == 0:
		return append(values, v)
	case f.Map:
		for i := range values {
			if equalKeys(f, values[i], v) {
				values[i] = v
				return values
			}
		}
		return append(values, v)
	case f.Kind == protoreflect.MessageKind || f.Kind == protoreflect.GroupKind:
		v.bytes = append(bytes.Clone(values[0].bytes), v.bytes...)
	}
	values[0] = v
	return values
}

func equalKeys(f *plan.Field, a, b value) bool {
	x, _ := read(f.MapKey, 1, a.bytes)
	y, _ := read(f.MapKey, 1, b.bytes)
	return equalLists(f.MapKey, f.MapKey, x, y)
}

func readOne(f *plan.Field, at protoreflect.FieldNumber, typ wire.Type, content []byte) (v value, ok bool, refused refusal) {
	switch typ {
	case wire.Varint:
		raw, _, _ := wire.ConsumeVarint(content)
		return named(f, varintValue(f, raw))
	case wire.I32:
		raw, _, _ := wire.ConsumeI32(content)
		return fixed32Value(f.Kind, raw), true, ""
	case wire.I64:
		raw, _, _ := wire.ConsumeI64(content)
		return fixed64Value(f.Kind, raw), true, ""
	case wire.Group:
		end := wire.SizeVarint(uint64(at)<<3 | uint64(wire.EndGroup))
		return value{bytes: content[:len(content)-end], kind: f.Kind}, true, ""
	}
	data, _, _, _ := wire.ConsumeLen(content)
	v = value{bytes: data, kind: f.Kind}
	switch {
	case f.Kind == protoreflect.StringKind && f.UTF8 && !validUTF8(data):
		return v, false, "it is not valid UTF-8"
	case f.Kind == protoreflect.MessageKind && refuses(f.Message(), data):
		return v, false, refusal("it is no " + string(f.Message().Name))
	case f.Map:
		return v, keepsEntry(f, data), ""
	}
	return v, true, ""
}

// keepsEntry says whether an entry of a map stays: one with an unnamed number
// of a closed enum becomes an unknown field whole.
func keepsEntry(f *plan.Field, entry []byte) bool {
	if f.MapValue.Enum == nil || !f.MapValue.Enum.Closed {
		return true
	}
	open := *f.MapValue.Enum
	open.Closed = false
	all := plan.Field{Kind: protoreflect.EnumKind, Number: 2, Enum: &open}
	values, _ := read(&all, 2, entry)
	for _, v := range values {
		if _, ok, _ := named(f.MapValue, v); !ok {
			return false
		}
	}
	return true
}

// named drops the unnamed number of a closed enum.
func named(f *plan.Field, v value) (value, bool, refusal) {
	if f.Enum != nil && f.Enum.Closed && f.Enum.Quoted(v.int32()) == nil {
		return v, false, ""
	}
	return v, true, ""
}

func (v value) int32() int32 {
	if v.negative {
		return int32(-v.magnitude)
	}
	return int32(v.magnitude)
}

func readPacked(f *plan.Field, values []value, b []byte) ([]value, refusal) {
	typ := wireType(f.Kind)
	for len(b) > 0 {
		n, code := wire.SkipValue(b, f.Number, typ, 0)
		if code != wire.OK {
			return nil, "its packed values are cut"
		}
		v, ok, refused := readOne(f, f.Number, typ, b[:n])
		if refused != "" {
			return nil, refused
		}
		if ok {
			values = add(f, values, v)
		}
		b = b[n:]
	}
	return values, ""
}

// wireType is how values of a kind are written outside packed fields.
func wireType(k protoreflect.Kind) wire.Type {
	switch k {
	case protoreflect.StringKind, protoreflect.BytesKind, protoreflect.MessageKind:
		return wire.Len
	case protoreflect.GroupKind:
		return wire.Group
	case protoreflect.Fixed32Kind, protoreflect.Sfixed32Kind, protoreflect.FloatKind:
		return wire.I32
	case protoreflect.Fixed64Kind, protoreflect.Sfixed64Kind, protoreflect.DoubleKind:
		return wire.I64
	}
	return wire.Varint
}

func varintValue(f *plan.Field, v uint64) value {
	switch f.Kind {
	case protoreflect.Int64Kind:
		return signed(int64(v))
	case protoreflect.Uint64Kind:
		return unsigned(v)
	case protoreflect.Uint32Kind:
		return unsigned(uint64(uint32(v)))
	case protoreflect.Sint32Kind:
		u := uint32(v)
		return signed(int64(int32(u>>1) ^ -int32(u&1)))
	case protoreflect.Sint64Kind:
		return signed(int64(v>>1) ^ -int64(v&1))
	case protoreflect.BoolKind:
		if v != 0 {
			return unsigned(1)
		}
		return unsigned(0)
	case protoreflect.EnumKind:
		number := signed(int64(int32(v)))
		number.enum = f.Enum
		return number
	}
	return signed(int64(int32(v)))
}

func fixed32Value(k protoreflect.Kind, v uint32) value {
	switch k {
	case protoreflect.FloatKind:
		return value{real: true, float: float64(math.Float32frombits(v))}
	case protoreflect.Sfixed32Kind:
		return signed(int64(int32(v)))
	}
	return unsigned(uint64(v))
}

func fixed64Value(k protoreflect.Kind, v uint64) value {
	switch k {
	case protoreflect.DoubleKind:
		return value{real: true, float: math.Float64frombits(v)}
	case protoreflect.Sfixed64Kind:
		return signed(int64(v))
	}
	return unsigned(v)
}
