package message

import (
	"bytes"
	"cmp"
	"slices"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/inspect/plan"
)

// mapEntry is an entry of a map.
type mapEntry struct {
	node   int
	key    Value
	values []int // nodes: of a message all, of another value those of which the last counts
}

// entries appends the entries of map f that nodes are: one a key, the last one,
// where the first one stood.
func (w *jsonWriter) entries(f *plan.Field, nodes []int, level int) {
	for _, e := range w.distinct(f, nodes) {
		w.comma()
		w.entryKey(e.key)
		w.dst = append(w.dst, ':')
		w.entryValue(f, e, level)
	}
}

// distinct are the entries that count, in the order of printing.
func (w *jsonWriter) distinct(f *plan.Field, nodes []int) []mapEntry {
	places := make(map[string]int)
	var list []mapEntry
	for _, i := range nodes {
		e := w.entry(f, i)
		key := string(keyText(nil, e.key))
		if place, ok := places[key]; ok {
			list[place] = e
			continue
		}
		places[key] = len(list)
		list = append(list, e)
	}
	if w.o.Sort {
		slices.SortFunc(list, func(a, b mapEntry) int { return compareKeys(a.key, b.key) })
	}
	return list
}

// entry takes node i, an entry of map f, apart.
func (w *jsonWriter) entry(f *plan.Field, i int) mapEntry {
	e := mapEntry{node: i, key: Value{Kind: String}}
	if f.MapKey.Kind != protoreflect.StringKind {
		e.key = scalar(f.MapKey, 0)
	}
	for c := range w.t.Children(i) {
		switch n := w.t.cells.at(c); {
		case n.why != Known:
		case n.number == entryKey:
			e.key = w.t.Value(c)
		case n.number == entryValue:
			e.values = append(e.values, c)
		}
	}
	return e
}

func compareKeys(a, b Value) int {
	return cmp.Or(bytes.Compare(a.Bytes, b.Bytes), cmp.Compare(a.Int, b.Int), cmp.Compare(a.Uint, b.Uint))
}

func (w *jsonWriter) entryKey(key Value) {
	if key.Kind == String {
		w.string(key.Bytes)
		return
	}
	w.text(string(keyText(nil, key)))
}

func (w *jsonWriter) entryValue(f *plan.Field, e mapEntry, level int) {
	value := f.MapValue
	if value.Message() == nil {
		if len(e.values) == 0 {
			w.zero(value)
		} else {
			w.scalar(value, e.values[len(e.values)-1])
		}
		return
	}
	w.path = append(w.path, jsonStep{field: f, key: shortKey(e.key)})
	p := parts{at: w.base + int(w.t.cells.at(e.node).offset+w.t.cells.at(e.node).length)}
	if len(e.values) > 0 {
		p = w.part(e.values...)
	}
	w.submessage(value, 0, p, level+1)
	w.path = w.path[:len(w.path)-1]
}

// shortKey is a key as a path shows it.
func shortKey(v Value) []byte {
	if len(v.Bytes) > maxKey {
		v.Bytes = append(v.Bytes[:maxKey:maxKey], "…"...)
	}
	return keyText(nil, v)
}
