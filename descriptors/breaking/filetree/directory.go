package filetree

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
)

// MaxFile bounds one file, in bytes.
const MaxFile = 64 << 20

// Directory is the tree below a directory on disk, without hidden directories
// and packages of npm. Errors are *Error.
func Directory(directory string) (*Tree, error) {
	var files []*File
	err := filepath.WalkDir(directory, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && path != directory && skipped(entry.Name()):
			return fs.SkipDir
		case entry.IsDir() || !wanted(entry.Name()):
			return nil
		}
		rel, err := filepath.Rel(directory, path)
		if err == nil {
			files = append(files, &File{Path: filepath.ToSlash(rel)})
		}
		return err
	})
	if err != nil {
		return nil, plain(err)
	}
	return New(files, func(ctx context.Context, files []*File) error {
		return EachFile(ctx, files, func(f *File) (err error) {
			f.Text, err = readFile(filepath.Join(directory, filepath.FromSlash(f.Path)))
			return err
		})
	}), nil
}

// plain takes the operation out of an error of the file system.
func plain(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return &Error{path.Path + ": " + path.Err.Error(), ""}
	}
	return err
}

func readFile(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, plain(err)
	}
	defer file.Close()
	info, err := file.Stat()
	switch {
	case err != nil:
		return nil, plain(err)
	case !info.Mode().IsRegular():
		return nil, &Error{path + ": is no regular file", "only files that can be read twice are compared"}
	case info.Size() > MaxFile:
		return nil, &Error{path + ": is too large for a schema", ""}
	}
	text := make([]byte, info.Size())
	n, err := io.ReadFull(file, text)
	if err != nil && err != io.ErrUnexpectedEOF && err != io.EOF {
		return nil, plain(err)
	}
	return text[:n], nil
}

// EachFile calls do for all files on all cores; the error is that of the first
// file that has one.
func EachFile(ctx context.Context, files []*File, do func(*File) error) error {
	const few = 8 // are not worth a goroutine
	errs := make([]error, len(files))
	var next atomic.Int64
	work := func() {
		for ctx.Err() == nil {
			i := int(next.Add(1)) - 1
			if i >= len(files) {
				return
			}
			errs[i] = do(files[i])
		}
	}
	var group sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(files)/few) {
		group.Go(work)
	}
	work()
	group.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return ctx.Err()
}

// local says whether the path of an entry stays below the top, and is the same
// file on all systems.
func local(name string) bool {
	return fs.ValidPath(name) && !strings.ContainsAny(name, "\\\x00") && filepath.IsLocal(filepath.FromSlash(name))
}
