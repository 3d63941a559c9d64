package transcode

import (
	"bytes"
	"math"
	"strconv"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/inspect/plan"
	"github.com/pbscope/pbscope/inspect/wire"
)

// appendScalar appends the value in src[at].
func (p *textPrinter) appendScalar(dst []byte, f *plan.Field, at textRange) []byte {
	b := p.src[at.from:at.to]
	var v uint64
	switch textWireType(f.Kind) {
	case wire.Len:
		return appendTextString(dst, b, f.Kind == protoreflect.StringKind && !p.o.ASCII)
	case wire.I32:
		bits, _, _ := wire.ConsumeI32(b)
		v = uint64(bits)
	case wire.I64:
		v, _, _ = wire.ConsumeI64(b)
	default:
		v, _, _ = wire.ConsumeVarint(b)
	}
	return appendTextNumber(dst, f, v)
}

// appendDefault appends what an absent key or value of a map's entry is.
func (p *textPrinter) appendDefault(dst []byte, f *plan.Field) []byte {
	switch {
	case f.Enum != nil:
		return appendTextNumber(dst, f, uint64(int64(f.Enum.First)))
	case textWireType(f.Kind) == wire.Len:
		return append(dst, `""`...)
	}
	return appendTextNumber(dst, f, 0)
}

// appendTextNumber appends a number, a bool or an enum's value; v is what the
// wire has, in 32 or 64 bits.
func appendTextNumber(dst []byte, f *plan.Field, v uint64) []byte {
	switch f.Kind {
	case protoreflect.BoolKind:
		return strconv.AppendBool(dst, v != 0)
	case protoreflect.EnumKind:
		if name := f.Enum.Quoted(int32(v)); name != nil {
			return append(dst, bytes.Trim(name, `"`)...)
		}
		return strconv.AppendInt(dst, int64(int32(v)), 10)
	case protoreflect.Int32Kind, protoreflect.Sfixed32Kind:
		return strconv.AppendInt(dst, int64(int32(v)), 10)
	case protoreflect.Sint32Kind:
		return strconv.AppendInt(dst, wire.UnZigZag(v&math.MaxUint32), 10)
	case protoreflect.Uint32Kind, protoreflect.Fixed32Kind:
		return strconv.AppendUint(dst, uint64(uint32(v)), 10)
	case protoreflect.Int64Kind, protoreflect.Sfixed64Kind:
		return strconv.AppendInt(dst, int64(v), 10)
	case protoreflect.Sint64Kind:
		return strconv.AppendInt(dst, wire.UnZigZag(v), 10)
	case protoreflect.FloatKind:
		return appendTextFloat(dst, float64(math.Float32frombits(uint32(v))), 32)
	case protoreflect.DoubleKind:
		return appendTextFloat(dst, math.Float64frombits(v), 64)
	}
	return strconv.AppendUint(dst, v, 10)
}

// appendTextFloat appends the shortest decimal text of x, with an exponent
// where C's %g has one at the digits that the type is sure of.
func appendTextFloat(dst []byte, x float64, bits int) []byte {
	switch {
	case math.IsNaN(x):
		return append(dst, "nan"...)
	case math.IsInf(x, 1):
		return append(dst, "inf"...)
	case math.IsInf(x, -1):
		return append(dst, "-inf"...)
	}
	least, limit := 1e-4, 1e15
	if bits == 32 {
		least, limit = float64(float32(1e-4)), 1e6
	}
	format := byte('f')
	if size := math.Abs(x); size != 0 && (size < least || size >= limit) {
		format = 'e'
	}
	return strconv.AppendFloat(dst, x, format, -1, bits)
}
