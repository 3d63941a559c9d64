package transcode

import (
	"hash/maphash"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/inspect/hugepage"
	"github.com/pbscope/pbscope/inspect/plan"
	"github.com/pbscope/pbscope/inspect/span"
)

// Unknown says what becomes of fields that the schema does not know.
type Unknown uint8

// What becomes of unknown fields.
const (
	// KeepUnknown prints them under "@unknown".
	KeepUnknown Unknown = iota
	// DropUnknown leaves them out.
	DropUnknown
	// RefuseUnknown refuses a payload that has some. Those within an Any only
	// make the Any print as bytes.
	RefuseUnknown
)

// DefaultMaxDepth is how many levels of messages and groups may nest where the
// options do not say: the limit of protobuf-go.
const DefaultMaxDepth = 10000

// Options say how messages are printed. The zero value is ProtoJSON with
// everything kept that the schema does not know.
type Options struct {
	Unknown Unknown
	// Int64Numbers prints 64-bit integers as numbers, not as strings; keys of
	// maps are strings all the same.
	Int64Numbers bool
	// BytesHex prints bytes fields in lower-case hex; keys that begin with @
	// hold base64 all the same.
	BytesHex bool
	// ProtoNames prints the names of the .proto source.
	ProtoNames bool
	// EnumNumbers prints enum values as numbers.
	EnumNumbers bool
	// Defaults adds absent fields without presence, lists and maps.
	Defaults bool
	// Sort prints fields in the order of the schema, extensions by number
	// after them, and map entries by key. With Defaults, absent fields stand
	// in that order too.
	Sort bool
	// Lossless adds "@wire" where encoding would not give the same bytes.
	Lossless bool
	// MaxDepth is how many levels of messages and groups may nest, the top one
	// being the first; 0 is DefaultMaxDepth. An entry of a map is no level. Each
	// level takes a few kilobytes of stack: 100,000 are safe.
	MaxDepth int
}

// Decoder turns messages into JSON. It keeps buffers from one message to the
// next and is not safe for concurrent use.
type Decoder struct {
	o        Options
	maxDepth int
	base     int64
	hasAll   bool // Sort and Defaults together: every message is gathered
	noRows   bool // Sort or Defaults: byRows knows neither
	names    plan.Names
	entry    entry // of takeEntry

	buf     []byte
	endTag  int    // where the end-group tag of the group just read begins
	index   int    // of the list element at hand, for paths
	failed  int    // values replaced by an error object
	wired   int    // bytes kept under @wire so far
	redone  int    // bytes read a second time so far
	wasted  int    // bytes kept under @wire of what was then refused
	anys    int    // how many Any are being read, one within another
	noForm  string // why the value at hand has no JSON form
	nested  int    // objects and lists of Struct, Value or ListValue around it
	dirty   bool   // encoding would not give the bytes of the message at hand
	careful bool   // gather every message
	whole   bool   // every message of the payload is gathered
	giveUp  bool   // start again and gather every message, or with needPath
	lenient bool   // within a value that another replaces
	inside  bool   // within a Struct, Value or ListValue
	wrapped bool   // the special value just printed stands in an {"@value":…}
	// quick says that a plain message within a message leaves no trace but its
	// output: not in path, nor in dirty, failed or wired. A payload for which
	// the path is wanted all the same starts again, and from then on, needPath
	// keeps it: where one value has no JSON form, others have none.
	quick, needPath bool

	day        dayText
	progress   progress // of byRows, where it has left something to fields
	unknown    []unknownField
	pieces     []piece
	records    []record
	keys       []mapKey
	members    []member
	bits       []uint64
	path       []step
	extensions []*plan.Field
	numbers    []protoreflect.FieldNumber
	table      []uint32
	seed       maphash.Seed
	scratch    []byte
	groups     map[int]groupEnd
	laters     []later
	types      map[string]*plan.Message
	typesOf    *plan.Set
}

// piece is the payload's bytes from start to end: a message's content, or a
// part of it where it comes in several.
type piece struct{ start, end int }

// NewDecoder is a decoder with its own buffers.
func NewDecoder(o Options) *Decoder {
	d := &Decoder{o: o, maxDepth: o.MaxDepth, base: span.Unknown, hasAll: o.Sort && o.Defaults, noRows: o.Sort || o.Defaults}
	if o.ProtoNames {
		d.names = plan.ProtoNames
	}
	if d.maxDepth <= 0 {
		d.maxDepth = DefaultMaxDepth
	}
	return d
}

// SetBase says where in its input the next payload begins, in bytes, so that
// errors within a message carry their inputOffset; span.Unknown, the default,
// says that it does not lie there as it is.
func (d *Decoder) SetBase(offset int64) { d.base = offset }

// Append appends the JSON of payload read as m; m nil reads it without a
// schema. failed counts the values that were replaced by an {"@error":…}. With
// ok false the payload was refused, and dst comes back at its old length.
//
// The work is linear in len(payload) but for sorting fields that do not come
// in order. The output is at most a few hundred bytes and the schema's longest
// key for each byte of payload; with Defaults, for each message, all keys of
// its type.
func (d *Decoder) Append(dst []byte, m *plan.Message, payload []byte) (out []byte, failed int, ok bool) {
	d.reset(payload, false)
	if m != nil {
		dst = roomFor(dst, payload)
	}
	out, ok = d.top(dst, m)
	if d.giveUp && d.needPath && d.quick {
		d.reset(payload, false)
		out, ok = d.top(dst, m)
	}
	if d.giveUp {
		d.reset(payload, true)
		out, ok = d.top(dst, m)
	}
	if ok && len(d.laters) > 0 {
		out = d.putLaters(out)
	}
	d.buf = nil
	if cap(d.unknown) > keepUnknowns {
		d.unknown = nil
	}
	if !ok {
		return out[:len(dst)], 0, false
	}
	return out, d.failed, true
}

// keepUnknowns is of how many unknown fields the memory is used again: one
// message of millions must not hold it to the end of the stream.
const keepUnknowns = 1 << 16

// roomFor makes room at once for the JSON of a large payload: as much as usual
// ones need. Growing by and by would copy many megabytes several times.
func roomFor(dst, payload []byte) []byte {
	return roomOf(dst, len(payload), len(payload)*11/4)
}

// roomOf makes room for so many bytes of JSON of a payload that is large. What
// is there will do if it is about as much.
func roomOf(dst []byte, payload, room int) []byte {
	const large = 64 << 10
	if payload < large || cap(dst)-len(dst) >= room-room/16 {
		return dst
	}
	// slices.Grow would write zeros to all of it, and so have it in memory.
	grown := make([]byte, 0, len(dst)+room)
	hugepage.Advise(grown)
	return append(grown, dst...)
}

func (d *Decoder) reset(payload []byte, careful bool) {
	d.buf = payload
	d.failed, d.wired, d.redone, d.wasted, d.anys, d.noForm = 0, 0, 0, 0, 0, ""
	d.laters = d.laters[:0]
	d.careful = careful || d.hasAll
	d.whole = d.careful
	d.dirty, d.giveUp, d.lenient, d.inside = false, false, false, false
	d.quick = !d.o.Lossless && !d.needPath && !d.careful
	d.unknown, d.pieces, d.records, d.keys = d.unknown[:0], d.pieces[:0], d.records[:0], d.keys[:0]
	d.members, d.bits, d.path, d.extensions = d.members[:0], d.bits[:0], d.path[:0], d.extensions[:0]
	if len(d.groups) > 0 {
		clear(d.groups)
	}
}

func (d *Decoder) top(dst []byte, m *plan.Message) ([]byte, bool) {
	switch {
	case m == nil:
		return d.schemaless(dst)
	case special(m):
		return d.topSpecial(dst, m)
	}
	dst, next := d.message(dst, m, 0, len(d.buf), 1, 0)
	return dst, next >= 0
}

// special says whether the type has a JSON form of its own.
func special(m *plan.Message) bool {
	return m.WellKnown != plan.NotWellKnown && m.WellKnown != plan.Empty
}
