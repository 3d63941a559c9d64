package cmd

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/reflection"
	v1 "google.golang.org/grpc/reflection/grpc_reflection_v1"
	v1alpha "google.golang.org/grpc/reflection/grpc_reflection_v1alpha"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	"github.com/pbscope/pbscope/descriptors"
)

// TestReflection runs the scripts of testdata/reflection against gRPC servers:
// $SERVER has both versions of the reflection service, $OLD v1alpha alone,
// $BARE none, $GUARDED wants a header.
func TestReflection(t *testing.T) {
	schema, err := descriptors.Open(descriptors.Sources{ImportPaths: []string{"../fixtures/schemas", "../fixtures/schemas/trades"}})
	if err != nil {
		t.Fatal(err)
	}
	var asked atomic.Int64
	resolver := countingResolver{schema, &asked}
	options := reflection.ServerOptions{Services: userService{}, DescriptorResolver: resolver, ExtensionResolver: new(protoregistry.Types)}
	both := func(s *grpc.Server) {
		v1.RegisterServerReflectionServer(s, reflection.NewServerV1(options))
		v1alpha.RegisterServerReflectionServer(s, reflection.NewServer(options))
	}
	old := func(s *grpc.Server) { v1alpha.RegisterServerReflectionServer(s, reflection.NewServer(options)) }
	servers := map[string]string{
		"SERVER":  startServer(t, both),
		"OLD":     startServer(t, old),
		"BARE":    startServer(t, func(*grpc.Server) {}),
		"GUARDED": startServer(t, both, grpc.StreamInterceptor(demandHeader)),
	}
	fixtures, err := filepath.Abs("../fixtures")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:           "testdata/reflection",
		UpdateScripts: *update,
		Setup: func(env *testscript.Env) error {
			env.Setenv("FIXTURES", fixtures)
			for name, address := range servers {
				env.Setenv(name, address)
			}
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			// asked fails unless the servers were asked for at most N files and
			// names since the last time.
			"asked": func(ts *testscript.TestScript, neg bool, args []string) {
				if got := asked.Swap(0); (got == 0) != (args[0] == "nothing") {
					ts.Fatalf("the server was asked for %d files and names", got)
				}
			},
		},
	})
}

// countingResolver counts what is looked up in a schema.
type countingResolver struct {
	*descriptors.Schema
	asked *atomic.Int64
}

func (r countingResolver) FindFileByPath(path string) (protoreflect.FileDescriptor, error) {
	r.asked.Add(1)
	return r.Schema.FindFileByPath(path)
}

func (r countingResolver) FindDescriptorByName(name protoreflect.FullName) (protoreflect.Descriptor, error) {
	r.asked.Add(1)
	return r.Schema.FindDescriptorByName(name)
}

type userService struct{}

func (userService) GetServiceInfo() map[string]grpc.ServiceInfo {
	return map[string]grpc.ServiceInfo{"user.v1.UserService": {}, "grpc.reflection.v1.ServerReflection": {}}
}

func demandHeader(server any, stream grpc.ServerStream, _ *grpc.StreamServerInfo, next grpc.StreamHandler) error {
	values, _ := metadata.FromIncomingContext(stream.Context())
	if strings.Join(values.Get("x-token"), ",") != "a,b: c" {
		return status.Error(codes.PermissionDenied, "who are you?")
	}
	return next(server, stream)
}

func startServer(t *testing.T, register func(*grpc.Server), o ...grpc.ServerOption) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Skipf("no socket can be had here: %v", err)
	}
	s := grpc.NewServer(o...)
	register(s)
	go func() { _ = s.Serve(listener) }()
	t.Cleanup(s.Stop)
	return listener.Addr().String()
}

// TestOwnProgram takes the schema out of the program itself.
func TestOwnProgram(t *testing.T) {
	program := binary(t)
	out, stderr, code := runBinary(t, nil, "schema", "show", "-d", program, "google.protobuf.Duration")
	if code != 0 || !strings.Contains(out, "int64 seconds = 1;") || stderr != "" {
		t.Errorf("exit %d: %s%s", code, out, stderr)
	}
	stdin, err := os.Open(program)
	if err != nil {
		t.Fatal(err)
	}
	defer stdin.Close()
	out, stderr, code = runBinary(t, stdin, "schema", "which", "-d", "/dev/stdin", "google.protobuf.Duration")
	if code != 0 || !strings.Contains(out, "offset 0x") {
		t.Errorf("from a pipe: exit %d: %s%s", code, out, stderr)
	}
}
