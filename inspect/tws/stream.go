// Package tws reads and writes streams of the TWS API, which Interactive
// Brokers' Trader Workstation and Gateway speak: one direction of a
// connection, from its handshake or from anywhere.
//
// A frame is a length (four bytes, big-endian) and a payload that begins with
// a message id. Ids above an offset announce a protobuf body, the others text
// fields that end with NUL; which of them it is, each frame says for itself.
// Before the first message the client sends "API\0" and its versions, the
// server its version and the time.
package tws

import "github.com/pbscope/pbscope/inspect/frame"

// The senders.
const (
	client = "client"
	server = "server"
)

// The kinds of frames.
const (
	kindHandshake      = "handshake"
	kindClientVersions = "client_versions"
	kindServerInfo     = "server_info"
	kindMessage        = "message"
)

// The encodings of a message, and of its id.
const (
	protobuf  = "protobuf"
	text      = "text"
	fourBytes = "binary"
)

const (
	// handshake is what a client sends first; as a length it would be far too
	// long for a frame.
	handshake = "API\x00"
	// maxFrame is the longest payload that IB's own clients take, in bytes.
	maxFrame = 0xFFFFFF
	// offset and wideOffset are added to the ids of protobuf messages: the
	// first by IB's and all known clients, the second by an early description.
	offset     = 200
	wideOffset = 1_000_000
	// binaryIDs is the server version from which ids are four bytes.
	binaryIDs = 201
	latin1    = "latin-1"
)

// ErrDirection is what a reader returns when it was not told who sends the
// stream and the stream does not show it; the caller has to ask.
var ErrDirection error = directionError{}

type directionError struct{}

func (directionError) Error() string {
	return "the stream does not show who sent it: give --direction client or --direction server"
}

// Stream is the form of one direction of a TWS API connection.
func Stream() frame.Form {
	return frame.Form{
		Name:    "tws",
		Summary: "one direction of a TWS API connection (--direction client|server)",
		Meta:    true,
		Typed:   true,
		Read: func(in *frame.Input, o *frame.Options) frame.Reader {
			r := &reader{in: in, o: o}
			if o != nil {
				r.direction = o.Direction
			}
			return r
		},
		Write: func(o *frame.Options) frame.Writer {
			if o == nil {
				return &writer{}
			}
			return &writer{direction: o.Direction, chosen: o.Direction != ""}
		},
		Sure: func(head []byte, _ bool) bool {
			return senderOf(head) != ""
		},
	}
}

// senderOf is the direction of a stream that begins with its handshake, "" if
// head does not show one.
func senderOf(head []byte) string {
	if len(head) < 4 {
		return ""
	}
	if isHandshake(head) {
		return client
	}
	if n := length(head); n <= maxServerInfo && len(head) >= 4+n {
		if _, ok := parseServerInfo(head[4:4+n], true); ok {
			return server
		}
	}
	return ""
}

// isHandshake says that a stream begins with the handshake, and with the
// client's versions after it as far as head goes: what comes before a frame may
// well end with the same letters.
func isHandshake(head []byte) bool {
	return string(head[:4]) == handshake && (len(head) < 5 || head[4] == 0) && (len(head) < 9 || head[8] == 'v')
}

// beginning is how many bytes senderOf needs to know a client's.
const beginning = 9

func length(head []byte) int {
	return int(head[0])<<24 | int(head[1])<<16 | int(head[2])<<8 | int(head[3])
}
