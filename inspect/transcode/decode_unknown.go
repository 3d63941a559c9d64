package transcode

import (
	"encoding/binary"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/inspect/plan"
)

// unknownField is a field that the schema does not know: the payload's bytes
// from start to end, tag included, or, with a number, an element of a packed
// field.
type unknownField struct {
	start, end int
	number     protoreflect.FieldNumber
	value      uint64
}

// keepUnknown notes an unknown field for the end of the message at hand. It is
// false if there may be none.
func (d *Decoder) keepUnknown(start, end int) bool {
	switch d.o.Unknown {
	case KeepUnknown:
		d.unknown = append(d.unknown, unknownField{start: start, end: end})
	case RefuseUnknown:
		return false
	}
	return true
}

// keepElement notes an unnamed number of a closed enum in a packed field: an
// unknown field of its own.
func (d *Decoder) keepElement(f *plan.Field, value uint64) bool {
	d.dirty = d.dirty || d.o.Lossless
	switch d.o.Unknown {
	case KeepUnknown:
		d.unknown = append(d.unknown, unknownField{number: f.Number, value: value})
	case RefuseUnknown:
		return false
	}
	return true
}

// schemaless appends a payload of which no type is known. It is looked through
// first, so that nothing is kept of each field: of two bytes, they may be as
// many as half of the payload's.
func (d *Decoder) schemaless(dst []byte) ([]byte, bool) {
	start, fields := len(dst), 0
	for pos := 0; pos < len(d.buf); fields++ {
		if d.o.Unknown == RefuseUnknown {
			return dst, false
		}
		tag, next := readTag(d.buf, pos)
		if next < 0 || tag>>3 == 0 {
			return dst, false
		}
		if pos = d.skip(d.buf, next, protoreflect.FieldNumber(tag>>3), uint8(tag&7), 1); pos < 0 {
			return dst, false
		}
	}
	dst = roomOf(dst, len(d.buf), len(d.buf)*4/3+fields*fieldText)
	dst = append(dst, `,"@unknown":[`...)
	for pos := 0; pos < len(d.buf); {
		if pos > 0 {
			dst = append(dst, ',')
		}
		dst, pos = d.appendUnknownField(dst, pos)
	}
	dst = append(dst, ']')
	if d.dirty {
		dst = d.appendWire(dst, 0, len(d.buf), 1)
	}
	return braces(dst, start), true
}

// fieldText is about what a field without a name takes beside its value.
const fieldText = len(`{"field":16,"wire":"varint","value":""},`)

// appendUnknown appends the unknown fields from base on and forgets them.
func (d *Decoder) appendUnknown(dst []byte, base int) []byte {
	dst = append(dst, `,"@unknown":[`...)
	for i, u := range d.unknown[base:] {
		if i > 0 {
			dst = append(dst, ',')
		}
		if u.number != 0 {
			dst = append(appendUint(appendFieldHead(dst, uint64(u.number), "varint"), u.value), '"', '}')
			continue
		}
		dst, _ = d.appendUnknownField(dst, u.start)
	}
	d.unknown = d.unknown[:base]
	return append(dst, ']')
}

func appendFieldHead(dst []byte, number uint64, wire string) []byte {
	dst = appendUint(append(dst, `{"field":`...), number)
	dst = append(append(append(dst, `,"wire":"`...), wire...), `","value":`...)
	if wire == "varint" || wire == "i64" {
		dst = append(dst, '"')
	}
	return dst
}

// appendUnknownField appends the field whose tag stands at pos. It has been
// read before, so that nothing can fail.
func (d *Decoder) appendUnknownField(dst []byte, pos int) (out []byte, next int) {
	tag, at := d.unknownTag(pos)
	number := uint64(tag >> 3)
	switch tag & 7 {
	case wireVarint:
		v, next := readVarint(d.buf, at)
		d.note(padded(d.buf, at, next))
		return append(appendUint(appendFieldHead(dst, number, "varint"), v), '"', '}'), next
	case wireI64:
		v := binary.LittleEndian.Uint64(d.buf[at:])
		return append(appendUint(appendFieldHead(dst, number, "i64"), v), '"', '}'), at + 8
	case wireI32:
		v := uint64(binary.LittleEndian.Uint32(d.buf[at:]))
		return append(appendUint(appendFieldHead(dst, number, "i32"), v), '}'), at + 4
	case wireLen:
		start, stop := readLen(d.buf, at)
		d.note(padded(d.buf, at, start))
		dst = appendFieldHead(dst, number, "len")
		return append(appendBase64(dst, d.buf[start:stop]), '}'), stop
	}
	dst = append(appendFieldHead(dst, number, "group"), '[')
	for first := true; ; first = false {
		inner, next := d.unknownTag(at)
		if inner&7 == wireEnd {
			return append(dst, ']', '}'), next
		}
		if !first {
			dst = append(dst, ',')
		}
		dst, at = d.appendUnknownField(dst, at)
	}
}

func (d *Decoder) unknownTag(pos int) (tag uint32, next int) {
	tag, next = readTag(d.buf, pos)
	d.note(padded(d.buf, pos, next))
	return tag, next
}

// note marks the message at hand as one whose bytes encoding would not give.
func (d *Decoder) note(odd bool) {
	if odd && d.o.Lossless {
		d.dirty = true
	}
}

// appendWire appends the bytes of a message that encoding would not give. Where
// every level would carry its own, within each other, the total is held to a
// multiple of the payload: the message then stays dirty, and one around it
// keeps the bytes.
func (d *Decoder) appendWire(dst []byte, start, end, depth int) []byte {
	if depth > 1 && d.wired+d.wasted+end-start > 2*len(d.buf) {
		return dst
	}
	d.wired += end - start
	d.dirty = false
	return appendBase64(append(dst, `,"@wire":`...), d.buf[start:end])
}
