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

// wantWire is the message that a case's payload says; where the suite looks
// at the order of unknown fields or at text without them, the payload itself.
func wantWire(c conformance.Case) []byte {
	if c.Expect.Kind == "same_unknown_order" || c.Output == "text" {
		return c.Payload
	}
	return c.Expect.Wire
}

// TestConformanceThroughJSON prints each payload that is to be read, with each
// way of printing, and encodes it again.
func TestConformanceThroughJSON(t *testing.T) {
	s := conformance.Load(t)
	for _, o := range []Options{
		{},
		{Int64Numbers: true, BytesHex: true, ProtoNames: true, EnumNumbers: true},
		{Defaults: true, Sort: true},
		{Lossless: true},
		{Lossless: true, Sort: true, ProtoNames: true, EnumNumbers: true, Defaults: true},
	} {
		d := NewDecoder(o)
		e := NewEncoder(EncodeOptions{BytesHex: o.BytesHex})
		played := 0
		for _, c := range s.Cases {
			if c.Input != "protobuf" || c.Expect.Kind == "parse_error" {
				continue
			}
			m := s.Message(t, c.MessageType)
			text, _, ok := d.Append(nil, m, c.Payload)
			if !ok {
				t.Errorf("%s: %x is refused", c.Name, c.Payload)
				continue
			}
			played++
			wire, p := e.Append(nil, m, text)
			switch {
			case p != nil:
				t.Errorf("%s: %x prints as %s, which is refused: %v", c.Name, c.Payload, text, p)
			case o.Lossless && !bytes.Equal(wire, c.Payload):
				t.Errorf("%s: %x prints as %s and comes back as %x", c.Name, c.Payload, text, wire)
			case o.Lossless || c.Expect.Kind == "serialize_error":
			case !sameMessage(t, s, c.MessageType, wire, wantWire(c)):
				t.Errorf("%s: %x prints as %s and comes back as %x, want %x", c.Name, c.Payload, text, wire, c.Expect.Wire)
			}
		}
		if played < 3300 {
			t.Errorf("%d payloads played", played)
		}
	}
}

// TestConformanceOfJSONThroughJSON prints what was read from JSON; that must
// be read as the same bytes.
func TestConformanceOfJSONThroughJSON(t *testing.T) {
	s := conformance.Load(t)
	d := NewDecoder(Options{})
	e := NewEncoder(EncodeOptions{})
	for _, c := range s.Cases {
		if c.Input != "json" || c.Expect.Kind == "parse_error" {
			continue
		}
		m := s.Message(t, c.MessageType)
		first, p := conformanceEncoder(c).Append(nil, m, c.Payload)
		if p != nil {
			t.Errorf("%s: %v", c.Name, p)
			continue
		}
		text, failed, ok := d.Append(nil, m, first)
		second, p := e.Append(nil, m, text)
		if !ok || failed > 0 || p != nil || !bytes.Equal(first, second) {
			t.Errorf("%s: %s is %x, prints as %s and comes back as %x: %v", c.Name, c.Payload, first, text, second, p)
		}
	}
}
