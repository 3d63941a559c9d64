// Package render makes text of explained messages: the annotated hex tree for
// people, its JSON form for programs, and indented, coloured JSON.
//
// It only appends to buffers; whether there is a terminal is for the commands
// to know.
package render

import (
	"strconv"

	"github.com/pbscope/pbscope/inspect/message"
	"github.com/pbscope/pbscope/inspect/wire"
)

// TreeOptions is how AppendTree lays out.
type TreeOptions struct {
	// Color adds ANSI colours.
	Color bool
	// Base is the offset of the payload in its input, in bytes, or
	// span.Unknown; it is added to the offsets shown.
	Base int64
	// Title is what the message is called if its type is not known.
	Title string
	// Decimal shows offsets in decimal; they are hexadecimal otherwise.
	Decimal bool
	// Full shows all bytes, whole values and all elements of packed fields;
	// long ones are cut otherwise.
	Full bool
}

// AppendTree appends t for people, a line a field: the offset, the bytes (tag
// and length before the bar), the field, its wire type, its value and type.
// Without a schema the best reading stands on the line and the others under
// it. What is wrong stands under the bytes concerned, and the reason for which
// the message is refused once more at the end. The text is at most a fixed
// multiple of the payload's length, whatever the nesting.
func AppendTree(dst []byte, t *message.Tree, o TreeOptions) []byte {
	p := newPrinter(dst, t, o)
	p.title()
	p.children(-1, 0)
	p.verdict()
	return p.dst
}

// How far columns go, in characters.
const (
	hexBytes      = 9  // bytes a line: a tag and a fixed 64-bit value
	maxFieldWidth = 40 // of the field column with its indentation
	maxIndent     = 16 // levels; deeper ones say their level
	maxText       = 60 // of a value that is not shown in full
	maxElements   = 12 // of a packed field that is not shown in full

	maxOtherText     = 24 // of a reading that is not the best
	maxOtherElements = 6
)

type printer struct {
	dst        []byte
	t          *message.Tree
	o          TreeOptions
	offsets    int // width of the offset column
	fieldWidth int

	maxText, maxElements int

	unknown bool // within a field that the type does not know
	// aside says that a reading is printed that is not the best: what nests may
	// have one on every level, so that no more is looked at than is shown.
	aside bool
}

func newPrinter(dst []byte, t *message.Tree, o TreeOptions) *printer {
	p := &printer{dst: dst, t: t, o: o, maxText: maxText, maxElements: maxElements}
	last := strconv.AppendInt(nil, max(o.Base, 0)+int64(len(t.Payload)), p.radix())
	p.offsets = max(4, len(last))
	p.fieldWidth = min(max(8, p.widest(-1, 0)), maxFieldWidth)
	return p
}

func (p *printer) radix() int {
	if p.o.Decimal {
		return 10
	}
	return 16
}

// widest is the width that the field column needs below node i.
func (p *printer) widest(i, depth int) int {
	width := 0
	for c := range p.t.Children(i) {
		n := p.t.Node(c)
		own := 2*min(depth, maxIndent) + len(strconv.Itoa(int(n.Number)))
		if n.Field != nil {
			own += 1 + len(n.Field.ProtoName)
		}
		width = max(width, own)
		if n.Next > c+1 && p.expands(c) {
			width = max(width, p.widest(c, depth+1))
		}
	}
	return width
}

func (p *printer) title() {
	name := p.o.Title
	switch {
	case p.t.Type != nil:
		name = string(p.t.Type.Name)
	case name == "":
		name = "message of unknown type"
	}
	p.put(bold, name)
	p.put(dim, ", "+count(len(p.t.Payload), "byte"))
	if p.o.Base > 0 {
		p.put(dim, " at "+p.offset(0))
	}
	p.line()
}

// expands says whether the children of node i are lines of their own: those
// of a message reading are if it is the best one.
func (p *printer) expands(i int) bool {
	readings := p.t.Readings(i)
	return len(readings) == 0 || readings[0].As == message.AsMessage
}

func (p *printer) children(i, depth int) {
	for c := range p.t.Children(i) {
		p.node(c, depth)
	}
}

func (p *printer) node(i, depth int) {
	n := p.t.Node(i)
	shown := p.bytes(i)
	p.field(i, depth)
	p.value(i)
	p.line()
	p.rest(i, shown)
	p.problem(n, depth)
	p.alternatives(i, depth)
	if n.Packed {
		p.elements(i, depth+1)
	}
	if p.expands(i) {
		outer := p.unknown
		p.unknown = outer || n.Why != message.Known
		p.children(i, depth+1)
		p.unknown = outer
	}
	if n.Tail > 0 {
		p.endGroup(n, depth)
	}
}

// field is the column with the number and the name, and the wire type.
func (p *printer) field(i, depth int) {
	n := p.t.Node(i)
	width := p.indent(depth)
	number := strconv.Itoa(int(n.Number))
	switch {
	case n.Number == 0:
		number = "?"
		fallthrough
	case n.Field == nil:
		p.put(name, number)
		width += len(number)
	default:
		p.put(dim, number+" ")
		p.put(name, n.Field.ProtoName)
		width += len(number) + 1 + len(n.Field.ProtoName)
	}
	p.pad(width, p.fieldWidth+2)
	wireType := n.Wire.String()
	if n.Number == 0 {
		wireType = ""
	}
	p.put(dim, wireType)
	p.pad(len(wireType), 8)
}

func (p *printer) indent(depth int) (width int) {
	level := min(depth, maxIndent)
	for range level {
		p.put(guide, "│ ")
	}
	width = 2 * level
	if depth > maxIndent {
		text := "(level " + strconv.Itoa(depth+1) + ") "
		p.put(dim, text)
		width += len(text)
	}
	return width
}

// under begins a line that belongs to a node: blank columns up to the field.
func (p *printer) under(depth int) {
	p.pad(0, p.offsets+2+hexWidth+2)
	p.indent(depth)
}

func (p *printer) problem(n message.Node, depth int) {
	if n.Problem == nil {
		return
	}
	p.under(depth)
	p.put(wrong, "^ "+string(n.Problem.Tag)+": "+n.Problem.Message)
	if at := n.Problem.Offset; at > int64(n.Offset) {
		p.put(wrong, " (at "+p.offset(at)+")")
	}
	p.line()
}

func (p *printer) endGroup(n message.Node, depth int) {
	end := n.Offset + n.Length
	p.offsetColumn(end - int(n.Tail))
	p.hex(end-int(n.Tail), end, end, hexBytes)
	width := p.indent(depth)
	number := strconv.Itoa(int(n.Number))
	p.put(dim, number)
	p.pad(width+len(number), p.fieldWidth+2)
	p.put(dim, wire.EndGroup.String())
	p.line()
}

func (p *printer) verdict() {
	problem := p.t.Problem
	if problem != nil && (problem.Offset >= 0 || p.t.Len() == 0) {
		p.put(wrong, "refused: "+string(problem.Tag))
		if problem.Offset >= 0 {
			p.put(wrong, " at "+p.offset(problem.Offset))
		}
		if problem.Path != "" {
			p.put(wrong, " in "+problem.Path)
		}
		p.put(wrong, ": "+problem.Message)
		p.line()
		if problem.Hint != "" {
			p.put(dim, "hint: "+problem.Hint)
			p.line()
		}
	}
	if p.t.Abridged {
		p.put(dim, "some readings are left out: the bytes nest too deeply to try them all")
		p.line()
	}
}

// offset is a payload's offset as the offset column shows it.
func (p *printer) offset(at int64) string {
	text := strconv.FormatInt(max(p.o.Base, 0)+at, p.radix())
	if !p.o.Decimal {
		text = "0x" + text
	}
	return text
}

func (p *printer) line() {
	for len(p.dst) > 0 && p.dst[len(p.dst)-1] == ' ' {
		p.dst = p.dst[:len(p.dst)-1]
	}
	p.dst = append(p.dst, '\n')
}

// pad appends blanks from a width to another, and one where there is no room.
func (p *printer) pad(from, to int) {
	for range max(1, to-from) {
		p.dst = append(p.dst, ' ')
	}
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return strconv.Itoa(n) + " " + what + "s"
}
