package message

import (
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/inspect/plan"
	"github.com/pbscope/pbscope/inspect/span"
	"github.com/pbscope/pbscope/inspect/wire"
)

// root stands for the whole payload where a node's index is meant.
const root = -1

// checkRequired looks for the first required field that is missing, once all
// bytes could be read. A message that comes in parts counts as their merger.
func (e *explainer) checkRequired() {
	e.missing(e.tree.Type, []int{root})
}

// logical is a message's content as the last word of its bytes has it.
type logical struct {
	m      *plan.Message
	seen   map[wire.Number]bool  // required fields
	order  []wire.Number         // of messages, by first part
	parts  map[wire.Number][]int // nodes that merge into one message
	oneofs map[int]wire.Number   // the member that is set, by Field.Oneof
	maps   []*plan.Field         // of messages; their entries are in parts
}

// missing says whether the message of those nodes, or one within it, lacks a
// required field, and reports it.
func (e *explainer) missing(m *plan.Message, nodes []int) bool {
	if m == nil {
		return false
	}
	l := logical{
		m:      m,
		seen:   make(map[wire.Number]bool, m.Required),
		parts:  make(map[wire.Number][]int),
		oneofs: make(map[int]wire.Number),
	}
	for _, n := range nodes {
		for c := range e.tree.Children(n) {
			if e.gather(&l, c) {
				return true
			}
		}
	}
	if f := l.absent(); f != nil {
		e.reportMissing(m, f, nodes)
		return true
	}
	for _, number := range l.order {
		parts := l.parts[number]
		if len(parts) > 0 && e.missing(e.tree.content(parts[0]), parts) {
			return true
		}
	}
	for _, f := range l.maps {
		if e.missingInMap(f, l.parts[f.Number]) {
			return true
		}
	}
	return false
}

// gather adds node i to the message that it is a field of. The elements of
// lists stand alone: it says whether one lacks a required field.
func (e *explainer) gather(l *logical, i int) bool {
	c, f := e.tree.cells.at(i), e.tree.field(i)
	switch {
	case f == nil:
		if l.m.MessageSet && c.number == itemNumber && c.why == Known {
			e.addItem(l, i)
		}
		return false
	case c.why != Known && c.why != UnknownKey:
		return false
	}
	if f.Required {
		l.seen[f.Number] = true
	}
	switch {
	case f.Map:
		l.addEntry(f, i)
	case f.Message() == nil:
		l.choose(f)
	case f.Repeated:
		return e.missing(e.tree.content(i), []int{i})
	default:
		l.choose(f)
		l.add(f.Number, i)
	}
	return false
}

// absent is the first required field that did not come, or nil.
func (l *logical) absent() *plan.Field {
	if l.m.Required == len(l.seen) {
		return nil
	}
	for _, f := range l.m.ByNumber {
		if f.Required && !l.seen[f.Number] {
			return f
		}
	}
	return nil
}

func (l *logical) addEntry(f *plan.Field, i int) {
	if f.MapValue.Message() == nil {
		return
	}
	if l.parts[f.Number] == nil {
		l.maps = append(l.maps, f)
	}
	l.parts[f.Number] = append(l.parts[f.Number], i)
}

// choose makes f the member of its oneof that is set: what another member held
// is gone.
func (l *logical) choose(f *plan.Field) {
	if f.Oneof == 0 {
		return
	}
	if set, ok := l.oneofs[f.Oneof]; ok && set != f.Number {
		l.parts[set] = nil
	}
	l.oneofs[f.Oneof] = f.Number
}

func (l *logical) add(number wire.Number, c int) {
	parts, met := l.parts[number]
	if !met {
		l.order = append(l.order, number)
	}
	l.parts[number] = append(parts, c)
}

// addItem adds the message of an item of a MessageSet under its type's number.
func (e *explainer) addItem(l *logical, i int) {
	id := wire.Number(0)
	for c := range e.tree.Children(i) {
		if e.tree.cells.at(c).number == itemID {
			id = wire.Number(e.tree.bits(c))
		}
	}
	for c := range e.tree.Children(i) {
		if e.tree.cells.at(c).number == itemMessage && e.tree.content(c) != nil {
			l.add(id, c)
		}
	}
}

// missingInMap looks at the entries that count: the last of each key, and those
// whose keys are no keys of the map.
func (e *explainer) missingInMap(f *plan.Field, entries []int) bool {
	last := make(map[string]int, len(entries))
	for _, i := range entries {
		if e.tree.cells.at(i).why == Known {
			last[e.entryKeyOf(f, i)] = i
		}
	}
	for _, i := range entries {
		if e.tree.cells.at(i).why == Known && last[e.entryKeyOf(f, i)] != i {
			continue
		}
		var values []int
		for c := range e.tree.Children(i) {
			if n := e.tree.cells.at(c); n.number == entryValue && n.why == Known {
				values = append(values, c)
			}
		}
		if len(values) == 0 {
			// An entry without a value has an empty message.
			m := f.MapValue.Message()
			if m.Required == 0 {
				continue
			}
			e.reportMissing(m, (&logical{m: m}).absent(), []int{i})
			return true
		}
		if e.missing(f.MapValue.Message(), values) {
			return true
		}
	}
	return false
}

// entryKeyOf is a text that is equal for equal keys of a map.
func (e *explainer) entryKeyOf(f *plan.Field, i int) string {
	value := Value{}
	if f.MapKey.Kind != protoreflect.StringKind {
		value = scalar(f.MapKey, 0)
	}
	for c := range e.tree.Children(i) {
		if n := e.tree.cells.at(c); n.number == entryKey && n.why == Known {
			value = e.tree.Value(c)
		}
	}
	return string(keyText(nil, value))
}

func (e *explainer) reportMissing(m *plan.Message, f *plan.Field, nodes []int) {
	p := span.New(span.MissingRequired, 0, "required field "+f.ProtoName+" of "+string(m.Name)+" is missing")
	p.Field = int32(f.Number)
	p.Path = f.ProtoName
	e.tree.Problem = p
	e.problems = true
	last := nodes[len(nodes)-1]
	if last == root {
		return
	}
	c := e.tree.cells.at(last)
	p.Offset = int64(c.offset)
	if !c.is(faulty) {
		e.tree.setProblem(last, p)
	}
}
