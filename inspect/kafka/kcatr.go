package kafka

import (
	"encoding/binary"
	"errors"
	"math"
	"strconv"

	"github.com/pbscope/pbscope/inspect/frame"
	"github.com/pbscope/pbscope/inspect/span"
)

// nullText is what kcat -Z prints for a null value, and for an empty one too.
const nullText = "NULL"

// KcatRName is the name of that form.
const KcatRName = "kcat-r"

// KcatR is the form that kcat -f '%R%s' writes: the length as a big-endian
// i32, -1 for null, and the value.
//
// With kcat -Z the letters NULL stand after the lengths of null and empty
// values. Options.NullText says so; a reader that is not told notices them (as
// a length they would be 1.3 GB) and makes a note.
func KcatR() frame.Form {
	return frame.Form{
		Name:    KcatRName,
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
	in    *frame.Input
	o     *frame.Options
	text  bool // NULL follows -1 and 0
	after bool // the last length was one of them
}

// Next implements frame.Reader.
func (r *kcatRReader) Next(f *frame.Frame) error {
	if r.after {
		r.notice()
	}
	head, err := r.in.Need(4)
	if len(head) == 0 {
		return err
	}
	f.Offset = r.in.Offset()
	f.PayloadOffset = f.Offset + 4
	if len(head) < 4 {
		frame.Truncated(r.in, f, 4, err)
		return nil
	}
	size := int64(int32(binary.BigEndian.Uint32(head)))
	switch {
	case size < -1:
		r.rest(f, "the length "+strconv.FormatInt(size, 10)+" cannot be")
		return nil
	case size > r.o.Limit():
		r.tooLarge(f, size)
		return nil
	case size <= 0:
		r.none(f, size)
		return nil
	}
	all, err := r.in.Need(int(4 + size))
	if int64(len(all)) < 4+size {
		frame.Truncated(r.in, f, 4+size, err)
		return nil
	}
	f.Payload = all[4 : 4+size : 4+size]
	r.in.Advance(int(4 + size))
	return nil
}

// none is a value that is null (size -1) or empty (0).
func (r *kcatRReader) none(f *frame.Frame, size int64) {
	used := 4
	if r.text {
		used += len(nullText)
	}
	head, err := r.in.Need(used)
	switch {
	case len(head) < used:
		frame.Truncated(r.in, f, int64(used), err)
		return
	case r.text && string(head[4:used]) != nullText:
		r.rest(f, "NULL does not follow a length of -1 or 0, as kcat -Z writes it")
		return
	}
	if f.Null = size < 0; !f.Null {
		f.Payload = head[4:4:4]
	}
	r.after = !r.text
	r.in.Advance(used)
}

// notice learns that NULL stands behind a length of -1 or 0, and passes over
// it. It looks only when the next value is asked for, so that a tombstone need
// not wait for what follows it.
func (r *kcatRReader) notice() {
	r.after = false
	if head, _ := r.in.Need(len(nullText)); len(head) >= len(nullText) && string(head[:len(nullText)]) == nullText {
		r.text = true
		r.o.Tell("NULL stands after the lengths of null and empty values, as kcat -Z writes it: it is passed over")
		r.in.Advance(len(nullText))
	}
}

// tooLarge passes over a value above the size limit.
func (r *kcatRReader) tooLarge(f *frame.Frame, size int64) {
	text := "a value of " + strconv.FormatInt(size, 10) + " bytes"
	p := span.InInput(span.TooLarge, f.Offset, text+" is above the size limit")
	p.Hint = "--max-size sets the limit"
	frame.Damaged(r.in, f, 4+size, p)
	if r.in.Offset()-f.Offset < 4+size {
		p.Tag, p.Hint, p.Message = span.Truncated, "", "the input ends within "+text
	}
}

// rest makes one problem of all that is left: there is nothing to find the
// next value by.
func (r *kcatRReader) rest(f *frame.Frame, message string) {
	frame.Damaged(r.in, f, -1, span.InInput(span.InvalidFrame, r.in.Offset(), message))
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
