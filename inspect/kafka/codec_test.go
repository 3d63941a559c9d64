package kafka

import (
	"bytes"
	"errors"
	"math/rand"
	"testing"

	"github.com/klauspost/compress/zstd"
)

// samples are data of several sizes and kinds.
func samples() [][]byte {
	random := rand.New(rand.NewSource(1))
	list := [][]byte{nil, {1}, []byte("abcd"), bytes.Repeat([]byte{0}, 1<<20), bytes.Repeat([]byte("0123456789abcdef"), 20_000)}
	for _, n := range []int{3, 59, 60, 61, 255, 256, 257, 1000, 65535, 65536, 65537, 200_000} {
		noise := make([]byte, n)
		random.Read(noise)
		some := make([]byte, n)
		for i := range some {
			some[i] = byte(random.Intn(3))
		}
		list = append(list, noise, some)
	}
	return list
}

func TestCodecs(t *testing.T) {
	var c compressor
	d := decompressor{limit: 2 << 20}
	for codec := codecNone + 1; codec <= codecZstd; codec++ {
		for i, data := range samples() {
			packed := c.append([]byte("before"), codec, data)
			plain, err := d.decompress(codec, 2, packed[len("before"):])
			if err != nil || !bytes.Equal(plain, data) {
				t.Errorf("%s, sample %d of %d bytes: %d bytes, %v", codecName(codec), i, len(data), len(plain), err)
			}
		}
		packed := c.append(nil, codec, make([]byte, 3<<20))
		if _, err := d.decompress(codec, 2, packed); !errors.Is(err, errTooLarge) {
			t.Errorf("%s above the limit: %v", codecName(codec), err)
		}
		packed = c.append(nil, codec, bytes.Repeat([]byte("some text "), 1000))
		for n := range len(packed) {
			if plain, err := d.decompress(codec, 2, packed[:n]); err == nil && len(plain) == 10_000 && codec != codecLZ4 {
				t.Errorf("%s: the first %d of %d bytes are enough", codecName(codec), n, len(packed))
			}
		}
	}
}

// TestZstdForms: frames as other encoders write them.
func TestZstdForms(t *testing.T) {
	d := decompressor{limit: 2 << 20}
	options := [][]zstd.EOption{
		{zstd.WithSingleSegment(true)},
		{zstd.WithEncoderCRC(false)},
		{zstd.WithEncoderLevel(zstd.SpeedBestCompression)},
		{zstd.WithZeroFrames(true)},
		{zstd.WithWindowSize(1 << 20)},
	}
	for i, option := range options {
		z, err := zstd.NewWriter(nil, append(option, zstd.WithEncoderConcurrency(1))...)
		if err != nil {
			t.Fatal(err)
		}
		for j, data := range samples()[:9] {
			var stream bytes.Buffer
			z.Reset(&stream)
			z.Write(data)
			z.Close()
			skip := []byte{0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 'x', 'y', 'z'}
			two := append(append(z.EncodeAll(data, nil), skip...), stream.Bytes()...)
			for _, packed := range [][]byte{z.EncodeAll(data, nil), stream.Bytes()} {
				if plain, err := d.decompress(codecZstd, 2, packed); err != nil || !bytes.Equal(plain, data) {
					t.Errorf("option %d, sample %d: %d bytes, %v", i, j, len(plain), err)
				}
			}
			if plain, err := d.decompress(codecZstd, 2, two); err != nil || !bytes.Equal(plain, append(bytes.Clone(data), data...)) {
				t.Errorf("option %d, sample %d twice: %d bytes, %v", i, j, len(plain), err)
			}
		}
	}
}

// FuzzDecompress: any bytes, as any codec, give no more than the limit.
func FuzzDecompress(f *testing.F) {
	var c compressor
	for codec := codecNone + 1; codec <= codecZstd; codec++ {
		f.Add(c.append(nil, codec, bytes.Repeat([]byte("some text "), 20)), uint8(codec))
	}
	f.Fuzz(func(t *testing.T, data []byte, codec uint8) {
		const limit = 1 << 16
		d := decompressor{limit: limit}
		first, err := d.decompress(int(codec%8), int8(codec>>7), data)
		if len(first) > limit {
			t.Fatalf("%d bytes", len(first))
		}
		again, errAgain := d.decompress(int(codec%8), int8(codec>>7), data)
		if (err == nil) != (errAgain == nil) || !bytes.Equal(first, again) {
			t.Fatalf("not the same twice: %v, %v", err, errAgain)
		}
	})
}
