package kafka

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/pbscope/pbscope/inspect/frame"
)

// captures is the folder of Kafka dumps made by a real broker.
func captures(t testing.TB) string {
	dir := os.Getenv("PBSCOPE_CAPTURES")
	if dir == "" {
		t.Skip("PBSCOPE_CAPTURES is not set: it names the folder of captures from real programs")
	}
	return filepath.Join(dir, "kafka")
}

// expected is one line of an .expected.jsonl file.
type expected struct {
	Topic         string
	Partition     int32
	Offset        int64
	Timestamp     int64
	TimestampType string `json:"timestamp_type"`
	Key, Value    *[]byte
	Headers       [][]*string
	Codec         string
	File          string
	Batch         int64
	ProducerID    *int64 `json:"producer_id"`
	ProducerEpoch *int16 `json:"producer_epoch"`
	Transactional bool
	Aborted       bool
	Control       string
	Schema        *expectedSchema
	KeySchema     *expectedSchema `json:"key_schema"`
	Note          string
}

type expectedSchema struct {
	How            string
	SchemaID       *uint32 `json:"schema_id"`
	GUID           string
	MessageIndexes []int32 `json:"message_indexes"`
	HeaderLength   *int    `json:"header_length"`
}

func readExpected(t testing.TB, path string) []expected {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var list []expected
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		var e expected
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		list = append(list, e)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return list
}

// readAll is the frames of an input with memory of their own.
func readAll(t testing.TB, form frame.Form, source io.Reader, o *frame.Options) []frame.Frame {
	t.Helper()
	frames, err := collect(form, source, o)
	if err != nil {
		t.Fatal(err)
	}
	return frames
}

func collect(form frame.Form, source io.Reader, o *frame.Options) ([]frame.Frame, error) {
	in := frame.NewInput(source)
	defer release(in)
	r := form.Read(in, o)
	var frames []frame.Frame
	for {
		var f frame.Frame
		err := r.Next(&f)
		if err == io.EOF {
			return frames, nil
		}
		if err != nil {
			return frames, err
		}
		frames = append(frames, own(f))
	}
}

// release gives the buffer of an input that is done with back.
func release(in *frame.Input) {
	block := in.Hold()
	block.Release()
	block.Release()
}

// own is f with memory of its own.
func own(f frame.Frame) frame.Frame {
	f.Payload = bytes.Clone(f.Payload)
	if f.Meta == nil || f.Meta.Kafka == nil {
		return f
	}
	meta, k := *f.Meta, *f.Meta.Kafka
	k.Key = bytes.Clone(k.Key)
	headers := k.Headers
	k.Headers = nil
	for _, h := range headers {
		k.Headers = append(k.Headers, frame.Header{Name: bytes.Clone(h.Name), Value: bytes.Clone(h.Value)})
	}
	members := k.Extra
	k.Extra = nil
	for _, m := range members {
		k.Extra = append(k.Extra, frame.Member{Key: m.Key, Value: bytes.Clone(m.Value)})
	}
	meta.Kafka = &k
	f.Meta = &meta
	return f
}

// writeAll is the frames as the form writes them.
func writeAll(t testing.TB, form frame.Form, o *frame.Options, frames []frame.Frame) []byte {
	t.Helper()
	w := form.Write(o)
	var out []byte
	var err error
	for i := range frames {
		if out, err = w.Append(out, &frames[i]); err != nil {
			t.Fatalf("frame %d: %v", i, err)
		}
	}
	if out, err = w.Finish(out); err != nil {
		t.Fatal(err)
	}
	return out
}

// logs are the segment files of all captures, by topic and partition.
func logs(t testing.TB) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(captures(t), "segments", "*", "*.log"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no segments: %v", err)
	}
	return paths
}

func read(t testing.TB, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// everything lets all records through.
func everything() *frame.Options { return &frame.Options{Control: true, Uncommitted: true} }
