package frame

import (
	"encoding/binary"
	"io"

	"github.com/pbscope/pbscope/inspect/span"
)

// U32BE is the form in which each message stands after its length as four
// bytes, the most significant first.
func U32BE() Form {
	return fixed32("u32be", "a 4-byte big-endian length before each message", binary.BigEndian)
}

// U32LE is U32BE with the least significant byte first.
func U32LE() Form {
	return fixed32("u32le", "a 4-byte little-endian length before each message", binary.LittleEndian)
}

type byteOrder interface {
	binary.ByteOrder
	binary.AppendByteOrder
}

func fixed32(name, summary string, order byteOrder) Form {
	return Form{
		Name:    name,
		Summary: summary,
		Guess:   true,
		Read: func(in *Input, o *Options) Reader {
			return &fixedReader{in: in, order: order, limit: o.Limit()}
		},
		Write: func(*Options) Writer { return fixedWriter{name, order} },
	}
}

type fixedReader struct {
	in    *Input
	order byteOrder
	limit int64
}

func (r *fixedReader) Next(f *Frame) error {
	head, err := r.in.Need(4)
	if len(head) < 4 {
		return shortHead(r.in, f, len(head), 4, err)
	}
	length := r.order.Uint32(head)
	if length > maxMessage {
		p := span.InInput(span.InvalidFrame, r.in.Offset(), "the length before a message is above 2 GiB")
		p.Hint = hintOtherFraming
		if length == 1<<32-1 {
			p.Message = "the length before a message is -1, or above 2 GiB"
			p.Hint = "kcat -f '%R%s' writes -1 for a null value: --from kcat-r"
		}
		Damaged(r.in, f, -1, p)
		return nil
	}
	return takeFrame(r.in, f, 4, int64(length), r.limit)
}

// shortHead is what to do with an input that has only had of a header's need
// bytes: no frame, or a truncated one.
func shortHead(in *Input, f *Frame, had, need int, err error) error {
	if had == 0 {
		return err
	}
	text := "the input ends after " + count(int64(had), "byte") + " of a frame's header of " + count(int64(need), "byte")
	if err != io.EOF {
		text = "the input cannot be read beyond the first " + count(int64(had), "byte") + " of a frame's header of " + count(int64(need), "byte")
	}
	Damaged(in, f, int64(had), span.InInput(span.Truncated, in.Offset(), text))
	return nil
}

type fixedWriter struct {
	name  string
	order byteOrder
}

func (w fixedWriter) Append(dst []byte, f *Frame) ([]byte, error) {
	if err := noNull(f, w.name); err != nil {
		return dst, err
	}
	if f.Problem == nil {
		dst = w.order.AppendUint32(dst, uint32(len(f.Payload)))
	}
	return append(dst, f.Payload...), nil
}

func (w fixedWriter) Finish(dst []byte) ([]byte, error) { return dst, nil }
