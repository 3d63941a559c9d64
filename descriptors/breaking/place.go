package breaking

import (
	"google.golang.org/protobuf/reflect/protoreflect"
)

// placement is where the comment stands that can waive a finding: the element
// in the new schema, or what held it.
type placement struct {
	file protoreflect.FileDescriptor
	desc protoreflect.Descriptor // nil: the file itself
}

// found adds a finding about an element of both sides, or of the new one.
func (c *comparison) found(new, old protoreflect.Descriptor, message string) *Finding {
	f := c.finding(elementName(new), message)
	c.place(f, new)
	f.Previous = c.previous(old)
	return f
}

// gone adds a finding about an element that the new side lacks; holder is what
// held it there, nil if that is gone too.
func (c *comparison) gone(holder, old protoreflect.Descriptor, message string) *Finding {
	f := c.finding(elementName(old), message)
	if holder != nil {
		c.place(f, holder)
	} else {
		f.File = old.ParentFile().Path()
	}
	f.Previous = c.previous(old)
	return f
}

func (c *comparison) finding(element, message string) *Finding {
	f := &Finding{Rule: c.rule.ID, Categories: c.rule.Categories, Element: element, Message: message, Advice: c.rule.Mend}
	for i := range c.options.Rules {
		if &c.options.Rules[i] == c.rule {
			f.order = i
		}
	}
	c.findings = append(c.findings, f)
	return f
}

// place puts a finding where a declaration of the new side stands.
func (c *comparison) place(f *Finding, at protoreflect.Descriptor) {
	file := at.ParentFile()
	f.File, f.Path, f.Range = file.Path(), c.new.paths[file.Path()], c.new.declared(at)
	f.at = placement{file, at}
	if _, ok := at.(protoreflect.FileDescriptor); ok {
		f.Range = c.new.head(file)
		f.at.desc = nil
	}
}

func (c *comparison) previous(old protoreflect.Descriptor) *Previous {
	if old == nil {
		return nil
	}
	p := &Previous{Element: elementName(old), File: old.ParentFile().Path(), Range: c.old.declared(old), path: c.old.paths[old.ParentFile().Path()]}
	if file, ok := old.(protoreflect.FileDescriptor); ok {
		p.Range = c.old.head(file)
	}
	return p
}

// elementName is the full name of a declaration; that of an enum's value has
// the enum's before it, and a file's is its name.
func elementName(d protoreflect.Descriptor) string {
	switch d := d.(type) {
	case protoreflect.FileDescriptor:
		return d.Path()
	case protoreflect.EnumValueDescriptor:
		return string(d.Parent().FullName()) + "." + string(d.Name())
	}
	return string(d.FullName())
}

// holderOf is what stands in place of a lost declaration's parent: the type
// that corresponds to it, or the file of the same name, or nil.
func (c *comparison) holderOf(old protoreflect.Descriptor) protoreflect.Descriptor {
	switch parent := old.Parent().(type) {
	case protoreflect.MessageDescriptor:
		if t := c.old.types[parent.FullName()]; t != nil {
			if n := c.pairs.types[t]; n != nil {
				return n.desc
			}
		}
		return c.holderOf(parent)
	case protoreflect.FileDescriptor:
		for _, f := range c.new.files {
			if f.Path() == parent.Path() {
				return f
			}
		}
	}
	return nil
}
