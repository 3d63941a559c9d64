package capture_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestPacketsLost removes packets at random, one in n, from captures that may
// be cut into small segments as well.
func TestPacketsLost(t *testing.T) {
	eachTruth(t, func(t *testing.T, tr *truth) {
		tr.lonely = true
		rng := rand.New(rand.NewPCG(3, 4))
		for _, size := range []int{1 << 20, 40, 7} {
			whole := resegment(tr.pkts, size)
			for _, n := range []int{2, 4, 10, 40} {
				for round := range 4 {
					var pkts []pkt
					for _, p := range whole {
						if p.flags&syn != 0 || rng.IntN(n) > 0 {
							pkts = append(pkts, p)
						}
					}
					tr.check(t, fmt.Sprintf("one of %d lost, segments of %d, %d", n, size, round), pkts)
				}
			}
		}
	})
}

// TestSegmentsRemoved removes every single segment of a capture whose segments
// are small.
func TestSegmentsRemoved(t *testing.T) {
	eachTruth(t, func(t *testing.T, tr *truth) {
		for _, size := range []int{3, 11} {
			whole := resegment(tr.pkts, size)
			for i := range whole {
				if len(whole[i].data) > 0 && i%13 == 0 {
					tr.check(t, fmt.Sprintf("segments of %d, without %d", size, i+1), slices.Delete(slices.Clone(whole), i, i+1))
				}
			}
		}
	})
}
