package descriptors

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// maxLinks bounds how many links to directories one walk follows.
const maxLinks = 1000

// walkRoot walks a directory, which may itself be given by a symbolic link,
// and then the directories that links below it lead to, unless they have been
// walked or the root lies in them. So every directory is seen once, by its own
// name if it has one under the root. Hidden directories are passed over.
func (d *disk) walkRoot(root string, visit fs.WalkDirFunc) error {
	w := walk{disk: d, visit: visit}
	err := w.from(root)
	for len(w.links) > 0 && err == nil && !w.stopped && len(w.walked) <= maxLinks {
		link := w.links[0]
		w.links = w.links[1:]
		target, broken := realPath(link)
		if broken == nil && !w.seen(target) && !below(target, w.walked[0]) {
			err = w.from(link)
		}
	}
	return err
}

// walk is one walkRoot.
type walk struct {
	disk    *disk
	visit   fs.WalkDirFunc
	links   []string // to directories, not followed yet
	walked  []string // real paths; the root's is the first
	stopped bool
}

func realPath(path string) (string, error) {
	target, err := filepath.EvalSymlinks(path)
	if err != nil {
		return "", err
	}
	return filepath.Abs(target)
}

// below says whether a path is that directory or lies in it; both are clean
// and absolute.
func below(directory, path string) bool {
	return path == directory || strings.HasPrefix(path, strings.TrimSuffix(directory, string(filepath.Separator))+string(filepath.Separator))
}

func (w *walk) seen(path string) bool {
	for _, directory := range w.walked {
		if below(directory, path) {
			return true
		}
	}
	return false
}

// from walks one directory.
func (w *walk) from(root string) error {
	real, err := realPath(root)
	if err != nil {
		real = root
	}
	before := w.walked
	w.walked = append(w.walked, real)
	top := strings.TrimSuffix(root, string(filepath.Separator)) + string(filepath.Separator)
	return filepath.WalkDir(top, func(path string, entry fs.DirEntry, err error) error {
		if entry != nil && entry.IsDir() && !hidden(entry.Name()) {
			w.disk.list(path)
		}
		switch {
		case path == top:
			path = root
		case entry.IsDir() && hidden(entry.Name()):
			return fs.SkipDir
		case entry.IsDir() && len(before) > 0 && (&walk{walked: before}).seen(filepath.Join(real, strings.TrimPrefix(path, top))):
			return fs.SkipDir
		case entry.Type()&fs.ModeSymlink != 0 && w.disk.leadsToDirectory(path):
			if !hidden(entry.Name()) {
				w.links = append(w.links, path)
			}
			return nil
		}
		err = w.visit(path, entry, err)
		w.stopped = w.stopped || err == fs.SkipAll
		return err
	})
}

func leadsToDirectory(path string) bool { return (*disk)(nil).leadsToDirectory(path) }

// leadsToDirectory remembers to which.
func (d *disk) leadsToDirectory(path string) bool {
	info, err := os.Stat(path)
	d.failed(path, err)
	if err != nil {
		return false
	}
	d.seen().Same(path, info)
	return info.IsDir()
}
