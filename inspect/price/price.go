// Package price tells how many bits an encoder made for a kind of content
// would need for a value: small numbers, decimal fractions and text are cheap,
// bytes that follow no rule of the kind are dear.
//
// What a sender meant is what describes the bytes shortest, so readings of the
// same bytes are compared by their prices (Rissanen 1978, "Modeling by shortest
// data description"). inspect/message compares the readings of a field without
// a schema, inspect/identify the types of a schema. The numbers are rough on
// purpose; the tests of both packages over real data hold their quality.
package price

import (
	"math"
	"math/bits"
	"strconv"
	"unicode"
	"unicode/utf8"
)

const (
	// Overlong is for a varint that is not the shortest: writers make none.
	Overlong = 20.0
	// special is for the infinities, the usual NaN and the largest numbers.
	special = 14.0
	// sampleBytes is how much of long text its price rests on.
	sampleBytes = 512
)

// Gamma is the length of Elias' gamma code of v, which must not be 0.
func Gamma(v uint64) float64 { return float64(2*bits.Len64(v) - 1) }

// Unsigned is for a varint of a number that is never negative.
func Unsigned(v uint64) float64 {
	return min(Gamma(v|1)+1, 10+float64(bits.Len64(v)))
}

// Varint is for one varint: small numbers, small negative ones (ten bytes
// long), and milliseconds and microseconds of our time are common.
func Varint(v uint64) float64 {
	cost := Unsigned(v)
	if int64(v) < 0 {
		return min(cost, 12+Gamma(-v))
	}
	return cost
}

// I32 is for a fixed 32-bit value: a float, a small integer, or anything.
func I32(v uint32) float64 {
	return min(36, 5+Signed(int64(int32(v))), Float(v))
}

// I64 is the same for 64 bits.
func I64(v uint64) float64 {
	return min(70, 5+Signed(int64(v)), 14+float64(bits.Len64(v)), Double(v))
}

// Float is for a fixed 32-bit value that is a float; +Inf for bits that hardly
// any float has.
func Float(v uint32) float64 {
	f := float64(math.Float32frombits(v))
	switch exponent := int(v >> 23 & 0xff); {
	case exponent == 0xff && v&(1<<22-1) == 0, math.Abs(f) == math.MaxFloat32:
		return special
	case exponent != 0 && exponent != 0xff:
		return min(4+exponentCost(exponent-127)+23, 8+decimal(f, 32))
	}
	return math.Inf(1)
}

// Double is the same for a fixed 64-bit value.
func Double(v uint64) float64 {
	f := math.Float64frombits(v)
	switch exponent := int(v >> 52 & 0x7ff); {
	case exponent == 0x7ff && v&(1<<51-1) == 0, math.Abs(f) == math.MaxFloat64:
		return special
	case exponent != 0 && exponent != 0x7ff:
		return min(4+exponentCost(exponent-1023)+52, 8+decimal(f, 64))
	}
	return math.Inf(1)
}

// Signed is for a number that may be negative.
func Signed(v int64) float64 {
	size := uint64(v)
	if v < 0 {
		size = -size
	}
	return Gamma(size|1) + 1
}

// exponentCost is for the sign and the binary exponent of a number: most are
// not far from 1.
func exponentCost(exponent int) float64 {
	return 1 + Gamma(uint64(max(exponent, -exponent))+1)
}

// decimal is for the digits of a number as people write it.
func decimal(f float64, size int) float64 {
	var b [32]byte
	digits := 0
	text := strconv.AppendFloat(b[:0], f, 'e', -1, size)
	for i, c := range text {
		if c == 'e' {
			exponent, _ := strconv.Atoi(string(text[i+1:]))
			return 3.4*float64(digits) + exponentCost(exponent)
		}
		if c >= '0' && c <= '9' {
			digits++
		}
	}
	return float64(size)
}

// Text is for content that is valid UTF-8; it looks at the first 512 bytes.
func Text(content []byte) (cost float64) {
	head := content[:min(len(content), sampleBytes)]
	at := 0
	for at < len(head) {
		c := head[at]
		if c < utf8.RuneSelf {
			cost += asciiCost(c)
			at++
			continue
		}
		r, size := utf8.DecodeRune(content[at:])
		cost += runeCost(r, size)
		at += size
	}
	return cost * float64(len(content)) / float64(max(1, len(head)))
}

func asciiCost(c byte) float64 {
	switch {
	case c >= 'a' && c <= 'z', c == ' ':
		return 4.7
	case c >= '0' && c <= '9':
		return 5
	case c >= 'A' && c <= 'Z':
		return 5.5
	case c == '-', c == '_', c == '.', c == '/', c == ':', c == ',', c == '@', c == '=':
		return 6
	case c == '\n', c == '\t', c == '\r':
		return 8
	case c < ' ', c == 0x7f:
		return 16
	}
	return 7
}

func runeCost(r rune, size int) float64 {
	if !unicode.IsPrint(r) {
		return 24
	}
	return 5*float64(size) + 2
}
