package descriptors

import (
	"bytes"
	"strings"
)

// token is a word, a string or a single character.
type token struct {
	kind         byte // 'w', '"', or the character; 0 at the end
	text         []byte
	line, column int
}

// skipNested passes over everything up to the bracket that closes the one
// just read.
func (s *scanner) skipNested() {
	for depth := 1; depth > 0; {
		switch s.next().kind {
		case '[', '(', '{', '<':
			depth++
			s.out.deepest = max(s.out.deepest, len(s.scopes)+depth)
		case ']', ')', '}', '>':
			depth--
		case 0:
			return
		}
	}
}

// next is the next token; white space and comments are passed over.
func (s *scanner) next() token {
	for s.pos < len(s.text) {
		c := s.text[s.pos]
		switch {
		case c == '\n':
			s.newLine()
		case c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f':
			s.pos++
		case c == '/' && s.pos+1 < len(s.text) && s.text[s.pos+1] == '/':
			s.skipTo("\n")
		case c == '/' && s.pos+1 < len(s.text) && s.text[s.pos+1] == '*':
			s.pos += 2
			s.skipTo("*/")
			s.pos = min(s.pos+2, len(s.text))
		case c == '"' || c == '\'':
			return s.quoted(c)
		case isWord(c):
			return s.wordToken()
		default:
			s.pos++
			return token{kind: c}
		}
	}
	return token{}
}

func (s *scanner) newLine() {
	s.pos++
	s.line++
	s.lineStart = s.pos
}

// skipTo moves to the next occurrence of end, or to the end of the text.
func (s *scanner) skipTo(end string) {
	from := s.pos
	if i := bytes.Index(s.text[s.pos:], []byte(end)); i >= 0 {
		s.pos += i
	} else {
		s.pos = len(s.text)
	}
	if n := bytes.Count(s.text[from:s.pos], []byte{'\n'}); n > 0 {
		s.line += n
		s.lineStart = from + bytes.LastIndexByte(s.text[from:s.pos], '\n') + 1
	}
}

func (s *scanner) wordToken() token {
	start := s.pos
	for s.pos < len(s.text) && isWord(s.text[s.pos]) {
		s.pos++
	}
	return token{'w', s.text[start:s.pos], s.line, start - s.lineStart + 1}
}

// quoted reads a string literal; it ends at the line's end at the latest.
func (s *scanner) quoted(quote byte) token {
	start := s.pos
	s.pos++
	for s.pos < len(s.text) && s.text[s.pos] != quote && s.text[s.pos] != '\n' {
		if s.text[s.pos] == '\\' && s.pos+1 < len(s.text) && s.text[s.pos+1] != '\n' {
			s.pos++
		}
		s.pos++
	}
	s.pos = min(s.pos, len(s.text))
	t := token{'"', s.text[start+1 : s.pos], s.line, start - s.lineStart + 1}
	if s.pos < len(s.text) && s.text[s.pos] == quote {
		s.pos++
	}
	return t
}

func isWord(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_'
}

// unquote is the value of the literal of an import, in which escapes are rare.
func unquote(literal []byte) string {
	if bytes.IndexByte(literal, '\\') < 0 {
		return string(literal)
	}
	var b strings.Builder
	for i := 0; i < len(literal); i++ {
		if literal[i] == '\\' && i+1 < len(literal) {
			i++
		}
		b.WriteByte(literal[i])
	}
	return b.String()
}
