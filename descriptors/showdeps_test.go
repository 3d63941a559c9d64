package descriptors

import (
	"os"
	"path/filepath"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
)

// TestShowDepsCompiles shows types with what they need, compiles that and
// compares the types. PBSCOPE_SCHEMAS names further import paths, of whose
// types some are taken.
func TestShowDepsCompiles(t *testing.T) {
	schemas, err := filepath.Abs("../fixtures/schemas")
	if err != nil {
		t.Fatal(err)
	}
	step := 1
	for i, root := range append([]string{schemas, write(t, pruned)}, filepath.SplitList(os.Getenv("PBSCOPE_SCHEMAS"))...) {
		if i > 1 {
			step = 301
		}
		entries := mustOpen(t, Sources{ImportPaths: []string{root}}).Entries()
		for j := 0; j < len(entries); j += step {
			showDepsAgain(t, mustOpen(t, Sources{ImportPaths: []string{root}}), string(entries[j].Name))
		}
	}
}

func showDepsAgain(t *testing.T, s *Schema, name string) {
	t.Helper()
	d, err := s.Descriptor(name)
	if e := flatten(err); len(e) > 0 && e[0].Kind == KindAmbiguous {
		return
	}
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	dir := t.TempDir()
	for _, f := range s.ShowDeps([]protoreflect.Descriptor{d}) {
		save(t, filepath.Join(dir, filepath.FromSlash(f.Path)), f.Text)
	}
	again, err := Open(Sources{ImportPaths: []string{dir}, Types: []string{name}})
	if err != nil {
		t.Errorf("%s with what it needs does not compile: %v", name, err)
		return
	}
	other, err := again.Descriptor(name)
	if err != nil {
		t.Fatal(err)
	}
	if a, b := inWords(t, s, d), inWords(t, s, other); !proto.Equal(a, b) {
		t.Errorf("%s is another type:\n%v\n%v", name, a, b)
	}
}

// inWords is the descriptor of a declaration, its options read with a schema.
func inWords(t *testing.T, s *Schema, d protoreflect.Descriptor) proto.Message {
	t.Helper()
	var m proto.Message
	switch d := d.(type) {
	case protoreflect.MessageDescriptor:
		m = protodesc.ToDescriptorProto(d)
	case protoreflect.EnumDescriptor:
		m = protodesc.ToEnumDescriptorProto(d)
	case protoreflect.ServiceDescriptor:
		m = protodesc.ToServiceDescriptorProto(d)
	case protoreflect.MethodDescriptor:
		m = protodesc.ToMethodDescriptorProto(d)
	case protoreflect.FieldDescriptor:
		m = protodesc.ToFieldDescriptorProto(d)
	}
	raw, err := proto.MarshalOptions{AllowPartial: true, Deterministic: true}.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	proto.Reset(m)
	if err := (proto.UnmarshalOptions{AllowPartial: true, Resolver: extensionTypes{Schema: s}}).Unmarshal(raw, m); err != nil {
		t.Fatal(err)
	}
	switch m := m.(type) {
	case *descriptorpb.DescriptorProto:
		normalMessages([]*descriptorpb.DescriptorProto{m})
		for _, x := range m.Extension {
			x.JsonName = nil
		}
	case *descriptorpb.FieldDescriptorProto:
		m.JsonName = nil
	}
	return m
}

// pruned are files of which each type needs another part.
var pruned = map[string]string{
	"opt.proto": `syntax = "proto2"; package opt;
import "google/protobuf/descriptor.proto";
message Rule { optional int32 low = 1; extensions 100 to 200; map<string, Within> by = 2; message Within { optional Level level = 1; } }
enum Level { NONE = 0; SOME = 1; }
message Unneeded { optional Level level = 1; }
extend google.protobuf.FieldOptions { optional Rule rule = 50001; optional string note = 50002; }
extend google.protobuf.FileOptions { optional string owner = 50001; }
extend Rule { optional int32 more = 100; optional group Part = 101 { optional Level level = 1; } }
message Holder { extend google.protobuf.EnumValueOptions { optional Level level = 50001; } }
`,
	"public.proto": `syntax = "proto2"; import public "base.proto";`,
	"base.proto": `syntax = "proto2"; package base;
message Base { optional string s = 1; }
message Other { optional Base b = 1; }
enum E { Z = 0; }
`,
	"use.proto": `syntax = "proto2"; package use;
import "public.proto"; import "opt.proto";
option (opt.owner) = "somebody";
message Plain { optional base.Base base = 1; }
message Ruled { optional string s = 1 [(opt.rule) = { low: 1 [opt.more]: 2 [opt.part] { level: SOME } }, (opt.note) = "n"]; }
message Outer { message Inner { optional base.E e = 1; } optional int32 x = 1; }
enum Marked { A = 0 [(opt.Holder.level) = SOME]; }
service S { rpc One(Plain) returns (Outer.Inner); rpc Two(stream Ruled) returns (stream Plain); }
extend opt.Rule { optional Marked marked = 110; }
`,
}
