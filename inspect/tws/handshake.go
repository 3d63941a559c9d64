package tws

import (
	"bytes"
	"strconv"
	"unicode/utf8"

	"github.com/pbscope/pbscope/inspect/span"
)

// maxServerInfo is the longest payload in bytes that is taken for a server's
// first one; they have about 30.
const maxServerInfo = 512

// handshakeValue is the value of a handshake frame, for the envelope. Absent
// members are nil. It is what the writer reads again.
type handshakeValue struct {
	MinVersion     *int    `json:"minVersion"`
	MaxVersion     *int    `json:"maxVersion"`
	ConnectOptions *string `json:"connectOptions"`
	ServerVersion  *int    `json:"serverVersion"`
	ConnectionTime *string `json:"connectionTime"`
	Redirect       *string `json:"redirect"`
	charset        string
}

// parseClientVersions reads "v100..225" or "v100", and connect options after
// a space.
func parseClientVersions(payload []byte) (v handshakeValue, ok bool) {
	if len(payload) < 2 || payload[0] != 'v' || !utf8.Valid(payload) {
		return v, false
	}
	versions, options, found := bytes.Cut(payload[1:], []byte(" "))
	if found {
		s := string(options)
		v.ConnectOptions = &s
	}
	lowest, highest, found := bytes.Cut(versions, []byte(".."))
	if v.MinVersion, ok = number(lowest); ok && found {
		v.MaxVersion, ok = number(highest)
	}
	return v, ok
}

// parseServerInfo reads a server's version and the time, each ending with NUL.
// A negative version stands before the address of another server. Where it is
// not the first frame, or might not be, a message of digits must not be taken
// for one: first says that it is.
func parseServerInfo(payload []byte, first bool) (v handshakeValue, ok bool) {
	version, rest, ok := bytes.Cut(payload, []byte{0})
	if !ok || len(payload) > maxServerInfo || bytes.IndexByte(rest, 0) != len(rest)-1 || len(rest) == 0 {
		return v, false
	}
	if v.ServerVersion, ok = number(version); !ok {
		return v, false
	}
	if !utf8.Valid(rest) {
		v.charset = latin1
	}
	s := decodeText(rest[:len(rest)-1], v.charset)
	if *v.ServerVersion < 0 {
		v.Redirect = &s
		return v, true
	}
	v.ConnectionTime = &s
	_, known := find(server, uint32(*v.ServerVersion))
	return v, looksLikeTime(rest) && (first || !known)
}

// parseFirstInfo is parseServerInfo for a stream's very first frame, which is
// nothing else where its number is no message's: the time may then be anything.
func parseFirstInfo(payload []byte, t table) (v handshakeValue, ok bool) {
	if v, ok = parseServerInfo(payload, true); ok || v.ConnectionTime == nil || *v.ServerVersion < oldestLayouts {
		return v, ok
	}
	_, known := t.find(server, uint32(*v.ServerVersion))
	return v, !known
}

// looksLikeTime knows 20260930 12:34:56, which a time zone follows.
func looksLikeTime(b []byte) bool {
	const form = "00000000 00:00:00"
	if len(b) < len(form) {
		return false
	}
	for i, c := range []byte(form) {
		if c == '0' && (b[i] < '0' || b[i] > '9') || c == ':' && b[i] != ':' {
			return false
		}
	}
	return true
}

// number is a decimal number that would be written like this again.
func number(b []byte) (*int, bool) {
	if len(b) == 0 || len(b) > 9 {
		return nil, false
	}
	n, err := strconv.Atoi(string(b))
	return &n, err == nil && strconv.Itoa(n) == string(b)
}

// appendJSON appends the value as an envelope shows it.
func (v *handshakeValue) appendJSON(dst []byte) []byte {
	start := len(dst)
	dst = append(dst, '{')
	dst = appendInt(dst, `,"minVersion":`, v.MinVersion)
	dst = appendInt(dst, `,"maxVersion":`, v.MaxVersion)
	dst = appendString(dst, `,"connectOptions":`, v.ConnectOptions)
	dst = appendInt(dst, `,"serverVersion":`, v.ServerVersion)
	dst = appendString(dst, `,"connectionTime":`, v.ConnectionTime)
	dst = appendString(dst, `,"redirect":`, v.Redirect)
	if len(dst) > start+1 {
		dst = append(dst[:start+1], dst[start+2:]...)
	}
	return append(dst, '}')
}

func appendInt(dst []byte, key string, n *int) []byte {
	if n == nil {
		return dst
	}
	return strconv.AppendInt(append(dst, key...), int64(*n), 10)
}

func appendString(dst []byte, key string, s *string) []byte {
	if s == nil {
		return dst
	}
	return span.AppendQuoted(append(dst, key...), *s)
}
