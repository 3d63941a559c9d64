package cmd

import (
	"cmp"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const module = "github.com/pbscope/pbscope"

// layers are the packages by height: one may import only what stands below
// it, in a row of a smaller number. Packages of one row do not know each
// other.
func layer(path string) int {
	rows := [][]string{
		{"/inspect/span", "/inspect/nearest", "/inspect/snappy", "/inspect/hugepage", "/inspect/price"},
		{"/inspect/wire"},
		{"/inspect/plan"},
		{"/inspect/transcode", "/inspect/message", "/inspect/frame", "/inspect/identify"},
		{"/inspect/kafka", "/inspect/tws", "/inspect/capture", "/inspect/render", "/inspect/conform"},
		{"/inspect"},
		{"/inspect/stats"},
		{"/descriptors/yaml", "/descriptors/check"},
		{"/descriptors/bufyaml"},
		{"/descriptors"},
		{"/descriptors/breaking"},
		{"/cmd"},
		{"/completions", "/fixtures", ""},
	}
	best, length := -1, -1
	for i, row := range rows {
		for _, name := range row {
			prefix := module + name
			if (path == prefix || name != "/inspect" && strings.HasPrefix(path, prefix+"/")) && len(prefix) > length {
				best, length = i, len(prefix)
			}
		}
	}
	return best
}

// TestImportDirections keeps the one-way rule: main → cmd → descriptors →
// inspect, and within inspect: the pipeline → protocols → frame, and the
// engines → plan → wire → span.
func TestImportDirections(t *testing.T) {
	out, err := exec.Command("go", "list", "-f", `{{.ImportPath}} {{join .Imports " "}}`, module+"/...").Output()
	if err != nil {
		t.Skipf("go list does not run here: %v", err)
	}
	for line := range strings.Lines(string(out)) {
		words := strings.Fields(line)
		if strings.Contains(words[0], "/internal/") {
			continue
		}
		from := layer(words[0])
		if from < 0 {
			t.Errorf("%s has no place in the layers", words[0])
		}
		for _, imported := range words[1:] {
			if !strings.HasPrefix(imported, module) || strings.HasPrefix(imported, words[0]+"/") {
				continue
			}
			if to := layer(imported); to >= from && !sameUnit(words[0], imported) {
				t.Errorf("%s must not import %s", words[0], imported)
			}
		}
	}
}

// sameUnit says whether one of two packages lies inside the other's folder: a
// generator beside what it generates for.
func sameUnit(a, b string) bool { return strings.HasPrefix(a, b+"/") && b != module }

// TestOnlyCmdTouchesTheProcess keeps exit codes, the environment and the
// standard streams in cmd.
func TestOnlyCmdTouchesTheProcess(t *testing.T) {
	forbidden := regexp.MustCompile(`\bos\.(Exit|Getenv|LookupEnv|Stdin|Stdout|Stderr)\b|\bfmt\.Print`)
	for _, dir := range []string{"../inspect", "../descriptors"} {
		err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() && (entry.Name() == "generate" || entry.Name() == "internal") {
				return cmp.Or(err, fs.SkipDir)
			}
			if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return nil
			}
			source, err := os.ReadFile(path)
			if found := forbidden.Find(source); found != nil {
				t.Errorf("%s: %s", path, found)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
