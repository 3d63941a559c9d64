package message

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/inspect/plan"
	"github.com/pbscope/pbscope/inspect/span"
	"github.com/pbscope/pbscope/inspect/wire"
)

// special appends a message of a type with a JSON form of its own.
func (w *jsonWriter) special(m *plan.Message, p parts, level int) {
	if w.value.inside && structural(m) {
		w.structure(m, p, level)
		return
	}
	start, failed, outer := len(w.dst), w.failed, w.value
	w.value = structState{inside: structural(m)}
	g, noForm := new(gathered), ""
	if structural(m) {
		// What the type does not know has no place in JSON that is all data.
		w.structure(m, p, level)
		if noForm = w.value.noForm; noForm == "" && w.value.standsIn(level) {
			noForm = "an object with the very keys that stand for a value without a JSON form"
		}
	} else {
		g = w.gather(m, p)
		noForm = w.wellKnown(m, g, level)
	}
	w.value = outer
	if noForm != "" {
		w.dst, w.failed = w.dst[:start], failed+1
		w.noForm(noForm, p)
		return
	}
	if len(g.unknown) > 0 && !w.o.DropUnknown {
		w.dst = append(slices.Insert(w.dst, start, []byte(`{"@value":`)...), `,`...)
		w.dst = append(w.dst, `"@unknown":`...)
		w.unknownList(g.unknown)
		w.dst = append(w.dst, '}')
	}
}

// wellKnown appends a value in the form of its type, or says why it has none.
func (w *jsonWriter) wellKnown(m *plan.Message, g *gathered, level int) (noForm string) {
	switch m.WellKnown {
	case plan.Any:
		return w.any(m, g, level)
	case plan.Timestamp:
		return w.timestamp(w.lastInt(g, m, 1), w.lastInt(g, m, 2))
	case plan.Duration:
		return w.duration(w.lastInt(g, m, 1), w.lastInt(g, m, 2))
	case plan.FieldMask:
		return w.fieldMask(g, m)
	}
	w.wrapped(g, &m.Fields[0])
	return ""
}

// structural says whether all keys of the type's JSON form are data.
func structural(m *plan.Message) bool {
	return m.WellKnown == plan.Struct || m.WellKnown == plan.Value || m.WellKnown == plan.ListValue
}

// noForm appends the error that stands for the message p.
func (w *jsonWriter) noForm(why string, p parts) {
	problem := span.New(span.NoJSONForm, int64(p.at), why)
	problem.Path = w.pathText()
	if len(w.path) > 0 {
		problem.Field = int32(w.path[len(w.path)-1].field.Number)
	}
	w.dst = append(w.dst, '{')
	w.key("@error")
	w.dst = problem.At(w.o.Base).AppendJSON(w.dst)
	w.key("@raw")
	w.base64(w.bytes(p))
	w.dst = append(w.dst, '}')
}

// pathText is the path to the message at hand; of a long one the middle is left
// out.
func (w *jsonWriter) pathText() string {
	const ends = 16
	var b strings.Builder
	for i, s := range w.path {
		if len(w.path) > 2*ends && i >= ends && i < len(w.path)-ends {
			if i == ends {
				b.WriteString(".…")
			}
			continue
		}
		if s.field.Desc.ContainingMessage().IsMapEntry() {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('.')
		}
		b.WriteString(s.field.ProtoName)
		switch {
		case s.field.Map:
			b.WriteString("[" + string(s.key) + "]")
		case s.field.Repeated:
			b.WriteString("[" + strconv.Itoa(s.index) + "]")
		}
	}
	return span.ShortPath([]byte(b.String()), span.MaxValuePath)
}

// last is the last node of a field, root if there is none.
func (g *gathered) last(m *plan.Message, number wire.Number) int {
	if i, ok := g.places[m.Field(number)]; ok {
		if nodes := g.fields[i].nodes; len(nodes) > 0 {
			return nodes[len(nodes)-1]
		}
	}
	return root
}

func (w *jsonWriter) lastInt(g *gathered, m *plan.Message, number wire.Number) int64 {
	i := g.last(m, number)
	if i == root {
		return 0
	}
	return w.t.Value(i).Int
}

func (w *jsonWriter) lastBytes(g *gathered, m *plan.Message, number wire.Number) (b []byte, at int) {
	i := g.last(m, number)
	if i == root {
		return nil, 0
	}
	return w.t.Content(i), w.start(i)
}

func (w *jsonWriter) wrapped(g *gathered, f *plan.Field) {
	if len(g.fields) == 0 {
		w.zero(f)
		return
	}
	nodes := g.fields[0].nodes
	w.scalar(f, nodes[len(nodes)-1])
}

// any appends the message that an Any holds, with its type; the bytes where
// the type is not known or they cannot be read.
func (w *jsonWriter) any(m *plan.Message, g *gathered, level int) (noForm string) {
	url, _ := w.lastBytes(g, m, anyURL)
	content, at := w.lastBytes(g, m, anyValue)
	if !utf8.Valid(url) {
		return "an Any whose type URL is not UTF-8"
	}
	w.dst = append(w.dst, '{')
	defer func() { w.dst = append(w.dst, '}') }()
	if len(url) == 0 && len(content) == 0 {
		return ""
	}
	w.key("@type")
	w.string(url)
	inner := m.Set().Named(protoreflect.FullName(url[bytes.LastIndexByte(url, '/')+1:]))
	depth := w.o.depth() - w.outer
	if inner == nil || level >= depth {
		w.key("@bytes")
		w.base64(content)
		return ""
	}
	tree := readWhole(inner, content, depth-level, w.o.RefuseUnknown)
	if tree.Problem != nil {
		w.key("@bytes")
		w.base64(content)
		return ""
	}
	w.inAny(m.Field(anyValue), tree, at, level)
	return ""
}

// inAny appends the keys of the message of tree, which lies in an Any at the
// byte at; a form of its own has the key "value".
func (w *jsonWriter) inAny(f *plan.Field, tree *Tree, at, level int) {
	outer := *w
	w.t, w.base, w.outer = tree, w.base+at, w.outer+level
	w.value = structState{}
	w.path = append(w.path, jsonStep{field: f})
	m, whole := tree.Type, parts{[]int{root}, w.base}
	if m.WellKnown != plan.NotWellKnown && m.WellKnown != plan.Empty {
		w.key("value")
		w.special(m, whole, 1)
	} else {
		w.members(m, whole, 1)
	}
	w.t, w.base, w.outer, w.value, w.path = outer.t, outer.base, outer.outer, outer.value, outer.path
}

// timestamp appends RFC 3339 with the years 1 to 9999.
func (w *jsonWriter) timestamp(seconds, nanos int64) (noForm string) {
	first := time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC).Unix()
	after := time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC).Unix()
	switch {
	case seconds < first || seconds >= after:
		return "a Timestamp outside the years 1 to 9999"
	case nanos < 0 || nanos >= int64(time.Second):
		return "a Timestamp whose nanos are not from 0 to 999999999"
	}
	w.text(time.Unix(seconds, 0).UTC().Format("2006-01-02T15:04:05") + fraction(nanos) + "Z")
	return ""
}

// duration appends seconds, of which there are 10,000 years at most.
func (w *jsonWriter) duration(seconds, nanos int64) (noForm string) {
	const most = 315_576_000_000
	switch {
	case seconds < -most || seconds > most:
		return "a Duration of more than 315576000000 seconds"
	case nanos <= -int64(time.Second) || nanos >= int64(time.Second):
		return "a Duration whose nanos make a second or more"
	case seconds < 0 && nanos > 0, seconds > 0 && nanos < 0:
		return "a Duration whose seconds and nanos differ in sign"
	}
	sign := ""
	if seconds < 0 || nanos < 0 {
		sign, seconds, nanos = "-", -seconds, -nanos
	}
	w.text(sign + strconv.FormatInt(seconds, 10) + fraction(nanos) + "s")
	return ""
}

// fraction is nanos with 0, 3, 6 or 9 digits.
func fraction(nanos int64) string {
	digits := strconv.FormatInt(int64(time.Second)+nanos, 10)[1:]
	for strings.HasSuffix(digits, "000") {
		digits = strings.TrimSuffix(digits, "000")
	}
	if digits == "" {
		return ""
	}
	return "." + digits
}

// fieldMask appends the paths in lowerCamelCase, which must give the same paths
// when they are read.
func (w *jsonWriter) fieldMask(g *gathered, m *plan.Message) (noForm string) {
	var camel []string
	if len(g.fields) > 0 {
		for _, i := range g.fields[0].nodes {
			path := string(w.t.Content(i))
			text := camelCase(path)
			if snakeCase(text) != path || !isPath(path) {
				noForm = "a FieldMask path that lowerCamelCase cannot hold"
			}
			camel = append(camel, text)
		}
	}
	w.text(strings.Join(camel, ","))
	return noForm
}

func camelCase(path string) string {
	var b strings.Builder
	for i := 0; i < len(path); i++ {
		if path[i] == '_' && i+1 < len(path) && path[i+1] >= 'a' && path[i+1] <= 'z' {
			i++
			b.WriteByte(path[i] - 'a' + 'A')
		} else {
			b.WriteByte(path[i])
		}
	}
	return b.String()
}

func snakeCase(text string) string {
	var b strings.Builder
	for i := range len(text) {
		if c := text[i]; c >= 'A' && c <= 'Z' {
			b.WriteString("_" + string(c-'A'+'a'))
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// isPath says whether path is names with dots between them. An underscore that
// no letter follows cannot come back.
func isPath(path string) bool {
	for name := range strings.SplitSeq(path, ".") {
		if name == "" || name[0] >= '0' && name[0] <= '9' {
			return false
		}
		for i := range len(name) {
			c := name[i]
			letter := c >= 'a' && c <= 'z'
			begins := i+1 < len(name) && name[i+1] >= 'a' && name[i+1] <= 'z'
			if !letter && (c < '0' || c > '9') && (c != '_' || !begins) {
				return false
			}
		}
	}
	return true
}
