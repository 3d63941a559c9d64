package artefact

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
	_ "google.golang.org/protobuf/types/gofeaturespb"
	_ "google.golang.org/protobuf/types/known/apipb"
	_ "google.golang.org/protobuf/types/known/structpb"
	_ "google.golang.org/protobuf/types/pluginpb"
)

// linked are the descriptors that this test links, by name.
func linked(t testing.TB) map[string][]byte {
	all := make(map[string][]byte)
	protoregistry.GlobalFiles.RangeFiles(func(fd protoreflect.FileDescriptor) bool {
		raw, err := proto.MarshalOptions{Deterministic: true}.Marshal(protodesc.ToFileDescriptorProto(fd))
		if err != nil {
			t.Fatal(err)
		}
		all[fd.Path()] = raw
		return true
	})
	return all
}

func lift(t testing.TB, kind Kind, data []byte) *Result {
	t.Helper()
	result, err := Lift(kind, bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// byName unmarshals what was found; the last of one name stays.
func byName(t testing.TB, result *Result) map[string]*descriptorpb.FileDescriptorProto {
	t.Helper()
	files := make(map[string]*descriptorpb.FileDescriptorProto)
	for _, f := range result.Files {
		file := new(descriptorpb.FileDescriptorProto)
		if err := proto.Unmarshal(f.Raw, file); err != nil {
			t.Fatalf("%s: %v", f.Where, err)
		}
		files[file.GetName()] = file
	}
	return files
}

// TestExactEnd puts descriptors between bytes that programs have around them:
// exactly the descriptors come out.
func TestExactEnd(t *testing.T) {
	around := []string{"", "\x00", "\x00\x00\x00\x00", "base64", "proto3", "\"quoted\"", "*ptr", "2006-01-02", ":8080", "BUG", "Just",
		"Resource", "b\x06proto3", "\n", "\n\x0ctrades.prot", "\n\x0ctrades.proto", "\x12\x03abc", "z\x01\x00", "p\x01", "\x1a\x02", "J\x00", "J\x02\x0a\x00",
		strings.Repeat("\xff", 20), "\x22\x80\x80\x80\x80\x08", "\x22\x05\x0a\x03\x00ab", "\x22\x03\x0a\x011"}
	for name, raw := range linked(t) {
		for _, before := range around {
			for _, after := range around {
				if editionFollows(raw, after) {
					continue
				}
				data := slicesConcat(before, string(raw), after)
				result := lift(t, ELF, data)
				if len(result.Files) != 1 || !bytes.Equal(result.Files[0].Raw, raw) {
					t.Fatalf("%s between %q and %q: found %d, of %d bytes for %d", name, before, after, len(result.Files), firstLength(result), len(raw))
				}
			}
		}
	}
}

// editionFollows says that the bytes after a file are a valid further field of
// it, which nobody can tell from one: "syntax" after a proto2 file.
func editionFollows(raw []byte, after string) bool {
	return strings.HasPrefix(after, "b\x06proto3") && !bytes.Contains(raw[len(raw)-16:], []byte("\x62\x06proto3")) &&
		!bytes.Contains(raw[len(raw)-16:], []byte("\x62\x08editions")) || after == "J\x00" && !hasSyntax(raw)
}

func hasSyntax(raw []byte) bool {
	file := new(descriptorpb.FileDescriptorProto)
	return proto.Unmarshal(raw, file) == nil && file.GetSyntax() != ""
}

func slicesConcat(parts ...string) []byte { return []byte(strings.Join(parts, "")) }

func firstLength(r *Result) int {
	if len(r.Files) == 0 {
		return 0
	}
	return len(r.Files[0].Raw)
}

// TestSideBySide puts all descriptors one after another, at every offset to
// the blocks that are read, plain and compressed.
func TestSideBySide(t *testing.T) {
	want := linked(t)
	for shift := -60; shift < 3000; shift += 97 {
		data := bytes.Repeat([]byte{'x'}, blockSize-1500+shift)
		for name, raw := range want {
			if len(name)%2 == 0 {
				var packed bytes.Buffer
				w := gzip.NewWriter(&packed)
				_, _ = w.Write(raw)
				_ = w.Close()
				raw = packed.Bytes()
			}
			data = append(data, raw...)
		}
		got := byName(t, lift(t, ELF, data))
		if len(got) != len(want) {
			t.Fatalf("shift %d: found %d of %d", shift, len(got), len(want))
		}
		for name, raw := range want {
			file := new(descriptorpb.FileDescriptorProto)
			if err := proto.Unmarshal(raw, file); err != nil || !proto.Equal(file, got[name]) {
				t.Fatalf("shift %d: %s is another: %v", shift, name, err)
			}
		}
	}
}

// TestSetWithin has a whole descriptor set in a program, as tonic-reflection
// embeds one, with positions and comments.
func TestSetWithin(t *testing.T) {
	path, err := exec.LookPath("protoc")
	if err != nil {
		t.Skip("protoc is not installed")
	}
	dir := t.TempDir()
	for _, source := range []string{bigProto(200), "syntax = \"proto3\";\n// A comment.\nmessage M { // b\n  M m = 1; }\n"} {
		protocSet(t, dir, source)
		run(t, dir, path, "-oset.binpb", "--include_source_info", "big.proto")
		data, err := os.ReadFile(filepath.Join(dir, "set.binpb"))
		if err != nil {
			t.Fatal(err)
		}
		_, n := protowire.ConsumeVarint(data[1:])
		want := data[1+n:]
		for _, after := range []string{"", "\x00", "\n\x0bother.proto", "error"} {
			result := lift(t, ELF, append(bytes.Clone(data), after...))
			if len(result.Files) != 1 || !bytes.Equal(result.Files[0].Raw, want) {
				t.Errorf("before %q: found %d", after, len(result.Files))
			}
		}
	}
}

// TestNoise looks at random bytes with many beginnings in them.
func TestNoise(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	data := make([]byte, 1<<20)
	for i := range data {
		data[i] = byte(random.Uint32())
	}
	for i := 0; i+20 < len(data); i += 40 {
		copy(data[i:], "\n\x07a.proto")
	}
	for _, f := range lift(t, ELF, data).Files {
		if !whole(f.Raw) {
			t.Errorf("%s: %x", f.Where, f.Raw)
		}
	}
}

// TestHostile gives files whose every part begins a descriptor that holds the
// rest and is none: the work stays linear, or is refused.
func TestHostile(t *testing.T) {
	const size = 8 << 20
	part := []byte("\n\x07a.proto")
	part = protowire.AppendVarint(append(part, 0x22), size/4)
	part = append(part, "\n\x01A\x12"...)
	part = append(protowire.AppendVarint(part, size/8), "\n\x01b\x4a"...)
	part = protowire.AppendVarint(part, 40)
	for _, data := range [][]byte{
		bytes.Repeat(part, size/len(part)),
		bytes.Repeat([]byte("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"), size/10),
	} {
		result, err := Lift(ELF, bytes.NewReader(data), int64(len(data)))
		if err != nil && !errors.Is(err, errHostile) || len(result.Files) > 0 {
			t.Errorf("%d files, %v", len(result.Files), err)
		}
	}
	if _, err := Lift(ELF, bytes.NewReader(bytes.Repeat(part, size/len(part))), size); !errors.Is(err, errHostile) {
		t.Errorf("nested beginnings: %v", err)
	}
}

// TestThisProgram lifts what this test links out of its own executable.
func TestThisProgram(t *testing.T) {
	path, err := os.Executable()
	if err != nil {
		t.Skip(err)
	}
	checkProgram(t, path, linked(t))
}

func checkProgram(t *testing.T, path string, want map[string][]byte) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	head := make([]byte, SniffLength)
	n, err := f.ReadAt(head, 0)
	if err != nil && err != io.EOF {
		t.Fatal(err)
	}
	kind := Sniff(path, head[:n])
	if kind != ELF && kind != PE && kind != MachO && kind != Object {
		t.Fatalf("%s is taken for %q", path, kind)
	}
	result, err := Lift(kind, f, info.Size())
	if err != nil {
		t.Fatal(err)
	}
	got := byName(t, result)
	for name, raw := range want {
		file := new(descriptorpb.FileDescriptorProto)
		if err := proto.Unmarshal(raw, file); err != nil {
			t.Fatal(err)
		}
		if !proto.Equal(file, got[name]) {
			t.Errorf("%s: %s is missing or another", path, name)
		}
	}
}

// TestGoPrograms builds programs for three systems, one without symbols.
func TestGoPrograms(t *testing.T) {
	if testing.Short() {
		t.Skip("builds programs, which takes long")
	}
	want := make(map[string][]byte)
	for name, raw := range linked(t) {
		if strings.HasPrefix(name, "google/protobuf/") && !strings.Contains(name, "features") {
			want[name] = raw
		}
	}
	for _, system := range []string{"linux", "windows", "darwin"} {
		path := filepath.Join(t.TempDir(), "program")
		build := exec.Command("go", "build", "-o", path, "-ldflags=-s -w", "./testdata/program")
		build.Env = append(os.Environ(), "GOOS="+system, "GOARCH=amd64", "CGO_ENABLED=0")
		if out, err := build.CombinedOutput(); err != nil {
			t.Skipf("go build does not run here: %v: %s", err, out)
		}
		checkProgram(t, path, want)
	}
}

// TestLimits holds the bounds of one descriptor and its name.
func TestLimits(t *testing.T) {
	long := "\n" + string(protowire.AppendVarint(nil, maxName)) + strings.Repeat("d/", (maxName-8)/2) + "xy.proto"
	if nameAt([]byte(long)) == 0 || nameAt([]byte(long[:len(long)-1])) != 0 {
		t.Error("the longest name is not taken, or one that is cut off is")
	}
	deep := []byte("\n\x01A")
	for range maxDepth + 2 {
		deep = append([]byte("\n\x01A"), protowire.AppendBytes([]byte{0x1a}, deep)...)
	}
	if valid(messageKind, deep, 0) {
		t.Error("nesting has no limit")
	}
}

func FuzzLift(f *testing.F) {
	for _, raw := range linked(f) {
		f.Add(uint8(0), raw)
	}
	f.Add(uint8(1), classOf("\n\x07a.proto\x1a\x07", "b.proto\x62\x06proto3"))
	f.Add(uint8(2), []byte(`x = AddSerializedFile(b'\n\x07a.proto\x1a\007b.proto' "b\x06proto3")`))
	f.Add(uint8(3), zipOf(f, map[string][]byte{"a.class": classOf("\n\x07a.proto\x62\x06proto3")}))
	f.Fuzz(func(t *testing.T, form uint8, data []byte) {
		kind := [...]Kind{ELF, Class, Python, Zip}[form%4]
		result, err := Lift(kind, bytes.NewReader(data), int64(len(data)))
		if err == nil && len(result.Files) == 0 {
			Missing(kind, bytes.NewReader(data), int64(len(data)))
		}
		for _, file := range result.Files {
			if !whole(file.Raw) {
				t.Errorf("%s: %x is no descriptor", file.Where, file.Raw)
			}
			// What was found is found again, and ends where it ended.
			again := lift(t, ELF, append(bytes.Clone(file.Raw), 0))
			if kind == ELF && (len(again.Files) != 1 || !bytes.Equal(again.Files[0].Raw, file.Raw)) {
				t.Errorf("%x is not found again", file.Raw)
			}
		}
	})
}
