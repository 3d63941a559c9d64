package breaking

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

var bufPairs = flag.Int("buf-pairs", 60, "schema pairs of the comparison with buf")

// TestBufOnGeneratedPairs edits schemas in every way that the rules of buf's
// categories look at, and asks buf about all of them at once.
func TestBufOnGeneratedPairs(t *testing.T) {
	var pairs []bufPair
	for seed := range uint64(*bufPairs) {
		g := &bufGenerator{Rand: rand.New(rand.NewPCG(seed, 11)), name: fmt.Sprintf("c%04d", seed)}
		old := g.files()
		new := make([]*bufFile, len(old))
		for i, f := range old {
			new[i] = f.clone()
		}
		for range 1 + g.IntN(6) {
			new = g.edit(new)
		}
		p := bufPair{g.name, g.sources(old), g.sources(new)}
		if compiles(t, p) {
			pairs = append(pairs, p)
		}
	}
	if len(pairs) < *bufPairs/2 {
		t.Fatalf("of %d pairs only %d compile", *bufPairs, len(pairs))
	}
	want, got := bufAnswers(t, pairs), ourAnswers(t, pairs)
	findings := 0
	for _, p := range pairs {
		findings += len(want[p.name])
		t.Run(p.name, func(t *testing.T) {
			if !compareAnswers(t, got[p.name], want[p.name]) {
				for _, name := range []string{"a.proto", "b.proto"} {
					t.Logf("old %s\n%s\nnew %s\n%s", name, p.old[name], name, p.new[name])
				}
			}
		})
	}
	t.Logf("%d pairs, %d findings", len(pairs), findings)
}

func compiles(t *testing.T, p bufPair) bool {
	t.Helper()
	old, new := layOut(t, []bufPair{p})
	_, _, err := Load(t.Context(), Input{Name: old}, Input{Name: new})
	return err == nil
}

type bufFile struct {
	path, syntax, pkg string
	options           []string
	top               bufMessage // its messages, enums and extensions are the file's
	services          []*bufService
}

type bufMessage struct {
	name       string
	options    []string
	fields     []bufField
	messages   []*bufMessage
	enums      []*bufEnum
	extensions []bufField
	extendee   string
	ranges     []string // extensions
	reserved   []string
}

type bufField struct {
	label, kind, name, oneof string
	number                   int
	options                  []string
}

type bufEnum struct {
	name     string
	options  []string
	values   []bufField
	reserved []string
}

type bufService struct {
	name    string
	methods []bufMethod
}

type bufMethod struct{ name, in, out, option string }

func (f *bufFile) clone() *bufFile {
	c := *f
	c.options = slices.Clone(f.options)
	c.top = *f.top.clone()
	c.services = nil
	for _, s := range f.services {
		c.services = append(c.services, &bufService{s.name, slices.Clone(s.methods)})
	}
	return &c
}

func (m *bufMessage) clone() *bufMessage {
	c := *m
	c.options, c.fields, c.extensions = slices.Clone(m.options), slices.Clone(m.fields), slices.Clone(m.extensions)
	for i := range c.fields {
		c.fields[i].options = slices.Clone(c.fields[i].options)
	}
	c.ranges, c.reserved = slices.Clone(m.ranges), slices.Clone(m.reserved)
	c.messages, c.enums = nil, nil
	for _, n := range m.messages {
		c.messages = append(c.messages, n.clone())
	}
	for _, e := range m.enums {
		d := *e
		d.options, d.values, d.reserved = slices.Clone(e.options), slices.Clone(e.values), slices.Clone(e.reserved)
		c.enums = append(c.enums, &d)
	}
	return &c
}

type bufGenerator struct {
	*rand.Rand
	name string
	next int
}

func (g *bufGenerator) word() string {
	g.next++
	return vocabulary[g.next%len(vocabulary)] + strings.Repeat("x", g.next/len(vocabulary))
}

func (g *bufGenerator) one(words ...string) string { return words[g.IntN(len(words))] }
func (g *bufGenerator) chance(n int) bool          { return g.IntN(n) == 0 }

func (g *bufGenerator) files() []*bufFile {
	syntax := g.one("proto2", "proto3", "2023", "2024")
	var files []*bufFile
	for _, path := range []string{"a.proto", "b.proto"} {
		f := &bufFile{path: path, syntax: syntax, pkg: g.name + g.one("", "", ".v1", ".x")}
		f.options = g.some(fileOptionTexts(), 4)
		for range 1 + g.IntN(3) {
			f.top.messages = append(f.top.messages, g.message(f.syntax, 0))
		}
		for range g.IntN(3) {
			f.top.enums = append(f.top.enums, g.enum(f.syntax))
		}
		for range g.IntN(2) {
			f.services = append(f.services, g.service())
		}
		if syntax != "proto3" && g.chance(2) {
			g.extend(f)
		}
		files = append(files, f)
	}
	return files
}

func (g *bufGenerator) extend(f *bufFile) {
	m := f.top.messages[0]
	m.ranges = append(m.ranges, "1000 to 1010")
	holder := &f.top
	if g.chance(2) {
		holder = m
	}
	holder.extendee = m.name
	for i := range 1 + g.IntN(2) {
		x := g.field(f.syntax, 1000+i)
		x.oneof, x.options = "", nil
		if strings.HasPrefix(x.kind, "map<") || x.label == "required" {
			x.kind, x.label = "string", "optional"
		}
		holder.extensions = append(holder.extensions, x)
	}
}

func fileOptionTexts() []string {
	return []string{`go_package = "a"`, `go_package = "b"`, `java_package = "a"`, `java_package = ""`, `java_multiple_files = false`,
		`cc_enable_arenas = false`, `cc_enable_arenas = true`, `optimize_for = SPEED`, `optimize_for = CODE_SIZE`, `ruby_package = "a"`, `php_namespace = "a"`,
		`java_string_check_utf8 = true`, `java_string_check_utf8 = false`, `java_generic_services = true`, `py_generic_services = false`, `deprecated = true`,
		`features.json_format = LEGACY_BEST_EFFORT`, `features.utf8_validation = NONE`, `features.field_presence = IMPLICIT`, `features.message_encoding = DELIMITED`,
		`features.enum_type = CLOSED`, `features.(pb.cpp).string_type = CORD`, `features.(pb.cpp).string_type = VIEW`, `features.(pb.java).utf8_validation = VERIFY`}
}

func fieldOptionTexts() []string {
	return []string{"deprecated = true", `json_name = "one"`, `json_name = "two"`, "default = 1", "default = 0", `default = "a"`, "default = true", "ctype = CORD", "ctype = STRING_PIECE", "jstype = JS_STRING",
		"jstype = JS_NORMAL", "features.utf8_validation = NONE", "features.utf8_validation = VERIFY", "features.field_presence = LEGACY_REQUIRED", "features.field_presence = IMPLICIT",
		"features.message_encoding = DELIMITED", "features.(pb.cpp).string_type = CORD", "features.(pb.cpp).string_type = STRING", "features.(pb.java).utf8_validation = VERIFY", "packed = false"}
}

func messageOptionTexts() []string {
	return []string{"no_standard_descriptor_accessor = true", "no_standard_descriptor_accessor = false", "deprecated = true", "features.json_format = LEGACY_BEST_EFFORT",
		"features.json_format = ALLOW", "features.utf8_validation = NONE", "features.field_presence = IMPLICIT"}
}

func enumOptionTexts() []string {
	return []string{"deprecated = true", "features.json_format = LEGACY_BEST_EFFORT", "features.enum_type = CLOSED", "features.enum_type = OPEN"}
}

// some are up to n of the texts, each of another option.
func (g *bufGenerator) some(texts []string, n int) []string {
	var chosen []string
	for range g.IntN(n) {
		text := pick(g, texts)
		key, _, _ := strings.Cut(text, " ")
		if !slices.ContainsFunc(chosen, func(c string) bool { return strings.HasPrefix(c, key+" ") }) {
			chosen = append(chosen, text)
		}
	}
	return chosen
}

func (g *bufGenerator) message(syntax string, depth int) *bufMessage {
	m := &bufMessage{name: "M" + g.word()}
	for i := range 1 + g.IntN(4) {
		m.fields = append(m.fields, g.field(syntax, i+1))
	}
	if g.chance(4) {
		m.options = g.some(messageOptionTexts(), 2)
	}
	if g.chance(3) {
		m.reserved = append(m.reserved, g.one("100 to 110", "100", "100, 102 to 103", `"old"`, `"old", "older"`, "200 to max"))
	}
	if depth < 2 && g.chance(2) {
		m.messages = append(m.messages, g.message(syntax, depth+1))
	}
	if depth < 2 && g.chance(3) {
		m.enums = append(m.enums, g.enum(syntax))
	}
	return m
}

func (g *bufGenerator) enum(syntax string) *bufEnum {
	e := &bufEnum{name: "E" + g.word()}
	for i := range 1 + g.IntN(3) {
		e.values = append(e.values, bufField{name: strings.ToUpper(g.word()), number: i})
	}
	if g.chance(4) {
		e.options = g.some(enumOptionTexts(), 2)
	}
	if g.chance(3) {
		e.reserved = append(e.reserved, g.one("100 to 110", "-5 to -1", `"OLD"`, `"OLD", "OLDER"`, "200 to max"))
	}
	return e
}

func (g *bufGenerator) service() *bufService {
	s := &bufService{name: "S" + g.word()}
	for range 1 + g.IntN(3) {
		s.methods = append(s.methods, g.method())
	}
	return s
}

// The types "@" and "#" stand for some message and enum of the file, by the
// number behind.
func (g *bufGenerator) method() bufMethod {
	return bufMethod{"R" + g.word(), g.one("", "stream ") + g.one("@0", "@1"), g.one("", "stream ") + g.one("@0", "@1"),
		g.one("", "", "IDEMPOTENT", "NO_SIDE_EFFECTS", "IDEMPOTENCY_UNKNOWN")}
}

func (g *bufGenerator) kind() string {
	switch g.IntN(6) {
	case 0:
		return g.one("@0", "@1", "@2")
	case 1:
		return g.one("#0", "#1")
	case 2:
		return "map<" + g.one("int32", "string", "bool") + ", " + g.one("string", "int32", "@0", "#0") + ">"
	}
	return pick(g, scalars)
}

func (g *bufGenerator) field(syntax string, number int) bufField {
	f := bufField{name: g.word(), number: number, kind: g.kind()}
	if !strings.HasPrefix(f.kind, "map<") {
		f.label = g.one("optional", "", "", "repeated", "required")
		if g.chance(5) {
			f.oneof, f.label = g.one("left", "right"), ""
		}
	}
	if g.chance(3) {
		f.options = g.some(fieldOptionTexts(), 3)
	}
	return f
}

// anyMessage is some message of a file, with what holds it; nil if there is
// none.
func (g *bufGenerator) anyMessage(f *bufFile) (m, holder *bufMessage) {
	holder = &f.top
	for len(holder.messages) > 0 {
		m = pick(g, holder.messages)
		if len(m.messages) == 0 || g.chance(2) {
			return m, holder
		}
		holder = m
	}
	return nil, nil
}

func (g *bufGenerator) edit(files []*bufFile) []*bufFile {
	f := pick(g, files)
	m, holder := g.anyMessage(f)
	switch g.IntN(14) {
	case 0:
		return g.editFile(files, f)
	case 1:
		g.editService(f)
	case 2, 3:
		if m != nil && len(m.enums) > 0 && g.chance(2) {
			g.editEnum(pick(g, m.enums), &m.enums)
		} else if len(f.top.enums) > 0 {
			g.editEnum(pick(g, f.top.enums), &f.top.enums)
		}
	case 4:
		g.editExtensions(f)
	case 5, 6, 7:
		if m != nil {
			g.editMessage(files, m, holder)
		}
	default:
		if m != nil && len(m.fields) > 0 {
			g.editField(f, m)
		}
	}
	return files
}

func (g *bufGenerator) editFile(files []*bufFile, f *bufFile) []*bufFile {
	switch g.IntN(7) {
	case 0:
		f.syntax = g.one("proto2", "proto3", "2023", "2024")
	case 1:
		f.pkg = g.name + g.one("", ".v1", ".v2", ".x")
	case 2:
		if len(files) > 1 {
			return slices.DeleteFunc(slices.Clone(files), func(x *bufFile) bool { return x == f })
		}
	case 3:
		if len(files) == 2 {
			files[0].path, files[1].path = files[1].path, files[0].path
		}
	case 4:
		f.top.messages = nil
	default:
		f.options = g.some(fileOptionTexts(), 5)
	}
	return files
}

func (g *bufGenerator) editService(f *bufFile) {
	if len(f.services) == 0 {
		f.services = append(f.services, g.service())
		return
	}
	s := pick(g, f.services)
	switch i := g.IntN(len(s.methods)); g.IntN(4) {
	case 0:
		f.services = slices.DeleteFunc(f.services, func(x *bufService) bool { return x == s })
	case 1:
		if len(s.methods) > 1 {
			s.methods = slices.Delete(s.methods, i, i+1)
		}
	default:
		name := s.methods[i].name
		s.methods[i] = g.method()
		s.methods[i].name = name
	}
}

func (g *bufGenerator) editEnum(e *bufEnum, in *[]*bufEnum) {
	i := g.IntN(len(e.values))
	switch g.IntN(9) {
	case 0:
		*in = slices.DeleteFunc(*in, func(x *bufEnum) bool { return x == e })
	case 1:
		if len(e.values) > 1 {
			if g.chance(2) {
				e.reserved = append(e.reserved, fmt.Sprint(e.values[i].number))
			}
			if g.chance(2) {
				e.reserved = append(e.reserved, `"`+e.values[i].name+`"`)
			}
			e.values = slices.Delete(e.values, i, i+1)
		}
	case 2:
		e.values[i].name = strings.ToUpper(g.word())
	case 3:
		if len(e.values) > 1 {
			e.values[0].name, e.values[1].name = e.values[1].name, e.values[0].name
		}
	case 4:
		e.options = append(e.options, "allow_alias = true")
		e.values = append(e.values, bufField{name: strings.ToUpper(g.word()), number: e.values[i].number})
	case 5:
		e.values = append(e.values, bufField{name: strings.ToUpper(g.word()), number: 50 + g.IntN(40)})
	case 6:
		e.reserved = nil
	case 7:
		e.reserved = []string{g.one("100 to 105", "-5 to -2", `"OLD"`, "200 to 300")}
	case 8:
		e.options = g.some(enumOptionTexts(), 3)
	}
}

func (g *bufGenerator) editExtensions(f *bufFile) {
	for _, holder := range append([]*bufMessage{&f.top}, f.top.messages...) {
		if len(holder.extensions) == 0 {
			continue
		}
		x := &holder.extensions[g.IntN(len(holder.extensions))]
		switch g.IntN(5) {
		case 0:
			x.name = g.word()
		case 1:
			x.kind = pick(g, scalars)
		case 2:
			x.label = g.one("optional", "repeated")
		case 3:
			holder.extensions = holder.extensions[1:]
		case 4:
			f.top.messages[0].ranges = []string{g.one("1000 to 1005", "1000 to 1004, 1006 to 2000")}
		}
		return
	}
}

func (g *bufGenerator) editMessage(files []*bufFile, m, holder *bufMessage) {
	switch g.IntN(9) {
	case 0:
		holder.messages = slices.DeleteFunc(holder.messages, func(x *bufMessage) bool { return x == m })
	case 1:
		m.name = "M" + g.word()
	case 2:
		m.options = g.some(messageOptionTexts(), 3)
	case 3:
		m.reserved = []string{g.one("100 to 109", "100", "103", `"old"`, "200 to 300, 302 to max")}
	case 4:
		m.reserved = nil
	case 5: // moved
		holder.messages = slices.DeleteFunc(holder.messages, func(x *bufMessage) bool { return x == m })
		to := pick(g, files)
		to.top.messages = append(to.top.messages, m)
	case 6:
		m.ranges = append(m.ranges, g.one("500 to 510", "500", "520 to 530"))
	case 7:
		m.fields = append(m.fields, g.field("", 20+g.IntN(20)))
	case 8:
		for i := range m.fields {
			if m.fields[i].oneof == "left" {
				m.fields[i].oneof = "middle"
			}
		}
	}
}

func (g *bufGenerator) editField(f *bufFile, m *bufMessage) {
	i := g.IntN(len(m.fields))
	x := &m.fields[i]
	switch g.IntN(9) {
	case 0:
		if g.chance(2) {
			m.reserved = append(m.reserved, fmt.Sprint(x.number))
		}
		if g.chance(2) {
			m.reserved = append(m.reserved, `"`+x.name+`"`)
		}
		m.fields = slices.Delete(m.fields, i, i+1)
	case 1:
		x.name = g.word()
	case 2, 3:
		x.kind = g.kind()
		if strings.HasPrefix(x.kind, "map<") {
			x.label, x.oneof = "", ""
		}
	case 4:
		x.label, x.oneof = g.one("optional", "repeated", "required", ""), ""
	case 5:
		x.oneof, x.label = g.one("left", "right", "new", ""), ""
	case 6, 7:
		x.options = g.some(fieldOptionTexts(), 3)
	case 8:
		x.number = 40 + g.IntN(20)
	}
}
