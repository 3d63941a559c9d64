package frame

import (
	"net/netip"
	"time"
)

// Protocol is what may run on a captured connection: a row of the table that
// the first bytes of each are compared with.
type Protocol struct {
	// Name is what --decode-as and `pbscope capture` call it; Title is its
	// name in sentences.
	Name, Title string
	// Ports are those that its servers usually have.
	Ports []uint16
	// Recognise looks at how the two directions begin.
	Recognise func(o *Opening) Verdict
	// Converse makes the reader of a connection; nil if the protocol is only
	// recognised.
	Converse func(c *Connection) Conversation
	// Write makes a writer of the bytes of frames, of both directions; nil if
	// the protocol is only read.
	Write func(o *Options) Writer
}

// Verdict is what a protocol says of a connection's first bytes.
type Verdict uint8

// The verdicts. Unsure asks for more bytes; Likely is Sure where nothing else
// is: a port, say.
const (
	No Verdict = iota
	Unsure
	Likely
	Sure
)

// Opening is how a connection begins.
type Opening struct {
	// Heads are the first bytes of each direction that have been captured.
	Heads [2][]byte
	// Whole says that a direction's head begins with its very first byte.
	Whole [2]bool
	// Ended says that a direction has no more bytes than its head.
	Ended [2]bool
	// Ports are those of the directions' senders.
	Ports [2]uint16
	// Client is the direction that the client sends, -1 where that is not
	// known.
	Client int
	// Options are those of the capture's reader; nil for none.
	Options *Options
}

// Connection is what is known of a connection when it is opened.
type Connection struct {
	Opening
	// Note is told in one line about what was noticed and decided.
	Note func(text string)
}

// Conversation reads the frames of a connection's two directions.
type Conversation interface {
	// Next fills f with the next frame of s; ErrStarved asks for more bytes,
	// io.EOF says that there is no further frame up to the end of s.In.
	// Offsets in f count from the direction's first byte.
	Next(s *Side, f *Frame) error
	// Resume says that s.In goes on after the bytes that s.Missing counted.
	Resume(s *Side)
}

// Side is one direction of a connection.
type Side struct {
	// Index is 0 or 1, in Opening and here.
	Index int
	In    *Input
	// Whole says that the first byte of In was the direction's first.
	Whole bool
	// Missing, where In has ended, is the number of bytes after it that the
	// capture does not have, before more of them follow; 0 at the stream's end.
	Missing int64
}

// CaptureOptions say which connections and records of a capture are wanted.
type CaptureOptions struct {
	// Connections, Ports and Hosts are those that are wanted; all, if empty.
	Connections []int64
	Ports       []uint16
	Hosts       []netip.Prefix
	// After and Before are the times from which and before which records are
	// wanted. AfterStart and BeforeStart, where above 0, count from the first
	// packet instead.
	After, Before           time.Time
	AfterStart, BeforeStart time.Duration
	// DecodeAs names the protocols of connections by a port.
	DecodeAs []PortProtocol
}

// PortProtocol is the protocol of the connections of a port.
type PortProtocol struct {
	Port     uint16
	Protocol string
}
