package render

import (
	"strconv"
)

// hexWidth is the width of the bytes column: two digits and a blank a byte,
// the bar between head and content, and the sign that more follows.
const hexWidth = 3*hexBytes + 2

const hexDigits = "0123456789abcdef"

func (p *printer) offsetColumn(at int) {
	text := strconv.FormatInt(max(p.o.Base, 0)+int64(at), p.radix())
	for range p.offsets - len(text) {
		p.put(dim, "0")
	}
	p.put(dim, text)
	p.dst = append(p.dst, ' ', ' ')
}

// bytes is the columns of the offset and of node i's first bytes. What has
// children shows its head alone: the rest stands on their lines. next is the
// offset of the first byte that is not shown.
func (p *printer) bytes(i int) (next int) {
	n := &p.t.Nodes[i]
	end := n.Offset + n.Length
	if p.continues(i) {
		end = n.Offset + int(n.Head)
	}
	p.offsetColumn(n.Offset)
	return p.hex(n.Offset, n.Offset+int(n.Head), end, hexBytes)
}

// continues says whether the content of node i stands on lines of its own.
func (p *printer) continues(i int) bool {
	n := &p.t.Nodes[i]
	return n.Next > i+1 && p.expands(i) || n.Tail > 0 || n.Packed && p.o.Full
}

// hex is a line of the bytes from:end, of which those before head are tag and
// length.
func (p *printer) hex(from, head, end, limit int) (next int) {
	width := 0
	next = min(end, from+limit)
	for at := from; at < next; at++ {
		s, separator := plain, byte(' ')
		if at < head {
			s = tagHex
		}
		if at == head && at > from {
			separator = '|'
		}
		if at > from {
			p.dst = append(p.dst, separator)
			width++
		}
		b := p.t.Payload[at]
		p.put(s, string([]byte{hexDigits[b>>4], hexDigits[b&15]}))
		width += 2
	}
	if next < end && !p.o.Full {
		p.put(dim, " …")
		width += 2
	}
	p.pad(width, hexWidth+2)
	return next
}

// rest is the lines of the bytes that did not fit on node i's line, if all
// are wanted.
func (p *printer) rest(i, next int) {
	n := &p.t.Nodes[i]
	if !p.o.Full || p.continues(i) {
		return
	}
	for end := n.Offset + n.Length; next < end; {
		p.offsetColumn(next)
		next = p.hex(next, next, end, hexBytes)
		p.line()
	}
}
