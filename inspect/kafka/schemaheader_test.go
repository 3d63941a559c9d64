package kafka

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/pbscope/pbscope/inspect/span"
)

// TestConfluentCaptures compares every header of the Confluent topics with
// what the clients that wrote them said.
func TestConfluentCaptures(t *testing.T) {
	seen := 0
	for _, topic := range []string{"trades-confluent-0", "trades-confluent-1", "trades-confluent-headers-0"} {
		dir := filepath.Join(captures(t), "segments")
		want := readExpected(t, filepath.Join(dir, topic+".expected.jsonl"))
		frames := readAll(t, Segment(), bytes.NewReader(read(t, filepath.Join(dir, topic, "00000000000000000000.log"))), nil)
		for i, f := range frames {
			k := f.Meta.Kafka
			for _, part := range []struct {
				data []byte
				key  bool
				want *expectedSchema
			}{{f.Payload, false, want[i].Schema}, {k.Key, true, want[i].KeySchema}} {
				h, problem, ok := FindSchemaHeader(k.Headers, part.key)
				if !ok && part.want == nil {
					continue
				}
				if !ok {
					h, problem = ParseConfluent(part.data, part.want.How == "confluent-prefix-plain")
				}
				seen++
				compareSchema(t, topic+" "+itoa(i), h, problem, part.want)
			}
		}
	}
	if seen < 70 {
		t.Errorf("only %d headers", seen)
	}
}

func compareSchema(t *testing.T, name string, h SchemaHeader, problem *span.Problem, want *expectedSchema) {
	t.Helper()
	if want.MessageIndexes == nil {
		if problem == nil || problem.Tag != span.InvalidSchemaHeader {
			t.Errorf("%s: got %+v, want a problem", name, h)
		}
		return
	}
	in := "prefix"
	if want.How == "confluent-header" {
		in = "header"
	}
	switch {
	case problem != nil:
		t.Errorf("%s: %v", name, problem)
	case h.Kind != "confluent" || h.In != in || h.GUID != want.GUID || fmt.Sprint(h.MessageIndexes) != fmt.Sprint(want.MessageIndexes):
		t.Errorf("%s: got %+v, want %+v", name, h, want)
	case want.GUID == "" && (!h.HasID || h.SchemaID != int64(*want.SchemaID)):
		t.Errorf("%s: schema id %d, want %d", name, h.SchemaID, *want.SchemaID)
	case want.HeaderLength != nil && h.Length != *want.HeaderLength:
		t.Errorf("%s: length %d, want %d", name, h.Length, *want.HeaderLength)
	}
}

func TestConfluentBytes(t *testing.T) {
	tests := []struct {
		data, want string
		plain      bool
	}{
		{"", "0 no schema header: the value is empty", false},
		{"00", "1 the value ends within the schema id", false},
		{"0000000001", "5 the message indexes are cut or no varints", false},
		{"000000000100", "1  [0] 6", false},
		{"0000000001020001", "1  [0] 7", false},
		{"0000000001020200", "1  [1] 7", false},
		{"0000000001020200", "1  [2 0] 8", true},
		{"00ffffffff0402", "7 the message indexes are cut or no varints", false},
		{"000000000101", "5 a message index or their count is -1", false},
		{"0000000001ffffffffffffffffff01", "5 a message index or their count is -9223372036854775808", false},
		{"0000000001feffffffffffffffff01", "5 a message index or their count is 9223372036854775807", false},
		{"0000000001feffffff0f", "10 the message indexes are cut or no varints", false},
		{"015e04690de337ca2dcc4c58b777e060180208", "0 5e04690d-e337-ca2d-cc4c-58b777e06018 [4] 19", false},
		{"015e04690de337ca2dcc4c58b777e060", "16 the value ends within the schema's GUID", false},
		{"0a00", "0 no Confluent schema header: the first byte is 10, not 0 or 1", false},
	}
	for _, test := range tests {
		h, problem := ParseConfluent(unhex(test.data), test.plain)
		got := fmt.Sprintf("%d %s %v %d", h.SchemaID, h.GUID, h.MessageIndexes, h.Length)
		if problem != nil {
			got = fmt.Sprintf("%d %s", problem.Offset, problem.Message)
		}
		if got != test.want {
			t.Errorf("%s: got %s, want %s", test.data, got, test.want)
		}
	}
}

func TestGlue(t *testing.T) {
	const uuid = "b7b4a7f09c964e4a9a6b6f1f3c2d1e00"
	h, problem := ParseGlue(unhex("0300" + uuid + "05" + "0801"))
	if problem != nil || h.GUID != "b7b4a7f0-9c96-4e4a-9a6b-6f1f3c2d1e00" || fmt.Sprint(h.MessageIndexes) != "[5]" || h.Length != 19 || h.Zlib {
		t.Errorf("got %+v %v", h, problem)
	}
	var packed bytes.Buffer
	z := zlib.NewWriter(&packed)
	z.Write(append([]byte{7}, bytes.Repeat([]byte{8, 1}, 1000)...))
	z.Close()
	value := append(unhex("0305"+uuid), packed.Bytes()...)
	h, problem = ParseGlue(value)
	if problem != nil || !h.Zlib || h.Length != 18 {
		t.Fatalf("got %+v %v", h, problem)
	}
	body, problem := h.Inflate(value, 1<<20)
	if problem != nil || fmt.Sprint(h.MessageIndexes) != "[7]" || len(body) != 2000 {
		t.Errorf("got %+v %v", h, problem)
	}
	if _, problem = h.Inflate(value, 1000); problem == nil || problem.Tag != span.TooLarge {
		t.Errorf("got %v", problem)
	}
	for n := range value {
		h, problem := ParseGlue(value[:n])
		if problem == nil {
			_, problem = h.Inflate(value[:n], 1<<20)
		}
		if problem == nil {
			t.Errorf("the first %d bytes are accepted", n)
		}
	}
}

func TestApicurio(t *testing.T) {
	tests := []struct {
		data   string
		layout ApicurioLayout
		want   string
	}{
		{"000000000708", ApicurioLayout{}, "7  [] 5"},
		{"00000000000000000708", ApicurioLayout{LongID: true}, "7  [] 9"},
		{"0000000007070a05547261646508", ApicurioLayout{Ref: true}, "7 Trade [] 13"},
		{"0000000007070a055472616465020408", ApicurioLayout{Ref: true, Indexes: true}, "7 Trade [2] 15"},
		{"000000000700", ApicurioLayout{Indexes: true}, "7  [0] 6"},
		{"0000000007070a0554726164", ApicurioLayout{Ref: true}, "5 the Ref message of the schema header is cut"},
		{"0000000007020a05", ApicurioLayout{Ref: true}, "6 the Ref message of the schema header cannot be read"},
		{"00000000", ApicurioLayout{}, "4 the value ends within the schema id"},
		{"01", ApicurioLayout{}, "0 no Apicurio schema header: the first byte is not 0"},
	}
	for _, test := range tests {
		h, problem := ParseApicurio(unhex(test.data), test.layout)
		got := fmt.Sprintf("%d %s %v %d", h.SchemaID, h.MessageName, h.MessageIndexes, h.Length)
		if problem != nil {
			got = fmt.Sprintf("%d %s", problem.Offset, problem.Message)
		}
		if got != test.want {
			t.Errorf("%s: got %s, want %s", test.data, got, test.want)
		}
	}
}
