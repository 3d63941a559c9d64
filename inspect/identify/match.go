package identify

import (
	"math"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/inspect/wire"
)

// matcher prices a profile under the types of a table.
type matcher struct {
	*profile
	table *Table
	// known are prices by node and type: types share the types of their fields.
	known map[uint64]float64
	// logs are the binary logarithms of the factorials.
	logs []float64
}

func newMatcher(p *profile, t *Table) *matcher {
	m := &matcher{profile: p, table: t, known: make(map[uint64]float64), logs: make([]float64, t.most+2)}
	for i := 2; i < len(m.logs); i++ {
		m.logs[i] = m.logs[i-1] + math.Log2(float64(i))
	}
	return m
}

// maxKnown bounds how many prices are kept; beyond it nested messages have the
// price of what nobody knows. Only bytes made for it come near.
const maxKnown = 1 << 20

// price is the bits that describe the messages of a node as messages of a type.
func (m *matcher) price(n *node, t int32) float64 {
	key := uint64(n.id)<<32 | uint64(t)
	if cost, ok := m.known[key]; ok {
		return cost
	}
	if len(m.known) >= maxKnown {
		return m.genericNode(n)
	}
	cost := m.newPrice(n, t)
	m.known[key] = cost
	return cost
}

// oneofs counts messages by the oneof of which they have a field.
type oneofs [32]int

func (m *matcher) newPrice(n *node, t int32) float64 {
	typ := &m.table.Types[t]
	cost := n.shape
	used := 0
	var members oneofs
	var last wire.Number
	for i := range n.slots {
		s := &n.slots[i]
		at, found := typ.field(int32(s.number))
		if !found || !typ.Fields[at].accepts(s.typ) {
			cost += m.unknown(n, s, typ, found)
			continue
		}
		f := &typ.Fields[at]
		cost += m.field(n, s, typ, f)
		if s.number == last || f.Extension {
			continue
		}
		last = s.number
		if f.Oneof > 0 && int(f.Oneof) < len(members) {
			cost += math.Log2(float64(f.members))
			if members[f.Oneof] += s.messages; members[f.Oneof] > s.messages {
				continue
			}
		}
		used++
	}
	for _, count := range members {
		if count > n.messages {
			cost += twoMembers
		}
	}
	return cost + m.presence(n, t, used) + m.required(n, typ)
}

// presence is for saying which of a type's fields are in use at all.
func (m *matcher) presence(n *node, t int32, used int) float64 {
	typ := &m.table.Types[t]
	if typ.Form == Entry {
		return 3 * float64(max(0, 2-used))
	}
	units := int(m.table.units[t])
	used = min(used, units)
	return math.Log2(float64(units+1)) + m.logs[units] - m.logs[used] - m.logs[units-used]
}

// required is for required fields that some messages do not have.
func (m *matcher) required(n *node, typ *Type) float64 {
	cost := 0.0
	at := 0
	for i := range typ.Fields {
		f := &typ.Fields[i]
		if !f.Required {
			continue
		}
		for at < len(n.slots) && n.slots[at].number < wire.Number(f.Number) {
			at++
		}
		have := 0
		for k := at; k < len(n.slots) && n.slots[k].number == wire.Number(f.Number); k++ {
			if f.accepts(n.slots[k].typ) {
				have = n.slots[k].messages
			}
		}
		if have < n.messages {
			cost += missing + times(n.messages-have)
		}
	}
	return cost
}

// times is for a thing that happens again and again: the first time tells most.
func times(n int) float64 { return 3 * math.Log2(float64(max(1, n))) }

// unknown is the price of a field that the type does not know.
func (m *matcher) unknown(n *node, s *slot, typ *Type, otherWire bool) float64 {
	cost := unknownNumber
	switch {
	case otherWire:
		cost = otherWireType
	case typ.extends(int32(s.number)):
		cost = unknownExtension
	}
	return cost + times(s.messages) + m.generic(n, s)
}

// field is the price of what a known field holds.
func (m *matcher) field(n *node, s *slot, typ *Type, f *Field) float64 {
	cost := 0.0
	packed := s.typ == wire.Len && f.packable()
	switch {
	case !f.Repeated && s.repeated > 0:
		cost += again + times(s.repeated)
	case f.packable() && packed != f.Packed:
		cost += otherPacking
	case f.Repeated && !packed && s.repeated == 0:
		cost += lonely
	}
	if s.zero && f.Implicit && typ.Form != Entry && !f.Repeated && !f.isMessage() {
		cost += zeroWritten
	}
	cost += m.contents(n, s, f, packed) + m.ranges(typ, s)
	if most := unknownNumber - known + times(s.messages) + m.generic(n, s); cost > most && !m.refuses(s, f, packed) {
		return most
	}
	return cost
}

// refuses says that some content of a field is none that a decoder takes.
func (m *matcher) refuses(s *slot, f *Field, packed bool) bool {
	switch {
	case packed:
		return s.elements(wireType(f.Kind)).broken.count > 0
	case f.isMessage():
		return s.broken.count > 0
	case f.Kind == protoreflect.StringKind:
		return f.UTF8 && !s.isText()
	}
	return false
}

func (m *matcher) contents(n *node, s *slot, f *Field, packed bool) float64 {
	switch {
	case f.isMessage():
		child := m.messages(n, s)
		cost := s.broken.price()
		if f.Sub < 0 || child == nil {
			return cost + m.generic(n, s)
		}
		return cost + m.price(child, f.Sub)
	case f.Kind == protoreflect.EnumKind:
		var enum *Enum
		if f.Sub >= 0 {
			enum = &m.table.Enums[f.Sub]
		}
		if packed {
			r := s.elements(wire.Varint)
			return enumPrice(enum, &r.values) + s.runPrice(r)
		}
		return enumPrice(enum, &s.values)
	}
	return m.kindPrice(n, s, f.Kind)
}

// ranges is for values that a well-known type does not have.
func (m *matcher) ranges(typ *Type, s *slot) float64 {
	const (
		maxNanos   = 999_999_999
		minSeconds = -62_135_596_800 // 0001-01-01T00:00:00Z
		maxSeconds = 253_402_300_799 // 9999-12-31T23:59:59Z
		maxSpan    = 315_576_000_000 // of a Duration: 10,000 years
	)
	within := func(low, high int64) float64 {
		for _, v := range s.values.different {
			if int64(v) < low || int64(v) > high {
				return outOfRange
			}
		}
		return 0
	}
	switch {
	case typ.Form == Timestamp && s.number == 1:
		return within(minSeconds, maxSeconds)
	case typ.Form == Timestamp && s.number == 2:
		return within(0, maxNanos)
	case typ.Form == Duration && s.number == 1:
		return within(-maxSpan, maxSpan)
	case typ.Form == Duration && s.number == 2:
		return within(-maxNanos, maxNanos)
	case typ.Form == Any && s.number == 1:
		for _, content := range s.contents {
			if !isTypeURL(content) {
				return unnamedOpen
			}
		}
	}
	return 0
}

// isTypeURL says whether text is like the type_url of an Any: a slash, and
// behind the last one a full name.
func isTypeURL(text []byte) bool {
	for i := len(text) - 1; i >= 0; i-- {
		switch c := text[i]; {
		case c == '/':
			return i < len(text)-1
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '_', c == '.':
		default:
			return false
		}
	}
	return false
}
