package transcode

import (
	"math"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/inspect/plan"
)

// list encodes a repeated field.
func (e *Encoder) list(n *plan.Name, at, depth int) int {
	doc := e.doc
	if at >= len(doc) || doc[at] != '[' {
		return e.wantHinted(at, "a list", "the field is repeated: put its values in [ and ]")
	}
	at = jsonSpace(doc, at+1)
	if at < len(doc) && doc[at] == ']' {
		return at + 1
	}
	if !n.Field.Packed {
		return e.elements(n, at, depth)
	}
	before := len(e.out)
	e.tag(n)
	m := e.open()
	element := plan.Name{Field: n.Field}
	if at = e.elements(&element, at, depth); at < 0 {
		return -1
	}
	if len(e.out) == m.start {
		e.out = e.out[:before]
		return at
	}
	e.close(m)
	return at
}

func (e *Encoder) elements(n *plan.Name, at, depth int) int {
	for i, more := 0, true; more; i++ {
		if n.TagLen == 0 {
			at, i = e.plainNumbers(n.Field.Kind, at, i)
		}
		next := e.single(n, at, depth, true)
		if next < 0 {
			return e.underIndex(i)
		}
		e.skipped = false
		if at, more = e.afterElement(next, ']'); at < 0 {
			return e.underIndex(i)
		}
	}
	return at
}

// plainNumbers encodes elements of a packed list as long as they are numbers
// of the simplest form with a comma behind; at is the place of the next
// element, i its index.
func (e *Encoder) plainNumbers(kind protoreflect.Kind, at, i int) (nextAt, nextIndex int) {
	doc := e.doc
	low, high := integerLimits(kind)
	for {
		var v uint64
		var end int
		switch kind {
		case protoreflect.BoolKind, protoreflect.EnumKind, protoreflect.FloatKind:
			return at, i
		case protoreflect.DoubleKind:
			var f float64
			f, end = jsonSmallFloat(doc, at, 64)
			v = math.Float64bits(f)
		default:
			var negative bool
			if v, negative, end = jsonSmallInt(doc, at); negative {
				if v > low {
					return at, i
				}
				v = -v
			} else if v > high {
				return at, i
			}
		}
		if end < 0 || end >= len(doc) || doc[end] != ',' {
			return at, i
		}
		e.packed(kind, v)
		at = jsonSpace(doc, end+1)
		i++
	}
}
