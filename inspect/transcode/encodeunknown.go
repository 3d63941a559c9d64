package transcode

import (
	"encoding/binary"
	"math"

	"github.com/pbscope/pbscope/inspect/wire"
)

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
