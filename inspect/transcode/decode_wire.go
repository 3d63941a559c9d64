package transcode

import (
	"encoding/binary"
	"math/bits"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// The wire types, as plan.Field.WireType has them.
const (
	wireVarint = 0
	wireI64    = 1
	wireLen    = 2
	wireGroup  = 3
	wireEnd    = 4
	wireI32    = 5
)

// refused is what functions that read return for a position when the payload
// cannot be read.
const refused = -1

const maxNumber = 1<<29 - 1

// readVarint is the varint at b[at:] and the position after it, or refused.
func readVarint(b []byte, at int) (uint64, int) {
	if at < len(b) {
		if c := b[at]; c < 0x80 {
			return uint64(c), at + 1
		}
	}
	return readLongVarint(b, at)
}

func readLongVarint(b []byte, at int) (uint64, int) {
	if at+8 <= len(b) {
		w := binary.LittleEndian.Uint64(b[at:])
		if stop := ^w & 0x8080808080808080; stop != 0 {
			n := uint(bits.TrailingZeros64(stop)) + 1 // bits, 8 a byte
			w &= ^uint64(0) >> (64 - n)
			return packSevens(w), at + int(n>>3)
		}
	}
	var v uint64
	for shift := uint(0); shift < 70; shift += 7 {
		if at >= len(b) {
			return 0, refused
		}
		c := b[at]
		at++
		if c < 0x80 {
			if shift == 63 && c > 1 {
				return 0, refused
			}
			return v | uint64(c)<<shift, at
		}
		v |= uint64(c&0x7f) << shift
	}
	return 0, refused
}

// packSevens joins the low seven bits of each byte of w.
func packSevens(w uint64) uint64 {
	w &= 0x7f7f7f7f7f7f7f7f
	w = w&0x007f007f007f007f | w&0x7f007f007f007f00>>1
	w = w&0x00003fff00003fff | w&0x3fff00003fff0000>>2
	return w&0x000000000fffffff | w&0x0fffffff00000000>>4
}

// readLongTag is a tag of more than one byte; it has at most five and a
// number up to maxNumber.
func readLongTag(b []byte, at int) (tag uint32, next int) {
	var v uint64
	for i := 0; i < 5 && at+i < len(b); i++ {
		c := b[at+i]
		v |= uint64(c&0x7f) << (7 * i)
		if c < 0x80 {
			if v>>3 > maxNumber {
				return 0, refused
			}
			return uint32(v), at + i + 1
		}
	}
	return 0, refused
}

func readTag(b []byte, at int) (tag uint32, next int) {
	if at < len(b) && b[at] < 0x80 {
		return uint32(b[at]), at + 1
	}
	return readLongTag(b, at)
}

// padded says whether the varint b[at:next] is longer than it need be.
func padded(b []byte, at, next int) bool { return next-at > 1 && b[next-1] == 0 }

// readLen is the content of a length-delimited value at b[at:]; stop is
// refused if the length cannot be.
func readLen(b []byte, at int) (start, stop int) {
	var n uint64
	if at < len(b) && b[at] < 0x80 {
		n, start = uint64(b[at]), at+1
	} else {
		n, start = readLongVarint(b, at)
	}
	if start < 0 || n > uint64(len(b)-start) {
		return 0, refused
	}
	return start, start + int(n)
}

// skip is the position after the value at b[at:] of a field whose tag has been
// read, or refused. depth is the level of the message that the field is in.
func (d *Decoder) skip(b []byte, at int, number protoreflect.FieldNumber, wire uint8, depth int) int {
	switch wire {
	case wireVarint:
		_, at = readVarint(b, at)
		return at
	case wireI64:
		at += 8
	case wireI32:
		at += 4
	case wireLen:
		_, at = readLen(b, at)
		return at
	case wireGroup:
		return d.skipGroup(b, at, number, depth)
	default:
		return refused
	}
	if at > len(b) {
		return refused
	}
	return at
}

// skipGroup keeps the open groups in a list, so that hostile input does not
// use the goroutine's stack.
func (d *Decoder) skipGroup(b []byte, at int, number protoreflect.FieldNumber, depth int) int {
	if depth >= d.maxDepth {
		return refused
	}
	base := len(d.numbers)
	d.numbers = append(d.numbers, number)
	for len(d.numbers) > base {
		tag, next := readTag(b, at)
		if next < 0 || tag>>3 == 0 {
			return d.unwind(base)
		}
		number, at = protoreflect.FieldNumber(tag>>3), next
		switch wire := uint8(tag & 7); wire {
		case wireGroup:
			if depth+len(d.numbers)-base >= d.maxDepth {
				return d.unwind(base)
			}
			d.numbers = append(d.numbers, number)
		case wireEnd:
			if d.numbers[len(d.numbers)-1] != number {
				return d.unwind(base)
			}
			d.numbers = d.numbers[:len(d.numbers)-1]
		default:
			if at = d.skip(b, at, number, wire, 0); at < 0 {
				return d.unwind(base)
			}
		}
	}
	return at
}

func (d *Decoder) unwind(base int) int {
	d.numbers = d.numbers[:base]
	return refused
}

// groupEnd is where a group's content ends and where its end-group tag does.
type groupEnd struct{ content, next int }

// endOf finds the end of the group whose content begins at at. The ends of
// the groups within are remembered: whoever looks for the end of every group
// on every level still reads each byte once.
func (d *Decoder) endOf(b []byte, at int, number protoreflect.FieldNumber, depth int) (groupEnd, bool) {
	if end, ok := d.groups[at]; ok {
		return end, true
	}
	if d.groups == nil {
		d.groups = make(map[int]groupEnd)
	}
	base, starts := len(d.numbers), len(d.pieces)
	defer func() { d.numbers, d.pieces = d.numbers[:base], d.pieces[:starts] }()
	d.numbers, d.pieces = append(d.numbers, number), append(d.pieces, piece{start: at})
	for {
		tag, next := readTag(b, at)
		if next < 0 || tag>>3 == 0 {
			return groupEnd{}, false
		}
		number := protoreflect.FieldNumber(tag >> 3)
		switch wire := uint8(tag & 7); wire {
		case wireGroup:
			if depth+len(d.numbers)-base > d.maxDepth {
				return groupEnd{}, false
			}
			d.numbers, d.pieces = append(d.numbers, number), append(d.pieces, piece{start: next})
		case wireEnd:
			last := len(d.numbers) - 1
			if d.numbers[last] != number {
				return groupEnd{}, false
			}
			end := groupEnd{content: at, next: next}
			d.groups[d.pieces[len(d.pieces)-1].start] = end
			d.numbers, d.pieces = d.numbers[:last], d.pieces[:len(d.pieces)-1]
			if last == base {
				return end, true
			}
		default:
			if next = d.skip(b, next, number, wire, 0); next < 0 {
				return groupEnd{}, false
			}
		}
		at = next
	}
}
