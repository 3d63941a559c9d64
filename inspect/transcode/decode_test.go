package transcode

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/pbscope/pbscope/inspect/internal/conformance"
)

// TestDecodeConformance plays every recorded case with wire input. Where JSON
// is not the output it must be accepted or refused all the same.
func TestDecodeConformance(t *testing.T) {
	s := conformance.Load(t)
	d := NewDecoder(Options{})
	played := 0
	for _, c := range s.Cases {
		if c.Input != "protobuf" {
			continue
		}
		played++
		m := s.Message(t, c.MessageType)
		out, failed, ok := d.Append(nil, m, c.Payload)
		switch {
		case c.Expect.Kind == "parse_error":
			if ok {
				t.Errorf("%s: accepted as %s", c.Name, out)
			}
			continue
		case !ok:
			t.Errorf("%s: refused", c.Name)
			continue
		case !json.Valid(out):
			t.Errorf("%s: no JSON: %s", c.Name, out)
			continue
		}
		if c.Expect.Kind == "serialize_error" {
			if failed == 0 || !strings.Contains(string(out), `"tag":"no-json-form"`) {
				t.Errorf("%s: has a JSON form: %s", c.Name, out)
			}
			continue
		}
		if c.Expect.Kind != "equivalent" || failed > 0 || strings.Contains(string(out), `"@`) {
			continue
		}
		if strings.Contains(c.Name, "MessageSet") && !strings.Contains(c.Name, "Oneof") {
			// Without its legacy build tag protobuf-go knows no MessageSet.
			if want, _, _ := d.Append(nil, m, c.Expect.Wire); string(want) != string(out) {
				t.Errorf("%s:\n got %s\nwant %s", c.Name, out, want)
			}
			continue
		}
		got := s.New(t, c.MessageType)
		if err := (protojson.UnmarshalOptions{Resolver: s.Types}).Unmarshal(out, got); err != nil {
			t.Errorf("%s: %v in %s", c.Name, err, out)
			continue
		}
		want := s.New(t, c.MessageType)
		if err := (proto.UnmarshalOptions{Resolver: s.Types}).Unmarshal(c.Expect.Wire, want); err != nil {
			t.Errorf("%s: %v", c.Name, err)
			continue
		}
		if !proto.Equal(got, want) {
			t.Errorf("%s:\n got %s\nwant %v", c.Name, out, want)
		}
	}
	if played < 4000 {
		t.Errorf("only %d cases played", played)
	}
}

func TestFloatsAreShortest(t *testing.T) {
	for _, v := range []float64{0, math.Copysign(0, -1), 1, -1.5, 0.1, 1e21, 1e20, 123456789.125, 1e-6, 1e-7, 5e-324, math.MaxFloat64,
		1.7976931348623157e308, 999999999999999, 0.3, 2.675, 100.01, 1e15, 12345678.87654321} {
		want, _ := json.Marshal(v)
		if got := string(appendFloat64(nil, v)); got != string(want) {
			t.Errorf("%v: %s, want %s", v, got, want)
		}
		want, _ = json.Marshal(float32(v))
		if math.Abs(v) <= math.MaxFloat32 {
			if got := string(appendFloat32(nil, float32(v))); got != string(want) {
				t.Errorf("float %v: %s, want %s", v, got, want)
			}
		}
	}
}

func FuzzFloatsAreShortest(f *testing.F) {
	f.Add(uint64(0x3ff0000000000000), uint16(100))
	f.Fuzz(func(t *testing.T, bits uint64, scale uint16) {
		check := func(v float64) {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return
			}
			want, _ := json.Marshal(v)
			if got := string(appendFloat64(nil, v)); got != string(want) {
				t.Errorf("%v: %s, want %s", v, got, want)
			}
			single := float32(v)
			if math.IsInf(float64(single), 0) {
				return
			}
			want, _ = json.Marshal(single)
			if got := string(appendFloat32(nil, single)); got != string(want) {
				t.Errorf("float %v: %s, want %s", single, got, want)
			}
		}
		check(math.Float64frombits(bits))
		check(float64(int64(bits)>>20) / float64(1+int(scale)))
		check(float64(int64(bits)>>24) / 1e6)
		check(float64(int64(bits)>>40) / 1e3)
	})
}
