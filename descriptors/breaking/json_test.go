package breaking

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

func TestJSONRules(t *testing.T) {
	rules, err := Select([]string{"JSON"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []change{
		{"nothing", `message M { string a = 1; }`, `message M { string a = 1; string b = 2; }`, nil},
		{"renumbered", `message M { string a = 1; }`, `message M { string a = 2; }`, nil},
		{"deleted", `message M { string a = 1; string b = 2; }`, `message M { string a = 1; }`, nil},
		{"camel case", `message M { string foo_bar = 1; }`, `message M { string fooBar = 1; }`, nil},
		{"renamed", `message M { string a = 1; }`, `message M { string b = 1; }`, []string{"FIELD_JSON_NAME_CHANGED p.M.b break backward,forward,json"}},
		{"json_name set", `message M { string a = 1; }`, `message M { string a = 1 [json_name = "x"]; }`, []string{"FIELD_JSON_NAME_CHANGED p.M.a break forward,json"}},
		{"renamed with the key kept", `message M { string a = 1; }`, `message M { string b = 1 [json_name = "a"]; }`, nil},
		{"renumbered and renamed", `message M { string a = 1; string c = 2; }`, `message M { string c = 1; string d = 2; }`, nil},
		{"encodings", `message M { int32 a = 1; fixed64 b = 2; map<uint32, sint64> c = 3; }`, `message M { sfixed32 a = 1; uint64 b = 2; map<fixed32, int64> c = 3; }`, nil},
		{"narrowed", `message M { int64 a = 1; }`, `message M { int32 a = 1; }`, []string{"JSON_TYPE_LOSSY p.M.a lossy backward,json"}},
		{"widened", `message M { int32 a = 1; }`, `message M { int64 a = 1; }`, nil},
		{"unsigned", `message M { int32 a = 1; }`, `message M { uint32 a = 1; }`, []string{"JSON_TYPE_LOSSY p.M.a lossy backward,forward,json"}},
		{"bool", `message M { int32 a = 1; }`, `message M { bool a = 1; }`, []string{"JSON_TYPE_INCOMPATIBLE p.M.a break backward,forward,json"}},
		{"repeated", `message M { string a = 1; }`, `message M { repeated string a = 1; }`, []string{"JSON_TYPE_INCOMPATIBLE p.M.a break backward,forward,json"}},
		{"string to bytes", `message M { string a = 1; }`, `message M { bytes a = 1; }`, []string{"JSON_TYPE_INCOMPATIBLE p.M.a break backward,forward,json"}},
		{"map keys", `message M { map<int32, string> a = 1; }`, `message M { map<string, string> a = 1; }`, []string{"JSON_TYPE_INCOMPATIBLE p.M.a break forward,json"}},
		{"corresponding types", `message A { string x = 1; } message M { A a = 1; }`, `message B { string x = 1; } message M { B a = 1; }`, nil},
		{"other type", `message A { string x = 1; } message B { int32 y = 1; } message M { A a = 1; }`, `message A { string x = 1; } message B { int32 y = 1; } message M { B a = 1; }`,
			[]string{"JSON_TYPE_INCOMPATIBLE p.M.a break backward,forward,json"}},
		{"timestamp to string", `import "google/protobuf/timestamp.proto"; message M { google.protobuf.Timestamp a = 1; }`, `message M { string a = 1; }`, []string{"JSON_TYPE_INCOMPATIBLE p.M.a break forward,json"}},
		{"enum to string", `enum E { A = 0; B = 1; } message M { E a = 1; }`, `enum E { A = 0; B = 1; } message M { string a = 1; }`, []string{"JSON_TYPE_INCOMPATIBLE p.M.a break forward,json"}},
		{"required", `message M { string a = 1; }`, `message M { string a = 1 [features.field_presence = LEGACY_REQUIRED]; }`, []string{"FIELD_REQUIRED_ADDED p.M.a break backward,json"}},
		{"oneof", `message M { string a = 1; string b = 2; }`, `message M { oneof o { string a = 1; string b = 2; } }`, []string{"FIELD_JOINED_ONEOF p.M.a lossy backward,json"}},
		{"value renamed", `enum E { A = 0; B = 1; } message M { E e = 1; }`, `enum E { A = 0; C = 1; } message M { E e = 1; }`, []string{"ENUM_VALUE_RENAMED p.E.C break backward,forward,json"}},
		{"value with an alias behind", `enum E { A = 0; B = 1; } message M { E e = 1; }`, `enum E { option allow_alias = true; A = 0; B = 1; C = 1; } message M { E e = 1; }`, nil},
		{"value with an alias before", `enum E { A = 0; B = 1; } message M { E e = 1; }`, `enum E { option allow_alias = true; A = 0; C = 1; B = 1; } message M { E e = 1; }`, []string{"ENUM_VALUE_RENAMED p.E.C break forward,json"}},
		{"value deleted", `enum E { A = 0; B = 1; }`, `enum E { A = 0; }`, nil},
		{"key reused", `message M { string a = 1; }`, `message M { reserved 1; string b = 2 [json_name = "a"]; }`, []string{"JSON_NAME_REUSED p.M.b break backward,forward,json"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			report := compareText(t, c.old, c.new, Options{Rules: rules})
			var got []string
			for _, f := range report.Findings {
				got = append(got, brief(f))
				if f.Witness == nil || f.Witness.Text == "" {
					t.Errorf("%s has no witness", f.Rule)
				}
			}
			slices.Sort(got)
			if !slices.Equal(got, c.want) {
				t.Errorf("got  %q\nwant %q\n%s", got, c.want, report.AppendText(nil, TextOptions{}))
			}
		})
	}
}

// With DATA, what hurts bytes and text is one finding; a mere risk of bytes
// does not stand for what text loses.
func TestJSONJoinsData(t *testing.T) {
	rules, err := Select([]string{"DATA", "JSON"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	report := compareText(t, `message M { int64 a = 1; string b = 2; bool d = 4; }`, `message M { int32 a = 1; string c = 2; int32 d = 4; }`, Options{Rules: rules})
	var got []string
	for _, f := range report.Findings {
		got = append(got, brief(f))
	}
	if want := "FIELD_TYPE_LOSSY p.M.a lossy backward,json; FIELD_NUMBER_REUSED p.M.c risk; FIELD_JSON_NAME_CHANGED p.M.c break backward,forward,json; " +
		"FIELD_TYPE_WIDENED p.M.d risk; JSON_TYPE_INCOMPATIBLE p.M.d break backward,forward,json"; strings.Join(got, "; ") != want {
		t.Errorf("got  %s\nwant %s", strings.Join(got, "; "), want)
	}
	text, err := report.AppendJSON(nil)
	if err != nil || !json.Valid(text) || !bytes.Contains(text, []byte(`"text": "{\"b\":\"a\"}"`)) || bytes.Count(text, []byte(`"bytes":`)) != 1 {
		t.Errorf("%v\n%s", err, text)
	}
}
