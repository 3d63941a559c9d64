package features_test

import (
	"testing"

	//lint:ignore SA1019 the compiler of .proto source that this project uses
	"github.com/jhump/protoreflect/desc/protoparse"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	_ "github.com/pbscope/pbscope/descriptors/features"
)

// TestTheCompilerTakesTheseFiles holds the order of initialisation: files that
// the compiler made for itself would be others.
func TestTheCompilerTakesTheseFiles(t *testing.T) {
	for name, extension := range map[string]protoreflect.FullName{
		"google/protobuf/cpp_features.proto":  "pb.cpp",
		"google/protobuf/java_features.proto": "pb.java",
	} {
		linked, err := protoregistry.GlobalFiles.FindFileByPath(name)
		if err != nil {
			t.Fatal(err)
		}
		parser := protoparse.Parser{Accessor: protoparse.FileContentsFromMap(nil)}
		files, err := parser.ParseFiles(name)
		if err != nil {
			t.Fatal(err)
		}
		// The compiler wraps the file, not what is in it.
		if files[0].UnwrapFile().Messages().Get(0) != linked.Messages().Get(0) {
			t.Errorf("the compiler has a %s of its own", name)
		}
		x, err := protoregistry.GlobalFiles.FindDescriptorByName(extension)
		if err != nil {
			t.Fatal(err)
		}
		field := x.(protoreflect.FieldDescriptor)
		if field.ContainingMessage().FullName() != "google.protobuf.FeatureSet" || field.Message().Fields().Len() == 0 || field.ContainingMessage().IsPlaceholder() {
			t.Errorf("%s extends %s with %s", extension, field.ContainingMessage().FullName(), field.Message().FullName())
		}
	}
}
