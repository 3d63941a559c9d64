package descriptors

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

var update = flag.Bool("update", false, "rewrite the errors of testdata/broken; the run still fails")

// broken are the archives of testdata/broken: files of which a.proto is
// compiled, and the errors that are to be told.
func broken(t *testing.T) map[string]*txtar.Archive {
	t.Helper()
	paths, err := filepath.Glob("testdata/broken/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatal("no archives")
	}
	all := make(map[string]*txtar.Archive)
	for _, p := range paths {
		a, err := txtar.ParseFile(p)
		if err != nil {
			t.Fatal(err)
		}
		all[p] = a
	}
	return all
}

// unpacked writes an archive's files to a new directory.
func unpacked(t *testing.T, a *txtar.Archive) string {
	t.Helper()
	files := make(map[string]string)
	for _, f := range a.Files {
		files[f.Name] = string(f.Data)
	}
	return write(t, files)
}

// tellBroken is all errors of a.proto in a directory, one a line, with hints.
func tellBroken(t *testing.T) string {
	t.Helper()
	_, err := Open(Sources{ImportPaths: []string{"."}, Protos: []string{"a.proto"}})
	var b strings.Builder
	for _, e := range flatten(err) {
		fmt.Fprintln(&b, e.Error())
		if e.Hint != "" {
			fmt.Fprintln(&b, "  hint:", e.Hint)
		}
		if e.Line > 0 && e.SourceLine == "" {
			t.Errorf("%v: no source line", e)
		}
	}
	return b.String()
}

// TestBrokenFiles holds what is said of files that do not compile: everything
// that is wrong with them, in one run.
func TestBrokenFiles(t *testing.T) {
	for path, a := range broken(t) {
		t.Run(filepath.Base(path), func(t *testing.T) {
			golden, err := filepath.Abs(path)
			if err != nil {
				t.Fatal(err)
			}
			t.Chdir(unpacked(t, a))
			got := tellBroken(t)
			last := &a.Files[len(a.Files)-1]
			if last.Name != "errors.txt" {
				t.Fatal("errors.txt is not the last file")
			}
			if got == string(last.Data) {
				return
			}
			t.Errorf("got\n%swant\n%s", got, last.Data)
			if *update {
				last.Data = []byte(got)
				if err := os.WriteFile(golden, txtar.Format(a), 0o666); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

// TestBrokenFilesBesideProtoc holds that every line that protoc complains about
// has an error here too. PBSCOPE_PROTOC is the command of a protoc that knows
// editions; several words are a command with arguments.
func TestBrokenFilesBesideProtoc(t *testing.T) {
	command := strings.Fields(os.Getenv("PBSCOPE_PROTOC"))
	if len(command) == 0 {
		t.Skip("PBSCOPE_PROTOC is not set")
	}
	place := regexp.MustCompile(`(?m)^(\S+\.proto):(\d+):\d+: (.*)$`)
	for path, a := range broken(t) {
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Chdir(unpacked(t, a))
			told := tellBroken(t)
			out, _ := exec.Command(command[0], append(command[1:], "-I.", "-o"+os.DevNull, "a.proto")...).CombinedOutput()
			for _, m := range place.FindAllStringSubmatch(string(out), -1) {
				line, _ := strconv.Atoi(m[2])
				if follows.MatchString(m[3]) || strings.Contains(told, m[1]+":"+m[2]+":") || strings.Contains(told, m[1]+":"+strconv.Itoa(line-1)+":") {
					continue
				}
				t.Errorf("protoc: %s\nhere:\n%s", m[0], told)
			}
		})
	}
}

// follows are complaints that follow from another error (of a file that is
// imported, of a bracket that was read as something else), or that stand at the
// reserved statement and not at the field.
var follows = regexp.MustCompile(`uses reserved number|was not found or had errors|is not defined|recursively imports|Reached end of input|Expected "]"|Interpreting|End-of-file inside`)
