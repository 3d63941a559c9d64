package kafka

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/pbscope/pbscope/inspect/frame"
	"github.com/pbscope/pbscope/inspect/span"
)

// TestSegments compares every record of every captured segment with what two
// consumers and the broker's own tool said of it, read as a file (which may be
// opened twice), as a stream, and byte by byte.
func TestSegments(t *testing.T) {
	for _, path := range logs(t) {
		topic, _, ok := TopicFromPath(path)
		if !ok {
			t.Fatalf("%s: no topic", path)
		}
		name := filepath.Base(filepath.Dir(path))
		if strings.HasPrefix(topic, "__") || topic == "trades-big" {
			continue
		}
		want := readExpected(t, filepath.Join(filepath.Dir(filepath.Dir(path)), name+".expected.jsonl"))
		data := read(t, path)
		t.Run(name+"/"+filepath.Base(path), func(t *testing.T) {
			file := everything()
			file.Again = AgainFile(path)
			total := compareSegment(t, data, readAll(t, Segment(), bytes.NewReader(data), file), want, path, true)
			compareSegment(t, data, readAll(t, Segment(), bytes.NewReader(data), everything()), want, path, false)
			compareSegment(t, data, readAll(t, Segment(), iotest.OneByteReader(bytes.NewReader(data)), everything()), want, path, false)
			hidden := 0
			shown := readAll(t, Segment(), bytes.NewReader(data), &frame.Options{Again: AgainFile(path), Hidden: func(n int) { hidden += n }})
			var visible []expected
			for _, e := range want {
				if e.Control == "" && !e.Aborted {
					visible = append(visible, e)
				}
			}
			if n := compareSegment(t, data, shown, visible, path, true); n+hidden != total {
				t.Errorf("%d shown and %d hidden of %d", n, hidden, total)
			}
		})
	}
}

// compareSegment compares the frames with those of want that lie in the named
// file, and is their number.
func compareSegment(t *testing.T, data []byte, frames []frame.Frame, want []expected, path string, file bool) int {
	t.Helper()
	topic, partition, _ := TopicFromPath(path)
	name := filepath.Base(path)
	// The end of its transaction lies in the file after this one.
	undecided := !file && topic == "trades-wire-tx" && name == "00000000000000000000.log"
	n := 0
	for _, e := range want {
		if e.File != name {
			continue
		}
		if n == len(frames) {
			t.Fatalf("only %d frames", n)
		}
		if e.Topic != topic || e.Partition != partition {
			t.Fatalf("path says %s-%d, not %s-%d", topic, partition, e.Topic, e.Partition)
		}
		compareRecord(t, &frames[n], &e, undecided)
		comparePlace(t, data, &frames[n])
		n++
	}
	if n != len(frames) {
		t.Fatalf("%d frames, want %d; then %+v", len(frames), n, frames[n])
	}
	return n
}

func comparePlace(t *testing.T, data []byte, f *frame.Frame) {
	t.Helper()
	if f.Meta.Kafka.Control != "" {
		if epoch, ok := extra(f.Meta.Kafka, extraEpoch); !ok || epoch != 0 || !f.Null {
			t.Errorf("control record %s", describe(*f))
		}
		return
	}
	if f.Meta.Kafka.Codec != "" {
		if f.Offset != span.Unknown || f.PayloadOffset != span.Unknown {
			t.Errorf("compressed and at %d, %d", f.Offset, f.PayloadOffset)
		}
		return
	}
	if at := data[f.PayloadOffset:]; !bytes.HasPrefix(at, f.Payload) {
		t.Errorf("payload does not lie at %d", f.PayloadOffset)
	}
	if size, _ := recordLength(data[f.Offset:]); size == 0 || f.Offset+int64(size) < f.PayloadOffset+int64(len(f.Payload)) {
		t.Errorf("record does not lie at %d", f.Offset)
	}
}

func compareRecord(t *testing.T, f *frame.Frame, e *expected, undecided bool) {
	t.Helper()
	if f.Problem != nil {
		t.Fatalf("offset %d: %v", e.Offset, f.Problem)
	}
	k := f.Meta.Kafka
	kind := map[string]string{"CreateTime": "create", "LogAppendTime": "logappend"}[e.TimestampType]
	switch {
	case *k.Offset != e.Offset:
		t.Fatalf("offset %d, want %d", *k.Offset, e.Offset)
	case f.Meta.TimeDigits != 3 || f.Meta.Time.UnixMilli() != e.Timestamp || k.TimestampType != kind:
		t.Errorf("offset %d: time %v %s, want %d %s", e.Offset, f.Meta.Time, k.TimestampType, e.Timestamp, kind)
	case e.Control == "" && f.Null != (e.Value == nil) || e.Value != nil && !bytes.Equal(f.Payload, *e.Value):
		t.Errorf("offset %d: value %x (null %v)", e.Offset, f.Payload, f.Null)
	case e.Control == "" && (k.Key == nil) != (e.Key == nil) || e.Key != nil && !bytes.Equal(k.Key, *e.Key):
		t.Errorf("offset %d: key %x", e.Offset, k.Key)
	case k.Codec != strings.TrimPrefix(e.Codec, "none") || *k.Batch != e.Batch:
		t.Errorf("offset %d: codec %q batch %d, want %q %d", e.Offset, k.Codec, *k.Batch, e.Codec, e.Batch)
	case !equalPtr(k.ProducerID, e.ProducerID) || !equalPtr(k.ProducerEpoch, e.ProducerEpoch):
		t.Errorf("offset %d: producer %v %v, want %v %v", e.Offset, k.ProducerID, k.ProducerEpoch, e.ProducerID, e.ProducerEpoch)
	case k.Transactional != e.Transactional || k.Aborted != e.Aborted || k.Undecided != undecided || k.Control != strings.ToLower(e.Control):
		t.Errorf("offset %d: transactional %v aborted %v undecided %v control %q", e.Offset, k.Transactional, k.Aborted, k.Undecided, k.Control)
	}
	compareHeaders(t, k.Headers, e)
}

func compareHeaders(t *testing.T, headers []frame.Header, e *expected) {
	t.Helper()
	if len(headers) != len(e.Headers) {
		t.Errorf("offset %d: %d headers, want %d", e.Offset, len(headers), len(e.Headers))
		return
	}
	for i, h := range headers {
		var value *[]byte
		if e.Headers[i][1] != nil {
			quoted, _ := json.Marshal(*e.Headers[i][1])
			value = new([]byte)
			if err := json.Unmarshal(quoted, value); err != nil {
				t.Fatal(err)
			}
		}
		if string(h.Name) != *e.Headers[i][0] || (h.Value == nil) != (value == nil) || value != nil && !bytes.Equal(h.Value, *value) {
			t.Errorf("offset %d: header %d is %q=%x", e.Offset, i, h.Name, h.Value)
		}
	}
}

func equalPtr[T comparable](a, b *T) bool {
	return a == nil && b == nil || a != nil && b != nil && *a == *b
}

func TestBigSegment(t *testing.T) {
	dir := filepath.Join(captures(t), "segments")
	var want struct {
		Records     int
		First, Last expected
		Sum         string `json:"values_sha256"`
	}
	if err := json.Unmarshal(read(t, filepath.Join(dir, "trades-big-0.expected.json")), &want); err != nil {
		t.Fatal(err)
	}
	data := read(t, filepath.Join(dir, "trades-big-0", "00000000000000000000.log"))
	frames := readAll(t, Segment(), bytes.NewReader(data), nil)
	if len(frames) != want.Records {
		t.Fatalf("%d records, want %d", len(frames), want.Records)
	}
	compareRecord(t, &frames[0], &want.First, false)
	compareRecord(t, &frames[len(frames)-1], &want.Last, false)
	sum := sha256.New()
	for _, f := range frames {
		sum.Write(f.Payload)
	}
	if got := hex.EncodeToString(sum.Sum(nil)); got != want.Sum {
		t.Errorf("values have SHA-256 %s, want %s", got, want.Sum)
	}
}

// TestInternalTopics: not protobuf, but records all the same.
func TestInternalTopics(t *testing.T) {
	for _, path := range logs(t) {
		if topic, _, _ := TopicFromPath(path); !strings.HasPrefix(topic, "__") {
			continue
		}
		frames := readAll(t, Segment(), bytes.NewReader(read(t, path)), everything())
		if len(frames) == 0 {
			t.Errorf("%s: no records", path)
		}
		for _, f := range frames {
			if f.Problem != nil {
				t.Errorf("%s: %v", path, f.Problem)
			}
		}
	}
}

// TestSegmentIdentity: the metadata of an uncompressed segment suffices to
// write the same bytes again; a compressed one has the same records.
func TestSegmentIdentity(t *testing.T) {
	for _, path := range logs(t) {
		data := read(t, path)
		frames := readAll(t, Segment(), bytes.NewReader(data), everything())
		out := writeAll(t, Segment(), nil, frames)
		compressed := false
		for _, f := range frames {
			compressed = compressed || f.Meta.Kafka.Codec != ""
		}
		if !compressed {
			if !bytes.Equal(out, data) {
				t.Errorf("%s: %d bytes, written again %d, first difference at %d", path, len(data), len(out), difference(data, out))
			}
			continue
		}
		again := readAll(t, Segment(), bytes.NewReader(out), everything())
		compareFrames(t, path, again, frames)
		// Uncompressed it is a fixed point.
		for i := range again {
			again[i].Meta.Kafka.Codec = ""
		}
		plain := writeAll(t, Segment(), nil, again)
		if twice := writeAll(t, Segment(), nil, readAll(t, Segment(), bytes.NewReader(plain), everything())); !bytes.Equal(plain, twice) {
			t.Errorf("%s: not the same bytes again without compression", path)
		}
	}
}

func difference(a, b []byte) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return i
		}
	}
	return min(len(a), len(b))
}

// compareFrames compares all but the places.
func compareFrames(t *testing.T, name string, got, want []frame.Frame) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d frames, want %d", name, len(got), len(want))
	}
	for i := range got {
		if a, b := describe(got[i]), describe(want[i]); a != b {
			t.Fatalf("%s: frame %d is\n%s, want\n%s", name, i, a, b)
		}
	}
}

// describe is a frame as JSON, without its places in the input.
func describe(f frame.Frame) string {
	f.Offset, f.PayloadOffset, f.Line, f.Column = 0, 0, 0, 0
	if f.Problem != nil {
		p := *f.Problem
		p.InputOffset, p.Line, p.Column = 0, 0, 0
		f.Problem = &p
	}
	text, err := json.Marshal(f)
	if err != nil {
		return err.Error()
	}
	return string(text)
}
