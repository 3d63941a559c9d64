package breaking

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// located is a change with everything that a finding of it must say: rule,
// element, severity, breaks, and line:column of both declarations.
type located struct {
	name     string
	use      []string
	options  Options
	old, new map[string]string
	worst    Severity
	want     []string
}

func one(source string) map[string]string { return map[string]string{"p.proto": source} }

// e23 is a file whose second line begins the declarations.
func e23(declarations string) map[string]string {
	return one("edition = \"2023\"; package p;\n" + declarations)
}

const httpFiles = "syntax = \"proto3\"; package google.api;"

func http(rule string) map[string]string {
	return map[string]string{
		"google/api/http.proto": httpFiles + ` message HttpRule { string selector = 1; oneof pattern { string get = 2; string put = 3; string post = 4; } string body = 7; repeated HttpRule additional_bindings = 11; }`,
		"google/api/annotations.proto": httpFiles + ` import "google/api/http.proto"; import "google/protobuf/descriptor.proto"; ` +
			`extend google.protobuf.MethodOptions { HttpRule http = 72295728; }`,
		"p.proto": "syntax = \"proto3\"; package p; import \"google/api/annotations.proto\"; message M {}\nservice S {\n  rpc Get(M) returns (M) { option (google.api.http) = { " + rule + " }; }\n}",
	}
}

func renamed(files map[string]string, old, new string) map[string]string {
	files["p.proto"] = strings.Replace(files["p.proto"], old, new, 1)
	return files
}

// TestWhatOthersMiss are the changes that other checkers pass or misjudge.
func TestWhatOthersMiss(t *testing.T) {
	const e24 = "edition = \"2024\"; package p;\n"
	closed := "enum E { option features.enum_type = CLOSED; A = 0; B = 1; } message M { E e = 1; }"
	open := "enum E { A = 0; B = 1; } message M { E e = 1; }"
	for _, c := range []located{
		{"required by an edition's feature", nil, Options{}, e23(`message M { string a = 1; }`), e23("message M { string a = 1;\n  string b = 2 [features.field_presence = LEGACY_REQUIRED]; }"), Break,
			[]string{"FIELD_REQUIRED_ADDED p.M.b break backward 3:3 was 2:1"}},
		{"extension renumbered", nil, Options{}, e23("message M { extensions 100 to 199; }\nextend M { string note = 100; }"), e23("message M { extensions 100 to 199; }\nextend M { string note = 101; }"), Break,
			[]string{"EXTENSION_RENUMBERED p.note break backward,forward 3:12 was 3:12"}},
		{"import public removed", []string{"CODE"}, Options{}, map[string]string{"a.proto": edition, "b.proto": edition + `import public "a.proto";`}, map[string]string{"a.proto": edition, "b.proto": edition + `import "a.proto";`}, Break,
			[]string{"IMPORT_PUBLIC_REMOVED b.proto break code 1:1 was 1:1"}},
		{"import public kept behind another", []string{"CODE"}, Options{}, map[string]string{"a.proto": edition, "b.proto": edition + `import public "a.proto";`, "c.proto": edition},
			map[string]string{"a.proto": edition, "b.proto": edition + `import public "c.proto";`, "c.proto": edition + `import public "a.proto";`}, None, nil},
		{"export to local", []string{"CODE"}, Options{}, one(e24 + `export message M {}`), one(e24 + `local message M {}`), Break, []string{"VISIBILITY_NARROWED p.M break code 2:1 was 2:1"}},
		{"local to export", []string{"CODE"}, Options{}, one(e24 + `local message M {}`), one(e24 + `export message M {}`), None, nil},
		{"http path changed", []string{"JSON"}, Options{}, http(`get: "/v1/a"`), http(`get: "/v2/a"`), Break, []string{"HTTP_RULE_CHANGED p.S.Get break rpc 3:3 was 3:3"}},
		{"http verb changed", []string{"JSON"}, Options{}, http(`put: "/v1/a"`), http(`post: "/v1/a"`), Break, []string{"HTTP_RULE_CHANGED p.S.Get break rpc 3:3 was 3:3"}},
		{"http body changed", []string{"JSON"}, Options{}, http(`post: "/v1/a" body: "*"`), http(`post: "/v1/a"`), Break, []string{"HTTP_RULE_CHANGED p.S.Get break rpc 3:3 was 3:3"}},
		{"http path among additional ones", []string{"JSON"}, Options{}, http(`get: "/v1/a"`), http(`get: "/v2/a" additional_bindings { get: "/v1/a" }`), None, nil},
		{"http variable of one segment", []string{"JSON"}, Options{}, http(`get: "/v1/{a}"`), http(`get: "/v1/{a=*}"`), None, nil},
		{"http variable of more segments", []string{"JSON"}, Options{}, http(`get: "/v1/{a=**}"`), http(`get: "/v1/{a=*}"`), Break, []string{"HTTP_RULE_CHANGED p.S.Get break rpc 3:3 was 3:3"}},
		{"http method deleted", []string{"JSON"}, Options{}, http(`get: "/v1/a"`), renamed(http(`get: "/v2/a"`), "rpc Get", "rpc Fetch"), Break, []string{"HTTP_RULE_CHANGED p.S.Get break rpc 2:1 was 3:3"}},
		{"http method renamed", []string{"JSON"}, Options{}, http(`get: "/v1/a"`), renamed(http(`get: "/v1/a"`), "rpc Get", "rpc Fetch"), None, nil},
		{"http service deleted", []string{"JSON"}, Options{}, http(`get: "/v1/a"`), renamed(http(`get: "/v2/a"`), "service S", "service T"), Break, []string{"HTTP_RULE_CHANGED p.S.Get break rpc 1:1 was 3:3"}},
		{"http service deleted, and DATA", []string{"JSON", "DATA"}, Options{}, http(`get: "/v1/a"`), renamed(http(`get: "/v2/a"`), "service S", "service T"), Break, []string{"SERVICE_DELETED p.S break rpc 1:1 was 2:1"}},
		{"http rule added", []string{"JSON"}, Options{}, http(`selector: ""`), http(`get: "/v1/a"`), None, nil},
		{"type within Any deleted", nil, Options{AnyTypes: []string{"p.Event"}}, e23(`message Event { string x = 1; } message M { int32 y = 1; }`), e23(`message M { int32 y = 1; }`), Break,
			[]string{"ANY_TYPE_DELETED p.Event break backward 1:1 was 2:1"}},
		{"type within Any renamed", nil, Options{AnyTypes: []string{"p.Event"}}, e23(`message Event { string x = 1; }`), e23(`message Fact { string x = 1; }`), Break,
			[]string{"ANY_TYPE_DELETED p.Event break backward 2:1 was 2:1"}},
		{"type within Any kept", nil, Options{AnyTypes: []string{"p.Event"}}, e23(`message Event { string x = 1; }`), e23(`message Event { string x = 1; string y = 2; }`), None, nil},
		{"validation by a feature", nil, Options{}, e23(`message M { string s = 1 [features.utf8_validation = NONE]; }`), e23(`message M { string s = 1; }`), Lossy, []string{"UTF8_VALIDATION_ADDED p.M.s lossy backward 2:13 was 2:13"}},
		{"presence in code", []string{"CODE"}, Options{}, e23(`message M { int32 a = 1; }`), e23(`message M { int32 a = 1 [features.field_presence = IMPLICIT]; }`), Break, []string{"FIELD_PRESENCE_CHANGED p.M.a break code 2:13 was 2:13"}},
		{"presence is not of bytes", nil, Options{}, e23(`message M { int32 a = 1; }`), e23(`message M { int32 a = 1 [features.field_presence = IMPLICIT]; }`), None, nil},
		{"closed", nil, Options{}, e23(open), e23(closed), None, nil},
		{"opened", nil, Options{}, e23(closed), e23(open), None, nil},
		{"opened, strictly", nil, Options{StrictEnums: true}, e23(closed), e23(open), Lossy, []string{"ENUM_OPENED p.E lossy forward 2:1 was 2:1"}},
		{"closed, strictly", nil, Options{StrictEnums: true}, e23(open), e23(closed), None, nil},
		{"value added to an open enum, strictly", nil, Options{StrictEnums: true}, e23(`enum E { A = 0; } message M { E e = 1; }`), e23(`enum E { A = 0; B = 1; } message M { E e = 1; }`), None, nil},
		{"unsigned in text", []string{"JSON"}, Options{}, e23(`message M { fixed32 a = 1; }`), e23(`message M { sfixed32 a = 1; }`), Lossy, []string{"JSON_TYPE_LOSSY p.M.a lossy backward,forward,json 2:13 was 2:13"}},
		{"into a new oneof", nil, Options{}, e23(`message M { string a = 1; string b = 2; }`), e23(`message M { oneof k { string a = 1; } string b = 2; }`), None, nil},
		{"the Tool of aiplatform", nil, Options{}, e23(`message Tool { string url_context = 8; }`), e23("message Tool { reserved 8;\n string url_context = 10; }"), Break, []string{"FIELD_RENUMBERED p.Tool.url_context break backward,forward 3:2 was 2:16"}},
		{"the MaxMind of envoy", nil, Options{}, e23(`message C { string isp = 2; }`), e23("message C { string asn = 2;\n string isp = 5; }"), Break, []string{"FIELD_RENUMBERED p.C.isp break backward,forward 3:2 was 2:13"}},
		{"message to bytes hurts forward", nil, Options{}, e23(`message N { string s = 1; } message M { N a = 1; }`), e23(`message N { string s = 1; } message M { bytes a = 1; }`), Break, []string{"FIELD_TYPE_INCOMPATIBLE p.M.a break forward 2:41 was 2:41"}},
		{"enum to int", nil, Options{}, e23(`enum E { A = 0; B = 1; } message M { E a = 1; }`), e23(`enum E { A = 0; B = 1; } message M { int32 a = 1; }`), Risk, []string{"FIELD_TYPE_WIDENED p.M.a risk 2:38 was 2:38"}},
	} {
		t.Run(c.name, func(t *testing.T) { c.check(t) })
	}
}

func (c located) check(t *testing.T) {
	o, n := load(t, c.old, c.new)
	options := c.options
	if c.use != nil {
		options.Rules = rulesFor(t, c.use...)
	}
	report := Compare(o, n, options)
	var got []string
	for _, f := range report.Findings {
		text := fmt.Sprintf("%s %d:%d", brief(f), f.Line, f.Column)
		if f.Previous != nil {
			text += fmt.Sprintf(" was %d:%d", f.Previous.Line, f.Previous.Column)
		}
		got = append(got, text)
		if (f.Breaks&(Backward|Forward) != 0) != (f.Witness != nil) {
			t.Errorf("%s: breaks %v, witness %v", f.Rule, f.Breaks.Words(), f.Witness)
		}
	}
	if !slices.Equal(got, c.want) || report.Worst() != c.worst {
		t.Errorf("got  %q, %v\nwant %q, %v\n%s", got, report.Worst(), c.want, c.worst, report.AppendText(nil, TextOptions{}))
	}
}

// The witness of a string that is validated now is text that is not UTF-8.
func TestWitnessOfValidation(t *testing.T) {
	report := compareText(t, p2+`message M { optional string s = 1; }`, p3+`message M { optional string s = 1; }`, Options{})
	if len(report.Findings) != 1 || report.Findings[0].Witness.Bytes != "0a01ff" {
		t.Errorf("%s", report.AppendText(nil, TextOptions{}))
	}
}

// What is found about an absent field is shown on text where JSON alone is
// asked for.
func TestDefaultWitnessAsText(t *testing.T) {
	report := compareText(t, p2+`message M { optional int32 a = 1 [default = 5]; }`, p2+`message M { optional int32 a = 1 [default = 6]; }`, Options{Rules: rulesFor(t, "JSON")})
	if len(report.Findings) != 1 {
		t.Fatalf("%s", report.AppendText(nil, TextOptions{}))
	}
	w := report.Findings[0].Witness
	if w.Text != "{}" || w.Bytes != "" || string(w.Written) != `{"a":5}` || string(w.Read) != `{"a":6}` {
		t.Errorf("text %q, bytes %q, written %s, read %s", w.Text, w.Bytes, w.Written, w.Read)
	}
}

// A package or file that is gone is one finding, whatever it held.
func TestLostTogether(t *testing.T) {
	lost := `message A {} message B { message C {} } message D { D d = 1; } enum E { Z = 0; } service S { rpc Get(A) returns (A); }`
	keep := `syntax = "proto3"; package p; message M {}`
	for _, c := range []struct {
		name, gone, element, message string
		except                       []string
		rule                         string
		contents                     []string
	}{
		{"package", `syntax = "proto3"; package q; ` + lost, "q", "package q was deleted, with 1 service, 2 messages", nil, "SERVICE_DELETED", []string{"q.S", "q.S.Get", "q.B", "q.B.C", "q.D"}},
		{"file", `syntax = "proto3"; package p; ` + lost, "q.proto", "file q.proto was deleted, with 1 service, 2 messages", nil, "SERVICE_DELETED", []string{"p.S", "p.S.Get", "p.B", "p.B.C", "p.D"}},
		{"one rule", `syntax = "proto3"; package q; ` + lost, "q", "package q was deleted, with 2 messages", []string{"SERVICE_DELETED"}, "MESSAGE_DELETED", []string{"q.B", "q.B.C", "q.D"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			rules, err := Select(nil, c.except)
			if err != nil {
				t.Fatal(err)
			}
			o, n := load(t, map[string]string{"p.proto": keep, "q.proto": c.gone}, map[string]string{"p.proto": keep})
			report := Compare(o, n, Options{Rules: rules})
			if len(report.Findings) != 1 {
				t.Fatalf("%s", report.AppendText(nil, TextOptions{}))
			}
			f := report.Findings[0]
			if f.Rule != c.rule || f.Element != c.element || f.Message != c.message || !slices.Equal(f.Contents, c.contents) {
				t.Errorf("%s %s: %s: %q", f.Rule, f.Element, f.Message, f.Contents)
			}
		})
	}
}
