package descriptors

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// workspaceFiles is a v2 workspace: two modules, one with an exclude, and
// schemas that lie in neither.
var workspaceFiles = map[string]string{
	"buf.yaml":                   "version: v2\nmodules:\n  - path: proto\n    excludes: [proto/old]\n  - path: vendor/third\n",
	"proto/a/a.proto":            "syntax = \"proto3\";\npackage a;\nimport \"third/t.proto\";\nmessage A { third.T t = 1; }\n",
	"proto/old/a.proto":          "syntax = \"proto3\";\npackage old;\nmessage Old {}\n",
	"vendor/third/third/t.proto": "syntax = \"proto3\";\npackage third;\nmessage T {}\n",
	"elsewhere/e.proto":          "syntax = \"proto3\";\npackage elsewhere;\nmessage E {}\n",
}

func TestModulesAreRoots(t *testing.T) {
	dir := write(t, workspaceFiles)
	s, err := Open(Sources{ImportPaths: []string{dir}, Types: []string{"a.A", "third.T"}})
	if err != nil {
		t.Fatal(err)
	}
	if d, err := s.FindFileByPath("a/a.proto"); err != nil || d.Path() != "a/a.proto" {
		t.Errorf("%v, %v", d, err)
	}
	names := TypeNames(Sources{ImportPaths: []string{dir}}, "")
	slices.Sort(names)
	if !slices.Equal(names, []string{"a.A", "third.T"}) {
		t.Errorf("types %q", names)
	}
	for _, gone := range []string{"old.Old", "elsewhere.E"} {
		if _, err := Open(Sources{ImportPaths: []string{dir}, Types: []string{gone}}); err == nil {
			t.Errorf("%s belongs to no module and is found", gone)
		}
	}
	// Whoever names a file has it, whatever a module leaves out.
	for _, named := range []string{"elsewhere/e.proto", "proto/old/a.proto"} {
		if _, err := Open(Sources{ImportPaths: []string{dir}, Protos: []string{filepath.Join(dir, named)}}); err != nil {
			t.Errorf("%s: %v", named, err)
		}
	}
}

func TestBadModulesAreErrors(t *testing.T) {
	dir := write(t, map[string]string{"buf.yaml": "version: v2\nmodul: []\n", "a.proto": ""})
	_, err := Open(Sources{ImportPaths: []string{dir}})
	var e *Error
	if !errors.As(err, &e) || e.Line != 2 || e.Column != 1 || !strings.Contains(e.Hint, "modules") || e.SourceLine != "modul: []" {
		t.Errorf("%v", err)
	}
}

func TestRegistryIsNamed(t *testing.T) {
	dir := write(t, map[string]string{
		"buf.yaml": "version: v2\ndeps: [buf.build/bufbuild/protovalidate]\n",
		"a.proto":  "syntax = \"proto3\";\nimport \"buf/validate/validate.proto\";\nmessage A {}\n",
	})
	_, err := Open(Sources{ImportPaths: []string{dir}, Types: []string{"A"}})
	var e *Error
	if !errors.As(err, &e) || !strings.Contains(e.Hint, "buf.build/bufbuild/protovalidate") {
		t.Errorf("%v", err)
	}
}

// TestWalkFollowsLinks holds that types below links are found, that a cycle
// ends, and that a directory with a name of its own is seen by that.
func TestWalkFollowsLinks(t *testing.T) {
	dir := write(t, map[string]string{
		"root/b/b.proto": "syntax = \"proto3\";\npackage b;\nmessage B {}\n",
		"away/c/c.proto": "syntax = \"proto3\";\npackage c;\nmessage C {}\n",
		"away/d/d.proto": "syntax = \"proto3\";\npackage d;\nmessage D {}\n",
		"unseen/e.proto": "syntax = \"proto3\";\npackage e;\nmessage E {}\n",
	})
	for link, target := range map[string]string{
		"root/a":      "b",         // an alias that comes first
		"root/linked": "../away",   // a directory elsewhere
		"root/part":   "../away/c", // a part of it
		"away/back":   "../root",   // a cycle
		"root/up":     "..",        // all around the root
		"root/.dot":   "../unseen", // hidden
		"root/broken": "nowhere",
	} {
		if err := os.Symlink(filepath.FromSlash(target), filepath.Join(dir, filepath.FromSlash(link))); err != nil {
			t.Skipf("no symbolic links here: %v", err)
		}
	}
	var got []string
	for _, e := range mustOpen(t, Sources{ImportPaths: []string{filepath.Join(dir, "root")}}).Entries() {
		got = append(got, string(e.Name)+" "+e.File)
	}
	slices.Sort(got)
	want := []string{"b.B b/b.proto", "c.C linked/c/c.proto", "d.D linked/d/d.proto"}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if _, err := Open(Sources{ImportPaths: []string{filepath.Join(dir, "root")}, Types: []string{"c.C"}}); err != nil {
		t.Error(err)
	}
}

// TestRootsBeside holds that a lone file finds its imports where people keep
// them: beside the directories above it, in a buf workspace's modules.
func TestRootsBeside(t *testing.T) {
	const file = "syntax = \"proto3\";\npackage app;\nimport \"acme/v1/y.proto\";\nmessage X { acme.v1.Y y = 1; }\n"
	const imported = "syntax = \"proto3\";\npackage acme.v1;\nmessage Y {}\n"
	for name, c := range map[string]struct {
		files map[string]string
		note  string // a part of it, "" for an error
	}{
		"proto":                {map[string]string{"app/x.proto": file, "proto/acme/v1/y.proto": imported}, "import path proto taken"},
		"src/main/proto":       {map[string]string{"app/x.proto": file, "lib/src/main/proto/acme/v1/y.proto": imported, ".git/HEAD": ""}, "import path lib/src/main/proto taken"},
		"third_party":          {map[string]string{"a/b/c/app/x.proto": file, "third_party/acme/acme/v1/y.proto": imported, ".git/HEAD": ""}, "import path third_party/acme taken"},
		"two":                  {map[string]string{"app/x.proto": file, "one/acme/v1/y.proto": imported, "two/acme/v1/y.proto": imported}, ""},
		"above the repository": {map[string]string{"repo/app/x.proto": file, "repo/.git/HEAD": "", "other/acme/v1/y.proto": imported}, ""},
		"hidden":               {map[string]string{"app/x.proto": file, ".cache/acme/v1/y.proto": imported}, ""},
		"buf": {map[string]string{"ws/app/x.proto": file, "ws/one/acme/v1/y.proto": imported, "two/acme/v1/y.proto": imported,
			"ws/buf.yaml": "version: v2\nmodules: [{path: app}, {path: one}]\n"}, "import paths of ws/buf.yaml taken"},
		"broken buf": {map[string]string{"app/x.proto": file, "one/acme/v1/y.proto": imported, "buf.yaml": "version: v9\n"}, "import path one taken"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Chdir(write(t, c.files))
			var notes []string
			given, _ := filepath.Glob("*/x.proto")
			more, _ := filepath.Glob("*/*/x.proto")
			deep, _ := filepath.Glob("*/*/*/*/x.proto")
			given = append(append(given, more...), deep...)
			s, err := Open(Sources{Protos: given, Note: func(n string) { notes = append(notes, n) }})
			if c.note == "" {
				if err == nil {
					t.Errorf("opened: %q", notes)
				}
				return
			}
			if err != nil || !strings.Contains(filepath.ToSlash(strings.Join(notes, "\n")), c.note) {
				t.Fatalf("%v, notes %q", err, notes)
			}
			if _, err := s.Message("app.X"); err != nil {
				t.Error(err)
			}
		})
	}
}
