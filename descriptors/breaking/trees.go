package breaking

import (
	"context"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/pbscope/pbscope/descriptors/breaking/filetree"
	"github.com/pbscope/pbscope/descriptors/bufyaml"
)

// treeSide is a side that is a tree of files, of which a part is compared: all
// below a directory, or one file.
type treeSide struct {
	in   Input
	tree *filetree.Tree
	// dir is the directory, "" for the tree's top; only the one file, if it is
	// one.
	dir, only string
	// disk is where the tree's top lies on disk, "" for one that does not.
	disk string
	// shown is a path of the tree as people know it.
	shown func(string) string
	// importPaths are those that were given.
	importPaths []importPath
	// Of git:
	repo   *repository
	commit string

	files   []*sideFile // that are compared
	parts   []part
	modules []schemaModule
	names   map[string]*sideFile // files by the name that imports use
	facts   map[string]*fileFacts
}

// importPath is a directory that imports are relative to: one of the tree, or
// one on disk that lies outside of it.
type importPath struct {
	inTree bool
	path   string
}

// sideFile is a file that is compared.
type sideFile struct {
	*filetree.File
	name string // as imports call it
	part int
}

// compared are the files of the tree that are.
func (s *treeSide) compared() []*filetree.File {
	if s.only != "" {
		return []*filetree.File{s.tree.Lookup(s.only)}
	}
	return s.tree.Protos(s.dir)
}

// size is that of all compared files, in bytes.
func (s *treeSide) size() (n int) {
	for _, f := range s.files {
		n += len(f.Text)
	}
	return n
}

// openSide is the tree that an input names; nil for what is no tree: one file
// on disk, or a descriptor set. other is the side that it is compared with, if
// that is known already.
func openSide(ctx context.Context, in Input, other *treeSide) (*treeSide, error) {
	name, subdir, err := archiveName(in.Name)
	if err != nil {
		return nil, err
	}
	info, err := os.Stat(name)
	switch {
	case strings.Contains(in.Name, ".git#"):
		return gitSide(ctx, in, other)
	case err == nil && info.IsDir():
		return directorySide(in)
	case err == nil && filetree.IsArchive(name):
		return archiveSide(ctx, in, name, subdir, other)
	case err == nil:
		return nil, nil
	case !errors.Is(err, fs.ErrNotExist):
		return nil, plain(err)
	case looksLikePath(in.Name):
		return nil, &Problem{in.Name + ": no such file or directory", ""}
	}
	return gitSide(ctx, in, other)
}

// archiveName takes what follows # from the name of an archive.
func archiveName(name string) (file, subdir string, err error) {
	file, options, ok := strings.Cut(name, "#")
	if !ok || !filetree.IsArchive(file) {
		return name, "", nil
	}
	key, value, _ := strings.Cut(options, "=")
	if key != "subdir" {
		return "", "", &Problem{"unknown part " + options + " of " + name, "#subdir=DIR is a directory in an archive"}
	}
	return file, strings.Trim(path.Clean("/"+value), "/"), nil
}

func directorySide(in Input) (*treeSide, error) {
	top, dir := topOf(in)
	tree, err := filetree.Directory(top)
	if err != nil {
		return nil, asProblem(err)
	}
	s := &treeSide{in: in, tree: tree, dir: dir, disk: top}
	s.shown = func(file string) string { return filepath.Join(top, filepath.FromSlash(file)) }
	if len(s.compared()) == 0 {
		return nil, &Problem{"there is no .proto file in " + in.Name, "name the directory that holds them"}
	}
	for _, p := range in.ImportPaths {
		at := importPath{path: p}
		if rel, ok := relativePath(top, p); ok {
			at = importPath{true, strings.TrimPrefix(path.Clean("/"+rel), "/")}
		}
		s.importPaths = append(s.importPaths, at)
	}
	return s, nil
}

// topOf is the directory that a tree begins at, and the compared one in it: a
// given import path around the compared directory belongs to the tree, since
// the names of its files are relative to that one.
func topOf(in Input) (top, dir string) {
	top = in.Name
	if in.apart {
		return top, ""
	}
	for _, p := range in.ImportPaths {
		if rel, ok := relativePath(p, in.Name); ok && len(rel) > len(dir) && rel != "." {
			top, dir = p, rel
		}
	}
	return top, dir
}

// topsDiffer says whether two directories would be compared that are called
// otherwise from an import path around them, so that no file would have one name
// on both sides: then names are relative to each.
func topsDiffer(old, new Input) bool {
	if !isDirectory(old.Name) || !isDirectory(new.Name) {
		return false
	}
	_, a := topOf(old)
	_, b := topOf(new)
	return a != b
}

// relativePath is a path on disk relative to a directory that it lies in.
func relativePath(directory, file string) (string, bool) {
	a, err := filepath.Abs(directory)
	b, err2 := filepath.Abs(file)
	if err != nil || err2 != nil {
		return "", false
	}
	rel, err := filepath.Rel(a, b)
	if err != nil || !filepath.IsLocal(rel) {
		return "", false
	}
	return filepath.ToSlash(rel), true
}

func archiveSide(ctx context.Context, in Input, name, subdir string, other *treeSide) (*treeSide, error) {
	tree, err := filetree.Archive(ctx, name)
	if err != nil {
		return nil, asProblem(err)
	}
	s := &treeSide{in: in, tree: tree, dir: subdir, shown: func(file string) string { return name + ":" + file }}
	if top := tree.Top(); len(tree.Protos(subdir)) == 0 && subdir != "" {
		s.dir = path.Join(top, subdir)
	} else if subdir == "" && !other.has(top) {
		s.dir = top
	}
	if len(s.compared()) == 0 {
		return nil, &Problem{"there is no .proto file in " + in.Name, "#subdir=DIR names another directory in it"}
	}
	for _, p := range in.ImportPaths {
		s.importPaths = append(s.importPaths, importPath{path: p})
	}
	return s, nil
}

// has says whether the compared part of a side has a directory.
func (s *treeSide) has(directory string) bool {
	return s != nil && directory != "" && len(s.tree.Protos(path.Join(s.dir, directory))) > 0
}

// asProblem turns an error of a tree into one of this package.
func asProblem(err error) error {
	var e *filetree.Error
	if errors.As(err, &e) {
		return &Problem{e.Message, e.Hint}
	}
	return err
}

// readTexts loads what is compared of both sides. Contents that both have are read
// from one of them.
func readTexts(ctx context.Context, sides ...*treeSide) error {
	known := make(map[string]*filetree.File)
	for _, s := range sides { // disk goes first: it is the faster one
		if s.repo != nil {
			continue
		}
		if err := s.tree.Load(ctx, s.compared()); err != nil {
			return s.failed(err)
		}
		if length := idLength(sides); length > 0 {
			err := filetree.EachFile(ctx, s.compared(), func(f *filetree.File) error { f.ID = gitID(f.Text, length); return nil })
			if err != nil {
				return s.failed(err)
			}
		}
		for _, f := range s.compared() {
			known[f.ID] = f
		}
	}
	for _, s := range sides {
		if s.repo == nil {
			continue
		}
		var unknown []*filetree.File
		for _, f := range s.compared() {
			if same := known[f.ID]; same != nil && same.Text != nil {
				f.Text = same.Text
			} else {
				unknown = append(unknown, f)
			}
		}
		if err := s.tree.Load(ctx, unknown); err != nil {
			return s.failed(err)
		}
		for _, f := range unknown {
			known[f.ID] = f
		}
	}
	return nil
}

// failed is an error of a side.
func (s *treeSide) failed(err error) error { return &failedSide{s, asProblem(err)} }

// failedSide says of which side an error is.
type failedSide struct {
	side *treeSide
	err  error
}

func (e *failedSide) Error() string { return e.err.Error() }
func (e *failedSide) Unwrap() error { return e.err }

// idLength is how long the ids are that a repository among the sides has; 0
// without one.
func idLength(sides []*treeSide) int {
	for _, s := range sides {
		if s.repo != nil {
			return len(s.compared()[0].ID)
		}
	}
	return 0
}

// gitID is the id of a blob: the hash of its size and contents, SHA-1 or, in
// repositories that were made so, SHA-256.
func gitID(text []byte, length int) string {
	head := append([]byte("blob "+strconv.Itoa(len(text))), 0)
	if length == hex.EncodedLen(sha256.Size) {
		h := sha256.New()
		h.Write(head)
		h.Write(text)
		return hex.EncodeToString(h.Sum(nil))
	}
	h := sha1.New()
	h.Write(head)
	h.Write(text)
	return hex.EncodeToString(h.Sum(nil))
}

// workspace is the modules of the compared directory as its buf.yaml or
// buf.work.yaml says; of an old side that has neither, as that of the new side
// does. A file that cannot be read is told by the compiler, which reads it too.
func (s *treeSide) workspace(ctx context.Context, new *treeSide) (*bufyaml.Workspace, error) {
	if s.only != "" {
		return nil, nil
	}
	own, err := s.ownWorkspace(ctx)
	if err != nil || own != nil || new == s {
		return own, err
	}
	var other *bufyaml.Workspace
	if new != nil {
		other, _ = new.ownWorkspace(ctx)
	} else if s.in.Beside != "" {
		other, _ = bufyaml.Find(s.in.Beside)
	}
	if other == nil {
		return nil, nil
	}
	there := *other
	there.Dir = s.shown(s.dir)
	there.Modules = slices.DeleteFunc(slices.Clone(other.Modules), func(m bufyaml.Module) bool {
		return len(s.tree.Protos(path.Join(s.dir, m.Path))) == 0
	})
	if len(there.Modules) == 0 {
		return nil, nil
	}
	return &there, nil
}

func (s *treeSide) ownWorkspace(ctx context.Context) (*bufyaml.Workspace, error) {
	if s.disk != "" {
		return bufyaml.Find(filepath.Join(s.disk, filepath.FromSlash(s.dir)))
	}
	return bufyaml.Read(s.tree.FS(ctx, s.dir), s.shown(s.dir))
}

// twiceNote tells of files that are left out.
func (s *treeSide) twiceNote(twice []string) {
	if len(twice) > 0 {
		s.in.note(fmt.Sprintf("%s: %d files have the import name of another one there (%s, for one) and are not compared", s.shown(s.dir), len(twice), s.shown(twice[0])))
	}
}
