package descriptors

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const (
	fileX = "syntax = \"proto3\"; package acme.v1; import \"acme/v1/y.proto\"; message X { Y y = 1; }"
	fileY = "syntax = \"proto3\"; package acme.v1; message Y {}"
)

func TestRootsAreGuessed(t *testing.T) {
	for name, c := range map[string]struct {
		files map[string]string
		src   Sources // relative to the directory
		want  string  // path of x.proto to imports, or "" for an error
		note  string  // the root that is taken
	}{
		"directory above the file": {
			map[string]string{"protos/acme/v1/x.proto": fileX, "protos/acme/v1/y.proto": fileY},
			Sources{Protos: []string{"protos/acme/v1/x.proto"}}, "acme/v1/x.proto", "protos",
		},
		"own directory": {
			map[string]string{"a/x.proto": strings.Replace(fileX, "acme/v1/", "", 1), "a/y.proto": fileY},
			Sources{Protos: []string{"a/x.proto"}}, "x.proto", "",
		},
		"below a root": {
			map[string]string{"x.proto": fileX, "third_party/lib/acme/v1/y.proto": fileY},
			Sources{ImportPaths: []string{"."}, Protos: []string{"x.proto"}}, "x.proto", "third_party/lib",
		},
		"beside a file under a root": {
			map[string]string{"a/x.proto": strings.Replace(fileX, "acme/v1/", "", 1), "a/y.proto": fileY},
			Sources{ImportPaths: []string{"."}, Protos: []string{"a/x.proto"}}, "a/x.proto", "a",
		},
		"two places": {
			map[string]string{"x.proto": fileX, "one/acme/v1/y.proto": fileY, "two/acme/v1/y.proto": fileY},
			Sources{ImportPaths: []string{"."}, Protos: []string{"x.proto"}}, "", "",
		},
		"nowhere": {
			map[string]string{"x.proto": fileX},
			Sources{ImportPaths: []string{"."}, Protos: []string{"x.proto"}}, "", "",
		},
		"hidden directory": {
			map[string]string{"x.proto": fileX, ".cache/acme/v1/y.proto": fileY},
			Sources{ImportPaths: []string{"."}, Protos: []string{"x.proto"}}, "", "",
		},
		"a directory of the import's name": {
			map[string]string{"x.proto": fileX, "acme/v1/y.proto/z.proto": fileY},
			Sources{ImportPaths: []string{"."}, Protos: []string{"x.proto"}}, "", "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Chdir(write(t, c.files))
			var notes []string
			c.src.Note = func(n string) { notes = append(notes, n) }
			s, err := Open(c.src)
			if c.want == "" {
				errs := flatten(err)
				if len(errs) != 1 || errs[0].Kind != KindImport || !strings.Contains(errs[0].Hint, "-I") {
					t.Errorf("%v", err)
				}
				if name == "two places" && (!strings.Contains(errs[0].Hint, "-I one") || !strings.Contains(errs[0].Hint, "-I two")) {
					t.Errorf("hint %q", errs[0].Hint)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			m, err := s.Message("acme.v1.X")
			if err != nil || m.ParentFile().Path() != c.want {
				t.Errorf("%v in %v", err, m.ParentFile().Path())
			}
			if c.note == "" && len(notes) > 0 || c.note != "" && (len(notes) != 1 || !strings.Contains(notes[0], "import path "+filepath.FromSlash(c.note)+" taken")) {
				t.Errorf("notes %q", notes)
			}
		})
	}
}

// TestLoneFileSearchesNothing: the directory of a file that was named alone
// is not searched for other types.
func TestLoneFileSearchesNothing(t *testing.T) {
	dir := write(t, map[string]string{"x.proto": fileY, "deep/z.proto": `syntax = "proto3"; message Z {}`})
	s := mustOpen(t, Sources{Protos: []string{filepath.Join(dir, "x.proto")}})
	if _, err := s.FindMessageByName("Z"); err == nil {
		t.Error("a type out of an unnamed file")
	}
	if s.tree.indexed != nil && len(s.tree.indexed.files) > 0 {
		t.Error("the directory was read")
	}
	s = mustOpen(t, Sources{Protos: []string{filepath.Join(dir, "x.proto")}, ImportPaths: []string{dir}})
	if _, err := s.FindMessageByName("Z"); err != nil {
		t.Errorf("under an import path: %v", err)
	}
}

func TestShadowedAndTwiceNamedFiles(t *testing.T) {
	t.Chdir(write(t, map[string]string{"one/x.proto": fileY, "two/x.proto": fileY}))
	errs := failure(t, Sources{ImportPaths: []string{"one", "two"}, Protos: []string{"two/x.proto"}})
	if errs[0].Kind != KindConflict || !strings.Contains(errs[0].Message, filepath.Join("one", "x.proto")) {
		t.Errorf("%v", errs)
	}
	t.Chdir(write(t, map[string]string{
		"m.proto":     "syntax = \"proto3\"; import \"sub/y.proto\"; import \"sub/x.proto\";",
		"sub/x.proto": "syntax = \"proto3\"; import \"y.proto\";",
		"sub/y.proto": fileY,
	}))
	errs = failure(t, Sources{ImportPaths: []string{".", "sub"}, Protos: []string{"m.proto"}})
	if len(errs) != 1 || errs[0].Kind != KindConflict || !strings.Contains(errs[0].Message, "by two names") {
		t.Errorf("%v", errs)
	}
}

func TestTypeNames(t *testing.T) {
	dir := shop(t)
	if err := os.WriteFile(filepath.Join(dir, "broken.proto"), []byte("message Broken { X"), 0o666); err != nil {
		t.Fatal(err)
	}
	all := []string{"Broken", "shop.v1.Money", "shop.v1.Order", "shop.v1.Order.Line"}
	for name, c := range map[string]struct {
		src    Sources
		prefix string
		want   []string
	}{
		"tree":            {Sources{ImportPaths: []string{dir}}, "", all},
		"prefix":          {Sources{ImportPaths: []string{dir}}, "shop.v1.O", all[2:]},
		"file":            {Sources{ImportPaths: []string{dir}, Protos: []string{"shop/v1/money.proto"}}, "", all[1:2]},
		"file, imports":   {Sources{ImportPaths: []string{dir}, Protos: []string{"shop/v1/order.proto"}}, "", all[1:]},
		"nothing there":   {Sources{Protos: []string{filepath.Join(dir, "none.proto")}}, "", nil},
		"no set there":    {Sources{DescriptorSets: []string{filepath.Join(dir, "none")}}, "", nil},
		"set is no set":   {Sources{DescriptorSets: []string{filepath.Join(dir, "broken.proto")}}, "", nil},
		"no such root":    {Sources{ImportPaths: []string{filepath.Join(dir, "none")}}, "", nil},
		"nothing is told": {Sources{}, "", nil},
	} {
		t.Run(name, func(t *testing.T) {
			if got := TypeNames(c.src, c.prefix); !slices.Equal(got, c.want) {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

func TestEditions(t *testing.T) {
	dir := write(t, map[string]string{
		"a.proto":   "edition = \"2023\"; package p; message A { int32 x = 1; A deep = 2 [features.message_encoding = DELIMITED]; }",
		"opt.proto": "edition = \"2024\"; package o; import \"google/protobuf/descriptor.proto\"; extend google.protobuf.MessageOptions { bool marked = 50001; }",
		"b.proto":   "edition = \"2024\"; package p; import \"a.proto\"; import option \"opt.proto\"; local message L { option (o.marked) = true; } export message B { L l = 1; A a = 2; }",
	})
	s := mustOpen(t, Sources{ImportPaths: []string{dir}, Types: []string{"p.A", "p.B"}})
	for _, name := range []string{"p.A", "p.B", "p.L"} {
		m, err := s.Message(name)
		if err != nil {
			t.Fatal(err)
		}
		if m.FullName() == "p.A" && !m.Fields().ByName("x").HasPresence() {
			t.Error("presence is the default of editions")
		}
	}
}

// TestPipe: what comes through a pipe, as from a shell's <(…), is read once.
func TestPipe(t *testing.T) {
	if _, err := os.Stat("/dev/fd"); err != nil {
		t.Skip("no /dev/fd here")
	}
	for _, form := range []string{"source", "set"} {
		t.Run(form, func(t *testing.T) {
			r, w, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			path := fmt.Sprintf("/dev/fd/%d", r.Fd())
			src, text := Sources{Protos: []string{path}}, []byte(fileY)
			if form == "set" {
				src, text = Sources{DescriptorSets: []string{path}}, []byte("\x0a\x15\x0a\x07y.proto\x12\x07acme.v1\x22\x03\x0a\x01Y")
				text[1] = byte(len(text) - 2)
			}
			go func() {
				w.Write(text)
				w.Close()
			}()
			m, err := mustOpen(t, src).OnlyMessage()
			if err != nil || m.FullName() != "acme.v1.Y" {
				t.Errorf("%v %v", m, err)
			}
		})
	}
}

// TestUnreadableFilesAreTold: a type that is not found may be declared in a
// file that could not be read.
func TestUnreadableFilesAreTold(t *testing.T) {
	t.Chdir(write(t, map[string]string{"a/x.proto": fileY, "b/y.proto": fileY}))
	for i := range maxPassedOver + 3 {
		loop := fmt.Sprintf("a/loop%d.proto", i)
		if err := os.Symlink(filepath.Base(loop), loop); err != nil {
			t.Skip("no symbolic links: ", err)
		}
	}
	if err := os.Symlink("nowhere.proto", "b/dangling.proto"); err != nil {
		t.Fatal(err)
	}
	var notes []string
	src := Sources{ImportPaths: []string{"a"}, Types: []string{"acme.v1.Z"}, Note: func(n string) { notes = append(notes, n) }}
	if _, err := Open(src); err == nil {
		t.Error("found what nobody declares")
	}
	if len(notes) != maxPassedOver+1 || !strings.HasPrefix(notes[0], "a/loop0.proto: cannot be read: ") || !strings.HasSuffix(notes[0], "; the search goes on without it") {
		t.Errorf("notes %q", notes)
	}
	notes = nil
	src.ImportPaths = []string{"b"}
	if _, err := Open(src); err == nil || len(notes) != 0 {
		t.Errorf("error %v, notes %q", err, notes)
	}
}

// TestLinkedRoot: an import path may be a symbolic link.
func TestLinkedRoot(t *testing.T) {
	t.Chdir(write(t, map[string]string{"a/odd/y.proto": fileY, "x.proto": fileX, "b/acme/v1/y.proto": fileY}))
	for _, d := range []string{"a", "b"} {
		if err := os.Symlink(d, "linked-"+d); err != nil {
			t.Skip("no symbolic links: ", err)
		}
	}
	s := mustOpen(t, Sources{ImportPaths: []string{"linked-a"}, Types: []string{"acme.v1.Y"}})
	if got := s.Entries(); len(got) != 1 || got[0].File != "odd/y.proto" {
		t.Errorf("entries %v", got)
	}
	t.Chdir("linked-b")
	mustOpen(t, Sources{ImportPaths: []string{"."}, Types: []string{"acme.v1.Y"}})
}
