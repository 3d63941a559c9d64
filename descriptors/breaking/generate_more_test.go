package breaking

import (
	"fmt"
	"slices"
	"strings"
)

// moreEdits is how many kinds of edits more knows.
const moreEdits = 10

// more makes one change of a field or an enum; it is false where that was not
// possible.
func (g *generator) more(s *genSchema, m *genMessage, e *genEnum, f *genField, kind int) bool {
	note := func(format string, args ...any) bool {
		s.log = append(s.log, fmt.Sprintf(format, args...))
		return true
	}
	where := m.name + "." + f.name
	if kind >= 1 && kind <= 3 {
		if s.wasRenamed(e) {
			return false
		}
		e.edited = true
	}
	switch kind {
	case 0:
		other := pick(g, m.fields)
		if other == f || other.touched {
			return false
		}
		f.touched, other.touched, m.touched = true, true, true
		f.number, other.number = other.number, f.number
		return note("%s and %s: swapped", where, other.name)
	case 1:
		i := g.IntN(len(e.values) - 1)
		e.values[i].number, e.values[i+1].number = e.values[i+1].number, e.values[i].number
		if !e.closed && e.values[0].number != 0 { // the first value of an open enum is zero
			e.values[i], e.values[i+1] = e.values[i+1], e.values[i]
		}
		return note("%s: %s and %s swapped", e.name, e.values[i].name, e.values[i+1].name)
	case 2:
		v := &e.values[g.IntN(len(e.values))]
		v.name = strings.ToUpper(g.word())
		return note("%s: number %d renamed %s", e.name, v.number, v.name)
	case 3:
		v := e.values[g.IntN(len(e.values))]
		v.name = strings.ToUpper(g.word())
		at := 1 + g.IntN(len(e.values))
		e.values = slices.Insert(e.values, at, v)
		return note("%s: alias %s of %d", e.name, v.name, v.number)
	case 4:
		f.touched, f.json = true, pick(g, []string{"", g.word()})
		return note("%s: json_name %q", where, f.json)
	case 5:
		if f.required || f.implicit {
			return false
		}
		f.touched, m.touched = true, true
		f.name, f.kind, f.def, f.looseUTF, f.group, f.expanded, f.json = g.word(), g.kind(s), "", false, false, false, ""
		return note("%s: %s %s in its place", where, f.kind, f.name)
	case 6:
		if f.card != "" || f.oneof != "" || f.required || f.def != "" || s.isMessage(f.kind) {
			return false
		}
		if e := s.enum(f.kind); e != nil && e.closed {
			return false // a closed enum has no implicit presence
		}
		f.touched, f.implicit = true, !f.implicit
		return note("%s: implicit %v", where, f.implicit)
	case 7:
		if f.card != "map" {
			return false
		}
		f.touched, f.key = true, pick(g, []string{"int32", "int64", "uint32", "sint32", "fixed64", "bool", "string"})
		return note("%s: key %s", where, f.key)
	case 8:
		if e.edited {
			return false
		}
		before := e.name
		e.name = "E" + g.word()
		for _, m := range s.messages {
			for _, f := range m.fields {
				if f.kind == before {
					f.kind = e.name
				}
			}
		}
		e.edited, s.renamed[before] = true, e.name
		return note("%s: renamed %s", before, e.name)
	}
	if m.touched {
		return false
	}
	m.touched = true
	for range 2 {
		added := g.field(s, m)
		added.touched = true
		m.fields = append(m.fields, added)
	}
	return note("%s: two fields added", m.name)
}

func (s *genSchema) enum(name string) *genEnum {
	for _, e := range s.enums {
		if e.name == name {
			return e
		}
	}
	return nil
}

// aliased says whether two values have one number.
func (e *genEnum) aliased() bool {
	numbers := make(map[int]bool)
	for _, v := range e.values {
		if numbers[v.number] {
			return true
		}
		numbers[v.number] = true
	}
	return false
}

// implicit says whether a field without presence holds the enum, which then
// has to be open.
func (s *genSchema) implicit(e *genEnum) bool {
	return slices.ContainsFunc(s.messages, func(m *genMessage) bool {
		return slices.ContainsFunc(m.fields, func(f *genField) bool { return f.implicit && f.kind == e.name })
	})
}
