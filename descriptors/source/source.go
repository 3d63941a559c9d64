// Package source prints descriptors as .proto source that compiles to the same
// descriptors again.
//
// Declarations stand in the order of the source where the descriptor knows it
// (source info), else in the descriptor's order with fields first. Comments
// are printed where there are any.
package source

import (
	"slices"
	"strconv"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
)

// Resolver finds the extensions that custom options are; a *descriptors.Schema
// is one.
type Resolver interface {
	FindExtensionByNumber(message protoreflect.FullName, number protoreflect.FieldNumber) (protoreflect.ExtensionDescriptor, error)
}

// Print is a file, message, enum, service, method or extension as source. r
// may be nil: custom options are then comments with their number.
func Print(d protoreflect.Descriptor, r Resolver) string {
	p := &printer{resolver: r, file: d.ParentFile()}
	switch d := d.(type) {
	case protoreflect.FileDescriptor:
		p.wholeFile(d)
	case protoreflect.MessageDescriptor:
		p.message(d, "message "+string(d.Name()), d)
	case protoreflect.EnumDescriptor:
		p.enum(d)
	case protoreflect.ServiceDescriptor:
		p.service(d)
	case protoreflect.MethodDescriptor:
		p.method(d)
	case protoreflect.FieldDescriptor:
		if d.IsExtension() {
			p.extend([]protoreflect.ExtensionDescriptor{d})
		} else {
			p.field(d, true)
		}
	}
	return p.b.String()
}

// Header is the syntax and the package of a file: what a declaration needs
// around it.
func Header(fd protoreflect.FileDescriptor) string {
	p := &printer{file: fd}
	p.header(fd)
	return p.b.String()
}

type printer struct {
	b        strings.Builder
	resolver Resolver
	file     protoreflect.FileDescriptor
	packages map[string]bool // all packages that file sees, and what they lie in
	depth    int
}

// line writes one line at the current depth.
func (p *printer) line(parts ...string) {
	for range p.depth {
		p.b.WriteString("  ")
	}
	for _, part := range parts {
		p.b.WriteString(part)
	}
	p.b.WriteByte('\n')
}

func (p *printer) blank() { p.b.WriteByte('\n') }

// syntaxPath and packagePath are the places of those statements in source
// info.
const (
	syntaxField  = 12
	packageField = 2
	editionField = 14
)

func (p *printer) header(fd protoreflect.FileDescriptor) {
	locations := fd.SourceLocations()
	switch fd.Syntax() {
	case protoreflect.Editions:
		p.leading(locations.ByPath(protoreflect.SourcePath{editionField}))
		p.leading(locations.ByPath(protoreflect.SourcePath{syntaxField}))
		p.line(`edition = "`, edition(fd), `";`)
	default:
		p.leading(locations.ByPath(protoreflect.SourcePath{syntaxField}))
		p.line(`syntax = "`, fd.Syntax().String(), `";`)
	}
	if fd.Package() != "" {
		p.blank()
		p.leading(locations.ByPath(protoreflect.SourcePath{packageField}))
		p.line("package ", string(fd.Package()), ";")
	}
}

// edition is the number of a file's edition; protoreflect tells it only
// through an interface of its implementations.
func edition(fd protoreflect.FileDescriptor) string {
	e := descriptorpb.Edition_EDITION_2023
	if known, ok := fd.(interface{ Edition() int32 }); ok {
		e = descriptorpb.Edition(known.Edition())
	}
	if known, ok := fd.(interface {
		FileDescriptorProto() *descriptorpb.FileDescriptorProto
	}); ok {
		e = known.FileDescriptorProto().GetEdition()
	}
	return strings.TrimPrefix(e.String(), "EDITION_")
}

func (p *printer) wholeFile(fd protoreflect.FileDescriptor) {
	p.header(fd)
	if fd.Imports().Len() > 0 {
		p.blank()
	}
	for i := range fd.Imports().Len() {
		imported := fd.Imports().Get(i)
		modifier := ""
		switch {
		case imported.IsPublic:
			modifier = "public "
		case isWeak(fd, i):
			modifier = "weak "
		}
		p.line("import ", modifier, quote(imported.Path()), ";")
	}
	if options := p.options(fd.Options()); len(options) > 0 {
		p.blank()
		p.statements(options)
	}
	items := p.extends(fd.Extensions())
	groups := make(map[int]bool)
	for i := range fd.Extensions().Len() {
		groups[owned(fd.Extensions().Get(i), fd)] = true
	}
	for i := range fd.Messages().Len() {
		if !groups[i] {
			items = append(items, p.messageItem(fd.Messages().Get(i)))
		}
	}
	for i := range fd.Enums().Len() {
		items = append(items, p.enumItem(fd.Enums().Get(i)))
	}
	for i := range fd.Services().Len() {
		d := fd.Services().Get(i)
		items = append(items, item{d, func() { p.service(d) }, true, -1, -1})
	}
	p.print(items, fd, true)
}

func isWeak(fd protoreflect.FileDescriptor, i int) bool {
	known, ok := fd.(interface {
		FileDescriptorProto() *descriptorpb.FileDescriptorProto
	})
	return ok && slices.Contains(known.FileDescriptorProto().GetWeakDependency(), int32(i))
}

// item is one thing among the declarations of a scope.
type item struct {
	d     protoreflect.Descriptor
	print func()
	block bool // set off by blank lines
	// owns is the index of the nested message that the item declares with
	// itself (a group, a map's entry), or -1. nested is the index of the nested
	// message that the item is, or -1. The compiler numbers both in order.
	owns, nested int
}

// print puts items in order and prints them.
func (p *printer) print(items []item, scope protoreflect.Descriptor, first bool) {
	if !p.bySource(items) {
		items = byNumbering(items)
	}
	for i, it := range items {
		if i > 0 && (it.block || items[i-1].block) || i == 0 && first {
			p.blank()
		}
		it.print()
	}
}

// bySource sorts items by their lines; false if the lines are not known.
func (p *printer) bySource(items []item) bool {
	lines := make(map[protoreflect.Descriptor]int, len(items))
	for _, it := range items {
		location := p.location(it.d)
		if len(location.Path) == 0 {
			return false
		}
		lines[it.d] = location.StartLine<<12 | min(location.StartColumn, 1<<12-1)
	}
	slices.SortStableFunc(items, func(a, b item) int { return lines[a.d] - lines[b.d] })
	return true
}

func (p *printer) location(d protoreflect.Descriptor) protoreflect.SourceLocation {
	return d.ParentFile().SourceLocations().ByDescriptor(d)
}

// byNumbering moves a nested message before an item that declares a later
// one, so that the compiler numbers them alike.
func byNumbering(items []item) []item {
	var sorted []item
	done := make([]bool, len(items))
	for i, it := range items {
		if done[i] {
			continue
		}
		for j := i + 1; it.owns >= 0 && j < len(items); j++ {
			if !done[j] && items[j].nested >= 0 && items[j].nested < it.owns {
				done[j] = true
				sorted = append(sorted, items[j])
			}
		}
		sorted = append(sorted, it)
	}
	return sorted
}

func (p *printer) messageItem(d protoreflect.MessageDescriptor) item {
	return item{d, func() { p.message(d, "message "+string(d.Name()), d) }, true, -1, d.Index()}
}

func (p *printer) enumItem(d protoreflect.EnumDescriptor) item {
	return item{d, func() { p.enum(d) }, true, -1, -1}
}

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
