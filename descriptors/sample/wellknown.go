package sample

import (
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/inspect/plan"
)

// appendTime appends a Timestamp or Duration.
func appendTime(dst []byte, time func() (int64, int32)) []byte {
	seconds, nanos := time()
	if seconds != 0 {
		dst = protowire.AppendVarint(protowire.AppendTag(dst, 1, protowire.VarintType), uint64(seconds))
	}
	if nanos != 0 {
		dst = protowire.AppendVarint(protowire.AppendTag(dst, 2, protowire.VarintType), uint64(int64(nanos)))
	}
	return dst
}

// typeURLPrefix stands before the name in the type URL of an Any
// (google/protobuf/any.proto).
const typeURLPrefix = "type.googleapis.com/"

// appendAny appends an Any that holds a sample of one of the types for that.
func (w *maker) appendAny(dst []byte, m *plan.Message, budget int) []byte {
	inner := w.any(w.heldTypes())
	if inner == nil {
		return dst
	}
	dst = protowire.AppendString(protowire.AppendTag(dst, 1, protowire.BytesType), typeURLPrefix+string(inner.Name))
	start := len(dst)
	w.open = append(w.open, m)
	w.enter(m.ByNumber[1])
	dst = w.message(dst, inner, budget-1)
	w.leave()
	w.open = w.open[:len(w.open)-1]
	if len(dst) == start {
		return dst
	}
	return delimit(dst, start, 2)
}

// heldTypes are the types that an Any may hold and that can be found.
func (w *maker) heldTypes() []*plan.Message {
	if w.held != nil {
		return w.held
	}
	names := w.o.Any
	if names == nil {
		names = []protoreflect.FullName{"google.protobuf.StringValue", "google.protobuf.Int64Value",
			"google.protobuf.Timestamp", "google.protobuf.Duration", "google.protobuf.BoolValue", "google.protobuf.Empty"}
	}
	w.held = []*plan.Message{}
	for _, name := range names {
		if m := w.set.Named(name); m != nil && m.WellKnown != plan.Any && w.isFinite(m) {
			w.held = append(w.held, m)
		}
	}
	return w.held
}

// The kinds of google.protobuf.Value by field number
// (google/protobuf/struct.proto).
const (
	valueNull = 1 + iota
	valueNumber
	valueString
	valueBool
	valueStruct
	valueList
)

// appendValue appends a google.protobuf.Value, which always has a kind.
func (w *maker) appendValue(dst []byte, m *plan.Message, budget int) []byte {
	kind := w.value(budget <= 0 || len(w.open) >= w.o.Depth)
	f := m.Field(protoreflect.FieldNumber(kind))
	if kind == valueNull {
		return append(protowire.AppendTag(dst, f.Number, protowire.VarintType), 0)
	}
	w.open = append(w.open, m)
	defer func() { w.open = w.open[:len(w.open)-1] }()
	for {
		start := len(dst)
		dst = w.element(dst, m, f, budget-1)
		if kind != valueNumber || isFiniteNumber(dst[start+1:]) {
			return dst
		}
		// JSON has no infinities and no NaN.
		dst = dst[:start]
	}
}

func isFiniteNumber(double []byte) bool {
	const exponent = 0x7ff << 52
	bits, _ := protowire.ConsumeFixed64(double)
	return bits&exponent != exponent
}
