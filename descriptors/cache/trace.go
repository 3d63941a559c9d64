package cache

import (
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"time"
)

// Trace is what somebody looked at on disk: files that were read, directories
// that were listed, and paths that led to nothing. All methods may be called
// on a nil Trace, which remembers nothing, and from several goroutines.
type Trace struct {
	mu     sync.Mutex
	sights map[string]sight // by kind and path
	unfit  bool
}

// sight is one thing that was seen.
type sight struct {
	kind kind
	path string
	stamp
	// young says that the stamp was of the same moment: a change right after
	// would not show in it.
	young bool
	// sum is the start of a SHA-256 over a file's contents or a directory's
	// names, "" for a large file that was not young.
	sum string
}

type kind byte

const (
	absent    kind = iota + 1 // nothing is there
	directory                 // a directory, whatever is in it
	identity                  // that file or directory, whatever is in it
	contents                  // a file with those contents
	listing                   // a directory with those entries
)

// sumSize is how much is kept of a hash, in bytes.
const sumSize = 16

// largeFile is the size in bytes from which contents are hashed only where
// the stamp does not do: reading so much would take longer than the work that
// is saved.
const largeFile = 4 << 20

// Absent says that a path leads to nothing.
func (t *Trace) Absent(path string) { t.add(sight{kind: absent, path: path}) }

// Exists says what a path leads to, no matter what is in it.
func (t *Trace) Exists(path string, info fs.FileInfo) {
	if info.IsDir() {
		t.add(sight{kind: directory, path: path})
		return
	}
	t.Same(path, info)
}

// Same says which file or directory a path leads to, no matter what is in it.
func (t *Trace) Same(path string, info fs.FileInfo) {
	t.add(sight{kind: identity, path: path, stamp: identityOf(info)})
}

// Stamped says that a file was read in parts, of which nobody has a hash. The
// info is from before.
func (t *Trace) Stamped(path string, info fs.FileInfo) {
	s := stampOf(info)
	if !info.Mode().IsRegular() || s.young(time.Now()) {
		t.Unfit()
		return
	}
	t.add(sight{kind: contents, path: path, stamp: s})
}

// Contents says that a file has those contents. The info is the open file's,
// from before it was read.
func (t *Trace) Contents(path string, info fs.FileInfo, data []byte) {
	if t == nil {
		return
	}
	if !info.Mode().IsRegular() {
		t.Unfit()
		return
	}
	s := sight{kind: contents, path: path, stamp: stampOf(info)}
	s.young = s.stamp.young(time.Now())
	if s.young || len(data) < largeFile {
		s.sum = sumOf(data)
	}
	t.add(s)
}

// Listing says that a directory has those entries, of which only those matter
// that Matters names. The info is from before they were read.
func (t *Trace) Listing(path string, info fs.FileInfo, entries []fs.DirEntry) {
	if t == nil {
		return
	}
	s := sight{kind: listing, path: path, stamp: stampOf(info)}
	s.young, s.sum = s.stamp.young(time.Now()), sumOfListing(entries)
	t.add(s)
}

// Matters says whether an entry of a directory can decide anything: a
// directory, a link, or a .proto file.
func Matters(entry fs.DirEntry) bool {
	return entry.IsDir() || entry.Type()&fs.ModeSymlink != 0 || strings.HasSuffix(entry.Name(), ".proto")
}

// Unfit says that something was seen that cannot be told to be the same later:
// a pipe, the network, a file that cannot be read now.
func (t *Trace) Unfit() {
	if t != nil {
		t.mu.Lock()
		t.unfit = true
		t.mu.Unlock()
	}
}

// Add adds what another trace has seen.
func (t *Trace) Add(other *Trace) {
	if t == nil || other == nil {
		return
	}
	for _, s := range other.sorted() {
		t.add(s)
	}
	if !other.fit() {
		t.Unfit()
	}
}

// add keeps the first of equal sights. Two that contradict each other make the
// trace unfit: somebody was at work meanwhile.
func (t *Trace) add(s sight) {
	if t == nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.sights == nil {
		t.sights = make(map[string]sight)
	}
	key := string(rune(s.kind)) + s.path
	before, ok := t.sights[key]
	if !ok {
		t.sights[key] = s
	} else if before.stamp != s.stamp || before.sum != s.sum {
		t.unfit = true
	}
}

func (t *Trace) fit() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return !t.unfit
}

// sorted is what was seen, by path.
func (t *Trace) sorted() []sight {
	t.mu.Lock()
	defer t.mu.Unlock()
	all := make([]sight, 0, len(t.sights))
	for _, s := range t.sights {
		all = append(all, s)
	}
	slices.SortFunc(all, func(a, b sight) int {
		if c := strings.Compare(a.path, b.path); c != 0 {
			return c
		}
		return int(a.kind) - int(b.kind)
	})
	return all
}

// append adds the trace in wire form.
func (t *Trace) append(b []byte) []byte { return appendSights(b, t.sorted()) }

func sumOf(data []byte) string {
	sum := sha256.Sum256(data)
	return string(sum[:sumSize])
}

// sumOfListing hashes the names and kinds of the entries that matter, in their
// order, which is that of the names.
func sumOfListing(entries []fs.DirEntry) string {
	h := sha256.New()
	for _, e := range entries {
		if Matters(e) {
			sumEntry(h, e)
		}
	}
	return string(h.Sum(nil)[:sumSize])
}

func sumEntry(h hash.Hash, e fs.DirEntry) {
	b := binary.LittleEndian.AppendUint32(nil, uint32(e.Type()))
	b = append(append(b, e.Name()...), 0)
	_, _ = h.Write(b)
}
