package bufrules

import (
	"slices"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// Set is a set of categories.
type Set uint8

// The categories.
const (
	File Set = 1 << iota
	Package
	WireJSON
	Wire
	CSR
)

// CategoryNames are the categories in the order of lists.
func CategoryNames() []string { return []string{"FILE", "PACKAGE", "WIRE_JSON", "WIRE", "CSR"} }

// Names are the categories of the set.
func (s Set) Names() []string {
	names := []string{}
	for i, name := range CategoryNames() {
		if s&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	return names
}

// Version is that of a buf.yaml, which decides which rules there are.
type Version uint8

// The versions, oldest first.
const (
	V1Beta1 Version = iota + 1
	V1
	V2
)

// Rule is one row of the table. Of the checks one is set.
type Rule struct {
	ID string
	// In are its categories in a buf.yaml of version 2.
	In Set
	// Since is the version that it came with, 0 for the first.
	Since Version
	// InV1Beta1 are its categories in version v1beta1 where they differ.
	InV1Beta1 Set
	// Breaks is whom a finding hurts by itself: code, json, rpc.
	Breaks []string
	// Bytes: the rule is about how a field's bytes are read.
	Bytes bool
	// Summary is one sentence: what the rule finds.
	Summary string
	// Mend is what to do about a finding.
	Mend string
	// Old and New are a small schema before and after a change that the rule
	// finds, without the head of the file where they begin with none.
	Old, New string

	run     func(c *check)
	file    func(c *check, old, new protoreflect.FileDescriptor)
	message func(c *check, old, new protoreflect.MessageDescriptor)
	enum    func(c *check, old, new protoreflect.EnumDescriptor)
	field   func(c *check, old, new protoreflect.FieldDescriptor)
	service func(c *check, old, new protoreflect.ServiceDescriptor)
	method  func(c *check, old, new protoreflect.MethodDescriptor)
}

// Categories are those that the rule has in a version; none where the version
// does not know the rule.
func (r *Rule) Categories(v Version) Set {
	switch {
	case v < r.Since:
		return 0
	case v == V1Beta1 && r.InV1Beta1 != 0:
		return r.InV1Beta1
	case v < V2:
		return r.In &^ CSR
	}
	return r.In
}

// Rules is the table.
func Rules() []Rule {
	return slices.Concat(deletionRules(), packageRules(), enumRules(), reservedRules(), fieldRules(), typeRules(), optionRules(), messageRules(), methodRules(), fileRules())
}

// Replacements are the rules that stand for an id that is no rule any more in
// a version; ok is false for an id that never was one there. An empty list is
// an id that does nothing.
func Replacements(id string, v Version) (ids []string, ok bool) {
	const inV2 = "MESSAGE_SAME_MESSAGE_SET_WIRE_FORMAT" // the only one that version 2 still has
	if v == V2 && id != inV2 {
		return nil, false
	}
	switch id {
	case "FIELD_SAME_CTYPE":
		return []string{"FIELD_SAME_CPP_STRING_TYPE"}, true
	case "FIELD_SAME_LABEL":
		return []string{"FIELD_SAME_CARDINALITY", "FIELD_WIRE_COMPATIBLE_CARDINALITY", "FIELD_WIRE_JSON_COMPATIBLE_CARDINALITY"}, true
	case "FILE_SAME_JAVA_STRING_CHECK_UTF8":
		return []string{"FIELD_SAME_JAVA_UTF8_VALIDATION"}, true
	case "FILE_SAME_PHP_GENERIC_SERVICES", inV2:
		return nil, true
	}
	return nil, false
}
