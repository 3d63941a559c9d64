package check

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf8"
)

// token is a word, a literal or one character of punctuation.
type token struct {
	kind         byte // 'w' word, 'i' integer, 'f' float, 's' string, the character, or 0 at the end
	text         string
	line, column int
	endLine, end int // where it ends: the column after it
	bad          bool
}

func (t token) name() Name { return Name{t.text, t.line, t.column} }

// said is how an error calls a token.
func (t token) said() string {
	switch t.kind {
	case 0:
		return "end of file"
	case 's':
		return "a string"
	}
	if len(t.text) > 40 {
		return "\"" + strings.ToValidUTF8(t.text[:40], "") + "…\""
	}
	return strconv.Quote(t.text)
}

// maxTokens bounds a file.
const maxTokens = 4_000_000

// lexer takes a text apart.
type lexer struct {
	text     []byte
	pos      int
	line     int
	start    int // of the line
	tokens   []token
	problems *[]Problem
}

func (l *lexer) fail(line, column int, message, hint string) {
	*l.problems = append(*l.problems, Problem{Line: line, Column: column, Message: message, Hint: hint, Syntax: true})
}

// lex is the tokens of a text; the last has kind 0.
func lex(text []byte, problems *[]Problem) []token {
	l := &lexer{text: bytes.TrimPrefix(text, []byte("\xef\xbb\xbf")), line: 1, problems: problems}
	for l.pos < len(l.text) && len(l.tokens) < maxTokens {
		l.one()
	}
	l.add(0, l.pos, false)
	return l.tokens
}

func (l *lexer) add(kind byte, from int, bad bool) {
	l.tokens = append(l.tokens, token{kind, string(l.text[from:l.pos]), l.line, from - l.start + 1, l.line, l.pos - l.start + 1, bad})
}

func (l *lexer) newLine() {
	l.pos++
	l.line++
	l.start = l.pos
}

func (l *lexer) one() {
	c := l.text[l.pos]
	from := l.pos
	switch {
	case c == '\n':
		l.newLine()
	case c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f':
		l.pos++
	case c == '/' && l.pos+1 < len(l.text) && (l.text[l.pos+1] == '/' || l.text[l.pos+1] == '*'):
		l.comment()
	case c == '"' || c == '\'':
		l.quoted(c)
	case isLetter(c):
		for l.pos < len(l.text) && (isLetter(l.text[l.pos]) || isDigit(l.text[l.pos])) {
			l.pos++
		}
		l.add('w', from, false)
	case isDigit(c) || c == '.' && l.pos+1 < len(l.text) && isDigit(l.text[l.pos+1]):
		l.number()
	case strings.IndexByte("{}[]()<>=;,.:-+/", c) >= 0:
		l.pos++
		l.add(c, from, false)
	default:
		l.strange()
	}
}

// strange reports a run of characters that no .proto has.
func (l *lexer) strange() {
	r, size := utf8.DecodeRune(l.text[l.pos:])
	what := "invalid character " + strconv.QuoteRune(r)
	hint := ""
	switch {
	case r == utf8.RuneError && size == 1:
		what = "the text is not UTF-8"
	case r >= utf8.RuneSelf:
		hint = "names are made of ASCII letters, digits and underscores"
	}
	l.fail(l.line, l.pos-l.start+1, what, hint)
	from := l.pos
	for l.pos < len(l.text) && (l.text[l.pos] >= utf8.RuneSelf || isLetter(l.text[l.pos]) || isDigit(l.text[l.pos])) {
		l.pos++
	}
	if l.pos == from {
		l.pos++
		return
	}
	// It was meant for a word.
	l.add('w', from, true)
}

func (l *lexer) comment() {
	line, column := l.line, l.pos-l.start+1
	block := l.text[l.pos+1] == '*'
	l.pos += 2
	for l.pos < len(l.text) {
		switch {
		case l.text[l.pos] == '\n':
			if !block {
				return
			}
			l.newLine()
		case block && l.text[l.pos] == '*' && l.pos+1 < len(l.text) && l.text[l.pos+1] == '/':
			l.pos += 2
			return
		default:
			l.pos++
		}
	}
	if block {
		l.fail(line, column, "this comment is not closed", "it ends with */")
	}
}

func (l *lexer) quoted(quote byte) {
	from := l.pos
	l.pos++
	for l.pos < len(l.text) && l.text[l.pos] != quote && l.text[l.pos] != '\n' {
		if l.text[l.pos] == '\\' && l.pos+1 < len(l.text) && l.text[l.pos+1] != '\n' {
			l.pos++
		}
		l.pos++
	}
	l.pos = min(l.pos, len(l.text))
	if end := l.closedBelow(quote); end > 0 {
		l.fail(l.line, from-l.start+1, "this string goes on after the end of its line", "write \\n for a line end; strings one after the other are joined")
		t := token{'s', "", l.line, from - l.start + 1, l.line + 1, 1, true}
		l.newLine()
		l.pos = end
		l.tokens = append(l.tokens, t)
		return
	}
	closed := l.pos < len(l.text) && l.text[l.pos] == quote
	if closed {
		l.pos++
	} else {
		l.fail(l.line, from-l.start+1, "this string is not closed on its line", "end it with "+string(rune(quote))+"; strings one after the other are joined")
	}
	l.add('s', from, !closed)
	t := &l.tokens[len(l.tokens)-1]
	t.text = strings.Trim(t.text, string(rune(quote)))
}

// closedBelow is the offset after the quote on the next line that ends a
// string that this line does not end; 0 where that line has quotes in pairs.
func (l *lexer) closedBelow(quote byte) int {
	if l.pos >= len(l.text) || l.text[l.pos] != '\n' {
		return 0
	}
	next := l.text[l.pos+1:]
	if i := bytes.IndexByte(next, '\n'); i >= 0 {
		next = next[:i]
	}
	if bytes.Count(next, []byte{quote})%2 == 0 {
		return 0
	}
	return l.pos + 2 + bytes.IndexByte(next, quote)
}

func (l *lexer) number() {
	from := l.pos
	kind := byte('i')
	hex := l.text[l.pos] == '0' && l.pos+1 < len(l.text) && (l.text[l.pos+1] == 'x' || l.text[l.pos+1] == 'X')
	for l.pos < len(l.text) {
		c := l.text[l.pos]
		sign := (c == '-' || c == '+') && !hex && (l.text[l.pos-1] == 'e' || l.text[l.pos-1] == 'E') && l.pos > from
		if !sign && c != '.' && !isLetter(c) && !isDigit(c) {
			break
		}
		if !hex && (c == '.' || c == 'e' || c == 'E' || c == 'f' || c == 'F') {
			kind = 'f'
		}
		l.pos++
	}
	text := string(l.text[from:l.pos])
	var err error
	if kind == 'f' {
		_, err = strconv.ParseFloat(strings.TrimRight(text, "fF"), 64)
		if n, ok := err.(*strconv.NumError); ok && n.Err == strconv.ErrRange {
			err = nil
		}
	} else {
		_, err = parseInt(text)
	}
	if err != nil {
		hint := ""
		if len(text) > 1 && text[0] == '0' && isDigit(text[1]) {
			hint = "a number that begins with 0 is octal: write " + strings.TrimLeft(text, "0")
		}
		l.fail(l.line, from-l.start+1, text+" is no number", hint)
	}
	l.add(kind, from, err != nil)
}

// parseInt reads an integer literal; what is too large for uint64 is no error
// here but the largest.
func parseInt(text string) (uint64, error) {
	if strings.Contains(text, "_") {
		return 0, strconv.ErrSyntax
	}
	base := 10
	digits := text
	switch {
	case strings.HasPrefix(text, "0x"), strings.HasPrefix(text, "0X"):
		base, digits = 16, text[2:]
	case len(text) > 1 && text[0] == '0':
		base, digits = 8, text[1:]
	}
	n, err := strconv.ParseUint(digits, base, 64)
	if e, ok := err.(*strconv.NumError); ok && e.Err == strconv.ErrRange {
		return 1<<64 - 1, nil
	}
	return n, err
}

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' }

func isDigit(c byte) bool { return c >= '0' && c <= '9' }
