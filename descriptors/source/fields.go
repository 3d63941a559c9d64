package source

import (
	"math"
	"strconv"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// field prints a field; labelled is false inside a oneof.
func (p *printer) field(f protoreflect.FieldDescriptor, labelled bool) {
	label := ""
	if labelled {
		label = labelOf(f)
	}
	options := append(p.pseudoOptions(f), p.options(f.Options())...)
	number := " = " + strconv.Itoa(int(f.Number())) + inline(options)
	if isGroup(f) {
		p.message(f.Message(), label+"group "+string(f.Message().Name())+number, f)
		p.comments(options)
		return
	}
	location := p.location(f)
	p.leading(location)
	p.line(label, p.typeOf(f), " ", string(f.Name()), number, ";", sameLine(location))
	p.comments(options)
	if sameLine(location) == "" {
		p.trailing(location)
	}
}

func labelOf(f protoreflect.FieldDescriptor) string {
	switch {
	case f.IsMap():
		return ""
	case f.Cardinality() == protoreflect.Repeated:
		return "repeated "
	case f.ParentFile().Syntax() == protoreflect.Editions:
		return ""
	case f.Cardinality() == protoreflect.Required:
		return "required "
	case f.ParentFile().Syntax() == protoreflect.Proto2 || f.HasOptionalKeyword():
		return "optional "
	}
	return ""
}

func (p *printer) typeOf(f protoreflect.FieldDescriptor) string {
	scope := f.Parent()
	switch {
	case f.IsMap():
		return "map<" + p.typeOf(f.MapKey()) + ", " + p.typeIn(f.MapValue(), f.ContainingMessage()) + ">"
	case f.ContainingMessage().IsMapEntry():
		scope = f.ContainingMessage().Parent()
	}
	return p.typeIn(f, scope)
}

func (p *printer) typeIn(f protoreflect.FieldDescriptor, scope protoreflect.Descriptor) string {
	switch {
	case f.Enum() != nil:
		return p.reference(f.Enum(), scope)
	case f.Message() != nil:
		return p.reference(f.Message(), scope)
	}
	return f.Kind().String()
}

// pseudoOptions are those in brackets that are no options to the descriptor.
func (p *printer) pseudoOptions(f protoreflect.FieldDescriptor) []option {
	var options []option
	if f.HasDefault() {
		options = append(options, option{name: "default", value: defaultOf(f)})
	}
	if !f.IsExtension() && f.HasJSONName() && f.JSONName() != jsonName(string(f.Name())) {
		options = append(options, option{name: "json_name", value: quote(f.JSONName())})
	}
	return options
}

func defaultOf(f protoreflect.FieldDescriptor) string {
	if e := f.DefaultEnumValue(); e != nil {
		return string(e.Name())
	}
	return scalar(f, f.Default())
}

// jsonName is the name that a field has in JSON unless it says otherwise.
func jsonName(name string) string {
	var b strings.Builder
	upper := false
	for i := range len(name) {
		c := name[i]
		if c == '_' {
			upper = true
			continue
		}
		if upper && c >= 'a' && c <= 'z' {
			c -= 'a' - 'A'
		}
		upper = false
		b.WriteByte(c)
	}
	return b.String()
}

func (p *printer) enum(d protoreflect.EnumDescriptor) {
	location := p.location(d)
	p.leading(location)
	p.line(visibility(d), "enum ", string(d.Name()), " {")
	p.depth++
	p.trailing(location)
	p.statements(p.options(d.Options()))
	var ranges []string
	for i := range d.ReservedRanges().Len() {
		r := d.ReservedRanges().Get(i)
		ranges = append(ranges, span(int64(r[0]), int64(r[1]), r[1] == math.MaxInt32))
	}
	p.reservedLine(ranges)
	p.reservedNames(d.ReservedNames())
	for i := range d.Values().Len() {
		v := d.Values().Get(i)
		location, options := p.location(v), p.options(v.Options())
		p.leading(location)
		p.line(string(v.Name()), " = ", strconv.Itoa(int(v.Number())), inline(options), ";", sameLine(location))
		p.comments(options)
		if sameLine(location) == "" {
			p.trailing(location)
		}
	}
	p.depth--
	p.line("}")
}

func (p *printer) service(d protoreflect.ServiceDescriptor) {
	location := p.location(d)
	p.leading(location)
	p.line("service ", string(d.Name()), " {")
	p.depth++
	p.trailing(location)
	p.statements(p.options(d.Options()))
	for i := range d.Methods().Len() {
		p.method(d.Methods().Get(i))
	}
	p.depth--
	p.line("}")
}

func (p *printer) method(d protoreflect.MethodDescriptor) {
	location := p.location(d)
	p.leading(location)
	stream := func(is bool) string {
		if is {
			return "stream "
		}
		return ""
	}
	head := "rpc " + string(d.Name()) +
		"(" + stream(d.IsStreamingClient()) + p.reference(d.Input(), d.Parent()) + ")" +
		" returns (" + stream(d.IsStreamingServer()) + p.reference(d.Output(), d.Parent()) + ")"
	options := p.options(d.Options())
	if len(options) == 0 {
		end := ";"
		if d.Options() != nil && d.Options().ProtoReflect().IsValid() {
			// Empty options, which are what an empty block leaves.
			end = " {}"
		}
		p.line(head, end, sameLine(location))
		if sameLine(location) == "" {
			p.trailing(location)
		}
		return
	}
	p.line(head, " {")
	p.depth++
	p.trailing(location)
	p.statements(options)
	p.depth--
	p.line("}")
}

// extends are items of extensions; those that stand together and extend the
// same message share a block.
func (p *printer) extends(extensions protoreflect.ExtensionDescriptors) []item {
	var all []protoreflect.ExtensionDescriptor
	for i := range extensions.Len() {
		if x := extensions.Get(i); p.part == nil || x.Parent() != x.ParentFile() || p.part.Keep(x) {
			all = append(all, x)
		}
	}
	var items []item
	for i := 0; i < len(all); {
		block := []protoreflect.ExtensionDescriptor{all[i]}
		owns := owned(block[0], block[0].Parent())
		for i++; i < len(all) && all[i].ContainingMessage() == block[0].ContainingMessage(); i++ {
			block = append(block, all[i])
			owns = max(owns, owned(all[i], block[0].Parent()))
		}
		items = append(items, item{block[0], func() { p.extend(block) }, true, owns, -1})
	}
	return items
}

func (p *printer) extend(block []protoreflect.ExtensionDescriptor) {
	p.line("extend ", p.reference(block[0].ContainingMessage(), block[0].Parent()), " {")
	p.depth++
	for _, x := range block {
		p.field(x, true)
	}
	p.depth--
	p.line("}")
}
