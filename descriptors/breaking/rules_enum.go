package breaking

import (
	"encoding/hex"
	"fmt"
	"iter"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/inspect/plan"
	"github.com/pbscope/pbscope/inspect/wire"
)

func enumRules() []Rule {
	return []Rule{{
		ID: "ENUM_VALUES_SWAPPED", Categories: data, Severity: "break",
		Summary: "Two enum values took each other's numbers: each is read as the other.",
		Mend:    "give both values their old numbers back",
		Old:     `enum E { NONE = 0; BUY = 1; SELL = 2; } message M { E e = 1; }`,
		New:     `enum E { NONE = 0; SELL = 1; BUY = 2; } message M { E e = 1; }`,
		enum:    valuesSwapped,
	}, {
		ID: "ENUM_VALUE_RENUMBERED", Categories: data, Severity: "break",
		Summary: "An enum value stands at another number: the old one means nothing, or another value.",
		Mend:    "give the value its old number back",
		Old:     `enum E { NONE = 0; BUY = 1; } message M { E e = 1; }`,
		New:     `enum E { NONE = 0; BUY = 3; } message M { E e = 1; }`,
		enum:    valueRenumbered,
	}, {
		ID: "ENUM_VALUE_NUMBER_REUSED", Categories: data, Severity: "risk",
		Summary: "A number has a value of an unlike name: what was written as the one is read as the other.",
		Mend:    "give the new value a number that was never used, and reserve the old one",
		Old:     `enum E { NONE = 0; BUY = 1; } message M { E e = 1; }`,
		New:     `enum E { NONE = 0; CANCEL = 1; } message M { E e = 1; }`,
		enum:    valueReused,
	}, {
		ID: "ENUM_VALUE_DELETED_NOT_RESERVED", Categories: data, Severity: "risk",
		Summary: "An enum value is gone and its number is free to be used for something else.",
		Mend:    "reserve the number",
		Old:     `enum E { NONE = 0; BUY = 1; } message M { E e = 1; }`,
		New:     `enum E { NONE = 0; } message M { E e = 1; }`,
		enum:    valueDeleted,
	}}
}

// enumPair is an enum on both sides.
type enumPair struct {
	oldDesc, newDesc protoreflect.EnumDescriptor
	old, new         *plan.Enum
	values           []value2
	byName           map[protoreflect.Name]protoreflect.EnumValueDescriptor // of the new side
	moves            map[protoreflect.Name]int32                            // to the new number
}

// value2 is a name with its numbers on both sides.
type value2 struct {
	name     protoreflect.Name
	old, new protoreflect.EnumValueDescriptor
}

func newEnumPair(c *comparison, old, new *enum) *enumPair {
	p := &enumPair{oldDesc: old.desc, newDesc: new.desc, old: c.old.plans.Enum(old.desc), new: c.new.plans.Enum(new.desc)}
	p.moves = make(map[protoreflect.Name]int32)
	p.byName = make(map[protoreflect.Name]protoreflect.EnumValueDescriptor)
	for i := range new.desc.Values().Len() {
		v := new.desc.Values().Get(i)
		p.byName[v.Name()] = v
	}
	for i := range old.desc.Values().Len() {
		v := old.desc.Values().Get(i)
		w := p.byName[v.Name()]
		p.values = append(p.values, value2{v.Name(), v, w})
		if w != nil && v.Number() != w.Number() && p.hurts(int32(v.Number()), int32(w.Number())) {
			p.moves[v.Name()] = int32(w.Number())
		}
	}
	return p
}

// hurts says whether readers notice that a name went from one number to
// another: with aliases both sides may still know it at both.
func (p *enumPair) hurts(from, to int32) bool {
	return !sharesName(p.old, from, p.new, from) || !sharesName(p.new, to, p.old, to)
}

// swapped is the value that took v's number while v took its number.
func (p *enumPair) swapped(v value2) protoreflect.Name {
	for _, name := range namesOf(p.new, int32(v.old.Number())) {
		if to, ok := p.moves[name]; ok && to == int32(v.old.Number()) {
			if from, ok := p.old.Number([]byte(name)); ok && from == int32(v.new.Number()) {
				return name
			}
		}
	}
	return ""
}

func valuesSwapped(c *comparison, p *enumPair) {
	for _, v := range p.values {
		if _, ok := p.moves[v.name]; !ok {
			continue
		}
		other := p.swapped(v)
		if other == "" || v.old.Number() > v.new.Number() {
			continue
		}
		f := c.found(v.new, v.old, fmt.Sprintf("%s and %s of %s swapped their numbers %d and %d",
			v.name, other, p.newDesc.FullName(), v.old.Number(), v.new.Number()))
		f.Contents = []string{elementName(v.new), string(p.newDesc.FullName()) + "." + string(other)}
		c.valueMoved(f, p, v)
	}
}

func valueRenumbered(c *comparison, p *enumPair) {
	for _, v := range p.values {
		if _, ok := p.moves[v.name]; !ok || p.swapped(v) != "" {
			continue
		}
		f := c.found(v.new, v.old, fmt.Sprintf("%s moved from number %d to %d", elementName(v.new), v.old.Number(), v.new.Number()))
		c.valueMoved(f, p, v)
	}
}

func (c *comparison) valueMoved(f *Finding, p *enumPair, v value2) {
	from, to := int32(v.old.Number()), int32(v.new.Number())
	if !sharesName(p.old, from, p.new, from) {
		f.hurts[0] = c.enumHurt(c.old, c.new, p.old, p.new, from)
		f.Why = "new readers of old data: " + string(v.name) + " is read as " + called(p.new, from)
	}
	if !sharesName(p.new, to, p.old, to) {
		f.hurts[1] = c.enumHurt(c.new, c.old, p.new, p.old, to)
		if f.Why != "" {
			f.Why += "; "
		}
		f.Why += "old readers of new data: " + string(v.name) + " is read as " + called(p.old, to)
	}
}

func called(e *plan.Enum, number int32) string {
	if names := namesOf(e, number); names != nil {
		return string(names[0])
	}
	return "the unnamed number " + itoa(number)
}

// enumHurt shows a value in the first field that holds the enum on both
// sides, else the value by itself.
func (c *comparison) enumHurt(w, r *Schema, we, re *plan.Enum, number int32) hurt {
	return hurt{Break, func() *Witness {
		for t, f := range c.holders(w, we, re) {
			other := c.partner(t)
			payload, ok := c.complete(t, other, f, c.enumRecords(f, number))
			if witness := c.witness(t, other, payload); ok && witness != nil {
				return witness
			}
		}
		return c.bareEnumWitness(w, we, re, number)
	}}
}

// holders are the messages of w's side that have the enum we in a field, the
// first one, where the message that corresponds has re.
func (c *comparison) holders(w *Schema, we, re *plan.Enum) iter.Seq2[*typ, *plan.Field] {
	return func(yield func(*typ, *plan.Field) bool) {
		for _, t := range w.typeOrder {
			other := c.partner(t)
			if other == nil {
				continue
			}
			if f := holding(t.load(), other.load(), we, re); f != nil && !yield(t, f) {
				return
			}
		}
	}
}

// partner is the type of the other side that corresponds, nil for none.
func (c *comparison) partner(t *typ) *typ {
	if t.schema == c.new {
		return c.pairs.typeOld[t]
	}
	return c.pairs.types[t]
}

// holding is a field of w that has the enum we, and re in r.
func holding(w, r *typ, we, re *plan.Enum) *plan.Field {
	for _, f := range w.fields {
		g := r.number[f.Number]
		if g == nil || f.Map != g.Map {
			continue
		}
		from, to := f.Enum, g.Enum
		if f.Map {
			from, to = f.MapValue.Enum, g.MapValue.Enum
		}
		if from != nil && from.Name == we.Name && to != nil && to.Name == re.Name {
			return f
		}
	}
	return nil
}

// enumRecords is a field, or one entry of a map, with an enum's number.
func (c *comparison) enumRecords(f *plan.Field, number int32) []byte {
	v := wire.AppendVarint(nil, uint64(int64(number)))
	if !f.Map {
		return c.records(f, v)
	}
	key, _ := c.ordinaryField(f.MapKey, 0)
	return c.records(f, append(key, c.records(f.MapValue, v)...))
}

// bareEnumWitness is the number alone, of an enum that no message of both
// sides holds.
func (c *comparison) bareEnumWitness(w *Schema, we, re *plan.Enum, number int32) *Witness {
	text := func(e *plan.Enum) []byte {
		if quoted := e.Quoted(number); quoted != nil {
			return quoted
		}
		return []byte(itoa(number))
	}
	side := "old"
	if w == c.new {
		side = "new"
	}
	return &Witness{Type: string(we.Name), WrittenBy: side, Bytes: hex.EncodeToString(wire.AppendVarint(nil, uint64(int64(number)))),
		Written: text(we), Read: text(re)}
}

// unlikeValues says whether no name of a number in one enum is like one in the
// other. Names that only gained or lost the enum's name are alike, and the
// zero values are.
func (c *comparison) unlikeValues(x, y *plan.Enum, number int32) bool {
	if number == 0 {
		return false
	}
	for _, a := range namesOf(x, number) {
		for _, b := range namesOf(y, number) {
			if alike(string(a), string(b)) || fold(unprefixed(x, a)) == fold(unprefixed(y, b)) {
				return false
			}
		}
	}
	return true
}

// unprefixed is a value's name without the enum's name before it.
func unprefixed(e *plan.Enum, name protoreflect.Name) string {
	prefix, rest := fold(string(e.Name.Name())), fold(string(name))
	if len(rest) > len(prefix) && rest[:len(prefix)] == prefix {
		return rest[len(prefix):]
	}
	return rest
}

func valueReused(c *comparison, p *enumPair) {
	told := make(map[int32]bool)
	for _, v := range p.values {
		n := int32(v.old.Number())
		names := namesOf(p.new, n)
		if names == nil || told[n] || sharesName(p.old, n, p.new, n) || !c.unlikeValues(p.old, p.new, n) || p.touched(n, names) {
			continue
		}
		told[n] = true
		at := p.byName[names[0]]
		f := c.found(at, v.old, fmt.Sprintf("number %d of %s was %s and is %s", n, p.newDesc.FullName(), v.name, at.Name()))
		f.Why = fmt.Sprintf("a value written as %s is read as %s", v.name, at.Name())
		f.hurts[0].severity, f.hurts[1].severity = Risk, Risk
	}
}

// touched says whether a number changed hands by a value that moved, which is
// told already.
func (p *enumPair) touched(n int32, names []protoreflect.Name) bool {
	for _, name := range names {
		if _, ok := p.moves[name]; ok {
			return true
		}
	}
	for _, name := range namesOf(p.old, n) {
		if _, ok := p.moves[name]; ok {
			return true
		}
	}
	return false
}

func valueDeleted(c *comparison, p *enumPair) {
	told := make(map[int32]bool)
	ranges := sortedRanges(enumRanges(p.newDesc.ReservedRanges()))
	for _, v := range p.values {
		n := v.old.Number()
		if told[int32(n)] || p.new.Quoted(int32(n)) != nil || holds(ranges, int64(n)) || p.touched(int32(n), nil) {
			continue
		}
		told[int32(n)] = true
		f := c.gone(p.newDesc, v.old, fmt.Sprintf("%s was deleted and its number %d is not reserved", elementName(v.old), n))
		f.Why = "a new value can take the number, and will then be read out of old data"
		f.hurts[0].severity = Risk
		f.Fix, f.Advice = c.reserve(p.newDesc, "reserved "+itoa(n)+";"), ""
	}
}
