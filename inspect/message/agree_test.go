package message_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/pbscope/pbscope/inspect/internal/conformance"
	"github.com/pbscope/pbscope/inspect/message"
	"github.com/pbscope/pbscope/inspect/plan"
	"github.com/pbscope/pbscope/inspect/transcode"
)

// agreement asks both engines about payloads.
type agreement struct {
	plain, refusing, shallow *transcode.Decoder
}

const shallowDepth = 3

func newAgreement() *agreement {
	return &agreement{
		plain:    transcode.NewDecoder(transcode.Options{}),
		refusing: transcode.NewDecoder(transcode.Options{Unknown: transcode.RefuseUnknown}),
		shallow:  transcode.NewDecoder(transcode.Options{MaxDepth: shallowDepth}),
	}
}

// check reports where Diagnose has a problem with a payload that the fast
// engine accepts, or none with one that it refuses.
func (a *agreement) check(m *plan.Message, payload []byte) error {
	for _, c := range []struct {
		name string
		fast *transcode.Decoder
		o    message.Options
	}{
		{"", a.plain, message.Options{}},
		{" with unknown fields refused", a.refusing, message.Options{RefuseUnknown: true}},
		{" three levels deep", a.shallow, message.Options{MaxDepth: shallowDepth}},
	} {
		_, _, ok := c.fast.Append(nil, m, payload)
		p := message.Diagnose(m, payload, c.o)
		if ok != (p == nil) {
			name := "no type"
			if m != nil {
				name = string(m.Name)
			}
			return fmt.Errorf("%s%s: % x: the fast engine says %v, Diagnose %v", name, c.name, payload, ok, p)
		}
		if _, text := transcode.AppendText(nil, m, payload, transcode.TextOptions{MaxDepth: c.o.MaxDepth}); !c.o.RefuseUnknown && text != ok {
			return fmt.Errorf("%s: % x: as text the verdict is %v, as JSON %v", c.name, payload, text, ok)
		}
		if e := message.Explain(m, payload, c.o).Problem; (p == nil) != (e == nil) || p != nil && *p != *e {
			return fmt.Errorf("% x: Diagnose says %+v, Explain %+v", payload, p, e)
		}
	}
	return nil
}

// TestEnginesAgree asks both engines about every payload of the conformance
// suite, every prefix of it, and every change of one byte of a sample.
func TestEnginesAgree(t *testing.T) {
	s := conformance.Load(t)
	a := newAgreement()
	random := rand.New(rand.NewPCG(3, 5))
	seen := map[string]bool{}
	disagreements := 0
	check := func(name string, m *plan.Message, payload []byte) {
		if err := a.check(m, payload); err != nil {
			if disagreements++; disagreements <= 10 {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	for _, c := range s.Cases {
		if c.Input != "protobuf" || seen[string(c.MessageType)+string(c.Payload)] {
			continue
		}
		seen[string(c.MessageType)+string(c.Payload)] = true
		m := s.Plans.Named(c.MessageType)
		check(c.Name, nil, c.Payload)
		check(c.Name, m, c.Payload)
		if len(c.Payload) > 2048 {
			continue
		}
		for n := range c.Payload {
			check(c.Name, m, c.Payload[:n:n])
		}
		changed := append([]byte(nil), c.Payload...)
		for i, b := range c.Payload {
			for range 2 {
				changed[i] = byte(random.Uint32())
				check(c.Name, m, changed)
			}
			changed[i] = b ^ 1
			check(c.Name, m, changed)
			changed[i] = b
		}
	}
	if disagreements > 10 {
		t.Errorf("%d disagreements in all", disagreements)
	}
}
