package check

import (
	"strings"
)

// visibilityRule is what features.default_symbol_visibility of a file says.
type visibilityRule uint8

const (
	exportAll visibilityRule = iota
	exportTop
	localAll
	strict
)

// hidden is the rule of a file: all is exported before edition 2024, what is
// not nested from then on.
func (f *File) hidden() visibilityRule {
	rule := exportAll
	if f.Edition() >= "2024" {
		rule = exportTop
	}
	for i := range f.options {
		if f.options[i].full() != "features.default_symbol_visibility" {
			continue
		}
		switch f.options[i].value.text {
		case "EXPORT_ALL":
			rule = exportAll
		case "EXPORT_TOP_LEVEL":
			rule = exportTop
		case "LOCAL_ALL":
			rule = localAll
		case "STRICT":
			rule = strict
		}
	}
	return rule
}

// hides says whether other files do not see a declaration.
func (v visibilityRule) hides(said Name, nested bool) bool {
	if said.Text != "" {
		return said.Text == "local"
	}
	return v == localAll || v == strict || v == exportTop && nested
}

// edition checks what edition 2024 adds or takes away.
func (c *checker) edition() {
	f := c.file
	old := f.Edition() < "2024"
	options := false
	for _, i := range f.imports {
		if options && !i.Option {
			c.failEdition(i.Path, "an import after those that are for options alone", "move it above the first import option")
		}
		options = options || i.Option
		switch {
		case old && i.Option:
			c.failEdition(i.Path, "import option exists from edition 2024 on", "")
		case !old && i.Weak:
			c.failEdition(i.Path, "import weak does not exist in edition 2024", "leave weak out, or write import option for a file of options")
		}
	}
	c.visibilities(old)
	if old {
		return
	}
	if o := find(f.options, "java_multiple_files"); o != nil {
		c.failEdition(o.parts[0], "option java_multiple_files does not exist in edition 2024", "write option features.(pb.java).nest_in_file_class = YES or NO")
	}
	c.style()
	f.eachField(func(fd *field, _ string) {
		if o := find(fd.options, "ctype"); o != nil {
			c.failEdition(o.parts[0], "option ctype does not exist in edition 2024", "write features.(pb.cpp).string_type = VIEW, CORD or STRING")
		}
	})
}

// visibilities checks export and local.
func (c *checker) visibilities(old bool) {
	rule := c.file.hidden()
	check := func(visibility Name, name string, nested bool, allowed bool) {
		switch {
		case visibility.Text == "":
		case old:
			c.failEdition(visibility, visibility.Text+" exists from edition 2024 on", "")
		case rule == strict && nested && visibility.Text == "export" && !allowed:
			c.failEdition(visibility, "nested "+name+" cannot be exported: the file's default_symbol_visibility is STRICT", "move it out of its message")
		}
	}
	var visit func(m *message)
	visit = func(m *message) {
		check(m.visibility, m.name.Text, m.nested, false)
		// A message that is there only to hold enums may export them.
		holder := holdsOnlyEnums(m)
		for _, e := range m.enums {
			check(e.visibility, e.name.Text, true, holder)
		}
		for _, n := range m.messages {
			visit(n)
		}
	}
	for _, m := range c.file.messages {
		visit(m)
	}
	for _, e := range c.file.enums {
		check(e.visibility, e.name.Text, false, false)
	}
}

// holdsOnlyEnums says whether a message has no fields and cannot get any.
func holdsOnlyEnums(m *message) bool {
	if len(m.fields)+len(m.oneofs)+len(m.messages)+len(m.extends)+len(m.extensions) > 0 {
		return false
	}
	for _, r := range m.reserved {
		if r.from.value == 1 && r.to.value >= maxField {
			return true
		}
	}
	return false
}

// eachField visits all fields of a file, extensions too.
func (f *File) eachField(visit func(f *field, owner string)) {
	all := func(fields []*field, owner string) {
		for _, fd := range fields {
			visit(fd, owner)
		}
	}
	var inside func(m *message)
	inside = func(m *message) {
		all(m.fields, m.name.Text)
		for _, x := range m.extends {
			all(x.fields, m.name.Text)
		}
		for _, n := range m.messages {
			inside(n)
		}
	}
	for _, m := range f.messages {
		inside(m)
	}
	for _, x := range f.extends {
		all(x.fields, "")
	}
}

// legacyStyle says whether options ask for no naming style; said is whether
// they say anything.
func legacyStyle(options []option) (legacy, said bool) {
	for i := range options {
		if options[i].full() == "features.enforce_naming_style" {
			return options[i].value.text == "STYLE_LEGACY", true
		}
	}
	return false, false
}

// style checks the names of a file as features.enforce_naming_style wants
// them: STYLE2024 is the default of that edition.
func (c *checker) style() {
	legacy, _ := legacyStyle(c.file.options)
	s := &styler{checker: c}
	if !legacy && c.file.pkg.Text != "" {
		for _, part := range strings.Split(c.file.pkg.Text, ".") {
			if !snake(part) {
				s.wrong(c.file.pkg, "package "+c.file.pkg.Text, "lower_snake_case")
				break
			}
		}
	}
	for _, m := range c.file.messages {
		s.message(m, legacy)
	}
	for _, e := range c.file.enums {
		s.enum(e, legacy)
	}
	for _, x := range c.file.extends {
		s.fields(x.fields, legacy)
	}
	for _, v := range c.file.services {
		s.service(v, legacy)
	}
}

type styler struct{ *checker }

func (s *styler) wrong(at Name, what, style string) {
	s.failEdition(at, what+" is not in "+style+", which edition 2024 asks for", "rename it, or set features.enforce_naming_style = STYLE_LEGACY on it or on the file")
}

func inherit(options []option, legacy bool) bool {
	if own, said := legacyStyle(options); said {
		return own
	}
	return legacy
}

func (s *styler) message(m *message, legacy bool) {
	legacy = inherit(m.options, legacy)
	if !legacy && !title(m.name.Text) {
		s.wrong(m.name, "message "+m.name.Text, "TitleCase")
	}
	s.fields(m.fields, legacy)
	for _, o := range m.oneofs {
		if !inherit(o.options, legacy) && !snake(o.name.Text) {
			s.wrong(o.name, "oneof "+o.name.Text, "lower_snake_case")
		}
	}
	for _, n := range m.messages {
		s.message(n, legacy)
	}
	for _, e := range m.enums {
		s.enum(e, legacy)
	}
	for _, x := range m.extends {
		s.fields(x.fields, legacy)
	}
}

func (s *styler) fields(fields []*field, legacy bool) {
	for _, f := range fields {
		if !inherit(f.options, legacy) && !snake(f.name.Text) {
			s.wrong(f.name, "field "+f.name.Text, "lower_snake_case")
		}
	}
}

func (s *styler) enum(e *enum, legacy bool) {
	legacy = inherit(e.options, legacy)
	if !legacy && !title(e.name.Text) {
		s.wrong(e.name, "enum "+e.name.Text, "TitleCase")
	}
	for _, v := range e.values {
		if !inherit(v.options, legacy) && !screaming(v.name.Text) {
			s.wrong(v.name, "value "+v.name.Text, "UPPER_SNAKE_CASE")
		}
	}
}

func (s *styler) service(v *service, legacy bool) {
	legacy = inherit(v.options, legacy)
	if !legacy && !title(v.name.Text) {
		s.wrong(v.name, "service "+v.name.Text, "TitleCase")
	}
	for _, m := range v.methods {
		if !inherit(m.options, legacy) && !title(m.name.Text) {
			s.wrong(m.name, "method "+m.name.Text, "TitleCase")
		}
	}
}

// title, snake and screaming are the styles; underscores stand only before
// letters.
func title(name string) bool {
	return name != "" && name[0] >= 'A' && name[0] <= 'Z' && !strings.Contains(name, "_")
}

func snake(name string) bool {
	return name != "" && strings.ToLower(name) == name && underscored(name)
}

func screaming(name string) bool {
	return name != "" && strings.ToUpper(name) == name && underscored(name)
}

func underscored(name string) bool {
	if isDigit(name[0]) || name[0] == '_' || name[len(name)-1] == '_' {
		return false
	}
	for i := 1; i < len(name); i++ {
		if name[i-1] == '_' && !(name[i] >= 'a' && name[i] <= 'z' || name[i] >= 'A' && name[i] <= 'Z') {
			return false
		}
	}
	return true
}
