package bufrules

import (
	"slices"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
)

func enumRules() []Rule {
	return []Rule{{
		ID: "ENUM_VALUE_NO_DELETE", In: File | Package | CSR, Breaks: keys,
		Summary: "No value has the number any more.",
		Mend:    "keep the value, and mark it deprecated",
		Old:     `enum E { NONE = 0; BUY = 1; }`,
		New:     `enum E { NONE = 0; }`,
		enum:    valueGone,
	}, {
		ID: "ENUM_VALUE_NO_DELETE_UNLESS_NUMBER_RESERVED", In: WireJSON | Wire | CSR, Breaks: none,
		Summary: "No value has the number any more, and it is not reserved.",
		Mend:    "reserve the number",
		Old:     `enum E { NONE = 0; BUY = 1; }`,
		New:     `enum E { NONE = 0; }`,
		enum:    valueGoneNumberFree,
	}, {
		ID: "ENUM_VALUE_NO_DELETE_UNLESS_NAME_RESERVED", In: WireJSON | CSR, Breaks: keys,
		Summary: "No value has the number any more, and not all of its names are reserved.",
		Mend:    "reserve the names",
		Old:     `enum E { NONE = 0; BUY = 1; }`,
		New:     `enum E { NONE = 0; reserved 1; }`,
		enum:    valueGoneNameFree,
	}, {
		ID: "ENUM_VALUE_SAME_NAME", In: File | Package | WireJSON | CSR, Breaks: keys,
		Summary: "A number lost a name that it had.",
		Mend:    "keep the name, or keep it beside the new one with allow_alias",
		Old:     `enum E { NONE = 0; BUY = 1; }`,
		New:     `enum E { NONE = 0; PURCHASE = 1; }`,
		enum:    valueRenamed,
	}, {
		ID: "ENUM_SAME_TYPE", In: File | Package, Breaks: code,
		Summary: "An open enum became closed, or the reverse.",
		Mend:    "set features.enum_type to what the enum was",
		Old:     `enum E { NONE = 0; }`,
		New:     `enum E { option features.enum_type = CLOSED; NONE = 0; }`,
		enum:    closednessChanged,
	}, {
		ID: "ENUM_SAME_JSON_FORMAT", In: File | Package | WireJSON | CSR, Breaks: keys,
		Summary: "The enum's JSON is only supported as far as it goes, and was in full.",
		Mend:    "set features.json_format to ALLOW",
		Old:     `enum E { NONE = 0; }`,
		New:     `enum E { option features.json_format = LEGACY_BEST_EFFORT; NONE = 0; }`,
		enum: func(c *check, old, new protoreflect.EnumDescriptor) {
			if jsonAllowed(old) && !jsonAllowed(new) {
				c.changed(old, new, firstOf(part(new, enumOptions, enumFeatures, featureJSON), whole(new)),
					"JSON of enum %s was supported in full and is LEGACY_BEST_EFFORT", nested(new))
			}
		},
	}}
}

// none: nobody is hurt by the change itself.
var none = []string{}

// valuesOf are the values of each number, in order, and the numbers in the
// order in which they first appear.
func valuesOf(e protoreflect.EnumDescriptor) (numbers []protoreflect.EnumNumber, values map[protoreflect.EnumNumber][]protoreflect.EnumValueDescriptor) {
	values = make(map[protoreflect.EnumNumber][]protoreflect.EnumValueDescriptor)
	for i := range e.Values().Len() {
		v := e.Values().Get(i)
		if values[v.Number()] == nil {
			numbers = append(numbers, v.Number())
		}
		values[v.Number()] = append(values[v.Number()], v)
	}
	return numbers, values
}

func (c *check) lostNumbers(old, new protoreflect.EnumDescriptor, step func(values []protoreflect.EnumValueDescriptor)) {
	numbers, values := valuesOf(old)
	_, left := valuesOf(new)
	for _, n := range numbers {
		if left[n] == nil {
			step(values[n])
		}
	}
}

func valueGone(c *check, old, new protoreflect.EnumDescriptor) {
	c.lostNumbers(old, new, func(values []protoreflect.EnumValueDescriptor) {
		c.gone(values[0], new, "%s, number %d of enum %s, is gone", named(values), values[0].Number(), nested(new))
	})
}

func valueGoneNumberFree(c *check, old, new protoreflect.EnumDescriptor) {
	c.lostNumbers(old, new, func(values []protoreflect.EnumValueDescriptor) {
		if n := values[0].Number(); !new.ReservedRanges().Has(n) {
			c.gone(values[0], new, "%s of enum %s is gone and its number %d is not reserved", named(values), nested(new), n)
		}
	})
}

func valueGoneNameFree(c *check, old, new protoreflect.EnumDescriptor) {
	c.lostNumbers(old, new, func(values []protoreflect.EnumValueDescriptor) {
		free := slices.DeleteFunc(slices.Clone(values), func(v protoreflect.EnumValueDescriptor) bool {
			return new.ReservedNames().Has(v.Name())
		})
		if len(free) > 0 {
			c.gone(values[0], new, "number %d of enum %s is gone and its name %s is not reserved", values[0].Number(), nested(new), named(free))
		}
	})
}

func named(values []protoreflect.EnumValueDescriptor) string {
	var names []string
	for _, v := range values {
		names = append(names, string(v.Name()))
	}
	return strings.Join(names, ", ")
}

func valueRenamed(c *check, old, new protoreflect.EnumDescriptor) {
	numbers, before := valuesOf(old)
	_, after := valuesOf(new)
	for _, n := range numbers {
		lost := slices.DeleteFunc(slices.Clone(before[n]), func(v protoreflect.EnumValueDescriptor) bool {
			return slices.ContainsFunc(after[n], func(w protoreflect.EnumValueDescriptor) bool { return w.Name() == v.Name() })
		})
		if len(lost) == 0 {
			continue
		}
		for _, w := range after[n] {
			c.changed(before[n][0], w, part(w, valueNumber), "number %d of enum %s was named %s and is %s", n, nested(new), named(before[n]), named(after[n]))
		}
	}
}

func closednessChanged(c *check, old, new protoreflect.EnumDescriptor) {
	if old.IsClosed() == new.IsClosed() {
		return
	}
	words := map[bool]string{true: "closed", false: "open"}
	c.changed(old, new, firstOf(part(new, enumOptions, enumFeatures, featureEnumType), whole(new)),
		"enum %s was %s and is %s", nested(new), words[old.IsClosed()], words[new.IsClosed()])
}

func jsonAllowed(d protoreflect.Descriptor) bool {
	if d.ParentFile().Syntax() == protoreflect.Proto2 {
		return false
	}
	format, _ := resolved(d, func(f *descriptorpb.FeatureSet) (descriptorpb.FeatureSet_JsonFormat, bool) {
		return f.GetJsonFormat(), f.GetJsonFormat() != 0
	})
	return format != descriptorpb.FeatureSet_LEGACY_BEST_EFFORT
}
