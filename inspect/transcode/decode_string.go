package transcode

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"math/bits"
	"slices"
	"unicode/utf8"
)

const (
	eachByte = 0x0101010101010101
	topBits  = 0x80 * eachByte
)

// shortText is how many bytes of a string are looked through at once.
const shortText = 16

// appendString appends b[at:end] as a JSON string; not ok, with dst as it was,
// if that is not UTF-8. What follows in b may be looked at: eight bytes are
// copied at a time and looked through on the way.
func appendString(dst, b []byte, at, end int) (out []byte, ok bool) {
	start := len(dst)
	if room := end - at + 2 + shortText; cap(dst)-start < room {
		dst = slices.Grow(dst, room)
	}
	dst = append(dst, '"')
	n, to := len(dst), dst[:cap(dst)]
	if size := end - at; size <= shortText && at+shortText <= len(b) {
		// Most strings are short, and what a loop costs them is to guess how
		// often it runs.
		from, room := b[at:at+shortText], to[n:n+shortText]
		v, w := binary.LittleEndian.Uint64(from), binary.LittleEndian.Uint64(from[8:])
		binary.LittleEndian.PutUint64(room, v)
		binary.LittleEndian.PutUint64(room[8:], w)
		if notPlain(v)<<(64-8*uint(min(size, 8)))|notPlain(w)<<(64-8*uint(max(size-8, 0))) != 0 {
			return appendMixed(to[:n], b[at:end], start)
		}
		to[n+size] = '"'
		return to[:n+size+1], true
	}
	for ; at+8 <= end; at += 8 {
		w := binary.LittleEndian.Uint64(b[at:])
		binary.LittleEndian.PutUint64(to[n:], w)
		if found := notPlain(w); found != 0 {
			plain := bits.TrailingZeros64(found) / 8
			return appendMixed(to[:n+plain], b[at+plain:end], start)
		}
		n += 8
	}
	if left := end - at; left > 0 {
		if at+8 > len(b) {
			return appendMixed(to[:n], b[at:end], start)
		}
		w := binary.LittleEndian.Uint64(b[at:])
		if notPlain(w)<<(64-8*uint(left)) != 0 {
			return appendMixed(to[:n], b[at:end], start)
		}
		binary.LittleEndian.PutUint64(to[n:], w)
		n += left
	}
	to[n] = '"'
	return to[:n+1], true
}

// notPlain marks the bytes that a JSON string cannot hold as they are, and
// those that are not ASCII. The lowest mark is right; those above it may be
// borrowed.
func notPlain(w uint64) uint64 { return (w | toEscape(w)) & topBits }

func toEscape(w uint64) uint64 {
	quote, slash := w^('"'*eachByte), w^('\\'*eachByte)
	return ((w-' '*eachByte)&^w | (quote-eachByte)&^quote | (slash-eachByte)&^slash) & topBits
}

// appendMixed appends the rest of a string that may hold anything.
func appendMixed(dst, s []byte, start int) (out []byte, ok bool) {
	ascii := true
	for len(s) > 0 {
		n := plainPrefix(s, ascii)
		dst = append(dst, s[:n]...)
		if s = s[n:]; len(s) == 0 {
			break
		}
		if s[0] >= utf8.RuneSelf {
			if !utf8.Valid(s) {
				return dst[:start], false
			}
			ascii = false
			continue
		}
		dst = appendEscaped(dst, s[0])
		s = s[1:]
	}
	return append(dst, '"'), true
}

// plainPrefix is the number of bytes that a JSON string holds as they are; with
// ascii set it ends before what is not ASCII as well.
func plainPrefix(s []byte, ascii bool) int {
	at := 0
	for ; at+8 <= len(s); at += 8 {
		w := binary.LittleEndian.Uint64(s[at:])
		found := toEscape(w)
		if ascii {
			found = notPlain(w)
		}
		if found != 0 {
			return at + bits.TrailingZeros64(found)/8
		}
	}
	for ; at < len(s); at++ {
		if c := s[at]; c < ' ' || c == '"' || c == '\\' || c >= utf8.RuneSelf && ascii {
			break
		}
	}
	return at
}

func appendEscaped(dst []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(dst, '\\', c)
	case '\b':
		return append(dst, '\\', 'b')
	case '\f':
		return append(dst, '\\', 'f')
	case '\n':
		return append(dst, '\\', 'n')
	case '\r':
		return append(dst, '\\', 'r')
	case '\t':
		return append(dst, '\\', 't')
	}
	const digits = "0123456789abcdef"
	return append(dst, '\\', 'u', '0', '0', digits[c>>4], digits[c&15])
}

// appendBase64 takes six bytes at a time to eight characters, which are written
// as one word, and the rest as the standard library does.
func appendBase64(dst, b []byte) []byte {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	dst = append(slices.Grow(dst, base64.StdEncoding.EncodedLen(len(b))+2), '"')
	n, to := len(dst), dst[:cap(dst)]
	for len(b) >= 8 {
		w := binary.BigEndian.Uint64(b)
		binary.LittleEndian.PutUint64(to[n:], uint64(letters[w>>58])|uint64(letters[w>>52&63])<<8|
			uint64(letters[w>>46&63])<<16|uint64(letters[w>>40&63])<<24|uint64(letters[w>>34&63])<<32|
			uint64(letters[w>>28&63])<<40|uint64(letters[w>>22&63])<<48|uint64(letters[w>>16&63])<<56)
		b = b[6:]
		n += 8
	}
	return append(base64.StdEncoding.AppendEncode(to[:n], b), '"')
}

func appendHex(dst, b []byte) []byte {
	return append(hex.AppendEncode(append(dst, '"'), b), '"')
}
