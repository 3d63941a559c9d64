package descriptors

import (
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"

	_ "github.com/pbscope/pbscope/descriptors/features" // more linked files
	"github.com/pbscope/pbscope/descriptors/standard"
)

// wellKnownDirectory is where the files lie that protoc brings along.
const wellKnownDirectory = "google/protobuf/"

// BuiltIn says whether a file is one of those that are built in.
func BuiltIn(name string) bool { return hasBuiltin(name) }

// hasBuiltin says whether a file is built in.
func hasBuiltin(name string) bool {
	return linkedBuiltin(name) != nil || strings.HasPrefix(name, "google/") && standard.Has(name)
}

// linkedBuiltin is a file of google/protobuf that is linked into the program.
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

// builtinProto is the descriptor of a built-in file that has to be linked;
// nil if there is none.
func builtinProto(name string) *descriptorpb.FileDescriptorProto {
	if !strings.HasPrefix(name, "google/") || linkedBuiltin(name) != nil {
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
