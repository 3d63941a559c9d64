// Package source prints descriptors as .proto source that compiles to the same
// descriptors again.
//
// Declarations stand in the order of the source where the descriptor knows it
// (source info), else in the descriptor's order with fields first. Comments
// are printed where there are any.
package source

import (
	"slices"
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
	p.declaration(d)
	return p.b.String()
}

// declaration prints one declaration, or a file.
func (p *printer) declaration(d protoreflect.Descriptor) {
	switch d := d.(type) {
	case protoreflect.FileDescriptor:
		p.wholeFile(d)
	case protoreflect.MessageDescriptor:
		p.message(d, visibility(d)+"message "+string(d.Name()), d)
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
}

// Part says what is printed of a file.
type Part struct {
	// Keep says whether one of the file's own declarations is printed.
	Keep func(protoreflect.Descriptor) bool
	// Imports are what it imports in place of all that it does.
	Imports []string
}

// PrintPart is Print of a file without some of its declarations.
func PrintPart(fd protoreflect.FileDescriptor, r Resolver, part Part) string {
	p := &printer{resolver: r, file: fd, part: &part}
	p.wholeFile(fd)
	return p.b.String()
}

// Extensions are the extensions that the options of a declaration and of all
// within it are written with; of a file, those of the file's own options.
func Extensions(d protoreflect.Descriptor, r Resolver) []protoreflect.ExtensionDescriptor {
	p := &printer{resolver: r, file: d.ParentFile(), used: make(map[protoreflect.FullName]protoreflect.ExtensionDescriptor)}
	if fd, ok := d.(protoreflect.FileDescriptor); ok {
		p.options(fd.Options())
	} else {
		p.declaration(d)
	}
	var all []protoreflect.ExtensionDescriptor
	for _, x := range p.used {
		all = append(all, x)
	}
	slices.SortFunc(all, func(a, b protoreflect.ExtensionDescriptor) int {
		return strings.Compare(string(a.FullName()), string(b.FullName()))
	})
	return all
}

type printer struct {
	b    strings.Builder
	part *Part // nil for all
	// used are the extensions that options were written with, where somebody
	// asks.
	used     map[protoreflect.FullName]protoreflect.ExtensionDescriptor
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
	p.imports(fd)
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
	if p.part != nil {
		items = slices.DeleteFunc(items, func(it item) bool { return !p.part.Keep(it.d) })
	}
	p.print(items, fd, true)
}

// imports prints the import statements.
func (p *printer) imports(fd protoreflect.FileDescriptor) {
	if p.part != nil {
		if len(p.part.Imports) > 0 {
			p.blank()
		}
		for _, path := range p.part.Imports {
			p.line("import ", quote(path), ";")
		}
		return
	}
	if fd.Imports().Len() > 0 || len(OptionImports(fd)) > 0 {
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
	for _, path := range OptionImports(fd) {
		p.line("import option ", quote(path), ";")
	}
}

func isWeak(fd protoreflect.FileDescriptor, i int) bool {
	known, ok := fd.(interface {
		FileDescriptorProto() *descriptorpb.FileDescriptorProto
	})
	return ok && slices.Contains(known.FileDescriptorProto().GetWeakDependency(), int32(i))
}
