package check

import (
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"

	"github.com/pbscope/pbscope/inspect/nearest"
)

// settings checks the names and values of options of a kind (FileOptions, …)
// on an element.
func (c *checker) settings(options []option, kind, element string) {
	messages := descriptorpb.File_google_protobuf_descriptor_proto.Messages()
	d := messages.ByName(protoreflect.Name(kind))
	set := make(map[string]bool)
	for i := range options {
		o := &options[i]
		if kind == "FieldOptions" && (o.is("default") || o.is("json_name")) {
			if o.is("json_name") && o.value.kind != 's' {
				c.fail(o.value.name(), "json_name takes a string", "")
			}
			continue
		}
		f := c.setting(o, d, element)
		if name := o.full(); f != nil && f.Cardinality() != protoreflect.Repeated && f.Message() == nil {
			if set[name] {
				c.fail(o.parts[0], "option "+name+" of "+element+" is set twice", "remove one of them")
			}
			set[name] = true
		}
	}
}

// setting checks one option, and gives the field that it sets; nil for what is
// not known here, as the fields of extensions.
func (c *checker) setting(o *option, d protoreflect.MessageDescriptor, element string) protoreflect.FieldDescriptor {
	var f protoreflect.FieldDescriptor
	for _, part := range o.parts {
		if name, ok := strings.CutPrefix(part.Text, "("); ok {
			c.extension(Name{strings.TrimSuffix(name, ")"), part.Line, part.Column}, element)
			return nil
		}
		if d == nil {
			c.fail(part, "option "+o.full()+": "+string(f.Name())+" has no fields", "")
			return nil
		}
		if f = d.Fields().ByName(protoreflect.Name(part.Text)); f == nil || f.Name() == "uninterpreted_option" {
			c.unknownOption(part, o, d)
			return nil
		}
		if name := f.Name(); (name == "enforce_naming_style" || name == "default_symbol_visibility") && c.file.edition && c.file.syntax.Text < "2024" {
			c.failEdition(part, "features."+string(name)+" exists from edition 2024 on", "")
		}
		d = f.Message()
	}
	c.optionValue(o, f)
	return f
}

func (c *checker) unknownOption(part Name, o *option, d protoreflect.MessageDescriptor) {
	var names []string
	for i := range d.Fields().Len() {
		names = append(names, string(d.Fields().Get(i).Name()))
	}
	hint := "options of your own stand in parentheses: (" + part.Text + ")"
	if near := nearest.Name(part.Text, names); near != "" {
		hint = "did you mean " + near + "?"
	} else if len(o.parts) > 1 {
		hint = "it has " + strings.Join(names, ", ")
	}
	c.fail(part, "unknown option "+o.full()+": "+string(d.Name())+" has no field "+part.Text, hint)
}

// extension checks that somebody declares an option of one's own.
func (c *checker) extension(name Name, element string) {
	scope := element
	for {
		if _, d, _, found := c.resolve(name.Text, scope); found && d.kind == Extension {
			return
		}
		if scope == "" {
			break
		}
		scope = parent(scope)
	}
	for _, i := range c.file.imports {
		// What is imported for options alone is seen by them.
		if s := c.set.scope(i.Path.Text); i.Option && (s == nil || s.has(name.Text, c.file.pkg.Text)) {
			return
		}
	}
	if !c.missing {
		c.fail(name, "unknown extension "+name.Text, "")
	}
}

func (s *scope) has(name, pkg string) bool {
	for scope := pkg; ; scope = parent(scope) {
		if _, ok := s.names[strings.TrimPrefix(join(scope, name), ".")]; ok {
			return true
		}
		if scope == "" {
			_, ok := s.names[strings.TrimPrefix(name, ".")]
			return ok
		}
	}
}

func (c *checker) optionValue(o *option, f protoreflect.FieldDescriptor) {
	if o.value.bad {
		return
	}
	if f.Enum() != nil && o.parts[0].Text == "features" && strings.HasSuffix(o.value.text, "_UNKNOWN") {
		c.failEdition(o.value.name(), "option "+o.full()+" must be set to something", "leave it out for the edition's default")
		return
	}
	wanted := ""
	switch f.Kind() {
	case protoreflect.BoolKind:
		if o.value.text != "true" && o.value.text != "false" || o.value.kind != 'w' {
			wanted = "true or false"
		}
	case protoreflect.StringKind, protoreflect.BytesKind:
		if o.value.kind != 's' {
			wanted = "a string"
		}
	case protoreflect.EnumKind:
		if f.Enum().Values().ByName(protoreflect.Name(o.value.text)) == nil || o.value.kind != 'w' {
			var names []string
			for i := range f.Enum().Values().Len() {
				if v := f.Enum().Values().Get(i); v.Number() != 0 || !strings.HasSuffix(string(v.Name()), "UNKNOWN") {
					names = append(names, string(v.Name()))
				}
			}
			wanted = "one of " + strings.Join(names, ", ")
		}
	case protoreflect.MessageKind:
		if !o.aggregate {
			wanted = "a message in braces"
		}
	default:
		if o.value.kind != 'i' {
			wanted = "a number"
		}
	}
	if wanted != "" && !(f.IsList() && o.aggregate) {
		c.fail(o.value.name(), "option "+o.full()+" takes "+wanted+", not "+o.value.said(), "")
	}
}
