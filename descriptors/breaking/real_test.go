package breaking

import (
	"context"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"
)

// TestRealPairs holds random messages against the reports about real schemas:
// PBSCOPE_SCHEMA_PAIRS is a list of OLD=NEW, separated by blanks, in the forms
// that breaking takes.
func TestRealPairs(t *testing.T) {
	pairs := strings.Fields(os.Getenv("PBSCOPE_SCHEMA_PAIRS"))
	if len(pairs) == 0 {
		t.Skip("PBSCOPE_SCHEMA_PAIRS names no pairs of schemas")
	}
	for _, pair := range pairs {
		old, new, _ := strings.Cut(pair, "=")
		t.Run(pair, func(t *testing.T) { realPair(t, old, new) })
	}
}

func realPair(t *testing.T, old, new string) {
	a, b, err := Load(context.Background(), Input{Name: old, NoMergeBase: true, Whole: true}, Input{Name: new, Whole: true})
	if err != nil {
		t.Fatal(err)
	}
	report := Compare(a, b, Options{})
	for _, f := range report.Findings {
		if (f.Breaks&(Backward|Forward) != 0) != (f.Witness != nil) {
			t.Errorf("%s %s breaks %v, witness %v", f.Rule, f.Element, f.Breaks.Words(), f.Witness)
		}
	}
	g := &generator{Rand: rand.New(rand.NewPCG(1, 1)), limit: 60}
	for _, d := range []Direction{Backward, Forward} {
		held, hurt := realDirection(t, g, report, a, b, d)
		t.Logf("%s: %d messages, %d hurt; %d of %d findings hit", d.Words(), held, hurt, report.Traffic.Hit, report.Traffic.Of)
	}
}

func realDirection(t *testing.T, g *generator, report *Report, a, b *Schema, d Direction) (held, hurt int) {
	v := &voices{a: a, b: b, forth: judge{forward: true}}
	w, r, j := v.side(d)
	traffic := report.HoldTraffic(map[Direction]string{Backward: "old", Forward: "new"}[d])
	for _, typ := range w.typeOrder {
		reader := r.types[typ.desc.FullName()]
		if reader == nil || strings.HasPrefix(string(typ.desc.FullName()), "google.protobuf.") {
			continue
		}
		for range 10 {
			g.used = 0
			m := g.message(typ.desc, 0)
			payload, err := proto.MarshalOptions{Deterministic: true, AllowPartial: true}.Marshal(m)
			if err != nil {
				continue
			}
			held++
			before := hits(report)
			traffic.Message(&Recorded{Number: int64(held), Offset: -1, Type: typ.desc.FullName(), Payload: payload})
			why := j.hurt(m, reader.desc)
			if why != "" {
				hurt++
			}
			if why != "" && hits(report) == before {
				t.Errorf("%s: a reader is hurt and no finding is hit: %s", typ.desc.FullName(), why)
				break
			}
		}
	}
	traffic.Finish()
	for _, u := range report.Traffic.Unreported {
		t.Errorf("unreported: %s: %s: %s -> %s %s", u.Element, u.Why, u.Example.Written, u.Example.Read, u.Example.Error)
	}
	return held, hurt
}
