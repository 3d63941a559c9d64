package message_test

import (
	"testing"

	"github.com/pbscope/pbscope/inspect/internal/corpus"
	"github.com/pbscope/pbscope/inspect/transcode"
)

// FuzzEnginesAgree has both engines say the same of any bytes: the verdict with
// three sets of options, in text format too, the same problem by both ways to
// it, and, under options that option chooses, the same JSON byte for byte; as
// the type that which chooses and without a type.
func FuzzEnginesAgree(f *testing.F) {
	types := corpus.Load(f)
	for i, s := range corpus.Of(types.Samples(f), "protobuf", 4096) {
		f.Add(s.Type, uint8(i), s.Data)
	}
	verdicts, all := newAgreement(), allVoices()
	f.Fuzz(func(t *testing.T, which, option uint8, payload []byte) {
		m := types.At(which).Message
		if err := verdicts.check(m, payload); err != nil {
			t.Fatal(err)
		}
		v := all[int(option)%len(all)]
		if err := v.agree(m, payload); err != nil {
			t.Fatal(err)
		}
		if err := v.agree(nil, payload); err != nil {
			t.Fatal(err)
		}
	})
}

// FuzzThreeVoices asks protobuf-go as well: where it accepts, all three agree
// on the message, but for the faults of protobuf-go that the table in
// TestProtobufGoFaults shows.
func FuzzThreeVoices(f *testing.F) {
	types := corpus.Load(f)
	for _, s := range corpus.Of(types.Samples(f), "protobuf", 4096) {
		f.Add(s.Type, s.Data)
	}
	v := newVoices(transcode.Options{})
	f.Fuzz(func(t *testing.T, which uint8, payload []byte) {
		m := types.At(which)
		if err := v.agree(m.Message, payload); err != nil {
			t.Fatal(err)
		}
		if _, err := third(m, payload); err != nil {
			t.Fatal(err)
		}
	})
}
