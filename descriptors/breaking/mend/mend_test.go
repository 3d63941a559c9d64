package mend

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pbscope/pbscope/descriptors/breaking"
)

func finding(path string, line int, text string) *breaking.Finding {
	return &breaking.Finding{Fix: &breaking.Fix{Text: text, Path: path, Line: line}}
}

func TestFilesGroups(t *testing.T) {
	files, left := Files([]*breaking.Finding{
		finding("b.proto", 4, "reserved 7;"),
		finding("a.proto", 9, `reserved "x";`),
		finding("a.proto", 2, "reserved 3;"),
		finding("a.proto", 9, "reserved 5 to 6;"),
		finding("a.proto", 9, `reserved "x";`),
		finding("a.proto", 9, "reserved -1;"),
		finding("a.proto", 0, "reserved 8;"),
		{},
	})
	if len(files) != 2 || files[0].Path != "a.proto" || len(left) != 1 {
		t.Fatalf("%v, %v", files, left)
	}
	if got := strings.Join(files[0].lines[1].statements(), " "); got != `reserved -1, 5, 6; reserved "x";` {
		t.Error(got)
	}
}

// TestApplyAndPatchAgree inserts into sources of several layouts, and sees that
// git makes the same of the patch.
func TestApplyAndPatchAgree(t *testing.T) {
	for name, c := range map[string]struct{ source, want string }{
		"spaces": {
			"syntax = \"proto3\";\nmessage M {\n    int32 a = 1;\n}\n",
			"syntax = \"proto3\";\nmessage M {\n    reserved 3, 4;\n    int32 a = 1;\n}\n",
		},
		"tabs and an empty line":  {"enum E {\n\tA = 0;\n\n\tB = 1;\n}\nx\n", "enum E {\n\tA = 0;\n\treserved 3, 4;\n\n\tB = 1;\n}\nx\n"},
		"carriage returns":        {"message M {\r\n  int32 a = 1;\r\n  int32 b = 2;\r\n}\r\n", "message M {\r\n  int32 a = 1;\r\n  reserved 3, 4;\r\n  int32 b = 2;\r\n}\r\n"},
		"an empty body":           {"x {\n    y {\n    }\n}", "x {\n    y {\n        reserved 3, 4;\n    }\n}"},
		"no line feed at the end": {"m {\n a\n }", "m {\n a\n  reserved 3, 4;\n }"},
	} {
		t.Run(name, func(t *testing.T) {
			line := strings.Count(c.want[:strings.Index(c.want, "reserved")], "\n") + 1
			files, _ := Files([]*breaking.Finding{finding("d/p.proto", line, "reserved 3;"), finding("d/p.proto", line, "reserved 4;")})
			if got := string(files[0].Apply([]byte(c.source))); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
			gitApplies(t, files[0], c.source, c.want)
		})
	}
}

func TestPatchOfManyPlaces(t *testing.T) {
	var source strings.Builder
	for range 60 {
		source.WriteString("  line\n")
	}
	files, _ := Files([]*breaking.Finding{
		finding("p.proto", 1, "reserved 1;"), finding("p.proto", 3, "reserved 2;"), finding("p.proto", 9, `reserved "n";`),
		finding("p.proto", 30, "reserved 3;"), finding("p.proto", 30, `reserved "m";`), finding("p.proto", 60, "reserved 4;"), finding("p.proto", 61, "reserved 5;"),
	})
	gitApplies(t, files[0], source.String(), string(files[0].Apply([]byte(source.String()))))
}

func gitApplies(t *testing.T, f File, source, want string) {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not here")
	}
	dir := t.TempDir()
	path := filepath.Join(dir, filepath.FromSlash(f.Path))
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(source), 0o666); err != nil {
		t.Fatal(err)
	}
	git := exec.Command("git", "apply", "--whitespace=nowarn", "-")
	git.Dir, git.Stdin = dir, strings.NewReader(string(f.Patch([]byte(source))))
	if out, err := git.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s\n%s", err, out, f.Patch([]byte(source)))
	}
	if got, _ := os.ReadFile(path); string(got) != want {
		t.Errorf("git made %q, want %q", got, want)
	}
}
