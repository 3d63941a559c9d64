package capture_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/pbscope/pbscope/inspect/capture"
	"github.com/pbscope/pbscope/inspect/frame"
	"github.com/pbscope/pbscope/inspect/span"
	"github.com/pbscope/pbscope/inspect/tws"
)

// list is a capture's connections, with the protocols that can be decoded.
func list(t testing.TB, file []byte, o *frame.Options) []capture.Listed {
	t.Helper()
	var listed []capture.Listed
	err := capture.List(frame.NewInput(bytes.NewReader(file)), o, []frame.Protocol{tws.OnTCP()}, func(*span.Problem) {}, func(l *capture.Listed) error {
		listed = append(listed, *l)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return listed
}

// TestUnusualPort starts connections whose server has another port anywhere in
// their streams: what they are is found as soon as enough frames have come, and
// the frames are the same as with the usual port.
func TestUnusualPort(t *testing.T) {
	const enough = 4
	eachTruth(t, func(t *testing.T, tr *truth) {
		for w, n := range tr.length {
			for at := int64(1); at < n; at += 7 {
				pkts := tr.from(w, at)
				whole := 0
				for _, m := range tr.messages[w] {
					if m.from >= at && m.to < at+4<<10 {
						whole++
					}
				}
				usual := list(t, writePcap(pkts), nil)
				frames := decode(t, writePcap(pkts), nil, nil)
				for i := range pkts {
					for _, port := range []*uint16{&pkts[i].from, &pkts[i].to} {
						if *port == 4002 || *port == 7497 {
							*port = 5555
						}
					}
				}
				other := list(t, writePcap(pkts), nil)
				if len(usual) == 0 || len(usual) != len(other) || usual[0].Protocol != "tws" {
					t.Fatalf("%v from %d: %+v and %+v", w, at, usual, other)
				}
				if whole >= enough && other[0].Protocol != "tws" {
					t.Errorf("%v from %d, with %d messages: %s", w, at, whole, other[0].Protocol)
				}
				if other[0].Protocol != "tws" {
					continue
				}
				again := decode(t, writePcap(pkts), nil, nil)
				for i := range frames {
					if len(again) != len(frames) || !bytes.Equal(again[i].Payload, frames[i].Payload) || (again[i].Problem == nil) != (frames[i].Problem == nil) {
						t.Errorf("%v from %d: %d records, with the usual port %d", w, at, len(again), len(frames))
						break
					}
				}
			}
		}
	})
}

// TestOthersAreNotTaken starts captures of other protocols at every packet: none
// of their connections is called TWS.
func TestOthersAreNotTaken(t *testing.T) {
	dir := capturesDir(t)
	seen := 0
	for _, pattern := range []string{"grpc/*.pcap", "kafka/pcap/*.pcap"} {
		files, _ := filepath.Glob(filepath.Join(dir, pattern))
		for _, name := range files {
			file, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			var starts []int
			for at := 24; at+16 <= len(file); at += 16 + int(file[at+8]) + int(file[at+9])<<8 + int(file[at+10])<<16 {
				starts = append(starts, at)
			}
			for i := 0; i < len(starts); i += 1 + len(starts)/60 {
				for _, l := range list(t, append(bytes.Clone(file[:24]), file[starts[i]:]...), nil) {
					if seen++; l.Protocol == "tws" {
						t.Errorf("%s from packet %d: %+v", filepath.Base(name), i+1, l)
					}
				}
			}
		}
	}
	if seen < 1000 {
		t.Errorf("%d connections", seen)
	}
}

// TestOwnIDsAreRecognised finds a connection by ids that only the user's table
// has.
func TestOwnIDsAreRecognised(t *testing.T) {
	var data []byte
	for i := range 5 {
		data = append(data, 0, 0, 0, 6, 0, 0, 3, byte(0x20+i), 8, byte(i)) // ids from 600 on
	}
	file := writePcap([]pkt{{from: 5000, to: 6000, seq: 1, ack: 1, flags: ack, data: data}})
	o := &frame.Options{TWS: &frame.TWSOptions{}}
	for i := range uint32(5) {
		o.TWS.Messages = append(o.TWS.Messages, frame.TWSMessage{Direction: "server", ID: 600 + i, Name: fmt.Sprint("OWN_", i)})
	}
	if got := list(t, file, nil); got[0].Protocol != "unknown" {
		t.Errorf("%+v", got)
	}
	if got := list(t, file, o); got[0].Protocol != "tws" {
		t.Errorf("%+v", got)
	}
}
