package check

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestPassesWhatCompiles reads all files below the directories of
// PBSCOPE_PROTOS, which compile, and finds nothing wrong.
func TestPassesWhatCompiles(t *testing.T) {
	roots := filepath.SplitList(os.Getenv("PBSCOPE_PROTOS"))
	if len(roots) == 0 {
		roots = []string{"../../fixtures/schemas/trades", "../../fixtures/schemas/user", "../../fixtures/schemas"}
	}
	for _, root := range roots {
		set := &Set{Files: make(map[string]*File)}
		_ = filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, ".proto") {
				return nil
			}
			text, err := os.ReadFile(path)
			if err != nil {
				return nil
			}
			name, _ := filepath.Rel(root, path)
			set.Files[filepath.ToSlash(name)] = Parse(text)
			return nil
		})
		bad := 0
		for name, f := range set.Files {
			for _, p := range append(f.Problems, set.Check(name)...) {
				if bad++; bad < 30 {
					t.Errorf("%s/%s:%d:%d: %s", root, name, p.Line, p.Column, p.Message)
				}
			}
		}
		t.Logf("%s: %d files, %d problems", root, len(set.Files), bad)
	}
}
