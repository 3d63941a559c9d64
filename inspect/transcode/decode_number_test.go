package transcode

import (
	"encoding/base64"
	"math"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"
)

// TestNumbersAgainstStrconv compares with the standard library at the limits
// of every number of digits and at random.
func TestNumbersAgainstStrconv(t *testing.T) {
	check := func(v uint64) {
		t.Helper()
		if got, want := string(appendUint(nil, v)), strconv.FormatUint(v, 10); got != want {
			t.Fatalf("appendUint: %s, want %s", got, want)
		}
		if got, want := string(appendInt([]byte("x"), int64(v))), "x"+strconv.FormatInt(int64(v), 10); got != want {
			t.Fatalf("appendInt: %s, want %s", got, want)
		}
	}
	for ten, i := uint64(1), 0; i < 20; ten, i = ten*10, i+1 {
		for d := range uint64(10) {
			for _, v := range []uint64{ten - 1, ten, ten + 1, d * ten, d*ten - 1} {
				check(v)
			}
		}
	}
	check(math.MaxUint64)
	r := rand.New(rand.NewPCG(1, 2))
	for range 200000 {
		check(r.Uint64() >> r.IntN(64))
	}
	for v := range uint64(100000) {
		check(v)
		check(v * 9999)
	}
}

// TestDecimalsAgainstStrconv compares prices and other short decimals, and
// their neighbours, which are not short.
func TestDecimalsAgainstStrconv(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 300000 {
		v := float64(r.Int64N(1<<r.IntN(50)+1)) / math.Pow10(r.IntN(10))
		for _, v := range []float64{v, -v, math.Nextafter(v, math.Inf(1)), math.Nextafter(v, 0)} {
			if v == 0 || math.Abs(v) < 1e-6 || math.Abs(v) >= 1e21 {
				continue
			}
			if got, want := string(appendFloat64(nil, v)), strconv.FormatFloat(v, 'f', -1, 64); got != want {
				t.Fatalf("appendFloat64: %s, want %s", got, want)
			}
		}
		f := float32(v)
		if f != 0 && f >= 1e-6 && f < 1e21 {
			if got, want := string(appendFloat32(nil, f)), strconv.FormatFloat(float64(f), 'f', -1, 32); got != want {
				t.Fatalf("appendFloat32: %s, want %s", got, want)
			}
		}
	}
}

// TestTimesAgainstTime compares timestamps with package time.
func TestTimesAgainstTime(t *testing.T) {
	r, d := rand.New(rand.NewPCG(5, 6)), NewDecoder(Options{})
	for i := range 200000 {
		seconds := minTimestamp + r.Int64N(maxTimestamp-minTimestamp+1)
		switch i % 4 {
		case 0:
			seconds = int64(i) * 40 // the same day for a while
		case 1:
			seconds = []int64{minTimestamp, maxTimestamp, -1, 0, -86400, -86401, 951782400, 68169600}[i/4%8]
		}
		nanos := []int64{0, 1, 999999999, 120000000, 1000, 123456000, r.Int64N(1e9), 10}[r.IntN(8)]
		layout := "2006-01-02T15:04:05Z"
		switch {
		case nanos%1000 != 0:
			layout = "2006-01-02T15:04:05.000000000Z"
		case nanos%1000000 != 0:
			layout = "2006-01-02T15:04:05.000000Z"
		case nanos != 0:
			layout = "2006-01-02T15:04:05.000Z"
		}
		want := `"` + time.Unix(seconds, nanos).UTC().Format(layout) + `"`
		if got := string(d.appendTimestamp(nil, seconds, int32(nanos))); got != want {
			t.Fatalf("%d.%09d: %s, want %s", seconds, nanos, got, want)
		}
	}
}

func TestBase64AgainstTheStandardLibrary(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	for n := range 200 {
		b := make([]byte, n)
		for i := range b {
			b[i] = byte(r.Uint32())
		}
		if got, want := string(appendBase64([]byte("x"), b)), `x"`+base64.StdEncoding.EncodeToString(b)+`"`; got != want {
			t.Fatalf("%d bytes: %s, want %s", n, got, want)
		}
	}
}
