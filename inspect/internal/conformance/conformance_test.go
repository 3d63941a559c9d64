package conformance

import "testing"

func TestEveryCaseHasAType(t *testing.T) {
	s := Load(t)
	if len(s.Cases) != 6558 {
		t.Errorf("%d cases, want 6558", len(s.Cases))
	}
	for _, c := range s.Cases {
		if s.Plans.Named(c.MessageType) == nil {
			t.Fatalf("%s: no plan of %s", c.Name, c.MessageType)
		}
	}
}

func TestMessageSetIsSeen(t *testing.T) {
	s := Schema(t)
	m := s.Message(t, "protobuf_test_messages.proto2.TestAllTypesProto2.MessageSetCorrect")
	if !m.MessageSet || !m.Extendable {
		t.Errorf("MessageSet %t, Extendable %t, want both", m.MessageSet, m.Extendable)
	}
	if f := m.Field(1547769); f == nil || f.Message() == nil {
		t.Error("the extension of number 1547769 is not found")
	}
}
