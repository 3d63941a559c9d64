package kafka

import (
	"bytes"
	"io"
	"testing"

	"github.com/pbscope/pbscope/inspect/frame"
)

// benchRead reads data again and again as a pipeline would.
func benchRead(b *testing.B, form frame.Form, data []byte) {
	b.Helper()
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	var f frame.Frame
	for b.Loop() {
		in := frame.NewInput(bytes.NewReader(data))
		r := form.Read(in, nil)
		for {
			f = frame.Frame{}
			if err := r.Next(&f); err == io.EOF {
				break
			} else if err != nil || f.Problem != nil {
				b.Fatal(err, f.Problem)
			}
		}
		release(in)
	}
}

// sampleFrames are n records of about 200 bytes with a key and a header.
func sampleFrames(n int, codec string) []frame.Frame {
	frames := make([]frame.Frame, n)
	for i := range frames {
		offset, batch := int64(i), int64(i/500*500)
		value := bytes.Repeat([]byte{byte(i), 'v', 0xff, 0, 'x', '"'}, 30)
		frames[i] = frame.Frame{Payload: value, Meta: &frame.Meta{Kafka: &frame.Kafka{
			Topic: "trades", Offset: &offset, Batch: &batch, HasKey: true, Key: []byte("key"), HasHeaders: true,
			Headers: []frame.Header{{Name: []byte("name"), Value: []byte("value")}}, Codec: codec,
		}}}
	}
	return frames
}

func BenchmarkSegment(b *testing.B) {
	for _, codec := range []string{"", "gzip", "snappy", "lz4", "zstd"} {
		data := writeAll(b, Segment(), nil, sampleFrames(100_000, codec))
		b.Run("read/"+codec, func(b *testing.B) { benchRead(b, Segment(), data) })
	}
}

func BenchmarkKcatJSON(b *testing.B) {
	data := writeAll(b, KcatJSON(), nil, sampleFrames(100_000, ""))
	benchRead(b, KcatJSON(), data)
}

func BenchmarkKcatR(b *testing.B) {
	data := writeAll(b, KcatR(), nil, sampleFrames(100_000, ""))
	benchRead(b, KcatR(), data)
}
