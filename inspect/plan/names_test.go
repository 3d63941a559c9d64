package plan

import (
	"fmt"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/types/descriptorpb"
)

// TestNamesTellAllNamesApart has names of every length, names that are equal
// but for their middle, and names that end where the text ends.
func TestNamesTellAllNamesApart(t *testing.T) {
	file := &descriptorpb.FileDescriptorProto{
		Name: proto.String("n.proto"), Syntax: proto.String("proto3"),
		MessageType: []*descriptorpb.DescriptorProto{{Name: proto.String("M")}},
	}
	var names []string
	for i := range 40 {
		names = append(names, "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrst"[:i+1])
	}
	for i := range 60 {
		names = append(names, fmt.Sprintf("beginning%02dmiddleanend", i))
	}
	for i, name := range names {
		file.MessageType[0].Field = append(file.MessageType[0].Field, &descriptorpb.FieldDescriptorProto{
			Name: proto.String(name), Number: proto.Int32(int32(i + 1)),
			Type: descriptorpb.FieldDescriptorProto_TYPE_INT32.Enum(), Label: descriptorpb.FieldDescriptorProto_LABEL_OPTIONAL.Enum(),
		})
	}
	built, err := protodesc.NewFile(file, nil)
	if err != nil {
		t.Fatal(err)
	}
	m := NewSet(nil).Message(built.Messages().Get(0))
	for i, name := range names {
		if f := m.Named([]byte(name)); f == nil || int(f.Number) != i+1 {
			t.Errorf("%s: found %v", name, f)
		}
		text := []byte("\xff" + name + "\":\xff\xff\xff\xff\xff\xff\"\"\"\"\"\"\"\"\"")
		if n := m.Lookup(text, 1, 1+len(name)); n == nil || int(n.Field.Number) != i+1 {
			t.Errorf("%s within a text: found %v", name, n)
		}
		if n, end := m.LookupQuoted(text, 1); len(name) < 16 && (n == nil || int(n.Field.Number) != i+1 || end != 1+len(name)) ||
			len(name) > 16 && n != nil {
			t.Errorf("%s in quotes: found %v up to %d", name, n, end)
		}
		if f := m.Named([]byte(name + "X")); f != nil {
			t.Errorf("%sX: found %s", name, f.ProtoName)
		}
	}
	if m.Named(nil) != nil {
		t.Error("the empty name is found")
	}
}
