package descriptors

import (
	"errors"
	"path"
	"path/filepath"
	"strings"

	"github.com/pbscope/pbscope/descriptors/bufyaml"
)

// moduleRoot is an import root that a buf.yaml makes one.
type moduleRoot struct {
	workspace *bufyaml.Workspace
	module    *bufyaml.Module
	path      string // of the root, relative to the workspace's directory, with slashes
}

// addGiven adds an import path that somebody named. Where a buf.yaml or
// buf.work.yaml lies in it, the roots of its modules come first, and the
// directory itself only resolves imports: what it has is not searched under
// other names than the modules give it.
func (t *tree) addGiven(root string) Errors {
	w, err := t.disk.workspace(root)
	if err != nil && leadsToDirectory(root) {
		return workspaceErrors(err)
	}
	before := len(t.roots)
	t.addModules(w)
	t.given = append(t.given, t.roots[before:]...)
	before = len(t.roots)
	t.addRoot(root)
	if w == nil {
		t.given = append(t.given, t.roots[before:]...)
	}
	return nil
}

// Root is a directory that imports are relative to.
type Root struct {
	Path string
	// From is the configuration of buf that makes it one, "" for none.
	From string
	// Excludes are directories in it that are not searched.
	Excludes []string
}

// Roots are the directories that import paths stand for, in the order in which
// imports are looked up. Errors are *Error or Errors.
func Roots(importPaths []string) ([]Root, error) {
	s := newSchema(Sources{ImportPaths: importPaths})
	errs := append(s.disk.checkRoots(importPaths), s.tree.problems...)
	var roots []Root
	for _, path := range s.tree.roots {
		root := Root{Path: path}
		for _, m := range s.tree.modules[path] {
			root.From = strings.Join(m.workspace.Files, ", ")
			for _, e := range m.module.Excludes {
				root.Excludes = append(root.Excludes, filepath.Join(m.workspace.Dir, filepath.FromSlash(e)))
			}
		}
		roots = append(roots, root)
	}
	return roots, errs.asError()
}

// addModules adds the roots of a workspace's modules.
func (t *tree) addModules(w *bufyaml.Workspace) {
	if w == nil {
		return
	}
	t.workspaces = append(t.workspaces, w)
	if t.modules == nil {
		t.modules = make(map[string][]moduleRoot)
	}
	for i := range w.Modules {
		m := &w.Modules[i]
		for _, root := range m.Roots {
			at := filepath.Join(w.Dir, filepath.FromSlash(root))
			t.modules[at] = append(t.modules[at], moduleRoot{w, m, root})
			t.addRoot(at)
		}
	}
}

// member says whether a search under a root may find a file, by the name that
// imports use: modules leave files out.
func (t *tree) member(root, name string) bool {
	modules := t.modules[root]
	for _, m := range modules {
		if m.module.Contains(path.Join(m.path, name)) {
			return true
		}
	}
	return len(modules) == 0
}

// searchable are the roots that are searched for declarations.
func (t *tree) searchable() []string {
	if len(t.workspaces) == 0 {
		return t.roots
	}
	directories := make(map[string]bool)
	for _, w := range t.workspaces {
		directories[filepath.Clean(w.Dir)] = true
	}
	var roots []string
	for _, r := range t.roots {
		if !directories[r] || t.modules[r] != nil {
			roots = append(roots, r)
		}
	}
	return roots
}

// workspaceErrors puts errors of a buf.yaml into our form.
func workspaceErrors(err error) Errors {
	var bad bufyaml.Errors
	if !errors.As(err, &bad) {
		return flatten(err)
	}
	var errs Errors
	for _, e := range bad {
		errs = append(errs, &Error{Kind: KindFile, File: e.File, Line: e.Line, Column: e.Column,
			SourceLine: printable(e.SourceLine), Message: printable(e.Message), Hint: printable(e.Hint)})
	}
	return errs
}

// registryHint says of an import that no root has where buf would take it
// from; "" where no buf.yaml depends on a registry.
func (t *tree) registryHint() string {
	for _, w := range t.workspaces {
		if len(w.Deps) == 0 {
			continue
		}
		var names []string
		for _, d := range w.Deps {
			names = append(names, d.Text)
		}
		return w.Deps[0].File + " depends on " + strings.Join(names, ", ") + ", which buf keeps elsewhere: `buf build " + w.Dir +
			" -o schema.binpb` puts all of it into one file for -d"
	}
	return ""
}
