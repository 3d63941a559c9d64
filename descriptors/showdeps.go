package descriptors

import (
	"slices"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/descriptors/source"
)

// ShownFile is a part of a file as .proto source that compiles with the other
// parts.
type ShownFile struct {
	// Path is the name that imports use.
	Path string
	Text string
}

// ShowDeps is declarations or files with all that they depend on, as .proto
// source: of each file the declarations that are needed, whole at the top
// level, a file after those that it imports. The files of google/protobuf,
// which every compiler brings along, are left out.
func (s *Schema) ShowDeps(named []protoreflect.Descriptor) []ShownFile {
	p := pruner{
		schema:  s,
		kept:    make(map[protoreflect.FullName]bool),
		imports: make(map[string]map[string]bool),
		groups:  make(map[string]map[protoreflect.FullName]protoreflect.Descriptor),
	}
	for _, d := range named {
		p.keepNamed(d)
	}
	for len(p.queue) > 0 {
		next := p.queue[0]
		p.queue = p.queue[1:]
		p.follow(next)
	}
	var shown []ShownFile
	done := make(map[string]bool)
	for _, fd := range p.files {
		shown = p.show(shown, fd, done)
	}
	return shown
}

// pruner finds what has to be kept: declarations at the top level of files.
type pruner struct {
	schema  *Schema
	kept    map[protoreflect.FullName]bool
	queue   []protoreflect.Descriptor
	files   []protoreflect.FileDescriptor
	imports map[string]map[string]bool // of each file
	// groups are, for each file, its extensions by the groups that they declare.
	groups map[string]map[protoreflect.FullName]protoreflect.Descriptor
}

func (p *pruner) keepNamed(d protoreflect.Descriptor) {
	fd, ok := d.(protoreflect.FileDescriptor)
	if !ok {
		p.keep(d, d.ParentFile())
		return
	}
	p.touch(fd)
	for i := range fd.Messages().Len() {
		p.keep(fd.Messages().Get(i), fd)
	}
	for i := range fd.Enums().Len() {
		p.keep(fd.Enums().Get(i), fd)
	}
	for i := range fd.Services().Len() {
		p.keep(fd.Services().Get(i), fd)
	}
	for i := range fd.Extensions().Len() {
		p.keep(fd.Extensions().Get(i), fd)
	}
}

// keep keeps what a file refers to.
func (p *pruner) keep(d protoreflect.Descriptor, by protoreflect.FileDescriptor) {
	fd := d.ParentFile()
	if by.Path() != fd.Path() {
		p.touch(by)
		p.imports[by.Path()][fd.Path()] = true
	}
	for d.Parent() != nil && d.Parent() != fd {
		d = d.Parent()
	}
	d = p.declaredBy(d, fd)
	if p.kept[d.FullName()] || linkedBuiltin(fd.Path()) != nil {
		return
	}
	p.kept[d.FullName()] = true
	p.touch(fd)
	p.queue = append(p.queue, d)
}

// declaredBy is the extension that declares d, a group's message, with itself,
// or d.
func (p *pruner) declaredBy(d protoreflect.Descriptor, fd protoreflect.FileDescriptor) protoreflect.Descriptor {
	groups, ok := p.groups[fd.Path()]
	if !ok {
		groups = make(map[protoreflect.FullName]protoreflect.Descriptor)
		p.groups[fd.Path()] = groups
		// Only proto2 has groups; editions have their wire format.
		for i := 0; fd.Syntax() == protoreflect.Proto2 && i < fd.Extensions().Len(); i++ {
			if x := fd.Extensions().Get(i); x.Kind() == protoreflect.GroupKind {
				groups[x.Message().FullName()] = x
			}
		}
	}
	if x := groups[d.FullName()]; x != nil {
		return x
	}
	return d
}

// touch takes a file, with what its own options are written with.
func (p *pruner) touch(fd protoreflect.FileDescriptor) {
	if p.imports[fd.Path()] != nil {
		return
	}
	p.imports[fd.Path()] = make(map[string]bool)
	p.files = append(p.files, fd)
	p.keepOptions(fd)
}

// keepOptions keeps the extensions that the options of d are written with.
func (p *pruner) keepOptions(d protoreflect.Descriptor) {
	for _, x := range source.Extensions(d, p.schema) {
		p.keep(x, d.ParentFile())
	}
}

// follow keeps what a declaration needs, with all that lies in it.
func (p *pruner) follow(d protoreflect.Descriptor) {
	fd := d.ParentFile()
	p.keepOptions(d)
	need := func(d protoreflect.Descriptor) {
		for _, n := range types(d) {
			p.keep(n, fd)
		}
	}
	need(d)
	if m, ok := d.(protoreflect.MessageDescriptor); ok {
		eachWithin(m, need)
	}
}

// types are the messages and enums that a declaration refers to.
func types(d protoreflect.Descriptor) []protoreflect.Descriptor {
	var all []protoreflect.Descriptor
	field := func(f protoreflect.FieldDescriptor) {
		if f.IsMap() {
			f = f.MapValue()
		}
		if f.Message() != nil {
			all = append(all, f.Message())
		} else if f.Enum() != nil {
			all = append(all, f.Enum())
		}
	}
	switch d := d.(type) {
	case protoreflect.MessageDescriptor:
		for i := range d.Fields().Len() {
			field(d.Fields().Get(i))
		}
	case protoreflect.ServiceDescriptor:
		for i := range d.Methods().Len() {
			all = append(all, d.Methods().Get(i).Input(), d.Methods().Get(i).Output())
		}
	case protoreflect.FieldDescriptor:
		all = append(all, d.ContainingMessage())
		field(d)
	}
	return all
}

// show adds the files that a file imports, then the file.
func (p *pruner) show(shown []ShownFile, fd protoreflect.FileDescriptor, done map[string]bool) []ShownFile {
	if done[fd.Path()] {
		return shown
	}
	done[fd.Path()] = true
	var imports []string
	for path := range p.imports[fd.Path()] {
		imports = append(imports, path)
	}
	slices.Sort(imports)
	for _, other := range p.files {
		if p.imports[fd.Path()][other.Path()] {
			shown = p.show(shown, other, done)
		}
	}
	if linkedBuiltin(fd.Path()) != nil {
		return shown
	}
	keep := func(d protoreflect.Descriptor) bool { return p.kept[d.FullName()] }
	return append(shown, ShownFile{fd.Path(), source.PrintPart(fd, p.schema, source.Part{Keep: keep, Imports: imports})})
}
