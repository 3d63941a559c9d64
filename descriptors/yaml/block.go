package yaml

import (
	"bytes"
	"strconv"
)

// value reads a value that lies deeper than parent, the column (from 0) of
// the collection that it belongs to. With inline it stands after a key on the
// key's line, where no block collection can begin.
func (p *parser) value(parent int, inline bool) *Node {
	at := p.pos
	p.enter(at)
	defer p.leave()
	anchor := p.anchor()
	if anchor != "" && p.lineEnd() {
		p.nextLine()
		listOfKey := !p.atEnd() && inline && p.column() == parent && p.entryAt(p.pos)
		if p.atEnd() || p.column() <= parent && !listOfKey {
			return p.named(anchor, p.node(Scalar, at))
		}
		inline = false
	}
	return p.named(anchor, p.content(parent, inline, anchor != ""))
}

// content reads what follows a value's anchor.
func (p *parser) content(parent int, inline, anchored bool) *Node {
	c := p.text[p.pos]
	switch {
	case p.entryAt(p.pos):
		if inline || anchored && !p.firstOnLine() {
			p.fail(p.pos, "a list cannot begin on the line of its key", "begin it on the next line")
		}
		return p.sequence(p.column())
	case c == '?' && p.blankAt(p.pos+1):
		p.fail(p.pos, `keys written with "?" are not read`, "write KEY: VALUE")
	case c == '|' || c == '>':
		return p.blockScalar(parent)
	}
	start, column := p.pos, p.column()
	anchored = anchored && !p.firstOnLine()
	var n *Node
	switch c {
	case '[', '{':
		n = p.flow()
	case '*':
		n = p.alias()
	case '"', '\'':
		n = p.quoted(parent)
	default:
		if p.plainKey() {
			if inline {
				p.fail(p.colon(), "a second key on one line", `quote the value, or begin the inner keys on the next line; a value with ": " in it needs quotes`)
			}
			p.unanchored(anchored)
			return p.mapping(column)
		}
		n = p.plain(parent, false)
		if p.pos < len(p.text) && p.text[p.pos] == ':' {
			p.fail(p.pos, "a value of several lines is followed by a colon", "is the indentation of this line wrong?")
		}
		return n
	}
	p.spaces()
	if p.pos < len(p.text) && p.text[p.pos] == ':' && p.blankAt(p.pos+1) {
		switch {
		case inline:
			p.fail(p.pos, "a second key on one line", "begin the inner keys on the next line")
		case n.Kind != Scalar || c == '*':
			p.fail(start, "a key must be a word", "")
		case bytes.IndexByte(p.text[start:p.pos], '\n') >= 0:
			p.fail(start, "a key goes over several lines", "")
		}
		p.pos = start
		p.unanchored(anchored)
		return p.mapping(column)
	}
	p.endOfLine()
	return n
}

// unanchored refuses an anchor on the line of a key.
func (p *parser) unanchored(anchored bool) {
	if anchored {
		p.fail(p.pos, "an anchor before a key", "write the anchor of a mapping after the key that holds it")
	}
}

// firstOnLine says whether only blanks and dashes stand before pos.
func (p *parser) firstOnLine() bool {
	return len(bytes.Trim(p.text[p.pos-p.column():p.pos], " -\t")) == 0
}

// entryAt says whether an entry of a block sequence begins there.
func (p *parser) entryAt(at int) bool {
	return at < len(p.text) && p.text[at] == '-' && p.blankAt(at+1)
}

// plainKey says whether a plain word and a colon stand here, on one line.
func (p *parser) plainKey() bool { return p.colon() > 0 }

// maxKey bounds a key, in bytes, as YAML does.
const maxKey = 1024

// colon is the offset of the colon after the plain word here, or -1.
func (p *parser) colon() int {
	if p.pos < len(p.text) && p.text[p.pos] == ':' && p.blankAt(p.pos+1) {
		return p.pos
	}
	for i := p.pos; i < len(p.text) && p.text[i] != '\n'; i++ {
		switch c := p.text[i]; {
		case c == ':' && p.blankAt(i+1):
			if i-p.pos > maxKey {
				p.fail(p.pos, "a key of more than 1,024 bytes", "")
			}
			return i
		case c == '#' && i > p.pos && isBlank(p.text[i-1]):
			return -1
		}
	}
	return -1
}

// sequence reads the entries of a block sequence at that column.
func (p *parser) sequence(column int) *Node {
	n := p.node(Sequence, p.pos)
	for {
		p.pos++
		n.add(p.blockValue(column, false))
		p.nextLine()
		if p.atEnd() || p.column() < column || p.column() == column && !p.entryAt(p.pos) {
			return n
		}
		if p.column() > column {
			p.misplaced(column)
		}
	}
}

func (n *Node) add(item *Node) {
	n.Items = append(n.Items, item)
	n.size += item.size
}

func (p *parser) misplaced(column int) {
	p.fail(p.pos, "wrong indentation: "+strconv.Itoa(p.column())+" columns, where the lines above have "+strconv.Itoa(column), "")
}

// blockValue reads the value after a dash, or after a key and its colon.
func (p *parser) blockValue(column int, afterKey bool) *Node {
	at := p.pos
	p.spaces()
	blanks := p.text[at:p.pos]
	if !p.lineEnd() {
		if bytes.IndexByte(blanks, '\t') >= 0 && !afterKey && (p.entryAt(p.pos) || p.plainKey()) {
			p.fail(at, "a tab in the indentation", "indent with spaces")
		}
		return p.value(column, afterKey)
	}
	p.nextLine()
	if p.atEnd() {
		return p.node(Scalar, at)
	}
	deeper := p.column() > column
	if deeper || afterKey && p.column() == column && p.entryAt(p.pos) {
		return p.value(column, false)
	}
	return p.node(Scalar, at)
}

// mapping reads the keys of a block mapping at that column.
func (p *parser) mapping(column int) *Node {
	n := p.node(Mapping, p.pos)
	var merges []*Node
	keys := make(map[string]*Node)
	for {
		key := p.key()
		value := p.blockValue(column, true)
		merges = p.put(n, keys, merges, key, value)
		p.nextLine()
		if p.atEnd() || p.column() < column {
			break
		}
		if p.column() > column {
			p.misplaced(column)
		}
	}
	p.merge(n, keys, merges)
	return n
}

// key reads a key and its colon.
func (p *parser) key() *Node {
	var key *Node
	switch p.text[p.pos] {
	case '"', '\'':
		key = p.quoted(-1)
	case '&', '*', '!', '[', '{', '?':
		p.fail(p.pos, "a key must be a word", "")
	case '-':
		if p.entryAt(p.pos) {
			p.fail(p.pos, "a list entry among keys", "is the indentation wrong?")
		}
		fallthrough
	default:
		p.startsPlain()
		colon := p.colon()
		if colon < 0 {
			p.fail(p.pos, "this line is no KEY: VALUE", "after a key comes a colon and a blank")
		}
		key = p.node(Scalar, p.pos)
		key.Text = string(bytes.TrimRight(p.text[p.pos:colon], " \t"))
		p.pos = colon
	}
	p.spaces()
	if p.pos == len(p.text) || p.text[p.pos] != ':' || !p.blankAt(p.pos+1) {
		p.fail(p.pos, "no colon and blank after the key", "")
	}
	p.pos++
	return key
}
