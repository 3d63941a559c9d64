package breaking

import (
	"fmt"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/inspect/plan"
)

// codePartner is the field that code finds under a field's name, or, where
// that is gone, the one that took its number under a new name.
func codePartner(p *messagePair, f protoreflect.FieldDescriptor) (same, renamed protoreflect.FieldDescriptor) {
	if g := p.new.named[string(f.Name())]; g != nil {
		return g.Desc, nil
	}
	if g := p.new.number[f.Number()]; g != nil && !g.Extension && p.old.named[g.ProtoName] == nil {
		return nil, g.Desc
	}
	return nil, nil
}

// eachField goes over the fields of a type that its users still have.
func (c *comparison) eachField(p *messagePair, step func(f, same, renamed protoreflect.FieldDescriptor)) {
	if c.goneAlong(p.old.desc, p.new.desc) {
		return
	}
	for i := range p.old.desc.Fields().Len() {
		f := p.old.desc.Fields().Get(i)
		same, renamed := codePartner(p, f)
		step(f, same, renamed)
	}
}

func codeFieldsDeleted(c *comparison, p *messagePair) {
	c.eachField(p, func(f, same, renamed protoreflect.FieldDescriptor) {
		if same == nil && renamed == nil {
			hurtsCode(c.gone(p.new.desc, f, elementName(f)+" was deleted"), "code that uses the field does not compile")
		}
	})
}

func codeFieldsRenamed(c *comparison, p *messagePair) {
	c.eachField(p, func(f, _, renamed protoreflect.FieldDescriptor) {
		if renamed != nil {
			hurtsCode(c.found(renamed, f, fmt.Sprintf("%s is called %s now", elementName(f), renamed.Name())), "code that uses the field does not compile")
		}
	})
}

func codeFieldKinds(c *comparison, p *messagePair) {
	c.eachField(p, func(f, same, renamed protoreflect.FieldDescriptor) {
		g := same
		if g == nil {
			g = renamed
		}
		if g == nil {
			return
		}
		if !c.sameInCode(f, g) {
			x, y := p.old.number[f.Number()], p.new.number[g.Number()]
			hurtsCode(c.found(g, f, fmt.Sprintf("%s changed from %s to %s", elementName(g), typeText(x), typeText(y))), "the field has another type in generated code")
		}
	})
}

// sameInCode says whether a field has one type in generated code on both
// sides: how its numbers are encoded makes no difference.
func (c *comparison) sameInCode(f, g protoreflect.FieldDescriptor) bool {
	if f.IsMap() != g.IsMap() || f.IsList() != g.IsList() {
		return false
	}
	if f.IsMap() {
		return c.sameInCode(f.MapKey(), g.MapKey()) && c.sameInCode(f.MapValue(), g.MapValue())
	}
	switch {
	case f.Message() != nil && g.Message() != nil:
		return c.sameMessage(f.Message(), g.Message())
	case f.Enum() != nil && g.Enum() != nil:
		n := c.pairs.enums[f.Enum().FullName()]
		return n != nil && n.desc.FullName() == g.Enum().FullName()
	}
	return f.Message() == nil && g.Message() == nil && valueKind(f.Kind()) == valueKind(g.Kind())
}

func (c *comparison) sameMessage(old, new protoreflect.MessageDescriptor) bool {
	return c.pairs.sameTypes(c.old.typeNamed(old), c.new.typeNamed(new))
}

func codeFieldPresence(c *comparison, p *messagePair) {
	c.eachField(p, func(f, g, _ protoreflect.FieldDescriptor) {
		if g == nil || f.HasPresence() == g.HasPresence() || f.IsList() != g.IsList() || f.IsMap() != g.IsMap() || !c.sameInCode(f, g) || oneofName(f) != oneofName(g) {
			return
		}
		message, why := elementName(g)+" has no presence any more", "code that asks whether the field is set does not compile"
		if g.HasPresence() {
			message, why = elementName(g)+" has presence now", "where generated fields are pointers or options for it, code that uses the field does not compile"
		}
		hurtsCode(c.found(g, f, message), why)
	})
}

// oneofName is the oneof that a field is declared in, empty for none.
func oneofName(f protoreflect.FieldDescriptor) protoreflect.Name {
	if o := f.ContainingOneof(); o != nil && !o.IsSynthetic() {
		return o.Name()
	}
	return ""
}

// codeOneofs tells once of all fields that went from one oneof to another.
func codeOneofs(c *comparison, p *messagePair) {
	told := make(map[[2]protoreflect.Name]*Finding)
	c.eachField(p, func(f, g, _ protoreflect.FieldDescriptor) {
		if g == nil || oneofName(f) == oneofName(g) {
			return
		}
		way := [2]protoreflect.Name{oneofName(f), oneofName(g)}
		if told[way] != nil {
			told[way].Contents = append(told[way].Contents, elementName(g))
			return
		}
		message := fmt.Sprintf("%s went from the oneof %s to %s", elementName(g), way[0], way[1])
		switch {
		case way[0] == "":
			message = fmt.Sprintf("%s went into the oneof %s", elementName(g), way[1])
		case way[1] == "":
			message = fmt.Sprintf("%s left the oneof %s", elementName(g), way[0])
		}
		told[way] = hurtsCode(c.found(g, f, message), "code for a oneof is other code than for a field by itself")
		told[way].Contents = []string{elementName(g)}
	})
	for _, f := range told {
		if len(f.Contents) == 1 {
			f.Contents = nil
		}
	}
}

func codeValuesDeleted(c *comparison, p *enumPair) {
	for _, v := range p.values {
		if v.new == nil && !c.goneAlong(p.oldDesc, p.newDesc) && renamedValue(p, v) == nil {
			hurtsCode(c.gone(p.newDesc, v.old, elementName(v.old)+" was deleted"), "code that names the value does not compile")
		}
	}
}

func codeValuesRenamed(c *comparison, p *enumPair) {
	for _, v := range p.values {
		if w := renamedValue(p, v); v.new == nil && w != nil && !c.goneAlong(p.oldDesc, p.newDesc) {
			hurtsCode(c.found(w, v.old, fmt.Sprintf("%s is called %s now", elementName(v.old), w.Name())), "code that names the value does not compile")
		}
	}
}

// renamedValue is the first new name of a value's number.
func renamedValue(p *enumPair, v value2) protoreflect.EnumValueDescriptor {
	for _, name := range namesOf(p.new, int32(v.old.Number())) {
		if _, before := numberNamed(p.old, name); !before {
			return p.byName[name]
		}
	}
	return nil
}

func numberNamed(e *plan.Enum, name protoreflect.Name) (int32, bool) { return e.Number([]byte(name)) }

func codeMethodDeleted(c *comparison, p *methodPair) {
	if p.new == nil {
		hurtsCode(c.gone(p.service, p.old, fmt.Sprintf("method %s was deleted", p.old.FullName())), "code that calls or implements the method does not compile")
	}
}

func codeMethodSignature(c *comparison, p *methodPair) {
	if p.new == nil || c.sameMessage(p.old.Input(), p.new.Input()) && c.sameMessage(p.old.Output(), p.new.Output()) &&
		p.old.IsStreamingClient() == p.new.IsStreamingClient() && p.old.IsStreamingServer() == p.new.IsStreamingServer() {
		return
	}
	hurtsCode(c.found(p.new, p.old, fmt.Sprintf("method %s was %s and is %s", p.new.FullName(), signature(p.old), signature(p.new))),
		"code that calls or implements the method does not compile")
}

func signature(m protoreflect.MethodDescriptor) string {
	stream := map[bool]string{true: "stream "}
	return fmt.Sprintf("(%s%s) returns (%s%s)", stream[m.IsStreamingClient()], m.Input().FullName(), stream[m.IsStreamingServer()], m.Output().FullName())
}
