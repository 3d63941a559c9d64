package breaking

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

// TestBufYAML holds what a buf.yaml asks for to the recorded answers of buf:
// use, except, ignore, ignore_only, ignore_unstable_packages, its versions,
// and modules.
func TestBufYAML(t *testing.T) {
	names, err := filepath.Glob("testdata/bufyaml/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatal(err, len(names))
	}
	for _, name := range names {
		p := readBufCase(t, name)
		t.Run(p.name, func(t *testing.T) {
			old, new := layOut(t, []bufPair{{"", p.old, p.new}})
			if *askBuf {
				recordBufCase(t, name, askBufYAML(t, old, new))
			}
			archive, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			want := archive.Files[len(archive.Files)-1]
			if want.Name != answersName {
				t.Fatal("no answers are recorded; -ask-buf records them")
			}
			if reason := modulesDifferFromBuf(p.name); reason != "" {
				t.Skip(reason)
			}
			compareAnswers(t, answersWithConfig(t, old, new), strings.Split(strings.TrimSpace(string(want.Data)), "\n"))
		})
	}
}

// modulesDifferFromBuf says why the answers to a case are not the same.
func modulesDifferFromBuf(name string) string {
	switch name {
	case "workspace_fewer_new", "workspace_fewer_old":
		return "buf refuses two workspaces of unequal length; here modules pair by path, and what is left was deleted or added"
	case "workspace_renamed":
		return "buf pairs modules in the order of their paths, so that a renamed one shifts all after it; here those of one path pair first"
	case "workspace_none_old", "single_vs_none":
		return "buf takes an old side without buf.yaml as one module, whose files have other names or do not compile; here it has the new side's modules"
	case "dup":
		return "buf refuses modules that have a file of one name; here the first module's is compared"
	}
	return ""
}

func askBufYAML(t *testing.T, old, new string) []string {
	t.Helper()
	buf, err := exec.LookPath("buf")
	if err != nil {
		t.Skip("buf is not installed (npm install -g @bufbuild/buf)")
	}
	c := exec.Command(buf, "breaking", filepath.Base(new), "--against", filepath.Base(old), "--error-format", "json")
	c.Dir = filepath.Dir(new)
	out, err := c.Output()
	var lines []string
	for line := range strings.Lines(string(out)) {
		a := parseBufAnswer(t, line)
		if a.Path == "" {
			lines = append(lines, a.pathless())
			continue
		}
		lines = append(lines, fmt.Sprintf("%s %s %d:%d-%d:%d", a.Type, strings.TrimPrefix(a.Path, "new/"), a.StartLine, a.StartColumn, a.EndLine, a.EndColumn))
	}
	if len(out) == 0 && err != nil {
		lines = []string{"refused"}
	}
	slices.Sort(lines)
	return lines
}

func answersWithConfig(t *testing.T, old, new string) []string {
	t.Helper()
	o, n, err := Load(t.Context(), Input{Name: old, Beside: new}, Input{Name: new})
	if err != nil {
		t.Fatal(err)
	}
	config, err := n.BufConfig(nil)
	if err != nil {
		t.Fatal(err)
	}
	options := Options{Buf: config}
	if config == nil { // no section: what buf does then
		options.Rules, _ = Select([]string{"FILE"}, nil)
	}
	var lines []string
	for _, f := range Compare(o, n, options).Findings {
		if f.Path == "" {
			lines = append(lines, f.Rule+" "+pathless(o, f))
			continue
		}
		path, err := filepath.Rel(new, f.Path)
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, fmt.Sprintf("%s %s %d:%d-%d:%d", f.Rule, filepath.ToSlash(path), f.Line, f.Column, f.EndLine, f.EndColumn))
	}
	return lines
}
