package transcode

import (
	"github.com/pbscope/pbscope/inspect/plan"
)

// wellKnown encodes the value at doc[at] as a type with a JSON form of its
// own, or from one of the objects that stand in for it.
func (e *Encoder) wellKnown(m *plan.Message, at, depth int) int {
	if at >= len(e.doc) {
		return e.want(at, "a "+string(m.Name))
	}
	if e.doc[at] == '{' {
		switch m.WellKnown {
		case plan.Any, plan.Empty:
		case plan.Struct, plan.Value, plan.ListValue:
			if e.standsIn(at, depth) {
				return e.standIn(m, at, depth)
			}
		default:
			return e.standIn(m, at, depth)
		}
	}
	return e.wellKnownForm(m, at, depth)
}

// standIn encodes an error record or a "@value" with what is beside it.
func (e *Encoder) standIn(m *plan.Message, at, depth int) int {
	first := jsonSpace(e.doc, at+1)
	switch {
	case e.isKey(first, "@error"):
		return e.rawRecord(at)
	case e.isKey(first, "@value"):
		return e.keptValue(m, at, depth)
	}
	return e.want(at, wellKnownName(m))
}

// wellKnownName is what is expected of a well-known type.
func wellKnownName(m *plan.Message) string {
	switch m.WellKnown {
	case plan.Timestamp:
		return `a timestamp such as "2006-01-02T15:04:05Z"`
	case plan.Duration:
		return `a duration such as "1.5s"`
	case plan.FieldMask:
		return `a field mask such as "user.displayName,photo"`
	}
	return "the value of a " + string(m.Name)
}

func (e *Encoder) wellKnownForm(m *plan.Message, at, depth int) int {
	if at >= len(e.doc) {
		return e.want(at, "a "+string(m.Name))
	}
	switch m.WellKnown {
	case plan.Any:
		return e.anyMessage(m, at, depth)
	case plan.Timestamp:
		return e.timestamp(m, at)
	case plan.Duration:
		return e.duration(m, at)
	case plan.FieldMask:
		return e.fieldMask(m, at)
	case plan.Struct:
		return e.structValue(at, depth, 1)
	case plan.Value:
		return e.value(at, depth, 0)
	case plan.ListValue:
		return e.listValue(at, depth, 1)
	case plan.Empty:
		if e.doc[at] != '{' {
			return e.want(at, "an object")
		}
		return e.members(m, at, depth, false)
	}
	n := plan.NameOf(&m.Fields[0])
	return e.single(&n, at, depth, m.Fields[0].Presence)
}

// fieldMask writes a path for each name between commas, in the spelling of
// .proto source.
func (e *Encoder) fieldMask(m *plan.Message, at int) int {
	s, next := e.str(at)
	if next < 0 {
		return -1
	}
	for len(s) > 0 {
		e.out = append(e.out, 1<<3|2)
		path := e.open()
		n := e.maskPath(s)
		if n < 0 {
			e.want(at, wellKnownName(m))
			e.problem.Hint = "a path has the JSON names of fields: letters, digits and points, no underscores"
			return -1
		}
		e.close(path)
		s = s[n:]
		if len(s) == 1 { // a comma, and no path after it
			return e.want(at, wellKnownName(m))
		}
		s = s[min(1, len(s)):]
	}
	return next
}

// maskPath writes the path at the front of s, up to a comma or the end, and is
// its length; -1 if it is none.
func (e *Encoder) maskPath(s []byte) int {
	begins := true
	for i, c := range s {
		switch {
		case c >= 'A' && c <= 'Z':
			e.out = append(e.out, '_', c+'a'-'A')
			begins = false
		case c >= 'a' && c <= 'z', c-'0' <= 9 && !begins:
			e.out = append(e.out, c)
			begins = false
		case c == '.' && !begins:
			e.out = append(e.out, c)
			begins = true
		case c == ',' && !begins:
			return i
		default:
			return -1
		}
	}
	if begins {
		return -1
	}
	return len(s)
}
