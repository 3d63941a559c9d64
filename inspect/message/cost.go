package message

import (
	"math"
	"math/bits"
	"strconv"
	"unicode"
	"unicode/utf8"

	"github.com/pbscope/pbscope/inspect/wire"
)

// Readings are compared by description length: the bits that an encoder made
// for that kind of content would need. What a sender meant is what describes
// the bytes shortest, since bytes that follow no rule of a kind are long in
// its terms. The numbers below are bits, rough on purpose; the test over real
// captures holds their quality.
const (
	// What it takes to say which kind it is: most content is text or message.
	priorMessage = 0.0
	priorString  = 1.0
	priorBytes   = 8.0
	priorVarints = 5.0
	priorFixed   = 9.0

	// overlong is for a varint that is not the shortest: writers make none.
	overlong = 20.0
	// lengthCost is for saying how long content is, beside the content.
	lengthCost = 4.0
	// groupCost is for a group: they are rare.
	groupCost = 10.0
	// specialCost is for the infinities, the usual NaN and the largest numbers.
	specialCost = 14.0
	// sampleBytes and sampleElements are how much of long content its price
	// rests on.
	sampleBytes    = 512
	sampleElements = 32
)

// tagCost is for a field number after another: fields come in ascending
// order, repeated ones in a row, numbers are small.
func tagCost(previous, number wire.Number) float64 {
	const wireTypeCost = 2
	switch {
	case number == previous:
		return wireTypeCost + 1
	case number > previous:
		return wireTypeCost + 1 + gamma(uint64(number-previous))
	}
	return wireTypeCost + 6 + gamma(uint64(number))
}

// gamma is the length of Elias' gamma code of v, which must not be 0.
func gamma(v uint64) float64 { return float64(2*bits.Len64(v) - 1) }

// varintCost is for one varint: small numbers, small negative ones (ten bytes
// long), and milliseconds and microseconds of our time are common.
func varintCost(v uint64) float64 {
	cost := min(gamma(v|1)+1, 10+float64(bits.Len64(v)))
	if int64(v) < 0 {
		return min(cost, 12+gamma(-v))
	}
	return cost
}

// i32Cost is for a fixed 32-bit value: a float, a small integer, or anything.
func i32Cost(v uint32) float64 {
	cost := min(36, 5+signedCost(int64(int32(v))))
	f := float64(math.Float32frombits(v))
	switch exponent := int(v >> 23 & 0xff); {
	case exponent == 0xff && v&(1<<22-1) == 0, math.Abs(f) == math.MaxFloat32:
		cost = min(cost, specialCost)
	case exponent != 0 && exponent != 0xff:
		cost = min(cost, 4+exponentCost(exponent-127)+23, 8+decimalCost(f, 32))
	}
	return cost
}

// i64Cost is the same for 64 bits.
func i64Cost(v uint64) float64 {
	cost := min(70, 5+signedCost(int64(v)), 14+float64(bits.Len64(v)))
	f := math.Float64frombits(v)
	switch exponent := int(v >> 52 & 0x7ff); {
	case exponent == 0x7ff && v&(1<<51-1) == 0, math.Abs(f) == math.MaxFloat64:
		cost = min(cost, specialCost)
	case exponent != 0 && exponent != 0x7ff:
		cost = min(cost, 4+exponentCost(exponent-1023)+52, 8+decimalCost(f, 64))
	}
	return cost
}

func signedCost(v int64) float64 {
	size := uint64(v)
	if v < 0 {
		size = -size
	}
	return gamma(size|1) + 1
}

// exponentCost is for the sign and the binary exponent of a number: most are
// not far from 1.
func exponentCost(exponent int) float64 {
	return 1 + gamma(uint64(max(exponent, -exponent))+1)
}

// decimalCost is for the digits of a number as people write it.
func decimalCost(f float64, size int) float64 {
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

// stringCost prices content as text; ok is false if it is not UTF-8.
func (e *explainer) stringCost(content []byte) (cost float64, ok bool) {
	if !e.spend(len(content)) || !utf8.Valid(content) {
		return 0, false
	}
	head := content[:min(len(content), sampleBytes)]
	for at := 0; at < len(head); {
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
	return cost * float64(len(content)) / float64(max(1, len(head))), true
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

// packedCost prices content as a packed run; ok is false if it is none.
func (e *explainer) packedCost(content []byte, as As) (cost float64, ok bool) {
	if len(content) == 0 {
		return 0, false
	}
	typ, size := packedType(as), 0
	switch as {
	case AsPackedI32:
		size = 4
	case AsPackedI64:
		size = 8
	case AsPackedVarint:
		if content[len(content)-1] >= 0x80 || !e.spend(len(content)) {
			return 0, false
		}
	}
	if size > 0 && len(content)%size != 0 {
		return 0, false
	}
	n, priced, ok := 0, 0, true
	previous := uint64(0)
	elements(content, 0, typ, func(el Element) bool {
		if el.Code != wire.OK {
			ok = false
			return false
		}
		if n < sampleElements {
			cost += elementCost(el, typ, previous, n == 0)
			priced = el.Offset + el.Length
		}
		previous = el.Bits
		n++
		return typ == wire.Varint || n < sampleElements
	})
	return cost * float64(len(content)) / float64(priced), ok
}

// elementCost prices an element by itself or by what it has in common with the
// one before, whichever is less: numbers of one kind are mostly of one size,
// or near each other.
func elementCost(el Element, typ wire.Type, previous uint64, first bool) float64 {
	const choice = 1
	var cost float64
	switch typ {
	case wire.I32:
		cost = i32Cost(uint32(el.Bits))
	case wire.I64:
		cost = i64Cost(el.Bits)
	default:
		cost = choice + min(varintCost(el.Bits), float64(3+7*el.Length))
		if el.Length != wire.SizeVarint(el.Bits) {
			return cost + overlong
		}
		if !first && wire.SizeVarint(previous) == el.Length {
			cost = min(cost, float64(choice+7*el.Length))
		}
	}
	if first {
		return cost
	}
	return min(cost, 2*choice+signedCost(int64(el.Bits-previous)))
}
