package transcode

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/pbscope/pbscope/inspect/internal/conformance"
	"github.com/pbscope/pbscope/inspect/message"
)

// TestTextAgrees changes the payloads of the conformance suite at random:
// text format, JSON and the explaining engine must refuse the same bytes, and
// what is printed must come back.
func TestTextAgrees(t *testing.T) {
	s := conformance.Load(t)
	r := rand.New(rand.NewPCG(1, 26))
	d := NewDecoder(Options{})
	seen := map[string]bool{}
	for _, c := range s.Cases {
		samples := [][]byte{c.Expect.Wire}
		if c.Input == "protobuf" {
			samples = append(samples, c.Payload)
		}
		for _, sample := range samples {
			if len(sample) == 0 || len(sample) > 300 || seen[string(sample)] {
				continue
			}
			seen[string(sample)] = true
			m := s.Message(t, c.MessageType)
			for range 20 {
				payload := mutated(r, sample)
				text, ok := AppendText(nil, m, payload, TextOptions{})
				_, _, json := d.Append(nil, m, payload)
				problem := message.Diagnose(m, payload, message.Options{})
				if ok != json || ok != (problem == nil) {
					t.Errorf("%s % x: accepted as text %t, as JSON %t, explained as %v", m.Name, payload, ok, json, problem)
				} else if ok {
					textFixpoint(t, m, text)
				}
			}
		}
	}
}

// mutated is a copy with one to three bytes lost, changed or added, or twice
// the whole.
func mutated(r *rand.Rand, sample []byte) []byte {
	b := bytes.Clone(sample)
	for range 1 + r.IntN(3) {
		i := r.IntN(len(b) + 1)
		switch kind := r.IntN(4); {
		case kind == 3:
			b = append(b, sample...)
		case kind == 2 || i == len(b):
			b = slices.Insert(b, i, byte(r.IntN(256)))
		case kind == 1:
			b[i] = byte(r.IntN(256))
		default:
			b = slices.Delete(b, i, i+1)
		}
	}
	return b
}
