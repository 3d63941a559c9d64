package yaml

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf8"
)

// quoted reads a scalar in single or double quotes; further lines of it are
// deeper than parent.
func (p *parser) quoted(parent int) *Node {
	n := p.node(Scalar, p.pos)
	n.Quoted = true
	began, quote := p.pos, p.text[p.pos]
	p.pos++
	var b strings.Builder
	for {
		if p.pos == len(p.text) {
			p.fail(began, "this quote is not closed", "")
		}
		switch c := p.text[p.pos]; {
		case c == quote && quote == '\'' && p.pos+1 < len(p.text) && p.text[p.pos+1] == '\'':
			b.WriteByte('\'')
			p.pos += 2
		case c == quote:
			p.pos++
			n.Text = b.String()
			return n
		case c == '\\' && quote == '"':
			p.escape(&b, began, parent)
		case isBlank(c):
			p.quotedBlanks(&b, began, parent)
		default:
			b.WriteByte(c)
			p.pos++
		}
	}
}

// quotedBlanks keeps blanks within a line and folds those around line ends.
func (p *parser) quotedBlanks(b *strings.Builder, began, parent int) {
	start := p.pos
	p.spaces()
	if p.pos < len(p.text) && p.text[p.pos] != '\n' && p.text[p.pos] != '\r' {
		b.Write(p.text[start:p.pos])
		return
	}
	if breaks := p.lineEnds(began, parent); breaks > 0 {
		fold(b, breaks)
	}
}

// lineEnds passes over line ends and the blanks around them.
func (p *parser) lineEnds(began, parent int) int {
	breaks := 0
	for p.pos < len(p.text) && isBlank(p.text[p.pos]) {
		if p.text[p.pos] == '\n' {
			breaks++
		}
		p.pos++
		if p.text[p.pos-1] != '\n' {
			continue
		}
		if p.pos < len(p.text) && p.anyMarkerAt(p.pos) {
			p.fail(began, "this quote is not closed", "")
		}
	}
	if p.pos == len(p.text) {
		p.fail(began, "this quote is not closed", "")
	}
	if breaks > 0 && p.column() <= parent {
		p.fail(p.pos, "a line of a quoted value is not indented", "is the quote on line "+p.lineNumber(began)+" closed?")
	}
	return breaks
}

func (p *parser) lineNumber(at int) string {
	return strconv.Itoa(bytes.Count(p.text[:at], []byte("\n")) + 1)
}

// escape reads a backslash and what it stands for.
func (p *parser) escape(b *strings.Builder, began, parent int) {
	at := p.pos
	p.pos++
	if p.pos == len(p.text) {
		p.fail(began, "this quote is not closed", "")
	}
	c := p.text[p.pos]
	p.pos++
	const plain = "0\x00a\ab\bt\t\t\tn\nv\vf\fr\re\x1b  \"\"//\\\\"
	for i := 0; i < len(plain); i += 2 {
		if plain[i] == c {
			b.WriteByte(plain[i+1])
			return
		}
	}
	switch c {
	case 'N':
		b.WriteRune(0x85)
	case '_':
		b.WriteRune(0xa0)
	case 'L':
		b.WriteRune(0x2028)
	case 'P':
		b.WriteRune(0x2029)
	case 'x':
		p.codePoint(b, at, 2)
	case 'u':
		p.codePoint(b, at, 4)
	case 'U':
		p.codePoint(b, at, 8)
	case '\r', '\n':
		// The line goes on without a blank; further line ends count.
		p.pos--
		if breaks := p.lineEnds(began, parent); breaks > 1 {
			fold(b, breaks)
		}
	default:
		p.fail(at, "unknown escape \\"+printable(c), `write \\ for a backslash, or use single quotes`)
	}
}

func printable(c byte) string {
	if c < ' ' || c >= 0x7f {
		return "…"
	}
	return string(rune(c))
}

func (p *parser) codePoint(b *strings.Builder, at, digits int) {
	text := p.text[p.pos:min(p.pos+digits, len(p.text))]
	n, err := strconv.ParseUint(string(text), 16, 32)
	if err != nil || len(text) < digits || !utf8.ValidRune(rune(n)) || n > utf8.MaxRune {
		p.fail(at, "the escape needs "+strconv.Itoa(digits)+" hex digits of a character", "")
	}
	b.WriteRune(rune(n))
	p.pos += digits
}
