package render

// style is an ANSI select-graphic-rendition sequence.
type style string

// The styles. Keys and values of JSON have the colours that jq's users know.
const (
	plain  style = ""
	bold   style = "\x1b[1m"
	dim    style = "\x1b[2m"
	guide  style = "\x1b[90m"
	name   style = "\x1b[1;34m"
	tagHex style = "\x1b[35m"
	lenHex style = "\x1b[33m"
	text   style = "\x1b[32m"
	number style = "\x1b[36m"
	wrong  style = "\x1b[1;31m"

	reset = "\x1b[0m"
)

func (p *printer) put(s style, text string) {
	if text == "" {
		return
	}
	if !p.o.Color || s == plain {
		p.dst = append(p.dst, text...)
		return
	}
	p.dst = append(append(append(p.dst, s...), text...), reset...)
}
