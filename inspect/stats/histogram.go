package stats

import (
	"math"
	"math/bits"
	"slices"
)

// Histogram is how often values from 0 on occurred, in bounded memory: each
// value for itself while there are few different ones, afterwards in buckets
// whose width is a sixty-fourth of their values or less. The zero Histogram is
// empty.
type Histogram struct {
	n        int64
	sum      float64
	min, max int64
	exact    []bin     // by ascending value
	last     int       // of exact: the one that was met last
	hint     [64]uint8 // of exact: where values were met, by their lowest bits
	buckets  []int64   // once there are too many values for exact
	first    int       // the number of buckets[0]
}

type bin struct{ value, n int64 }

const (
	// maxExact is how many different values are counted each for itself; their
	// places fit into a byte.
	maxExact = 256
	// subBits is the number of bits of a value, below its highest one, that
	// choose its bucket.
	subBits = 6
)

// Error is how far a Quantile may be from the value that it stands for, as a
// share of that value, once a Histogram is no longer exact.
const Error = 1.0 / (1 << (subBits + 1))

// Add counts a value; below 0 is 0.
func (h *Histogram) Add(v int64) {
	v = max(v, 0)
	if h.n == 0 {
		h.min, h.max = v, v
	}
	h.n++
	h.sum += float64(v)
	h.min, h.max = min(h.min, v), max(h.max, v)
	switch {
	case h.buckets != nil:
		h.count(bucketOf(v), 1)
	default:
		if i := int(h.hint[v%64]); i < len(h.exact) && h.exact[i].value == v {
			h.exact[i].n++
			h.last = i
			return
		}
		h.addExact(v)
	}
}

func (h *Histogram) addExact(v int64) {
	i, found := slices.BinarySearchFunc(h.exact, v, func(b bin, v int64) int {
		switch {
		case b.value < v:
			return -1
		case b.value > v:
			return 1
		}
		return 0
	})
	switch {
	case found:
		h.exact[i].n++
	case len(h.exact) < maxExact:
		h.exact = slices.Insert(h.exact, i, bin{v, 1})
	default:
		h.first = bucketOf(h.min)
		for _, b := range h.exact {
			h.count(bucketOf(b.value), b.n)
		}
		h.exact = nil
		h.count(bucketOf(v), 1)
	}
	h.last, h.hint[v%64] = i, uint8(i)
}

// bucketOf numbers the buckets: of values below 2^subBits one each, above
// 2^subBits for each power of two.
func bucketOf(v int64) int {
	shift := bits.Len64(uint64(v)) - subBits - 1
	if shift <= 0 {
		return int(v)
	}
	return shift<<subBits + int(v>>shift)
}

// middleOf is the value in the middle of a bucket.
func middleOf(bucket int) int64 {
	shift := bucket>>subBits - 1
	if shift <= 0 {
		return int64(bucket)
	}
	low := int64(bucket&(1<<subBits-1)|1<<subBits) << shift
	return low + (int64(1)<<shift-1)/2
}

// count adds n to a bucket, for which there may be no room yet.
func (h *Histogram) count(bucket int, n int64) {
	if bucket < h.first {
		h.buckets = append(make([]int64, h.first-bucket, h.first-bucket+len(h.buckets)), h.buckets...)
		h.first = bucket
	}
	if need := bucket - h.first + 1; need > len(h.buckets) {
		h.buckets = append(h.buckets, make([]int64, need-len(h.buckets))...)
	}
	h.buckets[bucket-h.first] += n
}

// Merge adds what another one counted.
func (h *Histogram) Merge(o *Histogram) {
	if o.n == 0 {
		return
	}
	before, sum, low, high := h.n, h.sum+o.sum, o.min, o.max
	if before > 0 {
		low, high = min(h.min, o.min), max(h.max, o.max)
	}
	for _, b := range o.exact {
		h.Add(b.value)
		if h.buckets != nil {
			h.count(bucketOf(b.value), b.n-1)
		} else {
			h.exact[h.last].n += b.n - 1
		}
	}
	if o.buckets != nil && h.buckets == nil {
		h.first = bucketOf(low)
		h.buckets = []int64{0}
		for _, b := range h.exact {
			h.count(bucketOf(b.value), b.n)
		}
		h.exact = nil
	}
	for i, n := range o.buckets {
		if n > 0 {
			h.count(o.first+i, n)
		}
	}
	h.n, h.sum, h.min, h.max = before+o.n, sum, low, high
}

// Count is how many values there were.
func (h *Histogram) Count() int64 { return h.n }

// Min and Max are the least and the greatest value, 0 where there was none.
func (h *Histogram) Min() int64 { return h.min }

// Max is the greatest value.
func (h *Histogram) Max() int64 { return h.max }

// Sum is that of all values, exact below 2^53.
func (h *Histogram) Sum() float64 { return h.sum }

// Mean is the mean, 0 where there was no value.
func (h *Histogram) Mean() float64 {
	if h.n == 0 {
		return 0
	}
	return h.sum / float64(h.n)
}

// Exact says that Quantile is, too.
func (h *Histogram) Exact() bool { return h.buckets == nil }

// Quantile is the least value that at least a share q of all values are not
// above (nearest rank): of an even number the median is the lower one in the
// middle. Where the histogram is not exact, the value may be off by Error.
func (h *Histogram) Quantile(q float64) int64 {
	if h.n == 0 {
		return 0
	}
	rank := min(max(int64(math.Ceil(q*float64(h.n))), 1), h.n)
	if rank == h.n {
		return h.max
	}
	for _, b := range h.exact {
		if rank -= b.n; rank <= 0 {
			return b.value
		}
	}
	for i, n := range h.buckets {
		if rank -= n; rank <= 0 {
			return min(max(middleOf(h.first+i), h.min), h.max)
		}
	}
	return h.max
}
