package bufrules

import (
	"fmt"
	"strconv"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
)

func fileRules() []Rule {
	rules := []Rule{{
		ID: "FILE_SAME_PACKAGE", In: File | Package | WireJSON | Wire | CSR, InV1Beta1: File, Breaks: keys,
		Summary: "A file has another package: every type in it has another full name.",
		Mend:    "keep the package",
		Old:     "edition = \"2023\"; package p; message M {}",
		New:     "edition = \"2023\"; package q; message M {}",
		file: func(c *check, old, new protoreflect.FileDescriptor) {
			if old.Package() != new.Package() {
				c.changed(old, new, part(new, filePackage), "the package of %s was %s and is %s", new.Path(), orNone(old.Package()), orNone(new.Package()))
			}
		},
	}, {
		ID: "FILE_SAME_SYNTAX", In: File | Package | CSR, Breaks: code,
		Summary: "A file changed between proto2, proto3 and editions.",
		Mend:    "keep the syntax",
		Old:     `syntax = "proto3"; package p; message M { optional string a = 1; }`,
		New:     `edition = "2023"; package p; message M { string a = 1; }`,
		file: func(c *check, old, new protoreflect.FileDescriptor) {
			if old.Syntax() != new.Syntax() {
				c.changed(old, new, firstOf(part(new, fileSyntax), part(new, fileEdition)), "the syntax of %s was %v and is %v", new.Path(), old.Syntax(), new.Syntax())
			}
		},
	}}
	for _, o := range fileOptionsTable() {
		rules = append(rules, o.rule())
	}
	return rules
}

func orNone(pkg protoreflect.FullName) string {
	if pkg == "" {
		return "none"
	}
	return string(pkg)
}

// fileOption is a file option whose value must stay. example are two values
// as source spells them.
type fileOption struct {
	name    string
	tag     int32
	get     func(*descriptorpb.FileOptions) any
	example [2]string
}

func fileOptionsTable() []fileOption {
	type o = *descriptorpb.FileOptions
	text := [2]string{`"a"`, `"b"`}
	flag := [2]string{"true", "false"}
	return []fileOption{
		{"go_package", 11, func(x o) any { return x.GetGoPackage() }, [2]string{`"example.com/a"`, `"example.com/b"`}},
		{"java_package", 1, func(x o) any { return x.GetJavaPackage() }, text},
		{"java_multiple_files", 10, func(x o) any { return x.GetJavaMultipleFiles() }, flag},
		{"java_outer_classname", 8, func(x o) any { return x.GetJavaOuterClassname() }, [2]string{`"A"`, `"B"`}},
		{"java_generic_services", 17, func(x o) any { return x.GetJavaGenericServices() }, flag},
		{"cc_enable_arenas", 31, func(x o) any { return x.GetCcEnableArenas() }, flag},
		{"cc_generic_services", 16, func(x o) any { return x.GetCcGenericServices() }, flag},
		{"csharp_namespace", 37, func(x o) any { return x.GetCsharpNamespace() }, text},
		{"objc_class_prefix", 36, func(x o) any { return x.GetObjcClassPrefix() }, text},
		{"optimize_for", 9, func(x o) any { return x.GetOptimizeFor() }, [2]string{"SPEED", "CODE_SIZE"}},
		{"php_class_prefix", 40, func(x o) any { return x.GetPhpClassPrefix() }, text},
		{"php_metadata_namespace", 44, func(x o) any { return x.GetPhpMetadataNamespace() }, text},
		{"php_namespace", 41, func(x o) any { return x.GetPhpNamespace() }, text},
		{"py_generic_services", 18, func(x o) any { return x.GetPyGenericServices() }, flag},
		{"ruby_package", 45, func(x o) any { return x.GetRubyPackage() }, text},
		{"swift_prefix", 39, func(x o) any { return x.GetSwiftPrefix() }, text},
	}
}

func (o fileOption) rule() Rule {
	source := func(value string) string {
		return `syntax = "proto3"; package p; option ` + o.name + " = " + value + "; message M {}"
	}
	return Rule{
		ID: "FILE_SAME_" + strings.ToUpper(o.name), In: File | Package, Breaks: code,
		Summary: "The file option " + o.name + " has another value.",
		Mend:    "set " + o.name + " to what it was",
		Old:     source(o.example[0]),
		New:     source(o.example[1]),
		file: func(c *check, old, new protoreflect.FileDescriptor) {
			if from, to := o.value(old), o.value(new); from != to {
				c.changed(old, new, part(new, fileOptions, o.tag), "the option %s of %s was %s and is %s", o.name, new.Path(), quoted(from), quoted(to))
			}
		},
	}
}

// OptionChange is a file option of the rules FILE_SAME_… whose value changed.
type OptionChange struct {
	// Name is the option's, Old and New are its values as source spells them.
	Name, Old, New string
	// Place is where the new file sets it, if it does.
	Place protoreflect.SourcePath
}

// ChangedOptions are the options that decide what generated code looks like
// and have other values in a new state of a file.
func ChangedOptions(old, new protoreflect.FileDescriptor) []OptionChange {
	var all []OptionChange
	for _, o := range fileOptionsTable() {
		if from, to := o.value(old), o.value(new); from != to {
			all = append(all, OptionChange{o.name, quoted(from), quoted(to), protoreflect.SourcePath{fileOptions, o.tag}})
		}
	}
	return all
}

func (o fileOption) value(f protoreflect.FileDescriptor) any {
	options, _ := f.Options().(*descriptorpb.FileOptions)
	return o.get(options)
}

func quoted(value any) string {
	if text, ok := value.(string); ok {
		return strconv.Quote(text)
	}
	return fmt.Sprint(value)
}
