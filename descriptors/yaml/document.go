package yaml

import "bytes"

// document reads the only document of the text.
func (p *parser) document() *Node {
	if bytes.HasPrefix(p.text, []byte("\xef\xbb\xbf")) {
		p.pos = 3
	}
	p.nextLine()
	if p.pos < len(p.text) && p.text[p.pos] == '%' && p.column() == 0 {
		p.fail(p.pos, "directives are not read", "leave the line out")
	}
	if p.marker("---") {
		p.pos += 3
		p.spaces()
		if p.lineEnd() {
			p.nextLine()
		}
	}
	var root *Node
	if !p.atEnd() {
		root = p.value(-1, p.onLineOfMarker())
		p.nextLine()
	}
	if p.marker("...") {
		p.pos += 3
		p.nextLine()
	}
	switch {
	case p.pos == len(p.text):
	case p.marker("---"):
		p.fail(p.pos, "a second document begins here", "one file holds one document")
	default:
		p.fail(p.pos, "unexpected text after the end of the value", "is the indentation wrong?")
	}
	return root
}

// onLineOfMarker says whether text stands before pos on its line.
func (p *parser) onLineOfMarker() bool {
	start := p.pos - p.column()
	return len(bytes.TrimLeft(p.text[start:p.pos], " \t\xef\xbb\xbf")) > 0
}

// marker says whether a document marker stands here.
func (p *parser) marker(mark string) bool {
	return p.markerAt(p.pos, mark)
}

func (p *parser) markerAt(at int, mark string) bool {
	rest := p.text[at:]
	first := at == 0 || p.text[at-1] == '\n' || at == 3 && p.text[0] == 0xef
	return first && bytes.HasPrefix(rest, []byte(mark)) && (len(rest) == 3 || isBlank(rest[3]))
}

func (p *parser) anyMarkerAt(at int) bool { return p.markerAt(at, "---") || p.markerAt(at, "...") }

// atEnd says whether the document ends here.
func (p *parser) atEnd() bool { return p.pos == len(p.text) || p.anyMarkerAt(p.pos) }

// column is how many bytes stand before pos on its line.
func (p *parser) column() int {
	start := bytes.LastIndexByte(p.text[:p.pos], '\n') + 1
	if start == 0 && bytes.HasPrefix(p.text, []byte("\xef\xbb\xbf")) {
		start = 3
	}
	return p.pos - start
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

// blankAt says whether the text ends at an offset or has white space there.
func (p *parser) blankAt(at int) bool { return at >= len(p.text) || isBlank(p.text[at]) }

// spaces passes over blanks on the line.
func (p *parser) spaces() {
	for p.pos < len(p.text) && (p.text[p.pos] == ' ' || p.text[p.pos] == '\t') {
		p.pos++
	}
}

// lineEnd passes over a comment; it says whether the line ends here.
func (p *parser) lineEnd() bool {
	if p.pos < len(p.text) && p.text[p.pos] == '#' && (p.pos == 0 || isBlank(p.text[p.pos-1])) {
		for p.pos < len(p.text) && p.text[p.pos] != '\n' {
			p.pos++
		}
	}
	if p.pos < len(p.text) && p.text[p.pos] == '\r' {
		p.pos++
	}
	return p.pos == len(p.text) || p.text[p.pos] == '\n'
}

// nextLine passes over blanks, comments and line ends up to the next text.
func (p *parser) nextLine() {
	for {
		start := p.pos
		p.spaces()
		if p.pos == len(p.text) {
			return
		}
		if !p.lineEnd() {
			if tab := bytes.IndexByte(p.text[start:p.pos], '\t'); tab >= 0 && p.startsLine(start) {
				p.fail(start+tab, "a tab in the indentation", "indent with spaces")
			}
			return
		}
		if p.pos == len(p.text) {
			return
		}
		p.pos++
	}
}

func (p *parser) startsLine(at int) bool { return at == 0 || p.text[at-1] == '\n' }

// endOfLine refuses text after a value on its line.
func (p *parser) endOfLine() {
	p.spaces()
	if p.lineEnd() {
		return
	}
	hint := ""
	if p.text[p.pos] == '#' {
		hint = "a comment needs a blank before its #"
	}
	p.fail(p.pos, "unexpected text after the value", hint)
}
