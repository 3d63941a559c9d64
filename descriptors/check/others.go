package check

import (
	"fmt"
	"math"
	"strconv"
)

func (c *checker) enum(e *enum, scope string) {
	e.full = join(scope, e.name.Text)
	c.settings(e.options, "EnumOptions", e.full)
	if len(e.values) == 0 {
		c.fail(e.name, "enum "+e.full+" has no values", "the first is 0: "+upper(e.name.Text)+"_UNSPECIFIED = 0;")
		return
	}
	if first := e.values[0]; c.open(e) && first.number.ok && first.number.value != 0 {
		c.fail(first.number.Name, "enum "+e.full+": the first value must be zero", "begin with "+upper(e.name.Text)+"_UNSPECIFIED = 0;")
	}
	alias := find(e.options, "allow_alias")
	allowed := alias != nil && alias.value.text == "true"
	taken := make(map[int64]*value)
	numbers := indexed(e.reserved)
	reserved := make(map[string]bool)
	for _, n := range e.reservedNames {
		reserved[n.Text] = true
	}
	for _, v := range e.values {
		c.settings(v.options, "EnumValueOptions", join(e.full, v.name.Text))
		if reserved[v.name.Text] {
			c.fail(v.name, "value "+v.name.Text+" of "+e.full+" has a reserved name", "")
		}
		n := v.number.value
		switch before := taken[n]; {
		case !v.number.ok:
		case n < math.MinInt32 || n > math.MaxInt32:
			c.fail(v.number.Name, "value "+v.name.Text+" of "+e.full+" is out of range", "values are 32-bit numbers with a sign")
		case numbers.hold(n):
			c.fail(v.number.Name, fmt.Sprintf("enum %s: value %s is using number %d which is in a reserved range", e.full, v.name.Text, n), "")
		case before != nil && !allowed:
			c.fail(v.number.Name, fmt.Sprintf("enum %s: values %s and %s both have the same numeric value %d; use allow_alias option if intentional", e.full, before.name.Text, v.name.Text, n), "")
		default:
			taken[n] = v
		}
	}
}

// open says whether an enum takes unnamed numbers, by its own features and
// the file's.
func (c *checker) open(e *enum) bool {
	for _, options := range [][]option{e.options, c.file.options} {
		for i := range options {
			if options[i].full() == "features.enum_type" {
				return options[i].value.text != "CLOSED"
			}
		}
	}
	return c.file.syntax.Text != "proto2"
}

func upper(name string) string {
	b := make([]byte, 0, len(name)+4)
	for i, ch := range []byte(name) {
		switch {
		case ch >= 'a' && ch <= 'z':
			ch -= 'a' - 'A'
		case ch >= 'A' && ch <= 'Z' && i > 0 && name[i-1] >= 'a' && name[i-1] <= 'z':
			b = append(b, '_')
		}
		b = append(b, ch)
	}
	return string(b)
}

func (c *checker) extend(x *extend, scope string) {
	c.typed(x.extendee, scope, "unknown extendee type ", Message)
	owner, _, file, found := c.resolve(x.extendee.Text, scope)
	var extended *message
	if f := c.set.Files[file]; found && f != nil {
		extended = f.messageNamed(owner)
	}
	var allowed ranges
	if extended != nil {
		allowed = indexed(extended.extensions)
	}
	for _, f := range x.fields {
		c.field(f, scope)
		if key := owner + " " + f.number.Text; f.number.ok && found {
			if before, twice := c.extensions[key]; twice {
				c.fail(f.number.Name, "extensions "+before+" and "+f.name.Text+" of "+owner+" both have the tag "+f.number.Text, "")
			} else {
				c.extensions[key] = f.name.Text
			}
		}
		if f.label.Text == "required" {
			c.fail(f.label, "extension "+join(scope, f.name.Text)+" cannot be required", "")
		}
		if f.number.ok && extended != nil && c.inRange(f, scope, maxSetField) && !allowed.hold(f.number.value) {
			c.fail(f.number.Name, "extension "+join(scope, f.name.Text)+": tag "+strconv.FormatInt(f.number.value, 10)+" is not in valid range for extended type "+owner, "its ranges are written: extensions 100 to 199;")
		}
	}
}

// enumNamed is the enum of that full name, nil for none.
func (f *File) enumNamed(full string) *enum {
	enums := f.enums
	if m := f.messageNamed(parent(full)); m != nil {
		enums = m.enums
	}
	for _, e := range enums {
		if e.name.Text == full[len(parent(full)):] || "."+e.name.Text == full[len(parent(full)):] {
			return e
		}
	}
	return nil
}

// messageNamed is the message of that full name, nil for none.
func (f *File) messageNamed(full string) *message {
	if f.byName == nil {
		f.byName = make(map[string]*message)
		for _, m := range f.messages {
			f.index(m, f.pkg.Text)
		}
	}
	return f.byName[full]
}

func (f *File) index(m *message, scope string) {
	name := join(scope, m.name.Text)
	f.byName[name] = m
	for _, n := range m.messages {
		f.index(n, name)
	}
}

func (c *checker) service(s *service) {
	full := join(c.file.pkg.Text, s.name.Text)
	c.settings(s.options, "ServiceOptions", full)
	for _, m := range s.methods {
		name := join(full, m.name.Text)
		c.settings(m.options, "MethodOptions", name)
		c.typed(m.in, full, "method "+name+": unknown request type ", Message)
		c.typed(m.out, full, "method "+name+": unknown response type ", Message)
	}
}
