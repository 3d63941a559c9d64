package message

import (
	"strconv"

	"github.com/pbscope/pbscope/inspect/plan"
	"github.com/pbscope/pbscope/inspect/span"
	"github.com/pbscope/pbscope/inspect/wire"
)

// fail gives node i a problem, unless it has one. The first problem outside
// of soft bytes is the tree's.
func (e *explainer) fail(i int, tag span.Tag, offset int, message string) {
	c := e.tree.cells.at(i)
	if c.is(faulty) {
		return
	}
	e.problems = true
	p := span.New(tag, int64(offset), message)
	p.Field = int32(c.number)
	e.tree.setProblem(i, p)
	if e.tree.Problem == nil && e.soft == 0 {
		e.tree.Problem = p
	}
}

// brokenTag makes a node of the rest of s, where no tag can be read.
func (e *explainer) brokenTag(s *scope, at int, number wire.Number, typ wire.Type, n int, code wire.Code) {
	i := e.tree.cells.n
	c := e.tree.cells.add(len(e.payload))
	c.offset, c.length, c.next = uint32(at), uint32(s.end-at), uint32(i+1)
	c.owner, c.tagLength, c.head = s.index, uint8(n), uint8(n)
	c.marks = broken
	switch code {
	case wire.Unmatched:
		c.number, c.wire = number, typ
		c.marks |= nameless
	case wire.BadType:
		c.number, c.wire = number, typ
	}
	last := e.payload[at+n-1]
	e.fail(i, code.Tag(), at, tagMessage(s, number, typ, last, code))
}

// broken marks node i, whose value at at cannot be read, as the rest of s.
func (e *explainer) broken(s *scope, i, at, n int, code wire.Code) (next int) {
	c := e.tree.cells.at(i)
	c.marks |= broken
	e.fail(i, code.Tag(), at, valueMessage(c.wire, n, code))
	return s.end
}

// cut marks node i, whose length goes beyond the end of s.
func (e *explainer) cut(s *scope, i, at int, length uint64, left int) {
	e.tree.cells.at(i).marks |= broken
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
func (e *explainer) openGroup(s *scope, i int) {
	cells := &e.tree.cells
	if last := cells.at(cells.n - 1); last.is(broken) && int(last.offset)+int(last.length) == s.end {
		return
	}
	c := cells.at(i)
	e.fail(i, span.Truncated, int(c.offset), "group "+strconv.Itoa(int(c.number))+
		" is not closed: its end-group tag is missing")
}

// deepGroup marks group i, which nests too deep, and passes over it.
func (e *explainer) deepGroup(s *scope, i, at int) (next int) {
	e.fail(i, span.TooDeep, at, e.depthMessage())
	c := e.tree.cells.at(i)
	n, code := wire.SkipValue(e.payload[at:s.end], c.number, wire.Group, len(e.payload))
	if code != wire.OK {
		c.marks |= broken
		return s.end
	}
	c.tail = c.tagLength
	return at + n
}

// refuseUnknown marks node i, a field f with the varint v, if it is unknown and
// unknown fields are refused. Within an unknown group that is said of the group
// alone.
func (e *explainer) refuseUnknown(s *scope, f *plan.Field, i int, v uint64) {
	if !e.refuse || s.m == nil && s.level > 1 {
		return
	}
	c := e.tree.cells.at(i)
	name, at := "the message", int(c.offset)
	if s.m != nil {
		name = string(s.m.Name)
	}
	switch c.why {
	case UnknownNumber:
		e.fail(i, span.UnknownField, at, name+" has no field "+strconv.Itoa(int(c.number)))
	case OtherWireType:
		e.fail(i, span.UnknownField, at, "field "+f.ProtoName+" of "+name+" does not come as "+
			c.wire.String()+" but as "+wireType(f).String())
	case UnnamedNumber:
		e.fail(i, span.UnknownField, at, "the closed enum "+string(f.Enum.Name)+" has no value "+strconv.Itoa(int(int32(v))))
	case UnknownEntry:
		e.fail(i, span.UnknownField, at, "an entry whose value is a number that the closed enum "+
			string(f.MapValue.Enum.Name)+" does not name")
	case UnknownKey:
		e.fail(i, span.UnknownField, at, "an entry whose key is not UTF-8")
	}
}

func (e *explainer) depthMessage() string {
	return "messages nest deeper than " + strconv.Itoa(e.maxDepth) + " levels"
}

func tagMessage(s *scope, number wire.Number, typ wire.Type, last byte, code wire.Code) string {
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
