package message

import (
	"cmp"
	"slices"

	"github.com/pbscope/pbscope/inspect/plan"
	"github.com/pbscope/pbscope/inspect/wire"
)

// gathered is a message's content: its fields by first appearance, and what its
// type does not know in wire order.
type gathered struct {
	fields  []fieldNodes
	unknown []unknownItem
	places  map[*plan.Field]int // in fields
}

// fieldNodes are the nodes of one field that count: of a member of a oneof,
// none if another member came later.
type fieldNodes struct {
	field *plan.Field
	nodes []int
}

// unknownItem is a node, or an element of a packed one: an unnamed number of
// a closed enum.
type unknownItem struct {
	node    int
	element bool
	bits    uint64
}

func (g *gathered) has(f *plan.Field) bool {
	_, ok := g.places[f]
	return ok
}

func (g *gathered) of(f *plan.Field) *fieldNodes {
	i, ok := g.places[f]
	if !ok {
		i = len(g.fields)
		g.places[f] = i
		g.fields = append(g.fields, fieldNodes{field: f})
	}
	return &g.fields[i]
}

// sort puts the fields in the order of the schema, extensions by number after
// them.
func (g *gathered) sort() {
	slices.SortStableFunc(g.fields, func(a, b fieldNodes) int {
		switch x, y := a.field, b.field; {
		case x.Extension && y.Extension:
			return cmp.Compare(x.Number, y.Number)
		case x.Extension != y.Extension:
			return map[bool]int{true: 1, false: -1}[x.Extension]
		default:
			return cmp.Compare(x.Index, y.Index)
		}
	})
}

// gather goes through the parts of a message of type m: the last member of a
// oneof stays, everything else is for whoever prints the field.
func (w *jsonWriter) gather(m *plan.Message, p parts) *gathered {
	g := &gathered{places: make(map[*plan.Field]int)}
	members := make(map[int]*plan.Field)
	for _, part := range p.nodes {
		for i := range w.t.Children(part) {
			f, node := w.fieldOf(m, i)
			if f == nil {
				g.unknown = append(g.unknown, unknownItem{node: i})
				continue
			}
			own := g.of(f)
			if f.Oneof != 0 {
				if other := members[f.Oneof]; other != nil && other != f {
					g.of(other).nodes = nil
				}
				members[f.Oneof] = f
			}
			own.nodes = append(own.nodes, node)
			if w.t.cells.at(node).is(packed) {
				g.addUnnamed(w.t, f, node)
			}
		}
	}
	return g
}

// fieldOf is the field that node i, in a message of type m, is a value of, and
// the node of that value; nil if the type does not know it.
func (w *jsonWriter) fieldOf(m *plan.Message, i int) (f *plan.Field, node int) {
	c := w.t.cells.at(i)
	if c.why != Known {
		return nil, i
	}
	if !c.is(nameless) {
		return w.t.field(i), i
	}
	for k := range w.t.Children(i) {
		if w.t.cells.at(k).is(inItem) {
			return w.t.field(k), k
		}
	}
	return nil, i
}

func (g *gathered) addUnnamed(t *Tree, f *plan.Field, i int) {
	if f.Enum == nil || !f.Enum.Closed {
		return
	}
	for el := range t.Elements(i) {
		if unnamed(f, el.Bits) {
			g.unknown = append(g.unknown, unknownItem{node: i, element: true, bits: el.Bits})
		}
	}
}

// all is every field of a message without a type.
func (w *jsonWriter) all(p parts) []unknownItem {
	var list []unknownItem
	for _, part := range p.nodes {
		for i := range w.t.Children(part) {
			list = append(list, unknownItem{node: i})
		}
	}
	return list
}

// unknown appends the key "@unknown" if there is something to say.
func (w *jsonWriter) unknown(items []unknownItem, always bool) {
	if (len(items) == 0 || w.o.DropUnknown) && !always {
		return
	}
	w.key("@unknown")
	w.unknownList(items)
}

func (w *jsonWriter) unknownList(items []unknownItem) {
	w.dst = append(w.dst, '[')
	for _, u := range items {
		w.comma()
		c := w.t.cells.at(u.node)
		w.dst = append(w.dst, '{')
		w.key("field")
		w.uint(uint64(c.number))
		w.key("wire")
		if u.element {
			w.text("varint")
		} else {
			w.text(c.wire.String())
		}
		w.key("value")
		w.unknownValue(u, c)
		w.dst = append(w.dst, '}')
	}
	w.dst = append(w.dst, ']')
}

func (w *jsonWriter) unknownValue(u unknownItem, c *cell) {
	switch {
	case u.element:
		w.quotedUint(u.bits)
	case c.wire == wire.Varint, c.wire == wire.I64:
		w.quotedUint(w.t.bits(u.node))
	case c.wire == wire.I32:
		w.uint(w.t.bits(u.node))
	case c.wire == wire.Group:
		w.unknownList(w.all(parts{nodes: []int{u.node}}))
	default:
		w.base64(w.t.Content(u.node))
	}
}
