package descriptors

import (
	"encoding/binary"
	"strings"

	"github.com/pbscope/pbscope/descriptors/cache"
)

// worthKeeping is from how many files on an index is kept: fewer are read as
// fast as the entry would be.
const worthKeeping = 64

// withCache is an index from the cache, or one that was just made, which then
// is kept.
func (t *tree) withCache(make func() *treeIndex) *treeIndex {
	if t.store == nil {
		return make()
	}
	key := keyOf(keptIndex, false, t.given)
	if value, ok := t.store.Get(key); ok {
		if x, ok := parseIndex(string(value)); ok {
			return x
		}
	}
	outer := t.disk.trace
	trace := new(cache.Trace)
	t.disk.trace = trace
	x := make()
	for _, root := range t.given {
		// Which files are in it is for its modules to say.
		_, _ = t.disk.workspace(root)
	}
	for _, w := range t.workspaces {
		_, _ = t.disk.workspace(w.Dir)
	}
	t.disk.trace = outer
	outer.Add(trace)
	if len(x.files) >= worthKeeping {
		t.store.Put(key, trace, x.append(nil))
	}
	return x
}

// append adds the index in the form in which it is kept: numbers as varints,
// texts after their length.
func (x *treeIndex) append(b []byte) []byte {
	b = binary.AppendUvarint(b, uint64(len(x.files)))
	for i, f := range x.files {
		b = appendText(b, f.name)
		head, ok := strings.CutSuffix(f.path, f.name)
		if !ok {
			head = f.path
		}
		b = appendFlag(b, ok)
		b = appendText(b, head)
		b = x.outlines[i].append(b)
	}
	return b
}

func (o *outline) append(b []byte) []byte {
	b = appendText(b, o.pkg)
	b = binary.AppendUvarint(b, uint64(o.deepest))
	b = binary.AppendUvarint(b, uint64(len(o.imports)))
	for _, i := range o.imports {
		b = appendText(b, i.path)
		b = appendFlag(b, i.public)
		b = binary.AppendUvarint(b, uint64(i.line))
		b = binary.AppendUvarint(b, uint64(i.column))
	}
	b = binary.AppendUvarint(b, uint64(len(o.decls)))
	for _, d := range o.decls {
		kind := byte(0)
		for i, k := range EntryKinds() {
			if k == d.kind {
				kind = byte(i)
			}
		}
		b = append(b, kind)
		b = appendFlag(b, d.top)
		b = appendText(b, d.name)
		b = appendText(b, d.extendee)
		b = binary.AppendUvarint(b, uint64(d.line))
		b = binary.AppendUvarint(b, uint64(d.column))
	}
	return b
}

func appendFlag(b []byte, flag bool) []byte {
	if flag {
		return append(b, 1)
	}
	return append(b, 0)
}

// parseIndex reads what append wrote; its texts lie in value.
func parseIndex(value string) (*treeIndex, bool) {
	r := textReader{rest: value}
	n := r.count()
	x := &treeIndex{files: make([]candidate, n), outlines: make([]*outline, n)}
	outlines := make([]outline, n)
	for i := range n {
		f := &x.files[i]
		f.name = r.text()
		cut := r.flag()
		if f.path = r.text(); cut {
			f.path += f.name
		}
		x.outlines[i] = &outlines[i]
		outlines[i].parse(&r)
		if r.bad {
			return nil, false
		}
	}
	return x, r.rest == ""
}

func (o *outline) parse(r *textReader) {
	o.pkg = r.text()
	o.deepest = r.number()
	o.imports = make([]importLine, r.count())
	for i := range o.imports {
		o.imports[i] = importLine{path: r.text(), public: r.flag(), line: r.number(), column: r.number()}
	}
	kinds := EntryKinds()
	o.decls = make([]decl, r.count())
	for i := range o.decls {
		kind := r.number()
		if kind >= len(kinds) {
			r.fail()
			return
		}
		o.decls[i] = decl{kind: kinds[kind], top: r.flag(), name: r.text(), extendee: r.text(), line: r.number(), column: r.number()}
	}
}

// textReader takes numbers and texts off a text; what does not fit makes it
// bad for good.
type textReader struct {
	rest string
	bad  bool
}

func (r *textReader) fail() { r.bad, r.rest = true, "" }

func (r *textReader) number() int {
	var v uint64
	for i := 0; i < len(r.rest) && i < 5; i++ {
		c := r.rest[i]
		v |= uint64(c&0x7f) << (7 * i)
		if c < 0x80 {
			r.rest = r.rest[i+1:]
			return int(v)
		}
	}
	r.fail()
	return 0
}

// count is a number of things that follow, each of at least one byte.
func (r *textReader) count() int {
	n := r.number()
	if n > len(r.rest) {
		r.fail()
		return 0
	}
	return n
}

func (r *textReader) flag() bool { return r.number() != 0 }

func (r *textReader) text() string {
	n := r.count()
	text := r.rest[:n]
	r.rest = r.rest[n:]
	return text
}
