package wire

import "encoding/binary"

// AppendVarint appends v in the shortest form.
func AppendVarint(dst []byte, v uint64) []byte {
	for v >= 0x80 {
		dst = append(dst, byte(v)|0x80)
		v >>= 7
	}
	return append(dst, byte(v))
}

// AppendTag appends the tag of a field; number must be 1 to MaxNumber.
func AppendTag(dst []byte, number Number, typ Type) []byte {
	return AppendVarint(dst, uint64(number)<<3|uint64(typ))
}

// AppendI32 appends v little-endian.
func AppendI32(dst []byte, v uint32) []byte { return binary.LittleEndian.AppendUint32(dst, v) }

// AppendI64 appends v little-endian.
func AppendI64(dst []byte, v uint64) []byte { return binary.LittleEndian.AppendUint64(dst, v) }

// AppendLen appends the length of content and content.
func AppendLen(dst, content []byte) []byte {
	return append(AppendVarint(dst, uint64(len(content))), content...)
}

// SizeVarint is how many bytes AppendVarint appends for v: 1 to 10.
func SizeVarint(v uint64) int {
	n := 1
	for v >= 0x80 {
		v >>= 7
		n++
	}
	return n
}
