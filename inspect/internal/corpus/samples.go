package corpus

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/inspect/internal/conformance"
	"github.com/pbscope/pbscope/inspect/wire"
)

// Sample is a message as bytes, JSON or text format.
type Sample struct {
	// Name says where it is from.
	Name string
	// Type is its number in Types.
	Type uint8
	// Form is "protobuf", "json" or "text".
	Form string
	Data []byte
}

// Samples are the messages of the fixtures, whole and damaged, and those of
// the conformance suite: what its cases read and, as bytes, what must come
// of them. No two are the same.
func (t Types) Samples(tb testing.TB) []Sample {
	tb.Helper()
	s := sampler{types: t, seen: make(map[string]bool)}
	data := filepath.Join(Root(tb), "fixtures", "data")
	for _, f := range fixtures {
		b, err := os.ReadFile(filepath.Join(data, filepath.FromSlash(f.name)))
		if err != nil {
			tb.Fatal(err)
		}
		s.fixture(f.name, f.typ, b)
	}
	damaged, err := filepath.Glob(filepath.Join(data, "damaged", "*.binpb"))
	if err != nil || len(damaged) == 0 {
		tb.Fatalf("no damaged fixtures: %v", err)
	}
	for _, name := range damaged {
		b, err := os.ReadFile(name)
		if err != nil {
			tb.Fatal(err)
		}
		s.fixture(name, "user.v1.User", b)
		s.fixture(name, "user.v1.LegacyUser", b)
	}
	if os.Getenv(conformance.Variable) != "" {
		for _, c := range conformance.Load(tb).Cases {
			s.add(c.Name, c.MessageType, c.Input, c.Payload)
			s.add(c.Name, c.MessageType, "protobuf", c.Expect.Wire)
		}
	}
	return s.samples
}

// Of are the samples of one form that are shorter than most bytes.
func Of(samples []Sample, form string, most int) []Sample {
	var list []Sample
	for _, s := range samples {
		if s.Form == form && len(s.Data) < most {
			list = append(list, s)
		}
	}
	return list
}

var fixtures = [...]struct {
	name string
	typ  protoreflect.FullName
}{
	{"trades/trade.binpb", "trades.v1.Trade"},
	{"trades/trade.json", "trades.v1.Trade"},
	{"trades/trade.txtpb", "trades.v1.Trade"},
	{"trades/quote.binpb", "trades.v1.Quote"},
	{"trades/quote.json", "trades.v1.Quote"},
	{"trades/wrappers.delimited", "trades.v1.MessageWrapper"},
	{"trades/wrappers.jsonl", "trades.v1.MessageWrapper"},
	{"trades/quotes.delimited", "trades.v1.Quote"},
	{"trades/quotes.jsonl", "trades.v1.Quote"},
	{"user/user.binpb", "user.v1.User"},
	{"user/user.json", "user.v1.User"},
	{"user/users.delimited", "user.v1.User"},
	{"user/users.jsonl", "user.v1.User"},
	{"user/newer.binpb", "user.v1.User"},
	{"user/unknown-any.binpb", "user.v1.User"},
	{"user/scalars-max.binpb", "user.v1.Scalars"},
	{"user/scalars-max.json", "user.v1.Scalars"},
	{"user/scalars-min.binpb", "user.v1.Scalars"},
	{"user/scalars-min.json", "user.v1.Scalars"},
	{"user/wrappers.binpb", "user.v1.Wrappers"},
	{"user/wrappers.json", "user.v1.Wrappers"},
	{"user/legacy.binpb", "user.v1.LegacyUser"},
	{"user/legacy.json", "user.v1.LegacyUser"},
	{"user/modern.binpb", "user.v1.ModernUser"},
	{"user/modern.json", "user.v1.ModernUser"},
}

type sampler struct {
	types   Types
	samples []Sample
	seen    map[string]bool
}

// fixture adds the messages of a file; of a stream the first hundred.
func (s *sampler) fixture(name string, typ protoreflect.FullName, b []byte) {
	const most = 100
	switch filepath.Ext(name) {
	case ".delimited":
		for i := 0; len(b) > 0 && i < most; i++ {
			content, _, n, code := wire.ConsumeLen(b)
			if code != wire.OK {
				return
			}
			s.add(name, typ, "protobuf", content)
			b = b[n:]
		}
	case ".jsonl":
		for i, line := range strings.SplitAfter(string(b), "\n") {
			if i < most {
				s.add(name, typ, "json", []byte(line))
			}
		}
	case ".json":
		s.add(name, typ, "json", b)
	case ".txtpb":
		s.add(name, typ, "text", b)
	default:
		s.add(name, typ, "protobuf", b)
	}
}

func (s *sampler) add(name string, typ protoreflect.FullName, form string, data []byte) {
	number := s.types.Number(typ)
	if key := string(typ) + form + string(data); number >= 0 && !s.seen[key] {
		s.seen[key] = true
		s.samples = append(s.samples, Sample{name, uint8(number), form, data})
	}
}
