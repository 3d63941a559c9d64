package breaking

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
)

const oldOrder = edition + `
message Order {
  int64 id = 1;
  string note = 2;
}
`

const newOrder = edition + `
message Order {
  int32 id = 1;
}
`

func TestJSONShape(t *testing.T) {
	o, n := load(t, map[string]string{"shop/order.proto": oldOrder}, map[string]string{"shop/order.proto": newOrder})
	o.Name, n.paths["shop/order.proto"] = "main", "new/shop/order.proto"
	got, err := Compare(o, n, Options{}).AppendJSON(nil)
	if err != nil {
		t.Fatal(err)
	}
	want := `{
  "verdict": "breaking",
  "against": "main",
  "findings": [
    {
      "rule": "FIELD_DELETED_NOT_RESERVED",
      "categories": [
        "DATA"
      ],
      "severity": "risk",
      "breaks": [],
      "element": "p.Order.note",
      "file": "shop/order.proto",
      "path": "new/shop/order.proto",
      "line": 4,
      "column": 1,
      "endLine": 6,
      "endColumn": 2,
      "previous": {
        "element": "p.Order.note",
        "file": "shop/order.proto",
        "line": 6,
        "column": 3,
        "endLine": 6,
        "endColumn": 19
      },
      "message": "p.Order.note was deleted and its number 2 is not reserved",
      "why": "a new field can take the number, and will then be read out of old data",
      "fix": {
        "text": "reserved 2;",
        "path": "new/shop/order.proto",
        "line": 5
      }
    },
    {
      "rule": "FIELD_TYPE_LOSSY",
      "categories": [
        "DATA"
      ],
      "severity": "lossy",
      "breaks": [
        "backward"
      ],
      "element": "p.Order.id",
      "file": "shop/order.proto",
      "path": "new/shop/order.proto",
      "line": 5,
      "column": 3,
      "endLine": 5,
      "endColumn": 16,
      "previous": {
        "element": "p.Order.id",
        "file": "shop/order.proto",
        "line": 5,
        "column": 3,
        "endLine": 5,
        "endColumn": 16
      },
      "message": "p.Order.id changed from int64 to int32",
      "why": "new readers of old data, numbers above 2147483647, numbers below -2147483648: 2147483648 is read as -2147483648",
      "witness": {
        "type": "p.Order",
        "writtenBy": "old",
        "bytes": "088080808008",
        "written": {
          "id": "2147483648"
        },
        "read": {
          "id": -2147483648
        }
      },
      "advice": "add a field with a new number, or make sure that such values are never written"
    }
  ],
  "waived": [],
  "semver": "major"
}
`
	if string(got) != want {
		t.Errorf("%s", got)
	}
}

func TestWaivers(t *testing.T) {
	old := edition + "message M {\n  int64 a = 1;\n  string b = 2;\n  bytes c = 3;\n}\nmessage Gone { string x = 1; }\n"
	new := `// pbscope:allow MESSAGE_DELETED nobody recorded it
edition = "2023";
package p;
// What orders are.
// pbscope:allow FIELD_DELETED_NOT_RESERVED,RESERVED_REMOVED b was never written
message M {
  // pbscope:allow FIELD_TYPE_LOSSY ids stay small
  int32 a = 1;
  // pbscope:allow FIELD_TYPE_WIDENED wrong rule
  // pbscope:allow FIELD_TYPE_LOSY misspelt
  string c = 3;
}
`
	o, n := load(t, map[string]string{"p.proto": old}, map[string]string{"p.proto": new})
	r := Compare(o, n, Options{})
	if len(r.Findings) != 1 || r.Findings[0].Element != "p.M.c" {
		t.Errorf("%s", r.AppendText(nil, TextOptions{}))
	}
	reasons := map[string]string{}
	for _, f := range r.Waived {
		reasons[f.Element] = f.Reason
	}
	for element, reason := range map[string]string{"p.M.a": "ids stay small", "p.M.b": "b was never written", "p.Gone": "nobody recorded it"} {
		if reasons[element] != reason {
			t.Errorf("%s: reason %q, want %q", element, reasons[element], reason)
		}
	}
	notes := strings.Join(r.Notes, "\n")
	for _, want := range []string{"did you mean FIELD_TYPE_LOSSY", "nothing needs the waiver of FIELD_TYPE_WIDENED"} {
		if !strings.Contains(notes, want) {
			t.Errorf("notes lack %q:\n%s", want, notes)
		}
	}
	if r.Verdict != Breaking {
		t.Error(r.Verdict)
	}
}

func TestModes(t *testing.T) {
	const old, new = `message M { string a = 1; int64 b = 2; int32 c = 3; }`, `message M { repeated string a = 1; int32 b = 2; int64 c = 3; }`
	for mode, want := range map[Mode]string{
		ModeFull:     "FIELD_CARDINALITY_LOSSY FIELD_TYPE_LOSSY FIELD_TYPE_WIDENED",
		ModeBackward: "FIELD_TYPE_LOSSY",
		ModeForward:  "FIELD_CARDINALITY_LOSSY FIELD_TYPE_WIDENED",
	} {
		if got := rulesOf(compareText(t, old, new, Options{Mode: mode})); got != want {
			t.Errorf("%s: got %s, want %s", mode, got, want)
		}
	}
	// Break in one direction, lossy in the other: the rule follows the mode.
	both := map[Mode]string{ModeFull: "FIELD_TYPE_INCOMPATIBLE", ModeBackward: "FIELD_TYPE_INCOMPATIBLE", ModeForward: ""}
	for mode, want := range both {
		if got := rulesOf(compareText(t, `message N { string s = 1; } message M { bytes a = 1; }`, `message N { string s = 1; } message M { N a = 1; }`, Options{Mode: mode})); got != want {
			t.Errorf("%s: got %s, want %s", mode, got, want)
		}
	}
}

func TestSelect(t *testing.T) {
	all, err := Select(nil, nil)
	onlyJSON, _ := Select([]string{"JSON"}, []string{"DATA"})
	if err != nil || len(all) != len(Rules())-len(protolockRules())-len(bufRows())-len(codeRules())-len(onlyJSON) || len(onlyJSON) <= len(jsonRules()) {
		t.Fatal(err, len(all))
	}
	one, err := Select([]string{"FIELD_RENUMBERED"}, nil)
	if err != nil || len(one) != 1 || one[0].ID != "FIELD_RENUMBERED" {
		t.Error(err, one)
	}
	most, err := Select([]string{"DATA"}, []string{"FIELD_RENUMBERED"})
	if err != nil || len(most) != len(all)-1 {
		t.Error(err, len(most))
	}
	for name, near := range map[string]string{"FIELD_RENUMBRED": "FIELD_RENUMBERED", "data": "DATA", "field_renumbered": "FIELD_RENUMBERED"} {
		if _, err := Select(nil, []string{name}); err == nil || !strings.Contains(err.Error(), near) {
			t.Errorf("%s: %v", name, err)
		}
	}
	// A rule that is taken away leaves its findings to no less specific one.
	rules, _ := Select(nil, []string{"FIELD_CARDINALITY_LOSSY", "UTF8_VALIDATION_ADDED"})
	r := compareText(t, p2+`message M { optional string a = 1; optional string b = 2; }`, p2+`message M { repeated string a = 1; optional string b = 2; }`, Options{Rules: rules})
	if len(r.Findings) != 0 {
		t.Errorf("%s", r.AppendText(nil, TextOptions{}))
	}
}

// Sets without source info have no lines.
func TestDescriptorSets(t *testing.T) {
	write := func(source string) string {
		_, n := load(t, map[string]string{"p.proto": source}, map[string]string{"p.proto": source})
		set := new(descriptorpb.FileDescriptorSet)
		for _, f := range n.files {
			set.File = append(set.File, protoOf(f))
		}
		data, err := proto.Marshal(set)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), "set.binpb")
		if err := os.WriteFile(path, data, 0o666); err != nil {
			t.Fatal(err)
		}
		return path
	}
	o, err := LoadOld(t.Context(), Input{Name: write(oldOrder)})
	if err != nil {
		t.Fatal(err)
	}
	n, err := LoadNew(context.Background(), Input{Name: write(newOrder)})
	if err != nil {
		t.Fatal(err)
	}
	r := Compare(o, n, Options{})
	if rulesOf(r) != "FIELD_DELETED_NOT_RESERVED FIELD_TYPE_LOSSY" && rulesOf(r) != "FIELD_TYPE_LOSSY FIELD_DELETED_NOT_RESERVED" {
		t.Fatalf("%s", r.AppendText(nil, TextOptions{}))
	}
	text, err := r.AppendJSON(nil)
	if err != nil || bytes.Contains(text, []byte(`"line"`)) || !json.Valid(text) {
		t.Errorf("%s", text)
	}
}

func TestTextForPeople(t *testing.T) {
	o, n := load(t, map[string]string{"order.proto": oldOrder}, map[string]string{"order.proto": newOrder})
	o.Name, n.paths["order.proto"] = "main", "order.proto"
	r := Compare(o, n, Options{})
	text := string(r.AppendText(nil, TextOptions{}))
	for _, want := range []string{
		"order.proto:5:3: p.Order.id changed from int64 to int32 [FIELD_TYPE_LOSSY]\n",
		"    bytes:   088080808008 as p.Order\n    old:     wrote {\"id\":\"2147483648\"}\n    new:     reads {\"id\":-2147483648}\n",
		"insert `reserved 2;` at order.proto:5\n",
		"\nbreaking with main: 0 break, 1 lossy, 1 risk; next version: major\n",
		"\ndeploy writers first: ",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("lacks %q:\n%s", want, text)
		}
	}
	if strings.Contains(text, "\x1b") || !strings.Contains(string(r.AppendText(nil, TextOptions{Color: true})), "\x1b[33m") {
		t.Error("colours")
	}
}

// protoOf is a file as a descriptor set has it, without source info.
func protoOf(f protoreflect.FileDescriptor) *descriptorpb.FileDescriptorProto {
	p := protodesc.ToFileDescriptorProto(f)
	p.SourceCodeInfo = nil
	return p
}
