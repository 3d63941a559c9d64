package capture_test

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"testing"

	"github.com/pbscope/pbscope/inspect/capture"
	"github.com/pbscope/pbscope/inspect/frame"
	"github.com/pbscope/pbscope/inspect/tws"
)

// rewrite writes frames as a capture.
func rewrite(t *testing.T, frames []frame.Frame) []byte {
	t.Helper()
	w := capture.Form(tws.OnTCP()).Write(nil)
	var out []byte
	var err error
	for i := range frames {
		if out, err = w.Append(out, &frames[i]); err != nil {
			t.Fatal(err)
		}
	}
	if out, err = w.Finish(out); err != nil {
		t.Fatal(err)
	}
	return out
}

// record is a frame in one line, without what a capture written anew has new.
func record(f *frame.Frame) string {
	p := *f.Meta.TCP
	p.Packet = 0
	if f.Problem != nil {
		return fmt.Sprintf("%v %s %s %x %d", p, f.Meta.Time, f.Problem.Tag, f.Payload, f.Problem.Length)
	}
	return fmt.Sprintf("%v %s %s", p, f.Meta.Time, describe(f))
}

func sameRecords(t *testing.T, name string, a, b []frame.Frame) {
	t.Helper()
	if len(a) != len(b) {
		t.Errorf("%s: %d records, written anew %d", name, len(a), len(b))
		return
	}
	for i := range a {
		if record(&a[i]) != record(&b[i]) {
			t.Errorf("%s: %d:\n %s\n %s", name, i, record(&a[i]), record(&b[i]))
		}
	}
}

// TestWritten writes what was read, and reads it again.
func TestWritten(t *testing.T) {
	frames := decode(t, writePcap(session()), nil, nil)
	sameRecords(t, "session", frames, decode(t, rewrite(t, frames), nil, nil))
	for _, file := range twsCaptures(t) {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		frames := decode(t, b, nil, nil)
		sameRecords(t, file, frames, decode(t, rewrite(t, frames), nil, nil))
		// A gap stays one.
		pkts := readPackets(t, file)
		i := slices.IndexFunc(pkts, func(p pkt) bool { return p.from < 10000 && len(p.data) > 60 })
		frames = decode(t, writePcap(slices.Delete(pkts, i, i+1)), nil, nil)
		again := decode(t, rewrite(t, frames), nil, nil)
		gaps := func(all []frame.Frame) (n int64) {
			for _, f := range all {
				if f.Problem != nil && f.Problem.Tag == "gap" {
					n += f.Problem.Length
				}
			}
			return n
		}
		if gaps(frames) == 0 || gaps(frames) != gaps(again) || len(frames) != len(again) {
			t.Errorf("%s: gaps of %d bytes, written anew of %d", file, gaps(frames), gaps(again))
		}
	}
}

// TestWrittenWithoutPlace writes the frames of a stream, which have no place in
// a capture.
func TestWrittenWithoutPlace(t *testing.T) {
	stream := "API\x00\x00\x00\x00\x09v100..225\x00\x00\x00\x08\x00\x00\x00\x472\x007\x00"
	frames, err := frame.ReadAll(tws.Stream().Read(frame.NewInput(bytes.NewReader([]byte(stream))), &frame.Options{}))
	if err != nil {
		t.Fatal(err)
	}
	again := decode(t, rewrite(t, frames), nil, nil)
	if got, want := summary(again), "client handshake 0\nclient client_versions 0\nclient message 71\n"; got != want {
		t.Errorf("%s", got)
	}
	if _, err := capture.Form(tws.OnTCP()).Write(nil).Append(nil, &frame.Frame{Payload: []byte("a")}); err == nil {
		t.Error("a frame of nobody is written")
	}
}
