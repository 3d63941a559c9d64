package transcode

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf8"
)

const (
	lowBits  = 0x0101010101010101
	highBits = 0x8080808080808080
)

// jsonSpace is the first offset from at on that is no white space.
func jsonSpace(doc []byte, at int) int {
	if at < len(doc) && doc[at] > ' ' {
		return at
	}
	return jsonSpaces(doc, at)
}

func jsonSpaces(doc []byte, at int) int {
	for at < len(doc) {
		switch doc[at] {
		case ' ', '\n', '\t', '\r':
			at++
		default:
			return at
		}
	}
	return at
}

// jsonString is a string's extent: text[start:end] between the quotes.
type jsonString struct {
	end int
	// escaped says that a backslash is in it, high that a byte above 0x7f is.
	escaped, high bool
	// bad says that the string does not end, or that doc[end] is a control
	// character.
	bad bool
}

// jsonStringEnd looks for the quote that ends the string whose first byte is
// doc[at], eight bytes at a time.
func jsonStringEnd(doc []byte, at int) jsonString {
	var high uint64
	escaped := false
	for {
		for at+8 <= len(doc) {
			w := binary.LittleEndian.Uint64(doc[at:])
			q, b := w^(lowBits*'"'), w^(lowBits*'\\')
			special := ((q-lowBits)&^q | (b-lowBits)&^b | (w-lowBits*0x20)&^w) & highBits
			if special != 0 {
				n := bits.TrailingZeros64(special)
				high |= w & (1<<(n&63) - 1)
				at += n >> 3
				break
			}
			high |= w
			at += 8
		}
		if at >= len(doc) {
			return jsonString{end: len(doc), bad: true}
		}
		switch c := doc[at]; {
		case c == '"':
			return jsonString{end: at, escaped: escaped, high: high&highBits != 0}
		case c == '\\':
			escaped = true
			at += 2
		case c < 0x20:
			return jsonString{end: at, bad: true}
		default:
			high |= uint64(c)
			at++
		}
	}
}

// Why a string cannot be unescaped.
const (
	jsonBadEscape    = "no escape of JSON"
	jsonBadHex       = `\u without four hexadecimal digits`
	jsonLoneHalf     = "a lone half of a surrogate pair"
	jsonInvalidUTF8  = "bytes that are not valid UTF-8"
	jsonBadCharacter = "a control character that is not escaped"
)

// jsonUnescape appends the value of the string text. On a fault at is its
// place in text and why says what is wrong.
func jsonUnescape(dst, text []byte) (out []byte, at int, why string) {
	for {
		i := 0
		for i < len(text)-at && text[at+i] != '\\' {
			i++
		}
		dst = append(dst, text[at:at+i]...)
		at += i
		if at >= len(text) {
			return dst, at, ""
		}
		if at+1 >= len(text) {
			return dst, at, jsonBadEscape
		}
		c := text[at+1]
		if c != 'u' {
			if c = jsonEscaped(c); c == 0 {
				return dst, at, jsonBadEscape
			}
			dst = append(dst, c)
			at += 2
			continue
		}
		r, n, why := jsonRune(text[at:])
		if why != "" {
			return dst, at, why
		}
		dst = utf8.AppendRune(dst, r)
		at += n
	}
}

func jsonEscaped(c byte) byte {
	switch c {
	case '"', '\\', '/':
		return c
	case 'b':
		return '\b'
	case 'f':
		return '\f'
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 't':
		return '\t'
	}
	return 0
}

// jsonRune reads \uXXXX, or two of them that are a surrogate pair.
func jsonRune(text []byte) (r rune, n int, why string) {
	r = jsonHex4(text)
	switch {
	case r < 0:
		return 0, 0, jsonBadHex
	case r < 0xd800 || r > 0xdfff:
		return r, 6, ""
	case r > 0xdbff || len(text) < 12:
		return 0, 0, jsonLoneHalf
	}
	low := jsonHex4(text[6:])
	if low < 0xdc00 || low > 0xdfff {
		return 0, 0, jsonLoneHalf
	}
	return (r-0xd800)<<10 + (low - 0xdc00) + 0x10000, 12, ""
}

// jsonHex4 is the value of \uXXXX at the start of text, below 0 if that is not
// what stands there.
func jsonHex4(text []byte) rune {
	if len(text) < 6 || text[0] != '\\' || text[1] != 'u' {
		return -1
	}
	var r rune
	for _, c := range text[2:6] {
		d := hexDigit(c)
		if d < 0 {
			return -1
		}
		r = r<<4 | rune(d)
	}
	return r
}

// hexDigit is the value of a hexadecimal digit, -1 if c is none.
func hexDigit(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

// jsonNumberEnd is the offset after the number at doc[at], or -1 if no number
// as RFC 8259 writes it stands there.
func jsonNumberEnd(doc []byte, at int) int {
	if at < len(doc) && doc[at] == '-' {
		at++
	}
	digits := jsonDigits(doc, at)
	if digits == at || doc[at] == '0' && digits > at+1 {
		return -1
	}
	at = digits
	if at < len(doc) && doc[at] == '.' {
		at++
		if digits = jsonDigits(doc, at); digits == at {
			return -1
		}
		at = digits
	}
	if at < len(doc) && doc[at]|0x20 == 'e' {
		at++
		if at < len(doc) && (doc[at] == '+' || doc[at] == '-') {
			at++
		}
		if digits = jsonDigits(doc, at); digits == at {
			return -1
		}
		at = digits
	}
	return at
}

func jsonDigits(doc []byte, at int) int {
	for at < len(doc) && doc[at]-'0' <= 9 {
		at++
	}
	return at
}
