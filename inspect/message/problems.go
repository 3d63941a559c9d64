package message

import (
	"strconv"

	"github.com/pbscope/pbscope/inspect/span"
	"github.com/pbscope/pbscope/inspect/wire"
)

// fail gives node i a problem, unless it has one. The first problem outside
// of soft bytes is the tree's.
func (e *explainer) fail(i int, tag span.Tag, offset int, message string) {
	node := &e.tree.Nodes[i]
	if node.Problem != nil {
		return
	}
	e.problems = true
	node.Problem = span.New(tag, int64(offset), message)
	node.Problem.Field = int32(node.Number)
	if e.tree.Problem == nil && e.soft == 0 {
		e.tree.Problem = node.Problem
	}
}

// brokenTag makes a node of the rest of s, where no tag can be read.
func (e *explainer) brokenTag(s scope, at int, number wire.Number, typ wire.Type, n int, code wire.Code) {
	i := len(e.tree.Nodes)
	node := Node{Offset: at, Length: s.end - at, Next: i + 1, Role: Broken, TagLength: uint8(n), Head: uint8(n)}
	switch code {
	case wire.Unmatched:
		node.Number, node.Wire = number, typ
	case wire.BadType:
		node.Number, node.Wire = number, typ
		if s.m != nil {
			node.Field = s.m.Field(number)
		}
	}
	e.tree.Nodes = append(e.tree.Nodes, node)
	last := e.payload[at+n-1]
	e.fail(i, code.Tag(), at, tagMessage(s, number, typ, last, code))
}

// broken marks node i, whose value at at cannot be read, as the rest of s.
func (e *explainer) broken(s scope, i, at, n int, code wire.Code) (next int) {
	node := &e.tree.Nodes[i]
	node.Role = Broken
	e.fail(i, code.Tag(), at, valueMessage(node.Wire, n, code))
	return s.end
}

// cut marks node i, whose length goes beyond the end of s.
func (e *explainer) cut(s scope, i, at int, length uint64, left int) {
	e.tree.Nodes[i].Role = Broken
	text := "a length of " + strconv.FormatUint(length, 10) + ", where "
	if s.level == 1 || s.group != 0 {
		text += count(left, "byte is", "bytes are") + " left"
	} else {
		text += "the message around it has " + count(left, "byte", "bytes") + " left"
	}
	e.fail(i, span.Truncated, at, text)
}

// openGroup marks group i, which nothing closes; where reading broke off
// within it, that is the reason.
func (e *explainer) openGroup(s scope, i int) {
	if last := &e.tree.Nodes[len(e.tree.Nodes)-1]; last.Role == Broken && last.Offset+last.Length == s.end {
		return
	}
	node := &e.tree.Nodes[i]
	e.fail(i, span.Truncated, node.Offset, "group "+strconv.Itoa(int(node.Number))+
		" is not closed: its end-group tag is missing")
}

// deepGroup marks group i, which nests too deep, and passes over it.
func (e *explainer) deepGroup(s scope, i, at int) (next int) {
	e.fail(i, span.TooDeep, at, e.depthMessage())
	n, code := wire.SkipValue(e.payload[at:s.end], e.tree.Nodes[i].Number, wire.Group, len(e.payload))
	if code != wire.OK {
		e.tree.Nodes[i].Role = Broken
		return s.end
	}
	node := &e.tree.Nodes[i]
	node.Tail = node.TagLength
	return at + n
}

// refuseUnknown marks node i if it is unknown and unknown fields are refused.
// Within an unknown group that is said of the group alone.
func (e *explainer) refuseUnknown(s scope, i int) {
	if !e.refuse || s.m == nil && s.level > 1 {
		return
	}
	node := &e.tree.Nodes[i]
	name := "the message"
	if s.m != nil {
		name = string(s.m.Name)
	}
	switch node.Why {
	case UnknownNumber:
		e.fail(i, span.UnknownField, node.Offset, name+" has no field "+strconv.Itoa(int(node.Number)))
	case OtherWireType:
		e.fail(i, span.UnknownField, node.Offset, "field "+node.Field.ProtoName+" of "+name+" does not come as "+
			node.Wire.String()+" but as "+wireType(node.Field).String())
	case UnnamedNumber:
		e.fail(i, span.UnknownField, node.Offset, "the closed enum "+string(node.Field.Enum.Name)+" has no value "+
			strconv.Itoa(int(int32(node.Bits))))
	case UnknownEntry:
		e.fail(i, span.UnknownField, node.Offset, "an entry whose value is a number that the closed enum "+
			string(node.Field.MapValue.Enum.Name)+" does not name")
	case UnknownKey:
		e.fail(i, span.UnknownField, node.Offset, "an entry whose key is not UTF-8")
	}
}

func (e *explainer) depthMessage() string {
	return "messages nest deeper than " + strconv.Itoa(e.maxDepth) + " levels"
}

func tagMessage(s scope, number wire.Number, typ wire.Type, last byte, code wire.Code) string {
	switch code {
	case wire.Truncated:
		return "the bytes end within a tag"
	case wire.Overflow:
		if last >= 0x80 {
			return "a tag longer than five bytes"
		}
		return "a tag with a field number above the highest, 536870911"
	case wire.BadNumber:
		return "a tag with field number 0, which does not exist"
	case wire.BadType:
		return "a tag of field " + strconv.Itoa(int(number)) + " with wire type " + strconv.Itoa(int(typ)) + ", which does not exist"
	}
	if s.group != 0 {
		return "the end of group " + strconv.Itoa(int(number)) + ", where group " + strconv.Itoa(int(s.group)) + " is open"
	}
	return "the end of group " + strconv.Itoa(int(number)) + ", which is not open"
}

func valueMessage(typ wire.Type, n int, code wire.Code) string {
	switch {
	case code == wire.Overflow:
		return "a varint that does not fit into 64 bits"
	case typ == wire.I32:
		return "a value of 4 bytes, where " + count(n, "byte is", "bytes are") + " left"
	case typ == wire.I64:
		return "a value of 8 bytes, where " + count(n, "byte is", "bytes are") + " left"
	case n == 0 && typ == wire.Len:
		return "the bytes end where a length should be"
	case typ == wire.Len:
		return "the bytes end within a length"
	case n == 0:
		return "the bytes end where a varint should be"
	}
	return "the bytes end within a varint"
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}

func hexByte(b byte) string {
	const digits = "0123456789abcdef"
	return string([]byte{digits[b>>4], digits[b&15]})
}
