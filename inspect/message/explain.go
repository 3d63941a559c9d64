package message

import (
	"slices"

	"github.com/pbscope/pbscope/inspect/plan"
	"github.com/pbscope/pbscope/inspect/span"
	"github.com/pbscope/pbscope/inspect/wire"
)

// Explain is the tree of payload read as m; m may be nil. There is always a
// tree: what cannot be read is a node with a problem, and what stands before
// and after it is kept as far as its place is certain.
//
// Work and memory are linear in len(payload): every byte is part of at most
// one message reading, and the search for other readings stops at a fixed
// multiple of the length (Tree.Abridged).
func Explain(m *plan.Message, payload []byte, o Options) *Tree {
	e := newExplainer(m, payload, o)
	e.guess = true
	e.budget = readingBudget(len(payload))
	return e.run()
}

// Diagnose is the decisive problem of payload read as m: the first one in wire
// order for which the fast engine refuses it, and, where all bytes can be read,
// the first required field that is missing. It is nil if the fast engine
// accepts the payload.
//
// Its offset is where the broken piece begins: a tag, a varint, a length, a
// fixed value, the first byte of a string that cannot stand there. Of a group
// that is not closed, an unknown field and a message that lacks a field it is
// the tag's; a message in several parts counts with its last one.
func Diagnose(m *plan.Message, payload []byte, o Options) *span.Problem {
	e := newExplainer(m, payload, o)
	e.brief = true
	return e.run().Problem
}

// Damaged is the tree of a frame that is damaged itself: its bytes are one
// broken node with the frame's problem.
func Damaged(frame []byte, p *span.Problem) *Tree {
	t := &Tree{Payload: frame, Problem: p}
	if n := min(len(frame), maxPayload); n > 0 {
		c := t.cells.add(1)
		c.length, c.next, c.marks = uint32(n), 1, broken
		t.setProblem(0, p)
	}
	return t
}

type explainer struct {
	tree     *Tree
	payload  []byte
	maxDepth int
	refuse   bool // unknown fields are problems
	guess    bool // look for readings
	brief    bool // stop at the decisive problem
	plainAny bool // leave the value of an Any as bytes
	soft     int  // above 0 within bytes whose problems leave the message whole
	required bool // a message with required fields was met
	problems bool // some node has a problem
	budget   int  // bytes that the search for readings may still look at
	costs    costs
	indexes  map[*plan.Message]uint32 // in Tree.types, of more than a few types
}

func newExplainer(m *plan.Message, payload []byte, o Options) *explainer {
	return &explainer{
		tree:     &Tree{Payload: payload, Type: m, types: make([]*plan.Message, 1, fewTypes)},
		payload:  payload,
		maxDepth: o.depth(),
		refuse:   o.RefuseUnknown,
	}
}

func (e *explainer) run() *Tree {
	t := e.tree
	if len(e.payload) > maxPayload {
		return Damaged(e.payload, span.New(span.TooLarge, 0, "a message of more than 4 GiB, which protobuf does not allow"))
	}
	e.read()
	if e.problems || t.Problem != nil {
		locate(t)
	}
	if t.Problem != nil {
		t.Problem.Hint = hint(t)
	}
	return t
}

// read makes the tree, with problems that have no paths and hints yet.
func (e *explainer) read() {
	top := e.scope(e.tree.Type, 0, len(e.payload), 1)
	e.fields(&top, 0)
	if e.tree.Problem == nil && e.required {
		e.checkRequired()
	}
}

// accepts says whether payload can be read as m.
func accepts(m *plan.Message, payload []byte) bool {
	e := newExplainer(m, payload, Options{})
	e.brief = true
	e.read()
	return e.tree.Problem == nil
}

// scope is a message or group that fields are read from.
type scope struct {
	m     *plan.Message // nil if not known
	index uint32        // of m in Tree.types
	end   int           // of the bytes that the fields may take
	level int           // of the message, the top one being 1
	group wire.Number   // the group whose end-group tag closes it, or 0
	value *plan.Message // within an Any: what its type URL names
	ext   *plan.Field   // within an item of a MessageSet: what its type id names
	entry bool          // an entry of a map
}

func (e *explainer) scope(m *plan.Message, at, end, level int) scope {
	s := scope{m: m, end: end, level: level}
	if m == nil {
		return s
	}
	s.index = e.typeIndex(m)
	if m.Required > 0 && e.soft == 0 {
		e.required = true
	}
	if m.WellKnown == plan.Any && !e.plainAny {
		s.value = anyType(m, e.payload[at:end])
	}
	return s
}

// fewTypes is how many types are searched one by one.
const fewTypes = 8

// typeIndex is the place of m, which may be nil, in Tree.types.
func (e *explainer) typeIndex(m *plan.Message) uint32 {
	t := e.tree
	if len(t.types) <= fewTypes {
		if i := slices.Index(t.types, m); i >= 0 {
			return uint32(i)
		}
	} else if i, ok := e.indexes[m]; ok {
		return i
	}
	i := uint32(len(t.types))
	t.types = append(t.types, m)
	switch {
	case len(t.types) == fewTypes+1:
		e.indexes = make(map[*plan.Message]uint32)
		for i, m := range t.types {
			e.indexes[m] = uint32(i)
		}
	case e.indexes != nil:
		e.indexes[m] = i
	}
	return i
}

// fields reads the fields of s from at on. tail is the length of the end-group
// tag that closed s, 0 if none did; next is the end of the scope then.
func (e *explainer) fields(s *scope, at int) (next, tail int) {
	for at < s.end && !e.done() {
		number, typ, n, code := wire.ConsumeTag(e.payload[at:s.end])
		if code == wire.OK && typ == wire.EndGroup {
			if number == s.group {
				return at + n, n
			}
			code = wire.Unmatched
		}
		if code != wire.OK {
			e.brokenTag(s, at, number, typ, n, code)
			return s.end, 0
		}
		at = e.field(s, at, number, typ, n)
	}
	return at, 0
}

// done says that what follows cannot matter. The rest of a cut field still
// does: it may have the map key that the path shows.
func (e *explainer) done() bool { return e.brief && e.tree.Problem != nil && e.soft == 0 }

// field reads one field whose tag of n bytes stands at at; next is the offset
// after it.
func (e *explainer) field(s *scope, at int, number wire.Number, typ wire.Type, n int) (next int) {
	cells := &e.tree.cells
	i := cells.n
	f, why := classify(s.m, number, typ)
	c := cells.add(len(e.payload))
	c.offset, c.number, c.owner = uint32(at), number, s.index
	c.wire, c.why, c.tagLength, c.head = typ, why, uint8(n), uint8(n)
	start := at
	at += n
	switch typ {
	case wire.Varint:
		next = e.varint(s, f, i, at)
	case wire.I32, wire.I64:
		next = e.fixed(s, f, i, at)
	case wire.Len:
		next = e.delimited(s, f, i, at)
	case wire.Group:
		next = e.group(s, f, i, at)
	}
	c = cells.at(i)
	c.length = uint32(next - start)
	c.next = uint32(cells.n)
	if e.brief && !e.problems {
		e.forget(s, i)
	}
	return next
}

// forget drops what Diagnose will not need of node i and those in it: it asks
// for the number of elements before the one with a problem, in this message
// and in those that merge, and for what is set where fields are required. So
// a payload of many small fields is diagnosed in little memory.
func (e *explainer) forget(s *scope, i int) {
	if s.entry || s.ext != nil {
		return
	}
	t := e.tree
	c, f := t.cells.at(i), t.field(i)
	known := c.why == Known && f != nil
	if !e.required && (!known || f.Repeated || f.Map) {
		t.cells.cut(i + 1)
		c.next = uint32(i + 1)
	}
	if int(c.next) > i+1 || known && (f.Repeated || f.Map || f.Required || f.Oneof != 0 || f.Message() != nil) || c.is(entry) {
		return
	}
	t.cells.cut(i)
}

// classify is the field of m that a tag means, and why it is none.
func classify(m *plan.Message, number wire.Number, typ wire.Type) (*plan.Field, Why) {
	if m == nil {
		return nil, UnknownNumber
	}
	f := m.Field(number)
	switch {
	case f == nil:
		return nil, UnknownNumber
	case typ == wireType(f), typ == wire.Len && f.Packable:
		return f, Known
	}
	return f, OtherWireType
}

func (e *explainer) varint(s *scope, f *plan.Field, i, at int) (next int) {
	v, n, code := wire.ConsumeVarint(e.payload[at:s.end])
	if code != wire.OK {
		return e.broken(s, i, at, n, code)
	}
	c := e.tree.cells.at(i)
	if c.why == Known && unnamed(f, v) {
		c.why = UnnamedNumber
	}
	if c.why != Known && (!s.entry || c.why != UnnamedNumber) {
		e.refuseUnknown(s, f, i, v)
	}
	return at + n
}

func (e *explainer) fixed(s *scope, f *plan.Field, i, at int) (next int) {
	c := e.tree.cells.at(i)
	size := 4
	if c.wire == wire.I64 {
		size = 8
	}
	if left := s.end - at; left < size {
		return e.broken(s, i, at, left, wire.Truncated)
	}
	if c.why != Known {
		e.refuseUnknown(s, f, i, 0)
	}
	return at + size
}

func (e *explainer) group(s *scope, f *plan.Field, i, at int) (next int) {
	c := e.tree.cells.at(i)
	inner := scope{end: s.end, level: s.level + 1, group: c.number}
	if s.m != nil && s.m.MessageSet && c.number == itemNumber {
		if inner.ext = e.item(s, at); inner.ext != nil {
			f, c.why = nil, Known
			c.marks |= nameless
		}
	}
	e.refuseUnknown(s, f, i, 0)
	if s.level >= e.maxDepth {
		return e.deepGroup(s, i, at)
	}
	if c.why == Known && f != nil {
		value := e.scope(f.Message(), at, s.end, s.level+1)
		inner.m, inner.index, inner.value = value.m, value.index, value.value
		c.more = value.index
	}
	next, tail := e.fields(&inner, at)
	if tail == 0 && !e.done() {
		e.openGroup(s, i)
	}
	e.tree.cells.at(i).tail = uint8(tail)
	return next
}

func (e *explainer) delimited(s *scope, f *plan.Field, i, at int) (next int) {
	content, length, n, code := wire.ConsumeLen(e.payload[at:s.end])
	if code != wire.OK && length == 0 {
		return e.broken(s, i, at, n, code)
	}
	start := at + n - len(content)
	c := e.tree.cells.at(i)
	c.head += uint8(start - at)
	if code != wire.OK {
		e.cut(s, i, at, length, len(content))
		e.soft++
		defer func() { e.soft-- }()
	}
	next = at + n
	if s.ext != nil && c.number == itemMessage {
		e.itemContent(s, i, start, next)
		return next
	}
	if c.why != Known {
		e.refuseUnknown(s, f, i, 0)
		if e.guess && code == wire.OK {
			e.readings(s, i, start, next)
		}
		return next
	}
	e.content(s, f, i, start, next)
	return next
}

// itemContent reads bytes from:to, the message in an item of a MessageSet. The
// item's group is no level of it.
func (e *explainer) itemContent(s *scope, i, from, to int) {
	t := e.tree
	if t.items == nil {
		t.items = make(map[int]*plan.Field)
	}
	t.items[i] = s.ext
	c := t.cells.at(i)
	c.why = Known
	c.marks |= inItem
	e.inner(s.ext.Message(), i, from, to, s.level)
}

// content reads what f, a known length-delimited field, holds: bytes from:to.
func (e *explainer) content(s *scope, f *plan.Field, i, from, to int) {
	switch {
	case f.Map:
		e.entry(s, f, i, from, to)
	case f.Message() != nil:
		e.inner(f.Message(), i, from, to, s.level+1)
	case wireType(f) != wire.Len:
		e.packed(f, i, from, to)
	case f.UTF8:
		e.checkUTF8(i, from, to)
	case s.value != nil && f.Number == anyValue && s.m.WellKnown == plan.Any:
		e.soft++
		e.inner(s.value, i, from, to, s.level+1)
		e.soft--
	}
}

// inner reads bytes from:to, what node i holds, as the message m on a level.
func (e *explainer) inner(m *plan.Message, i, from, to, level int) {
	if level > e.maxDepth {
		e.tree.cells.at(i).more = e.typeIndex(m)
		e.fail(i, span.TooDeep, from, e.depthMessage())
		return
	}
	s := e.scope(m, from, to, level)
	e.tree.cells.at(i).more = s.index
	e.fields(&s, from)
}
