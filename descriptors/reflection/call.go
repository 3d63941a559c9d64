package reflection

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"io"
	"strings"

	"golang.org/x/net/http2/hpack"
)

// maxMessage bounds one answer, in bytes, unpacked.
const maxMessage = 64 << 20

// call is one call of the bidirectional stream, over which request and answer
// alternate.
type call struct {
	conn     *conn
	stream   uint32
	window   int64             // how much may be sent
	granted  int64             // c.conn.peerWindow as it was counted into window
	headers  map[string]string // of the response; nil until they came
	received []byte            // bytes of messages that nobody took yet
	held     int64             // received and not yet given back to the stream's window
	ended    error             // how the server ended the call
}

// open begins a call.
func (c *conn) open(path, authority string, headers [][2]string) (*call, error) {
	if c.goingAway {
		return nil, &Error{Message: "closed the connection", lost: true}
	}
	c.lastStream += 2
	if c.lastStream == 2 {
		c.lastStream = 1
	}
	scheme := "http"
	if c.secure {
		scheme = "https"
	}
	all := [][2]string{{":method", "POST"}, {":scheme", scheme}, {":path", path}, {":authority", authority},
		{"content-type", "application/grpc"}, {"te", "trailers"}, {"user-agent", "pbscope"}, {"grpc-accept-encoding", "identity,gzip"}}
	c.encoded.Reset()
	for _, h := range append(all, headers...) {
		secret := h[0] == "authorization" || h[0] == "cookie"
		if err := c.encoder.WriteField(hpack.HeaderField{Name: h[0], Value: h[1], Sensitive: secret}); err != nil {
			return nil, err
		}
	}
	block, kind := c.encoded.Bytes(), byte(frameHeaders)
	for {
		part := block[:min(len(block), maxFrame)]
		block = block[len(part):]
		flags := byte(0)
		if len(block) == 0 {
			flags = flagEndHeaders
		}
		c.out = appendFrame(c.out, kind, flags, c.lastStream, part)
		if kind = frameContinuation; len(block) == 0 {
			break
		}
	}
	return &call{conn: c, stream: c.lastStream, window: c.peerWindow, granted: c.peerWindow}, nil
}

// exchange sends a message and receives the next. Errors are *Error and
// *statusError.
func (s *call) exchange(message []byte) ([]byte, error) {
	framed := binary.BigEndian.AppendUint32([]byte{0}, uint32(len(message)))
	if err := s.send(append(framed, message...)); err != nil {
		return nil, err
	}
	for {
		answer, ok, err := s.take()
		if ok || err != nil {
			return answer, err
		}
		if s.ended != nil {
			return nil, s.ended
		}
		if err := s.read(); err != nil {
			return nil, err
		}
	}
}

// send sends bytes as the server's windows allow.
func (s *call) send(data []byte) error {
	for len(data) > 0 {
		// A change of the initial window concerns open streams too.
		s.window += s.conn.peerWindow - s.granted
		s.granted = s.conn.peerWindow
		n := min(int64(len(data)), s.window, s.conn.window, maxFrame)
		if n <= 0 {
			if err := s.read(); err != nil {
				return err
			}
			if s.ended != nil {
				return s.ended
			}
			continue
		}
		s.conn.out = appendFrame(s.conn.out, frameData, 0, s.stream, data[:n])
		s.window -= n
		s.conn.window -= n
		data = data[n:]
	}
	return nil
}

// take is the first whole message of what was received.
func (s *call) take() (message []byte, ok bool, err error) {
	const prefix = 5
	if len(s.received) < prefix {
		return nil, false, nil
	}
	length := int64(binary.BigEndian.Uint32(s.received[1:]))
	if length > maxMessage {
		return nil, false, &Error{Message: fmt.Sprintf("sends an answer of %d bytes; at most 64 MiB are read", length)}
	}
	if int64(len(s.received)) < prefix+length {
		return nil, false, nil
	}
	message = bytes.Clone(s.received[prefix : prefix+length])
	packed := s.received[0] != 0
	s.received = append(s.received[:0], s.received[prefix+length:]...)
	if packed {
		message, err = s.unpack(message)
	}
	return message, err == nil, err
}

func (s *call) unpack(message []byte) ([]byte, error) {
	encoding := s.headers["grpc-encoding"]
	if encoding != "gzip" {
		return nil, &Error{Message: "compresses its answers in a way that was not offered: " + printable(encoding)}
	}
	r, err := gzip.NewReader(bytes.NewReader(message))
	if err == nil {
		message, err = io.ReadAll(io.LimitReader(r, maxMessage+1))
	}
	if err != nil || len(message) > maxMessage {
		return nil, &Error{Message: "sends an answer that cannot be unpacked"}
	}
	return message, nil
}

// read reads one frame and does what it says.
func (s *call) read() error {
	f, err := s.conn.next()
	if err != nil {
		return err
	}
	switch f.kind {
	case frameGoAway:
		if s.conn.refused < s.stream {
			return &Error{Message: "is going away", lost: true}
		}
		return nil
	case frameData:
		return s.data(f)
	case frameHeaders:
		return s.responseHeaders(f)
	case frameContinuation, framePushPromise:
		return s.conn.protocolError("a frame that was not asked for")
	}
	if f.stream != s.stream {
		return nil
	}
	switch f.kind {
	case frameReset:
		if len(f.payload) == 4 {
			s.ended = resetError(binary.BigEndian.Uint32(f.payload))
		}
	case frameWindowUpdate:
		if len(f.payload) == 4 {
			s.window += int64(binary.BigEndian.Uint32(f.payload) & (1<<31 - 1))
		}
	}
	return nil
}

// data keeps the contents of a DATA frame, and gives windows back when half
// of them is used.
func (s *call) data(f frame) error {
	contents, ok := f.contents()
	if !ok {
		return s.conn.protocolError("malformed data")
	}
	size := int64(len(f.payload))
	if s.conn.unannounced += size; s.conn.unannounced > ourWindow/2 {
		s.conn.out = appendUpdate(s.conn.out, 0, s.conn.unannounced)
		s.conn.unannounced = 0
	}
	if f.stream != s.stream {
		return nil
	}
	if s.headers == nil {
		return s.conn.protocolError("data before headers")
	}
	s.received = append(s.received, contents...)
	if len(s.received) > maxMessage+ourWindow {
		return &Error{Message: "sends more than was asked for"}
	}
	if s.held += size; s.held > ourWindow/2 {
		s.conn.out = appendUpdate(s.conn.out, s.stream, s.held)
		s.held = 0
	}
	if f.has(flagEndStream) {
		s.ended = &Error{Message: "ended the call without a status", lost: true}
	}
	return nil
}

func appendUpdate(b []byte, stream uint32, size int64) []byte {
	return appendFrame(b, frameWindowUpdate, 0, stream, binary.BigEndian.AppendUint32(nil, uint32(size)))
}

// responseHeaders reads the headers, or the trailers, of the response.
func (s *call) responseHeaders(f frame) error {
	fields, err := s.conn.headers(f)
	if err != nil || f.stream != s.stream {
		return err
	}
	status := fields[":status"]
	switch {
	case len(status) == 3 && status[0] == '1':
		return nil // an interim response
	case f.has(flagEndStream):
		if _, ok := fields["grpc-status"]; !ok && status != "" && status != "200" {
			s.ended = httpStatus(fields)
			return nil
		}
		if s.ended = statusOf(fields); s.ended == nil {
			s.ended = &Error{Message: "ended the call", lost: true}
		}
	case s.headers == nil:
		s.headers = fields
		if status != "200" || !strings.HasPrefix(fields["content-type"], "application/grpc") {
			s.ended = httpStatus(fields)
		}
	}
	return nil
}

// resetError is the meaning of a stream that the server reset (RFC 9113,
// section 7).
func resetError(code uint32) error {
	names := [...]string{"NO_ERROR", "PROTOCOL_ERROR", "INTERNAL_ERROR", "FLOW_CONTROL_ERROR", "SETTINGS_TIMEOUT", "STREAM_CLOSED",
		"FRAME_SIZE_ERROR", "REFUSED_STREAM", "CANCEL", "COMPRESSION_ERROR", "CONNECT_ERROR", "ENHANCE_YOUR_CALM",
		"INADEQUATE_SECURITY", "HTTP_1_1_REQUIRED"}
	name := fmt.Sprint(code)
	if int(code) < len(names) {
		name = names[code]
	}
	return &Error{Message: "reset the call: " + name, lost: true}
}
