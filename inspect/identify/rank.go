package identify

import (
	"math/bits"
	"slices"
)

// Options say what Rank does.
type Options struct {
	// Limit is how many candidates are wanted; 0 is 10. Types that tie with the
	// last one are counted in Candidate.Tied and left out.
	Limit int
	// Keep, when set, says whether a type, by its full name, is compared.
	Keep func(name string) bool
}

const defaultLimit = 10

// Result is what became of samples.
type Result struct {
	// Candidates are the types that describe the samples best, best first.
	// Among types that tie the order is that of their prices, then of their
	// names.
	Candidates []Candidate
	// Samples is how many there were. Damaged of them are not in the wire
	// format, and fail under every type; Empty have no bytes, and fit every
	// type without required fields.
	Samples, Damaged, Empty int
	// Compared is how many types were compared.
	Compared int

	table *Table
	list  []scored // cheapest first
}

// Place is the rank of the type of that full name; 0 if it was not compared or
// is worse than the candidates and what ties with them.
func (r *Result) Place(name string) int {
	start := 0
	for i, s := range r.list {
		if s.cost > r.list[start].cost+tie {
			start = i
		}
		if r.table.Types[s.typ].Name == name {
			return start + 1
		}
	}
	return 0
}

// Candidate is a type with what speaks for it.
type Candidate struct {
	Type string
	// Score is 0 to 1: of what a type made for the samples would explain about
	// them, the share that this one does. 0 is what a type does that knows none
	// of their fields.
	Score float64
	// Unknown is how many fields of the samples, those of nested messages among
	// them, the type does not know. Samples that fail do not count.
	Unknown int
	// Samples is how many samples were compared, Failed how many of them do
	// not decode.
	Samples, Failed int
	// Rank is 1 for the best. Types that tie have the same one.
	Rank int
	// Tied is how many types have that rank, this one among them.
	Tied int
	// Bits is how many bits describe the samples in the type's terms: less is
	// better. It compares types over the same samples.
	Bits float64
}

// Fitting are the candidates that explain every sample that is in the wire
// format: all decode, no field is unknown, and the score is not far below that of
// the best candidate.
func (r *Result) Fitting() []Candidate {
	var fit []Candidate
	for _, c := range r.Candidates {
		if r.Damaged < r.Samples && c.Failed == r.Damaged && c.Unknown == 0 && c.Score >= max(fitting, r.Candidates[0].Score/2) {
			fit = append(fit, c)
		}
	}
	return fit
}

// fitting is the least score of a type that fits. Below it hardly anything but
// that it decodes speaks for a type. Types of many fields of which few are in
// use have scores of a half.
const fitting = 0.2

// tie is by how many bits prices may differ for types to tie: the evidence for
// the better one is then not "strong" (Kass and Raftery, "Bayes factors", 1995:
// one describes the samples less than twenty times as well as the other). A
// field that happened to be absent from three samples makes no more than that.
const tie = 4.322

// scored is a type with its price.
type scored struct {
	typ  int32
	cost float64
}

// Rank compares the candidates of t over samples. The same samples give the
// same result.
func (t *Table) Rank(samples [][]byte, o Options) *Result {
	p, damaged := newProfile(samples)
	r := &Result{Samples: len(samples)}
	sound := make([][]byte, 0, len(samples))
	for i, sample := range samples {
		switch {
		case damaged[i]:
			r.Damaged++
			continue
		case len(sample) == 0:
			r.Empty++
		}
		sound = append(sound, sample)
	}
	if o.Limit <= 0 {
		o.Limit = defaultLimit
	}
	list := t.prices(p, o, r)
	if len(sound) == 0 {
		return r
	}
	r.table, r.list = t, list
	t.candidates(p, list, o.Limit, sound, r)
	return r
}

// prices are the types that can be among the best, cheapest first.
func (t *Table) prices(p *profile, o Options, r *Result) []scored {
	queue := t.byMisfits(p.top, o, r)
	m := newMatcher(p, t)
	var list []scored
	best := newLowest(o.Limit)
	for misfits, types := range queue {
		if best.full() && float64(misfits)*unknownNumber > best.bound()+tie {
			break
		}
		for _, typ := range types {
			cost := m.price(p.top, typ)
			best.add(cost)
			list = append(list, scored{typ, cost})
		}
	}
	if best.full() {
		limit := best.bound() + tie
		list = slices.DeleteFunc(list, func(s scored) bool { return s.cost > limit })
	}
	slices.SortFunc(list, func(a, b scored) int {
		switch {
		case a.cost < b.cost:
			return -1
		case a.cost > b.cost:
			return 1
		case t.Types[a.typ].Name < t.Types[b.typ].Name:
			return -1
		case t.Types[a.typ].Name > t.Types[b.typ].Name:
			return 1
		}
		return 0
	})
	return list
}

// byMisfits are the candidates by how many fields of the samples they
// certainly do not know, each of which has a price: most types of a large
// schema are ruled out by that alone.
func (t *Table) byMisfits(n *node, o Options, r *Result) [][]int32 {
	var want mask
	for i := range n.slots {
		want.add(int32(n.slots[i].number), n.slots[i].typ)
	}
	var queue [][]int32
	for i := range t.Types {
		typ := &t.Types[i]
		if !typ.Candidate || o.Keep != nil && !o.Keep(typ.Name) {
			continue
		}
		r.Compared++
		misfits := 0
		if len(typ.Extensions) == 0 {
			for w := range want {
				misfits += bits.OnesCount64(want[w] &^ t.masks[i][w])
			}
		}
		for misfits >= len(queue) {
			queue = append(queue, nil)
		}
		queue[misfits] = append(queue[misfits], int32(i))
	}
	return queue
}

// lowest keeps the lowest of many numbers.
type lowest struct {
	limit int
	costs []float64 // ascending
}

func newLowest(limit int) *lowest { return &lowest{limit: limit} }

func (l *lowest) full() bool { return len(l.costs) == l.limit }

// bound is the highest of those that are kept.
func (l *lowest) bound() float64 { return l.costs[len(l.costs)-1] }

func (l *lowest) add(cost float64) {
	if l.full() && cost >= l.bound() {
		return
	}
	if l.full() {
		l.costs = l.costs[:len(l.costs)-1]
	}
	at, _ := slices.BinarySearch(l.costs, cost)
	l.costs = slices.Insert(l.costs, at, cost)
}

// candidates makes the result of the priced types.
func (t *Table) candidates(p *profile, list []scored, limit int, samples [][]byte, r *Result) {
	nothing, ideal := p.nothing(p.top), p.ideal(p.top)
	start := 0 // of the types that tie
	for i := range list {
		if list[i].cost > list[start].cost+tie {
			r.setTied(start, i)
			start = i
		}
		if i >= limit {
			if start == i {
				return
			}
			continue
		}
		c := Candidate{Type: t.Types[list[i].typ].Name, Samples: r.Samples, Failed: r.Damaged, Rank: start + 1, Bits: list[i].cost}
		c.Score = 1
		if nothing > ideal {
			c.Score = min(1, max(0, (nothing-list[i].cost)/(nothing-ideal)))
		}
		if c.Score == 0 && i > 0 && r.Candidates[0].Score > 0 {
			// What explains nothing is no candidate.
			r.setTied(start, i)
			return
		}
		for _, sample := range samples {
			unknown, ok := t.Count(list[i].typ, sample)
			if !ok {
				c.Failed++
				continue
			}
			c.Unknown += unknown
		}
		r.Candidates = append(r.Candidates, c)
	}
	r.setTied(start, len(list))
}

// setTied notes how many types the run that begins at from has, to being the
// index after its last.
func (r *Result) setTied(from, to int) {
	for i := from; i < min(to, len(r.Candidates)); i++ {
		r.Candidates[i].Tied = to - from
	}
}
