package transcode

import (
	"encoding/binary"
	"math"
)

// standsIn tells an object that stands in for a Struct, Value or ListValue
// from one that is data: its second key must be the one that a Decoder writes.
// "@value" is looked for at the top only, where alone it is written.
func (e *Encoder) standsIn(at, depth int) bool {
	first := jsonSpace(e.doc, at+1)
	other := ""
	switch {
	case e.isKey(first, "@error"):
		other = "@raw"
	case depth == 1 && e.isKey(first, "@value"):
		other = "@wire"
	default:
		return false
	}
	_, next := e.str(first)
	next = e.skipMember(next)
	more := false
	if next >= 0 {
		next, more = e.afterElement(next, '}')
	}
	if next < 0 {
		// The same fault is found again when the object is read as data.
		e.problem, e.inValue = nil, false
		return false
	}
	return more && e.isKey(next, other)
}

// looksLikeStandIn says that text, a Struct, Value or ListValue as JSON, would
// not be read as data; such a value has no JSON form.
func looksLikeStandIn(text []byte, depth int) bool {
	if len(text) < 3 || text[0] != '{' || text[2] != '@' {
		return false
	}
	e := Encoder{maxDepth: DefaultMaxDepth, doc: text}
	return e.standsIn(0, depth)
}

// The tags of the fields of struct.proto.
const (
	structEntryTag = 1<<3 | 2
	entryKeyTag    = 1<<3 | 2
	entryValueTag  = 2<<3 | 2
	listValuesTag  = 1<<3 | 2
	nullTag        = 1 << 3
	numberTag      = 2<<3 | 1
	stringTag      = 3<<3 | 2
	boolTag        = 4 << 3
	structTag      = 5<<3 | 2
	listTag        = 6<<3 | 2
)

// structValue encodes the object at doc[at] as a Struct; depth is its level,
// nested counts the objects and lists around its members.
func (e *Encoder) structValue(at, depth, nested int) int {
	if e.doc[at] != '{' {
		return e.want(at, "an object")
	}
	if nested > maxValueDepth || depth > e.maxDepth {
		return e.valueTooDeep(at, depth)
	}
	return e.entries(at, func(at int) int {
		e.out = append(e.out, structEntryTag)
		entry := e.open()
		key := at
		s, at := e.str(at)
		if at < 0 {
			return -1
		}
		e.keys.add(s, key)
		e.out = append(e.out, entryKeyTag)
		e.varint(uint64(len(s)))
		e.out = append(e.out, s...)
		if at = e.colon(at); at < 0 {
			return -1
		}
		e.out = append(e.out, entryValueTag)
		value := e.open()
		if at = e.value(at, depth+1, nested); at < 0 {
			return e.underKey(key)
		}
		e.close(value)
		e.close(entry)
		return at
	})
}

// listValue encodes the list at doc[at] as a ListValue.
func (e *Encoder) listValue(at, depth, nested int) int {
	doc := e.doc
	if doc[at] != '[' {
		return e.want(at, "a list")
	}
	if nested > maxValueDepth || depth > e.maxDepth {
		return e.valueTooDeep(at, depth)
	}
	at = jsonSpace(doc, at+1)
	if at < len(doc) && doc[at] == ']' {
		return at + 1
	}
	for i, more := 0, true; more; i++ {
		e.out = append(e.out, listValuesTag)
		value := e.open()
		if at = e.value(at, depth+1, nested); at < 0 {
			return e.underIndex(i)
		}
		e.close(value)
		if at, more = e.afterElement(at, ']'); at < 0 {
			return e.underIndex(i)
		}
	}
	return at
}

// value encodes the value at doc[at] as a Value.
func (e *Encoder) value(at, depth, nested int) int {
	if depth > e.maxDepth {
		return e.tooDeep(at)
	}
	if at >= len(e.doc) {
		return e.want(at, "a value")
	}
	switch c := e.doc[at]; c {
	case '{':
		e.out = append(e.out, structTag)
		m := e.open()
		if at = e.structValue(at, depth+1, nested+1); at >= 0 {
			e.close(m)
		}
		return at
	case '[':
		e.out = append(e.out, listTag)
		m := e.open()
		if at = e.listValue(at, depth+1, nested+1); at >= 0 {
			e.close(m)
		}
		return at
	case '"':
		s, next := e.str(at)
		e.out = append(e.out, stringTag)
		e.varint(uint64(len(s)))
		e.out = append(e.out, s...)
		return next
	case 't', 'f':
		v, next := e.boolean(at)
		e.out = append(e.out, boolTag, boolByte(v))
		return next
	case 'n':
		e.out = append(e.out, nullTag, 0)
		return e.literal(at, "null")
	}
	v, next := e.float(at, 64)
	e.out = append(e.out, numberTag)
	e.out = binary.LittleEndian.AppendUint64(e.out, math.Float64bits(v))
	return next
}

func (e *Encoder) valueTooDeep(at, depth int) int {
	if depth > e.maxDepth {
		return e.tooDeep(at)
	}
	e.tooDeep(at)
	e.problem.Message = "objects and lists of a google.protobuf.Value nest deeper than 100 levels"
	return -1
}
