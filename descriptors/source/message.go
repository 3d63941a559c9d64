package source

import (
	"strconv"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// message prints a message or, with another head, a group's field; commented
// is what the comments are of.
func (p *printer) message(d protoreflect.MessageDescriptor, head string, commented protoreflect.Descriptor) {
	location := p.location(commented)
	p.leading(location)
	p.line(head, " {")
	p.depth++
	p.trailing(location)
	p.body(d)
	p.depth--
	p.line("}")
}

func (p *printer) body(d protoreflect.MessageDescriptor) {
	p.statements(p.options(d.Options()))
	p.reserved(d)
	groups := make(map[protoreflect.FullName]bool)
	var items []item
	oneofs := make(map[int]bool)
	for i := range d.Fields().Len() {
		f := d.Fields().Get(i)
		o := f.ContainingOneof()
		if o == nil || o.IsSynthetic() {
			owns := owned(f, d)
			if owns >= 0 {
				groups[f.Message().FullName()] = true
			}
			items = append(items, item{f, func() { p.field(f, true) }, isGroup(f), owns, -1})
			continue
		}
		for j := range o.Fields().Len() {
			if owned(o.Fields().Get(j), d) >= 0 {
				groups[o.Fields().Get(j).Message().FullName()] = true
			}
		}
		if !oneofs[o.Index()] {
			oneofs[o.Index()] = true
			items = append(items, item{o, func() { p.oneof(o) }, true, owned(f, d), -1})
		}
	}
	extensions := p.extends(d.Extensions())
	for i := range d.Extensions().Len() {
		if x := d.Extensions().Get(i); owned(x, d) >= 0 {
			groups[x.Message().FullName()] = true
		}
	}
	items = append(items, extensions...)
	for i := range d.Messages().Len() {
		if m := d.Messages().Get(i); !m.IsMapEntry() && !groups[m.FullName()] {
			items = append(items, p.messageItem(m))
		}
	}
	for i := range d.Enums().Len() {
		items = append(items, p.enumItem(d.Enums().Get(i)))
	}
	p.print(items, d, false)
}

// owned is the index in scope of the message that a field declares with
// itself, -1 if it does not.
func owned(f protoreflect.FieldDescriptor, scope protoreflect.Descriptor) int {
	if f.Message() != nil && f.Message().Parent().FullName() == scope.FullName() && (f.IsMap() || isGroup(f)) {
		return f.Message().Index()
	}
	return -1
}

// isGroup says whether a field is written as a group: only proto2 has them.
func isGroup(f protoreflect.FieldDescriptor) bool {
	return f.Kind() == protoreflect.GroupKind && f.ParentFile().Syntax() == protoreflect.Proto2
}

func (p *printer) reserved(d protoreflect.MessageDescriptor) {
	const end = 1 << 29
	var ranges []string
	for i := range d.ReservedRanges().Len() {
		r := d.ReservedRanges().Get(i)
		ranges = append(ranges, span(int64(r[0]), int64(r[1])-1, r[1] >= end))
	}
	p.reservedLine(ranges)
	p.reservedNames(d.ReservedNames())
	for i := range d.ExtensionRanges().Len() {
		r := d.ExtensionRanges().Get(i)
		options := p.options(d.ExtensionRangeOptions(i))
		p.line("extensions ", span(int64(r[0]), int64(r[1])-1, r[1] >= end), inline(options), ";")
		p.comments(options)
	}
}

func (p *printer) reservedNames(names protoreflect.Names) {
	var all []string
	for i := range names.Len() {
		name := string(names.Get(i))
		if p.file.Syntax() != protoreflect.Editions {
			name = quote(name)
		}
		all = append(all, name)
	}
	p.reservedLine(all)
}

func (p *printer) reservedLine(all []string) {
	if len(all) > 0 {
		p.line("reserved ", strings.Join(all, ", "), ";")
	}
}

// span is a range of numbers, both ends included.
func span(from, to int64, open bool) string {
	first := strconv.FormatInt(from, 10)
	switch {
	case open:
		return first + " to max"
	case from == to:
		return first
	}
	return first + " to " + strconv.FormatInt(to, 10)
}

func (p *printer) oneof(d protoreflect.OneofDescriptor) {
	location := p.location(d)
	p.leading(location)
	p.line("oneof ", string(d.Name()), " {")
	p.depth++
	p.trailing(location)
	p.statements(p.options(d.Options()))
	for i := range d.Fields().Len() {
		p.field(d.Fields().Get(i), false)
	}
	p.depth--
	p.line("}")
}
