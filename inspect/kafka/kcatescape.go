package kafka

import (
	"unicode/utf16"
	"unicode/utf8"
)

// escape is the length of the escape at p.at; 0 where it is none.
func (p *kcatParser) escape() int {
	rest := p.b[p.at:]
	if len(rest) < 2 {
		p.at = len(p.b)
		p.fail("")
		return 0
	}
	switch rest[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2
	case 'u':
		return p.escapeU(rest)
	}
	p.fail("there is no such escape")
	return 0
}

func (p *kcatParser) escapeU(rest []byte) int {
	const message = "an escape of four hexadecimal digits, paired if a surrogate, should stand here"
	r, ok, cut := hex4(rest)
	n := 6
	if ok && utf16.IsSurrogate(r) {
		n = 12
		var low rune
		low, ok, cut = hex4(rest[6:])
		ok = ok && utf16.DecodeRune(r, low) != utf8.RuneError
	}
	if ok {
		return n
	}
	if cut {
		p.at = len(p.b)
	}
	p.fail(message)
	return 0
}

// hex4 reads \uXXXX; cut says that only the end of the bytes is in the way.
func hex4(b []byte) (r rune, ok, cut bool) {
	for i := range 6 {
		if i == len(b) {
			return 0, false, true
		}
		c := b[i]
		switch {
		case i == 0 && c == '\\', i == 1 && c == 'u':
			continue
		case i < 2:
			return 0, false, false
		case c >= '0' && c <= '9':
			c -= '0'
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		case c >= 'A' && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false, false
		}
		r = r<<4 | rune(c)
	}
	return r, true, false
}

// unescape undoes the escapes in b, which are known to be good, in place.
func unescape(b []byte) []byte {
	to := 0
	for i := 0; i < len(b); {
		c := b[i]
		if c != '\\' {
			b[to] = c
			to++
			i++
			continue
		}
		if b[i+1] == 'u' {
			r, _, _ := hex4(b[i:])
			i += 6
			if utf16.IsSurrogate(r) {
				low, _, _ := hex4(b[i:])
				r = utf16.DecodeRune(r, low)
				i += 6
			}
			to += utf8.EncodeRune(b[to:to+4], r)
			continue
		}
		b[to] = simpleEscape(b[i+1])
		to++
		i += 2
	}
	return b[:to:to]
}

func simpleEscape(c byte) byte {
	switch c {
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
	return c
}
