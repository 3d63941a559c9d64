package bufrules

import (
	"bytes"
	"fmt"
	"math"
	"math/big"
	"strconv"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// defaultValue is what a reader has for an absent field.
type defaultValue struct {
	bytes  []byte     // of string and bytes
	number *big.Float // of the other types; nil for NaN and the infinities
	isReal bool       // of float and double, which have real too
	real   float64
	single bool   // a float
	text   string // for messages
}

// defaultOf is the default of a singular field that is no message, declared or
// implied.
func defaultOf(f protoreflect.FieldDescriptor) (defaultValue, bool) {
	if f.Cardinality() == protoreflect.Repeated || f.Message() != nil {
		return defaultValue{}, false
	}
	value := f.Default()
	switch f.Kind() {
	case protoreflect.StringKind:
		return defaultValue{bytes: []byte(value.String()), text: strconv.Quote(value.String())}, true
	case protoreflect.BytesKind:
		return defaultValue{bytes: value.Bytes(), text: strconv.Quote(string(value.Bytes()))}, true
	case protoreflect.FloatKind, protoreflect.DoubleKind:
		return realDefault(value.Float(), f.Kind() == protoreflect.FloatKind), true
	case protoreflect.BoolKind:
		n := int64(0)
		if value.Bool() {
			n = 1
		}
		return defaultValue{number: integer().SetInt64(n), text: fmt.Sprint(value.Bool())}, true
	case protoreflect.EnumKind:
		return defaultValue{number: integer().SetInt64(int64(value.Enum())), text: enumText(f, value.Enum())}, true
	case protoreflect.Uint32Kind, protoreflect.Uint64Kind, protoreflect.Fixed32Kind, protoreflect.Fixed64Kind:
		return defaultValue{number: integer().SetUint64(value.Uint()), text: fmt.Sprint(value.Uint())}, true
	}
	return defaultValue{number: integer().SetInt64(value.Int()), text: fmt.Sprint(value.Int())}, true
}

// integer is a number that holds all of 64 bits.
func integer() *big.Float { return new(big.Float).SetPrec(64) }

func enumText(f protoreflect.FieldDescriptor, n protoreflect.EnumNumber) string {
	if v := f.DefaultEnumValue(); v != nil && v.Number() == n {
		return string(v.Name())
	}
	return fmt.Sprint(n)
}

func realDefault(x float64, single bool) defaultValue {
	bits := 64
	if single {
		bits = 32
	}
	d := defaultValue{isReal: true, real: x, single: single, text: strconv.FormatFloat(x, 'g', -1, bits)}
	if !math.IsNaN(x) && !math.IsInf(x, 0) {
		d.number = new(big.Float).SetFloat64(x)
	}
	return d
}

func (d defaultValue) zero() bool {
	if d.number != nil {
		return d.number.Sign() == 0
	}
	return !d.isReal && len(d.bytes) == 0
}

// equal compares numbers by value whatever their types, floats with the
// precision of the less precise, text by its bytes; nothing and zero are equal.
func (d defaultValue) equal(other defaultValue) bool {
	switch {
	case d.zero() && other.zero():
		return true
	case d.isReal && other.isReal:
		if d.single || other.single {
			return sameReal(float64(float32(d.real)), float64(float32(other.real)))
		}
		return sameReal(d.real, other.real)
	case d.number != nil && other.number != nil:
		return d.number.Cmp(other.number) == 0
	case d.number != nil || other.number != nil || d.isReal || other.isReal:
		return false
	}
	return bytes.Equal(d.bytes, other.bytes)
}

func sameReal(a, b float64) bool { return a == b || math.IsNaN(a) && math.IsNaN(b) }
