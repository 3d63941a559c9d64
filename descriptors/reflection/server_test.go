package reflection

import (
	"net"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/reflection"
	v1 "google.golang.org/grpc/reflection/grpc_reflection_v1"
	v1alpha "google.golang.org/grpc/reflection/grpc_reflection_v1alpha"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"
)

// serve runs a gRPC server until the test ends, and is its address.
func serve(t *testing.T, s *grpc.Server) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Skipf("no socket can be had here: %v", err)
	}
	go func() { _ = s.Serve(listener) }()
	t.Cleanup(s.Stop)
	return listener.Addr().String()
}

// shop is a registry with a service, its imports, an extension, and a file
// with so many messages that its descriptor is large.
func shop(t *testing.T, messages int) *protoregistry.Files {
	t.Helper()
	text := func(s string) *string { return proto.String(s) }
	field := func(name string, number int32, typ descriptorpb.FieldDescriptorProto_Type) *descriptorpb.FieldDescriptorProto {
		return &descriptorpb.FieldDescriptorProto{Name: text(name), Number: proto.Int32(number), Type: typ.Enum(),
			Label: descriptorpb.FieldDescriptorProto_LABEL_OPTIONAL.Enum()}
	}
	types := &descriptorpb.FileDescriptorProto{Name: text("shop/types.proto"), Package: text("shop"),
		MessageType: []*descriptorpb.DescriptorProto{{Name: text("Item"), Field: []*descriptorpb.FieldDescriptorProto{
			field("id", 1, descriptorpb.FieldDescriptorProto_TYPE_INT64)},
			ExtensionRange: []*descriptorpb.DescriptorProto_ExtensionRange{{Start: proto.Int32(100), End: proto.Int32(200)}}}}}
	for i := range messages {
		types.MessageType = append(types.MessageType, &descriptorpb.DescriptorProto{Name: text("Filler" + strings.Repeat("X", 900) + string(rune('A'+i%26)) + strings.Repeat("y", i/26))})
	}
	extension := field("weight", 150, descriptorpb.FieldDescriptorProto_TYPE_DOUBLE)
	extension.Extendee = text(".shop.Item")
	extra := &descriptorpb.FileDescriptorProto{Name: text("shop/extra.proto"), Package: text("shop"), Dependency: []string{"shop/types.proto"},
		Extension: []*descriptorpb.FieldDescriptorProto{extension}}
	service := &descriptorpb.FileDescriptorProto{Name: text("shop/shop.proto"), Package: text("shop"), Syntax: text("proto3"),
		Dependency: []string{"shop/types.proto"},
		Service: []*descriptorpb.ServiceDescriptorProto{{Name: text("Shop"), Method: []*descriptorpb.MethodDescriptorProto{
			{Name: text("Get"), InputType: text(".shop.Item"), OutputType: text(".shop.Item")}}}}}
	files, err := protodesc.NewFiles(&descriptorpb.FileDescriptorSet{File: []*descriptorpb.FileDescriptorProto{types, extra, service}})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// options are those of grpc-go's reflection over a registry.
func serverOptions(t *testing.T, files *protoregistry.Files) reflection.ServerOptions {
	types := new(protoregistry.Types)
	files.RangeFiles(func(fd protoreflect.FileDescriptor) bool {
		for i := range fd.Extensions().Len() {
			if err := types.RegisterExtension(dynamicpb.NewExtensionType(fd.Extensions().Get(i))); err != nil {
				t.Fatal(err)
			}
		}
		return true
	})
	return reflection.ServerOptions{Services: services{}, DescriptorResolver: files, ExtensionResolver: types}
}

// services is what the server says that it has.
type services struct{}

func (services) GetServiceInfo() map[string]grpc.ServiceInfo {
	return map[string]grpc.ServiceInfo{"shop.Shop": {}, "grpc.reflection.v1.ServerReflection": {}}
}

// withReflection is a server with both versions.
func withReflection(t *testing.T, files *protoregistry.Files, o ...grpc.ServerOption) *grpc.Server {
	s := grpc.NewServer(o...)
	v1.RegisterServerReflectionServer(s, reflection.NewServerV1(serverOptions(t, files)))
	v1alpha.RegisterServerReflectionServer(s, reflection.NewServer(serverOptions(t, files)))
	return s
}

// demanding refuses calls without a header.
func demanding(server any, stream grpc.ServerStream, _ *grpc.StreamServerInfo, next grpc.StreamHandler) error {
	values, _ := metadata.FromIncomingContext(stream.Context())
	if got := values.Get("authorization"); len(got) != 1 || got[0] != "Bearer x y" {
		return status.Error(codes.Unauthenticated, "no tökën, 100%\nsure")
	}
	return next(server, stream)
}
