package tws

import (
	"slices"

	"github.com/pbscope/pbscope/inspect/frame"
	"github.com/pbscope/pbscope/inspect/span"
	"github.com/pbscope/pbscope/inspect/wire"
)

// How much the head of a frame looks like one.
type likelihood int

const (
	impossible likelihood = iota
	unlikely              // an id far from any that exists
	possible              // an id that is not known, as new versions bring
	known
)

// headBytes are the bytes of a frame that judge looks at, length included:
// enough for an id in digits and NUL.
const headBytes = 16

// judge looks at the first bytes of a frame whose payload has n bytes; head
// begins with the length.
func (r *reader) judge(head []byte, n int) likelihood {
	if n == 0 || len(head) < 5 {
		return impossible
	}
	payload := head[4:min(len(head), 4+n)]
	if r.direction != server && payload[0] == 'v' {
		if len(payload) > 1 && payload[1] >= '0' && payload[1] <= '9' {
			return known
		}
		return impossible
	}
	wireID, digits, _, ok := splitID(payload)
	if !ok {
		return impossible
	}
	id, _ := baseID(wireID)
	if digits {
		id = wireID
	}
	if r.table().exists(r.direction, id) {
		return known
	}
	if id == 0 || id > highestID {
		return unlikely
	}
	return possible
}

// at judges the frame that begins skip bytes after the input's place; its end
// is counted from the input's place too. The input's end is as good as a frame.
func (r *reader) at(skip int) (end int, l likelihood) {
	b, _ := r.in.Need(skip + 4)
	if len(b) == skip {
		return skip, known
	}
	if len(b) < skip+4 {
		return skip, impossible
	}
	if string(b[skip:skip+4]) == handshake && r.direction != server {
		if b, _ = r.in.Need(skip + beginning); isHandshake(b[skip:]) {
			return skip + 4, known
		}
		return skip, impossible
	}
	n := length(b[skip:])
	if n > maxFrame {
		return skip, impossible
	}
	b, _ = r.in.Need(skip + min(4+n, headBytes))
	return skip + 4 + n, r.judge(b[skip:], n)
}

// chained says that a frame that begins skip bytes after the input's place is
// likely, or that the input ends there.
func (r *reader) chained(skip int) bool {
	_, l := r.at(skip)
	return l >= possible
}

// startsFrame says whether a stream that need not begin with a frame does. A
// whole frame with a known id of four bytes and a body that is one tells
// enough; digits and NUL stand within text too, and must be followed by a frame.
func (r *reader) startsFrame() bool {
	b, _ := r.in.Need(beginning)
	if sender := senderOf(b); sender != "" && sender == r.direction || len(b) < 4 {
		return true
	}
	fourBytes := len(b) >= 8 && b[4] == 0
	end, l := r.at(0)
	if b, _ = r.in.Need(end); l == known && fourBytes {
		if len(b) < end {
			// A truncated frame and nothing else.
			return end <= likelyBytes && r.style() != digitsID && !r.cut()
		}
		if r.solid(b[:end]) {
			return true
		}
	}
	return r.frameAt(0, possible)
}

// cut says that the frame at the input's place, for which the input is too
// short, is rather a wrong length: frames follow within it.
func (r *reader) cut() bool {
	if r.in.Starved() {
		return false
	}
	b := r.in.Buffered()
	for skip := 1; skip < min(len(b), frame.MaxKept); skip++ {
		if r.frameAt(skip, known) {
			return true
		}
	}
	return false
}

// lose makes f the length at the input's place, which begins no frame, and has
// the next frame looked for.
func (r *reader) lose(f *frame.Frame, message string) {
	n := 1
	for n < 4 && !r.frameAt(n, known) {
		n++
	}
	if r.in.Starved() {
		return
	}
	frame.Damaged(r.in, f, int64(n), span.InInput(span.InvalidFrame, r.in.Offset(), message))
	r.lost = true
}

// search is how far the next frame has been looked for. Its offsets are those
// of the input.
type search struct {
	on    bool
	start int64
	// next is the first offset that has not been looked at.
	next int64
	// maybe are offsets before next where a frame seems to begin that the
	// bytes are not there yet to tell; ascending.
	maybe []int64
	// unframed says that the stream begins like text without frames.
	unframed bool
}

// maxMaybe bounds the places that are kept in mind.
const maxMaybe = 64

// skip makes f the bytes up to the next frame that is known and followed by
// others, or by the input's end. It is false if there are none, or if the
// input is starved; r.search then says how far it came.
func (r *reader) skip(f *frame.Frame) bool {
	s := &r.search
	if !s.on {
		*s = search{on: true, start: r.in.Offset(), next: r.in.Offset()}
		head, _ := r.in.Need(8)
		s.unframed = s.start == 0 && isUnframed(head[:min(len(head), 8)])
	}
	p := span.InInput(span.Skipped, s.start, "bytes passed over up to the next frame")
	boundary, found := r.find()
	if r.in.Starved() {
		return false
	}
	if !found {
		noFrame(p, s.unframed)
	}
	skipped := boundary - s.start
	start, ahead := s.start, int(boundary-r.in.Offset())
	*s = search{}
	r.lost = false
	if skipped == 0 {
		return false
	}
	if start == r.in.Offset() {
		frame.Damaged(r.in, f, skipped, p)
	} else {
		f.Problem, f.Offset, f.PayloadOffset = p, start, span.Unknown
		r.in.Advance(ahead)
	}
	p.Length = skipped
	return true
}

// find is the offset of the next frame, or of the input's end.
func (r *reader) find() (boundary int64, found bool) {
	s := &r.search
	if at, ok := r.settle(); ok {
		return at, true
	}
	for {
		r.in.Begin()
		ahead := int(s.next - r.in.Offset())
		b, _ := r.in.Need(ahead + 1)
		if len(b) == ahead {
			return s.next, false
		}
		none := noFrameIn(b[ahead:])
		if none == 0 {
			ok := r.frameAt(ahead, known)
			if r.in.Starved() {
				s.maybe = append(s.maybe, s.next)
			} else if ok {
				return s.next, true
			}
			none = 1
		}
		s.next += int64(none)
		r.forget()
	}
}

// settle looks again at the places where a frame seemed to begin.
func (r *reader) settle() (at int64, ok bool) {
	s := &r.search
	kept := s.maybe[:0:0]
	for i, at := range s.maybe {
		r.in.Begin()
		ok := r.frameAt(int(at-r.in.Offset()), known)
		if r.in.Starved() {
			kept = append(kept, at)
		} else if ok {
			s.maybe = append(kept, s.maybe[i:]...)
			return at, true
		}
	}
	s.maybe = kept
	return 0, false
}

// forget passes over bytes that are too many to keep, and over places that are
// too many to keep in mind.
func (r *reader) forget() {
	s := &r.search
	if len(s.maybe) > maxMaybe {
		s.maybe = slices.Delete(s.maybe, 0, 1)
	}
	keep := s.next
	if len(s.maybe) > 0 {
		keep = s.maybe[0]
	}
	if r.in.Offset() > s.start || keep-s.start > frame.MaxKept {
		r.in.Advance(int(keep - r.in.Offset()))
	}
}

// noFrameIn is the number of bytes at the start of b at which no frame can
// begin, as their lengths and the bytes after them show.
func noFrameIn(b []byte) int {
	i := 0
	for ; i+5 <= len(b); i++ {
		if b[i] == 0 && (b[i+4] <= '9' || b[i+4] == 'v') || b[i] == handshake[0] {
			break
		}
	}
	return i
}

// isUnframed says that a stream begins with a number and NUL, as clients spoke
// before there were lengths.
func isUnframed(head []byte) bool {
	i := 0
	for i < len(head) && head[i] >= '0' && head[i] <= '9' {
		i++
	}
	return i > 0 && i < len(head) && head[i] == 0
}

// noFrame makes p the problem of bytes up to the input's end.
func noFrame(p *span.Problem, unframed bool) {
	p.Message = "bytes passed over: no frame was found up to the input's end"
	if unframed {
		p.Tag = span.InvalidFrame
		p.Message = "the stream is text without frames, as very old clients speak without the handshake API; its messages cannot be told apart"
	}
}

// chainLength is the number of frames that must follow each other where the
// stream is to be gone on with, unless the input ends after fewer.
const chainLength = 3

// frameAt says that a frame to go on with begins skip bytes after the input's
// place: one that is as likely as least, and further ones after it.
func (r *reader) frameAt(skip int, least likelihood) bool {
	digits := false
	for i := range chainLength {
		b, _ := r.in.Need(skip + 1)
		if len(b) == skip {
			// Between two losses anything may look like one message in text.
			return i > 1 || i > 0 && !(digits && r.resumed && r.style() == anyID)
		}
		digits = len(b) > skip+4 && b[skip+4] != 0
		end, l := r.at(skip)
		if b, _ = r.in.Need(skip + headBytes); i > 0 && len(b) < min(end, skip+headBytes) || len(b) < skip+4 {
			return i > 0 && mayBegin(b[skip:])
		}
		if l < least || end == skip {
			return false
		}
		if b, _ = r.in.Need(end); len(b) < end {
			return i > 0 && l >= possible
		}
		if !r.solid(b[skip:end]) {
			return false
		}
		skip, least = end, possible
	}
	return true
}

// mayBegin says that the input's last bytes may be a frame's first ones.
func mayBegin(b []byte) bool {
	if len(b) < 4 {
		return b[0] == 0
	}
	n, payload := length(b), b[4:]
	if n == 0 || n > maxFrame {
		return false
	}
	if len(payload) == 0 || payload[0] == 0 || payload[0] == 'v' {
		return true
	}
	for _, c := range payload[:min(len(payload), 4)] {
		if c == 0 {
			return true
		}
		if c < '0' || c > '9' {
			return false
		}
	}
	return payload[0] != '0'
}

// solidBytes is how many bytes of a body are looked at by solid, which is
// called for every place where a frame might begin.
const solidBytes = 4096

// solid says that a whole frame's body looks like one too: text ends with NUL
// and has no other control characters, protobuf is a sequence of fields. The
// id is written as the server's version has it, where that is known.
func (r *reader) solid(all []byte) bool {
	if len(all) <= 4 || all[4] == 'v' {
		return true // the handshake
	}
	wireID, digits, body, ok := splitID(all[4:])
	if style := r.style(); ok && style != anyID && digits != (style == digitsID) {
		_, isInfo := parseServerInfo(all[4:], false)
		return isInfo
	}
	if !ok || len(body) == 0 {
		return ok
	}
	if _, isProtobuf := baseID(wireID); isProtobuf && !digits {
		return fields(body)
	}
	for _, c := range body[:min(len(body), solidBytes)] {
		if c < ' ' && c != 0 && c != '\t' && c != '\n' && c != '\r' {
			return false
		}
	}
	return body[len(body)-1] == 0
}

// fields says that a body begins with whole fields of protobuf, and has
// nothing but them if it is short enough to be looked at.
func fields(body []byte) bool {
	for at := 0; at < min(len(body), solidBytes); {
		number, typ, n, code := wire.ConsumeTag(body[at:])
		if code != wire.OK {
			return false
		}
		at += n
		if n, code = wire.SkipValue(body[at:], number, typ, 100); code != wire.OK {
			return false
		}
		at += n
	}
	return true
}
