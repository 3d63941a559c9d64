package descriptors

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"syscall"
)

// errTooLarge is what readAtMost gives for files beyond the limit.
var errTooLarge = errors.New("too large")

// errNotDir is what opening a/b gives where a is a file.
var errNotDir = errors.New("not a directory")

// readSource reads a .proto file. Errors are *Error, or wrap
// fs.ErrNotExist.
func readSource(path string) ([]byte, error) {
	text, err := readAtMost(path, maxSourceSize)
	switch {
	case err == nil:
		return text, nil
	case errors.Is(err, fs.ErrNotExist):
		return nil, err
	case errors.Is(err, syscall.ENOTDIR):
		return nil, errNotDir
	}
	// Only now is it worth a look what the path leads to.
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return nil, &Error{Kind: KindFile, File: path, Message: directoryMessage,
			Hint: "-p takes files; for the directory that imports are relative to, use -I " + path}
	}
	return nil, unreadable(path, err)
}

// readAtMost reads a file. Of one that is larger than limit it reads no more
// than one byte beyond it: pipes and devices have no size to look at first.
func readAtMost(path string, limit int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
		if info.Size() > limit {
			return nil, errTooLarge
		}
		data := make([]byte, info.Size())
		n, err := io.ReadFull(f, data)
		if err == io.ErrUnexpectedEOF || err == io.EOF {
			err = nil
		}
		return data[:n], err
	}
	data, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err == nil && int64(len(data)) > limit {
		err = errTooLarge
	}
	return data, err
}

const directoryMessage = "is a directory, not a .proto file"

func isDirectory(err error) bool {
	e, ok := err.(*Error)
	return ok && e.Message == directoryMessage
}

func unreadable(path string, err error) *Error {
	e := &Error{Kind: KindFile, File: path}
	var cause *fs.PathError
	switch {
	case errors.Is(err, errTooLarge):
		e.Message = "is too large for a schema"
	case errors.Is(err, fs.ErrNotExist):
		e.Message = "no such file"
	case errors.Is(err, fs.ErrPermission):
		e.Message = "cannot be read: permission denied"
	case errors.As(err, &cause):
		e.Message = "cannot be read: " + cause.Err.Error()
	default:
		e.Message = "cannot be read: " + err.Error()
	}
	return e
}
