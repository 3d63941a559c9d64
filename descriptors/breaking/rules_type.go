package breaking

import (
	"fmt"
	"slices"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/inspect/nearest"
)

func typeRules() []Rule {
	return []Rule{{
		ID: "MESSAGE_DELETED", Categories: data, Severity: "risk",
		Summary: "A message type that stood by itself is gone: recorded bytes of it have no reader.",
		Mend:    "keep the type while such bytes may exist",
		Old:     `message M { string a = 1; } message Kept { string b = 2; }`,
		New:     `message Kept { string b = 2; }`,
		schema:  messagesDeleted,
	}, {
		ID: "ANY_TYPE_DELETED", Categories: data, Severity: "break",
		Summary: "A type that travels within google.protobuf.Any (--any-types) is gone or renamed.",
		Mend:    "keep the type under its old name",
		Old:     `message Event { string x = 1; }`,
		New:     `message Other { int32 y = 1; }`,
		schema:  anyTypesDeleted,
	}}
}

func messagesDeleted(c *comparison) {
	var lost []protoreflect.Descriptor
	for _, t := range c.old.typeOrder {
		if c.pairs.types[t] == nil && !t.used && !lostParent(c, t.desc) && !c.anyType(t.desc) {
			lost = append(lost, t.desc)
		}
	}
	c.lost(lost, "message", "recorded bytes of the type have no reader", Risk, 0)
}

// lostParent says whether the type lies in another that is reported, and is so
// among its contents.
func lostParent(c *comparison, d protoreflect.MessageDescriptor) bool {
	for parent, ok := d.Parent().(protoreflect.MessageDescriptor); ok; parent, ok = parent.Parent().(protoreflect.MessageDescriptor) {
		if t := c.old.types[parent.FullName()]; t != nil && c.pairs.types[t] == nil && !t.used {
			return true
		}
	}
	return false
}

// lost reports declarations of the old side that are gone: those of a package
// or a file that is gone as a whole together.
func (c *comparison) lost(all []protoreflect.Descriptor, kind, why string, severity Severity, breaks Direction) {
	files, packages := make(map[string]bool), make(map[protoreflect.FullName]bool)
	for _, f := range c.new.files {
		files[f.Path()] = true
		packages[f.Package()] = true
	}
	scopes := make(map[string][]protoreflect.Descriptor)
	var order []string
	for _, d := range all {
		file := d.ParentFile()
		scope := ""
		switch {
		case !packages[file.Package()] && file.Package() != "":
			scope = "package " + string(file.Package())
		case !files[file.Path()]:
			scope = "file " + file.Path()
		default:
			scope = "element " + string(d.FullName())
		}
		if scopes[scope] == nil {
			order = append(order, scope)
		}
		scopes[scope] = append(scopes[scope], d)
	}
	for _, scope := range order {
		c.lostTogether(scope, scopes[scope], kind, why, severity, breaks)
	}
}

func (c *comparison) lostTogether(scope string, all []protoreflect.Descriptor, kind, why string, severity Severity, breaks Direction) {
	holder := c.holderOf(all[0])
	if len(all) > 1 {
		holder = nil
	}
	f := c.gone(holder, all[0], fmt.Sprintf("%s %s was deleted", kind, all[0].FullName()))
	if len(all) == 1 {
		f.Contents = contentsOf(all[0])
	} else {
		what, name, _ := strings.Cut(scope, " ")
		f.Element = name
		f.Message = fmt.Sprintf("%s %s was deleted, with %d %ss", what, name, len(all), kind)
		f.Previous.Element, f.Previous.Range = name, c.old.head(all[0].ParentFile())
		for _, d := range all {
			f.Contents = append(append(f.Contents, elementName(d)), contentsOf(d)...)
		}
	}
	f.Why = why
	f.base, f.Breaks = severity, breaks
	if what, name, _ := strings.Cut(scope, " "); what != "element" {
		c.lostCause(f, all, what, name, kind)
	}
}

// contentsOf are the declarations within one: nested types, a service's
// methods.
func contentsOf(d protoreflect.Descriptor) []string {
	var all []string
	switch d := d.(type) {
	case protoreflect.MessageDescriptor:
		for i := range d.Messages().Len() {
			if m := d.Messages().Get(i); !m.IsMapEntry() {
				all = append(append(all, elementName(m)), contentsOf(m)...)
			}
		}
		for i := range d.Enums().Len() {
			all = append(all, elementName(d.Enums().Get(i)))
		}
	case protoreflect.ServiceDescriptor:
		for i := range d.Methods().Len() {
			all = append(all, elementName(d.Methods().Get(i)))
		}
	}
	return all
}

func (c *comparison) anyType(d protoreflect.MessageDescriptor) bool {
	for _, name := range c.options.AnyTypes {
		if name == string(d.FullName()) {
			return true
		}
	}
	return false
}

func anyTypesDeleted(c *comparison) {
	for _, t := range c.old.typeOrder {
		if !c.anyType(t.desc) || c.new.types[t.desc.FullName()] != nil {
			continue
		}
		f := c.gone(c.holderOf(t.desc), t.desc, fmt.Sprintf("message %s, which travels within Any, was deleted", t.desc.FullName()))
		if n := c.pairs.types[t]; n != nil {
			f.Message = fmt.Sprintf("message %s, which travels within Any, was renamed to %s", t.desc.FullName(), n.desc.FullName())
			c.place(f, n.desc)
		}
		f.Why = "an Any names its type: new readers do not find the old name"
		f.hurts[0] = hurt{Break, func() *Witness { return c.anyWitness(t) }}
	}
}

// unknownAnyTypes tells of names in --any-types that neither side has: most
// likely slips, which would guard nothing.
func (c *comparison) unknownAnyTypes() []string {
	var notes []string
	for _, name := range c.options.AnyTypes {
		full := protoreflect.FullName(name)
		if c.old.types[full] != nil || c.new.types[full] != nil {
			continue
		}
		names := c.new.equalMessages()
		if slices.Contains(names, name) {
			continue
		}
		for _, t := range c.old.typeOrder {
			names = append(names, string(t.desc.FullName()))
		}
		note := "--any-types: neither schema has a message " + name
		if near := nearest.Name(name, names); near != "" {
			note += "; did you mean " + near + "?"
		}
		notes = append(notes, note)
	}
	return notes
}
