package bufyaml

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"
)

// workspace is files by their names; each directory in it holds a schema.
func workspace(files map[string]string) fstest.MapFS {
	all := fstest.MapFS{}
	for name, text := range files {
		all[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return all
}

func read(t *testing.T, files map[string]string) *Workspace {
	t.Helper()
	w, err := Read(workspace(files), "ws")
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func TestV1Beta1(t *testing.T) {
	w := read(t, map[string]string{
		"buf.yaml": "version: v1beta1\nbuild:\n  roots: [proto, third]\n  excludes: [proto/x]\n" +
			"breaking: {use: [WIRE], ignore: [a], ignore_only: {FIELD_NO_DELETE: [b/c.proto]}, ignore_unstable_packages: true}\n",
		"proto/a.proto": "", "third/b.proto": "",
	})
	m := w.Modules[0]
	if !reflect.DeepEqual(m.Roots, []string{"proto", "third"}) || m.Path != "." {
		t.Errorf("roots %v of %s", m.Roots, m.Path)
	}
	for file, want := range map[string]string{
		"proto/a.proto": "a.proto", "third/q/b.proto": "q/b.proto", "proto/x/a.proto": "", "proto/xy.proto": "xy.proto", "other/a.proto": "", "proto": "",
	} {
		if name, ok := m.ImportName(file); name != want || ok != (want != "") {
			t.Errorf("%s: %q, %t; want %q", file, name, ok, want)
		}
	}
	b := m.Breaking
	if b.Version != V1Beta1 || !b.Given || !b.IgnoreUnstablePackages || texts(b.Use)[0] != "WIRE" {
		t.Errorf("%+v", b)
	}
	if !b.Ignores("a/x.proto") || b.Ignores("ab.proto") || !b.IgnoresRule("b/c.proto", "FIELD_NO_DELETE", "FILE") || b.IgnoresRule("b/c.proto", "FILE") {
		t.Error("ignored paths are wrong")
	}
	if at := b.Use[0]; at.Line != 5 || at.Column != 18 || at.File != "ws/buf.yaml" {
		t.Errorf("WIRE stands at %+v", at)
	}
}

func TestV2(t *testing.T) {
	w := read(t, map[string]string{
		"buf.yaml": `version: v2
modules:
  - path: proto
    name: buf.build/acme/x
    includes: [proto/a]
    excludes: [proto/a/x]
  - path: third
    breaking: {ignore: [third/z]}
  - path: same
    breaking: {use: [], ignore_unstable_packages: false}
deps: [buf.build/googleapis/googleapis, buf.build/x/y:v1]
breaking: {use: [PACKAGE], ignore: [proto/a/z, nowhere, same, third/q], ignore_only: {WIRE: [proto/b, third/c]}}
`,
		"proto/a/a.proto": "", "third/b.proto": "", "same/c.proto": "",
	})
	if len(w.Modules) != 3 || len(w.Deps) != 2 || w.Deps[1].Text != "buf.build/x/y:v1" {
		t.Fatalf("%+v", w)
	}
	first, second, third := w.Modules[0], w.Modules[1], w.Modules[2]
	if first.Name != "buf.build/acme/x" || !first.Contains("proto/a/q.proto") || first.Contains("proto/b.proto") || first.Contains("proto/a/x/y.proto") {
		t.Errorf("%+v", first)
	}
	if got := texts(first.Breaking.Ignore); !reflect.DeepEqual(got, []string{"a/z"}) {
		t.Errorf("ignore of proto: %q", got)
	}
	if len(first.Breaking.IgnoreOnly) != 1 || first.Breaking.IgnoreOnly[0].Paths[0].Text != "b" {
		t.Errorf("ignore_only of proto: %+v", first.Breaking.IgnoreOnly)
	}
	if b := second.Breaking; len(b.Use) != 0 || texts(b.Ignore)[0] != "z" || len(b.IgnoreOnly) != 0 {
		t.Errorf("a module's own section does not take the place of everybody's: %+v", b)
	}
	if b := third.Breaking; texts(b.Use)[0] != "PACKAGE" || texts(b.Ignore)[0] != "." || !b.Ignores("c.proto") {
		t.Errorf("an empty section of a module takes the place of everybody's: %+v", b)
	}
}

func TestWorkspaceOfV1(t *testing.T) {
	w := read(t, map[string]string{
		"buf.work.yaml": "version: v1\ndirectories: [a, b]\n",
		"a/buf.yaml":    "version: v1\nbuild: {excludes: [x]}\nbreaking: {use: [WIRE]}\n",
		"b/b.proto":     "",
	})
	if len(w.Modules) != 2 || w.Modules[0].Contains("a/x/q.proto") || !w.Modules[0].Contains("a/q.proto") || w.Modules[1].Roots[0] != "b" {
		t.Errorf("%+v", w.Modules)
	}
	if w.Modules[1].Breaking.Given || w.Modules[1].Breaking.Version != V1 {
		t.Errorf("%+v", w.Modules[1].Breaking)
	}
	if !reflect.DeepEqual(w.Files, []string{"ws/buf.work.yaml", "ws/a/buf.yaml"}) {
		t.Errorf("files %q", w.Files)
	}
}

func TestNoModules(t *testing.T) {
	w, err := Read(workspace(map[string]string{"a.proto": ""}), "ws")
	if w != nil || err != nil {
		t.Errorf("%v, %v", w, err)
	}
}

// TestSaysWhere holds what errors say: place, words, hint.
func TestSaysWhere(t *testing.T) {
	for _, c := range []struct{ text, want, hint string }{
		{"version: v1\nbreakin: {}\n", "ws/buf.yaml:2:1: unknown key breakin in buf.yaml", "did you mean breaking?"},
		{"version: v1\nbreaking:\n  ignore-only: {}\n", "ws/buf.yaml:3:3: unknown key ignore-only in breaking", "did you mean ignore_only?"},
		{"version: v3\n", "ws/buf.yaml:1:10: unknown version v3", "the versions are v2, v1, v1beta1"},
		{"name: x\n", "ws/buf.yaml:1:1: no version", "version: v2"},
		{"", "ws/buf.yaml: is empty", "version: v2"},
		{"version: v1\nbreaking:\n  use: FILE\n", "ws/buf.yaml:3:8: use takes a list", "[FILE]"},
		{"version: v1\nbuild: {roots: [x]}\n", "ws/buf.yaml:2:16: v1 has no build.roots", "module"},
		{"version: v1\nbreaking: {ignore: [../x]}\n", "ws/buf.yaml:2:21: ignore: ../x leads out of the directory", ""},
		{"version: v1\nbreaking: {ignore: [x, x/y]}\n", "ws/buf.yaml:2:24: ignore: x/y lies within x", ""},
		{"version: v2\nmodules: [{path: proto, breaking: {ignore: [a]}}]\n", "ws/buf.yaml:2:45: breaking.ignore: a does not lie within the module's path proto", "proto/a"},
		{"version: v2\nmodules: [{path: gone}]\n", "ws/buf.yaml:2:18: gone is no directory below ws", ""},
		{"version: v2\nmodules:\n\t- path: x\n", "ws/buf.yaml:3:1: a tab in the indentation", "spaces"},
		{"version: v2\nversion: v1\n", `ws/buf.yaml:2:1: "version" stands here again; the first is on line 1`, ""},
	} {
		_, err := Read(workspace(map[string]string{"buf.yaml": c.text, "proto/a.proto": ""}), "ws")
		var errs Errors
		if !errors.As(err, &errs) {
			t.Errorf("%q: %v", c.text, err)
			continue
		}
		if !strings.HasPrefix(errs[0].Error(), c.want) || !strings.Contains(errs[0].Hint, c.hint) {
			t.Errorf("%q:\n got %v (%s)\nwant %s (%s)", c.text, errs[0], errs[0].Hint, c.want, c.hint)
		}
	}
}

// TestSeveralErrors holds that a file is read to its end.
func TestSeveralErrors(t *testing.T) {
	_, err := Read(workspace(map[string]string{"buf.yaml": "version: v2\nfoo: 1\nbar: 2\nbreaking: {use: X, bogus: 3}\n"}), "ws")
	var errs Errors
	if errors.As(err, &errs); len(errs) != 4 {
		t.Errorf("%v", err)
	}
}
