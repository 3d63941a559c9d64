package frame

import (
	"encoding/binary"

	"github.com/pbscope/pbscope/inspect/span"
)

// Delimited is the form in which each message stands after its length as a
// base-128 varint: what writeDelimitedTo (Java, C++) and protodelim (Go) write.
func Delimited() Form {
	return Form{
		Name:    "delimited",
		Summary: "a varint length before each message (writeDelimitedTo, protodelim)",
		Guess:   true,
		Read: func(in *Input, o *Options) Reader {
			return &delimitedReader{in: in, limit: o.Limit()}
		},
		Write: func(*Options) Writer { return delimitedWriter{} },
	}
}

type delimitedReader struct {
	in    *Input
	limit int64
}

func (r *delimitedReader) Next(f *Frame) error {
	head := r.in.Buffered()
	if len(head) > 0 && head[0] < 0x80 {
		if end := int(head[0]) + 1; end <= len(head) && int64(end) <= r.limit {
			f.Offset = r.in.Offset()
			f.PayloadOffset = f.Offset + 1
			f.Payload = head[1:end:end]
			r.in.Advance(end)
			return nil
		}
	}
	length, size, err := r.length()
	if size == 0 {
		return err
	}
	if size < 0 || length > maxMessage {
		p := span.InInput(span.InvalidFrame, r.in.Offset(), "the length before a message is not one: "+reasonOfLength(size))
		p.Hint = hintOtherFraming
		Damaged(r.in, f, -1, p)
		return nil
	}
	if err != nil {
		p := span.InInput(span.Truncated, r.in.Offset(), "the input ends within the length before a message")
		Damaged(r.in, f, int64(size), p)
		return nil
	}
	return takeFrame(r.in, f, size, int64(length), r.limit)
}

// length is the varint at the input's place and the number of its bytes: 0 if
// there are none (with the error), below zero if it is no length. An error
// with a size above zero says that the input ends within it.
func (r *delimitedReader) length() (length uint64, size int, err error) {
	head, err := r.in.Need(1)
	for {
		v, n := binary.Uvarint(head)
		if n != 0 {
			return v, n, nil
		}
		if err != nil {
			return 0, len(head), err
		}
		head, err = r.in.Need(len(head) + 1)
	}
}

func reasonOfLength(size int) string {
	if size < 0 {
		return "a varint of more than 64 bits"
	}
	return "it is above 2 GiB"
}

type delimitedWriter struct{}

func (delimitedWriter) Append(dst []byte, f *Frame) ([]byte, error) {
	if err := noNull(f, "delimited"); err != nil {
		return dst, err
	}
	if f.Problem == nil {
		dst = binary.AppendUvarint(dst, uint64(len(f.Payload)))
	}
	return append(dst, f.Payload...), nil
}

func (delimitedWriter) Finish(dst []byte) ([]byte, error) { return dst, nil }
