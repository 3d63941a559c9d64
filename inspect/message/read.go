package message

import (
	"math"
	"slices"

	"github.com/pbscope/pbscope/inspect/price"
	"github.com/pbscope/pbscope/inspect/wire"
)

// readingBudget is how many bytes the search for readings may look at in a
// payload of n bytes. Content is looked at once for each level that it lies
// under, and real messages nest a few levels; only bytes made to nest deeply
// and to be text at every level come near it.
func readingBudget(n int) int { return 64*n + 64<<10 }

// spend takes n bytes from the budget; it is false when they are not there.
func (e *explainer) spend(n int) bool {
	if n > e.budget {
		e.tree.Abridged = true
		return false
	}
	e.budget -= n
	return true
}

// readings gives node i, whose content from:to no schema describes, its readings.
// The nodes of the message reading become its children.
func (e *explainer) readings(s *scope, i, from, to int) {
	content := e.payload[from:to]
	list := make([]candidate, 0, 6)
	if e.readMessage(s, from, to) {
		list = append(list, candidate{AsMessage, priorMessage + e.sum(i)})
	}
	if cost, ok := e.stringCost(content); ok {
		list = append(list, candidate{AsString, priorString + cost})
	}
	list = append(list, candidate{AsBytes, priorBytes + 8*float64(len(content))})
	for _, as := range [...]As{AsPackedVarint, AsPackedI32, AsPackedI64} {
		if cost, ok := e.packedCost(content, as); ok {
			prior := priorFixed
			if as == AsPackedVarint {
				prior = priorVarints
			}
			list = append(list, candidate{as, prior + cost})
		}
	}
	e.rank(i, list)
}

// readMessage reads content as a message, if it is nothing but whole fields.
func (e *explainer) readMessage(s *scope, from, to int) bool {
	if s.level >= e.maxDepth {
		return false
	}
	if _, ok := wire.Valid(e.payload[from:to], e.maxDepth-s.level-1); !ok {
		return false
	}
	e.fields(&scope{end: to, level: s.level + 1}, from)
	return true
}

// candidate is a reading and its cost in bits.
type candidate struct {
	as   As
	cost float64
}

// rank makes scores of costs: a reading that describes the content in fewer
// bits is likelier by a factor for each. Half a bit is counted for one, and a
// share is kept for every reading, since the model is a rough one.
func (e *explainer) rank(i int, list []candidate) {
	slices.SortStableFunc(list, func(a, b candidate) int {
		switch {
		case a.cost < b.cost:
			return -1
		case a.cost > b.cost:
			return 1
		}
		return 0
	})
	t, total := e.tree, 0.0
	for _, c := range list {
		total += math.Exp2((list[0].cost - c.cost) / 2)
	}
	cell := t.cells.at(i)
	cell.more, cell.readings = uint32(len(t.readings)), uint8(len(list))
	const share = 0.02
	for _, c := range list {
		score := (1-share)*math.Exp2((list[0].cost-c.cost)/2)/total + share/float64(len(list))
		t.readings = append(t.readings, Reading{c.as, score})
	}
	e.costs.set(i, list[0].cost)
}

// costs are the bits of the best description of nodes, by node. Only content
// without a schema is priced.
type costs []float32

func (c *costs) set(i int, cost float64) {
	for len(*c) <= i {
		*c = append(*c, 0)
	}
	(*c)[i] = float32(cost)
}

// sum is the cost of the children of node i, which is not closed yet: what
// their tags and values take.
func (e *explainer) sum(i int) float64 {
	total, previous := 0.0, wire.Number(0)
	for c := range e.tree.openChildren(i) {
		n := e.tree.cells.at(c)
		total += tagCost(previous, n.number) + e.nodeCost(c)
		if int(n.tagLength) != wire.SizeVarint(uint64(n.number)<<3|uint64(n.wire)) {
			total += price.Overlong
		}
		previous = n.number
	}
	return total
}

func (e *explainer) nodeCost(i int) float64 {
	n := e.tree.cells.at(i)
	switch n.wire {
	case wire.Varint:
		bits := e.tree.bits(i)
		cost := price.Varint(bits)
		if int(n.length)-int(n.head) != wire.SizeVarint(bits) {
			cost += price.Overlong
		}
		return cost
	case wire.I32:
		return price.I32(uint32(e.tree.bits(i)))
	case wire.I64:
		return price.I64(e.tree.bits(i))
	case wire.Group:
		return groupCost + e.closedSum(i)
	}
	cost := lengthCost
	if int(n.head-n.tagLength) != wire.SizeVarint(uint64(n.length)-uint64(n.head)) {
		cost += price.Overlong
	}
	if i < len(e.costs) {
		cost += float64(e.costs[i])
	}
	return cost
}

// closedSum is sum for a node that is closed already.
func (e *explainer) closedSum(i int) float64 {
	total, previous := 0.0, wire.Number(0)
	for c := range e.tree.Children(i) {
		n := e.tree.cells.at(c)
		total += tagCost(previous, n.number) + e.nodeCost(c)
		previous = n.number
	}
	return total
}
