package breaking

import (
	"encoding/hex"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/inspect/plan"
)

func hexOf(b []byte) string { return hex.EncodeToString(b) }

// elements are the declarations of a schema by name.
type elements struct {
	byName map[string]protoreflect.Descriptor
	all    []string
}

func (e *elements) find(name string) protoreflect.Descriptor {
	return e.byName[strings.TrimPrefix(name, ".")]
}

func (e *elements) names() []string { return e.all }

func (e *elements) add(d protoreflect.Descriptor) {
	name := elementName(d)
	if e.byName[name] == nil {
		e.byName[name] = d
		e.all = append(e.all, name)
	}
	if full := string(d.FullName()); full != name && e.byName[full] == nil && full != "" {
		if _, ok := d.(protoreflect.EnumValueDescriptor); ok {
			e.byName[full] = d
		}
	}
}

// elementsOf are the elements of the compared files, and what they import.
func elementsOf(s *Schema) *elements {
	e := &elements{byName: make(map[string]protoreflect.Descriptor)}
	for _, f := range s.files {
		e.add(f)
	}
	for _, t := range s.typeOrder {
		e.addType(t.desc)
	}
	for _, n := range s.enumOrder {
		e.addEnum(n.desc)
	}
	for _, d := range s.serviceOrder {
		e.add(d)
		for i := range d.Methods().Len() {
			e.add(d.Methods().Get(i))
		}
	}
	for _, x := range s.extensionOrder {
		e.add(x)
	}
	for _, t := range s.types {
		if !t.checked && !t.desc.IsMapEntry() && t.desc.Parent() != nil && !t.desc.IsPlaceholder() {
			e.addType(t.desc)
		}
	}
	for _, n := range s.enums {
		if !n.checked {
			e.addEnum(n.desc)
		}
	}
	return e
}

func (e *elements) addType(d protoreflect.MessageDescriptor) {
	e.add(d)
	for i := range d.Fields().Len() {
		e.add(d.Fields().Get(i))
	}
	for i := range d.Oneofs().Len() {
		if o := d.Oneofs().Get(i); !o.IsSynthetic() {
			e.add(o)
		}
	}
}

func (e *elements) addEnum(d protoreflect.EnumDescriptor) {
	e.add(d)
	for i := range d.Values().Len() {
		e.add(d.Values().Get(i))
	}
}

func kindOf(d protoreflect.Descriptor) string {
	switch d := d.(type) {
	case protoreflect.FileDescriptor:
		return "file"
	case protoreflect.MessageDescriptor:
		return "message"
	case protoreflect.FieldDescriptor:
		if d.IsExtension() {
			return "extension"
		}
		return "field"
	case protoreflect.OneofDescriptor:
		return "oneof"
	case protoreflect.EnumDescriptor:
		return "enum"
	case protoreflect.EnumValueDescriptor:
		return "value"
	case protoreflect.ServiceDescriptor:
		return "service"
	}
	return "method"
}

// partners adds to what one side alone has by a name what corresponds to it on
// the other; nil where nothing does.
func (x *accountant) partners(old, new protoreflect.Descriptor) (o, n protoreflect.Descriptor) {
	switch {
	case old != nil && new != nil && kindOf(old) == kindOf(new):
		return old, new
	case new != nil:
		return x.partner(new, x.new, x.old, true), new
	}
	return old, x.partner(old, x.old, x.new, false)
}

// partner is what corresponds to d, of the side from, on the other side.
func (x *accountant) partner(d protoreflect.Descriptor, from, to *Schema, backwards bool) protoreflect.Descriptor {
	switch d := d.(type) {
	case protoreflect.MessageDescriptor:
		if t := x.typePartner(from.types[d.FullName()], backwards); t != nil {
			return t.desc
		}
	case protoreflect.EnumDescriptor:
		pairs := x.pairs.enums
		if backwards {
			pairs = x.pairs.enumsOld
		}
		if e := pairs[d.FullName()]; e != nil {
			return e.desc
		}
	case protoreflect.FieldDescriptor:
		return x.fieldPartner(d, from, to, backwards)
	case protoreflect.OneofDescriptor:
		for i := range d.Fields().Len() {
			if f, ok := x.fieldPartner(d.Fields().Get(i), from, to, backwards).(protoreflect.FieldDescriptor); ok && oneofName(f) != "" {
				return f.ContainingOneof()
			}
		}
	case protoreflect.EnumValueDescriptor:
		e, _ := x.partner(d.Parent(), from, to, backwards).(protoreflect.EnumDescriptor)
		if e == nil {
			return nil
		}
		if v := e.Values().ByName(d.Name()); v != nil {
			return v
		}
		if v := e.Values().ByNumber(d.Number()); v != nil {
			return v
		}
	}
	return nil
}

func (x *accountant) typePartner(t *typ, backwards bool) *typ {
	if backwards {
		return x.pairs.typeOld[t]
	}
	return x.pairs.types[t]
}

// fieldPartner is the field that moved to or from another number, else the one
// of the same number.
func (x *accountant) fieldPartner(d protoreflect.FieldDescriptor, from, to *Schema, backwards bool) protoreflect.Descriptor {
	t := from.types[d.ContainingMessage().FullName()]
	other := x.typePartner(t, backwards)
	if t == nil || other == nil {
		return nil
	}
	f := t.load().number[d.Number()]
	var moved *plan.Field
	if backwards {
		moved = newMessagePair(x.comparison, other.load(), t).moves[f]
	} else {
		moved = newMessagePair(x.comparison, t, other.load()).movesAway[f]
	}
	if moved != nil {
		return moved.Desc
	}
	if g := other.load().number[d.Number()]; g != nil {
		return g.Desc
	}
	return nil
}
