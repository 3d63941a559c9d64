package artefact

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
)

// classOf is a class whose code makes an array of those strings, a character
// a byte.
func classOf(parts ...string) []byte {
	var pool, code []byte
	count := 1
	add := func(tag byte, body []byte) int {
		pool = append(append(pool, tag), body...)
		count++
		return count - 1
	}
	u2 := func(n int) []byte { return binary.BigEndian.AppendUint16(nil, uint16(n)) }
	utf := func(text []byte) int { return add(1, append(u2(len(text)), text...)) }
	name := add(7, u2(utf([]byte("java/lang/String"))))
	attribute := utf([]byte("Code"))
	add(5, make([]byte, 8)) // a long takes two places
	count++
	code = append([]byte{0x10, byte(len(parts)), opAnewarray}, u2(name)...)
	for i, part := range parts {
		var text []byte
		for _, c := range []byte(part) {
			if c == 0 || c >= 0x80 {
				text = append(text, 0xc0|c>>6, 0x80|c&0x3f)
			} else {
				text = append(text, c)
			}
		}
		index := add(8, u2(utf(text)))
		code = append(code, 0x59, 0x10, byte(i))
		code = append(append(code, opLdcW), u2(index)...)
		code = append(code, opAastore)
	}
	code = append(code, 0xb1)
	class := append([]byte{0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 52}, u2(count)...)
	class = append(class, pool...)
	class = append(class, make([]byte, 2+2+2+2+2)...) // flags, this, super, no interfaces, no fields
	class = append(class, u2(1)...)
	class = append(class, make([]byte, 6)...)
	class = append(class, u2(1)...)
	class = append(class, u2(attribute)...)
	class = binary.BigEndian.AppendUint32(class, uint32(8+len(code)+4))
	class = append(class, 0, 4, 0, 1)
	class = binary.BigEndian.AppendUint32(class, uint32(len(code)))
	class = append(class, code...)
	return append(class, make([]byte, 4+2)...)
}

func zipOf(t testing.TB, entries map[string][]byte) []byte {
	var packed bytes.Buffer
	z := zip.NewWriter(&packed)
	for name, data := range entries {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = w.Write(data)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return packed.Bytes()
}

// chunks are parts of a descriptor as protoc's generator makes them.
func chunks(raw []byte, size int) []string {
	var parts []string
	for ; len(raw) > size; raw = raw[size:] {
		parts = append(parts, string(raw[:size]))
	}
	return append(parts, string(raw))
}

func TestClass(t *testing.T) {
	for name, raw := range linked(t) {
		for _, size := range []int{len(raw), 3000, 999} {
			result := lift(t, Class, classOf(chunks(raw, size)...))
			if len(result.Files) != 1 || !bytes.Equal(result.Files[0].Raw, raw) {
				t.Errorf("%s in parts of %d: found %d", name, size, len(result.Files))
			}
		}
	}
	raw := linked(t)["google/protobuf/any.proto"]
	class := classOf(string(raw))
	for n := range class {
		if _, err := Lift(Class, bytes.NewReader(class[:n]), int64(n)); err == nil && n > 500 && n < len(class)-20 {
			t.Errorf("cut after %d of %d bytes: no error", n, len(class))
		}
	}
	if _, err := Lift(Class, bytes.NewReader(classOf(string(raw[:len(raw)-3]))), int64(len(class)-3)); err != errDescriptor {
		t.Errorf("a descriptor that is cut off: %v", err)
	}
}

func TestArchives(t *testing.T) {
	raw := linked(t)["google/protobuf/any.proto"]
	inner := zipOf(t, map[string][]byte{"com/AnyProto.class": classOf(string(raw)), "com/Broken.class": []byte("\xca\xfe\xba\xbe\x00\x00\x00\x40\xff\xff.proto")})
	outer := zipOf(t, map[string][]byte{"WEB-INF/lib/any.jar": inner, "any_pb2.py": []byte("x.AddSerializedFile(" + pythonRepr(raw) + ")"),
		"lib/libany.so": append([]byte("\x7fELF\x00"), raw...), "README": raw})
	result := lift(t, Zip, outer)
	where := make(map[string]bool)
	for _, f := range result.Files {
		if !bytes.Equal(f.Raw, raw) {
			t.Errorf("%s is another", f.Where)
		}
		where[f.Where] = true
	}
	for _, want := range []string{"WEB-INF/lib/any.jar!/com/AnyProto.class", "any_pb2.py, line 1", "lib/libany.so, offset 0x5"} {
		if !where[want] {
			t.Errorf("nothing at %s, but at %v", want, where)
		}
	}
	if len(result.Notes) != 1 || !strings.Contains(result.Notes[0], "any.jar!/com/Broken.class is passed over: it is a damaged Java class") {
		t.Errorf("notes: %q", result.Notes)
	}
	if _, err := Lift(Zip, strings.NewReader("PK\x03\x04"), 4); err != errDamagedZip {
		t.Errorf("a damaged archive: %v", err)
	}
	directory := fstest.MapFS{"a/AnyProto.class": {Data: classOf(string(raw))}, "b/any_pb2.py": {Data: []byte("AddSerializedFile(" + pythonRepr(raw) + ")")},
		"c.txt": {Data: raw}}
	result, err := LiftDirectory(directory)
	if err != nil || len(result.Files) != 2 || result.Files[0].Where != "a/AnyProto.class" {
		t.Errorf("a directory: %v, %v", result.Files, err)
	}
}

// TestJavac compiles what protoc generates, without the runtime library: the
// array alone.
func TestJavac(t *testing.T) {
	for _, tool := range []string{"protoc", "javac"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("%s is not installed", tool)
		}
	}
	dir := t.TempDir()
	source := bigProto(3000)
	want := protocSet(t, dir, source)
	run(t, dir, "protoc", "--java_out=.", "big.proto")
	text, err := os.ReadFile(filepath.Join(dir, "Big.java"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := bytes.Cut(text, []byte("java.lang.String[] descriptorData = {"))
	array, _, ok := bytes.Cut(rest, []byte("};"))
	if !ok {
		t.Fatal("the generated code has no descriptorData")
	}
	class := fmt.Sprintf("class Lifted { static String[] other = {\"a\"}; static { if (other == null) { switch (other.length) { case 1: case 5000: break; } }\nString[] data = {%s}; other = data; } }", array)
	if err := os.WriteFile(filepath.Join(dir, "Lifted.java"), []byte(class), 0o644); err != nil {
		t.Fatal(err)
	}
	run(t, dir, "javac", "Lifted.java")
	data, err := os.ReadFile(filepath.Join(dir, "Lifted.class"))
	if err != nil {
		t.Fatal(err)
	}
	if kind := Sniff("Lifted.class", data); kind != Class {
		t.Errorf("taken for %q", kind)
	}
	result := lift(t, Class, data)
	if len(result.Files) != 1 {
		t.Fatalf("found %d", len(result.Files))
	}
	same(t, result.Files[0].Raw, want)
}
