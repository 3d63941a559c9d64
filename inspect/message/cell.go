package message

import (
	"github.com/pbscope/pbscope/inspect/plan"
	"github.com/pbscope/pbscope/inspect/span"
	"github.com/pbscope/pbscope/inspect/wire"
)

// cell is a node as it is kept: 32 bytes without a pointer, since a large
// message has millions of them and the garbage collector would go through each.
// What a Node says beyond it is found again from the payload and the types.
type cell struct {
	offset, length, next uint32
	number               wire.Number
	owner                uint32 // in Tree.types: of the message that has the field
	more                 uint32 // in Tree.types: of the content; with readings, the first of them
	wire                 wire.Type
	why                  Why
	tagLength            uint8
	head, tail           uint8
	readings             uint8
	marks                mark
}

// mark is a set of what is true of a cell.
type mark uint8

const (
	broken mark = 1 << iota
	packed
	entry
	// nameless: no field is meant, whatever the number: an item of a
	// MessageSet, an end-group tag alone.
	nameless
	// inItem: the field is in Tree.items.
	inItem
	// faulty: there is a problem in Tree.problems.
	faulty
)

func (c *cell) is(m mark) bool { return c.marks&m != 0 }

// maxPayload is the longest payload that cells can count.
const maxPayload = 1<<32 - 1

// cells are kept in blocks, so that a growing list is never copied. The first
// block starts small.
type cells struct {
	blocks [][]cell
	n      int
}

const (
	blockShift = 13
	blockCells = 1 << blockShift
)

func (l *cells) at(i int) *cell { return &l.blocks[i>>blockShift][i&(blockCells-1)] }

// add adds a cell, all zero, for a payload of size bytes.
func (l *cells) add(size int) *cell {
	block, place := l.n>>blockShift, l.n&(blockCells-1)
	if block == len(l.blocks) {
		l.blocks = append(l.blocks, make([]cell, l.first(size)))
	} else if place == len(l.blocks[block]) {
		grown := make([]cell, min(2*place, blockCells))
		copy(grown, l.blocks[block])
		l.blocks[block] = grown
	}
	l.n++
	c := &l.blocks[block][place]
	*c = cell{}
	return c
}

// first is the length of a new block: the first one is for small messages, and
// for large ones that have few fields, as one that holds another.
func (l *cells) first(size int) int {
	if l.n > 0 {
		return blockCells
	}
	return min(max(size/6, 4), 64)
}

// cut forgets the cells from n on.
func (l *cells) cut(n int) { l.n = n }

// field is Node.Field.
func (t *Tree) field(i int) *plan.Field {
	c := t.cells.at(i)
	switch {
	case c.is(inItem):
		return t.items[i]
	case c.owner == 0, c.why == UnknownNumber, c.is(nameless):
		return nil
	}
	return t.types[c.owner].Field(c.number)
}

// content is Node.Type.
func (t *Tree) content(i int) *plan.Message {
	c := t.cells.at(i)
	if c.readings > 0 || c.more == 0 {
		return nil
	}
	return t.types[c.more]
}

// bits is Node.Bits.
func (t *Tree) bits(i int) (v uint64) {
	c := t.cells.at(i)
	switch {
	case c.wire == wire.Len, c.wire == wire.Group, c.is(broken):
		return 0
	}
	return bitsOf(c.wire, t.Payload[c.offset+uint32(c.head):c.offset+c.length])
}

// problem is Node.Problem.
func (t *Tree) problem(i int) *span.Problem {
	if !t.cells.at(i).is(faulty) {
		return nil
	}
	return t.problems[i]
}

func (t *Tree) setProblem(i int, p *span.Problem) {
	if t.problems == nil {
		t.problems = make(map[int]*span.Problem)
	}
	t.problems[i] = p
	t.cells.at(i).marks |= faulty
}
