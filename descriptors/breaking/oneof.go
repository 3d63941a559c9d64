package breaking

import (
	"slices"

	"github.com/pbscope/pbscope/inspect/plan"
)

// oneofGroup is a oneof of the reader with the writer's fields of the same
// numbers, in classes: those of one class exclude each other for the writer
// too.
type oneofGroup struct {
	classes [][]*plan.Field
	home    int // the class that is a oneof of the writer, the largest; -1
}

// oneofGroups are the oneofs of r in which fields exclude each other that w
// can set together.
func oneofGroups(r, w *typ) []*oneofGroup {
	byOneof := make(map[int][]*plan.Field)
	var order []int
	for i := range r.plan.Fields {
		g := &r.plan.Fields[i]
		f := w.number[g.Number]
		if g.Oneof == 0 || f == nil {
			continue
		}
		if byOneof[g.Oneof] == nil {
			order = append(order, g.Oneof)
		}
		byOneof[g.Oneof] = append(byOneof[g.Oneof], f)
	}
	var groups []*oneofGroup
	for _, oneof := range order {
		if g := newOneofGroup(byOneof[oneof]); len(g.classes) > 1 {
			groups = append(groups, g)
		}
	}
	return groups
}

func newOneofGroup(fields []*plan.Field) *oneofGroup {
	g := &oneofGroup{home: -1}
	classOf := make(map[int]int)
	for _, f := range fields {
		i, ok := classOf[f.Oneof]
		if f.Oneof == 0 || !ok {
			i = len(g.classes)
			g.classes = append(g.classes, nil)
			if f.Oneof != 0 {
				classOf[f.Oneof] = i
			}
		}
		g.classes[i] = append(g.classes[i], f)
		if f.Oneof != 0 && (g.home < 0 || len(g.classes[i]) > len(g.classes[g.home])) {
			g.home = i
		}
	}
	return g
}

// separate are two of the writer's fields that the reader keeps one of; nil
// if there are none.
func (g *oneofGroup) separate() (a, b *plan.Field) {
	if len(g.classes) < 2 {
		return nil, nil
	}
	a, b = g.classes[0][0], g.classes[1][0]
	if a.Number > b.Number {
		a, b = b, a
	}
	return a, b
}

// strangers are the fields outside the home class, by number: those that
// came in. Without a home all are.
func (g *oneofGroup) strangers() []*plan.Field {
	var all []*plan.Field
	for i, class := range g.classes {
		if i != g.home {
			all = append(all, class...)
		}
	}
	slices.SortFunc(all, func(a, b *plan.Field) int { return int(a.Number) - int(b.Number) })
	return all
}

// together is the records of two fields with ordinary values, the lower
// number first.
func (c *comparison) together(a, b *plan.Field) []byte {
	x, _ := c.ordinaryField(a, 0)
	y, _ := c.ordinaryField(b, 0)
	return append(x, y...)
}
