package frame

import (
	"bytes"
	"io"
	"math/rand/v2"
	"testing"
)

// randomReads gives a random number of bytes a read.
type randomReads struct {
	data []byte
	rand *rand.Rand
}

func (r *randomReads) Read(p []byte) (int, error) {
	if len(r.data) == 0 {
		return 0, io.EOF
	}
	n := min(len(p), len(r.data), r.rand.IntN(2*blockSize)+1)
	copy(p, r.data[:n])
	r.data = r.data[n:]
	return n, nil
}

// Frames of all sizes, in reads of all sizes, keep their bytes as long as
// their block is held, as a pipeline holds it: before each read.
func TestFramesAcrossBlocks(t *testing.T) {
	source := pattern(1 << 20)
	for _, form := range plainForms()[1:] {
		random := rand.New(rand.NewPCG(5, 6))
		var list []Frame
		for range 400 {
			n := random.IntN(1 << random.IntN(20))
			at := random.IntN(len(source) - n)
			list = append(list, Frame{Payload: source[at : at+n]})
		}
		in := NewInput(&randomReads{write(t, form, list), random})
		var batch []Frame
		var held []*Block
		next := 0
		check := func() {
			for _, f := range batch {
				if next >= len(list) || f.Problem != nil || !bytes.Equal(f.Payload, list[next].Payload) {
					t.Fatalf("%s: frame %d differs", form.Name, next)
				}
				next++
			}
			batch = batch[:0]
			for _, b := range held {
				b.Release()
			}
			held = held[:0]
		}
		in.BeforeRead = func() {
			held = append(held, in.Hold())
			if len(held) > 4 {
				check()
			}
		}
		r := form.Read(in, nil)
		for {
			var f Frame
			err := r.Next(&f)
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			batch = append(batch, f)
		}
		check()
		if next != len(list) {
			t.Errorf("%s: %d of %d frames", form.Name, next, len(list))
		}
	}
}
