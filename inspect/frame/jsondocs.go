package frame

import (
	"bytes"
	"io"
	"math"
	"unicode/utf8"

	"github.com/pbscope/pbscope/inspect/span"
)

// NewJSONDocs reads a stream of JSON documents: one a line, indented, several
// in a line, with white space, nothing or the separator RS (0x1e, RFC 7464)
// between them; a UTF-8 byte order mark may stand at the start. Each document
// is a frame, held in memory whole; only where it ends is looked at, what is in
// it is for its reader to judge.
//
// A document that is broken costs as little as can be. It counts as broken
// where a string runs into the end of its line, where RS or the end of the
// input comes before its last bracket, and where a line begins with { in
// column 1 although a value has just ended. Then the text from its start up to
// there is cut at every line that begins with { in column 1, each piece is a
// frame, and reading goes on at the first such line that is not before that
// place. So one bad line of JSON lines costs that line only, and an indented
// document the text up to the next line with { in column 1. What follows the last
// bracket of a document on its line and can only stand within one (a bracket too
// many) counts as part of it, as far as it has arrived. Text that no JSON can
// begin with is a frame with a problem up to the end of its line, or, when it is
// the start of an input that is binary, up to the input's end.
func NewJSONDocs(in *Input, o *Options) Reader {
	limit := o.Limit()
	if limit <= math.MaxInt64/textFactor {
		limit *= textFactor
	}
	return &jsonDocs{in: in, limit: limit, line: 1}
}

type jsonDocs struct {
	in    *Input
	limit int64 // of a document's text, in bytes
	line  int
	// lineStart is the offset of the current line's first byte.
	lineStart int64
	// broken is the offset up to which documents are cut at lines.
	broken int64
	scan   jsonScan
}

// recordSeparator is RS of RFC 7464.
const recordSeparator = 0x1e

// Next implements Reader.
func (d *jsonDocs) Next(f *Frame) error {
	if err := d.skipSpace(); err != nil {
		return err
	}
	first := d.in.Buffered()[0]
	f.Offset, f.PayloadOffset = d.in.Offset(), d.in.Offset()
	f.Line, f.Column = d.line, int(f.Offset-d.lineStart)+1
	switch {
	case f.Offset < d.broken:
		return d.piece(f)
	case first == '{' || first == '[':
		return d.document(f)
	case first == '"' || first == '-' || first-'0' <= 9 || first == 't' || first == 'f' || first == 'n':
		return d.scalar(f)
	}
	return d.garbage(f)
}

// skipSpace goes over what may stand between documents.
func (d *jsonDocs) skipSpace() error {
	for {
		data, err := d.in.Need(1)
		if len(data) == 0 {
			return err
		}
		if d.in.Offset() == 0 && data[0] == 0xef {
			if data, _ = d.in.Need(3); bytes.HasPrefix(data, []byte("\xef\xbb\xbf")) {
				d.in.Advance(3)
				d.lineStart = 3
				continue
			}
		}
		n := 0
		for n < len(data) && (data[n] == ' ' || data[n] == '\n' || data[n] == '\t' || data[n] == '\r' || data[n] == recordSeparator) {
			n++
		}
		all := n == len(data)
		d.take(n)
		if !all {
			return nil
		}
	}
}

// take goes over the next n bytes and counts their lines.
func (d *jsonDocs) take(n int) {
	data := d.in.Buffered()[:n]
	if lines := bytes.Count(data, []byte{'\n'}); lines > 0 {
		d.line += lines
		d.lineStart = d.in.Offset() + int64(bytes.LastIndexByte(data, '\n')) + 1
	}
	d.in.Advance(n)
}

// yield makes the next n bytes the payload, without the white space at their
// end.
func (d *jsonDocs) yield(f *Frame, n int) error {
	data := bytes.TrimRight(d.in.Buffered()[:n], " \t\r\n")
	f.Payload = data[:len(data):len(data)]
	d.take(n)
	return nil
}

// document reads an object or a list.
func (d *jsonDocs) document(f *Frame) error {
	d.scan = jsonScan{used: true}
	data := d.in.Buffered()
	if n := wholeLine(data); n > 0 && int64(n) <= d.limit {
		f.Payload = data[:n:n]
		d.in.Advance(n)
		return nil
	}
	for {
		switch d.scan.run(data) {
		case jsonWhole:
			if int64(d.scan.at) > d.limit {
				return d.tooLarge(f)
			}
			return d.yield(f, d.scan.at+strayEnd(data[d.scan.at:]))
		case jsonBroken:
			d.broken = f.Offset + int64(d.scan.at)
			return d.piece(f)
		}
		if int64(len(data)) > d.limit {
			return d.tooLarge(f)
		}
		var err error
		if data, err = d.in.More(); err == io.EOF {
			d.broken = f.Offset + int64(len(data))
			return d.piece(f)
		} else if err != nil {
			return err
		}
	}
}

// wholeLine is the length of the first line of data where a short look at it
// shows that it is all of one document, else 0. The line begins with { and ends
// with }, and so may the first line of an indented document; but then the next
// line cannot begin with {. And where a second document began on the line, some
// } would have another character behind it than those looked for.
func wholeLine(data []byte) int {
	end := bytes.IndexByte(data, '\n')
	if end < 2 || end+1 == len(data) || data[end+1] != '{' {
		return 0
	}
	if data[end-1] == '\r' {
		end--
	}
	line := data[:end]
	if line[0] != '{' || line[end-1] != '}' || bytes.IndexByte(line, recordSeparator) >= 0 {
		return 0
	}
	depth := bytes.Count(line, []byte{'{'})
	for at := 0; at < end; {
		at += bytes.IndexByte(line[at:], '}') + 1
		if depth--; at < end && line[at] != ',' && line[at] != '}' && line[at] != ']' {
			return 0
		}
	}
	if depth != 0 {
		return 0
	}
	return end
}

// strayEnd is the length of the rest of a line that begins with what can only
// stand within a document; 0 if it does not.
func strayEnd(data []byte) int {
	rest := bytes.TrimLeft(data, " \t")
	if len(rest) == 0 || rest[0] != '}' && rest[0] != ']' && rest[0] != ',' {
		return 0
	}
	n := bytes.IndexByte(data, '\n')
	if n < 0 {
		n = len(data)
	}
	if rs := bytes.IndexByte(data[:n], recordSeparator); rs >= 0 {
		return rs
	}
	return n
}

// piece makes f the text up to the next line that begins with { or the next
// RS.
func (d *jsonDocs) piece(f *Frame) error {
	data, scanned := d.in.Buffered(), 1
	for {
		if n := nextStart(data, scanned); n >= 0 {
			return d.yield(f, n)
		}
		scanned = len(data)
		if int64(scanned) > d.limit {
			return d.tooLarge(f)
		}
		var err error
		if data, err = d.in.More(); err == io.EOF {
			return d.yield(f, len(data))
		} else if err != nil {
			return err
		}
	}
}

// nextStart is the first place from on where a document starts anew; -1 if
// there is none. data[from-1] is looked at, too.
func nextStart(data []byte, from int) int {
	line := bytes.Index(data[from-1:], []byte("\n{"))
	end := len(data)
	if line >= 0 {
		end = from + line
	}
	if rs := bytes.IndexByte(data[from:end], recordSeparator); rs >= 0 {
		return from + rs
	}
	if line >= 0 {
		return end
	}
	return -1
}

// scalar reads a string, a number or a word, which end with their line at the
// latest.
func (d *jsonDocs) scalar(f *Frame) error {
	text, err := d.in.line(d.limit)
	if err == errLongLine {
		return d.tooLarge(f)
	}
	if err != nil {
		return err
	}
	return d.yield(f, scalarEnd(text))
}

func scalarEnd(text []byte) int {
	if text[0] != '"' {
		if n := bytes.IndexAny(text, " \t\r\n\x1e\"{}[],:"); n > 0 {
			return n
		}
		return len(text)
	}
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		case recordSeparator:
			return i
		}
	}
	return len(text)
}

// garbage makes f what no JSON can begin with.
func (d *jsonDocs) garbage(f *Frame) error {
	data, _ := d.in.Need(binaryHead)
	p := span.InInput(span.InvalidJSON, f.Offset, "this is not JSON: "+quoteByte(data[0])+" cannot begin a document")
	if utf16(data) && f.Offset == 0 {
		p.Hint = "this is UTF-16; JSON must be UTF-8"
		Damaged(d.in, f, -1, p)
	} else if at := d.binary(); at >= 0 {
		p.InputOffset = at
		p.Message = "this is not JSON: " + quoteByte(d.in.Buffered()[at-f.Offset]) + " cannot stand in it"
		p.Hint = "these may be the messages themselves: did you mean decode?"
		Damaged(d.in, f, -1, p)
	} else {
		return d.garbageLine(f, p)
	}
	f.Line, f.Column = d.line, int(f.Offset-d.lineStart)+1
	p.Line, p.Column = f.Line, f.Column
	return nil
}

func (d *jsonDocs) garbageLine(f *Frame, p *span.Problem) error {
	line, column := d.line, f.Column
	text, err := d.in.line(d.limit)
	switch {
	case err == errLongLine:
		return d.tooLarge(f)
	case err != nil:
		return err
	}
	n := len(text)
	if rs := bytes.IndexByte(text, recordSeparator); rs > 0 {
		n = rs
	}
	ended := text[n-1] == '\n'
	Damaged(d.in, f, int64(n), p)
	if ended {
		d.line++
		d.lineStart = d.in.Offset()
	}
	f.Line, f.Column = line, column
	p.Line, p.Column = line, column
	return nil
}

// binaryHead is how much of an input is looked at to see whether it is text.
const binaryHead = 64

// binary is the offset of the first byte that no text has, if no document has
// been read yet and nothing but white space was before; else -1.
func (d *jsonDocs) binary() int64 {
	if d.in.Offset() > binaryHead || d.scan.used {
		return -1
	}
	data := d.in.Buffered()
	data = data[:min(len(data), binaryHead)]
	for i := 0; i < len(data); {
		if !utf8.FullRune(data[i:]) {
			return -1
		}
		r, size := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && size <= 1 || r < ' ' && r != '\n' && r != '\r' && r != '\t' && r != recordSeparator {
			return d.in.Offset() + int64(i)
		}
		i += size
	}
	return -1
}

func utf16(data []byte) bool {
	return bytes.HasPrefix(data, []byte("\xff\xfe")) || bytes.HasPrefix(data, []byte("\xfe\xff"))
}

// tooLarge makes f a document above the limit and goes on after its line, at
// the next line that begins with {.
func (d *jsonDocs) tooLarge(f *Frame) error {
	p := span.InInput(span.TooLarge, f.Offset, "a document above the limit of "+count(d.limit, "byte")+" of text")
	p.Hint = hintMaxSize
	p.Line, p.Column = f.Line, f.Column
	f.Problem, f.PayloadOffset = p, span.Unknown
	for {
		p.Length += d.in.skipLine()
		d.line++
		d.lineStart = d.in.Offset()
		next, err := d.in.Need(1)
		if len(next) == 0 && err == io.EOF || len(next) > 0 && (next[0] == '{' || next[0] == recordSeparator) {
			return nil
		}
		if len(next) == 0 {
			return err
		}
	}
}
