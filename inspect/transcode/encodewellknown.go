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
	if len(s) == 0 {
		return next
	}
	for {
		e.out = append(e.out, 1<<3|2)
		path := e.open()
		i := 0
		for ; i < len(s) && s[i] != ','; i++ {
			switch c := s[i]; {
			case c >= 'A' && c <= 'Z':
				e.out = append(e.out, '_', c+'a'-'A')
			case c == '_':
				e.want(at, wellKnownName(m))
				e.problem.Hint = "a field mask has the JSON names of fields, without underscores"
				return -1
			default:
				e.out = append(e.out, c)
			}
		}
		if i == 0 {
			return e.want(at, wellKnownName(m))
		}
		e.close(path)
		if i == len(s) {
			return next
		}
		s = s[i+1:]
	}
}
