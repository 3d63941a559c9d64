package breaking

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/pbscope/pbscope/descriptors/breaking/bufrules"
)

var askBuf = flag.Bool("ask-buf", false, "write the answers of the installed buf into testdata/buf")

// bufPair is two states of some files, by their names within a folder of the
// pair's name.
type bufPair struct {
	name     string
	old, new map[string]string
}

// TestBufCases holds the rules to the recorded answers of buf.
func TestBufCases(t *testing.T) {
	names, err := filepath.Glob("testdata/buf/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatal(err, len(names))
	}
	var pairs []bufPair
	for _, name := range names {
		pairs = append(pairs, readBufCase(t, name))
	}
	if *askBuf {
		answers := bufAnswers(t, pairs)
		for i, name := range names {
			recordBufCase(t, name, answers[pairs[i].name])
		}
	}
	for i, name := range names {
		t.Run(pairs[i].name, func(t *testing.T) {
			archive, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			want := archive.Files[len(archive.Files)-1]
			if want.Name != answersName {
				t.Fatal("no answers are recorded; -ask-buf records them")
			}
			if reason := differsFromBuf(pairs[i].name); reason != "" {
				t.Skip(reason)
			}
			compareAnswers(t, ourAnswers(t, pairs[i:i+1])[pairs[i].name], strings.Split(strings.TrimSpace(string(want.Data)), "\n"))
		})
	}
}

// Findings of buf's rules show bytes where readers are hurt, and say where
// none is.
func TestBufWitnesses(t *testing.T) {
	rules, err := Select([]string{"WIRE"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, old, new string
		want           Direction
		why            string
	}{
		{"type", `message M { int32 a = 1; }`, `message M { string a = 1; }`, Backward | Forward, "every value"},
		{"renamed type", `message A { string s = 1; } message M { A a = 1; }`, `message B { string s = 1; } message M { B a = 1; }`, 0, "By DATA, no message is hurt by it."},
		{"repeated", `message M { string a = 1; }`, `message M { repeated string a = 1; }`, Forward, "a second element"},
		{"map", `message M { repeated N a = 1; message N { int32 key = 1; int32 value = 2; } }`, `message M { map<int32, int32> a = 1; }`, Backward, "a repeated key"},
		{"required", `message M { string a = 1; }`, `message M { string a = 1 [features.field_presence = LEGACY_REQUIRED]; }`, Backward, "refuse every old message"},
		{"not required", `message M { string a = 1 [features.field_presence = LEGACY_REQUIRED]; }`, `message M { string a = 1; }`, Forward, "refuse every new message"},
		{"extension", `message M { extensions 10; } extend M { int32 x = 10; }`, `message M { extensions 10; } extend M { string x = 10; }`, Backward | Forward, "every value"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := compareText(t, c.old, c.new, Options{Rules: rules})
			if len(r.Findings) != 1 {
				t.Fatalf("%s", r.AppendText(nil, TextOptions{}))
			}
			f := r.Findings[0]
			if f.Severity != Break || f.Breaks&(Backward|Forward) != c.want || (f.Witness != nil) != (c.want != 0) || !strings.Contains(f.Why, c.why) {
				t.Errorf("%s", r.AppendText(nil, TextOptions{}))
			}
		})
	}
}

// differsFromBuf says why the answers to a case are not the same.
func differsFromBuf(name string) string {
	switch name {
	case "cppf", "feat2", "feat4", "javaf3":
		return "a feature that is set within a literal, features = {…}, is told at the whole option or declaration; buf tells it within the literal"
	}
	return ""
}

const answersName = "buf 1.75.0"

func readBufCase(t *testing.T, path string) bufPair {
	t.Helper()
	archive, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	p := bufPair{strings.TrimSuffix(filepath.Base(path), ".txtar"), map[string]string{}, map[string]string{}}
	for _, f := range archive.Files {
		if name, ok := strings.CutPrefix(f.Name, "old/"); ok {
			p.old[name] = string(f.Data)
		} else if name, ok := strings.CutPrefix(f.Name, "new/"); ok {
			p.new[name] = string(f.Data)
		}
	}
	return p
}

func recordBufCase(t *testing.T, path string, answers []string) {
	t.Helper()
	archive, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	archive.Files = slices.DeleteFunc(archive.Files, func(f txtar.File) bool { return strings.HasPrefix(f.Name, "buf ") })
	archive.Files = append(archive.Files, txtar.File{Name: answersName, Data: []byte(strings.Join(answers, "\n") + "\n")})
	if err := os.WriteFile(path, txtar.Format(archive), 0o666); err != nil {
		t.Fatal(err)
	}
}

// compareAnswers tells what one side has and the other has not.
func compareAnswers(t *testing.T, got, want []string) bool {
	t.Helper()
	count := make(map[string]int)
	for _, line := range got {
		count[line]++
	}
	for _, line := range want {
		if line != "" {
			count[line]--
		}
	}
	same := true
	for _, line := range slices.Sorted(maps.Keys(count)) {
		for ; count[line] > 0; count[line]-- {
			t.Errorf("not in buf: %s", line)
			same = false
		}
		for ; count[line] < 0; count[line]++ {
			t.Errorf("only in buf: %s", line)
			same = false
		}
	}
	return same
}

// layOut writes the pairs into two directories.
func layOut(t *testing.T, pairs []bufPair) (old, new string) {
	t.Helper()
	directory := t.TempDir()
	write := func(side, pair string, files map[string]string) {
		if err := os.MkdirAll(filepath.Join(directory, side), 0o777); err != nil {
			t.Fatal(err)
		}
		for name, source := range files {
			path := filepath.Join(directory, side, pair, filepath.FromSlash(name))
			if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(source), 0o666); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, p := range pairs {
		write("old", p.name, p.old)
		write("new", p.name, p.new)
	}
	return filepath.Join(directory, "old"), filepath.Join(directory, "new")
}

// bufAnswers are what buf says of each pair, as sorted lines "RULE place".
func bufAnswers(t *testing.T, pairs []bufPair) map[string][]string {
	t.Helper()
	old, new := layOut(t, pairs)
	answers := make(map[string][]string)
	for _, answer := range askBufAbout(t, old, new) {
		pair := pairOf(pairs, answer)
		answers[pair] = append(answers[pair], answer)
	}
	return answers
}

// askBufAbout is what buf says of two directories, by all of its rules.
func askBufAbout(t *testing.T, old, new string) []string {
	t.Helper()
	buf, err := exec.LookPath("buf")
	if err != nil {
		t.Skip("buf is not installed (npm install -g @bufbuild/buf)")
	}
	images := t.TempDir()
	image := func(side string) string {
		path := filepath.Join(images, filepath.Base(side)+".binpb")
		if out, err := exec.Command(buf, "build", side, "-o", path).CombinedOutput(); err != nil {
			t.Fatalf("buf build: %v\n%s", err, out)
		}
		return path
	}
	config := `{"version":"v2","breaking":{"use":["` + strings.Join(bufrules.CategoryNames(), `","`) + `"]}}`
	c := exec.Command(buf, "breaking", image(new), "--against", image(old), "--error-format", "json", "--timeout", "0", "--config", config)
	out, err := c.Output()
	var exit *exec.ExitError
	if err != nil && (!errors.As(err, &exit) || len(exit.Stderr) > 0) {
		t.Fatalf("buf breaking: %v\n%s", err, exit.Stderr)
	}
	var answers []string
	for line := range bytes.Lines(out) {
		a := parseBufAnswer(t, string(line))
		if a.Path == "" {
			answers = append(answers, a.pathless())
			continue
		}
		answers = append(answers, fmt.Sprintf("%s %s %d:%d-%d:%d", a.Type, a.Path, a.StartLine, a.StartColumn, a.EndLine, a.EndColumn))
	}
	slices.Sort(answers)
	return answers
}

// bufAnswer is a line of buf's.
type bufAnswer struct {
	Path, Type, Message string
	StartLine           int `json:"start_line"`
	StartColumn         int `json:"start_column"`
	EndLine             int `json:"end_line"`
	EndColumn           int `json:"end_column"`
}

func parseBufAnswer(t *testing.T, line string) (a bufAnswer) {
	t.Helper()
	if err := json.Unmarshal([]byte(line), &a); err != nil {
		t.Fatal(err)
	}
	return a
}

// pathless is what an answer without a file names.
func (a bufAnswer) pathless() string {
	var what []string
	for _, quoted := range regexp.MustCompile(`"[^"]*"`).FindAllString(a.Message, -1) {
		what = append(what, strings.Trim(quoted, `"`))
	}
	return strings.TrimSpace(a.Type + " " + strings.Join(what, " "))
}

// ourAnswers are the same of this package.
func ourAnswers(t *testing.T, pairs []bufPair) map[string][]string {
	t.Helper()
	old, new := layOut(t, pairs)
	answers := make(map[string][]string)
	for _, answer := range answersAbout(t, old, new) {
		pair := pairOf(pairs, answer)
		answers[pair] = append(answers[pair], answer)
	}
	return answers
}

func answersAbout(t *testing.T, old, new string) []string {
	t.Helper()
	rules, err := Select(bufrules.CategoryNames(), nil)
	if err != nil {
		t.Fatal(err)
	}
	o, n, err := Load(t.Context(), Input{Name: old, Beside: new}, Input{Name: new})
	if err != nil {
		t.Fatal(err)
	}
	var answers []string
	for _, f := range Compare(o, n, Options{Rules: rules}).Findings {
		answer := fmt.Sprintf("%s %s %d:%d-%d:%d", f.Rule, f.File, f.Line, f.Column, f.EndLine, f.EndColumn)
		if f.Path == "" {
			answer = f.Rule + " " + pathless(o, f)
		}
		answers = append(answers, answer)
	}
	slices.Sort(answers)
	return answers
}

// pairOf is the name of the pair that an answer is about: the folder of its
// path, or the longest name within one that has no path.
func pairOf(pairs []bufPair, answer string) string {
	best := ""
	for _, p := range pairs {
		if strings.Contains(answer, " "+p.name+"/") {
			return p.name
		}
		if len(p.name) > len(best) && strings.Contains(answer, p.name) {
			best = p.name
		}
	}
	return best
}

// TestBufOnRealPairs asks buf about directories on this machine, which
// PBSCOPE_BUF_PAIRS lists as OLD:NEW, separated by commas.
func TestBufOnRealPairs(t *testing.T) {
	list := os.Getenv("PBSCOPE_BUF_PAIRS")
	if list == "" {
		t.Skip("PBSCOPE_BUF_PAIRS names no pairs of directories, OLD:NEW,OLD:NEW")
	}
	for _, pair := range strings.Split(list, ",") {
		old, new, _ := strings.Cut(pair, ":")
		t.Run(new, func(t *testing.T) {
			want := askBufAbout(t, old, new)
			compareAnswers(t, answersAbout(t, old, new), want)
			t.Logf("%d findings", len(want))
		})
	}
}

// pathless is what a finding without a file names.
func pathless(old *Schema, f *Finding) string {
	if !strings.HasPrefix(f.Rule, "PACKAGE_") || f.Rule == "PACKAGE_NO_DELETE" {
		return f.Element
	}
	for _, file := range old.files {
		if file.Path() == f.File {
			pkg := string(file.Package())
			return strings.TrimSpace(strings.TrimPrefix(f.Element, pkg+".") + " " + pkg)
		}
	}
	return ""
}
