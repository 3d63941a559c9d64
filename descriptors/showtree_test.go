package descriptors

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// TestShowTree prints every file of large trees, compiles what was printed and
// compares the descriptors. PBSCOPE_SCHEMAS names import paths.
func TestShowTree(t *testing.T) {
	roots := filepath.SplitList(os.Getenv("PBSCOPE_SCHEMAS"))
	if len(roots) == 0 {
		t.Skip("PBSCOPE_SCHEMAS is not set")
	}
	for _, root := range roots {
		t.Run(root, func(t *testing.T) {
			var names []string
			for _, e := range mustOpen(t, Sources{ImportPaths: []string{root}}).FileEntries() {
				if e.Kind == FileEntry {
					names = append(names, e.File)
				}
			}
			dir, same, bytes := t.TempDir(), 0, 0
			var printed []string
			for batch := range slices.Chunk(names, 400) {
				s := mustOpen(t, Sources{ImportPaths: []string{root}, SourceInfo: true})
				for _, name := range batch {
					fd, err := s.FindFileByPath(name)
					if err != nil {
						t.Logf("%s: %v", name, err)
						continue
					}
					text := s.Show(fd)
					bytes += len(text)
					save(t, filepath.Join(dir, filepath.FromSlash(name)), text)
					printed = append(printed, name)
				}
			}
			for batch := range slices.Chunk(printed, 400) {
				runtime.GC()
				before := mustOpen(t, Sources{ImportPaths: []string{root}})
				after := mustOpen(t, Sources{ImportPaths: []string{dir}})
				for _, name := range batch {
					if sameAfterPrinting(t, name, before, after) {
						same++
					}
				}
			}
			t.Logf("%d of %d files printed (%d bytes), %d of them compile to the same descriptor", len(printed), len(names), bytes, same)
		})
	}
}

func save(t testing.TB, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

// sameAfterPrinting compares a file of two schemas.
func sameAfterPrinting(t *testing.T, name string, before, after *Schema) bool {
	t.Helper()
	var raw [2][]byte
	for i, s := range []*Schema{before, after} {
		var fd protoreflect.FileDescriptor
		fd, err := s.FindFileByPath(name)
		if err != nil {
			t.Errorf("%s, schema %d: %v", name, i, err)
			return false
		}
		if raw[i], err = s.FileSet(SetOptions{Names: []string{fd.Path()}}); err != nil {
			t.Errorf("%s: %v", name, err)
			return false
		}
	}
	a, b := unpackSet(t, before, raw[0])[name], unpackSet(t, before, raw[1])[name]
	if !sameFile(normal(t, a), normal(t, b)) {
		t.Errorf("%s is another file after printing", name)
		return false
	}
	return true
}
