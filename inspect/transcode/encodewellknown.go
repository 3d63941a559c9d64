package transcode

import (
	"encoding/binary"
	"math"

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

// standsIn tells an object that stands in for a Struct, Value or ListValue
// from one that is data: its second key must be the one that a Decoder writes.
// "@value" is looked for at the top only, where alone it is written.
func (e *Encoder) standsIn(at, depth int) bool {
	first := jsonSpace(e.doc, at+1)
	other := ""
	switch {
	case e.isKey(first, "@error"):
		other = "@raw"
	case depth == 1 && e.isKey(first, "@value"):
		other = "@wire"
	default:
		return false
	}
	_, next := e.str(first)
	next = e.skipMember(next)
	more := false
	if next >= 0 {
		next, more = e.afterElement(next, '}')
	}
	if next < 0 {
		// The same fault is found again when the object is read as data.
		e.problem, e.inValue = nil, false
		return false
	}
	return more && e.isKey(next, other)
}

// looksLikeStandIn says that text, a Struct, Value or ListValue as JSON, would
// not be read as data; such a value has no JSON form.
func looksLikeStandIn(text []byte, depth int) bool {
	if len(text) < 3 || text[0] != '{' || text[2] != '@' {
		return false
	}
	e := Encoder{maxDepth: DefaultMaxDepth, doc: text}
	return e.standsIn(0, depth)
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

func (e *Encoder) timestamp(m *plan.Message, at int) int {
	s, next := e.str(at)
	if next < 0 {
		return -1
	}
	seconds, nanos, ok := parseTimestamp(s)
	if !ok {
		return e.want(at, wellKnownName(m))
	}
	if seconds < minTimestamp || seconds > maxTimestamp {
		return e.failValue(at, e.found(at)+" is out of the range of a timestamp (0001-01-01T00:00:00Z to 9999-12-31T23:59:59.999999999Z)")
	}
	e.secondsNanos(seconds, nanos)
	return next
}

func (e *Encoder) duration(m *plan.Message, at int) int {
	s, next := e.str(at)
	if next < 0 {
		return -1
	}
	seconds, nanos, ok := parseDuration(s)
	if !ok {
		return e.want(at, wellKnownName(m))
	}
	if seconds < -maxDuration || seconds > maxDuration {
		return e.failValue(at, e.found(at)+" is out of the range of a duration (315576000000.999999999 seconds either way)")
	}
	e.secondsNanos(seconds, nanos)
	return next
}

// secondsNanos writes the fields of a Timestamp or Duration.
func (e *Encoder) secondsNanos(seconds int64, nanos int32) {
	if seconds != 0 {
		e.out = append(e.out, 1<<3)
		e.varint(uint64(seconds))
	}
	if nanos != 0 {
		e.out = append(e.out, 2<<3)
		e.varint(uint64(int64(nanos)))
	}
}

// parseTimestamp reads RFC 3339 as ProtoJSON has it: capital T and Z, up to
// nine digits of a fraction, no leap seconds.
func parseTimestamp(s []byte) (seconds int64, nanos int32, ok bool) {
	if len(s) < len("2006-01-02T15:04:05Z") || s[4] != '-' || s[7] != '-' || s[10] != 'T' || s[13] != ':' || s[16] != ':' {
		return 0, 0, false
	}
	year, ok1 := decimal(s[0:4])
	month, ok2 := decimal(s[5:7])
	day, ok3 := decimal(s[8:10])
	hour, ok4 := decimal(s[11:13])
	minute, ok5 := decimal(s[14:16])
	second, ok6 := decimal(s[17:19])
	if !(ok1 && ok2 && ok3 && ok4 && ok5 && ok6) || month < 1 || month > 12 || day < 1 || day > daysIn(year, month) ||
		hour > 23 || minute > 59 || second > 59 {
		return 0, 0, false
	}
	s = s[19:]
	if s[0] == '.' {
		n := jsonDigits(s, 1)
		if nanos, ok = fraction(s[1:n]); !ok {
			return 0, 0, false
		}
		s = s[n:]
	}
	offset, ok := zoneOffset(s)
	seconds = daysSinceEpoch(year, month, day)*86400 + int64(hour*3600+minute*60+second) - offset
	return seconds, nanos, ok
}

// zoneOffset reads Z, or hours and minutes as ±hh:mm; it is in seconds.
func zoneOffset(s []byte) (offset int64, ok bool) {
	if len(s) == 1 && s[0] == 'Z' {
		return 0, true
	}
	if len(s) != len("+00:00") || s[0] != '+' && s[0] != '-' || s[3] != ':' {
		return 0, false
	}
	hours, ok1 := decimal(s[1:3])
	minutes, ok2 := decimal(s[4:6])
	if !ok1 || !ok2 || hours > 23 || minutes > 59 {
		return 0, false
	}
	offset = int64(hours*3600 + minutes*60)
	if s[0] == '-' {
		offset = -offset
	}
	return offset, true
}

// decimal reads digits and nothing else.
func decimal(s []byte) (v int, ok bool) {
	for _, c := range s {
		if c-'0' > 9 {
			return 0, false
		}
		v = v*10 + int(c-'0')
	}
	return v, len(s) > 0
}

// fraction is one to nine digits after a point, in billionths.
func fraction(s []byte) (nanos int32, ok bool) {
	v, ok := decimal(s[:min(len(s), 10)])
	if !ok || len(s) > 9 {
		return 0, false
	}
	for range 9 - len(s) {
		v *= 10
	}
	return int32(v), true
}

func daysIn(year, month int) int {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}

// daysSinceEpoch counts from 1970-01-01 in the Gregorian calendar, with years
// that begin in March, so that the leap day is their last.
func daysSinceEpoch(year, month, day int) int64 {
	if month <= 2 {
		year--
		month += 12
	}
	return int64(365*year + floorDiv(year, 4) - floorDiv(year, 100) + floorDiv(year, 400) + (153*(month-3)+2)/5 + day - 1 - 719468)
}

// floorDiv rounds down: the year 0 less one is below zero.
func floorDiv(a, b int) int {
	if a < 0 {
		return -((b - 1 - a) / b)
	}
	return a / b
}

// parseDuration reads seconds with up to nine digits of a fraction and the
// letter s.
func parseDuration(s []byte) (seconds int64, nanos int32, ok bool) {
	if len(s) < 2 || s[len(s)-1] != 's' {
		return 0, 0, false
	}
	s = s[:len(s)-1]
	negative := s[0] == '-'
	if negative {
		s = s[1:]
	}
	n := jsonDigits(s, 0)
	if n == 0 || n > 1 && s[0] == '0' {
		return 0, 0, false
	}
	for _, c := range s[:n] {
		if seconds = seconds*10 + int64(c-'0'); seconds > maxDuration {
			seconds = maxDuration + 1
		}
	}
	if n < len(s) {
		if s[n] != '.' {
			return 0, 0, false
		}
		if nanos, ok = fraction(s[n+1:]); !ok {
			return 0, 0, false
		}
	}
	if negative {
		return -seconds, -nanos, true
	}
	return seconds, nanos, true
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

// The tags of the fields of struct.proto.
const (
	structEntryTag = 1<<3 | 2
	entryKeyTag    = 1<<3 | 2
	entryValueTag  = 2<<3 | 2
	listValuesTag  = 1<<3 | 2
	nullTag        = 1 << 3
	numberTag      = 2<<3 | 1
	stringTag      = 3<<3 | 2
	boolTag        = 4 << 3
	structTag      = 5<<3 | 2
	listTag        = 6<<3 | 2
)

// structValue encodes the object at doc[at] as a Struct; depth is its level,
// nested counts the objects and lists around its members.
func (e *Encoder) structValue(at, depth, nested int) int {
	if e.doc[at] != '{' {
		return e.want(at, "an object")
	}
	if nested > maxValueDepth || depth > e.maxDepth {
		return e.valueTooDeep(at, depth)
	}
	return e.entries(at, func(at int) int {
		e.out = append(e.out, structEntryTag)
		entry := e.open()
		key := at
		s, at := e.str(at)
		if at < 0 {
			return -1
		}
		e.keys.add(s, key)
		e.out = append(e.out, entryKeyTag)
		e.varint(uint64(len(s)))
		e.out = append(e.out, s...)
		if at = e.colon(at); at < 0 {
			return -1
		}
		e.out = append(e.out, entryValueTag)
		value := e.open()
		if at = e.value(at, depth+1, nested); at < 0 {
			return e.underKey(key)
		}
		e.close(value)
		e.close(entry)
		return at
	})
}

// listValue encodes the list at doc[at] as a ListValue.
func (e *Encoder) listValue(at, depth, nested int) int {
	doc := e.doc
	if doc[at] != '[' {
		return e.want(at, "a list")
	}
	if nested > maxValueDepth || depth > e.maxDepth {
		return e.valueTooDeep(at, depth)
	}
	at = jsonSpace(doc, at+1)
	if at < len(doc) && doc[at] == ']' {
		return at + 1
	}
	for i, more := 0, true; more; i++ {
		e.out = append(e.out, listValuesTag)
		value := e.open()
		if at = e.value(at, depth+1, nested); at < 0 {
			return e.underIndex(i)
		}
		e.close(value)
		if at, more = e.afterElement(at, ']'); at < 0 {
			return e.underIndex(i)
		}
	}
	return at
}

// value encodes the value at doc[at] as a Value.
func (e *Encoder) value(at, depth, nested int) int {
	if depth > e.maxDepth {
		return e.tooDeep(at)
	}
	if at >= len(e.doc) {
		return e.want(at, "a value")
	}
	switch c := e.doc[at]; c {
	case '{':
		e.out = append(e.out, structTag)
		m := e.open()
		if at = e.structValue(at, depth+1, nested+1); at >= 0 {
			e.close(m)
		}
		return at
	case '[':
		e.out = append(e.out, listTag)
		m := e.open()
		if at = e.listValue(at, depth+1, nested+1); at >= 0 {
			e.close(m)
		}
		return at
	case '"':
		s, next := e.str(at)
		e.out = append(e.out, stringTag)
		e.varint(uint64(len(s)))
		e.out = append(e.out, s...)
		return next
	case 't', 'f':
		v, next := e.boolean(at)
		e.out = append(e.out, boolTag, boolByte(v))
		return next
	case 'n':
		e.out = append(e.out, nullTag, 0)
		return e.literal(at, "null")
	}
	v, next := e.float(at, 64)
	e.out = append(e.out, numberTag)
	e.out = binary.LittleEndian.AppendUint64(e.out, math.Float64bits(v))
	return next
}

func (e *Encoder) valueTooDeep(at, depth int) int {
	if depth > e.maxDepth {
		return e.tooDeep(at)
	}
	e.tooDeep(at)
	e.problem.Message = "objects and lists of a google.protobuf.Value nest deeper than 100 levels"
	return -1
}
