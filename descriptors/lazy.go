package descriptors

import (
	"slices"
	"strings"

	"google.golang.org/protobuf/types/descriptorpb"
)

// maxLazy is up to how many messages and enums a file may be lazy: a lazy
// descriptor goes through all of them for each field that refers to one.
const maxLazy = 400

// canBeLazy says whether package protoimpl makes of a file what protodesc does.
// It passes over features that an enum sets for itself, and relies on what
// generated code has: full names, and the kind of each field.
func canBeLazy(file *descriptorpb.FileDescriptorProto) bool {
	c := lazyCheck{fine: file.Edition == nil}
	c.fields(file.Extension)
	c.count += len(file.EnumType)
	c.messages(file.MessageType)
	for _, s := range file.Service {
		for _, m := range s.Method {
			c.name(m.GetInputType())
			c.name(m.GetOutputType())
		}
	}
	return c.fine && c.count <= maxLazy
}

type lazyCheck struct {
	fine  bool
	count int
}

func (c *lazyCheck) name(name string) { c.fine = c.fine && strings.HasPrefix(name, ".") }

func (c *lazyCheck) messages(messages []*descriptorpb.DescriptorProto) {
	c.count += len(messages)
	for _, m := range messages {
		c.count += len(m.EnumType)
		c.fine = c.fine && !m.GetOptions().GetMessageSetWireFormat()
		c.fields(m.Field)
		c.fields(m.Extension)
		c.messages(m.NestedType)
	}
}

func (c *lazyCheck) fields(fields []*descriptorpb.FieldDescriptorProto) {
	for _, f := range fields {
		c.fine = c.fine && f.Type != nil && f.Label != nil
		if f.TypeName != nil {
			c.name(f.GetTypeName())
		}
		if f.Extendee != nil {
			c.name(f.GetExtendee())
		}
	}
}

func hasMessageSet(messages []*descriptorpb.DescriptorProto) bool {
	return slices.ContainsFunc(messages, func(m *descriptorpb.DescriptorProto) bool {
		return m.GetOptions().GetMessageSetWireFormat() || hasMessageSet(m.NestedType)
	})
}
