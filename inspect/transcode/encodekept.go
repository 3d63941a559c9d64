package transcode

import (
	"encoding/binary"

	"unicode/utf8"

	"github.com/pbscope/pbscope/inspect/plan"
	"github.com/pbscope/pbscope/inspect/span"
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
