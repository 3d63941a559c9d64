package breaking

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

// edition is the head of files that begin with none.
const edition = "edition = \"2023\";\npackage p;\n"

func withHead(source string) string {
	if strings.HasPrefix(source, "syntax") || strings.HasPrefix(source, "edition") {
		return source
	}
	return edition + source
}

// side writes one file, or those of a map, and loads them.
func side(t *testing.T, files map[string]string) string {
	t.Helper()
	directory := t.TempDir()
	for name, source := range files {
		path := filepath.Join(directory, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(source), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return directory
}

func load(t *testing.T, old, new map[string]string) (*Schema, *Schema) {
	t.Helper()
	o, err := LoadOld(context.Background(), Input{Name: side(t, old)})
	if err != nil {
		t.Fatal(err)
	}
	n, err := LoadNew(context.Background(), Input{Name: side(t, new)})
	if err != nil {
		t.Fatal(err)
	}
	return o, n
}

func compareText(t *testing.T, old, new string, o Options) *Report {
	t.Helper()
	a, b := load(t, map[string]string{"p.proto": withHead(old)}, map[string]string{"p.proto": withHead(new)})
	return Compare(a, b, o)
}

// exampleFiles are the files of an example.
func exampleFiles(source string) map[string]string {
	archive := txtar.Parse([]byte(source))
	if len(archive.Files) == 0 {
		return map[string]string{"p.proto": withHead(source)}
	}
	files := make(map[string]string)
	for _, f := range archive.Files {
		files[f.Name] = string(f.Data)
	}
	return files
}

// exampleOptions: of buf's rules, which overlap, an example is shown to the
// one alone.
func exampleOptions(r Rule) Options {
	o := Options{}
	if r.ID == "ANY_TYPE_DELETED" {
		o.AnyTypes = []string{"p.Event"}
	}
	o.JSONStrict = strings.HasPrefix(r.ID, "JSON_FIELD_") || strings.HasPrefix(r.ID, "JSON_ENUM_")
	o.StrictEnums = r.ID == "ENUM_VALUE_ADDED" || r.ID == "ENUM_OPENED"
	if !slices.Contains(r.Categories, Data) {
		o.Rules, _ = Select([]string{r.ID}, nil)
	}
	return o
}

func TestExamplesOfRules(t *testing.T) {
	for _, r := range Rules() {
		t.Run(r.ID, func(t *testing.T) {
			o, n := load(t, exampleFiles(r.Old), exampleFiles(r.New))
			report := Compare(o, n, exampleOptions(r))
			if len(report.Findings) != 1 || report.Findings[0].Rule != r.ID {
				t.Fatalf("%s", report.AppendText(nil, TextOptions{}))
			}
			f := report.Findings[0]
			if f.Breaks&(Backward|Forward) != 0 && f.Witness == nil {
				t.Errorf("no witness:\n%s", report.AppendText(nil, TextOptions{}))
			}
			if f.Line == 0 && f.Rule != "SERVICE_DELETED" && f.Rule != "FILE_DELETED" {
				t.Errorf("no line")
			}
			t.Logf("%s", report.AppendText(nil, TextOptions{}))
		})
	}
}
