// Package frame takes streams of messages apart and puts them together: what
// a frame is, how one is read from an input in bounded memory, and the plain
// framings (a length, a flag, a line).
//
// It knows nothing of protobuf but the name of a type. The protocols that
// carry frames with metadata (inspect/kafka, inspect/tws) build on it; the
// ordered table of all forms is inspect.Forms.
package frame

import (
	"bytes"
	"io"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/inspect/span"
)

// Frame is one message of an input with all that is known about it.
type Frame struct {
	// Payload is the message's bytes; it stays valid as long as the block
	// that Input.Hold gives is held.
	Payload []byte
	// Null says that there is no message at all (a Kafka tombstone), which is
	// not the same as an empty one.
	Null bool
	// Offset is the offset of the frame's first byte in the input, or
	// span.Unknown where it does not lie there in one piece.
	Offset int64
	// PayloadOffset is the offset of Payload's first byte in the input, or
	// span.Unknown where the payload does not lie there as it is.
	PayloadOffset int64
	// Length is how many bytes the frame takes with its header: in a capture's
	// stream, which the capture's reader says, or in the input, where somebody
	// counts them; 0 if nobody does.
	Length int64
	// Line and Column, from 1, are where the frame begins in a text input
	// (JSON, text format, hex, base64); 0 elsewhere. Column counts bytes.
	Line, Column int
	// Type is the message's full name where the framing knows it.
	Type protoreflect.FullName
	// TypeCandidates are full names of types that fit the message, best first,
	// where its type is not known.
	TypeCandidates []string
	// Meta is what the framing carries beside the message, or nil.
	Meta *Meta
	// Problem says that the frame itself is damaged. Payload then holds the
	// damaged bytes from the frame's first byte on, header included (nil where
	// they are too many to keep); Problem.Offset is span.Unknown.
	Problem *span.Problem
	// Cut says that the problem is none of the data's: a capture begins or
	// ends within the frame.
	Cut bool
}

// Reader yields the frames of one input.
type Reader interface {
	// Next fills f, which it may assume to be the zero Frame, with the next
	// frame. It returns io.EOF after the last one; any other error is the
	// input's own (a read error). Damage in the data is no error but a Frame
	// with a Problem, after which reading goes on where it can.
	Next(f *Frame) error
}

// Writer is a Reader's inverse. It only appends to buffers.
type Writer interface {
	// Append appends f as the form writes it. A frame with a Problem is
	// written as its bytes, without a new header around them. An error says
	// why the form cannot hold this frame; dst is then returned unchanged.
	Append(dst []byte, f *Frame) ([]byte, error)
	// Finish appends what the writer still holds back.
	Finish(dst []byte) ([]byte, error)
}

// Options are the settings of readers and writers; each uses what concerns it.
type Options struct {
	// MaxSize is the largest frame in bytes that is read; 0 is DefaultMaxSize.
	MaxSize int64
	// NullText says that kcat -Z wrote the letters NULL after the lengths of
	// null and empty values.
	NullText bool
	// Joined makes all lines of hex or base64 one message.
	Joined bool
	// Direction is the sender of a TWS stream: "client", "server" or "".
	Direction string
	// TWS says how messages of the TWS API are named; nil is as they are built in.
	TWS *TWSOptions
	// Control and Uncommitted let Kafka's control records and the records of
	// aborted transactions through.
	Control, Uncommitted bool
	// Capture says what is wanted of a capture; nil is all of it.
	Capture *CaptureOptions
	// Again, when set, opens the input a second time, from its first byte
	// (part 0), and what follows it elsewhere (part 1, 2, …: the later files
	// of a Kafka log); nil when there is no further part. It is for readers
	// that must look ahead.
	Again func(part int) (io.ReadCloser, error)
	// Hidden, when set, is called with the number of records passed over
	// because of Control or Uncommitted.
	Hidden func(n int)
	// Note, when set, is told in one line about what was noticed and decided.
	Note func(text string)
}

// DefaultMaxSize is the frame size limit in bytes where Options has none.
const DefaultMaxSize = 256 << 20

// maxMessage is the largest protobuf message in bytes: "Proto serialization",
// protobuf.dev/programming-guides/proto-limits, says 2 GiB, and every
// implementation keeps sizes in 31 bits.
const maxMessage = 1<<31 - 1

// Limit is the largest frame in bytes that is to be read; never above
// maxMessage, beyond which protobuf has no messages.
func (o *Options) Limit() int64 {
	if o == nil || o.MaxSize <= 0 {
		return DefaultMaxSize
	}
	return min(o.MaxSize, maxMessage)
}

// Tell passes a note on, if somebody listens.
func (o *Options) Tell(text string) {
	if o != nil && o.Note != nil {
		o.Note(text)
	}
}

// Form is a row of the table of forms.
type Form struct {
	Name    string
	Summary string
	// Meta says that the form carries metadata, so that decode prints
	// envelopes and encode reads them.
	Meta bool
	// Typed says that frames name their message type themselves, so that the
	// form can be read without one.
	Typed bool
	// Read makes a reader over an input; nil if the form is only written.
	Read func(in *Input, o *Options) Reader
	// Write makes a writer; nil if the form is only read.
	Write func(o *Options) Writer
	// Sure says whether the first bytes of an input (up to 64 KiB; atEOF if
	// they are all there is) can only be this form; nil if nothing is sure.
	Sure func(head []byte, atEOF bool) bool
	// Printable says that it is written as text, which a terminal can show.
	Printable bool
	// Guess says that auto may try the form under a given type.
	Guess bool
}

// ReadAll is the frames of r up to the end of its input, with payloads of
// their own; for tests and small inputs.
func ReadAll(r Reader) ([]Frame, error) {
	var frames []Frame
	for {
		var f Frame
		err := r.Next(&f)
		if err == io.EOF {
			return frames, nil
		}
		if err != nil {
			return frames, err
		}
		f.Payload = bytes.Clone(f.Payload)
		frames = append(frames, f)
	}
}
