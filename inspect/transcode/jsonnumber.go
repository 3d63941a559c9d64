package transcode

import (
	"encoding/binary"
	"math"
	"strconv"
)

// jsonSmallInt reads the integer at doc[at] when it is written plainly: v is
// its magnitude, end the offset after it. end is -1 where the long way has to
// look: fractions, exponents, 2^64 or more, no number.
func jsonSmallInt(doc []byte, at int) (v uint64, negative bool, end int) {
	if at < len(doc) && doc[at] == '-' {
		negative = true
		at++
	}
	start := at
	for at+8 <= len(doc) && at-start < 16 {
		w := binary.LittleEndian.Uint64(doc[at:])
		if !eightDigits(w) {
			break
		}
		v = v*100000000 + parseEight(w)
		at += 8
	}
	for at < len(doc) && doc[at]-'0' <= 9 {
		v = v*10 + uint64(doc[at]-'0')
		at++
	}
	n := at - start
	if n == 0 || n > 19 && !fitsTwenty(doc[start], n, v) || doc[start] == '0' && n > 1 {
		return 0, false, -1
	}
	if at < len(doc) && (doc[at] == '.' || doc[at]|0x20 == 'e') {
		return 0, false, -1
	}
	return v, negative, at
}

// fitsTwenty says whether a number of n digits, more than 19, of which first is
// the first, is below 2^64; v is its value modulo 2^64. One of 20 digits that
// begins with 1 and is not leaves less than 10^19.
func fitsTwenty(first byte, n int, v uint64) bool {
	return n == 20 && first == '1' && v >= 1e19
}

// eightDigits says whether all bytes of w are decimal digits.
func eightDigits(w uint64) bool {
	return (w&(w+0x0606060606060606))&(lowBits*0xf0) == lowBits*0x30
}

// parseEight is the number that eight digits say, the first in the lowest byte.
func parseEight(w uint64) uint64 {
	w -= lowBits * '0'
	w = w*10 + w>>8
	return ((w&0x000000ff000000ff)*0x000f424000000064 + (w>>16&0x000000ff000000ff)*0x0000271000000001) >> 32
}

// What became of a number.
type numberFault uint8

const (
	numberFine numberFault = iota
	numberNone
	numberFraction
	numberRange
)

// jsonInteger is the integer that text, a number as RFC 8259 writes it, stands
// for: exactly, whatever its fraction and exponent look like. Its magnitude
// must be below 2^64.
func jsonInteger(text []byte) (v uint64, negative bool, fault numberFault) {
	if jsonNumberEnd(text, 0) != len(text) || len(text) == 0 {
		return 0, false, numberNone
	}
	if text[0] == '-' {
		negative = true
		text = text[1:]
	}
	point, significant := 0, 0 // places of the decimal point and of the last digit that is not 0
	exponent := 0
	digits := 0
	seenPoint := false
	for i, c := range text {
		switch {
		case c == '.':
			seenPoint = true
		case c-'0' <= 9:
			digits++
			if !seenPoint {
				point = digits
			}
			if c != '0' {
				significant = digits
			}
		default:
			exponent = jsonExponent(text[i+1:])
		}
		if c|0x20 == 'e' {
			break
		}
	}
	if significant == 0 {
		return 0, negative, numberFine
	}
	point += exponent
	if point < significant {
		return 0, negative, numberFraction
	}
	digits = 0
	for _, c := range text {
		if c == '.' {
			continue
		}
		if digits == significant || c-'0' > 9 {
			break
		}
		digits++
		next := v*10 + uint64(c-'0')
		if v > math.MaxUint64/10 || next < v*10 {
			return 0, negative, numberRange
		}
		v = next
	}
	for ; digits < point; digits++ {
		if v > math.MaxUint64/10 {
			return 0, negative, numberRange
		}
		v *= 10
	}
	return v, negative, numberFine
}

// exponentLimit is beyond every exponent that could matter to a number as long
// as memory holds.
const exponentLimit = math.MaxInt32

// jsonExponent reads what follows the letter e, cut to ±exponentLimit.
func jsonExponent(text []byte) int {
	negative := text[0] == '-'
	if negative || text[0] == '+' {
		text = text[1:]
	}
	v := 0
	for _, c := range text {
		if v = v*10 + int(c-'0'); v > exponentLimit {
			v = exponentLimit
			break
		}
	}
	if negative {
		return -v
	}
	return v
}

// jsonFloat is the number at doc[at], rounded to a float of that many bits,
// and the offset after it.
func jsonFloat(doc []byte, at, bitSize int) (v float64, end int, fault numberFault) {
	if v, end = jsonSmallFloat(doc, at, bitSize); end >= 0 {
		return v, end, numberFine
	}
	if end = jsonNumberEnd(doc, at); end < 0 {
		return 0, at, numberNone
	}
	v, err := strconv.ParseFloat(string(doc[at:end]), bitSize)
	if err != nil {
		return 0, at, numberRange
	}
	return v, end, numberFine
}

// jsonSmallFloat reads decimals whose digits and power of ten are both exact
// in the format, so that one division rounds correctly (Clinger's fast path).
// end is -1 for all others.
func jsonSmallFloat(doc []byte, at, bitSize int) (v float64, end int) {
	negative := at < len(doc) && doc[at] == '-'
	if negative {
		at++
	}
	start := at
	var digits uint64
	for at < len(doc) && doc[at]-'0' <= 9 {
		digits = digits*10 + uint64(doc[at]-'0')
		at++
	}
	n := at - start
	if n == 0 || doc[start] == '0' && n > 1 {
		return 0, -1
	}
	places := 0
	if at < len(doc) && doc[at] == '.' {
		at++
		point := at
		for at < len(doc) && doc[at]-'0' <= 9 {
			digits = digits*10 + uint64(doc[at]-'0')
			at++
		}
		if places = at - point; places == 0 {
			return 0, -1
		}
	}
	if n+places > 18 || at < len(doc) && doc[at]|0x20 == 'e' {
		return 0, -1
	}
	if bitSize == 32 {
		if digits > 1<<24 || places > 10 {
			return 0, -1
		}
		v = float64(float32(digits) / float32(powerOfTen(places)))
	} else {
		if digits > 1<<53 {
			return 0, -1
		}
		v = float64(digits) / powerOfTen(places)
	}
	if negative {
		v = -v
	}
	return v, at
}

// powerOfTen is exact: n is 0 to 18.
func powerOfTen(n int) float64 {
	return [...]float64{
		1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18,
	}[n]
}
