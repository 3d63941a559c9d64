package inspect

import (
	"bytes"
	"encoding/json"
	"strconv"
)

// eachMember calls visit for each member of an object of JSON, with the text
// of its value and where that begins. Only as much of the value is looked at
// as it takes to find its end, without recursion: a message is nested as deep
// as the engines allow, which is deeper than encoding/json goes, and they read
// it anyway. The error is a *memberError, or what visit returns.
func eachMember(object []byte, visit func(key string, value []byte, at int) error) error {
	s := memberScanner{text: object}
	if !s.take('{') {
		return s.expected("an object")
	}
	if s.take('}') {
		return s.end()
	}
	for {
		s.space()
		start := s.at
		if !s.string() {
			return s.expected("a key in quotes")
		}
		key, err := unquote(object[start:s.at])
		if err != nil {
			return &memberError{start, "this key is not a JSON string"}
		}
		if !s.take(':') {
			return s.expected("a colon")
		}
		s.space()
		start = s.at
		if !s.value() {
			return s.expected("a value")
		}
		if err := visit(key, object[start:s.at], start); err != nil {
			return err
		}
		if s.take('}') {
			return s.end()
		}
		if !s.take(',') {
			return s.expected("a comma or }")
		}
	}
}

// memberError is JSON that is damaged, with the offset of the place.
type memberError struct {
	at   int
	text string
}

func (e *memberError) Error() string { return e.text }

// unquote is the text of a JSON string.
func unquote(quoted []byte) (string, error) {
	inner := quoted[1 : len(quoted)-1]
	if bytes.IndexByte(inner, '\\') < 0 {
		return string(inner), nil
	}
	var s string
	err := json.Unmarshal(quoted, &s)
	return s, err
}

type memberScanner struct {
	text []byte
	at   int
}

func (s *memberScanner) space() {
	for s.at < len(s.text) {
		switch s.text[s.at] {
		case ' ', '\t', '\r', '\n':
			s.at++
		default:
			return
		}
	}
}

// take passes white space and then c, if c comes next.
func (s *memberScanner) take(c byte) bool {
	s.space()
	if s.at == len(s.text) || s.text[s.at] != c {
		return false
	}
	s.at++
	return true
}

func (s *memberScanner) expected(what string) error {
	s.space()
	found := "the end of the document"
	if s.at < len(s.text) {
		found = strconv.QuoteRune(rune(s.text[s.at]))
	}
	return &memberError{s.at, "expected " + what + ", found " + found}
}

// end wants nothing but white space.
func (s *memberScanner) end() error {
	if s.space(); s.at < len(s.text) {
		return s.expected("nothing after the object")
	}
	return nil
}

// string passes a string.
func (s *memberScanner) string() bool {
	if s.at == len(s.text) || s.text[s.at] != '"' {
		return false
	}
	for i := s.at + 1; ; {
		n := bytes.IndexByte(s.text[i:], '"')
		if n < 0 {
			s.at = len(s.text)
			return false
		}
		i += n + 1
		if s.escapes(i-1)%2 == 0 {
			s.at = i
			return true
		}
	}
}

// escapes is the number of backslashes right before at.
func (s *memberScanner) escapes(at int) int {
	n := 0
	for at-n > s.at && s.text[at-n-1] == '\\' {
		n++
	}
	return n
}

// value passes a value; what stands within its brackets is not looked at but
// for strings and further brackets.
func (s *memberScanner) value() bool {
	for depth := 0; s.at < len(s.text); {
		switch s.text[s.at] {
		case '"':
			if !s.string() {
				return false
			}
		case '{', '[':
			depth++
			s.at++
		case '}', ']':
			if depth == 0 {
				return false
			}
			depth--
			s.at++
		default:
			if depth > 0 {
				s.at++
				continue
			}
			return s.scalar()
		}
		if depth == 0 {
			return true
		}
	}
	return false
}

// scalar passes a number or a word.
func (s *memberScanner) scalar() bool {
	n := bytes.IndexAny(s.text[s.at:], " \t\r\n,:{}[]\"")
	if n < 0 {
		n = len(s.text) - s.at
	}
	s.at += n
	return n > 0
}
