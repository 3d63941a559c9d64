package transcode

import (
	"bytes"
	"encoding/binary"
	"math"

	"unicode/utf8"

	"github.com/pbscope/pbscope/inspect/plan"
	"github.com/pbscope/pbscope/inspect/span"
	"github.com/pbscope/pbscope/inspect/wire"
)

// What a schema cannot express comes back from the keys that begin with @.

// schemaless encodes the top-level {"@unknown":[…]} at doc[at].
func (e *Encoder) schemaless(at int) int {
	if e.doc[at] != '{' {
		return e.want(at, "an object")
	}
	l := level{object: at, start: len(e.out), segments: len(e.segments)}
	first := jsonSpace(e.doc, at+1)
	if first < len(e.doc) && e.doc[first] == '}' {
		return first + 1
	}
	if e.isKey(first, "@error") {
		return e.rawRecord(at)
	}
	at = first
	for more := true; more; {
		key := at
		name, next := e.str(at)
		if next < 0 {
			return -1
		}
		switch {
		case string(name) == "@unknown":
			at = e.unknownMember(&l, key, next, 1)
		case string(name) == "@wire":
			at = e.wireMember(&l, key, next)
		case e.o.IgnoreUnknownKeys:
			at = e.skipMember(next)
		default:
			e.strayKey(key, `: without a message type there is only "@unknown"`)
			e.problem.Hint = "give the message type"
			return -1
		}
		if at < 0 {
			return -1
		}
		if at, more = e.afterElement(at, '}'); at < 0 {
			return -1
		}
	}
	if l.wire > 0 && !e.canonical && !e.originalBytes(&l) {
		return -1
	}
	return at
}

// unknownMember encodes the list after the key "@unknown", which stands at
// doc[key] and ends at at.
func (e *Encoder) unknownMember(l *level, key, at, depth int) int {
	if l.unknown > 0 {
		return e.failTwice(key)
	}
	if at = e.colon(at); at < 0 {
		return -1
	}
	l.unknown = at
	before := len(e.out)
	if at = e.unknownFields(at, depth); at < 0 {
		return e.failUnder("@unknown")
	}
	if len(e.out) > before {
		e.written(l, unknownNumber, before)
	}
	return at
}

// unknownFields encodes a list of fields without a schema; depth is the level
// of the message or group that holds them.
func (e *Encoder) unknownFields(at, depth int) int {
	doc := e.doc
	if at >= len(doc) || doc[at] != '[' {
		return e.want(at, "a list of unknown fields")
	}
	at = jsonSpace(doc, at+1)
	if at < len(doc) && doc[at] == ']' {
		return at + 1
	}
	for more := true; more; {
		if at = e.unknownField(at, depth); at < 0 {
			return -1
		}
		if at, more = e.afterElement(at, ']'); at < 0 {
			return -1
		}
	}
	return at
}

// unknownWire are the names of the wire types in "@unknown".
func unknownWire(name []byte) (wire.Type, bool) {
	switch string(name) {
	case "varint":
		return wire.Varint, true
	case "i64":
		return wire.I64, true
	case "len":
		return wire.Len, true
	case "group":
		return wire.Group, true
	case "i32":
		return wire.I32, true
	}
	return 0, false
}

// unknownField encodes one {"field":N,"wire":"…","value":…}. The keys may
// come in any order as long as "value" is the last.
func (e *Encoder) unknownField(at, depth int) int {
	if at >= len(e.doc) || e.doc[at] != '{' {
		return e.want(at, `an object {"field":…,"wire":…,"value":…}`)
	}
	object := at
	var number uint64
	typ, known, valued := wire.Type(0), false, false
	at = jsonSpace(e.doc, at+1)
	for more := true; more; {
		key := at
		name, next := e.str(at)
		if next < 0 {
			return -1
		}
		what := string(name)
		if at = e.colon(next); at < 0 {
			return -1
		}
		switch {
		case what == "field" && number == 0:
			place := at
			if number, at = e.unknownNumber(at, wire.MaxNumber); at >= 0 && number == 0 {
				return e.want(place, "a field number above 0")
			}
		case what == "wire" && !known:
			place := at
			if name, at = e.str(at); at >= 0 {
				if typ, known = unknownWire(name); !known {
					return e.want(place, `"varint", "i32", "i64", "len" or "group"`)
				}
			}
		case what == "value" && number != 0 && known && !valued:
			valued = true
			at = e.unknownValue(wire.Number(number), typ, at, depth)
		default:
			return e.strayKey(key, `: an unknown field has "field", "wire" and then "value"`)
		}
		if at < 0 {
			return -1
		}
		if at, more = e.afterElement(at, '}'); at < 0 {
			return -1
		}
	}
	if !valued {
		return e.fail(object, `an unknown field without "field", "wire" and "value"`)
	}
	return at
}

func (e *Encoder) unknownValue(number wire.Number, typ wire.Type, at, depth int) int {
	e.out = wire.AppendTag(e.out, number, typ)
	switch typ {
	case wire.Varint:
		v, next := e.unknownNumber(at, math.MaxUint64)
		e.varint(v)
		return next
	case wire.I64:
		v, next := e.unknownNumber(at, math.MaxUint64)
		e.out = binary.LittleEndian.AppendUint64(e.out, v)
		return next
	case wire.I32:
		v, next := e.unknownNumber(at, math.MaxUint32)
		e.out = binary.LittleEndian.AppendUint32(e.out, uint32(v))
		return next
	case wire.Group:
		if depth+1 > e.maxDepth {
			return e.tooDeep(at)
		}
		at = e.unknownFields(at, depth+1)
		e.out = wire.AppendTag(e.out, number, wire.EndGroup)
		return at
	}
	s, next := e.str(at)
	if next < 0 {
		return -1
	}
	return e.base64(at, s, next)
}

// unknownNumber reads an unsigned number, in a string or not.
func (e *Encoder) unknownNumber(at int, limit uint64) (v uint64, next int) {
	if at >= len(e.doc) {
		return 0, e.want(at, "an unsigned number")
	}
	text, next := e.numberText(at)
	if next < 0 {
		return 0, e.want(at, "an unsigned number")
	}
	v, negative, fault := jsonInteger(text)
	if fault != numberFine || negative || v > limit {
		return 0, e.want(at, "an unsigned number")
	}
	return v, next
}

// keptString encodes {"@bytes":"…"} in the place of a string.
func (e *Encoder) keptString(n *plan.Name, at int, always bool) int {
	first := jsonSpace(e.doc, at+1)
	if !e.isKey(first, "@bytes") {
		return e.want(at, "a string")
	}
	_, next := e.str(first)
	place := e.colon(next)
	if place < 0 {
		return -1
	}
	s, next := e.str(place)
	if next < 0 {
		return -1
	}
	if len(s) > 0 || always {
		e.tag(n)
		start := len(e.out)
		if e.base64(place, s, next) < 0 {
			return -1
		}
		if n.Field.UTF8 {
			_, size := binary.Uvarint(e.out[start:])
			if !utf8.Valid(e.out[start+size:]) {
				return e.failTagged(place, span.InvalidUTF8, "bytes that are not valid UTF-8, in a field that must be")
			}
		}
	}
	next, more := e.afterElement(next, '}')
	if more {
		return e.want(next, "nothing after \"@bytes\"")
	}
	return next
}

func (e *Encoder) failTagged(at int, tag span.Tag, message string) int {
	e.inValue = e.inValue || e.problem == nil
	return e.failTag(at, tag, message)
}

// rawRecord encodes the {"@error":{…},"@raw":"…"} at doc[at]: the bytes of a
// value that has no other form.
func (e *Encoder) rawRecord(at int) int {
	_, at = e.str(jsonSpace(e.doc, at+1))
	if at = e.skipMember(at); at < 0 {
		return -1
	}
	key, more := e.afterElement(at, '}')
	if key < 0 {
		return -1
	}
	if !more {
		return e.fail(at, `an error record without "@raw": its bytes were not kept`)
	}
	if !e.isKey(key, "@raw") {
		return e.fail(key, `expected the key "@raw" after "@error", found `+e.found(key))
	}
	_, at = e.str(key)
	if at = e.colon(at); at < 0 {
		return -1
	}
	s, next := e.str(at)
	if next < 0 {
		return -1
	}
	var ok bool
	if e.out, ok = jsonBase64(e.out, s); !ok {
		e.want(at, "bytes in base64")
		return e.failUnder("@raw")
	}
	if next, more = e.afterElement(next, '}'); more {
		return e.fail(next, `expected nothing after "@raw", found `+e.found(next))
	}
	return next
}

// keptValue encodes {"@value":…,"@unknown":[…],"@wire":"…"} in the place of a
// well-known type that has no object of its own.
func (e *Encoder) keptValue(m *plan.Message, at, depth int) int {
	l := level{m: m, object: at, start: len(e.out), segments: len(e.segments), inserted: e.deferred.inserted}
	at = jsonSpace(e.doc, at+1)
	valued := false
	for more := true; more; {
		key := at
		name, next := e.str(at)
		if next < 0 {
			return -1
		}
		switch {
		case string(name) == "@value" && !valued:
			valued = true
			if at = e.colon(next); at >= 0 {
				at = e.wellKnownForm(m, at, depth)
			}
		case string(name) == "@unknown":
			at = e.unknownMember(&l, key, next, depth)
		case string(name) == "@wire":
			at = e.wireMember(&l, key, next)
		default:
			return e.strayKey(key, ` beside "@value"`)
		}
		if at < 0 {
			return -1
		}
		if at, more = e.afterElement(at, '}'); at < 0 {
			return -1
		}
	}
	e.segments = e.segments[:l.segments]
	if l.wire > 0 && !e.canonical && !e.originalBytes(&l) {
		return -1
	}
	return at
}

// wireMember notes the "@wire" of a message.
func (e *Encoder) wireMember(l *level, key, at int) int {
	if l.wire > 0 {
		return e.failTwice(key)
	}
	if at = e.colon(at); at < 0 {
		return -1
	}
	l.wire = at
	if _, at = e.str(at); at < 0 {
		return e.failUnder("@wire")
	}
	return at
}

// wireCheck is what it takes to compare the bytes of "@wire" with the JSON
// beside them.
type wireCheck struct {
	decoder                     *Decoder
	encoder                     *Encoder
	original, encoded           []byte
	json, fromWire, fromEncoded []byte
}

// originalBytes puts the bytes of "@wire" in the place of what was encoded
// from the members beside it, if both are the same message.
func (e *Encoder) originalBytes(l *level) bool {
	s, next := e.str(l.wire)
	if next < 0 {
		return false
	}
	if e.wires == nil {
		e.wires = &wireCheck{
			decoder: NewDecoder(Options{Sort: true, MaxDepth: e.maxDepth}),
			encoder: NewEncoder(EncodeOptions{MaxDepth: e.maxDepth}),
		}
		e.wires.encoder.canonical = true
	}
	c := e.wires
	var ok bool
	if c.original, ok = jsonBase64(c.original[:0], s); !ok {
		e.want(l.wire, "bytes in base64")
		e.failUnder("@wire")
		return false
	}
	c.encoded = e.outputFrom(c.encoded[:0], l.start)
	if c.same(l.m) {
		e.deferred.drop(l.start, l.inserted)
		e.out = append(e.out[:l.start], c.original...)
	}
	return true
}

// outputFrom appends what was written since start, with its deferred edits.
func (e *Encoder) outputFrom(dst []byte, start int) []byte {
	if e.deferred.after(start) {
		return e.edited(dst, start)
	}
	return append(dst, e.out[start:]...)
}

// expansion bounds how much longer than the original bytes their canonical
// form can be: an empty map entry gains a key and a value.
const expansion = 32

// same says whether original and encoded are the same message. The work is
// linear in the original bytes, so that hostile text cannot make nested
// messages be compared again and again.
func (c *wireCheck) same(m *plan.Message) bool {
	if bytes.Equal(c.original, c.encoded) {
		return false
	}
	if len(c.encoded) > expansion*(len(c.original)+1) {
		return false
	}
	var ok bool
	if c.fromWire, ok = c.canonical(c.fromWire[:0], m, c.original); !ok {
		return false
	}
	c.fromEncoded, ok = c.canonical(c.fromEncoded[:0], m, c.encoded)
	return ok && bytes.Equal(c.fromWire, c.fromEncoded)
}

// canonical appends the bytes that stand for a message whatever its spelling.
func (c *wireCheck) canonical(dst []byte, m *plan.Message, payload []byte) (out []byte, ok bool) {
	if c.json, _, ok = c.decoder.Append(c.json[:0], m, payload); !ok {
		return dst, false
	}
	out, p := c.encoder.Append(dst, m, c.json)
	return out, p == nil
}
