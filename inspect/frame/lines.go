package frame

import (
	"bytes"
	"io"

	"github.com/pbscope/pbscope/inspect/span"
)

// lines are the lines of a text input, one message in each or in several.
type lines struct {
	in     *Input
	limit  int64 // of a message, in bytes
	number int   // of lines that have been advanced over
}

// textFactor is how many bytes of text a byte of a message may take: "0x0a,"
// and a space would be six; most spellings take two or three.
const textFactor = 4

// peek is the next line with its line feed; advance goes over it.
func (l *lines) peek() ([]byte, error) {
	line, err := l.in.line(textFactor*l.limit + MaxKept)
	if l.number == 0 && err == nil && bytes.HasPrefix(line, []byte("\xef\xbb\xbf")) {
		l.in.Advance(3)
		return l.in.line(textFactor*l.limit + MaxKept)
	}
	return line, err
}

// advance goes over n bytes, which are one line.
func (l *lines) advance(n int) {
	l.in.Advance(n)
	l.number++
}

// place sets where the frame that begins with the next line lies.
func (l *lines) place(f *Frame) {
	f.Offset, f.PayloadOffset = l.in.Offset(), span.Unknown
	f.Line, f.Column = l.number+1, 1
}

// problem is what is wrong with the byte at column at of the next line.
func (l *lines) problem(at int, message string) *span.Problem {
	p := span.InInput(span.InvalidFrame, l.in.Offset()+int64(at), message)
	p.Line, p.Column = l.number+1, at+1
	return p
}

// damaged makes f the next line, which has n bytes, with problem p.
func (l *lines) damaged(f *Frame, n int, p *span.Problem) {
	Damaged(l.in, f, int64(n), p)
	f.Line, f.Column = l.number+1, 1
	l.number++
}

// broken makes f what is to be said of a line that peek could not give whole;
// without a byte of it, it is the error itself.
func (l *lines) broken(f *Frame, line []byte, err error) error {
	if len(line) == 0 {
		return err
	}
	if err != errLongLine {
		l.damaged(f, len(line), l.cut(len(line)))
		return nil
	}
	l.place(f)
	p := l.tooLong()
	p.Length = l.in.skipLine()
	l.number++
	f.Problem = p
	return nil
}

func (l *lines) cut(n int) *span.Problem {
	p := l.problem(n, "the input cannot be read beyond this place in the line")
	p.Tag = span.Truncated
	return p
}

func (l *lines) tooLong() *span.Problem {
	p := l.problem(0, "the line is too long for a message of "+count(l.limit, "byte"))
	p.Tag, p.Hint = span.TooLarge, hintMaxSize
	return p
}

// gather is a message in several lines: its bytes so far, and its text as far
// as it is kept in case something is wrong with it.
type gather struct {
	lines   *lines
	message []byte
	text    []byte
	size    int64 // of the text
	problem *span.Problem
}

// start makes f's place that of the next line.
func (l *lines) start(f *Frame) *gather {
	l.place(f)
	return &gather{lines: l}
}

// next is the next line, which belongs to the message once take is called.
// Lines that cannot be had whole are damage and passed over; ok is false at the
// input's end.
func (g *gather) next() (line []byte, ok bool) {
	for {
		line, err := g.lines.peek()
		switch {
		case err == nil:
			return line, true
		case err == errLongLine:
			g.fail(g.lines.tooLong())
			g.text = nil
			g.size += g.lines.in.skipLine()
			g.lines.number++
		case err != io.EOF && len(line) > 0:
			g.fail(g.lines.cut(len(line)))
			g.take(len(line))
			return nil, false
		case err != io.EOF:
			g.fail(g.lines.cut(0))
			return nil, false
		default:
			return nil, false
		}
	}
}

// take adds the next line, n bytes, to the text.
func (g *gather) take(n int) {
	if int64(len(g.text)) == g.size && g.size+int64(n) <= MaxKept {
		g.text = append(g.text, g.lines.in.Buffered()[:n]...)
	}
	g.size += int64(n)
	g.lines.advance(n)
}

// fail notes the first thing that is wrong with the message.
func (g *gather) fail(p *span.Problem) {
	if g.problem == nil {
		g.problem = p
	}
	g.message = nil
}

// room says whether n more bytes fit the size limit.
func (g *gather) room(n int64) bool {
	if int64(len(g.message))+n <= g.lines.limit {
		return true
	}
	p := g.lines.problem(0, "the lines up to here make a message above the limit of "+count(g.lines.limit, "byte"))
	p.Tag, p.Hint = span.TooLarge, hintMaxSize
	g.fail(p)
	return false
}

// finish puts what was gathered into f.
func (g *gather) finish(f *Frame) error {
	if g.problem == nil {
		f.Payload = g.message
		return nil
	}
	f.Problem = g.problem
	if int64(len(g.text)) == g.size {
		f.Payload, f.PayloadOffset = g.text, f.Offset
		return nil
	}
	f.Problem.Length = g.size
	return nil
}

// bare is a line without its line feed and the white space around it, and the
// number of bytes cut off its front.
func bare(line []byte) (text []byte, front int) {
	right := bytes.TrimRight(line, " \t\r\n\v\f")
	text = bytes.TrimLeft(right, " \t\v\f")
	return text, len(right) - len(text)
}

// quoteByte is a byte as messages show it.
func quoteByte(b byte) string {
	if b > ' ' && b < 0x7f {
		return `"` + string(rune(b)) + `"`
	}
	return "the byte " + hexByte(b)
}
