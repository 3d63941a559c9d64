package transcode

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"math/bits"
	"unicode/utf8"
)

const (
	eachByte = 0x0101010101010101
	topBits  = 0x80 * eachByte
)

// appendString appends s as a JSON string; not ok, with dst as it was, if s is
// not UTF-8.
func appendString(dst, s []byte) (out []byte, ok bool) {
	start := len(dst)
	n := plainPrefix(s, 0, topBits)
	dst = append(append(dst, '"'), s[:n]...)
	if n == len(s) {
		return append(dst, '"'), true
	}
	high := uint64(topBits)
	for n < len(s) {
		c := s[n]
		if c >= utf8.RuneSelf {
			if !utf8.Valid(s[n:]) {
				return dst[:start], false
			}
			high = 0
		} else {
			dst = appendEscaped(dst, c)
			n++
		}
		next := plainPrefix(s, n, high)
		dst = append(dst, s[n:next]...)
		n = next
	}
	return append(dst, '"'), true
}

// plainPrefix is the first position from at on of a byte that a JSON string
// cannot hold as it is, or, with high set, that is not ASCII; len(s) if there
// is none. It looks at eight bytes at a time.
func plainPrefix(s []byte, at int, high uint64) int {
	for ; at+8 <= len(s); at += 8 {
		w := binary.LittleEndian.Uint64(s[at:])
		quote, slash := w^('"'*eachByte), w^('\\'*eachByte)
		found := w & high
		found |= (w - ' '*eachByte) & ^w & topBits
		found |= (quote - eachByte) & ^quote & topBits
		found |= (slash - eachByte) & ^slash & topBits
		if found != 0 {
			// The lowest mark is right; those above it may be borrowed.
			return at + bits.TrailingZeros64(found)/8
		}
	}
	for ; at < len(s); at++ {
		if c := s[at]; c < ' ' || c == '"' || c == '\\' || c >= utf8.RuneSelf && high != 0 {
			return at
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

func appendBase64(dst, b []byte) []byte {
	return append(base64.StdEncoding.AppendEncode(append(dst, '"'), b), '"')
}

func appendHex(dst, b []byte) []byte {
	return append(hex.AppendEncode(append(dst, '"'), b), '"')
}
