package breaking

import (
	"slices"
	"strings"
	"testing"
)

// change is an edit and what it does: findings as "RULE element severity
// directions", none for a compatible edit.
type change struct {
	name, old, new string
	want           []string
}

const p2 = "syntax = \"proto2\";\npackage p;\n"
const p3 = "syntax = \"proto3\";\npackage p;\n"

func TestChanges(t *testing.T) {
	for _, group := range [][]change{numberChanges(), typeChanges(), cardinalityChanges(), presenceChanges(), enumChanges(), messageChanges(), serviceChanges(), oneofChanges(), reservedChanges(), exemptions(), groupedChanges()} {
		for _, c := range group {
			t.Run(c.name, func(t *testing.T) { c.check(t) })
		}
	}
}

func (c change) check(t *testing.T) {
	report := compareText(t, c.old, c.new, Options{})
	got := []string{}
	for _, f := range report.Findings {
		got = append(got, brief(f))
		if f.Breaks&(Backward|Forward) != 0 && f.Witness == nil {
			t.Errorf("%s has no witness", f.Rule)
		}
		if f.Breaks&(Backward|Forward) == 0 && f.Witness != nil {
			t.Errorf("%s has a witness", f.Rule)
		}
	}
	want := slices.Clone(c.want)
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q\n%s", got, want, report.AppendText(nil, TextOptions{}))
	}
}

func brief(f *Finding) string {
	return strings.TrimSpace(f.Rule + " " + f.Element + " " + f.Severity.String() + " " + strings.Join(f.Breaks.Words(), ","))
}

func numberChanges() []change {
	return []change{
		{"added field", `message M { string a = 1; }`, `message M { string a = 1; string b = 2; }`, nil},
		{"deleted and reserved", `message M { string a = 1; string b = 2; }`, `message M { string a = 1; reserved 2; }`, nil},
		{"deleted", `message M { string a = 1; string b = 2; }`, `message M { string a = 1; }`, []string{"FIELD_DELETED_NOT_RESERVED p.M.b risk"}},
		{"deleted in reserved range", `message M { string a = 1; string b = 7; }`, `message M { string a = 1; reserved 5 to 9; }`, nil},
		{"renamed", `message M { string user_name = 1; }`, `message M { string username = 1; }`, nil},
		{"renamed to a longer name", `message M { string name = 1; }`, `message M { string full_name = 1; }`, nil},
		{"renamed to the plural", `message M { repeated string tag = 1; }`, `message M { repeated string tags = 1; }`, nil},
		{"renamed by a spelling", `message M { string colour = 1; }`, `message M { string color = 1; }`, nil},
		{"renamed with the JSON name kept", `message M { string a = 1; }`, `message M { string z = 1 [json_name = "a"]; }`, nil},
		{"negated", `message M { bool enabled = 1; }`, `message M { bool not_enabled = 1; }`, []string{"FIELD_NUMBER_REUSED p.M.not_enabled risk"}},
		{"reused", `message M { string email = 1; }`, `message M { string phone = 1; }`, []string{"FIELD_NUMBER_REUSED p.M.phone risk"}},
		{"reused with another type", `message M { string email = 1; }`, `message M { int32 age = 1; }`, []string{"FIELD_NUMBER_REUSED p.M.age break backward,forward"}},
		{"reused with a narrower type", `message M { int64 size = 1; }`, `message M { int32 age = 1; }`, []string{"FIELD_NUMBER_REUSED p.M.age lossy backward"}},
		{"renumbered and reserved", `message M { string url_context = 8; }`, `message M { reserved 8; string url_context = 10; }`, []string{"FIELD_RENUMBERED p.M.url_context break backward,forward"}},
		{"renumbered", `message M { string a = 1; }`, `message M { string a = 2; }`, []string{"FIELD_RENUMBERED p.M.a break backward,forward"}},
		{"renumbered and its number taken", `message M { string isp_db_path = 2; }`, `message M { string asn_db_path = 2; string isp_db_path = 5; }`,
			[]string{"FIELD_RENUMBERED p.M.isp_db_path break backward,forward"}},
		{"replaced with another type", `message M { int32 id = 1; }`, `message M { reserved 1; string id = 2; }`, nil},
		{"replaced with another type, not reserved", `message M { int32 id = 1; }`, `message M { string id = 2; }`, []string{"FIELD_DELETED_NOT_RESERVED p.M.id risk"}},
		{"renumbered while strings become validated", p2 + `message M { optional string a = 1; }`, `message M { string a = 2; }`, []string{"FIELD_RENUMBERED p.M.a break backward,forward"}},
		{"renumbered to a wider type", `message M { int32 id = 1; }`, `message M { reserved 1; int64 id = 2; }`, []string{"FIELD_RENUMBERED p.M.id break backward,forward"}},
		{"swapped", `message M { int32 width = 7; int32 height = 8; }`, `message M { int32 height = 7; int32 width = 8; }`, []string{"FIELDS_SWAPPED p.M.height break backward,forward"}},
		{"rotated", `message M { int32 a = 1; int32 b = 2; int32 c = 3; }`, `message M { int32 b = 1; int32 c = 2; int32 a = 3; }`,
			[]string{"FIELD_RENUMBERED p.M.a break backward,forward", "FIELD_RENUMBERED p.M.b break backward,forward", "FIELD_RENUMBERED p.M.c break backward,forward"}},
		{"swapped with types swapped", `message M { int32 a = 1; string b = 2; }`, `message M { string b = 1; int32 a = 2; }`, []string{"FIELDS_SWAPPED p.M.b break backward,forward"}},
		{"only the names swapped", `message M { int32 a = 1; string b = 2; }`, `message M { int32 b = 1; string a = 2; }`,
			[]string{"FIELD_NUMBER_REUSED p.M.b risk", "FIELD_NUMBER_REUSED p.M.a risk"}},
		{"order of declaration", `message M { int32 a = 1; string b = 2; }`, `message M { string b = 2; int32 a = 1; }`, nil},
		{"field to extension", `message M { extensions 100; string a = 1; string note = 2; }`, `message M { extensions 2, 100; string a = 1; } extend M { string note = 2; }`, nil},
		{"extension deleted", `message M { extensions 100 to 110; } extend M { string x = 100; }`, `message M { extensions 100 to 110; }`, []string{"FIELD_DELETED_NOT_RESERVED p.x risk"}},
		{"extension deleted with its range", `message M { extensions 100 to 110; } extend M { string x = 100; }`, `message M { extensions 101 to 110; }`, nil},
		{"extension declared reserved", `message M { extensions 100 to 110 [verification = UNVERIFIED]; } extend M { string x = 100; }`,
			`message M { extensions 100 to 110 [declaration = { number: 100, reserved: true }]; }`, nil},
		{"extension changed its type", `message M { extensions 100; } extend M { string x = 100; }`, `message M { extensions 100; } extend M { int32 x = 100; }`,
			[]string{"FIELD_TYPE_INCOMPATIBLE p.x break backward,forward"}},
	}
}

func typeChanges() []change {
	field := func(a, b string, want ...string) change {
		for i, w := range want {
			rule, rest, _ := strings.Cut(w, " ")
			want[i] = rule + " p.M.f " + rest
		}
		return change{a + " to " + b, "message M { " + a + " f = 1; } message Empty { } enum Open { O = 0; A = 1; } enum Two { Z = 0; Y = 1; X = 2; } enum Signed { N = 0; MINUS = -1; } enum Closed { option features.enum_type = CLOSED; C = 0; D = 2; } message Str { string s = 1; } message Str2 { string s = 1; string t = 2; } message Int { int32 s = 1; }",
			"message M { " + b + " f = 1; } message Empty { } enum Open { O = 0; A = 1; } enum Two { Z = 0; Y = 1; X = 2; } enum Signed { N = 0; MINUS = -1; } enum Closed { option features.enum_type = CLOSED; C = 0; D = 2; } message Str { string s = 1; } message Str2 { string s = 1; string t = 2; } message Int { int32 s = 1; }", want}
	}
	const (
		incompatible = "FIELD_TYPE_INCOMPATIBLE break backward,forward"
		backward     = "FIELD_TYPE_LOSSY lossy backward"
		forward      = "FIELD_TYPE_LOSSY lossy forward"
		both         = "FIELD_TYPE_LOSSY lossy backward,forward"
		widened      = "FIELD_TYPE_WIDENED risk"
	)
	return []change{
		field("int32", "int32"),
		field("int32", "int64", widened),
		field("uint32", "uint64", widened),
		field("uint32", "int64", widened),
		field("sint32", "sint64", widened),
		field("bool", "int32", widened),
		field("bool", "uint64", widened),
		field("bool", "sint32", incompatible),
		field("bool", "Open", widened),
		field("bool", "Two", forward),
		field("Open", "int32", widened),
		field("Open", "int64", widened),
		field("Signed", "int64", widened),
		field("Signed", "uint32", backward),
		field("Closed", "int32", widened),
		field("Open", "sint32", incompatible),
		field("int32", "Open"),
		field("int64", "Open", backward),
		field("int32", "Closed", "FIELD_TYPE_INCOMPATIBLE break backward"),
		field("int64", "int32", backward),
		field("int32", "uint32", both),
		field("uint32", "int32", both),
		field("int32", "uint64", both),
		field("int64", "uint64", both),
		field("uint64", "uint32", backward),
		field("int64", "uint32", backward),
		field("int64", "bool", backward),
		field("int32", "sint32", incompatible),
		field("sint64", "sint32", backward),
		field("fixed32", "sfixed32", both),
		field("fixed64", "sfixed64", both),
		field("fixed32", "float", incompatible),
		field("fixed64", "double", incompatible),
		field("float", "double", incompatible),
		field("int32", "fixed32", incompatible),
		field("string", "bytes", forward),
		field("bytes", "string", backward),
		field("string", "int32", incompatible),
		field("Str", "bytes", "FIELD_TYPE_INCOMPATIBLE break forward"),
		field("bytes", "Str", "FIELD_TYPE_INCOMPATIBLE break backward"),
		field("Str", "string", incompatible),
		field("Str", "Str2"),
		field("Str2", "Str", backward),
		field("Str", "Int", incompatible),
		field("Str", "Empty", "FIELD_TYPE_INCOMPATIBLE break backward"),
		field("Empty", "Str"),
		field("Open", "Two", "FIELD_NUMBER_REUSED risk"),
		field("map<int32, string>", "map<int64, string>", widened),
		field("map<int64, string>", "map<int32, string>", backward),
		field("map<int32, string>", "map<string, string>", incompatible),
		field("map<int32, Str>", "map<int32, Str2>"),
		field("map<int32, Str2>", "map<int32, Str>", backward),
		field("map<int32, Str>", "map<int32, Int>", incompatible),
	}
}

func cardinalityChanges() []change {
	const entry = " message Entry { string key = 1; int32 value = 2; } message Three { string key = 1; int32 value = 2; int32 more = 3; }"
	field := func(a, b string, want ...string) change {
		for i, w := range want {
			rule, rest, _ := strings.Cut(w, " ")
			want[i] = rule + " p.M.f " + rest
		}
		return change{a + " to " + b, "message M { " + a + " f = 1; }" + entry, "message M { " + b + " f = 1; }" + entry, want}
	}
	return []change{
		field("string", "repeated string", "FIELD_CARDINALITY_LOSSY lossy forward"),
		field("repeated string", "string", "FIELD_CARDINALITY_LOSSY lossy backward"),
		field("Entry", "repeated Entry", "FIELD_CARDINALITY_LOSSY lossy forward"),
		field("repeated Entry", "Entry", "FIELD_CARDINALITY_LOSSY lossy backward"),
		field("int32", "repeated int32", "FIELD_CARDINALITY_INCOMPATIBLE break forward"),
		field("repeated int32", "int32", "FIELD_CARDINALITY_INCOMPATIBLE break backward"),
		field("repeated int32", "repeated int64", "FIELD_TYPE_WIDENED risk"),
		field("repeated Entry", "map<string, int32>", "FIELD_CARDINALITY_LOSSY lossy backward"),
		field("map<string, int32>", "repeated Entry", "FIELD_CARDINALITY_LOSSY lossy forward"),
		field("repeated Three", "map<string, int32>", "FIELD_CARDINALITY_LOSSY lossy backward"),
		field("map<string, int32>", "Entry", "FIELD_CARDINALITY_LOSSY lossy backward"),
		field("map<string, int32>", "string", "FIELD_CARDINALITY_INCOMPATIBLE break backward,forward"),
		{"repeated enum to singular while a value moved", `enum E { A = 0; B = 1; } message M { repeated E f = 1 [features.repeated_field_encoding = EXPANDED]; }`, `enum E { A = 0; B = 9; } message M { E f = 1; }`,
			[]string{"ENUM_VALUE_RENUMBERED p.E.B break backward,forward", "FIELD_CARDINALITY_LOSSY p.M.f lossy backward"}},
		{"packed to expanded", `message M { repeated int32 f = 1; }`, `message M { repeated int32 f = 1 [features.repeated_field_encoding = EXPANDED]; }`, nil},
		{"expanded to singular", `message M { repeated int32 f = 1 [features.repeated_field_encoding = EXPANDED]; }`, `message M { int32 f = 1; }`,
			[]string{"FIELD_CARDINALITY_LOSSY p.M.f lossy backward"}},
	}
}

func presenceChanges() []change {
	return []change{
		{"optional to required", p2 + `message M { optional int32 a = 1; }`, p2 + `message M { required int32 a = 1; }`, []string{"FIELD_REQUIRED_ADDED p.M.a break backward"}},
		{"required to optional", p2 + `message M { required int32 a = 1; }`, p2 + `message M { optional int32 a = 1; }`, []string{"FIELD_REQUIRED_REMOVED p.M.a break forward"}},
		{"new required", p2 + `message M { optional int32 a = 1; }`, p2 + `message M { optional int32 a = 1; required string b = 2; }`, []string{"FIELD_REQUIRED_ADDED p.M.b break backward"}},
		{"required deleted", p2 + `message M { required int32 a = 1; }`, p2 + `message M { reserved 1; }`, []string{"FIELD_REQUIRED_REMOVED p.M.a break forward"}},
		{"required by a feature", `message M { int32 a = 1; }`, `message M { int32 a = 1; string b = 2 [features.field_presence = LEGACY_REQUIRED]; }`, []string{"FIELD_REQUIRED_ADDED p.M.b break backward"}},
		{"required proto2 to editions", p2 + `message M { required int32 a = 1; }`, `message M { int32 a = 1 [features.field_presence = LEGACY_REQUIRED]; }`, nil},
		{"required renumbered", p2 + `message M { required int32 a = 1; }`, p2 + `message M { required int32 a = 2; }`, []string{"FIELD_RENUMBERED p.M.a break backward,forward"}},
		{"explicit to implicit", `message M { int32 a = 1; }`, `message M { int32 a = 1 [features.field_presence = IMPLICIT]; }`, nil},
		{"implicit to optional", p3 + `message M { int32 a = 1; }`, p3 + `message M { optional int32 a = 1; }`, nil},
		{"default declared", p2 + `message M { optional int32 a = 1; }`, p2 + `message M { optional int32 a = 1 [default = 7]; }`, []string{"FIELD_DEFAULT_CHANGED p.M.a lossy backward,forward"}},
		{"default of zero declared", p2 + `message M { optional int32 a = 1; }`, p2 + `message M { optional int32 a = 1 [default = 0]; }`, nil},
		{"default text", p2 + `message M { optional string a = 1 [default = "x"]; }`, p2 + `message M { optional string a = 1 [default = "y"]; }`, []string{"FIELD_DEFAULT_CHANGED p.M.a lossy backward,forward"}},
		{"default kept with a wider type", p2 + `message M { optional int32 a = 1 [default = 3]; }`, p2 + `message M { optional int64 a = 1 [default = 3]; }`, []string{"FIELD_TYPE_WIDENED p.M.a risk"}},
		{"first value of a closed enum", p2 + `enum E { A = 1; B = 2; } message M { optional E e = 1; }`, p2 + `enum E { B = 2; A = 1; } message M { optional E e = 1; }`, []string{"FIELD_DEFAULT_CHANGED p.M.e lossy backward,forward"}},
		{"first value of a closed enum, several fields", p2 + `enum E { A = 1; B = 2; } message M { optional E e = 1; optional E f = 2; }`, p2 + `enum E { B = 2; A = 1; } message M { optional E e = 1; optional E f = 2; }`,
			[]string{"FIELD_DEFAULT_CHANGED p.E lossy backward,forward"}},
		{"first value, default declared", p2 + `enum E { A = 1; B = 2; } message M { optional E e = 1 [default = A]; }`, p2 + `enum E { B = 2; A = 1; } message M { optional E e = 1 [default = A]; }`, nil},
		{"validation on", p2 + `message M { optional string s = 1; }`, p3 + `message M { optional string s = 1; }`, []string{"UTF8_VALIDATION_ADDED p.M.s lossy backward"}},
		{"validation on for a file", p2 + `message M { optional string s = 1; repeated string t = 2; map<string, string> u = 3; }`, p3 + `message M { optional string s = 1; repeated string t = 2; map<string, string> u = 3; }`,
			[]string{"UTF8_VALIDATION_ADDED p.proto lossy backward"}},
		{"validation off", p3 + `message M { string s = 1; }`, p2 + `message M { optional string s = 1; }`, []string{"UTF8_VALIDATION_REMOVED p.M.s lossy forward"}},
		{"delimited", `message M { M m = 1; }`, `message M { M m = 1 [features.message_encoding = DELIMITED]; }`, []string{"FIELD_ENCODING_CHANGED p.M.m break backward,forward"}},
		{"delimited by the file", "edition = \"2023\"; package p; message M { M m = 1; M n = 2; }", "edition = \"2023\"; package p; option features.message_encoding = DELIMITED; message M { M m = 1; M n = 2; }",
			[]string{"FIELD_ENCODING_CHANGED p.proto break backward,forward"}},
		{"group to delimited", p2 + `message M { optional group G = 1 { optional int32 a = 1; } }`, `message M { message G { int32 a = 1; } G g = 1 [features.message_encoding = DELIMITED]; }`, nil},
	}
}

func enumChanges() []change {
	const use = " message M { E e = 1; repeated E l = 2; }"
	open := func(values string) string { return "enum E { " + values + " }" + use }
	return []change{
		{"value added", open("A = 0; B = 1;"), open("A = 0; B = 1; C = 2;"), nil},
		{"value deleted and reserved", open("A = 0; B = 1;"), open("A = 0; reserved 1;"), nil},
		{"value deleted", open("A = 0; B = 1;"), open("A = 0;"), []string{"ENUM_VALUE_DELETED_NOT_RESERVED p.E.B risk"}},
		{"value renamed alike", open("A = 0; STATUS_DONE = 1;"), open("A = 0; DONE = 1;"), nil},
		{"value reused", open("A = 0; OPEN = 1;"), open("A = 0; LATE = 1;"), []string{"ENUM_VALUE_NUMBER_REUSED p.E.LATE risk"}},
		{"zero value renamed", open("NONE = 0; B = 1;"), open("UNKNOWN = 0; B = 1;"), nil},
		{"prefix gained", "enum Color { NONE = 0; RED = 1; } message M { Color c = 1; }", "enum Color { NONE = 0; COLOR_RED = 1; } message M { Color c = 1; }", nil},
		{"value renumbered", open("A = 0; B = 1;"), open("A = 0; B = 2;"), []string{"ENUM_VALUE_RENUMBERED p.E.B break backward,forward"}},
		{"value renumbered and taken", open("A = 0; B = 1;"), open("A = 0; C = 1; B = 2;"), []string{"ENUM_VALUE_RENUMBERED p.E.B break backward,forward"}},
		{"values swapped", open("A = 0; B = 1; C = 2;"), open("A = 0; C = 1; B = 2;"), []string{"ENUM_VALUES_SWAPPED p.E.B break backward,forward"}},
		{"alias added", open("A = 0; B = 1;"), open("option allow_alias = true; A = 0; B = 1; C = 1;"), nil},
		{"alias deleted", open("option allow_alias = true; A = 0; B = 1; C = 1;"), open("A = 0; B = 1;"), nil},
		{"renumbered through an alias", open("option allow_alias = true; A = 0; B = 1; C = 1;"), open("A = 0; B = 1; C = 2;"), []string{"ENUM_VALUE_RENUMBERED p.E.C break forward"}},
		{"closed", open("A = 0; B = 1;"), open("option features.enum_type = CLOSED; A = 0; B = 1;"), nil},
		{"opened", open("option features.enum_type = CLOSED; A = 0; B = 1;"), open("A = 0; B = 1;"), nil},
		{"renumbered in no field", "enum E { A = 0; B = 1; }", "enum E { A = 0; B = 2; }", []string{"ENUM_VALUE_RENUMBERED p.E.B break backward,forward"}},
		{"enum renamed", "enum E { A = 0; B = 1; } message M { E e = 1; }", "enum F { A = 0; B = 1; } message M { F e = 1; }", nil},
		{"enum deleted, in a field", "enum E { A = 0; B = 1; } message M { E e = 1; }", "message M { reserved 1; }", nil},
		{"enum deleted, in no field", "enum E { A = 0; B = 1; } message M { }", "message M { }", nil},
		{"another enum that lacks a value", "enum E { A = 0; B = 1; C = 2; } enum F { G = 0; H_B = 1; } message M { E e = 1; }", "enum E { A = 0; B = 1; C = 2; } enum F { G = 0; H_B = 1; } message M { F e = 1; }",
			[]string{"FIELD_TYPE_LOSSY p.M.e lossy backward"}},
		{"another enum with the value elsewhere", "enum E { A = 0; B = 1; } message N { enum F { A = 0; C = 1; B = 2; } } message M { E e = 1; }", "enum E { A = 0; B = 1; } message N { enum F { A = 0; C = 1; B = 2; } } message M { N.F e = 1; }",
			[]string{"FIELD_TYPE_INCOMPATIBLE p.M.e break backward,forward"}},
	}
}
