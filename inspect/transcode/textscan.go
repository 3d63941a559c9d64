package transcode

import "github.com/pbscope/pbscope/inspect/span"

// textScanner reads the tokens of text format. Methods that can fail report
// the first problem and return false ever after.
type textScanner struct {
	src     []byte
	pos     int
	problem *span.Problem
}

// fail notes a problem at offset.
func (s *textScanner) fail(offset int, message string) bool {
	return s.failAs(span.InvalidText, offset, message)
}

func (s *textScanner) failAs(tag span.Tag, offset int, message string) bool {
	if s.problem == nil {
		s.problem = span.New(tag, int64(offset), message)
	}
	return false
}

// failDue notes that something else was due at pos.
func (s *textScanner) failDue(what string) bool {
	return s.fail(s.pos, what+", not "+s.found())
}

// found describes what is at pos, in a few words.
func (s *textScanner) found() string {
	if s.pos >= len(s.src) {
		return "the end of the text"
	}
	end := s.pos
	for end < len(s.src) && textWord(s.src[end]) && end-s.pos < 40 {
		end++
	}
	if end == s.pos {
		end++
		for end < len(s.src) && s.src[end]&0xc0 == 0x80 && end-s.pos < 4 {
			end++
		}
	}
	return string(span.AppendQuoted(nil, s.src[s.pos:end]))
}

// skip passes over white space and comments.
func (s *textScanner) skip() {
	for s.pos < len(s.src) {
		switch s.src[s.pos] {
		case ' ', '\t', '\n', '\r', '\v', '\f':
			s.pos++
		case '#':
			for s.pos < len(s.src) && s.src[s.pos] != '\n' {
				s.pos++
			}
		default:
			return
		}
	}
}

// next is the next byte after white space, 0 at the end. A byte 0 in the text
// is no token either.
func (s *textScanner) next() byte {
	s.skip()
	if s.pos >= len(s.src) {
		return 0
	}
	return s.src[s.pos]
}

// accept passes over c, if it is next.
func (s *textScanner) accept(c byte) bool {
	if s.next() != c || s.pos >= len(s.src) {
		return false
	}
	s.pos++
	return true
}

func textLetter(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_'
}

func textDigit(c byte) bool { return c >= '0' && c <= '9' }

func textWord(c byte) bool { return textLetter(c) || textDigit(c) }

func textHexDigit(c byte) bool {
	return textDigit(c) || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

// word is the identifier at pos, empty if there is none.
func (s *textScanner) word() []byte {
	start := s.pos
	if start < len(s.src) && textLetter(s.src[start]) {
		for s.pos < len(s.src) && textWord(s.src[s.pos]) {
			s.pos++
		}
	}
	return s.src[start:s.pos]
}

// textNumber is a number as it is spelled.
type textNumber struct {
	// base is 10, 8 or 16; decimal numbers may be fractions.
	base     int
	fraction bool
	// digits are without sign, without 0x and without the suffix f.
	digits []byte
}

// number reads the number at pos, whose sign has been read.
func (s *textScanner) number() (n textNumber, ok bool) {
	start := s.pos
	n.base = 10
	switch {
	case s.at(0) == '0' && s.at(1)|0x20 == 'x':
		s.pos += 2
		n.base = 16
		n.digits = s.run(textHexDigit)
	case s.at(0) == '0' && textDigit(s.at(1)):
		s.pos++
		n.base = 8
		n.digits = s.run(func(c byte) bool { return c >= '0' && c <= '7' })
	default:
		n.fraction = s.decimal()
		n.digits = s.src[start:s.pos]
		if s.at(0)|0x20 == 'f' {
			n.fraction = true
			s.pos++
		}
	}
	if len(n.digits) == 0 || len(n.digits) == 1 && n.digits[0] == '.' || textWord(s.at(0)) || s.at(0) == '.' {
		for textWord(s.at(0)) || s.at(0) == '.' {
			s.pos++
		}
		spelled := s.src[start:min(s.pos, start+40)]
		return n, s.fail(start, string(span.AppendQuoted(nil, spelled))+" is no number")
	}
	return n, true
}

// decimal passes over digits with a point and an exponent; fraction says that
// there was one of them.
func (s *textScanner) decimal() (fraction bool) {
	s.run(textDigit)
	if s.at(0) == '.' {
		s.pos++
		s.run(textDigit)
		fraction = true
	}
	if s.at(0)|0x20 != 'e' {
		return fraction
	}
	sign := 1
	if s.at(1) == '+' || s.at(1) == '-' {
		sign = 2
	}
	if textDigit(s.at(sign)) {
		s.pos += sign
		s.run(textDigit)
		fraction = true
	}
	return fraction
}

// at is the byte i after pos, 0 beyond the end.
func (s *textScanner) at(i int) byte {
	if s.pos+i < len(s.src) {
		return s.src[s.pos+i]
	}
	return 0
}

func (s *textScanner) run(in func(byte) bool) []byte {
	start := s.pos
	for s.pos < len(s.src) && in(s.src[s.pos]) {
		s.pos++
	}
	return s.src[start:s.pos]
}

// bracketed reads [name]: an extension's name or an Any's URL, which may have
// white space and comments within. isURL says that there is a slash.
func (s *textScanner) bracketed() (name []byte, isURL, ok bool) {
	start := s.pos
	s.pos++
	for {
		c := s.next()
		switch {
		case c == ']':
			s.pos++
			if len(name) == 0 {
				return nil, false, s.fail(start, "nothing between the brackets")
			}
			return name, isURL, true
		case c == '/':
			isURL = true
		case c == '%':
			if !textHexDigit(s.at(1)) || !textHexDigit(s.at(2)) {
				return nil, false, s.fail(s.pos, "% is followed by two hexadecimal digits in a URL")
			}
		case !textURLByte(c):
			return nil, false, s.failDue("an extension's name or a type URL and then ]")
		}
		name = append(name, c)
		s.pos++
	}
}

// textURLByte says whether a byte may stand in a bracketed name as it is.
func textURLByte(c byte) bool {
	switch c {
	case '.', '-', '~', '!', '$', '&', '(', ')', '*', '+', ',', ';', '=':
		return true
	}
	return textWord(c)
}
