package message

import (
	"github.com/pbscope/pbscope/inspect/plan"
	"github.com/pbscope/pbscope/inspect/span"
)

// JSONOptions say how AppendJSON prints; the names are those of the fast
// engine's options, which mean the same.
type JSONOptions struct {
	Options
	// DropUnknown leaves out what the schema does not know.
	DropUnknown  bool
	Int64Numbers bool
	BytesHex     bool
	ProtoNames   bool
	EnumNumbers  bool
	Defaults     bool
	Sort         bool
	// Base is where the payload begins in its input, or span.Unknown.
	Base int64
}

// AppendJSON appends the JSON of payload read as m, which may be nil, as
// section 1 of the output contract has it but for "@wire". It is what the
// fast engine prints, by another way: the tree of the message is made first,
// then each message's fields are gathered from it and printed one after
// another, values by the standard library. It shares no code with the fast
// engine but the plans of the types (package plan) and the form of a problem
// (package span), and is for proving that one right, not for speed.
//
// failed counts the values without a JSON form, which stand as {"@error":…}.
// With ok false the payload is refused, and dst comes back as it was.
//
// Work and memory are linear in len(payload), but for sorting.
func AppendJSON(dst []byte, m *plan.Message, payload []byte, o JSONOptions) (out []byte, failed int, ok bool) {
	tree := readWhole(m, payload, o.depth(), o.RefuseUnknown)
	if tree.Problem != nil {
		return dst, 0, false
	}
	w := jsonWriter{o: o, t: tree, dst: dst}
	switch {
	case m == nil:
		w.o.DropUnknown = false
		w.dst = append(w.dst, '{')
		w.unknown(w.all(parts{nodes: []int{root}}), true)
		w.dst = append(w.dst, '}')
	default:
		w.message(m, parts{nodes: []int{root}}, 1)
	}
	return w.dst, w.failed, true
}

// readWhole is the tree of payload, its problem being without path and hint.
// What lies in an Any is left as bytes: which type an Any has is known when its
// last part has been read.
func readWhole(m *plan.Message, payload []byte, depth int, refuse bool) *Tree {
	e := newExplainer(m, payload, Options{MaxDepth: depth, RefuseUnknown: refuse})
	e.plainAny = true
	if len(payload) > maxPayload {
		return e.run()
	}
	e.read()
	return e.tree
}

type jsonWriter struct {
	o      JSONOptions
	t      *Tree
	base   int // where the bytes of t begin in the payload
	outer  int // levels around t
	dst    []byte
	failed int
	path   []jsonStep

	value structState
}

// jsonStep is a field on the way to the message at hand.
type jsonStep struct {
	field *plan.Field
	index int    // of an element of a list
	key   []byte // of a map, as people read it
}

// parts are the nodes that merge into one message, in order; root is the whole
// of the tree. at is where the first one's content begins in the payload, or
// where it would.
type parts struct {
	nodes []int
	at    int
}

// part is the message that node i alone is.
func (w *jsonWriter) part(nodes ...int) parts {
	return parts{nodes, w.base + w.start(nodes[0])}
}

func (w *jsonWriter) start(i int) int {
	if i == root {
		return 0
	}
	c := w.t.cells.at(i)
	return int(c.offset) + int(c.head)
}

// bytes are those of the parts, one after another.
func (w *jsonWriter) bytes(p parts) []byte {
	var b []byte
	for _, i := range p.nodes {
		if i == root {
			b = append(b, w.t.Payload...)
		} else {
			b = append(b, w.t.Content(i)...)
		}
	}
	return b
}

// message appends the message of type m that p is, on a level.
func (w *jsonWriter) message(m *plan.Message, p parts, level int) {
	if m.WellKnown != plan.NotWellKnown && m.WellKnown != plan.Empty {
		w.special(m, p, level)
		return
	}
	w.dst = append(w.dst, '{')
	w.members(m, p, level)
	w.dst = append(w.dst, '}')
}

// submessage is message for the value of f, the index-th of a list.
func (w *jsonWriter) submessage(f *plan.Field, index int, p parts, level int) {
	w.path = append(w.path, jsonStep{field: f, index: index})
	w.message(f.Message(), p, level)
	w.path = w.path[:len(w.path)-1]
}

// members appends the keys of a message.
func (w *jsonWriter) members(m *plan.Message, p parts, level int) {
	g := w.gather(m, p)
	switch {
	case w.o.Sort && w.o.Defaults:
		w.sortedWithDefaults(m, g, level)
	default:
		if w.o.Sort {
			g.sort()
		}
		for i := range g.fields {
			w.field(&g.fields[i], level)
		}
		if w.o.Defaults {
			w.absentFields(m, g)
		}
	}
	w.unknown(g.unknown, false)
}

func (w *jsonWriter) sortedWithDefaults(m *plan.Message, g *gathered, level int) {
	g.sort()
	rest := g.fields
	for i := range m.Fields {
		f := &m.Fields[i]
		if len(rest) > 0 && rest[0].field == f {
			w.field(&rest[0], level)
			rest = rest[1:]
		} else {
			w.absent(f)
		}
	}
	for i := range rest {
		w.field(&rest[i], level)
	}
}

func (w *jsonWriter) absentFields(m *plan.Message, g *gathered) {
	for i := range m.Fields {
		if f := &m.Fields[i]; !g.has(f) {
			w.absent(f)
		}
	}
}

// absent appends a field that is not there and has no presence.
func (w *jsonWriter) absent(f *plan.Field) {
	switch {
	case f.Map:
		w.name(f)
		w.dst = append(w.dst, '{', '}')
	case f.Repeated:
		w.name(f)
		w.dst = append(w.dst, '[', ']')
	case !f.Presence:
		w.name(f)
		w.zero(f)
	}
}

// comma separates from what comes before, if anything does.
func (w *jsonWriter) comma() {
	if last := w.dst[len(w.dst)-1]; last != '{' && last != '[' {
		w.dst = append(w.dst, ',')
	}
}

func (w *jsonWriter) key(name string) {
	w.comma()
	w.dst = append(span.AppendQuoted(w.dst, name), ':')
}

func (w *jsonWriter) name(f *plan.Field) {
	if w.o.ProtoNames {
		w.key(f.ProtoName)
	} else {
		w.key(f.JSONName)
	}
}

// field appends what of a field there is to print.
func (w *jsonWriter) field(g *fieldNodes, level int) {
	switch f := g.field; {
	case f.Map:
		w.name(f)
		w.dst = append(w.dst, '{')
		w.entries(f, g.nodes, level)
		w.dst = append(w.dst, '}')
	case f.Repeated:
		w.list(f, g.nodes, level)
	case f.Message() != nil:
		if len(g.nodes) > 0 {
			w.name(f)
			w.submessage(f, 0, w.part(g.nodes...), level+1)
		}
	case len(g.nodes) > 0:
		last := g.nodes[len(g.nodes)-1]
		if f.Presence || w.o.Defaults || !w.isZero(f, last) {
			w.name(f)
			w.scalar(f, last)
		}
	}
}

func (w *jsonWriter) list(f *plan.Field, nodes []int, level int) {
	opened := false
	element := func() {
		if opened {
			w.dst = append(w.dst, ',')
			return
		}
		w.name(f)
		w.dst = append(w.dst, '[')
		opened = true
	}
	for index, i := range nodes {
		if !w.t.cells.at(i).is(packed) {
			element()
			w.listElement(f, index, i, level)
			continue
		}
		for el := range w.t.Elements(i) {
			if !unnamed(f, el.Bits) {
				element()
				w.number(f, scalar(f, el.Bits))
			}
		}
	}
	switch {
	case opened:
		w.dst = append(w.dst, ']')
	case w.o.Defaults:
		w.absent(f)
	}
}

func (w *jsonWriter) listElement(f *plan.Field, index, i, level int) {
	if f.Message() != nil {
		w.submessage(f, index, w.part(i), level+1)
		return
	}
	w.scalar(f, i)
}
