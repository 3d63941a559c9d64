package descriptors_test

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/descriptors"
	"github.com/pbscope/pbscope/inspect/identify"
	"github.com/pbscope/pbscope/inspect/plan"
	"github.com/pbscope/pbscope/inspect/transcode"
)

// described are the types of a table as lines of text that do not depend on the
// order of types and enums.
func described(t *identify.Table) []string {
	var lines []string
	entry := make(map[int32]string) // entries of maps have no name that counts
	for i := range t.Types {
		for _, f := range t.Types[i].Fields {
			if f.Sub >= 0 && f.Kind.String() == "message" && t.Types[f.Sub].Form == identify.Entry {
				entry[f.Sub] = fmt.Sprintf("%s.%d", t.Types[i].Name, f.Number)
			}
		}
	}
	name := func(i int32) string {
		if e := entry[i]; e != "" {
			return e
		}
		return t.Types[i].Name
	}
	for i := range t.Types {
		typ := &t.Types[i]
		line := fmt.Sprintf("%s form %d ranges %v", name(int32(i)), typ.Form, typ.Extensions)
		for _, f := range typ.Fields {
			sub := ""
			switch {
			case f.Sub >= 0 && f.Kind.String() == "enum":
				sub = fmt.Sprint(t.Enums[f.Sub])
			case f.Sub >= 0:
				sub = name(f.Sub)
			}
			f.Sub = 0
			line += fmt.Sprintf("\n  %+v %s", f, sub)
		}
		lines = append(lines, line)
	}
	slices.Sort(lines)
	return lines
}

const identifySources = `edition = "2023";
package e.d;
import "google/protobuf/timestamp.proto";
import "google/protobuf/descriptor.proto";
option features.field_presence = IMPLICIT; /* message X { */
message M {
  option deprecated = true;
  int32 a = 1 [features.field_presence = EXPLICIT, deprecated = true];
  repeated int32 b = 2 [features.repeated_field_encoding = EXPANDED];
  N n = 0x3 [features.message_encoding = DELIMITED];
  map<string, .e.d.M.N> by_name = 4;
  map<int32, E> to_enum = 5;
  oneof choice { string s = 6 [features.utf8_validation = NONE]; bytes y = 7; }
  E e = 8; Shut shut = 9 [features.field_presence = EXPLICIT]; repeated Shut many = 12;
  google.protobuf.Timestamp at = 10;
  string required = 11 [features.field_presence = LEGACY_REQUIRED];
  message N { M m = 1; int32 x = 2; N n = 3;
    message E {} E e = 4; d.E outer = 5; }
  reserved 100 to 110, 200; reserved gone;
  extensions 1000 to 1999, 5000 to max [verification = UNVERIFIED];
  extensions 3000 to 3010 [declaration = { number: 3001 full_name: ".e.d.x" type: "string" }];
  extend M { repeated N inner = 1002; }
}
enum E { Z = 0; NEGATIVE = -0x2; BIG = 2147483647 [deprecated = true]; }
enum Shut { option features.enum_type = CLOSED; O = 0; P = 017; }
extend M { string outer = 1000; }
extend google.protobuf.FieldOptions { string note = 50001; }
`

const identifyOld = `syntax = "proto2";
package old;
message G {
  optional group Inner = 1 [deprecated = true] { required int32 a = 1; repeated group Deep = 2 { optional string s = 1; } }
  repeated int32 packed = 2 [packed = true];
  optional string text = 3 [default = "a;b}"];
  oneof pick { group Picked = 4 { optional bool b = 1; } int32 plain = 5; }
  optional E e = 6 [default = B];
  enum E { A = 1; B = 2; option allow_alias = true; C = 2; }
  extensions 10, 20 to 30;
}
extend G { optional group Ext = 20 { optional sint64 z = 1; } }
`

const identifyNew = `syntax = "proto3";
message Top { optional int32 present = 1; int32 absent = 2; repeated bool flags = 3 [packed = false]; repeated string names = 4;
  old.G g = 5; oneof one { double d = 6; } }
import "old.proto";
`

// TestTypesOfSourceAndSetAgree compares the types that are read out of .proto
// source with those of the descriptor set that the compiler makes of it.
func TestTypesOfSourceAndSetAgree(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"new.proto": identifyNew, "old.proto": identifyOld, "edition.proto": identifySources} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, paths := range [][]string{{dir}, {"../fixtures/schemas/trades"}, {"../fixtures/schemas/tws"}, {"../fixtures/schemas/user"}, {"../fixtures/schemas/grpctest"}} {
		schema, err := descriptors.Open(descriptors.Sources{ImportPaths: paths})
		if err != nil {
			t.Fatal(err)
		}
		set, err := schema.FileSet(descriptors.SetOptions{})
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(t.TempDir(), "set.binpb")
		if err := os.WriteFile(file, set, 0o644); err != nil {
			t.Fatal(err)
		}
		got := described(tableOf(t, descriptors.Sources{ImportPaths: paths}))
		want := described(tableOf(t, descriptors.Sources{DescriptorSets: []string{file}}))
		if len(got) != len(want) {
			t.Errorf("%v: %d types, want %d", paths, len(got), len(want))
		}
		for i := range min(len(got), len(want)) {
			if got[i] != want[i] {
				t.Errorf("%v: from source\n%s\nfrom the set\n%s", paths, got[i], want[i])
			}
		}
	}
}

// conformanceVariable names the folder with the recorded cases of the official
// conformance suite.
const conformanceVariable = "PBSCOPE_CONFORMANCE"

type conformanceCase struct {
	Name        string `json:"name"`
	MessageType string `json:"message_type"`
	Input       string `json:"input"`
	Payload     []byte `json:"payload_b64"`
}

func conformanceCases(t *testing.T) (cases []conformanceCase) {
	if os.Getenv(conformanceVariable) == "" {
		t.Skip(conformanceVariable + " is not set")
	}
	file, err := os.Open(filepath.Join(os.Getenv(conformanceVariable), "cases.jsonl.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	unzipped, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	for lines := json.NewDecoder(unzipped); lines.More(); {
		var c conformanceCase
		if err := lines.Decode(&c); err != nil {
			t.Fatal(err)
		}
		cases = append(cases, c)
	}
	return cases
}

// TestConformancePayloads has the payloads of the conformance suite: identify
// refuses those that decode refuses, and of three that decode the right type
// comes first, or ties for it. The five types TestAllTypes… count as one: they
// have the same fields, and differ in what the suite writes both ways on
// purpose, packed and not, zero and absent.
func TestConformancePayloads(t *testing.T) {
	cases := conformanceCases(t)
	src := descriptors.Sources{DescriptorSets: []string{filepath.Join(os.Getenv(conformanceVariable), "test_messages.binpb")}}
	table := tableOf(t, src)
	schema, err := descriptors.Open(src)
	if err != nil {
		t.Fatal(err)
	}
	plans := plan.NewSet(schema)
	index := make(map[string]int32)
	for i := range table.Types {
		index[table.Types[i].Name] = int32(i)
	}
	decoder := transcode.NewDecoder(transcode.Options{})
	strict := transcode.NewDecoder(transcode.Options{Unknown: transcode.RefuseUnknown})
	compared, right, siblings := 0, 0, 0
	payloads := make(map[string][][]byte)
	for _, c := range cases {
		m := plans.Named(protoreflect.FullName(c.MessageType))
		typ, known := index[c.MessageType]
		if c.Input != "protobuf" || m == nil || !known {
			continue
		}
		_, _, decodes := decoder.Append(nil, m, c.Payload)
		unknown, ok := table.Count(typ, c.Payload)
		if ok != decodes {
			t.Errorf("%s: decodes %t, counts %t", c.Name, decodes, ok)
		}
		if _, _, strictly := strict.Append(nil, m, c.Payload); decodes && ok && strictly != (unknown == 0) && !strings.Contains(c.Name, "MessageSet") {
			// What a MessageSet holds counts as bytes.
			t.Errorf("%s: decodes without unknown fields %t, %d are counted", c.Name, strictly, unknown)
		}
		if !decodes || len(c.Payload) == 0 {
			continue
		}
		payloads[c.MessageType] = append(payloads[c.MessageType], c.Payload)
	}
	random := rand.New(rand.NewPCG(5, 1))
	for _, name := range slices.Sorted(maps.Keys(payloads)) {
		all := payloads[name]
		for range 100 {
			samples := [][]byte{all[random.IntN(len(all))], all[random.IntN(len(all))], all[random.IntN(len(all))]}
			compared++
			r := table.Rank(samples, identify.Options{})
			switch first := r.Candidates[0].Type; {
			case r.Place(name) == 1:
				right++
			case strings.HasPrefix(string(protoreflect.FullName(first).Name()), "TestAllTypes"):
				siblings++
			default:
				t.Logf("%x is %s, taken for %s", samples, name, first)
			}
		}
	}
	t.Logf("of %d trials of three payloads %d have the right type first or tied, %d a sibling of it", compared, right, siblings)
	if compared == 0 || (right+siblings)*100 < compared*95 {
		t.Errorf("the right type is first for %d of %d trials", right+siblings, compared)
	}
}
