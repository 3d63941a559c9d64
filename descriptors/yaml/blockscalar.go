package yaml

import "strings"

// blockScalar reads | or > and the lines that are deeper than parent.
func (p *parser) blockScalar(parent int) *Node {
	n := p.node(Scalar, p.pos)
	n.Quoted = true
	folded := p.text[p.pos] == '>'
	p.pos++
	parent = max(parent, 0)
	indent, chomp := p.blockHeader(parent)
	lines := p.blockLines(parent, indent)
	n.Text = joinBlock(lines, folded, chomp)
	return n
}

// blockHeader reads the rest of the line of | or >: how deep the lines are, or
// -1 for as deep as the first, and what becomes of line ends at the end.
func (p *parser) blockHeader(parent int) (indent int, chomp byte) {
	indent = -1
	for p.pos < len(p.text) {
		switch c := p.text[p.pos]; {
		case (c == '+' || c == '-') && chomp == 0:
			chomp = c
		case c >= '1' && c <= '9' && indent < 0:
			indent = parent + int(c-'0')
		default:
			if !p.blankAt(p.pos) {
				p.fail(p.pos, "unexpected text after | or >", "a value that begins with | or > needs quotes")
			}
			p.endOfLine()
			return indent, chomp
		}
		p.pos++
	}
	return indent, chomp
}

// blockLines are the lines of a block scalar without their indentation; the
// last is empty where the text ends with a line end.
func (p *parser) blockLines(parent, indent int) []string {
	var lines []string
	blank := 0 // lines of blanks before the first line
	for p.pos < len(p.text) {
		start := p.pos + 1 // pos is at the line end before
		end := start
		for end < len(p.text) && p.text[end] != '\n' {
			end++
		}
		if start > len(p.text) {
			break
		}
		line := strings.TrimSuffix(string(p.text[start:end]), "\r")
		spaces := len(line) - len(strings.TrimLeft(line, " "))
		switch {
		case start == len(p.text):
			p.pos = len(p.text)
			return append(lines, "")
		case spaces == len(line) && (indent < 0 || spaces <= indent):
			blank = max(blank, spaces)
			lines = append(lines, "")
			p.pos = end
			continue
		case indent < 0 && spaces > parent && !p.anyMarkerAt(start):
			indent = spaces
			if blank > indent {
				p.fail(start, "the lines of blanks above are deeper than this one", "")
			}
		}
		if p.anyMarkerAt(start) || indent < 0 || spaces < indent {
			if spaces > parent && line[spaces] == '\t' {
				p.fail(start+spaces, "a tab in the indentation", "indent with spaces")
			}
			return append(lines, "")
		}
		lines = append(lines, line[indent:])
		p.pos = end
	}
	return lines
}

// joinBlock puts the lines of a block scalar together.
func joinBlock(lines []string, folded bool, chomp byte) string {
	ended := len(lines) > 0 && lines[len(lines)-1] == ""
	kept := len(lines)
	for kept > 0 && lines[kept-1] == "" {
		kept--
	}
	var b strings.Builder
	if folded {
		foldLines(&b, lines[:kept])
	} else {
		b.WriteString(strings.Join(lines[:kept], "\n"))
	}
	switch {
	case chomp == '+' && ended && kept == 0:
		b.WriteString(strings.Repeat("\n", len(lines)-1))
	case chomp == '+' && ended:
		b.WriteString(strings.Repeat("\n", len(lines)-kept))
	case chomp == 0 && ended && kept > 0:
		b.WriteByte('\n')
	}
	return b.String()
}

// foldLines joins lines with blanks; those that begin with a blank, and the
// line ends around them, stay as they are.
func foldLines(b *strings.Builder, lines []string) {
	breaks := 0
	spacedBefore, first := false, true
	for _, line := range lines {
		if line == "" {
			breaks++
			continue
		}
		spaced := line[0] == ' ' || line[0] == '\t'
		switch {
		case first:
			b.WriteString(strings.Repeat("\n", breaks))
		case spaced || spacedBefore:
			b.WriteString(strings.Repeat("\n", breaks+1))
		default:
			fold(b, breaks+1)
		}
		b.WriteString(line)
		breaks, spacedBefore, first = 0, spaced, false
	}
}
