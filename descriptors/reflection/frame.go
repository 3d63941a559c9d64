package reflection

import (
	"encoding/binary"
	"io"
)

// Frame types of HTTP/2 (RFC 9113, section 6).
const (
	frameData         = 0
	frameHeaders      = 1
	frameReset        = 3
	frameSettings     = 4
	framePushPromise  = 5
	framePing         = 6
	frameGoAway       = 7
	frameWindowUpdate = 8
	frameContinuation = 9
)

// Flags of frames.
const (
	flagEndStream  = 0x1
	flagAck        = 0x1
	flagEndHeaders = 0x4
	flagPadded     = 0x8
	flagPriority   = 0x20
)

// Settings that matter to this client.
const (
	settingHeaderTableSize   = 1
	settingEnablePush        = 2
	settingInitialWindowSize = 4
)

const (
	frameHeader = 9
	// maxFrame is the largest frame that may be sent here, in bytes: the
	// protocol's default, which is not changed.
	maxFrame = 16384
	// initialWindow is how much may be sent without a window update, unless
	// settings say otherwise, in bytes.
	initialWindow = 65535
	// ourWindow is what this client lets the server send ahead, in bytes.
	ourWindow = 8 << 20
	// preface is what a client begins with.
	preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
)

// frame is one frame that was read; the payload is valid until the next.
type frame struct {
	head        [frameHeader]byte
	kind, flags byte
	stream      uint32
	payload     []byte
}

func (f *frame) has(flag byte) bool { return f.flags&flag != 0 }

// appendFrame appends a frame.
func appendFrame(b []byte, kind, flags byte, stream uint32, payload []byte) []byte {
	b = append(b, byte(len(payload)>>16), byte(len(payload)>>8), byte(len(payload)), kind, flags)
	b = binary.BigEndian.AppendUint32(b, stream)
	return append(b, payload...)
}

// readFrame reads a frame into buffer, which has room for maxFrame bytes.
func readFrame(r io.Reader, buffer []byte) (frame, error) {
	var head [frameHeader]byte
	if n, err := io.ReadFull(r, head[:]); err != nil {
		if n > 0 {
			err = &notHTTP2{head}
		}
		return frame{}, err
	}
	length := int(head[0])<<16 | int(head[1])<<8 | int(head[2])
	if length > maxFrame {
		return frame{}, &notHTTP2{head}
	}
	f := frame{head: head, kind: head[3], flags: head[4], stream: binary.BigEndian.Uint32(head[5:]) & (1<<31 - 1), payload: buffer[:length]}
	_, err := io.ReadFull(r, f.payload)
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return f, err
}

// notHTTP2 is a frame larger than any that the server may send, or cut off:
// mostly the first bytes of another protocol.
type notHTTP2 struct{ head [frameHeader]byte }

func (*notHTTP2) Error() string { return "a frame that is too large or cut off" }

// contents is the payload of DATA or HEADERS without padding and priority;
// false where their lengths are not possible.
func (f *frame) contents() ([]byte, bool) {
	payload, padding := f.payload, 0
	if f.has(flagPadded) {
		if len(payload) < 1 {
			return nil, false
		}
		padding, payload = int(payload[0]), payload[1:]
	}
	if f.kind == frameHeaders && f.has(flagPriority) {
		if len(payload) < 5 {
			return nil, false
		}
		payload = payload[5:]
	}
	if padding > len(payload) {
		return nil, false
	}
	return payload[:len(payload)-padding], true
}
