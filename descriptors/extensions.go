package descriptors

import (
	"google.golang.org/protobuf/reflect/protoreflect"
)

// extensionIndex knows the extensions of the files that are linked.
type extensionIndex struct {
	pending []protoreflect.FileDescriptor // not indexed yet
	numbers map[extensionKey]protoreflect.ExtensionDescriptor
	// sought are the last components of names of messages for whose extensions
	// all sources have been searched.
	sought map[string]bool
}

type extensionKey struct {
	message protoreflect.FullName
	number  protoreflect.FieldNumber
}

func (x *extensionIndex) update() {
	if x.numbers == nil {
		x.numbers = make(map[extensionKey]protoreflect.ExtensionDescriptor)
		x.sought = make(map[string]bool)
	}
	for _, fd := range x.pending {
		x.add(fd.Extensions())
		x.within(fd.Messages())
	}
	x.pending = nil
}

func (x *extensionIndex) within(messages protoreflect.MessageDescriptors) {
	for i := range messages.Len() {
		x.add(messages.Get(i).Extensions())
		x.within(messages.Get(i).Messages())
	}
}

func (x *extensionIndex) add(extensions protoreflect.ExtensionDescriptors) {
	for i := range extensions.Len() {
		d := extensions.Get(i)
		key := extensionKey{d.ContainingMessage().FullName(), d.Number()}
		if _, ok := x.numbers[key]; !ok {
			x.numbers[key] = d
		}
	}
}

// FindExtensionByName finds an extension field in any source by its full
// name; protoregistry.NotFound where none declares it.
func (s *Schema) FindExtensionByName(name protoreflect.FullName) (protoreflect.ExtensionDescriptor, error) {
	d, err := s.FindDescriptorByName(name)
	if err != nil {
		return nil, err
	}
	x, ok := d.(protoreflect.ExtensionDescriptor)
	if !ok || !x.IsExtension() {
		return nil, errNotFound
	}
	return x, nil
}

// FindExtensionByNumber finds the extension of a message by its number: in
// the files that are linked, then in those of any source that extend a
// message of that name.
func (s *Schema) FindExtensionByNumber(message protoreflect.FullName, number protoreflect.FieldNumber) (protoreflect.ExtensionDescriptor, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := extensionKey{message, number}
	s.extensions.update()
	if d := s.extensions.numbers[key]; d != nil {
		return d, nil
	}
	if last := string(message.Name()); !s.extensions.sought[last] {
		s.extensions.sought[last] = true
		s.linkExtending(last)
		s.extensions.update()
		if d := s.extensions.numbers[key]; d != nil {
			return d, nil
		}
	}
	e := s.sets.remote.extending(string(message), int32(number))
	s.noteRemote()
	if e != nil {
		s.linkExtension(e.name, string(message))
		s.extensions.update()
		if d := s.extensions.numbers[key]; d != nil {
			return d, nil
		}
	}
	return nil, errNotFound
}

// linkExtending links the files that extend a message whose name ends so. A
// file that cannot be linked is passed over.
func (s *Schema) linkExtending(last string) {
	extends := func(o *outline) bool {
		for i := range o.decls {
			if o.decls[i].extendee == last {
				return true
			}
		}
		return false
	}
	for _, e := range s.sets.order {
		if extends(e.outline()) {
			s.linkExtension(e.name, last)
		}
	}
	if len(s.tree.given) == 0 {
		return
	}
	x := s.tree.index()
	for i, o := range x.outlines {
		if extends(o) {
			s.linkExtension(x.files[i].name, last)
		}
	}
}

// linkExtension links a file that extends a message; one that cannot be
// linked is passed over.
func (s *Schema) linkExtension(path, message string) {
	if _, err := s.link(path, 0); err != nil {
		s.note(path + " extends " + message + " and cannot be used: " + flatten(err)[0].Error())
	}
}
