package message

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"

	"github.com/pbscope/pbscope/inspect/internal/conformance"
	"github.com/pbscope/pbscope/inspect/plan"
	"github.com/pbscope/pbscope/inspect/wire"
)

// tallyOf counts, over fields whose kind the schema tells, how often the best
// reading without the schema is that kind.
type tallyOf struct {
	hits, all map[string]int
	misses    map[string]int
}

func newTally() *tallyOf {
	return &tallyOf{hits: map[string]int{}, all: map[string]int{}, misses: map[string]int{}}
}

// add explains payload with and without its type and compares.
func (c *tallyOf) add(m *plan.Message, payload []byte) {
	truth := Explain(m, payload, Options{})
	if truth.Problem != nil {
		return
	}
	guess := Explain(nil, payload, Options{})
	best := map[int]As{}
	for i := range guess.Len() {
		if r := guess.Readings(i); len(r) > 0 {
			best[guess.Node(i).Offset] = r[0].As
		}
	}
	for i := range truth.Len() {
		n := truth.Node(i)
		if n.Why != Known || n.Wire != wire.Len || len(truth.Content(i)) == 0 {
			continue
		}
		want := kindOf(&n)
		c.all[want.String()]++
		got, ok := best[n.Offset]
		if ok && got == want {
			c.hits[want.String()]++
			continue
		}
		name := "not reached"
		if ok {
			name = got.String()
		}
		c.misses[want.String()+" read as "+name]++
	}
}

func kindOf(n *Node) As {
	switch {
	case n.Type != nil:
		return AsMessage
	case n.Packed:
		switch wireType(n.Field) {
		case wire.I32:
			return AsPackedI32
		case wire.I64:
			return AsPackedI64
		}
		return AsPackedVarint
	case n.Field.Kind == protoreflect.StringKind:
		return AsString
	}
	return AsBytes
}

func (c *tallyOf) rate() float64 {
	hits, all := 0, 0
	for k, n := range c.all {
		hits += c.hits[k]
		all += n
	}
	if all == 0 {
		return 0
	}
	return float64(hits) / float64(all)
}

func (c *tallyOf) log(t *testing.T, name string) {
	t.Helper()
	for k, n := range c.all {
		t.Logf("%s: %-14s %5d of %5d (%.1f%%)", name, k, c.hits[k], n, 100*float64(c.hits[k])/float64(n))
	}
	var misses []string
	for k := range c.misses {
		misses = append(misses, k)
	}
	sort.Slice(misses, func(i, j int) bool { return c.misses[misses[i]] > c.misses[misses[j]] })
	for _, k := range misses {
		t.Logf("%s:   %s: %d", name, k, c.misses[k])
	}
	t.Logf("%s: %.2f%% in all", name, 100*c.rate())
}

func plansOf(t *testing.T, set []byte) *plan.Set {
	t.Helper()
	types, err := conformance.Types(set)
	if err != nil {
		t.Fatal(err)
	}
	return plan.NewSet(conformance.Resolver{Types: types})
}

func plansOfFile(t *testing.T, path string) *plan.Set {
	t.Helper()
	set, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return plansOf(t, set)
}

// TestReadingsOfFixtures holds the quality of readings over the repository's
// own samples.
func TestReadingsOfFixtures(t *testing.T) {
	data := filepath.Join("..", "..", "fixtures", "data")
	trades := plansOfFile(t, filepath.Join(data, "trades", "trades.protoset"))
	user := plansOfFile(t, filepath.Join(data, "user", "user.protoset"))
	c := newTally()
	for _, f := range []struct {
		plans     *plan.Set
		typ, file string
	}{
		{trades, "trades.v1.MessageWrapper", "trades/wrappers.delimited"},
		{trades, "trades.v1.Quote", "trades/quotes.delimited"},
		{user, "user.v1.User", "user/users.delimited"},
	} {
		b, err := os.ReadFile(filepath.Join(data, f.file))
		if err != nil {
			t.Fatal(err)
		}
		m := f.plans.Named(protoreflect.FullName(f.typ))
		for len(b) > 0 {
			content, _, n, code := wire.ConsumeLen(b)
			if code != wire.OK {
				t.Fatal(f.file, code)
			}
			c.add(m, content)
			b = b[n:]
		}
	}
	for typ, file := range map[string]string{"User": "user", "LegacyUser": "legacy", "ModernUser": "modern"} {
		b, err := os.ReadFile(filepath.Join(data, "user", file+".binpb"))
		if err != nil {
			t.Fatal(err)
		}
		c.add(user.Named(protoreflect.FullName("user.v1."+typ)), b)
	}
	c.log(t, "fixtures")
	if c.rate() < 0.97 {
		t.Errorf("the best reading is right for %.2f%% of the fields, want at least 97%%", 100*c.rate())
	}
}

// TestReadingsOfCaptures does the same over messages of real programs: the
// Kafka and gRPC captures, and descriptor sets.
func TestReadingsOfCaptures(t *testing.T) {
	dir := os.Getenv("PBSCOPE_CAPTURES")
	if dir == "" {
		t.Skip("PBSCOPE_CAPTURES does not name the folder of the captures")
	}
	for _, group := range []struct {
		name  string
		floor float64
		fill  func(c *tallyOf)
	}{
		{"kafka", 0.97, func(c *tallyOf) {
			plans := plansOfFile(t, filepath.Join(dir, "kafka", "schemas.binpb"))
			files, _ := filepath.Glob(filepath.Join(dir, "kafka", "segments", "*.expected.jsonl"))
			addRecords(t, c, plans, files, "value")
		}},
		{"grpc", 0.97, func(c *tallyOf) {
			files, _ := filepath.Glob(filepath.Join(dir, "grpc", "*.expected.jsonl.gz"))
			for _, set := range []string{"market.binpb", "grpc-std.binpb"} {
				addRecords(t, c, plansOfFile(t, filepath.Join(dir, "grpc", set)), files, "raw")
			}
		}},
		{"descriptors", 0.98, func(c *tallyOf) {
			sets, _ := filepath.Glob(filepath.Join(dir, "*", "*.binpb"))
			m := plan.NewSet(nil).Message(descriptorSet())
			for _, file := range sets {
				b, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				c.add(m, b)
			}
		}},
	} {
		c := newTally()
		group.fill(c)
		c.log(t, group.name)
		if c.rate() < group.floor {
			t.Errorf("%s: the best reading is right for %.2f%% of the fields, want at least %.0f%%",
				group.name, 100*c.rate(), 100*group.floor)
		}
	}
}

// addRecords adds the records of lists of expected results: key is where the
// bytes stand in base64.
func addRecords(t *testing.T, c *tallyOf, plans *plan.Set, files []string, key string) {
	t.Helper()
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(file, ".gz") {
			z, err := gzip.NewReader(bytes.NewReader(b))
			if err != nil {
				t.Fatal(err)
			}
			if b, err = io.ReadAll(z); err != nil {
				t.Fatal(err)
			}
		}
		lines := bufio.NewScanner(bytes.NewReader(b))
		lines.Buffer(nil, 64<<20)
		for lines.Scan() {
			var record struct {
				Type       protoreflect.FullName
				Value, Raw []byte
				Schema     json.RawMessage
			}
			if json.Unmarshal(lines.Bytes(), &record) != nil || record.Type == "" || record.Schema != nil {
				continue
			}
			payload := record.Value
			if key == "raw" {
				payload = record.Raw
			}
			if m := plans.Named(record.Type); m != nil {
				c.add(m, payload)
			}
		}
	}
}

func descriptorSet() protoreflect.MessageDescriptor {
	return new(descriptorpb.FileDescriptorSet).ProtoReflect().Descriptor()
}
