package yaml

// flow reads [a, b] or {a: b}.
func (p *parser) flow() *Node {
	at := p.pos
	p.enter(at)
	defer p.leave()
	if p.text[p.pos] == '[' {
		return p.flowSequence()
	}
	return p.flowMapping()
}

// flowBlanks passes over blanks, comments and line ends within a flow
// collection that began at an offset.
func (p *parser) flowBlanks(began int) byte {
	for {
		p.spaces()
		if !p.lineEnd() {
			break
		}
		if p.pos < len(p.text) {
			p.pos++
		}
		if p.pos == len(p.text) || p.anyMarkerAt(p.pos) {
			p.fail(began, "this bracket is not closed", "")
		}
	}
	return p.text[p.pos]
}

// separated reads the comma after an entry of a flow collection, or sees its
// end.
func (p *parser) separated(began int, end byte) {
	switch p.flowBlanks(began) {
	case ',':
		p.pos++
	case end:
	default:
		p.fail(p.pos, "no comma between two values", "")
	}
}

func (p *parser) flowSequence() *Node {
	began := p.pos
	n := p.node(Sequence, began)
	p.pos++
	for p.flowBlanks(began) != ']' {
		at := p.pos
		item := p.flowValue(began)
		if p.flowBlanks(began) == ':' {
			p.fail(at, "a key within a list", "put braces around it")
		}
		n.add(item)
		p.separated(began, ']')
	}
	p.pos++
	return n
}

func (p *parser) flowMapping() *Node {
	began := p.pos
	n := p.node(Mapping, began)
	keys := make(map[string]*Node)
	var merges []*Node
	p.pos++
	for p.flowBlanks(began) != '}' {
		at := p.pos
		key := p.flowValue(began)
		if key.Kind != Scalar || p.text[at] == '*' || p.text[at] == '&' || p.text[at] == '?' && p.blankAt(at+1) {
			p.fail(at, "a key must be a word", "")
		}
		value := p.node(Scalar, p.pos)
		if p.flowBlanks(began) == ':' {
			p.pos++
			if c := p.flowBlanks(began); c != ',' && c != '}' {
				value = p.flowValue(began)
			}
		}
		merges = p.put(n, keys, merges, key, value)
		p.separated(began, '}')
	}
	p.pos++
	p.merge(n, keys, merges)
	return n
}

func (p *parser) flowValue(began int) *Node {
	anchor := p.anchor()
	at := p.pos
	var n *Node
	switch c := p.flowBlanks(began); c {
	case '[', '{':
		n = p.flow()
	case '"', '\'':
		n = p.quoted(-1)
	case '*':
		n = p.alias()
	case ',', ']', '}', ':':
		if anchor == "" && (c != ':' || p.colonInFlow(p.pos)) {
			p.fail(p.pos, "a value is missing here", "")
		}
		if c == ':' && !p.colonInFlow(p.pos) {
			n = p.plain(-1, true)
			break
		}
		n = p.node(Scalar, at)
	default:
		n = p.plain(-1, true)
	}
	return p.named(anchor, n)
}

// colonInFlow says whether a colon after a plain word separates a key from its
// value. Readers differ about one that stands before a bracket or a comma.
func (p *parser) colonInFlow(at int) bool {
	if p.blankAt(at + 1) {
		return true
	}
	if isFlowIndicator(p.text[at+1]) {
		p.fail(at, "no blank after a colon", "quote the word if the colon belongs to it")
	}
	return false
}

func isFlowIndicator(c byte) bool {
	return c == ',' || c == '[' || c == ']' || c == '{' || c == '}'
}
