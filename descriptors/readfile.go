package descriptors

import (
	"errors"
	"io/fs"
)

// errTooLarge is what readAtMost gives for files beyond the limit.
var errTooLarge = errors.New("too large")

// errNotDir is what opening a/b gives where a is a file.
var errNotDir = errors.New("not a directory")

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
