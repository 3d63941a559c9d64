package bufrules

import (
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
)

const messageNoAccessor = 2 // of MessageOptions

func messageRules() []Rule {
	return []Rule{{
		ID: "MESSAGE_SAME_JSON_FORMAT", In: File | Package | WireJSON | CSR, Breaks: keys,
		Summary: "The message's JSON is only supported as far as it goes, and was in full.",
		Mend:    "set features.json_format to ALLOW",
		Old:     `message M { string a = 1; }`,
		New:     `message M { option features.json_format = LEGACY_BEST_EFFORT; string a = 1; }`,
		message: func(c *check, old, new protoreflect.MessageDescriptor) {
			if jsonAllowed(old) && !jsonAllowed(new) {
				c.changed(old, new, firstOf(part(new, messageOptions, messageFeatures, featureJSON), whole(new)),
					"JSON of message %s was supported in full and is LEGACY_BEST_EFFORT", nested(new))
			}
		},
	}, {
		ID: "MESSAGE_SAME_REQUIRED_FIELDS", In: File | Package | WireJSON | Wire | CSR, Breaks: none,
		Summary: "The message requires a field that it did not require, or the reverse.",
		Mend:    "leave required fields as they are, and add none",
		Old:     `syntax = "proto2"; package p; message M { optional string a = 1; }`,
		New:     `syntax = "proto2"; package p; message M { required string a = 1; }`,
		message: requiredChanged,
	}, {
		ID: "MESSAGE_NO_REMOVE_STANDARD_DESCRIPTOR_ACCESSOR", In: File | Package | CSR, Breaks: code,
		Summary: "Generated code for the message lost its descriptor accessor.",
		Mend:    "leave no_standard_descriptor_accessor out",
		Old:     `message M { string a = 1; }`,
		New:     `message M { option no_standard_descriptor_accessor = true; string a = 1; }`,
		message: func(c *check, old, new protoreflect.MessageDescriptor) {
			if !withoutAccessor(old) && withoutAccessor(new) {
				c.changed(old, new, firstOf(part(new, messageOptions, messageNoAccessor), whole(new)), "message %s has no standard descriptor accessor any more", nested(new))
			}
		},
	}, {
		ID: "ONEOF_NO_DELETE", In: File | Package | CSR, Breaks: code,
		Summary: "A oneof is gone from its message.",
		Mend:    "keep the oneof",
		Old:     `message M { oneof kind { string a = 1; } }`,
		New:     `message M { string a = 1; }`,
		message: oneofGone,
	}}
}

func withoutAccessor(m protoreflect.MessageDescriptor) bool {
	o, _ := m.Options().(*descriptorpb.MessageOptions)
	return o.GetNoStandardDescriptorAccessor()
}

// requiredChanged looks, as buf does, at the keyword required of proto2 only;
// rule FIELD_REQUIRED_ADDED sees the feature of editions too.
func requiredChanged(c *check, old, new protoreflect.MessageDescriptor) {
	isRequired := func(s *side, m protoreflect.MessageDescriptor, n protoreflect.FieldNumber) bool {
		f := s.field(m, n)
		return f != nil && f.Cardinality() == protoreflect.Required && m.ParentFile().Syntax() == protoreflect.Proto2
	}
	for i := range old.Fields().Len() {
		if f := old.Fields().Get(i); isRequired(c.old, old, f.Number()) && !isRequired(c.new, new, f.Number()) {
			c.changed(f, new, whole(new), "message %s does not require field %d, %s, any more", nested(new), f.Number(), f.Name())
		}
	}
	for i := range new.Fields().Len() {
		if f := new.Fields().Get(i); isRequired(c.new, new, f.Number()) && !isRequired(c.old, old, f.Number()) {
			var before protoreflect.Descriptor = old
			if was := c.old.field(old, f.Number()); was != nil {
				before = was
			}
			c.changed(before, f, whole(f), "message %s requires field %d, %s, now", nested(new), f.Number(), f.Name())
		}
	}
}

func oneofGone(c *check, old, new protoreflect.MessageDescriptor) {
	for i := range old.Oneofs().Len() {
		o := old.Oneofs().Get(i)
		if o.IsSynthetic() {
			continue
		}
		if n := new.Oneofs().ByName(o.Name()); n == nil || n.IsSynthetic() {
			c.gone(o, new, "the oneof %s of %s is gone", o.Name(), nested(new))
		}
	}
}
