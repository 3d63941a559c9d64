// Package cache keeps what was made of files for as long as those files are
// the same. It does not know what that is: an entry is bytes under a key, with
// a Trace of everything on disk that they rest on. Package descriptors keeps
// compiled schemas in it.
//
// Nothing here is an error to anybody: what cannot be read, is damaged or does
// not hold any more is not there, and what cannot be written is not kept.
package cache

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"
	"path/filepath"
	"time"
)

// DefaultLimit bounds what a store takes on disk, in bytes.
const DefaultLimit = 256 << 20

// Store is a directory of entries. Any number of processes may use it at once:
// an entry appears whole, by being renamed. A nil Store keeps nothing.
type Store struct {
	dir   string
	build string
	limit int64
}

// New is a store in dir, which is made when the first entry is kept. Entries
// of another build are not seen. The store takes limit bytes at most, or
// DefaultLimit if that is 0; what has not been used for the longest time goes
// first.
func New(dir, build string, limit int64) *Store {
	if limit <= 0 {
		limit = DefaultLimit
	}
	return &Store{dir: dir, build: build, limit: limit}
}

// Dir is the store's directory, which may not exist.
func (s *Store) Dir() string { return s.dir }

// Limit is how many bytes the store takes at most.
func (s *Store) Limit() int64 { return s.limit }

// touchAfter is how old the time of an entry may become that is in use: it
// says when the entry was used last, to the hour.
const touchAfter = time.Hour

// Get is what was kept under a key, if everything that it rests on is as it
// was.
func (s *Store) Get(key []byte) (value []byte, ok bool) {
	if s == nil || !s.usable() {
		return nil, false
	}
	path := s.path(key)
	data, written, err := readEntry(path, s.limit)
	if err != nil {
		return nil, false
	}
	e, ok := parseEntry(data)
	if !ok || !bytes.Equal(e.key, s.full(key)) {
		return nil, false
	}
	trace, ok := parseTrace(e.trace)
	if !ok {
		return nil, false
	}
	valid, changed := trace.holds()
	switch {
	case !valid:
		return nil, false
	case changed:
		s.write(path, entry{key: e.key, trace: trace.append(nil), value: e.value})
	case time.Since(written) > touchAfter:
		now := time.Now()
		_ = os.Chtimes(path, now, now)
	}
	return e.value, true
}

// Put keeps a value that rests on what t has seen, unless t has seen something
// that cannot be told to be the same later.
func (s *Store) Put(key []byte, t *Trace, value []byte) {
	if s == nil || t == nil || !t.fit() {
		return
	}
	e := entry{key: s.full(key), trace: t.append(nil), value: value}
	if int64(len(e.trace)+len(e.value)) > s.limit/4 || !s.prepare() {
		return
	}
	if s.write(s.path(key), e) {
		s.evict()
	}
}

// full is a key with what all keys of this build have in common.
func (s *Store) full(key []byte) []byte {
	return append(append([]byte(s.build), 0), key...)
}

// path is where the entry of a key lies.
func (s *Store) path(key []byte) string {
	sum := sha256.Sum256(s.full(key))
	return filepath.Join(s.dir, hex.EncodeToString(sum[:nameBytes]))
}

// nameBytes is how much of a key's hash names the file.
const nameBytes = 16

// readEntry reads a file that is no larger than limit, and when it was
// written or used last.
func readEntry(path string, limit int64) ([]byte, time.Time, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, time.Time{}, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() || info.Size() > limit || !ours(info) {
		return nil, time.Time{}, os.ErrInvalid
	}
	data := make([]byte, info.Size())
	_, err = io.ReadFull(f, data)
	return data, info.ModTime(), err
}

// write puts an entry in its place, whole or not at all.
func (s *Store) write(path string, e entry) bool {
	f, err := os.CreateTemp(s.dir, temporary+"*")
	if err != nil {
		return false
	}
	_, err = f.Write(e.append(nil))
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return err == nil
}

// temporary is how the names of files begin that are being written.
const temporary = "new-"
