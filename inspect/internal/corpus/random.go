package corpus

import (
	"math/rand/v2"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/inspect/plan"
	"github.com/pbscope/pbscope/inspect/wire"
)

// Writer makes messages of a type by chance: mostly sound ones, with fields
// twice, out of order, split, packed or not, padded, of another wire type,
// unknown. With odds 0 nothing of that happens but repetition.
type Writer struct {
	*rand.Rand
	odds int // in a hundred
}

// NewWriter is a writer whose choices follow from seed; odds are of a hundred.
func NewWriter(seed uint64, odds int) *Writer {
	return &Writer{rand.New(rand.NewPCG(seed, 1)), odds}
}

func (w *Writer) odd() bool { return w.IntN(100) < w.odds }

// Message is a message of type m; depth is how many levels lie above it. Below
// the sixth there are none.
func (w *Writer) Message(m *plan.Message, depth int) []byte {
	switch {
	case m.WellKnown == plan.Any:
		return w.any(m, depth)
	case m.MessageSet:
		return w.set(m, depth)
	}
	var b []byte
	fields := fieldsOf(m)
	if len(fields) == 0 {
		return b
	}
	last := fields[0]
	for range w.IntN(8) {
		f := fields[w.IntN(len(fields))]
		if w.IntN(3) == 0 {
			f = last
		}
		last = f
		b = w.field(b, f, depth)
		if w.odd() {
			b = w.unknown(b, wire.Number(1000+w.IntN(3)), depth)
		}
	}
	return b
}

// fieldsOf are the fields of m and some of its extensions.
func fieldsOf(m *plan.Message) []*plan.Field {
	fields := make([]*plan.Field, 0, len(m.Fields)+4)
	for i := range m.Fields {
		fields = append(fields, &m.Fields[i])
	}
	if !m.Extendable {
		return fields
	}
	for _, number := range []wire.Number{100, 101, 102, 120, 121, 122, 133, 200, 1000, 1547769, 4135312} {
		if f := m.Field(number); f != nil && f.Extension {
			fields = append(fields, f)
		}
	}
	return fields
}

// set is a MessageSet: its items are groups of a type id and a message.
func (w *Writer) set(m *plan.Message, depth int) []byte {
	const item, id, content = 1, 2, 3
	var b []byte
	fields := fieldsOf(m)
	for range w.IntN(4) {
		if len(fields) == 0 || w.odd() {
			b = w.unknown(b, item, depth)
			continue
		}
		f := fields[w.IntN(len(fields))]
		if w.odd() {
			b = w.field(b, f, depth)
			continue
		}
		var inner []byte
		if depth < 6 && f.Message() != nil {
			inner = w.Message(f.Message(), depth+1)
		}
		parts := [][]byte{wire.AppendVarint(wire.AppendTag(nil, id, wire.Varint), uint64(f.Number)), w.len(w.tag(nil, content, wire.Len), inner)}
		if w.odd() {
			parts = append(parts, parts[w.IntN(2)])
		}
		if w.odd() {
			w.Shuffle(len(parts), func(i, j int) { parts[i], parts[j] = parts[j], parts[i] })
		}
		b = w.tag(b, item, wire.Group)
		for _, part := range parts {
			b = append(b, part...)
		}
		b = w.tag(b, item, wire.EndGroup)
	}
	return b
}

// any is an Any, at times in another order, with a part twice or without, with
// bytes that are not of its type.
func (w *Writer) any(m *plan.Message, depth int) []byte {
	names := []string{"google.protobuf.Timestamp", "google.protobuf.Any", "google.protobuf.Empty", "google.protobuf.Value",
		"google.protobuf.Int64Value", "no.Such", "google.protobuf.FieldMask", "google.protobuf.Struct",
		"protobuf_test_messages.proto3.TestAllTypesProto3", "protobuf_test_messages.proto2.TestAllTypesProto2",
		"t.M", "t.Needs", "t.Set", "p.P", "user.v1.User", "user.v1.LegacyUser", ""}
	var parts [][]byte
	for range 1 + w.IntN(2) {
		name := names[w.IntN(len(names))]
		parts = append(parts, w.len(w.tag(nil, 1, wire.Len), []byte("type.googleapis.com/"+name)))
		if inner := m.Set().Named(protoreflect.FullName(name)); inner != nil && depth < 6 {
			content := w.Message(inner, depth+1)
			if w.odd() {
				content = w.Mutate(content)
			}
			parts = append(parts, w.len(w.tag(nil, 2, wire.Len), content))
		}
		if !w.odd() {
			break
		}
	}
	if w.odd() {
		w.Shuffle(len(parts), func(i, j int) { parts[i], parts[j] = parts[j], parts[i] })
		parts = parts[:w.IntN(len(parts)+1)]
	}
	if w.odd() {
		parts = append(parts, w.unknown(nil, wire.Number(1+w.IntN(4)), depth))
	}
	var b []byte
	for _, part := range parts {
		b = append(b, part...)
	}
	return b
}

func (w *Writer) field(b []byte, f *plan.Field, depth int) []byte {
	if first, second := w.odd(), w.odd(); first && second {
		return w.unknown(b, f.Number, depth)
	}
	if f.Map {
		var e []byte
		order := []*plan.Field{f.MapKey, f.MapValue}
		if w.odd() {
			order = append(order, f.MapValue)
			w.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
			order = order[:w.IntN(4)]
		}
		for _, part := range order {
			e = w.field(e, part, depth)
		}
		return w.len(w.tag(b, f.Number, wire.Len), e)
	}
	if f.Packable && (f.Packed != w.odd()) {
		var p []byte
		for range w.IntN(4) {
			p = w.scalar(p, f)
		}
		return w.len(w.tag(b, f.Number, wire.Len), p)
	}
	b = w.tag(b, f.Number, wire.Type(f.WireType))
	switch f.Kind {
	case protoreflect.MessageKind, protoreflect.GroupKind:
		var content []byte
		if depth < 6 {
			content = w.Message(f.Message(), depth+1)
		}
		if f.Kind == protoreflect.GroupKind {
			return w.tag(append(b, content...), f.Number, wire.EndGroup)
		}
		return w.len(b, content)
	case protoreflect.StringKind, protoreflect.BytesKind:
		texts := []string{"", "a", "foo_bar", "ü€", "\x01\"\\\n", "abcdefghijklmnopqrstuvwxyz", "abcdefgh\"ijklmnopü", "x.y_z"}
		text := texts[w.IntN(len(texts))]
		if w.odd() && !f.UTF8 {
			text += "\xff"
		}
		return w.len(b, []byte(text))
	}
	return w.scalar(b, f)
}

func (w *Writer) scalar(b []byte, f *plan.Field) []byte {
	v := w.Uint64() >> w.IntN(64)
	if w.IntN(4) == 0 {
		v = uint64(w.IntN(3))
	}
	switch f.WireType {
	case uint8(wire.I32):
		return wire.AppendI32(b, uint32(v))
	case uint8(wire.I64):
		return wire.AppendI64(b, v)
	}
	if f.Enum != nil && !w.odd() {
		values := f.Enum.Desc.Values()
		v = uint64(int64(values.Get(w.IntN(values.Len())).Number()))
	}
	if !w.odd() {
		v = canonical(f.Kind, v)
	}
	return w.pad(wire.AppendVarint(b, v), len(b), 10)
}

// pad makes the varint b[from:] longer now and then, up to most bytes.
func (w *Writer) pad(b []byte, from, most int) []byte {
	if !w.odd() || len(b)-from >= most {
		return b
	}
	b[len(b)-1] |= 0x80
	return append(b, 0)
}

func (w *Writer) tag(b []byte, number wire.Number, typ wire.Type) []byte {
	return w.pad(wire.AppendTag(b, number, typ), len(b), 5)
}

func (w *Writer) len(b, content []byte) []byte {
	return append(w.pad(wire.AppendVarint(b, uint64(len(content))), len(b), 10), content...)
}

func (w *Writer) unknown(b []byte, number wire.Number, depth int) []byte {
	typ := []wire.Type{wire.Varint, wire.I64, wire.Len, wire.Group, wire.I32}[w.IntN(5)]
	b = w.tag(b, number, typ)
	switch typ {
	case wire.Varint:
		return w.pad(wire.AppendVarint(b, w.Uint64()), len(b), 10)
	case wire.I64:
		return wire.AppendI64(b, w.Uint64())
	case wire.I32:
		return wire.AppendI32(b, w.Uint32())
	case wire.Len:
		return w.len(b, []byte("xyz")[:w.IntN(4)])
	}
	if depth < 6 {
		for range w.IntN(3) {
			b = w.unknown(b, wire.Number(1+w.IntN(3)), depth+1)
		}
	}
	return w.tag(b, number, wire.EndGroup)
}

// Mutate changes a few bytes.
func (w *Writer) Mutate(b []byte) []byte {
	for range 1 + w.IntN(3) {
		if len(b) == 0 {
			return b
		}
		switch i := w.IntN(len(b)); w.IntN(3) {
		case 0:
			b[i] ^= 1 << w.IntN(8)
		case 1:
			b = append(b[:i], b[i+1:]...)
		case 2:
			b = append(b[:i], append([]byte{byte(w.Uint32())}, b[i:]...)...)
		}
	}
	return b
}

// canonical is the varint that encoders write for the value that v has in a
// field of that kind.
func canonical(kind protoreflect.Kind, v uint64) uint64 {
	switch kind {
	case protoreflect.Int32Kind, protoreflect.EnumKind:
		return uint64(int64(int32(v)))
	case protoreflect.Uint32Kind, protoreflect.Sint32Kind:
		return uint64(uint32(v))
	case protoreflect.BoolKind:
		return min(v, 1)
	}
	return v
}
