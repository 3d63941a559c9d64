package transcode

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/pbscope/pbscope/inspect/internal/conformance"
	"github.com/pbscope/pbscope/inspect/internal/corpus"
	"github.com/pbscope/pbscope/inspect/plan"
	"github.com/pbscope/pbscope/inspect/wire"
)

// nested is levels of t.M, each within field 6 of the one around it, with
// before and after around the inner one.
func nested(levels int, before, after []byte) []byte {
	var lengths, size = make([]int, levels), 0
	for i := range lengths {
		size += len(before) + len(after)
		if i > 0 {
			size += 1 + wire.SizeVarint(uint64(lengths[i-1])) // tag and length; content is counted
		}
		lengths[i] = size
	}
	var b []byte
	for i := levels - 1; i >= 0; i-- {
		b = append(b, before...)
		if i > 0 {
			b = wire.AppendVarint(wire.AppendTag(b, 6, wire.Len), uint64(lengths[i-1]))
		}
	}
	for range levels {
		b = append(b, after...)
	}
	return b
}

// nestedAny is a t.M of size bytes within levels of t.M, each in an Any of the
// one around it and followed by tail.
func nestedAny(levels, size int, tail string) []byte {
	heads := make([][]byte, levels)
	n := size
	for i := range heads {
		n += len(tail)
		value := wire.AppendVarint([]byte("\x0a\x05x/t.M\x12"), uint64(n))
		n += len(value)
		heads[i] = append(wire.AppendVarint([]byte{0xb2, 1}, uint64(n)), value...)
		n += len(heads[i]) - len(value)
	}
	b := make([]byte, 0, n)
	for i := range heads {
		b = append(b, heads[levels-1-i]...)
	}
	b = append(b, wire.AppendVarint([]byte{0x1a}, uint64(size-4))...)
	b = append(b, make([]byte, size-4)...)
	return append(b, strings.Repeat(tail, levels)...)
}

// work is how many times as many bytes were read as there are; it counts what
// was read again in passes over messages that did not come in order.
func work(d *Decoder, payload []byte) float64 {
	return float64(d.redone) / float64(max(1, len(payload)))
}

func hostileInputs() map[string][]byte {
	inputs := map[string][]byte{
		"deep":                     nested(9000, nil, nil),
		"deep, a scalar twice":     nested(9000, []byte{0x08, 1}, []byte{0x08, 2}),
		"deep, a list apart":       nested(9000, []byte{0x20, 1}, []byte{0x10 | 2, 1, 'a', 0x20, 2}),
		"deep, out of order":       nested(9000, []byte{0x12, 1, 'a'}, []byte{0x08, 2}),
		"deep, padded":             nested(9000, []byte{0x08, 0x81, 0}, nil),
		"deep, unknown":            nested(9000, []byte{0xf0, 0x3f, 1}, []byte{0xf0, 0x3f, 1}),
		"deep, no JSON form":       nested(9000, []byte{0xda, 1, 6, 0x10, 0x80, 0x94, 0xeb, 0xdc, 3}, nil),
		"groups within each other": append([]byte(strings.Repeat("\x1b", 9000)), strings.Repeat("\x1c", 9000)...),
		"empty messages":           []byte(strings.Repeat("\x3a\x00", 200000)),
		"empty values":             []byte(strings.Repeat("\xc2\x01\x00", 100000)),
		"oneof in turns":           []byte(strings.Repeat("\x7a\x00\x72\x00", 100000)),
		"lists in turns":           []byte(strings.Repeat("\x20\x01\x3a\x00", 100000)),
		"extensions in turns":      []byte(strings.Repeat("\xa0\x06\x01\xaa\x06\x00", 100000)),
	}
	var same, many []byte
	for i := range 200000 {
		same = append(same, 0x4a, 5, 0x0a, 1, 'a', 0x10, byte(i&0x7f))
		e := wire.AppendLen(wire.AppendTag(nil, 1, wire.Len), fmt.Appendf(nil, "%d", i*7919%200000))
		many = wire.AppendLen(wire.AppendTag(many, 9, wire.Len), e)
	}
	inputs["one key, many entries"] = same
	inputs["many keys in no order"] = many
	any := []byte{}
	for range 3000 {
		any = wire.AppendLen([]byte{0xb2, 1}[:2:2], append([]byte("\x0a\x05x/t.M\x12"), append(wire.AppendVarint(nil, uint64(len(any))), any...)...))
	}
	inputs["any within any"] = any
	for name, tail := range map[string]string{
		"any within any, none of which decodes":         "\x07",
		"any within any, none of which decodes, padded": "\x08\x80\x00\x07",
		"any within any, unknown fields":                "\xf0\x3f\x01",
	} {
		inputs[name] = nestedAny(4000, 1<<21, tail)
	}
	times := []byte(strings.Repeat("\xda\x01\x06\x10\x80\x94\xeb\xdc\x03", 20000))
	inputs["errors"] = times
	for range 3000 {
		times = wire.AppendLen([]byte{6<<3 | 2}, times)
	}
	inputs["errors at the end of a long path"] = times
	return inputs
}

// TestHostileInputs bounds work and output by the input: what is counted is
// bytes, not time.
func TestHostileInputs(t *testing.T) {
	s := conformance.Compile(t, corpus.Proto2)
	m := s.Message(t, "t.M")
	for name, payload := range hostileInputs() {
		for _, o := range []Options{{}, {Lossless: true}, {Sort: true, Defaults: true}, {Unknown: DropUnknown}} {
			for _, m := range []*plan.Message{m, nil} {
				d := NewDecoder(o)
				out, _, ok := d.Append(nil, m, payload)
				if !ok {
					t.Errorf("%s: refused", name)
					continue
				}
				if o == (Options{}) && !strings.Contains(name, "deep") && !strings.Contains(name, "within") && !json.Valid(out) {
					t.Errorf("%s: no JSON", name)
				}
				if limit := 400*len(payload) + 1000; len(out) > limit {
					t.Errorf("%s %+v: %d bytes of JSON for %d bytes", name, o, len(out), len(payload))
				}
				if w := work(d, payload); w > 1.01 {
					t.Errorf("%s %+v: read %f times again", name, o, w)
				}
			}
		}
	}
}

// TestDamagedMessages has every prefix and many one-bit changes of messages
// refused or printed, the same way by both passes.
func TestDamagedMessages(t *testing.T) {
	s := conformance.Compile(t, corpus.Proto2)
	m, d := s.Message(t, "t.M"), NewDecoder(Options{Lossless: true})
	check := func(payload []byte) {
		fast, failed, ok := d.Append(nil, m, payload)
		slow, slowFailed, slowOK := d.appendCareful(m, payload)
		if ok != slowOK || failed != slowFailed || ok && string(fast) != string(slow) || ok && !json.Valid(fast) {
			t.Fatalf("%x: fast %t %s\nslow %t %s", payload, ok, fast, slowOK, slow)
		}
	}
	for seed := range uint64(10) {
		payload := corpus.NewWriter(seed, 10).Message(m, 2)
		payload = payload[:min(len(payload), 300)]
		for i := range payload {
			check(payload[:i])
			for bit := range 8 {
				payload[i] ^= 1 << bit
				check(payload)
				payload[i] ^= 1 << bit
			}
		}
	}
}
