package config

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const whole = `
schema:
  import-paths: [proto, /abs/third]
  protos: proto/a.proto
  descriptor-sets:
    - all.binpb
  reflect: localhost:8080
  reflect-headers: ["authorization: Bearer x"]
types:
  default: a.A
  topics:
    trades.*: trades.v1.Trade
    orders: {value: .orders.v1.Order, key: orders.v1.Key}
    "*": a.Any
  files:
    "*.trades.pb": trades.v1.Trade
    logs/**: b.B
  methods:
    /pkg.Service/Get*: {request: pkg.Req, response: pkg.Resp}
registry:
  url: https://registry:8081
  directory: ids
output:
  int64: number
  defaults: true
  indent: 2
breaking:
  use: [DATA, JSON]
  except: FIELD_RENAMED
  against: main
  waivers:
    - element: a.A.x
      rule: FIELD_DELETED
      reason: nobody wrote it
      expires: 2026-12-31
`

func TestParse(t *testing.T) {
	c, err := Parse(filepath.FromSlash("../cfg/pbscope.yaml"), []byte(whole))
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Schema.ImportPaths; filepath.ToSlash(got[0].Text) != "../cfg/proto" || got[1].Text != "/abs/third" || got[0].Line != 3 || got[0].Column != 18 {
		t.Errorf("import paths %+v", got)
	}
	if got := c.Schema.Protos; len(got) != 1 || filepath.ToSlash(got[0].Text) != "../cfg/proto/a.proto" {
		t.Errorf("protos %+v", got)
	}
	if c.Schema.ReflectHeaders[0].Text != "authorization: Bearer x" || c.Schema.Reflect.Text != "localhost:8080" {
		t.Errorf("%+v", c.Schema)
	}
	if rule, ok := c.Types.TopicType("trades.x"); !ok || rule.Value.Text != "trades.v1.Trade" {
		t.Errorf("%+v", rule)
	}
	if rule, _ := c.Types.TopicType("orders"); rule.Value.Text != "orders.v1.Order" || rule.Key.Text != "orders.v1.Key" {
		t.Errorf("%+v", rule)
	}
	if rule, _ := c.Types.TopicType("other"); rule.Value.Text != "a.Any" {
		t.Errorf("%+v", rule)
	}
	if c.Types.Methods[0].Response.Text != "pkg.Resp" || c.Registry.URL.Text != "https://registry:8081" || filepath.ToSlash(c.Registry.Directory.Text) != "../cfg/ids" {
		t.Errorf("%+v %+v", c.Types.Methods, c.Registry)
	}
	if len(c.Output) != 3 || c.Output[1] != (Setting{"defaults", Text{"true", 25, 13}}) {
		t.Errorf("%+v", c.Output)
	}
	w := c.Breaking.Waivers[0]
	if w.Element.Text != "a.A.x" || !w.Expires.Equal(time.Date(2026, 12, 31, 0, 0, 0, 0, time.UTC)) || w.Place.Line != 32 || c.Breaking.Except[0].Text != "FIELD_RENAMED" {
		t.Errorf("%+v", c.Breaking)
	}
}

func TestParseNothing(t *testing.T) {
	for _, text := range []string{"", "# nothing\n", "schema:\noutput: ~\n"} {
		if c, err := Parse("pbscope.yaml", []byte(text)); err != nil || len(c.Output) > 0 || c.File != "pbscope.yaml" {
			t.Errorf("%q: %+v, %v", text, c, err)
		}
	}
}

// TestSaysWhere holds the place, the words and the hint of errors.
func TestSaysWhere(t *testing.T) {
	for _, c := range []struct{ text, want, hint string }{
		{"shema: {}\n", "f.yaml:1:1: unknown key shema in pbscope.yaml", "did you mean schema?"},
		{"schema:\n  import_paths: [a]\n", "f.yaml:2:3: unknown key import_paths in schema", "did you mean import-paths?"},
		{"schema:\n  proto-path: [a]\n", "f.yaml:2:3: unknown key proto-path", "import-paths"},
		{"output:\n  int64: numbr\n", "f.yaml:2:10: int64 is one of string, number", "did you mean number?"},
		{"output: {defaults: yes}\n", "f.yaml:1:20: defaults is true or false", ""},
		{"output: {indent: -1}\n", "f.yaml:1:18: indent is a whole number", ""},
		{"output: [a]\n", "f.yaml:1:9: output takes KEY: VALUE pairs", ""},
		{"types: {topics: [a]}\n", "f.yaml:1:17: topics takes PATTERN: TYPE pairs", ""},
		{"types: {files: {a: }}\n", "f.yaml:1:17: a has no type", ""},
		{"types: {default: a b}\n", "f.yaml:1:18: a b is no name of a message type", ""},
		{"registry: {url: localhost}\n", "f.yaml:1:17: url begins with http:// or https://", ""},
		{"schema: {reflect-headers: [x]}\n", "f.yaml:1:28: a header is written NAME: VALUE", ""},
		{"breaking: {waivers: [{element: x, rule: Y}]}\n", "f.yaml:1:22: a waiver without reason", ""},
		{"breaking: {waivers: [{element: x, rule: Y, reason: z, expires: soon}]}\n", "f.yaml:1:64: soon is no date", "2026"},
		{"schema: {import-paths: [{}]}\n", "f.yaml:1:25: an entry of import-paths takes one value", ""},
		{"a: b: c\n", "f.yaml:1:5: a second key on one line", ""},
	} {
		_, err := Parse("f.yaml", []byte(c.text))
		var errs Errors
		if !errors.As(err, &errs) {
			t.Errorf("%q: %v", c.text, err)
			continue
		}
		if !strings.HasPrefix(errs[0].Error(), c.want) || !strings.Contains(errs[0].Hint, c.hint) {
			t.Errorf("%q:\n got %v (%s)\nwant %s (%s)", c.text, errs[0], errs[0].Hint, c.want, c.hint)
		}
	}
}

func TestSeveralErrorsInOrder(t *testing.T) {
	_, err := Parse("f.yaml", []byte("output: {int64: x}\nschema: {a: 1}\nb: 2\n"))
	if err == nil || strings.Count(err.Error(), "\n") != 2 || !strings.HasPrefix(err.Error(), "f.yaml:1:") {
		t.Errorf("%v", err)
	}
}

func TestMatches(t *testing.T) {
	for _, c := range []struct {
		pattern, name string
		separator     byte
		want          bool
	}{
		{"", "", 0, true}, {"", "a", 0, false}, {"*", "", 0, true}, {"*", "a/b", 0, true}, {"a*c", "abbc", 0, true}, {"a*c", "abcd", 0, false}, {"a?c", "abc", 0, true}, {"a?c", "ac", 0, false},
		{"*.pb", "a.pb", '/', true}, {"*.pb", "a/b.pb", '/', false}, {"**.pb", "a/b.pb", '/', true}, {"**/x.pb", "x.pb", '/', true}, {"**/x.pb", "a/b/x.pb", '/', true}, {"**/x.pb", "a/bx.pb", '/', false},
		{"a/**", "a/b/c", '/', true}, {"a/**", "a", '/', false}, {"a/**/c", "a/c", '/', true}, {"a/**/c", "a/b/b/c", '/', true}, {"a/**/c", "a/b/d", '/', false}, {"a?b", "a/b", '/', false},
		{"*a*b*", "xxaxxbxx", '/', true}, {"**/*.x/*", "a/b.x/c", '/', true}, {"**/*.x/*", "q/w/b.x/c/d", '/', false}, {"*" + strings.Repeat("a*", 50) + "b", strings.Repeat("a", 5000), 0, false},
	} {
		if got := matches(c.pattern, c.name, c.separator); got != c.want {
			t.Errorf("%.40q fits %.40q: %t", c.pattern, c.name, got)
		}
	}
}

func TestFileType(t *testing.T) {
	types := &Types{Files: []File{{Pattern: Text{Text: "data/*.pb"}, Type: Text{Text: "A"}}, {Pattern: Text{Text: "*.pb"}, Type: Text{Text: "B"}}}}
	for path, want := range map[string]string{"cfg/data/x.pb": "A", "data/x.pb": "B", "cfg/data/y/x.pb": "B", "x.txt": "", "./cfg/data/../data/x.pb": "A"} {
		rule, _ := types.FileType(filepath.FromSlash(path), "cfg")
		if rule.Type.Text != want {
			t.Errorf("%s: %q, want %q", path, rule.Type.Text, want)
		}
	}
}
