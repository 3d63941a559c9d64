package message

import (
	"strconv"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/inspect/plan"
	"github.com/pbscope/pbscope/inspect/span"
	"github.com/pbscope/pbscope/inspect/wire"
)

// locate gives the tree's problems their paths: proto names with list indices
// and map keys. It runs only over trees that have problems.
func locate(t *Tree) {
	l := locator{tree: t}
	l.walk(root, new(tally))
}

type locator struct {
	tree *Tree
	path []byte // to the node at hand
}

// tally is what came before in one message: how many elements each list has,
// and the tallies of the messages that merge with later parts of themselves.
type tally struct {
	elements map[wire.Number]int
	merged   map[wire.Number]*tally
}

// take is the index of the next element of a list, which has n more of them.
func (t *tally) take(number wire.Number, n int) int {
	if t.elements == nil {
		t.elements = make(map[wire.Number]int)
	}
	index := t.elements[number]
	t.elements[number] = index + n
	return index
}

func (t *tally) part(number wire.Number) *tally {
	if t.merged == nil {
		t.merged = make(map[wire.Number]*tally)
	}
	if t.merged[number] == nil {
		t.merged[number] = new(tally)
	}
	return t.merged[number]
}

func (l *locator) walk(i int, t *tally) {
	base := len(l.path)
	for c := range l.tree.Children(i) {
		if f := l.tree.field(c); f != nil && f.Map && l.tree.cells.at(c).why != OtherWireType {
			l.entry(c, f)
		} else {
			inner := l.step(c, f, t)
			l.assign(l.tree.problem(c))
			l.walk(c, inner)
		}
		l.path = l.path[:base]
	}
}

// step appends node i of field f, which is no map's entry, to the path and is
// the tally for what is in it.
func (l *locator) step(i int, f *plan.Field, t *tally) *tally {
	n := l.tree.cells.at(i)
	switch {
	case n.is(broken) && n.number == 0, f == nil && n.why == Known:
		// Nothing but its place is known, or an item of a MessageSet.
	case f == nil:
		l.segment(strconv.Itoa(int(n.number)))
	case n.why == OtherWireType, n.why == UnnamedNumber:
		l.segment(f.ProtoName) // an unknown field, no element of a list
	case n.is(packed):
		l.segment(f.ProtoName)
		l.packed(i, f, t)
	case f.Repeated:
		l.segment(f.ProtoName)
		l.index(t.take(n.number, 1))
	default:
		l.segment(f.ProtoName)
		return t.part(n.number)
	}
	return new(tally)
}

func (l *locator) segment(name string) {
	if len(l.path) > 0 {
		l.path = append(l.path, '.')
	}
	l.path = append(l.path, name...)
}

func (l *locator) index(i int) {
	l.path = append(strconv.AppendInt(append(l.path, '['), int64(i), 10), ']')
}

// packed counts the elements of node i, of field f, and appends the index of the one that
// has the node's problem.
func (l *locator) packed(i int, f *plan.Field, t *tally) {
	p, elements, bad := l.tree.problem(i), 0, -1
	for el := range l.tree.Elements(i) {
		if p != nil && int64(el.Offset) == p.Offset {
			bad = elements
		}
		if !unnamed(f, el.Bits) {
			elements++
		}
	}
	if index := t.take(l.tree.cells.at(i).number, elements); bad >= 0 {
		l.index(index + bad)
	}
}

// entry walks an entry of the map f: what it holds has the entry's path, and the
// problem of its key or value is one of the map's.
func (l *locator) entry(i int, f *plan.Field) {
	l.segment(f.ProtoName)
	l.path = append(l.key(append(l.path, '['), f.MapKey, i), ']')
	l.assign(l.tree.problem(i))
	value := new(tally)
	for c := range l.tree.Children(i) {
		p := l.tree.problem(c)
		if p != nil && p.Tag != span.MissingRequired {
			p.Field = int32(f.Number)
		}
		l.assign(p)
		if l.tree.cells.at(c).number == entryValue {
			l.walk(c, value)
		}
	}
}

// key appends the key, of field f, of the entry that node i is. It reads the entry's bytes,
// since the tree may break off before the key.
func (l *locator) key(path []byte, f *plan.Field, i int) []byte {
	value := Value{Kind: String}
	if f.Kind != protoreflect.StringKind {
		value = scalar(f, 0)
	}
	scan(l.tree.Content(i), 0, func(number wire.Number, typ wire.Type, b []byte) {
		if number != entryKey || typ != wireType(f) {
			return
		}
		switch typ {
		case wire.Len:
			value.Bytes = b
		default:
			value = scalar(f, bitsOf(typ, b))
		}
	})
	if len(value.Bytes) > maxKey {
		value.Bytes = append(value.Bytes[:maxKey:maxKey], "…"...)
	}
	return keyText(path, value)
}

// bitsOf is the value whose bytes are b, which are whole.
func bitsOf(typ wire.Type, b []byte) (bits uint64) {
	switch typ {
	case wire.I32:
		v, _, _ := wire.ConsumeI32(b)
		return uint64(v)
	case wire.I64:
		bits, _, _ = wire.ConsumeI64(b)
	default:
		bits, _, _ = wire.ConsumeVarint(b)
	}
	return bits
}

// maxPath is how many bytes a path has at most.
const maxPath = 1024

// maxKey is how many bytes of a map's key a path shows.
const maxKey = 100

func keyText(dst []byte, v Value) []byte {
	switch v.Kind {
	case String:
		return span.AppendQuoted(dst, v.Bytes)
	case Bool:
		return strconv.AppendBool(dst, v.Uint != 0)
	case Int:
		return strconv.AppendInt(dst, v.Int, 10)
	}
	return strconv.AppendUint(dst, v.Uint, 10)
}

// assign gives p its path. A missing field has its own name for a path so far.
func (l *locator) assign(p *span.Problem) {
	switch {
	case p == nil:
	case p.Tag == span.MissingRequired && len(l.path) > 0:
		p.Path = span.ShortPath(l.path, maxPath) + "." + p.Path
	case p.Path == "":
		p.Path = span.ShortPath(l.path, maxPath)
	}
}
