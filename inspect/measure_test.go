package inspect

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/inspect/frame"
	"github.com/pbscope/pbscope/inspect/span"
)

// measured runs a worker over an input and is what it came to.
func measured(t testing.TB, f fixture, worker func() Worker) (out []byte, counts Counts, problems []*span.Problem) {
	form, _ := FormNamed(f.form)
	return runOver(t, f.data, func(in *frame.Input) frame.Reader { return form.Read(in, &frame.Options{}) }, worker, nil)
}

// TestMeterFindsWhatDecoderDoes compares the counts and the problems of both, for
// all fixtures and for what becomes of each with every byte changed.
func TestMeterFindsWhatDecoderDoes(t *testing.T) {
	set := fixtureSet(t)
	for _, f := range fixtures(t) {
		o := DecodeOptions{Set: set, Type: set.Named(protoreflect.FullName(f.typ))}
		whole := f.data
		for i := -1; i < min(len(whole), 200); i++ {
			if f.data = bytes.Clone(whole); i >= 0 {
				f.data[i] ^= 0x55
			}
			_, want, wantProblems := measured(t, f, func() Worker { return NewDecoder(o) })
			_, got, problems := measured(t, f, func() Worker { return NewMeter(o, false) })
			if got != want || len(problems) != len(wantProblems) {
				t.Fatalf("%s, byte %d: %+v, not %+v", f.name, i, got, want)
			}
			for i, p := range problems {
				if w := wantProblems[i]; p.Tag != w.Tag || p.Offset != w.Offset || p.Message != w.Message {
					t.Fatalf("%s: %v, not %v", f.name, p, w)
				}
			}
		}
	}
}

// TestMeterMeasures says which messages are measured: the first ones of a kind,
// and few of the later ones.
func TestMeterMeasures(t *testing.T) {
	one, err := os.ReadFile(filepath.Join("..", "fixtures", "data", "trades", "trade.binpb"))
	if err != nil {
		t.Fatal(err)
	}
	set := fixtureSet(t)
	o := DecodeOptions{Set: set, Type: set.Named("trades.v1.Trade")}
	time := func(m *Meter, payload []byte) (ns float64, ok bool) {
		return Nanoseconds(m.Work(nil, new(Source), &frame.Frame{Payload: payload}, new(Record)))
	}
	m := NewMeter(o, true)
	first, ok := time(m, one)
	if !ok || first <= 0 {
		t.Fatalf("one message takes %g ns, measured %t", first, ok)
	}
	n := 1
	for range 9999 {
		if _, ok := time(m, one); ok {
			n++
		}
	}
	if n < measuredFirst || n > 1000 {
		t.Errorf("%d of 10000 messages are measured", n)
	}
	if _, ok := time(NewMeter(o, false), one); ok {
		t.Error("measured without a clock")
	}
	if _, ok := time(NewMeter(o, true), []byte{0xff}); ok {
		t.Error("a message that does not decode is measured")
	}
}

// TestMeterKindsAreBounded meets more kinds than are told apart.
func TestMeterKindsAreBounded(t *testing.T) {
	m := NewMeter(DecodeOptions{}, true)
	for i := range 2 * maxPaces {
		m.Work(nil, new(Source), &frame.Frame{Meta: &frame.Meta{TWS: &frame.TWS{Kind: "message", Encoding: "text", ID: uint32(i)}}}, new(Record))
	}
	if len(m.paces) > maxPaces+1 {
		t.Errorf("%d kinds", len(m.paces))
	}
}

// BenchmarkMeter is what stats does for a message, beside decode.
func BenchmarkMeter(b *testing.B) {
	set := fixtureSet(b)
	for _, f := range fixtures(b) {
		if f.form != "delimited" {
			continue
		}
		o := DecodeOptions{Set: set, Type: set.Named(protoreflect.FullName(f.typ))}
		f.data = bytes.Repeat(f.data, 1000)
		for _, w := range []struct {
			name string
			make func() Worker
		}{
			{"decode", func() Worker { return NewDecoder(o) }},
			{"stats", func() Worker { return NewMeter(o, true) }},
			{"stats without times", func() Worker { return NewMeter(o, false) }},
		} {
			b.Run(filepath.Base(f.name)+"/"+w.name, func(b *testing.B) {
				b.SetBytes(int64(len(f.data)))
				for b.Loop() {
					measured(b, f, w.make)
				}
			})
		}
	}
}
