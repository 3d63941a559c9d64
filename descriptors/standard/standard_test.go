package standard

import (
	"sort"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/descriptorpb"
)

func TestEveryFileUnpacksAndIsFoundByItsNames(t *testing.T) {
	paths := Paths()
	if len(paths) < 50 || !sort.StringsAreSorted(paths) {
		t.Fatalf("%d paths, sorted %v", len(paths), sort.StringsAreSorted(paths))
	}
	for _, path := range paths {
		raw, ok := File(path)
		if !ok || !Has(path) {
			t.Fatalf("%s does not unpack", path)
		}
		file := new(descriptorpb.FileDescriptorProto)
		if err := proto.Unmarshal(raw, file); err != nil || file.GetName() != path {
			t.Fatalf("%s: %v, named %s", path, err, file.GetName())
		}
		for _, m := range file.GetMessageType() {
			name := file.GetPackage() + "." + m.GetName()
			if got := Declaring(name); got != path {
				t.Errorf("Declaring(%s) = %q, want %s", name, got, path)
			}
			if got := Declaring(name + ".Inner"); got != path {
				t.Errorf("Declaring(%s.Inner) = %q, want %s", name, got, path)
			}
		}
		for _, imported := range file.GetDependency() {
			if !Has(imported) && !strings.HasPrefix(imported, "google/protobuf/") {
				t.Errorf("%s imports %s, which is not here", path, imported)
			}
		}
	}
}

func TestFilesThatSchemasImport(t *testing.T) {
	for _, path := range []string{
		"google/api/annotations.proto", "google/api/http.proto", "google/api/client.proto",
		"google/api/field_behavior.proto", "google/api/resource.proto", "google/api/httpbody.proto",
		"google/rpc/status.proto", "google/rpc/code.proto", "google/rpc/error_details.proto",
		"google/type/date.proto", "google/type/money.proto", "google/type/latlng.proto",
		"google/longrunning/operations.proto",
	} {
		if _, ok := File(path); !ok {
			t.Errorf("%s is missing", path)
		}
	}
}

func TestUnknown(t *testing.T) {
	if _, ok := File("google/api/nothing.proto"); ok || Has("") || Declaring("google.rpc.Statuses") != "" || Declaring("") != "" {
		t.Error("found what is not there")
	}
}
