package breaking

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pbscope/pbscope/descriptors/breaking/filetree"
)

const (
	before = edition + "message M { int32 a = 1; }"
	after  = edition + "message M { string a = 1; }"
)

// compareSides loads two sides together and gives the rules that found
// something.
func compareSides(t *testing.T, old, new Input) (string, error) {
	t.Helper()
	if old.Beside == "" {
		old.Beside = new.Name
	}
	o, n, err := Load(t.Context(), old, new)
	if err != nil {
		return "", err
	}
	return rulesOf(Compare(o, n, Options{})), nil
}

// TestRepositoriesOfAllKinds: a commit is found from a bare repository, a
// worktree, a submodule and an annotated tag.
func TestRepositoriesOfAllKinds(t *testing.T) {
	r := newRepo(t)
	r.commit("proto/a.proto", before)
	r.git("tag", "-a", "v1", "-m", "first")
	r.commit("proto/a.proto", after)
	r.commit("proto/b.proto", "edition = \"2023\"; package p.b; message B { }")
	place := t.TempDir()
	bare, tree := filepath.Join(place, "bare.git"), filepath.Join(place, "tree")
	r.git("clone", "-q", "--bare", ".", bare)
	r.git("worktree", "add", "-q", tree, "-b", "other")
	outer := newRepo(t)
	outer.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", r.directory, "vendor/schemas")
	outer.commit("x.proto", "edition = \"2023\"; package p.x; message X { }")
	proto := filepath.Join(r.directory, "proto")
	for name, c := range map[string]struct{ old, new Input }{
		"annotated tag":             {Input{Name: "v1"}, Input{Name: proto}},
		"bare":                      {Input{Name: bare + "#tag=v1,subdir=proto"}, Input{Name: proto}},
		"bare, without .git":        {Input{Name: filepath.Join(place, "bare") + ".git#ref=v1"}, Input{Name: bare + "#branch=main"}},
		"two commits of a bare one": {Input{Name: bare + "#ref=v1"}, Input{Name: bare + "#branch=main"}},
		"worktree":                  {Input{Name: "v1"}, Input{Name: filepath.Join(tree, "proto")}},
		"worktree by name":          {Input{Name: filepath.Join(tree, ".git") + "#ref=v1,subdir=proto"}, Input{Name: filepath.Join(tree, "proto")}},
		"submodule":                 {Input{Name: "v1"}, Input{Name: filepath.Join(outer.directory, "vendor", "schemas", "proto")}},
		"submodule by name":         {Input{Name: filepath.Join(outer.directory, "vendor", "schemas", ".git") + "#ref=v1,subdir=proto"}, Input{Name: proto}},
	} {
		t.Run(name, func(t *testing.T) {
			if got, err := compareSides(t, c.old, c.new); err != nil || got != "FIELD_TYPE_INCOMPATIBLE" {
				t.Errorf("%q %v", got, err)
			}
		})
	}
	t.Run("in a bare repository", func(t *testing.T) {
		t.Chdir(bare)
		o, n, err := Load(t.Context(), Input{Name: "v1:proto"}, Input{Name: "main:proto"})
		if err != nil || rulesOf(Compare(o, n, Options{})) != "FIELD_TYPE_INCOMPATIBLE" {
			t.Errorf("%v", err)
		}
	})
	t.Run("a submodule of a commit", func(t *testing.T) {
		_, err := compareSides(t, Input{Name: "HEAD:vendor/schemas/proto", Beside: outer.directory}, Input{Name: outer.directory})
		var problem *Problem
		if !errors.As(err, &problem) || !strings.Contains(problem.Message, "the submodule vendor/schemas") {
			t.Fatalf("%v", err)
		}
		_, hint, _ := strings.Cut(problem.Hint, "--against ")
		c := exec.Command("sh", "-c", "echo "+hint)
		c.Dir = outer.directory
		name, err := c.Output()
		if err != nil {
			t.Fatal(err)
		}
		t.Chdir(outer.directory)
		if got, err := compareSides(t, Input{Name: strings.TrimSpace(string(name)) + ",subdir=proto"}, Input{Name: "vendor/schemas/proto"}); err != nil || got != "" {
			t.Errorf("what the hint says gives %q %v", got, err)
		}
	})
}

// TestLinksInGit: a link to a schema is that schema.
func TestLinksInGit(t *testing.T) {
	r := newRepo(t)
	r.write("proto/a.proto", before)
	if err := os.Symlink("../proto/a.proto", filepath.Join(r.directory, "proto", "link.txt")); err != nil {
		t.Skip("there are no links here")
	}
	if err := os.MkdirAll(filepath.Join(r.directory, "api"), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("../proto/a.proto", filepath.Join(r.directory, "api", "a.proto")); err != nil {
		t.Fatal(err)
	}
	r.git("add", "-A")
	r.git("commit", "-q", "-m", "x")
	r.write("proto/a.proto", after)
	if got, err := compareSides(t, Input{Name: "main"}, Input{Name: filepath.Join(r.directory, "api")}); err != nil || got != "FIELD_TYPE_INCOMPATIBLE" {
		t.Errorf("%q %v", got, err)
	}
}

// TestRootsOfBothSides: a file has one name, though only the imports of one
// side say what names are relative to.
func TestRootsOfBothSides(t *testing.T) {
	one := map[string]string{"proto/a.proto": before, "proto/sub/c.proto": "edition = \"2023\"; package p.c; message C { }"}
	two := map[string]string{
		"proto/a.proto": before, "proto/sub/c.proto": one["proto/sub/c.proto"],
		"proto/b.proto": "edition = \"2023\"; package p.b; import \"a.proto\"; message B { p.M m = 1; }",
	}
	rules, err := Select([]string{"FILE", "PACKAGE"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		old, new map[string]string
		want     string
	}{
		"new":         {one, two, ""},
		"old":         {two, one, "FILE_NO_DELETE PACKAGE_NO_DELETE"},
		"other names": {map[string]string{"proto/a.proto": before, "x.proto": "edition = \"2023\"; package p.x; import \"proto/a.proto\"; message X { p.M m = 1; }"}, two, "FILE_NO_DELETE FILE_NO_DELETE PACKAGE_NO_DELETE"},
	} {
		for _, partly := range []bool{false, true} {
			o, n, err := Load(t.Context(), Input{Name: side(t, c.old)}, Input{Name: side(t, c.new), partly: partly})
			if err != nil {
				t.Fatal(err)
			}
			if got := rulesOf(Compare(o, n, Options{Rules: rules})); got != c.want {
				t.Errorf("%s: %q, want %q", name, got, c.want)
			}
		}
	}
}

// TestSeveralSchemas: a directory with states of one schema says what to do.
func TestSeveralSchemas(t *testing.T) {
	dir := side(t, map[string]string{"test/old/p/a.proto": before, "test/new/p/a.proto": after, "b.proto": "edition = \"2023\"; package p.b; message B { }"})
	_, err := LoadNew(t.Context(), Input{Name: dir})
	var problem *Problem
	if !errors.As(err, &problem) || !strings.Contains(problem.Message, filepath.Join(dir, "test", "old")) || !strings.Contains(problem.Hint, "REF "+filepath.Join(dir, "test", "new")) {
		t.Errorf("%v", err)
	}
	dir = side(t, map[string]string{"a.proto": before, "b.proto": before})
	if _, err := LoadNew(t.Context(), Input{Name: dir}); err == nil || !strings.Contains(err.Error(), "already defined") {
		t.Errorf("%v", err)
	}
}

// TestPartialClone: contents that git does not have are told with what gets
// them.
func TestPartialClone(t *testing.T) {
	r := newRepo(t)
	r.commit("a.proto", before)
	id := r.git("rev-parse", "HEAD:a.proto")
	r.write("a.proto", after)
	if err := os.Remove(filepath.Join(r.directory, ".git", "objects", id[:2], id[2:])); err != nil {
		t.Fatal(err)
	}
	_, err := compareSides(t, Input{Name: "main"}, Input{Name: r.directory})
	var problem *Problem
	if !errors.As(err, &problem) || !strings.Contains(problem.Message, "no contents of a.proto") || !strings.Contains(problem.Hint, "git fetch --refetch") {
		t.Errorf("%v", err)
	}
}

// TestBatches: what compiles in groups is what compiles together.
func TestBatches(t *testing.T) {
	var names []string
	s := &treeSide{names: make(map[string]*sideFile), facts: make(map[string]*fileFacts)}
	add := func(name string, imports ...string) {
		names = append(names, name)
		f := &sideFile{File: madeText(name, 1<<20), name: name}
		s.names[name], s.facts[name] = f, &fileFacts{imports: imports}
	}
	add("common/base.proto")
	add("common/all.proto", "common/base.proto")
	for i := range 20 {
		a, b := "g"+itoa(int32(i))+"/a.proto", "g"+itoa(int32(i))+"/b.proto"
		add(a, "common/all.proto")
		add(b, a, "common/all.proto")
	}
	seen := make(map[string]int)
	for i, batch := range s.batches(names) {
		for _, name := range batch {
			if _, twice := seen[name]; twice {
				t.Errorf("%s twice", name)
			}
			seen[name] = i
		}
	}
	if len(seen) != len(names) || seen["g0/a.proto"] != seen["g0/b.proto"] || seen["g0/a.proto"] == seen["g19/a.proto"] {
		t.Errorf("%v", seen)
	}
}

func madeText(name string, size int) *filetree.File {
	return &filetree.File{Path: name, Text: make([]byte, size)}
}
