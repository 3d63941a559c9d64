package message

import (
	"bytes"
	"unicode/utf8"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/inspect/plan"
	"github.com/pbscope/pbscope/inspect/span"
	"github.com/pbscope/pbscope/inspect/wire"
)

// The field numbers of an Any, of a map's entry and of a MessageSet's item.
const (
	anyURL      wire.Number = 1
	anyValue    wire.Number = 2
	entryKey    wire.Number = 1
	entryValue  wire.Number = 2
	itemNumber  wire.Number = 1
	itemID      wire.Number = 2
	itemMessage wire.Number = 3
)

// entry reads an entry of the map f. It is no level of its own: people see one
// level from the map to the value's fields. Of several keys or values the last
// one says whether it is an entry at all.
func (e *explainer) entry(s *scope, f *plan.Field, i, from, to int) {
	t, m := e.tree, f.Message()
	inner := scope{m: m, index: e.typeIndex(m), end: to, level: s.level, entry: true}
	c := t.cells.at(i)
	c.marks |= entry
	c.more = inner.index
	e.fields(&inner, from)
	why, hasValue, keyIsText := Known, false, true
	for k := range t.openChildren(i) {
		switch child := t.cells.at(k); {
		case child.why == OtherWireType, child.is(broken):
		case child.number == entryValue:
			hasValue, why = true, child.why
		case child.number == entryKey && f.MapKey.Kind == protoreflect.StringKind && !f.MapKey.UTF8:
			keyIsText = utf8.Valid(t.Content(k))
		}
	}
	if m := f.MapValue.Message(); m != nil && !hasValue && m.Required > 0 && e.soft == 0 {
		e.required = true
	}
	c = t.cells.at(i)
	switch {
	case !keyIsText:
		c.why = UnknownKey
	case why == UnnamedNumber:
		c.why = UnknownEntry
	}
	e.refuseUnknown(s, f, i, 0)
}

// openChildren is Children of a node that is not closed yet.
func (t *Tree) openChildren(i int) func(yield func(int) bool) {
	return func(yield func(int) bool) {
		for c := i + 1; c < t.cells.n; c = int(t.cells.at(c).next) {
			if !yield(c) {
				return
			}
		}
	}
}

func (e *explainer) packed(f *plan.Field, i, from, to int) {
	e.tree.cells.at(i).marks |= packed
	elements(e.payload[from:to], from, wireType(f), func(el Element) bool {
		switch {
		case el.Code != wire.OK:
			e.fail(i, el.Code.Tag(), el.Offset, valueMessage(wireType(f), el.Length, el.Code))
		case e.refuse && unnamed(f, el.Bits):
			e.fail(i, span.UnknownField, el.Offset, "the closed enum "+string(f.Enum.Name)+" has no value of this number")
			return false
		}
		return true
	})
}

// checkUTF8 looks at bytes from:to of a string field that must be UTF-8.
func (e *explainer) checkUTF8(i, from, to int) {
	content := e.payload[from:to]
	if utf8.Valid(content) {
		return
	}
	at := 0
	for {
		r, size := utf8.DecodeRune(content[at:])
		if r == utf8.RuneError && size <= 1 {
			break
		}
		at += size
	}
	e.fail(i, span.InvalidUTF8, from+at, "a string that is not valid UTF-8: byte 0x"+hexByte(content[at])+
		" cannot stand here")
}

// anyType is the plan of the type that an Any names, nil if it names none or
// one that the schema does not have. The last URL counts.
func anyType(m *plan.Message, content []byte) *plan.Message {
	var url []byte
	scan(content, 0, func(number wire.Number, typ wire.Type, value []byte) {
		if number == anyURL && typ == wire.Len {
			url = value
		}
	})
	if len(url) == 0 {
		return nil
	}
	return m.Set().Named(protoreflect.FullName(url[bytes.LastIndexByte(url, '/')+1:]))
}

// item is the extension that an item of a MessageSet holds, whose content
// begins at at: a group of a type id and the bytes of the message, in any
// order. It is nil if the schema does not know it or anything else is in it;
// the item is then an unknown field.
func (e *explainer) item(s *scope, at int) *plan.Field {
	id, messages, fields := uint64(0), 0, 0
	scan(e.payload[at:s.end], itemNumber, func(number wire.Number, typ wire.Type, value []byte) {
		fields++
		switch {
		case number == itemID && typ == wire.Varint:
			id, _, _ = wire.ConsumeVarint(value)
		case number == itemMessage && typ == wire.Len:
			messages++
		}
	})
	if id == 0 || id > 1<<31-1 || messages != 1 || fields != 2 {
		return nil
	}
	f := s.m.Field(wire.Number(id))
	if f == nil || f.Kind != protoreflect.MessageKind || f.Repeated || f.Map {
		return nil
	}
	return f
}

// scan calls visit with the fields at the front of content, up to the first
// that cannot be read or to the end-group tag of group. value is the content
// of a length-delimited field and the bytes as they are for the others.
func scan(content []byte, group wire.Number, visit func(number wire.Number, typ wire.Type, value []byte)) {
	for len(content) > 0 {
		number, typ, n, code := wire.ConsumeTag(content)
		if code != wire.OK || typ == wire.EndGroup && number == group {
			return
		}
		size, code := wire.SkipValue(content[n:], number, typ, DefaultMaxDepth)
		if code != wire.OK {
			return
		}
		value := content[n : n+size]
		if typ == wire.Len {
			value, _, _, _ = wire.ConsumeLen(value)
		}
		visit(number, typ, value)
		content = content[n+size:]
	}
}
