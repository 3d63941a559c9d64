package transcode

import (
	"bytes"
	"os"
	"strconv"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/pbscope/pbscope/inspect/internal/conformance"
	"github.com/pbscope/pbscope/inspect/plan"
)

const tradeFixtures = "../../fixtures/data/trades/"

// tradeLines are the JSON lines of the fixture of MessageWrappers, and their
// type for us and for protobuf-go.
func tradeLines(t testing.TB) (lines [][]byte, m *plan.Message, types *dynamicpb.Types) {
	t.Helper()
	set, err := os.ReadFile(tradeFixtures + "trades.protoset")
	if err != nil {
		t.Fatal(err)
	}
	types, err = conformance.Types(set)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(tradeFixtures + "wrappers.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	m = plan.NewSet(conformance.Resolver{Types: types}).Named("trades.v1.MessageWrapper")
	return bytes.Split(bytes.TrimSpace(text), []byte{'\n'}), m, types
}

func TestEncodeAllocatesNothing(t *testing.T) {
	lines, m, _ := tradeLines(t)
	lines = append(lines, []byte(`{"sentAt":"2026-03-02T14:39:13Z","labels":{"a":"1","b":"\u00e9\"","c":""},"trade":{"venue":1e2,"price":"1.25","signature":"AAEC","symbol":"x"},"@unknown":[{"field":99,"wire":"varint","value":"7"}]}`))
	e := NewEncoder(EncodeOptions{})
	out := make([]byte, 0, 1<<16)
	each := func() {
		for _, line := range lines {
			if _, p := e.Append(out, m, line); p != nil {
				t.Fatal(p)
			}
			if _, _, ok := ErrorRecord(line); ok {
				t.Fatal("an error record")
			}
		}
	}
	each()
	if n := testing.AllocsPerRun(20, each); n != 0 {
		t.Errorf("%v allocations for %d messages", n, len(lines))
	}
}

func BenchmarkEncodeTrades(b *testing.B) {
	lines, m, _ := tradeLines(b)
	e := NewEncoder(EncodeOptions{})
	var out []byte
	b.SetBytes(int64(len(bytes.Join(lines, nil))))
	b.ReportAllocs()
	for b.Loop() {
		for _, line := range lines {
			wire, p := e.Append(out[:0], m, line)
			if p != nil {
				b.Fatal(p)
			}
			out = wire
		}
	}
}

// BenchmarkEncodeTradesProtojson is the same work by protobuf-go.
func BenchmarkEncodeTradesProtojson(b *testing.B) {
	lines, m, types := tradeLines(b)
	var out []byte
	b.SetBytes(int64(len(bytes.Join(lines, nil))))
	b.ReportAllocs()
	for b.Loop() {
		for _, line := range lines {
			message := dynamicpb.NewMessage(m.Desc)
			if err := (protojson.UnmarshalOptions{Resolver: types}).Unmarshal(line, message); err != nil {
				b.Fatal(err)
			}
			wire, err := proto.MarshalOptions{}.MarshalAppend(out[:0], message)
			if err != nil {
				b.Fatal(err)
			}
			out = wire
		}
	}
}

// shapes are documents of one kind of content each, of the suite's
// TestAllTypesProto3.
func shapes() []struct{ name, text string } {
	list := func(field, element string, n int) string {
		return `{"` + field + `":[` + strings.TrimSuffix(strings.Repeat(element+",", n), ",") + `]}`
	}
	var entries strings.Builder
	for i := range 1000 {
		entries.WriteString(`"key` + strconv.Itoa(i) + `":"value",`)
	}
	return []struct{ name, text string }{
		{"packed integers", list("repeatedInt32", "1234567,-42,7", 2000)},
		{"packed doubles", list("repeatedDouble", "1234.5678,0.25,-1e-7", 2000)},
		{"strings", list("repeatedString", `"The quick brown fox jumps over the lazy dog, again and again"`, 2000)},
		{"strings beyond ASCII", list("repeatedString", `"Zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich"`, 2000)},
		{"escapes", list("repeatedString", `"a \"quoted\" word\nand a \u00fc"`, 2000)},
		{"bytes", list("repeatedBytes", `"`+strings.Repeat("AAECAwQF", 50)+`"`, 200)},
		{"map", `{"mapStringString":{` + strings.TrimSuffix(entries.String(), ",") + `}}`},
		{"messages", list("repeatedNestedMessage", `{"a":1,"corecursive":{"optionalInt32":5}}`, 2000)},
		{"struct", `{"optionalStruct":{` + strings.TrimSuffix(strings.ReplaceAll(entries.String(), `"value"`, `[1,true,null,{"a":"b"}]`), ",") + `}}`},
	}
}

func BenchmarkEncodeShapes(b *testing.B) {
	s := conformance.Schema(b)
	m := s.Message(b, "protobuf_test_messages.proto3.TestAllTypesProto3")
	for _, shape := range shapes() {
		b.Run(strings.ReplaceAll(shape.name, " ", "-"), func(b *testing.B) {
			e := NewEncoder(EncodeOptions{})
			var out []byte
			text := []byte(shape.text)
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				wire, p := e.Append(out[:0], m, text)
				if p != nil {
					b.Fatal(p)
				}
				out = wire
			}
		})
	}
}
