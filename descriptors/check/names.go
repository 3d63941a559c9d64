package check

import (
	"fmt"
	"strings"
)

// duplicates reports names that this file declares twice, or that another file
// of the set declares too.
func (c *checker) duplicates() {
	first := make(map[string]Name)
	c.file.walk(func(d declared, full string) {
		if d.name.Text == "" {
			return
		}
		before, twice := first[full]
		at := c.set.path(c.name)
		if !twice {
			first[full] = d.name
			if before, at, twice = c.elsewhere(full); !twice {
				return
			}
		}
		name := d.name
		if at == c.set.path(c.name) && before.after(name) {
			before, name = name, before
		}
		where := " already defined at " + at
		if before.Line > 0 {
			where += fmt.Sprintf(":%d:%d", before.Line, before.Column)
		}
		c.fail(name, fmt.Sprintf("symbol %q", full)+where, "give one of the two another name")
	})
}

// after says whether a name stands after another in the same file.
func (n Name) after(other Name) bool {
	return n.Line > other.Line || n.Line == other.Line && n.Column > other.Column
}

// elsewhere finds a name in the other files that this one sees.
func (c *checker) elsewhere(full string) (name Name, path string, found bool) {
	for _, other := range c.visible[1:] {
		s := c.set.scope(other)
		if d, ok := s.names[full]; ok {
			return d.name, c.set.path(other), true
		}
	}
	return Name{}, "", false
}

// resolve finds a type or an extension by the name that stands in a scope: the
// innermost one that has it. It gives the full name, what it is and the file.
func (c *checker) resolve(name, scope string) (full string, d declared, file string, found bool) {
	if rest, ok := strings.CutPrefix(name, "."); ok {
		d, file, found = c.declared(rest)
		return rest, d, file, found
	}
	for {
		full = join(scope, name)
		if d, file, found = c.declared(full); found {
			return full, d, file, true
		}
		if scope == "" {
			return name, declared{}, "", false
		}
		scope = parent(scope)
	}
}

func (c *checker) declared(full string) (d declared, file string, found bool) {
	for _, name := range c.visible {
		if d, found = c.set.scope(name).names[full]; found {
			return d, name, true
		}
	}
	return declared{}, "", false
}

// typed checks that a name is a type of one of the kinds; what names the place.
func (c *checker) typed(name Name, scope, what string, kinds ...Kind) (declared, bool) {
	if name.Text == "" {
		return declared{}, false
	}
	full, d, file, found := c.resolve(name.Text, scope)
	switch {
	case !found:
		if !c.missing {
			c.fail(name, what+name.Text, "")
		}
		return d, false
	case d.local && file != c.name:
		c.failEdition(name, full+" is local to "+c.set.path(file)+" and cannot be used here", "write export before it there")
	}
	for _, k := range kinds {
		if d.kind == k {
			return d, true
		}
	}
	c.fail(name, full+" is "+d.kind.said()+", not "+kinds[0].said(), "")
	return d, false
}

func (k Kind) said() string {
	switch k {
	case Message:
		return "a message"
	case Enum:
		return "an enum"
	case Extension:
		return "an extension"
	case Service:
		return "a service"
	}
	return "no type"
}

// isScalar says whether a type is one of the language's own.
func isScalar(name string) bool {
	switch name {
	case "double", "float", "int32", "int64", "uint32", "uint64", "sint32", "sint64",
		"fixed32", "fixed64", "sfixed32", "sfixed64", "bool", "string", "bytes":
		return true
	}
	return false
}
