package frame

import (
	"encoding/binary"
	"math/bits"
)

// jsonScan finds the end of a JSON document whose first byte is a bracket, 64
// bytes at a time: where quotes, brackets and control characters are becomes
// one bit for each byte, and strings are the stretches between two quotes.
type jsonScan struct {
	at       int  // bytes scanned; the end of the document once it is whole
	depth    int  // of open brackets
	inString bool // at lies within a string
	escaped  bool // a backslash before at speaks of the byte there
	newline  bool // the byte before at is a line feed
	used     bool // there was a document
}

// What came of a scan.
type jsonVerdict uint8

const (
	jsonMore jsonVerdict = iota
	jsonWhole
	jsonBroken
	jsonUnsure // within block only
)

// run goes on with data, which begins with the document and has more bytes
// than last time.
func (s *jsonScan) run(data []byte) jsonVerdict {
	for len(data)-s.at >= 64 {
		v := s.block(data[s.at : s.at+64])
		if v == jsonUnsure {
			v = s.each(data, s.at+64)
		}
		if v != jsonMore {
			return v
		}
	}
	return s.each(data, len(data))
}

// block goes over 64 bytes. It is jsonUnsure, and goes over none, where the
// document may be broken in them.
func (s *jsonScan) block(data []byte) jsonVerdict {
	var quotes, slashes, opening, closing, control, newlines uint64
	for i := 0; i < 64; i += 8 {
		w := binary.LittleEndian.Uint64(data[i:])
		quotes |= equalBytes(w, '"') << i
		slashes |= equalBytes(w, '\\') << i
		brackets := w | eachByte*0x20 // [ and ] become { and }
		opening |= equalBytes(brackets, '{') << i
		closing |= equalBytes(brackets, '}') << i
		if c := w &^ (eachByte * 0x1f); hasZeroByte(c) {
			control |= equalBytes(c, 0) << i
			newlines |= equalBytes(w, '\n') << i
		}
	}
	escaped, carry := escapedBytes(slashes, s.escaped)
	inside := prefixXOR(quotes &^ escaped)
	if s.inString {
		inside = ^inside
	}
	opening, closing = opening&^(inside|escaped), closing&^(inside|escaped)
	if bits.OnesCount64(closing) >= s.depth {
		if end := documentEnd(opening, closing, s.depth); end > 0 {
			if control&(1<<end-1) != 0 {
				return jsonUnsure
			}
			s.at += end
			return jsonWhole
		}
	}
	atLine := newlines << 1
	if s.newline {
		atLine |= 1
	}
	if control&inside != 0 || opening&atLine != 0 || control != newlines && unusualControl(data) {
		return jsonUnsure
	}
	s.depth += bits.OnesCount64(opening) - bits.OnesCount64(closing)
	s.inString = inside>>63 != 0
	s.escaped = carry
	s.newline = newlines>>63 != 0
	s.at += 64
	return jsonMore
}

// documentEnd is the number of bytes up to the bracket that closes the last of
// depth open ones, 0 if none does.
func documentEnd(opening, closing uint64, depth int) int {
	for brackets := opening | closing; brackets != 0; brackets &= brackets - 1 {
		if lowest := brackets & -brackets; opening&lowest != 0 {
			depth++
		} else if depth--; depth == 0 {
			return bits.TrailingZeros64(brackets) + 1
		}
	}
	return 0
}

const eachByte = 0x0101010101010101

// hasZeroByte says whether some byte of w is 0.
func hasZeroByte(w uint64) bool { return (w-eachByte)&^w&(eachByte*0x80) != 0 }

// equalBytes has bit i set where byte i of w is c.
func equalBytes(w uint64, c byte) uint64 {
	w ^= eachByte * uint64(c)
	w = ^((w&(eachByte*0x7f) + eachByte*0x7f) | w | eachByte*0x7f)
	return w >> 7 * 0x0102040810204080 >> 56
}

// escapedBytes are the bytes that a backslash before them speaks of; first
// says that it is so with the first one, carry that it is with the byte after
// the block.
func escapedBytes(slashes uint64, first bool) (escaped uint64, carry bool) {
	if first {
		escaped = 1
		slashes &^= 1
	}
	for slashes != 0 {
		i := bits.TrailingZeros64(slashes)
		if i == 63 {
			return escaped, true
		}
		escaped |= 2 << i
		slashes &^= 3 << i
	}
	return escaped, false
}

// prefixXOR has bit i set where an odd number of the bits 0 to i are.
func prefixXOR(w uint64) uint64 {
	for shift := 1; shift < 64; shift *= 2 {
		w ^= w << shift
	}
	return w
}

// unusualControl says whether a control character other than white space is in
// data.
func unusualControl(data []byte) bool {
	for _, c := range data {
		if c < ' ' && c != '\n' && c != '\r' && c != '\t' {
			return true
		}
	}
	return false
}

// each goes over data byte by byte, up to end.
func (s *jsonScan) each(data []byte, end int) jsonVerdict {
	for ; s.at < end; s.at++ {
		c, escaped, newline := data[s.at], s.escaped, s.newline
		s.escaped, s.newline = false, c == '\n'
		switch {
		case c == '\n' && s.inString, c == recordSeparator:
			return jsonBroken
		case escaped:
		case c == '\\':
			s.escaped = true
		case c == '"':
			s.inString = !s.inString
		case s.inString:
		case c == '{' || c == '[':
			if c == '{' && newline && cannotBegin(data[:s.at]) {
				return jsonBroken
			}
			s.depth++
		case c == '}' || c == ']':
			if s.depth--; s.depth == 0 {
				s.at++
				return jsonWhole
			}
		}
	}
	return jsonMore
}

// cannotBegin says whether what stands last in data, white space aside, rules
// out that an object follows.
func cannotBegin(data []byte) bool {
	for i := len(data) - 1; i >= 0; i-- {
		switch data[i] {
		case ' ', '\t', '\r', '\n':
		case '[', ',', ':':
			return false
		default:
			return true
		}
	}
	return false
}
