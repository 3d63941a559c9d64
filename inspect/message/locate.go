package message

import (
	"strconv"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/inspect/span"
	"github.com/pbscope/pbscope/inspect/wire"
)

// maxPaths is how many problems of one tree get a path: paths can be as long
// as the nesting is deep, and hostile bytes can have a problem in every field.
const maxPaths = 1000

// locate gives the tree's problems their paths: proto names with list indices
// and map keys. It runs only over trees that have problems.
func locate(t *Tree) {
	l := locator{tree: t, left: maxPaths}
	l.walk(root, new(tally), nil)
}

type locator struct {
	tree *Tree
	left int
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

func (l *locator) walk(i int, t *tally, prefix []byte) {
	for c := range l.tree.Children(i) {
		if l.left <= 0 {
			return
		}
		n := &l.tree.Nodes[c]
		path, inner := prefix[:len(prefix):len(prefix)], new(tally)
		switch f := n.Field; {
		case n.Role == Broken && n.Number == 0, f == nil && n.Why == Known:
			// Nothing but its place is known, or an item of a MessageSet.
		case f == nil:
			path = segment(path, strconv.Itoa(int(n.Number)))
		case n.Why == OtherWireType:
			path = segment(path, f.ProtoName)
		case f.Map:
			path = append(segment(path, f.ProtoName), '[')
			path = append(l.key(path, c), ']')
			l.assign(n.Problem, path)
			l.entry(c, path)
			continue
		case n.Packed:
			path = l.packed(c, t, segment(path, f.ProtoName))
		case f.Repeated:
			path = append(segment(path, f.ProtoName), '[')
			path = append(strconv.AppendInt(path, int64(t.take(n.Number, 1)), 10), ']')
		default:
			path = segment(path, f.ProtoName)
			inner = t.part(n.Number)
		}
		l.assign(n.Problem, path)
		l.walk(c, inner, path)
	}
}

func segment(path []byte, name string) []byte {
	if len(path) > 0 {
		path = append(path, '.')
	}
	return append(path, name...)
}

// packed counts the elements of node i; path gets the index of the one that
// has the node's problem.
func (l *locator) packed(i int, t *tally, path []byte) []byte {
	n, elements, bad := &l.tree.Nodes[i], 0, -1
	for el := range l.tree.Elements(i) {
		if n.Problem != nil && int64(el.Offset) == n.Problem.Offset {
			bad = elements
		}
		elements++
	}
	index := t.take(n.Number, elements)
	if bad < 0 {
		return path
	}
	return append(strconv.AppendInt(append(path, '['), int64(index+bad), 10), ']')
}

// entry walks an entry of a map: what it holds has the entry's path, and the
// problem of its key or value is one of the map's.
func (l *locator) entry(i int, path []byte) {
	value := new(tally)
	for c := range l.tree.Children(i) {
		n := &l.tree.Nodes[c]
		if n.Problem != nil && n.Problem.Tag != span.MissingRequired {
			n.Problem.Field = int32(l.tree.Nodes[i].Number)
		}
		l.assign(n.Problem, path)
		if n.Number == entryValue {
			l.walk(c, value, path)
		}
	}
}

// key appends the key of the entry that node i is. It reads the entry's bytes,
// since the tree may break off before the key.
func (l *locator) key(path []byte, i int) []byte {
	f := l.tree.Nodes[i].Field.MapKey
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
func (l *locator) assign(p *span.Problem, path []byte) {
	switch {
	case p == nil:
	case p.Tag == span.MissingRequired && len(path) > 0:
		p.Path = string(path) + "." + p.Path
	case p.Path == "":
		p.Path = string(path)
	default:
		return
	}
	if p != nil {
		l.left--
	}
}
