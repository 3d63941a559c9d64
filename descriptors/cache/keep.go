package cache

import (
	"cmp"
	"encoding/hex"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// maxEntries bounds the number of entries of a store.
const maxEntries = 4096

// usable says whether the directory is there and the user's own.
func (s *Store) usable() bool {
	info, err := os.Stat(s.dir)
	return err == nil && info.IsDir() && owned(info)
}

// prepare makes the directory, and says whether it can be used. The tag tells
// programs that make backups to leave it out (https://bford.info/cachedir).
func (s *Store) prepare() bool {
	if info, err := os.Stat(s.dir); err == nil {
		if !info.IsDir() || !owned(info) {
			return false
		}
		return info.Mode().Perm()&0o077 == 0 || os.Chmod(s.dir, 0o700) == nil
	}
	if os.MkdirAll(s.dir, 0o700) != nil || !s.usable() {
		return false
	}
	tag := "Signature: 8a477f597d28d172789f06886806bc55\n# This directory is a cache of pbscope's.\n"
	_ = os.WriteFile(filepath.Join(s.dir, tagName), []byte(tag), 0o600)
	return true
}

const tagName = "CACHEDIR.TAG"

// kept is a file of a store.
type kept struct {
	name string
	size int64
	used time.Time
}

func isEntry(name string) bool {
	_, err := hex.DecodeString(name)
	return err == nil && len(name) == 2*nameBytes
}

// list is the entries, those that were used last first, and the names of files
// that nobody is writing to any more.
func (s *Store) list() (entries []kept, left []string) {
	if !s.usable() {
		return nil, nil
	}
	all, err := os.ReadDir(s.dir)
	if err != nil {
		return nil, nil
	}
	for _, e := range all {
		info, err := e.Info()
		switch {
		case err != nil || !info.Mode().IsRegular():
		case isEntry(e.Name()):
			entries = append(entries, kept{e.Name(), info.Size(), info.ModTime()})
		case strings.HasPrefix(e.Name(), temporary) && time.Since(info.ModTime()) > time.Hour:
			left = append(left, e.Name())
		}
	}
	slices.SortFunc(entries, func(a, b kept) int {
		return cmp.Or(b.used.Compare(a.used), strings.Compare(a.name, b.name))
	})
	return entries, left
}

// evict removes what is too much.
func (s *Store) evict() {
	entries, left := s.list()
	var total int64
	for i, e := range entries {
		if total += e.size; total > s.limit || i >= maxEntries {
			left = append(left, e.name)
		}
	}
	s.remove(left)
}

func (s *Store) remove(names []string) (removed int) {
	for _, name := range names {
		if os.Remove(filepath.Join(s.dir, name)) == nil {
			removed++
		}
	}
	return removed
}

// Info is what a store holds.
type Info struct {
	// Dir is the directory, which need not exist.
	Dir string
	// Entries is how many there are; Bytes is their size together, Limit what
	// that may become.
	Entries      int
	Bytes, Limit int64
}

// Info looks at all entries.
func (s *Store) Info() Info {
	info := Info{Dir: s.dir, Limit: s.limit}
	entries, _ := s.list()
	for _, e := range entries {
		info.Entries++
		info.Bytes += e.size
	}
	return info
}

// Clear removes all entries, and the directory if nothing else is in it. It
// says how many entries there were; the error is of an entry that could not
// be removed.
func (s *Store) Clear() (int, error) {
	entries, left := s.list()
	s.remove(left)
	removed := 0
	for _, e := range entries {
		err := os.Remove(filepath.Join(s.dir, e.name))
		if err != nil && !os.IsNotExist(err) {
			return removed, err
		}
		removed++
	}
	if names, err := os.ReadDir(s.dir); err == nil && (len(names) == 0 || len(names) == 1 && names[0].Name() == tagName) && s.usable() {
		_ = os.Remove(filepath.Join(s.dir, tagName))
		_ = os.Remove(s.dir)
	}
	return removed, nil
}
