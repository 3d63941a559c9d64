package transcode

import (
	"bytes"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/inspect/internal/conformance"
)

// sameMessage compares two payloads as protobuf-go reads them, NaN being equal
// to NaN.
func sameMessage(t *testing.T, s *conformance.Suite, name protoreflect.FullName, a, b []byte) bool {
	t.Helper()
	if bytes.Equal(a, b) {
		return true
	}
	x, y := s.New(t, name), s.New(t, name)
	if err := (proto.UnmarshalOptions{Resolver: s.Types}).Unmarshal(a, x); err != nil {
		t.Logf("protobuf-go refuses %x: %v", a, err)
		return false
	}
	if err := (proto.UnmarshalOptions{Resolver: s.Types}).Unmarshal(b, y); err != nil {
		t.Fatal(err)
	}
	return proto.Equal(x, y)
}

func conformanceEncoder(c conformance.Case) *Encoder {
	return NewEncoder(EncodeOptions{IgnoreUnknownKeys: c.Category == "json_ignore_unknown"})
}

func TestConformanceOfJSONInput(t *testing.T) {
	s := conformance.Load(t)
	played := 0
	for _, c := range s.Cases {
		if c.Input != "json" {
			continue
		}
		played++
		wire, p := conformanceEncoder(c).Append(nil, s.Message(t, c.MessageType), c.Payload)
		switch {
		case c.Expect.Kind == "parse_error":
			if p == nil {
				t.Errorf("%s: %s is read as %x", c.Name, c.Payload, wire)
			}
		case p != nil:
			t.Errorf("%s: %s: %v", c.Name, c.Payload, p)
		case c.Expect.Kind == "json_validator":
		case !sameMessage(t, s, c.MessageType, wire, c.Expect.Wire):
			t.Errorf("%s: %s is %x, want %x", c.Name, c.Payload, wire, c.Expect.Wire)
		}
	}
	if played != 1560 {
		t.Errorf("%d cases played, want 1560", played)
	}
}
