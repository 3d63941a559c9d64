package bufrules

import (
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// side is all declarations of one side, in order.
type side struct {
	files      []protoreflect.FileDescriptor
	byPath     map[string]protoreflect.FileDescriptor
	messages   []protoreflect.MessageDescriptor
	enums      []protoreflect.EnumDescriptor
	services   []protoreflect.ServiceDescriptor
	extensions []protoreflect.ExtensionDescriptor

	messageNamed    map[protoreflect.FullName]protoreflect.MessageDescriptor
	enumNamed       map[protoreflect.FullName]protoreflect.EnumDescriptor
	serviceNamed    map[protoreflect.FullName]protoreflect.ServiceDescriptor
	extensionNumber map[extensionKey]protoreflect.ExtensionDescriptor
	packages        map[protoreflect.FullName]*contents
	contents        map[string]*contents // by file
	numbers         map[protoreflect.FullName]map[protoreflect.FieldNumber]protoreflect.FieldDescriptor
}

// field is the field of a message that has a number; nil for none. Compilers'
// descriptors look through all fields for it, which large messages are too
// large for.
func (s *side) field(m protoreflect.MessageDescriptor, n protoreflect.FieldNumber) protoreflect.FieldDescriptor {
	const few = 8
	fields := m.Fields()
	if fields.Len() <= few {
		return fields.ByNumber(n)
	}
	index := s.numbers[m.FullName()]
	if index == nil {
		index = make(map[protoreflect.FieldNumber]protoreflect.FieldDescriptor, fields.Len())
		for i := range fields.Len() {
			index[fields.Get(i).Number()] = fields.Get(i)
		}
		s.numbers[m.FullName()] = index
	}
	return index[n]
}

type extensionKey struct {
	extendee protoreflect.FullName
	number   protoreflect.FieldNumber
}

func keyOf(x protoreflect.ExtensionDescriptor) extensionKey {
	return extensionKey{x.ContainingMessage().FullName(), x.Number()}
}

// contents are the declarations of a file or package by their names within
// the package.
type contents struct {
	messages, enums, services, extensions map[string]protoreflect.Descriptor
}

func newContents() *contents {
	return &contents{
		messages:   make(map[string]protoreflect.Descriptor),
		enums:      make(map[string]protoreflect.Descriptor),
		services:   make(map[string]protoreflect.Descriptor),
		extensions: make(map[string]protoreflect.Descriptor),
	}
}

// nested is the name of a declaration within its package.
func nested(d protoreflect.Descriptor) string {
	name, pkg := string(d.FullName()), string(d.ParentFile().Package())
	if pkg == "" {
		return name
	}
	return strings.TrimPrefix(name, pkg+".")
}

func newSide(files []protoreflect.FileDescriptor) *side {
	s := &side{
		byPath:          make(map[string]protoreflect.FileDescriptor, len(files)),
		messageNamed:    make(map[protoreflect.FullName]protoreflect.MessageDescriptor),
		enumNamed:       make(map[protoreflect.FullName]protoreflect.EnumDescriptor),
		serviceNamed:    make(map[protoreflect.FullName]protoreflect.ServiceDescriptor),
		extensionNumber: make(map[extensionKey]protoreflect.ExtensionDescriptor),
		packages:        make(map[protoreflect.FullName]*contents),
		contents:        make(map[string]*contents, len(files)),
		numbers:         make(map[protoreflect.FullName]map[protoreflect.FieldNumber]protoreflect.FieldDescriptor),
	}
	for _, f := range files {
		s.addFile(f)
	}
	return s
}

func (s *side) addFile(f protoreflect.FileDescriptor) {
	if f.IsPlaceholder() || s.byPath[f.Path()] != nil {
		return
	}
	s.byPath[f.Path()] = f
	for i := range f.Imports().Len() {
		s.addFile(f.Imports().Get(i).FileDescriptor)
	}
	s.files = append(s.files, f)
	s.contents[f.Path()] = newContents()
	if s.packages[f.Package()] == nil {
		s.packages[f.Package()] = newContents()
	}
	into := []*contents{s.contents[f.Path()], s.packages[f.Package()]}
	s.addScope(f, into)
	for i := range f.Services().Len() {
		d := f.Services().Get(i)
		if s.serviceNamed[d.FullName()] != nil {
			continue
		}
		s.services, s.serviceNamed[d.FullName()] = append(s.services, d), d
		for _, c := range into {
			c.services[nested(d)] = d
		}
	}
}

// scope is what declares types: a file or a message.
type scope interface {
	Messages() protoreflect.MessageDescriptors
	Enums() protoreflect.EnumDescriptors
	Extensions() protoreflect.ExtensionDescriptors
}

func (s *side) addScope(in scope, into []*contents) {
	for i := range in.Enums().Len() {
		d := in.Enums().Get(i)
		if s.enumNamed[d.FullName()] != nil {
			continue // declared twice, in modules that do not see each other
		}
		s.enums, s.enumNamed[d.FullName()] = append(s.enums, d), d
		for _, c := range into {
			c.enums[nested(d)] = d
		}
	}
	for i := range in.Extensions().Len() {
		d := in.Extensions().Get(i)
		if s.extensionNumber[keyOf(d)] != nil {
			continue
		}
		s.extensions, s.extensionNumber[keyOf(d)] = append(s.extensions, d), d
		for _, c := range into {
			c.extensions[nested(d)] = d
		}
	}
	for i := range in.Messages().Len() {
		d := in.Messages().Get(i)
		if s.messageNamed[d.FullName()] != nil {
			continue
		}
		s.messages, s.messageNamed[d.FullName()] = append(s.messages, d), d
		for _, c := range into {
			c.messages[nested(d)] = d
		}
		s.addScope(d, into)
	}
}
