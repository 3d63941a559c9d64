// Package message is the explaining engine: it turns the bytes of a message
// into a tree in which every byte has its place, and says where and why bytes
// cannot be read.
//
// With a type the tree has its fields; what the type does not know, what is
// ambiguous and what is broken are nodes too. Without one, length-delimited
// fields carry all their possible readings, best first, none claimed as fact.
// The fast engine (inspect/transcode) accepts and refuses exactly the same
// payloads; Diagnose is asked for the cause when it has refused one, and
// AppendJSON prints what it prints, from the tree: each engine is the other's
// proof. How a tree looks is the business of inspect/render.
package message

import (
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/inspect/plan"
	"github.com/pbscope/pbscope/inspect/span"
	"github.com/pbscope/pbscope/inspect/wire"
)

// Options of both Explain and Diagnose; they are those of the fast engine.
type Options struct {
	// MaxDepth is how many levels of messages and groups may nest, the top
	// message being level 1; 0 is DefaultMaxDepth.
	MaxDepth int
	// RefuseUnknown makes a field that the type does not know a problem.
	RefuseUnknown bool
}

// DefaultMaxDepth is the depth limit where Options has none.
const DefaultMaxDepth = 10000

func (o Options) depth() int {
	if o.MaxDepth <= 0 {
		return DefaultMaxDepth
	}
	return o.MaxDepth
}

// Tree is a message explained. Nodes are counted in the order of the bytes,
// each before its children (preorder); their number is Len.
type Tree struct {
	// Payload is the message's bytes; nodes refer to them.
	Payload []byte
	// Type is the message's plan, nil if it is not known.
	Type *plan.Message
	// Problem is the decisive one, for which the message is refused; nil if
	// it is accepted. Nodes can have problems in an accepted message too:
	// within an Any whose bytes do not decode.
	Problem *span.Problem
	// Abridged says that readings were left out because looking for them
	// would have cost more than a fixed multiple of the payload's length.
	Abridged bool

	cells    cells
	types    []*plan.Message       // what cells refer to; the first is nil
	items    map[int]*plan.Field   // of the messages in items of a MessageSet, by node
	problems map[int]*span.Problem // by node
	readings []Reading
}

// Role is what a node is beside a plain field.
type Role uint8

// The roles.
const (
	// Whole is a field, tag and value.
	Whole Role = iota
	// Broken is bytes that cannot be read, up to the end of what surrounds
	// them; the node's Problem says why.
	Broken
)

// Why says why a field is unknown to its message's type.
type Why uint8

// The reasons.
const (
	Known Why = iota
	// UnknownNumber: the type has no field of that number, or there is no type.
	UnknownNumber
	// OtherWireType: the type has the field with another wire type.
	OtherWireType
	// UnnamedNumber: a closed enum has no value of that number.
	UnnamedNumber
	// UnknownEntry: an entry of a map whose value is UnnamedNumber.
	UnknownEntry
	// UnknownKey: an entry of a map whose key is not UTF-8 where that need not
	// be: JSON has no form for it.
	UnknownKey
)

// Node is one field or broken part.
type Node struct {
	// Offset counts bytes from the payload's first, Length is the node's
	// bytes with its tag; for a group with both tags.
	Offset, Length int
	// Next is the index after the node's last descendant.
	Next int
	// Number and Wire are those of the tag; a broken part whose tag cannot be
	// read has number 0.
	Number wire.Number
	Wire   wire.Type
	Role   Role
	Why    Why
	// TagLength is the bytes of the tag (of the start-group tag). Head is the
	// bytes before the content: the tag and the length prefix. Tail is the
	// bytes of the end-group tag.
	TagLength, Head, Tail uint8
	// Packed says that the content is a run of packed values: see Elements.
	Packed bool
	// Entry says that the content is an entry of a map.
	Entry bool
	// Field is the plan of the field; nil if the type does not know the
	// number. With OtherWireType it is the field that the type has instead.
	Field *plan.Field
	// Type is the plan of the message that the content is: the field's, or of
	// the value of an Any what the type URL names.
	Type *plan.Message
	// Bits is the value of a varint, i32 or i64, as on the wire.
	Bits    uint64
	Problem *span.Problem
}

// Node is node i, from 0 to Len()-1.
func (t *Tree) Node(i int) Node {
	c := t.cells.at(i)
	n := Node{
		Offset: int(c.offset), Length: int(c.length), Next: int(c.next),
		Number: c.number, Wire: c.wire, Why: c.why,
		TagLength: c.tagLength, Head: c.head, Tail: c.tail,
		Packed: c.is(packed), Entry: c.is(entry),
		Field: t.field(i), Type: t.content(i), Bits: t.bits(i), Problem: t.problem(i),
	}
	if c.is(broken) {
		n.Role = Broken
	}
	return n
}

// Len is the number of nodes.
func (t *Tree) Len() int { return t.cells.n }

// As is a way to read length-delimited content.
type As uint8

// The readings.
const (
	AsMessage As = iota
	AsString
	AsBytes
	AsPackedVarint
	AsPackedI32
	AsPackedI64
)

// String is the reading's name in the output contract.
func (a As) String() string {
	switch a {
	case AsMessage:
		return "message"
	case AsString:
		return "string"
	case AsPackedVarint:
		return "packed-varint"
	case AsPackedI32:
		return "packed-i32"
	case AsPackedI64:
		return "packed-i64"
	}
	return "bytes"
}

// Reading is a possible reading with its score, 0 to 1. The scores of a
// field's readings add up to 1; they compare readings and prove none.
type Reading struct {
	As    As
	Score float64
}

// Readings are the possible readings of node i, where it is length-delimited
// content that no schema describes, best first; empty for all else. The
// children of a node with readings are those of its message reading.
func (t *Tree) Readings(i int) []Reading {
	c := t.cells.at(i)
	if c.readings == 0 {
		return nil
	}
	return t.readings[c.more : int(c.more)+int(c.readings)]
}

// Content is the bytes of node i without tag, length prefix and end-group tag;
// of a broken length-delimited field it is what there is.
func (t *Tree) Content(i int) []byte {
	c := t.cells.at(i)
	end := c.offset + c.length
	from := min(c.offset+uint32(c.head), end)
	return t.Payload[from:max(from, end-uint32(c.tail))]
}

// Raw is all bytes of node i.
func (t *Tree) Raw(i int) []byte {
	c := t.cells.at(i)
	return t.Payload[c.offset : c.offset+c.length]
}

// Children calls yield with the index of each child of node i, in order; with
// i = -1 of each node of the top level. It is an iterator: for c := range
// t.Children(i).
func (t *Tree) Children(i int) func(yield func(int) bool) {
	return func(yield func(int) bool) {
		end := t.cells.n
		if i >= 0 {
			end = int(t.cells.at(i).next)
		}
		for c := i + 1; c < end; c = int(t.cells.at(c).next) {
			if !yield(c) {
				return
			}
		}
	}
}

// Name is the type's full name, "" if it is not known.
func (t *Tree) Name() protoreflect.FullName {
	if t.Type == nil {
		return ""
	}
	return t.Type.Name
}
