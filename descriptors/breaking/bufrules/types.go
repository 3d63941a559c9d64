package bufrules

import (
	"google.golang.org/protobuf/reflect/protoreflect"
)

func typeRules() []Rule {
	return []Rule{{
		ID: "FIELD_SAME_TYPE", Bytes: true, In: File | Package | CSR, InV1Beta1: File | Package | WireJSON | Wire, Breaks: code,
		Summary: "A field has another type.",
		Mend:    "add a field with a new number instead",
		Old:     `message M { int32 a = 1; }`,
		New:     `message M { int64 a = 1; }`,
		field:   typeChanged,
	}, {
		ID: "FIELD_WIRE_COMPATIBLE_TYPE", Bytes: true, In: Wire, Since: V1, Breaks: none,
		Summary: "A field has a type of another group on the wire.",
		Mend:    "add a field with a new number instead",
		Old:     `message M { int32 a = 1; }`,
		New:     `message M { sint32 a = 1; }`,
		field: func(c *check, old, new protoreflect.FieldDescriptor) {
			c.compatibleType(old, new, sameOnWire)
		},
	}, {
		ID: "FIELD_WIRE_JSON_COMPATIBLE_TYPE", Bytes: true, In: WireJSON | CSR, Since: V1, Breaks: keys,
		Summary: "A field has a type of another group on the wire or in JSON.",
		Mend:    "add a field with a new number instead",
		Old:     `message M { int32 a = 1; }`,
		New:     `message M { int64 a = 1; }`,
		field: func(c *check, old, new protoreflect.FieldDescriptor) {
			c.compatibleType(old, new, sameInJSON)
		},
	}}
}

// typePlace is where a field names its type.
func typePlace(f protoreflect.FieldDescriptor) place {
	return firstOf(part(f, fieldType), part(f, fieldTypeName), whole(f))
}

// typeName is a field's type as source spells it, with full names.
func typeName(f protoreflect.FieldDescriptor) string {
	switch {
	case f.Kind() == protoreflect.GroupKind:
		return "delimited " + string(f.Message().FullName())
	case f.Message() != nil:
		return string(f.Message().FullName())
	case f.Enum() != nil:
		return string(f.Enum().FullName())
	}
	return f.Kind().String()
}

func (c *check) typeFinding(old, new protoreflect.FieldDescriptor) {
	c.changed(old, new, typePlace(new), "%s changed from %s to %s", label(new), typeName(old), typeName(new))
}

func typeChanged(c *check, old, new protoreflect.FieldDescriptor) {
	if typeName(old) != typeName(new) || old.Kind() != new.Kind() {
		c.typeFinding(old, new)
	}
}

func (c *check) compatibleType(old, new protoreflect.FieldDescriptor, same func(old, new protoreflect.Kind) bool) {
	compatible := same(old.Kind(), new.Kind())
	if old.Kind() == new.Kind() {
		switch {
		case old.Enum() != nil:
			compatible = enumFits(old.Enum(), new.Enum())
		case old.Message() != nil:
			compatible = old.Message().FullName() == new.Message().FullName()
		}
	}
	if !compatible {
		c.typeFinding(old, new)
	}
}

// enumFits: another enum of the same last name that has all the values, names
// and numbers, can take an enum's place.
func enumFits(old, new protoreflect.EnumDescriptor) bool {
	if old.FullName() == new.FullName() {
		return true
	}
	if old.Name() != new.Name() {
		return false
	}
	numbers := make(map[protoreflect.Name]protoreflect.EnumNumber)
	for i := range new.Values().Len() {
		numbers[new.Values().Get(i).Name()] = new.Values().Get(i).Number()
	}
	for i := range old.Values().Len() {
		v := old.Values().Get(i)
		if n, ok := numbers[v.Name()]; !ok || n != v.Number() {
			return false
		}
	}
	return true
}

// sameOnWire are the groups of kinds that buf takes for one another: the
// second may replace the first.
func sameOnWire(old, new protoreflect.Kind) bool {
	return old == protoreflect.StringKind && new == protoreflect.BytesKind || wireGroup(old) == wireGroup(new)
}

func wireGroup(k protoreflect.Kind) protoreflect.Kind {
	switch k {
	case protoreflect.Int64Kind, protoreflect.Uint32Kind, protoreflect.Uint64Kind, protoreflect.BoolKind:
		return protoreflect.Int32Kind
	case protoreflect.Sint64Kind:
		return protoreflect.Sint32Kind
	case protoreflect.Sfixed32Kind:
		return protoreflect.Fixed32Kind
	case protoreflect.Sfixed64Kind:
		return protoreflect.Fixed64Kind
	}
	return k
}

func sameInJSON(old, new protoreflect.Kind) bool { return jsonGroup(old) == jsonGroup(new) }

func jsonGroup(k protoreflect.Kind) protoreflect.Kind {
	switch k {
	case protoreflect.Uint32Kind:
		return protoreflect.Int32Kind
	case protoreflect.Uint64Kind:
		return protoreflect.Int64Kind
	case protoreflect.Sfixed32Kind:
		return protoreflect.Fixed32Kind
	case protoreflect.Sfixed64Kind:
		return protoreflect.Fixed64Kind
	}
	return k
}
