package inspect

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/descriptors"
	"github.com/pbscope/pbscope/inspect/frame"
	"github.com/pbscope/pbscope/inspect/plan"
	"github.com/pbscope/pbscope/inspect/span"
	"github.com/pbscope/pbscope/inspect/transcode"
)

// fixture is a file of fixtures/data and how to read it.
type fixture struct {
	name, form, typ string
	data            []byte
}

func fixtures(t testing.TB) []fixture {
	t.Helper()
	var all []fixture
	for _, f := range []fixture{
		{name: "trades/trade.binpb", form: "raw", typ: "trades.v1.Trade"},
		{name: "trades/wrappers.delimited", form: "delimited", typ: "trades.v1.MessageWrapper"},
		{name: "trades/quotes.delimited", form: "delimited", typ: "trades.v1.Quote"},
		{name: "trades/quotes.u32be", form: "u32be", typ: "trades.v1.Quote"},
		{name: "trades/quotes.u32le", form: "u32le", typ: "trades.v1.Quote"},
		{name: "trades/quotes.grpc", form: "grpc", typ: "trades.v1.Quote"},
		{name: "trades/quotes.hex", form: "hex", typ: "trades.v1.Quote"},
		{name: "trades/quotes.base64", form: "base64", typ: "trades.v1.Quote"},
		{name: "kafka/trades.kcat-json", form: "kcat-json", typ: "trades.v1.MessageWrapper"},
		{name: "kafka/trades.kcat-r", form: "kcat-r", typ: "trades.v1.MessageWrapper"},
		{name: "user/user.binpb", form: "raw", typ: "user.v1.User"},
		{name: "user/users.delimited", form: "delimited", typ: "user.v1.User"},
		{name: "user/newer.binpb", form: "raw", typ: "user.v1.User"},
		{name: "user/unknown-any.binpb", form: "raw", typ: "user.v1.User"},
		{name: "user/legacy.binpb", form: "raw", typ: "user.v1.LegacyUser"},
		{name: "user/modern.binpb", form: "raw", typ: "user.v1.ModernUser"},
	} {
		data, err := os.ReadFile(filepath.Join("..", "fixtures", "data", f.name))
		if err != nil {
			t.Fatal(err)
		}
		f.data = data
		all = append(all, f)
	}
	return all
}

// fixtureSet is the plans of all schemas in fixtures/schemas.
func fixtureSet(t testing.TB) *plan.Set {
	t.Helper()
	root := filepath.Join("..", "fixtures", "schemas")
	schema, err := descriptors.Open(descriptors.Sources{
		ImportPaths: []string{filepath.Join(root, "trades"), root},
		Protos:      []string{"trades.proto", "user/v1/user.proto", "user/v1/legacy.proto", "user/v1/modern.proto"},
	})
	if err != nil {
		t.Fatal(err)
	}
	return plan.NewSet(schema)
}

// memorySink keeps what a run writes.
type memorySink struct {
	framing frame.Writer
	out     []byte
}

func (s *memorySink) Put(f *frame.Frame, _ *Record, out []byte) (err error) {
	if s.framing == nil {
		s.out = append(s.out, out...)
		return nil
	}
	f.Payload = out
	s.out, err = s.framing.Append(s.out, f)
	return err
}

func (s *memorySink) Flush() error { return nil }

// collect is a Report that keeps the problems.
type collect struct{ problems []*span.Problem }

func (c *collect) Problem(_ string, p *span.Problem) { c.problems = append(c.problems, p) }
func (c *collect) Unreadable(_ string, err error) {
	c.problems = append(c.problems, span.New(span.InvalidFrame, 0, err.Error()))
}

func runOver(t testing.TB, data []byte, reader func(*frame.Input) frame.Reader, worker func() Worker, framing frame.Writer) ([]byte, Counts, []*span.Problem) {
	t.Helper()
	sink := &memorySink{framing: framing}
	report := new(collect)
	p := &Pipeline{
		Sources:   []Source{{Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }}},
		Reader:    func(in *frame.Input, _ *Source) (frame.Reader, error) { return reader(in), nil },
		NewWorker: worker,
		Sink:      sink,
		Report:    report,
	}
	counts, err := p.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if framing != nil {
		if sink.out, err = framing.Finish(sink.out); err != nil {
			t.Fatal(err)
		}
	}
	return sink.out, counts, report.problems
}

func decodeAll(t testing.TB, form frame.Form, set *plan.Set, m *plan.Message, data []byte, lossless bool) ([]byte, Counts) {
	t.Helper()
	o := DecodeOptions{Set: set, Type: m, Envelope: form.Meta, Options: transcode.Options{Lossless: lossless}}
	out, counts, _ := runOver(t, data, func(in *frame.Input) frame.Reader { return form.Read(in, &frame.Options{}) },
		func() Worker { return NewDecoder(o) }, nil)
	return out, counts
}

func encodeAll(t testing.TB, form frame.Form, set *plan.Set, m *plan.Message, text []byte) ([]byte, []*span.Problem) {
	t.Helper()
	o := EncodeOptions{Set: set, Type: m, Envelope: form.Meta}
	out, _, problems := runOver(t, text, func(in *frame.Input) frame.Reader { return frame.NewJSONDocs(in, &frame.Options{}) },
		func() Worker { return NewEncoder(o) }, form.Write(&frame.Options{}))
	return out, problems
}

// identity decodes data and encodes the JSON again.
func identity(t testing.TB, f fixture, set *plan.Set, data []byte, lossless bool) {
	t.Helper()
	form, ok := FormNamed(f.form)
	if !ok {
		t.Fatalf("no form %s", f.form)
	}
	m := set.Named(protoreflect.FullName(f.typ))
	text, _ := decodeAll(t, form, set, m, data, lossless)
	back, problems := encodeAll(t, form, set, m, text)
	for _, p := range problems {
		t.Errorf("%s: encode refuses what decode printed: %v\n%.2000s", f.name, p, text)
	}
	if bytes.Equal(back, data) {
		return
	}
	// A damaged byte may be another spelling of a frame: a length of more
	// bytes than it needs, a flag for a compression of nothing.
	if again, _ := decodeAll(t, form, set, m, back, lossless); !bytes.Equal(withoutOffsets(again), withoutOffsets(text)) {
		t.Errorf("%s: %d bytes come back as others:\n%.200x\n%.200x\n%.2000s\n%.2000s", f.name, len(data), data, back, text, again)
	}
}

// withoutOffsets is decode's output but for where things lie in the input.
func withoutOffsets(text []byte) []byte {
	return regexp.MustCompile(`"(inputOffset|offset)":\d+,`).ReplaceAll(text, nil)
}

// TestIdentity holds decode and encode to be inverses over the fixtures, which
// are written canonically.
func TestIdentity(t *testing.T) {
	set := fixtureSet(t)
	for _, f := range fixtures(t) {
		t.Run(f.name, func(t *testing.T) { identity(t, f, set, f.data, false) })
	}
}

// TestIdentityOfPrefixes cuts each fixture at every byte. What is cut fails,
// and comes back all the same.
func TestIdentityOfPrefixes(t *testing.T) {
	set := fixtureSet(t)
	for _, f := range fixtures(t) {
		if f.form == "hex" || f.form == "base64" || f.form == "kcat-json" {
			continue // a cut line has more than one spelling
		}
		t.Run(f.name, func(t *testing.T) {
			step := 1 + len(f.data)/300
			for n := 0; n < len(f.data) && !t.Failed(); n += step {
				identity(t, f, set, f.data[:n], true)
			}
		})
	}
}

// TestSingleByteChanges changes bytes of small fixtures in four ways.
// Nothing panics, and with --lossless every byte comes back.
func TestSingleByteChanges(t *testing.T) {
	set := fixtureSet(t)
	for _, f := range fixtures(t) {
		if len(f.data) > 2048 || f.form == "hex" || f.form == "base64" || f.form == "kcat-json" {
			continue
		}
		t.Run(f.name, func(t *testing.T) {
			for i := 0; i < len(f.data); i += 1 + len(f.data)/250 {
				for _, change := range []byte{0x01, 0x80, 0xff, f.data[i]} {
					data := bytes.Clone(f.data)
					data[i] ^= change
					identity(t, f, set, data, true)
					if t.Failed() {
						t.Fatalf("byte %d xor %#x", i, change)
					}
				}
			}
		})
	}
}

// TestWrongType reads every fixture as another type: records fail or show
// unknown fields, and the bytes come back.
func TestWrongType(t *testing.T) {
	set := fixtureSet(t)
	for _, f := range fixtures(t) {
		for _, typ := range []string{"trades.v1.Quote", "user.v1.User", "google.protobuf.Struct"} {
			f.typ = typ
			t.Run(f.name+" as "+typ, func(t *testing.T) { identity(t, f, set, f.data, true) })
		}
	}
}

// TestSchemaless needs no type at all.
func TestSchemaless(t *testing.T) {
	for _, f := range fixtures(t) {
		form, _ := FormNamed(f.form)
		text, counts := decodeAll(t, form, nil, nil, f.data, true)
		if counts.Failed > 0 {
			t.Errorf("%s: %d records fail without a schema", f.name, counts.Failed)
		}
		back, _ := encodeAll(t, form, nil, nil, text)
		if !bytes.Equal(back, f.data) {
			t.Errorf("%s: other bytes come back without a schema: %.2000s", f.name, text)
		}
		if !strings.Contains(string(text), "@unknown") {
			t.Errorf("%s: %.2000s", f.name, text)
		}
	}
}
