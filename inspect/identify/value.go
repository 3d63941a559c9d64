package identify

import (
	"math"
	"math/bits"
	"slices"
	"unicode/utf8"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/inspect/price"
	"github.com/pbscope/pbscope/inspect/wire"
)

// Prices in bits of what a type does not account for. How they stand to each
// other matters: what a decoder refuses costs more than what it keeps as
// unknown, and that more than what a serializer would not have written. The
// benchmark of descriptors over large schemas holds them.
const (
	// unknownNumber is for a field that the type does not have, beside its
	// contents; unknownExtension for one that lies where extensions go;
	// otherWireType for one that the type has with another wire type.
	unknownNumber    = 40.0
	unknownExtension = 8.0
	otherWireType    = 46.0
	// known is by how much a field that the type has is cheaper, whatever it
	// holds that decoders take, than one that the type does not have.
	known = 16.0
	// refused is for content that no decoder takes: a string that is not
	// UTF-8, a message or a packed run that breaks off.
	refused = 50.0
	// missing is for a required field that is not there.
	missing = 30.0
	// outOfRange is for a number that does not fit into its kind: decoders cut
	// it, and no serializer writes it.
	outOfRange = 24.0
	// unnamedClosed is for a number that a closed enum has no name for, which
	// makes it an unknown field; unnamedOpen the same for an open one.
	unnamedClosed = 40.0
	unnamedOpen   = 16.0
	// zeroWritten is for the zero value of a field without presence, and
	// emptyRun for a packed run without elements: serializers leave them out.
	zeroWritten = 16.0
	emptyRun    = 16.0
	// again is for a field that is there twice and not repeated: decoders take
	// the last one.
	again = 14.0
	// otherPacking is for a list that is packed where the schema says not, or
	// the other way about.
	otherPacking = 12.0
	// lonely is for a repeated field that never is there twice.
	lonely = 1.0
	// twoMembers is for messages with more than one field of a oneof.
	twoMembers = 16.0
	// lengthCost is for saying how long content is, beside the content.
	lengthCost = 4.0
	// binary, textual and nested are for saying that a bytes field holds
	// bytes, text, or a message: mostly it holds bytes.
	binary  = 1.0
	textual = 5.0
	nested  = 6.0
)

// signs is what the values of a field say about the sign: no value is negative,
// some are.
func signs(values []uint64, negative func(uint64) bool) (some bool) {
	for _, v := range values {
		if negative(v) {
			return true
		}
	}
	return false
}

// kindPrice is for different values of a scalar kind.
func kindPrice(kind protoreflect.Kind, values *values) float64 {
	cost := 0.0
	for _, v := range values.different {
		cost += valuePrice(kind, v)
	}
	switch kind {
	case protoreflect.Sint32Kind, protoreflect.Sint64Kind:
		if !signs(values.different, func(v uint64) bool { return v&1 == 1 }) {
			// Somebody who chooses these kinds has negative numbers.
			cost += min(2, float64(len(values.different)))
		}
	case protoreflect.Int32Kind, protoreflect.Int64Kind:
		cost += 0.5
	}
	return values.total(cost)
}

// valuePrice is for one value, as it stands on the wire.
func valuePrice(kind protoreflect.Kind, v uint64) float64 {
	switch kind {
	case protoreflect.BoolKind:
		if v > 1 {
			return outOfRange + price.Varint(v)
		}
		return 1
	case protoreflect.Int32Kind, protoreflect.EnumKind:
		if int64(v) != int64(int32(v)) {
			if v>>32 == 0 {
				return outOfRange - 8 + price.Unsigned(v) // a negative one in five bytes
			}
			return outOfRange + price.Varint(v)
		}
		return number32(int64(v))
	case protoreflect.Int64Kind:
		return number64(int64(v))
	case protoreflect.Uint32Kind:
		if v>>32 != 0 {
			return outOfRange + price.Varint(v)
		}
		return min(34, price.Unsigned(v))
	case protoreflect.Sint32Kind:
		if v>>32 != 0 {
			return outOfRange + price.Varint(v)
		}
		return min(35, price.Unsigned(v))
	case protoreflect.Uint64Kind:
		return long(v)
	case protoreflect.Sint64Kind:
		return 1 + long(v)
	case protoreflect.Fixed32Kind:
		return min(36, 5+price.Gamma(v|1))
	case protoreflect.Sfixed32Kind:
		return min(36, 5+price.Signed(int64(int32(v))))
	case protoreflect.FloatKind:
		if v == 0 {
			return 4
		}
		return min(42, price.Float(uint32(v)))
	case protoreflect.Fixed64Kind:
		return min(68, 5+price.Gamma(v|1), 12+float64(bits.Len64(v)))
	case protoreflect.Sfixed64Kind:
		return min(68, 5+price.Signed(int64(v)), 12+float64(bits.Len64(v)))
	case protoreflect.DoubleKind:
		if v == 0 {
			return 4
		}
		return min(76, price.Double(v))
	}
	return math.Inf(1)
}

func number32(v int64) float64 {
	if v < 0 {
		return min(36, 2+price.Unsigned(uint64(-v)))
	}
	return min(34, price.Unsigned(uint64(v)))
}

func number64(v int64) float64 {
	if v < 0 {
		return 2 + long(uint64(-v))
	}
	return long(uint64(v))
}

// long is for a number of 64 bits: those that fit into 32, the seconds of our
// time among them, are hardly rarer there than where there are no others.
func long(v uint64) float64 {
	if v>>32 == 0 {
		return min(35, price.Unsigned(v))
	}
	return min(66, price.Unsigned(v))
}

// enumPrice is for different values of an enum; nil is one that is not known.
func enumPrice(e *Enum, values *values) float64 {
	if e == nil {
		return kindPrice(protoreflect.Int32Kind, values)
	}
	named := 1 + math.Log2(float64(max(1, len(e.Numbers))))
	cost := 0.0
	for _, v := range values.different {
		n := int32(v)
		switch {
		case int64(v) == int64(n) && e.has(n):
			cost += named
		case e.Closed:
			cost += unnamedClosed + price.Varint(v)
		default:
			cost += unnamedOpen + valuePrice(protoreflect.EnumKind, v)
		}
	}
	return values.total(cost)
}

// kindPrice is the price of all a field holds under a kind that is no message
// and no enum. Under a scalar kind, length-delimited contents are packed runs.
func (p *profile) kindPrice(n *node, s *slot, kind protoreflect.Kind) float64 {
	if s.kinds[kind] == 0 {
		s.kinds[kind] = p.newKindPrice(n, s, kind)
	}
	return s.kinds[kind]
}

func (p *profile) newKindPrice(n *node, s *slot, kind protoreflect.Kind) float64 {
	switch {
	case kind == protoreflect.StringKind:
		return s.textPrice(true)
	case kind == protoreflect.BytesKind:
		return p.bytesPrice(n, s)
	case s.typ == wire.Len:
		r := s.elements(wireType(kind))
		return kindPrice(kind, &r.values) + s.runPrice(r)
	}
	return kindPrice(kind, &s.values)
}

// runPrice is for what is wrong with packed contents.
func (s *slot) runPrice(r *run) float64 {
	cost := r.broken.price()
	if s.zero {
		cost += emptyRun
	}
	return cost
}

// textPrice is for contents as text; +Inf if some is not UTF-8 and strict is
// not set.
func (s *slot) textPrice(strict bool) float64 {
	cost := 0.0
	for _, content := range s.contents {
		cost += lengthCost
		switch {
		case utf8.Valid(content):
			cost += price.Text(content)
		case !strict:
			return math.Inf(1)
		default:
			cost += refused + 8*float64(len(content))
		}
	}
	return cost
}

// isText says whether all contents are UTF-8.
func (s *slot) isText() bool {
	return !slices.ContainsFunc(s.contents, func(content []byte) bool { return !utf8.Valid(content) })
}

// bytesPrice is for contents that may be anything.
func (p *profile) bytesPrice(n *node, s *slot) float64 {
	plain := binary
	for _, content := range s.contents {
		plain += lengthCost + 8*float64(len(content))
	}
	cost := min(plain, textual+s.textPrice(false))
	if child := p.messages(n, s); child != nil && s.broken.count == 0 {
		cost = min(cost, nested+p.genericNode(child))
	}
	return cost
}

// generic is the price of what a field holds where its type is not known.
func (p *profile) generic(n *node, s *slot) float64 {
	if s.generic == 0 {
		s.generic = 2 + p.newGeneric(n, s)
	}
	return s.generic
}

func (p *profile) newGeneric(n *node, s *slot) float64 {
	cost := 0.0
	switch s.typ {
	case wire.Varint:
		for _, v := range s.values.different {
			cost += price.Varint(v)
		}
		return s.values.total(cost)
	case wire.I32:
		for _, v := range s.values.different {
			cost += price.I32(uint32(v))
		}
		return s.values.total(cost)
	case wire.I64:
		for _, v := range s.values.different {
			cost += price.I64(v)
		}
		return s.values.total(cost)
	}
	if child := p.messages(n, s); child != nil && s.broken.count == 0 {
		cost = p.genericNode(child)
		if s.typ == wire.Group {
			return cost
		}
		return min(cost, s.textPrice(false), p.kindPrice(n, s, protoreflect.BytesKind))
	}
	return min(s.textPrice(false), p.kindPrice(n, s, protoreflect.BytesKind))
}

// genericNode is the price of messages of a type that is not known.
func (p *profile) genericNode(n *node) float64 {
	if n.generic == 0 {
		n.generic = 1 + n.shape
		for i := range n.slots {
			s := &n.slots[i]
			n.generic += 4 + price.Gamma(uint64(s.number)) + p.generic(n, s)
		}
	}
	return n.generic
}
