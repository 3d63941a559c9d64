package plan

import "google.golang.org/protobuf/reflect/protoreflect"

// Row is a field as the fast pass wants it: all that it asks of a usual field,
// in the 64 bytes of one line of the processor's cache.
type Row struct {
	// Tag is the tag that the schema writes the field with: that of a packed
	// list where it is packed. Rows of numbers that are no usual field have a
	// tag that no field has.
	Tag uint16
	// Op says how a value is printed.
	Op Op
	// KeyLen is the length of Key in bytes, or 0 where the key is longer.
	KeyLen uint8
	// Repeated is true for lists and maps.
	Repeated bool
	// Implicit says that a zero value is the same as none.
	Implicit bool
	// Required is 1 for a required field.
	Required uint8
	// Bit is the field's in a set of what has been seen: that of its slot,
	// which is one of the first 64.
	Bit   uint64
	Field *Field
	// Names are an enum's quoted names by number, nil where there is none;
	// each has room for KeyRoom bytes or is longer.
	Names *[][]byte
	// Key is Field.JSONKey or Field.ProtoKey.
	Key [KeyRoom]byte
}

// Op is how the fast pass prints a value.
type Op uint8

// The ways to print a value. OpNone is for fields that are none of the fast
// pass's: groups, and where a rare thing decides.
const (
	OpNone Op = iota
	OpString
	OpBytes
	OpMessage
	OpMap
	OpTextMap // of strings to strings, which all must be UTF-8
	OpPacked
	OpEnum
	OpBool
	OpInt32
	OpInt64
	OpUint32
	OpUint64
	OpSint32
	OpSint64
	OpFixed32
	OpFixed64
)

const (
	// rowLimit is the number from which on fields have no row.
	rowLimit = 128
	noTag    = 1<<16 - 1
)

// Rows are the rows of the message's fields by number, with keys in names of
// JSON or of the .proto source.
//
// It is nil before MakeRows.
func (m *Message) Rows(n Names) *[]Row { return m.rows[n&1].Load() }

// Names says which names keys have.
type Names uint8

// The names of keys.
const (
	JSONNames Names = iota
	ProtoNames
)

// MakeRows makes what Rows gives. It may be called by several goroutines.
func (m *Message) MakeRows(n Names) *[]Row {
	rows := make([]Row, min(len(m.Dense), rowLimit))
	for number := range rows {
		rows[number].Tag = noTag
		if f := m.Dense[number]; f != nil && f.Slot < 64 {
			rows[number].fill(f, n)
		}
	}
	m.rows[n].Store(&rows)
	return &rows
}

func (r *Row) fill(f *Field, n Names) {
	op := operation(f)
	if op == OpNone {
		return
	}
	wire := f.WireType
	if f.Packed {
		op, wire = OpPacked, 2
	}
	*r = Row{
		Tag:      uint16(f.Number)<<3 | uint16(wire),
		Op:       op,
		Repeated: f.Repeated || f.Map,
		Implicit: !f.Presence && !f.Repeated && !f.Map,
		Bit:      1 << f.Slot,
		Field:    f,
	}
	if f.Required {
		r.Required = 1
	}
	if f.Enum != nil {
		r.Names = &f.Enum.dense
	}
	key := f.JSONKey
	if n == ProtoNames {
		key = f.ProtoKey
	}
	if len(key) <= KeyRoom {
		r.KeyLen = uint8(copy(r.Key[:], key))
	}
}

func operation(f *Field) Op {
	switch f.Kind {
	case protoreflect.StringKind:
		return OpString
	case protoreflect.BytesKind:
		return OpBytes
	case protoreflect.MessageKind:
		if f.Map {
			return mapOperation(f.MapKey, f.MapValue)
		}
		return OpMessage
	case protoreflect.EnumKind:
		if f.Enum.Null || f.Enum.Closed && f.Packed {
			return OpNone
		}
		return OpEnum
	case protoreflect.BoolKind:
		return OpBool
	case protoreflect.Int32Kind:
		return OpInt32
	case protoreflect.Int64Kind:
		return OpInt64
	case protoreflect.Uint32Kind:
		return OpUint32
	case protoreflect.Uint64Kind:
		return OpUint64
	case protoreflect.Sint32Kind:
		return OpSint32
	case protoreflect.Sint64Kind:
		return OpSint64
	case protoreflect.Fixed32Kind, protoreflect.Sfixed32Kind, protoreflect.FloatKind:
		return OpFixed32
	case protoreflect.Fixed64Kind, protoreflect.Sfixed64Kind, protoreflect.DoubleKind:
		return OpFixed64
	}
	return OpNone
}

func mapOperation(key, value *Field) Op {
	if key.Kind == protoreflect.StringKind && key.UTF8 && value.Kind == protoreflect.StringKind && value.UTF8 {
		return OpTextMap
	}
	return OpMap
}
