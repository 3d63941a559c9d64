// Package yaml reads the YAML that configuration files are written in, with
// the line and column of everything, so that an error in a configuration can
// say where it lies.
//
// It reads one document of YAML 1.2 with block and flow collections, all five
// styles of scalars, comments, anchors, aliases and merge keys. What it does
// not read it refuses by name: tags, directives, keys that are no plain or
// quoted words, several documents. It gives scalars as text and leaves it to
// its users which of them are numbers.
//
// It exists beside the YAML libraries because they compile regular
// expressions and fill tables when a process starts, also in one that reads
// no YAML.
package yaml

import (
	"strconv"
	"unicode/utf8"
)

const (
	// MaxSize bounds a document, in bytes.
	MaxSize = 4 << 20
	// maxDepth bounds how deep collections nest.
	maxDepth = 100
	// maxNodes bounds the nodes of a document with its aliases written out.
	maxNodes = 500_000
)

// Kind is what a Node is.
type Kind uint8

// The kinds of nodes.
const (
	Scalar Kind = iota
	Sequence
	Mapping
)

// Node is a value of the document.
type Node struct {
	Kind Kind
	// Line and Column of its first character count from 1; Column counts
	// bytes.
	Line, Column int
	// Text is a scalar's value.
	Text string
	// Quoted says that a scalar was written with quotes or as a block, so
	// that it is never null, a bool or a number.
	Quoted bool
	// Items are those of a Sequence.
	Items []*Node
	// Entries are those of a Mapping, in the order of the document; no two
	// have the same key.
	Entries []Entry

	size int // nodes in it, aliases written out
}

// Entry is a key of a Mapping with its value.
type Entry struct {
	Key, Value *Node
}

// Get is the value of a key, nil if a Mapping has none or n is no Mapping.
func (n *Node) Get(key string) *Node {
	if n == nil {
		return nil
	}
	for _, e := range n.Entries {
		if e.Key.Text == key {
			return e.Value
		}
	}
	return nil
}

// Null says that the value was left out or written as ~ or null.
func (n *Node) Null() bool {
	if n == nil {
		return true
	}
	if n.Kind != Scalar || n.Quoted {
		return false
	}
	switch n.Text {
	case "", "~", "null", "Null", "NULL":
		return true
	}
	return false
}

// Bool is the value of a plain true or false.
func (n *Node) Bool() (value, ok bool) {
	if n.Kind != Scalar || n.Quoted {
		return false, false
	}
	switch n.Text {
	case "true", "True", "TRUE":
		return true, true
	case "false", "False", "FALSE":
		return false, true
	}
	return false, false
}

// Error is what is wrong with a document.
type Error struct {
	Line, Column int // from 1; Column counts bytes
	// Message says what is wrong: lower case, no full stop.
	Message string
	// Hint says what to do, or is empty.
	Hint string
}

// Error is the position and the message.
func (e *Error) Error() string {
	return strconv.Itoa(e.Line) + ":" + strconv.Itoa(e.Column) + ": " + e.Message
}

// Parse reads a document; nil for one without a value. Errors are *Error.
func Parse(text []byte) (root *Node, err error) {
	p := &parser{text: text}
	defer func() {
		if r := recover(); r != nil {
			e, ok := r.(*Error)
			if !ok {
				panic(r)
			}
			root, err = nil, e
		}
	}()
	if len(text) > MaxSize {
		p.fail(0, "the file is larger than 4 MiB", "")
	}
	p.checkText()
	return p.document(), nil
}

// parser reads text from pos on. Its methods panic with an *Error.
type parser struct {
	text    []byte
	pos     int
	depth   int
	nodes   int
	anchors map[string]*Node
	// line and lineStart are those of the offset placed, the last asked for.
	line, lineStart, placed int
}

// fail ends the parsing with an error at that offset.
func (p *parser) fail(at int, message, hint string) {
	line, column := p.place(at)
	panic(&Error{Line: line, Column: column, Message: message, Hint: hint})
}

// place is the line and the column of an offset, from 1. Offsets are mostly
// asked for in ascending order.
func (p *parser) place(at int) (line, column int) {
	if at < p.placed {
		p.line, p.lineStart, p.placed = 0, 0, 0
	}
	for ; p.placed < at; p.placed++ {
		if p.text[p.placed] == '\n' {
			p.line++
			p.lineStart = p.placed + 1
		}
	}
	return p.line + 1, at - p.lineStart + 1
}

// checkText refuses what no text file holds.
func (p *parser) checkText() {
	for i := 0; i < len(p.text); {
		c := p.text[i]
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRune(p.text[i:])
			switch {
			case r == utf8.RuneError && size == 1:
				p.fail(i, "the text is not UTF-8", "")
			case r >= 0x80 && r < 0xa0 && r != 0x85, r == 0xfffe, r == 0xffff, r == 0xfeff && i > 0:
				p.fail(i, "a control character", "write it as an escape in double quotes")
			}
			i += size
			continue
		}
		bare := c == '\r' && (i+1 == len(p.text) || p.text[i+1] != '\n')
		if c < ' ' && c != '\t' && c != '\n' && c != '\r' || c == 0x7f || bare {
			p.fail(i, "a control character", "write it as an escape in double quotes")
		}
		i++
	}
}

func (p *parser) node(kind Kind, at int) *Node {
	line, column := p.place(at)
	n := &Node{Kind: kind, Line: line, Column: column, size: 1}
	p.count(at, 1)
	return n
}

func (p *parser) count(at, nodes int) {
	if p.nodes += nodes; p.nodes > maxNodes {
		p.fail(at, "the file has too many values", "")
	}
}

func (p *parser) enter(at int) {
	if p.depth++; p.depth > maxDepth {
		p.fail(at, "nests deeper than "+strconv.Itoa(maxDepth)+" levels", "")
	}
}

func (p *parser) leave() { p.depth-- }
