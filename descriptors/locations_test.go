package descriptors

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/types/descriptorpb"
)

// Places that are found later are those that the compiler finds, but for
// custom options.
func TestLocationsAreTheCompilers(t *testing.T) {
	const options = `edition = "2023";
package p;
import "google/protobuf/cpp_features.proto";
import "google/protobuf/java_features.proto";
option features.(pb.cpp).string_type = CORD;
option java_package = "p";
enum E { A = 0; B = 1 [deprecated = true]; }
message M {
  // a
  E e = 1 [default = B, features.(.pb.java).utf8_validation = VERIFY, deprecated = true]; // b
  int32 f = 2 [ default = 5, json_name = "x" ];
  oneof o { string s = 3 [features = { [pb.java] { utf8_validation: VERIFY } }]; }
  map<string, M> m = 4;
  reserved 7 to 9;
  extensions 100 to 200 [verification = UNVERIFIED];
  extend M { repeated int32 x = 100 [features.repeated_field_encoding = EXPANDED]; }
}
`
	directory := t.TempDir()
	write := filepath.Join(directory, "options.proto")
	if err := os.WriteFile(write, []byte(options), 0o600); err != nil {
		t.Fatal(err)
	}
	files := []string{write}
	for _, pattern := range []string{"../fixtures/schemas/*/*.proto", "breaking/testdata/*/*/*.proto"} {
		more, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, more...)
	}
	for _, path := range files {
		s, err := Open(Sources{Protos: []string{path}, ImportPaths: []string{filepath.Dir(path)}, SourceInfo: true})
		if err != nil {
			continue // it needs another root
		}
		fds, err := s.Files()
		if err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		want := known(protodesc.ToFileDescriptorProto(fds[0]).GetSourceCodeInfo())
		got := known(Locations(fds[0].Path(), text))
		if !slices.Equal(got, want) {
			for i := range min(len(got), len(want)) {
				if got[i] != want[i] {
					t.Errorf("%s: location %d\n got %s\nwant %s", path, i, got[i], want[i])
					break
				}
			}
			t.Errorf("%s: %d locations, the compiler has %d", path, len(got), len(want))
		}
	}
}

// known are the locations but those of custom options and parts of names.
func known(info *descriptorpb.SourceCodeInfo) []string {
	var all []string
	for _, l := range info.GetLocation() {
		if slices.Contains(l.Path, uninterpretedOption) {
			continue
		}
		all = append(all, l.String())
	}
	return all
}
