package inspect

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"sync/atomic"
	"testing"

	"github.com/pbscope/pbscope/inspect/frame"
	"github.com/pbscope/pbscope/inspect/span"
)

// loaded counts the bytes of payload that are under way: taken up by a worker
// and not yet put.
type loaded struct {
	now, most atomic.Int64
	put       int
	stopAfter int
}

func (l *loaded) Work(dst []byte, _ *Source, f *frame.Frame, _ *Record) []byte {
	n := l.now.Add(int64(len(f.Payload)))
	for most := l.most.Load(); n > most && !l.most.CompareAndSwap(most, n); most = l.most.Load() {
	}
	return append(dst, f.Payload[0])
}

var errStop = errors.New("stop")

func (l *loaded) Put(f *frame.Frame, _ *Record, out []byte) error {
	if l.put++; l.put == l.stopAfter {
		return errStop
	}
	if int(out[0]) != (l.put-1)%251 {
		return errors.New("out of order")
	}
	l.now.Add(-int64(len(f.Payload)))
	return nil
}

func (l *loaded) Flush() error { return nil }

type silent struct{}

func (silent) Problem(string, *span.Problem) {}
func (silent) Unreadable(string, error)      {}

func TestLargeMessagesUnderWay(t *testing.T) {
	const mib = 1 << 20
	for _, tc := range []struct {
		name             string
		size, count      int
		most             int64
		workers, stopped int
	}{
		{"small", 100, 5000, 2 * mostUnderWay, 2, 0},
		{"each as much as a worker's part", mostUnderWay, 8, 2 * mostUnderWay, 2, 0},
		{"each more than there is room for", 9 * mib, 6, 9 * mib, 2, 0},
		{"one worker", 5 * mib, 4, 5 * mib, 1, 0},
		{"the sink stops", 9 * mib, 6, 9 * mib, 2, 2},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var in bytes.Buffer
			payload := make([]byte, tc.size)
			for i := range tc.count {
				payload[0] = byte(i % 251)
				in.Write(binary.BigEndian.AppendUint32(nil, uint32(tc.size)))
				in.Write(payload)
			}
			l := &loaded{stopAfter: tc.stopped}
			form := frame.U32BE()
			p := &Pipeline{
				Sources:   []Source{{Open: func() (io.ReadCloser, error) { return io.NopCloser(&in), nil }}},
				Reader:    func(in *frame.Input, _ *Source) (frame.Reader, error) { return form.Read(in, &frame.Options{}), nil },
				NewWorker: func() Worker { return l },
				Sink:      l, Report: silent{}, Workers: tc.workers,
			}
			counts, err := p.Run(t.Context())
			if tc.stopped > 0 {
				if !errors.Is(err, errStop) {
					t.Fatalf("ended with %v", err)
				}
				return
			}
			if err != nil || counts.Written != int64(tc.count) {
				t.Fatalf("%d of %d written, %v", counts.Written, tc.count, err)
			}
			if got := l.most.Load(); got > tc.most {
				t.Errorf("%d bytes of payload were under way, more than %d", got, tc.most)
			}
		})
	}
}
