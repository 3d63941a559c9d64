package transcode

import (
	"bytes"
	"math"
	"strconv"

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

// entries prints a map: of the entries with the same key the last one counts,
// and it stands where the first stood.
func (p *textPrinter) entries(g *textGathered, run textFieldRun, name string) bool {
	if run.first == run.last {
		return p.entry(run.f, name, p.occurrences[run.first].at, g.level)
	}
	type entry struct{ at, last int32 }
	var order []entry
	places := make(map[string]int)
	for i := run.first; i >= 0; i = p.occurrences[i].next {
		key := p.mapKey(run.f, p.occurrences[i].at, g.level)
		place, seen := places[key]
		if !seen {
			places[key] = len(order)
			order = append(order, entry{i, i})
			continue
		}
		replaced := p.occurrences[order[place].last].at
		if !p.check(func() bool { return p.entry(run.f, name, replaced, g.level) }) {
			return false
		}
		order[place].last = i
	}
	for _, e := range order {
		if !p.entry(run.f, name, p.occurrences[e.last].at, g.level) {
			return false
		}
	}
	return true
}

// mapKey is an entry's key in a form that can be compared.
func (p *textPrinter) mapKey(f *plan.Field, at textRange, level int) string {
	want := textWireType(f.MapKey.Kind)
	key := textRange{}
	found := false
	for pos := at.from; pos < at.to; {
		number, typ, n, code := wire.ConsumeTag(p.src[pos:at.to])
		if code != wire.OK {
			break
		}
		pos += n
		value, next, ok := p.value(pos, at.to, number, typ, level)
		if !ok {
			break
		}
		if number == 1 && typ == want {
			key, found = value, true
		}
		pos = next
	}
	if want == wire.Len {
		return string(p.src[key.from:key.to])
	}
	if !found {
		return string(p.appendDefault(nil, f.MapKey))
	}
	return string(p.appendScalar(nil, f.MapKey, key))
}

// entry prints one entry of a map: always the key and the value, and what else
// it has on the wire.
func (p *textPrinter) entry(f *plan.Field, name string, at textRange, level int) bool {
	g := p.gather(f.Message(), level)
	defer p.drop(&g)
	if !p.add(&g, at) {
		return false
	}
	p.open(name, '{')
	for _, part := range []*plan.Field{f.MapKey, f.MapValue} {
		ok := true
		place, given := g.index.get(int32(part.Number))
		switch {
		case given && textIsMessage(part):
			ok = p.field(&g, p.fields[place])
		case given:
			ok = p.single(part, part.ProtoName, p.occurrences[p.fields[place].last].at, level)
		case textIsMessage(part):
			p.open(part.ProtoName, '{')
			ok = p.message(part.Message(), textRange{}, level+1)
			p.close('}')
		default:
			p.start(part.ProtoName)
			p.dst = append(p.appendDefault(p.dst, part), '\n')
		}
		if !ok {
			return false
		}
	}
	p.unknowns(&g)
	p.close('}')
	return true
}

// any prints an Any by its type, where the schema has that and the bytes are
// in order; false: nothing was printed.
func (p *textPrinter) any(g *textGathered) bool {
	place, ok := g.index.get(1)
	if !ok || g.first >= 0 {
		return false
	}
	at := p.occurrences[p.fields[place].last].at
	url := p.src[at.from:at.to]
	if !textURL(url) {
		return false
	}
	typ := textAnyType(g.m, string(url))
	if typ == nil {
		return false
	}
	var value textRange
	if place, ok := g.index.get(2); ok {
		value = p.occurrences[p.fields[place].last].at
	}
	length, indent, partial := len(p.dst), p.indent, p.partial
	p.partial = false
	p.open("["+string(url)+"]", '{')
	ok = p.message(typ, value, g.level+1)
	p.partial = partial
	if !ok {
		p.dst, p.indent = p.dst[:length], indent
		return false
	}
	p.close('}')
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

// appendScalar appends the value in src[at].
func (p *textPrinter) appendScalar(dst []byte, f *plan.Field, at textRange) []byte {
	b := p.src[at.from:at.to]
	var v uint64
	switch textWireType(f.Kind) {
	case wire.Len:
		return appendTextString(dst, b, f.Kind == protoreflect.StringKind && !p.o.ASCII)
	case wire.I32:
		bits, _, _ := wire.ConsumeI32(b)
		v = uint64(bits)
	case wire.I64:
		v, _, _ = wire.ConsumeI64(b)
	default:
		v, _, _ = wire.ConsumeVarint(b)
	}
	return appendTextNumber(dst, f, v)
}

// appendDefault appends what an absent key or value of a map's entry is.
func (p *textPrinter) appendDefault(dst []byte, f *plan.Field) []byte {
	switch {
	case f.Enum != nil:
		return appendTextNumber(dst, f, uint64(int64(f.Enum.First)))
	case textWireType(f.Kind) == wire.Len:
		return append(dst, `""`...)
	}
	return appendTextNumber(dst, f, 0)
}

// appendTextNumber appends a number, a bool or an enum's value; v is what the
// wire has, in 32 or 64 bits.
func appendTextNumber(dst []byte, f *plan.Field, v uint64) []byte {
	switch f.Kind {
	case protoreflect.BoolKind:
		return strconv.AppendBool(dst, v != 0)
	case protoreflect.EnumKind:
		if name := f.Enum.Quoted(int32(v)); name != nil {
			return append(dst, bytes.Trim(name, `"`)...)
		}
		return strconv.AppendInt(dst, int64(int32(v)), 10)
	case protoreflect.Int32Kind, protoreflect.Sfixed32Kind:
		return strconv.AppendInt(dst, int64(int32(v)), 10)
	case protoreflect.Sint32Kind:
		return strconv.AppendInt(dst, wire.UnZigZag(v&math.MaxUint32), 10)
	case protoreflect.Uint32Kind, protoreflect.Fixed32Kind:
		return strconv.AppendUint(dst, uint64(uint32(v)), 10)
	case protoreflect.Int64Kind, protoreflect.Sfixed64Kind:
		return strconv.AppendInt(dst, int64(v), 10)
	case protoreflect.Sint64Kind:
		return strconv.AppendInt(dst, wire.UnZigZag(v), 10)
	case protoreflect.FloatKind:
		return appendTextFloat(dst, float64(math.Float32frombits(uint32(v))), 32)
	case protoreflect.DoubleKind:
		return appendTextFloat(dst, math.Float64frombits(v), 64)
	}
	return strconv.AppendUint(dst, v, 10)
}

// appendTextFloat appends the shortest decimal text of x, with an exponent
// where C's %g has one at the digits that the type is sure of.
func appendTextFloat(dst []byte, x float64, bits int) []byte {
	switch {
	case math.IsNaN(x):
		return append(dst, "nan"...)
	case math.IsInf(x, 1):
		return append(dst, "inf"...)
	case math.IsInf(x, -1):
		return append(dst, "-inf"...)
	}
	least, limit := 1e-4, 1e15
	if bits == 32 {
		least, limit = float64(float32(1e-4)), 1e6
	}
	format := byte('f')
	if size := math.Abs(x); size != 0 && (size < least || size >= limit) {
		format = 'e'
	}
	return strconv.AppendFloat(dst, x, format, -1, bits)
}
