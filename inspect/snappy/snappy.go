// Package snappy reads and writes the snappy format: blocks, and the framed
// streams that gRPC sends. It stands in for a library that costs every command
// a fifth of a millisecond at start-up.
package snappy

import (
	"encoding/binary"
	"errors"
)

// What can be wrong with compressed data.
var (
	ErrCorrupt  = errors.New("the snappy data is damaged")
	ErrTooLarge = errors.New("the decompressed data is above the limit")
)

// AppendDecoded appends what the block src holds, at most limit bytes (the
// format description of google/snappy): the length as a varint, then literals
// and copies.
func AppendDecoded(dst, src []byte, limit int64) ([]byte, error) {
	size, n := binary.Uvarint(src)
	if n <= 0 {
		return dst, ErrCorrupt
	}
	src = src[n:]
	// A copy of 64 bytes takes three: no block holds more than its length allows.
	if size > 22*uint64(len(src))+64 {
		return dst, ErrCorrupt
	}
	if int64(size) > limit {
		return dst, ErrTooLarge
	}
	start, end := len(dst), len(dst)+int(size)
	if cap(dst) < end {
		dst = append(make([]byte, 0, end), dst...)
	}
	for len(src) > 0 {
		tag := src[0]
		if tag&3 == 0 {
			length, used := literal(src)
			if used == 0 || length > len(src)-used || length > end-len(dst) {
				return dst, ErrCorrupt
			}
			dst = append(dst, src[used:used+length]...)
			src = src[used+length:]
			continue
		}
		length, offset, used := copyOf(src)
		if used == 0 || offset == 0 || offset > len(dst)-start || length > end-len(dst) {
			return dst, ErrCorrupt
		}
		dst = appendCopy(dst, offset, length)
		src = src[used:]
	}
	if len(dst) != end {
		return dst, ErrCorrupt
	}
	return dst, nil
}

// literal is the length of the literal whose tag src begins with, and
// the length of the tag; 0 if it is cut.
func literal(src []byte) (length, used int) {
	length = int(src[0] >> 2)
	if length < 60 {
		return length + 1, 1
	}
	used = length - 58 // 2, 3, 4 or 5 bytes with the tag
	if len(src) < used {
		return 0, 0
	}
	length = 0
	for i := used - 1; i > 0; i-- {
		length = length<<8 | int(src[i])
	}
	return length + 1, used
}

// copyOf is the copy whose tag src begins with; used is 0 if it is cut.
func copyOf(src []byte) (length, offset, used int) {
	tag := int(src[0])
	switch {
	case tag&3 == 1 && len(src) >= 2:
		return 4 + tag>>2&7, tag>>5<<8 | int(src[1]), 2
	case tag&3 == 2 && len(src) >= 3:
		return 1 + tag>>2, int(binary.LittleEndian.Uint16(src[1:])), 3
	case tag&3 == 3 && len(src) >= 5:
		return 1 + tag>>2, int(binary.LittleEndian.Uint32(src[1:])), 5
	}
	return 0, 0, 0
}

// appendCopy repeats length bytes from offset bytes back; the copy may overlap
// what it writes.
func appendCopy(dst []byte, offset, length int) []byte {
	for length > 0 {
		n := min(offset, length)
		dst = append(dst, dst[len(dst)-offset:len(dst)-offset+n]...)
		length -= n
		offset += n // what was copied repeats what lies before it
	}
	return dst
}

// blockSize is how much is compressed at once: copies then fit into two
// bytes of offset, as every encoder of the format has it.
const blockSize = 1 << 16

// AppendEncoded appends src as one block.
func AppendEncoded(dst, src []byte) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(src)))
	var table [1 << 14]uint16
	for len(src) > 0 {
		n := min(len(src), blockSize)
		clear(table[:])
		dst = appendBlock(dst, src[:n], &table)
		src = src[n:]
	}
	return dst
}

// appendBlock finds repeats with a table of where each hash of four
// bytes was last seen, and looks less often the longer it finds none.
func appendBlock(dst, src []byte, table *[1 << 14]uint16) []byte {
	lit, s := 0, 1
	for s+4 <= len(src) {
		word := binary.LittleEndian.Uint32(src[s:])
		slot := &table[word*0x9e3779b1>>18]
		at := int(*slot)
		*slot = uint16(s)
		if at >= s || binary.LittleEndian.Uint32(src[at:]) != word {
			s += 1 + (s-lit)>>5
			continue
		}
		n := 4
		for s+n < len(src) && src[at+n] == src[s+n] {
			n++
		}
		dst = appendLiteral(dst, src[lit:s])
		dst = appendCopies(dst, s-at, n)
		s += n
		lit = s
	}
	return appendLiteral(dst, src[lit:])
}

func appendLiteral(dst, lit []byte) []byte {
	switch n := len(lit) - 1; {
	case n < 0:
		return dst
	case n < 60:
		dst = append(dst, byte(n<<2))
	case n < 1<<8:
		dst = append(dst, 60<<2, byte(n))
	default:
		dst = append(dst, 61<<2, byte(n), byte(n>>8))
	}
	return append(dst, lit...)
}

func appendCopies(dst []byte, offset, length int) []byte {
	for length > 0 {
		n := min(length, 64)
		dst = append(dst, byte(n-1)<<2|2, byte(offset), byte(offset>>8))
		length -= n
	}
	return dst
}
