package check

import (
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

// FuzzCheck holds that any text is read to its end, that each problem has a
// place and words, and that reading twice tells the same.
func FuzzCheck(f *testing.F) {
	paths, _ := filepath.Glob("../testdata/*/*.txtar")
	for _, p := range append(paths, "../testdata/editions.txtar") {
		a, err := txtar.ParseFile(p)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range a.Files {
			f.Add(file.Data)
		}
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		tell := func() []Problem {
			file := Parse(text)
			set := &Set{Files: map[string]*File{"a.proto": file}}
			return append(file.Problems, set.Check("a.proto")...)
		}
		first, second := tell(), tell()
		if len(first) != len(second) {
			t.Fatalf("%d problems, then %d", len(first), len(second))
		}
		for i, p := range first {
			if p.Line < 1 || p.Column < 1 || p.Message == "" || p != second[i] {
				t.Fatalf("%+v, then %+v", p, second[i])
			}
		}
	})
}
