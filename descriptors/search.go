package descriptors

import (
	"bytes"
	"errors"
	"io/fs"
	"path/filepath"
	"runtime"
	"sort"
	"strings"
	"sync"
)

// candidate is a .proto file under a root that has not been read as part of a
// schema.
type candidate struct{ name, path string }

// declaring finds the file of the tree that declares a name: among the files
// that have been read, where the package's name leads, then anywhere. It is
// "" if none does; two that do are an error.
func (t *tree) declaring(name string) (string, error) {
	var found []candidate
	for _, f := range t.sorted() {
		if f.outline.declares(name) {
			found = append(found, candidate{f.name, f.path})
		}
	}
	if len(found) == 0 {
		found = t.guessed(name)
	}
	if len(found) == 0 {
		found = t.declaringIn(t.all(), name)
	}
	if len(found) > 1 {
		e := &Error{Kind: KindAmbiguous, Message: name + " is declared by " + found[0].path + " and by " + found[1].path,
			Hint: "name the file that is meant with -p"}
		for _, c := range found {
			e.Names = append(e.Names, c.path)
		}
		return "", e
	}
	if len(found) == 0 {
		return "", nil
	}
	return found[0].name, nil
}

// guessed looks where files of the name's package lie by custom: in the
// directory of that name.
func (t *tree) guessed(name string) []candidate {
	for pkg := parent(name); pkg != ""; pkg = parent(pkg) {
		directory := strings.ReplaceAll(pkg, ".", "/")
		var here []candidate
		for _, root := range t.searchable() {
			entries, err := t.disk.readDir(filepath.Join(root, filepath.FromSlash(directory)))
			if err != nil {
				continue
			}
			for _, entry := range entries {
				name := directory + "/" + entry.Name()
				if !entry.IsDir() && strings.HasSuffix(name, ".proto") && t.member(root, name) {
					here = append(here, candidate{name, filepath.Join(root, directory, entry.Name())})
				}
			}
		}
		if found := t.declaringIn(unshadowed(here), name); len(found) > 0 {
			return found
		}
	}
	return nil
}

func parent(name string) string {
	i := strings.LastIndexByte(name, '.')
	return name[:max(i, 0)]
}

// unshadowed keeps of files with the same name the first, which imports find.
func unshadowed(all []candidate) []candidate {
	seen := make(map[string]bool, len(all))
	kept := all[:0]
	for _, c := range all {
		if !seen[c.name] {
			seen[c.name] = true
			kept = append(kept, c)
		}
	}
	return kept
}

// all are the .proto files under the given roots, each by one name. Hidden
// directories are passed over.
func (t *tree) all() []candidate {
	var all []candidate
	seen := make(map[string]bool) // paths: roots may lie within roots
	for _, root := range t.given {
		_ = t.disk.walkRoot(root, func(path string, entry fs.DirEntry, err error) error {
			if err != nil {
				t.passedOver(path, err)
				return nil
			}
			if entry.IsDir() || !strings.HasSuffix(path, ".proto") {
				return nil
			}
			abs, err := filepath.Abs(path)
			if name, ok := relative(root, path); ok && err == nil && !seen[abs] && t.member(root, name) {
				seen[abs] = true
				all = append(all, candidate{name, path})
			}
			return nil
		})
	}
	return unshadowed(all)
}

// declaringIn are the files that declare a name; only those that have its
// last word in them are read closely. An extension that is a group has its
// group's name in lower case.
func (t *tree) declaringIn(files []candidate, name string) []candidate {
	word := []byte(lastComponent(name))
	found := scanEach(t, files, func(text []byte) bool {
		if !bytes.Contains(text, word) && !(bytes.Contains(text, []byte("group")) && bytes.Contains(bytes.ToLower(text), word)) {
			return false
		}
		return scanSource(text).declares(name)
	})
	var kept []candidate
	for i, ok := range found {
		if ok {
			kept = append(kept, files[i])
		}
	}
	return kept
}

// scanEach reads files on all cores and gives what scan says of each; the
// zero value for those that cannot be read, of which there is a note.
func scanEach[T any](t *tree, files []candidate, scan func(text []byte) T) []T {
	results := make([]T, len(files))
	failed := make([]error, len(files))
	work := make(chan int)
	var group sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), max(1, len(files)/8)) {
		group.Add(1)
		go func() {
			defer group.Done()
			for i := range work {
				var text []byte
				if text, failed[i] = t.disk.readSource(files[i].path); failed[i] == nil {
					results[i] = scan(text)
				}
			}
		}()
	}
	for i := range files {
		work <- i
	}
	close(work)
	group.Wait()
	for i, err := range failed {
		if err != nil {
			t.passedOver(files[i].path, err)
		}
	}
	return results
}

// maxPassedOver is of how many unreadable files a search tells.
const maxPassedOver = 5

// passedOver tells of what a search could not look into: what is not found
// may be there.
func (t *tree) passedOver(path string, err error) {
	if errors.Is(err, fs.ErrNotExist) {
		return
	}
	var e *Error
	if !errors.As(err, &e) {
		e = unreadable(path, err)
	}
	switch t.unread++; {
	case t.unread <= maxPassedOver:
		t.note(e.Error() + "; the search goes on without it")
	case t.unread == maxPassedOver+1:
		t.note("more files than these cannot be read")
	}
}

// treeIndex is what all files under the roots declare.
type treeIndex struct {
	files    []candidate
	outlines []*outline
	declared map[string]int // full name → index of the file, or -1 for several; made by declaring
}

// index reads all files under the given roots, once.
func (t *tree) index() *treeIndex {
	if t.indexed != nil {
		return t.indexed
	}
	t.indexed = t.withCache(func() *treeIndex {
		x := &treeIndex{files: t.all()}
		sort.SliceStable(x.files, func(i, j int) bool { return x.files[i].name < x.files[j].name })
		x.outlines = scanEach(t, x.files, scanSource)
		for i, o := range x.outlines {
			if o == nil {
				x.outlines[i] = new(outline)
			}
		}
		return x
	})
	return t.indexed
}

// declaring is the name of the one file that declares a full name, "" if none
// or several do.
func (x *treeIndex) declaring(name string) string {
	if x.declared == nil {
		x.declared = make(map[string]int)
		for i, o := range x.outlines {
			for _, d := range o.decls {
				if _, ok := x.declared[d.name]; ok {
					x.declared[d.name] = -1
				} else {
					x.declared[d.name] = i
				}
			}
		}
	}
	if i, ok := x.declared[name]; ok && i >= 0 {
		return x.files[i].name
	}
	return ""
}
