package breaking

import (
	"bytes"
	"fmt"
	"math"
	"strconv"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/inspect/plan"
	"github.com/pbscope/pbscope/inspect/wire"
)

// effect is what readers of one direction get of a field or message that
// writers of the other side wrote.
type effect struct {
	severity Severity
	// sample shows it: for a field, its records; for a message, all of it.
	// Written by the direction's writer. nil for a risk.
	sample []byte
	// which names the values that are hit, how what becomes of them.
	which, how string
	// reuse: the risk is that a number holds an unlike name.
	reuse bool
}

// outcome is the effects of both directions.
type outcome struct{ backward, forward effect }

func (o outcome) severity() Severity { return max(o.backward.severity, o.forward.severity) }

// candidate is a content of a field that is tried on the reader.
type candidate struct {
	records  []byte
	ordinary bool
	which    string
}

// try writes what w can hold, reads it by r and tells the worst that happens.
// must says that every value of w's enum has to be one of r's (backward, where
// the types do not correspond).
func (c *comparison) try(w, r *plan.Field, must bool) effect {
	worst, more := effect{}, 0
	for _, t := range c.candidates(w, r) {
		how, hit := c.tryOne(w, r, t.records, must)
		if !hit {
			continue
		}
		if t.ordinary {
			return effect{severity: Break, sample: t.records, which: "every value", how: how}
		}
		if worst.severity == None {
			worst = effect{severity: Lossy, sample: t.records, which: t.which, how: how}
		} else if !strings.Contains(worst.which, t.which) && !(above(t.which) && above(worst.which)) {
			if len(worst.which) < maxWhich {
				worst.which += ", " + t.which
			} else {
				more++
			}
		}
	}
	if more > 0 {
		worst.which += fmt.Sprintf(" and %d more", more)
	}
	return worst
}

// maxWhich is how long the list of values that are hit may grow.
const maxWhich = 80

// above: the lowest bound says it for all.
func above(which string) bool { return strings.Contains(which, "numbers above") }

func (c *comparison) tryOne(w, r *plan.Field, records []byte, must bool) (how string, hit bool) {
	meant, _ := read(w, w.Number, records)
	got, refused := read(r, w.Number, records)
	if refused != "" {
		return "the reader refuses the message: " + string(refused), true
	}
	if w.Enum != nil && r.Enum != nil {
		same := c.sameEnums(w.Enum, r.Enum)
		for _, v := range meant {
			if r.Enum.Quoted(v.int32()) == nil {
				// An added or deleted value is silent; that a type lacks
				// one which takes another's place is not, nor that it has
				// the name elsewhere.
				_, moved := elsewhere(w.Enum, v.int32(), r.Enum)
				return fmt.Sprintf("%s has no value %d", r.Enum.Name, v.int32()), !same && (must || moved || c.options.StrictEnums && r.Enum.Closed)
			}
		}
		if same && equalLists(w, r, plainNumbers(meant), plainNumbers(got)) {
			return "", false // what values are called is the enum rules' business
		}
	}
	if equalLists(w, r, meant, got) {
		return "", false
	}
	return becomes(w, r, meant, got), true
}

func (c *comparison) sameEnums(a, b *plan.Enum) bool {
	return c.pairs.sameEnums(a, b) || c.pairs.sameEnums(b, a)
}

func plainNumbers(values []value) []value {
	plain := make([]value, len(values))
	for i, v := range values {
		v.enum = nil
		plain[i] = v
	}
	return plain
}

// becomes says what the reader has in place of what was meant.
func becomes(w, r *plan.Field, meant, got []value) string {
	switch {
	case len(got) == 0 && (!singular(r) || isMessage(r) || wireType(w.Kind) != wireType(r.Kind) || w.Packed):
		return "the reader does not see it"
	case len(got) == 0:
		return "the reader drops it"
	case len(got) == 1 && len(meant) > 1 && isMessage(r) && singular(r):
		return "the reader merges them into one"
	case len(got) < len(meant) && r.Map:
		return "the reader keeps the last entry of each key"
	case len(got) < len(meant):
		return "the reader keeps the last one only"
	}
	return show(meant[0]) + " is read as " + show(got[0])
}

func show(v value) string {
	switch {
	case v.enum != nil:
		if names := namesOf(v.enum, v.int32()); names != nil {
			return string(names[0])
		}
	case v.real:
		return strconv.FormatFloat(v.float, 'g', -1, 64)
	case v.bytes != nil && isMessageKind(v.kind):
		return fmt.Sprintf("the message %x", v.bytes)
	case v.bytes != nil:
		return strconv.Quote(string(v.bytes))
	}
	if v.negative {
		return "-" + strconv.FormatUint(v.magnitude, 10)
	}
	return strconv.FormatUint(v.magnitude, 10)
}

func isMessageKind(k protoreflect.Kind) bool {
	return k == protoreflect.MessageKind || k == protoreflect.GroupKind
}

// content is one value without its tag: raw for scalars, the bytes of text
// and messages without their length.
type content struct {
	bytes    []byte
	ordinary bool
	which    string
}

// candidates are contents of w: an ordinary one first, then such as can hit
// a reader that is narrower; each in its shortest form.
func (c *comparison) candidates(w, r *plan.Field) []candidate {
	var all []candidate
	contents := c.contents(w, r)
	for _, v := range contents {
		all = append(all, candidate{c.records(w, v.bytes), v.ordinary, v.which})
	}
	if singular(w) || len(contents) == 0 {
		return all
	}
	first := seenContent(w, r, contents)
	switch {
	case w.Map:
		if other := c.otherEntry(w, first); other != nil {
			all = append(all, candidate{c.records(w, first, other), false, "a second entry"})
		}
	case r.Map:
		all = append(all, candidate{c.records(w, first, first), false, "a repeated key"})
	default:
		all = append(all, candidate{c.records(w, first, first), false, "a second element"})
	}
	return all
}

// seenContent is the first content, of an enum the first value that the
// reader's enum has too: others are silently lost, as deleted values are.
func seenContent(w, r *plan.Field, contents []content) []byte {
	if w.Enum == nil || r.Enum == nil {
		return contents[0].bytes
	}
	for _, c := range contents {
		if v, _, _ := wire.ConsumeVarint(c.bytes); r.Enum.Quoted(int32(v)) != nil {
			return c.bytes
		}
	}
	return contents[0].bytes
}

// records writes a field with the given contents as its schema says.
func (c *comparison) records(w *plan.Field, contents ...[]byte) []byte {
	var dst []byte
	if w.Packed && w.Packable {
		return wire.AppendLen(wire.AppendTag(dst, w.Number, wire.Len), bytes.Join(contents, nil))
	}
	for _, b := range contents {
		typ := wireType(w.Kind)
		dst = wire.AppendTag(dst, w.Number, typ)
		switch typ {
		case wire.Len:
			dst = wire.AppendLen(dst, b)
		case wire.Group:
			dst = wire.AppendTag(append(dst, b...), w.Number, wire.EndGroup)
		default:
			dst = append(dst, b...)
		}
	}
	return dst
}

func (c *comparison) contents(w, r *plan.Field) []content {
	switch w.Kind {
	case protoreflect.StringKind:
		all := []content{{[]byte("a"), true, ""}}
		if !w.UTF8 {
			all = append(all, content{[]byte{0xff}, false, "text that is not UTF-8"})
		}
		return all
	case protoreflect.BytesKind:
		return []content{{[]byte("a"), true, ""}, {[]byte{0xff}, false, "bytes that are not UTF-8"}}
	case protoreflect.MessageKind, protoreflect.GroupKind:
		if m, ok := c.ordinary(c.schemaOf(w).typeOf(w), 0); ok {
			return []content{{m, true, ""}}
		}
		return nil
	case protoreflect.FloatKind:
		return []content{float32Content(1, true, ""), float32Content(1.5, false, "fractions"), float32Content(1e30, false, "large numbers")}
	case protoreflect.DoubleKind:
		return []content{float64Content(1, true, ""), float64Content(1.5, false, "fractions"), float64Content(1e30, false, "large numbers"),
			float64Content(1.0/3, false, "numbers that 32 bits round"), float64Content(1e300, false, "numbers above 3.4e38")}
	case protoreflect.EnumKind:
		all := enumContents(w)
		if c.options.StrictEnums && !w.Enum.Closed && r.Enum != nil && r.Enum.Closed && !c.sameEnums(w.Enum, r.Enum) {
			all = append(all, content{wire.AppendVarint(nil, max(unnamedNumber(w.Enum), unnamedNumber(r.Enum))), false, "numbers without a name"})
		}
		return all
	}
	return integerContents(w, r)
}

func float32Content(x float32, ordinary bool, which string) content {
	return content{wire.AppendI32(nil, math.Float32bits(x)), ordinary, which}
}

func float64Content(x float64, ordinary bool, which string) content {
	return content{wire.AppendI64(nil, math.Float64bits(x)), ordinary, which}
}

// enumContents are the named numbers, positive ones first (the first of them is
// an ordinary value) and the default last: what is not zero says more.
func enumContents(w *plan.Field) []content {
	var positive, others []content
	values := w.Enum.Desc.Values()
	first := protoreflect.EnumNumber(w.Enum.First)
	for i := range min(values.Len(), maxEnumValues) {
		v := values.Get(i)
		c := content{wire.AppendVarint(nil, uint64(int64(v.Number()))), false, "the value " + string(v.Name())}
		switch {
		case v.Number() == first:
		case v.Number() > 0:
			c.ordinary = len(positive) == 0
			positive = append(positive, c)
		default:
			others = append(others, c)
		}
	}
	name := "the first value"
	if values.Len() > 0 {
		name = "the value " + string(values.Get(0).Name())
	}
	all := append(positive, others...)
	return append(all, content{wire.AppendVarint(nil, uint64(int64(first))), len(all) == 0, name})
}

// maxEnumValues bounds how many values of an enum are tried.
const maxEnumValues = 10000

// number is an integer of any 64-bit type.
type number struct {
	negative  bool
	magnitude uint64
}

// integerContents tries the edges of all the ranges that readers may have.
func integerContents(w, r *plan.Field) []content {
	candidates := []number{
		{false, 1}, {false, 2}, {true, 1}, {false, 1 << 31}, {false, 1 << 32}, {true, 1<<31 + 1},
		{false, math.MaxInt64}, {false, 1 << 63}, {false, math.MaxUint64}, {true, 1 << 63},
	}
	switch r.Kind {
	case protoreflect.FloatKind:
		candidates = append(candidates, number{false, 1<<24 + 1})
	case protoreflect.DoubleKind:
		candidates = append(candidates, number{false, 1<<53 + 1})
	}
	if r.Enum != nil {
		candidates = append(candidates, number{false, unnamedNumber(r.Enum)})
	}
	var all []content
	for _, n := range candidates {
		if b, ok := encodeInteger(w.Kind, n); ok {
			all = append(all, content{b, n == candidates[0], n.class(r)})
		}
	}
	return all
}

// unnamedNumber is the smallest positive number that has no name.
func unnamedNumber(e *plan.Enum) uint64 {
	for n := int32(1); n < math.MaxInt32; n++ {
		if e.Quoted(n) == nil {
			return uint64(n)
		}
	}
	return 0
}

// class names the numbers that n stands for before the reader r.
func (n number) class(r *plan.Field) string {
	switch {
	case r.Kind == protoreflect.BoolKind:
		return "numbers other than 0 and 1"
	case r.Enum != nil && r.Enum.Closed:
		return "numbers that " + string(r.Enum.Name) + " does not name"
	case r.Kind == protoreflect.FloatKind && n.magnitude == 1<<24+1, r.Kind == protoreflect.DoubleKind && n.magnitude == 1<<53+1:
		return "numbers above " + strconv.FormatUint(n.magnitude-1, 10)
	case n.negative && n.magnitude <= 1<<31:
		return "negative numbers"
	case n.negative:
		return "numbers below -2147483648"
	case n.magnitude > math.MaxInt64:
		return "numbers above 9223372036854775807"
	case n.magnitude > math.MaxUint32:
		return "numbers above 4294967295"
	}
	return "numbers above 2147483647"
}

// encodeInteger is n in the encoding of kind; ok is false where the kind
// cannot hold it.
func encodeInteger(k protoreflect.Kind, n number) (b []byte, ok bool) {
	low, high := rangeOf(k)
	if n.negative && n.magnitude > low || !n.negative && n.magnitude > high {
		return nil, false
	}
	v := n.magnitude
	if n.negative {
		v = -v
	}
	switch k {
	case protoreflect.Sint32Kind, protoreflect.Sint64Kind:
		return wire.AppendVarint(nil, v<<1^uint64(int64(v)>>63)), true
	case protoreflect.Fixed32Kind, protoreflect.Sfixed32Kind:
		return wire.AppendI32(nil, uint32(v)), true
	case protoreflect.Fixed64Kind, protoreflect.Sfixed64Kind:
		return wire.AppendI64(nil, v), true
	}
	return wire.AppendVarint(nil, v), true
}

// rangeOf is the magnitude of the lowest and the highest number of a kind.
func rangeOf(k protoreflect.Kind) (low, high uint64) {
	switch k {
	case protoreflect.BoolKind:
		return 0, 1
	case protoreflect.Int32Kind, protoreflect.Sint32Kind, protoreflect.Sfixed32Kind:
		return 1 << 31, math.MaxInt32
	case protoreflect.Uint32Kind, protoreflect.Fixed32Kind:
		return 0, math.MaxUint32
	case protoreflect.Uint64Kind, protoreflect.Fixed64Kind:
		return 0, math.MaxUint64
	}
	return 1 << 63, math.MaxInt64
}
