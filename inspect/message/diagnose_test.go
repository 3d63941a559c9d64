package message

import (
	"encoding/hex"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/known/anypb"

	"github.com/pbscope/pbscope/inspect/plan"
	"github.com/pbscope/pbscope/inspect/span"
)

// testFile is a proto2 schema with what problems can lie in.
const testFile = `
name: "test.proto" package: "t" syntax: "proto2"
enum_type { name: "Color" value { name: "RED" number: 0 } value { name: "BLUE" number: 1 } }
message_type {
  name: "M"
  field { name: "id" number: 1 type: TYPE_INT32 label: LABEL_OPTIONAL }
  field { name: "sub" number: 2 type: TYPE_MESSAGE type_name: ".t.M" label: LABEL_OPTIONAL }
  field { name: "subs" number: 3 type: TYPE_MESSAGE type_name: ".t.M" label: LABEL_REPEATED }
  field { name: "labels" number: 4 type: TYPE_MESSAGE type_name: ".t.M.LabelsEntry" label: LABEL_REPEATED }
  field { name: "nums" number: 5 type: TYPE_INT32 label: LABEL_REPEATED options { packed: true } }
  field { name: "color" number: 6 type: TYPE_ENUM type_name: ".t.Color" label: LABEL_OPTIONAL }
  field { name: "req" number: 7 type: TYPE_MESSAGE type_name: ".t.Req" label: LABEL_OPTIONAL }
  field { name: "reqs" number: 8 type: TYPE_MESSAGE type_name: ".t.M.ReqsEntry" label: LABEL_REPEATED }
  field { name: "grp" number: 9 type: TYPE_GROUP type_name: ".t.M.Grp" label: LABEL_OPTIONAL }
  field { name: "one_a" number: 10 type: TYPE_MESSAGE type_name: ".t.Req" label: LABEL_OPTIONAL oneof_index: 0 }
  field { name: "one_b" number: 11 type: TYPE_INT32 label: LABEL_OPTIONAL oneof_index: 0 }
  field { name: "data" number: 12 type: TYPE_STRING label: LABEL_OPTIONAL }
  field { name: "fixeds" number: 13 type: TYPE_FIXED32 label: LABEL_REPEATED options { packed: true } }
  field { name: "colors" number: 14 type: TYPE_MESSAGE type_name: ".t.M.ColorsEntry" label: LABEL_REPEATED }
  field { name: "palette" number: 15 type: TYPE_ENUM type_name: ".t.Color" label: LABEL_REPEATED }
  oneof_decl { name: "one" }
  nested_type { name: "LabelsEntry" options { map_entry: true }
    field { name: "key" number: 1 type: TYPE_STRING label: LABEL_OPTIONAL }
    field { name: "value" number: 2 type: TYPE_MESSAGE type_name: ".t.M" label: LABEL_OPTIONAL } }
  nested_type { name: "ReqsEntry" options { map_entry: true }
    field { name: "key" number: 1 type: TYPE_INT32 label: LABEL_OPTIONAL }
    field { name: "value" number: 2 type: TYPE_MESSAGE type_name: ".t.Req" label: LABEL_OPTIONAL } }
  nested_type { name: "ColorsEntry" options { map_entry: true }
    field { name: "key" number: 1 type: TYPE_BOOL label: LABEL_OPTIONAL }
    field { name: "value" number: 2 type: TYPE_ENUM type_name: ".t.Color" label: LABEL_OPTIONAL } }
  nested_type { name: "Grp" field { name: "x" number: 1 type: TYPE_INT32 label: LABEL_OPTIONAL } }
}
message_type {
  name: "Req"
  field { name: "a" number: 1 type: TYPE_INT32 label: LABEL_REQUIRED }
  field { name: "b" number: 2 type: TYPE_INT32 label: LABEL_REQUIRED }
}`

// testFile3 is a proto3 schema: its strings must be UTF-8.
const testFile3 = `
name: "test3.proto" package: "t3" syntax: "proto3" dependency: "google/protobuf/any.proto"
message_type {
  name: "S"
  field { name: "s" number: 1 type: TYPE_STRING label: LABEL_OPTIONAL }
  field { name: "list" number: 2 type: TYPE_STRING label: LABEL_REPEATED }
  field { name: "m" number: 3 type: TYPE_MESSAGE type_name: ".t3.S.MEntry" label: LABEL_REPEATED }
  field { name: "any" number: 4 type: TYPE_MESSAGE type_name: ".google.protobuf.Any" label: LABEL_OPTIONAL }
  nested_type { name: "MEntry" options { map_entry: true }
    field { name: "key" number: 1 type: TYPE_STRING label: LABEL_OPTIONAL }
    field { name: "value" number: 2 type: TYPE_STRING label: LABEL_OPTIONAL } }
}`

type registry struct{ *protoregistry.Files }

func (r registry) FindMessageByName(name protoreflect.FullName) (protoreflect.MessageDescriptor, error) {
	d, err := r.FindDescriptorByName(name)
	if err != nil {
		return nil, err
	}
	if m, ok := d.(protoreflect.MessageDescriptor); ok {
		return m, nil
	}
	return nil, protoregistry.NotFound
}

func (r registry) FindExtensionByName(protoreflect.FullName) (protoreflect.ExtensionDescriptor, error) {
	return nil, protoregistry.NotFound
}

func (r registry) FindExtensionByNumber(protoreflect.FullName, protoreflect.FieldNumber) (protoreflect.ExtensionDescriptor, error) {
	return nil, protoregistry.NotFound
}

func testPlans(t testing.TB) *plan.Set {
	t.Helper()
	files := new(protoregistry.Files)
	if err := files.RegisterFile(anypb.File_google_protobuf_any_proto); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{testFile, testFile3} {
		f := new(descriptorpb.FileDescriptorProto)
		if err := prototext.Unmarshal([]byte(text), f); err != nil {
			t.Fatal(err)
		}
		d, err := protodesc.NewFile(f, files)
		if err != nil {
			t.Fatal(err)
		}
		if err := files.RegisterFile(d); err != nil {
			t.Fatal(err)
		}
	}
	return plan.NewSet(registry{files})
}

// bytesOf reads hex digits; what stands between quotes is text.
func bytesOf(t testing.TB, s string) []byte {
	t.Helper()
	var out []byte
	for i, part := range strings.Split(s, "'") {
		if i%2 == 1 {
			out = append(out, part...)
			continue
		}
		b, err := hex.DecodeString(strings.ReplaceAll(part, " ", ""))
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, b...)
	}
	return out
}

func TestDiagnose(t *testing.T) {
	plans := testPlans(t)
	for _, c := range []struct {
		typ, hex string
		o        Options
		tag      span.Tag
		offset   int64
		path     string
		field    int32
	}{
		{"t.M", "", Options{}, "", 0, "", 0},
		{"t.M", "08", Options{}, span.Truncated, 1, "id", 1},
		{"t.M", "88", Options{}, span.Truncated, 0, "", 0},
		{"t.M", "0801 88", Options{}, span.Truncated, 2, "", 0},
		{"t.M", "08ff", Options{}, span.Truncated, 1, "id", 1},
		{"t.M", "08ffffffffffffffffff02", Options{}, span.VarintOverflow, 1, "id", 1},
		{"t.M", "8880808080 00", Options{}, span.VarintOverflow, 0, "", 0},
		{"t.M", "8880808040", Options{}, span.VarintOverflow, 0, "", 0},
		{"t.M", "0801 00", Options{}, span.InvalidTag, 2, "", 0},
		{"t.M", "0801 0e", Options{}, span.InvalidWireType, 2, "id", 1},
		{"t.M", "0801 fe01", Options{}, span.InvalidWireType, 2, "", 31},
		{"t.M", "0c", Options{}, span.UnmatchedGroup, 0, "", 1},
		{"t.M", "4b 0801 54", Options{}, span.UnmatchedGroup, 3, "grp", 10},
		{"t.M", "4b 0801", Options{}, span.Truncated, 0, "grp", 9},
		{"t.M", "4b 0801 4c", Options{}, "", 0, "", 0},
		{"t.M", "12 05 0801", Options{}, span.Truncated, 1, "sub", 2},
		{"t.M", "12 03 12 05 08", Options{}, span.Truncated, 3, "sub.sub", 2},
		{"t.M", "1a00 1a00 1a02 1205", Options{}, span.Truncated, 7, "subs[2].sub", 2},
		{"t.M", "12021a00 12041a021205", Options{}, span.Truncated, 9, "sub.subs[1].sub", 2},
		{"t.M", "22 07 0a01'k' 12 02 08ff", Options{}, span.Truncated, 8, `labels["k"].id`, 1},
		{"t.M", "22 07 12 02 08ff 0a01'k'", Options{}, span.Truncated, 5, `labels["k"].id`, 1},
		{"t.M", "22 04 12 02 08ff", Options{}, span.Truncated, 5, `labels[""].id`, 1},
		{"t.M", "2802 2a03 0102ff", Options{}, span.Truncated, 6, "nums[3]", 5},
		// An unnamed number of a closed enum is an unknown field and no element.
		{"t.M", "7801 7805 7801 78ff", Options{}, span.Truncated, 7, "palette[2]", 15},
		{"t.M", "7a03 010501 78ff", Options{}, span.Truncated, 6, "palette[2]", 15},
		{"t.M", "6a05 0100000001", Options{}, span.Truncated, 6, "fixeds[1]", 13},
		{"t.M", "2a00 6a00", Options{}, "", 0, "", 0},
		// Another wire type, an unnamed number of a closed enum: unknown fields.
		{"t.M", "0a02ffff 0d01020304 3002", Options{}, "", 0, "", 0},
		{"t.M", "0a02ffff", Options{RefuseUnknown: true}, span.UnknownField, 0, "id", 1},
		{"t.M", "0801 3002", Options{RefuseUnknown: true}, span.UnknownField, 2, "color", 6},
		{"t.M", "1a03 f80101", Options{RefuseUnknown: true}, span.UnknownField, 2, "subs[0].31", 31},
		{"t.M", "3001", Options{RefuseUnknown: true}, "", 0, "", 0},
		// Required fields.
		{"t.Req", "", Options{}, span.MissingRequired, 0, "a", 1},
		{"t.Req", "1001", Options{}, span.MissingRequired, 0, "a", 1},
		{"t.Req", "0801 1001", Options{}, "", 0, "", 0},
		{"t.M", "3a 02 0801", Options{}, span.MissingRequired, 0, "req.b", 2},
		{"t.M", "3a 02 0801 3a 02 1001", Options{}, "", 0, "", 0},
		{"t.M", "12 04 3a02 0801 12 04 3a02 1001", Options{}, "", 0, "", 0},
		{"t.M", "1a 04 3a02 0801 1a 04 3a02 1001", Options{}, span.MissingRequired, 2, "subs[0].req.b", 2},
		{"t.M", "52 02 0801", Options{}, span.MissingRequired, 0, "one_a.b", 2},
		{"t.M", "52 02 0801 5801", Options{}, "", 0, "", 0},
		{"t.M", "52 02 0801 5801 52 02 1001", Options{}, span.MissingRequired, 6, "one_a.a", 1},
		{"t.M", "42 02 0805", Options{}, span.MissingRequired, 0, "reqs[5].a", 1},
		{"t.M", "42 06 0805 12 02 0801", Options{}, span.MissingRequired, 4, "reqs[5].b", 2},
		{"t.M", "42 06 0805 12 02 0801 42 08 0805 12 04 0801 1001", Options{}, "", 0, "", 0},
		{"t.M", "42 06 0805 12 02 0801 42 08 0806 12 04 0801 1001", Options{}, span.MissingRequired, 4, "reqs[5].b", 2},
		// Depth: the top is level 1, an entry of a map is none.
		{"t.M", "1200", Options{MaxDepth: 2}, "", 0, "", 0},
		{"t.M", "12021200", Options{MaxDepth: 2}, span.TooDeep, 4, "sub.sub", 2},
		{"t.M", "22021200", Options{MaxDepth: 2}, "", 0, "", 0},
		{"t.M", "220412021200", Options{MaxDepth: 2}, span.TooDeep, 6, `labels[""].sub`, 2},
		{"t.M", "4b4c", Options{MaxDepth: 1}, span.TooDeep, 1, "grp", 9},
		{"t.M", "f301 f401", Options{MaxDepth: 1}, span.TooDeep, 2, "30", 30},
		// UTF-8.
		{"t.M", "62 01 ff", Options{}, "", 0, "", 0},
		{"t3.S", "0a 03 'a'ff'b'", Options{}, span.InvalidUTF8, 3, "s", 1},
		{"t3.S", "1201'a' 1201'b' 1202 c328", Options{}, span.InvalidUTF8, 8, "list[2]", 2},
		{"t3.S", "1a 06 0a01'k' 1201ff", Options{}, span.InvalidUTF8, 7, `m["k"]`, 3},
		{"t3.S", "1a 03 0a01ff", Options{}, span.InvalidUTF8, 4, "m[\"\uFFFD\"]", 3},
		// An Any's content is its own affair.
		{"t3.S", "22 0c 0a06'x/t3.S' 1202 0aff", Options{}, "", 0, "", 0},
		{"t3.S", "22 09 0a07'x/t.Req'", Options{}, "", 0, "", 0},
	} {
		p := Diagnose(plans.Named(protoreflect.FullName(c.typ)), bytesOf(t, c.hex), c.o)
		checkTree(t, plans.Named(protoreflect.FullName(c.typ)), bytesOf(t, c.hex), c.o)
		if p == nil || c.tag == "" {
			if p != nil || c.tag != "" {
				t.Errorf("%s %s: %v, want %q", c.typ, c.hex, p, c.tag)
			}
			continue
		}
		if p.Tag != c.tag || p.Offset != c.offset || p.Path != c.path || p.Field != c.field {
			t.Errorf("%s %s: %s at %d in %q, field %d, want %s at %d in %q, field %d (%s)",
				c.typ, c.hex, p.Tag, p.Offset, p.Path, p.Field, c.tag, c.offset, c.path, c.field, p.Message)
		}
		if p.Message == "" || strings.HasSuffix(p.Message, ".") || strings.ToLower(p.Message[:1]) != p.Message[:1] {
			t.Errorf("%s %s: the message %q", c.typ, c.hex, p.Message)
		}
	}
}

func TestHints(t *testing.T) {
	plans := testPlans(t)
	for _, c := range []struct{ typ, hex, want string }{
		{"t3.S", "05 0a03'abc'", "--from delimited"},
		{"t3.S", "05 0a03'abc' 05 0a03'abc'", "--from delimited"},
		{"t3.S", "00 00 00 00 05 0a03'abc'", "--from grpc"},
		{"t3.S", "00 00 00 05 0a03'abc'", "--from u32be"},
		{"t3.S", "05 00 00 00 0a03'abc'", "--from u32le"},
		{"t3.S", "00 00 00 00 07 00 0a03'abc'", "schema id 7"},
		{"t3.S", "00 00 00 00 07 04 02 00 0a03'abc'", "schema id 7): the message begins at byte 8"},
		{"t3.S", "03 00 00112233445566778899aabbccddeeff 01 0a03'abc'", "the message begins at byte 19"},
		{"t3.S", "00 00 00 00 00 00 00 00 00 00 00 00", "something before"},
		{"t3.S", "1f8b0800", "gzip"},
		{"t3.S", "'{\"s\":\"hello\"}'", "text"},
		{"t3.S", "0a05'ab'", "cut short"},
		{"t3.S", "0a01ff", "bytes"},
	} {
		p := Diagnose(plans.Named(protoreflect.FullName(c.typ)), bytesOf(t, c.hex), Options{})
		if p == nil || !strings.Contains(p.Hint, c.want) {
			t.Errorf("%s: %+v, want a hint with %q", c.hex, p, c.want)
		}
	}
}
