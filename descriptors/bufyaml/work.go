package bufyaml

import (
	"path"
)

// readWork reads a buf.work.yaml and the modules in the directories that it
// lists.
func (r *reader) readWork(text []byte) {
	n := r.parse(WorkspaceFileName, text)
	if n == nil {
		return
	}
	if version := n.Get("version"); r.word(version, "version").Text != string(V1) {
		r.badVersion(n, version, V1)
	}
	r.known(n, WorkspaceFileName, "version", "directories")
	directories := r.paths(r.words(n.Get("directories"), "directories"), "directories")
	if len(directories) == 0 && len(r.errs) == 0 {
		r.fail(n, "no directories", "list those of the modules under the key directories")
	}
	var found []Word
	for _, w := range directories {
		if w.Text == "." {
			r.failAt(w, "a workspace cannot list its own directory", "a "+FileName+" there is enough")
		} else if r.exists(w, w.Text) {
			found = append(found, w)
		}
	}
	for _, w := range found {
		before := len(r.errs)
		text, has := r.read(path.Join(w.Text, FileName))
		if len(r.errs) > before {
			continue
		}
		if has {
			r.readModuleFile(w.Text, text, true)
			continue
		}
		r.workspace.Modules = append(r.workspace.Modules, Module{Path: w.Text, Roots: []string{w.Text}, Breaking: Breaking{Version: V1}})
	}
}
