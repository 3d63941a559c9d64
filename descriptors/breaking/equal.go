package breaking

import (
	"bytes"
	"math"
	"unicode/utf8"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"

	"github.com/pbscope/pbscope/inspect/plan"
	"github.com/pbscope/pbscope/inspect/wire"
)

func validUTF8(b []byte) bool { return utf8.Valid(b) }

// equalLists says whether what the writer w meant and what the reader r gets
// of the same bytes is the same by the rules of equality: a single value and
// a list of it are, and a default that is present and one that is absent.
func equalLists(w, r *plan.Field, meant, got []value) bool {
	if len(got) == 0 && singular(r) && !isMessage(r) {
		got = []value{defaultValue(r)}
	}
	if len(meant) == 0 && singular(w) && !isMessage(w) {
		meant = []value{defaultValue(w)}
	}
	if len(got) == 0 && len(meant) == 1 && singular(w) && isMessage(w) && len(meant[0].bytes) == 0 {
		return true // presence is no value
	}
	if len(meant) != len(got) {
		return false
	}
	for i := range meant {
		if !equal(w, r, meant[i], got[i]) {
			return false
		}
	}
	return true
}

func singular(f *plan.Field) bool { return !f.Repeated && !f.Map }

func isMessage(f *plan.Field) bool {
	return f.Kind == protoreflect.MessageKind || f.Kind == protoreflect.GroupKind
}

// equal compares two values; messages by their bytes alone, since the types
// of two message fields are compared with each other (types.go).
func equal(w, r *plan.Field, a, b value) bool {
	switch {
	case a.bytes != nil || b.bytes != nil || isText(w) || isText(r):
		return comparableBytes(w, r) && bytes.Equal(a.bytes, b.bytes)
	case a.real || b.real:
		x, y := a.asFloat(), b.asFloat()
		return x == y || math.IsNaN(x) && math.IsNaN(y)
	case a.enum != nil && b.enum != nil:
		return equalEnums(a, b)
	}
	return a.negative == b.negative && a.magnitude == b.magnitude
}

func isText(f *plan.Field) bool {
	return f.Kind == protoreflect.StringKind || f.Kind == protoreflect.BytesKind
}

// comparableBytes: a message is its encoded bytes to a bytes field and not to
// a string; a wrapper is its value, which its bytes are not.
func comparableBytes(w, r *plan.Field) bool {
	if isMessage(w) == isMessage(r) {
		return isText(w) == isText(r)
	}
	m, other := w, r
	if isMessage(r) {
		m, other = r, w
	}
	return other.Kind == protoreflect.BytesKind && !m.Message().WellKnown.Wrapper()
}

func (v value) asFloat() float64 {
	switch {
	case v.real:
		return v.float
	case v.negative:
		return -float64(v.magnitude)
	}
	return float64(v.magnitude)
}

// equalEnums compares by name where both sides have a value of that name,
// else by number.
func equalEnums(a, b value) bool {
	if a.enum == b.enum {
		return a.magnitude == b.magnitude && a.negative == b.negative
	}
	if sharesName(a.enum, a.int32(), b.enum, b.int32()) {
		return true
	}
	_, moved := elsewhere(a.enum, a.int32(), b.enum)
	return !moved && a.int32() == b.int32()
}

// sharesName says whether a number of one enum and one of another have a name
// in common.
func sharesName(x *plan.Enum, xn int32, y *plan.Enum, yn int32) bool {
	for _, name := range namesOf(x, xn) {
		if number, ok := y.Number([]byte(name)); ok && number == yn {
			return true
		}
	}
	return false
}

// elsewhere is a name of x's number that y has at another number, and only
// there; "" and false if there is none.
func elsewhere(x *plan.Enum, n int32, y *plan.Enum) (protoreflect.Name, bool) {
	for _, name := range namesOf(x, n) {
		if number, ok := y.Number([]byte(name)); ok && number != n {
			return name, true
		}
	}
	return "", false
}

// namesOf are the names of a number, the first declared first; nil for an
// unnamed number.
func namesOf(e *plan.Enum, number int32) []protoreflect.Name {
	quoted := e.Quoted(number)
	if quoted == nil {
		return nil
	}
	names := []protoreflect.Name{protoreflect.Name(quoted[1 : len(quoted)-1])}
	if options, ok := e.Desc.Options().(*descriptorpb.EnumOptions); !ok || !options.GetAllowAlias() {
		return names
	}
	for i := range e.Desc.Values().Len() {
		if v := e.Desc.Values().Get(i); int32(v.Number()) == number && v.Name() != names[0] {
			names = append(names, v.Name())
		}
	}
	return names
}

// defaultValue is what a reader gets for an absent field.
func defaultValue(f *plan.Field) value {
	d := f.Desc.Default()
	switch f.Kind {
	case protoreflect.StringKind:
		return value{bytes: []byte(d.String()), kind: f.Kind}
	case protoreflect.BytesKind:
		return value{bytes: append([]byte{}, d.Bytes()...), kind: f.Kind}
	case protoreflect.BoolKind:
		if d.Bool() {
			return unsigned(1)
		}
		return unsigned(0)
	case protoreflect.EnumKind:
		v := signed(int64(d.Enum()))
		v.enum = f.Enum
		return v
	case protoreflect.FloatKind, protoreflect.DoubleKind:
		return value{real: true, float: d.Float()}
	case protoreflect.Uint32Kind, protoreflect.Uint64Kind, protoreflect.Fixed32Kind, protoreflect.Fixed64Kind:
		return unsigned(d.Uint())
	}
	return signed(d.Int())
}

// refuses says whether a reader of m refuses the bytes for what they are, not
// for what a field of them is read as.
func refuses(m *plan.Message, b []byte) bool {
	_, ok := wire.Valid(b, maxLevels)
	return !ok
}
