package conformance

import (
	"testing"

	//lint:ignore SA1019 the compiler of .proto source hands out these descriptors
	"github.com/jhump/protoreflect/desc"
	//lint:ignore SA1019 the compiler of .proto source that this project uses
	"github.com/jhump/protoreflect/desc/protoparse"
	"google.golang.org/protobuf/types/descriptorpb"

	"github.com/pbscope/pbscope/inspect/plan"
)

// Compile is a suite without cases for a schema that a test writes down as
// .proto source; it may import the well-known types.
func Compile(t testing.TB, source string) *Suite {
	t.Helper()
	const name = "test.proto"
	return compile(t, protoparse.Parser{Accessor: protoparse.FileContentsFromMap(map[string]string{name: source})}, name)
}

// CompileFiles is Compile for files below a folder.
func CompileFiles(t testing.TB, root string, names ...string) *Suite {
	t.Helper()
	return compile(t, protoparse.Parser{ImportPaths: []string{root}}, names...)
}

func compile(t testing.TB, p protoparse.Parser, names ...string) *Suite {
	t.Helper()
	files, err := p.ParseFiles(names...)
	if err != nil {
		t.Fatal(err)
	}
	var protos []*descriptorpb.FileDescriptorProto
	seen := make(map[string]bool)
	var add func(f *desc.FileDescriptor)
	add = func(f *desc.FileDescriptor) {
		if seen[f.GetName()] {
			return
		}
		seen[f.GetName()] = true
		for _, dependency := range f.GetDependencies() {
			add(dependency)
		}
		protos = append(protos, f.AsFileDescriptorProto())
	}
	for _, f := range files {
		add(f)
	}
	types, err := Link(protos...)
	if err != nil {
		t.Fatal(err)
	}
	return &Suite{Plans: plan.NewSet(Resolver{types}), Types: types}
}
