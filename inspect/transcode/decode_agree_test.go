package transcode

import (
	"encoding/json"
	"testing"

	"github.com/pbscope/pbscope/inspect/internal/corpus"
	"github.com/pbscope/pbscope/inspect/plan"
)

// appendCareful is Append with every message gathered from the start.
func (d *Decoder) appendCareful(m *plan.Message, payload []byte) (out []byte, failed int, ok bool) {
	d.reset(payload, true)
	out, ok = d.top(nil, m)
	if !ok {
		return nil, 0, false
	}
	return d.putLaters(out), d.failed, true
}

// TestPassesAgree has the fast pass and gathering say the same of every
// message, whatever the options.
func TestPassesAgree(t *testing.T) {
	for _, m := range corpus.Load(t) {
		for seed := range rounds(t) / 4 {
			w := corpus.NewWriter(seed, int(seed%4)*8)
			payload := w.Message(m.Message, 0)
			if seed%5 == 4 {
				payload = w.Mutate(payload)
			}
			for _, o := range allOptions() {
				d := NewDecoder(o)
				fast, failed, ok := d.Append(nil, m.Message, payload)
				slow, slowFailed, slowOK := d.appendCareful(m.Message, payload)
				if ok != slowOK || ok && (failed != slowFailed || string(fast) != string(slow)) {
					t.Fatalf("%s %+v\n%x\nfast %t %d %s\nslow %t %d %s", m.Name, o, payload, ok, failed, fast, slowOK, slowFailed, slow)
				}
				if ok && !json.Valid(fast) {
					t.Fatalf("%s %+v %x: no JSON: %s", m.Name, o, payload, fast)
				}
			}
		}
	}
}

// FuzzPassesAgree is TestPassesAgree for any bytes.
func FuzzPassesAgree(f *testing.F) {
	types := corpus.Load(f)
	for i, s := range corpus.Of(types.Samples(f), "protobuf", 4096) {
		f.Add(s.Type, uint8(i), s.Data)
	}
	options := allOptions()
	f.Fuzz(func(t *testing.T, which, option uint8, payload []byte) {
		m := types.At(which).Message
		d := NewDecoder(options[int(option)%len(options)])
		fast, failed, ok := d.Append(nil, m, payload)
		slow, slowFailed, slowOK := d.appendCareful(m, payload)
		if ok != slowOK || ok && (failed != slowFailed || string(fast) != string(slow)) {
			t.Fatalf("fast %t %d %s\nslow %t %d %s", ok, failed, fast, slowOK, slowFailed, slow)
		}
		if ok && !json.Valid(fast) {
			t.Fatalf("no JSON: %s", fast)
		}
	})
}
