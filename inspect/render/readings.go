package render

import (
	"math"
	"strconv"

	"github.com/pbscope/pbscope/inspect/message"
	"github.com/pbscope/pbscope/inspect/wire"
)

// reading is the content of node i in one of its readings.
func (p *printer) reading(i int, r message.Reading) {
	content := p.t.Content(i)
	switch r.As {
	case message.AsMessage:
		p.put(plain, "message")
		if p.t.Readings(i)[0].As != message.AsMessage {
			p.put(plain, " ")
			p.summary(i)
			return
		}
		p.put(dim, ", "+count(len(content), "byte"))
	case message.AsString:
		p.put(plain, "string ")
		p.text(content)
	case message.AsBytes:
		p.put(plain, "bytes ")
		p.raw(content)
	default:
		p.put(plain, r.As.String()+" ")
		p.packed(p.t.ElementsAs(i, r.As), func(el message.Element) string { return packedText(r.As, el.Bits) })
	}
}

// packedText is an element without a schema: a fixed one as the float that it
// may be, where that has few digits, else as a number.
func packedText(as message.As, bits uint64) string {
	switch as {
	case message.AsPackedI32:
		if f := strconv.FormatFloat(float64(math.Float32frombits(uint32(bits))), 'g', -1, 32); len(f) <= 9 && bits>>23 != 0 {
			return f
		}
	case message.AsPackedI64:
		if f := strconv.FormatFloat(math.Float64frombits(bits), 'g', -1, 64); len(f) <= 12 && bits>>52 != 0 {
			return f
		}
	}
	return strconv.FormatUint(bits, 10)
}

// summary is a message reading on one line, where it is not the best one.
func (p *printer) summary(i int) {
	p.put(plain, "{")
	shown := 0
	for c := range p.t.Children(i) {
		if shown == maxSummary {
			p.put(dim, ", …")
			break
		}
		if shown > 0 {
			p.put(plain, ", ")
		}
		n := p.t.Node(c)
		p.put(name, strconv.Itoa(int(n.Number)))
		switch n.Wire {
		case wire.Len:
			p.put(dim, ": "+count(len(p.t.Content(c)), "byte"))
		case wire.Group:
			p.put(dim, ": group")
		default:
			p.put(plain, ": ")
			p.put(number, strconv.FormatUint(n.Bits, 10))
		}
		shown++
	}
	p.put(plain, "}")
}

// maxSummary is how many fields a summary shows.
const maxSummary = 4

// alternatives is the line of the readings of node i that are not the best.
// What is hardly likely is named only, unless everything is wanted.
func (p *printer) alternatives(i, depth int) {
	readings := p.t.Readings(i)
	if len(readings) < 2 {
		return
	}
	p.under(depth)
	p.put(dim, "or ")
	o := p.o
	p.o.Full, p.maxText, p.maxElements, p.aside = false, maxOtherText, maxOtherElements, true
	for k, r := range readings[1:] {
		if k > 0 {
			p.put(dim, " · ")
		}
		if r.Score < 0.01 && !o.Full {
			p.put(dim, r.As.String())
			continue
		}
		p.reading(i, r)
		p.put(dim, " "+percent(r.Score))
	}
	p.o, p.maxText, p.maxElements, p.aside = o, maxText, maxElements, false
	p.line()
}

func percent(score float64) string {
	switch {
	case score < 0.01:
		return "<1%"
	case score > 0.99:
		return ">99%"
	}
	return strconv.Itoa(int(math.Round(100*score))) + "%"
}
