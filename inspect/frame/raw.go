package frame

import (
	"errors"
	"io"

	"github.com/pbscope/pbscope/inspect/span"
)

// Raw is the form that has no framing: the whole input is one message. An
// empty input is a message too, the one without fields.
func Raw() Form {
	return Form{
		Name:    "raw",
		Summary: "the whole input is one message",
		Guess:   true,
		Read: func(in *Input, o *Options) Reader {
			return &rawReader{in: in, limit: o.Limit()}
		},
		Write: func(*Options) Writer { return &rawWriter{} },
	}
}

type rawReader struct {
	in    *Input
	limit int64
	done  bool
}

func (r *rawReader) Next(f *Frame) error {
	if r.done {
		_, err := r.in.Need(1)
		return err
	}
	r.done = true
	all, err := r.whole()
	if int64(len(all)) > r.limit {
		p := span.InInput(span.TooLarge, r.in.Offset(), "the input is larger than the limit of "+count(r.limit, "byte"))
		p.Hint = hintMaxSize
		Damaged(r.in, f, -1, p)
		return nil
	}
	if err != io.EOF {
		if len(all) == 0 {
			return err
		}
		p := span.InInput(span.Truncated, r.in.Offset(), "the input cannot be read beyond its first "+count(int64(len(all)), "byte"))
		Damaged(r.in, f, int64(len(all)), p)
		return nil
	}
	f.Offset, f.PayloadOffset = r.in.Offset(), r.in.Offset()
	f.Payload = all
	r.in.Advance(len(all))
	return nil
}

// whole is everything up to the input's end, or one read more than the limit
// allows; err is nil in that case only.
func (r *rawReader) whole() ([]byte, error) {
	all := r.in.Buffered()
	for int64(len(all)) <= r.limit {
		var err error
		if all, err = r.in.More(); err != nil {
			return all, err
		}
	}
	return all, nil
}

const hintMaxSize = "--max-size N allows larger ones"

type rawWriter struct{ written bool }

func (w *rawWriter) Append(dst []byte, f *Frame) ([]byte, error) {
	if err := noNull(f, "raw"); err != nil {
		return dst, err
	}
	if w.written {
		return dst, errors.New("raw holds one message and this is a second one; choose a form with frames, such as --to delimited")
	}
	w.written = true
	return append(dst, f.Payload...), nil
}

func (w *rawWriter) Finish(dst []byte) ([]byte, error) { return dst, nil }

// noNull is an error for a frame without a message, which only forms with
// metadata can hold.
func noNull(f *Frame, form string) error {
	if f.Null && f.Problem == nil {
		return errors.New(form + " cannot hold a null value (a tombstone), which is not an empty message")
	}
	return nil
}
