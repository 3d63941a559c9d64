package transcode

import (
	"bytes"
	"slices"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/inspect/plan"
	"github.com/pbscope/pbscope/inspect/span"
	"github.com/pbscope/pbscope/inspect/wire"
)

// The tags of the fields of an Any.
const (
	anyURLTag   = 1<<3 | byte(wire.Len)
	anyValueTag = 2<<3 | byte(wire.Len)
)

// anyPlace is where the value of an object's "@type" stands.
type anyPlace struct{ object, value int }

// anyIndex has the places of the "@type" members that are not the first of
// their objects, up to end in the document: the text is searched for them
// once, however the objects nest.
type anyIndex struct {
	list []anyPlace
	end  int
	// wire is the place of the value of "@wire", 0 for none, in the Any whose
	// embedded message was read last.
	wire int
}

// typeOf is the place of the value of the "@type" of the object at doc[object]
// whose first member, at doc[first], is another; 0 if it has none.
func (e *Encoder) typeOf(object int) int {
	if object >= e.any.end {
		e.any.list = e.any.list[:0]
		end := e.skipValue(object, &e.any)
		if end < 0 {
			return -1
		}
		e.any.end = end
		slices.SortStableFunc(e.any.list, func(a, b anyPlace) int { return a.object - b.object })
	}
	i, ok := slices.BinarySearchFunc(e.any.list, object, func(p anyPlace, object int) int { return p.object - object })
	if !ok {
		return 0
	}
	return e.any.list[i].value
}

// anyMessage encodes the object at doc[at] as an Any.
func (e *Encoder) anyMessage(m *plan.Message, at, depth int) int {
	if at >= len(e.doc) || e.doc[at] != '{' {
		return e.want(at, "an object")
	}
	object := at
	first := jsonSpace(e.doc, at+1)
	switch {
	case e.isKey(first, "@error"):
		return e.rawRecord(object)
	case e.isKey(first, "@value"):
		return e.keptValue(m, object, depth)
	}
	l := level{m: m, object: object, start: len(e.out), segments: len(e.segments), inserted: e.deferred.inserted}
	place := e.anyURL(&l, first)
	if place < 0 {
		return -1
	}
	next := 0
	inner, form := e.anyForm(&l, first, place)
	switch {
	case form < 0:
		return -1
	case form == anyEmbedded:
		e.out = append(e.out, anyValueTag)
		value := e.open()
		next = e.members(inner, object, depth+1, true)
		if next < 0 {
			return -1
		}
		l.wire = e.any.wire
		if len(e.out) == value.start {
			e.out = e.out[:value.start-2]
		} else {
			e.close(value)
		}
	default:
		next = e.anyMembers(&l, inner, depth)
	}
	if next < 0 {
		return -1
	}
	if l.unordered {
		e.reorder(&l)
	}
	e.segments = e.segments[:l.segments]
	if l.wire > 0 && !e.canonical && !e.originalBytes(&l) {
		return -1
	}
	return next
}

// anyURL writes the type URL of the Any whose first key is at doc[first], and
// is the place of the value of "@type", 0 if there is none.
func (e *Encoder) anyURL(l *level, first int) int {
	place := 0
	if e.isKey(first, "@type") {
		_, at := e.str(first)
		if place = e.colon(at); place < 0 {
			return -1
		}
	} else if first < len(e.doc) && e.doc[first] == '"' {
		if place = e.typeOf(l.object); place < 0 {
			return -1
		}
	}
	if place == 0 {
		return 0
	}
	url, next := e.str(place)
	if next < 0 {
		return -1
	}
	if len(url) > 0 {
		e.written(l, 1, len(e.out))
		e.out = append(e.out, anyURLTag)
		e.varint(uint64(len(url)))
		e.out = append(e.out, url...)
	}
	return place
}

// How an Any's value is given.
const (
	anyEmbedded = iota // as members beside "@type"
	anyValued          // under "value"
	anyBytes           // under "@bytes", or not at all
)

// anyForm is how the value is given, and its type; form is -1 on a problem.
func (e *Encoder) anyForm(l *level, first, place int) (inner *plan.Message, form int) {
	if place == 0 || e.isKey(first, "@bytes") {
		return nil, anyBytes
	}
	_, at := e.str(place)
	second := first
	if e.isKey(first, "@type") {
		second = jsonSpace(e.doc, at)
		if second < len(e.doc) && e.doc[second] == ',' {
			second = jsonSpace(e.doc, second+1)
		}
	}
	if e.isKey(second, "@bytes") {
		return nil, anyBytes
	}
	url, _ := e.str(place)
	if inner = e.lookup.named(l.m.Set(), url); inner == nil {
		return nil, e.unknownType(place, url)
	}
	if inner.WellKnown == plan.NotWellKnown || inner.WellKnown == plan.Empty && !e.isKey(second, "value") {
		return inner, anyEmbedded
	}
	return inner, anyValued
}

func (e *Encoder) unknownType(at int, url []byte) int {
	e.failTag(at, span.UnknownType, "the type of the Any, "+string(span.AppendQuoted(nil, shortened(url, 200)))+", is not in the schema")
	e.problem.Key = "@type"
	e.problem.Hint = `give the schema that has it, or the value's bytes in base64 under "@bytes" next to "@type"`
	return -1
}

// named is the message type that a type URL names, or nil.
func (k *lookups) named(set *plan.Set, url []byte) *plan.Message {
	name := url[bytes.LastIndexByte(url, '/')+1:]
	if m := k.types[string(name)]; m != nil && m.Set() == set {
		return m
	}
	m := set.Named(protoreflect.FullName(name))
	if m != nil {
		if k.types == nil {
			k.types = make(map[string]*plan.Message)
		}
		k.types[string(name)] = m
	}
	return m
}

// anyMembers encodes the members of an Any whose value is not spread among
// them.
func (e *Encoder) anyMembers(l *level, inner *plan.Message, depth int) int {
	at := jsonSpace(e.doc, l.object+1)
	if at < len(e.doc) && e.doc[at] == '}' {
		return at + 1
	}
	types, values := 0, 0
	for more := true; more; {
		key := at
		name, next := e.str(at)
		if next < 0 {
			return -1
		}
		switch {
		case string(name) == "@type":
			at = e.skipMember(next)
			types++
		case string(name) == "value" && inner != nil:
			at = e.anyValue(l, inner, next, depth)
			values++
		case string(name) == "@bytes" && inner == nil:
			at = e.anyBytes(l, next)
			values++
		case string(name) == "@unknown":
			at = e.unknownMember(l, key, next, depth)
		case string(name) == "@wire":
			at = e.wireMember(l, key, next)
		case e.o.IgnoreUnknownKeys:
			at = e.skipMember(next)
		default:
			return e.strayInAny(l, inner, key)
		}
		if at >= 0 && (types > 1 || values > 1) {
			return e.failTwice(key)
		}
		if at < 0 {
			return -1
		}
		if at, more = e.afterElement(at, '}'); at < 0 {
			return -1
		}
	}
	if values == 0 && inner != nil {
		e.fail(l.object, "an Any of "+string(inner.Name)+` needs the key "value"`)
		e.problem.Key = "value"
		return -1
	}
	return at
}

// strayInAny refuses a key of an Any.
func (e *Encoder) strayInAny(l *level, inner *plan.Message, key int) int {
	of := `an Any without "@type"`
	if inner != nil {
		of = "an Any of " + string(inner.Name) + `, whose value stands under "value",`
	} else if e.typed(l) {
		of = `an Any with "@bytes"`
	}
	return e.strayKey(key, ": "+of+" has no such key")
}

func (e *Encoder) typed(l *level) bool { return len(e.segments) > l.segments }

func (e *Encoder) anyValue(l *level, inner *plan.Message, at, depth int) int {
	if at = e.colon(at); at < 0 {
		return -1
	}
	before := len(e.out)
	e.out = append(e.out, anyValueTag)
	value := e.open()
	if at = e.message(inner, at, depth+1); at < 0 {
		return e.failUnder("value")
	}
	if len(e.out) == value.start {
		e.out = e.out[:before]
		return at
	}
	e.close(value)
	e.written(l, 2, before)
	return at
}

func (e *Encoder) failUnder(key string) int {
	if e.problem.Key == "" {
		e.problem.Key = key
	}
	return -1
}

func (e *Encoder) anyBytes(l *level, at int) int {
	if at = e.colon(at); at < 0 {
		return -1
	}
	s, next := e.str(at)
	if next < 0 {
		return e.failUnder("@bytes")
	}
	if len(s) == 0 {
		return next
	}
	e.written(l, 2, len(e.out))
	e.out = append(e.out, anyValueTag)
	if e.base64(at, s, next) < 0 {
		return e.failUnder("@bytes")
	}
	return next
}
