package descriptors

import (
	"fmt"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
)

// linked is one file that is ready for use.
type linked struct {
	fd protoreflect.FileDescriptor
	// proto is what fd was made of; nil for files that protobuf-go linked and
	// for those of sets, whose bytes are in entry.
	proto *descriptorpb.FileDescriptorProto
	entry *setEntry
	// raw is what fd was made of, for files of the cache in place of proto.
	raw []byte
	// adapted says that fd was made of something else than that says.
	adapted bool
	// source is where the file came from: a path on disk, a set, or "" for
	// built-in files.
	source string
}

// maxImportChain bounds how deep files of sets import one another.
const maxImportChain = 10000

// link makes a file and its imports ready. The first source that has it wins;
// nil, nil if none has. The caller holds s.mu.
func (s *Schema) link(name string, depth int) (*linked, error) {
	if l, ok := s.files[name]; ok {
		return l, nil
	}
	if err, ok := s.broken[name]; ok {
		return nil, err
	}
	f, err := s.tree.find(name)
	if err == nil && f != nil {
		if err = s.compile([]string{name}); err == nil {
			return s.files[name], nil
		}
	}
	var l *linked
	if err == nil {
		l, err = s.linkPacked(name, depth)
	}
	if err != nil {
		s.broken[name] = err
		return nil, err
	}
	if l != nil {
		s.add(name, l)
	}
	return l, nil
}

// linkPacked links a file of a set, or a built-in one.
func (s *Schema) linkPacked(name string, depth int) (*linked, error) {
	if f := s.frozen.file(name); f != nil && f.origin != frozenCompiled {
		return s.linkFrozen(f, depth)
	}
	if entry := s.sets.file(name); entry != nil && !s.compilerHas(name) {
		if s.linking[name] {
			return nil, &Error{Kind: KindSet, File: entry.set, Message: "holds files that import each other in a cycle, " + printable(name) + " among them"}
		}
		if depth > maxImportChain {
			return nil, &Error{Kind: KindSet, File: entry.set, Message: "holds imports more than 10000 files deep"}
		}
		s.linking[name] = true
		defer delete(s.linking, name)
		return s.linkEntry(entry, depth)
	}
	if fd := linkedBuiltin(name); fd != nil {
		return &linked{fd: fd}, nil
	}
	file := builtinProto(name)
	if file == nil {
		return nil, nil
	}
	fd, err := s.build(file, "the built-in files", depth)
	if err != nil {
		return nil, err
	}
	return &linked{fd: fd, proto: file}, nil
}

// compilerHas says that a file must be the built-in one, whatever sets have:
// the compiler reads options by its own descriptor.proto, and would see every
// type of it twice.
func (s *Schema) compilerHas(name string) bool {
	return name == descriptorProto && len(s.tree.roots) > 0
}

func (s *Schema) linkEntry(entry *setEntry, depth int) (*linked, error) {
	if err := entry.conflict(); err != nil {
		return nil, err
	}
	file, err := entry.unmarshal()
	if err != nil {
		return nil, err
	}
	if !s.src.SourceInfo {
		file.SourceCodeInfo = nil
	}
	adapted := hasMessageSet(file.MessageType)
	for _, dropped := range adaptMessageSets(file) {
		adapted = true
		s.note(entry.set + ": " + dropped + " is left out: its number lies beyond those that a tag can hold")
	}
	fd, err := s.build(file, entry.set, depth)
	if err != nil {
		return nil, err
	}
	return &linked{fd: fd, entry: entry, adapted: adapted, source: entry.set}, nil
}

// build links a descriptor with its imports, which it links first.
func (s *Schema) build(file *descriptorpb.FileDescriptorProto, source string, depth int) (protoreflect.FileDescriptor, error) {
	view := newVisible()
	var missing []string
	for _, imported := range imports(file) {
		l, err := s.link(imported, depth+1)
		if err != nil {
			return nil, err
		}
		if l == nil {
			if l = s.otherwise(imported, source, depth); l == nil {
				missing = append(missing, imported)
				continue
			}
			view.files[imported] = l.fd
		}
		view.add(l.fd)
	}
	if err := checkReferences(file, view, source, missing); err != nil {
		return nil, err
	}
	if fresh := s.unsaid(source, missing); len(fresh) > 0 {
		s.note(source + ": " + printable(file.GetName()+" imports "+strings.Join(fresh, ", ")) + ", which no source has; only options can need it")
	}
	fd, err := newFile(file, view)
	if err != nil {
		return nil, &Error{Kind: KindSet, File: source, Message: printable(file.GetName()) + " does not hold together: " + protobufText(err),
			Hint: "make the descriptor set again with protoc or buf"}
	}
	return fd, nil
}

// imports are the names of all files that a file imports.
func imports(file *descriptorpb.FileDescriptorProto) []string {
	return slices.Concat(file.Dependency, file.OptionDependency)
}

// newFile is protodesc's, with its panics as errors: it was written for
// descriptors that a compiler has checked.
func newFile(file *descriptorpb.FileDescriptorProto, view *visible) (fd protoreflect.FileDescriptor, err error) {
	defer func() {
		if p := recover(); p != nil {
			fd, err = nil, fmt.Errorf("%v", p)
		}
	}()
	return protodesc.FileOptions{AllowUnresolvable: true}.New(file, view)
}

// protobufText is the text of an error of protobuf-go without its prefix.
func protobufText(err error) string {
	text := strings.ReplaceAll(err.Error(), "\u00a0", " ")
	return printable(strings.TrimPrefix(text, "proto: "))
}

// visible is what a file can refer to: its imports, and what those import
// publicly. It is protodesc's resolver.
type visible struct {
	files     map[string]protoreflect.FileDescriptor
	byPackage map[protoreflect.FullName][]protoreflect.FileDescriptor
}

func newVisible() *visible {
	return &visible{byPackage: make(map[protoreflect.FullName][]protoreflect.FileDescriptor), files: make(map[string]protoreflect.FileDescriptor)}
}

func (v *visible) add(fd protoreflect.FileDescriptor) {
	if _, ok := v.files[fd.Path()]; ok {
		return
	}
	v.files[fd.Path()] = fd
	v.byPackage[fd.Package()] = append(v.byPackage[fd.Package()], fd)
	for i := range fd.Imports().Len() {
		if imported := fd.Imports().Get(i); imported.IsPublic && !imported.IsPlaceholder() {
			v.add(imported.FileDescriptor)
		}
	}
}

// FindFileByPath implements protodesc.Resolver.
func (v *visible) FindFileByPath(path string) (protoreflect.FileDescriptor, error) {
	if fd := v.files[path]; fd != nil {
		return fd, nil
	}
	return nil, protoregistry.NotFound
}

// FindDescriptorByName implements protodesc.Resolver; it finds messages and
// enums.
func (v *visible) FindDescriptorByName(name protoreflect.FullName) (protoreflect.Descriptor, error) {
	for pkg := name.Parent(); ; pkg = pkg.Parent() {
		for _, fd := range v.byPackage[pkg] {
			if d := findIn(fd, name); d != nil {
				return d, nil
			}
		}
		if pkg == "" {
			return nil, protoregistry.NotFound
		}
	}
}

// adaptMessageSets makes messages with message_set_wire_format acceptable to
// protodesc: the option moves to the unknown fields, where package plan finds
// it, extension ranges end at the highest number that a tag can hold, and
// extensions beyond it, which it returns, go.
func adaptMessageSets(file *descriptorpb.FileDescriptorProto) (dropped []string) {
	const highest = 1<<29 - 1
	keep := func(extensions []*descriptorpb.FieldDescriptorProto) []*descriptorpb.FieldDescriptorProto {
		kept := extensions[:0]
		for _, x := range extensions {
			if x.GetNumber() > highest {
				dropped = append(dropped, "extension "+x.GetName())
				continue
			}
			kept = append(kept, x)
		}
		return kept
	}
	var adapt func(messages []*descriptorpb.DescriptorProto)
	adapt = func(messages []*descriptorpb.DescriptorProto) {
		for _, m := range messages {
			m.Extension = keep(m.Extension)
			if m.GetOptions().GetMessageSetWireFormat() {
				adaptMessageSet(m, highest)
			}
			adapt(m.NestedType)
		}
	}
	adapt(file.MessageType)
	file.Extension = keep(file.Extension)
	return dropped
}

func adaptMessageSet(m *descriptorpb.DescriptorProto, highest int32) {
	option := &descriptorpb.MessageOptions{MessageSetWireFormat: m.Options.MessageSetWireFormat}
	m.Options.MessageSetWireFormat = nil
	bytes, err := proto.Marshal(option)
	if err == nil {
		r := m.Options.ProtoReflect()
		r.SetUnknown(append(r.GetUnknown(), bytes...))
	}
	for _, r := range m.ExtensionRange {
		if r.GetEnd() > highest+1 {
			r.End = proto.Int32(highest + 1)
		}
	}
}
