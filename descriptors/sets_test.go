package descriptors

import (
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/klauspost/compress/zstd"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"

	"github.com/pbscope/pbscope/inspect/plan"
	"github.com/pbscope/pbscope/inspect/transcode"
)

// file is a FileDescriptorProto from text format.
func file(t testing.TB, text string) *descriptorpb.FileDescriptorProto {
	t.Helper()
	f := new(descriptorpb.FileDescriptorProto)
	if err := prototext.Unmarshal([]byte(text), f); err != nil {
		t.Fatal(err)
	}
	return f
}

func field(name string, number int, kind string) string {
	return `field { name: "` + name + `" number: ` + itoa(number) + ` label: LABEL_OPTIONAL ` + kind + ` }`
}

func itoa(n int) string {
	if n < 10 {
		return string(rune('0' + n))
	}
	return itoa(n/10) + itoa(n%10)
}

func TestSetForms(t *testing.T) {
	dir := shop(t)
	raw, err := mustOpen(t, Sources{ImportPaths: []string{dir}, Types: []string{"shop.v1.Order"}}).FileSet(SetOptions{Names: []string{"shop.v1.Order"}, Imports: true})
	if err != nil {
		t.Fatal(err)
	}
	set := new(descriptorpb.FileDescriptorSet)
	if err := proto.Unmarshal(raw, set); err != nil {
		t.Fatal(err)
	}
	asJSON, err := protojson.MarshalOptions{Indent: " "}.Marshal(readAgain(t, raw))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(asJSON, []byte(`"[google.api.http]"`)) {
		t.Fatal("no custom option in JSON")
	}
	asText, err := prototext.MarshalOptions{Multiline: true}.Marshal(readAgain(t, raw))
	if err != nil {
		t.Fatal(err)
	}
	// What decode prints without the extensions keeps them by number.
	plans := plan.NewSet(newSchema(Sources{})).Message(set.ProtoReflect().Descriptor())
	decoded, _, ok := transcode.NewDecoder(transcode.Options{}).Append(nil, plans, raw)
	decodedText, okText := transcode.AppendText(nil, plans, raw, transcode.TextOptions{})
	if !ok || !okText || !bytes.Contains(decoded, []byte(`"@unknown"`)) {
		t.Fatal("not decoded with unknown fields")
	}
	var zipped bytes.Buffer
	w := gzip.NewWriter(&zipped)
	w.Write(raw)
	w.Close()
	encoder, _ := zstd.NewWriter(nil)
	one, err := proto.Marshal(set.File[len(set.File)-1])
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{
		"binary": raw, "gzip": zipped.Bytes(), "zstd": encoder.EncodeAll(raw, nil), "json": asJSON, "text format": asText,
		"decoded json": decoded, "decoded text format": decodedText,
		"image json": bytes.Replace(asJSON, []byte(`"name":`), []byte(`"bufExtension": {"isImport": true}, "name":`), 1),
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "set")
			if err := os.WriteFile(path, data, 0o666); err != nil {
				t.Fatal(err)
			}
			s := mustOpen(t, Sources{DescriptorSets: []string{path}, Types: []string{"shop.v1.Order"}})
			m, err := s.Message("shop.v1.Order")
			if err != nil || m.Fields().Len() != 8 {
				t.Errorf("%v %v", m, err)
			}
			d, err := s.Descriptor("shop.v1.Orders")
			if err != nil || !strings.Contains(s.Show(d), `option (google.api.http) = { get: "/v1/{id=orders/*}" };`) {
				t.Errorf("the custom option is lost: %v\n%s", err, s.Show(d))
			}
		})
	}
	t.Run("single file", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "file")
		if err := os.WriteFile(path, one, 0o666); err != nil {
			t.Fatal(err)
		}
		m, err := mustOpen(t, Sources{DescriptorSets: []string{path}, ImportPaths: []string{dir}}).Message("shop.v1.Order")
		if err != nil || m.Fields().ByName("total").Message().Fields().Len() != 2 {
			t.Errorf("%v %v", m, err)
		}
	})
}

// readAgain is a set with its custom options known.
func readAgain(t testing.TB, raw []byte) *descriptorpb.FileDescriptorSet {
	t.Helper()
	s := newSchema(Sources{})
	if err := s.sets.add("set", raw); err != nil {
		t.Fatal(err)
	}
	set := new(descriptorpb.FileDescriptorSet)
	if err := (proto.UnmarshalOptions{Resolver: extensionTypes{Schema: s}}).Unmarshal(raw, set); err != nil {
		t.Fatal(err)
	}
	return set
}

func TestSetsMerge(t *testing.T) {
	const b = `name: "b.proto" package: "p" message_type { name: "B" field { name: "x" number: 1 label: LABEL_OPTIONAL type: TYPE_INT32 } }`
	a := file(t, `name: "a.proto" package: "p" dependency: "b.proto" message_type { name: "A" `+field("b", 1, `type: TYPE_MESSAGE type_name: ".p.B"`)+` }`)
	withInfo := file(t, b+` source_code_info { location { path: [4,0] span: [0,0,5] } }`)
	one, two := writeSet(t, a, file(t, b)), writeSet(t, withInfo)
	s := mustOpen(t, Sources{DescriptorSets: []string{one, two}, Types: []string{"p.A"}})
	if len(s.files) != 2 {
		t.Errorf("%d files", len(s.files))
	}
	other := file(t, b)
	other.MessageType[0].Field[0].Number = proto.Int32(2)
	three := writeSet(t, other, file(t, `name: "c.proto" package: "p" message_type { name: "C" }`))
	errs := failure(t, Sources{DescriptorSets: []string{one, three}, Types: []string{"p.A"}})
	if errs[0].Kind != KindConflict || !strings.Contains(errs[0].Message, one) || !strings.Contains(errs[0].Message, three) {
		t.Errorf("%v", errs)
	}
	if _, err := mustOpen(t, Sources{DescriptorSets: []string{one, three}}).Message("p.C"); err != nil {
		t.Errorf("a conflict elsewhere: %v", err)
	}
}

func TestSetWithoutItsImports(t *testing.T) {
	timestamp := field("t", 1, `type: TYPE_MESSAGE type_name: ".google.protobuf.Timestamp"`)
	standardOnly := writeSet(t, file(t, `name: "a.proto" dependency: ["google/protobuf/timestamp.proto", "google/rpc/status.proto"] message_type { name: "A" `+timestamp+` }`))
	if _, err := mustOpen(t, Sources{DescriptorSets: []string{standardOnly}}).Message("A"); err != nil {
		t.Error(err)
	}
	needed := writeSet(t, file(t, `name: "a.proto" package: "p" dependency: "x/b.proto" message_type { name: "A" `+field("b", 1, `type: TYPE_MESSAGE type_name: ".x.B"`)+` }`))
	errs := failure(t, Sources{DescriptorSets: []string{needed}, Types: []string{"p.A"}})
	if e := errs[0]; e.Kind != KindImport || e.File != needed || !strings.Contains(e.Message, "a.proto imports x/b.proto") || !strings.Contains(e.Message, "p.A.b") || !strings.Contains(e.Hint, "include_imports") {
		t.Errorf("%v, hint %q", e, e.Hint)
	}
	dir := write(t, map[string]string{"x/b.proto": `syntax = "proto3"; package x; message B { int32 n = 1; }`})
	if _, err := mustOpen(t, Sources{DescriptorSets: []string{needed}, ImportPaths: []string{dir}, Types: []string{"p.A"}}).Message("p.A"); err != nil {
		t.Errorf("the import lies in a tree: %v", err)
	}
	var notes []string
	options := writeSet(t, file(t, `name: "a.proto" dependency: "validate/validate.proto" message_type { name: "A" }`))
	mustOpen(t, Sources{DescriptorSets: []string{options}, Types: []string{"A"}, Note: func(n string) { notes = append(notes, n) }})
	if len(notes) != 1 || !strings.Contains(notes[0], "validate/validate.proto") {
		t.Errorf("notes %q", notes)
	}
}

func TestBadFileInASetSpoilsNoOther(t *testing.T) {
	good := file(t, `name: "good.proto" message_type { name: "Good" }`)
	for name, text := range map[string]string{
		"unknown reference": `name: "bad.proto" message_type { name: "Bad" ` + field("x", 1, `type: TYPE_MESSAGE type_name: ".Nothing"`) + ` }`,
		"unstable edition":  `name: "bad.proto" syntax: "editions" edition: 55555 message_type { name: "Bad" }`,
		"same numbers":      `name: "bad.proto" message_type { name: "Bad" ` + field("x", 1, "type: TYPE_INT32") + field("y", 1, "type: TYPE_INT32") + ` }`,
		"imports itself":    `name: "bad.proto" dependency: "bad.proto" message_type { name: "Bad" }`,
		"no field type":     `name: "bad.proto" message_type { name: "Bad" field { name: "x" number: 1 } }`,
		"bad oneof":         `name: "bad.proto" message_type { name: "Bad" field { name: "x" number: 1 label: LABEL_OPTIONAL type: TYPE_INT32 oneof_index: 7 } }`,
		"bad option data":   `name: "bad.proto" message_type { name: "Bad" enum_type { name: "E" } }`,
	} {
		t.Run(name, func(t *testing.T) {
			path := writeSet(t, good, file(t, text))
			s := mustOpen(t, Sources{DescriptorSets: []string{path}, Types: []string{"Good"}})
			if _, err := s.Message("Good"); err != nil {
				t.Error(err)
			}
			_, err := s.Message("Bad")
			errs := flatten(err)
			if len(errs) != 1 || errs[0].File != path || !strings.Contains(errs[0].Message, "bad.proto") || strings.Contains(errs[0].Message, "\u00a0") {
				t.Errorf("%v", err)
			}
			if _, err := s.Files(); err == nil {
				t.Error("all files are fine")
			}
		})
	}
}

func TestSetCycle(t *testing.T) {
	path := writeSet(t, file(t, `name: "a.proto" dependency: "b.proto" message_type { name: "A" }`), file(t, `name: "b.proto" dependency: "a.proto"`))
	if errs := failure(t, Sources{DescriptorSets: []string{path}, Types: []string{"A"}}); !strings.Contains(errs[0].Message, "cycle") {
		t.Errorf("%v", errs)
	}
}

func TestMessageSet(t *testing.T) {
	path := writeSet(t, file(t, `name: "a.proto" package: "p"
		message_type { name: "Set" options { message_set_wire_format: true } extension_range { start: 4 end: 2147483647 } }
		message_type { name: "Item" extension { name: "item" extendee: ".p.Set" number: 1547769 label: LABEL_OPTIONAL type: TYPE_MESSAGE type_name: ".p.Item" } }
		extension { name: "far" extendee: ".p.Set" number: 2000000000 label: LABEL_OPTIONAL type: TYPE_MESSAGE type_name: ".p.Item" }`))
	var notes []string
	s := mustOpen(t, Sources{DescriptorSets: []string{path}, Types: []string{"p.Set"}, Note: func(n string) { notes = append(notes, n) }})
	d, err := s.Message("p.Set")
	if err != nil {
		t.Fatal(err)
	}
	m := plan.NewSet(s).Message(d)
	if !m.MessageSet || m.Field(1547769) == nil {
		t.Errorf("message set %v, item %v", m.MessageSet, m.Field(1547769))
	}
	if len(notes) != 1 || !strings.Contains(notes[0], "far") {
		t.Errorf("notes %q", notes)
	}
	dir := write(t, map[string]string{"a.proto": `syntax = "proto2"; package p;
		message Set { option message_set_wire_format = true; extensions 4 to max; }
		message Item { extend Set { optional Item item = 1547769; } }`})
	s = mustOpen(t, Sources{ImportPaths: []string{dir}, Types: []string{"p.Set"}})
	if d, err = s.Message("p.Set"); err != nil || !plan.NewSet(s).Message(d).MessageSet {
		t.Errorf("from source: %v", err)
	}
}

// TestExtensionsOverFiles: extensions in files that nobody imports are found
// by their numbers.
func TestExtensionsOverFiles(t *testing.T) {
	base := `name: "base.proto" package: "p" message_type { name: "M" extension_range { start: 100 end: 200 } }`
	ext := `name: "ext.proto" package: "q" dependency: "base.proto" extension { name: "x" extendee: ".p.M" number: 100 label: LABEL_OPTIONAL type: TYPE_INT32 }`
	set := Sources{DescriptorSets: []string{writeSet(t, file(t, base), file(t, ext))}, Types: []string{"p.M"}}
	dir := write(t, map[string]string{
		"base.proto": "syntax = \"proto2\"; package p; message M { extensions 100 to 199; }",
		"ext.proto":  "syntax = \"proto2\"; package q; import \"base.proto\"; extend p.M { optional int32 x = 100; }",
		"bad.proto":  "syntax = \"proto2\"; package q; import \"base.proto\"; extend p.M { optional Nothing y = 101; }",
	})
	for name, src := range map[string]Sources{"set": set, "tree": {ImportPaths: []string{dir}, Types: []string{"p.M"}}} {
		t.Run(name, func(t *testing.T) {
			s := mustOpen(t, src)
			if len(s.files) != 1 {
				t.Errorf("%d files are linked", len(s.files))
			}
			x, err := s.FindExtensionByNumber("p.M", 100)
			if err != nil || x.FullName() != "q.x" {
				t.Fatalf("%v %v", x, err)
			}
			if d, err := s.Message("p.M"); err != nil || x.ContainingMessage() != d {
				t.Errorf("extends another %s: %v", d.FullName(), err)
			}
			if _, err := s.FindExtensionByNumber("p.M", 150); err == nil {
				t.Error("found what is not there")
			}
			if y, err := s.FindExtensionByName("q.x"); err != nil || y != x {
				t.Errorf("by name: %v %v", y, err)
			}
		})
	}
}

func TestFirstSourceWins(t *testing.T) {
	dir := write(t, map[string]string{"a.proto": `syntax = "proto3"; package p; message M { int32 tree = 1; }`})
	set := writeSet(t, file(t, `name: "a.proto" package: "p" message_type { name: "M" `+field("set", 1, "type: TYPE_INT32")+` } message_type { name: "OnlyInSet" }`))
	m, err := mustOpen(t, Sources{ImportPaths: []string{dir}, DescriptorSets: []string{set}}).Message("p.M")
	if err != nil || m.Fields().ByName("tree") == nil {
		t.Errorf("%v %v", m, err)
	}
	if m, err = mustOpen(t, Sources{DescriptorSets: []string{set}}).Message("p.M"); err != nil || m.Fields().ByName("set") == nil {
		t.Errorf("%v %v", m, err)
	}
}

// TestSourceImportsFromSet: what a .proto file imports may lie in a set, and
// is the same type there and here.
func TestSourceImportsFromSet(t *testing.T) {
	dir := write(t, map[string]string{"a.proto": `syntax = "proto3"; package p; import "b.proto"; import "google/protobuf/timestamp.proto"; import "google/protobuf/descriptor.proto";
		extend google.protobuf.FieldOptions { q.B rule = 50001; }
		message A { q.B b = 1 [(rule) = { n: 3 }]; google.protobuf.Timestamp t = 2; }`})
	b := file(t, `name: "b.proto" package: "q" syntax: "proto3" dependency: "google/protobuf/descriptor.proto" message_type { name: "B" `+field("n", 1, "type: TYPE_INT32")+` }
		extension { name: "opt" extendee: ".google.protobuf.MessageOptions" number: 50001 label: LABEL_OPTIONAL type: TYPE_INT32 }`)
	full, err := mustOpen(t, Sources{}).FileSet(SetOptions{Names: []string{descriptorProto, "google/protobuf/timestamp.proto"}})
	if err != nil {
		t.Fatal(err)
	}
	all := new(descriptorpb.FileDescriptorSet)
	if err := proto.Unmarshal(full, all); err != nil {
		t.Fatal(err)
	}
	for name, set := range map[string]string{"alone": writeSet(t, b), "with all imports": writeSet(t, append(all.File, b)...)} {
		t.Run(name, func(t *testing.T) {
			s := mustOpen(t, Sources{ImportPaths: []string{dir}, Protos: []string{"a.proto"}, DescriptorSets: []string{set}})
			a, err := s.Message("p.A")
			if err != nil {
				t.Fatal(err)
			}
			inSet, err := s.Message("q.B")
			if err != nil || a.Fields().ByName("b").Message() != inSet {
				t.Errorf("two types q.B: %v", err)
			}
		})
	}
}

func TestConformanceSet(t *testing.T) {
	dir := os.Getenv("PBSCOPE_CONFORMANCE")
	if dir == "" {
		t.Skip("PBSCOPE_CONFORMANCE is not set")
	}
	everyType(t, filepath.Join(dir, "test_messages.binpb"))
}

func TestCaptureSets(t *testing.T) {
	dir := os.Getenv("PBSCOPE_CAPTURES")
	if dir == "" {
		t.Skip("PBSCOPE_CAPTURES is not set")
	}
	sets, _ := filepath.Glob(filepath.Join(dir, "*", "*.binpb"))
	if len(sets) == 0 {
		t.Fatal("no sets")
	}
	for _, path := range sets {
		everyType(t, path)
	}
	kafka := filepath.Join(dir, "kafka")
	files, err := mustOpen(t, Sources{ImportPaths: []string{filepath.Join(kafka, "schemas")}}).Files()
	if err != nil || len(files) != 3 {
		t.Errorf("%d files: %v", len(files), err)
	}
}

// everyType compiles plans of all that a set declares.
func everyType(t *testing.T, path string) {
	t.Helper()
	s := mustOpen(t, Sources{DescriptorSets: []string{path}})
	if _, err := s.Files(); err != nil {
		t.Errorf("%s: %v", path, err)
	}
	plans := plan.NewSet(s)
	for _, e := range s.Entries() {
		d, err := s.FindDescriptorByName(e.Name)
		if err != nil {
			t.Errorf("%s: %s: %v", path, e.Name, err)
		}
		if m, ok := d.(protoreflect.MessageDescriptor); ok {
			if plans.Message(m).Name != e.Name {
				t.Errorf("%s is %s", e.Name, plans.Message(m).Name)
			}
		}
	}
}

func TestConcurrentUse(t *testing.T) {
	dir := shop(t)
	s := mustOpen(t, Sources{ImportPaths: []string{dir}})
	var group sync.WaitGroup
	for range 8 {
		group.Add(1)
		go func() {
			defer group.Done()
			for _, name := range []protoreflect.FullName{"shop.v1.Money", "shop.v1.Order", "google.rpc.Status", "shop.v1.Nothing", "shop.v1.Order.Line"} {
				d, err := s.FindMessageByName(name)
				if name != "shop.v1.Nothing" && (err != nil || d.FullName() != name) {
					t.Errorf("%s: %v", name, err)
				}
			}
			if _, err := s.FindExtensionByNumber("google.protobuf.MethodOptions", 72295728); err != nil {
				t.Error(err)
			}
		}()
	}
	group.Wait()
}

// TestSetIsStable: the same bytes each time, imports first, and without
// source info none of it.
func TestSetIsStable(t *testing.T) {
	dir := shop(t)
	src := Sources{ImportPaths: []string{dir}, Protos: []string{"shop/v1/order.proto", "shop/v1/money.proto"}, SourceInfo: true}
	for _, o := range []SetOptions{{Imports: true}, {Imports: true, SourceInfo: true}, {}} {
		first, err := mustOpen(t, src).FileSet(o)
		if err != nil {
			t.Fatal(err)
		}
		for range 5 {
			if again, err := mustOpen(t, src).FileSet(o); err != nil || !bytes.Equal(first, again) {
				t.Fatalf("other bytes: %v", err)
			}
		}
		set := new(descriptorpb.FileDescriptorSet)
		if err := proto.Unmarshal(first, set); err != nil {
			t.Fatal(err)
		}
		seen := make(map[string]bool)
		for _, f := range set.File {
			for _, d := range f.Dependency {
				if o.Imports && !seen[d] {
					t.Errorf("%s stands before %s", f.GetName(), d)
				}
			}
			seen[f.GetName()] = true
			if (f.SourceCodeInfo != nil) != o.SourceInfo && strings.HasPrefix(f.GetName(), "shop") {
				t.Errorf("%s: source info %v", f.GetName(), f.SourceCodeInfo != nil)
			}
		}
		if !o.Imports && len(set.File) != 2 {
			t.Errorf("%d files", len(set.File))
		}
		// Through the set and back is the same set.
		path := filepath.Join(t.TempDir(), "set")
		if err := os.WriteFile(path, first, 0o666); err != nil {
			t.Fatal(err)
		}
		if o.Imports {
			again, err := mustOpen(t, Sources{DescriptorSets: []string{path}}).FileSet(o)
			if err != nil || !bytes.Equal(first, again) {
				t.Errorf("another set: %v", err)
			}
		}
	}
}

func TestEntriesOfSetsHaveLines(t *testing.T) {
	dir := shop(t)
	tree := mustOpen(t, Sources{ImportPaths: []string{dir}, SourceInfo: true})
	raw, err := tree.FileSet(SetOptions{SourceInfo: true})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "set")
	if err := os.WriteFile(path, raw, 0o666); err != nil {
		t.Fatal(err)
	}
	want := map[protoreflect.FullName]Entry{}
	for _, e := range tree.Entries() {
		want[e.Name] = e
	}
	got := mustOpen(t, Sources{DescriptorSets: []string{path}}).Entries()
	if len(got) != len(want) || len(got) != 5 {
		t.Errorf("%d entries, want %d: %v", len(got), len(want), got)
	}
	for _, e := range got {
		if e != want[e.Name] || e.Line == 0 {
			t.Errorf("%v, want %v", e, want[e.Name])
		}
	}
}

// TestImageFieldsPass: fields that this program does not know go through.
func TestImageFieldsPass(t *testing.T) {
	f := file(t, `name: "a.proto" message_type { name: "A" }`)
	f.ProtoReflect().SetUnknown(protowire.AppendBytes(protowire.AppendTag(nil, 8042, protowire.BytesType), []byte{8, 1}))
	path := writeSet(t, f)
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	schema := mustOpen(t, Sources{DescriptorSets: []string{path}})
	if !schema.IsImport("a.proto") || schema.IsImport("b.proto") {
		t.Error("the mark of an import is not seen")
	}
	got, err := schema.FileSet(SetOptions{Imports: true, SourceInfo: true})
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("%x, want %x: %v", got, want, err)
	}
}

// TestHostileNames: what a set calls its files and types reaches no terminal
// as a command.
func TestHostileNames(t *testing.T) {
	path := writeSet(t,
		file(t, `name: "a\033[31m.proto" message_type { name: "A" `+field("x", 1, `type: TYPE_MESSAGE type_name: ".\033[2JB"`)+` }`),
		file(t, `name: "b.proto" message_type { name: "B\033[31m" }`),
		file(t, `name: "c.proto" message_type { name: "C" } source_code_info { location { path: [4, 0] span: [0, 0, 1] leading_comments: " \033[31m\n two\r" } }`))
	s := mustOpen(t, Sources{DescriptorSets: []string{path}, SourceInfo: true})
	for _, name := range []string{"A", "B", "B\033[31m", "D"} {
		_, err := s.Message(name)
		errs := flatten(err)
		if len(errs) != 1 || name != "B\033[31m" && strings.ContainsRune(errs[0].Error()+errs[0].Hint, 0x1b) {
			t.Errorf("%q: %q", name, err)
		}
	}
	for _, e := range s.Entries() {
		if strings.ContainsRune(string(e.Name)+e.File, 0x1b) {
			t.Errorf("%q in %q", e.Name, e.File)
		}
	}
	d, err := s.Message("C")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := s.Show(d), "// [31m\n// two\nmessage C {\n}\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestSetHasOptionImports: a set has what its custom options are read with.
func TestSetHasOptionImports(t *testing.T) {
	dir := write(t, map[string]string{
		"opts.proto": `syntax = "proto2"; import "google/protobuf/descriptor.proto"; extend google.protobuf.MessageOptions { optional string mine = 50000; }`,
		"use.proto":  `edition = "2024"; import option "opts.proto"; message U { option (mine) = "x"; }`,
		"top.proto":  `edition = "2024"; import "use.proto"; message V { U u = 1; }`,
	})
	raw, err := mustOpen(t, Sources{ImportPaths: []string{dir}}).FileSet(SetOptions{Names: []string{"V"}, Imports: true})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "set")
	if err := os.WriteFile(path, raw, 0o666); err != nil {
		t.Fatal(err)
	}
	s := mustOpen(t, Sources{DescriptorSets: []string{path}, Note: func(n string) { t.Error(n) }})
	d, err := s.Descriptor("U")
	if err != nil || !strings.Contains(s.Show(d), `option (mine) = "x";`) {
		t.Errorf("%v\n%s", err, s.Show(d))
	}
}
