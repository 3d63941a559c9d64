package bufrules

import (
	"google.golang.org/protobuf/reflect/protoreflect"
)

func fieldRules() []Rule {
	return []Rule{{
		ID: "FIELD_NO_DELETE", In: File | Package | CSR, Breaks: code,
		Summary: "No field of the message has the number any more.",
		Mend:    "keep the field, and mark it deprecated",
		Old:     `message M { string a = 1; string b = 2; }`,
		New:     `message M { string a = 1; reserved 2; }`,
		message: fieldGone,
	}, {
		ID: "FIELD_NO_DELETE_UNLESS_NUMBER_RESERVED", In: WireJSON | Wire | CSR, Breaks: none,
		Summary: "A field is gone and its number is not reserved.",
		Mend:    "reserve the number",
		Old:     `message M { string a = 1; string b = 2; }`,
		New:     `message M { string a = 1; }`,
		message: fieldGoneNumberFree,
	}, {
		ID: "FIELD_NO_DELETE_UNLESS_NAME_RESERVED", In: WireJSON | CSR, Breaks: none,
		Summary: "A field is gone and its name is not reserved.",
		Mend:    "reserve the name",
		Old:     `message M { string a = 1; string b = 2; }`,
		New:     `message M { string a = 1; reserved 2; }`,
		message: fieldGoneNameFree,
	}, {
		ID: "FIELD_SAME_NAME", In: File | Package | WireJSON | CSR, Breaks: keys,
		Summary: "A field number has another name.",
		Mend:    "keep the name",
		Old:     `message M { string a = 1; }`,
		New:     `message M { string b = 1; }`,
		field:   fieldRenamed,
	}, {
		ID: "FIELD_SAME_JSON_NAME", In: File | Package | WireJSON | CSR, Breaks: keys,
		Summary: "A field has another name in JSON.",
		Mend:    "set json_name to what it was",
		Old:     `message M { string a = 1; }`,
		New:     `message M { string a = 1 [json_name = "b"]; }`,
		field:   jsonNameChanged,
	}, {
		ID: "FIELD_SAME_ONEOF", In: File | Package | WireJSON | Wire | CSR, Breaks: code,
		Summary: "A field went into a oneof, out of one, or to another one.",
		Mend:    "leave the field where it was",
		Old:     `message M { string a = 1; }`,
		New:     `message M { oneof kind { string a = 1; } }`,
		field:   oneofChanged,
	}, {
		ID: "FIELD_SAME_CARDINALITY", Bytes: true, In: File | Package, InV1Beta1: File | Package | WireJSON | Wire, Breaks: code,
		Summary: "A field changed between optional, implicit, required, repeated and map.",
		Mend:    "add a field with a new number instead",
		Old:     `message M { string a = 1; }`,
		New:     `message M { repeated string a = 1; }`,
		field: func(c *check, old, new protoreflect.FieldDescriptor) {
			c.cardinality(old, new, func(x cardinality) int { return int(x) })
		},
	}, {
		ID: "FIELD_WIRE_COMPATIBLE_CARDINALITY", Bytes: true, In: Wire, Breaks: none,
		Summary: "A field changed between singular, required and many.",
		Mend:    "add a field with a new number instead",
		Old:     `message M { string a = 1; }`,
		New:     `message M { repeated string a = 1; }`,
		field: func(c *check, old, new protoreflect.FieldDescriptor) {
			c.cardinality(old, new, cardinality.onWire)
		},
	}, {
		ID: "FIELD_WIRE_JSON_COMPATIBLE_CARDINALITY", Bytes: true, In: WireJSON | CSR, Breaks: keys,
		Summary: "A field changed between singular, required, repeated and map.",
		Mend:    "add a field with a new number instead",
		Old:     `message M { string a = 1; }`,
		New:     `message M { repeated string a = 1; }`,
		field: func(c *check, old, new protoreflect.FieldDescriptor) {
			c.cardinality(old, new, cardinality.inJSON)
		},
	}}
}

func (c *check) lostFields(old, new protoreflect.MessageDescriptor, step func(f protoreflect.FieldDescriptor)) {
	for i := range old.Fields().Len() {
		if f := old.Fields().Get(i); c.new.field(new, f.Number()) == nil {
			step(f)
		}
	}
}

func fieldGone(c *check, old, new protoreflect.MessageDescriptor) {
	c.lostFields(old, new, func(f protoreflect.FieldDescriptor) {
		c.gone(f, new, "field %s, number %d of %s, is gone", f.Name(), f.Number(), nested(new))
	})
}

func fieldGoneNumberFree(c *check, old, new protoreflect.MessageDescriptor) {
	c.lostFields(old, new, func(f protoreflect.FieldDescriptor) {
		if !new.ReservedRanges().Has(f.Number()) {
			c.gone(f, new, "field %s of %s is gone and its number %d is not reserved", f.Name(), nested(new), f.Number())
		}
	})
}

func fieldGoneNameFree(c *check, old, new protoreflect.MessageDescriptor) {
	c.lostFields(old, new, func(f protoreflect.FieldDescriptor) {
		if !new.ReservedNames().Has(f.Name()) {
			c.gone(f, new, "field %d of %s is gone and its name %s is not reserved", f.Number(), nested(new), f.Name())
		}
	})
}

// nameOf is a field's name; of an extension, its full one.
func nameOf(f protoreflect.FieldDescriptor) string {
	if f.IsExtension() {
		return string(f.FullName())
	}
	return string(f.Name())
}

func fieldRenamed(c *check, old, new protoreflect.FieldDescriptor) {
	if nameOf(old) != nameOf(new) {
		c.changed(old, new, part(new, fieldName), "field %d of %s was named %s and is %s",
			new.Number(), nested(new.ContainingMessage()), nameOf(old), nameOf(new))
	}
}

func jsonNameChanged(c *check, old, new protoreflect.FieldDescriptor) {
	if !new.IsExtension() && old.JSONName() != new.JSONName() {
		c.changed(old, new, firstOf(part(new, fieldJSONName), whole(new)), "%s was %q in JSON and is %q", label(new), old.JSONName(), new.JSONName())
	}
}

// label is how messages call a field.
func label(f protoreflect.FieldDescriptor) string {
	if f.IsExtension() {
		return "extension " + string(f.FullName())
	}
	return "field " + nested(f)
}

// oneofOf is the oneof that the source puts a field in; nil for none.
func oneofOf(f protoreflect.FieldDescriptor) protoreflect.OneofDescriptor {
	if o := f.ContainingOneof(); o != nil && !o.IsSynthetic() {
		return o
	}
	return nil
}

func oneofChanged(c *check, old, new protoreflect.FieldDescriptor) {
	from, to := oneofOf(old), oneofOf(new)
	switch {
	case from == nil && to == nil:
	case from == nil:
		c.changed(old, new, whole(new), "%s went into the oneof %s", label(new), to.Name())
	case to == nil:
		c.changed(old, new, whole(new), "%s left the oneof %s", label(new), from.Name())
	case from.Name() != to.Name():
		c.changed(old, new, whole(new), "%s went from the oneof %s to %s", label(new), from.Name(), to.Name())
	}
}

// cardinality is how often a field stands, and whether its absence shows.
type cardinality int

const (
	explicit cardinality = iota
	implicit
	required
	repeated
	aMap
)

func cardinalityOf(f protoreflect.FieldDescriptor) cardinality {
	switch {
	case f.IsMap():
		return aMap
	case f.Cardinality() == protoreflect.Repeated:
		return repeated
	case f.Cardinality() == protoreflect.Required:
		return required
	case f.HasPresence():
		return explicit
	}
	return implicit
}

// String is what messages call it.
func (x cardinality) String() string {
	return [...]string{"optional", "implicit", "required", "repeated", "a map"}[x]
}

// onWire and inJSON are equal for those that a reader cannot tell apart.
func (x cardinality) onWire() int {
	return int([...]cardinality{explicit, explicit, required, repeated, repeated}[x])
}

func (x cardinality) inJSON() int {
	return int([...]cardinality{explicit, explicit, required, repeated, aMap}[x])
}

func isEntry(f protoreflect.FieldDescriptor) bool { return f.ContainingMessage().IsMapEntry() }

func (c *check) cardinality(old, new protoreflect.FieldDescriptor, class func(cardinality) int) {
	from, to := cardinalityOf(old), cardinalityOf(new)
	if class(from) != class(to) && !(isEntry(old) && isEntry(new)) {
		c.changed(old, new, whole(new), "%s was %v and is %v", label(new), from, to)
	}
}
