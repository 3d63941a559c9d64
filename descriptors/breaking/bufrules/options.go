package bufrules

import (
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
)

// Tags of FieldOptions and FileOptions.
const (
	fieldCtype, fieldJstype = 1, 6
	fileJavaStringCheckUTF8 = 27
)

func optionRules() []Rule {
	return []Rule{{
		ID: "FIELD_SAME_DEFAULT", In: File | Package | WireJSON | Wire | CSR, Since: V2, Breaks: code,
		Summary: "A field has another default.",
		Mend:    "keep the default",
		Old:     `message M { int32 a = 1 [default = 1]; }`,
		New:     `message M { int32 a = 1 [default = 2]; }`,
		field:   defaultChanged,
	}, {
		ID: "FIELD_SAME_UTF8_VALIDATION", In: File | Package, Breaks: code,
		Summary: "Whether a string is validated changed.",
		Mend:    "set features.utf8_validation to what it was",
		Old:     `message M { string a = 1; }`,
		New:     `message M { string a = 1 [features.utf8_validation = NONE]; }`,
		field:   utf8Changed,
	}, {
		ID: "FIELD_SAME_JAVA_UTF8_VALIDATION", In: File | Package, Breaks: code,
		Summary: "Whether Java validates a string changed.",
		Mend:    "set java_string_check_utf8, or the feature (pb.java).utf8_validation, to what it was",
		Old:     `message M { string a = 1; }`,
		New:     `message M { string a = 1 [features.utf8_validation = NONE]; }`,
		field:   javaUTF8Changed,
	}, {
		ID: "FIELD_SAME_CPP_STRING_TYPE", In: File | Package, Breaks: code,
		Summary: "A string or bytes field has another type in C++.",
		Mend:    "set ctype, or the feature (pb.cpp).string_type, to what it was",
		Old:     `message M { string a = 1; }`,
		New:     `message M { string a = 1 [ctype = CORD]; }`,
		field:   cppStringTypeChanged,
	}, {
		ID: "FIELD_SAME_JSTYPE", In: File | Package, Breaks: code,
		Summary: "A 64-bit field has another type in JavaScript.",
		Mend:    "set jstype to what it was",
		Old:     `message M { int64 a = 1; }`,
		New:     `message M { int64 a = 1 [jstype = JS_STRING]; }`,
		field:   jstypeChanged,
	}}
}

func bothStrings(old, new protoreflect.FieldDescriptor) bool {
	return old.Kind() == protoreflect.StringKind && new.Kind() == protoreflect.StringKind
}

func validation(on bool) string {
	if on {
		return "validated"
	}
	return "not validated"
}

func utf8Changed(c *check, old, new protoreflect.FieldDescriptor) {
	if !bothStrings(old, new) {
		return
	}
	if from, to := validatesUTF8(old), validatesUTF8(new); from != to {
		c.changed(old, new, firstOf(part(new, fieldOptions, fieldFeatures, featureUTF8), whole(new)),
			"the text of %s was %s and is %s", label(new), validation(from), validation(to))
	}
}

func javaUTF8Changed(c *check, old, new protoreflect.FieldDescriptor) {
	if !bothStrings(old, new) {
		return
	}
	from, to := javaValidatesUTF8(old), javaValidatesUTF8(new)
	if from == to {
		return
	}
	at := firstOf(part(new, fieldOptions, fieldFeatures, javaFeatures, javaUTF8), part(new, fieldOptions, fieldFeatures),
		part(new.ParentFile(), fileOptions, fileJavaStringCheckUTF8), whole(new))
	c.changed(old, new, at, "the text of %s was %s in Java and is %s", label(new), validation(from), validation(to))
}

func hasText(f protoreflect.FieldDescriptor) bool {
	return f.Kind() == protoreflect.StringKind || f.Kind() == protoreflect.BytesKind
}

func cppStringTypeChanged(c *check, old, new protoreflect.FieldDescriptor) {
	if !hasText(old) || !hasText(new) || isEntry(new) {
		return
	}
	from, to := cppStringTypeOf(old), cppStringTypeOf(new)
	if from == to || from == "STRING_PIECE" && to == "STRING" {
		return
	}
	at := firstOf(part(new, fieldOptions, fieldCtype), part(new, fieldOptions, fieldFeatures, cppFeatures, cppStringType), whole(new))
	c.changed(old, new, at, "%s was %s in C++ and is %s", label(new), from, to)
}

func is64Bit(f protoreflect.FieldDescriptor) bool {
	switch f.Kind() {
	case protoreflect.Int64Kind, protoreflect.Uint64Kind, protoreflect.Sint64Kind, protoreflect.Fixed64Kind, protoreflect.Sfixed64Kind:
		return true
	}
	return false
}

func jstypeOf(f protoreflect.FieldDescriptor) descriptorpb.FieldOptions_JSType {
	o, _ := f.Options().(*descriptorpb.FieldOptions)
	return o.GetJstype()
}

func jstypeChanged(c *check, old, new protoreflect.FieldDescriptor) {
	if from, to := jstypeOf(old), jstypeOf(new); is64Bit(old) && is64Bit(new) && from != to {
		c.changed(old, new, firstOf(part(new, fieldOptions, fieldJstype), whole(new)), "%s was %v in JavaScript and is %v", label(new), from, to)
	}
}

func defaultChanged(c *check, old, new protoreflect.FieldDescriptor) {
	from, ok := defaultOf(old)
	to, ok2 := defaultOf(new)
	if ok && ok2 && !from.equal(to) {
		c.changed(old, new, firstOf(part(new, fieldDefault), whole(new)), "the default of %s was %s and is %s", label(new), from.text, to.text)
	}
}
