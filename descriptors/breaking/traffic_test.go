package breaking

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// checkTraffic holds random messages of both sides against a report: one that
// hurts by the judge hits a finding, and no difference goes unreported.
func checkTraffic(v *voices, report *Report, fail func(string, ...any)) {
	for _, side := range []string{"old", "new"} {
		w, r, j := v.side(map[string]Direction{"old": Backward, "new": Forward}[side])
		traffic := report.HoldTraffic(side)
		for _, t := range w.typeOrder {
			reader := r.types[protoreflect.FullName(j.readerName(string(t.desc.FullName())))]
			if reader == nil {
				continue
			}
			for n := range 10 {
				m := v.message(t.desc, 0)
				payload, err := proto.MarshalOptions{Deterministic: true, AllowPartial: true}.Marshal(m)
				if err != nil {
					continue
				}
				before := hits(report)
				traffic.Message(&Recorded{Number: int64(n), Offset: -1, Type: t.desc.FullName(), Payload: payload})
				if why := j.hurt(m, reader.desc); why != "" && hits(report) == before {
					fail("%s: a reader is hurt and no finding is hit: %s: %v", side, why, m)
					return
				}
			}
		}
		traffic.Finish()
		if len(report.Traffic.Unreported) > 0 {
			u := report.Traffic.Unreported[0]
			fail("%s: unreported: %s: %s: %s", side, u.Element, u.Why, fmt.Sprintf("%s %s -> %s %s", u.Example.Type, u.Example.Written, u.Example.Read, u.Example.Error))
			return
		}
		report.Traffic = nil
	}
}

func hits(report *Report) (n int64) {
	for _, f := range report.Findings {
		if f.Traffic != nil && f.Severity > Risk {
			n += f.Traffic.Hits
		}
	}
	return n
}

// FuzzTraffic holds any bytes against a report of a random pair of schemas.
func FuzzTraffic(f *testing.F) {
	f.Add(uint64(1), []byte("\x0a\x03\x08\x96\x01\x10\x05"))
	f.Add(uint64(2), []byte("\x0b\x08\x01\x0c\x12\x01\xff"))
	f.Fuzz(func(t *testing.T, seed uint64, payload []byte) {
		g := &generator{Rand: rand.New(rand.NewPCG(seed%64, 7))}
		old := g.schema()
		new := old.clone()
		for range 4 {
			g.edit(new)
		}
		a, b := load(t, map[string]string{"p.proto": old.source()}, map[string]string{"p.proto": new.source()})
		report := Compare(a, b, Options{})
		for _, side := range []string{"old", "new"} {
			traffic := report.HoldTraffic(side)
			for _, name := range traffic.TypeNames() {
				traffic.Message(&Recorded{Number: 1, Type: protoreflect.FullName(name), Payload: payload})
			}
			traffic.Finish()
			if _, err := report.AppendJSON(report.AppendText(nil, TextOptions{})); err != nil {
				t.Fatal(err)
			}
			if s := report.Traffic; s.Both+s.Writer+s.Reader+s.Neither+s.Gone+s.Untyped != s.Records {
				t.Fatalf("%+v", s)
			}
		}
	})
}
