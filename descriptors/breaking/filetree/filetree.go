// Package filetree reads the .proto files of one state of a schema, wherever it
// lies: in a directory, in an archive, or, by way of a loader that the caller
// brings, in git. A tree lists its files first and reads the contents that are
// wanted. It neither parses nor writes anything; package breaking compares
// trees.
package filetree

import (
	"bytes"
	"context"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"
)

// Error is a tree that cannot be read, with what to do about it, or "".
type Error struct{ Message, Hint string }

// Error is the message.
func (e *Error) Error() string { return e.Message }

// File is one file of a tree.
type File struct {
	// Path is relative to the tree's top, with slashes.
	Path string
	// ID is the name that git has for the contents, "" where nobody knows it.
	ID string
	// Text is the contents once they were loaded; nil before.
	Text []byte
}

// Loader fills Text.
type Loader func(ctx context.Context, files []*File) error

// Tree is the files of one state: those with names that end in .proto, and the
// buf.yaml and buf.work.yaml files.
type Tree struct {
	files  []*File // by path
	byPath map[string]*File
	load   Loader
}

// New is a tree of files, whose paths are clean and local; of two with one path
// the last stays.
func New(files []*File, load Loader) *Tree {
	t := &Tree{byPath: make(map[string]*File, len(files)), load: load}
	for _, f := range files {
		t.byPath[f.Path] = f
	}
	for _, f := range files {
		if t.byPath[f.Path] == f {
			t.files = append(t.files, f)
		}
	}
	slices.SortFunc(t.files, func(a, b *File) int { return strings.Compare(a.Path, b.Path) })
	return t
}

// Lookup is the file of a path, nil for none.
func (t *Tree) Lookup(path string) *File { return t.byPath[path] }

// Files are all files, by path.
func (t *Tree) Files() []*File { return t.files }

// Protos are the .proto files below a directory of the tree, "" for all, but
// for those in hidden directories and packages of npm.
func (t *Tree) Protos(directory string) []*File {
	var found []*File
	for _, f := range t.files {
		rel, ok := Below(directory, f.Path)
		if ok && IsProto(rel) && !passedOver(path.Dir(rel)) {
			found = append(found, f)
		}
	}
	return found
}

// Top is the one directory that all files lie in, as in the archives that
// forges make of a commit; "" where they do not.
func (t *Tree) Top() string {
	top := ""
	for i, f := range t.files {
		first, _, ok := strings.Cut(f.Path, "/")
		if !ok || i > 0 && first != top {
			return ""
		}
		top = first
	}
	return top
}

// Below is a path relative to a directory that it lies in; "" is the top.
func Below(directory, file string) (rel string, ok bool) {
	if directory == "" {
		return file, true
	}
	rel, ok = strings.CutPrefix(file, directory)
	if !ok || !strings.HasPrefix(rel, "/") {
		return "", false
	}
	return rel[1:], true
}

// IsProto says whether a file is .proto source by its name.
func IsProto(name string) bool { return strings.HasSuffix(name, ".proto") }

// wanted says whether a tree lists a file of that name.
func wanted(name string) bool { return IsProto(name) || IsModuleFile(name) }

// IsModuleFile says whether a file is one in which buf has its modules.
func IsModuleFile(name string) bool {
	base := path.Base(name)
	return base == "buf.yaml" || base == "buf.work.yaml"
}

// passedOver says whether a directory is, or lies in, one that is hidden or
// holds packages of npm.
func passedOver(directory string) bool {
	for part := range strings.SplitSeq(directory, "/") {
		if part != "." && skipped(part) {
			return true
		}
	}
	return false
}

func skipped(name string) bool { return strings.HasPrefix(name, ".") || name == "node_modules" }

// Load reads those of the files that were not.
func (t *Tree) Load(ctx context.Context, files []*File) error {
	unread := slices.DeleteFunc(slices.Clone(files), func(f *File) bool { return f.Text != nil })
	if len(unread) == 0 {
		return nil
	}
	return t.load(ctx, unread)
}

// FS is a directory of the tree for readers that know io/fs. It opens files
// only.
func (t *Tree) FS(ctx context.Context, directory string) fs.FS { return treeFS{ctx, t, directory} }

type treeFS struct {
	ctx       context.Context
	tree      *Tree
	directory string
}

// Open implements fs.FS.
func (x treeFS) Open(name string) (fs.File, error) {
	full := path.Join(x.directory, name)
	f := x.tree.Lookup(full)
	if f == nil {
		if slices.ContainsFunc(x.tree.files, func(f *File) bool { _, ok := Below(full, f.Path); return ok }) {
			return openFile{bytes.NewReader(nil), path.Base(name), true}, nil
		}
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	if err := x.tree.Load(x.ctx, []*File{f}); err != nil {
		return nil, &fs.PathError{Op: "read", Path: name, Err: err}
	}
	return openFile{bytes.NewReader(f.Text), path.Base(name), false}, nil
}

// openFile is an open file or directory, and what is known about it.
type openFile struct {
	*bytes.Reader
	name      string
	directory bool
}

func (f openFile) Stat() (fs.FileInfo, error) { return f, nil }
func (openFile) Close() error                 { return nil }
func (f openFile) Name() string               { return f.name }
func (f openFile) Size() int64                { return f.Reader.Size() }
func (openFile) ModTime() time.Time           { return time.Time{} }
func (f openFile) IsDir() bool                { return f.directory }
func (openFile) Sys() any                     { return nil }

func (f openFile) Mode() fs.FileMode {
	if f.directory {
		return fs.ModeDir | 0o555
	}
	return 0o444
}
