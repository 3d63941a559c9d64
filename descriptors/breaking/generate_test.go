package breaking

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// The generator makes schemas and edits them, for the property test. Every
// kind of edit that the rules know is among the edits.

type genField struct {
	name     string
	number   int
	kind     string // a scalar, or the name of an enum or message
	key      string // of a map; "" is int32
	json     string // json_name
	implicit bool   // no presence
	card     string // "", repeated, map
	oneof    string
	required bool
	looseUTF bool // no validation
	group    bool // delimited
	expanded bool
	def      string
	touched  bool
	was      int // number before a move
}

type genMessage struct {
	name     string
	fields   []*genField
	reserved []int
	touched  bool
}

type genEnum struct {
	name   string
	closed bool
	values []genValue
	// edited: its values changed, or it was renamed, which not both can be.
	edited bool
}

type genValue struct {
	name   string
	number int
}

type genSchema struct {
	messages []*genMessage
	enums    []*genEnum
	renamed  map[string]string // old → new names of messages
	log      []string
}

var scalars = []string{"int32", "int64", "uint32", "uint64", "sint32", "sint64", "fixed32", "fixed64", "sfixed32", "sfixed64", "float", "double", "bool", "string", "bytes"}

// Words unlike each other, and unlike with a number behind.
var vocabulary = []string{"alpha", "bravo", "charlie", "delta", "echo", "foxtrot", "golf", "hotel", "india", "juliett", "kilo", "lima",
	"mike", "november", "oscar", "papa", "quebec", "romeo", "sierra", "tango", "uniform", "victor", "whiskey", "xray", "yankee", "zulu"}

type generator struct {
	*rand.Rand
	next int
	// limit bounds the fields of a message that are set, 0 for no bound; used
	// counts them.
	limit, used int
	unnamed     bool // writers of open enums write numbers without a name, too
}

func (g *generator) word() string {
	g.next++
	return vocabulary[g.next%len(vocabulary)] + strings.Repeat("x", g.next/len(vocabulary))
}

func pick[T any](g interface{ IntN(int) int }, all []T) T { return all[g.IntN(len(all))] }

func (g *generator) schema() *genSchema {
	s := &genSchema{renamed: map[string]string{}}
	for range 2 {
		e := &genEnum{name: "E" + g.word(), closed: g.IntN(2) == 0}
		for i := range 2 + g.IntN(3) {
			e.values = append(e.values, genValue{strings.ToUpper(g.word()), i})
		}
		s.enums = append(s.enums, e)
	}
	for range 4 {
		s.messages = append(s.messages, &genMessage{name: "M" + g.word()})
	}
	for _, m := range s.messages {
		for range 1 + g.IntN(4) {
			m.fields = append(m.fields, g.field(s, m))
		}
	}
	return s
}

func (g *generator) field(s *genSchema, m *genMessage) *genField {
	f := &genField{name: g.word(), number: m.free(), kind: g.kind(s)}
	switch g.IntN(6) {
	case 0, 1:
		f.card = "repeated"
		f.expanded = g.IntN(3) == 0 && f.kind != "string" && f.kind != "bytes" && !s.isMessage(f.kind)
	case 2:
		f.card = "map"
	case 3:
		f.oneof = "o" + m.name
	}
	f.looseUTF = f.kind == "string" && f.card != "map" && g.IntN(3) == 0
	f.group = s.isMessage(f.kind) && f.card != "map" && g.IntN(5) == 0
	return f
}

func (g *generator) kind(s *genSchema) string {
	switch g.IntN(6) {
	case 0:
		return pick(g, s.enums).name
	case 1, 2:
		return pick(g, s.messages).name
	}
	return pick(g, scalars)
}

func (s *genSchema) isMessage(kind string) bool {
	return slices.ContainsFunc(s.messages, func(m *genMessage) bool { return m.name == kind })
}

func (m *genMessage) free() int {
	n := 1
	for _, f := range m.fields {
		n = max(n, f.number+1)
	}
	for _, r := range m.reserved {
		n = max(n, r+1)
	}
	return n
}

func (s *genSchema) clone() *genSchema {
	c := &genSchema{renamed: map[string]string{}}
	for _, m := range s.messages {
		n := &genMessage{name: m.name, reserved: slices.Clone(m.reserved)}
		for _, f := range m.fields {
			g := *f
			n.fields = append(n.fields, &g)
		}
		c.messages = append(c.messages, n)
	}
	for _, e := range s.enums {
		n := *e
		n.values = slices.Clone(e.values)
		c.enums = append(c.enums, &n)
	}
	return c
}

// edit makes one change; it is false where that was not possible.
func (g *generator) edit(s *genSchema) bool {
	m := pick(g, s.messages)
	e := pick(g, s.enums)
	if len(m.fields) == 0 {
		return false
	}
	f := pick(g, m.fields)
	if f.touched {
		return false
	}
	kind := g.IntN(19 + moreEdits)
	if kind >= 19 {
		return g.more(s, m, e, f, kind-19)
	}
	if kind < 13 {
		f.touched = true
	}
	note := func(format string, args ...any) bool {
		s.log = append(s.log, fmt.Sprintf(format, args...))
		return true
	}
	where := m.name + "." + f.name
	switch kind {
	case 0, 1, 2:
		if f.required || f.implicit {
			return false
		}
		before := f.kind
		f.kind, f.def, f.looseUTF, f.group, f.expanded = g.kind(s), "", false, false, false
		return note("%s: %s to %s", where, before, f.kind)
	case 3, 4:
		f.implicit = false
		f.card, f.oneof, f.required, f.def, f.group, f.looseUTF, f.expanded = pick(g, []string{"", "repeated", "map"}), "", false, "", false, false, false
		return note("%s: cardinality %q", where, f.card)
	case 5:
		f.was, f.number = f.number, m.free()+1
		m.reserved = append(m.reserved, f.was)
		return note("%s: number %d to %d", where, f.was, f.number)
	case 6:
		m.fields = slices.DeleteFunc(m.fields, func(x *genField) bool { return x == f })
		m.reserved = append(m.reserved, f.number)
		m.touched = true
		return note("%s: deleted", where)
	case 7:
		f.name = g.word()
		return note("%s: renamed %s", where, f.name)
	case 8:
		if f.card != "" || f.implicit {
			return false
		}
		if f.oneof == "" {
			f.oneof, f.required = "o"+m.name, false
		} else {
			f.oneof = ""
		}
		return note("%s: oneof %q", where, f.oneof)
	case 9:
		if f.card != "" || f.oneof != "" || f.implicit || s.isMessage(f.kind) && g.IntN(3) > 0 {
			return false // a type that requires itself has no messages
		}
		f.required = !f.required
		return note("%s: required %v", where, f.required)
	case 10:
		if f.card != "" || f.required || f.implicit || !slices.Contains(scalars[:10], f.kind) {
			return false
		}
		f.def = pick(g, []string{"", "5", "7"})
		return note("%s: default %s", where, f.def)
	case 11:
		if f.kind != "string" || f.card == "map" {
			return false
		}
		f.looseUTF = !f.looseUTF
		return note("%s: loose UTF-8 %v", where, f.looseUTF)
	case 12:
		if !s.isMessage(f.kind) || f.card == "map" {
			return false
		}
		f.group = !f.group
		return note("%s: delimited %v", where, f.group)
	case 13:
		if m.touched {
			return false
		}
		m.fields = append(m.fields, g.field(s, m))
		m.fields[len(m.fields)-1].touched = true
		return note("%s: added", m.name)
	case 14, 15, 16:
		if s.wasRenamed(e) {
			return false
		}
		e.edited = true
		return g.editValues(e, kind, note)
	case 17:
		if s.implicit(e) || e.values[0].number != 0 {
			return false
		}
		e.closed = !e.closed
		return note("%s: closed %v", e.name, e.closed)
	}
	// A type that is renamed and changed at once is another type.
	if m.touched || slices.ContainsFunc(m.fields, func(f *genField) bool { return f.touched }) {
		return false
	}
	for _, f := range m.fields {
		f.touched = true
	}
	name := "M" + g.word()
	m.touched, s.renamed[m.name] = true, name
	for _, other := range s.messages {
		for _, f := range other.fields {
			if f.kind == m.name {
				f.kind = name
			}
		}
	}
	note("%s: renamed %s", m.name, name)
	m.name = name
	return true
}

// source is the schema as an edition file.
func (s *genSchema) source() string {
	var b strings.Builder
	b.WriteString(edition)
	for _, e := range s.enums {
		fmt.Fprintf(&b, "enum %s {\n", e.name)
		if e.closed {
			b.WriteString("  option features.enum_type = CLOSED;\n")
		}
		if e.aliased() {
			b.WriteString("  option allow_alias = true;\n")
		}
		for _, v := range e.values {
			fmt.Fprintf(&b, "  %s = %d;\n", v.name, v.number)
		}
		b.WriteString("}\n")
	}
	for _, m := range s.messages {
		fmt.Fprintf(&b, "message %s {\n", m.name)
		for _, n := range m.reserved {
			if !slices.ContainsFunc(m.fields, func(f *genField) bool { return f.number == n }) {
				fmt.Fprintf(&b, "  reserved %d;\n", n)
			}
		}
		oneof := ""
		for _, f := range m.fields {
			if f.oneof == "" {
				b.WriteString("  " + f.declaration())
			} else {
				oneof += "    " + f.declaration()
			}
		}
		if oneof != "" {
			fmt.Fprintf(&b, "  oneof o%s {\n%s  }\n", m.name, oneof)
		}
		b.WriteString("}\n")
	}
	return b.String()
}

func (f *genField) declaration() string {
	typ := f.kind
	switch f.card {
	case "repeated":
		typ = "repeated " + typ
	case "map":
		typ = "map<" + cmp.Or(f.key, "int32") + ", " + typ + ">"
	}
	var options []string
	if f.required {
		options = append(options, "features.field_presence = LEGACY_REQUIRED")
	}
	if f.implicit {
		options = append(options, "features.field_presence = IMPLICIT")
	}
	if f.json != "" {
		options = append(options, "json_name = \""+f.json+"\"")
	}
	if f.looseUTF {
		options = append(options, "features.utf8_validation = NONE")
	}
	if f.group {
		options = append(options, "features.message_encoding = DELIMITED")
	}
	if f.expanded {
		options = append(options, "features.repeated_field_encoding = EXPANDED")
	}
	if f.def != "" {
		options = append(options, "default = "+f.def)
	}
	text := fmt.Sprintf("%s %s = %d", typ, f.name, f.number)
	if len(options) > 0 {
		text += " [" + strings.Join(options, ", ") + "]"
	}
	return text + ";\n"
}

func (g *generator) editValues(e *genEnum, kind int, note func(format string, args ...any) bool) bool {
	switch kind {
	case 14:
		e.values = append(e.values, genValue{strings.ToUpper(g.word()), 10 + g.IntN(50)})
		return note("%s: value added", e.name)
	case 15:
		if len(e.values) < 3 {
			return false
		}
		e.values = e.values[:len(e.values)-1]
		return note("%s: value deleted", e.name)
	}
	last := &e.values[len(e.values)-1]
	last.number += 100
	return note("%s: value moved", e.name)
}

func (s *genSchema) wasRenamed(e *genEnum) bool {
	for _, to := range s.renamed {
		if to == e.name {
			return true
		}
	}
	return false
}
