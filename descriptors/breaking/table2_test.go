package breaking

import (
	"context"
	"slices"
	"strings"
	"testing"
)

func messageChanges() []change {
	return []change{
		{"message renamed in a field", `message A { string x = 1; } message M { A a = 1; }`, `message B { string x = 1; } message M { B a = 1; }`, nil},
		{"message renamed by itself", `message A { string x = 1; }`, `message B { string x = 1; }`, nil},
		{"message renamed and changed", `message A { string x = 1; string y = 2; } message M { A a = 1; }`, `message B { string x = 1; } message M { B a = 1; }`,
			[]string{"FIELD_TYPE_LOSSY p.M.a lossy backward"}},
		{"message renamed and grown", `message A { string x = 1; } message M { A a = 1; }`, `message B { string x = 1; string y = 2; } message M { B a = 1; }`, nil},
		{"recursive message renamed", `message A { A next = 1; string x = 2; } message M { A a = 1; }`, `message B { B next = 1; string x = 2; } message M { B a = 1; }`, nil},
		{"recursive message renamed and changed", `message A { A next = 1; string x = 2; } message M { A a = 1; }`, `message B { B next = 1; int32 x = 2; } message M { B a = 1; }`,
			[]string{"FIELD_TYPE_LOSSY p.M.a lossy backward,forward"}},
		{"mutually recursive", `message A { B b = 1; } message B { A a = 1; int32 v = 2; } message M { A f = 1; }`, `message C { D b = 1; } message D { C a = 1; string v = 2; } message M { C f = 1; }`,
			[]string{"FIELD_TYPE_LOSSY p.M.f lossy backward,forward"}},
		{"message renamed while its enum got a value", `enum E { Z = 0; } message A { string x = 1; E e = 2; }`, `enum E { Z = 0; Y = 1; } message B { string x = 1; E e = 2; }`, nil},
		{"a type that nobody can write", p2 + `message A { required A a = 1; optional int32 x = 2; }`, p2 + `message A { required A a = 1; optional string x = 2; required int32 y = 3; }`, nil},
		{"a type that requires itself now", p2 + `message A { optional A a = 1; optional int32 x = 2; }`, p2 + `message A { required A a = 1; optional string x = 2; }`,
			[]string{"FIELD_REQUIRED_ADDED p.A.a break backward", "FIELD_TYPE_INCOMPATIBLE p.A.x break backward"}},
		{"message deleted", `message A { string x = 1; }`, `message B { int32 y = 1; }`, []string{"MESSAGE_DELETED p.A risk"}},
		{"message deleted with nested ones", `message A { message B { string x = 1; } enum E { N = 0; } }`, `message C { }`, []string{"MESSAGE_DELETED p.A risk"}},
		{"message deleted, used by a field", `message A { string x = 1; } message M { A a = 1; }`, `message M { reserved 1; }`, nil},
		{"recursive message deleted", `message A { A a = 1; }`, `message M { }`, []string{"MESSAGE_DELETED p.A risk"}},
		{"two of one shape renamed", `message A { string x = 1; } message B { string x = 1; } message M { A a = 1; B b = 2; }`, `message C { string x = 1; } message D { string x = 1; } message M { C a = 1; D b = 2; }`, nil},
		{"nested type moved out", `message M { message N { string x = 1; } N n = 1; }`, `message N { string x = 1; } message M { N n = 1; }`, nil},
		{"type changed within an unchanged message", `message A { int64 x = 1; } message M { A a = 1; }`, `message A { int32 x = 1; } message M { A a = 1; }`, []string{"FIELD_TYPE_LOSSY p.A.x lossy backward"}},
		{"unlike names within another type", `message A { string street = 1; } message B { string title = 1; } message M { A a = 1; }`, `message A { string street = 1; } message B { string title = 1; } message M { B a = 1; }`,
			[]string{"FIELD_NUMBER_REUSED p.M.a risk"}},
		{"required within another type", p2 + `message A { optional string x = 1; } message B { optional string x = 1; required int32 y = 2; } message M { optional A a = 1; }`, p2 + `message A { optional string x = 1; } message B { optional string x = 1; required int32 y = 2; } message M { optional B a = 1; }`,
			[]string{"FIELD_TYPE_INCOMPATIBLE p.M.a break backward"}},
	}
}

func oneofChanges() []change {
	return []change{
		{"one field into a new oneof", `message M { string a = 1; string b = 2; }`, `message M { oneof k { string a = 1; } string b = 2; }`, nil},
		{"one field into a new oneof with a new one", `message M { string a = 1; }`, `message M { oneof k { string a = 1; string b = 2; } }`, nil},
		{"two fields into a new oneof", `message M { string a = 1; string b = 2; }`, `message M { oneof k { string a = 1; string b = 2; } }`, []string{"FIELD_JOINED_ONEOF p.M.a lossy backward"}},
		{"into an existing oneof", `message M { string a = 1; oneof k { string b = 2; string c = 3; } }`, `message M { oneof k { string a = 1; string b = 2; string c = 3; } }`, []string{"FIELD_JOINED_ONEOF p.M.a lossy backward"}},
		{"out of a oneof", `message M { oneof k { string a = 1; string b = 2; string c = 3; } }`, `message M { string a = 1; oneof k { string b = 2; string c = 3; } }`, []string{"FIELD_LEFT_ONEOF p.M.a lossy forward"}},
		{"oneof renamed", `message M { oneof k { string a = 1; string b = 2; } }`, `message M { oneof l { string a = 1; string b = 2; } }`, nil},
		{"oneof dissolved", `message M { oneof k { string a = 1; string b = 2; } }`, `message M { string a = 1; string b = 2; }`, []string{"FIELD_LEFT_ONEOF p.M.a lossy forward"}},
		{"oneof of one dissolved", `message M { oneof k { string a = 1; } }`, `message M { string a = 1; }`, nil},
		{"between oneofs", `message M { oneof k { string a = 1; string b = 2; } oneof l { string c = 3; } }`, `message M { oneof k { string a = 1; } oneof l { string b = 2; string c = 3; } }`,
			[]string{"FIELD_JOINED_ONEOF p.M.b lossy backward", "FIELD_LEFT_ONEOF p.M.b lossy forward"}},
		{"proto3 optional", p3 + `message M { string a = 1; string b = 2; }`, p3 + `message M { optional string a = 1; optional string b = 2; }`, nil},
	}
}

func reservedChanges() []change {
	return []change{
		{"removed", `message M { reserved 3; }`, `message M { }`, []string{"RESERVED_REMOVED p.M risk"}},
		{"range narrowed", `message M { reserved 3 to 9; }`, `message M { reserved 4 to 8; }`, []string{"RESERVED_REMOVED p.M risk"}},
		{"ranges joined", `message M { reserved 3, 4, 5 to 9; }`, `message M { reserved 3 to 9; }`, nil},
		{"reused", `message M { reserved 3; }`, `message M { string x = 3; }`, []string{"RESERVED_REUSED p.M.x risk"}},
		{"reused within a range", `message M { reserved 3 to 5; }`, `message M { reserved 3, 5; string x = 4; }`, []string{"RESERVED_REUSED p.M.x risk"}},
		{"restored", `message M { reserved 3; reserved x; }`, `message M { string x = 3; }`, nil},
		{"enum removed", `enum E { A = 0; reserved 3; }`, `enum E { A = 0; }`, []string{"RESERVED_REMOVED p.E risk"}},
		{"enum reused", `enum E { A = 0; reserved 3; }`, `enum E { A = 0; B = 3; }`, []string{"RESERVED_REUSED p.E.B risk"}},
		{"enum restored", `enum E { A = 0; reserved 3; reserved B; }`, `enum E { A = 0; B = 3; }`, nil},
		{"added", `message M { }`, `message M { reserved 3 to max; }`, nil},
		{"name released", `message M { reserved 3; reserved x; }`, `message M { reserved 3; string x = 4; }`, nil},
	}
}

func serviceChanges() []change {
	const types = `message A { string x = 1; } message B { string x = 1; string y = 2; } message C { int32 x = 1; } `
	service := func(methods string) string { return types + "service S { " + methods + " }" }
	return []change{
		{"method added", service("rpc G(A) returns (A);"), service("rpc G(A) returns (A); rpc H(A) returns (A);"), nil},
		{"method deleted", service("rpc G(A) returns (A); rpc H(A) returns (A);"), service("rpc G(A) returns (A);"), []string{"RPC_DELETED p.S.H break rpc"}},
		{"method renamed", service("rpc G(A) returns (A);"), service("rpc H(A) returns (A);"), []string{"RPC_DELETED p.S.G break rpc"}},
		{"service deleted", service("rpc G(A) returns (A);"), types, []string{"SERVICE_DELETED p.S break rpc"}},
		{"service renamed", service("rpc G(A) returns (A);"), types + "service T { rpc G(A) returns (A); }", []string{"SERVICE_DELETED p.S break rpc"}},
		{"streaming", service("rpc G(A) returns (A);"), service("rpc G(stream A) returns (A);"), []string{"RPC_STREAMING_CHANGED p.S.G break rpc"}},
		{"idempotency", service("rpc G(A) returns (A) { option idempotency_level = NO_SIDE_EFFECTS; }"), service("rpc G(A) returns (A);"), []string{"RPC_IDEMPOTENCY_CHANGED p.S.G risk"}},
		{"request grown", service("rpc G(A) returns (A);"), service("rpc G(B) returns (A);"), nil},
		{"request shrunk", service("rpc G(B) returns (A);"), service("rpc G(A) returns (A);"), []string{"RPC_TYPE_LOSSY p.S.G lossy backward"}},
		{"response changed", service("rpc G(A) returns (A);"), service("rpc G(A) returns (C);"), []string{"RPC_TYPE_INCOMPATIBLE p.S.G break backward,forward"}},
		{"request renamed", `message A { string x = 1; } service S { rpc G(A) returns (A); }`, `message GRequest { string x = 1; } service S { rpc G(GRequest) returns (GRequest); }`, nil},
		{"type changed within", `message A { string x = 1; } service S { rpc G(A) returns (A); }`, `message A { int32 x = 1; } service S { rpc G(A) returns (A); }`, []string{"FIELD_TYPE_INCOMPATIBLE p.A.x break backward,forward"}},
	}
}

// exemptions are edits that change no byte.
func exemptions() []change {
	const rich = `message M { M m = 1; repeated int32 l = 2; map<string, int32> t = 3; oneof o { string s = 4; bytes b = 5; } enum E { A = 0; B = 1; } E e = 6; }`
	return []change{
		{"proto3 to editions", p3 + rich, "edition = \"2023\"; package p; option features.field_presence = IMPLICIT; " + rich, nil},
		{"options of generators", "edition = \"2023\"; package p; " + rich, "edition = \"2023\"; package p; option go_package = \"x/y\"; option java_package = \"y\"; " + rich, nil},
		{"package renamed", "edition = \"2023\"; package p; " + rich, "edition = \"2023\"; package q.v1; " + rich, nil},
		{"json_name", `message M { string a = 1; }`, `message M { string a = 1 [json_name = "z"]; }`, nil},
		{"deprecated", `message M { string a = 1; }`, `message M { string a = 1 [deprecated = true]; }`, nil},
		{"well-known types used", "edition = \"2023\"; package p; import \"google/protobuf/timestamp.proto\"; message M { google.protobuf.Timestamp t = 1; }",
			"edition = \"2023\"; package p; import \"google/protobuf/timestamp.proto\"; message M { google.protobuf.Timestamp t = 1; int32 a = 2; }", nil},
		{"wrapper to scalar", "edition = \"2023\"; package p; import \"google/protobuf/wrappers.proto\"; message M { google.protobuf.StringValue s = 1; }", `message M { string s = 1; }`,
			[]string{"FIELD_TYPE_INCOMPATIBLE p.M.s break backward,forward"}},
		{"wrapper to bytes", "edition = \"2023\"; package p; import \"google/protobuf/wrappers.proto\"; message M { google.protobuf.BytesValue s = 1; }", `message M { bytes s = 1; }`,
			[]string{"FIELD_TYPE_INCOMPATIBLE p.M.s break backward,forward"}},
	}
}

func groupedChanges() []change {
	return []change{
		{"package deleted", "edition = \"2023\"; package q; message A { string x = 1; message N { int32 y = 1; } } message B { bytes x = 1; } service S { rpc G(A) returns (B); } message C { bool z = 1; } message D { float z = 2; }", "edition = \"2023\"; package r;",
			[]string{"SERVICE_DELETED q break rpc"}},
	}
}

func TestRootsAreFound(t *testing.T) {
	files := map[string]string{
		"proto/a/x.proto":            edition + `import "a/y.proto"; import "google/type/date.proto"; message X { Y y = 1; google.type.Date d = 2; }`,
		"proto/a/y.proto":            edition + "message Y { int32 i = 1; }",
		"other/deep/b/z.proto":       "syntax = \"proto3\"; package q; import \"b/w.proto\"; message Z { W w = 1; }",
		"other/deep/b/w.proto":       "syntax = \"proto3\"; package q; message W { int32 i = 1; }",
		"plain.proto":                "syntax = \"proto3\"; package r; message P { }",
		".hidden/bad.proto":          "nonsense",
		"node_modules/dep/bad.proto": "nonsense",
	}
	_, n := load(t, files, files)
	var names []string
	for _, f := range n.files {
		names = append(names, f.Path())
	}
	slices.Sort(names)
	if got := strings.Join(names, " "); got != "a/x.proto a/y.proto b/w.proto b/z.proto plain.proto" {
		t.Error(got)
	}
}

// Two trees with files of one import name, each complete in itself.
func TestCopiesOfAModule(t *testing.T) {
	files := map[string]string{
		"a/x.proto":      edition + `import "a/y.proto"; message X { Y y = 1; }`,
		"a/y.proto":      edition + "message Y { int32 i = 1; }",
		"copy/a/x.proto": edition + `import "a/y.proto"; message X { Y y = 1; }`,
		"copy/a/y.proto": edition + "message Y { int32 i = 1; string more = 2; }",
	}
	var notes []string
	n, err := LoadNew(context.Background(), Input{Name: side(t, files), Note: func(text string) { notes = append(notes, text) }})
	if err != nil {
		t.Fatal(err)
	}
	if len(n.files) != 2 || len(n.types["p.Y"].load().fields) != 1 || len(notes) != 1 || !strings.Contains(notes[0], "2 files have the import name of another") {
		t.Errorf("%d files, %q", len(n.files), notes)
	}
}
