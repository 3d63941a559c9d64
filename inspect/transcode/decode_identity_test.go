package transcode

import (
	"testing"

	"github.com/pbscope/pbscope/inspect/internal/conformance"
	"github.com/pbscope/pbscope/inspect/internal/corpus"
	"github.com/pbscope/pbscope/inspect/plan"
)

// identity checks that encoding the lossless JSON gives the payload back.
func identity(t *testing.T, d *Decoder, e *Encoder, m *plan.Message, payload []byte) {
	t.Helper()
	doc, _, ok := d.Append(nil, m, payload)
	if !ok {
		return
	}
	if raw, _, isError := ErrorRecord(doc); isError {
		if string(raw) != string(payload) {
			t.Fatalf("%x: raw is %x", payload, raw)
		}
		return
	}
	got, p := e.Append(nil, m, doc)
	if p != nil {
		t.Fatalf("%x: %v in %s", payload, p, doc)
	}
	if string(got) != string(payload) {
		t.Fatalf("\n in %x\nout %x\n%s", payload, got, doc)
	}
}

func TestLosslessIsTheIdentity(t *testing.T) {
	for _, o := range []Options{
		{Lossless: true},
		{Lossless: true, Sort: true},
		{Lossless: true, Defaults: true},
		{Lossless: true, Int64Numbers: true, ProtoNames: true, EnumNumbers: true},
		{Lossless: true, BytesHex: true, Sort: true, Defaults: true},
	} {
		losslessIdentity(t, o)
	}
}

func losslessIdentity(t *testing.T, o Options) {
	s := conformance.Load(t)
	d, e := NewDecoder(o), NewEncoder(EncodeOptions{BytesHex: o.BytesHex})
	for _, c := range s.Cases {
		if c.Input == "protobuf" {
			identity(t, d, e, s.Message(t, c.MessageType), c.Payload)
		}
	}
	for _, name := range randomTypes() {
		m := s.Message(t, name)
		for seed := range rounds(t) / 2 {
			w := corpus.NewWriter(seed, int(seed%4)*8)
			payload := w.Message(m, 0)
			if seed%5 == 4 {
				payload = w.Mutate(payload)
			}
			identity(t, d, e, m, payload)
			identity(t, d, e, nil, payload)
		}
	}
}

// FuzzLosslessIsTheIdentity has lossless JSON encode to the bytes that it was
// made of, whatever they are, and the canonical form of what was accepted be a
// fixpoint.
func FuzzLosslessIsTheIdentity(f *testing.F) {
	types := corpus.Load(f)
	for _, s := range corpus.Of(types.Samples(f), "protobuf", 4096) {
		f.Add(s.Type, s.Data)
	}
	e, sorted := NewEncoder(EncodeOptions{}), NewDecoder(Options{Lossless: true, Sort: true, Defaults: true, ProtoNames: true, EnumNumbers: true})
	f.Fuzz(func(t *testing.T, which uint8, payload []byte) {
		m, r := types.At(which).Message, newRoundTrips()
		r.wire(t, m, payload)
		identity(t, sorted, e, m, payload)
		identity(t, r.lossless, e, nil, payload)
	})
}

// TestCanonicalBytesNeedNoWire encodes what was decoded and has the lossless
// form of that say nothing that the plain one does not.
func TestCanonicalBytesNeedNoWire(t *testing.T) {
	s := conformance.Load(t)
	plain, lossless, e := NewDecoder(Options{}), NewDecoder(Options{Lossless: true}), NewEncoder(EncodeOptions{})
	check := func(m *plan.Message, payload []byte) {
		t.Helper()
		doc, failed, ok := plain.Append(nil, m, payload)
		if !ok || failed > 0 {
			return
		}
		canonical, p := e.Append(nil, m, doc)
		if p != nil {
			t.Fatalf("%x: %v in %s", payload, p, doc)
		}
		want, _, _ := plain.Append(nil, m, canonical)
		if got, _, _ := lossless.Append(nil, m, canonical); string(got) != string(want) {
			t.Fatalf("%x\n got %s\nwant %s", canonical, got, want)
		}
	}
	for _, c := range s.Cases {
		if c.Input == "protobuf" {
			check(s.Message(t, c.MessageType), c.Payload)
		}
	}
	for _, name := range randomTypes() {
		m := s.Message(t, name)
		for seed := range rounds(t) {
			check(m, corpus.NewWriter(seed, int(seed%4)*8).Message(m, 0))
		}
	}
}
