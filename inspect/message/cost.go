package message

import (
	"unicode/utf8"

	"github.com/pbscope/pbscope/inspect/price"
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

	// lengthCost is for saying how long content is, beside the content.
	lengthCost = 4.0
	// groupCost is for a group: they are rare.
	groupCost = 10.0
	// sampleElements is how much of long content its price rests on.
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
		return wireTypeCost + 1 + price.Gamma(uint64(number-previous))
	}
	return wireTypeCost + 6 + price.Gamma(uint64(number))
}

// stringCost prices content as text; ok is false if it is not UTF-8.
func (e *explainer) stringCost(content []byte) (cost float64, ok bool) {
	if !e.spend(len(content)) || !utf8.Valid(content) {
		return 0, false
	}
	return price.Text(content), true
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
		cost = price.I32(uint32(el.Bits))
	case wire.I64:
		cost = price.I64(el.Bits)
	default:
		cost = choice + min(price.Varint(el.Bits), float64(3+7*el.Length))
		if el.Length != wire.SizeVarint(el.Bits) {
			return cost + price.Overlong
		}
		if !first && wire.SizeVarint(previous) == el.Length {
			cost = min(cost, float64(choice+7*el.Length))
		}
	}
	if first {
		return cost
	}
	return min(cost, 2*choice+price.Signed(int64(el.Bits-previous)))
}
