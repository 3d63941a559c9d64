package transcode

import (
	"math"
	"math/big"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
)

// TestIntegersAreExact compares both ways of reading integers with math/big.
func TestIntegersAreExact(t *testing.T) {
	check := func(text string) {
		v, negative, end := jsonSmallInt([]byte(text), 0)
		exact, ok := new(big.Rat).SetString(text)
		if !ok {
			t.Fatal(text)
		}
		fits := exact.IsInt() && exact.Num().CmpAbs(new(big.Int).SetUint64(math.MaxUint64)) <= 0
		if end >= 0 && (end != len(text) || !fits || new(big.Int).SetUint64(v).CmpAbs(exact.Num()) != 0 || negative != strings.HasPrefix(text, "-")) {
			t.Errorf("%s: the short way reads %d %t up to %d", text, v, negative, end)
		}
		v, _, fault := jsonInteger([]byte(text))
		switch {
		case fits && fault != numberFine, fits && new(big.Int).SetUint64(v).CmpAbs(exact.Num()) != 0:
			t.Errorf("%s: %d, fault %d", text, v, fault)
		case !exact.IsInt() && fault != numberFraction && fault != numberRange, exact.IsInt() && !fits && fault != numberRange:
			t.Errorf("%s: fault %d", text, fault)
		}
	}
	for _, text := range []string{"0", "-0", "0.0", "0e5", "1", "10", "18446744073709551615", "18446744073709551616", "19999999999999999999",
		"99999999999999999999", "100000000000000000000", "12345678", "123456789", "1234567890123456", "12345678901234567", "1.0", "1.50e1", "150e-1",
		"15e-1", "1e19", "1e20", "2e19", "0.1e1", "0.01e1", "123.456e3", "123.456e2", "1844674407370955161.5e1", "1844674407370955161.6e1"} {
		check(text)
		check("-" + strings.TrimPrefix(text, "-"))
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range 100000 {
		text := strconv.FormatUint(r.Uint64()>>r.IntN(64), 10)
		check(text)
		if i := r.IntN(len(text) + 1); i > 0 && i < len(text) {
			text = text[:i] + "." + text[i:]
		}
		check(text + "e" + strconv.Itoa(r.IntN(40)-20))
	}
}

// TestFloatsAreRounded compares the short way with strconv.
func TestFloatsAreRounded(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 200000 {
		text := strconv.FormatUint(r.Uint64()>>r.IntN(64), 10)
		if i := r.IntN(len(text) + 1); i > 0 && i < len(text) {
			text = text[:i] + "." + text[i:]
		}
		for _, size := range []int{32, 64} {
			want, _ := strconv.ParseFloat(text, size)
			if got, end, fault := jsonFloat([]byte(text), 0, size); got != want || end != len(text) || fault != numberFine {
				t.Fatalf("%s as %d bits: %v, want %v", text, size, got, want)
			}
		}
	}
}
