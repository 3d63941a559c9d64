package bufrules

import (
	"slices"

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

// Path is the path of a declaration in its file, as source locations have it.
func Path(d protoreflect.Descriptor) protoreflect.SourcePath {
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
	return append(Path(parent), tag, int32(d.Index()))
}

func pick(first bool, a, b int32) int32 {
	if first {
		return a
	}
	return b
}

// place is where a finding stands: the first of the parts of declarations that
// the source has. It is looked up for findings only.
type place []placePart

type placePart struct {
	of   protoreflect.Descriptor
	tags []int32
}

// part is the place of a part of a declaration, as a path below its own.
func part(d protoreflect.Descriptor, tags ...int32) place { return place{{d, tags}} }

// whole is the place of a declaration; a file has none.
func whole(d protoreflect.Descriptor) place {
	if _, ok := d.(protoreflect.FileDescriptor); ok {
		return nil
	}
	return part(d)
}

func firstOf(places ...place) place { return slices.Concat(places...) }

// location looks a place up; its Path is nil where there is none.
func (p place) location(locate Locator) protoreflect.SourceLocation {
	for _, at := range p {
		if l := at.location(locate); l.Path != nil {
			return l
		}
	}
	return protoreflect.SourceLocation{}
}

// location looks a part up. What the entry of a map declares stands at the
// map's type.
func (p placePart) location(locate Locator) protoreflect.SourceLocation {
	switch at := mapField(p.of); {
	case at != nil && len(p.tags) > 0:
		return protoreflect.SourceLocation{}
	case at != nil:
		return firstOf(part(at, fieldTypeName), whole(at)).location(locate)
	}
	return locate(p.of.ParentFile(), append(Path(p.of), p.tags...))
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
