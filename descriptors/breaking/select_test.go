package breaking

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/pbscope/pbscope/descriptors"
	"github.com/pbscope/pbscope/descriptors/breaking/bufrules"
)

// madeFile is a file of a schema that is made at random. References are to what
// is declared, not to its name, so that a declaration can move.
type madeFile struct {
	path, syntax, pkg string
	imports           []*madeFile
	public            map[*madeFile]bool
	types             []*madeType
	comment           string
	note              string // value of the custom option, "" for none
	gone              bool
}

// madeType is a message, or an enum where it has values.
type madeType struct {
	file     *madeFile
	name     string
	fields   []madeField
	values   []string
	extended bool // messages: it has an extension range
	extends  *madeType
	service  bool // with a method that takes and returns the type
	nested   string
}

type madeField struct {
	name   string
	number int
	kind   string
	of     *madeType // in place of kind
}

func (t *madeType) full() string { return t.file.pkg + "." + t.name }

func makeSchema(r *rand.Rand, files int) []*madeFile {
	options := &madeFile{path: "options.proto", syntax: "proto2", pkg: "p.options"}
	all := []*madeFile{options}
	for i := range files {
		f := &madeFile{
			path: fmt.Sprintf("d%d/f%d.proto", i%3, i), syntax: []string{"proto2", "proto3"}[r.IntN(2)],
			pkg: []string{"p.a", "p.b", "p.a.c"}[i%3], public: make(map[*madeFile]bool),
		}
		for _, g := range all[1:] {
			if r.IntN(3) == 0 {
				f.imports = append(f.imports, g)
				f.public[g] = r.IntN(3) == 0
			}
		}
		if r.IntN(3) == 0 {
			f.note = "x"
		}
		for j := range 1 + r.IntN(4) {
			f.types = append(f.types, f.makeType(r, fmt.Sprintf("T%d%d", i, j)))
		}
		all = append(all, f)
	}
	return all
}

// visible are the types that a file can refer to.
func (f *madeFile) visible() []*madeType {
	all := append([]*madeType{}, f.types...)
	seen := make(map[*madeFile]bool)
	var see func(g *madeFile)
	see = func(g *madeFile) {
		if seen[g] || g.gone {
			return
		}
		seen[g] = true
		all = append(all, g.types...)
		for _, h := range g.imports {
			if g.public[h] {
				see(h)
			}
		}
	}
	for _, g := range f.imports {
		see(g)
	}
	return all
}

func (f *madeFile) makeType(r *rand.Rand, name string) *madeType {
	t := &madeType{file: f, name: name}
	if r.IntN(3) == 0 {
		for i := range 1 + r.IntN(3) {
			t.values = append(t.values, fmt.Sprintf("%s_V%d", name, i))
		}
		return t
	}
	t.extended = f.syntax == "proto2" && r.IntN(2) == 0
	t.service = r.IntN(4) == 0
	for i := range r.IntN(4) {
		t.fields = append(t.fields, f.makeField(r, i+1))
	}
	for _, u := range f.visible() {
		if u.extended && u != t && r.IntN(3) == 0 {
			t.extends = u
		}
	}
	return t
}

func (f *madeFile) makeField(r *rand.Rand, number int) madeField {
	field := madeField{name: fmt.Sprintf("field_%d", number), number: number, kind: []string{"int32", "string", "bytes", "sint64"}[r.IntN(4)]}
	if all := f.visible(); len(all) > 0 && r.IntN(2) == 0 {
		u := all[r.IntN(len(all))]
		if f.syntax == "proto2" || len(u.values) == 0 || u.file.syntax == "proto3" {
			field.of = u
		}
	}
	return field
}

func (f *madeFile) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%ssyntax = \"%s\";\npackage %s;\n", f.comment, f.syntax, f.pkg)
	if f.path == "options.proto" {
		fmt.Fprintf(&b, "import \"google/protobuf/descriptor.proto\";\nmessage Note { optional string %s = 1; }\nextend google.protobuf.FileOptions { optional Note note = 50000; }\n", f.name())
		return b.String()
	}
	if f.note != "" {
		b.WriteString("import \"options.proto\";\n")
	}
	for _, g := range f.imports {
		word := ""
		if f.public[g] {
			word = "public "
		}
		fmt.Fprintf(&b, "import %s\"%s\";\n", word, g.path)
	}
	if f.note != "" {
		fmt.Fprintf(&b, "option (p.options.note) = { text: %q };\n", f.note)
	}
	label := ""
	if f.syntax == "proto2" {
		label = "optional "
	}
	for i, t := range f.types {
		if len(t.values) > 0 {
			fmt.Fprintf(&b, "enum %s {", t.name)
			for i, v := range t.values {
				fmt.Fprintf(&b, " %s = %d;", v, i)
			}
			b.WriteString(" }\n")
			continue
		}
		fmt.Fprintf(&b, "message %s {\n", t.name)
		if t.nested != "" {
			fmt.Fprintf(&b, "  message %s { }\n", t.nested)
		}
		for _, field := range t.fields {
			kind := field.kind
			if field.of != nil {
				kind = field.of.full()
				if field.of.file.pkg == f.pkg {
					kind = field.of.name
				}
			}
			fmt.Fprintf(&b, "  %s%s %s = %d;\n", label, kind, field.name, field.number)
		}
		if t.extended && f.syntax == "proto2" {
			b.WriteString("  extensions 100 to 199;\n")
		}
		b.WriteString("}\n")
		if t.extends != nil {
			fmt.Fprintf(&b, "extend %s { %sint32 x_%s = %d; }\n", t.extends.full(), label, t.name, 100+i*7+len(f.path)+int(f.path[len(f.path)-7]))
		}
		if t.service {
			fmt.Fprintf(&b, "service S%s { rpc Do(%s) returns (%s); }\n", t.name, t.name, t.name)
		}
	}
	return b.String()
}

func (f *madeFile) name() string {
	if f.note == "renamed" {
		return "texts"
	}
	return "text"
}

// edit changes a schema in one of many ways.
func edit(r *rand.Rand, files []*madeFile) []*madeFile {
	f := files[1+r.IntN(len(files)-1)]
	if len(f.types) == 0 {
		return files
	}
	t := f.types[r.IntN(len(f.types))]
	switch r.IntN(18) {
	case 0, 1:
		t.fields = append(t.fields, f.makeField(r, 10+r.IntN(50)))
	case 2, 3:
		if len(t.fields) > 0 {
			t.fields = t.fields[1:]
		}
	case 4:
		for i := range t.fields {
			t.fields[i].kind, t.fields[i].of = "bool", nil
		}
	case 5, 6:
		if n := len(t.values); n > 1 {
			t.values[0], t.values[n-1] = t.values[n-1], t.values[0]
		}
	case 7:
		f.syntax = map[string]string{"proto2": "proto3", "proto3": "proto2"}[f.syntax]
	case 8:
		t.name = "R" + t.name
	case 9: // its importers see it through the file that it was in
		for i, u := range f.types {
			if u == t {
				f.types = append(f.types[:i:i], f.types[i+1:]...)
				break
			}
		}
		g := &madeFile{path: "moved/" + t.name + ".proto", syntax: f.syntax, pkg: f.pkg, imports: f.imports, public: map[*madeFile]bool{}}
		t.file, g.types = g, []*madeType{t}
		f.imports = append(f.imports[:len(f.imports):len(f.imports)], g)
		f.public[g] = r.IntN(4) > 0
		files = append(files, g)
	case 10:
		f.pkg += "x"
	case 11:
		f.comment = "// A comment.\n"
	case 12:
		for g := range f.public {
			f.public[g] = !f.public[g]
		}
	case 13:
		f.gone = true
	case 14:
		g := &madeFile{path: "new/n.proto", syntax: "proto2", pkg: f.pkg, imports: []*madeFile{f}, public: map[*madeFile]bool{}}
		g.types = []*madeType{g.makeType(r, "New")}
		files = append(files, g)
	case 15:
		files[0].note = "renamed"
	case 16:
		t.nested = strings.TrimPrefix(files[1].types[0].name, "R")
	case 17:
		for i, u := range f.types {
			if u == t {
				f.types = append(f.types[:i:i], f.types[i+1:]...)
				break
			}
		}
	}
	return files
}

func texts(files []*madeFile) map[string]string {
	all := make(map[string]string)
	for _, f := range files {
		if !f.gone {
			all[f.path] = f.text()
		}
	}
	return all
}

// TestPartIsWhole: what is compiled in part gives the findings of the whole, and
// an error where that has one that lies in a file that changed or because of
// one.
func TestPartIsWhole(t *testing.T) {
	rounds := 400
	if testing.Short() {
		rounds = 60
	}
	compared, failed, left := 0, 0, 0
	for seed := range rounds {
		r := rand.New(rand.NewPCG(uint64(seed), 7))
		files := makeSchema(r, 3+r.IntN(9))
		old := texts(files)
		for range 1 + r.IntN(3) {
			files = edit(r, files)
		}
		new := texts(files)
		ctx := t.Context()
		a, b := side(t, old), side(t, new)
		if _, err := LoadOld(ctx, Input{Name: a}); err != nil {
			continue // the old side is no schema
		}
		names := func(dir string, whole bool) Input { return Input{Name: dir, Whole: whole, partly: !whole} }
		wo, wn, wholeErr := Load(ctx, names(a, true), names(b, true))
		po, pn, partErr := Load(ctx, names(a, false), names(b, false))
		if (wholeErr == nil) != (partErr == nil) {
			t.Fatalf("seed %d: the whole gives %v, the part %v\n%s", seed, wholeErr, partErr, difference(old, new))
		}
		if wholeErr != nil {
			failed++
			continue
		}
		compared++
		left += len(pn.equal)
		for _, use := range append([][]string{{"DATA"}, {"JSON"}, {"CODE"}}, [][]string{bufrules.CategoryNames()}...) {
			rules, err := Select(use, nil)
			if err != nil {
				t.Fatal(err)
			}
			o := Options{Rules: rules, AnyTypes: []string{"p.a.T00"}}
			whole, part := findings(t, Compare(wo, wn, o)), findings(t, Compare(po, pn, o))
			if whole != part {
				t.Fatalf("seed %d %v: the whole has\n%s\nthe part\n%s\n%s", seed, use, whole, part, difference(old, new))
			}
		}
	}
	if compared < rounds/5 || left < compared || failed < rounds/50 {
		t.Errorf("%d compared, %d files left out, %d with errors: that shows little", compared, left, failed)
	}
}

// findings are those of a report as text.
func findings(t *testing.T, r *Report) string {
	var b strings.Builder
	for _, f := range r.Findings {
		line, err := json.Marshal([]any{f.Rule, f.Element, f.File, f.Range, f.Message, f.Severity, f.Breaks, f.Previous, f.Contents, f.Why})
		if err != nil {
			t.Fatal(err)
		}
		b.Write(line)
		b.WriteByte('\n')
	}
	return b.String() + strings.Join(r.Notes, "\n")
}

func difference(old, new map[string]string) string {
	var b strings.Builder
	for path, text := range old {
		if new[path] != text {
			fmt.Fprintf(&b, "--- %s\n%s\n+++ %s\n%s\n", path, strings.ReplaceAll(text, "\n", "\n  "), path, strings.ReplaceAll(new[path], "\n", "\n  "))
		}
	}
	for path, text := range new {
		if _, ok := old[path]; !ok {
			fmt.Fprintf(&b, "+++ %s\n%s\n", path, strings.ReplaceAll(text, "\n", "\n  "))
		}
	}
	return b.String()
}

func TestSameTokens(t *testing.T) {
	for _, c := range []struct {
		a, b       string
		same, adds bool
	}{
		{"message M { }", "message M{} // x", true, true},
		{"message M { }", "message M { int32 a = 1; }", false, true},
		{"int32 a = 1;", "int32 a = 2;", false, false},
		{`option a = "x y";`, `option a = "x  y";`, false, false},
		{"/* a */ a", "b", false, false},
		{"", "\ufeff", true, true},
	} {
		if got := descriptors.SameTokens([]byte(c.a), []byte(c.b)); got != c.same {
			t.Errorf("SameTokens(%q, %q) = %v", c.a, c.b, got)
		}
		if got := descriptors.OnlyAdds([]byte(c.a), []byte(c.b)); got != c.adds {
			t.Errorf("OnlyAdds(%q, %q) = %v", c.a, c.b, got)
		}
	}
}

// FuzzFacts: what is read without the compiler neither panics nor depends on
// comments.
func FuzzFacts(f *testing.F) {
	f.Add([]byte("syntax = \"proto3\"; package a.b; import public \"x.proto\"; enum E { A = 0; } message M { extend N { } }"))
	f.Add([]byte("enum E { A = 0; "))
	f.Add([]byte("/* */ package /* a */ a . b ;"))
	f.Fuzz(func(t *testing.T, text []byte) {
		descriptors.ReadFacts(text)
		packageOf(text)
		imports(text)
		if !descriptors.SameTokens(text, append(bytes.Clone(text), "\n// end"...)) && !bytes.Contains(text, []byte("\"")) &&
			!bytes.Contains(text, []byte("'")) && !bytes.Contains(text, []byte("/")) {
			t.Errorf("a comment changes %q", text)
		}
	})
}
