package descriptors

import (
	"os"
	"path/filepath"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"

	"github.com/pbscope/pbscope/inspect/plan"
)

// FuzzSource: any text as a .proto file either compiles or gives errors with
// a message and a file; of what compiles, the scanner found the same
// declarations as the compiler, and it prints to source that compiles to the
// same.
func FuzzSource(f *testing.F) {
	f.Add([]byte(orders))
	f.Add([]byte(money))
	f.Add([]byte("edition = \"2023\"; message M { extensions 4 to max; int32 a = 1 [features.field_presence = IMPLICIT]; }"))
	f.Add([]byte("syntax = \"proto2\"; message M { optional group G = 1 { repeated int32 n = 1 [packed = true]; } extend M { } }"))
	f.Add([]byte("message A { oneof o { string message = 1; } map<string, A> m = 2; reserved 5 to max; } enum E { X = 0; } service S { rpc R(stream A) returns (A) {} }"))
	f.Add([]byte("/* // */ message /**/ A // {\n{ option (a).b = { c: \"}\" d: 'x' }; }"))
	paths, _ := filepath.Glob("../fixtures/schemas/*/*.proto")
	for _, path := range paths {
		if text, err := os.ReadFile(path); err == nil {
			f.Add(text)
		}
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "a.proto"), text, 0o666); err != nil {
			t.Fatal(err)
		}
		s, err := Open(Sources{ImportPaths: []string{dir}, Protos: []string{"a.proto"}})
		if err != nil {
			for _, e := range flatten(err) {
				if e.Message == "" || e.File == "" {
					t.Errorf("%+v", e)
				}
			}
			return
		}
		fd, err := s.FindFileByPath("a.proto")
		if err != nil {
			t.Fatal(err)
		}
		declared := make(map[protoreflect.FullName]bool)
		for _, e := range s.Entries() {
			declared[e.Name] = true
			if findIn(fd, e.Name) == nil {
				t.Errorf("%s %s is none to the compiler", e.Kind, e.Name)
			}
		}
		plans := plan.NewSet(s)
		eachMessage(fd.Messages(), func(m protoreflect.MessageDescriptor) {
			if !declared[m.FullName()] && !m.IsMapEntry() {
				t.Errorf("%s was not scanned", m.FullName())
			}
			plans.Message(m)
		})
		printedAgain(t, s)
	})
}

func eachMessage(messages protoreflect.MessageDescriptors, do func(protoreflect.MessageDescriptor)) {
	for i := range messages.Len() {
		do(messages.Get(i))
		eachMessage(messages.Get(i).Messages(), do)
	}
}

// FuzzSet: any bytes as a descriptor set open or do not, and each file of
// them links or does not, without a panic; what links can be printed and
// planned.
func FuzzSet(f *testing.F) {
	seed := func(file *descriptorpb.FileDescriptorProto) {
		raw, err := proto.Marshal(&descriptorpb.FileDescriptorSet{File: []*descriptorpb.FileDescriptorProto{file}})
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	seed(file(f, `name: "a.proto" package: "p" message_type { name: "M" options { message_set_wire_format: true } extension_range { start: 4 end: 2147483647 } }`))
	seed(file(f, `name: "a.proto" syntax: "editions" edition: EDITION_2023 options { features { field_presence: IMPLICIT } } message_type { name: "M" field { name: "x" number: 1 type: TYPE_ENUM type_name: ".E" } } enum_type { name: "E" value { name: "A" number: 0 } }`))
	seed(file(f, `name: "a.proto" syntax: "proto3" dependency: "google/protobuf/any.proto" service { name: "S" method { name: "R" input_type: ".google.protobuf.Any" output_type: "google.protobuf.Any" } }`))
	seed(file(f, `name: "a.proto" message_type { name: "M" nested_type { name: "NEntry" options { map_entry: true } } field { name: "n" number: 1 label: LABEL_REPEATED type: TYPE_GROUP type_name: ".M.NEntry" default_value: "x" oneof_index: 0 } oneof_decl { name: "o" } }`))
	paths, _ := filepath.Glob("../fixtures/data/*/*.protoset")
	for _, path := range paths {
		if data, err := os.ReadFile(path); err == nil && len(data) < 16<<10 {
			f.Add(data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		path := filepath.Join(t.TempDir(), "set")
		if err := os.WriteFile(path, data, 0o666); err != nil {
			t.Fatal(err)
		}
		s, err := Open(Sources{DescriptorSets: []string{path}})
		if err != nil {
			return
		}
		entries := s.Entries()
		plans := plan.NewSet(s)
		for _, e := range entries[:min(len(entries), 50)] {
			d, err := s.FindDescriptorByName(e.Name)
			if err != nil || d == nil {
				continue
			}
			s.Show(d)
			if m, ok := d.(protoreflect.MessageDescriptor); ok {
				plans.Message(m)
				s.FindExtensionByNumber(m.FullName(), 100)
			}
		}
		s.FileSet(SetOptions{Imports: true})
	})
}
