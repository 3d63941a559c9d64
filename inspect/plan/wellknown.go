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
	fields := d.Fields()
	has := func(number protoreflect.FieldNumber, kind protoreflect.Kind) bool {
		f := fields.ByNumber(number)
		return f != nil && f.Kind() == kind
	}
	ok := true
	switch w {
	case Any:
		ok = has(1, protoreflect.StringKind) && has(2, protoreflect.BytesKind)
	case Timestamp, Duration:
		ok = has(1, protoreflect.Int64Kind) && has(2, protoreflect.Int32Kind)
	case FieldMask:
		ok = has(1, protoreflect.StringKind)
	case Struct, ListValue:
		ok = has(1, protoreflect.MessageKind)
	case Value:
		ok = has(1, protoreflect.EnumKind) && has(2, protoreflect.DoubleKind) && has(3, protoreflect.StringKind) &&
			has(4, protoreflect.BoolKind) && has(5, protoreflect.MessageKind) && has(6, protoreflect.MessageKind)
	case DoubleValue, FloatValue, Int64Value, UInt64Value, Int32Value, UInt32Value, BoolValue, StringValue, BytesValue:
		ok = fields.Len() == 1 && fields.ByNumber(1) != nil
	}
	if !ok {
		return NotWellKnown
	}
	return w
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
