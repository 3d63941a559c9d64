package frame

import (
	"bytes"
	"io"
	"strconv"

	"github.com/pbscope/pbscope/inspect/span"
)

// MaxKept is the number of bytes of a damaged frame up to which they are kept
// as its payload; of a larger one only the number is known.
const MaxKept = 1 << 20

// Damaged makes f a frame with problem p that holds the next n unread bytes of
// in, fewer if the input has no more; n below zero means all the rest. More
// than MaxKept bytes are passed over and counted in p.Length.
//
// A read error in between is left for the next read.
func Damaged(in *Input, f *Frame, n int64, p *span.Problem) {
	f.Offset, f.PayloadOffset = in.Offset(), in.Offset()
	f.Problem = p
	want := int64(MaxKept + 1)
	if n >= 0 {
		want = min(want, n)
	}
	got, _ := in.Need(int(want))
	if n >= 0 && int64(len(got)) > n {
		got = got[:n]
	}
	if len(got) <= MaxKept {
		f.Payload = got[:len(got):len(got)]
		in.Advance(len(got))
		return
	}
	f.PayloadOffset = span.Unknown
	p.Length = in.Skip(n)
}

// damageTaken makes f, a whole frame whose last byte in has just advanced over,
// a damaged one with problem p.
func damageTaken(in *Input, f *Frame, p *span.Problem) {
	n := in.Offset() - f.Offset
	f.Problem, f.Payload, f.PayloadOffset = p, nil, span.Unknown
	if n > MaxKept {
		p.Length = n
		return
	}
	f.Payload, f.PayloadOffset = in.block.data[in.pos-int(n):in.pos:in.pos], f.Offset
}

// Truncated makes f the frame of what is left of an input that ends, or can no
// longer be read, before the bytes that the frame's header asks for. need is
// that number of bytes, header included.
func Truncated(in *Input, f *Frame, need int64, err error) {
	left := len(in.Buffered())
	text := truncatedText(int64(left), need)
	if err != nil && err != io.EOF {
		text = "the input cannot be read beyond the first " + count(int64(left), "byte") + " of a frame of " + count(need, "byte")
	}
	Damaged(in, f, int64(left), span.InInput(span.Truncated, in.Offset(), text))
}

// takeFrame makes f the frame at in's place whose header has head bytes, all of
// them read, and whose message has length bytes.
func takeFrame(in *Input, f *Frame, head int, length, limit int64) error {
	need := int64(head) + length
	if length > limit {
		p := span.InInput(span.TooLarge, in.Offset(), "a message of "+count(length, "byte")+" is above the limit of "+count(limit, "byte"))
		p.Hint = hintMaxSize
		Damaged(in, f, need, p)
		if had := in.Offset() - f.Offset; had < need {
			p.Tag, p.Hint = span.Truncated, hintOtherFraming
			p.Message = truncatedText(had, need)
		}
		return nil
	}
	b, err := in.Need(int(need))
	if int64(len(b)) < need {
		Truncated(in, f, need, err)
		return nil
	}
	f.Offset = in.Offset()
	f.PayloadOffset = f.Offset + int64(head)
	f.Payload = b[head:need:need]
	in.Advance(int(need))
	return nil
}

func truncatedText(had, need int64) string {
	return "the input ends after " + count(had, "byte") + " of a frame of " + count(need, "byte")
}

// hintOtherFraming goes with lengths that cannot be.
const hintOtherFraming = "the input may have another framing, or have lost bytes before this place"

// count is a number of things in words: 1 byte, 2 bytes.
func count(n int64, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return strconv.FormatInt(n, 10) + " " + thing + "s"
}

// Skip passes over the next n bytes, all the rest if n is below zero, without
// keeping them, and is their number: less than n at the input's end.
func (in *Input) Skip(n int64) int64 {
	var total int64
	for {
		step := int64(in.end - in.pos)
		if n >= 0 {
			step = min(step, n-total)
		}
		in.pos += int(step)
		total += step
		if total == n {
			return total
		}
		if _, err := in.Need(1); err != nil {
			return total
		}
	}
}

// errLongLine says that a line is longer than the caller wants to keep.
var errLongLine = &span.Problem{Tag: span.TooLarge, Offset: span.Unknown, InputOffset: span.Unknown, Message: "the line is too long"}

// line is the next line with its line feed, which is still to be advanced
// over; the last line may lack one. An empty input gives io.EOF. A read error
// comes with the bytes before it. errLongLine comes as soon as the line is
// known to be longer than limit bytes.
func (in *Input) line(limit int64) ([]byte, error) {
	text, scanned := in.Buffered(), 0
	for {
		if i := bytes.IndexByte(text[scanned:], '\n'); i >= 0 {
			return text[: scanned+i+1 : scanned+i+1], nil
		}
		scanned = len(text)
		if int64(scanned) > limit {
			return text, errLongLine
		}
		var err error
		if text, err = in.More(); err == io.EOF && len(text) > 0 {
			return text, nil
		} else if err != nil {
			return text, err
		}
	}
}

// skipLine passes over the rest of the line and its line feed and is the
// number of bytes.
func (in *Input) skipLine() int64 {
	var total int64
	for {
		text := in.Buffered()
		if i := bytes.IndexByte(text, '\n'); i >= 0 {
			in.Advance(i + 1)
			return total + int64(i) + 1
		}
		total += int64(len(text))
		in.Advance(len(text))
		if _, err := in.Need(1); err != nil {
			return total
		}
	}
}
