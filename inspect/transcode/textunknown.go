package transcode

import (
	"strconv"
	"unicode"
	"unicode/utf8"

	"github.com/pbscope/pbscope/inspect/wire"
)

// unknowns prints the unknown values of a message, in wire order. It cannot
// fail: whether they are in order was found when they were gathered.
func (p *textPrinter) unknowns(g *textGathered) {
	for i := g.first; i >= 0; {
		o := p.occurrences[i]
		p.unknownValue(o, g.level)
		i = o.next
	}
}

func (p *textPrinter) unknownValue(o textOccurrence, level int) {
	b := p.src[o.at.from:o.at.to]
	var few [12]byte
	name := string(strconv.AppendInt(few[:0], int64(o.number), 10))
	switch {
	case o.typ == wire.Group:
		p.open(name, '<')
		p.message(nil, o.at, level+1)
		p.close('>')
		return
	case o.typ == wire.Len && level < p.max && !textPlain(b) && p.writtenTheSame(o.at, level):
		p.open(name, '{')
		p.message(nil, o.at, level+1)
		p.close('}')
		return
	}
	p.start(name)
	switch o.typ {
	case wire.Varint:
		p.dst = strconv.AppendUint(p.dst, p.varint(o.at.from), 10)
	case wire.I32:
		v, _, _ := wire.ConsumeI32(b)
		p.dst = appendTextHex(p.dst, uint64(v), 8)
	case wire.I64:
		v, _, _ := wire.ConsumeI64(b)
		p.dst = appendTextHex(p.dst, v, 16)
	case wire.Len:
		p.dst = appendTextString(p.dst, b, !p.o.ASCII && utf8.Valid(b))
	}
	p.dst = append(p.dst, '\n')
}

func appendTextHex(dst []byte, v uint64, digits int) []byte {
	dst = append(dst, '0', 'x')
	for i := digits - 1; i >= 0; i-- {
		dst = append(dst, "0123456789abcdef"[v>>(4*i)&15])
	}
	return dst
}

// textPlain says whether bytes are printable text, or nothing.
func textPlain(b []byte) bool {
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		if r == utf8.RuneError && n < 2 || !unicode.IsPrint(r) && r != '\n' && r != '\t' && r != '\r' {
			return false
		}
		b = b[n:]
	}
	return true
}

// writtenTheSame says whether content is a message whose fields, written by
// number, are the same bytes: every tag, length and varint is the shortest,
// and groups are closed. What length-delimited fields hold does not matter:
// each of them is judged by itself.
func (p *textPrinter) writtenTheSame(at textRange, level int) bool {
	var few [16]wire.Number
	open := few[:0]
	for pos := at.from; pos < at.to; {
		b := p.src[pos:at.to]
		number, typ, n, code := wire.ConsumeTag(b)
		if code != wire.OK || n != wire.SizeVarint(uint64(number)<<3) {
			return false
		}
		pos += n
		b = b[n:]
		switch typ {
		case wire.Group:
			if level+1+len(open) >= p.max {
				return false
			}
			open = append(open, number)
			continue
		case wire.EndGroup:
			if len(open) == 0 || open[len(open)-1] != number {
				return false
			}
			open = open[:len(open)-1]
			continue
		}
		n, code = wire.SkipValue(b, number, typ, 0)
		if code != wire.OK {
			return false
		}
		if typ == wire.Varint || typ == wire.Len {
			v, size, _ := wire.ConsumeVarint(b)
			if size != wire.SizeVarint(v) {
				return false
			}
		}
		pos += n
	}
	return len(open) == 0
}
