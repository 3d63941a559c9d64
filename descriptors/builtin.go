package descriptors

import (
	"strings"

	//lint:ignore SA1019 the compiler of .proto source that this project uses
	"github.com/jhump/protoreflect/desc/protoparse"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"

	"github.com/pbscope/pbscope/descriptors/standard"
)

// wellKnownDirectory is where the files lie that protoc brings along.
const wellKnownDirectory = "google/protobuf/"

// hasBuiltin says whether a file is built in.
func hasBuiltin(name string) bool {
	return linkedBuiltin(name) != nil || isLanguageFeatures(name) || strings.HasPrefix(name, "google/") && standard.Has(name)
}

// linkedBuiltin is a file of google/protobuf that protobuf-go has linked.
func linkedBuiltin(name string) protoreflect.FileDescriptor {
	if !strings.HasPrefix(name, wellKnownDirectory) {
		return nil
	}
	f, err := protoregistry.GlobalFiles.FindFileByPath(name)
	if err != nil {
		return nil
	}
	return f
}

// isLanguageFeatures names the files that only the .proto compiler has.
func isLanguageFeatures(name string) bool {
	return name == "google/protobuf/cpp_features.proto" || name == "google/protobuf/java_features.proto"
}

// builtinProto is the descriptor of a built-in file that has to be linked;
// nil if there is none.
func builtinProto(name string) *descriptorpb.FileDescriptorProto {
	switch {
	case isLanguageFeatures(name):
		return languageFeatures(name)
	case !strings.HasPrefix(name, "google/") || linkedBuiltin(name) != nil:
		return nil
	}
	raw, ok := standard.File(name)
	if !ok {
		return nil
	}
	file := new(descriptorpb.FileDescriptorProto)
	if err := (proto.UnmarshalOptions{Resolver: noTypes{}}).Unmarshal(raw, file); err != nil {
		return nil
	}
	return file
}

// builtinOutline is the outline of a built-in file, nil if there is none.
func builtinOutline(name string) *outline {
	file := builtinProto(name)
	if linked := linkedBuiltin(name); linked != nil {
		file = protodesc.ToFileDescriptorProto(linked)
	}
	if file == nil {
		return nil
	}
	raw, err := proto.Marshal(file)
	if err != nil {
		return nil
	}
	return scanRaw(raw, file.GetPackage())
}

func languageFeatures(name string) *descriptorpb.FileDescriptorProto {
	parser := protoparse.Parser{Accessor: protoparse.FileContentsFromMap(nil)}
	files, err := parser.ParseFiles(name)
	if err != nil || len(files) != 1 {
		return nil
	}
	return files[0].AsFileDescriptorProto()
}

// builtinDeclaring is the built-in file that declares a full name, "" if none
// does.
func builtinDeclaring(name string) string {
	if !strings.HasPrefix(name, "google.") && !strings.HasPrefix(name, "pb.") {
		return ""
	}
	if d, err := protoregistry.GlobalFiles.FindDescriptorByName(protoreflect.FullName(name)); err == nil {
		if path := d.ParentFile().Path(); strings.HasPrefix(path, wellKnownDirectory) {
			return path
		}
	}
	return standard.Declaring(name)
}
