package breaking

import (
	"slices"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/inspect/plan"
)

// oneofGroup is a oneof of the reader with the writer's fields of the same
// numbers, in classes: those of one class exclude each other for the writer
// too.
type oneofGroup struct {
	name    protoreflect.Name
	classes [][]*plan.Field
	home    int // the class that was this oneof for the writer; -1
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
		if g := newOneofGroup(r.desc.Oneofs().Get(oneof-1).Name(), byOneof[oneof]); len(g.classes) > 1 {
			groups = append(groups, g)
		}
	}
	return groups
}

func newOneofGroup(name protoreflect.Name, fields []*plan.Field) *oneofGroup {
	g := &oneofGroup{name: name, home: -1}
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
		if f.Oneof != 0 && (g.home < 0 || g.rank(i) > g.rank(g.home)) {
			g.home = i
		}
	}
	return g
}

// rank orders classes for being the home: the oneof of the same name first,
// then by size.
func (g *oneofGroup) rank(class int) int {
	rank := len(g.classes[class])
	if g.classes[class][0].Desc.ContainingOneof().Name() == g.name {
		rank += 1 << 30
	}
	return rank
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
