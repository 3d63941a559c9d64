package plan

import "google.golang.org/protobuf/reflect/protoreflect"

// WellKnown is one of the message types with a JSON form of their own.
type WellKnown uint8

// The well-known types.
const (
	NotWellKnown WellKnown = iota
	Any
	Timestamp
	Duration
	FieldMask
	Struct
	Value
	ListValue
	DoubleValue
	FloatValue
	Int64Value
	UInt64Value
	Int32Value
	UInt32Value
	BoolValue
	StringValue
	BytesValue
	Empty
)

// Wrapper says whether the type is one of google/protobuf/wrappers.proto.
func (w WellKnown) Wrapper() bool { return w >= DoubleValue && w <= BytesValue }

// wellKnown goes by the name, as every implementation does, and by the shape
// that the JSON form needs: a type of that name with other fields has none.
func wellKnown(d protoreflect.MessageDescriptor) WellKnown {
	if d.FullName().Parent() != "google.protobuf" {
		return NotWellKnown
	}
	w := wellKnownNames(d.Name())
	if w == NotWellKnown || !w.fits(d) {
		return NotWellKnown
	}
	return w
}

func (w WellKnown) fits(d protoreflect.MessageDescriptor) bool {
	fields := d.Fields()
	has := func(number protoreflect.FieldNumber, kind protoreflect.Kind) bool {
		f := fields.ByNumber(number)
		return f != nil && f.Kind() == kind && f.Cardinality() == protoreflect.Optional
	}
	one := func(kind protoreflect.Kind) bool { return fields.Len() == 1 && has(1, kind) }
	switch w {
	case Any:
		return fields.Len() == 2 && has(1, protoreflect.StringKind) && has(2, protoreflect.BytesKind)
	case Timestamp, Duration:
		return fields.Len() == 2 && has(1, protoreflect.Int64Kind) && has(2, protoreflect.Int32Kind)
	case FieldMask:
		f := fields.ByNumber(1)
		return fields.Len() == 1 && f != nil && f.IsList() && f.Kind() == protoreflect.StringKind
	case Struct:
		f := fields.ByNumber(1)
		return fields.Len() == 1 && f != nil && f.IsMap() &&
			f.MapKey().Kind() == protoreflect.StringKind && isNamed(f.MapValue(), "google.protobuf.Value")
	case ListValue:
		f := fields.ByNumber(1)
		return fields.Len() == 1 && f != nil && f.IsList() && isNamed(f, "google.protobuf.Value")
	case Value:
		return fields.Len() == 6 && d.Oneofs().Len() == 1 && d.Oneofs().Get(0).Fields().Len() == 6 &&
			has(1, protoreflect.EnumKind) && has(2, protoreflect.DoubleKind) && has(3, protoreflect.StringKind) &&
			has(4, protoreflect.BoolKind) &&
			isNamed(fields.ByNumber(5), "google.protobuf.Struct") && isNamed(fields.ByNumber(6), "google.protobuf.ListValue")
	case Empty:
		return fields.Len() == 0
	}
	return one(w.wrapped())
}

// wrapped is the kind of a wrapper's field.
func (w WellKnown) wrapped() protoreflect.Kind {
	switch w {
	case DoubleValue:
		return protoreflect.DoubleKind
	case FloatValue:
		return protoreflect.FloatKind
	case Int64Value:
		return protoreflect.Int64Kind
	case UInt64Value:
		return protoreflect.Uint64Kind
	case Int32Value:
		return protoreflect.Int32Kind
	case UInt32Value:
		return protoreflect.Uint32Kind
	case BoolValue:
		return protoreflect.BoolKind
	case StringValue:
		return protoreflect.StringKind
	}
	return protoreflect.BytesKind
}

func isNamed(f protoreflect.FieldDescriptor, name protoreflect.FullName) bool {
	return f != nil && f.Message() != nil && f.Message().FullName() == name
}

func wellKnownNames(name protoreflect.Name) WellKnown {
	switch name {
	case "Any":
		return Any
	case "Timestamp":
		return Timestamp
	case "Duration":
		return Duration
	case "FieldMask":
		return FieldMask
	case "Struct":
		return Struct
	case "Value":
		return Value
	case "ListValue":
		return ListValue
	case "DoubleValue":
		return DoubleValue
	case "FloatValue":
		return FloatValue
	case "Int64Value":
		return Int64Value
	case "UInt64Value":
		return UInt64Value
	case "Int32Value":
		return Int32Value
	case "UInt32Value":
		return UInt32Value
	case "BoolValue":
		return BoolValue
	case "StringValue":
		return StringValue
	case "BytesValue":
		return BytesValue
	case "Empty":
		return Empty
	}
	return NotWellKnown
}
