package yaml

import (
	"bytes"
	"strings"
)

// startsPlain refuses characters that no unquoted word begins with.
func (p *parser) startsPlain() {
	switch c := p.text[p.pos]; c {
	case '@', '`', '%', ']', '}', ',', '#', '"', '\'', '|', '>', '&', '*', '!', '[', '{':
		p.fail(p.pos, "a value cannot begin with "+string(rune(c)), "put quotes around it")
	case '-', '?', ':':
		if p.blankAt(p.pos + 1) {
			p.fail(p.pos, "a value cannot begin with "+string(rune(c))+" and a blank", "put quotes around it")
		}
	}
}

// plain reads an unquoted scalar, in block context with its further lines,
// which are deeper than parent.
func (p *parser) plain(parent int, flow bool) *Node {
	p.startsPlain()
	if c := p.text[p.pos]; flow && (c == '?' || c == ':' || c == '-' && p.pos+1 < len(p.text) && isFlowIndicator(p.text[p.pos+1])) {
		p.fail(p.pos, "a value cannot begin with "+string(rune(c))+" here", "put quotes around it")
	}
	n := p.node(Scalar, p.pos)
	var b strings.Builder
	for {
		start := p.pos
		end := p.plainEnd(flow)
		b.Write(bytes.TrimRight(p.text[start:end], " \t\r"))
		p.pos = end
		breaks := p.continued(parent, flow)
		if breaks == 0 {
			break
		}
		fold(&b, breaks)
	}
	n.Text = b.String()
	return n
}

// plainEnd is where the unquoted text of this line ends.
func (p *parser) plainEnd(flow bool) int {
	i := p.pos
	for ; i < len(p.text) && p.text[i] != '\n'; i++ {
		c := p.text[i]
		if c == ':' && (p.blankAt(i+1) || flow && p.colonInFlow(i)) {
			break
		}
		if c == '#' && i > 0 && isBlank(p.text[i-1]) || flow && isFlowIndicator(c) {
			break
		}
	}
	return i
}

// continued goes to the next line of an unquoted scalar; it is how many line
// ends lie between, or 0 where the scalar ends.
func (p *parser) continued(parent int, flow bool) int {
	if p.pos == len(p.text) || p.text[p.pos] != '\n' {
		return 0
	}
	breaks := 0
	for i := p.pos; i < len(p.text); {
		if p.text[i] != '\n' {
			return 0
		}
		breaks++
		start := i + 1
		i = start
		for i < len(p.text) && (p.text[i] == ' ' || p.text[i] == '\t') {
			i++
		}
		spaces := len(p.text[start:i]) - len(bytes.TrimLeft(p.text[start:i], " "))
		if i < len(p.text) && p.text[i] == '\r' {
			i++
		}
		if i == len(p.text) {
			return 0
		}
		if p.text[i] == '\n' {
			continue
		}
		ends := p.text[i] == '#' || p.anyMarkerAt(start) || !flow && spaces <= parent
		if flow && (isFlowIndicator(p.text[i]) || p.text[i] == ':' && p.colonInFlow(i)) {
			ends = true
		}
		if ends {
			return 0
		}
		if p.text[start+spaces] == '\t' && !flow {
			p.fail(start+spaces, "a tab in the indentation", "indent with spaces")
		}
		p.pos = i
		return breaks
	}
	return 0
}

// fold joins two lines of a scalar that have breaks line ends between them.
func fold(b *strings.Builder, breaks int) {
	if breaks == 1 {
		b.WriteByte(' ')
		return
	}
	b.WriteString(strings.Repeat("\n", breaks-1))
}
