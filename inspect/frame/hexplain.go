package frame

import "encoding/binary"

// Eight digits are looked at at once, as the bytes of a 64-bit word. None of
// the sums below carries from one byte into the next, as long as no byte has
// its highest bit set.
const (
	everyByte = 0x0101010101010101
	highBits  = 0x80 * everyByte
)

// letters marks, in the highest bit of each byte, the bytes of x that are A to
// F or a to f.
func letters(x uint64) uint64 {
	y := x | 0x20*everyByte
	return (y + (0x80-'a')*everyByte) &^ (y + (0x80-'g')*everyByte) & highBits
}

// digits marks the bytes of x that are 0 to 9.
func digits(x uint64) uint64 {
	return (x + (0x80-'0')*everyByte) &^ (x + (0x80-':')*everyByte) & highBits
}

// plainHex says that text is an even number of hex digits and nothing else.
func plainHex(text []byte) bool {
	if len(text)%2 != 0 {
		return false
	}
	for ; len(text) >= 8; text = text[8:] {
		x := binary.LittleEndian.Uint64(text)
		if x&highBits != 0 || letters(x)|digits(x) != highBits {
			return false
		}
	}
	all := byte(validHex)
	for _, c := range text {
		all &= hexValues[c]
	}
	return all != 0
}

// decodeHex decodes plain digits into their own memory: the output never
// overtakes the input.
func decodeHex(text []byte) []byte {
	n := len(text) / 2
	at := 0
	for ; 2*at+8 <= len(text); at += 4 {
		x := binary.LittleEndian.Uint64(text[2*at:])
		x = x&(0x0f*everyByte) + 9*(letters(x)>>7)
		x = (x<<4 | x>>8) & 0x00ff00ff00ff00ff
		x = (x | x>>8) & 0x0000ffff0000ffff
		binary.LittleEndian.PutUint32(text[at:], uint32(x|x>>16))
	}
	for ; at < n; at++ {
		text[at] = hexValues[text[2*at]]<<4 | hexValues[text[2*at+1]]&15
	}
	return text[:n:n]
}
