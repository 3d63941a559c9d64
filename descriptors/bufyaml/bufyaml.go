// Package bufyaml reads the files that buf users keep their modules in:
// buf.yaml (v1beta1, v1, v2) and buf.work.yaml (v1). It says where imports
// begin, which files belong to a module, what a module depends on, and what
// its breaking section asks for; rule ids are left to who applies them.
//
// Nothing is passed over: a key that buf does not know is an error here too,
// with its line and the nearest key. lint, plugins and policies are checked
// for their keys and left alone.
package bufyaml

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// The names of the files.
const (
	FileName          = "buf.yaml"
	WorkspaceFileName = "buf.work.yaml"
)

// Version is the version key of a file; it says which table of breaking rules
// applies.
type Version string

// The versions.
const (
	V1Beta1 Version = "v1beta1"
	V1      Version = "v1"
	V2      Version = "v2"
)

// Workspace is the modules of a directory.
type Workspace struct {
	// Dir is the directory as it was given.
	Dir string
	// Files are the configuration files that were read, as paths under Dir.
	Files   []string
	Modules []Module
	// Deps are the modules of a registry that files may import from, in the
	// order of the files.
	Deps []Word
}

// Module is files that are imported by names relative to the same roots.
// Paths in it are relative to the workspace's directory, with slashes; "." is
// that directory.
type Module struct {
	// Path is the module's directory.
	Path string
	// Name is what the registry calls it, or empty.
	Name string
	// Roots are where its imports begin: its directory, or what a v1beta1
	// file lists.
	Roots []string
	// Includes are the directories that belong to the module, where it is not
	// all of them; Excludes those that do not.
	Includes, Excludes []string
	Breaking           Breaking
}

// Word is a text and where it stands.
type Word struct {
	Text         string
	File         string
	Line, Column int // from 1; Column counts bytes
}

// Find reads the modules of a directory on disk; nil where it has neither
// file. Errors are Errors.
func Find(dir string) (*Workspace, error) {
	if dir == "" {
		dir = "."
	}
	return Read(os.DirFS(dir), dir)
}

// Read reads the modules of the root of files, which errors and Files call
// dir; nil where it has neither file. Errors are Errors.
func Read(files fs.FS, dir string) (*Workspace, error) {
	r := &reader{files: files, dir: dir, workspace: &Workspace{Dir: dir}}
	work, hasWork := r.read(WorkspaceFileName)
	module, hasModule := r.read(FileName)
	switch {
	case len(r.errs) > 0:
		return nil, r.errs
	case !hasWork && !hasModule:
		return nil, nil
	case hasWork && hasModule:
		r.file = r.path(WorkspaceFileName)
		r.errs = append(r.errs, &Error{File: r.file, Message: "a " + FileName + " lies beside it",
			Hint: "one directory has one of the two; v2 of " + FileName + " lists modules itself"})
	case hasWork:
		r.readWork(work)
	default:
		r.readModuleFile(".", module, false)
	}
	if len(r.errs) > 0 {
		return nil, r.errs
	}
	return r.workspace, nil
}

// read is the text of a file, which is parsed later; false where there is
// none.
func (r *reader) read(name string) (text []byte, found bool) {
	text, err := fs.ReadFile(r.files, name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, false
	}
	if err != nil {
		var path *fs.PathError
		if errors.As(err, &path) {
			err = path.Err
		}
		r.errs = append(r.errs, &Error{File: r.path(name), Message: "cannot be read: " + err.Error()})
		return nil, true
	}
	return text, true
}

// path is a file of the workspace as somebody would open it.
func (r *reader) path(name string) string { return filepath.Join(r.dir, filepath.FromSlash(name)) }
