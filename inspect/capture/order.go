package capture

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/pbscope/pbscope/inspect/frame"
)

// segment puts a segment's bytes in their place and hands on what can be read.
func (r *reader) segment(c *connection, side int, seg *segment, p *packet) {
	s, other := &c.streams[side], &c.streams[1-side]
	seq := seg.seq
	if seg.flags&flagSYN != 0 {
		seq++
		s.begin(seq)
		if seg.flags&flagACK != 0 && !other.whole {
			other.begin(seg.ack)
		}
	}
	if !s.set {
		s.zero, s.set = seq, true
	}
	if seg.flags&(flagACK|flagRST) == flagACK {
		if !other.set && s.whole && s.next == 0 && seg.flags&flagSYN == 0 && s.offset(seq) == 0 {
			// The first answer to a SYN with ACK that was not captured.
			other.begin(seg.ack)
		}
		if other.acknowledge(seg.ack, c.packets, p.at) {
			c.came(other.ackedOrder, other.ackedAt, p)
		}
	}
	from := s.offset(seq)
	if seg.flags&flagFIN != 0 && s.fin < 0 {
		s.fin = from + int64(len(seg.data)+seg.missing)
	}
	if len(seg.data) > 0 || seg.missing > 0 {
		r.bytes(c, side, chunk{
			from: from, to: from + int64(len(seg.data)), data: seg.data,
			missing: int64(seg.missing), packet: p.number, at: p.at, file: seg.offset, order: c.packets,
		}, p)
	}
	r.settle(c, 0)
	r.settle(c, 1)
	if seg.flags&flagRST != 0 && !c.reset {
		c.reset, c.ending, c.endingAt = true, p.number, r.now
		r.ending = append(r.ending, c)
	}
	if c.streams[0].closed && c.streams[1].closed {
		r.over(c, false)
	}
}

// bytes takes a chunk in.
func (r *reader) bytes(c *connection, side int, k chunk, p *packet) {
	s := &c.streams[side]
	c.compare(s, &k, p)
	if s.going && !s.whole && k.from < 0 && (k.from < -1 || k.to > 0) { // but for a keep-alive probe
		s.early += min(k.to, 0) - k.from
	}
	switch {
	case s.fin >= 0 && k.from >= s.fin:
		return // after the end
	case s.going && k.to <= s.next && k.missing == 0:
		if s.gaps > 0 {
			s.late += k.to - k.from
		}
		return // again, or a keep-alive probe
	}
	if s.going && k.from < s.next {
		k.cut(min(s.next, k.to))
	}
	if s.going && k.from == s.next && (len(s.held) == 0 || s.held[0].from >= k.to+k.missing) {
		r.deliver(c, side, k)
		return
	}
	had := s.size
	if s.hold(k, c.state == undecided || c.state == decoded) {
		r.noteOf(c)(fmt.Sprintf("bytes that %s sent twice differ; the first copy counts", c.ends[side]))
	}
	r.buffered += s.size - had
}

// compare takes note of a chunk that comes after later ones of its stream.
func (c *connection) compare(s *stream, k *chunk, p *packet) {
	if len(s.held) == 0 || s.held[len(s.held)-1].from < k.from || s.going && k.to <= s.next {
		return
	}
	// A few of them tell enough.
	i, _ := slices.BinarySearchFunc(s.held, k.from, func(h chunk, from int64) int { return cmp.Compare(h.from, from) })
	first := &s.held[i]
	for j := range s.held[i:min(i+16, len(s.held))] {
		if h := &s.held[i+j]; h.order < first.order {
			first = h
		}
	}
	c.came(first.order, first.at, p)
}

// settle hands on what is no longer waited for.
func (r *reader) settle(c *connection, side int) {
	s := &c.streams[side]
	if s.closed {
		return
	}
	if !s.going && c.mayStart(side) {
		s.start()
	}
	if !s.going {
		return
	}
	r.drain(c, side)
	for c.over(side) {
		r.lose(c, side, s.held[0].from, "")
		r.drain(c, side)
	}
	if s.fin >= 0 && s.next >= s.fin {
		r.close(c, side, false)
	}
}

// start begins a stream whose start was not captured with its first bytes.
func (s *stream) start() {
	s.shift(s.held[0].from)
	s.going = true
}

// drain hands on what is held and follows.
func (r *reader) drain(c *connection, side int) {
	s := &c.streams[side]
	for len(s.held) > 0 && s.held[0].from <= s.next {
		had := s.size
		k := s.first()
		r.buffered += s.size - had
		if k.from < s.next {
			k.cut(min(s.next, k.to))
		}
		r.deliver(c, side, k)
	}
}

// deliver hands on a chunk that is next, and loses what was cut off after it.
func (r *reader) deliver(c *connection, side int, k chunk) {
	s := &c.streams[side]
	if k.to > k.from {
		s.next = k.to
		s.bytes += k.to - k.from
		r.push(event{c: c, side: side, kind: bytesCame, chunk: k})
	}
	if k.missing > 0 && k.to == s.next {
		r.loseAt(c, side, k.to+k.missing, "bytes cut off by the capture's snapshot length", k.packet, k.at)
	}
}

// lose makes the bytes up to an offset a gap.
func (r *reader) lose(c *connection, side int, to int64, message string) {
	packet, at := r.packets, c.last
	if held := c.streams[side].held; len(held) > 0 {
		packet, at = held[0].packet, held[0].at
	}
	r.loseAt(c, side, to, message, packet, at)
}

func (r *reader) loseAt(c *connection, side int, to int64, message string, packet int64, at stamp) {
	s := &c.streams[side]
	if message == "" {
		message = "bytes lost by the capture"
	}
	s.gaps++
	s.gapBytes += to - s.next
	r.push(event{c: c, side: side, kind: bytesLost, message: message,
		chunk: chunk{from: s.next, to: to, packet: packet, at: at, file: -1}})
	s.next = to
}

// close hands on a stream's end. cut says that it is not the stream's own.
func (r *reader) close(c *connection, side int, cut bool) {
	s := &c.streams[side]
	if s.closed {
		return
	}
	s.closed = true
	r.push(event{c: c, side: side, kind: streamEnded, chunk: chunk{from: s.next, to: s.next, packet: r.packets, at: c.last}, cut: cut})
}

// over ends a connection: nothing more is waited for. cut says that it may
// well have gone on.
func (r *reader) over(c *connection, cut bool) {
	if c.done {
		return
	}
	for side := range c.streams {
		r.rest(c, side, cut && !c.reset)
	}
	c.done = true
}

// rest hands on all that there is of a stream, and its end.
func (r *reader) rest(c *connection, side int, cut bool) {
	s := &c.streams[side]
	if s.closed || c.state == ignored {
		return
	}
	if !s.going && len(s.held) > 0 {
		s.start()
	}
	r.drain(c, side)
	for len(s.held) > 0 {
		r.lose(c, side, s.held[0].from, "")
		r.drain(c, side)
	}
	if end := s.end(); end > s.next {
		r.lose(c, side, end, "")
	}
	r.close(c, side, cut)
}

// end is where a stream ends, as far as is known. An acknowledgement of one
// byte more than there is belongs to a FIN.
func (s *stream) end() int64 {
	switch {
	case s.fin >= 0:
		return s.fin
	case s.packets > 0 && s.hasAck && s.acked > s.next+1 && s.acked-s.next <= maxTail:
		return s.acked
	}
	return s.next
}

// maxTail is how many bytes may be lost at a stream's end; what acknowledges
// more is damaged.
const maxTail = 1 << 30

// drop forgets a connection, which is over.
func (r *reader) drop(c *connection, cut bool) {
	r.over(c, cut)
	r.table.remove(c)
	r.dropped = append(r.dropped, c)
}

// expire ends the connections that were reset a while ago: packets of before
// may come a little later.
func (r *reader) expire() {
	for len(r.ending) > 0 {
		c := r.ending[0]
		if packets, time := c.late.less(r.packets-c.ending, r.now.since(c.endingAt)); !c.done && packets < resetPackets && time < ackedTime {
			return
		}
		r.ending = r.ending[1:]
		r.over(c, false)
	}
}

// resetPackets is how many packets of the capture a reset connection waits.
const resetPackets = 256

// maxBuffered is how many bytes are kept for all connections together. When
// they are more, the connections that keep most are not waited for any longer:
// holes in them become gaps, and a frame that is not whole is given up.
const maxBuffered = 48 << 20

// relieve gives up what the connections with the most bytes wait for, until an
// eighth of the room is free.
func (r *reader) relieve() {
	type loaded struct {
		c *connection
		n int
	}
	var all []loaded
	r.buffered = 0
	for c := r.table.oldest; c != nil; c = c.newer {
		if n := c.load(); n > 0 {
			all = append(all, loaded{c, n})
			r.buffered += n
		}
	}
	slices.SortFunc(all, func(a, b loaded) int { return cmp.Or(b.n-a.n, cmp.Compare(a.c.number, b.c.number)) })
	for left := r.buffered; len(all) > 0 && left > maxBuffered/8*7; all = all[1:] {
		r.giveUp(all[0].c)
		left -= all[0].n
	}
}

// giveUp has a connection wait for nothing any longer.
func (r *reader) giveUp(c *connection) {
	if c.state == undecided {
		r.leave(c, unknownProtocol())
		return
	}
	for side := range c.streams {
		s := &c.streams[side]
		if s.kept() > 0 {
			r.push(event{c: c, side: side, kind: bytesGiven, chunk: chunk{packet: r.packets, at: c.last, file: -1}})
		}
		if !s.going && len(s.held) > 0 {
			s.start()
		}
		r.drain(c, side)
		for len(s.held) > 0 {
			r.lose(c, side, s.held[0].from, "bytes waited for until there was no room to keep those after them")
			r.drain(c, side)
		}
	}
}

// load is the bytes that a connection keeps.
func (c *connection) load() int {
	n := c.waits()
	for i := range c.streams {
		n += c.streams[i].size + c.streams[i].kept()
	}
	return n
}

// leave lets a connection alone from now on.
func (r *reader) leave(c *connection, protocol *frame.Protocol) {
	c.protocol, c.state = protocol, ignored
	if r.list != nil {
		c.state = counted
	}
	r.buffered -= c.waits()
	c.pending, c.opening = nil, nil
	if c.state == ignored {
		for i := range c.streams {
			r.buffered -= c.streams[i].size
			c.streams[i].held, c.streams[i].size = nil, 0
		}
	}
}
