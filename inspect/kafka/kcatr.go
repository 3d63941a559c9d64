package kafka

import (
	"encoding/binary"
	"errors"
	"io"
	"math"
	"strconv"

	"github.com/pbscope/pbscope/inspect/frame"
	"github.com/pbscope/pbscope/inspect/span"
)

// nullText is what kcat -Z prints for a null value, and for an empty one too.
const nullText = "NULL"

// KcatR is the form that kcat -f '%R%s' writes: the length as a big-endian
// i32, -1 for null, and the value.
//
// With kcat -Z the letters NULL stand after the lengths of null and empty
// values. Options.NullText says so; a reader that is not told notices them (as
// a length they would be 1.3 GB) and makes a note.
func KcatR() frame.Form {
	return frame.Form{
		Name:    "kcat-r",
		Summary: "kcat -f '%R%s': a big-endian i32 length, -1 for null, before each value",
		Read: func(in *frame.Input, o *frame.Options) frame.Reader {
			return &kcatRReader{in: in, o: o, text: o != nil && o.NullText}
		},
		Write: func(o *frame.Options) frame.Writer {
			return kcatRWriter{text: o != nil && o.NullText}
		},
		Guess: true,
	}
}

type kcatRReader struct {
	in   *frame.Input
	o    *frame.Options
	text bool // NULL follows -1 and 0
}

// Next implements frame.Reader.
func (r *kcatRReader) Next(f *frame.Frame) error {
	head, err := r.in.Need(4)
	if len(head) < 4 && (len(head) == 0 || !errors.Is(err, io.EOF)) {
		return err
	}
	f.Offset = r.in.Offset()
	f.PayloadOffset = f.Offset
	if len(head) < 4 {
		return r.rest(f, span.Truncated, "the input ends within a length")
	}
	size := int64(int32(binary.BigEndian.Uint32(head)))
	switch {
	case size < -1:
		return r.rest(f, span.InvalidFrame, "the length "+strconv.FormatInt(size, 10)+" cannot be")
	case size > r.o.Limit():
		return r.tooLarge(f, size)
	case size <= 0:
		return r.none(f, size)
	}
	all, err := r.in.Need(int(4 + size))
	if int64(len(all)) < 4+size {
		if !errors.Is(err, io.EOF) {
			return err
		}
		return r.rest(f, span.Truncated, "the input ends within a value: "+
			strconv.Itoa(len(all)-4)+" of "+strconv.FormatInt(size, 10)+" bytes are there")
	}
	f.PayloadOffset += 4
	f.Payload = all[4 : 4+size : 4+size]
	r.in.Advance(int(4 + size))
	return nil
}

// none is a value that is null (size -1) or empty (0).
func (r *kcatRReader) none(f *frame.Frame, size int64) error {
	head, err := r.in.Need(4 + len(nullText))
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	used, letters := 4, string(head[4:min(len(head), 4+len(nullText))]) == nullText
	if letters && !r.text {
		r.text = true
		r.o.Tell("NULL stands after the lengths of null and empty values, as kcat -Z writes it: it is passed over")
	}
	switch {
	case letters:
		used += len(nullText)
	case r.text && len(head) < used+len(nullText):
		return r.rest(f, span.Truncated, "the input ends where NULL should follow a length of -1 or 0")
	case r.text:
		return r.rest(f, span.InvalidFrame, "NULL does not follow a length of -1 or 0, as kcat -Z writes it")
	}
	f.PayloadOffset += int64(used)
	f.Null = size < 0
	if !f.Null {
		f.Payload = head[4:4:4]
	}
	r.in.Advance(used)
	return nil
}

// tooLarge passes over a value above the size limit.
func (r *kcatRReader) tooLarge(f *frame.Frame, size int64) error {
	text := "a value of " + strconv.FormatInt(size, 10) + " bytes"
	p := span.InInput(span.TooLarge, f.Offset, text+" is above the size limit")
	p.Hint = "--max-size sets the limit"
	frame.Damaged(r.in, f, 4+size, p)
	if r.in.Offset()-f.Offset < 4+size {
		p.Tag, p.Hint, p.Message = span.Truncated, "", "the input ends within "+text
	}
	return nil
}

// rest makes one problem of all that is left: there is nothing to find the
// next value by.
func (r *kcatRReader) rest(f *frame.Frame, tag span.Tag, message string) error {
	f.Problem = span.InInput(tag, f.Offset, message)
	var keep keeper
	for {
		buf, err := r.in.Need(1)
		if len(buf) == 0 {
			f.Payload, f.Problem.Length = keep.bytes(), keep.length
			if errors.Is(err, io.EOF) {
				err = nil
			}
			return err
		}
		keep.take(r.in, len(buf))
	}
}

type kcatRWriter struct{ text bool }

// Append implements frame.Writer.
func (w kcatRWriter) Append(dst []byte, f *frame.Frame) ([]byte, error) {
	if f.Problem != nil {
		return append(dst, f.Payload...), nil
	}
	if len(f.Payload) > math.MaxInt32 {
		return dst, errors.New("the message is longer than an i32 length can say")
	}
	size := int32(len(f.Payload))
	if f.Null {
		size = -1
	}
	dst = binary.BigEndian.AppendUint32(dst, uint32(size))
	if size > 0 {
		return append(dst, f.Payload...), nil
	}
	if w.text {
		dst = append(dst, nullText...)
	}
	return dst, nil
}

// Finish implements frame.Writer.
func (kcatRWriter) Finish(dst []byte) ([]byte, error) { return dst, nil }
