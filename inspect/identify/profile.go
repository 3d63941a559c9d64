package identify

import (
	"math"
	"slices"

	"github.com/pbscope/pbscope/inspect/wire"
)

const (
	// maxValues and maxContents are how many different values, and different
	// contents of length-delimited fields, are kept of a field. More would say
	// little more.
	maxValues   = 64
	maxContents = 256
	// maxFields is how many different fields are kept of messages in one place.
	maxFields = 4096
	// maxLevels is how deep messages within messages are looked into: most
	// parsers refuse those that nest deeper.
	maxLevels = 100
)

// profile is what samples have in common: for each field of their messages,
// and of the messages within them, what it holds.
type profile struct {
	top    *node
	nodes  int
	budget int // bytes that may still be read as nested messages
}

// node is the messages that stand in one place: the samples themselves, or
// what a field of theirs holds.
type node struct {
	id       int
	level    int
	messages int
	slots    []slot // by ascending number and wire type
	// disorder is how many messages have a field after one of a higher number.
	disorder int
	places   map[uint64]int // number and wire type → index in slots

	generic float64 // see genericNode; 0: not known yet
	ideal   float64
	// shape is the bits that say which messages have which fields.
	shape float64
}

// slot is a field of a node under one of its wire types.
type slot struct {
	number wire.Number
	typ    wire.Type
	// messages is how many messages have the field, repeated how many of them
	// have it more than once; last and again are the last ones, from 1.
	messages, repeated, records int
	last, again                 int
	values                      values   // of varints and fixed numbers
	contents                    [][]byte // different ones; length-delimited, or groups without their tags
	known                       map[string]bool
	zero                        bool // some value or content is zero or empty

	kinds   [19]float64 // price by kind; 0: not known yet
	generic float64
	read    bool // child and broken are known
	child   *node
	broken  broken // contents that are no message
	packed  [wire.I32 + 1]*run
}

// readingBudget is how many bytes of n may be looked at as nested messages:
// each byte once for each level that it lies under. Only bytes made to nest
// deeply come near it.
func readingBudget(n int) int { return 64*n + 64<<10 }

// newProfile reads samples; those that are not in the wire format are left
// out, and damaged says which.
func newProfile(samples [][]byte) (p *profile, damaged []bool) {
	p = new(profile)
	p.top = p.newNode(1)
	damaged = make([]bool, len(samples))
	for i, sample := range samples {
		p.budget += len(sample)
		if _, ok := wire.Valid(sample, maxLevels); !ok {
			damaged[i] = true
			continue
		}
		p.top.add(sample)
	}
	p.budget = readingBudget(p.budget)
	p.top.sort()
	return p, damaged
}

func (p *profile) newNode(level int) *node {
	p.nodes++
	return &node{id: p.nodes, level: level, places: make(map[uint64]int)}
}

// add adds a message, which must be valid.
func (n *node) add(message []byte) {
	n.messages++
	var last wire.Number
	disorder := false
	for len(message) > 0 {
		number, typ, head, _ := wire.ConsumeTag(message)
		message = message[head:]
		size, _ := wire.SkipValue(message, number, typ, maxLevels)
		disorder = disorder || number < last
		last = number
		if s := n.slot(number, typ); s != nil {
			s.add(n.messages, message[:size])
		}
		message = message[size:]
	}
	if disorder {
		n.disorder++
	}
}

// slot is the place of a field; nil where there are too many.
func (n *node) slot(number wire.Number, typ wire.Type) *slot {
	key := uint64(number)<<3 | uint64(typ)
	i, ok := n.places[key]
	if !ok {
		if len(n.slots) >= maxFields {
			return nil
		}
		i = len(n.slots)
		n.places[key] = i
		n.slots = append(n.slots, slot{number: number, typ: typ})
	}
	return &n.slots[i]
}

// sort ends the adding.
func (n *node) sort() {
	n.places = nil
	slices.SortFunc(n.slots, func(a, b slot) int {
		if a.number != b.number {
			return int(a.number) - int(b.number)
		}
		return int(a.typ) - int(b.typ)
	})
	for i := range n.slots {
		s := &n.slots[i]
		s.known = nil
		n.shape += float64(n.messages)*entropy(float64(s.messages)/float64(n.messages)) + float64(s.records-s.messages)
	}
	n.shape += 6 * float64(n.disorder)
}

// entropy is the bits that say whether something happens that happens in a
// share p of all cases.
func entropy(p float64) float64 {
	if p <= 0 || p >= 1 {
		return 0
	}
	return -p*math.Log2(p) - (1-p)*math.Log2(1-p)
}

// add adds a value of message number in, without its tag.
func (s *slot) add(in int, value []byte) {
	s.records++
	if s.last != in {
		s.last = in
		s.messages++
	} else if s.again != in {
		s.again = in
		s.repeated++
	}
	switch s.typ {
	case wire.Varint:
		v, _, _ := wire.ConsumeVarint(value)
		s.value(v)
	case wire.I32:
		v, _, _ := wire.ConsumeI32(value)
		s.value(uint64(v))
	case wire.I64:
		v, _, _ := wire.ConsumeI64(value)
		s.value(v)
	case wire.Len:
		content, _, _, _ := wire.ConsumeLen(value)
		s.content(content)
	case wire.Group:
		end := wire.SizeVarint(uint64(s.number)<<3 | uint64(wire.EndGroup))
		s.content(value[:max(0, len(value)-end)])
	}
}

func (s *slot) value(v uint64) {
	s.zero = s.zero || v == 0
	s.values.add(v)
}

// values are the numbers that a field holds.
type values struct {
	// different are the different ones, the first maxValues of them.
	different []uint64
	// again is how many were there already, more how many were not kept.
	again, more int
}

func (s *values) add(v uint64) {
	switch {
	case slices.Contains(s.different, v):
		s.again++
	case len(s.different) >= maxValues:
		s.more++
	default:
		s.different = append(s.different, v)
	}
}

// total makes the price of all values out of that of the different ones: those
// that come again only have to be chosen.
func (s *values) total(different float64) float64 {
	n := float64(len(s.different))
	if n == 0 {
		return 0
	}
	return different*(1+float64(s.more)/n) + float64(s.again)*math.Log2(n+1)
}

func (s *slot) content(content []byte) {
	s.zero = s.zero || len(content) == 0
	if len(s.contents) >= maxContents || s.known[string(content)] {
		return
	}
	if s.known == nil {
		s.known = make(map[string]bool)
	}
	s.known[string(content)] = true
	s.contents = append(s.contents, content)
}

// broken is contents that cannot be read in some way.
type broken struct{ count, bytes int }

func (b *broken) add(rest []byte) {
	b.count++
	b.bytes += len(rest)
}

// price is for contents that no decoder takes, and for the bytes in them that
// are not read.
func (b broken) price() float64 { return refused*float64(b.count) + 8*float64(b.bytes) }

// messages are the contents of a field as messages, nil if none of them can be
// read as one, or not within the budget; s.broken is how many cannot.
func (p *profile) messages(n *node, s *slot) *node {
	if s.read {
		return s.child
	}
	s.read = true
	child := p.newNode(n.level + 1)
	for _, content := range s.contents {
		if n.level >= maxLevels || len(content) > p.budget {
			return nil
		}
		p.budget -= len(content)
		if _, ok := wire.Valid(content, maxLevels); !ok {
			s.broken.add(content)
			continue
		}
		child.add(content)
	}
	if child.messages > 0 {
		child.sort()
		s.child = child
	}
	return s.child
}

// run is the elements of packed contents.
type run struct {
	values values
	broken broken // contents that are no such run
}

// elements are the contents of a field as packed runs of a wire type.
func (s *slot) elements(typ wire.Type) *run {
	if s.packed[typ] != nil {
		return s.packed[typ]
	}
	r := new(run)
	var all slot
	for _, content := range s.contents {
		for len(content) > 0 {
			n, code := wire.SkipValue(content, 1, typ, 0)
			if code != wire.OK {
				r.broken.add(content)
				break
			}
			all.typ = typ
			all.add(0, content[:n])
			content = content[n:]
		}
	}
	r.values = all.values
	s.packed[typ] = r
	return r
}
