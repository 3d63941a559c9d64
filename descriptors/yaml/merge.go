package yaml

import "strconv"

// put adds an entry to a mapping; what a merge key names is gathered.
func (p *parser) put(n *Node, keys map[string]*Node, merges []*Node, key, value *Node) []*Node {
	if key.Text == "<<" && !key.Quoted {
		if value.Kind == Sequence {
			return append(merges, value.Items...)
		}
		return append(merges, value)
	}
	if before := keys[key.Text]; before != nil {
		panic(&Error{Line: key.Line, Column: key.Column,
			Message: strconv.Quote(key.Text) + " stands here again; the first is on line " + strconv.Itoa(before.Line)})
	}
	keys[key.Text] = key
	n.Entries = append(n.Entries, Entry{key, value})
	n.size += value.size + 1
	return merges
}

// merge adds the entries of merged mappings whose keys are not there yet.
func (p *parser) merge(n *Node, keys map[string]*Node, merges []*Node) {
	for _, m := range merges {
		if m.Kind != Mapping {
			panic(&Error{Line: m.Line, Column: m.Column, Message: "<< takes an alias of a mapping, or a list of them"})
		}
		p.count(p.pos, m.size)
		for _, e := range m.Entries {
			if keys[e.Key.Text] == nil {
				keys[e.Key.Text] = e.Key
				n.Entries = append(n.Entries, e)
				n.size += e.Value.size + 1
			}
		}
	}
}

// anchor reads the name that a value is given, and refuses tags.
func (p *parser) anchor() string {
	name := ""
	for p.pos < len(p.text) {
		switch p.text[p.pos] {
		case '!':
			p.fail(p.pos, "tags are not read", "leave it out; quotes make a value a string")
		case '&':
			if name != "" {
				p.fail(p.pos, "a second anchor", "")
			}
			name = p.anchorName()
			p.spaces()
			continue
		}
		break
	}
	return name
}

func (p *parser) anchorName() string {
	start := p.pos + 1
	p.pos = start
	for p.pos < len(p.text) && isNameByte(p.text[p.pos]) {
		p.pos++
	}
	if p.pos == start || !p.blankAt(p.pos) && !isFlowIndicator(p.text[p.pos]) {
		p.fail(p.pos, "this is no name of an anchor", "a value that begins with & or * needs quotes")
	}
	return string(p.text[start:p.pos])
}

func isNameByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '-'
}

// named keeps a value under its anchor.
func (p *parser) named(anchor string, n *Node) *Node {
	if anchor != "" {
		if p.anchors == nil {
			p.anchors = make(map[string]*Node)
		}
		p.anchors[anchor] = n
	}
	return n
}

// alias is a copy of the value that its anchor names.
func (p *parser) alias() *Node {
	at := p.pos
	name := p.anchorName()
	n := p.anchors[name]
	if n == nil {
		p.fail(at, "*"+name+" names no anchor above it", "a value that begins with * needs quotes")
	}
	p.count(at, n.size)
	same := *n
	same.Line, same.Column = p.place(at)
	return &same
}
