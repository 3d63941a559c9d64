package message

import (
	"math/rand/v2"
	"testing"

	"github.com/pbscope/pbscope/inspect/plan"
	"github.com/pbscope/pbscope/inspect/transcode"
	"github.com/pbscope/pbscope/inspect/wire"
)

// generator writes random payloads of the test schema's M that are mostly
// whole: messages in several parts, oneofs set twice, maps with equal keys,
// required fields that come or not.
type generator struct{ *rand.Rand }

func (g generator) m(depth int) []byte {
	var b []byte
	for range g.IntN(5) {
		b = g.field(b, depth)
	}
	return b
}

func (g generator) field(b []byte, depth int) []byte {
	sub := func() []byte {
		if depth > 3 {
			return nil
		}
		return g.m(depth + 1)
	}
	switch g.IntN(16) {
	case 0:
		return wire.AppendVarint(wire.AppendTag(b, 1, wire.Varint), g.Uint64()>>g.IntN(64))
	case 1, 2:
		return g.len(b, 2, sub())
	case 3, 4:
		return g.len(b, 3, sub())
	case 5:
		return g.len(b, 4, g.entry(g.len(nil, 1, []byte{byte('a' + g.IntN(2))}), g.len(nil, 2, sub())))
	case 6:
		return g.len(b, 5, []byte{1, 2, byte(g.IntN(129))})
	case 7:
		return append(wire.AppendTag(b, 6, wire.Varint), byte(g.IntN(3)))
	case 8, 9:
		return g.len(b, 7, g.req())
	case 10, 11:
		return g.len(b, 8, g.entry([]byte{8, byte(g.IntN(2))}, g.len(nil, 2, g.req())))
	case 12:
		return wire.AppendTag(g.maybe(wire.AppendTag(b, 9, wire.Group), []byte{8, 1}), 9, wire.EndGroup)
	case 13:
		return g.len(b, 10, g.req())
	case 14:
		return append(wire.AppendTag(b, 11, wire.Varint), 1)
	}
	return g.len(b, 14, g.entry([]byte{8, byte(g.IntN(2))}, []byte{16, byte(g.IntN(3))}))
}

func (g generator) len(b []byte, number wire.Number, content []byte) []byte {
	return wire.AppendLen(wire.AppendTag(b, number, wire.Len), content)
}

// entry is a key and a value, at times without one of them, the other way
// round, with one of them twice, or with an unknown field.
func (g generator) entry(key, value []byte) []byte {
	b := g.maybe(g.maybe(nil, value), key)
	b = g.maybe(g.maybe(b, key), value)
	if g.IntN(10) == 0 {
		b = append(b, 0x28, 1)
	}
	return b
}

func (g generator) req() []byte { return g.maybe(g.maybe(nil, []byte{8, 1}), []byte{16, 2}) }

func (g generator) maybe(b, part []byte) []byte {
	if g.IntN(4) == 0 {
		return b
	}
	return append(b, part...)
}

// TestEnginesAgreeOnMerging asks both engines about random messages in parts,
// whole and with a changed byte.
func TestEnginesAgreeOnMerging(t *testing.T) {
	plans := testPlans(t)
	m := plans.Named("t.M")
	g := generator{rand.New(rand.NewPCG(1, 2))}
	fast := transcode.NewDecoder(transcode.Options{})
	lossless := transcode.NewDecoder(transcode.Options{Lossless: true, Sort: true, Defaults: true})
	refusing := transcode.NewDecoder(transcode.Options{Unknown: transcode.RefuseUnknown})
	accepted, missing := 0, 0
	check := func(m *plan.Message, b []byte) {
		p := Diagnose(m, b, Options{})
		if _, _, ok := fast.Append(nil, m, b); ok != (p == nil) {
			t.Fatalf("% x: the fast engine says %v, Diagnose %v", b, ok, p)
		}
		if _, _, ok := lossless.Append(nil, m, b); ok != (p == nil) {
			t.Fatalf("% x: the fast engine, gathering, says %v, Diagnose %v", b, ok, p)
		}
		refused := Diagnose(m, b, Options{RefuseUnknown: true})
		if _, _, ok := refusing.Append(nil, m, b); ok != (refused == nil) {
			t.Fatalf("% x: with unknown fields refused the fast engine says %v, Diagnose %v", b, ok, refused)
		}
		checkTree(t, m, b, Options{})
		switch {
		case p == nil:
			accepted++
		case p.Tag == "missing-required":
			missing++
		}
	}
	for range 20000 {
		b := g.m(0)
		check(m, b)
		if len(b) > 0 {
			b[g.IntN(len(b))] = byte(g.Uint32())
			check(m, b)
		}
	}
	if accepted < 2000 || missing < 2000 {
		t.Errorf("%d accepted and %d without a required field: too few to tell", accepted, missing)
	}
}
