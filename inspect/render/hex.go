package render

import (
	"strconv"
	"strings"
)

// hexWidth is the width of the bytes column: two digits and a blank a byte,
// the bar between head and content, and the sign that more follows.
const hexWidth = 3*hexBytes + 2

const hexDigits = "0123456789abcdef"

func (p *printer) offsetColumn(at int) {
	text := strconv.FormatInt(max(p.o.Base, 0)+int64(at), p.radix())
	p.put(dim, strings.Repeat("0", max(0, p.offsets-len(text)))+text)
	p.dst = append(p.dst, ' ', ' ')
}

// bytes is the columns of the offset and of node i's first bytes. What has
// children shows its head alone: the rest stands on their lines. next is the
// offset of the first byte that is not shown.
func (p *printer) bytes(i int) (next int) {
	n := p.t.Node(i)
	end := n.Offset + n.Length
	if p.continues(i) {
		end = n.Offset + int(n.Head)
	}
	p.offsetColumn(n.Offset)
	return p.hex(n.Offset, n.Offset+int(n.Head), end, hexBytes)
}

// continues says whether the content of node i stands on lines of its own.
func (p *printer) continues(i int) bool {
	n := p.t.Node(i)
	return n.Next > i+1 && p.expands(i) || n.Tail > 0 || n.Packed && p.o.Full
}

// hex is a line of the bytes from:end, of which those before head are tag and
// length.
func (p *printer) hex(from, head, end, limit int) (next int) {
	next = min(end, from+limit)
	head = min(max(head, from), next)
	width := p.digits(tagHex, from, head)
	if head > from && next > head {
		p.dst = append(p.dst, '|')
		width++
	}
	width += p.digits(plain, head, next)
	if next < end && !p.o.Full {
		p.put(dim, " …")
		width += 2
	}
	p.pad(width, hexWidth+2)
	return next
}

// digits is the bytes from:to and how wide they are.
func (p *printer) digits(s style, from, to int) (width int) {
	if from == to {
		return 0
	}
	var line [3 * hexBytes]byte
	text := line[:0]
	for _, b := range p.t.Payload[from:to] {
		text = append(text, ' ', hexDigits[b>>4], hexDigits[b&15])
	}
	p.put(s, string(text[1:]))
	return len(text) - 1
}

// rest is the lines of the bytes that did not fit on node i's line, if all
// are wanted.
func (p *printer) rest(i, next int) {
	n := p.t.Node(i)
	if !p.o.Full || p.continues(i) {
		return
	}
	for end := n.Offset + n.Length; next < end; {
		p.offsetColumn(next)
		next = p.hex(next, next, end, hexBytes)
		p.line()
	}
}
