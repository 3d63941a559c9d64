package artefact

import (
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"
)

// LiftDirectory finds the descriptors in the generated code of a directory:
// in _pb2.py modules, Java classes and archives, at any depth. Programs and
// libraries are not looked into: they are given by name. Files that cannot be
// read are passed over with a note.
func LiftDirectory(directory fs.FS) (*Result, error) {
	l := &lifter{result: &Result{Kind: Directory}, unpacked: maxUnpacked}
	err := fs.WalkDir(directory, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			l.note(fmt.Sprintf("%s is passed over: %v", name, err))
		case entry.Type().IsRegular() && isGenerated(name):
			if err := l.file(directory, name); err == errUnpacked {
				return err
			} else if err != nil {
				l.note(fmt.Sprintf("%s is passed over: it %v", name, err))
			}
		}
		return nil
	})
	return l.result, err
}

func isGenerated(name string) bool {
	switch path.Ext(name) {
	case ".class", ".jar", ".whl":
		return true
	}
	return strings.HasSuffix(name, "_pb2.py")
}

func (l *lifter) file(directory fs.FS, name string) error {
	f, err := directory.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	r, ok := f.(io.ReaderAt)
	if !ok {
		return fs.ErrInvalid
	}
	head := make([]byte, min(SniffLength, info.Size()))
	if _, err := r.ReadAt(head, 0); err != nil && err != io.EOF {
		return err
	}
	return l.lift(Sniff(name, head), r, info.Size(), place{entry: name, depth: 1})
}
