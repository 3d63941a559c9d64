// Package features puts google/protobuf/cpp_features.proto and
// java_features.proto among the files that are linked into the program, as the
// code that protoc generates from a file would. It is imported for that alone.
//
// The .proto compiler takes files from there. It would else build these two
// whenever the program starts, which takes longer than the rest of its own
// initialisation; here they are bytes until somebody asks for them.
package features

import (
	_ "embed" // for the descriptors

	"google.golang.org/protobuf/runtime/protoimpl"
	_ "google.golang.org/protobuf/types/descriptorpb" // which both extend
)

var (
	//go:embed cpp_features.binpb
	cpp []byte
	//go:embed java_features.binpb
	java []byte
)

// By the language's rule (the order of import paths, among the packages whose
// imports are ready) this runs before the compiler's own init.
func init() {
	protoimpl.DescBuilder{RawDescriptor: cpp}.Build()
	protoimpl.DescBuilder{RawDescriptor: java}.Build()
}
