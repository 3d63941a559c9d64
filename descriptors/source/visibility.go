package source

import (
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
)

// visibility is the keyword of edition 2024 before a message or enum, with a
// blank after it. Which files may name a type does not change how it is read:
// protoreflect tells it only through an interface of its implementations.
func visibility(d protoreflect.Descriptor) string {
	known, ok := d.(interface{ Visibility() int32 })
	if !ok {
		return ""
	}
	switch descriptorpb.SymbolVisibility(known.Visibility()) {
	case descriptorpb.SymbolVisibility_VISIBILITY_EXPORT:
		return "export "
	case descriptorpb.SymbolVisibility_VISIBILITY_LOCAL:
		return "local "
	}
	return ""
}

// OptionImports are the names of the files that edition 2024 imports for
// options alone.
func OptionImports(fd protoreflect.FileDescriptor) []string {
	known, ok := fd.(interface {
		OptionImports() protoreflect.FileImports
	})
	if !ok {
		return nil
	}
	var paths []string
	for i := range known.OptionImports().Len() {
		paths = append(paths, known.OptionImports().Get(i).Path())
	}
	return paths
}
