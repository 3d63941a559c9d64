package bufyaml

import (
	"strings"

	"github.com/pbscope/pbscope/descriptors/yaml"
)

// Breaking is what a module is checked for.
type Breaking struct {
	// Version says which table of rules the ids are of.
	Version Version
	// Use and Except are ids of rules and categories; without Use it is FILE.
	Use, Except []Word
	// Ignore are files and directories in which nothing is reported, and
	// IgnoreOnly those in which certain rules are not. Paths are as imports
	// write them: relative to the module's roots, "." is all of it.
	Ignore     []Word
	IgnoreOnly []IgnoreOnly
	// IgnoreUnstablePackages leaves out packages whose last component is an
	// alpha, beta or test version.
	IgnoreUnstablePackages bool
	// DisableBuiltin turns all rules off.
	DisableBuiltin bool
	// Given says that a file has such a section for the module; without one
	// all of the above is the default.
	Given bool
	// Place is where the section begins.
	Place Word
}

// IgnoreOnly is paths that a rule or category does not look into.
type IgnoreOnly struct {
	Rule  Word
	Paths []Word
}

// Ignores says whether Ignore covers a file, named as imports do.
func (b *Breaking) Ignores(file string) bool { return anyWithin(file, b.Ignore) }

// IgnoresRule says whether IgnoreOnly covers a file for one of the names: the
// id of a rule and its categories.
func (b *Breaking) IgnoresRule(file string, names ...string) bool {
	for _, only := range b.IgnoreOnly {
		if contains(names, only.Rule.Text) && anyWithin(file, only.Paths) {
			return true
		}
	}
	return false
}

func anyWithin(file string, paths []Word) bool {
	for _, p := range paths {
		if within(file, p.Text) {
			return true
		}
	}
	return false
}

// breaking reads a breaking section. Its paths stay as they are written.
func (r *reader) breaking(n *yaml.Node, version Version) Breaking {
	b := Breaking{Version: version}
	const what = "breaking"
	if !r.known(n, what, "use", "except", "ignore", "ignore_only", "ignore_unstable_packages", "disable_builtin") {
		return b
	}
	b.Place = Word{File: r.file, Line: n.Line, Column: n.Column}
	b.Use = r.words(n.Get("use"), "use")
	b.Except = r.words(n.Get("except"), "except")
	b.Ignore = r.paths(r.words(n.Get("ignore"), "ignore"), "ignore")
	if only := n.Get("ignore_only"); !only.Null() {
		if only.Kind != yaml.Mapping {
			r.fail(only, "ignore_only takes RULE: [PATHS] pairs", "")
		}
		for _, e := range only.Entries {
			b.IgnoreOnly = append(b.IgnoreOnly, IgnoreOnly{
				Rule:  Word{Text: e.Key.Text, File: r.file, Line: e.Key.Line, Column: e.Key.Column},
				Paths: r.paths(r.words(e.Value, e.Key.Text), "ignore_only"),
			})
		}
	}
	b.IgnoreUnstablePackages = r.truth(n.Get("ignore_unstable_packages"), "ignore_unstable_packages")
	b.DisableBuiltin = r.truth(n.Get("disable_builtin"), "disable_builtin")
	b.Given = len(b.Use)+len(b.Except)+len(b.Ignore)+len(b.IgnoreOnly) > 0 || b.IgnoreUnstablePackages || b.DisableBuiltin
	return b
}

// under is a section whose paths are relative to the workspace's directory, as
// the module in that directory sees it. Paths elsewhere are reported where the
// section is the module's own, and dropped where it is everybody's.
func (r *reader) under(b Breaking, directory string, own bool) Breaking {
	b.Ignore = r.below(b.Ignore, directory, "breaking.ignore", own)
	var kept []IgnoreOnly
	for _, only := range b.IgnoreOnly {
		only.Paths = r.below(only.Paths, directory, "breaking.ignore_only", own)
		if len(only.Paths) > 0 || own {
			kept = append(kept, only)
		}
	}
	b.IgnoreOnly = kept
	return b
}

func (r *reader) below(paths []Word, directory, what string, own bool) []Word {
	var kept []Word
	for _, p := range paths {
		switch {
		case within(p.Text, directory):
			p.Text = relativeTo(directory, p.Text)
			kept = append(kept, p)
		case own:
			r.failAt(p, what+": "+p.Text+" does not lie within the module's path "+directory,
				"paths are relative to the directory of "+FileName+": "+strings.TrimPrefix(directory+"/", "./")+p.Text)
		}
	}
	return kept
}
