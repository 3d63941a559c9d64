package reflection

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"time"

	"golang.org/x/net/http2/hpack"
)

// conn is an HTTP/2 connection with one call at a time. Nobody reads it but
// who waits for an answer.
type conn struct {
	net     net.Conn
	reader  *bufio.Reader
	secure  bool
	timeout time.Duration
	buffer  [maxFrame]byte
	out     []byte // frames that wait to be written with the next

	encoded bytes.Buffer
	encoder *hpack.Encoder
	decoder *hpack.Decoder
	fields  []hpack.HeaderField // that the decoder gave of the block it reads

	lastStream  uint32
	greeted     bool  // the server's settings were read
	window      int64 // how much may be sent over the connection
	peerWindow  int64 // initial window of a stream, as the server wants it
	goingAway   bool
	refused     uint32 // streams above this one the server has not looked at
	unannounced int64  // received and not yet given back to the server's window
}

// maxHeaders bounds the block of one response's headers, in bytes, packed, and
// one field of it, unpacked.
const maxHeaders = 1 << 20

// greet sends the preface; the server's comes with the first answer.
func (c *conn) greet() {
	c.window, c.peerWindow = initialWindow, initialWindow
	c.encoder = hpack.NewEncoder(&c.encoded)
	c.decoder = hpack.NewDecoder(4096, func(f hpack.HeaderField) { c.fields = append(c.fields, f) })
	c.decoder.SetMaxStringLength(maxHeaders)
	c.out = append(c.out, preface...)
	settings := appendSetting(nil, settingEnablePush, 0)
	settings = appendSetting(settings, settingInitialWindowSize, ourWindow)
	c.out = appendFrame(c.out, frameSettings, 0, 0, settings)
	c.out = appendFrame(c.out, frameWindowUpdate, 0, 0, binary.BigEndian.AppendUint32(nil, ourWindow-initialWindow))
}

func appendSetting(b []byte, id uint16, value uint32) []byte {
	return binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint16(b, id), value)
}

func (c *conn) deadline(timeout time.Duration) { _ = c.net.SetDeadline(time.Now().Add(timeout)) }

// close says goodbye and closes.
func (c *conn) close() {
	c.deadline(time.Second)
	c.out = appendFrame(c.out, frameGoAway, 0, 0, make([]byte, 8))
	_ = c.flush()
	_ = c.net.Close()
}

// flush writes what waits.
func (c *conn) flush() error {
	if len(c.out) == 0 {
		return nil
	}
	_, err := c.net.Write(c.out)
	c.out = c.out[:0]
	return c.broken(err)
}

// next reads a frame, and deals with those that are about the connection
// alone; what is left is for a stream.
func (c *conn) next() (frame, error) {
	for {
		if err := c.flush(); err != nil {
			return frame{}, err
		}
		f, err := readFrame(c.reader, c.buffer[:])
		if err != nil {
			return frame{}, c.broken(err)
		}
		if !c.greeted && f.kind != frameSettings {
			return frame{}, c.broken(&notHTTP2{f.head})
		}
		c.greeted = true
		ok := true
		switch {
		case f.kind == frameSettings:
			ok = c.settings(&f)
		case f.kind == framePing:
			if ok = len(f.payload) == 8 && f.stream == 0; ok && !f.has(flagAck) {
				c.out = appendFrame(c.out, framePing, flagAck, 0, f.payload)
			}
		case f.kind == frameGoAway:
			if ok = len(f.payload) >= 8; ok {
				c.goingAway, c.refused = true, binary.BigEndian.Uint32(f.payload)&(1<<31-1)
				return f, nil
			}
		case f.kind == frameWindowUpdate && f.stream == 0:
			if ok = len(f.payload) == 4; ok {
				c.window += int64(binary.BigEndian.Uint32(f.payload) & (1<<31 - 1))
				return f, nil
			}
		case f.stream != 0 && f.kind <= frameContinuation:
			return f, nil
		}
		if !ok {
			return frame{}, c.protocolError("a malformed frame")
		}
	}
}

// settings takes over those of the server's settings that limit what this
// client sends.
func (c *conn) settings(f *frame) bool {
	if f.has(flagAck) {
		return len(f.payload) == 0
	}
	if len(f.payload)%6 != 0 || f.stream != 0 {
		return false
	}
	for p := f.payload; len(p) > 0; p = p[6:] {
		value := binary.BigEndian.Uint32(p[2:])
		switch binary.BigEndian.Uint16(p) {
		case settingHeaderTableSize:
			c.encoder.SetMaxDynamicTableSizeLimit(min(value, 4096))
		case settingInitialWindowSize:
			if value > 1<<31-1 {
				return false
			}
			c.peerWindow = int64(value)
		}
	}
	c.out = appendFrame(c.out, frameSettings, flagAck, 0, nil)
	return true
}

// headers reads a block of headers that f begins, with its continuations.
func (c *conn) headers(f frame) (map[string]string, error) {
	block, ok := f.contents()
	if !ok {
		return nil, c.protocolError("malformed headers")
	}
	block = bytes.Clone(block)
	for stream := f.stream; !f.has(flagEndHeaders); {
		var err error
		if f, err = readFrame(c.reader, c.buffer[:]); err != nil {
			return nil, c.broken(err)
		}
		if f.kind != frameContinuation || f.stream != stream {
			return nil, c.protocolError("headers that do not go on")
		}
		if block = append(block, f.payload...); len(block) > maxHeaders {
			return nil, c.protocolError("headers of more than 1 MiB")
		}
	}
	c.fields = c.fields[:0]
	if _, err := c.decoder.Write(block); err != nil || c.decoder.Close() != nil {
		return nil, c.protocolError("headers that cannot be unpacked")
	}
	fields := make(map[string]string, len(c.fields))
	for _, field := range c.fields {
		fields[field.Name] = field.Value
	}
	return fields, nil
}

func (c *conn) protocolError(what string) *Error {
	return &Error{Message: "breaks the rules of HTTP/2: it sends " + what}
}

// broken puts the error of a read or write into words; nil for nil.
func (c *conn) broken(err error) error {
	var other *notHTTP2
	var op *net.OpError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &other) && !c.greeted:
		return c.otherProtocol(other.head)
	case other != nil:
		return c.protocolError(other.Error())
	case errors.Is(err, os.ErrDeadlineExceeded):
		return &Error{Message: "does not answer within " + c.timeout.String(), Hint: c.silentHint()}
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		e := &Error{Message: "closed the connection", lost: c.greeted}
		if !c.greeted {
			e.Message = "closed the connection without a word"
			e.Hint = c.silentHint()
		}
		return e
	case errors.As(err, &op) && op.Op == remoteAlert:
		return tlsError(err, "")
	}
	return &Error{Message: "cannot be read: " + plain(err), lost: c.greeted}
}

func (c *conn) silentHint() string {
	switch {
	case c.greeted:
		return "--reflect-timeout allows more"
	case c.secure:
		return "is this the port of a gRPC server?"
	}
	return "if it speaks TLS, add --reflect-tls"
}

// otherProtocol says what speaks there, by the first bytes.
func (c *conn) otherProtocol(head [frameHeader]byte) *Error {
	text := string(head[:])
	switch {
	case !c.secure && head[0] == 0x15 && head[1] == 3:
		return &Error{Message: "speaks TLS", Hint: "add --reflect-tls"}
	case strings.HasPrefix(text, "HTTP/"):
		rest, _ := io.ReadAll(io.LimitReader(c.reader, 300))
		hint := "this is the port of a web server, or of a gateway before the gRPC server"
		if strings.Contains(string(rest), "HTTPS server") {
			hint = "it wants TLS: add --reflect-tls"
		}
		return &Error{Message: "answers in HTTP/1, not in gRPC", Hint: hint}
	}
	return &Error{Message: "does not speak HTTP/2, which gRPC needs", Hint: "is this the port of a gRPC server?"}
}
