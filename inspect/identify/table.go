// Package identify finds out which message types of a schema fit given bytes.
//
// A Table is all message types of a schema in compact form; who knows schemas
// builds it (see descriptors). Rank reads samples once into a profile of what
// stands in which field, and asks for each type how many bits it takes to
// describe the profile in the type's terms: fields that the type does not know,
// numbers out of an enum's or a kind's range, strings that are not text and
// values that no serializer writes make a description long. The type with the
// shortest one fits best; types whose descriptions are as good as equally long
// cannot be told apart by these bytes and are said to tie.
//
// It knows no descriptors and decodes nothing: what fits is a suggestion, never
// a decision.
package identify

import (
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/inspect/wire"
)

// Table is the message types of a schema. It is read-only after Index and may
// then be used by several goroutines.
type Table struct {
	Types []Type
	Enums []Enum

	masks []mask // by type
	units []unit // by type
	most  int    // the most units of a type
}

// Type is a message type, or the entry of a map.
type Type struct {
	// Name is the full name.
	Name string
	// Fields are the fields by ascending number, extensions among them.
	Fields []Field
	// Extensions are the ranges for extensions, first and last number of each.
	Extensions [][2]int32
	// Form is how the type departs from a plain message.
	Form Form
	// Candidate says that messages may be of this type: it is among those that
	// Rank compares, and not there only for others to refer to.
	Candidate bool
}

// Form is what a type is beside a plain message.
type Form uint8

// The forms.
const (
	Plain Form = iota
	// Entry is the entry of a map.
	Entry
	// Timestamp, Duration and Any are the well-known types, whose values have
	// ranges and forms that their fields do not tell.
	Timestamp
	Duration
	Any
)

// FormNamed is the form of the type of that full name; never Entry.
func FormNamed(name string) Form {
	switch name {
	case "google.protobuf.Timestamp":
		return Timestamp
	case "google.protobuf.Duration":
		return Duration
	case "google.protobuf.Any":
		return Any
	}
	return Plain
}

// Field is a field of a Type.
type Field struct {
	Number int32
	// Sub is the index in Table.Types of a message's or group's type, or in
	// Table.Enums of an enum's; -1 where it is not known.
	Sub int32
	// Oneof is 1 + the index of the oneof that the field belongs to, or 0.
	// Oneofs of a single optional field are none.
	Oneof uint16
	// Kind is the field's kind; GroupKind stands for every delimited message.
	Kind protoreflect.Kind
	// Repeated is true for maps too.
	Repeated bool
	// Packed says how the schema writes a repeated field.
	Packed bool
	// Required, Implicit: without presence (zero is not written).
	Required, Implicit bool
	// UTF8 says that a string must be valid UTF-8.
	UTF8 bool
	// Extension says that the field is one.
	Extension bool

	members uint16 // of its oneof
}

// Enum is an enum type.
type Enum struct {
	// Numbers are those that have a name, ascending.
	Numbers []int32
	// Closed says that other numbers are unknown fields.
	Closed bool
}

func (e *Enum) has(n int32) bool {
	low, high := 0, len(e.Numbers)
	for low < high {
		middle := (low + high) / 2
		if e.Numbers[middle] < n {
			low = middle + 1
		} else {
			high = middle
		}
	}
	return low < len(e.Numbers) && e.Numbers[low] == n
}

// mask is the field numbers 1 to 64 of a type, one bit each, by the wire type
// that they may have; those above are left out.
type mask [wire.I32 + 1]uint64

func (m *mask) add(number int32, typ wire.Type) {
	if number >= 1 && number <= 64 {
		m[typ] |= 1 << (number - 1)
	}
}

// unit is what a sender chooses to write or not: a field, or a oneof.
type unit = uint16

// Index makes the table ready for use. Types and Enums must not change
// afterwards.
func (t *Table) Index() {
	t.masks = make([]mask, len(t.Types))
	t.units = make([]unit, len(t.Types))
	for i := range t.Types {
		t.index(i)
		t.most = max(t.most, int(t.units[i]))
	}
}

func (t *Table) index(i int) {
	var members []uint16
	fields := t.Types[i].Fields
	for k := range fields {
		f := &fields[k]
		t.masks[i].add(f.Number, wireType(f.Kind))
		if f.packable() {
			t.masks[i].add(f.Number, wire.Len)
		}
		for int(f.Oneof) >= len(members) {
			members = append(members, 0)
		}
		if members[f.Oneof]++; !f.Extension && (f.Oneof == 0 || members[f.Oneof] == 1) {
			t.units[i]++
		}
	}
	for k := range fields {
		if fields[k].Oneof > 0 {
			fields[k].members = members[fields[k].Oneof]
		}
	}
}

// field is the index in Fields of a number, or where it would stand.
func (t *Type) field(number int32) (i int, found bool) {
	low, high := 0, len(t.Fields)
	if int(number) <= high && number > 0 && t.Fields[number-1].Number == number {
		return int(number) - 1, true
	}
	for low < high {
		middle := (low + high) / 2
		if t.Fields[middle].Number < number {
			low = middle + 1
		} else {
			high = middle
		}
	}
	return low, low < len(t.Fields) && t.Fields[low].Number == number
}

// extends says whether a number lies in a range for extensions.
func (t *Type) extends(number int32) bool {
	for _, r := range t.Extensions {
		if r[0] <= number && number <= r[1] {
			return true
		}
	}
	return false
}

// packable says that a field may come as a packed run.
func (f *Field) packable() bool {
	return f.Repeated && wireType(f.Kind) != wire.Len && f.Kind != protoreflect.GroupKind
}

// accepts says whether the field may have a wire type.
func (f *Field) accepts(typ wire.Type) bool {
	return wireType(f.Kind) == typ || typ == wire.Len && f.packable()
}

func (f *Field) isMessage() bool {
	return f.Kind == protoreflect.MessageKind || f.Kind == protoreflect.GroupKind
}

func wireType(k protoreflect.Kind) wire.Type {
	switch k {
	case protoreflect.Fixed64Kind, protoreflect.Sfixed64Kind, protoreflect.DoubleKind:
		return wire.I64
	case protoreflect.StringKind, protoreflect.BytesKind, protoreflect.MessageKind:
		return wire.Len
	case protoreflect.GroupKind:
		return wire.Group
	case protoreflect.Fixed32Kind, protoreflect.Sfixed32Kind, protoreflect.FloatKind:
		return wire.I32
	}
	return wire.Varint
}
