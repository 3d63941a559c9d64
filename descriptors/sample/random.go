package sample

import (
	"math"
	"math/bits"
	"math/rand/v2"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/inspect/plan"
)

// random chooses by a source of random bits. It derives all from Uint64, so
// that a seed means the same whatever other ways package rand finds.
type random struct {
	source *rand.Rand
}

// below is a number from 0 to n-1.
func (r *random) below(n int) int {
	high, _ := bits.Mul64(r.source.Uint64(), uint64(n))
	return int(high)
}

// between is a number from low to high, both included.
func (r *random) between(low, high int64) int64 {
	above, _ := bits.Mul64(r.source.Uint64(), uint64(high-low)+1)
	return low + int64(above)
}

// percent is true in that many of a hundred cases.
func (r *random) percent(n int) bool { return r.below(100) < n }

func oneOf[T any](r *random, all []T) T { return all[r.below(len(all))] }

func (r *random) enter(*plan.Field) {}
func (r *random) leave()            {}

// choose draws for each message how full it is: some are empty, some have
// every field.
func (r *random) choose(m *plan.Message, fields []*plan.Field) []*plan.Field {
	percent := 40 + r.below(56)
	switch r.below(20) {
	case 0:
		percent = 0
	case 1, 2:
		percent = 100
	}
	chosen := r.members(m, fields, percent)
	kept := fields[:0]
	for _, f := range fields {
		switch {
		case f.Required,
			f.Oneof > 0 && chosen[f.Oneof-1] == f,
			f.Oneof == 0 && r.percent(r.likely(f, percent)):
			kept = append(kept, f)
		}
	}
	return kept
}

// likely makes extensions rarer than fields.
func (r *random) likely(f *plan.Field, percent int) int {
	if f.Extension {
		return percent / 4
	}
	return percent
}

// members draws the member of each oneof, nil for those without one.
func (r *random) members(m *plan.Message, fields []*plan.Field, percent int) []*plan.Field {
	if m.Oneofs == 0 {
		return nil
	}
	chosen, count := make([]*plan.Field, m.Oneofs), make([]int, m.Oneofs)
	for _, f := range fields {
		if f.Oneof > 0 {
			count[f.Oneof-1]++
			if r.below(count[f.Oneof-1]) == 0 {
				chosen[f.Oneof-1] = f
			}
		}
	}
	for i := range chosen {
		if !r.percent(percent) {
			chosen[i] = nil
		}
	}
	return chosen
}

// length is mostly small, at times none and seldom long.
func (r *random) length(f *plan.Field) int {
	switch n := r.below(100); {
	case n < 5:
		return 0
	case n < 35:
		return 1
	case n < 85:
		return 2 + r.below(3)
	case n < 98 || f.Message() != nil:
		return 5 + r.below(8)
	}
	return 20 + r.below(200)
}

func (r *random) any(types []*plan.Message) *plan.Message {
	if len(types) == 0 || r.percent(5) {
		return nil
	}
	return oneOf(r, types)
}

func (r *random) value(flat bool) int {
	if flat {
		return valueNull + r.below(4)
	}
	return valueNull + r.below(6)
}

// number implements chooser.
func (r *random) number(f *plan.Field) uint64 {
	switch f.Kind {
	case protoreflect.BoolKind:
		return uint64(r.below(2))
	case protoreflect.EnumKind:
		values := f.Enum.Desc.Values()
		return uint64(int64(values.Get(r.below(values.Len())).Number()))
	case protoreflect.FloatKind:
		return uint64(math.Float32bits(r.float32()))
	case protoreflect.DoubleKind:
		return math.Float64bits(r.float64())
	case protoreflect.Int32Kind, protoreflect.Sint32Kind, protoreflect.Sfixed32Kind:
		return uint64(r.signed(32, 0))
	case protoreflect.Uint32Kind, protoreflect.Fixed32Kind:
		return r.unsigned(32, 0)
	case protoreflect.Int64Kind, protoreflect.Sint64Kind, protoreflect.Sfixed64Kind:
		return uint64(r.signed(64, timeUnit(string(f.Desc.Name()))))
	}
	return r.unsigned(64, timeUnit(string(f.Desc.Name())))
}

// signed is a number of that many bits; unit, where it is not 0, is that of a
// point in time.
func (r *random) signed(size int, unit int64) int64 {
	lowest := int64(-1) << (size - 1)
	switch n := r.below(100); {
	case n < 6:
		return oneOf(r, []int64{lowest, ^lowest, lowest + 1, -1, 0, 127, 128, -128, -129, 1<<14 - 1, 1 << 14, 1<<31 - 1, min(1<<53, ^lowest), max(-1<<53, lowest)})
	case n < 18:
		return -int64(r.magnitude(size - 1))
	}
	return int64(r.unsignedWithin(size-1, unit))
}

func (r *random) unsigned(size int, unit int64) uint64 {
	if r.percent(6) {
		highest := uint64(math.MaxUint64) >> (64 - size)
		return oneOf(r, []uint64{highest, highest - 1, highest/2 + 1, 0, 1, 127, 128, 1 << 14, 1<<31 - 1, min(1<<53+1, highest)})
	}
	return r.unsignedWithin(size, unit)
}

// unsignedWithin is mostly small.
func (r *random) unsignedWithin(size int, unit int64) uint64 {
	switch n := r.below(100); {
	case unit > 0 && n < 90:
		return uint64(r.recent()*unit + r.between(0, unit-1))
	case n < 55:
		return uint64(r.below(100))
	case n < 75:
		return uint64(r.below(100_000))
	}
	return r.magnitude(size)
}

// magnitude is a number of up to that many bits, each count of bits as likely.
func (r *random) magnitude(size int) uint64 {
	return r.source.Uint64() >> (64 - (1 + r.below(size)))
}

// recent is a second from 2000 to 2033.
func (r *random) recent() int64 { return r.between(946684800, 2000000000) }

// nan is the NaN that JSON means: among its many bit patterns the one that
// encode writes.
const (
	nan64 = 0x7ff8 << 48
	nan32 = 0x7fc0 << 16
)

func (r *random) float64() float64 {
	switch n := r.below(100); {
	case n < 6:
		return oneOf(r, []float64{0, math.Copysign(0, -1), math.Inf(1), math.Inf(-1), math.Float64frombits(nan64), math.MaxFloat64,
			math.SmallestNonzeroFloat64, -math.MaxFloat64, 1 << 53, 0x1p-1022})
	case n < 55:
		return float64(r.between(-10_000, 1_000_000)) / 100
	case n < 70:
		return float64(r.below(1000))
	case n < 90:
		return float64(r.source.Uint64()>>11) / (1 << 53)
	}
	for {
		if v := math.Float64frombits(r.source.Uint64()); !math.IsNaN(v) {
			return v
		}
	}
}

func (r *random) float32() float32 {
	switch n := r.below(100); {
	case n < 6:
		return oneOf(r, []float32{0, float32(math.Copysign(0, -1)), float32(math.Inf(1)), float32(math.Inf(-1)), math.Float32frombits(nan32),
			math.MaxFloat32, math.SmallestNonzeroFloat32, -math.MaxFloat32, 1 << 24, 0x1p-126})
	case n < 55:
		return float32(r.between(-10_000, 1_000_000)) / 100
	case n < 90:
		return float32(r.source.Uint64()>>40) / (1 << 24)
	}
	for {
		if v := math.Float32frombits(uint32(r.source.Uint64())); v == v {
			return v
		}
	}
}

// The limits of google/protobuf/timestamp.proto and duration.proto, in
// seconds.
const (
	firstSecond = -62135596800
	lastSecond  = 253402300799
	maxDuration = 315576000000
)

func (r *random) timestamp() (int64, int32) {
	nanos := r.nanos()
	switch n := r.below(100); {
	case n < 3:
		return oneOf(r, []int64{firstSecond, lastSecond, 0, -1}), nanos
	case n < 10:
		return r.between(firstSecond, lastSecond), nanos
	}
	return r.recent(), nanos
}

// nanos is part of a second in one of the precisions that clocks have.
func (r *random) nanos() int32 {
	switch r.below(4) {
	case 0:
		return 0
	case 1:
		return int32(r.below(1e3)) * 1e6
	case 2:
		return int32(r.below(1e6)) * 1e3
	}
	return int32(r.below(1e9))
}

func (r *random) duration() (int64, int32) {
	seconds, nanos := r.between(0, 3600), r.nanos()
	switch n := r.below(100); {
	case n < 3:
		seconds, nanos = maxDuration, 0
	case n < 15:
		seconds = r.between(0, maxDuration-1)
	case n < 30:
		seconds = 0
	}
	if r.percent(12) {
		return -seconds, -nanos
	}
	return seconds, nanos
}
