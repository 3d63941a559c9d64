package capture

import "slices"

// fragments are the datagrams of which not all parts have come.
type fragments struct {
	parts map[fragmentKey]*fragmented
	// order is the keys by age; what is oldest goes first when there are too
	// many.
	order []fragmentKey
}

const (
	maxDatagrams    = 256
	maxDatagramSize = 64 << 10
	maxParts        = 1 << 10 // of one datagram
)

type fragmentKey struct {
	src, dst [16]byte
	id       uint32
	protocol byte
}

// fragmented is a datagram in parts.
type fragmented struct {
	data  []byte
	have  []piece // which bytes of data have come; ascending, apart
	total int     // 0 until the last part has come
	parts int
}

// piece is the bytes from from up to to.
type piece struct{ from, to int }

// fragment adds a part of a datagram; it is true when all have come, and d is
// then the whole. The first copy of a byte counts.
func (l *layers) fragment(d *datagram, id uint32, at int, more bool) bool {
	if d.total > len(d.data) || at+len(d.data) > maxDatagramSize {
		return false // cut by the snap length, or none
	}
	key := fragmentKey{d.src, d.dst, id, d.protocol}
	f := l.fragments.get(key)
	if f.parts++; f.parts > maxParts {
		return false
	}
	end := at + len(d.data)
	if !more {
		f.total = end
	}
	if len(f.data) < end {
		f.data = append(f.data, make([]byte, end-len(f.data))...)
	}
	f.fill(at, d.data)
	if f.total == 0 || len(f.have) != 1 || f.have[0] != (piece{0, f.total}) {
		return false
	}
	l.fragments.drop(key)
	d.data, d.total, d.at = f.data, f.total, -1
	return true
}

func (s *fragments) get(key fragmentKey) *fragmented {
	if f := s.parts[key]; f != nil {
		return f
	}
	if s.parts == nil {
		s.parts = make(map[fragmentKey]*fragmented)
	}
	if len(s.order) >= maxDatagrams {
		delete(s.parts, s.order[0])
		s.order = slices.Delete(s.order, 0, 1)
	}
	f := new(fragmented)
	s.parts[key] = f
	s.order = append(s.order, key)
	return f
}

func (s *fragments) drop(key fragmentKey) {
	delete(s.parts, key)
	if i := slices.Index(s.order, key); i >= 0 {
		s.order = slices.Delete(s.order, i, i+1)
	}
}

// fill copies the bytes that have not come yet.
func (f *fragmented) fill(at int, data []byte) {
	end := at + len(data)
	from := at
	for _, have := range f.have {
		if have.from > from && from < end {
			copy(f.data[from:min(have.from, end)], data[from-at:])
		}
		from = max(from, have.to)
	}
	if from < end {
		copy(f.data[from:end], data[from-at:])
	}
	f.have = append(f.have, piece{at, end})
	slices.SortFunc(f.have, func(a, b piece) int { return a.from - b.from })
	joined := f.have[:1]
	for _, p := range f.have[1:] {
		if last := &joined[len(joined)-1]; p.from <= last.to {
			last.to = max(last.to, p.to)
		} else {
			joined = append(joined, p)
		}
	}
	f.have = joined
}
