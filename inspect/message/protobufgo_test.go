package message_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/pbscope/pbscope/inspect/internal/conformance"
	"github.com/pbscope/pbscope/inspect/message"
	"github.com/pbscope/pbscope/inspect/span"
)

// TestProtobufGoAgrees asks protobuf-go's dynamic messages about the payloads
// of the conformance suite, their prefixes and changes of their bytes. What it
// refuses, so do we; what we refuse beyond that is its faults: tags of more
// than five bytes, MessageSets, which it reads only when built for them, and
// UTF-8 in extensions of edition files.
func TestProtobufGoAgrees(t *testing.T) {
	s := conformance.Load(t)
	random := rand.New(rand.NewPCG(7, 11))
	seen := map[string]bool{}
	check := func(c *conformance.Case, payload []byte) {
		p := message.Diagnose(s.Plans.Named(c.MessageType), payload, message.Options{})
		err, panicked := parse(s.New(t, c.MessageType), payload, s)
		switch {
		case panicked:
			// Some entries of maps without a usable key make it panic.
		case err != nil && p == nil:
			t.Errorf("%s: % x: protobuf-go says %v", c.Name, payload, err)
		case err == nil && p != nil && !protobufGoFault(p):
			t.Errorf("%s: % x: protobuf-go accepts, Diagnose says %v", c.Name, payload, p)
		}
	}
	for i := range s.Cases {
		c := &s.Cases[i]
		key := string(c.MessageType) + string(c.Payload)
		if c.Input != "protobuf" || len(c.Payload) > 1000 || seen[key] {
			continue
		}
		seen[key] = true
		for n := range len(c.Payload) + 1 {
			check(c, c.Payload[:n:n])
		}
		changed := append([]byte(nil), c.Payload...)
		for at, b := range c.Payload {
			changed[at] = byte(random.Uint32())
			check(c, changed)
			changed[at] = b
		}
	}
}

func parse(m proto.Message, payload []byte, s *conformance.Suite) (err error, panicked bool) {
	defer func() {
		if r := recover(); r != nil {
			err, panicked = fmt.Errorf("%v", r), true
		}
	}()
	return proto.UnmarshalOptions{Resolver: s.Types}.Unmarshal(payload, m), false
}

func protobufGoFault(p *span.Problem) bool {
	switch p.Tag {
	case span.VarintOverflow:
		return strings.HasPrefix(p.Message, "a tag")
	case span.InvalidUTF8:
		return strings.HasPrefix(p.Path, "[")
	}
	return strings.HasPrefix(p.Path, "message_set")
}
