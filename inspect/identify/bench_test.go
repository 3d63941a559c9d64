package identify

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/inspect/wire"
)

// BenchmarkRank30000 compares 30,000 types over samples of one of them: the
// time that somebody waits beside reading the schema.
func BenchmarkRank30000(b *testing.B) {
	const types = 30_000
	random := rand.New(rand.NewPCG(1, 2))
	table := new(Table)
	for i := range types {
		typ := Type{Name: fmt.Sprintf("t.T%d", i), Candidate: true}
		for n := range int32(1 + random.IntN(16)) {
			f := Field{Number: n + 1, Kind: protoreflect.Kind(random.IntN(18) + 1), Sub: -1, Implicit: true, UTF8: true}
			switch {
			case f.isMessage():
				f.Sub, f.Implicit, f.Kind = int32(random.IntN(types)), false, protoreflect.MessageKind
			case f.Kind == protoreflect.EnumKind:
				f.Kind = protoreflect.Int32Kind
			}
			typ.Fields = append(typ.Fields, f)
		}
		table.Types = append(table.Types, typ)
	}
	table.Index()
	for _, count := range []int{3, 100} {
		var samples [][]byte
		for range count {
			samples = append(samples, randomMessage(table, 4711, 4, random))
		}
		b.Run(fmt.Sprintf("samples=%d", count), func(b *testing.B) {
			for b.Loop() {
				table.Rank(samples, Options{})
			}
		})
	}
}

// randomMessage is a message of a type with most of its fields.
func randomMessage(t *Table, typ int32, levels int, random *rand.Rand) (message []byte) {
	for _, f := range t.Types[typ].Fields {
		if random.IntN(4) == 0 {
			continue
		}
		tag := wireType(f.Kind)
		message = wire.AppendTag(message, wire.Number(f.Number), tag)
		switch {
		case f.isMessage() && levels > 0:
			message = wire.AppendLen(message, randomMessage(t, f.Sub, levels-1, random))
		case f.Kind == protoreflect.BoolKind:
			message = append(message, 1)
		case tag == wire.Len:
			text := []byte("some words of text")
			message = wire.AppendLen(message, text[:random.IntN(len(text))])
		case tag == wire.I32:
			message = wire.AppendI32(message, random.Uint32())
		case tag == wire.I64:
			message = wire.AppendI64(message, random.Uint64())
		default:
			message = wire.AppendVarint(message, random.Uint64()>>(33+random.IntN(31)))
		}
	}
	return message
}
