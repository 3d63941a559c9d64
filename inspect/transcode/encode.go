package transcode

import (
	"hash/maphash"

	"github.com/pbscope/pbscope/inspect/plan"
	"github.com/pbscope/pbscope/inspect/span"
)

// EncodeOptions say how JSON text is read. The spellings that a Decoder can
// be told to print (numbers, names, enums) are read without being told.
type EncodeOptions struct {
	// BytesHex reads bytes fields as hex in place of base64.
	BytesHex bool
	// IgnoreUnknownKeys passes over keys that are no field of the message and
	// over enum names that are no value of the enum.
	IgnoreUnknownKeys bool
	// MaxDepth is how many levels of messages and groups may nest, the top one
	// included; 0 is DefaultMaxDepth.
	MaxDepth int
}

// maxValueDepth is how many objects and lists may nest within one Struct,
// Value or ListValue. The conformance suite wants 25 read and 200 refused.
const maxValueDepth = 100

// Encoder turns JSON documents into messages: one pass over the text, values
// written as they come. It keeps buffers from one document to the next and is
// not safe for concurrent use.
type Encoder struct {
	o        EncodeOptions
	maxDepth int

	doc []byte
	out []byte

	// scratch holds the value of the last string that had escapes.
	scratch []byte
	// Stacks, of which each open message or map has a part at the top.
	segments   []segment
	bits       []uint64
	extensions []*plan.Field
	keys       mapKeys
	// skipped says that the last value was one to be passed over (the name of
	// an enum's value that nobody knows).
	skipped bool

	deferred deferred
	lookup   lookups
	any      anyIndex
	nesting  []int
	wires    *wireCheck
	// canonical encodes the JSON and forgets @wire.
	canonical bool

	problem *span.Problem
	inValue bool // the problem lies in a value whose field is not named yet
	steps   []pathStep
}

// NewEncoder is an encoder with its own buffers.
func NewEncoder(o EncodeOptions) *Encoder {
	e := &Encoder{o: o, maxDepth: o.MaxDepth}
	if e.maxDepth <= 0 {
		e.maxDepth = DefaultMaxDepth
	}
	e.keys.seed = maphash.MakeSeed()
	e.deferred.moves = movesPerByte
	return e
}

// Append appends the wire form of one JSON document read as m; m nil reads a
// schema-less {"@unknown":[…]}. A problem carries the byte offset in doc, the
// line and column there, the key and the path; dst is then returned as it came.
func (e *Encoder) Append(dst []byte, m *plan.Message, doc []byte) ([]byte, *span.Problem) {
	e.begin(dst, doc)
	at := e.document(m, jsonSpace(doc, 0))
	if at >= 0 {
		if at = jsonSpace(doc, at); at < len(doc) {
			e.fail(at, "expected nothing after the message, found "+e.found(at))
		}
	}
	out, p := e.out, e.problem
	if p != nil {
		e.finishProblem(m)
		out = dst
	} else if len(e.deferred.list) > 0 {
		out = e.assembled(len(dst))
	}
	e.end()
	return out, p
}

func (e *Encoder) begin(dst, doc []byte) {
	e.out, e.doc = dst, doc
	e.deferred.begin(len(doc))
	e.any.end = 0
}

// end lets go of what belongs to the caller.
func (e *Encoder) end() {
	e.out, e.doc, e.problem = nil, nil, nil
	e.segments, e.bits, e.extensions = e.segments[:0], e.bits[:0], e.extensions[:0]
	e.keys.reset()
	e.steps = e.steps[:0]
	e.inValue, e.skipped = false, false
	if cap(e.scratch) > keptBuffer {
		e.scratch = nil
	}
	if cap(e.keys.text) > keptBuffer || cap(e.keys.list) > keptBuffer/8 {
		e.keys = mapKeys{seed: e.keys.seed}
	}
	if e.wires != nil && cap(e.wires.json) > keptBuffer {
		e.wires = nil
	}
}

// keptBuffer is the size in bytes up to which a buffer waits for the next
// document: one huge document shall not hold memory for ever.
const keptBuffer = 1 << 20

func (e *Encoder) document(m *plan.Message, at int) int {
	if at >= len(e.doc) {
		return e.fail(at, "expected a JSON document, found nothing")
	}
	if m == nil {
		return e.schemaless(at)
	}
	return e.message(m, at, 1)
}

// message encodes the value at doc[at] as m; depth is its level. Like all that
// read a value it returns the offset after it, or -1 when e.problem is set.
func (e *Encoder) message(m *plan.Message, at, depth int) int {
	if depth > e.maxDepth {
		return e.tooDeep(at)
	}
	if m.WellKnown != plan.NotWellKnown {
		return e.wellKnown(m, at, depth)
	}
	if at >= len(e.doc) || e.doc[at] != '{' {
		return e.want(at, "an object")
	}
	return e.members(m, at, depth, false)
}
