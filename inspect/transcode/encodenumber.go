package transcode

import (
	"encoding/binary"
	"math"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/inspect/plan"
)

// number writes an integer the way its kind is written.
func (e *Encoder) number(n *plan.Name, v uint64) {
	e.tag(n)
	e.packed(n.Field.Kind, v)
}

// packed writes a number, or the bits of one, without a tag.
func (e *Encoder) packed(kind protoreflect.Kind, v uint64) {
	switch kind {
	case protoreflect.Sint32Kind, protoreflect.Sint64Kind:
		e.varint(v<<1 ^ uint64(int64(v)>>63))
	case protoreflect.Fixed32Kind, protoreflect.Sfixed32Kind:
		e.out = binary.LittleEndian.AppendUint32(e.out, uint32(v))
	case protoreflect.Fixed64Kind, protoreflect.Sfixed64Kind, protoreflect.DoubleKind:
		e.out = binary.LittleEndian.AppendUint64(e.out, v)
	default:
		e.varint(v)
	}
}

func (e *Encoder) enum(p *plan.Enum, at int) (v int32, next int) {
	switch c := e.doc[at]; {
	case c == '"':
		return e.enumName(p, at)
	case c == 'n' && p.Null:
		return 0, e.literal(at, "null")
	}
	n, next := e.integer(at, protoreflect.EnumKind)
	if next >= 0 && p.Closed && p.Quoted(int32(n)) == nil {
		return 0, e.unnamedNumber(p, at, int32(n))
	}
	return int32(n), next
}

func (e *Encoder) enumName(p *plan.Enum, at int) (v int32, next int) {
	name, next := e.str(at)
	if next < 0 {
		return 0, -1
	}
	v, ok := p.Number(name)
	if ok {
		return v, next
	}
	if e.o.IgnoreUnknownKeys {
		e.skipped = true
		return 0, next
	}
	return 0, e.unknownEnumName(p, at, name)
}

// integer reads an integer of that kind, as a number or in a string; v is in
// two's complement.
func (e *Encoder) integer(at int, kind protoreflect.Kind) (v uint64, next int) {
	doc := e.doc
	start := at
	quoted := doc[at] == '"'
	if quoted {
		at++
	}
	v, negative, next := jsonSmallInt(doc, at)
	if next >= 0 && quoted {
		if next < len(doc) && doc[next] == '"' {
			next++
		} else {
			next = -1
		}
	}
	if next < 0 {
		if v, negative, next = e.longInteger(start, kind); next < 0 {
			return 0, -1
		}
	}
	low, high := integerLimits(kind)
	if negative {
		if v > low {
			return 0, e.outOfRange(start, next, kind)
		}
		return -v, next
	}
	if v > high {
		return 0, e.outOfRange(start, next, kind)
	}
	return v, next
}

// integerLimits are the magnitudes of the lowest and the highest value.
func integerLimits(kind protoreflect.Kind) (low, high uint64) {
	switch kind {
	case protoreflect.Uint32Kind, protoreflect.Fixed32Kind:
		return 0, math.MaxUint32
	case protoreflect.Uint64Kind, protoreflect.Fixed64Kind:
		return 0, math.MaxUint64
	case protoreflect.Int64Kind, protoreflect.Sint64Kind, protoreflect.Sfixed64Kind:
		return 1 << 63, math.MaxInt64
	}
	return 1 << 31, math.MaxInt32
}

// longInteger reads what is not plainly written: fractions, exponents,
// escapes in the string.
func (e *Encoder) longInteger(at int, kind protoreflect.Kind) (v uint64, negative bool, next int) {
	text, next := e.numberText(at)
	if next < 0 {
		return 0, false, e.want(at, integerName(kind))
	}
	v, negative, fault := jsonInteger(text)
	switch fault {
	case numberFraction:
		return 0, false, e.failValue(at, "expected "+integerName(kind)+", found "+e.found(at)+", which has a fraction")
	case numberRange:
		return 0, false, e.outOfRange(at, next, kind)
	case numberNone:
		return 0, false, e.want(at, integerName(kind))
	}
	return v, negative, next
}

// numberText is the text of a number, which may stand in a string; next is -1
// if there is none, and a problem is set only if it is the string's.
func (e *Encoder) numberText(at int) (text []byte, next int) {
	if e.doc[at] == '"' {
		return e.str(at)
	}
	if next = jsonNumberEnd(e.doc, at); next < 0 {
		return nil, -1
	}
	return e.doc[at:next], next
}

// float reads a number of that many bits, in a string perhaps, or the name of
// a value that is no number.
func (e *Encoder) float(at, bitSize int) (v float64, next int) {
	if e.doc[at] != '"' {
		v, next, fault := jsonFloat(e.doc, at, bitSize)
		if fault != numberFine {
			return 0, e.badFloat(at, bitSize, fault)
		}
		return v, next
	}
	text, next := e.str(at)
	if next < 0 {
		return 0, -1
	}
	switch string(text) {
	case "NaN":
		return quietNaN(), next
	case "Infinity":
		return math.Inf(1), next
	case "-Infinity":
		return math.Inf(-1), next
	}
	v, end, fault := jsonFloat(text, 0, bitSize)
	if fault == numberFine && end != len(text) {
		fault = numberNone
	}
	if fault != numberFine {
		return 0, e.badFloat(at, bitSize, fault)
	}
	return v, next
}
