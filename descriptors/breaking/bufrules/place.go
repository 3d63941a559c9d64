package bufrules

import (
	"google.golang.org/protobuf/reflect/protoreflect"
)

// Tags of descriptor.proto that make the paths of source locations.
const (
	fileMessage, fileEnum, fileService, fileExtension = 4, 5, 6, 7
	filePackage, fileOptions, fileSyntax, fileEdition = 2, 8, 12, 14

	messageField, messageNested, messageEnum, messageExtension, messageOneof = 2, 3, 4, 6, 8
	messageOptions                                                           = 7

	fieldName, fieldNumber, fieldType, fieldTypeName, fieldDefault, fieldOptions, fieldJSONName = 1, 3, 5, 6, 7, 8, 10

	enumValue, enumOptions, valueNumber = 2, 3, 2

	serviceMethod, methodInput, methodOutput, methodOptions = 2, 2, 3, 4
)

// pathOf is the path of a declaration in its file.
func pathOf(d protoreflect.Descriptor) protoreflect.SourcePath {
	parent := d.Parent()
	if parent == nil {
		return nil
	}
	_, top := parent.(protoreflect.FileDescriptor)
	var tag int32
	switch d := d.(type) {
	case protoreflect.MessageDescriptor:
		tag = pick(top, fileMessage, messageNested)
	case protoreflect.EnumDescriptor:
		tag = pick(top, fileEnum, messageEnum)
	case protoreflect.FieldDescriptor:
		tag = messageField
		if d.IsExtension() {
			tag = pick(top, fileExtension, messageExtension)
		}
	case protoreflect.OneofDescriptor:
		tag = messageOneof
	case protoreflect.EnumValueDescriptor:
		tag = enumValue
	case protoreflect.ServiceDescriptor:
		tag = fileService
	case protoreflect.MethodDescriptor:
		tag = serviceMethod
	}
	return append(pathOf(parent), tag, int32(d.Index()))
}

func pick(first bool, a, b int32) int32 {
	if first {
		return a
	}
	return b
}

// part is the place of a part of a declaration, as a path below its own; its
// Path is nil where there is none. What the entry of a map declares stands at
// the map's type.
func part(d protoreflect.Descriptor, tags ...int32) protoreflect.SourceLocation {
	switch at := mapField(d); {
	case at != nil && len(tags) > 0:
		return protoreflect.SourceLocation{}
	case at != nil:
		return firstOf(part(at, fieldTypeName), whole(at))
	}
	return d.ParentFile().SourceLocations().ByPath(append(pathOf(d), tags...))
}

// whole is the place of a declaration; a file has none.
func whole(d protoreflect.Descriptor) protoreflect.SourceLocation {
	if _, ok := d.(protoreflect.FileDescriptor); ok {
		return protoreflect.SourceLocation{}
	}
	return part(d)
}

func firstOf(places ...protoreflect.SourceLocation) protoreflect.SourceLocation {
	for _, p := range places {
		if p.Path != nil {
			return p
		}
	}
	return protoreflect.SourceLocation{}
}

// mapField is the map field that a generated entry, or a field of one, comes
// from; nil for what the source declares.
func mapField(d protoreflect.Descriptor) protoreflect.FieldDescriptor {
	if f, ok := d.(protoreflect.FieldDescriptor); ok && !f.IsExtension() {
		d = f.Parent()
	}
	entry, ok := d.(protoreflect.MessageDescriptor)
	if !ok || !entry.IsMapEntry() {
		return nil
	}
	holder, ok := entry.Parent().(scopeOfFields)
	if !ok {
		return nil
	}
	// Entries stand in the order of their fields, behind what the source
	// declares: the search begins where the field most likely is.
	fields := holder.Fields()
	for i := range fields.Len() {
		if f := fields.Get((entry.Index() + i) % fields.Len()); f.Message() == entry {
			return f
		}
	}
	return nil
}

type scopeOfFields interface {
	Fields() protoreflect.FieldDescriptors
}
