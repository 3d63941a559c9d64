package breaking

import "testing"

// neighbour is a change that looks like one of a rule's and is none.
type neighbour struct{ id, old, new string }

func neighbours() []neighbour {
	const e24 = "edition = \"2024\"; package p; "
	const service = `message M { } service S { rpc Get(M) returns (M); } `
	const types = `message A { string a = 1; } message B { string a = 1; string b = 2; } `
	const files = "-- a.proto --\nedition = \"2023\"; package p;\n-- b.proto --\nedition = \"2023\"; package p; "
	return []neighbour{
		{"FIELDS_SWAPPED", `message M { string a = 1; string b = 2; }`, `message M { string b = 2; string a = 1; }`},
		{"FIELD_RENUMBERED", `message M { int32 id = 3; }`, `message M { reserved 3; string id = 5; }`},
		{"EXTENSION_RENUMBERED", `message M { extensions 100 to 199; } extend M { int32 note = 100; }`, `message M { extensions 100 to 199; } extend M { string note = 101; }`},
		{"FIELD_NUMBER_REUSED", `message M { string mail_address = 2; }`, `message M { string address = 2; }`},
		{"FIELD_ENCODING_CHANGED", `message M { M child = 1 [features.message_encoding = DELIMITED]; }`, `message M { M children = 1 [features.message_encoding = DELIMITED]; }`},
		{"UTF8_VALIDATION_ADDED", `message M { string s = 1; }`, `message M { string s = 1 [features.utf8_validation = NONE]; }`},
		{"UTF8_VALIDATION_REMOVED", `message M { string s = 1 [features.utf8_validation = NONE]; }`, `message M { string s = 1; }`},
		{"FIELD_CARDINALITY_INCOMPATIBLE", `message M { string id = 1; }`, `message M { repeated string id = 1; }`},
		{"FIELD_CARDINALITY_LOSSY", `message M { repeated int32 tag = 1 [features.repeated_field_encoding = EXPANDED]; }`, `message M { repeated int32 tag = 1; }`},
		{"FIELD_TYPE_INCOMPATIBLE", `message M { int32 id = 1; }`, `message M { uint32 id = 1; }`},
		{"FIELD_TYPE_LOSSY", `message M { int32 id = 1; }`, `message M { int64 id = 1; }`},
		{"FIELD_TYPE_WIDENED", `message M { int64 id = 1; }`, `message M { int32 id = 1; }`},
		{"FIELD_JOINED_ONEOF", `message M { oneof k { string a = 1; } string b = 2; }`, `message M { oneof k { string a = 1; string c = 3; } string b = 2; }`},
		{"FIELD_LEFT_ONEOF", `message M { oneof k { string a = 1; } oneof l { string b = 2; } }`, `message M { string a = 1; string b = 2; }`},
		{"FIELD_REQUIRED_ADDED", p2 + `message M { required string a = 1; }`, `message M { string a = 1 [features.field_presence = LEGACY_REQUIRED]; }`},
		{"FIELD_REQUIRED_REMOVED", `message M { string a = 1; }`, `message M { string a = 1 [features.field_presence = LEGACY_REQUIRED]; }`},
		{"FIELD_DEFAULT_CHANGED", `message M { int32 size = 1; }`, `message M { int32 size = 1 [default = 0]; }`},
		{"FIELD_DELETED_NOT_RESERVED", `message M { string a = 1; string b = 2; }`, `message M { string a = 1; reserved 2 to 5; }`},
		{"ENUM_VALUES_SWAPPED", `enum E { A = 0; B = 1; C = 2; }`, `enum E { A = 0; C = 2; B = 1; }`},
		{"ENUM_VALUE_RENUMBERED", `enum E { option allow_alias = true; A = 0; B = 1; C = 1; }`, `enum E { option allow_alias = true; A = 0; C = 1; B = 1; }`},
		{"ENUM_VALUE_NUMBER_REUSED", `enum Side { NONE = 0; BUY = 1; }`, `enum Side { SIDE_UNSPECIFIED = 0; SIDE_BUY = 1; }`},
		{"ENUM_VALUE_DELETED_NOT_RESERVED", `enum E { option allow_alias = true; A = 0; B = 1; C = 1; }`, `enum E { A = 0; B = 1; }`},
		{"ENUM_VALUE_ADDED", `enum E { A = 0; }`, `enum E { A = 0; B = 1; }`},
		{"ENUM_OPENED", `enum E { A = 0; } message M { E e = 1; }`, closedExample + `} message M { E e = 1; }`},
		{"RESERVED_REUSED", `message M { reserved 2; reserved color; }`, `message M { string color = 2; }`},
		{"RESERVED_REMOVED", `message M { reserved 2; reserved color; }`, `message M { string color = 2; }`},
		{"MESSAGE_DELETED", `message M { string a = 1; } message Kept { M b = 2; }`, `message Kept { reserved 2; }`},
		{"ANY_TYPE_DELETED", `message Event { string x = 1; } message M { }`, `message Event { string x = 1; }`},
		{"SERVICE_DELETED", service, `message M { } service S { }`},
		{"RPC_DELETED", service, `message M { } service S { rpc Put(M) returns (M); rpc Get(M) returns (M); }`},
		{"RPC_STREAMING_CHANGED", service, `message M { string a = 1; } service S { rpc Get(M) returns (M); }`},
		{"RPC_IDEMPOTENCY_CHANGED", service, `message M { } service S { rpc Get(M) returns (M) { option idempotency_level = IDEMPOTENCY_UNKNOWN; } }`},
		{"RPC_TYPE_INCOMPATIBLE", types + `service S { rpc Get(A) returns (A); }`, types + `service S { rpc Get(B) returns (A); }`},
		{"RPC_TYPE_LOSSY", types + `service S { rpc Get(A) returns (A); }`, types + `service S { rpc Get(B) returns (A); }`},
		{"FIELD_JSON_NAME_CHANGED", `message M { string a_b = 1; }`, `message M { string aB = 1; }`},
		{"JSON_NAME_REUSED", `message M { string a = 1; }`, `message M { reserved 1; string a = 2; }`},
		{"JSON_TYPE_INCOMPATIBLE", `message M { map<int32, int32> a = 1; }`, `message M { map<int32, int64> a = 1; }`},
		{"JSON_TYPE_LOSSY", `message M { int32 a = 1; }`, `message M { sfixed32 a = 1; }`},
		{"ENUM_VALUE_RENAMED", `enum E { NONE = 0; BUY = 1; }`, `enum E { NONE = 0; BUY = 2; }`},
		{"HTTP_RULE_CHANGED", httpExample("/v1/a"), httpExample("/v1/a")},
		{"JSON_FIELD_ADDED", `message M { string a = 1; }`, `message M { string b = 1 [json_name = "a"]; }`},
		{"JSON_FIELD_DELETED", `message M { string a = 1; }`, `message M { reserved 1; string a = 2; }`},
		{"JSON_ENUM_VALUE_ADDED", `enum E { A = 0; B = 1; }`, `enum E { A = 0; B = 2; }`},
		{"JSON_ENUM_VALUE_DELETED", `enum E { A = 0; B = 1; }`, `enum E { A = 0; B = 2; }`},
		{"FILE_DELETED", files, files + "message M { }"},
		{"PACKAGE_RENAMED", files + "message M { }", files + "message N { }"},
		{"TYPE_DELETED", `message A { string a = 1; }`, `message B { string a = 1; }`},
		{"TYPE_MOVED", `message A { string a = 1; }`, `message A { int32 b = 1; }`},
		{"FIELD_DELETED", `message M { string a = 1; }`, `message M { string b = 1; }`},
		{"FIELD_RENAMED", `message M { string a = 1; }`, `message M { string a = 2; }`},
		{"FIELD_KIND_CHANGED", `message M { int32 a = 1; }`, `message M { sint32 a = 1; }`},
		{"FIELD_PRESENCE_CHANGED", p3 + `message M { optional int32 a = 1; }`, `message M { int32 a = 1; }`},
		{"ONEOF_CHANGED", p3 + `message M { string a = 1; }`, p3 + `message M { string a = 1; oneof k { string b = 2; } }`},
		{"ENUM_VALUE_DELETED", `enum E { A = 0; B = 1; }`, `enum E { A = 0; C = 1; }`},
		{"ENUM_VALUE_RENAMED_IN_CODE", `enum E { A = 0; B = 1; }`, `enum E { A = 0; B = 2; }`},
		{"METHOD_DELETED", service, service},
		{"METHOD_SIGNATURE_CHANGED", `message A { string a = 1; } service S { rpc Get(A) returns (A); }`, `message B { string a = 1; } service S { rpc Get(B) returns (B); }`},
		{"EXTENSION_DELETED", `message M { extensions 1 to 9; } extend M { string x = 1; }`, `message M { extensions 1 to 9; } extend M { string x = 2; }`},
		{"EXTENSION_RANGE_REMOVED", `message M { extensions 1 to 9, 10 to 19; }`, `message M { extensions 1 to 19; }`},
		{"IMPORT_PUBLIC_REMOVED", "-- a.proto --\nedition = \"2023\";\n-- b.proto --\nedition = \"2023\"; import \"a.proto\";", "-- a.proto --\nedition = \"2023\";\n-- b.proto --\nedition = \"2023\";"},
		{"VISIBILITY_NARROWED", e24 + `message M { message N { } }`, e24 + `message M { export message N { } }`},
		{"FILE_OPTION_CHANGED", `option java_package = "a";`, `option java_package = "a"; option deprecated = true;`},
	}
}

// TestNeighbours: each rule has a change next to its own that it passes over,
// with every other rule in use.
func TestNeighbours(t *testing.T) {
	tested := make(map[string]bool)
	for _, c := range neighbours() {
		tested[c.id] = true
		t.Run(c.id, func(t *testing.T) {
			o, n := load(t, exampleFiles(c.old), exampleFiles(c.new))
			report := Compare(o, n, Options{Rules: rulesFor(t, Data, jsonCategory, codeCategory), JSONStrict: true, StrictEnums: true, AnyTypes: []string{"p.Event"}})
			for _, f := range report.Findings {
				if f.Rule == c.id {
					t.Errorf("%s", report.AppendText(nil, TextOptions{}))
				}
			}
		})
	}
	for _, r := range Rules() {
		if r.in([]string{Data, jsonCategory, codeCategory}) && !tested[r.ID] {
			t.Errorf("%s has no neighbour", r.ID)
		}
	}
}
