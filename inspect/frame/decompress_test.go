package frame

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/klauspost/compress/snappy"
	"github.com/klauspost/compress/zlib"
	"github.com/klauspost/compress/zstd"

	"github.com/pbscope/pbscope/inspect/span"
)

func gzipped(parts ...string) []byte {
	var b bytes.Buffer
	for _, s := range parts {
		w := gzip.NewWriter(&b)
		io.WriteString(w, s)
		w.Close()
	}
	return b.Bytes()
}

func zstded(parts ...string) []byte {
	var b bytes.Buffer
	for _, s := range parts {
		w, _ := zstd.NewWriter(&b)
		io.WriteString(w, s)
		w.Close()
	}
	return b.Bytes()
}

func TestDecompress(t *testing.T) {
	text := strings.Repeat("what is in it ", 10000)
	skippable := []byte("\x50\x2a\x4d\x18\x04\x00\x00\x00\x10\x00\x00\x00")
	for _, c := range []struct {
		name  string
		input []byte
		want  string
	}{
		{"", nil, ""},
		{"", []byte("\x1f"), "\x1f"},
		{"", []byte("\x1f\x8b\x08\x01"), "\x1f\x8b\x08\x01"},
		{"", []byte("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x50 a delimited message"), "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x50 a delimited message"},
		{"", []byte("\x1f\x8b\x08\xff and more"), "\x1f\x8b\x08\xff and more"},
		{"", []byte("\x28\xb5\x2f\xfd"), "\x28\xb5\x2f\xfd"},
		{"", []byte("\x28\xb5\x2f\xfd\x08 and more"), "\x28\xb5\x2f\xfd\x08 and more"},
		{"", []byte("\x50\x2a\x4d\x18\x04\x00\x00\x00 and more bytes"), "\x50\x2a\x4d\x18\x04\x00\x00\x00 and more bytes"},
		{"gzip", gzipped(text), text},
		{"gzip", gzipped("a", "", text), "a" + text},
		{"zstd", zstded(text), text},
		{"zstd", zstded("a", text), "a" + text},
		{"zstd", append(bytes.Clone(skippable), zstded(text)...), text},
	} {
		for name, in := range slowReaders(c.input) {
			r, kind, err := Decompress(in)
			if err != nil || kind != c.name {
				t.Fatalf("%.10q, %s: %q, %v", c.input, name, kind, err)
			}
			got, err := io.ReadAll(r)
			if err != nil || string(got) != c.want {
				t.Errorf("%.10q, %s: %.20q, %v", c.input, name, got, err)
			}
		}
	}
}

// A cut or changed input gives what lies before the damage, then the error.
func TestDecompressDamage(t *testing.T) {
	text := strings.Repeat("some words and 123 ", 30000)
	for name, whole := range map[string][]byte{"gzip": gzipped(text), "zstd": zstded(text)} {
		for cut := 20; cut < len(whole); cut += 7 {
			checkDamage(t, name, text, whole[:cut])
		}
		checkDamage(t, name, text, append(bytes.Clone(whole), "something else"...))
		whole[len(whole)/2] ^= 0xff
		r, _, _ := Decompress(bytes.NewReader(whole))
		if _, err := io.ReadAll(r); err == nil {
			t.Errorf("%s: a changed byte is no error", name)
		}
	}
}

func checkDamage(t *testing.T, name, text string, input []byte) {
	t.Helper()
	r, kind, _ := Decompress(bytes.NewReader(input))
	got, err := io.ReadAll(r)
	var p *span.Problem
	if kind != name || !errors.As(err, &p) || p.Tag != span.InvalidCompression || !strings.HasPrefix(text, string(got)) {
		t.Errorf("%s of %d bytes: %d bytes, %v", name, len(input), len(got), err)
	}
}

func TestDecompressKeepsReadErrors(t *testing.T) {
	broken := errors.New("the disk is broken")
	for _, input := range [][]byte{nil, []byte("abc"), []byte("\x1f\x8b"), gzipped("some text")[:20], zstded("some text")[:10]} {
		r, _, _ := Decompress(io.MultiReader(bytes.NewReader(input), iotest.ErrReader(broken)))
		if _, err := io.ReadAll(r); err != broken {
			t.Errorf("%q: %v", input, err)
		}
	}
}

// A first byte that no compression begins with is passed on at once.
func TestDecompressDoesNotWait(t *testing.T) {
	pr, pw := io.Pipe()
	defer pw.Close()
	go pw.Write([]byte{0x0a})
	r, kind, err := Decompress(pr)
	b := make([]byte, 10)
	n, err2 := r.Read(b)
	if kind != "" || err != nil || n != 1 || b[0] != 0x0a || err2 != nil {
		t.Errorf("%q %v %d %v", kind, err, n, err2)
	}
}

func TestCompressedGRPC(t *testing.T) {
	text := strings.Repeat("text ", 1000)
	var z, s bytes.Buffer
	zw := zlib.NewWriter(&z)
	io.WriteString(zw, text)
	zw.Close()
	sw := snappy.NewBufferedWriter(&s)
	io.WriteString(sw, text)
	sw.Close()
	all := []struct {
		name string
		data []byte
	}{{"gzip", gzipped(text)}, {"zstd", zstded(text)}, {"deflate", z.Bytes()}, {"snappy", s.Bytes()}}
	var stream []byte
	for range 2 {
		for _, c := range all {
			stream = append(append(stream, 1, 0, 0, byte(len(c.data)>>8), byte(len(c.data))), c.data...)
		}
	}
	frames := read(t, GRPC(), bytes.NewReader(stream), nil)
	if len(frames) != 2*len(all) {
		t.Fatalf("%d frames", len(frames))
	}
	for i, f := range frames {
		if c := all[i%len(all)]; f.Problem != nil || string(f.Payload) != text || f.Meta.GRPC.Encoding != c.name || f.PayloadOffset != span.Unknown {
			t.Errorf("%s: %v %.20q", c.name, f.Problem, f.Payload)
		}
	}
	for i, f := range read(t, GRPC(), bytes.NewReader(stream), &Options{MaxSize: 4999}) {
		if f.Problem == nil || f.Problem.Tag != span.TooLarge || string(f.Payload[5:]) != string(all[i%len(all)].data) {
			t.Errorf("%s above the limit: %v", all[i%len(all)].name, f.Problem)
		}
	}
	// Every changed byte is either noticed or harmless; the next frame is read.
	for at := 5; at < 5+len(all[0].data); at++ {
		b := bytes.Clone(stream)
		b[at] ^= 0x41
		frames := read(t, GRPC(), bytes.NewReader(b), nil)
		if len(frames) != 2*len(all) || frames[0].Problem == nil && string(frames[0].Payload) != text {
			t.Fatalf("byte %d: %d frames, %.20q", at, len(frames), frames[0].Payload)
		}
	}
}
