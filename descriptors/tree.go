package descriptors

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/pbscope/pbscope/descriptors/bufyaml"
	"github.com/pbscope/pbscope/descriptors/cache"
)

// maxSourceSize bounds one .proto file, in bytes.
const maxSourceSize = 64 << 20

// tree is the .proto files under the import paths.
type tree struct {
	roots []string
	// given are the roots that somebody named. Only they are searched to the
	// last directory: the directory of a lone file may be anybody's home.
	given []string
	// modules are those that a buf.yaml makes of a root, by the root.
	modules    map[string][]moduleRoot
	workspaces []*bufyaml.Workspace
	// problems are what is wrong with those files.
	problems Errors

	files map[string]*sourceFile // by the name that imports use; nil: not there
	texts func(name string) (Text, bool)
	// elsewhere says that another source has a file.
	elsewhere func(name string) bool
	// read are files by their paths that have been read and have no name yet.
	read map[string]*sourceFile
	// names are the names of the files by their paths.
	names map[string]string
	// fresh are the files read since somebody last took them.
	fresh   []*sourceFile
	note    func(string)
	guesses int // how many roots have been looked for
	unread  int // how many files a search could not read
	// indexed is made by index.
	indexed *treeIndex
	// nearby is made by importFor: files by the names that they declare.
	nearby map[string]string
	disk   *disk
	store  *cache.Store
}

// sourceFile is one .proto file that has been read.
type sourceFile struct {
	name    string // as imports call it
	path    string // on disk
	text    []byte
	outline *outline
}

func newTree(disk *disk, src Sources, elsewhere func(string) bool, note func(string)) *tree {
	t := &tree{files: make(map[string]*sourceFile), names: make(map[string]string), read: make(map[string]*sourceFile), elsewhere: elsewhere, note: note, disk: disk, store: src.Cache, texts: src.Texts}
	for _, r := range src.ImportPaths {
		t.problems = append(t.problems, t.addGiven(r)...)
	}
	return t
}

func (t *tree) addRoot(root string) {
	if root == "" {
		root = "."
	}
	root = filepath.Clean(root)
	for _, r := range t.roots {
		if r == root {
			return
		}
	}
	t.roots = append(t.roots, root)
	for name, f := range t.files {
		if f == nil {
			delete(t.files, name)
		}
	}
}

// find is the file that imports call name; nil, nil if no root has it.
func (t *tree) find(name string) (*sourceFile, error) {
	if f, ok := t.files[name]; ok {
		return f, nil
	}
	if !validImport(name) {
		return nil, nil
	}
	if t.texts != nil {
		if given, ok := t.texts(name); ok {
			return t.enter(&sourceFile{name: name, path: given.Path, text: given.Text, outline: scanSource(given.Text)})
		}
	}
	for _, root := range t.roots {
		path := filepath.Join(root, filepath.FromSlash(name))
		f, err := t.open(path)
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, errNotDir) || isDirectory(err) {
			continue
		}
		if err != nil {
			return nil, err
		}
		f.name = name
		return t.enter(f)
	}
	t.files[name] = nil
	return nil, nil
}

// enter makes a file that was found one of the tree.
func (t *tree) enter(f *sourceFile) (*sourceFile, error) {
	if err := f.check(); err != nil {
		return nil, err
	}
	t.files[f.name] = f
	t.fresh = append(t.fresh, f)
	return f, nil
}

// open reads a file once: a pipe cannot be read twice.
func (t *tree) open(path string) (*sourceFile, error) {
	if f := t.read[path]; f != nil {
		delete(t.read, path)
		return f, nil
	}
	text, err := t.disk.readSource(path)
	if err != nil {
		return nil, err
	}
	return &sourceFile{path: path, text: text, outline: scanSource(text)}, nil
}

// validImport says whether a name can be an import: relative, with slashes,
// and never leading out of its root.
func validImport(name string) bool {
	return name != "" && len(name) <= maxName && !strings.ContainsRune(name, 0) && fs.ValidPath(name)
}

// check refuses what is plainly no .proto source.
func (f *sourceFile) check() error {
	e := &Error{Kind: KindFile, File: f.path}
	switch {
	case looksLikeSet(f.text):
		e.Message = "is a descriptor set, not .proto source"
		e.Hint = "give it with -d instead of -p"
	case strings.IndexByte(string(f.text[:min(len(f.text), 8192)]), 0) >= 0:
		e.Message = "is binary, not .proto source"
	case f.outline.deepest > maxNesting:
		e.Message = "nests deeper than " + strconv.Itoa(maxNesting) + " levels"
	default:
		return nil
	}
	return e
}

// resolve turns what was given as -p into the name that imports would use. A
// file that lies in no root makes a new one.
func (t *tree) resolve(given string) (string, error) {
	info, err := t.disk.stat(given)
	if err != nil || info.IsDir() {
		if name := filepath.ToSlash(filepath.Clean(given)); !filepath.IsAbs(given) {
			if f, ferr := t.find(name); ferr != nil || f != nil {
				return name, ferr
			}
			if err != nil && hasBuiltin(name) {
				return name, nil
			}
		}
		if err == nil {
			_, err := t.disk.readSource(given)
			return "", err
		}
		return "", t.noSuchProto(given, err)
	}
	for _, root := range t.roots {
		if name, ok := relative(root, given); ok {
			return name, t.shadowed(given, name)
		}
	}
	if name := filepath.ToSlash(filepath.Clean(given)); !filepath.IsAbs(given) {
		if f, err := t.find(name); err != nil || f != nil {
			return name, err
		}
	}
	return t.rootFor(given)
}

func (t *tree) noSuchProto(given string, err error) *Error {
	e := unreadable(given, err)
	if errors.Is(err, fs.ErrNotExist) {
		e.Message = "no such file, and none of that name under the import paths"
		if len(t.roots) == 0 {
			e.Message = "no such file"
			e.Hint = "if the name is relative to a directory of schemas, give that with -I"
		}
	}
	return e
}

// shadowed is an error where imports of name find another file than given.
func (t *tree) shadowed(given, name string) error {
	f, err := t.find(name)
	if err != nil || f == nil || f.path == filepath.Clean(given) {
		return err
	}
	a, errA := t.disk.stat(given)
	b, errB := t.disk.stat(f.path)
	if errA == nil && errB == nil && !os.SameFile(a, b) {
		return &Error{Kind: KindConflict, File: given, Message: "is shadowed by " + f.path + ": both are " + name + " to imports",
			Hint: "change the order of the import paths (-I)"}
	}
	return nil
}

// relative is the slash-separated path of file below root, if it lies there.
func relative(root, file string) (string, bool) {
	absRoot, err := filepath.Abs(root)
	if err != nil {
		return "", false
	}
	absFile, err := filepath.Abs(file)
	if err != nil {
		return "", false
	}
	rel, err := filepath.Rel(absRoot, absFile)
	if err != nil || rel == ".." || strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
		return "", false
	}
	return filepath.ToSlash(rel), true
}

// checkRoots says which import paths are no directories.
func (d *disk) checkRoots(roots []string) Errors {
	var errs Errors
	for _, root := range roots {
		info, err := d.stat(root)
		switch {
		case err != nil:
			e := unreadable(root, err)
			if errors.Is(err, fs.ErrNotExist) {
				e.Message = "import path does not exist"
				if strings.ContainsRune(root, filepath.ListSeparator) {
					e.Hint = "each import path takes a -I of its own"
				}
			}
			errs = append(errs, e)
		case !info.IsDir():
			errs = append(errs, &Error{Kind: KindFile, File: root, Message: "import path is not a directory",
				Hint: "a .proto file is given with -p, a descriptor set with -d"})
		}
	}
	return errs
}
