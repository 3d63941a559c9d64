package identify

import (
	"bytes"
	"math"
	"reflect"
	"testing"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/inspect/wire"
)

// everything is a table whose types refer to each other and have fields of
// every kind.
func everything() *Table {
	t := &Table{Enums: []Enum{{Numbers: []int32{-1, 0, 1, 2, 1 << 30}}, {Numbers: []int32{0}, Closed: true}}}
	for shape := range int32(6) {
		typ := Type{Name: string(rune('A' + shape)), Candidate: true, Form: Form(shape % 5)}
		if shape == 5 {
			typ.Extensions = [][2]int32{{100, 1 << 28}}
		}
		for n := int32(1); n <= 18; n++ {
			f := Field{Number: n, Kind: protoreflect.Kind((n+shape)%18 + 1), Sub: -1, Repeated: n%3 == 0, Packed: n%6 == 0, UTF8: n%2 == 0, Implicit: n%4 == 1}
			switch {
			case f.isMessage():
				f.Sub = (n + shape) % 6
			case f.Kind == protoreflect.EnumKind:
				f.Sub = n % 2
			}
			if n > 14 {
				f.Oneof = uint16(shape + 1)
			}
			typ.Fields = append(typ.Fields, f)
		}
		t.Types = append(t.Types, typ)
	}
	t.Index()
	return t
}

// FuzzRank states that whatever the samples are, the result is the same each
// time, scores lie between 0 and 1, ranks ascend, and
// what is counted adds up.
func FuzzRank(f *testing.F) {
	table := everything()
	f.Add([]byte("\x08\x01\x12\x03abc"), []byte{})
	f.Add([]byte("\x5a\x04\x5a\x02\x08\x01"), []byte("\x0a\x00"))
	f.Add(bytes.Repeat([]byte{0x53}, 50), bytes.Repeat([]byte{0x54}, 50))
	f.Add([]byte("\xf8\xff\xff\xff\x0f\x01"), []byte("\x00"))
	f.Fuzz(func(t *testing.T, a, b []byte) {
		samples := [][]byte{a, b}
		r := table.Rank(samples, Options{Limit: 4})
		again := table.Rank(samples, Options{Limit: 4})
		r.list, again.list = nil, nil
		if !reflect.DeepEqual(r, again) {
			t.Fatalf("%+v, then %+v", r, again)
		}
		if r.Damaged+r.Empty > r.Samples || r.Damaged < r.Samples && len(r.Candidates) == 0 {
			t.Fatalf("%+v", r)
		}
		for i, c := range r.Candidates {
			if !(c.Score >= 0 && c.Score <= 1) || math.IsNaN(c.Bits) || math.IsInf(c.Bits, 0) || c.Tied < 1 || c.Failed < r.Damaged || c.Failed > 2 {
				t.Fatalf("%+v", c)
			}
			if i > 0 && (c.Rank < r.Candidates[i-1].Rank || c.Bits < r.Candidates[i-1].Bits) {
				t.Fatalf("%+v", r.Candidates)
			}
		}
	})
}

// TestWorkIsLinear has samples that are made to be dear: messages within
// messages, many fields, many elements, and open groups. It ends, is all that
// it says; quadratic work would not within the test's time.
func TestWorkIsLinear(t *testing.T) {
	table := everything()
	nested := []byte("\x08\x01")
	for range 3000 {
		nested = append(wire.AppendVarint(wire.AppendTag(nil, 11, wire.Len), uint64(len(nested))), nested...)
	}
	var many []byte
	for n := wire.Number(1); n < 200_000; n++ {
		many = wire.AppendVarint(wire.AppendTag(many, n, wire.Varint), uint64(n))
	}
	var different []byte
	for n := range 300_000 {
		different = wire.AppendVarint(wire.AppendTag(different, 1, wire.Varint), uint64(n))
	}
	packed := wire.AppendLen(wire.AppendTag(nil, 6, wire.Len), bytes.Repeat([]byte{0xff, 0x01, 0x02}, 500_000))
	groups := append(bytes.Repeat([]byte{0x53}, 100_000), bytes.Repeat([]byte{0x54}, 100_000)...)
	for _, sample := range [][]byte{nested, many, different, packed, groups} {
		table.Rank([][]byte{sample, sample}, Options{})
	}
}
