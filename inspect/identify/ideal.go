package identify

import (
	"math"
	"slices"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/inspect/wire"
)

// ideal is the price under a type that was made for the profile: it has the
// fields that are there, each of the kind that suits what it holds. nothing is
// the price under a type that has none of them. Between the two lies what a
// type can do for the bytes.
func (p *profile) ideal(n *node) float64 {
	if n.ideal == 0 {
		n.ideal = n.shape + math.Log2(float64(len(n.slots)+1))
		for i := range n.slots {
			n.ideal += p.idealSlot(n, &n.slots[i])
		}
	}
	return n.ideal
}

func (p *profile) nothing(n *node) float64 {
	cost := n.shape
	for i := range n.slots {
		s := &n.slots[i]
		cost += unknownNumber + times(s.messages) + p.generic(n, s)
	}
	return cost
}

func (p *profile) idealSlot(n *node, s *slot) float64 {
	cost := math.Inf(1)
	for _, kind := range idealKinds(s.typ) {
		cost = min(cost, p.kindPrice(n, s, kind))
	}
	if s.typ == wire.Varint {
		cost = min(cost, idealEnum(&s.values))
	}
	if s.typ != wire.Len && s.typ != wire.Group {
		return cost
	}
	if child := p.messages(n, s); child != nil {
		cost = min(cost, p.ideal(child)+s.broken.price())
	}
	if math.IsInf(cost, 1) {
		return p.generic(n, s)
	}
	return cost
}

func idealKinds(typ wire.Type) []protoreflect.Kind {
	switch typ {
	case wire.I32:
		return []protoreflect.Kind{protoreflect.Fixed32Kind, protoreflect.Sfixed32Kind, protoreflect.FloatKind}
	case wire.I64:
		return []protoreflect.Kind{protoreflect.Fixed64Kind, protoreflect.Sfixed64Kind, protoreflect.DoubleKind}
	case wire.Len:
		return []protoreflect.Kind{protoreflect.StringKind, protoreflect.BytesKind, protoreflect.Int64Kind,
			protoreflect.FloatKind, protoreflect.DoubleKind}
	case wire.Group:
		return nil
	}
	return []protoreflect.Kind{protoreflect.Int32Kind, protoreflect.Int64Kind, protoreflect.Uint64Kind, protoreflect.Sint64Kind, protoreflect.BoolKind}
}

// smallEnum is the highest number that is taken for one of an enum.
const smallEnum = 10

// idealEnum is for values as numbers of an enum that has no others, which is
// likely where they are small.
func idealEnum(values *values) float64 {
	if len(values.different) == 0 || slices.Max(values.different) > smallEnum {
		return math.Inf(1)
	}
	n := float64(len(values.different))
	return values.total(n * (1 + math.Log2(n)))
}
