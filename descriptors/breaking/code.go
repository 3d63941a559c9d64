package breaking

import (
	"google.golang.org/protobuf/reflect/protoreflect"
)

// codeCategory is the category of the rules about what is written against generated
// code, or imports a file.
const codeCategory = "CODE"

// codeRules are about users of generated code and importers: what they name
// and is not there any more, or is of another type.
func codeRules() []Rule {
	category := []string{codeCategory}
	rules := []Rule{{
		ID: "FILE_DELETED", Summary: "A file is gone: what imports it does not compile.",
		Mend: "keep the file, with an import public of where its contents went",
		Old:  "-- a.proto --\nedition = \"2023\"; package p; message A {}\n-- b.proto --\nedition = \"2023\"; package p; message B {}",
		New:  "-- a.proto --\nedition = \"2023\"; package p; message A {} message B {}", schema: codeFilesDeleted,
	}, {
		ID: "PACKAGE_RENAMED", Summary: "All that a package declared stands in another one.",
		Mend: "keep the package, and add the new one beside it",
		Old:  `edition = "2023"; package p; message A { string a = 1; }`,
		New:  `edition = "2023"; package q; message A { string a = 1; }`, schema: codePackagesRenamed,
	}, {
		ID: "TYPE_DELETED", Summary: "A message, enum or service is gone.",
		Mend: "keep the type, and mark it deprecated",
		Old:  `message A { string a = 1; } message B { int32 b = 1; }`,
		New:  `message B { int32 b = 1; }`, schema: codeTypesDeleted,
	}, {
		ID: "TYPE_MOVED", Summary: "A type has another name, or stands in a file that importers of the old one do not see.",
		Mend: "leave the type where it was; for another file, import it publicly from the old one",
		Old:  `message A { string a = 1; }`,
		New:  `message B { string a = 1; }`, schema: codeTypesMoved,
	}, {
		ID: "FIELD_DELETED", Summary: "A field is gone.",
		Mend: "keep the field, and mark it deprecated",
		Old:  `message M { string a = 1; string b = 2; }`,
		New:  `message M { string a = 1; reserved 2; }`, message: codeFieldsDeleted,
	}, {
		ID: "FIELD_RENAMED", Summary: "A field has another name.",
		Mend: "keep the name",
		Old:  `message M { string name = 1; }`,
		New:  `message M { string full_name = 1; }`, message: codeFieldsRenamed,
	}, {
		ID: "FIELD_KIND_CHANGED", Summary: "A field has another type in code.",
		Mend: "add a field with a new name and number instead",
		Old:  `message M { int32 a = 1; }`,
		New:  `message M { int64 a = 1; }`, message: codeFieldKinds,
	}, {
		ID: "FIELD_PRESENCE_CHANGED", Summary: "Code can no longer, or has to, ask whether a field is set.",
		Mend: "keep the label, or set features.field_presence to what it was",
		Old:  `message M { int32 a = 1; }`,
		New:  `message M { int32 a = 1 [features.field_presence = IMPLICIT]; }`, message: codeFieldPresence,
	}, {
		ID: "ONEOF_CHANGED", Summary: "Fields went into, out of or between oneofs, or a oneof has another name.",
		Mend: "leave the fields where they were",
		Old:  `message M { oneof kind { string a = 1; } }`,
		New:  `message M { oneof sort { string a = 1; } }`, message: codeOneofs,
	}, {
		ID: "ENUM_VALUE_DELETED", Summary: "An enum value is gone.",
		Mend: "keep the value, and mark it deprecated",
		Old:  `enum E { NONE = 0; BUY = 1; }`,
		New:  `enum E { NONE = 0; reserved 1; }`, enum: codeValuesDeleted,
	}, {
		ID: "ENUM_VALUE_RENAMED_IN_CODE", Summary: "An enum value has another name.",
		Mend: "keep the old name beside the new one with allow_alias",
		Old:  `enum E { NONE = 0; BUY = 1; }`,
		New:  `enum E { NONE = 0; E_BUY = 1; }`, enum: codeValuesRenamed,
	}, {
		ID: "METHOD_DELETED", Summary: "A method is gone.",
		Mend: "keep the method, and mark it deprecated",
		Old:  `message M { } service S { rpc Get(M) returns (M); rpc Put(M) returns (M); }`,
		New:  `message M { } service S { rpc Put(M) returns (M); }`, method: codeMethodDeleted,
	}, {
		ID: "METHOD_SIGNATURE_CHANGED", Summary: "A method takes or returns another type, or streams.",
		Mend: "add a method instead",
		Old:  `message A { } message B { string b = 1; } service S { rpc Get(A) returns (A); }`,
		New:  `message A { } message B { string b = 1; } service S { rpc Get(B) returns (A); }`, method: codeMethodSignature,
	}, {
		ID: "EXTENSION_DELETED", Summary: "An extension is gone.",
		Mend: "keep the extension, and mark it deprecated",
		Old:  `message M { extensions 10 to 20; } extend M { string note = 10; }`,
		New:  `message M { extensions 10 to 20; }`, schema: codeExtensionsDeleted,
	}, {
		ID: "EXTENSION_RANGE_REMOVED", Summary: "Numbers that extensions could have cannot be used any more.",
		Mend: "keep the extension range",
		Old:  `message M { extensions 10 to 20; }`,
		New:  `message M { extensions 10 to 15; }`, message: codeExtensionRanges,
	}, {
		ID: "IMPORT_PUBLIC_REMOVED", Summary: "A file does not import another publicly any more: what saw it through the file does not compile.",
		Mend: "keep the import public",
		Old:  "-- a.proto --\nedition = \"2023\"; package p; message A {}\n-- b.proto --\nedition = \"2023\"; package p; import public \"a.proto\";",
		New:  "-- a.proto --\nedition = \"2023\"; package p; message A {}\n-- b.proto --\nedition = \"2023\"; package p;", schema: codeImportsPublic,
	}, {
		ID: "VISIBILITY_NARROWED", Summary: "A type that other files could use is local to its file now.",
		Mend: "export the type",
		Old:  `edition = "2024"; package p; message M { string a = 1; }`,
		New:  `edition = "2024"; package p; local message M { string a = 1; }`, schema: codeVisibility,
	}, {
		ID: "FILE_OPTION_CHANGED", Summary: "A file option that decides names or shapes of generated code has another value.",
		Mend: "set the option to what it was",
		Old:  `edition = "2023"; package p; option go_package = "example.com/a";`,
		New:  `edition = "2023"; package p; option go_package = "example.com/b";`, schema: codeFileOptions,
	}}
	for i := range rules {
		rules[i].Categories, rules[i].Severity = category, Break.String()
	}
	return rules
}

// hurtsCode marks a finding as one of this category.
func hurtsCode(f *Finding, why string) *Finding {
	f.base, f.also, f.Why = Break, Code, why
	return f
}

// codeName is what users call a declaration: its name within its package.
func codeName(d protoreflect.Descriptor) string {
	name, pkg := string(d.FullName()), string(d.ParentFile().Package())
	if pkg != "" && len(name) > len(pkg) {
		return name[len(pkg)+1:]
	}
	return name
}
