package breaking

import (
	"bytes"
	"context"
	"path"
	"slices"
	"strings"

	"github.com/pbscope/pbscope/descriptors"
	"github.com/pbscope/pbscope/descriptors/breaking/filetree"
	"github.com/pbscope/pbscope/descriptors/bufyaml"
)

// part is files that compile together, with the directories of the tree that
// their imports are relative to.
type part struct {
	roots []string
	files []*sideFile
	// disk are directories outside of the tree that imports are relative to
	// too.
	disk []string
}

// evidence is what the imports of a side say about its roots.
type evidence struct {
	roots map[string]bool
	// imported are the roots by which files are imported: by the file's path,
	// relative to the compared directory.
	imported map[string][]string
}

// evidenceOf reads all imports of a side: the root of an import is what stands
// before it in the path of the file that it names. Paths are relative to the
// compared directory, "." is that.
func (s *treeSide) evidenceOf(ctx context.Context) (*evidence, error) {
	files := s.compared()
	byBase := make(map[string][]string)
	for _, f := range files {
		rel, _ := filetree.Below(s.dir, f.Path)
		byBase[path.Base(rel)] = append(byBase[path.Base(rel)], rel)
	}
	s.facts = make(map[string]*fileFacts, len(files))
	for _, f := range files {
		s.facts[f.Path] = new(fileFacts)
	}
	if err := filetree.EachFile(ctx, files, func(f *filetree.File) error {
		s.facts[f.Path].imports = imports(f.Text)
		return nil
	}); err != nil {
		return nil, err
	}
	e := &evidence{roots: make(map[string]bool), imported: make(map[string][]string)}
	known := make(map[string]bool) // imports that one file has the name of, or none
	for _, f := range files {
		rel, _ := filetree.Below(s.dir, f.Path)
		for _, name := range s.facts[f.Path].imports {
			if known[name] {
				continue
			}
			root, fits := rootOf(name, rel, byBase[path.Base(name)])
			known[name] = fits < 2
			if fits > 0 {
				e.add(root, path.Join(root, name))
			}
		}
	}
	return e, nil
}

// add notes that a file is imported by its name under a root.
func (e *evidence) add(root, file string) {
	e.roots[root] = true
	if !slices.Contains(e.imported[file], root) {
		e.imported[file] = append(e.imported[file], root)
	}
}

// adopt adds the roots of the other side: a file that only the one side imports
// has one name on both. It leaves out a root by which a file would get another
// name than the one that this side's imports have for it.
func (e *evidence) adopt(other *evidence) {
	for root := range other.roots {
		if root != "." && !e.roots[root] && !e.contradicts(root) {
			e.roots[root] = true
		}
	}
}

// contradicts says whether some file below a directory is imported by a name
// that is relative to one around it.
func (e *evidence) contradicts(root string) bool {
	for file, roots := range e.imported {
		_, below := filetree.Below(root, file)
		if below && !slices.ContainsFunc(roots, func(r string) bool { return len(r) > len(root) }) {
			return true
		}
	}
	return false
}

// sorted are the roots, the deepest first, and the compared directory itself
// last.
func (e *evidence) sorted() []string {
	var all []string
	for r := range e.roots {
		if r != "." {
			all = append(all, r)
		}
	}
	slices.SortFunc(all, func(a, b string) int {
		if len(a) != len(b) {
			return len(b) - len(a)
		}
		return strings.Compare(a, b)
	})
	return append(all, ".")
}

// settle gives the files of both sides their names and parts.
func settle(ctx context.Context, sides ...*treeSide) error {
	new := sides[len(sides)-1]
	found := make([]*evidence, len(sides))
	workspaces := make([]*bufyaml.Workspace, len(sides))
	for i, s := range sides {
		var err error
		if workspaces[i], err = s.workspace(ctx, new); err == nil {
			found[i], err = s.evidenceOf(ctx)
		}
		if err != nil {
			return s.failed(err)
		}
	}
	if len(sides) == 2 && workspaces[0] == nil && workspaces[1] == nil {
		own := found[0].clone()
		found[0].adopt(found[1])
		found[1].adopt(own)
	}
	for i, s := range sides {
		if workspaces[i] != nil {
			if err := s.settleWorkspace(workspaces[i]); err != nil {
				return s.failed(err)
			}
			continue
		}
		s.settleRoots(found[i].sorted())
	}
	return nil
}

func (e *evidence) clone() *evidence {
	c := &evidence{roots: make(map[string]bool), imported: e.imported}
	for r := range e.roots {
		c.roots[r] = true
	}
	return c
}

// below is a root of the compared directory as a path of the tree.
func (s *treeSide) below(root string) string {
	if joined := path.Join(s.dir, root); joined != "." {
		return joined
	}
	return ""
}

// givenRoots are the import paths that were given: those in the tree, and those
// on disk.
func (s *treeSide) givenRoots() (inTree, disk []string) {
	for _, p := range s.importPaths {
		if p.inTree {
			inTree = append(inTree, p.path)
		} else {
			disk = append(disk, p.path)
		}
	}
	return inTree, disk
}

// settleRoots makes parts of the files: usually one. Where files under
// different roots have one import name, each root is a part of its own, and of
// the files of one name that under the last root stays; the others are not
// compared.
func (s *treeSide) settleRoots(relative []string) {
	given, disk := s.givenRoots()
	var roots []string
	for _, r := range relative {
		roots = append(roots, s.below(r))
	}
	if s.only != "" {
		roots = s.rootsOfOne()
	}
	all := slices.Concat(given, roots)
	byRoot := make(map[string][]*sideFile)
	names := make(map[string]bool)
	unique := true
	for _, f := range s.compared() {
		name, root := nameUnder(all, f.Path)
		byRoot[root] = append(byRoot[root], &sideFile{File: f, name: name})
		unique = unique && !names[name]
		names[name] = true
		s.files = append(s.files, byRoot[root][len(byRoot[root])-1])
	}
	if unique {
		s.parts = []part{{all, s.files, disk}}
		s.index()
		return
	}
	s.files = nil
	clear(names)
	var twice []string
	for _, root := range slices.Backward(all) {
		if len(byRoot[root]) == 0 {
			continue
		}
		p := part{roots: append([]string{root}, slices.DeleteFunc(slices.Clone(all), func(r string) bool { return r == root })...), disk: disk}
		for _, f := range byRoot[root] {
			if names[f.name] {
				twice = append(twice, f.Path)
				continue
			}
			names[f.name] = true
			f.part = len(s.parts)
			p.files = append(p.files, f)
		}
		delete(byRoot, root)
		if len(p.files) > 0 {
			s.parts = append(s.parts, p)
			s.files = append(s.files, p.files...)
		}
	}
	s.twiceNote(twice)
	s.index()
}

// rootsOfOne is that of the one file that is compared, as a path of the tree:
// what its imports are relative to, else its own directory.
func (s *treeSide) rootsOfOne() []string {
	for _, name := range s.facts[s.only].imports {
		for at := s.dir; ; at = parentOf(at) {
			if s.tree.Lookup(path.Join(at, name)) != nil {
				if at != s.dir {
					return []string{at}
				}
				break
			}
			if at == "" {
				break
			}
		}
	}
	return []string{s.dir}
}

// parentOf is the directory around a directory of the tree.
func parentOf(directory string) string { return strings.TrimPrefix(path.Dir("/"+directory), "/") }

// nameUnder is the name of a file under the first root that it lies in.
func nameUnder(roots []string, file string) (name, root string) {
	for _, root := range roots {
		if name, ok := filetree.Below(root, file); ok {
			return name, root
		}
	}
	return file, ""
}

// settleWorkspace names the files of modules.
func (s *treeSide) settleWorkspace(w *bufyaml.Workspace) error {
	p := part{}
	p.roots, p.disk = s.givenRoots()
	for _, m := range w.Modules {
		for _, root := range m.Roots {
			p.roots = append(p.roots, s.below(root))
		}
	}
	p.roots = append(p.roots, s.dir)
	var relative []string
	for _, f := range s.compared() {
		rel, _ := filetree.Below(s.dir, f.Path)
		if slices.ContainsFunc(w.Modules, func(m bufyaml.Module) bool { return m.Contains(rel) }) {
			relative = append(relative, rel)
			name, _ := nameUnder(p.roots, f.Path)
			p.files = append(p.files, &sideFile{File: f, name: name})
		}
	}
	if len(p.files) == 0 {
		return &Problem{"the modules of " + strings.Join(w.Files, " and ") + " have no .proto file", ""}
	}
	s.files, s.parts = p.files, []part{p}
	s.modules = newModules(w, relative)
	s.index()
	return nil
}

func (s *treeSide) index() {
	s.names = make(map[string]*sideFile, len(s.files))
	for _, f := range s.files {
		s.names[f.name] = f
	}
}

// find is the file of the tree that an import of a part names, compared or
// not; nil for none. Where no root has it, it may lie beside what is compared.
func (s *treeSide) find(p *part, name string) *filetree.File {
	for _, root := range p.roots {
		if f := s.tree.Lookup(path.Join(root, name)); f != nil {
			return f
		}
	}
	if s.disk != "" || len(s.in.ImportSets) > 0 || descriptors.BuiltIn(name) {
		return nil // the compiler finds it
	}
	best, most := (*filetree.File)(nil), -1
	for _, f := range s.tree.Files() {
		if strings.HasSuffix("/"+f.Path, "/"+name) {
			if n := shared(f.Path, s.dir); n > most {
				best, most = f, n
			}
		}
	}
	return best
}

// rootOf is the root by which a file's import names one of the candidates: of
// several, which it counts, the one that shares most of its path with the file.
func rootOf(name, file string, candidates []string) (root string, fits int) {
	best := -1
	for _, c := range candidates {
		r, found := strings.CutSuffix("/"+c, "/"+name)
		if !found {
			continue
		}
		fits++
		r = path.Clean(strings.TrimPrefix(r, "/"))
		if n := shared(r+"/", file); n > best {
			root, best = r, n
		}
	}
	return root, fits
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
func imports(text []byte) []string {
	text = text[:min(len(text), maxHead)]
	var names []string
	for at := 0; ; {
		next := bytes.Index(text[at:], []byte("import"))
		if next < 0 {
			return names
		}
		before := bytes.TrimRight(text[:at+next], " \t")
		at += next + len("import")
		if len(before) > 0 && before[len(before)-1] != '\n' && before[len(before)-1] != ';' {
			continue
		}
		rest := bytes.TrimLeft(text[at:], " \t\r\n")
		for _, word := range []string{"public", "weak", "option"} {
			rest = bytes.TrimLeft(bytes.TrimPrefix(rest, []byte(word)), " \t\r\n")
		}
		if len(rest) < 2 || rest[0] != '"' && rest[0] != '\'' {
			continue
		}
		if end := bytes.IndexByte(rest[1:], rest[0]); end > 0 {
			names = append(names, string(rest[1:1+end]))
		}
	}
}
