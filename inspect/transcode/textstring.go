package transcode

import (
	"unicode"
	"unicode/utf8"
)

// text reads the string literals at pos, joined, and appends what they stand
// for.
func (s *textScanner) text(dst []byte) (out []byte, ok bool) {
	for c := s.next(); c == '"' || c == '\''; c = s.next() {
		if dst, ok = s.literal(dst); !ok {
			return dst, false
		}
	}
	return dst, true
}

func (s *textScanner) literal(dst []byte) (out []byte, ok bool) {
	start, quote := s.pos, s.src[s.pos]
	s.pos++
	for s.pos < len(s.src) {
		c := s.src[s.pos]
		switch c {
		case quote:
			s.pos++
			return dst, true
		case '\n':
			return dst, s.fail(start, "the string is not closed on its line")
		case '\\':
			if dst, ok = s.escape(dst); !ok {
				return dst, false
			}
			continue
		}
		dst = append(dst, c)
		s.pos++
	}
	return dst, s.fail(start, "the string is not closed")
}

func (s *textScanner) escape(dst []byte) (out []byte, ok bool) {
	start := s.pos
	c := s.at(1)
	s.pos += 2
	switch c {
	case 'a':
		return append(dst, '\a'), true
	case 'b':
		return append(dst, '\b'), true
	case 'f':
		return append(dst, '\f'), true
	case 'n':
		return append(dst, '\n'), true
	case 'r':
		return append(dst, '\r'), true
	case 't':
		return append(dst, '\t'), true
	case 'v':
		return append(dst, '\v'), true
	case '?', '\\', '\'', '"':
		return append(dst, c), true
	case '0', '1', '2', '3', '4', '5', '6', '7':
		s.pos--
		v, _ := s.digits(3, 8)
		if v > 0xff {
			return dst, s.fail(start, "an octal escape above \\377")
		}
		return append(dst, byte(v)), true
	case 'x', 'X':
		v, n := s.digits(2, 16)
		if n == 0 {
			return dst, s.fail(start, "\\x without hexadecimal digits")
		}
		return append(dst, byte(v)), true
	case 'u', 'U':
		want := 4
		if c == 'U' {
			want = 8
		}
		v, n := s.digits(want, 16)
		if n < want || v > unicode.MaxRune || !utf8.ValidRune(rune(v)) {
			return dst, s.fail(start, "\\u with 4 or \\U with 8 hexadecimal digits names no Unicode character here")
		}
		return utf8.AppendRune(dst, rune(v)), true
	}
	return dst, s.fail(start, "an escape that does not exist; a backslash itself is \\\\")
}

// digits reads up to limit digits of base 8 or 16.
func (s *textScanner) digits(limit int, base uint32) (v uint32, n int) {
	for ; n < limit; n++ {
		d, ok := textDigitValue(s.at(0))
		if !ok || d >= base {
			break
		}
		v = v*base + d
		s.pos++
	}
	return v, n
}

func textDigitValue(c byte) (v uint32, ok bool) {
	switch {
	case textDigit(c):
		return uint32(c - '0'), true
	case textHexDigit(c):
		return uint32(c|0x20-'a') + 10, true
	}
	return 0, false
}

// appendTextString appends s between quotes. Where readable, what is printable
// UTF-8 stays as it is; all else is escaped as protoc does, in octal.
func appendTextString(dst, s []byte, readable bool) []byte {
	dst = append(dst, '"')
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			dst = appendTextByte(dst, c)
			i++
			continue
		}
		r, size := utf8.DecodeRune(s[i:])
		if readable && r != utf8.RuneError && unicode.IsPrint(r) {
			dst = append(dst, s[i:i+size]...)
		} else {
			for _, c := range s[i : i+size] {
				dst = appendTextByte(dst, c)
			}
		}
		i += size
	}
	return append(dst, '"')
}

func appendTextByte(dst []byte, c byte) []byte {
	switch {
	case c == '\n':
		return append(dst, '\\', 'n')
	case c == '\r':
		return append(dst, '\\', 'r')
	case c == '\t':
		return append(dst, '\\', 't')
	case c == '"' || c == '\'' || c == '\\':
		return append(dst, '\\', c)
	case c < 0x20 || c >= 0x7f:
		return append(dst, '\\', '0'+c>>6, '0'+c>>3&7, '0'+c&7)
	}
	return append(dst, c)
}
