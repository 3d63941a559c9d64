package capture

import (
	"bytes"
	"slices"

	"github.com/pbscope/pbscope/inspect/frame"
)

// chunk is bytes of a stream that came in one packet.
type chunk struct {
	from, to int64 // stream offsets
	data     []byte
	missing  int64 // bytes after it that the capture has cut off
	packet   int64
	at       stamp
	file     int64 // offset in the file, -1 where it does not lie there
	order    int64 // how many packets the connection had
}

// stream is one direction of a connection, put in order. Of bytes that come
// twice the first copy counts, as for most systems' TCP.
type stream struct {
	// Of all packets, also those of a connection that is not followed.
	syn      bool // isn is known
	isn      uint32
	seen     bool // firstSeq is known
	firstSeq uint32

	// Offsets count from the byte with the sequence number zero, which is set
	// by a SYN, by what the other side acknowledged, or by the first segment.
	zero  uint32
	set   bool
	whole bool // offset 0 is the direction's first byte
	going bool // bytes are handed on; before, the start may still move

	next   int64 // the first byte that has not been handed on
	acked  int64 // what the other side has, if hasAck
	hasAck bool
	// When that came, in packets of the connection and in time.
	ackedOrder int64
	ackedAt    stamp
	fin        int64 // where the stream ends, -1 while that is not known
	held       []chunk
	size       int // bytes in held, with what keeping them takes
	wait       wait
	closed     bool // its end has been handed on

	packets        int64
	bytes          int64 // captured, each once
	gaps, gapBytes int64
	late           int64 // bytes that came after they were taken for lost
	early          int64 // bytes from before the start, which came after it was settled

	side  frame.Side
	marks []mark
	// finished says that its end has been read.
	finished bool
	sound    bool // a whole frame was found, or bytes were lost, since the start
}

// chunkCost is what keeping a chunk takes beside its bytes.
const chunkCost = 128

// offset is where a sequence number lies, next to what is expected.
func (s *stream) offset(seq uint32) int64 {
	return s.next + int64(int32(seq-s.zero-uint32(s.next)))
}

// begin sets the sequence number of the direction's first byte.
func (s *stream) begin(seq uint32) {
	switch {
	case s.going:
		s.whole = s.whole || s.offset(seq) == 0
		return
	case s.set:
		s.shift(s.offset(seq))
	default:
		s.zero = seq
	}
	s.set, s.whole, s.going = true, true, true
	s.trim()
}

// shift moves offset 0 to another place.
func (s *stream) shift(by int64) {
	s.zero += uint32(by)
	s.acked -= by
	if s.fin >= 0 {
		s.fin -= by
	}
	for i := range s.held {
		s.held[i].from -= by
		s.held[i].to -= by
	}
}

// trim drops held bytes before the start.
func (s *stream) trim() {
	for len(s.held) > 0 && s.held[0].from < s.next {
		h := &s.held[0]
		if h.to <= s.next {
			s.size -= len(h.data) + chunkCost
			s.held = slices.Delete(s.held, 0, 1)
			continue
		}
		h.cut(s.next)
	}
}

// cut drops the bytes before an offset.
func (h *chunk) cut(from int64) {
	n := from - h.from
	h.from = from
	if h.data != nil {
		h.data = h.data[n:]
	}
	if h.file >= 0 {
		h.file += n
	}
}

// acknowledge takes note of what the other side has. It is true if that is
// less than it had before, and the packet came out of order.
func (s *stream) acknowledge(ack uint32, order int64, at stamp) (late bool) {
	if !s.set {
		s.zero, s.set = ack, true
	}
	has := s.offset(ack)
	if s.hasAck && has <= s.acked {
		return has < s.acked
	}
	s.acked, s.hasAck, s.ackedOrder, s.ackedAt = has, true, order, at
	return false
}

// hold keeps a chunk for later, but for the bytes that are held already. It is
// true where those differ from the chunk's.
func (s *stream) hold(c chunk, keep bool) (differs bool) {
	i, _ := slices.BinarySearchFunc(s.held, c.from, func(h chunk, from int64) int { return int(h.to - from) })
	for ; c.from < c.to && i < len(s.held) && s.held[i].from < c.to; i++ {
		h := &s.held[i]
		if c.from < h.from {
			part := c
			part.to, part.missing = h.from, 0
			part.data = c.part(c.from, h.from)
			s.insert(i, part, keep)
			i++
			h = &s.held[i]
		}
		if overlap := min(c.to, h.to); c.from < overlap {
			differs = differs || !bytes.Equal(c.part(max(c.from, h.from), overlap), h.part(max(c.from, h.from), overlap))
		}
		if h.to >= c.to {
			return differs
		}
		c.cut(max(c.from, h.to))
	}
	if c.from < c.to || c.missing > 0 {
		s.insert(i, c, keep)
	}
	return differs
}

// part is the bytes between two offsets, nil where they are not kept.
func (h *chunk) part(from, to int64) []byte {
	if h.data == nil {
		return nil
	}
	return h.data[from-h.from : to-h.from]
}

func (s *stream) insert(i int, c chunk, keep bool) {
	if keep {
		c.data = bytes.Clone(c.data)
	} else {
		c.data = nil
	}
	s.held = slices.Insert(s.held, i, c)
	s.size += len(c.data) + chunkCost
}

// first takes the first held chunk off.
func (s *stream) first() chunk {
	c := s.held[0]
	s.held[0] = chunk{}
	if s.held = s.held[1:]; len(s.held) == 0 {
		s.held = nil
	}
	s.size -= len(c.data) + chunkCost
	return c
}
