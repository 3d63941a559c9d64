package transcode

import (
	"math/rand/v2"
	"testing"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/inspect/plan"
	"github.com/pbscope/pbscope/inspect/wire"
)

// writer makes messages of a type by chance: mostly sound ones, with fields
// twice, out of order, split, packed or not, padded, of another wire type,
// unknown. With odds 0 nothing of that happens but repetition.
type writer struct {
	*rand.Rand
	odds int // in a hundred
}

func newWriter(seed uint64, odds int) *writer {
	return &writer{rand.New(rand.NewPCG(seed, 1)), odds}
}

func (w *writer) odd() bool { return w.IntN(100) < w.odds }

func (w *writer) message(m *plan.Message, depth int) []byte {
	var b []byte
	if len(m.Fields) == 0 {
		return b
	}
	last := &m.Fields[0]
	for range w.IntN(8) {
		f := &m.Fields[w.IntN(len(m.Fields))]
		if w.IntN(3) == 0 {
			f = last
		}
		last = f
		if m.WellKnown == plan.Any {
			return w.anyMessage(m, depth)
		}
		b = w.field(b, f, depth)
		if w.odd() {
			b = w.unknown(b, wire.Number(1000+w.IntN(3)), depth)
		}
	}
	return b
}

func (w *writer) anyMessage(m *plan.Message, depth int) []byte {
	names := []string{"google.protobuf.Timestamp", "google.protobuf.Any", "google.protobuf.Empty", "google.protobuf.Value",
		"google.protobuf.Int64Value", "protobuf_test_messages.proto3.TestAllTypesProto3", "no.Such", "google.protobuf.FieldMask"}
	name := names[w.IntN(len(names))]
	b := wire.AppendLen(wire.AppendTag(nil, 1, wire.Len), []byte("type.googleapis.com/"+name))
	if inner := m.Set().Named(protoreflect.FullName(name)); inner != nil && depth < 6 {
		b = wire.AppendLen(wire.AppendTag(b, 2, wire.Len), w.message(inner, depth+1))
	}
	return b
}

func (w *writer) field(b []byte, f *plan.Field, depth int) []byte {
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
			content = w.message(f.Message(), depth+1)
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

func (w *writer) scalar(b []byte, f *plan.Field) []byte {
	v := w.Uint64() >> w.IntN(64)
	if w.IntN(4) == 0 {
		v = uint64(w.IntN(3))
	}
	switch f.WireType {
	case wireI32:
		return wire.AppendI32(b, uint32(v))
	case wireI64:
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
func (w *writer) pad(b []byte, from, most int) []byte {
	if !w.odd() || len(b)-from >= most {
		return b
	}
	b[len(b)-1] |= 0x80
	return append(b, 0)
}

func (w *writer) tag(b []byte, number wire.Number, typ wire.Type) []byte {
	return w.pad(wire.AppendTag(b, number, typ), len(b), 5)
}

func (w *writer) len(b, content []byte) []byte {
	return append(w.pad(wire.AppendVarint(b, uint64(len(content))), len(b), 10), content...)
}

func (w *writer) unknown(b []byte, number wire.Number, depth int) []byte {
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

// mutate changes a few bytes.
func (w *writer) mutate(b []byte) []byte {
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

// randomTypes are message types with every kind of field between them.
func randomTypes() []protoreflect.FullName {
	return []protoreflect.FullName{
		"protobuf_test_messages.proto3.TestAllTypesProto3",
		"protobuf_test_messages.proto2.TestAllTypesProto2",
		"protobuf_test_messages.editions.TestAllTypesEdition2023",
		"google.protobuf.Struct",
		"google.protobuf.Value",
		"google.protobuf.Any",
		"google.protobuf.Timestamp",
	}
}

// allOptions are settings that between them use every option.
func allOptions() []Options {
	return []Options{
		{},
		{Lossless: true},
		{Sort: true},
		{Defaults: true},
		{Sort: true, Defaults: true, Lossless: true},
		{Int64Numbers: true, BytesHex: true, ProtoNames: true, EnumNumbers: true},
		{Unknown: DropUnknown},
		{Unknown: RefuseUnknown},
		{MaxDepth: 3},
	}
}

func rounds(t testing.TB) uint64 {
	if testing.Short() {
		return 100
	}
	return 800
}
