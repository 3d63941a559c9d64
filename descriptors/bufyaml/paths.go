package bufyaml

import (
	"io/fs"
	"path"
	"strings"
)

// within says whether a path is a directory's or lies below it; both are
// clean and have slashes.
func within(name, directory string) bool {
	return directory == "." || name == directory || strings.HasPrefix(name, directory+"/")
}

// relativeTo is a path below a directory as seen from there.
func relativeTo(directory, name string) string {
	switch {
	case name == directory:
		return "."
	case directory == ".":
		return name
	}
	return strings.TrimPrefix(name, directory+"/")
}

// paths makes relative paths clean, drops those that stand there twice and
// reports those that lead elsewhere or lie within one another.
func (r *reader) paths(words []Word, what string) []Word {
	var kept []Word
	for _, w := range words {
		if !r.clean(&w, what) {
			continue
		}
		twice := false
		for _, before := range kept {
			twice = twice || before.Text == w.Text
		}
		if !twice {
			kept = append(kept, w)
		}
	}
	r.apart(kept, what)
	return kept
}

// apart reports paths of a list that lie within one another.
func (r *reader) apart(words []Word, what string) {
	seen := make(map[string]bool, len(words))
	for _, w := range words {
		seen[w.Text] = true
	}
	for _, w := range words {
		if w.Text == "." {
			continue
		}
		for up := path.Dir(w.Text); ; up = path.Dir(up) {
			if seen[up] {
				r.failAt(w, what+": "+w.Text+" lies within "+up+", which stands there too", "leave one of the two out")
				break
			}
			if up == "." {
				break
			}
		}
	}
}

// clean makes a relative path clean; false for one that leads out of the
// directory, which is reported.
func (r *reader) clean(w *Word, what string) bool {
	name := path.Clean(strings.ReplaceAll(w.Text, `\`, "/"))
	switch {
	case path.IsAbs(name):
		r.failAt(*w, what+": "+w.Text+" is not relative", "paths are relative to the directory of the file")
		return false
	case name == ".." || strings.HasPrefix(name, "../"):
		r.failAt(*w, what+": "+w.Text+" leads out of the directory of the file", "")
		return false
	}
	w.Text = name
	return true
}

// directories reports paths that are .proto files.
func (r *reader) directories(words []Word, what string) {
	for _, w := range words {
		if path.Ext(w.Text) == ".proto" {
			r.failAt(w, what+" takes directories, not files", "the directory is "+path.Dir(w.Text))
		}
	}
}

// exists reports a directory that is not there.
func (r *reader) exists(w Word, name string) bool {
	info, err := fs.Stat(r.files, name)
	switch {
	case err != nil:
		r.failAt(w, name+" is no directory below "+r.dir, "")
	case !info.IsDir():
		r.failAt(w, name+" is a file, not a directory", "")
	default:
		return true
	}
	return false
}

// Contains says whether a file belongs to the module, by its path relative to
// the workspace's directory.
func (m *Module) Contains(file string) bool {
	_, ok := m.ImportName(file)
	return ok
}

// ImportName is how imports call a file of the module, by its path relative to
// the workspace's directory; false if it does not belong to the module.
func (m *Module) ImportName(file string) (name string, ok bool) {
	if len(m.Includes) > 0 && !anyHolds(m.Includes, file) || anyHolds(m.Excludes, file) {
		return "", false
	}
	for _, root := range m.Roots {
		if within(file, root) && file != root {
			return relativeTo(root, file), true
		}
	}
	return "", false
}

func anyHolds(directories []string, file string) bool {
	for _, d := range directories {
		if within(file, d) {
			return true
		}
	}
	return false
}

func texts(words []Word) []string {
	var all []string
	for _, w := range words {
		all = append(all, w.Text)
	}
	return all
}
