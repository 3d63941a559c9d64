package stats

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestQuantiles holds quantiles against those of all values in order.
func TestQuantiles(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 7))
	for _, c := range []struct {
		name  string
		n     int
		value func() int64
		exact bool
	}{
		{"none", 0, nil, true},
		{"one", 1, func() int64 { return 17 }, true},
		{"few", 10_001, func() int64 { return random.Int64N(maxExact) * 1000 }, true},
		{"many", 20_000, func() int64 { return random.Int64N(1 << 20) }, false},
		{"wide", 20_000, func() int64 { return random.Int64() >> random.IntN(63) }, false},
		{"small", 20_000, func() int64 { return random.Int64N(300) }, false},
		{"below zero", 3, func() int64 { return -5 }, true},
	} {
		var h, left, right Histogram
		var all []int64
		for i := range c.n {
			v := c.value()
			h.Add(v)
			if i%3 == 0 {
				left.Add(v)
			} else {
				right.Add(v)
			}
			all = append(all, max(v, 0))
		}
		slices.Sort(all)
		left.Merge(&right)
		for _, h := range []*Histogram{&h, &left} {
			if h.Exact() != c.exact || h.Count() != int64(c.n) {
				t.Errorf("%s: exact %t, count %d", c.name, h.Exact(), h.Count())
			}
			if c.n == 0 {
				continue
			}
			if h.Min() != all[0] || h.Max() != all[c.n-1] {
				t.Errorf("%s: %d to %d, not %d to %d", c.name, h.Min(), h.Max(), all[0], all[c.n-1])
			}
			for _, q := range []float64{0, 0.01, 0.5, 0.9, 0.99, 1} {
				want := all[max(int(math.Ceil(q*float64(c.n))), 1)-1]
				got := h.Quantile(q)
				if off := math.Abs(float64(got - want)); c.exact && off > 0 || off > float64(want)*Error+0.5 {
					t.Errorf("%s: quantile %g is %d, not %d", c.name, q, got, want)
				}
			}
		}
	}
}

// TestBuckets says that buckets follow each other without gaps.
func TestBuckets(t *testing.T) {
	last := -1
	for v := int64(0); v < 1<<14; v++ {
		b := bucketOf(v)
		if b != last && b != last+1 {
			t.Fatalf("%d is in bucket %d after %d", v, b, last)
		}
		last = b
	}
	for shift := range 63 {
		v := int64(1)<<shift + 1<<shift>>1
		if off := math.Abs(float64(middleOf(bucketOf(v)) - v)); off > float64(v)*Error {
			t.Errorf("the middle of the bucket of %d is %d", v, middleOf(bucketOf(v)))
		}
	}
	if bucketOf(math.MaxInt64) > 1<<13 {
		t.Error("more buckets than a histogram should hold")
	}
}
