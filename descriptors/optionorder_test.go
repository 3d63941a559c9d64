package descriptors

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/descriptorpb"
)

// manyOptions has custom options of many fields, in no order of their
// numbers.
var manyOptions = map[string]string{
	"o.proto": `syntax = "proto3"; package o;
import "google/protobuf/descriptor.proto";
message Rule { string a = 1; string b = 2; string c = 3; string d = 4; Rule e = 5; map<string, int32> f = 6; repeated int32 g = 7; }
enum Kind { NONE = 0; ONE = 1; TWO = 2; }
extend google.protobuf.FileOptions { Rule file = 50001; string owner = 50000; }
extend google.protobuf.MessageOptions { Rule message = 50003; string note = 50002; int32 level = 50001; }
extend google.protobuf.FieldOptions { Rule field = 50003; string hint = 50002; repeated Kind kinds = 50001; repeated fixed32 fixed = 50000; }
extend google.protobuf.OneofOptions { Rule oneof = 50003; string one = 50002; }
extend google.protobuf.EnumOptions { Rule enum = 50003; string many = 50002; }
extend google.protobuf.EnumValueOptions { Rule value = 50003; string few = 50002; }
extend google.protobuf.ServiceOptions { Rule service = 50003; string host = 50002; }
extend google.protobuf.MethodOptions { Rule method = 50003; string verb = 50002; }
`,
	"u.proto": `syntax = "proto3"; package u;
import "o.proto";
option (o.file) = { d: "4" c: "3" b: "2" a: "1" e { b: "x" a: "y" } };
option java_package = "u";
option (o.owner) = "somebody";
message M {
  option (o.message) = { b: "2" a: "1" g: 3 g: 4 };
  option (o.level) = 7;
  option deprecated = true;
  option (o.note) = "n";
  string s = 1 [(o.field) = { b: "2" a: "1" }, deprecated = true, (o.kinds) = TWO, (o.kinds) = ONE, (o.hint) = "h", (o.fixed) = 5];
  message N { repeated int32 r = 1 [(o.hint) = "r", (o.kinds) = ONE]; }
  oneof choice { option (o.oneof) = { d: "4" a: "1" }; option (o.one) = "1"; int32 x = 2; }
}
enum E { option (o.enum).a = "1"; option (o.many) = "m"; Z = 0 [(o.value) = { c: "3" a: "1" }, (o.few) = "f"]; }
service S {
  option (o.service) = { c: "3" b: "2" }; option (o.host) = "h";
  rpc Call(M) returns (M) { option (o.method) = { c: "3" b: "2" a: "1" }; option (o.verb) = "v"; }
}
`,
}

// TestOptionsStandInOrder: the same bytes each time, those of protoc.
func TestOptionsStandInOrder(t *testing.T) {
	dir := write(t, manyOptions)
	var first []byte
	for range 12 {
		raw, err := mustOpen(t, Sources{ImportPaths: []string{dir}, Protos: []string{"u.proto"}, SourceInfo: true}).FileSet(SetOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = raw
		}
		if !bytes.Equal(raw, first) {
			t.Fatal("other bytes")
		}
	}
	sameAsProtoc(t, dir, "u.proto", first)
}

// TestSetsAreThoseOfProtoc compares sets of the fixtures.
func TestSetsAreThoseOfProtoc(t *testing.T) {
	dir, err := filepath.Abs("../fixtures/schemas/trades")
	if err != nil {
		t.Fatal(err)
	}
	raw, err := mustOpen(t, Sources{ImportPaths: []string{dir}, Protos: []string{"trades.proto"}, SourceInfo: true}).FileSet(SetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	sameAsProtoc(t, dir, "trades.proto", raw)
}

// sameAsProtoc compares a set of one file, without source info, with protoc's.
func sameAsProtoc(t *testing.T, dir, file string, got []byte) {
	t.Helper()
	protoc, err := exec.LookPath("protoc")
	if err != nil {
		t.Skip("protoc is not installed")
	}
	set := filepath.Join(t.TempDir(), "set")
	if out, err := exec.Command(protoc, "-I", dir, "-o", set, file).CombinedOutput(); err != nil {
		t.Skipf("protoc does not take the schema: %s", out)
	}
	want, err := os.ReadFile(set)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		a, b := new(descriptorpb.FileDescriptorSet), new(descriptorpb.FileDescriptorSet)
		if proto.Unmarshal(got, a) == nil && proto.Unmarshal(want, b) == nil {
			t.Errorf("not the bytes of protoc:\n%v\n%v", a, b)
		}
	}
}
