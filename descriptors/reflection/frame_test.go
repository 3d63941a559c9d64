package reflection

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/http2/hpack"
	"google.golang.org/protobuf/encoding/protowire"
)

// recorded is a connection to a server that says what it has to say, whatever
// it is asked.
type recorded struct {
	net.Conn
	said io.Reader
}

func (r recorded) Read(p []byte) (int, error)       { return r.said.Read(p) }
func (r recorded) Write(p []byte) (int, error)      { return len(p), nil }
func (r recorded) SetDeadline(time.Time) error      { return nil }
func (r recorded) SetReadDeadline(time.Time) error  { return nil }
func (r recorded) SetWriteDeadline(time.Time) error { return nil }
func (r recorded) Close() error                     { return nil }

// asking is a client of a recorded server.
func asking(said io.Reader) *Client {
	c := New(Options{Address: "recorded:1"})
	c.conn = &conn{net: recorded{said: said}, timeout: time.Second}
	c.conn.reader = bufio.NewReaderSize(c.conn.net, 16)
	c.conn.greet()
	return c
}

// oneByte reads a byte at a time.
type oneByte struct{ r io.Reader }

func (o oneByte) Read(p []byte) (int, error) { return o.r.Read(p[:min(len(p), 1)]) }

// block packs header fields.
func block(fields ...string) []byte {
	var b bytes.Buffer
	e := hpack.NewEncoder(&b)
	for i := 0; i < len(fields); i += 2 {
		_ = e.WriteField(hpack.HeaderField{Name: fields[i], Value: fields[i+1]})
	}
	return b.Bytes()
}

// servicesAnswer is a gRPC message that lists a service.
func servicesAnswer(name string) []byte {
	service := protowire.AppendString([]byte{0x0a}, name)
	list := protowire.AppendBytes([]byte{0x0a}, service)
	message := protowire.AppendBytes([]byte{6<<3 | 2}, list)
	return append(binary.BigEndian.AppendUint32([]byte{0}, uint32(len(message))), message...)
}

// frames are frames one after another.
func frames(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

func settings() []byte { return appendFrame(nil, frameSettings, 0, 0, nil) }

func responseBlock() []byte { return block(":status", "200", "content-type", "application/grpc") }

func headersFrame(stream uint32) []byte {
	return appendFrame(nil, frameHeaders, flagEndHeaders, stream, responseBlock())
}

func dataFrame(flags byte, payload []byte) []byte {
	return appendFrame(nil, frameData, flags, 1, payload)
}

// TestFrames plays what servers may send.
func TestFrames(t *testing.T) {
	answer := servicesAnswer("a.B")
	padded := append(append([]byte{3}, answer...), 0, 0, 0)
	long := block(":status", "200", "content-type", "application/grpc+proto", "x-long", strings.Repeat("z", 3000))
	for name, said := range map[string][]byte{
		"plain":          frames(settings(), headersFrame(1), dataFrame(0, answer)),
		"acknowledged":   frames(settings(), appendFrame(nil, frameSettings, flagAck, 0, nil), headersFrame(1), dataFrame(0, answer)),
		"ping":           frames(settings(), appendFrame(nil, framePing, 0, 0, []byte("12345678")), headersFrame(1), dataFrame(0, answer)),
		"padded":         frames(settings(), headersFrame(1), dataFrame(flagPadded, padded)),
		"prefix alone":   frames(settings(), headersFrame(1), dataFrame(0, answer[:5]), dataFrame(0, answer[5:])),
		"empty data":     frames(settings(), headersFrame(1), dataFrame(0, nil), dataFrame(0, answer)),
		"interim":        frames(settings(), appendFrame(nil, frameHeaders, flagEndHeaders, 1, block(":status", "103")), headersFrame(1), dataFrame(0, answer)),
		"other stream":   frames(settings(), headersFrame(1), appendFrame(nil, frameData, 0, 7, []byte("x")), dataFrame(0, answer)),
		"unknown frame":  frames(settings(), appendFrame(nil, 0xbe, 0xff, 0, []byte("x")), headersFrame(1), appendFrame(nil, 10, 0, 1, []byte("alt")), dataFrame(0, answer)),
		"graceful":       frames(settings(), appendFrame(nil, frameGoAway, 0, 0, []byte{0x7f, 0xff, 0xff, 0xff, 0, 0, 0, 0}), headersFrame(1), dataFrame(0, answer)),
		"priority":       frames(settings(), appendFrame(nil, frameHeaders, flagEndHeaders|flagPriority, 1, append(make([]byte, 5), responseBlock()...)), dataFrame(0, answer)),
		"ends at once":   frames(settings(), headersFrame(1), dataFrame(0, answer), appendFrame(nil, frameHeaders, flagEndHeaders|flagEndStream, 1, block("grpc-status", "0"))),
		"continued":      frames(settings(), appendFrame(nil, frameHeaders, 0, 1, long[:7]), appendFrame(nil, frameContinuation, 0, 1, long[7:900]), appendFrame(nil, frameContinuation, flagEndHeaders, 1, long[900:]), dataFrame(0, answer)),
		"smaller window": frames(appendFrame(nil, frameSettings, 0, 0, appendSetting(appendSetting(nil, settingInitialWindowSize, 10), settingHeaderTableSize, 0)), headersFrame(1), dataFrame(0, answer)),
	} {
		for _, r := range []io.Reader{bytes.NewReader(said), oneByte{bytes.NewReader(said)}} {
			services, err := asking(r).Services()
			if err != nil || strings.Join(services, " ") != "a.B" {
				t.Errorf("%s: %q, %v", name, services, err)
			}
		}
	}
}

// TestBadFrames plays what servers must not send, and how calls fail.
func TestBadFrames(t *testing.T) {
	end := func(fields ...string) []byte {
		return appendFrame(nil, frameHeaders, flagEndHeaders|flagEndStream, 1, block(fields...))
	}
	for _, c := range []struct {
		name, message string
		said          []byte
	}{
		{"nothing", "closed the connection without a word", nil},
		{"another protocol", "does not speak HTTP/2", []byte("SSH-2.0-OpenSSH_9.2\r\n")},
		{"a short one", "does not speak HTTP/2", []byte("+OK\r\n")},
		{"a TLS alert", "speaks TLS", []byte{0x15, 3, 1, 0, 2, 2, 40}},
		{"no settings", "does not speak HTTP/2", headersFrame(1)},
		{"cut off", "closed the connection", frames(settings(), headersFrame(1), []byte{0, 0, 9, 0, 0, 0, 0, 0, 1, 0})},
		{"too large", "a frame that is too large", frames(settings(), []byte{0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 1})},
		{"data before headers", "data before headers", frames(settings(), dataFrame(0, []byte("abc")))},
		{"padding beyond", "malformed data", frames(settings(), headersFrame(1), dataFrame(flagPadded, []byte{9, 1}))},
		{"bad settings", "a malformed frame", frames(settings(), appendFrame(nil, frameSettings, 0, 0, []byte("12345")))},
		{"bad ping", "a malformed frame", frames(settings(), appendFrame(nil, framePing, 0, 0, []byte("12345")))},
		{"bad headers", "headers that cannot be unpacked", frames(settings(), appendFrame(nil, frameHeaders, flagEndHeaders, 1, []byte{0xff, 0xff, 0xff}))},
		{"interrupted headers", "headers that do not go on", frames(settings(), appendFrame(nil, frameHeaders, 0, 1, responseBlock()), dataFrame(0, nil))},
		{"lone continuation", "a frame that was not asked for", frames(settings(), appendFrame(nil, frameContinuation, 0, 1, nil))},
		{"a push", "a frame that was not asked for", frames(settings(), appendFrame(nil, framePushPromise, flagEndHeaders, 1, []byte{0, 0, 0, 2}))},
		{"reset", "reset the call: ENHANCE_YOUR_CALM", frames(settings(), appendFrame(nil, frameReset, 0, 1, []byte{0, 0, 0, 11}))},
		{"goes away", "is going away", frames(settings(), appendFrame(nil, frameGoAway, 0, 0, make([]byte, 8)))},
		{"ends", "ended the call", frames(settings(), headersFrame(1), end("grpc-status", "0"))},
		{"no status", "without a status", frames(settings(), headersFrame(1), end("x", "y"))},
		{"data ends", "without a status", frames(settings(), headersFrame(1), dataFrame(flagEndStream, nil))},
		{"status", "refuses: status INTERNAL: a b\ufffd%", frames(settings(), end(":status", "200", "content-type", "application/grpc", "grpc-status", "13", "grpc-message", "a%20b%ff%"))},
		{"unknown status", "refuses: status 99", frames(settings(), end(":status", "200", "content-type", "application/grpc", "grpc-status", "99"))},
		{"HTTP 503", "refuses: status UNAVAILABLE: HTTP 503", frames(settings(), end(":status", "503"))},
		{"HTTP 500", `answers with HTTP status "500"`, frames(settings(), end(":status", "500"))},
		{"HTML", "not in gRPC", frames(settings(), appendFrame(nil, frameHeaders, flagEndHeaders, 1, block(":status", "200", "content-type", "text/html")))},
		{"huge answer", "at most 64 MiB are read", frames(settings(), headersFrame(1), dataFrame(0, []byte{0, 0xff, 0xff, 0xff, 0xff}))},
		{"other compression", "a way that was not offered", frames(settings(), headersFrame(1), dataFrame(0, []byte{1, 0, 0, 0, 1, 9}))},
		{"no message", "no ServerReflectionResponse", frames(settings(), headersFrame(1), dataFrame(0, []byte{0, 0, 0, 0, 1, 9}))},
		{"an error in the answer", "refuses: status INTERNAL: x", frames(settings(), headersFrame(1), dataFrame(0, []byte{0, 0, 0, 0, 7, 7<<3 | 2, 5, 8, 13, 18, 1, 'x'}))},
	} {
		_, err := asking(bytes.NewReader(c.said)).Services()
		var e *Error
		if !errors.As(err, &e) || !strings.Contains(e.Message, c.message) {
			t.Errorf("%s: %v, want %q", c.name, err, c.message)
		}
	}
}

// FuzzServer lets servers say anything.
func FuzzServer(f *testing.F) {
	f.Add(frames(settings(), headersFrame(1), dataFrame(0, servicesAnswer("a.B"))))
	f.Add(frames(settings(), appendFrame(nil, frameHeaders, 0, 1, responseBlock()), appendFrame(nil, frameContinuation, flagEndHeaders, 1, nil)))
	f.Add(frames(settings(), appendFrame(nil, frameGoAway, 0, 0, make([]byte, 8)), appendFrame(nil, frameReset, 0, 1, []byte{0, 0, 0, 8})))
	f.Add(frames(settings(), appendFrame(nil, frameWindowUpdate, 0, 1, []byte{0x7f, 0xff, 0xff, 0xff}), dataFrame(flagPadded, []byte{0})))
	f.Fuzz(func(t *testing.T, said []byte) {
		services, err := asking(bytes.NewReader(said)).Services()
		again, errAgain := asking(oneByte{bytes.NewReader(said)}).Services()
		if strings.Join(services, " ") != strings.Join(again, " ") || (err == nil) != (errAgain == nil) {
			t.Errorf("%q, %v; by bytes: %q, %v", services, err, again, errAgain)
		}
	})
}
