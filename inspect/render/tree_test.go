package render

import (
	"encoding/hex"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pbscope/pbscope/inspect/internal/conformance"
	"github.com/pbscope/pbscope/inspect/message"
	"github.com/pbscope/pbscope/inspect/plan"
	"github.com/pbscope/pbscope/inspect/span"
)

// update rewrites the golden files; a run that rewrote something still fails.
var update = flag.Bool("update", false, "rewrite the golden files")

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	want, err := os.ReadFile(path)
	if err == nil && string(want) == string(got) {
		return
	}
	if !*update {
		t.Errorf("%s differs (-update rewrites it):\n%s", path, got)
		return
	}
	if err := os.WriteFile(path, got, 0o644); err != nil {
		t.Fatal(err)
	}
	t.Errorf("%s is rewritten", path)
}

func fixture(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", "fixtures", "data", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func fixturePlans(t testing.TB, set string) *plan.Set {
	t.Helper()
	types, err := conformance.Types(fixture(t, set))
	if err != nil {
		t.Fatal(err)
	}
	return plan.NewSet(conformance.Resolver{Types: types})
}

func TestGoldenTrees(t *testing.T) {
	trades := fixturePlans(t, "trades/trades.protoset")
	user := fixturePlans(t, "user/user.protoset")
	for _, c := range []struct {
		name, file string
		m          *plan.Message
		o          TreeOptions
	}{
		{"trade.txt", "trades/trade.binpb", trades.Named("trades.v1.Trade"), TreeOptions{}},
		{"trade-color.txt", "trades/trade.binpb", trades.Named("trades.v1.Trade"), TreeOptions{Color: true}},
		{"trade-untyped.txt", "trades/trade.binpb", nil, TreeOptions{Base: 4096}},
		{"trade-full.txt", "trades/trade.binpb", trades.Named("trades.v1.Trade"), TreeOptions{Full: true, Decimal: true}},
		{"user.txt", "user/user.binpb", user.Named("user.v1.User"), TreeOptions{}},
		{"newer.txt", "user/newer.binpb", user.Named("user.v1.User"), TreeOptions{}},
		{"unknown-any.txt", "user/unknown-any.binpb", user.Named("user.v1.User"), TreeOptions{}},
		{"newer-untyped.txt", "user/newer.binpb", nil, TreeOptions{}},
		{"bad-utf8.txt", "damaged/bad-utf8.binpb", trades.Named("trades.v1.Quote"), TreeOptions{}},
		{"nested-too-long.txt", "damaged/nested-too-long.binpb", user.Named("user.v1.User"), TreeOptions{}},
		{"packed-cut.txt", "damaged/packed-cut.binpb", user.Named("user.v1.Scalars"), TreeOptions{Full: true}},
	} {
		tree := message.Explain(c.m, fixture(t, c.file), message.Options{})
		golden(t, c.name, AppendTree(nil, tree, c.o))
		if c.o == (TreeOptions{}) {
			out := AppendIndented(nil, AppendTreeJSON(nil, tree, 0), JSONStyle{Indent: 1})
			golden(t, strings.TrimSuffix(c.name, ".txt")+".json", append(out, '\n'))
		}
	}
}

// node is a node of the JSON form, as a program reads it.
type node struct {
	Offset, Length int
	Field          int
	Nodes          []node
	Readings       []struct {
		As    string
		Value json.RawMessage
		Nodes []node
		Score float64
	}
}

// covers says whether nodes lie one after the other from from to to; as many
// bytes as a tag and a length take may stand before those of a node's content.
func covers(t *testing.T, nodes []node, from, to int) {
	t.Helper()
	for _, n := range nodes {
		if n.Offset != from {
			t.Errorf("a node at %d, want it at %d", n.Offset, from)
		}
		from += n.Length
		inner := n.Nodes
		for _, r := range n.Readings {
			if r.As == "message" {
				inner = r.Nodes
			}
		}
		if len(inner) > 0 {
			covers(t, inner, inner[0].Offset, inner[len(inner)-1].Offset+inner[len(inner)-1].Length)
		}
	}
	if from != to {
		t.Errorf("nodes end at %d, want %d", from, to)
	}
}

// limits of the output, in bytes for each byte of payload. Names of the schema
// come on top.
const (
	textFactor = 1500
	jsonFactor = 600
)

func check(t *testing.T, m *plan.Message, payload []byte) {
	t.Helper()
	tree := message.Explain(m, payload, message.Options{})
	line := AppendTreeJSON(nil, tree, 0)
	var top struct {
		Offset, Length int
		Nodes          []node
	}
	switch err := json.Unmarshal(line, &top); {
	case err == nil:
		if top.Length != len(payload) {
			t.Errorf("length %d, want %d", top.Length, len(payload))
		}
		covers(t, top.Nodes, 0, len(payload))
	case !strings.Contains(err.Error(), "max depth"):
		t.Fatalf("% x: %v in %s", payload, err, line)
	}
	text := AppendTree(nil, tree, TreeOptions{})
	if colored := AppendTree(nil, tree, TreeOptions{Color: true}); string(uncolored(colored)) != string(text) {
		t.Errorf("% x: colours change the text:\n%s\n%s", payload, uncolored(colored), text)
	}
	for _, l := range strings.Split(string(text), "\n") {
		if strings.HasSuffix(l, " ") {
			t.Errorf("% x: a blank at the end of %q", payload, l)
		}
	}
	full := AppendTree(nil, tree, TreeOptions{Full: true})
	if limit := textFactor*len(payload) + 2048; m == nil && (len(text) > limit || len(full) > limit) {
		t.Fatalf("%d and %d bytes of text for %d", len(text), len(full), len(payload))
	}
	if limit := jsonFactor*len(payload) + 8<<20; m == nil && len(line) > limit {
		t.Errorf("%d bytes of JSON for %d", len(line), len(payload))
	}
}

// TestHostile renders payloads that are made to cost much.
func TestHostile(t *testing.T) {
	nested := func(n int, seed string) []byte {
		b, _ := hex.DecodeString(seed)
		for range n {
			b = append(lengthPrefix(len(b)), b...)
		}
		return b
	}
	for name, b := range map[string][]byte{
		"nested messages":  nested(3000, "0801"),
		"nested text":      nested(3000, "0a05"+"2020202020"),
		"groups":           []byte(strings.Repeat("\x0b", 5000) + strings.Repeat("\x0c", 5000)),
		"open groups":      []byte(strings.Repeat("\x0b", 10000)),
		"deep open groups": []byte(strings.Repeat("\x0b", 30000)),
		"zeros":            make([]byte, 10000),
		"text":             []byte(strings.Repeat("a", 10000)),
		"packed":           append(lengthPrefix(10000), make([]byte, 10000)...),
		"small fields":     []byte(strings.Repeat("\x08\x01", 5000)),
		"empty fields":     []byte(strings.Repeat("\x0a\x00", 5000)),
	} {
		t.Run(name, func(t *testing.T) { check(t, nil, b) })
	}
}

// lengthPrefix is the tag of field 1 and a length.
func lengthPrefix(n int) []byte {
	b := []byte{0x0a}
	for n >= 0x80 {
		b = append(b, byte(n)|0x80)
		n >>= 7
	}
	return append(b, byte(n))
}

func TestDamagedFrame(t *testing.T) {
	p := span.InInput(span.Truncated, 5, "the input ends too early")
	tree := message.Damaged([]byte{5, 1, 2}, p)
	got := string(AppendTreeJSON(nil, tree, 5))
	want := `{"offset":5,"length":3,"nodes":[{"offset":0,"length":3,"value":"BQEC",` +
		`"problem":{"tag":"truncated","inputOffset":5,"message":"the input ends too early"}}],` +
		`"problem":{"tag":"truncated","inputOffset":5,"message":"the input ends too early"}}`
	if got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	AppendTree(nil, message.Damaged(nil, p), TreeOptions{})
}

// FuzzTree holds any bytes to the contract of the JSON form and to the limits
// of the output.
func FuzzTree(f *testing.F) {
	user := fixturePlans(f, "user/user.protoset")
	types := []*plan.Message{nil, user.Named("user.v1.User"), user.Named("user.v1.Scalars")}
	for _, name := range []string{"user", "newer", "unknown-any", "legacy", "modern", "scalars-min", "scalars-max", "wrappers"} {
		for i := range types {
			f.Add(i, fixture(f, "user/"+name+".binpb"))
		}
	}
	f.Fuzz(func(t *testing.T, i int, payload []byte) {
		check(t, types[uint(i)%uint(len(types))], payload)
	})
}
