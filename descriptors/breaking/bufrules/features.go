package bufrules

import (
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"

	"github.com/pbscope/pbscope/inspect/plan"
)

// Tags of features within options, and of FeatureSet and its extensions.
const (
	fieldFeatures, messageFeatures, enumFeatures       = 21, 12, 7
	featureEnumType, featureUTF8, featureJSON          = 2, 4, 6
	cppFeatures, cppStringType                         = 1000, 2
	javaFeatures, javaUTF8                             = 1001, 2
	cppView, cppCord, cppString                  int32 = 1, 2, 3
	javaVerify                                         = 2
)

// resolved is a feature as the declaration or the nearest around it states
// it. The parts of a map's entry have those of the map.
func resolved[T any](d protoreflect.Descriptor, get func(*descriptorpb.FeatureSet) (T, bool)) (value T, ok bool) {
	if d.ParentFile().Syntax() != protoreflect.Editions {
		return value, false
	}
	if at := mapField(d); at != nil {
		d = at
	}
	for ; d != nil; d = d.Parent() {
		if features := plan.Features(d); features != nil {
			if v, ok := get(features); ok {
				return v, true
			}
		}
	}
	return value, false
}

// languageFeature is an enum within one of the extensions of FeatureSet, read
// from its bytes: whether a schema's copy of the extension is linked in makes
// no difference then.
func languageFeature(extension, field protowire.Number) func(*descriptorpb.FeatureSet) (int32, bool) {
	return func(f *descriptorpb.FeatureSet) (value int32, ok bool) {
		b, err := proto.Marshal(f)
		if err != nil {
			return 0, false
		}
		each(b, func(number protowire.Number, _ uint64, content []byte) {
			if number != extension {
				return
			}
			each(content, func(number protowire.Number, v uint64, _ []byte) {
				if number == field {
					value, ok = int32(v), true
				}
			})
		})
		return value, ok
	}
}

func each(b []byte, step func(number protowire.Number, value uint64, content []byte)) {
	for len(b) > 0 {
		number, typ, n := protowire.ConsumeTag(b)
		if n < 0 {
			return
		}
		b = b[n:]
		size := protowire.ConsumeFieldValue(number, typ, b)
		if size < 0 {
			return
		}
		switch typ {
		case protowire.VarintType:
			v, _ := protowire.ConsumeVarint(b)
			step(number, v, nil)
		case protowire.BytesType:
			content, _ := protowire.ConsumeBytes(b)
			step(number, 0, content)
		}
		b = b[size:]
	}
}

func validatesUTF8(f protoreflect.FieldDescriptor) bool {
	switch f.ParentFile().Syntax() {
	case protoreflect.Proto2:
		return false
	case protoreflect.Proto3:
		return true
	}
	v, _ := resolved(f, func(f *descriptorpb.FeatureSet) (descriptorpb.FeatureSet_Utf8Validation, bool) {
		return f.GetUtf8Validation(), f.GetUtf8Validation() != 0
	})
	return v != descriptorpb.FeatureSet_NONE
}

// javaValidatesUTF8: Java can be told to validate what others do not.
func javaValidatesUTF8(f protoreflect.FieldDescriptor) bool {
	if f.ParentFile().Syntax() != protoreflect.Editions {
		o, _ := f.ParentFile().Options().(*descriptorpb.FileOptions)
		return o.GetJavaStringCheckUtf8() || validatesUTF8(f)
	}
	v, _ := resolved(f, languageFeature(javaFeatures, javaUTF8))
	return v == javaVerify || validatesUTF8(f)
}

// cppStringTypeOf is the C++ type of a string or bytes field.
func cppStringTypeOf(f protoreflect.FieldDescriptor) string {
	o, _ := f.Options().(*descriptorpb.FieldOptions)
	if o != nil && o.Ctype != nil {
		return o.GetCtype().String()
	}
	if f.ParentFile().Syntax() != protoreflect.Editions {
		return "STRING"
	}
	v, ok := resolved(f, languageFeature(cppFeatures, cppStringType))
	switch {
	case ok && v == cppView:
		return "VIEW"
	case ok && v == cppCord:
		return "CORD"
	case ok && v == cppString:
		return "STRING"
	case Edition(f.ParentFile()) >= descriptorpb.Edition_EDITION_2024:
		return "VIEW"
	}
	return "STRING"
}

// Edition is the number of a file's edition; protoreflect tells it only
// through interfaces of its implementations.
func Edition(f protoreflect.FileDescriptor) descriptorpb.Edition {
	if f.Syntax() != protoreflect.Editions {
		return 0
	}
	switch known := f.(type) {
	case interface {
		FileDescriptorProto() *descriptorpb.FileDescriptorProto
	}:
		return known.FileDescriptorProto().GetEdition()
	case interface{ Edition() int32 }:
		return descriptorpb.Edition(known.Edition())
	}
	return descriptorpb.Edition_EDITION_2023
}
