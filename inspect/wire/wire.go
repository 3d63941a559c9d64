// Package wire reads and writes the protobuf wire format: tags and values,
// piece by piece, without a schema and with nothing allocated.
//
// Functions are pure. Consume functions look at the front of b and return how
// many bytes they took; a Code other than OK says why they could not, and the
// count is then the number of bytes that belong to the broken piece (what was
// looked at before reading became impossible). Append functions are their
// inverses and write the shortest form. What is accepted here is what every
// protobuf parser must accept: varints of up to ten bytes, whether or not they
// are the shortest spelling, and tags of up to five.
//
// The explaining engine (inspect/message) reads through this package; the fast
// engine (inspect/transcode) has loops of its own for the same rules.
package wire

import (
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/inspect/span"
)

// Type is a wire type: the low three bits of a tag.
type Type uint8

// The wire types. Six and seven do not exist.
const (
	Varint   Type = 0
	I64      Type = 1
	Len      Type = 2
	Group    Type = 3 // the start-group tag, and so the whole group
	EndGroup Type = 4
	I32      Type = 5
)

// String is the name of the wire type in output: varint, i64, len, group,
// end-group, i32; "invalid" for 6 and 7.
func (t Type) String() string {
	switch t {
	case Varint:
		return "varint"
	case I64:
		return "i64"
	case Len:
		return "len"
	case Group:
		return "group"
	case EndGroup:
		return "end-group"
	case I32:
		return "i32"
	}
	return "invalid"
}

// Limits of the format (protobuf encoding specification).
const (
	// MaxNumber is the highest field number.
	MaxNumber = 1<<29 - 1
	// MaxVarint is the most bytes of a varint, MaxTag those of a tag.
	MaxVarint = 10
	MaxTag    = 5
)

// Code says how reading a piece ended.
type Code uint8

// The codes. All but OK are problems; Tag maps them to the output contract.
const (
	OK Code = iota
	// Truncated: the bytes end within the piece.
	Truncated
	// Overflow: a varint that goes on after ten bytes or does not fit into 64
	// bits, a tag that goes on after five bytes or does not fit into 32 bits.
	Overflow
	// BadNumber: a tag with field number 0.
	BadNumber
	// BadType: a tag with wire type 6 or 7.
	BadType
	// Unmatched: an end-group tag where no such group is open.
	Unmatched
	// TooDeep: groups nested deeper than the limit.
	TooDeep
)

// Tag is the code's tag in the output contract; "" for OK.
func (c Code) Tag() span.Tag {
	switch c {
	case Truncated:
		return span.Truncated
	case Overflow:
		return span.VarintOverflow
	case BadNumber:
		return span.InvalidTag
	case BadType:
		return span.InvalidWireType
	case Unmatched:
		return span.UnmatchedGroup
	case TooDeep:
		return span.TooDeep
	}
	return ""
}

// Number is a field number, 1 to MaxNumber.
type Number = protoreflect.FieldNumber

// ZigZag is the sint32 or sint64 encoding of n: 0, -1, 1, -2 become 0, 1, 2, 3.
func ZigZag(n int64) uint64 { return uint64(n<<1) ^ uint64(n>>63) }

// UnZigZag is the inverse of ZigZag.
func UnZigZag(v uint64) int64 { return int64(v>>1) ^ -int64(v&1) }
