package check

import (
	"strconv"
	"strings"
)

// Kind is what a name declares.
type Kind uint8

// The kinds of declarations. Other is fields, values, methods and the like.
const (
	Other Kind = iota
	Message
	Enum
	Extension
	Service
)

// Set is files that belong together.
type Set struct {
	// Files are those that have been read, by the names that imports use.
	Files map[string]*File
	// Paths are their paths as somebody would open them.
	Paths map[string]string
	// Outside says what a file declares that is not among Files, and what it
	// imports publicly; ok is false where nobody has it.
	Outside func(name string) (declares map[string]Kind, public []string, ok bool)

	known map[string]*scope
}

// scope is what one file declares.
type scope struct {
	names  map[string]declared
	public []string
	pkg    string
}

type declared struct {
	kind Kind
	name Name
	// local says that edition 2024 hides it from other files.
	local bool
}

// checker checks one file of a set.
type checker struct {
	set      *Set
	file     *File
	name     string
	problems []Problem
	// visible are the files whose names can be used here; the first is the
	// file itself. missing says that an import was not found.
	visible []string
	missing bool
	// extensions are those met, by extended type and number.
	extensions map[string]string
}

// Check is all that is wrong with one of the files but its syntax, in the
// order of the text.
func (s *Set) Check(name string) []Problem {
	c := &checker{set: s, file: s.Files[name], name: name, extensions: make(map[string]string)}
	if c.file == nil {
		return nil
	}
	c.imports()
	c.duplicates()
	c.settings(c.file.options, "FileOptions", "file")
	for _, m := range c.file.messages {
		c.message(m, c.file.pkg.Text)
	}
	for _, e := range c.file.enums {
		c.enum(e, c.file.pkg.Text)
	}
	for _, x := range c.file.extends {
		c.extend(x, c.file.pkg.Text)
	}
	for _, v := range c.file.services {
		c.service(v)
	}
	c.edition()
	return sorted(c.problems)
}

// maxProblems bounds what is said of one file.
const maxProblems = 50

func (c *checker) enough() bool { return len(c.problems) >= maxProblems }

func (c *checker) fail(at Name, message, hint string) {
	if c.enough() {
		return
	}
	c.problems = append(c.problems, Problem{Line: at.Line, Column: at.Column, Message: message, Hint: hint})
}

// failEdition reports what breaks a rule of an edition.
func (c *checker) failEdition(at Name, message, hint string) {
	if !c.enough() {
		c.fail(at, message, hint)
		c.problems[len(c.problems)-1].Edition = true
	}
}

// imports finds the files that this one sees.
func (c *checker) imports() {
	seen := map[string]bool{c.name: true}
	c.visible = []string{c.name}
	lines := make(map[string]Name)
	for _, i := range c.file.imports {
		if before, twice := lines[i.Path.Text]; twice {
			c.fail(i.Path, `import "`+i.Path.Text+`" stands here again; the first is on line `+strconv.Itoa(before.Line), "remove one of them")
			continue
		}
		lines[i.Path.Text] = i.Path
		if !i.Option {
			c.sees(i.Path.Text, seen)
		}
	}
}

// sees adds a file and what it imports publicly.
func (c *checker) sees(name string, seen map[string]bool) {
	if seen[name] {
		return
	}
	seen[name] = true
	s := c.set.scope(name)
	if s == nil {
		c.missing = true
		return
	}
	c.visible = append(c.visible, name)
	for _, p := range s.public {
		c.sees(p, seen)
	}
}

// scope is what a file declares; nil where nobody has it.
func (s *Set) scope(name string) *scope {
	if known, ok := s.known[name]; ok {
		return known
	}
	if s.known == nil {
		s.known = make(map[string]*scope)
	}
	var made *scope
	if f := s.Files[name]; f != nil {
		made = f.scope()
	} else if s.Outside != nil {
		if names, public, ok := s.Outside(name); ok {
			made = &scope{names: make(map[string]declared, len(names)), public: public}
			for n, kind := range names {
				made.names[n] = declared{kind: kind}
			}
		}
	}
	s.known[name] = made
	return made
}

func (f *File) scope() *scope {
	s := &scope{names: make(map[string]declared), pkg: f.pkg.Text}
	for _, i := range f.imports {
		if i.Public {
			s.public = append(s.public, i.Path.Text)
		}
	}
	f.walk(func(d declared, full string) {
		if _, twice := s.names[full]; !twice {
			s.names[full] = d
		}
	})
	return s
}

// path is a file as somebody would open it.
func (s *Set) path(name string) string {
	if path := s.Paths[name]; path != "" {
		return path
	}
	return name
}

func join(scope, name string) string {
	if scope == "" {
		return name
	}
	return scope + "." + name
}

func parent(scope string) string { return scope[:max(strings.LastIndexByte(scope, '.'), 0)] }

// walk visits all that a file declares, with full names, in the order of the
// text within each scope.
func (f *File) walk(visit func(d declared, full string)) {
	w := walker{visit: visit}
	hidden := f.hidden()
	for _, m := range f.messages {
		w.message(m, f.pkg.Text, hidden)
	}
	for _, e := range f.enums {
		w.enum(e, f.pkg.Text, hidden)
	}
	for _, x := range f.extends {
		w.fields(x.fields, f.pkg.Text, Extension, hidden)
	}
	for _, v := range f.services {
		full := join(f.pkg.Text, v.name.Text)
		visit(declared{Service, v.name, false}, full)
		for _, m := range v.methods {
			visit(declared{Other, m.name, false}, join(full, m.name.Text))
		}
	}
}

type walker struct {
	visit func(d declared, full string)
}

func (w walker) message(m *message, scope string, hidden visibilityRule) {
	m.full = join(scope, m.name.Text)
	w.visit(declared{Message, m.name, hidden.hides(m.visibility, m.nested)}, m.full)
	w.fields(m.fields, m.full, Other, hidden)
	for _, o := range m.oneofs {
		w.visit(declared{Other, o.name, false}, join(m.full, o.name.Text))
	}
	for _, n := range m.messages {
		w.message(n, m.full, hidden)
	}
	for _, e := range m.enums {
		w.enum(e, m.full, hidden)
	}
	for _, x := range m.extends {
		w.fields(x.fields, m.full, Extension, hidden)
	}
}

func (w walker) fields(fields []*field, scope string, kind Kind, hidden visibilityRule) {
	for _, f := range fields {
		name := f.name
		if f.group != nil {
			w.message(f.group, scope, hidden)
			name.Text = strings.ToLower(name.Text)
		}
		w.visit(declared{kind, name, false}, join(scope, name.Text))
	}
}

func (w walker) enum(e *enum, scope string, hidden visibilityRule) {
	e.full = join(scope, e.name.Text)
	w.visit(declared{Enum, e.name, hidden.hides(e.visibility, e.nested)}, e.full)
	for _, v := range e.values {
		w.visit(declared{Other, v.name, false}, join(scope, v.name.Text))
	}
}
