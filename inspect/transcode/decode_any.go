package transcode

import (
	"bytes"
	"unicode/utf8"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/inspect/plan"
)

// The field numbers of google.protobuf.Any.
const (
	anyURL   = 1
	anyValue = 2
)

// any appends an Any whose records begin at base: as the message that it
// holds, or as bytes where that cannot be read.
func (d *Decoder) any(dst []byte, m *plan.Message, base, depth int) (out []byte, ok bool) {
	url, urlOK := d.anyPart(m, base, anyURL)
	value, valueOK := d.anyPart(m, base, anyValue)
	text := d.buf[url.start:url.end]
	valid := utf8.Valid(text)
	if !urlOK || !valueOK || !valid && m.Fields[0].UTF8 {
		return dst, false
	}
	if !valid {
		d.noForm = "an Any whose type URL is not UTF-8"
		return dst, true
	}
	if url.start == url.end && value.start == value.end {
		return append(dst, '{', '}'), true
	}
	dst, _ = appendString(append(dst, `{"@type":`...), d.buf, url.start, url.end)
	start, t := len(dst), d.try()
	if inner := d.typeOf(m.Set(), text); inner != nil && depth < d.maxDepth {
		d.lenient, d.inside = false, false
		d.path = append(d.path, step{field: m.Field(anyValue)})
		d.anys++
		dst, ok = d.inAny(dst, inner, value, depth+1)
		d.anys--
		failed, wired, laters, dirty := d.failed, d.wired, d.laters, d.dirty
		if d.giveUp {
			return dst, false
		}
		d.undo(t)
		if ok {
			d.failed, d.wired, d.laters, d.dirty = failed, wired, laters, dirty
			return append(dst, '}'), true
		}
		d.wasted += wired - d.wired
		d.noForm = "" // of a value that was being read when the message was refused
	}
	dst = d.appendLater(append(dst[:start], `,"@bytes":`...), value)
	return append(dst, '}'), true
}

// anyPart is the content of the last field of that number, empty if there is
// none.
func (d *Decoder) anyPart(m *plan.Message, base int, number protoreflect.FieldNumber) (p piece, ok bool) {
	r, ok := d.last(base, number)
	if r.field == nil {
		return piece{}, ok
	}
	p.start, p.end = readLen(d.buf[:r.end], r.at)
	d.note(padded(d.buf, r.at, p.start) || p.start == p.end && !r.field.Presence)
	return p, ok
}

// inAny appends the keys of the message that an Any holds; one with a form of
// its own, which the specification does not count Empty among, is the key
// value.
func (d *Decoder) inAny(dst []byte, m *plan.Message, p piece, depth int) (out []byte, ok bool) {
	next := 0
	switch {
	case special(m):
		dst, next = d.special(append(dst, `,"value":`...), m, p.start, p.end, depth, 0)
	case d.careful || m.MessageSet:
		dst, next = d.gatherOne(dst, m, p.start, p.end, depth, 0)
	default:
		dst, next = d.inOrder(dst, m, p.start, p.end, depth, 0)
	}
	return dst, next >= 0
}

// typeOf is the type that a URL names, nil if the schema does not have it. The
// last few, found or not, are remembered, so that finding one again allocates
// nothing.
func (d *Decoder) typeOf(set *plan.Set, url []byte) *plan.Message {
	const few = 256
	if d.typesOf != set || len(d.types) > few {
		d.types, d.typesOf = nil, set
	}
	name := url[bytes.LastIndexByte(url, '/')+1:]
	if m, ok := d.types[string(name)]; ok {
		return m
	}
	m := set.Named(protoreflect.FullName(name))
	if d.types == nil {
		d.types = make(map[string]*plan.Message)
	}
	d.types[string(name)] = m
	return m
}
