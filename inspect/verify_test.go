package inspect

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pbscope/pbscope/inspect/span"
	"github.com/pbscope/pbscope/inspect/transcode"
)

// TestVerifierFindsDifferences has one of the engines say something else.
func TestVerifierFindsDifferences(t *testing.T) {
	m := fixtureSet(t).Named("trades.v1.Trade")
	payload, err := os.ReadFile(filepath.Join("..", "fixtures", "data", "trades", "trade.binpb"))
	if err != nil {
		t.Fatal(err)
	}
	doc, _, _ := transcode.NewDecoder(transcode.Options{Lossless: true}).Append(nil, m, payload)
	for _, c := range []struct {
		name string
		o    transcode.Options
		doc  []byte
		mar  func(v *verifier)
		want string
	}{
		{"nothing", transcode.Options{Lossless: true}, doc, func(*verifier) {}, ""},
		{"another value", transcode.Options{}, nil, func(v *verifier) { v.explain.EnumNumbers = true }, "print this message differently from byte"},
		{"another verdict", transcode.Options{}, nil, func(v *verifier) { v.explain.MaxDepth, v.explain.RefuseUnknown = 1, true }, "the other refuses it"},
		{"lossless that loses", transcode.Options{Lossless: true}, []byte(`{"tradeId":"1"}`), func(*verifier) {}, "does not encode to its bytes"},
		{"lossless that encode refuses", transcode.Options{Lossless: true}, []byte(`{"tradeId":"x"}`), func(*verifier) {}, "encode refuses: "},
	} {
		v := newVerifier(c.o)
		c.mar(v)
		payload := payload
		if c.name == "another verdict" {
			payload = append([]byte{0xf8, 0x3f, 1}, payload...) // field 1023
		}
		p := v.check(m, payload, span.Unknown, c.doc)
		switch {
		case (p == nil) != (c.want == ""):
			t.Errorf("%s: %v", c.name, p)
		case p != nil && (p.Tag != span.EnginesDiffer || !strings.Contains(p.Message, c.want)):
			t.Errorf("%s: %s %v, want %q", c.name, p.Tag, p, c.want)
		}
	}
}
