package bufyaml

import (
	"github.com/pbscope/pbscope/descriptors/yaml"
)

// readV2 reads a file that lists modules, or is the only one's.
func (r *reader) readV2(n *yaml.Node) {
	r.known(n, FileName, "version", "name", "modules", "deps", "breaking", "lint", "plugins", "policies")
	r.deps(n.Get("deps"))
	r.lint(n.Get("lint"), V2)
	r.others(n.Get("plugins"), "plugins", "plugin", "options")
	r.others(n.Get("policies"), "policies", "policy", "ignore", "ignore_only")
	shared := r.breaking(n.Get("breaking"), V2)
	name := r.name(n.Get("name"))
	items := r.items(n.Get("modules"), "modules")
	if len(items) == 0 {
		r.workspace.Modules = []Module{{Path: ".", Name: name, Roots: []string{"."}, Breaking: r.under(shared, ".", false)}}
		return
	}
	if name != "" {
		r.fail(n.Get("name"), "a name beside modules", "name each module in its entry of modules")
	}
	names := make(map[string]bool)
	for _, item := range items {
		m := r.module(item, shared)
		if m.Name != "" && names[m.Name] {
			r.fail(item, "two modules are called "+m.Name, "")
		}
		names[m.Name] = true
		r.workspace.Modules = append(r.workspace.Modules, m)
	}
}

// module reads an entry of modules. Its breaking section, where it says
// anything, takes the place of everybody's.
func (r *reader) module(n *yaml.Node, shared Breaking) Module {
	m := Module{Path: ".", Roots: []string{"."}, Breaking: shared}
	if !r.known(n, "modules", "path", "name", "includes", "excludes", "lint", "breaking") {
		m.Breaking = r.under(shared, ".", false)
		return m
	}
	if w := r.word(n.Get("path"), "path"); w.Text != "" && r.clean(&w, "path") && r.exists(w, w.Text) {
		m.Path, m.Roots = w.Text, []string{w.Text}
	}
	m.Name = r.name(n.Get("name"))
	r.lint(n.Get("lint"), V2)
	r.files2(&m, n)
	own := r.breaking(n.Get("breaking"), V2)
	if own.Given {
		m.Breaking = r.under(own, m.Path, true)
	} else {
		m.Breaking = r.under(shared, m.Path, false)
	}
	return m
}

// files2 reads includes and excludes, which are relative to the workspace.
func (r *reader) files2(m *Module, n *yaml.Node) {
	includes := r.paths(r.words(n.Get("includes"), "includes"), "includes")
	excludes := r.paths(r.words(n.Get("excludes"), "excludes"), "excludes")
	r.moduleDirectories(m, includes, "includes")
	r.moduleDirectories(m, excludes, "excludes")
	m.Includes, m.Excludes = texts(includes), texts(excludes)
	for _, w := range excludes {
		switch {
		case contains(m.Includes, w.Text):
			r.failAt(w, w.Text+" is included and excluded", "")
		case len(m.Includes) > 0 && !anyHolds(m.Includes, w.Text):
			r.failAt(w, w.Text+" lies in none of the includes", "what is not included need not be excluded")
		}
	}
}

func (r *reader) moduleDirectories(m *Module, words []Word, what string) {
	r.directories(words, what)
	for _, w := range words {
		switch {
		case w.Text == m.Path:
			r.failAt(w, what+": "+w.Text+" is the module's own path", "")
		case !within(w.Text, m.Path):
			r.failAt(w, what+": "+w.Text+" does not lie within the module's path "+m.Path,
				"paths are relative to the directory of "+FileName+": "+m.Path+"/"+w.Text)
		}
	}
}

// others checks the keys of lists that nobody here uses.
func (r *reader) others(n *yaml.Node, what string, keys ...string) {
	for _, item := range r.items(n, what) {
		r.known(item, what, keys...)
	}
}
