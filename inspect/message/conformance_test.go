package message

import (
	"testing"

	"github.com/pbscope/pbscope/inspect/internal/conformance"
)

// TestConformanceVerdicts holds Diagnose to the official suite: what must not
// parse has a problem, and everything else has none.
func TestConformanceVerdicts(t *testing.T) {
	s := conformance.Load(t)
	refused := 0
	for _, c := range s.Cases {
		if c.Input != "protobuf" {
			continue
		}
		m := s.Plans.Named(c.MessageType)
		p := Diagnose(m, c.Payload, Options{})
		if c.Expect.Kind == "parse_error" {
			refused++
			if p == nil {
				t.Errorf("%s: accepted % x", c.Name, c.Payload)
			}
			continue
		}
		if p != nil {
			t.Errorf("%s: % x: %v", c.Name, c.Payload, p)
		}
	}
	if refused < 500 {
		t.Errorf("only %d cases that must be refused", refused)
	}
}

// TestConformanceCover holds every tree to its promise that nodes cover every
// byte, and both entry points to the same verdict.
func TestConformanceCover(t *testing.T) {
	s := conformance.Load(t)
	for _, c := range s.Cases {
		if c.Input != "protobuf" || len(c.Payload) > 4096 {
			continue
		}
		m := s.Plans.Named(c.MessageType)
		for cut := range len(c.Payload) + 1 {
			checkTree(t, m, c.Payload[:cut], Options{})
			if t.Failed() {
				t.Fatalf("%s: cut at %d", c.Name, cut)
			}
		}
		checkTree(t, nil, c.Payload, Options{})
	}
}
