package descriptors

import (
	"io/fs"
	"path/filepath"
	"strings"
)

const (
	// maxBeside is how far up from a file the directories beside it are looked
	// into where no repository's top is met: more would take strangers' files out
	// of /tmp or a home directory.
	maxBeside = 2
	// maxBesideDepth is how deep: lib/src/main/proto.
	maxBesideDepth = 4
)

// moduleOf makes roots of a buf workspace's modules, where the file that is
// given lies in one of them; name is what imports call it.
func (t *tree) moduleOf(given, imported string) (name string, ok bool) {
	directory := filepath.Dir(given)
	at, err := filepath.Abs(directory)
	if err != nil {
		return "", false
	}
	file := filepath.Base(given)
	for range maxAncestors {
		w, err := t.disk.workspace(shown(at, directory))
		if err != nil {
			t.note(workspaceErrors(err)[0].Error() + "; it is not used")
			return "", false
		}
		if w != nil {
			for i := range w.Modules {
				if name, ok = w.Modules[i].ImportName(filepath.ToSlash(file)); ok {
					t.addModules(w)
					t.note("import paths of " + strings.Join(w.Files, ", ") + " taken: " + given + ` imports "` + imported + `"`)
					return name, true
				}
			}
		}
		up := filepath.Dir(at)
		if up == at {
			break
		}
		file = filepath.Join(filepath.Base(at), file)
		at = up
	}
	return "", false
}

// besideAncestors are the directories in those above directory, up to the top
// of a repository, that have the import: proto, src/main/proto,
// third_party/lib. It counts the entries that it looks at.
func (d *disk) besideAncestors(directory, imported string, left *int) []string {
	at, err := filepath.Abs(directory)
	if err != nil {
		return nil
	}
	tops := []string{}
	repository := false
	for p := at; len(tops) < maxAncestors; p = filepath.Dir(p) {
		tops = append(tops, p)
		if _, err := d.stat(filepath.Join(p, ".git")); err == nil {
			repository = true
			break
		}
		if filepath.Dir(p) == p {
			break
		}
	}
	if !repository {
		tops = tops[:min(len(tops), maxBeside)]
	}
	var found []string
	for i, top := range tops {
		below := ""
		if i > 0 {
			below = tops[i-1]
		}
		found = append(found, d.besideIn(top, below, imported, maxBesideDepth, left)...)
	}
	for i := range found {
		found[i] = shown(found[i], directory)
	}
	return found
}

// besideIn looks into a directory's directories but one, which has been looked
// into.
func (d *disk) besideIn(top, but, imported string, depth int, left *int) []string {
	if depth == 0 {
		return nil
	}
	entries, err := d.readDir(top)
	if err != nil {
		return nil
	}
	var found []string
	for _, e := range entries {
		if *left--; *left < 0 {
			return found
		}
		path := filepath.Join(top, e.Name())
		if hidden(e.Name()) || path == but || !e.IsDir() && e.Type()&fs.ModeSymlink == 0 || passedBy(e.Name()) {
			continue
		}
		if d.isFile(filepath.Join(path, filepath.FromSlash(imported))) {
			found = append(found, path)
			continue
		}
		if e.IsDir() {
			found = append(found, d.besideIn(path, "", imported, depth-1, left)...)
		}
	}
	return found
}

// passedBy are directories with much in them that nobody writes schemas into.
func passedBy(name string) bool { return name == "node_modules" || name == "testdata" }
