package wire

import "encoding/binary"

// ConsumeVarint reads a varint of up to ten bytes. The tenth byte may only be
// 0 or 1. On Truncated n is len(b); on Overflow it is the bytes up to and with
// the one that cannot be.
func ConsumeVarint(b []byte) (v uint64, n int, code Code) {
	if len(b) > 0 && b[0] < 0x80 {
		return uint64(b[0]), 1, OK
	}
	for i := range b {
		c := b[i]
		if i == MaxVarint-1 && c > 1 {
			return 0, MaxVarint, Overflow
		}
		v |= uint64(c&0x7f) << (7 * i)
		if c < 0x80 {
			return v, i + 1, OK
		}
	}
	return 0, len(b), Truncated
}

// ConsumeTag reads a tag: a varint of up to five bytes and 32 bits. Above that
// it is Overflow, with n the bytes up to and with the one that cannot be. With
// BadNumber and BadType, number and typ are what the bytes say, so that they
// can be shown. A tag that is both has BadNumber.
func ConsumeTag(b []byte) (number Number, typ Type, n int, code Code) {
	var v uint64
	for i := range b {
		c := b[i]
		v |= uint64(c&0x7f) << (7 * i)
		if c < 0x80 {
			return Number(v >> 3 & MaxNumber), Type(v & 7), i + 1, checkTag(v)
		}
		if i == MaxTag-1 {
			return 0, 0, MaxTag, Overflow
		}
	}
	return 0, 0, len(b), Truncated
}

func checkTag(v uint64) Code {
	switch {
	case v > 1<<32-1:
		return Overflow
	case v>>3 == 0:
		return BadNumber
	case v&7 > uint64(I32):
		return BadType
	}
	return OK
}

// ConsumeI32 reads a little-endian 32-bit value.
func ConsumeI32(b []byte) (v uint32, n int, code Code) {
	if len(b) < 4 {
		return 0, len(b), Truncated
	}
	return binary.LittleEndian.Uint32(b), 4, OK
}

// ConsumeI64 reads a little-endian 64-bit value.
func ConsumeI64(b []byte) (v uint64, n int, code Code) {
	if len(b) < 8 {
		return 0, len(b), Truncated
	}
	return binary.LittleEndian.Uint64(b), 8, OK
}

// ConsumeLen reads a length and the bytes that it announces: n is both
// together and content the last part of b[:n]. When the bytes end too early
// the code is Truncated, content what there is and n is len(b); length is
// then what was announced (0 if the length itself is cut or overflows), so
// that Truncated with length > len(content) tells the two apart.
func ConsumeLen(b []byte) (content []byte, length uint64, n int, code Code) {
	length, n, code = ConsumeVarint(b)
	if code != OK {
		return nil, 0, n, code
	}
	if length > uint64(len(b)-n) {
		return b[n:], length, len(b), Truncated
	}
	end := n + int(length)
	return b[n:end], length, end, OK
}

// SkipValue passes over the value of a field whose tag has been read: n is its
// length without the tag. For a group that includes the end-group tag, and
// levels is how many groups may nest, the field's own among them.
func SkipValue(b []byte, number Number, typ Type, levels int) (n int, code Code) {
	switch typ {
	case Varint:
		_, n, code = ConsumeVarint(b)
	case I64:
		_, n, code = ConsumeI64(b)
	case I32:
		_, n, code = ConsumeI32(b)
	case Len:
		_, _, n, code = ConsumeLen(b)
	case Group:
		return skipGroup(b, number, levels)
	case EndGroup:
		return 0, Unmatched
	default:
		return 0, BadType
	}
	return n, code
}

// skipGroup keeps the numbers of the open groups in a list of its own: hostile
// input cannot make it use the goroutine's stack.
func skipGroup(b []byte, number Number, levels int) (n int, code Code) {
	var few [16]Number
	open := append(few[:0], number)
	if levels < 1 {
		return 0, TooDeep
	}
	for n < len(b) {
		number, typ, size, code := ConsumeTag(b[n:])
		if code != OK {
			return n, code
		}
		n += size
		switch typ {
		case Group:
			if len(open) >= levels {
				return n - size, TooDeep
			}
			open = append(open, number)
		case EndGroup:
			if open[len(open)-1] != number {
				return n - size, Unmatched
			}
			if open = open[:len(open)-1]; len(open) == 0 {
				return n, OK
			}
		default:
			size, code := SkipValue(b[n:], number, typ, 0)
			if code != OK {
				return n, code
			}
			n += size
		}
	}
	return n, Truncated
}

// Valid says whether b is a sequence of whole fields with every group closed,
// with at most levels of groups within each other. fields counts those of the
// outermost level. It looks at no length-delimited content, so its work is
// the number of fields and not len(b).
func Valid(b []byte, levels int) (fields int, ok bool) {
	for len(b) > 0 {
		number, typ, n, code := ConsumeTag(b)
		if code != OK {
			return fields, false
		}
		size, code := SkipValue(b[n:], number, typ, levels)
		if code != OK {
			return fields, false
		}
		b = b[n+size:]
		fields++
	}
	return fields, true
}
