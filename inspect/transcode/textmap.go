package transcode

import (
	"slices"

	"github.com/pbscope/pbscope/inspect/plan"
	"github.com/pbscope/pbscope/inspect/wire"
)

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

// entryKnown says whether a map's entry has a value that the schema knows: a
// closed enum's unnamed number makes the whole entry unknown. ok false: its
// bytes are broken.
func (p *textPrinter) entryKnown(f *plan.Field, at textRange, level int) (known, ok bool) {
	if f.MapValue.Enum == nil || !f.MapValue.Enum.Closed {
		return true, true
	}
	number := int32(f.MapValue.Enum.First)
	for pos := at.from; pos < at.to; {
		n, typ, size, code := wire.ConsumeTag(p.src[pos:at.to])
		if code != wire.OK {
			return false, false
		}
		pos += size
		value, next, ok := p.value(pos, at.to, n, typ, level)
		if !ok {
			return false, false
		}
		if n == 2 && typ == wire.Varint {
			number = int32(p.varint(value.from))
		}
		pos = next
	}
	return f.MapValue.Enum.Quoted(number) != nil, true
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

// entry reads an entry of a map and writes both its fields, whatever was left
// out.
func (p *textParser) entry(t *textMessage, f *plan.Field) bool {
	p.skip()
	offset := p.pos
	// The entry is no level of its own: only its value nests.
	n, ok := p.nested(f.Message(), t.level)
	if !ok {
		return false
	}
	base := len(p.tree.open)
	p.tree.open = append(p.tree.open, p.tree.done[n.from:n.to]...)
	p.tree.done = p.tree.done[:n.from]
	for _, part := range []*plan.Field{f.MapKey, f.MapValue} {
		given := slices.ContainsFunc(p.tree.open[base:], func(n textNode) bool { return n.order == int32(part.Number) })
		if given {
			continue
		}
		if m := part.Message(); m != nil && m.Required > 0 {
			empty := textMessage{m: m}
			return p.inField(part.ProtoName, p.missing(&empty, offset))
		}
		p.tree.open = append(p.tree.open, p.absent(part))
	}
	n = p.tree.finish(base)
	n.number, n.order, n.typ = f.Number, int32(f.Number), wire.Len
	p.tree.open = append(p.tree.open, n)
	return true
}

// absent is the default of a map's key or value.
func (p *textParser) absent(f *plan.Field) textNode {
	n := textNode{number: f.Number, order: int32(f.Number), typ: textWireType(f.Kind), leaf: true, from: len(p.tree.values)}
	switch n.typ {
	case wire.Varint:
		first := uint64(0)
		if f.Enum != nil {
			first = uint64(int64(f.Enum.First))
		}
		p.tree.values = wire.AppendVarint(p.tree.values, first)
	case wire.I32:
		p.tree.values = wire.AppendI32(p.tree.values, 0)
	case wire.I64:
		p.tree.values = wire.AppendI64(p.tree.values, 0)
	}
	n.to = len(p.tree.values)
	n.size = n.to - n.from
	return n
}
