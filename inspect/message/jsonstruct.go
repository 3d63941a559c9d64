package message

import (
	"math"
	"unicode/utf8"

	"github.com/pbscope/pbscope/inspect/plan"
)

// structState is what is known on the way through a Struct, Value or ListValue
// and what lies in it.
type structState struct {
	inside bool
	noForm string // why the whole has no JSON form, the last reason met
	nested int    // objects and lists around the value at hand
	// first and second are the first keys of the outermost object, if it has
	// two.
	first, second string
}

// standsIn says whether the value on a level would be taken for what stands in
// place of a value: by its first two keys.
func (s *structState) standsIn(level int) bool {
	return s.first == "@error" && s.second == "@raw" || level == 1 && s.first == "@value" && s.second == "@wire"
}

// maxNested is how many objects and lists may nest: more are read by no parser
// of ProtoJSON.
const maxNested = 100

// The fields of google.protobuf.Value.
const (
	valueNull   = 1
	valueNumber = 2
	valueString = 3
)

// structure appends a Struct, Value or ListValue as the JSON that it stands
// for.
func (w *jsonWriter) structure(m *plan.Message, p parts, level int) {
	g := w.gather(m, p)
	if m.WellKnown == plan.Value {
		w.structValue(g, level)
		return
	}
	s := &w.value
	if s.nested++; s.nested > maxNested {
		s.noForm = "a Value whose objects and lists nest deeper than 100 levels"
	}
	open, end := byte('{'), byte('}')
	if m.WellKnown == plan.ListValue {
		open, end = '[', ']'
	}
	w.dst = append(w.dst, open)
	if len(g.fields) > 0 {
		if m.WellKnown == plan.Struct {
			w.noteKeys(g.fields[0].field, g.fields[0].nodes)
			w.entries(g.fields[0].field, g.fields[0].nodes, level)
		} else {
			for index, i := range g.fields[0].nodes {
				w.comma()
				w.listElement(g.fields[0].field, index, i, level)
			}
		}
	}
	w.dst = append(w.dst, end)
	s.nested--
}

// noteKeys notes the first two keys of the outermost object.
func (w *jsonWriter) noteKeys(f *plan.Field, nodes []int) {
	if w.value.nested > 1 {
		return
	}
	list := w.distinct(f, nodes)
	if len(list) > 1 {
		w.value.first, w.value.second = string(list[0].key.Bytes), string(list[1].key.Bytes)
	}
}

// structValue appends the member that a Value has last.
func (w *jsonWriter) structValue(g *gathered, level int) {
	var set *fieldNodes
	for i := range g.fields {
		if len(g.fields[i].nodes) > 0 {
			set = &g.fields[i]
		}
	}
	if set == nil {
		w.value.noForm = "a Value without a kind"
		w.dst = append(w.dst, "null"...)
		return
	}
	f, last := set.field, set.nodes[len(set.nodes)-1]
	if m := f.Message(); m != nil {
		if !structural(m) {
			w.value.noForm = "a Value of an unusual Struct or ListValue"
		}
		w.submessage(f, 0, w.part(set.nodes...), level+1)
		return
	}
	switch f.Number {
	case valueNull:
		w.dst = append(w.dst, "null"...)
		return
	case valueNumber:
		if v := w.t.Value(last).Float; math.IsNaN(v) || math.IsInf(v, 0) {
			w.value.noForm = "a Value whose number is not finite"
		}
	case valueString:
		if !utf8.Valid(w.t.Content(last)) {
			w.value.noForm = "a Value whose string is not UTF-8"
		}
	}
	w.scalar(f, last)
}
