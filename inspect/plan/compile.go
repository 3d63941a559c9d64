package plan

import (
	"slices"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"

	"github.com/pbscope/pbscope/inspect/span"
)

// denseLimit is the highest field number that the dense table holds: above
// it, numbers are sparse in real schemas and a binary search is as good.
const denseLimit = 256

func (s *Set) compile(d protoreflect.MessageDescriptor) *Message {
	fields := d.Fields()
	m := &Message{
		Desc:       d,
		Name:       d.FullName(),
		WellKnown:  wellKnown(d),
		Fields:     make([]Field, fields.Len()),
		ByNumber:   make([]*Field, fields.Len()),
		MessageSet: isMessageSet(d),
		Extendable: d.ExtensionRanges().Len() > 0,
		set:        s,
	}
	m.Plain = m.WellKnown == NotWellKnown && !m.MessageSet
	highest := protoreflect.FieldNumber(-1)
	for i := range m.Fields {
		f := &m.Fields[i]
		s.fill(f, fields.Get(i), i)
		m.ByNumber[i] = f
		if f.Required {
			m.Required++
		}
		if f.Number <= denseLimit {
			highest = max(highest, f.Number)
		}
	}
	slices.SortFunc(m.ByNumber, func(a, b *Field) int { return int(a.Number) - int(b.Number) })
	m.assignSlots()
	m.Dense = make([]*Field, highest+1)
	for _, f := range m.ByNumber {
		if f.Number <= denseLimit {
			m.Dense[f.Number] = f
		}
	}
	return m
}

// assignSlots gives every field a slot of its own but for the members of a
// oneof, of which only one can be there.
func (m *Message) assignSlots() {
	for i := range m.Fields {
		m.Oneofs = max(m.Oneofs, m.Fields[i].Oneof)
	}
	oneofs := make([]int, m.Oneofs)
	for i := range m.Fields {
		f := &m.Fields[i]
		if f.Oneof > 0 && oneofs[f.Oneof-1] > 0 {
			f.Slot = oneofs[f.Oneof-1] - 1
			continue
		}
		f.Slot = m.Slots
		m.Slots++
		if f.Oneof > 0 {
			oneofs[f.Oneof-1] = m.Slots
		}
	}
}

func (s *Set) compileField(d protoreflect.FieldDescriptor, index int) *Field {
	f := new(Field)
	s.fill(f, d, index)
	return f
}

func (s *Set) fill(f *Field, d protoreflect.FieldDescriptor, index int) {
	*f = Field{
		Desc:      d,
		Number:    d.Number(),
		Kind:      d.Kind(),
		Index:     index,
		Repeated:  d.IsList(),
		Map:       d.IsMap(),
		Packed:    d.IsPacked(),
		Packable:  d.IsList() && packable(d.Kind()),
		Required:  d.Cardinality() == protoreflect.Required,
		Presence:  d.HasPresence(),
		Extension: d.IsExtension(),
		WireType:  wireType(d.Kind()),
		Slot:      -1,
		ProtoName: string(d.Name()),
		JSONName:  d.JSONName(),
		set:       s,
	}
	if f.Extension {
		f.ProtoName = "[" + string(d.FullName()) + "]"
		f.JSONName = f.ProtoName
	}
	f.JSONKey, f.ProtoKey = key(f.JSONName), key(f.ProtoName)
	if f.Kind == protoreflect.StringKind {
		f.UTF8 = validatesUTF8(d)
	}
	if o := d.ContainingOneof(); o != nil && !o.IsSynthetic() {
		f.Oneof = o.Index() + 1
	}
	if e := d.Enum(); e != nil {
		f.Enum = s.Enum(e)
	}
	f.Selective = f.Map || f.Enum != nil && f.Enum.Closed
	if f.Map {
		f.MapKey, f.MapValue = s.compileField(d.MapKey(), 0), s.compileField(d.MapValue(), 1)
	}
}

func key(name string) []byte {
	return append(span.AppendQuoted(append(make([]byte, 0, KeyRoom), ','), name), ':')
}

func wireType(k protoreflect.Kind) uint8 {
	switch k {
	case protoreflect.Fixed64Kind, protoreflect.Sfixed64Kind, protoreflect.DoubleKind:
		return 1
	case protoreflect.StringKind, protoreflect.BytesKind, protoreflect.MessageKind:
		return 2
	case protoreflect.GroupKind:
		return 3
	case protoreflect.Fixed32Kind, protoreflect.Sfixed32Kind, protoreflect.FloatKind:
		return 5
	}
	return 0
}

func packable(k protoreflect.Kind) bool {
	switch k {
	case protoreflect.StringKind, protoreflect.BytesKind, protoreflect.MessageKind, protoreflect.GroupKind:
		return false
	}
	return true
}

func compileEnum(d protoreflect.EnumDescriptor) *Enum {
	values := d.Values()
	e := &Enum{
		Desc:    d,
		Name:    d.FullName(),
		Closed:  d.IsClosed(),
		Null:    d.FullName() == "google.protobuf.NullValue",
		numbers: make(map[string]int32, values.Len()),
	}
	if values.Len() > 0 {
		e.First = int32(values.Get(0).Number())
	}
	for i := range values.Len() {
		v := values.Get(i)
		number := int32(v.Number())
		e.numbers[string(v.Name())] = number
		if e.Quoted(number) != nil {
			continue
		}
		quoted := span.AppendQuoted(make([]byte, 0, KeyRoom), string(v.Name()))
		switch {
		case number >= 0 && number < denseLimit:
			for int32(len(e.dense)) <= number {
				e.dense = append(e.dense, nil)
			}
			e.dense[number] = quoted
		default:
			if e.sparse == nil {
				e.sparse = make(map[int32][]byte)
			}
			e.sparse[number] = quoted
		}
	}
	return e
}

// isMessageSet reads the option both as a known and as an unknown field:
// protodesc refuses files with the option, so the loader of descriptors moves
// it to the unknown fields, where it has the same bytes.
func isMessageSet(d protoreflect.MessageDescriptor) bool {
	options, ok := d.Options().(*descriptorpb.MessageOptions)
	if !ok || options == nil {
		return false
	}
	if options.GetMessageSetWireFormat() {
		return true
	}
	unknown := options.ProtoReflect().GetUnknown()
	if len(unknown) == 0 {
		return false
	}
	known := new(descriptorpb.MessageOptions)
	return proto.Unmarshal(unknown, known) == nil && known.GetMessageSetWireFormat()
}
