package descriptors

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"

	"github.com/pbscope/pbscope/descriptors/standard"
)

// unpackSet is the files of a set without what printing cannot keep.
func unpackSet(t testing.TB, s *Schema, raw []byte) map[string]*descriptorpb.FileDescriptorProto {
	t.Helper()
	set := new(descriptorpb.FileDescriptorSet)
	if err := (proto.UnmarshalOptions{Resolver: extensionTypes{Schema: s}}).Unmarshal(raw, set); err != nil {
		t.Fatal(err)
	}
	files := make(map[string]*descriptorpb.FileDescriptorProto)
	for _, f := range set.File {
		f.SourceCodeInfo = nil
		if f.GetSyntax() == "proto2" {
			f.Syntax = nil
		}
		files[f.GetName()] = f
	}
	return files
}

// printedAgain prints all files of a schema, compiles what was printed, and
// compares the descriptors. Imports that were not printed come from roots.
func printedAgain(t *testing.T, s *Schema, roots ...string) {
	t.Helper()
	files, err := s.Files()
	if err != nil {
		t.Fatal(err)
	}
	raw, err := s.FileSet(SetOptions{Imports: true})
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	var names []string
	for _, fd := range files {
		if linkedBuiltin(fd.Path()) == fd {
			continue
		}
		names = append(names, fd.Path())
		path := filepath.Join(dir, filepath.FromSlash(fd.Path()))
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(s.Show(fd)), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	again, err := Open(Sources{ImportPaths: append([]string{dir}, roots...), Protos: names})
	if err != nil {
		t.Fatalf("what was printed does not compile: %v", err)
	}
	second, err := again.FileSet(SetOptions{Imports: true})
	if err != nil {
		t.Fatal(err)
	}
	before, after := unpackSet(t, s, raw), unpackSet(t, s, second)
	for _, name := range names {
		if !sameFile(normal(t, before[name]), normal(t, after[name])) {
			t.Errorf("%s is another file after printing\n%s\n%s\n%s", name, before[name], after[name], s.Show(mustFile(t, s, name)))
		}
	}
	if len(names) == 0 {
		t.Error("nothing was printed")
	}
}

func mustFile(t testing.TB, s *Schema, name string) protoreflect.FileDescriptor {
	t.Helper()
	fd, err := s.FindFileByPath(name)
	if err != nil {
		t.Fatal(err)
	}
	return fd
}

// normal is a file without the spellings that mean the same.
func normal(t testing.TB, f *descriptorpb.FileDescriptorProto) *descriptorpb.FileDescriptorProto {
	t.Helper()
	if f == nil {
		t.Fatal("a file is missing")
	}
	for _, x := range f.Extension {
		x.JsonName = nil
	}
	normalMessages(f.MessageType)
	return f
}

func normalMessages(messages []*descriptorpb.DescriptorProto) {
	for _, m := range messages {
		for _, x := range m.Extension {
			x.JsonName = nil
		}
		normalMessages(m.NestedType)
	}
}

func TestShowCompilesAgain(t *testing.T) {
	schemas, err := filepath.Abs("../fixtures/schemas")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ root, files string }{{"trades", "*.proto"}, {".", "user/v1/*.proto"}, {"grpctest", "*.proto"}, {"tws", "*.proto"}} {
		root := filepath.Join(schemas, c.root)
		files, err := filepath.Glob(filepath.Join(root, c.files))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: no fixtures", root)
		}
		for _, info := range []bool{false, true} {
			t.Run(c.root, func(t *testing.T) {
				printedAgain(t, mustOpen(t, Sources{ImportPaths: []string{root}, Protos: files, SourceInfo: info}))
			})
		}
	}
	t.Run("builtin", func(t *testing.T) {
		s := mustOpen(t, Sources{})
		s.named = append(s.named, standard.Paths()...)
		s.named = append(s.named, "google/protobuf/struct.proto", "google/protobuf/type.proto", "google/protobuf/compiler/plugin.proto", "google/protobuf/cpp_features.proto")
		printedAgain(t, s)
	})
	t.Run("conformance", func(t *testing.T) {
		dir := os.Getenv("PBSCOPE_CONFORMANCE")
		if dir == "" {
			t.Skip("PBSCOPE_CONFORMANCE is not set")
		}
		s := mustOpen(t, Sources{DescriptorSets: []string{filepath.Join(dir, "test_messages.binpb")}})
		s.sets.order = slices.DeleteFunc(s.sets.order, func(e *setEntry) bool {
			return strings.Contains(e.name, "unstable") // the compiler knows no unstable edition
		})
		printedAgain(t, s)
	})
}

// TestShowKeepsValues holds literals that are easily lost.
func TestShowKeepsValues(t *testing.T) {
	dir := write(t, map[string]string{"a.proto": `syntax = "proto2";
package a.b;
import "google/protobuf/descriptor.proto";
message Rule {
  optional double low = 1; repeated string words = 2; map<string, Rule> by = 3; optional bytes raw = 4;
  optional group Part = 5 { optional int32 n = 6; }
  extensions 100 to 200;
}
extend Rule { optional int64 wide = 100; }
extend google.protobuf.FieldOptions { optional Rule rule = 50001; repeated int32 numbers = 50002; optional string note = 50003; optional float ratio = 50004; }
extend google.protobuf.MessageOptions { optional bool marked = 50001; optional Level level = 50002; }
enum Level { option allow_alias = true; LOW = 0; NONE = 0; HIGH = -5; reserved 7, 9 to 11, 100 to max; reserved "GONE"; }
message a { message b { message M {} } }
message M {
  option (marked) = true;
  option (.a.b.level) = HIGH;
  reserved 9, 20 to 30, 1000 to max;
  reserved "old", "older";
  extensions 100 to 199 [verification = UNVERIFIED];
  optional float tiny = 1 [default = 1e-40];
  optional double huge = 2 [default = 1.7976931348623157e308];
  optional double inf = 3 [default = -inf];
  optional double nan = 4 [default = nan];
  optional string text = 5 [default = "a\"b\\c\n\001\xc3\xa9?"];
  optional bytes bytes = 6 [default = "\000\377\x80z"];
  optional Level level = 7 [default = HIGH];
  optional int32 named = 8 [json_name = "NAMED", deprecated = true];
  repeated int32 packed = 10 [packed = true];
  optional string ruled = 11 [(rule) = { low: -1.5e-9 words: ["x", "y\n"] by: { key: "k" value: { low: inf } } raw: "\377" Part { n: 3 } },
    (numbers) = 1, (numbers) = -2, (note) = "caf\303\251", (ratio) = 0.1];
  repeated group Entry = 12 { optional int32 x = 1; }
  message After { optional .a.b.a.b.M deep = 1; optional .a.b.M shallow = 2; }
  map<int32, After> tree = 13;
  oneof choice { string one = 14; group Two = 15 { optional int32 y = 1; } }
  optional .a.b.a.b.M m = 16;
  extend M { optional int32 inside = 150; optional group Grouped = 151 { optional int32 z = 1; } }
}
service S {
  option deprecated = true;
  rpc A(M) returns (stream M);
  rpc B(stream M) returns (M) { option idempotency_level = NO_SIDE_EFFECTS; }
}
`})
	more := write(t, map[string]string{"b.proto": `edition = "2023";
package q;
import "google/protobuf/descriptor.proto";
option features.field_presence = IMPLICIT;
message Rule { extensions 1 to max; }
extend Rule { int64 wide = 100; Rule deep = 101 [features.message_encoding = DELIMITED]; }
extend google.protobuf.FileOptions { Rule rule = 50001; }
extend google.protobuf.EnumValueOptions { Rule value_rule = 50001; }
option (rule) = { [q.wide]: 9 [q.deep] { [q.wide]: -1 } };
option (rule).(deep).(deep).(wide) = 7;
enum E { A = 0 [(value_rule).(wide) = 1, deprecated = true]; reserved B, C; }
enum Closed { option features.enum_type = CLOSED; X = 5; }
message M { reserved b, c; int32 a = 1; string s = 2 [features = { field_presence: EXPLICIT, utf8_validation: NONE }];
  repeated E e = 3 [features.repeated_field_encoding = EXPANDED]; Rule r = 4 [features.field_presence = LEGACY_REQUIRED]; }
`})
	newest := write(t, map[string]string{"c.proto": `edition = "2024";
import option "google/api/annotations.proto";
export message Out { local enum Within { A = 0; } }
local message In {}
local enum E { B = 0; }
message Plain {}
service S { rpc A(Out) returns (In) { option (google.api.http) = { get: "/a" }; } }
`})
	for _, info := range []bool{false, true} {
		s := mustOpen(t, Sources{ImportPaths: []string{newest}, Protos: []string{"c.proto"}, SourceInfo: info})
		printedAgain(t, s)
		if d, err := s.Descriptor("In"); err != nil || !strings.HasPrefix(s.Show(d), "local message In {") {
			t.Errorf("%v: %s", err, s.Show(d))
		}
		printedAgain(t, mustOpen(t, Sources{ImportPaths: []string{dir}, Protos: []string{"a.proto"}, SourceInfo: info}))
		printedAgain(t, mustOpen(t, Sources{ImportPaths: []string{more}, Protos: []string{"b.proto"}, SourceInfo: info}))
	}
}

// TestShowOptionWithoutExtension: what nobody declares is said, not dropped.
func TestShowOptionWithoutExtension(t *testing.T) {
	options := protowire.AppendVarint(protowire.AppendTag(nil, 50001, protowire.VarintType), 1)
	m := &descriptorpb.DescriptorProto{Name: proto.String("M"), Options: new(descriptorpb.MessageOptions)}
	m.Options.ProtoReflect().SetUnknown(options)
	path := writeSet(t, &descriptorpb.FileDescriptorProto{Name: proto.String("a.proto"), MessageType: []*descriptorpb.DescriptorProto{m}})
	s := mustOpen(t, Sources{DescriptorSets: []string{path}})
	d, err := s.Message("M")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := s.Show(d), "message M {\n  // option 50001 is set; the schema does not declare it\n}\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// writeSet writes a descriptor set of files and is its path.
func writeSet(t testing.TB, files ...*descriptorpb.FileDescriptorProto) string {
	t.Helper()
	raw, err := proto.Marshal(&descriptorpb.FileDescriptorSet{File: files})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "set.binpb")
	if err := os.WriteFile(path, raw, 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}
