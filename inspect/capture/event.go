package capture

import (
	"bytes"
	"fmt"

	"github.com/pbscope/pbscope/inspect/frame"
	"github.com/pbscope/pbscope/inspect/span"
)

// event is what happens next in a stream: bytes, a gap or the end.
type event struct {
	c    *connection
	side int
	kind eventKind
	chunk
	// message says what a gap is.
	message string
	// cut says that the stream ends with the capture.
	cut   bool
	begun bool
}

type eventKind uint8

const (
	bytesCame eventKind = iota
	bytesLost
	bytesGiven // the bytes that no frame was found in are given up
	streamEnded
)

// mark is where the bytes of a packet lie in a stream.
type mark struct {
	from, to int64
	packet   int64
	at       stamp
	file     int64 // offset of from in the file, -1 where it has none
}

// maxMarks bounds what is remembered of the packets of one frame.
const maxMarks = 1 << 10

// What keeping an event, and a mark, takes beside bytes.
const (
	eventCost = 224
	markCost  = 96
)

// push adds an event, unless nobody wants it.
func (r *reader) push(e event) {
	if e.c.state == undecided || e.c.state == decoded {
		r.queue = append(r.queue, e)
	}
}

// handle works on the first event; it is true if it found a frame.
func (r *reader) handle(f *frame.Frame) bool {
	e := &r.queue[0]
	c := e.c
	if c.state == undecided {
		r.decide()
		return false
	}
	if c.state != decoded {
		r.pop()
		return false
	}
	s := &c.streams[e.side]
	if !e.begun {
		e.begun = true
		r.feed(s, e)
	}
	if e.kind == streamEnded {
		r.finish(c, s, e)
		r.pop()
		return false
	}
	if e.kind == bytesGiven {
		found := r.give(c, s, e, f)
		r.pop()
		return found
	}
	if r.next(c, s, f) {
		return r.wanted(f)
	}
	if e.kind == bytesLost {
		r.gap(c, s, e, f)
		r.pop()
		return r.wanted(f)
	}
	had := s.kept()
	s.side.In.Keep()
	r.buffered += s.kept() - had
	r.pop()
	return false
}

func (r *reader) pop() {
	r.queue[0] = event{}
	if r.queue = r.queue[1:]; len(r.queue) == 0 {
		r.queue = nil
	}
}

// feed gives the stream's reader what the event brings.
func (r *reader) feed(s *stream, e *event) {
	if s.side.In == nil {
		s.side.In = frame.NewFed()
		s.side.Index, s.side.Whole = e.side, s.whole
		s.side.In.Restart(e.from)
		if e.from > 0 {
			s.side.Whole = false
		}
	}
	switch e.kind {
	case bytesCame:
		had := s.kept()
		s.side.In.Feed(e.data)
		s.mark(e)
		r.buffered += s.kept() - had
	case bytesLost:
		s.side.Missing = e.to - e.from
		s.side.In.End()
	case streamEnded:
		s.side.In.End()
	}
}

// kept is what keeping the bytes takes of which a frame is not whole yet.
func (s *stream) kept() int {
	if s.side.In == nil {
		return 0
	}
	return s.side.In.Held() + len(s.marks)*markCost
}

func (s *stream) mark(e *event) {
	m := mark{from: e.from, to: e.to, packet: e.packet, at: e.at, file: e.file}
	if n := len(s.marks); n > 0 && m.packet < s.marks[n-1].packet && s.marks[n-1].to == m.from {
		// It came before, and could be read only now.
		m.packet, m.at = s.marks[n-1].packet, s.marks[n-1].at
	}
	if len(s.marks) >= maxMarks {
		s.marks = append(s.marks[:maxMarks/2], s.marks[len(s.marks)-1])
		s.marks[maxMarks/2].from, s.marks[maxMarks/2].file = s.marks[maxMarks/2-1].to, -1
	}
	s.marks = append(s.marks, m)
}

// next is the stream's next frame, false if more bytes are needed for one.
func (r *reader) next(c *connection, s *stream, f *frame.Frame) bool {
	in := s.side.In
	if !in.Ended() && in.Wanted() > in.Offset()+int64(len(in.Buffered())) {
		return false
	}
	had := s.kept()
	if err := c.conversation.Next(&s.side, f); err != nil {
		r.buffered += s.kept() - had
		return false
	}
	end := in.Offset()
	m := s.markOf(end)
	r.place(c, s, f, end, m)
	s.forget(end)
	r.buffered += s.kept() - had
	if f.Problem == nil {
		s.sound = true
	} else if !s.sound && !s.whole {
		f.Cut = true
	}
	return true
}

// markOf is the packet that a frame up to end was completed by.
func (s *stream) markOf(end int64) mark {
	for _, m := range s.marks {
		if m.to >= end {
			return m
		}
	}
	if len(s.marks) > 0 {
		return s.marks[len(s.marks)-1]
	}
	return mark{}
}

// forget drops the marks of bytes that have been read.
func (s *stream) forget(end int64) {
	i := 0
	for i+1 < len(s.marks) && s.marks[i].to <= end {
		i++
	}
	s.marks = append(s.marks[:0], s.marks[i:]...)
}

// place gives a frame, whose offsets count within the stream, its place in the
// capture.
func (r *reader) place(c *connection, s *stream, f *frame.Frame, end int64, m mark) {
	both := &struct {
		meta frame.Meta
		tcp  frame.TCP
	}{}
	if f.Meta != nil {
		both.meta = *f.Meta
	}
	both.meta.TCP = &both.tcp
	side := s.side.Index
	both.tcp = frame.TCP{
		Src: c.names[side], Dst: c.names[1-side],
		Connection: c.number, Packet: m.packet, StreamOffset: f.Offset,
	}
	both.meta.Time, both.meta.TimeDigits = m.at.time(), int(m.at.digits)
	f.Meta = &both.meta
	f.Length = end - f.Offset
	by, known := int64(0), false
	if m.file >= 0 && m.from <= f.Offset && end <= m.to {
		by, known = m.file-m.from, true
	}
	f.Offset = moved(f.Offset, by, known)
	f.PayloadOffset = moved(f.PayloadOffset, by, known)
	if f.Problem != nil {
		f.Problem.InputOffset = moved(f.Problem.InputOffset, by, known)
	}
}

func moved(offset, by int64, known bool) int64 {
	if offset < 0 || !known {
		return span.Unknown
	}
	return offset + by
}

// gap makes f the record of lost bytes, and goes on after them.
func (r *reader) gap(c *connection, s *stream, e *event, f *frame.Frame) {
	p := span.InInput(span.Gap, span.Unknown, fmt.Sprintf("%s: connection %d, %d bytes that %s sent, from %d on",
		e.message, c.number, e.to-e.from, c.ends[e.side], e.from))
	p.Length = e.to - e.from
	*f = frame.Frame{Offset: e.from, PayloadOffset: span.Unknown, Problem: p}
	r.place(c, s, f, e.to, mark{packet: e.packet, at: e.at, file: -1})
	r.buffered -= s.kept()
	s.side.In.Restart(e.to)
	s.side.Missing, s.side.Whole, s.marks, s.sound = 0, false, nil, true
	c.conversation.Resume(&s.side)
}

// finish takes the frames up to a stream's end. Of a stream that the capture
// cuts off, the last ones that are damaged are so for that reason.
func (r *reader) finish(c *connection, s *stream, e *event) {
	for {
		var f frame.Frame
		if !r.next(c, s, &f) {
			break
		}
		r.ready = append(r.ready, f)
	}
	r.buffered -= s.kept()
	for i := len(r.ready) - 1; i >= 0 && e.cut && r.ready[i].Problem != nil; i-- {
		r.ready[i].Cut = true
	}
	kept := r.ready[:0]
	for i := range r.ready {
		if r.wanted(&r.ready[i]) {
			kept = append(kept, r.ready[i])
		}
	}
	r.ready = kept
	s.side.In, s.marks, s.finished = nil, nil, true
	if c.streams[0].finished && c.streams[1].finished {
		c.conversation = nil // the connection stays known for a while
	}
}

// give makes f the record of the bytes that a stream waits to be completed.
func (r *reader) give(c *connection, s *stream, e *event, f *frame.Frame) bool {
	in := s.side.In
	n := len(in.Buffered())
	if n == 0 {
		return false
	}
	p := span.InInput(span.TooLarge, span.Unknown, "bytes given up: a frame is not whole, and there is no room to keep more of it")
	p.Length = int64(n)
	*f = frame.Frame{Offset: in.Offset(), PayloadOffset: span.Unknown, Problem: p}
	end := in.Offset() + int64(n)
	r.place(c, s, f, end, mark{packet: e.packet, at: e.at, file: -1})
	r.buffered -= s.kept()
	in.Restart(end)
	s.side.Whole, s.marks, s.sound = false, nil, true
	c.conversation.Resume(&s.side)
	return r.wanted(f)
}

// wanted says that a record's time is among those that are wanted.
func (r *reader) wanted(f *frame.Frame) bool {
	w := r.want
	if f.Meta == nil || f.Meta.TimeDigits == 0 {
		return true
	}
	t := f.Meta.Time
	switch {
	case !w.After.IsZero() && t.Before(w.After),
		!w.Before.IsZero() && !t.Before(w.Before),
		w.AfterStart > 0 && t.Before(r.start.time().Add(w.AfterStart)),
		w.BeforeStart > 0 && !t.Before(r.start.time().Add(w.BeforeStart)):
		*f = frame.Frame{}
		return false
	}
	return true
}

// decide finds the protocol of the connection of the first event, or keeps the
// event for later.
func (r *reader) decide() {
	e := r.queue[0]
	r.pop()
	c := e.c
	r.open(c, &e)
	protocol := r.recognise(c)
	if protocol == nil {
		e.data = bytes.Clone(e.data)
		r.buffered += e.cost()
		c.pending = append(c.pending, e)
		return
	}
	if protocol.Converse == nil || r.list != nil {
		r.leave(c, protocol)
		return
	}
	r.buffered -= c.waits()
	r.queue = append(append(c.pending, e), r.queue...)
	c.pending, c.state, c.protocol = nil, decoded, protocol
	c.names = [2]string{c.ends[0].String(), c.ends[1].String()}
	c.conversation = protocol.Converse(&frame.Connection{Opening: *c.opening, Note: r.noteOf(c)})
	c.opening = nil
}

// cost is what keeping the event takes. Its bytes are kept twice: they are a
// part of the connection's opening too.
func (e *event) cost() int { return 2*len(e.data) + eventCost }

// waits is what keeping the events of an undecided connection takes.
func (c *connection) waits() (n int) {
	for i := range c.pending {
		n += c.pending[i].cost()
	}
	return n
}
