package artefact

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/descriptorpb"
)

// bigProto is a schema with that many fields and some of everything else.
func bigProto(fields int) string {
	var b strings.Builder
	b.WriteString("syntax = \"proto2\";\npackage big;\nenum E { A = 0; Z = -1; }\nmessage M {\n  extensions 5000 to max;\n")
	for i := range fields {
		fmt.Fprintf(&b, "  optional string f%d = %d [default = \"\\000\\377é\\n\"];\n", i, i+1)
	}
	b.WriteString("}\nextend M { repeated E e = 6000; }\nservice S { rpc Do(M) returns (stream M); }\noption java_package = \"\";\n")
	return b.String()
}

// protocSet writes big.proto and gives its descriptor as protoc has it.
func protocSet(t *testing.T, dir, source string) []byte {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, "big.proto"), []byte(source), 0o644); err != nil {
		t.Fatal(err)
	}
	run(t, dir, "protoc", "-obig.binpb", "big.proto")
	data, err := os.ReadFile(filepath.Join(dir, "big.binpb"))
	if err != nil {
		t.Fatal(err)
	}
	set := new(descriptorpb.FileDescriptorSet)
	if err := proto.Unmarshal(data, set); err != nil || len(set.File) != 1 {
		t.Fatal(err)
	}
	// protoc adds these to sets, and its generators do not.
	for _, m := range set.File[0].MessageType {
		for _, f := range m.Field {
			f.JsonName = nil
		}
	}
	for _, f := range set.File[0].Extension {
		f.JsonName = nil
	}
	raw, err := proto.Marshal(set.File[0])
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func run(t *testing.T, dir, name string, args ...string) {
	t.Helper()
	c := exec.Command(name, args...)
	c.Dir = dir
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", name, err, out)
	}
}

// same compares descriptors as messages.
func same(t *testing.T, got, want []byte) {
	t.Helper()
	a, b := new(descriptorpb.FileDescriptorProto), new(descriptorpb.FileDescriptorProto)
	if err := proto.Unmarshal(got, a); err != nil {
		t.Fatal(err)
	}
	if err := proto.Unmarshal(want, b); err != nil {
		t.Fatal(err)
	}
	if !proto.Equal(a, b) {
		t.Error("the descriptor is another")
	}
}

// TestCompiler compiles the array of protoc's C++ code, as it is generated,
// into an object file, a library and a stripped program.
func TestCompiler(t *testing.T) {
	for _, tool := range []string{"protoc", "g++", "ar", "strip"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("%s is not installed", tool)
		}
	}
	for _, fields := range []int{1, 10, 4000} { // the last beyond 64 KiB, which is written as characters
		dir := t.TempDir()
		want := protocSet(t, dir, bigProto(fields))
		run(t, dir, "protoc", "--cpp_out=.", "big.proto")
		text, err := os.ReadFile(filepath.Join(dir, "big.pb.cc"))
		if err != nil {
			t.Fatal(err)
		}
		_, rest, _ := bytes.Cut(text, []byte("const char descriptor_table_protodef_big_2eproto[]"))
		array, _, ok := bytes.Cut(rest[bytes.IndexByte(rest, '='):], []byte("\n  ;"))
		if !ok {
			array, _, ok = bytes.Cut(rest[bytes.IndexByte(rest, '='):], []byte(";\n"))
		}
		if !ok {
			t.Skip("this protoc writes the array in another way")
		}
		source := "#include <cstdio>\nextern const char table[];\nconst char table[] " + string(array) + ";\nint main() { std::puts(table + 2); }\n"
		if err := os.WriteFile(filepath.Join(dir, "main.cc"), []byte(source), 0o644); err != nil {
			t.Fatal(err)
		}
		run(t, dir, "g++", "-O1", "-c", "main.cc")
		run(t, dir, "ar", "rcs", "main.a", "main.o")
		run(t, dir, "g++", "-shared", "-fPIC", "-o", "main.so", "main.cc")
		run(t, dir, "g++", "-o", "main", "main.o")
		run(t, dir, "strip", "-s", "main")
		for _, name := range []string{"main.o", "main.a", "main.so", "main"} {
			checkProgram(t, filepath.Join(dir, name), map[string][]byte{"big.proto": want})
		}
	}
}

// pythonRepr is a literal as Python's repr writes it.
func pythonRepr(raw []byte) string {
	var b strings.Builder
	b.WriteString("b'")
	for _, c := range raw {
		switch {
		case c == '\'' || c == '\\':
			b.WriteString("\\" + string(c))
		case c == '\n':
			b.WriteString(`\n`)
		case c < ' ' || c > '~':
			fmt.Fprintf(&b, `\x%02x`, c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String() + "'"
}

func TestPythonLiterals(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{`b'abc'`, "abc"},
		{`b"a'b"`, "a'b"},
		{`B'\x00\0\377\12x\7'`, "\x00\x00\xff\nx\a"},
		{`b'\a\b\f\n\r\t\v\\\'\"'`, "\a\b\f\n\r\t\v\\'\""},
		{"b'a\\\nb\\\r\nc'", "abc"},
		{`b'a' b"b" '''c'''`, "abc"},
		{"(\n  b'a'  # first\n  b'b'\n)", "ab"},
		{`_b('\303\251\x41')`, "\xc3\xa9A"},
		{`_b("a") , b'z'`, "a"},
		{`u'\u00e9é'`, "\xe9\xe9"},
		{`b'''it's
two'''`, "it's\ntwo"},
		{`rb'\n' r'\''`, `\n\'`},
		{`b'\q\8'`, `\q\8`},
		{`b''`, ""},
		{`b'a' + b'b'`, "a"},
	} {
		if got, _, ok := pythonLiteral([]byte(c.text)); !ok || string(got) != c.want {
			t.Errorf("%s = %q, %v; want %q", c.text, got, ok, c.want)
		}
	}
	for _, bad := range []string{`b'a`, "b'a\nb'", `b'\x4'`, `b'\`, `'''a''`, `u'\u0100'`, `u'Ā'`, `b'\U12345678'`} {
		if got, n, ok := pythonLiteral([]byte(bad)); ok && n > 0 {
			t.Errorf("%s = %q", bad, got)
		}
	}
	for _, none := range []string{"", "x", "_descriptor.DESCRIPTOR.serialized_pb", ")", "# b'a'"} {
		if _, n, _ := pythonLiteral([]byte(none)); n != 0 {
			t.Errorf("%q: read %d bytes", none, n)
		}
	}
}

func TestPythonModules(t *testing.T) {
	raw := linked(t)["google/protobuf/any.proto"]
	literal := pythonRepr(raw)
	middle := bytes.Index(raw, []byte("proto3")) // an offset within
	for name, text := range map[string]string{
		"today":      "from google.protobuf import descriptor as _descriptor\nDESCRIPTOR = _descriptor_pool.Default().AddSerializedFile(" + literal + ")\n",
		"3.19":       "from google.protobuf import descriptor as _descriptor\nDESCRIPTOR = _descriptor.FileDescriptor(\n  name='a.proto',\n  create_key=_descriptor._internal_create_key,\n  serialized_pb=" + literal + "\n)\n",
		"3.0":        "from google.protobuf import descriptor as _descriptor\nX = _descriptor.FileDescriptor(serialized_pb=_b(" + literal[1:] + "))\n",
		"2.6":        "from google.protobuf import descriptor as _descriptor\nX = _descriptor.FileDescriptor(serialized_pb=" + literal[1:] + ")\n",
		"formatted":  "from google.protobuf import descriptor as _descriptor\nX = AddSerializedFile(\n    " + pythonRepr(raw[:middle]) + "\n    " + pythonRepr(raw[middle:]) + "\n)\n",
		"carriage":   "from google.protobuf import descriptor as _descriptor\r\nX = AddSerializedFile(" + literal + ")\r\n",
		"both forms": "from google.protobuf import descriptor as _descriptor\nif a:\n  X = F(serialized_pb=" + literal + ")\nelse:\n  X = AddSerializedFile(" + literal + ")\n",
	} {
		if kind := Sniff("x", []byte(text)[:min(len(text), SniffLength)]); kind != Python {
			t.Errorf("%s: taken for %q", name, kind)
		}
		result := lift(t, Python, []byte(text))
		if len(result.Files) == 0 {
			t.Errorf("%s: nothing found", name)
		}
		for _, f := range result.Files {
			if !bytes.Equal(f.Raw, raw) {
				t.Errorf("%s: another", name)
			}
		}
	}
	if _, err := Lift(Python, strings.NewReader("AddSerializedFile(b'abc')"), 25); err != errDescriptor {
		t.Errorf("a literal that is none: %v", err)
	}
}

// TestPython asks Python for its own literals, and for the modules of protoc.
func TestPython(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("python3 is not installed")
	}
	random := rand.New(rand.NewPCG(3, 4))
	dir := t.TempDir()
	for range 10 {
		raw := make([]byte, 2000)
		for i := range raw {
			raw[i] = byte(random.Uint32())
		}
		file := filepath.Join(dir, "raw")
		if err := os.WriteFile(file, raw, 0o644); err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command(python, "-c", "import sys; print(repr(open(sys.argv[1], 'rb').read()))", file).Output()
		if err != nil {
			t.Skip("python3 does not run here")
		}
		if got, _, ok := pythonLiteral(out); !ok || !bytes.Equal(got, raw) {
			t.Errorf("%s reads as %x", out, got)
		}
	}
	if _, err := exec.LookPath("protoc"); err != nil {
		t.Skip("protoc is not installed")
	}
	want := protocSet(t, dir, bigProto(300))
	run(t, dir, "protoc", "--python_out=.", "big.proto")
	text, err := os.ReadFile(filepath.Join(dir, "big_pb2.py"))
	if err != nil {
		t.Fatal(err)
	}
	result := lift(t, Python, text)
	if len(result.Files) != 1 {
		t.Fatalf("found %d", len(result.Files))
	}
	same(t, result.Files[0].Raw, want)
	run(t, dir, python, "-c", "import py_compile; py_compile.compile('big_pb2.py', cfile='big_pb2.pyc')")
	compiled, err := os.ReadFile(filepath.Join(dir, "big_pb2.pyc"))
	if err != nil {
		t.Fatal(err)
	}
	if kind := Sniff("big_pb2.pyc", compiled); kind != Bytecode {
		t.Errorf("a compiled module is taken for %q", kind)
	}
	result = lift(t, Bytecode, compiled)
	if len(result.Files) != 1 {
		t.Fatalf("found %d in the compiled module", len(result.Files))
	}
	same(t, result.Files[0].Raw, want)
}
