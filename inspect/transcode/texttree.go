package transcode

import (
	"slices"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/inspect/wire"
)

// textNode is a field to be written: a value's bytes, or a message's fields.
type textNode struct {
	number protoreflect.FieldNumber
	// order is the number, or textLast for what was given by number.
	order int32
	typ   wire.Type
	// leaf: from and to are a range of textTree.values; else one of
	// textTree.done.
	leaf bool
	// packed values are joined with their neighbours of the same number.
	packed bool
	// item is an extension of a MessageSet.
	item     bool
	from, to int
	// size is the content's, in bytes, without tag and length.
	size int
}

const textLast = 1 << 30

// textTree collects fields in any order and writes them in theirs. Sizes are
// known when a message ends, so that every byte is written once.
type textTree struct {
	values []byte
	open   []textNode // the fields of the messages that are being read
	done   []textNode // those of finished ones, each message's together
}

// finish makes the fields from open[base:] on a message's.
func (t *textTree) finish(base int) (n textNode) {
	fields := t.open[base:]
	byOrder := func(a, b textNode) int { return int(a.order) - int(b.order) }
	if !slices.IsSortedFunc(fields, byOrder) {
		slices.SortStableFunc(fields, byOrder)
	}
	n.from = len(t.done)
	t.done = append(t.done, fields...)
	n.to = len(t.done)
	t.open = t.open[:base]
	for i := n.from; i < n.to; {
		end, content := t.run(i, n.to)
		n.size += t.wrapped(t.done[i], content)
		i = end
	}
	return n
}

// run is the end of the field that begins at done[i], with the packed values
// that belong to it, and the size of its content.
func (t *textTree) run(i, to int) (end, content int) {
	first := t.done[i]
	if !first.packed {
		return i + 1, first.size
	}
	for end = i; end < to && t.done[end].number == first.number && t.done[end].packed; end++ {
		content += t.done[end].size
	}
	return end, content
}

// wrapped is the size of a field with content bytes of content.
func (t *textTree) wrapped(n textNode, content int) int {
	tag := wire.SizeVarint(uint64(n.number) << 3)
	switch {
	case n.item:
		// Start, type id, message, end: four tags of a byte each.
		return 4 + wire.SizeVarint(uint64(n.number)) + wire.SizeVarint(uint64(content)) + content
	case n.typ == wire.Group:
		return 2*tag + content
	case n.typ == wire.Len || n.packed:
		return tag + wire.SizeVarint(uint64(content)) + content
	}
	return tag + content
}

// emit appends the fields done[from:to].
func (t *textTree) emit(dst []byte, from, to int) []byte {
	for i := from; i < to; {
		n := t.done[i]
		end, content := t.run(i, to)
		switch {
		case n.item:
			dst = wire.AppendTag(dst, 1, wire.Group)
			dst = wire.AppendVarint(wire.AppendTag(dst, 2, wire.Varint), uint64(n.number))
			dst = wire.AppendVarint(wire.AppendTag(dst, 3, wire.Len), uint64(content))
		case n.packed:
			dst = wire.AppendVarint(wire.AppendTag(dst, n.number, wire.Len), uint64(content))
		default:
			dst = wire.AppendTag(dst, n.number, n.typ)
			if n.typ == wire.Len {
				dst = wire.AppendVarint(dst, uint64(content))
			}
		}
		for ; i < end; i++ {
			if n := t.done[i]; n.leaf {
				dst = append(dst, t.values[n.from:n.to]...)
			} else {
				dst = t.emit(dst, n.from, n.to)
			}
		}
		switch {
		case n.item:
			dst = wire.AppendTag(dst, 1, wire.EndGroup)
		case n.typ == wire.Group:
			dst = wire.AppendTag(dst, n.number, wire.EndGroup)
		}
	}
	return dst
}
