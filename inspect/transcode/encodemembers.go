package transcode

import (
	"github.com/pbscope/pbscope/inspect/plan"
	"github.com/pbscope/pbscope/inspect/span"
)

// level is what is known of one open message.
type level struct {
	m *plan.Message
	// object is the offset of the message's brace in the document, start of
	// its first byte in the output.
	object, start int
	seen, oneofs  uint64
	required      int
	// last is the number of the field written last; unordered says that a
	// lower one came after a higher one.
	last      uint32
	unordered bool
	// inAny says that the object is an Any's, so that it has an "@type" too;
	// typed that this was read.
	inAny, typed bool
	// unknown and wire are the offsets of the values of "@unknown" and
	// "@wire", 0 for none.
	unknown, wire int
	// The parts of the encoder's stacks.
	segments, bits, extensions int
	// inserted is how many bytes deferred lengths were to add when it began.
	inserted int
}

// unknownNumber sorts unknown fields after all others.
const unknownNumber = 1 << 30

// members encodes the object at doc[at] as m.
func (e *Encoder) members(m *plan.Message, at, depth int, inAny bool) int {
	l := level{
		m: m, object: at, start: len(e.out), inAny: inAny,
		segments: len(e.segments), bits: len(e.bits), extensions: len(e.extensions),
		inserted: e.deferred.inserted,
	}
	if len(m.Fields) > 64 {
		e.pushBits(len(m.Fields))
	}
	doc := e.doc
	at = jsonSpace(doc, at+1)
	if at < len(doc) && doc[at] == '}' {
		at++
	} else {
		for more := true; more; {
			if at, more = e.nextMember(&l, at, depth); at < 0 {
				return -1
			}
		}
	}
	if l.required < m.Required && !e.lacksNothing(&l) {
		return -1
	}
	if l.unordered {
		e.reorder(&l)
	}
	e.segments, e.bits, e.extensions = e.segments[:l.segments], e.bits[:l.bits], e.extensions[:l.extensions]
	if inAny {
		e.any.wire = l.wire
	} else if l.wire > 0 && !e.canonical && !e.originalBytes(&l) {
		return -1
	}
	return at
}

// nextMember encodes the member at doc[at] and what follows it; at the closing
// brace more is false.
func (e *Encoder) nextMember(l *level, at, depth int) (next int, more bool) {
	doc := e.doc
	if at >= len(doc) || doc[at] != '"' {
		return e.wantKey(at), false
	}
	key := at
	n, end := l.m.LookupQuoted(doc, at+1)
	if n == nil {
		s := jsonStringEnd(doc, at+1)
		if end = s.end; !s.bad && !s.escaped {
			n = l.m.Lookup(doc, at+1, end)
		}
	}
	if n != nil {
		at = end + 1
		if at < len(doc) && doc[at] == ':' {
			at = jsonSpace(doc, at+1)
		} else if at = e.colon(at); at < 0 {
			return -1, false
		}
		at = e.member(l, n, key, at, depth)
	} else {
		at = e.specialMember(l, key, depth)
	}
	if at < 0 {
		return -1, false
	}
	if at+1 < len(doc) && doc[at] == ',' && doc[at+1] == '"' {
		return at + 1, true
	}
	return e.afterElement(at, '}')
}

// afterElement passes a comma or the closing bracket that ends an object or a
// list.
func (e *Encoder) afterElement(at int, closing byte) (next int, more bool) {
	doc := e.doc
	at = jsonSpace(doc, at)
	if at < len(doc) {
		switch doc[at] {
		case ',':
			return jsonSpace(doc, at+1), true
		case closing:
			return at + 1, false
		}
	}
	e.fail(at, "expected a comma or "+string(rune(closing))+", found "+e.found(at))
	e.hintComment(at)
	return -1, false
}

// colon passes the colon after a key, and white space around it.
func (e *Encoder) colon(at int) int {
	at = jsonSpace(e.doc, at)
	if at >= len(e.doc) || e.doc[at] != ':' {
		return e.fail(at, "expected a colon after the key, found "+e.found(at))
	}
	return jsonSpace(e.doc, at+1)
}

// member encodes one field; its key is at doc[key], its value at doc[at].
func (e *Encoder) member(l *level, n *plan.Name, key, at, depth int) int {
	f := n.Field
	if !e.mark(l, f) {
		return e.failKey(key, f, "field "+f.ProtoName+" of "+string(l.m.Name)+" is given twice")
	}
	if at < len(e.doc) && e.doc[at] == 'n' && !takesNull(f) {
		return e.under(l.m, f, e.literal(at, "null"))
	}
	before := len(e.out)
	var next int
	switch {
	case f.Map:
		next = e.mapField(n, at, depth)
	case f.Repeated:
		next = e.list(n, at, depth)
	case l.m.MessageSet:
		next = e.messageSetItem(n, at, depth)
	default:
		next = e.single(n, at, depth, f.Presence)
	}
	if next < 0 {
		return e.under(l.m, f, -1)
	}
	if len(e.out) == before {
		e.skipped = false
		return next
	}
	if f.Oneof != 0 && !e.markOneof(l, f) {
		return e.failKey(key, f, "a second member of the oneof "+oneofName(f)+" of "+string(l.m.Name))
	}
	if f.Required {
		l.required++
	}
	e.written(l, uint32(f.Number), before)
	return next
}

// written notes that the output from before on is the field of that number.
func (e *Encoder) written(l *level, number uint32, before int) {
	e.segments = append(e.segments, segment{number: number, start: before})
	if number < l.last {
		l.unordered = true
	}
	l.last = number
}

// takesNull says that null is a value of the field, and not its absence.
func takesNull(f *plan.Field) bool {
	if f.Map || f.Repeated {
		return false
	}
	if f.Enum != nil {
		return f.Enum.Null
	}
	m := f.Message()
	return m != nil && m.WellKnown == plan.Value
}

func (e *Encoder) pushBits(fields int) {
	for range 2 * ((fields + 63) / 64) {
		e.bits = append(e.bits, 0)
	}
}

// mark notes that the field is given; false if it was before.
func (e *Encoder) mark(l *level, f *plan.Field) bool {
	if f.Extension {
		for _, other := range e.extensions[l.extensions:] {
			if other == f {
				return false
			}
		}
		e.extensions = append(e.extensions, f)
		return true
	}
	word := &l.seen
	if len(l.m.Fields) > 64 {
		word = &e.bits[l.bits+f.Index>>6]
	}
	bit := uint64(1) << (f.Index & 63)
	if *word&bit != 0 {
		return false
	}
	*word |= bit
	return true
}

// markOneof notes that the field's oneof is set; false if it was before.
func (e *Encoder) markOneof(l *level, f *plan.Field) bool {
	i := f.Oneof - 1
	word := &l.oneofs
	if len(l.m.Fields) > 64 {
		word = &e.bits[l.bits+(len(l.m.Fields)+63)/64+i>>6]
	}
	bit := uint64(1) << (i & 63)
	if *word&bit != 0 {
		return false
	}
	*word |= bit
	return true
}

// lacksNothing looks for the first required field that was not given.
func (e *Encoder) lacksNothing(l *level) bool {
	for _, f := range l.m.ByNumber {
		if !f.Required || e.isWritten(l, f) {
			continue
		}
		e.failTag(l.object, span.MissingRequired, "required field "+f.ProtoName+" of "+string(l.m.Name)+" is absent")
		e.problem.Field = int32(f.Number)
		e.problem.Key = f.JSONName
		e.steps = append(e.steps, pathStep{text: f.ProtoName})
		return false
	}
	return true
}

// isWritten says that a segment of the field was written: null is no value.
func (e *Encoder) isWritten(l *level, f *plan.Field) bool {
	for _, s := range e.segments[l.segments:] {
		if s.number == uint32(f.Number) {
			return true
		}
	}
	return false
}
