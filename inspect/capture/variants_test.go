package capture_test

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"

	"github.com/pbscope/pbscope/inspect/frame"
)

// message is a frame of an untouched capture, and where it lies in its stream.
type message struct {
	from, to int64
	text     string
	digits   bool // the id is written in digits
}

// way is a direction of a connection.
type way struct{ from, to uint16 }

// truth is what an untouched capture has.
type truth struct {
	// lonely lets messages be missed whose ids are digits: where bytes are lost
	// before and after one of them, and nothing else shows how ids are written,
	// it cannot be told from a part of another message.
	lonely   bool
	pkts     []pkt
	messages map[way][]message
	zero     map[way]uint32 // sequence number of the first byte
	length   map[way]int64
}

func describe(f *frame.Frame) string {
	t := f.Meta.TWS
	return fmt.Sprintf("%s %s %d %d %s %s %s %q %s %x", t.Direction, t.Kind, t.ID, t.WireID, t.Name, t.Encoding, f.Type, t.Fields, t.Value, f.Payload)
}

func wayOf(t testing.TB, f *frame.Frame) way {
	var w way
	if _, err := fmt.Sscanf(f.Meta.TCP.Src+" "+f.Meta.TCP.Dst, "127.0.0.1:%d 127.0.0.1:%d", &w.from, &w.to); err != nil {
		t.Fatal(err)
	}
	return w
}

// size is how many bytes of the stream a record stands for.
func size(f *frame.Frame) int64 {
	switch {
	case f.Problem != nil && f.Problem.Length > 0:
		return f.Problem.Length
	case f.Problem != nil, f.Meta.TWS.Kind == "handshake":
		return int64(len(f.Payload))
	case f.Meta.TWS.Kind != "message":
		return int64(len(f.Payload)) + 4
	case f.Meta.TWS.WireID > 200 || f.PayloadOffset-f.Offset == 8:
		return int64(len(f.Payload)) + 8
	}
	return -1
}

func learn(t testing.TB, file string) *truth {
	t.Helper()
	tr := &truth{pkts: readPackets(t, file), messages: map[way][]message{}, zero: map[way]uint32{}, length: map[way]int64{}}
	for _, p := range tr.pkts {
		w := way{p.from, p.to}
		if p.flags&syn != 0 {
			tr.zero[w] = p.seq + 1
		}
		if n := int64(p.seq-tr.zero[w]) + int64(len(p.data)); len(p.data) > 0 && n > tr.length[w] {
			tr.length[w] = n
		}
	}
	frames := decode(t, writePcap(tr.pkts), nil, nil)
	for i := range frames {
		f := &frames[i]
		if f.Problem != nil {
			t.Fatalf("%s: %v", file, f.Problem)
		}
		w := wayOf(t, f)
		tr.messages[w] = append(tr.messages[w], message{
			from: f.Meta.TCP.StreamOffset, text: describe(f),
			digits: f.Meta.TWS.IDEncoding == "text" || f.Meta.TWS.IDEncoding == "" && f.Meta.TWS.ServerVersion > 0 && f.Meta.TWS.ServerVersion <= 200,
		})
	}
	for w, all := range tr.messages {
		for i := range all {
			all[i].to = tr.length[w]
			if i+1 < len(all) {
				all[i].to = all[i+1].from
			}
		}
	}
	return tr
}

// run is a run of bytes.
type run struct{ from, to int64 }

// have is the bytes of a direction that packets hold, and whether they show
// where it begins.
func (tr *truth) have(pkts []pkt, w way) (runs []run, start int64, whole bool) {
	for _, p := range pkts {
		if (way{p.from, p.to}) == w && len(p.data) > 0 {
			at := int64(p.seq - tr.zero[w])
			runs = append(runs, run{at, at + int64(len(p.data))})
		}
		if p.flags&syn != 0 && ((way{p.from, p.to}) == w || p.flags&ack != 0 && (way{p.to, p.from}) == w) {
			whole = true
		}
	}
	slices.SortFunc(runs, func(a, b run) int { return int(a.from - b.from) })
	var joined []run
	for _, r := range runs {
		if n := len(joined); n > 0 && r.from <= joined[n-1].to {
			joined[n-1].to = max(joined[n-1].to, r.to)
		} else {
			joined = append(joined, r)
		}
	}
	if len(joined) > 0 && !whole {
		start = joined[0].from
	}
	return joined, start, whole
}

// check holds a variant against the truth: every message that is whole in the
// bytes, no other, and every byte accounted for.
func (tr *truth) check(t *testing.T, name string, pkts []pkt) bool {
	t.Helper()
	frames := decode(t, writePcap(pkts), nil, nil)
	ok := true
	fail := func(format string, args ...any) {
		ok = false
		t.Errorf("%s: %s", name, fmt.Sprintf(format, args...))
	}
	miss := func(w way, m message) {
		if !tr.lonely || !m.digits {
			fail("%v: missed at %d: %.80s", w, m.from, m.text)
		}
	}
	got := map[way][]*frame.Frame{}
	for i := range frames {
		f := &frames[i]
		if f.Meta == nil || f.Meta.TCP == nil {
			fail("a record without place: %v", f.Problem)
			continue
		}
		w := wayOf(t, f)
		got[w] = append(got[w], f)
	}
	for w, all := range tr.messages {
		runs, start, _ := tr.have(pkts, w)
		var want []message
		for _, m := range all {
			if slices.ContainsFunc(runs, func(r run) bool { return r.from <= m.from && m.to <= r.to }) {
				want = append(want, m)
			}
		}
		at := int64(0)
		i := 0
		for _, f := range got[w] {
			if f.Meta.TCP.StreamOffset != at {
				fail("%v: a record at %d, want %d", w, f.Meta.TCP.StreamOffset, at)
				at = f.Meta.TCP.StreamOffset
			}
			if f.Problem != nil {
				at += size(f)
				continue
			}
			for ; i < len(want) && want[i].from-start < at; i++ {
				miss(w, want[i])
			}
			if i == len(want) || want[i].from-start != at || want[i].text != describe(f) {
				fail("%v: a wrong message at %d (%d of the whole): %.120s", w, at, at+start, describe(f))
				break
			}
			at += want[i].to - want[i].from
			i++
		}
		for ; i < len(want); i++ {
			miss(w, want[i])
		}
		if len(runs) > 0 && at != runs[len(runs)-1].to-start && at < runs[len(runs)-1].to-start {
			fail("%v: %d of %d bytes are accounted for", w, at, runs[len(runs)-1].to-start)
		}
	}
	return ok
}

// eachTruth runs a test over all captures.
func eachTruth(t *testing.T, test func(t *testing.T, tr *truth)) {
	for _, file := range twsCaptures(t) {
		t.Run(filepath.Base(file), func(t *testing.T) { test(t, learn(t, file)) })
	}
}

func TestAsCaptured(t *testing.T) {
	eachTruth(t, func(t *testing.T, tr *truth) { tr.check(t, "as captured", tr.pkts) })
}

func TestPacketsRemoved(t *testing.T) {
	eachTruth(t, func(t *testing.T, tr *truth) {
		for i := range tr.pkts {
			tr.check(t, fmt.Sprintf("without packet %d", i+1), slices.Delete(slices.Clone(tr.pkts), i, i+1))
		}
	})
}

func TestPacketsCut(t *testing.T) {
	eachTruth(t, func(t *testing.T, tr *truth) {
		for i := range tr.pkts {
			tr.check(t, fmt.Sprintf("up to packet %d", i), tr.pkts[:i])
			tr.check(t, fmt.Sprintf("from packet %d", i+1), tr.pkts[i:])
		}
	})
}

func TestPacketsDuplicated(t *testing.T) {
	eachTruth(t, func(t *testing.T, tr *truth) {
		for _, distance := range []int{1, 2, 7} {
			var pkts []pkt
			for i, p := range tr.pkts {
				pkts = append(pkts, p)
				if i+1 >= distance {
					pkts = append(pkts, tr.pkts[i+1-distance])
				}
			}
			tr.check(t, fmt.Sprintf("repeated %d later", distance), pkts)
		}
	})
}

func TestPacketsReordered(t *testing.T) {
	eachTruth(t, func(t *testing.T, tr *truth) {
		for i := range len(tr.pkts) - 1 {
			pkts := slices.Clone(tr.pkts)
			pkts[i], pkts[i+1] = pkts[i+1], pkts[i]
			tr.check(t, fmt.Sprintf("packets %d and %d swapped", i+1, i+2), pkts)
		}
		rng := rand.New(rand.NewPCG(1, 2))
		for _, window := range []int{3, 5, 8, 16, 32, 64, 250, len(tr.pkts)} {
			for round := range 6 {
				pkts := slices.Clone(tr.pkts)
				for i := 0; i < len(pkts); i += window {
					part := pkts[i:min(i+window, len(pkts))]
					rng.Shuffle(len(part), func(a, b int) { part[a], part[b] = part[b], part[a] })
				}
				for i := range pkts {
					if round%2 == 0 { // else the times are out of order too
						pkts[i].micros = tr.pkts[i].micros
					}
				}
				if !tr.check(t, fmt.Sprintf("shuffled by %d, %d", window, round), pkts) {
					break
				}
			}
		}
		pkts := slices.Clone(tr.pkts)
		slices.Reverse(pkts)
		tr.check(t, "reversed", pkts)
	})
}

// resegment cuts the data of each direction, which comes when it came, into
// segments of n bytes.
func resegment(pkts []pkt, n int) []pkt {
	var out []pkt
	for _, p := range pkts {
		for len(p.data) > n {
			part := p
			part.data, part.flags = p.data[:n], p.flags&^fin
			out = append(out, part)
			p.data, p.seq = p.data[n:], p.seq+uint32(n)
		}
		out = append(out, p)
	}
	return out
}

func TestResegmented(t *testing.T) {
	eachTruth(t, func(t *testing.T, tr *truth) {
		longest := 0
		for _, p := range tr.pkts {
			longest = max(longest, len(p.data))
		}
		for n := 1; n <= longest; n++ {
			tr.check(t, fmt.Sprintf("segments of %d bytes", n), resegment(tr.pkts, n))
		}
	})
}

// from is the packets of a capture that begins at an offset of a direction,
// without any handshake.
func (tr *truth) from(w way, at int64) []pkt {
	var out []pkt
	begun := false
	for _, p := range tr.pkts {
		if (way{p.from, p.to}) != w && (way{p.to, p.from}) != w {
			continue
		}
		if (way{p.from, p.to}) == w && len(p.data) > 0 && !begun {
			offset := int64(p.seq - tr.zero[w])
			if offset+int64(len(p.data)) > at {
				begun = true
				skip := max(at-offset, 0)
				p.data, p.seq = p.data[skip:], p.seq+uint32(skip)
			}
		}
		if begun {
			out = append(out, p)
		}
	}
	return out
}

func TestStartedAnywhere(t *testing.T) {
	eachTruth(t, func(t *testing.T, tr *truth) {
		for w, n := range tr.length {
			for at := int64(0); at < n; at++ {
				if !tr.check(t, fmt.Sprintf("%v from byte %d", w, at), tr.from(w, at)) && testing.Short() {
					return
				}
			}
		}
	})
}
