package plan

import (
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
)

// validatesUTF8 resolves the feature utf8_validation along the declaration,
// since a descriptor made from source does not answer it for edition files.
// The fields of a map's entry inherit from the map field.
func validatesUTF8(d protoreflect.FieldDescriptor) bool {
	switch d.ParentFile().Syntax() {
	case protoreflect.Proto2:
		return false
	case protoreflect.Proto3:
		return true
	}
	if entry := d.ContainingMessage(); entry != nil && entry.IsMapEntry() {
		if mapField := fieldOfEntry(entry); mapField != nil {
			return validatesUTF8(mapField)
		}
	}
	for at := protoreflect.Descriptor(d); at != nil; at = at.Parent() {
		if v := Features(at).GetUtf8Validation(); v != descriptorpb.FeatureSet_UTF8_VALIDATION_UNKNOWN {
			return v == descriptorpb.FeatureSet_VERIFY
		}
	}
	return true
}

func fieldOfEntry(entry protoreflect.MessageDescriptor) protoreflect.FieldDescriptor {
	parent, ok := entry.Parent().(protoreflect.MessageDescriptor)
	if !ok {
		return nil
	}
	for i := range parent.Fields().Len() {
		if f := parent.Fields().Get(i); f.Message() == entry {
			return f
		}
	}
	return nil
}

// Features is the set that a declaration states itself; nil if it has none.
func Features(d protoreflect.Descriptor) *descriptorpb.FeatureSet {
	switch o := d.Options().(type) {
	case *descriptorpb.FieldOptions:
		return o.GetFeatures()
	case *descriptorpb.OneofOptions:
		return o.GetFeatures()
	case *descriptorpb.MessageOptions:
		return o.GetFeatures()
	case *descriptorpb.EnumOptions:
		return o.GetFeatures()
	case *descriptorpb.FileOptions:
		return o.GetFeatures()
	}
	return nil
}
