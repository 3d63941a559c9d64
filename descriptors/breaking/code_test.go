package breaking

import (
	"slices"
	"testing"
)

func TestCode(t *testing.T) {
	rules, err := Select([]string{"CODE"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	const e24 = "edition = \"2024\"; package p; "
	for _, c := range []change{
		{"nothing", `message M { string a = 1; }`, `message M { string a = 1; string b = 2; } message N {}`, nil},
		{"encodings", `message M { int32 a = 1; fixed64 b = 2; M c = 3; }`, `message M { sint32 a = 1; uint64 b = 2; M c = 3 [features.message_encoding = DELIMITED]; }`, nil},
		{"renumbered", `message M { string a = 1; }`, `message M { string a = 2; }`, nil},
		{"renamed and replaced", `message M { string a = 1; string b = 2; }`, `message M { string b = 1; string c = 2; }`, []string{"FIELD_DELETED p.M.a break code"}},
		{"renamed with another type", `message M { string a = 1; }`, `message M { int32 b = 1; }`, []string{"FIELD_KIND_CHANGED p.M.b break code", "FIELD_RENAMED p.M.b break code"}},
		{"repeated", `message M { string a = 1; }`, `message M { repeated string a = 1; }`, []string{"FIELD_KIND_CHANGED p.M.a break code"}},
		{"map", `message M { map<string, int32> a = 1; }`, `message M { map<string, int64> a = 1; }`, []string{"FIELD_KIND_CHANGED p.M.a break code"}},
		{"map of the same code", `message M { map<string, int32> a = 1; }`, `message M { map<string, sint32> a = 1; }`, nil},
		{"type of a field renamed", `message A { string a = 1; } message M { A a = 1; }`, `message B { string a = 1; } message M { B a = 1; }`, []string{"TYPE_MOVED p.B break code"}},
		{"type of a field replaced", `message A { string a = 1; } message B { int32 b = 1; } message M { A a = 1; }`, `message A { string a = 1; } message B { int32 b = 1; } message M { B a = 1; }`, []string{"FIELD_KIND_CHANGED p.M.a break code"}},
		{"nested types go along", `message A { string a = 1; message N { int32 x = 1; enum E { Z = 0; } } }`, `message B { string a = 1; message N { int32 x = 1; enum E { Z = 0; } } }`, []string{"TYPE_MOVED p.B break code"}},
		{"deleted with contents", `message A { string a = 1; message N { int32 x = 1; } } message M {}`, `message M {}`, []string{"TYPE_DELETED p.A break code"}},
		{"nested deleted", `message A { string a = 1; message N { int32 x = 1; } }`, `message A { string a = 1; }`, []string{"TYPE_DELETED p.A.N break code"}},
		{"enum and service deleted", `enum E { Z = 0; } message M {} service S { rpc G(M) returns (M); }`, `message M {}`, []string{"TYPE_DELETED p.E break code", "TYPE_DELETED p.S break code"}},
		{"presence in proto3", p3 + `message M { string a = 1; optional string b = 2; }`, p3 + `message M { optional string a = 1; string b = 2; }`, []string{"FIELD_PRESENCE_CHANGED p.M.a break code", "FIELD_PRESENCE_CHANGED p.M.b break code"}},
		{"required", p2 + `message M { required string a = 1; }`, p2 + `message M { optional string a = 1; }`, nil},
		{"into a oneof", `message M { string a = 1; string b = 2; }`, `message M { oneof o { string a = 1; string b = 2; } }`, []string{"ONEOF_CHANGED p.M.a break code"}},
		{"out of a oneof", p3 + `message M { oneof o { string a = 1; string b = 2; } }`, p3 + `message M { oneof o { string a = 1; } string b = 2; }`, []string{"ONEOF_CHANGED p.M.b break code"}},
		{"values", `enum E { A = 0; B = 1; C = 2; }`, `enum E { option allow_alias = true; A = 0; B = 1; BB = 1; }`, []string{"ENUM_VALUE_DELETED p.E.C break code"}},
		{"value moved", `enum E { A = 0; B = 1; }`, `enum E { A = 0; B = 2; }`, nil},
		{"value renamed", `enum E { A = 0; B = 1; }`, `enum E { A = 0; E_B = 1; }`, []string{"ENUM_VALUE_RENAMED_IN_CODE p.E.E_B break code"}},
		{"values swapped", `enum E { A = 0; B = 1; }`, `enum E { B = 0; A = 1; }`, nil},
		{"stream", `message M {} service S { rpc G(M) returns (M); }`, `message M {} service S { rpc G(M) returns (stream M); }`, []string{"METHOD_SIGNATURE_CHANGED p.S.G break code"}},
		{"method type renamed", `message A { string a = 1; } service S { rpc G(A) returns (A); }`, `message B { string a = 1; } service S { rpc G(B) returns (B); }`, []string{"TYPE_MOVED p.B break code"}},
		{"ranges", `message M { extensions 10 to 20; extensions 30 to 40; }`, `message M { extensions 10 to 40; }`, nil},
		{"ranges cut", `message M { extensions 10 to 20, 30 to 40; }`, `message M { extensions 12 to 20; }`, []string{"EXTENSION_RANGE_REMOVED p.M break code", "EXTENSION_RANGE_REMOVED p.M break code"}},
		{"extension moved into a message", `message M { extensions 10 to 20; } extend M { string x = 10; }`, `message M { extensions 10 to 20; extend M { string x = 10; } }`, []string{"EXTENSION_DELETED p.x break code"}},
		{"options", `option java_package = "a"; option deprecated = true; message M {}`, `option java_package = "b"; option go_package = "c"; message M {}`, []string{"FILE_OPTION_CHANGED p.proto break code", "FILE_OPTION_CHANGED p.proto break code"}},
		{"nested type exported", e24 + `message M { export message N {} }`, e24 + `message M { message N {} }`, []string{"VISIBILITY_NARROWED p.M.N break code"}},
		{"local by the file", e24 + `message M {}`, e24 + `option features.default_symbol_visibility = LOCAL_ALL; message M {}`, []string{"VISIBILITY_NARROWED p.M break code"}},
		{"exported", e24 + `local message M {}`, e24 + `message M {}`, nil},
		{"edition 2024", edition + `message M {}`, e24 + `message M {}`, nil},
	} {
		t.Run(c.name, func(t *testing.T) { checkCode(t, compareText(t, c.old, c.new, Options{Rules: rules}), c.want) })
	}
	for _, c := range []struct {
		name     string
		old, new map[string]string
		want     []string
	}{
		{"moved to a file that is imported publicly", map[string]string{"a.proto": edition + "message A { string a = 1; }"},
			map[string]string{"a.proto": edition + `import public "b.proto";`, "b.proto": edition + "message A { string a = 1; }"}, nil},
		{"moved to another file", map[string]string{"a.proto": edition + "message A { string a = 1; message N {} } service S {}"},
			map[string]string{"a.proto": edition + `import "b.proto";`, "b.proto": edition + "message A { string a = 1; message N {} } service S {}"}, []string{"TYPE_MOVED p.A break code", "TYPE_MOVED p.S break code"}},
		{"a package in two files", map[string]string{"a.proto": edition + "message A { string a = 1; } service S {}", "b.proto": edition + "message B { int32 b = 1; }"},
			map[string]string{"q/a.proto": `edition = "2023"; package q; message A { string a = 1; } service S {}`, "q/b.proto": `edition = "2023"; package q; message B { int32 b = 1; }`}, []string{"PACKAGE_RENAMED q break code"}},
		{"a package split", map[string]string{"a.proto": edition + "message A { string a = 1; } message B { int32 b = 1; }"},
			map[string]string{"a.proto": `edition = "2023"; package q; message A { string a = 1; }`, "b.proto": `edition = "2023"; package r; message B { int32 b = 1; }`}, []string{"TYPE_MOVED q.A break code", "TYPE_MOVED r.B break code"}},
		{"a file deleted with what it declared", map[string]string{"a.proto": edition + "message A { string a = 1; }", "b.proto": edition + "message B { int32 b = 1; extensions 5; } extend B { string x = 5; } enum E { Z = 0; } service S {}"},
			map[string]string{"a.proto": edition + "message A { string a = 1; }"}, []string{"FILE_DELETED b.proto break code"}},
		{"a package deleted", map[string]string{"a.proto": edition + "message A { string a = 1; }", "q/b.proto": `edition = "2023"; package q; message B { int32 b = 1; } message D {}`, "q/c.proto": `edition = "2023"; package q; message C { A a = 1; message A {} }`},
			map[string]string{"a.proto": edition + "message A { string a = 1; } message Z { int32 b = 1; }"}, []string{"FILE_DELETED q break code"}},
		{"public through another", map[string]string{"a.proto": edition, "b.proto": edition + `import public "a.proto";`},
			map[string]string{"a.proto": edition, "b.proto": edition + `import public "c.proto";`, "c.proto": edition + `import public "a.proto";`}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			o, n := load(t, c.old, c.new)
			checkCode(t, Compare(o, n, Options{Rules: rules}), c.want)
		})
	}
}

func checkCode(t *testing.T, report *Report, want []string) {
	t.Helper()
	var got []string
	for _, f := range report.Findings {
		got = append(got, brief(f))
		if f.Witness != nil || f.Message == "" || f.Why == "" {
			t.Errorf("%+v", f)
		}
	}
	slices.Sort(got)
	want = slices.Clone(want)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q\n%s", got, want, report.AppendText(nil, TextOptions{}))
	}
}
