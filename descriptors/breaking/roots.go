package breaking

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// importRoots are the directories below directory that the imports of its
// files are relative to, the deepest first, and directory itself last. Imports
// say it themselves: the root of an import is what stands before it in the
// path of the file that it names.
func importRoots(directory string, files []string) []string {
	byBase := make(map[string][]string)
	for _, f := range files {
		byBase[filepath.Base(f)] = append(byBase[filepath.Base(f)], f)
	}
	roots := map[string]bool{}
	known := make(map[string]bool) // imports that a root of before resolves
	for _, f := range files {
		for _, name := range imports(f) {
			if known[name] {
				continue
			}
			if root, ok := rootOf(name, f, byBase[filepath.Base(filepath.FromSlash(name))]); ok {
				roots[root] = true
				known[name] = true
			}
		}
	}
	delete(roots, filepath.Clean(directory))
	var all []string
	for r := range roots {
		all = append(all, r)
	}
	slices.SortFunc(all, func(a, b string) int {
		if len(a) != len(b) {
			return len(b) - len(a)
		}
		return strings.Compare(a, b)
	})
	return append(all, directory)
}

// module is files that compile together, with the directories that their
// imports are relative to.
type module struct{ roots, files []string }

// split makes modules of files: usually one. Where files under different roots
// have one import name, each root is a module of its own, and of the files of
// one name that under the last root stays; the others are twice.
func split(roots, files []string) (modules []module, twice []string) {
	byRoot := make(map[string][]string)
	names := make(map[string]bool)
	unique := true
	for _, f := range files {
		for _, root := range roots {
			if name, err := filepath.Rel(root, f); err == nil && filepath.IsLocal(name) {
				byRoot[root] = append(byRoot[root], f)
				unique = unique && !names[name]
				names[name] = true
				break
			}
		}
	}
	if unique {
		return []module{{roots, files}}, nil
	}
	clear(names)
	for i := range roots {
		root := roots[len(roots)-1-i]
		m := module{roots: append([]string{root}, slices.DeleteFunc(slices.Clone(roots), func(r string) bool { return r == root })...)}
		for _, f := range byRoot[root] {
			name, _ := filepath.Rel(root, f)
			if names[name] {
				twice = append(twice, f)
				continue
			}
			names[name] = true
			m.files = append(m.files, f)
		}
		if len(m.files) > 0 {
			modules = append(modules, m)
		}
	}
	return modules, twice
}

// rootOf is the root by which a file's import names one of the candidates: of
// several the one that shares most of its path with the file.
func rootOf(name, file string, candidates []string) (root string, ok bool) {
	suffix := string(filepath.Separator) + filepath.FromSlash(name)
	best := -1
	for _, c := range candidates {
		r, found := strings.CutSuffix(string(filepath.Separator)+c, suffix)
		if !found {
			continue
		}
		r = filepath.Clean(strings.TrimPrefix(r, string(filepath.Separator)))
		if filepath.IsAbs(c) {
			r = filepath.Clean(string(filepath.Separator) + r)
		}
		if n := shared(r, file); n > best {
			root, best, ok = r, n, true
		}
	}
	return root, ok
}

// shared counts the leading characters that two paths have in common.
func shared(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

// maxHead is how much of a file is searched for imports.
const maxHead = 1 << 20

// imports are the names that a .proto file imports: the compiler has the last
// word, this only finds roots.
func imports(path string) []string {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil
	}
	var names []string
	statements := strings.FieldsFunc(string(text[:min(len(text), maxHead)]), func(r rune) bool { return r == '\n' || r == ';' })
	for _, statement := range statements {
		rest, ok := strings.CutPrefix(strings.TrimSpace(statement), "import")
		if !ok {
			continue
		}
		rest = strings.TrimSpace(rest)
		for _, word := range []string{"public", "weak", "option"} {
			rest = strings.TrimSpace(strings.TrimPrefix(rest, word))
		}
		if len(rest) < 2 || rest[0] != '"' && rest[0] != '\'' {
			continue
		}
		if end := strings.IndexByte(rest[1:], rest[0]); end > 0 {
			names = append(names, rest[1:1+end])
		}
	}
	return names
}
