package breaking

import (
	"hash/maphash"
	"slices"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/inspect/plan"
)

// pairing says which types of the two sides are the same type: those of one
// full name, and those that were renamed or moved.
type pairing struct {
	types    map[*typ]*typ // old → new
	typeOld  map[*typ]*typ // new → old
	enums    map[protoreflect.FullName]*enum
	enumsOld map[protoreflect.FullName]*enum
}

func pair(old, new *Schema) *pairing {
	p := &pairing{
		types:    make(map[*typ]*typ),
		typeOld:  make(map[*typ]*typ),
		enums:    make(map[protoreflect.FullName]*enum),
		enumsOld: make(map[protoreflect.FullName]*enum),
	}
	for name, o := range old.types {
		if n := new.types[name]; n != nil && o.desc.IsMapEntry() == n.desc.IsMapEntry() {
			p.types[o], p.typeOld[n] = n, o
		}
	}
	for name, o := range old.enums {
		if n := new.enums[name]; n != nil {
			p.enums[name], p.enumsOld[name] = n, o
		}
	}
	p.pairMoved(old, new)
	return p
}

// sameTypes says whether two message types correspond. The entries of two
// maps do by their maps, which are compared at the field.
func (p *pairing) sameTypes(old, new *typ) bool {
	return p.types[old] == new && !old.desc.IsMapEntry()
}

func (p *pairing) sameEnums(old, new *plan.Enum) bool {
	n := p.enums[old.Name]
	return n != nil && n.desc.FullName() == new.Name
}

// pairMoved adds the pairs of a type that is gone and one that is new: the
// only two of one shape, or the only two of that shape and last name.
func (p *pairing) pairMoved(old, new *Schema) {
	oldEnums, newEnums := p.looseEnums(old, p.enums), p.looseEnums(new, p.enumsOld)
	shapes := p.newShaper(old)
	matchShapes(oldEnums, newEnums, shapes.enum,
		func(e *enum) protoreflect.Name { return e.desc.Name() },
		func(o, n *enum) {
			p.enums[o.desc.FullName()], p.enumsOld[n.desc.FullName()] = n, o
		})
	oldTypes, newTypes := p.looseTypes(old, p.types), p.looseTypes(new, p.typeOld)
	if len(oldTypes) == 0 || len(newTypes) == 0 {
		return
	}
	shapes.types(oldTypes, newTypes)
	matchShapes(oldTypes, newTypes, shapes.typ,
		func(t *typ) protoreflect.Name { return t.desc.Name() },
		func(o, n *typ) { p.types[o], p.typeOld[n] = n, o })
}

func (p *pairing) looseTypes(s *Schema, paired map[*typ]*typ) []*typ {
	var loose []*typ
	for _, t := range s.typeOrder {
		if paired[t] == nil {
			loose = append(loose, t.load())
		}
	}
	return loose
}

func (p *pairing) looseEnums(s *Schema, paired map[protoreflect.FullName]*enum) []*enum {
	var loose []*enum
	for _, e := range s.enumOrder {
		if paired[e.desc.FullName()] == nil {
			loose = append(loose, e)
		}
	}
	return loose
}

// matchShapes calls found for each pair that is unique. shape 0 matches none.
func matchShapes[T any](old, new []T, shape func(T) uint64, last func(T) protoreflect.Name, found func(o, n T)) {
	type side struct{ old, new []T }
	classes := make(map[uint64]*side)
	var order []uint64
	class := func(t T) *side {
		s := shape(t)
		if classes[s] == nil {
			classes[s] = &side{}
			order = append(order, s)
		}
		return classes[s]
	}
	for _, o := range old {
		c := class(o)
		c.old = append(c.old, o)
	}
	for _, n := range new {
		c := class(n)
		c.new = append(c.new, n)
	}
	for _, s := range order {
		c := classes[s]
		if s == 0 || len(c.old) == 0 || len(c.new) == 0 {
			continue
		}
		if len(c.old) == 1 && len(c.new) == 1 {
			found(c.old[0], c.new[0])
			continue
		}
		named := make(map[protoreflect.Name]*side)
		for _, o := range c.old {
			n := last(o)
			if named[n] == nil {
				named[n] = &side{}
			}
			named[n].old = append(named[n].old, o)
		}
		for _, t := range c.new {
			if s := named[last(t)]; s != nil {
				s.new = append(s.new, t)
			}
		}
		for _, o := range c.old {
			if s := named[last(o)]; len(s.old) == 1 && len(s.new) == 1 {
				found(o, s.new[0])
			}
		}
	}
}

// shaper gives types of equal shape equal colours. It refines: at first all
// types are alike, then those are that have equal fields with types of equal
// colour, until a round tells no more types apart.
type shaper struct {
	pairs  *pairing
	old    *Schema
	seed   maphash.Seed
	colors map[*typ]uint64
}

// maxRounds bounds the refinement; shapes that differ only deeper than this
// count as equal.
const maxRounds = 64

func (p *pairing) newShaper(old *Schema) *shaper {
	return &shaper{pairs: p, old: old, seed: maphash.MakeSeed(), colors: make(map[*typ]uint64)}
}

func (s *shaper) types(old, new []*typ) {
	all := append(slices.Clone(old), new...)
	for _, t := range all {
		s.colors[t] = 1
	}
	for round, classes := 0, 1; round < maxRounds; round++ {
		next := make(map[*typ]uint64, len(all))
		distinct := make(map[uint64]bool)
		for _, t := range all {
			next[t] = s.color(t)
			distinct[next[t]] = true
		}
		s.colors = next
		if len(distinct) == classes {
			return
		}
		classes = len(distinct)
	}
}

func (s *shaper) typ(t *typ) uint64 {
	if len(t.fields) == 0 {
		return 0
	}
	return s.colors[t]
}

func (s *shaper) color(t *typ) uint64 {
	var h maphash.Hash
	h.SetSeed(s.seed)
	for _, f := range t.fields {
		s.addField(&h, t.schema, f)
	}
	return h.Sum64() | 1
}

func (s *shaper) addField(h *maphash.Hash, schema *Schema, f *plan.Field) {
	h.WriteString(f.ProtoName)
	maphash.WriteComparable(h, int32(f.Number))
	if isMessage(f) {
		maphash.WriteComparable(h, protoreflect.MessageKind) // its encoding is no part of a shape
	} else {
		maphash.WriteComparable(h, f.Kind)
	}
	if f.Map {
		s.addField(h, schema, f.MapKey)
		s.addField(h, schema, f.MapValue)
		return
	}
	switch {
	case f.Enum == nil:
	case s.paired(schema, f.Enum.Name) != "":
		h.WriteString(string(s.paired(schema, f.Enum.Name)))
	default:
		s.addEnum(h, f.Enum.Desc)
	}
	if m := schema.typeOf(f); m != nil {
		if c, ok := s.colors[m]; ok {
			maphash.WriteComparable(h, c)
		} else {
			h.WriteString(string(m.desc.FullName()))
		}
	}
}

// paired is the old name of an enum that corresponds to one of the other side,
// which then is one type whatever its values; "" for one that does not.
func (s *shaper) paired(schema *Schema, name protoreflect.FullName) protoreflect.FullName {
	if schema == s.old {
		if s.pairs.enums[name] == nil {
			return ""
		}
		return name
	}
	if old := s.pairs.enumsOld[name]; old != nil {
		return old.desc.FullName()
	}
	return ""
}

func (s *shaper) enum(e *enum) uint64 {
	if e.desc.Values().Len() == 0 {
		return 0
	}
	var h maphash.Hash
	h.SetSeed(s.seed)
	s.addEnum(&h, e.desc)
	return h.Sum64() | 1
}

func (s *shaper) addEnum(h *maphash.Hash, e protoreflect.EnumDescriptor) {
	for i := range e.Values().Len() {
		v := e.Values().Get(i)
		h.WriteString(string(v.Name()))
		maphash.WriteComparable(h, int32(v.Number()))
	}
}
