package reflection

import (
	"bufio"
	"errors"
	"os/exec"
	"strings"
	"testing"
)

// pythonServer serves the descriptors of protobuf's own files by grpcio.
const pythonServer = `
import concurrent.futures, grpc
from google.protobuf import timestamp_pb2, type_pb2
from grpc_reflection.v1alpha import reflection
server = grpc.server(concurrent.futures.ThreadPoolExecutor())
reflection.enable_server_reflection(["made.up.Service", reflection.SERVICE_NAME], server)
port = server.add_insecure_port("127.0.0.1:0")
server.start()
print(port, flush=True)
server.wait_for_termination()
`

// TestPythonServer asks grpcio's server, which is gRPC's C core.
func TestPythonServer(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("python3 is not installed")
	}
	if err := exec.Command(python, "-c", "import grpc, grpc_reflection.v1alpha.reflection").Run(); err != nil {
		t.Skip("python3 has no grpcio-reflection")
	}
	server := exec.Command(python, "-c", pythonServer)
	out, err := server.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = server.Process.Kill()
		_ = server.Wait()
	})
	port, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Skip("the server does not start here")
	}
	c := open(t, Options{Address: "127.0.0.1:" + strings.TrimSpace(port)})
	services, err := c.Services()
	if err != nil || strings.Join(services, " ") != "made.up.Service" {
		t.Errorf("Services = %q, %v", services, err)
	}
	files, err := c.FileContaining("google.protobuf.Type")
	if got := names(t, files); err != nil || !strings.Contains(got, "google/protobuf/type.proto") {
		t.Errorf("FileContaining = %s, %v", got, err)
	}
	if files, err = c.FileByName("google/protobuf/timestamp.proto"); err != nil || names(t, files) != "google/protobuf/timestamp.proto" {
		t.Errorf("FileByName = %s, %v", names(t, files), err)
	}
	for range 3 {
		if _, err := c.FileContaining("made.up.Type"); !errors.Is(err, ErrNotFound) {
			t.Errorf("a type that it does not know: %v", err)
		}
	}
	if numbers, err := c.ExtensionNumbers("google.protobuf.FieldOptions"); err != nil && !errors.Is(err, ErrNotFound) {
		t.Errorf("ExtensionNumbers = %v, %v", numbers, err)
	}
}
