package transcode

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/pbscope/pbscope/inspect/internal/conformance"
	"github.com/pbscope/pbscope/inspect/plan"
	"github.com/pbscope/pbscope/inspect/wire"
)

// load is messages of one type to measure with.
type load struct {
	name     string
	message  *plan.Message
	types    *dynamicpb.Types
	payloads [][]byte
}

func loads(b testing.TB) []load {
	return []load{tradesLoad(b), descriptorsLoad(b), packedLoad(b), stringsLoad(b), mapsLoad(b)}
}

func tradesLoad(b testing.TB) load {
	source, err := os.ReadFile("../../fixtures/schemas/trades/trades.proto")
	if err != nil {
		b.Fatal(err)
	}
	s := conformance.Compile(b, string(source))
	l := load{"trades", s.Message(b, "trades.v1.MessageWrapper"), s.Types, nil}
	r, e := rand.New(rand.NewPCG(1, 2)), NewEncoder(EncodeOptions{})
	for i := range 1000 {
		doc := fmt.Appendf(nil, `{"msgType":"MSG_TYPE_TRADE","trade":{"symbol":"%s","price":%.2f,"quantity":"%d","tradeId":"%d",`+
			`"side":"SIDE_BUY","executedAt":"2026-03-04T14:%02d:%02d.%09dZ","venue":%d,"conditions":[%d,37,%d],`+
			`"signature":"c2lnbmF0dXJlIG9mIGEgdHJhZGUgdGhhdCBpcyA0OCBieXRlcyBsb25nLi4u","legs":[{"symbol":"ESM6","ratio":1},{"symbol":"ESU6","ratio":-1}]},`+
			`"sentAt":"2026-03-04T14:%02d:%02d.%06dZ","labels":{"desk":"equities","strategy":"momentum-%d","region":"us-east"}}`,
			[]string{"AAPL", "MSFT", "SPY", "BRK.B"}[i%4], 10+990*r.Float64(), r.IntN(20000)-10000, r.Int64N(1<<50), r.IntN(60), r.IntN(60), r.IntN(1e9),
			r.IntN(30), r.IntN(100), r.IntN(100), r.IntN(60), r.IntN(60), r.IntN(1e6), r.IntN(100))
		payload, p := e.Append(nil, l.message, doc)
		if p != nil {
			b.Fatal(p)
		}
		l.payloads = append(l.payloads, payload)
	}
	return l
}

func descriptorsLoad(b testing.TB) load {
	set := new(descriptorpb.FileDescriptorSet)
	protoregistry.GlobalFiles.RangeFiles(func(f protoreflect.FileDescriptor) bool {
		set.File = append(set.File, protodesc.ToFileDescriptorProto(f))
		return true
	})
	for len(set.File) < 100 {
		set.File = append(set.File, set.File...)
	}
	payload, err := proto.Marshal(set)
	if err != nil {
		b.Fatal(err)
	}
	types := dynamicpb.NewTypes(protoregistry.GlobalFiles)
	m := plan.NewSet(conformance.Resolver{Types: types}).Message(set.ProtoReflect().Descriptor())
	return load{"descriptors", m, types, [][]byte{payload}}
}

const benchSchema = `
syntax = "proto3";
message Packed { repeated int64 varints = 1; repeated double doubles = 2; repeated uint32 small = 3; repeated float floats = 4; }
message Strings { repeated string text = 1; }
message Maps { map<string, string> labels = 1; map<int32, double> values = 2; }
`

func packedLoad(b testing.TB) load {
	s, r := conformance.Compile(b, benchSchema), rand.New(rand.NewPCG(1, 2))
	var fields [4][]byte
	for range 5000 {
		fields[0] = wire.AppendVarint(fields[0], r.Uint64()>>r.IntN(64))
		fields[1] = wire.AppendI64(fields[1], math.Float64bits(math.Round(r.Float64()*1e7)/1e4))
		fields[2] = wire.AppendVarint(fields[2], uint64(r.IntN(1000)))
		fields[3] = wire.AppendI32(fields[3], math.Float32bits(float32(r.IntN(100000))/100))
	}
	var payload []byte
	for i, f := range fields {
		payload = wire.AppendLen(wire.AppendTag(payload, wire.Number(i+1), wire.Len), f)
	}
	return load{"packed", s.Message(b, "Packed"), s.Types, [][]byte{payload}}
}

func stringsLoad(b testing.TB) load {
	s := conformance.Compile(b, benchSchema)
	var payload []byte
	for i := range 1000 {
		text := fmt.Sprintf("a line of a log, number %d, which has the usual length and now and then a \"quoted\" word", i)
		if i%4 == 0 {
			text = "Größe und Übermaß, naïve façade, Ελληνικά, 日本語のテキスト"
		}
		payload = wire.AppendLen(wire.AppendTag(payload, 1, wire.Len), []byte(text))
	}
	return load{"strings", s.Message(b, "Strings"), s.Types, [][]byte{payload}}
}

func mapsLoad(b testing.TB) load {
	s, r := conformance.Compile(b, benchSchema), rand.New(rand.NewPCG(1, 2))
	var payload []byte
	for range 1000 {
		e := wire.AppendLen(wire.AppendTag(nil, 1, wire.Len), fmt.Appendf(nil, "label-%d", r.Uint32()))
		e = wire.AppendLen(wire.AppendTag(e, 2, wire.Len), []byte("some value"))
		payload = wire.AppendLen(wire.AppendTag(payload, 1, wire.Len), e)
	}
	for i := range 1000 {
		e := wire.AppendVarint(wire.AppendTag(nil, 1, wire.Varint), uint64(i*7919%1000))
		e = wire.AppendI64(wire.AppendTag(e, 2, wire.I64), math.Float64bits(float64(r.IntN(10000))/8))
		payload = wire.AppendLen(wire.AppendTag(payload, 2, wire.Len), e)
	}
	return load{"maps", s.Message(b, "Maps"), s.Types, [][]byte{payload}}
}

func (l *load) bytes() int64 {
	n := 0
	for _, p := range l.payloads {
		n += len(p)
	}
	return int64(n / len(l.payloads))
}

func BenchmarkDecode(b *testing.B) {
	for _, l := range loads(b) {
		for _, o := range []struct {
			name string
			Options
		}{{"plain", Options{}}, {"lossless", Options{Lossless: true}}} {
			b.Run(l.name+"/"+o.name, func(b *testing.B) {
				b.SetBytes(l.bytes())
				b.ReportAllocs()
				d, ok := NewDecoder(o.Options), false
				var dst []byte
				for i := range b.N {
					if dst, _, ok = d.Append(dst[:0], l.message, l.payloads[i%len(l.payloads)]); !ok {
						b.Fatal("refused")
					}
				}
			})
		}
	}
}

// BenchmarkDecodePeer is protobuf-go's dynamic messages and protojson over the
// same input.
func BenchmarkDecodePeer(b *testing.B) {
	for _, l := range loads(b) {
		b.Run(l.name, func(b *testing.B) {
			b.SetBytes(l.bytes())
			b.ReportAllocs()
			var dst []byte
			for i := range b.N {
				m := dynamicpb.NewMessage(l.message.Desc)
				err := (proto.UnmarshalOptions{Resolver: l.types}).Unmarshal(l.payloads[i%len(l.payloads)], m)
				if err == nil {
					dst, err = (protojson.MarshalOptions{Resolver: l.types}).MarshalAppend(dst[:0], m)
				}
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// TestDecodeAllocatesNothing has a decoder that has seen the messages before
// allocate nothing for them.
func TestDecodeAllocatesNothing(t *testing.T) {
	for _, l := range loads(t) {
		for _, o := range []Options{{}, {Lossless: true}, {Sort: true}} {
			d := NewDecoder(o)
			var dst []byte
			run := func() {
				for _, p := range l.payloads {
					dst, _, _ = d.Append(dst[:0], l.message, p)
				}
			}
			run()
			if n := testing.AllocsPerRun(3, run); n != 0 {
				t.Errorf("%s %+v: %v allocations for %d messages", l.name, o, n, len(l.payloads))
			}
		}
	}
}
