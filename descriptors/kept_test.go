package descriptors

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"sync"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/descriptors/cache"
	"github.com/pbscope/pbscope/inspect/plan"
)

// testCached is set where the tests open schemas a second time, from a cache.
const testCached = "PBSCOPE_TEST_CACHED"

// openTwice is Open, of a schema that the cache has where testCached is set.
func openTwice(t testing.TB, src Sources) (*Schema, error) {
	if os.Getenv(testCached) == "" || src.Cache != nil {
		return Open(src)
	}
	quiet := src
	quiet.Note = nil
	quiet.Cache = store(t)
	if _, err := Open(quiet); err != nil {
		return Open(src)
	}
	src.Cache = quiet.Cache
	s, err := Open(src)
	if err == nil {
		s.mu.Lock() // for tests that look inside
		defer s.mu.Unlock()
	}
	return s, err
}

func store(t testing.TB) *cache.Store {
	return cache.New(filepath.Join(t.TempDir(), "cache"), "test", 0)
}

// TestTheTestsWithTheCache runs the tests of this package with schemas that
// come from the cache.
func TestTheTestsWithTheCache(t *testing.T) {
	if testing.Short() || os.Getenv(testCached) != "" {
		t.Skip("runs all the others")
	}
	c := exec.Command(os.Args[0], "-test.run=^Test", "-test.skip=^TestPipe|^TestKept", "-test.short")
	c.Env = append(os.Environ(), testCached+"=1")
	if out, err := c.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// kept opens a schema cold and from the cache; the second must not have looked
// at its sources.
func kept(t testing.TB, src Sources) (cold, warm *Schema) {
	t.Helper()
	src.Cache = store(t)
	cold = mustOpen(t, src)
	if warm = mustOpen(t, src); !warm.cold {
		t.Fatalf("%+v was not kept", src)
	}
	return cold, warm
}

// keepable are sources of every kind that the fixtures have, and some more.
func keepable(t testing.TB) map[string]Sources {
	schemas, err := filepath.Abs("../fixtures/schemas")
	if err != nil {
		t.Fatal(err)
	}
	in := func(files ...string) Sources { return Sources{ImportPaths: []string{schemas}, Protos: files} }
	public := write(t, map[string]string{
		"a.proto": `syntax = "proto3"; package p; import "b.proto"; message A { p.q.C c = 1; p.E e = 2; google.protobuf.Any any = 3; }`,
		"b.proto": `syntax = "proto3"; package p; import public "c.proto"; import public "google/protobuf/any.proto"; enum E { E0 = 0; }`,
		"c.proto": `syntax = "proto2"; package p.q; import "google/protobuf/descriptor.proto";
			message C { optional D d = 1; extensions 10 to 20; message D { optional group G = 1 { required int32 n = 1 [default = -7]; } } option (o) = "x"; }
			extend google.protobuf.MessageOptions { optional string o = 50000; } extend C { repeated int32 x = 10 [packed = true]; }`,
	})
	sets := write(t, map[string]string{"s.proto": `syntax = "proto2"; package p.q; import "c.proto";
		message Set { option message_set_wire_format = true; extensions 4 to max; extend Set { optional C c = 100; } }`})
	set, err := mustOpen(t, Sources{ImportPaths: []string{public, sets}, Protos: []string{"a.proto", "s.proto"}}).FileSet(SetOptions{Imports: true})
	if err != nil {
		t.Fatal(err)
	}
	packed := write(t, map[string]string{"set": string(set)})
	return map[string]Sources{
		"trades":   in("trades/trades.proto"),
		"user":     in("user/v1/user.proto", "user/v1/legacy.proto", "user/v1/modern.proto"),
		"tws":      {Protos: []string{filepath.Join(schemas, "tws/orders.proto"), filepath.Join(schemas, "tws/session.proto")}},
		"grpctest": {ImportPaths: []string{filepath.Join(schemas, "grpctest")}, Types: []string{"grpctest.MessageResponse"}},
		"types":    {ImportPaths: []string{schemas}, Types: []string{"user.v1.User", ".trades.v1.Trade"}},
		"shop":     {ImportPaths: []string{shop(t)}, Types: []string{"shop.v1.Order"}},
		"public":   {ImportPaths: []string{public}, Protos: []string{"a.proto"}},
		"lone":     {ImportPaths: []string{public}, Types: []string{"p.A"}},
		"set":      {DescriptorSets: []string{filepath.Join(packed, "set")}, Types: []string{"p.A"}},
		"sets":     {DescriptorSets: []string{filepath.Join(packed, "set")}, Types: []string{"p.q.Set"}},
		"mixed":    {ImportPaths: []string{schemas}, DescriptorSets: []string{filepath.Join(packed, "set")}, Protos: []string{"trades/trades.proto"}, Types: []string{"p.q.C.D"}},
	}
}

// TestKeptSchemasAgree asks a schema from the cache all that can be asked, and
// one that read its sources.
func TestKeptSchemasAgree(t *testing.T) {
	for name, src := range keepable(t) {
		for _, info := range []bool{false, true} {
			t.Run(fmt.Sprint(name, "/info ", info), func(t *testing.T) {
				src.SourceInfo = info
				cold, warm := kept(t, src)
				var names []protoreflect.FullName
				for _, fd := range coldFiles(cold) {
					visitDeclared(fd, func(d protoreflect.Descriptor) { names = append(names, d.FullName()) })
				}
				if len(names) < 2 {
					t.Fatalf("only %v", names)
				}
				compareNames(t, cold, warm, names)
				if !warm.cold {
					t.Error("descriptors cannot be had without the sources")
				}
				compareAll(t, cold, warm, names)
				if warm.cold || warm.frozen != nil {
					t.Error("the sources were not read after all")
				}
				if a, b := strings.Join(cold.order, "\n"), strings.Join(warm.order, "\n"); a != b {
					t.Errorf("files in the order\n%s\nand\n%s", a, b)
				}
			})
		}
	}
}

// coldFiles are the files that a schema has linked.
func coldFiles(s *Schema) []protoreflect.FileDescriptor {
	var files []protoreflect.FileDescriptor
	for _, name := range s.order {
		files = append(files, s.files[name].fd)
	}
	return files
}

func visitDeclared(in interface {
	Messages() protoreflect.MessageDescriptors
	Enums() protoreflect.EnumDescriptors
	Extensions() protoreflect.ExtensionDescriptors
}, visit func(protoreflect.Descriptor)) {
	for i := range in.Enums().Len() {
		visit(in.Enums().Get(i))
	}
	for i := range in.Extensions().Len() {
		visit(in.Extensions().Get(i))
	}
	for i := range in.Messages().Len() {
		visit(in.Messages().Get(i))
		visitDeclared(in.Messages().Get(i), visit)
	}
}

// compareNames compares what can be had without the sources.
func compareNames(t *testing.T, cold, warm *Schema, names []protoreflect.FullName) {
	t.Helper()
	plansCold, plansWarm := plan.NewSet(cold), plan.NewSet(warm)
	for _, name := range names {
		a, errA := cold.Descriptor(string(name))
		b, errB := warm.Descriptor(string(name))
		if errA != nil || errB != nil || a.FullName() != b.FullName() || a.ParentFile().Path() != b.ParentFile().Path() {
			t.Fatalf("%s: %v %v, %v %v", name, a, errA, b, errB)
		}
		if m, ok := a.(protoreflect.MessageDescriptor); ok && !m.IsMapEntry() {
			agree(t, plansCold.Message(m), plansWarm.Message(b.(protoreflect.MessageDescriptor)))
			again, err := warm.FindMessageByName(name)
			if err != nil || again != b {
				t.Errorf("%s is %v, %v", name, again, err)
			}
		}
	}
}

// compareAll compares the rest.
func compareAll(t *testing.T, cold, warm *Schema, names []protoreflect.FullName) {
	t.Helper()
	same := func(what string, a, b any) {
		t.Helper()
		if !reflect.DeepEqual(a, b) {
			t.Errorf("%s:\ncold %v\nwarm %v", what, a, b)
		}
	}
	for _, o := range []SetOptions{{Imports: true, SourceInfo: true}, {Imports: true}} {
		for _, fd := range coldFiles(cold) {
			o.Names = append(o.Names, fd.Path())
		}
		a, errA := cold.FileSet(o)
		b, errB := warm.FileSet(o)
		same("errors of sets", errA, errB)
		if !bytes.Equal(a, b) {
			t.Errorf("sets of %d and %d bytes differ", len(a), len(b))
		}
	}
	for _, name := range names {
		a, _ := cold.Descriptor(string(name))
		b, _ := warm.Descriptor(string(name))
		same(string(name), cold.Show(a), warm.Show(b))
		same("place", Place(a), Place(b))
		if x, ok := a.(protoreflect.ExtensionDescriptor); ok {
			holder := x.ContainingMessage().FullName()
			_, errA := cold.FindExtensionByNumber(holder, x.Number())
			_, errB := warm.FindExtensionByNumber(holder, x.Number())
			same("extension", errA, errB)
		}
	}
	for _, fd := range coldFiles(cold) {
		other, err := warm.FindFileByPath(fd.Path())
		if err != nil {
			t.Fatal(err)
		}
		if a, b := protodesc.ToFileDescriptorProto(fd), protodesc.ToFileDescriptorProto(other); !proto.Equal(a, b) {
			t.Errorf("%s:\ncold %v\nwarm %v", fd.Path(), a, b)
		}
		same("source", cold.Source(fd.Path()), warm.Source(fd.Path()))
	}
	same("entries", cold.Entries(), warm.Entries())
	a, errA := cold.OnlyMessage()
	b, errB := warm.OnlyMessage()
	same("errors of the only message", errA, errB)
	if (a == nil) != (b == nil) || a != nil && a.FullName() != b.FullName() {
		t.Errorf("the only messages are %v and %v", a, b)
	}
	for _, unknown := range []string{"no.such.Type", "user.v1.Usr", "google.rpc.Status"} {
		_, errA := cold.Message(unknown)
		_, errB := warm.Message(unknown)
		same(unknown, errA, errB)
	}
}

// TestKeptNotes tells again what was told when the schema was compiled, and
// once.
func TestKeptNotes(t *testing.T) {
	dir := write(t, map[string]string{
		"root/x/a.proto": `syntax = "proto3"; package x; import "y/b.proto"; message A { y.B b = 1; }`,
		"root/y/b.proto": `syntax = "proto3"; package y; message B {}`,
	})
	var cold, warm []string
	src := Sources{Protos: []string{filepath.Join(dir, "root/x/a.proto")}, Cache: store(t)}
	src.Note = func(text string) { cold = append(cold, text) }
	mustOpen(t, src)
	src.Note = func(text string) { warm = append(warm, text) }
	s := mustOpen(t, src)
	if _, err := s.Files(); err != nil || !s.isThawed() {
		t.Fatal(err)
	}
	if len(cold) != 1 || !reflect.DeepEqual(cold, warm) {
		t.Errorf("told %q, then %q", cold, warm)
	}
}

func (s *Schema) isThawed() bool { return !s.cold && s.frozen == nil }

// TestChangedSourcesAreRead changes the sources of a schema in the cache.
func TestChangedSourcesAreRead(t *testing.T) {
	one := `syntax = "proto3"; package p; message A { int32 one = 1; }`
	two := `syntax = "proto3"; package p; message A { int32 two = 1; }`
	broken := `syntax = "proto3"; package p; message A { int32 = 1; }`
	file := func(dir, name string) string { return filepath.Join(dir, filepath.FromSlash(name)) }
	changes := map[string]struct {
		change func(dir string) error
		field  protoreflect.Name // "" for an error
	}{
		"a changed file": {func(dir string) error { return os.WriteFile(file(dir, "late/p/a.proto"), []byte(two), 0o666) }, "two"},
		"a broken file":  {func(dir string) error { return os.WriteFile(file(dir, "late/p/a.proto"), []byte(broken), 0o666) }, ""},
		"a file earlier on the path": {func(dir string) error {
			return os.WriteFile(file(dir, "early/p/a.proto"), []byte(two), 0o666)
		}, "two"},
		"another file that declares the type": {func(dir string) error {
			return os.WriteFile(file(dir, "late/p/b.proto"), []byte(two), 0o666)
		}, ""},
		"a moved file": {func(dir string) error {
			return os.Rename(file(dir, "late/p/a.proto"), file(dir, "late/p/c.proto"))
		}, "one"},
		"a file that is gone": {func(dir string) error { return os.Remove(file(dir, "late/p/a.proto")) }, ""},
		"a buf.yaml": {func(dir string) error {
			return os.WriteFile(file(dir, "late/buf.yaml"), []byte("version: v1\nbuild:\n  excludes: [p]\n"), 0o666)
		}, ""},
	}
	for name, c := range changes {
		t.Run(name, func(t *testing.T) {
			dir := write(t, map[string]string{"early/p/other.proto": `syntax = "proto3"; package p; message O {}`, "late/p/a.proto": one})
			src := Sources{ImportPaths: []string{file(dir, "early"), file(dir, "late")}, Types: []string{"p.A"}, Cache: store(t)}
			only := func(s *Schema) protoreflect.Name {
				m, err := s.Message("p.A")
				if err != nil {
					t.Fatal(err)
				}
				return m.Fields().Get(0).Name()
			}
			mustOpen(t, src)
			if s := mustOpen(t, src); !s.cold || only(s) != "one" {
				t.Fatal("it was not kept")
			}
			if err := c.change(dir); err != nil {
				t.Fatal(err)
			}
			for range 2 {
				s, err := Open(src)
				if c.field == "" {
					if err == nil {
						t.Fatalf("opened with %s", only(s))
					}
				} else if err != nil || only(s) != c.field {
					t.Fatalf("%v", err)
				}
			}
			if c.field == "" && name != "a file that is gone" && name != "a broken file" {
				return
			}
			if err := os.WriteFile(file(dir, "late/p/a.proto"), []byte(one), 0o666); err != nil {
				t.Fatal(err)
			}
			if name == "a broken file" || name == "a file that is gone" || name == "a changed file" {
				if s := mustOpen(t, src); only(s) != "one" {
					t.Error("the mended file was not seen")
				}
			}
		})
	}
}

// TestKeptAtOnce uses one schema from the cache in many goroutines, which link
// files and go on to the sources at any moment.
func TestKeptAtOnce(t *testing.T) {
	for name, src := range keepable(t) {
		src.SourceInfo = len(name)%2 == 0
		cold, err := Open(src)
		if err != nil {
			continue
		}
		_, warm := kept(t, src)
		var names []protoreflect.FullName
		for _, fd := range coldFiles(cold) {
			visitDeclared(fd, func(d protoreflect.Descriptor) { names = append(names, d.FullName()) })
		}
		plans := plan.NewSet(warm)
		var group sync.WaitGroup
		for i := range 8 {
			group.Go(func() {
				for j := range names {
					name := names[(j*7+i*13)%len(names)]
					if d, err := warm.Descriptor(string(name)); err != nil {
						t.Error(name, err)
					} else if m, ok := d.(protoreflect.MessageDescriptor); ok && !m.IsMapEntry() {
						for k := range plans.Message(m).Fields {
							plans.Message(m).Fields[k].Message()
						}
					}
					if i == 3 && j == len(names)/2 {
						warm.Entries()
					}
				}
			})
		}
		group.Wait()
	}
}

// TestIndexIsKept compares the index of many files that was made with the one
// from the cache, and with the one after a change.
func TestIndexIsKept(t *testing.T) {
	files := make(map[string]string)
	for i := range worthKeeping + 20 {
		files[fmt.Sprintf("d%d/f%d.proto", i%7, i)] = fmt.Sprintf(`syntax = "proto3"; package p%d;
import public "d0/f0.proto";
message M%d { enum E { E0 = 0; } message N {} } service S { rpc R(M%d) returns (M%d) {} }
extend google.protobuf.FieldOptions { string x = 5%04d; }`, i, i, i, i, i)
	}
	dir := write(t, files)
	s := store(t)
	open := func() *treeIndex { return mustOpen(t, Sources{ImportPaths: []string{dir}, Cache: s}).tree.index() }
	made := open()
	if s.Info().Entries != 1 {
		t.Fatalf("kept: %+v", s.Info())
	}
	if again := open(); !reflect.DeepEqual(made, again) {
		t.Errorf("%v\nbecomes\n%v", made.outlines[0], again.outlines[0])
	}
	if err := os.WriteFile(filepath.Join(dir, "d3", "new.proto"), []byte("package q; message New {}"), 0o666); err != nil {
		t.Fatal(err)
	}
	if x := open(); x.declaring("q.New") != "d3/new.proto" || x.declaring("p3.M3.N") != "d3/f3.proto" || x.declaring("p3.M4") != "" {
		t.Error("the new file is not in it")
	}
}

// FuzzKeptFile puts anything in the place of an entry: the answer stays.
func FuzzKeptFile(f *testing.F) {
	src := Sources{ImportPaths: []string{"../fixtures/schemas/trades"}, Protos: []string{"trades.proto"}}
	dir := filepath.Join(f.TempDir(), "cache")
	src.Cache = cache.New(dir, "test", 0)
	mustOpen(f, src)
	entry := ""
	_ = filepath.WalkDir(dir, func(path string, e fs.DirEntry, _ error) error {
		if !e.IsDir() && e.Name() != "CACHEDIR.TAG" {
			entry = path
		}
		return nil
	})
	whole, err := os.ReadFile(entry)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole)
	f.Add(whole[:len(whole)/2])
	f.Add([]byte{})
	want, err := mustOpen(f, Sources{ImportPaths: src.ImportPaths, Protos: src.Protos}).FileSet(SetOptions{Imports: true})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := os.WriteFile(entry, data, 0o600); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			got, err := mustOpen(t, src).FileSet(SetOptions{Imports: true})
			if err != nil || !bytes.Equal(got, want) {
				t.Fatalf("%d bytes, %v", len(got), err)
			}
		}
	})
}

// TestSchemasLookAtFilesThroughDisk: what is read in another way is not among
// what an entry of the cache rests on.
func TestSchemasLookAtFilesThroughDisk(t *testing.T) {
	forbidden := regexp.MustCompile(`\b(os\.(Open|OpenFile|Stat|Lstat|ReadFile|ReadDir|DirFS)|ioutil\.\w+)\(`)
	allowed := map[string]int{
		"disk.go": 6,
		"lift.go": 2, // each says so
		"walk.go": 1, // likewise
		// Told after the schema was opened.
		"which.go": 1,
	}
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if found := forbidden.FindAllString(string(text), -1); len(found) > allowed[name] {
			t.Errorf("%s: %s: read through disk, or call its unfit method", name, strings.Join(found, " "))
		}
	}
}

// TestEverySourceIsInTheKey fails for a source that is new: it belongs into the
// key, or nothing that rests on it is kept.
func TestEverySourceIsInTheKey(t *testing.T) {
	full := Sources{ImportPaths: []string{"a"}, Protos: []string{"b"}, DescriptorSets: []string{"c"}, Types: []string{"d"}, Cache: store(t)}
	key := full.key()
	v := reflect.ValueOf(&full).Elem()
	for i := range v.NumField() {
		changed := full
		field := reflect.ValueOf(&changed).Elem().Field(i)
		switch name := v.Type().Field(i).Name; {
		case name == "Cache" || name == "Note":
			continue
		case field.Kind() == reflect.Slice:
			field.Set(reflect.ValueOf([]string{"other"}))
		case field.Kind() == reflect.Bool:
			field.SetBool(true)
		case field.Kind() == reflect.Pointer:
			field.Set(reflect.New(field.Type().Elem()))
		case name == "Texts":
			changed.Texts = func(string) (Text, bool) { return Text{}, false }
		default:
			t.Errorf("a test for %s is missing", name)
		}
		if bytes.Equal(changed.key(), key) {
			t.Errorf("%s makes no other key", v.Type().Field(i).Name)
		}
	}
	src := Sources{ImportPaths: []string{"a", "b"}, Types: []string{"c"}, Cache: full.Cache}
	other := Sources{ImportPaths: []string{"a"}, Protos: []string{"b"}, Types: []string{"c"}, Cache: full.Cache}
	if bytes.Equal(src.key(), other.key()) {
		t.Error("lists run into each other")
	}
}
