package message

import (
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
	if len(frame) > 0 {
		t.Nodes = []Node{{Length: len(frame), Next: 1, Role: Broken, Problem: p}}
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
	soft     int  // above 0 within bytes whose problems leave the message whole
	required bool // a message with required fields was met
	problems bool // some node has a problem
	budget   int  // bytes that the search for readings may still look at
	costs    costs
}

func newExplainer(m *plan.Message, payload []byte, o Options) *explainer {
	return &explainer{
		tree:     &Tree{Payload: payload, Type: m},
		payload:  payload,
		maxDepth: o.depth(),
		refuse:   o.RefuseUnknown,
	}
}

func (e *explainer) run() *Tree {
	t := e.tree
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
	e.fields(e.scope(e.tree.Type, 0, len(e.payload), 1), 0)
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
	if m.Required > 0 && e.soft == 0 {
		e.required = true
	}
	if m.WellKnown == plan.Any {
		s.value = anyType(m, e.payload[at:end])
	}
	return s
}

// fields reads the fields of s from at on. tail is the length of the end-group
// tag that closed s, 0 if none did; next is the end of the scope then.
func (e *explainer) fields(s scope, at int) (next, tail int) {
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
func (e *explainer) field(s scope, at int, number wire.Number, typ wire.Type, n int) (next int) {
	i := len(e.tree.Nodes)
	f, why := classify(s.m, number, typ)
	e.tree.Nodes = append(e.tree.Nodes, Node{
		Offset: at, Number: number, Wire: typ, Field: f, Why: why,
		TagLength: uint8(n), Head: uint8(n),
	})
	at += n
	switch typ {
	case wire.Varint:
		next = e.varint(s, i, at)
	case wire.I32, wire.I64:
		next = e.fixed(s, i, at)
	case wire.Len:
		next = e.delimited(s, i, at)
	case wire.Group:
		next = e.group(s, i, at)
	}
	node := &e.tree.Nodes[i]
	node.Length = next - node.Offset
	node.Next = len(e.tree.Nodes)
	if e.brief && !e.problems {
		e.forget(s, i)
	}
	return next
}

// forget drops what Diagnose will not need of node i and those in it: it asks
// for the number of elements before the one with a problem, in this message
// and in those that merge, and for what is set where fields are required. So
// a payload of many small fields is diagnosed in little memory.
func (e *explainer) forget(s scope, i int) {
	if s.entry || s.ext != nil {
		return
	}
	node := &e.tree.Nodes[i]
	f := node.Field
	known := node.Why == Known && f != nil
	if !e.required && (!known || f.Repeated || f.Map) {
		e.tree.Nodes, node.Next = e.tree.Nodes[:i+1], i+1
	}
	if node.Next > i+1 || known && (f.Repeated || f.Map || f.Required || f.Oneof != 0 || f.Message() != nil) || node.Entry {
		return
	}
	e.tree.Nodes = e.tree.Nodes[:i]
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

func (e *explainer) varint(s scope, i, at int) (next int) {
	v, n, code := wire.ConsumeVarint(e.payload[at:s.end])
	if code != wire.OK {
		return e.broken(s, i, at, n, code)
	}
	node := &e.tree.Nodes[i]
	node.Bits = v
	if node.Why == Known && unnamed(node.Field, v) {
		node.Why = UnnamedNumber
	}
	if !s.entry || node.Why != UnnamedNumber {
		e.refuseUnknown(s, i)
	}
	return at + n
}

func (e *explainer) fixed(s scope, i, at int) (next int) {
	node := &e.tree.Nodes[i]
	var n int
	var code wire.Code
	if node.Wire == wire.I32 {
		var v uint32
		v, n, code = wire.ConsumeI32(e.payload[at:s.end])
		node.Bits = uint64(v)
	} else {
		node.Bits, n, code = wire.ConsumeI64(e.payload[at:s.end])
	}
	if code != wire.OK {
		return e.broken(s, i, at, n, code)
	}
	e.refuseUnknown(s, i)
	return at + n
}

func (e *explainer) group(s scope, i, at int) (next int) {
	node := &e.tree.Nodes[i]
	inner := scope{end: s.end, level: s.level + 1, group: node.Number}
	if s.m != nil && s.m.MessageSet && node.Number == itemNumber {
		if inner.ext = e.item(s, at); inner.ext != nil {
			node.Field, node.Why = nil, Known
		}
	}
	e.refuseUnknown(s, i)
	if s.level >= e.maxDepth {
		return e.deepGroup(s, i, at)
	}
	if node.Why == Known && node.Field != nil {
		node.Type = node.Field.Message()
		value := e.scope(node.Type, at, s.end, s.level+1)
		inner.m, inner.value = value.m, value.value
	}
	next, tail := e.fields(inner, at)
	if tail == 0 && !e.done() {
		e.openGroup(s, i)
	}
	e.tree.Nodes[i].Tail = uint8(tail)
	return next
}

func (e *explainer) delimited(s scope, i, at int) (next int) {
	content, length, n, code := wire.ConsumeLen(e.payload[at:s.end])
	if code != wire.OK && length == 0 {
		return e.broken(s, i, at, n, code)
	}
	start := at + n - len(content)
	node := &e.tree.Nodes[i]
	node.Head += uint8(start - at)
	if code != wire.OK {
		e.cut(s, i, at, length, len(content))
		e.soft++
		defer func() { e.soft-- }()
	}
	next = at + n
	if s.ext != nil && node.Number == itemMessage {
		node.Why, node.Field, node.Type = Known, s.ext, s.ext.Message()
		s.level-- // The item's group is no level of the message in it.
		e.inner(s, i, start, next)
		return next
	}
	if node.Why != Known {
		e.refuseUnknown(s, i)
		if e.guess && code == wire.OK {
			e.readings(s, i, start, next)
		}
		return next
	}
	e.content(s, i, start, next)
	return next
}

// content reads what a known length-delimited field holds: bytes from:to.
func (e *explainer) content(s scope, i, from, to int) {
	node := &e.tree.Nodes[i]
	f := node.Field
	switch {
	case f.Map:
		e.entry(s, i, from, to)
	case f.Message() != nil:
		node.Type = f.Message()
		e.inner(s, i, from, to)
	case wireType(f) != wire.Len:
		e.packed(s, i, from, to)
	case f.UTF8:
		e.checkUTF8(i, from, to)
	case s.value != nil && node.Number == anyValue && s.m.WellKnown == plan.Any:
		e.soft++
		node.Type = s.value
		e.inner(s, i, from, to)
		e.soft--
	}
}

func (e *explainer) inner(s scope, i, from, to int) {
	if s.level >= e.maxDepth {
		e.fail(i, span.TooDeep, from, e.depthMessage())
		return
	}
	e.fields(e.scope(e.tree.Nodes[i].Type, from, to, s.level+1), from)
}
