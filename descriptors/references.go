package descriptors

import (
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
)

// checkReferences says which type of a descriptor nobody declares, before
// protodesc is asked, which would say less.
func checkReferences(file *descriptorpb.FileDescriptorProto, view *visible, source string, missing []string) error {
	c := &referenceCheck{view: view, local: make(map[string]bool)}
	prefix := "."
	if file.GetPackage() != "" {
		prefix = "." + file.GetPackage() + "."
	}
	c.declare(prefix, file.MessageType, file.EnumType)
	c.messages(prefix, file.MessageType)
	c.fields(prefix, file.Extension)
	for _, service := range file.Service {
		for _, m := range service.Method {
			user := strings.TrimPrefix(prefix, ".") + service.GetName() + "." + m.GetName()
			c.reference(user, m.GetInputType(), prefix)
			c.reference(user, m.GetOutputType(), prefix)
		}
	}
	if c.unknown == "" {
		return nil
	}
	name := printable(file.GetName())
	e := &Error{Kind: KindSet, File: source, Message: name + ": " + c.user + " refers to " + c.unknown + ", which neither it nor its imports declare"}
	if len(missing) > 0 {
		e.Kind = KindImport
		e.Message = name + " imports " + printable(strings.Join(missing, ", ")) + ", which no source has; " + c.user + " needs " + c.unknown + " of it"
		e.Hint = "make the descriptor set with its imports (protoc --include_imports), or give the missing file with -I or -d"
	}
	return e
}

type referenceCheck struct {
	view          *visible
	local         map[string]bool // full names with a leading dot
	user, unknown string
}

func (c *referenceCheck) declare(prefix string, messages []*descriptorpb.DescriptorProto, enums []*descriptorpb.EnumDescriptorProto) {
	for _, e := range enums {
		c.local[prefix+e.GetName()] = true
	}
	for _, m := range messages {
		c.local[prefix+m.GetName()] = true
		c.declare(prefix+m.GetName()+".", m.NestedType, m.EnumType)
	}
}

func (c *referenceCheck) messages(prefix string, messages []*descriptorpb.DescriptorProto) {
	for _, m := range messages {
		within := prefix + m.GetName() + "."
		c.fields(within, m.Field)
		c.fields(within, m.Extension)
		c.messages(within, m.NestedType)
	}
}

func (c *referenceCheck) fields(prefix string, fields []*descriptorpb.FieldDescriptorProto) {
	for _, f := range fields {
		user := strings.TrimPrefix(prefix, ".") + f.GetName()
		if f.TypeName != nil {
			c.reference(user, f.GetTypeName(), prefix)
		}
		if f.Extendee != nil {
			c.reference(user, f.GetExtendee(), prefix)
		}
	}
}

// reference checks one name; one without a leading dot is looked up from the
// scope outwards, as .proto source has it.
func (c *referenceCheck) reference(user, name, scope string) {
	if c.unknown != "" || c.knows(name) {
		return
	}
	if !strings.HasPrefix(name, ".") {
		for {
			if c.knows(scope + name) {
				return
			}
			if scope == "." {
				break
			}
			scope = scope[:strings.LastIndexByte(scope[:len(scope)-1], '.')+1]
		}
	}
	c.user, c.unknown = printable(user), printable(strings.TrimPrefix(name, "."))
	if c.unknown == "" {
		c.unknown = "a type without a name"
	}
}

func (c *referenceCheck) knows(name string) bool {
	if c.local[name] {
		return true
	}
	if !strings.HasPrefix(name, ".") {
		return false
	}
	d, _ := c.view.FindDescriptorByName(protoreflect.FullName(name[1:]))
	return d != nil
}
