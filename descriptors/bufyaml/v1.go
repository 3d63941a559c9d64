package bufyaml

import (
	"path"
	"strings"

	"github.com/pbscope/pbscope/descriptors/yaml"
)

// readModuleFile reads the buf.yaml of a directory; one that a workspace
// lists can list no modules itself.
func (r *reader) readModuleFile(directory string, text []byte, listed bool) {
	root := r.parse(path.Join(directory, FileName), text)
	if root == nil {
		return
	}
	version := root.Get("version")
	switch w := r.word(version, "version"); Version(w.Text) {
	case V1Beta1, V1:
		r.readV1(directory, root, Version(w.Text))
	case V2:
		if listed {
			r.fail(version, "a "+FileName+" of v2 in a directory that a "+WorkspaceFileName+" lists", "v2 takes the place of "+WorkspaceFileName+": list the modules in a "+FileName+" above")
			return
		}
		r.readV2(root)
	default:
		r.badVersion(root, version, V2, V1, V1Beta1)
	}
}

func (r *reader) badVersion(root, version *yaml.Node, known ...Version) {
	if version.Null() {
		r.fail(root, "no version", "the file begins with: version: "+string(known[0]))
		return
	}
	if version.Kind == yaml.Scalar {
		var names []string
		for _, v := range known {
			names = append(names, string(v))
		}
		r.fail(version, "unknown version "+version.Text, "the versions are "+strings.Join(names, ", "))
	}
}

// readV1 reads the one module of a v1beta1 or v1 file.
func (r *reader) readV1(directory string, n *yaml.Node, version Version) {
	r.known(n, FileName, "version", "name", "deps", "build", "breaking", "lint")
	m := Module{Path: directory, Name: r.name(n.Get("name")), Roots: []string{directory}}
	r.deps(n.Get("deps"))
	r.build(&m, n.Get("build"), version)
	r.lint(n.Get("lint"), version)
	m.Breaking = r.breaking(n.Get("breaking"), version)
	r.workspace.Modules = append(r.workspace.Modules, m)
}

// build reads roots and excludes, which are relative to the module.
func (r *reader) build(m *Module, n *yaml.Node, version Version) {
	if !r.known(n, "build", "roots", "excludes") {
		return
	}
	roots := r.words(n.Get("roots"), "roots")
	if version == V1 && len(roots) > 0 {
		r.fail(n.Get("roots"), "v1 has no build.roots: a module has one root", "make each root a module of its own, listed in a "+WorkspaceFileName+" or in a "+FileName+" of v2")
		return
	}
	roots = r.paths(roots, "roots")
	if len(roots) > 0 {
		m.Roots = nil
	}
	for _, w := range roots {
		at := path.Join(m.Path, w.Text)
		if r.exists(w, at) {
			m.Roots = append(m.Roots, at)
		}
	}
	excludes := r.paths(r.words(n.Get("excludes"), "excludes"), "excludes")
	r.directories(excludes, "excludes")
	for _, w := range excludes {
		at := path.Join(m.Path, w.Text)
		if contains(m.Roots, at) {
			r.failAt(w, w.Text+" is a root, and all of it would be excluded", "")
		} else if len(m.Roots) > 0 && !anyHolds(m.Roots, at) {
			r.failAt(w, w.Text+" lies in none of the roots", "excludes are relative to the directory of "+FileName+", as roots are")
		}
		m.Excludes = append(m.Excludes, at)
	}
}

// name checks what the registry calls a module.
func (r *reader) name(n *yaml.Node) string {
	w := r.word(n, "name")
	if w.Text != "" && len(strings.Split(w.Text, "/")) != 3 {
		r.failAt(w, "the name "+w.Text+" is not REGISTRY/OWNER/MODULE", "for example buf.build/acme/"+w.Text)
	}
	return w.Text
}

func (r *reader) deps(n *yaml.Node) {
	seen := make(map[string]bool)
	for _, w := range r.words(n, "deps") {
		name, _, _ := strings.Cut(w.Text, ":")
		switch {
		case len(strings.Split(name, "/")) != 3:
			r.failAt(w, w.Text+" is not REGISTRY/OWNER/MODULE[:REF]", "")
		case seen[name]:
			r.failAt(w, name+" stands there twice", "")
		}
		seen[name] = true
		r.workspace.Deps = append(r.workspace.Deps, w)
	}
}

// lint checks the keys of a section that nobody here uses.
func (r *reader) lint(n *yaml.Node, version Version) {
	comments := "allow_comment_ignores"
	if version == V2 {
		comments = "disallow_comment_ignores"
	}
	r.known(n, "lint", "use", "except", "ignore", "ignore_only", "enum_zero_value_suffix",
		"rpc_allow_same_request_response", "rpc_allow_google_protobuf_empty_requests",
		"rpc_allow_google_protobuf_empty_responses", "service_suffix", comments, "disable_builtin")
}
