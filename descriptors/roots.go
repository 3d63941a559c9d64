package descriptors

import (
	"io/fs"
	"path/filepath"
	"strings"
)

const (
	// maxAncestors is how far up from a file its import root is looked for.
	maxAncestors = 40
	// maxGuessEntries is how many directory entries are looked at for it.
	maxGuessEntries = 20000
)

// rootFor makes an import root for a file that lies in none: the directory
// that its imports fit, if there is exactly one, else the file's own.
func (t *tree) rootFor(given string) (name string, err error) {
	f, err := t.open(filepath.Clean(given))
	if err != nil {
		return "", err
	}
	t.read[f.path] = f
	directory := filepath.Dir(given)
	root := directory
	if missing, local := t.missingFrom(directory, f.outline); len(missing) > 0 && !local {
		if name, ok := t.moduleOf(given, missing[0]); ok {
			return name, t.shadowed(given, name)
		}
		if fit := t.disk.ancestorsWith(directory, missing); len(fit) == 1 {
			root = fit[0]
			t.note("import path " + root + " taken: " + given + ` imports "` + missing[0] + `"`)
		}
	}
	t.addRoot(root)
	name, ok := relative(root, given)
	if !ok {
		name = filepath.Base(given)
	}
	return name, t.shadowed(given, name)
}

// missingFrom are the imports that no source has; local says that some import
// lies in the directory itself.
func (t *tree) missingFrom(directory string, o *outline) (missing []string, local bool) {
	for _, i := range o.imports {
		if !validImport(i.path) {
			continue
		}
		if t.disk.isFile(filepath.Join(directory, filepath.FromSlash(i.path))) {
			local = true
			continue
		}
		if f, err := t.find(i.path); f == nil && err == nil && !t.elsewhere(i.path) {
			missing = append(missing, i.path)
		}
	}
	return missing, local
}

// ancestorsWith are the directories above directory under which all of the
// imports exist, nearest first.
func (d *disk) ancestorsWith(directory string, imports []string) []string {
	var fit []string
	at, err := filepath.Abs(directory)
	for range maxAncestors {
		if err != nil {
			break
		}
		all := true
		for _, i := range imports {
			all = all && d.isFile(filepath.Join(at, filepath.FromSlash(i)))
		}
		if all {
			fit = append(fit, shown(at, directory))
		}
		up := filepath.Dir(at)
		if up == at {
			break
		}
		at = up
	}
	return fit
}

// shown is an absolute path as somebody would write it who wrote like: a
// relative path stays relative.
func shown(path, like string) string {
	if filepath.IsAbs(like) {
		return path
	}
	working, err := filepath.Abs(".")
	if err != nil {
		return path
	}
	if rel, err := filepath.Rel(working, path); err == nil {
		return rel
	}
	return path
}

// guessRoots are the directories that would resolve an import of file: above
// the file, anywhere under the roots, then beside the directories above the
// file; all says that those were searched to the end.
func (t *tree) guessRoots(file *sourceFile, imported string) (found []string, all bool) {
	found = t.disk.ancestorsWith(filepath.Dir(file.path), []string{imported})
	left := maxGuessEntries
	if len(found) == 0 {
		found = t.disk.besideAncestors(filepath.Dir(file.path), imported, &left)
	}
	for _, root := range t.roots {
		_ = t.disk.walkRoot(root, func(path string, entry fs.DirEntry, err error) error {
			if left--; left < 0 {
				return fs.SkipAll
			}
			if err != nil || entry.IsDir() {
				return nil
			}
			slashed := filepath.ToSlash(path)
			if strings.HasSuffix(slashed, "/"+imported) {
				found = append(found, filepath.FromSlash(strings.TrimSuffix(slashed, "/"+imported)))
			}
			return nil
		})
	}
	return t.newRoots(found), left >= 0
}

// newRoots are the candidates that are no roots yet, each once.
func (t *tree) newRoots(candidates []string) []string {
	var fresh []string
	seen := make(map[string]bool)
	for _, r := range t.roots {
		if abs, err := filepath.Abs(r); err == nil {
			seen[abs] = true
		}
	}
	for _, c := range candidates {
		abs, err := filepath.Abs(c)
		if err == nil && !seen[abs] {
			seen[abs] = true
			fresh = append(fresh, c)
		}
	}
	return fresh
}

func hidden(name string) bool { return len(name) > 1 && name[0] == '.' && name != ".." }
