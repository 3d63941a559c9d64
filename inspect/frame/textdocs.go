package frame

import (
	"bytes"
	"errors"
	"io"

	"github.com/pbscope/pbscope/inspect/span"
)

// TextSeparator is the line between two messages of a text format stream. The
// text format has no separator of its own; to its readers this is a comment.
const TextSeparator = "# ---"

// NewTextDocs reads text format: one message, or several with lines that are
// exactly TextSeparator between them. Each is held in memory whole.
func NewTextDocs(in *Input, o *Options) Reader {
	return &textDocs{in: in, limit: o.Limit(), line: 1}
}

type textDocs struct {
	in    *Input
	limit int64
	line  int
	done  bool
}

// Next implements Reader.
func (t *textDocs) Next(f *Frame) error {
	if t.done {
		return io.EOF
	}
	f.Offset, f.PayloadOffset, f.Line, f.Column = t.in.Offset(), t.in.Offset(), t.line, 1
	size, next, err := t.find()
	if err != nil {
		return err
	}
	data := t.in.Buffered()
	f.Payload = data[:size:size]
	t.line += bytes.Count(data[:next], []byte{'\n'})
	t.in.Advance(next)
	if int64(size) > t.limit {
		f.Problem = span.InInput(span.TooLarge, f.Offset, "a message in text format above the size limit")
		f.Problem.Hint = "raise the limit with --max-size"
	}
	return nil
}

// find is the size of the document that begins at the first unread byte, and
// where the next one begins.
func (t *textDocs) find() (size, next int, err error) {
	lineStart := 0
	for {
		data := t.in.Buffered()
		if end := bytes.IndexByte(data[lineStart:], '\n'); end >= 0 {
			if isTextSeparator(data[lineStart : lineStart+end]) {
				return lineStart, lineStart + end + 1, nil
			}
			lineStart += end + 1
			continue
		}
		if _, err := t.in.More(); err != nil {
			if !errors.Is(err, io.EOF) {
				return 0, 0, err
			}
			t.done = true
			data = t.in.Buffered()
			if isTextSeparator(data[lineStart:]) {
				return lineStart, len(data), nil
			}
			return len(data), len(data), nil
		}
	}
}

func isTextSeparator(line []byte) bool {
	return string(bytes.TrimSuffix(line, []byte{'\r'})) == TextSeparator
}
