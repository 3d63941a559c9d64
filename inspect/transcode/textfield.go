package transcode

import (
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/inspect/plan"
	"github.com/pbscope/pbscope/inspect/wire"
)

// print prints what was gathered of a message.
func (p *textPrinter) print(g *textGathered) bool {
	if g.m != nil && g.requiredSeen < g.m.Required && !p.partial {
		return false
	}
	if g.m != nil && g.m.WellKnown == plan.Any && p.any(g) {
		return true
	}
	for i := g.base; i < len(p.fields); i++ {
		if run := p.fields[i]; run.first >= 0 && !p.field(g, run) {
			return false
		}
	}
	p.unknowns(g)
	return true
}

// field prints a field: a line, or several, for each of its values.
func (p *textPrinter) field(g *textGathered, run textFieldRun) bool {
	f := run.f
	name := textName(g.m, f)
	switch {
	case f.Map:
		return p.entries(g, run, name)
	case !f.Repeated && textIsMessage(f):
		p.open(name, '{')
		if !p.merged(f.Message(), run.first, g.level+1) {
			return false
		}
		p.close('}')
	case f.Repeated:
		for i := run.first; i >= 0; i = p.occurrences[i].next {
			if !p.single(f, name, p.occurrences[i].at, g.level) {
				return false
			}
		}
	default:
		at := p.occurrences[run.last].at
		return !f.Presence && p.zero(f, at) || p.single(f, name, at, g.level)
	}
	return true
}

// zero says whether a value is what an absent field without presence has: all
// its bits are 0, or it is empty.
func (p *textPrinter) zero(f *plan.Field, at textRange) bool {
	switch textWireType(f.Kind) {
	case wire.Len:
		return at.from == at.to
	case wire.Varint:
		v := p.varint(at.from)
		switch f.Kind {
		case protoreflect.Int32Kind, protoreflect.Uint32Kind, protoreflect.Sint32Kind, protoreflect.EnumKind:
			return uint32(v) == 0 // 32 bits are read, whatever comes
		}
		return v == 0
	}
	for _, c := range p.src[at.from:at.to] {
		if c != 0 {
			return false
		}
	}
	return true
}

// single prints one value of a field of a message at level.
func (p *textPrinter) single(f *plan.Field, name string, at textRange, level int) bool {
	if textIsMessage(f) {
		p.open(name, '{')
		if !p.message(f.Message(), at, level+1) {
			return false
		}
		p.close('}')
		return true
	}
	p.start(name)
	p.dst = p.appendScalar(p.dst, f, at)
	p.dst = append(p.dst, '\n')
	return true
}

// maxTextIndent bounds what deep nesting costs in white space.
const maxTextIndent = 64

func (p *textPrinter) margin() {
	for range min(p.indent, maxTextIndent) {
		p.dst = append(p.dst, ' ', ' ')
	}
}

func (p *textPrinter) start(name string) {
	p.margin()
	p.dst = append(append(p.dst, name...), ':', ' ')
}

func (p *textPrinter) open(name string, bracket byte) {
	p.margin()
	p.dst = append(append(p.dst, name...), ' ', bracket, '\n')
	p.indent++
}

func (p *textPrinter) close(bracket byte) {
	p.indent--
	p.margin()
	p.dst = append(p.dst, bracket, '\n')
}
