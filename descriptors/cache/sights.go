package cache

import (
	"encoding/binary"
	"errors"
	"io/fs"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// sights is a trace that was read back.
type sights []sight

// Paths of neighbours begin alike: each is how much it has in common with the
// one before, and the rest.
func appendSights(b []byte, all []sight) []byte {
	b = binary.AppendUvarint(b, uint64(len(all)))
	before := ""
	for _, s := range all {
		common := 0
		for common < len(before) && common < len(s.path) && before[common] == s.path[common] {
			common++
		}
		young := uint64(0)
		if s.young {
			young = 1
		}
		b = binary.AppendUvarint(b, uint64(s.kind)<<1|young)
		b = binary.AppendUvarint(b, uint64(common))
		b = appendString(b, s.path[common:])
		if s.kind >= identity {
			for _, v := range []uint64{s.device, s.inode, uint64(s.size), uint64(s.modified), uint64(s.changed)} {
				b = binary.AppendUvarint(b, v)
			}
			b = appendString(b, s.sum)
		}
		before = s.path
	}
	return b
}

func (s sights) append(b []byte) []byte { return appendSights(b, s) }

func appendString(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func parseTrace(data []byte) (sights, bool) {
	r := reader{data: data}
	n := r.number()
	if n > uint64(len(data)) {
		return nil, false
	}
	all := make(sights, 0, n)
	before := ""
	for range n {
		first := r.number()
		s := sight{kind: kind(first >> 1), young: first&1 != 0}
		common := r.number()
		if r.bad || s.kind < absent || s.kind > listing || common > uint64(len(before)) {
			return nil, false
		}
		s.path = before[:common] + string(r.bytes())
		if s.kind >= identity {
			s.device, s.inode = r.number(), r.number()
			s.size, s.modified, s.changed = int64(r.number()), int64(r.number()), int64(r.number())
			s.sum = string(r.bytes())
		}
		all = append(all, s)
		before = s.path
	}
	return all, r.done()
}

// fewSights is up to how many are looked at by one goroutine.
const fewSights = 256

// holds says whether everything is as it was seen; changed says that stamps
// were brought up to date of what has other stamps and the same contents, or
// was young.
func (all sights) holds() (valid, changed bool) {
	workers := min(runtime.GOMAXPROCS(0), 1+len(all)/fewSights)
	var failed, updated atomic.Bool
	var group sync.WaitGroup
	check := func(part sights) {
		for i := range part {
			if failed.Load() {
				return
			}
			same, touched := part[i].holds()
			if !same {
				failed.Store(true)
			} else if touched {
				updated.Store(true)
			}
		}
	}
	for w := 1; w < workers; w++ {
		group.Go(func() { check(all[len(all)*w/workers : len(all)*(w+1)/workers]) })
	}
	check(all[:len(all)/workers])
	group.Wait()
	return !failed.Load(), updated.Load()
}

// holds says whether one thing is as it was seen.
func (s *sight) holds() (same, touched bool) {
	info, err := os.Stat(s.path)
	if s.kind == absent {
		return nothingThere(err), false
	}
	if err != nil {
		return false, false
	}
	if s.kind == directory {
		return info.IsDir(), false
	}
	now := stampOf(info)
	switch s.kind {
	case identity:
		return identityOf(info) == s.stamp, false
	case contents:
		if !info.Mode().IsRegular() || now.size != s.size {
			return false, false
		}
	case listing:
		if !info.IsDir() {
			return false, false
		}
	}
	if now == s.stamp && !s.young {
		return true, false
	}
	return s.refresh()
}

// refresh compares what is there now with the hash, and takes the new stamp.
func (s *sight) refresh() (same, touched bool) {
	if s.sum == "" {
		return false, false
	}
	var again Trace
	if s.kind == listing {
		again.list(s.path)
	} else {
		again.read(s.path, s.size)
	}
	for _, now := range again.sights {
		if now.kind != s.kind || now.sum != s.sum {
			return false, false
		}
		touched = now.stamp != s.stamp || now.young != s.young
		*s = now
		return true, touched
	}
	return false, false
}

// list looks at a directory.
func (t *Trace) list(path string) {
	info, err := os.Stat(path)
	if err != nil {
		return
	}
	if entries, err := os.ReadDir(path); err == nil {
		t.Listing(path, info, entries)
	}
}

// read looks at a file of that size.
func (t *Trace) read(path string, size int64) {
	f, err := os.Open(path)
	if err != nil {
		return
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || info.Size() != size || !info.Mode().IsRegular() {
		return
	}
	data := make([]byte, size)
	if n, err := f.ReadAt(data, 0); n == len(data) && (err == nil || size == 0) {
		s := sight{kind: contents, path: path, stamp: stampOf(info), sum: sumOf(data)}
		s.young = s.stamp.young(time.Now())
		t.add(s)
	}
}

// nothingThere says that the error of looking at a path means that nothing is
// there, also because what should be a directory on the way is a file.
func nothingThere(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
}
