package bufrules

import (
	"fmt"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// Finding is one answer of a rule.
type Finding struct {
	Rule *Rule
	// Element is the declaration that it is about: of what is gone, the old.
	Element protoreflect.Descriptor
	// Package is the name of a package that is gone: the element then.
	Package protoreflect.FullName
	// New is the declaration of the new side that changed or lost something,
	// nil where there is none; Old the one of the old side.
	New, Old protoreflect.Descriptor
	// File is the file that the finding stands in, nil for none, and Location
	// the place there; its Path is nil for none.
	File     protoreflect.FileDescriptor
	Location protoreflect.SourceLocation
	// Message says what changed.
	Message string
}

// check is one run of the rules over two sides.
type check struct {
	old, new *side
	locate   Locator // in the new side
	rule     *Rule
	findings []Finding
}

// Locator finds a place by its path in a file; the Path of the result is nil
// where there is none.
type Locator func(protoreflect.FileDescriptor, protoreflect.SourcePath) protoreflect.SourceLocation

// Run applies rules to the files of two sides and what they import; locate
// finds places of the new side.
func Run(old, new []protoreflect.FileDescriptor, rules []Rule, locate Locator) []Finding {
	c := &check{old: newSide(old), new: newSide(new), locate: locate}
	for i := range rules {
		c.rule = &rules[i]
		switch r := c.rule; {
		case r.run != nil:
			r.run(c)
		case r.file != nil:
			c.files(r.file)
		case r.message != nil:
			c.messages(r.message)
		case r.enum != nil:
			c.enums(r.enum)
		case r.field != nil:
			c.fields(r.field)
		case r.service != nil:
			c.services(r.service)
		case r.method != nil:
			c.methods(r.method)
		}
	}
	return c.findings
}

func (c *check) files(step func(c *check, old, new protoreflect.FileDescriptor)) {
	for _, old := range c.old.files {
		if new := c.new.byPath[old.Path()]; new != nil {
			step(c, old, new)
		}
	}
}

func (c *check) messages(step func(c *check, old, new protoreflect.MessageDescriptor)) {
	for _, old := range c.old.messages {
		if new := c.new.messageNamed[old.FullName()]; new != nil {
			step(c, old, new)
		}
	}
}

func (c *check) enums(step func(c *check, old, new protoreflect.EnumDescriptor)) {
	for _, old := range c.old.enums {
		if new := c.new.enumNamed[old.FullName()]; new != nil {
			step(c, old, new)
		}
	}
}

// fields pairs the fields of messages, and extensions.
func (c *check) fields(step func(c *check, old, new protoreflect.FieldDescriptor)) {
	c.messages(func(c *check, oldMessage, newMessage protoreflect.MessageDescriptor) {
		for i := range oldMessage.Fields().Len() {
			old := oldMessage.Fields().Get(i)
			if new := c.new.field(newMessage, old.Number()); new != nil {
				step(c, old, new)
			}
		}
	})
	for _, old := range c.old.extensions {
		if new := c.new.extensionNumber[keyOf(old)]; new != nil {
			step(c, old, new)
		}
	}
}

func (c *check) services(step func(c *check, old, new protoreflect.ServiceDescriptor)) {
	for _, old := range c.old.services {
		if new := c.new.serviceNamed[old.FullName()]; new != nil {
			step(c, old, new)
		}
	}
}

func (c *check) methods(step func(c *check, old, new protoreflect.MethodDescriptor)) {
	c.services(func(c *check, oldService, newService protoreflect.ServiceDescriptor) {
		for i := range oldService.Methods().Len() {
			old := oldService.Methods().Get(i)
			if new := newService.Methods().ByName(old.Name()); new != nil {
				step(c, old, new)
			}
		}
	})
}

// changed adds a finding about a declaration of both sides, or of the new one
// alone, at a place of the new file.
func (c *check) changed(old, new protoreflect.Descriptor, at place, format string, args ...any) {
	c.findings = append(c.findings, Finding{Rule: c.rule, Element: new, New: new, Old: old,
		File: new.ParentFile(), Location: at.location(c.locate), Message: fmt.Sprintf(format, args...)})
}

// gone adds a finding about what the new side lacks; holder is what lost it
// there, at its place; nil where that is gone too.
func (c *check) gone(old, holder protoreflect.Descriptor, format string, args ...any) {
	f := Finding{Rule: c.rule, Element: old, Old: old, New: holder, Message: fmt.Sprintf(format, args...)}
	if holder != nil {
		f.File, f.Location = holder.ParentFile(), whole(holder).location(c.locate)
	}
	c.findings = append(c.findings, f)
}
