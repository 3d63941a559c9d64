package descriptors

import (
	"cmp"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/pbscope/pbscope/descriptors/bufyaml"
	"github.com/pbscope/pbscope/descriptors/cache"
)

// disk is how a schema looks at files, all of its sources included: what a
// cache entry rests on is what went through here. A source that learns
// something elsewhere says so with unfit. A nil disk remembers nothing.
type disk struct{ trace *cache.Trace }

// seen is what was looked at; nil where nobody wants to know.
func (d *disk) seen() *cache.Trace {
	if d == nil {
		return nil
	}
	return d.trace
}

// unfit says that the schema rests on something that cannot be told to be the
// same later.
func (d *disk) unfit() { d.seen().Unfit() }

// stat is os.Stat.
func (d *disk) stat(path string) (fs.FileInfo, error) {
	info, err := os.Stat(path)
	d.failed(path, err)
	if err == nil {
		d.seen().Exists(path, info)
	}
	return info, err
}

// failed remembers that nothing is at a path, if that is what the error means.
func (d *disk) failed(path string, err error) {
	switch {
	case err == nil:
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
		d.seen().Absent(path)
	default:
		d.unfit()
	}
}

// isFile says whether something is there that is no directory.
func (d *disk) isFile(path string) bool {
	info, err := d.stat(path)
	return err == nil && !info.IsDir()
}

// readDir is os.ReadDir.
func (d *disk) readDir(path string) ([]fs.DirEntry, error) {
	info, err := os.Stat(path)
	if err != nil {
		d.failed(path, err)
		return nil, err
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		d.unfit()
		return entries, err
	}
	d.seen().Listing(path, info, entries)
	return entries, nil
}

// list remembers what is in a directory that somebody else lists.
func (d *disk) list(path string) {
	if d.seen() != nil {
		_, _ = d.readDir(path)
	}
}

// workspace reads the buf.yaml or buf.work.yaml of a directory, if it has one.
func (d *disk) workspace(directory string) (*bufyaml.Workspace, error) {
	directory = cmp.Or(directory, ".")
	return bufyaml.Read(seenFiles{os.DirFS(directory), directory, d}, directory)
}

// seenFiles are the files of a directory, which disk looks at.
type seenFiles struct {
	fs.FS
	directory string
	disk      *disk
}

func (f seenFiles) path(name string) string {
	return filepath.Join(f.directory, filepath.FromSlash(name))
}

// ReadFile implements fs.ReadFileFS.
func (f seenFiles) ReadFile(name string) ([]byte, error) {
	return f.disk.readAtMost(f.path(name), maxSourceSize)
}

// Stat implements fs.StatFS.
func (f seenFiles) Stat(name string) (fs.FileInfo, error) { return f.disk.stat(f.path(name)) }

// readSource reads a .proto file. Errors are *Error, or wrap
// fs.ErrNotExist.
func (d *disk) readSource(path string) ([]byte, error) {
	text, err := d.readAtMost(path, maxSourceSize)
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
func (d *disk) readAtMost(path string, limit int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		d.failed(path, err)
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	switch {
	case err != nil:
		d.unfit()
		return nil, err
	case info.IsDir():
		d.seen().Exists(path, info)
	case !info.Mode().IsRegular():
		d.unfit()
	default:
		if info.Size() > limit {
			d.unfit()
			return nil, errTooLarge
		}
		data := make([]byte, info.Size())
		n, err := io.ReadFull(f, data)
		if err == io.ErrUnexpectedEOF || err == io.EOF {
			err = nil
		}
		d.seen().Contents(path, info, data[:n])
		return data[:n], err
	}
	data, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err == nil && int64(len(data)) > limit {
		err = errTooLarge
	}
	return data, err
}
