package tws

import (
	"github.com/pbscope/pbscope/inspect/frame"
	"github.com/pbscope/pbscope/inspect/span"
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
	if r.direction == client && payload[0] == 'v' {
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
	if _, ok := find(r.direction, id); ok {
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
	if string(b[skip:skip+4]) == handshake && r.direction == client {
		return skip + 4, known
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

// startsFrame says whether the stream begins with a frame and not in the
// middle of one. Four bytes of an id that is known, after a length, tell
// enough; digits and NUL stand within text too, and must be followed by a frame.
func (r *reader) startsFrame() bool {
	b, _ := r.in.Need(8)
	fourBytes := len(b) >= 8 && b[4] == 0
	if senderOf(b) == r.direction || len(b) < 4 {
		return true
	}
	end, l := r.at(0)
	if l == known && fourBytes {
		return true
	}
	if b, _ = r.in.Need(end); l == known && len(b) < end {
		return true // a truncated frame, or none: see cut
	}
	return r.frameAt(0) || l == possible && r.chained(end)
}

// cut says that the frame at the input's place, for which the input is too
// short, is rather a wrong length: frames follow within it.
func (r *reader) cut() bool {
	b := r.in.Buffered()
	for skip := 1; skip < min(len(b), frame.MaxKept); skip++ {
		if r.frameAt(skip) {
			return true
		}
	}
	return false
}

// lose makes f the length at the input's place, which begins no frame, and has
// the next frame looked for.
func (r *reader) lose(f *frame.Frame, message string) {
	n := 1
	for n < 4 && !r.frameAt(n) {
		n++
	}
	frame.Damaged(r.in, f, int64(n), span.InInput(span.InvalidFrame, r.in.Offset(), message))
	r.lost = true
}

// skip makes f the bytes up to the next frame that is known and followed by
// another one, or by the input's end; false if there are none.
func (r *reader) skip(f *frame.Frame) bool {
	start := r.in.Offset()
	p := span.InInput(span.Skipped, start, "bytes passed over up to the next frame")
	head, _ := r.in.Need(8)
	unframed := start == 0 && isUnframed(head[:min(len(head), 8)])
	skipped, kept := int64(0), 0
	for {
		b, _ := r.in.Need(kept + 1)
		if len(b) == kept {
			noFrame(p, unframed)
			break
		}
		if next := kept + noFrameIn(b[kept:]); next > kept {
			kept = next
		} else if r.frameAt(kept) {
			break
		} else {
			kept++
		}
		if skipped > 0 || kept > frame.MaxKept {
			r.in.Advance(kept)
			skipped += int64(kept)
			kept = 0
		}
	}
	if skipped+int64(kept) == 0 {
		return false
	}
	if skipped == 0 {
		frame.Damaged(r.in, f, int64(kept), p)
		p.Length = int64(kept)
		return true
	}
	f.Problem, f.Offset, f.PayloadOffset = p, start, span.Unknown
	p.Length = skipped + int64(kept)
	r.in.Advance(kept)
	return true
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
// place: one with a known id, and further ones after it.
func (r *reader) frameAt(skip int) bool {
	least := known
	for i := range chainLength {
		b, _ := r.in.Need(skip + 1)
		if len(b) == skip {
			return i > 0
		}
		end, l := r.at(skip)
		if l < least || end == skip {
			return false
		}
		if b, _ = r.in.Need(end); len(b) < end {
			return i > 0 && l == known
		}
		if !r.solid(b[skip:end]) {
			return false
		}
		skip, least = end, possible
	}
	return true
}

// solidBytes is how many bytes of a text are looked at by solid, which is
// called for every place where a frame might begin.
const solidBytes = 256

// solid says that a whole frame's body looks like one too: text ends with NUL
// and has no other control characters, protobuf begins with a tag.
func (r *reader) solid(all []byte) bool {
	if len(all) <= 4 || all[4] == 'v' {
		return true // the handshake
	}
	wireID, digits, body, ok := splitID(all[4:])
	if !ok || len(body) == 0 {
		return ok
	}
	if _, isProtobuf := baseID(wireID); isProtobuf && !digits {
		wire := body[0] & 7
		return body[0] > 7 && (wire <= 2 || wire == 5)
	}
	for _, c := range body[:min(len(body), solidBytes)] {
		if c < ' ' && c != 0 && c != '\t' && c != '\n' && c != '\r' {
			return false
		}
	}
	return body[len(body)-1] == 0
}
