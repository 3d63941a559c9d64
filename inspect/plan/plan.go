// Package plan compiles message descriptors into flat tables for the engines:
// fields by number, keys ready to print, features resolved.
//
// A Set is made once for a schema and shared by all goroutines; messages are
// compiled when they are first needed, so that a schema of thousands of types
// costs what is used of it. The engines (inspect/transcode, inspect/message)
// see no descriptor but through here.
package plan

import (
	"sync"
	"sync/atomic"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// Resolver finds what a message refers to by name or number at run time.
// Methods return protoregistry.NotFound, or an error that wraps it, for what
// is not there. It must be safe for concurrent use.
type Resolver interface {
	FindMessageByName(name protoreflect.FullName) (protoreflect.MessageDescriptor, error)
	FindExtensionByName(name protoreflect.FullName) (protoreflect.ExtensionDescriptor, error)
	FindExtensionByNumber(message protoreflect.FullName, number protoreflect.FieldNumber) (protoreflect.ExtensionDescriptor, error)
}

// Set is the plans of one schema.
type Set struct {
	resolver Resolver
	mu       sync.Mutex
	messages sync.Map // protoreflect.MessageDescriptor → *Message
	enums    sync.Map // protoreflect.EnumDescriptor → *Enum
	named    sync.Map // protoreflect.FullName → *Message
}

// NewSet is an empty set; resolver may be nil (no Any, no extensions).
func NewSet(resolver Resolver) *Set { return &Set{resolver: resolver} }

// Resolver is the one that the set was made with, or nil.
func (s *Set) Resolver() Resolver { return s.resolver }

// Named is the plan of the message of that full name, or nil if the resolver
// does not know it.
func (s *Set) Named(name protoreflect.FullName) *Message {
	if m, ok := s.named.Load(name); ok {
		return m.(*Message)
	}
	if s.resolver == nil {
		return nil
	}
	d, err := s.resolver.FindMessageByName(name)
	if err != nil {
		return nil
	}
	m := s.Message(d)
	s.named.Store(name, m)
	return m
}

// Message is the plan of d. Plans of messages that d refers to are made when
// they are asked for.
func (s *Set) Message(d protoreflect.MessageDescriptor) *Message {
	if m, ok := s.messages.Load(d); ok {
		return m.(*Message)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if m, ok := s.messages.Load(d); ok {
		return m.(*Message)
	}
	m := s.compile(d)
	s.messages.Store(d, m)
	return m
}

// Enum is the plan of d.
func (s *Set) Enum(d protoreflect.EnumDescriptor) *Enum {
	if e, ok := s.enums.Load(d); ok {
		return e.(*Enum)
	}
	e, _ := s.enums.LoadOrStore(d, compileEnum(d))
	return e.(*Enum)
}

// Message is the plan of a message type. It is read-only but for what is
// compiled on first use.
type Message struct {
	Desc protoreflect.MessageDescriptor
	Name protoreflect.FullName
	// WellKnown is the special JSON form of the type, or NotWellKnown.
	WellKnown WellKnown
	// Fields are the type's own fields in declaration order; Field.Index is
	// the place here. Extensions are not among them.
	Fields []Field
	// ByNumber are the same, by ascending number.
	ByNumber []*Field
	// Required is how many fields are required.
	Required int
	// Plain says that it has neither a special form nor MessageSet's.
	Plain bool
	// MessageSet says that the wire format is MessageSet's.
	MessageSet bool
	// Extendable says that the type has extension ranges.
	Extendable bool
	// Oneofs is the highest Field.Oneof.
	Oneofs int
	// Slots is the number of slots that Field.Slot counts in.
	Slots int

	// Dense are the fields of small numbers by number, nil where there is none:
	// a short cut for Field.
	Dense []*Field

	rows       [2]atomic.Pointer[[]Row]
	set        *Set
	extensions sync.Map // protoreflect.FieldNumber → *Field
	names      atomic.Pointer[nameIndex]
}

// Set is the set that the plan belongs to.
func (m *Message) Set() *Set { return m.set }

// KeyRoom is the least capacity of keys.
const KeyRoom = 32

// Field is the plan of a field or an extension.
type Field struct {
	// What the fast pass asks of every field stands first, close together.

	Number protoreflect.FieldNumber
	// Kind is the field's kind; GroupKind stands for every delimited message.
	Kind protoreflect.Kind
	// WireType is the wire type of one value: 0 varint, 1 i64, 2 len, 3 group,
	// 5 i32. A packable field may come as 2 besides.
	WireType uint8
	// Repeated is true for lists and not for maps.
	Repeated bool
	Map      bool
	// Packed says how the schema writes a repeated field.
	Packed bool
	// Packable says that a repeated field may come packed.
	Packable bool
	// Required, Presence: explicit presence is true for messages, oneof
	// members, optional and required fields.
	Required bool
	Presence bool
	// UTF8 says that a string must be valid UTF-8, by the resolved feature.
	UTF8 bool
	// Extension says that the field is one.
	Extension bool
	// Selective says that some values of the right wire type are unknown
	// fields: unnamed numbers of a closed enum, entries of a map.
	Selective bool
	// Slot is the field's place in a set of what has been seen: members of a
	// oneof share theirs. For an extension it is -1.
	Slot int
	// JSONKey and ProtoKey are the names as JSON text with the colon and a
	// comma before: ,"name": They have room behind for KeyRoom bytes in all, so
	// that short ones can be copied in one piece.
	JSONKey []byte
	message atomic.Pointer[Message]
	// Enum is the plan of an enum field's type, nil for other kinds.
	Enum     *Enum
	ProtoKey []byte

	Desc protoreflect.FieldDescriptor
	// Index is the place in Message.Fields; for an extension it is -1.
	Index int
	// Oneof is 1 + the index of the real oneof that the field belongs to
	// (in Desc.ContainingMessage().Oneofs()), or 0.
	Oneof int
	// ProtoName is the name in .proto source; for an extension [full.name].
	// A delimited field that is written like a group keeps its field name.
	ProtoName string
	// JSONName is the name in JSON; for an extension [full.name].
	JSONName string
	// MapKey and MapValue are the fields of a map's entry, nil otherwise.
	MapKey, MapValue *Field

	set *Set
}

// Message is the plan of a message field's type; nil for other kinds. For a
// map it is the entry's.
func (f *Field) Message() *Message {
	if m := f.message.Load(); m != nil {
		return m
	}
	return f.link()
}

func (f *Field) link() *Message {
	d := f.Desc.Message()
	if d == nil {
		return nil
	}
	m := f.set.Message(d)
	f.message.Store(m)
	return m
}

// Field is the message's field or extension of that number, nil if unknown.
func (m *Message) Field(number protoreflect.FieldNumber) *Field {
	if uint(number) < uint(len(m.Dense)) {
		if f := m.Dense[number]; f != nil {
			return f
		}
	}
	return m.sparse(number)
}

func (m *Message) sparse(number protoreflect.FieldNumber) *Field {
	low, high := 0, len(m.ByNumber)
	for low < high {
		middle := (low + high) / 2
		if m.ByNumber[middle].Number < number {
			low = middle + 1
		} else {
			high = middle
		}
	}
	if low < len(m.ByNumber) && m.ByNumber[low].Number == number {
		return m.ByNumber[low]
	}
	if !m.Extendable {
		return nil
	}
	return m.extension(number)
}

// extension looks an extension up. What is not found is not remembered, so
// that hostile bytes cannot fill the table.
func (m *Message) extension(number protoreflect.FieldNumber) *Field {
	if f, ok := m.extensions.Load(number); ok {
		return f.(*Field)
	}
	if m.set.resolver == nil || !m.Desc.ExtensionRanges().Has(number) {
		return nil
	}
	d, err := m.set.resolver.FindExtensionByNumber(m.Name, number)
	if err != nil {
		return nil
	}
	f := m.set.compileField(d, -1)
	stored, _ := m.extensions.LoadOrStore(number, f)
	return stored.(*Field)
}

// ExtensionNamed is the extension of m of that full name, nil if unknown.
func (m *Message) ExtensionNamed(name protoreflect.FullName) *Field {
	if m.set.resolver == nil || !m.Extendable {
		return nil
	}
	d, err := m.set.resolver.FindExtensionByName(name)
	if err != nil || d.ContainingMessage().FullName() != m.Name {
		return nil
	}
	return m.extension(d.Number())
}

// Enum is the plan of an enum type.
type Enum struct {
	Desc protoreflect.EnumDescriptor
	Name protoreflect.FullName
	// Closed says that unnamed numbers are unknown fields.
	Closed bool
	// First is the number of the first value, the default.
	First int32
	// Null says that the type is google.protobuf.NullValue.
	Null bool

	dense   [][]byte // quoted names of the numbers 0, 1, …, with KeyRoom
	sparse  map[int32][]byte
	numbers map[string]int32
}

// Quoted is the name of a number as a JSON string, nil if it has none. Of
// several names it is the first declared.
func (e *Enum) Quoted(number int32) []byte {
	if uint32(number) < uint32(len(e.dense)) {
		return e.dense[number]
	}
	return e.sparse[number]
}

// Number is the number of a value's name.
func (e *Enum) Number(name []byte) (int32, bool) {
	n, ok := e.numbers[string(name)]
	return n, ok
}
