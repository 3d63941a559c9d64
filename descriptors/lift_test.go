package descriptors

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/descriptorpb"
)

// program writes something that begins like a program and holds descriptors.
func program(t *testing.T, files ...*descriptorpb.FileDescriptorProto) string {
	t.Helper()
	data := []byte("\x7fELF\x02\x01\x01\x00")
	for _, f := range files {
		raw, err := proto.Marshal(f)
		if err != nil {
			t.Fatal(err)
		}
		data = append(append(data, raw...), "\x00some text between\x00"...)
	}
	path := filepath.Join(t.TempDir(), "program")
	if err := os.WriteFile(path, data, 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

// lifted is a file with a message M that has a field of type of, if that is
// not "".
func lifted(name, pkg, of string, imports ...string) *descriptorpb.FileDescriptorProto {
	m := &descriptorpb.DescriptorProto{Name: proto.String("M")}
	if of != "" {
		m.Field = []*descriptorpb.FieldDescriptorProto{{Name: proto.String("of"), Number: proto.Int32(1), TypeName: proto.String(of),
			Type: descriptorpb.FieldDescriptorProto_TYPE_MESSAGE.Enum(), Label: descriptorpb.FieldDescriptorProto_LABEL_OPTIONAL.Enum()}}
	}
	return &descriptorpb.FileDescriptorProto{Name: proto.String(name), Package: proto.String(pkg), Dependency: imports,
		MessageType: []*descriptorpb.DescriptorProto{m}}
}

// TestLiftedNames imports files by other names than they are registered by, as
// Kubernetes' and gogo's programs do.
func TestLiftedNames(t *testing.T) {
	for _, c := range []struct {
		name            string
		registered      []string
		imported, taken string
	}{
		{"the same", []string{"x/a.proto"}, "x/a.proto", ""},
		{"vendored", []string{"k8s.io/vendor/x/a.proto"}, "x/a.proto", "k8s.io/vendor/x/a.proto"},
		{"shortened", []string{"a.proto"}, "github.com/x/a.proto", "a.proto"},
		{"half a word", []string{"vendor/xx/a.proto"}, "x/a.proto", "nothing"},
		{"several", []string{"v1/x/a.proto", "v2/x/a.proto"}, "x/a.proto", "nothing"},
	} {
		files := []*descriptorpb.FileDescriptorProto{lifted("b.proto", "b", ".a.M", c.imported)}
		for _, name := range c.registered {
			files = append(files, lifted(name, "a", ""))
		}
		var notes []string
		s, err := Open(Sources{DescriptorSets: []string{program(t, files...)}, Note: func(text string) { notes = append(notes, text) }})
		if err != nil {
			t.Fatal(err)
		}
		m, err := s.Message("b.M")
		switch {
		case c.taken == "nothing":
			var e *Error
			if !errors.As(err, &e) || e.Kind != KindImport {
				t.Errorf("%s: %v", c.name, err)
			}
		case err != nil || m.Fields().ByName("of").Message().FullName() != "a.M":
			t.Errorf("%s: %v, %v", c.name, m, err)
		case c.taken == "" && len(notes) > 0 || c.taken != "" && !strings.Contains(strings.Join(notes, "\n"), c.taken+" taken for the import of "+c.imported):
			t.Errorf("%s: notes %q", c.name, notes)
		}
	}
}

// TestLiftedTwice has one name for two files.
func TestLiftedTwice(t *testing.T) {
	one, other := lifted("a.proto", "a", ""), lifted("a.proto", "a", ".a.M")
	s, err := Open(Sources{DescriptorSets: []string{program(t, one, one)}})
	if err == nil {
		_, err = s.Message("a.M")
	}
	if err != nil {
		t.Errorf("equal files: %v", err)
	}
	path := program(t, one, lifted("b.proto", "b", ""), other)
	if s, err = Open(Sources{DescriptorSets: []string{path}}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Message("b.M"); err != nil {
		t.Errorf("a file without a double: %v", err)
	}
	_, err = s.Message("a.M")
	var e *Error
	if !errors.As(err, &e) || e.Kind != KindConflict || strings.Count(e.Message, path+" (offset 0x") != 2 {
		t.Errorf("different files: %v", err)
	}
}

// TestNoGeneratedCode is about programs that hold nothing.
func TestNoGeneratedCode(t *testing.T) {
	for text, hint := range map[string]string{
		"\x7fELF UPX! ":                          "upx -d",
		"\x7fELF \xff Go buildinf:":              "protoc-gen-go",
		"\x7fELF N6google8protobuf11MessageLite": "lite runtime",
		"\x7fELF rustc version":                  "tonic-reflection",
		"\x7fELF":                                "libraries of messages may be files of their own",
		"\xca\xfe\xba\xbe\x00\x00\x00\x34\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00": "whole .jar",
	} {
		path := filepath.Join(t.TempDir(), "x")
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		_, err := Open(Sources{DescriptorSets: []string{path}})
		var e *Error
		if !errors.As(err, &e) || !strings.Contains(e.Message, "without descriptors of generated code") || !strings.Contains(e.Hint, hint) {
			t.Errorf("%q: %#v", text, err)
		}
	}
}
