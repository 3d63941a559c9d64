package descriptors

import (
	"slices"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	"github.com/pbscope/pbscope/inspect/nearest"
)

var errNotFound = protoregistry.NotFound

// FindMessageByName finds a message in any source, also in files that nobody
// named: an Any can hold any type. It is protoregistry.NotFound where none
// declares it.
func (s *Schema) FindMessageByName(name protoreflect.FullName) (protoreflect.MessageDescriptor, error) {
	s.mu.lockOnly()
	defer s.mu.Unlock()
	d, err := s.lookup(name)
	if m, ok := d.(protoreflect.MessageDescriptor); ok {
		return m, nil
	}
	if err == nil {
		err = errNotFound
	}
	return nil, err
}

// lookup finds what the input names, of which it may name much: nothing is
// searched twice. It is nil, nil for what no source declares.
func (s *Schema) lookup(name protoreflect.FullName) (protoreflect.Descriptor, error) {
	if d := s.findLinked(name); d != nil {
		return d, nil
	}
	s.thaw()
	path := ""
	if e := s.sets.indexed(string(name)); e != nil {
		path = e.name
	} else if path = builtinDeclaring(string(name)); path == "" && len(s.tree.given) > 0 {
		path = s.tree.index().declaring(string(name))
	}
	if path == "" {
		e := s.sets.remote.declaring(string(name))
		if e == nil {
			s.noteRemote()
			return nil, nil
		}
		path = e.name
	}
	l, err := s.link(path, 0)
	if err != nil {
		s.note(path + " declares " + string(name) + " and cannot be used: " + flatten(err)[0].Error())
		return nil, err
	}
	if l == nil {
		return nil, nil
	}
	return findIn(l.fd, name), nil
}

// findLinked finds a declaration in the files that are linked; nil if none
// has it.
func (s *Schema) findLinked(name protoreflect.FullName) protoreflect.Descriptor {
	if s.cold {
		return s.frozen.descriptor(name)
	}
	for pkg := name.Parent(); ; pkg = pkg.Parent() {
		for _, fd := range s.byPackage[pkg] {
			if d := findIn(fd, name); d != nil {
				return d
			}
		}
		if pkg == "" {
			return nil
		}
	}
}

// FindDescriptorByName finds a message, enum, service, method or extension in
// any source; protoregistry.NotFound where none declares it.
func (s *Schema) FindDescriptorByName(name protoreflect.FullName) (protoreflect.Descriptor, error) {
	s.mu.lockOnly()
	defer s.mu.Unlock()
	d, err := s.lookup(name)
	if err == nil && d == nil {
		err = errNotFound
	}
	return d, err
}

// locate finds a declaration and links its file; nil, nil if no source has
// one of that name.
func (s *Schema) locate(name string) (protoreflect.Descriptor, error) {
	full := protoreflect.FullName(name)
	if !full.IsValid() {
		return nil, nil
	}
	if d := s.findLinked(full); d != nil {
		return d, nil
	}
	s.thaw()
	path, err := s.declaringFile(name)
	if err != nil || path == "" {
		return nil, err
	}
	l, err := s.link(path, 0)
	if err != nil || l == nil {
		return nil, err
	}
	return findIn(l.fd, full), nil
}

// declaringFile is the file of any source that declares a name, "" if none.
func (s *Schema) declaringFile(name string) (string, error) {
	if len(s.tree.roots) > 0 {
		if path, err := s.tree.declaring(name); err != nil || path != "" {
			return path, err
		}
	}
	if e := s.sets.declaring(name); e != nil {
		return e.name, nil
	}
	if e := s.sets.remote.declaring(name); e != nil {
		return e.name, nil
	}
	return builtinDeclaring(name), s.sets.remote.problem()
}

// Message is the message type of that full name; a leading dot is allowed.
// For an unknown one the error names the nearest.
func (s *Schema) Message(name string) (protoreflect.MessageDescriptor, error) {
	s.mu.lockOnly()
	defer s.mu.Unlock()
	d, err := s.descriptor(name)
	if err != nil {
		return nil, err
	}
	m, ok := d.(protoreflect.MessageDescriptor)
	if !ok {
		return nil, &Error{Kind: KindUnknownType, Message: name + " is " + described(d) + ", not a message type"}
	}
	return m, nil
}

func described(d protoreflect.Descriptor) string {
	switch d.(type) {
	case protoreflect.EnumDescriptor:
		return "an enum"
	case protoreflect.ServiceDescriptor:
		return "a service"
	case protoreflect.MethodDescriptor:
		return "a method"
	case protoreflect.MessageDescriptor:
		return "a message"
	}
	return "an extension"
}

// Descriptor is the declaration of that full name: a message, enum, service,
// method or extension. For an unknown one the error names the nearest.
func (s *Schema) Descriptor(name string) (protoreflect.Descriptor, error) {
	s.mu.lockOnly()
	defer s.mu.Unlock()
	return s.descriptor(name)
}

func (s *Schema) descriptor(name string) (protoreflect.Descriptor, error) {
	d, err := s.locate(string(fullName(name)))
	if err != nil || d != nil {
		return d, err
	}
	return nil, s.unknownType(name)
}

// fullName is a name as somebody gave it, who may put a dot before it.
func fullName(name string) protoreflect.FullName {
	return protoreflect.FullName(strings.TrimPrefix(name, "."))
}

func (s *Schema) unknownType(name string) *Error {
	e := &Error{Kind: KindUnknownType, Message: "unknown type " + name}
	if len(s.tree.roots) == 0 && len(s.sets.all()) == 0 && s.sets.remote == nil {
		e.Hint = "give a schema: -I DIR, -p FILE or -d DESCRIPTOR_SET"
		return e
	}
	all := s.typeNames()
	e.Names = nearest.Names(strings.TrimPrefix(name, "."), all, 5)
	switch {
	case len(e.Names) > 0:
		e.Hint = "did you mean " + strings.Join(e.Names, ", ") + "?"
	case len(all) == 0:
		e.Hint = "the schema declares no message types"
	default:
		e.Hint = "pbscope schema list shows what there is"
	}
	return e
}

// unknownFile is the error of a file that no source has.
func (s *Schema) unknownFile(name string) *Error {
	e := &Error{Kind: KindUnknownType, Message: "the schema has no file " + name}
	var all []string
	s.eachOutline(func(path string, _ *outline) { all = append(all, path) })
	e.Names = nearest.Names(name, all, 5)
	if e.Hint = "pbscope schema list --kind file shows what there is"; len(e.Names) > 0 {
		e.Hint = "did you mean " + strings.Join(e.Names, ", ") + "?"
	}
	return e
}

// typeNames are the full names of all messages of all sources but the
// built-in files.
func (s *Schema) typeNames() []string {
	seen := make(map[string]bool)
	var names []string
	s.eachOutline(func(_ string, o *outline) {
		for _, d := range o.decls {
			if d.kind == MessageEntry && !seen[d.name] {
				seen[d.name] = true
				names = append(names, d.name)
			}
		}
	})
	return names
}

// ExtensionNumbers are the numbers of the extensions of a message that any
// source declares, in ascending order. A file that cannot be used is passed
// over.
func (s *Schema) ExtensionNumbers(message protoreflect.FullName) []protoreflect.FieldNumber {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.extensions.update()
	if last := string(message.Name()); !s.extensions.sought[last] {
		s.extensions.sought[last] = true
		s.linkExtending(last)
		s.extensions.update()
	}
	var numbers []protoreflect.FieldNumber
	for key := range s.extensions.numbers {
		if key.message == message {
			numbers = append(numbers, key.number)
		}
	}
	slices.Sort(numbers)
	return numbers
}
