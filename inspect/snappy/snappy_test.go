package snappy

import (
	"bytes"
	"testing"

	peer "github.com/klauspost/compress/snappy"
)

func samples() [][]byte {
	long := bytes.Repeat([]byte("trades and quotes, "), 9000)
	var noise []byte
	for n := uint32(1); len(noise) < 70000; n = n*1664525 + 1013904223 {
		noise = append(noise, byte(n>>24))
	}
	return [][]byte{nil, {0}, []byte("abc"), []byte("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"), long, noise, append(long, noise...)}
}

// TestPeer reads what another implementation writes, and the other way round.
func TestPeer(t *testing.T) {
	for _, data := range samples() {
		if plain, err := peer.Decode(nil, AppendEncoded(nil, data)); err != nil || !bytes.Equal(plain, data) {
			t.Errorf("the peer reads %d bytes as %d, %v", len(data), len(plain), err)
		}
		if plain, err := AppendDecoded(nil, peer.Encode(nil, data), 1<<30); err != nil || !bytes.Equal(plain, data) {
			t.Errorf("%d bytes of the peer are read as %d, %v", len(data), len(plain), err)
		}
		var stream bytes.Buffer
		w := peer.NewBufferedWriter(&stream)
		w.Write(data)
		w.Close()
		plain, err := AppendDecodedStream([]byte("kept"), stream.Bytes(), 1<<30)
		if err != nil || string(plain) != "kept"+string(data) {
			t.Errorf("a stream of %d bytes of the peer is read as %d, %v", len(data), len(plain), err)
		}
	}
}

func TestStreamDamage(t *testing.T) {
	var stream bytes.Buffer
	w := peer.NewBufferedWriter(&stream)
	w.Write([]byte("some data, some data, some data"))
	w.Close()
	whole := stream.Bytes()
	if _, err := AppendDecodedStream(nil, whole, 10); err != ErrTooLarge {
		t.Errorf("above the limit: %v", err)
	}
	for i := len(StreamMagic); i < len(whole); i++ {
		data := bytes.Clone(whole)
		data[i] ^= 0x41
		if plain, err := AppendDecodedStream(nil, data, 1<<20); err == nil && len(plain) > 0 {
			t.Errorf("byte %d changed: %q", i, plain)
		}
		if _, err := AppendDecodedStream(nil, whole[:i], 1<<20); err == nil && i > len(StreamMagic) {
			t.Errorf("cut at byte %d and no error", i)
		}
	}
}

// FuzzDecode reads any bytes as the peer does, and within the limit.
func FuzzDecode(f *testing.F) {
	for _, data := range samples() {
		f.Add(peer.Encode(nil, data))
	}
	const limit = 1 << 20
	f.Fuzz(func(t *testing.T, data []byte) {
		plain, err := AppendDecoded(nil, data, limit)
		if len(plain) > limit {
			t.Fatalf("%d bytes", len(plain))
		}
		if n, lengthErr := peer.DecodedLen(data); lengthErr == nil && n <= limit {
			want, wantErr := peer.Decode(nil, data)
			if (err == nil) != (wantErr == nil) || err == nil && !bytes.Equal(plain, want) {
				t.Fatalf("%v, the peer %v", err, wantErr)
			}
		}
		_, _ = AppendDecodedStream(nil, data, limit)
		if again, err := AppendDecoded([]byte("kept"), AppendEncoded(nil, data), limit); err != nil || string(again) != "kept"+string(data) {
			t.Fatalf("%x comes back as %x, %v", data, again, err)
		}
	})
}
