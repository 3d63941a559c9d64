package frame

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math/rand/v2"
	"testing"
	"testing/iotest"
)

func pattern(n int) []byte {
	b := make([]byte, n)
	r := rand.New(rand.NewPCG(1, 2))
	for i := 0; i+8 <= n; i += 8 {
		binary.LittleEndian.PutUint64(b[i:], r.Uint64())
	}
	return b
}

func TestInputGivesEveryByte(t *testing.T) {
	data := pattern(3*blockSize + 12345)
	for _, step := range []int{1000, minRead, blockSize - 1, blockSize, blockSize + 1, 2*blockSize + 7} {
		for name, r := range map[string]io.Reader{"at once": bytes.NewReader(data), "half": iotest.HalfReader(bytes.NewReader(data)), "dataerr": iotest.DataErrReader(bytes.NewReader(data))} {
			in := NewInput(r)
			var got []byte
			for {
				b, err := in.Need(step)
				if in.Offset() != int64(len(got)) {
					t.Fatalf("offset %d after %d bytes", in.Offset(), len(got))
				}
				if err != nil && len(b) >= step || err == nil && len(b) < step {
					t.Fatalf("%d of %d bytes with %v", len(b), step, err)
				}
				n := min(step, len(b))
				got = append(got, b[:n]...)
				in.Advance(n)
				if err == io.EOF && n == len(b) {
					break
				}
			}
			if !bytes.Equal(got, data) {
				t.Errorf("step %d, %s: %d bytes differ", step, name, len(got))
			}
		}
	}
}

// Frames of held blocks stay as they are, whatever is read afterwards; their
// blocks are used again when they are released.
func TestHeldBlocksStay(t *testing.T) {
	data := pattern(40 * blockSize / 8)
	for _, held := range []int{0, 1, 5, 1 << 30} {
		in := NewInput(iotest.HalfReader(bytes.NewReader(data)))
		type piece struct {
			at    int64
			bytes []byte
			block *Block
		}
		var pieces []piece
		r := rand.New(rand.NewPCG(3, 4))
		for {
			n := r.IntN(60000) + 1
			b, err := in.Need(n)
			if len(b) == 0 {
				break
			}
			n = min(n, len(b))
			if held > 0 {
				pieces = append(pieces, piece{in.Offset(), b[:n], in.Hold()})
			}
			in.Advance(n)
			for len(pieces) > held || err != nil && len(pieces) > 0 {
				p := pieces[0]
				if !bytes.Equal(p.bytes, data[p.at:][:len(p.bytes)]) {
					t.Fatalf("held %d: the bytes at %d have changed", held, p.at)
				}
				p.block.Release()
				pieces = pieces[1:]
			}
		}
	}
}

func TestMoreDoublesItsBlock(t *testing.T) {
	const size = 40 << 20
	in := NewInput(io.LimitReader(zeros{}, size))
	blocks, last := 0, in.block
	for {
		b, err := in.More()
		if in.block != last {
			blocks, last = blocks+1, in.block
		}
		if err != nil {
			if len(b) != size || err != io.EOF {
				t.Errorf("%d bytes, %v", len(b), err)
			}
			break
		}
	}
	if blocks > 10 {
		t.Errorf("%d blocks for %d bytes", blocks, size)
	}
}

func TestMemoryFollowsTheBytes(t *testing.T) {
	in := NewInput(io.LimitReader(zeros{}, 1<<20))
	b, err := in.Need(1 << 30)
	if len(b) != 1<<20 || err != io.EOF {
		t.Errorf("%d bytes, %v", len(b), err)
	}
	if len(in.block.data) > 4<<20 {
		t.Errorf("a block of %d bytes for 1 MiB", len(in.block.data))
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestInputErrors(t *testing.T) {
	broken := errors.New("broken")
	in := NewInput(io.MultiReader(bytes.NewReader([]byte("abc")), iotest.ErrReader(broken)))
	for range 2 {
		if b, err := in.Need(4); string(b) != "abc" || err != broken {
			t.Errorf("%q, %v", b, err)
		}
		if b, err := in.More(); string(b) != "abc" || err != broken {
			t.Errorf("%q, %v", b, err)
		}
	}
	if b, err := in.Need(3); string(b) != "abc" || err != nil {
		t.Errorf("%q, %v", b, err)
	}
	if n := in.Skip(2); n != 2 || in.Offset() != 2 {
		t.Errorf("skipped %d, at %d", n, in.Offset())
	}
	if n := in.Skip(-1); n != 1 || in.Offset() != 3 {
		t.Errorf("skipped %d, at %d", n, in.Offset())
	}
	if b, err := in.Need(1); len(b) != 0 || err != broken {
		t.Errorf("%q, %v", b, err)
	}
	if _, err := NewInput(stuck{}).Need(1); err != io.ErrNoProgress {
		t.Error(err)
	}
}

type stuck struct{}

func (stuck) Read([]byte) (int, error) { return 0, nil }

func TestBeforeRead(t *testing.T) {
	calls := 0
	in := NewInput(iotest.OneByteReader(bytes.NewReader([]byte("abcd"))))
	in.BeforeRead = func() { calls++ }
	in.Need(2)
	in.Need(1)
	in.Need(2)
	if calls != 2 {
		t.Errorf("%d calls for two reads", calls)
	}
}

func TestSkipCounts(t *testing.T) {
	const size = 5<<20 + 17
	in := NewInput(io.LimitReader(zeros{}, size))
	in.Need(10)
	in.Advance(10)
	hold := in.Hold()
	if n := in.Skip(-1); n != size-10 || in.Offset() != size {
		t.Errorf("%d, at %d", n, in.Offset())
	}
	hold.Release()
	in = NewInput(io.LimitReader(zeros{}, size))
	if n := in.Skip(size - 1); n != size-1 || in.Offset() != size-1 {
		t.Errorf("%d, at %d", n, in.Offset())
	}
	if n := in.Skip(5); n != 1 {
		t.Errorf("%d", n)
	}
}
