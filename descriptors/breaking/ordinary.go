package breaking

import (
	"slices"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/inspect/plan"
	"github.com/pbscope/pbscope/inspect/wire"
)

// maxNesting is how deep an ordinary message sets first fields of first
// fields.
const maxNesting = 1

// ordinary is a message of t with its first field set (and those that are
// required); of a map's entry, both fields are. ok is false where t has no
// finite message.
func (c *comparison) ordinary(t *typ, depth int) (b []byte, ok bool) {
	if t.desc.IsMapEntry() {
		return c.entry(t, depth)
	}
	var first *plan.Field
	if len(t.plan.Fields) > 0 {
		first = &t.plan.Fields[0]
	}
	if first == nil || depth >= maxNesting || t.plan.MessageSet {
		return c.minimal(t, nil)
	}
	records, ok := c.ordinaryField(first, depth+1)
	if !ok {
		return c.minimal(t, nil)
	}
	return c.complete(t, nil, first, records)
}

func (c *comparison) entry(t *typ, depth int) ([]byte, bool) {
	key, _ := c.ordinaryField(t.number[1], depth)
	value, ok := c.ordinaryField(t.number[2], depth)
	return append(key, value...), ok
}

// ordinaryField is the records of an ordinary value of f.
func (c *comparison) ordinaryField(f *plan.Field, depth int) ([]byte, bool) {
	if isMessage(f) {
		m, ok := c.ordinary(c.schemaOf(f).typeOf(f), depth)
		return c.records(f, m), ok
	}
	return c.records(f, c.contents(f, f)[0].bytes), true
}

// otherEntry is an entry of the map with another key than an ordinary one;
// nil if there is none.
func (c *comparison) otherEntry(f *plan.Field, entry []byte) []byte {
	var key []byte
	switch k := f.MapKey; k.Kind {
	case protoreflect.StringKind:
		key = c.records(k, []byte("b"))
	case protoreflect.BoolKind:
		key = c.records(k, []byte{0})
	default:
		b, ok := encodeInteger(k.Kind, number{false, 2})
		if !ok {
			return nil
		}
		key = c.records(k, b)
	}
	value, ok := c.ordinaryField(f.MapValue, 0)
	if !ok {
		return nil
	}
	return append(key, value...)
}

// complete adds to records of the field except what a message of t needs so
// that neither its own readers nor, where it can be helped, those of other
// refuse it: required fields. Fields stand in order. ok is false where t has
// no finite message, or none of a size to show.
func (c *comparison) complete(t, other *typ, except *plan.Field, records []byte) (b []byte, ok bool) {
	b = []byte{} // an empty message is one too
	placed := except == nil
	for _, f := range wanted(t, other) {
		if !placed && f.Number >= except.Number {
			b, placed = append(b, records...), true
		}
		if except != nil && f.Number == except.Number {
			continue
		}
		content, ok := c.minimalContent(f)
		if !ok || len(b)+len(content) > maxMinimal {
			return nil, false
		}
		b = append(b, c.records(f, content)...)
	}
	if !placed {
		b = append(b, records...)
	}
	return b, true
}

// maxMinimal bounds a message of required fields: each level of them can
// double it.
const maxMinimal = 1 << 16

// smallest is the shortest message of a type, ok false where there is none.
type smallest struct {
	b  []byte
	ok bool
}

// minimal is the shortest message of t that other's readers accept.
func (c *comparison) minimal(t, other *typ) ([]byte, bool) {
	if other != nil {
		return c.complete(t, other, nil, nil)
	}
	if m, ok := c.minimals[t]; ok {
		return m.b, m.ok
	}
	c.minimals[t] = smallest{} // a type that requires itself has no finite message
	b, ok := c.complete(t, nil, nil, nil)
	c.minimals[t] = smallest{b, ok}
	return b, ok
}

// endless says whether a type has no message at all: it requires one of itself,
// and so nobody can write it.
func (c *comparison) endless(t *typ) bool {
	if known, ok := c.endlessTypes[t]; ok {
		return known
	}
	c.endlessTypes[t] = true // until the contrary is shown: met again, it is
	endless := false
	for _, f := range t.required {
		if isMessage(f) && c.endless(c.schemaOf(f).typeOf(f)) {
			endless = true
			break
		}
	}
	c.endlessTypes[t] = endless
	return endless
}

// wanted are the fields of t that its writers require, and those that readers
// of other do, by number.
func wanted(t, other *typ) []*plan.Field {
	if other == nil || len(other.required) == 0 {
		return t.required
	}
	all := slices.Clone(t.required)
	for _, r := range other.required {
		f := t.number[r.Number]
		if f != nil && !f.Required && !f.Extension && wireType(r.Kind) == wireType(f.Kind) {
			all = append(all, f)
		}
	}
	slices.SortFunc(all, func(a, b *plan.Field) int { return int(a.Number) - int(b.Number) })
	return all
}

func (c *comparison) minimalContent(f *plan.Field) ([]byte, bool) {
	switch {
	case isMessage(f):
		return c.minimal(c.schemaOf(f).typeOf(f), nil)
	case isText(f):
		return nil, true
	}
	switch wireType(f.Kind) {
	case wire.I32:
		return wire.AppendI32(nil, 0), true
	case wire.I64:
		return wire.AppendI64(nil, 0), true
	}
	if f.Enum != nil {
		return wire.AppendVarint(nil, uint64(int64(f.Enum.First))), true
	}
	return []byte{0}, true
}
