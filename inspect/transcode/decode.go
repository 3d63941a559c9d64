package transcode

import (
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
	// after them, and map entries by key.
	Sort bool
	// Lossless adds "@wire" where encoding would not give the same bytes.
	Lossless bool
	// MaxDepth is how many levels of messages and groups may nest, the top one
	// being the first; 0 is DefaultMaxDepth. An entry of a map is no level.
	MaxDepth int
}

// Decoder turns messages into JSON. It keeps buffers from one message to the
// next and is not safe for concurrent use.
type Decoder struct {
	o        Options
	maxDepth int
	base     int64
}

// NewDecoder is a decoder with its own buffers.
func NewDecoder(o Options) *Decoder {
	d := &Decoder{o: o, maxDepth: o.MaxDepth, base: span.Unknown}
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
// in order. The output is at most a few hundred bytes and one longest key of
// the schema for each byte of payload.
func (d *Decoder) Append(dst []byte, m *plan.Message, payload []byte) (out []byte, failed int, ok bool) {
	return dst, 0, false
}
