package capture_test

import (
	"bytes"
	"testing"

	"github.com/pbscope/pbscope/inspect/frame"
	"github.com/pbscope/pbscope/inspect/tws"
)

// TestSameAsStream reads each direction's bytes as a stream too: the records
// are the same but for their place. So they are for streams that begin later.
func TestSameAsStream(t *testing.T) {
	eachTruth(t, func(t *testing.T, tr *truth) {
		for w, n := range tr.length {
			sender := "client"
			if w.from < 10000 {
				sender = "server"
			}
			for at := int64(0); at < n; at += 1 + at/3 {
				pkts := tr.pkts
				if at > 0 {
					pkts = tr.from(w, at)
				}
				stream := make([]byte, n-at)
				for _, p := range pkts {
					if (way{p.from, p.to}) == w && len(p.data) > 0 {
						copy(stream[int64(p.seq-tr.zero[w])-at:], p.data)
					}
				}
				raw, err := frame.ReadAll(tws.Stream().Read(frame.NewInput(bytes.NewReader(stream)), &frame.Options{Direction: sender}))
				if err != nil {
					t.Fatal(err)
				}
				var captured []frame.Frame
				for _, f := range decode(t, writePcap(pkts), nil, nil) {
					if wayOf(t, &f) == w {
						captured = append(captured, f)
					}
				}
				if len(raw) != len(captured) {
					t.Errorf("%v from %d: %d records, of the stream %d", w, at, len(captured), len(raw))
					continue
				}
				for i := range raw {
					a, b := &captured[i], &raw[i]
					same := (a.Problem == nil) == (b.Problem == nil) && bytes.Equal(a.Payload, b.Payload) && a.Meta.TCP.StreamOffset == b.Offset
					if same && a.Problem == nil {
						same = describe(a) == describe(b) && a.Meta.TWS.IDEncoding == b.Meta.TWS.IDEncoding && a.Meta.TWS.ServerVersion == b.Meta.TWS.ServerVersion
					} else if same {
						same = a.Problem.Tag == b.Problem.Tag && a.Problem.Message == b.Problem.Message
					}
					if !same {
						t.Errorf("%v from %d, record %d:\n%+v %+v\n%+v %+v", w, at, i, a, a.Meta.TWS, b, b.Meta)
					}
				}
			}
		}
	})
}
