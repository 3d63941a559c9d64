package descriptors

import (
	"errors"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/reflection"
	v1 "google.golang.org/grpc/reflection/grpc_reflection_v1"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/dynamicpb"

	client "github.com/pbscope/pbscope/descriptors/reflection"
)

// asked is a schema that a server gives away, which counts the questions.
type asked struct {
	*Schema
	names []string
}

func (a *asked) FindFileByPath(path string) (protoreflect.FileDescriptor, error) {
	a.names = append(a.names, path)
	return a.Schema.FindFileByPath(path)
}

func (a *asked) FindDescriptorByName(name protoreflect.FullName) (protoreflect.Descriptor, error) {
	a.names = append(a.names, string(name))
	return a.Schema.FindDescriptorByName(name)
}

// GetServiceInfo names no service.
func (a *asked) GetServiceInfo() map[string]grpc.ServiceInfo { return nil }

// server serves the files of a descriptor set by reflection.
func server(t *testing.T, path string) (*asked, *client.Options, *grpc.Server) {
	t.Helper()
	schema, err := Open(Sources{DescriptorSets: []string{path}})
	if err != nil {
		t.Fatal(err)
	}
	types := new(protoregistry.Types)
	files, err := schema.Files()
	if err != nil {
		t.Fatal(err)
	}
	for _, fd := range files {
		for i := range fd.Extensions().Len() {
			if err := types.RegisterExtension(dynamicpb.NewExtensionType(fd.Extensions().Get(i))); err != nil {
				t.Fatal(err)
			}
		}
	}
	a := &asked{Schema: schema}
	s := grpc.NewServer()
	v1.RegisterServerReflectionServer(s, reflection.NewServerV1(reflection.ServerOptions{Services: a, DescriptorResolver: a, ExtensionResolver: types}))
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Skip(err)
	}
	go func() { _ = s.Serve(listener) }()
	t.Cleanup(s.Stop)
	return a, &client.Options{Address: listener.Addr().String(), Timeout: 10 * time.Second}, s
}

// TestRemote asks for what is wanted, once, and for nothing else.
func TestRemote(t *testing.T) {
	path := program(t, lifted("a.proto", "a", ".b.M", "b.proto"), lifted("b.proto", "b", ""), lifted("c.proto", "c", ""))
	a, o, stop := server(t, path)
	var notes []string
	s, err := Open(Sources{Reflection: o, Types: []string{"a.M"}, Note: func(text string) { notes = append(notes, text) }})
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(a.names, " "); got != "a.M" {
		t.Errorf("asked for %q; the server gives imports unasked", got)
	}
	if s.Source("b.proto") != "the server "+o.Address {
		t.Errorf("b.proto is from %q", s.Source("b.proto"))
	}
	for range 3 {
		if m, err := s.FindMessageByName("c.M"); err != nil || m == nil {
			t.Errorf("c.M: %v", err)
		}
		if _, err := s.FindMessageByName("c.Missing"); err == nil {
			t.Error("c.Missing is found")
		}
		if _, err := s.FindMessageByName("google.protobuf.Duration"); err != nil {
			t.Error(err)
		}
	}
	if got := strings.Join(a.names, " "); got != "a.M c.M c.Missing" {
		t.Errorf("asked for %q", got)
	}
	if files, err := s.Files(); err != nil || len(files) > 0 {
		t.Errorf("a server without services names %v, %v", files, err)
	}
	for i := range 2 * maxUnknown {
		_, _ = s.FindMessageByName(protoreflect.FullName("x.X" + strconv.Itoa(i)))
	}
	if n := len(a.names); n > maxUnknown+20 {
		t.Errorf("asked %d times for what the input made up", n)
	}
	stop.Stop()
	_, err = Open(Sources{Reflection: o, Types: []string{"a.M"}})
	var e *Error
	if !errors.As(err, &e) || e.Kind != KindServer || !strings.Contains(e.Message, "refuses the connection") {
		t.Errorf("a server that is gone: %v", err)
	}
	if len(notes) == 0 || !strings.Contains(strings.Join(notes, "\n"), "did not know 1000 names") {
		t.Errorf("notes: %q", notes)
	}
}

// TestRemoteFails loses the server while messages are read.
func TestRemoteFails(t *testing.T) {
	_, o, stop := server(t, program(t, lifted("a.proto", "a", "")))
	var notes []string
	s, err := Open(Sources{Reflection: o, Types: []string{"a.M"}, Note: func(text string) { notes = append(notes, text) }})
	if err != nil {
		t.Fatal(err)
	}
	stop.Stop()
	for range 3 {
		if _, err := s.FindMessageByName("b.M"); !errors.Is(err, errNotFound) {
			t.Errorf("%v", err)
		}
	}
	if len(notes) != 1 || !strings.Contains(notes[0], "what only it has stays unknown") {
		t.Errorf("notes: %q", notes)
	}
}
