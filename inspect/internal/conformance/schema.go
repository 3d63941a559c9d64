package conformance

import (
	"math"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"
)

// Types links the bytes of a FileDescriptorSet, with what protodesc refuses
// for no good reason moved out of its sight: see tame.
func Types(set []byte) (*dynamicpb.Types, error) {
	files := new(descriptorpb.FileDescriptorSet)
	if err := proto.Unmarshal(set, files); err != nil {
		return nil, err
	}
	for _, f := range files.File {
		if err := tame(f); err != nil {
			return nil, err
		}
	}
	registry, err := protodesc.NewFiles(files)
	if err != nil {
		return nil, err
	}
	return dynamicpb.NewTypes(registry), nil
}

// Link is Types of files that a test writes down.
func Link(files ...*descriptorpb.FileDescriptorProto) (*dynamicpb.Types, error) {
	set, err := proto.Marshal(&descriptorpb.FileDescriptorSet{File: files})
	if err != nil {
		return nil, err
	}
	return Types(set)
}

// tame makes a file fit for protodesc: the option message_set_wire_format
// goes to the unknown fields of the options, where package plan finds it, the
// ranges of a MessageSet end where field numbers end, and an edition that is
// not released yet becomes one that is.
func tame(f *descriptorpb.FileDescriptorProto) error {
	if f.GetEdition() > descriptorpb.Edition_EDITION_2024 {
		f.Edition = descriptorpb.Edition_EDITION_2023.Enum()
	}
	return tameMessages(f.MessageType)
}

func tameMessages(messages []*descriptorpb.DescriptorProto) error {
	for _, m := range messages {
		if m.GetOptions().GetMessageSetWireFormat() {
			m.Options.MessageSetWireFormat = nil
			option, err := proto.Marshal(&descriptorpb.MessageOptions{MessageSetWireFormat: proto.Bool(true)})
			if err != nil {
				return err
			}
			unknown := m.Options.ProtoReflect().GetUnknown()
			m.Options.ProtoReflect().SetUnknown(append(unknown, option...))
			for _, r := range m.ExtensionRange {
				if r.GetEnd() == math.MaxInt32 {
					r.End = proto.Int32(int32(protoreflect.FieldNumber(1 << 29)))
				}
			}
		}
		if err := tameMessages(m.NestedType); err != nil {
			return err
		}
	}
	return nil
}

// Resolver is a plan.Resolver over protobuf-go's dynamic types.
type Resolver struct{ Types *dynamicpb.Types }

// FindMessageByName is part of plan.Resolver.
func (r Resolver) FindMessageByName(name protoreflect.FullName) (protoreflect.MessageDescriptor, error) {
	mt, err := r.Types.FindMessageByName(name)
	if err != nil {
		return nil, err
	}
	return mt.Descriptor(), nil
}

// FindExtensionByName is part of plan.Resolver.
func (r Resolver) FindExtensionByName(name protoreflect.FullName) (protoreflect.ExtensionDescriptor, error) {
	xt, err := r.Types.FindExtensionByName(name)
	if err != nil {
		return nil, err
	}
	return xt.TypeDescriptor(), nil
}

// FindExtensionByNumber is part of plan.Resolver.
func (r Resolver) FindExtensionByNumber(message protoreflect.FullName, number protoreflect.FieldNumber) (protoreflect.ExtensionDescriptor, error) {
	xt, err := r.Types.FindExtensionByNumber(message, number)
	if err != nil {
		return nil, err
	}
	return xt.TypeDescriptor(), nil
}
