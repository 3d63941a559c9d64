package descriptors

import (
	"slices"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// OnlyMessage is the message type of the files that were named, where they
// declare one at the top level; where they declare several the error lists
// them.
func (s *Schema) OnlyMessage() (protoreflect.MessageDescriptor, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var names []string
	if len(s.named) > 0 || len(s.sets.all()) > 0 {
		for _, path := range s.fileNames() {
			if !hasBuiltin(path) || slices.Contains(s.named, path) {
				names = append(names, s.topMessages(path)...)
			}
		}
	}
	switch len(names) {
	case 1:
		d, err := s.descriptor(names[0])
		m, ok := d.(protoreflect.MessageDescriptor)
		if err == nil && !ok {
			err = s.unknownType(names[0])
		}
		return m, err
	case 0:
		if err := s.sets.remote.problem(); err != nil {
			return nil, err
		}
		e := &Error{Kind: KindAmbiguous, Message: "no type given", Hint: "name the message type with -t"}
		if len(s.named) > 0 || len(s.sets.order) > 0 {
			e.Message = "no type given, and the schema declares no message"
		} else if e.Names = s.typeNames(); len(e.Names) > 0 {
			e.Hint += ": " + shortList(e.Names, 8)
		}
		return nil, e
	}
	return nil, &Error{Kind: KindAmbiguous, Message: "no type given, and the schema declares several", Names: names,
		Hint: "choose one with -t: " + shortList(names, 8)}
}

func (s *Schema) topMessages(path string) []string {
	o := s.outlineOf(path)
	if o == nil {
		return nil
	}
	var names []string
	for _, d := range o.decls {
		if d.kind == MessageEntry && d.top {
			names = append(names, d.name)
		}
	}
	return names
}

// outlineOf is the outline of a file of the tree, of a set or of those that are
// built in, nil if none has it.
func (s *Schema) outlineOf(path string) *outline {
	if f, err := s.tree.find(path); err == nil && f != nil {
		return f.outline
	}
	if e := s.sets.file(path); e != nil {
		return e.outline()
	}
	return builtinOutline(path)
}

func shortList(names []string, limit int) string {
	if len(names) <= limit {
		return strings.Join(names, ", ")
	}
	return strings.Join(names[:limit], ", ") + ", …"
}
