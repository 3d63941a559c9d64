package transcode

import (
	"bytes"
	"regexp"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/inspect/internal/conformance"
	"github.com/pbscope/pbscope/inspect/internal/corpus"
	"github.com/pbscope/pbscope/inspect/plan"
)

// roundTrips are the engines of the identities, reused as a pipeline does.
type roundTrips struct {
	plain, lossless *Decoder
	// lazy puts every length and every change of order off to the end.
	encode, lazy *Encoder
}

func newRoundTrips() *roundTrips {
	r := &roundTrips{
		plain: NewDecoder(Options{}), lossless: NewDecoder(Options{Lossless: true}),
		encode: NewEncoder(EncodeOptions{}), lazy: NewEncoder(EncodeOptions{}),
	}
	r.lazy.deferred.moves = 0
	return r
}

// wire says that an accepted payload comes back byte by byte from its lossless
// JSON, and that its canonical form is a fixpoint.
func (r *roundTrips) wire(t *testing.T, m *plan.Message, payload []byte) {
	t.Helper()
	text, _, ok := r.lossless.Append(nil, m, payload)
	if !ok {
		return
	}
	back, p := r.encode.Append(nil, m, text)
	if p != nil || !bytes.Equal(back, payload) {
		t.Fatalf("%x prints as %s and comes back as %x: %v", payload, text, back, p)
	}
	text, _, _ = r.plain.Append(nil, m, payload)
	r.fixpoint(t, m, text)
}

// fixpoint says that JSON which is read is printed again in a way that is read
// as the same bytes, and that putting work off changes nothing.
func (r *roundTrips) fixpoint(t *testing.T, m *plan.Message, text []byte) (wire []byte, accepted bool) {
	t.Helper()
	prefix := []byte("kept")
	first, p := r.encode.Append(prefix, m, text)
	lazy, q := r.lazy.Append(prefix, m, text)
	if (p == nil) != (q == nil) || !bytes.Equal(first, lazy) {
		t.Fatalf("%s is %x: %v; with all work put off %x: %v", text, first, p, lazy, q)
	}
	if p != nil {
		if !bytes.Equal(first, prefix) || p.Message == "" || p.Offset < 0 || p.Offset > int64(len(text)) || p.Line < 1 || p.Column < 1 {
			t.Fatalf("%s: problem %+v", text, p)
		}
		return nil, false
	}
	first = first[len(prefix):]
	printed, _, ok := r.plain.Append(nil, m, first)
	if !ok {
		return first, true // bytes of an error record or of an "@bytes" may be anything
	}
	second, p := r.encode.Append(nil, m, printed)
	if p != nil || !bytes.Equal(first, second) && !strings.Contains(string(text), `"@`) {
		t.Fatalf("%s is %x, prints as %s and comes back as %x: %v", text, first, printed, second, p)
	}
	return first, true
}

func TestRandomMessagesComeBack(t *testing.T) {
	s := conformance.Schema(t)
	r := newRoundTrips()
	for _, name := range randomTypes() {
		m := s.Message(t, name)
		for seed := range rounds(t) {
			for _, odds := range []int{0, 2, 30} {
				w := corpus.NewWriter(seed, odds)
				payload := w.Message(m, 0)
				r.wire(t, m, payload)
				r.wire(t, nil, payload)
				r.wire(t, m, w.Mutate(payload))
			}
		}
	}
}

// FuzzJSONEncode says that JSON is a fixpoint, and that it is accepted and
// means what protobuf-go says, where that is sure.
func FuzzJSONEncode(f *testing.F) {
	types := corpus.Load(f)
	samples, plain := types.Samples(f), NewDecoder(Options{})
	for _, s := range corpus.Of(samples, "json", 4096) {
		f.Add(s.Data, s.Type)
	}
	for _, s := range corpus.Of(samples, "protobuf", 512) {
		if text, _, ok := plain.Append(nil, types.At(s.Type).Message, s.Data); ok {
			f.Add(text, s.Type)
		}
	}
	f.Fuzz(func(t *testing.T, text []byte, which byte) {
		m, r := types.At(which), newRoundTrips()
		wire, accepted := r.fixpoint(t, m.Message, text)
		encodeAgrees(t, m.Suite, m.Message, text, wire, accepted)
		r.fixpoint(t, nil, text)
	})
}

// encodeAgrees compares with protobuf-go.
func encodeAgrees(t *testing.T, s *conformance.Suite, m *plan.Message, text, wire []byte, accepted bool) {
	t.Helper()
	if bytes.Contains(text, []byte(`@`)) || bytes.Contains(text, []byte(`\u0040`)) || bytes.Contains(text, []byte("message_set")) || bytes.Contains(text, []byte("messageSet")) {
		return
	}
	theirs := s.New(t, m.Name)
	err := protojson.UnmarshalOptions{Resolver: s.Types}.Unmarshal(text, theirs)
	if (err == nil) != accepted {
		if why := encodeStricter(m, text, accepted); why == "" {
			t.Fatalf("%s: %s: accepted %t, protobuf-go says %v", m.Name, text, accepted, err)
		}
		return
	}
	if err != nil {
		return
	}
	ours := s.New(t, m.Name)
	if err := (proto.UnmarshalOptions{Resolver: s.Types}).Unmarshal(wire, ours); err != nil {
		t.Fatalf("%s: %s is %x: %v", m.Name, text, wire, err)
	}
	if !proto.Equal(ours, theirs) {
		t.Fatalf("%s: %s is\n%v, protobuf-go says\n%v", m.Name, text, ours, theirs)
	}
}

// laxNumber is what protobuf-go reads as a number and RFC 8259 does not: an
// exponent without digits; in keys of maps leading zeros and a plus sign.
var laxNumber = regexp.MustCompile(`found (-?[0-9.]+[eE][+-]?$|the string "(\+|-?0[0-9\\]))`)

// encodeStricter names the known difference that explains a verdict that is
// not protobuf-go's, or is "".
func encodeStricter(m *plan.Message, text []byte, accepted bool) string {
	e := NewEncoder(EncodeOptions{})
	_, p := e.Append(nil, m, text)
	if accepted {
		return ""
	}
	if laxNumber.MatchString(p.Message) {
		return "a number such as 1e, and 01 as a key"
	}
	for _, known := range []string{
		"has no value of the number", // a closed enum: an unknown field on the wire
		"100 levels",                 // protobuf-go reads Struct to any depth
		"expected a duration",        // it reads +1s, .5s and 1.s
		"expected a field mask",      // it trims white space
		"expected a timestamp",       // it reads what Go's time package does
		"expected bytes in base64",   // it passes over line feeds
	} {
		if strings.Contains(p.Message, known) {
			return known
		}
	}
	return ""
}

func TestEncodeAgainstProtobufGo(t *testing.T) {
	s := conformance.Load(t)
	r := newRoundTrips()
	for _, c := range s.Cases {
		if c.Input != "json" || c.Category == "json_ignore_unknown" {
			continue
		}
		m := s.Message(t, c.MessageType)
		wire, accepted := r.fixpoint(t, m, c.Payload)
		if accepted {
			encodeAgrees(t, s, m, c.Payload, wire, accepted)
		}
	}
	for _, name := range []protoreflect.FullName{randomTypes()[0], randomTypes()[1], randomTypes()[2]} {
		m := s.Message(t, name)
		for seed := range rounds(t) {
			payload := corpus.NewWriter(seed, 0).Message(m, 0)
			text, failed, ok := r.plain.Append(nil, m, payload)
			if !ok || failed > 0 {
				continue
			}
			wire, accepted := r.fixpoint(t, m, text)
			encodeAgrees(t, s, m, text, wire, accepted)
		}
	}
}

// TestEncodeMutatedJSON changes the suite's JSON by chance.
func TestEncodeMutatedJSON(t *testing.T) {
	s := conformance.Load(t)
	r := newRoundTrips()
	w := corpus.NewWriter(8, 0)
	const letters = `{}[]":,\/-+.0123456789eEnulltruefalsNaIi_ ` + "\t\n\xc3\xa9"
	for _, c := range s.Cases {
		if c.Input != "json" || len(c.Payload) > 1000 {
			continue
		}
		m := s.Message(t, c.MessageType)
		for range rounds(t) / 40 {
			text := bytes.Clone(c.Payload)
			for range 1 + w.IntN(2) {
				i, letter := w.IntN(len(text)), letters[w.IntN(len(letters))]
				switch w.IntN(3) {
				case 0:
					text[i] = letter
				case 1:
					text = append(text[:i], text[i+1:]...)
				case 2:
					text = append(text[:i], append([]byte{letter}, text[i:]...)...)
				}
				if len(text) == 0 {
					break
				}
			}
			wire, accepted := r.fixpoint(t, m, text)
			encodeAgrees(t, s, m, text, wire, accepted)
		}
	}
}

// TestEncodeDepth says that a limit means the same both ways.
func TestEncodeDepth(t *testing.T) {
	s := conformance.Schema(t)
	plain, all := NewDecoder(Options{}), NewEncoder(EncodeOptions{})
	for limit := 1; limit < 9; limit++ {
		d, e := NewDecoder(Options{MaxDepth: limit}), NewEncoder(EncodeOptions{MaxDepth: limit})
		refused := 0
		for _, name := range randomTypes() {
			m := s.Message(t, name)
			for seed := range rounds(t) {
				payload := corpus.NewWriter(seed, 5).Message(m, 0)
				text, failed, ok := plain.Append(nil, m, payload)
				if !ok || failed > 0 || bytes.Contains(text, []byte(`"@type"`)) || bytes.Contains(text, []byte(`"wire":"len"`)) {
					// An Any that is too deep prints as bytes; a map entry that
					// is kept as bytes is nothing to the encoder.
					continue
				}
				whole, _ := all.Append(nil, m, text)
				_, _, fits := d.Append(nil, m, whole)
				_, p := e.Append(nil, m, text)
				if fits != (p == nil) {
					t.Fatalf("limit %d: %x fits %t; %s: %v", limit, whole, fits, text, p)
				}
				if p != nil {
					refused++
				}
			}
		}
		if refused == 0 && limit < 5 {
			t.Errorf("limit %d: nothing is too deep", limit)
		}
	}
}
