package hugepage

import "testing"

func TestAdviseKeepsContent(t *testing.T) {
	for _, size := range []int{0, 1, least - 1, least, 3*least + 5} {
		b := make([]byte, size, size+size/2)
		for i := range b {
			b[i] = byte(i * 7)
		}
		Advise(b)
		for _, part := range [][]byte{b, b[len(b)/3:]} {
			Advise(part) // not at the beginning of a page
		}
		for i := range b {
			if b[i] != byte(i*7) {
				t.Fatalf("size %d: byte %d changed", size, i)
			}
		}
	}
}
