package main

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/descriptorpb"
)

// descriptorSet is the bytes of a FileDescriptorSet of size bytes or a little
// more, as the files of a large company would give: a few thousand files of
// messages within messages, enums and services, many small fields and long
// names. With comments it has source_code_info too, about half of the bytes.
func descriptorSet(seed uint64, size int, comments bool) ([]byte, error) {
	g := &descriptorMaker{r: rand.New(rand.NewPCG(seed, 1)), comments: comments}
	var set []byte
	for i := 0; len(set) < size; i++ {
		// The bytes of a set are those of sets of one file, one after another.
		one, err := proto.Marshal(&descriptorpb.FileDescriptorSet{File: []*descriptorpb.FileDescriptorProto{g.file(i)}})
		if err != nil {
			return nil, err
		}
		set = append(set, one...)
	}
	return set, nil
}

// descriptorMaker makes files from one source of randomness.
type descriptorMaker struct {
	r        *rand.Rand
	comments bool
	line     int32
	info     []*descriptorpb.SourceCodeInfo_Location
}

func (g *descriptorMaker) file(i int) *descriptorpb.FileDescriptorProto {
	pkg := fmt.Sprintf("acme.%s.%s.v%d", g.word(), g.word(), 1+i%3)
	dir := strings.ReplaceAll(pkg, ".", "/")
	name := fmt.Sprintf("%s/%s_%s_%d.proto", dir, g.word(), g.word(), i)
	f := &descriptorpb.FileDescriptorProto{
		Name: &name, Package: &pkg, Syntax: proto.String("proto3"),
		Dependency: []string{"google/protobuf/timestamp.proto", "google/protobuf/field_mask.proto", dir + "/common.proto", "google/api/annotations.proto"}[:g.r.IntN(5)],
		Options: &descriptorpb.FileOptions{
			GoPackage:          proto.String("example.com/gen/go/" + dir + ";" + g.word()),
			JavaPackage:        proto.String("com." + pkg),
			JavaOuterClassname: proto.String(g.camel() + g.camel() + "Proto"),
			JavaMultipleFiles:  proto.Bool(true),
			CcEnableArenas:     proto.Bool(true),
			ObjcClassPrefix:    proto.String("ACM"),
		},
	}
	g.line, g.info = 0, nil
	for j := range 3 + g.r.IntN(9) {
		f.MessageType = append(f.MessageType, g.message("."+pkg, 0, []int32{4, int32(j)}))
	}
	for j := range g.r.IntN(4) {
		f.EnumType = append(f.EnumType, g.enum([]int32{5, int32(j)}))
	}
	if g.r.IntN(2) == 0 {
		f.Service = append(f.Service, g.service("."+pkg, f.MessageType))
	}
	if g.comments {
		f.SourceCodeInfo = &descriptorpb.SourceCodeInfo{Location: g.info}
	}
	return f
}

func (g *descriptorMaker) message(scope string, depth int, path []int32) *descriptorpb.DescriptorProto {
	g.locate(path, true)
	m := &descriptorpb.DescriptorProto{Name: proto.String(g.camel() + g.camel())}
	scope += "." + m.GetName()
	for i := range 1 + g.r.IntN(12) {
		m.Field = append(m.Field, g.field(scope, int32(i+1), sub(path, 2, i)))
	}
	for i := range g.r.IntN(4 - min(depth, 3)) {
		m.NestedType = append(m.NestedType, g.message(scope, depth+1, sub(path, 3, i)))
	}
	if g.r.IntN(6) == 0 {
		m.EnumType = append(m.EnumType, g.enum(sub(path, 4, 0)))
	}
	if g.r.IntN(5) == 0 {
		m.OneofDecl = append(m.OneofDecl, &descriptorpb.OneofDescriptorProto{Name: proto.String(g.word())})
		m.Field[0].OneofIndex = proto.Int32(0)
	}
	if g.r.IntN(8) == 0 {
		m.ReservedRange = append(m.ReservedRange, &descriptorpb.DescriptorProto_ReservedRange{Start: proto.Int32(20), End: proto.Int32(int32(21 + g.r.IntN(10)))})
		m.ReservedName = append(m.ReservedName, g.word()+"_"+g.word())
	}
	return m
}

func (g *descriptorMaker) field(scope string, number int32, path []int32) *descriptorpb.FieldDescriptorProto {
	g.locate(path, g.r.IntN(2) == 0)
	first, second := g.word(), g.word()
	f := &descriptorpb.FieldDescriptorProto{
		Name: proto.String(first + "_" + second), JsonName: proto.String(first + title(second)), Number: &number,
		Label: descriptorpb.FieldDescriptorProto_LABEL_OPTIONAL.Enum(),
	}
	types := []descriptorpb.FieldDescriptorProto_Type{9, 9, 9, 5, 3, 8, 1, 13, 4, 12, 11, 11, 11, 14}
	f.Type = types[g.r.IntN(len(types))].Enum()
	switch f.GetType() {
	case descriptorpb.FieldDescriptorProto_TYPE_MESSAGE:
		f.TypeName = proto.String([]string{".google.protobuf.Timestamp", scope, scope + "." + g.camel(), ".google.protobuf.FieldMask"}[g.r.IntN(4)])
	case descriptorpb.FieldDescriptorProto_TYPE_ENUM:
		f.TypeName = proto.String(scope + "." + g.camel() + "State")
	}
	if g.r.IntN(4) == 0 {
		f.Label = descriptorpb.FieldDescriptorProto_LABEL_REPEATED.Enum()
	}
	if g.r.IntN(10) == 0 {
		f.Options = &descriptorpb.FieldOptions{Deprecated: proto.Bool(true)}
	}
	return f
}

func (g *descriptorMaker) enum(path []int32) *descriptorpb.EnumDescriptorProto {
	g.locate(path, true)
	name := g.camel() + "State"
	e := &descriptorpb.EnumDescriptorProto{Name: &name}
	for i := range 2 + g.r.IntN(8) {
		g.locate(sub(path, 2, i), g.r.IntN(3) == 0)
		e.Value = append(e.Value, &descriptorpb.EnumValueDescriptorProto{
			Name: proto.String(strings.ToUpper(name + "_" + g.word())), Number: proto.Int32(int32(i)),
		})
	}
	return e
}

func (g *descriptorMaker) service(scope string, messages []*descriptorpb.DescriptorProto) *descriptorpb.ServiceDescriptorProto {
	path := []int32{6, 0}
	g.locate(path, true)
	s := &descriptorpb.ServiceDescriptorProto{Name: proto.String(g.camel() + "Service")}
	for i := range 2 + g.r.IntN(6) {
		g.locate(sub(path, 2, i), true)
		pick := func() *string { return proto.String(scope + "." + messages[g.r.IntN(len(messages))].GetName()) }
		m := &descriptorpb.MethodDescriptorProto{Name: proto.String(title(g.word()) + g.camel()), InputType: pick(), OutputType: pick()}
		if g.r.IntN(5) == 0 {
			m.ServerStreaming = proto.Bool(true)
		}
		s.Method = append(s.Method, m)
	}
	return s
}

// locate adds the place of the next element, which stands some lines on.
func (g *descriptorMaker) locate(path []int32, comment bool) {
	g.line += int32(1 + g.r.IntN(3))
	if !g.comments {
		return
	}
	l := &descriptorpb.SourceCodeInfo_Location{Path: path, Span: []int32{g.line, int32(2 * (len(path) / 2)), int32(20 + g.r.IntN(60))}}
	if comment {
		var text strings.Builder
		for range 4 + g.r.IntN(20) {
			text.WriteString(" " + g.word())
		}
		l.LeadingComments = proto.String(text.String() + ".\n")
	}
	g.info = append(g.info, l)
}

func sub(path []int32, field, index int) []int32 {
	return append(path[:len(path):len(path)], int32(field), int32(index))
}

func (g *descriptorMaker) word() string {
	words := [...]string{"account", "address", "amount", "batch", "billing", "category", "channel", "cluster", "config", "country",
		"create", "currency", "customer", "delete", "delivery", "device", "display", "duration", "entity", "event", "external",
		"filter", "forwarding", "gateway", "history", "identity", "image", "index", "instance", "inventory", "invoice", "item",
		"key", "label", "language", "limit", "list", "location", "message", "metadata", "metric", "network", "next", "order",
		"owner", "page", "parent", "payment", "policy", "position", "price", "product", "project", "provider", "quantity",
		"region", "request", "resource", "response", "result", "role", "schedule", "search", "session", "settings", "shipment",
		"source", "start", "status", "stream", "target", "tenant", "token", "total", "tracking", "transaction", "update", "user",
		"value", "version", "volume", "zone"}
	return words[g.r.IntN(len(words))]
}

func (g *descriptorMaker) camel() string { return title(g.word()) }

func title(word string) string { return strings.ToUpper(word[:1]) + word[1:] }
