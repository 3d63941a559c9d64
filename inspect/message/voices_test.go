package message_test

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/pbscope/pbscope/inspect/internal/corpus"
	"github.com/pbscope/pbscope/inspect/message"
	"github.com/pbscope/pbscope/inspect/plan"
	"github.com/pbscope/pbscope/inspect/span"
	"github.com/pbscope/pbscope/inspect/transcode"
)

// voices are the fast and the explaining engine with the same options.
type voices struct {
	fast    *transcode.Decoder
	o       transcode.Options
	explain message.JSONOptions
}

func newVoices(o transcode.Options) *voices {
	return &voices{
		fast: transcode.NewDecoder(o),
		o:    o,
		explain: message.JSONOptions{
			Options:      message.Options{MaxDepth: o.MaxDepth, RefuseUnknown: o.Unknown == transcode.RefuseUnknown},
			DropUnknown:  o.Unknown == transcode.DropUnknown,
			Int64Numbers: o.Int64Numbers, BytesHex: o.BytesHex, ProtoNames: o.ProtoNames, EnumNumbers: o.EnumNumbers,
			Defaults: o.Defaults, Sort: o.Sort, Base: span.Unknown,
		},
	}
}

// allVoices are settings that between them use every option.
func allVoices() []*voices {
	var list []*voices
	for _, o := range []transcode.Options{
		{},
		{Sort: true},
		{Defaults: true},
		{Sort: true, Defaults: true},
		{Int64Numbers: true, BytesHex: true, ProtoNames: true, EnumNumbers: true},
		{Unknown: transcode.DropUnknown},
		{Unknown: transcode.RefuseUnknown},
		{MaxDepth: 3},
	} {
		list = append(list, newVoices(o))
	}
	return list
}

// agree reports where the two engines do not say the same of a payload: the
// verdict, and the JSON byte for byte.
func (v *voices) agree(m *plan.Message, payload []byte) error {
	fast, failed, ok := v.fast.Append(nil, m, payload)
	slow, slowFailed, slowOK := message.AppendJSON(nil, m, payload, v.explain)
	if ok == slowOK && (!ok || failed == slowFailed && bytes.Equal(fast, slow)) {
		return nil
	}
	name := "no type"
	if m != nil {
		name = string(m.Name)
	}
	return fmt.Errorf("%s %+v\n%x\nthe fast engine says       %t %d %s\nthe explaining engine says %t %d %s",
		name, v.o, payload, ok, failed, fast, slowOK, slowFailed, slow)
}

// complaints are the first few of many.
type complaints struct {
	t *testing.T
	n int
}

func (c *complaints) add(name string, err error) {
	if err == nil {
		return
	}
	c.t.Helper()
	if c.n++; c.n <= 5 {
		c.t.Errorf("%s: %v", name, err)
	}
}

func (c *complaints) total() {
	if c.n > 5 {
		c.t.Errorf("%d in all", c.n)
	}
}

// TestVoicesOnSamples has both engines print every sample and every prefix of
// it, as its type and without one.
func TestVoicesOnSamples(t *testing.T) {
	types := corpus.Load(t)
	samples := types.Samples(t)
	c := complaints{t: t}
	for _, s := range corpus.Of(samples, "protobuf", 1<<20) {
		for _, v := range allVoices() {
			c.add(s.Name, v.agree(types.At(s.Type).Message, s.Data))
			c.add(s.Name, v.agree(nil, s.Data))
		}
	}
	v := newVoices(transcode.Options{})
	for _, s := range corpus.Of(samples, "protobuf", 300) {
		for n := range s.Data {
			c.add(s.Name, v.agree(types.At(s.Type).Message, s.Data[:n]))
		}
	}
	c.total()
}

// TestVoicesOnWrittenSamples does the same for the bytes that the JSON and text
// samples become, and asks protobuf-go about them.
func TestVoicesOnWrittenSamples(t *testing.T) {
	types := corpus.Load(t)
	samples := types.Samples(t)
	c, written := complaints{t: t}, 0
	encoder, v := transcode.NewEncoder(transcode.EncodeOptions{}), newVoices(transcode.Options{})
	for _, s := range append(corpus.Of(samples, "json", 1<<20), corpus.Of(samples, "text", 1<<20)...) {
		m := types.At(s.Type)
		var payload []byte
		var p *span.Problem
		if s.Form == "json" {
			payload, p = encoder.Append(nil, m.Message, s.Data)
		} else {
			payload, p = transcode.ParseText(nil, m.Message, s.Data, transcode.TextOptions{})
		}
		if p != nil {
			continue
		}
		written++
		c.add(s.Name, v.agree(m.Message, payload))
		_, err := third(m, payload)
		c.add(s.Name, err)
	}
	c.total()
	if written < 15 {
		t.Errorf("only %d samples could be written", written)
	}
}

// TestVoicesOnRandomMessages has both print messages made by chance, more or
// less odd, and with some bytes changed.
func TestVoicesOnRandomMessages(t *testing.T) {
	types := corpus.Load(t)
	c := complaints{t: t}
	all := allVoices()
	for _, m := range types {
		for seed := range rounds() {
			w := corpus.NewWriter(seed, int(seed%4)*10)
			payload := w.Message(m.Message, 0)
			if seed%5 == 4 {
				payload = w.Mutate(payload)
			}
			c.add("", all[seed%uint64(len(all))].agree(m.Message, payload))
			c.add("", all[0].agree(m.Message, payload))
		}
	}
	c.total()
}

// rounds is how many messages of each type are made by chance.
func rounds() uint64 {
	if testing.Short() {
		return 150
	}
	return 1200
}
