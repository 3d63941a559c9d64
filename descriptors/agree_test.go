package descriptors

import (
	"os"
	"path/filepath"
	"testing"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/inspect/plan"
)

// shape is what the engines do with a field.
type shape struct {
	number                                         protoreflect.FieldNumber
	kind                                           protoreflect.Kind
	repeated, isMap, packed, packable              bool
	required, presence, utf8, extension, messageOK bool
	oneof                                          int
	protoName, jsonName, key                       string
	closed                                         bool
	first                                          int32
	fallback                                       string
}

func shapeOf(f *plan.Field) shape {
	s := shape{f.Number, f.Kind, f.Repeated, f.Map, f.Packed, f.Packable, f.Required, f.Presence, f.UTF8, f.Extension,
		f.Message() != nil, f.Oneof, f.ProtoName, f.JSONName, string(f.JSONKey), false, 0, ""}
	if f.Enum != nil {
		s.closed, s.first = f.Enum.Closed, f.Enum.First
	}
	if f.Desc.HasDefault() {
		s.fallback = f.Desc.Default().String()
	}
	return s
}

// TestSourceAndSetAgree: a schema means the same whether the .proto compiler
// or protobuf-go made its descriptors.
func TestSourceAndSetAgree(t *testing.T) {
	features := write(t, map[string]string{"f.proto": `edition = "2023";
package f;
option features.field_presence = IMPLICIT;
option features.utf8_validation = NONE;
option features.enum_type = CLOSED;
option features.repeated_field_encoding = EXPANDED;
option features.message_encoding = DELIMITED;
enum C { option features.enum_type = OPEN; C0 = 0; }
enum D { D5 = 5; }
message M {
  int32 a = 1;
  int32 b = 2 [features.field_presence = EXPLICIT, default = 7];
  int32 c = 3 [features.field_presence = LEGACY_REQUIRED];
  string s = 4;
  string v = 5 [features.utf8_validation = VERIFY];
  repeated int32 p = 6 [features.repeated_field_encoding = PACKED];
  repeated int32 x = 7 [features.repeated_field_encoding = EXPANDED];
  M g = 8;
  M l = 9 [features.message_encoding = LENGTH_PREFIXED];
  map<string, M> m = 10;
  repeated C cs = 11;
  repeated D ds = 12;
  oneof o { string os = 13; D od = 14; M om = 15; }
  message N { string s = 1; map<string, string> t = 2 [features.utf8_validation = NONE]; repeated D d = 3; }
  repeated M gs = 16;
  D d = 17 [features.field_presence = EXPLICIT];
  extensions 100 to 200;
}
extend M { repeated int32 e = 100; M eg = 101; string es = 102; D ed = 103 [default = D5]; }
`, "two.proto": `syntax = "proto2"; package two;
message M { optional group G = 1 { repeated int32 n = 1 [packed = true]; } required string s = 2; repeated E e = 3; optional E d = 4 [default = B];
  optional bytes b = 5 [default = "\000\377"]; optional float f = 6 [default = -inf]; map<int32, M> m = 7; extensions 100 to max; }
enum E { A = 3; B = -1; }
extend M { repeated E xe = 100 [packed = true]; optional group X = 101 { optional int32 i = 1; } }
`})
	schemas, err := filepath.Abs("../fixtures/schemas")
	if err != nil {
		t.Fatal(err)
	}
	for name, src := range map[string]Sources{
		"features": {ImportPaths: []string{features}},
		"user":     {ImportPaths: []string{schemas}, Protos: []string{"user/v1/user.proto", "user/v1/legacy.proto", "user/v1/modern.proto"}},
		"trades":   {ImportPaths: []string{schemas}, Protos: []string{"trades/trades.proto"}},
		"shop":     {ImportPaths: []string{shop(t)}},
	} {
		t.Run(name, func(t *testing.T) {
			source := mustOpen(t, src)
			raw, err := source.FileSet(SetOptions{Imports: true})
			if err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(t.TempDir(), "set")
			if err := os.WriteFile(path, raw, 0o666); err != nil {
				t.Fatal(err)
			}
			set := mustOpen(t, Sources{DescriptorSets: []string{path}})
			compared := 0
			ofSource, ofSet := plan.NewSet(source), plan.NewSet(set)
			for _, e := range source.Entries() {
				switch e.Kind {
				case MessageEntry:
					agree(t, ofSource.Named(e.Name), ofSet.Named(e.Name))
					compared++
				case ExtensionEntry:
					x, err := source.FindExtensionByName(e.Name)
					if err != nil {
						t.Fatal(err)
					}
					y, err := set.FindExtensionByName(e.Name)
					if err != nil {
						t.Fatal(err)
					}
					holder := x.ContainingMessage().FullName()
					a, b := ofSource.Named(holder).Field(x.Number()), ofSet.Named(holder).Field(y.Number())
					if a == nil || b == nil || shapeOf(a) != shapeOf(b) {
						t.Errorf("%s:\nsource %+v\nset    %+v", e.Name, a, b)
					}
				}
			}
			if compared == 0 {
				t.Error("nothing was compared")
			}
		})
	}
}

func agree(t *testing.T, a, b *plan.Message) {
	t.Helper()
	if a == nil || b == nil || len(a.Fields) != len(b.Fields) || a.WellKnown != b.WellKnown || a.MessageSet != b.MessageSet || a.Extendable != b.Extendable {
		t.Fatalf("%v and %v", a, b)
	}
	for i := range a.Fields {
		x, y := &a.Fields[i], &b.Fields[i]
		if shapeOf(x) != shapeOf(y) {
			t.Errorf("%s.%s:\nsource %+v\nset    %+v", a.Name, x.ProtoName, shapeOf(x), shapeOf(y))
		}
		if x.Map && (shapeOf(x.MapKey) != shapeOf(y.MapKey) || shapeOf(x.MapValue) != shapeOf(y.MapValue)) {
			t.Errorf("%s.%s: entries\nsource %+v %+v\nset    %+v %+v", a.Name, x.ProtoName, shapeOf(x.MapKey), shapeOf(x.MapValue), shapeOf(y.MapKey), shapeOf(y.MapValue))
		}
	}
}
