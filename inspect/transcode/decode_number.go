package transcode

import (
	"math"
	"strconv"
)

const digitPairs = "0001020304050607080910111213141516171819" +
	"2021222324252627282930313233343536373839" +
	"4041424344454647484950515253545556575859" +
	"6061626364656667686970717273747576777879" +
	"8081828384858687888990919293949596979899"

func appendUint(dst []byte, v uint64) []byte {
	if v < 10 {
		return append(dst, byte('0'+v))
	}
	if v < 100 {
		return append(dst, digitPairs[2*v], digitPairs[2*v+1])
	}
	var text [20]byte
	at := len(text)
	for v >= 100 {
		q := v / 100
		pair := 2 * (v - 100*q)
		at -= 2
		text[at], text[at+1] = digitPairs[pair], digitPairs[pair+1]
		v = q
	}
	if v >= 10 {
		at -= 2
		text[at], text[at+1] = digitPairs[2*v], digitPairs[2*v+1]
	} else {
		at--
		text[at] = byte('0' + v)
	}
	return append(dst, text[at:]...)
}

func appendInt(dst []byte, v int64) []byte {
	if v < 0 {
		return appendUint(append(dst, '-'), -uint64(v))
	}
	return appendUint(dst, uint64(v))
}

// appendDigits appends v with leading zeros up to n digits.
func appendDigits(dst []byte, v uint64, n int) []byte {
	for range n {
		dst = append(dst, '0')
	}
	for at := len(dst) - 1; v > 0; at-- {
		dst[at] = byte('0' + v%10)
		v /= 10
	}
	return dst
}

// appendFloat64 appends v in its shortest form: NaN and the infinities as
// strings, exponents below 1e-6 and from 1e21 on, as ECMAScript writes them.
func appendFloat64(dst []byte, v float64) []byte {
	if abs := math.Abs(v); abs < 1e15 && abs >= 1e-6 {
		if out := appendDecimal(dst, v, abs); out != nil {
			return out
		}
	}
	return appendAnyFloat(dst, v, 64)
}

// appendFloat32 is appendFloat64 for the shortest form of a float.
func appendFloat32(dst []byte, v float32) []byte {
	if abs := math.Abs(float64(v)); abs < 1e6 && abs >= 1e-4 {
		if out := appendDecimal32(dst, v, float32(abs)); out != nil {
			return out
		}
	}
	return appendAnyFloat(dst, float64(v), 32)
}

// maxFraction is how many digits after the point appendDecimal tries.
const maxFraction = 8

var tens = [maxFraction + 1]float64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8}

// appendDecimal appends a number that has at most 15 digits, few of them after
// the point; nil for others. digits/10^k is rounded correctly, since both are
// exact, so that equality says that the text reads back as v; and no two
// decimals of up to 15 digits read as the same number, so that it is the
// shortest one.
func appendDecimal(dst []byte, v, abs float64) []byte {
	for k := 0; k <= maxFraction; k++ {
		scaled := abs * tens[k]
		if scaled >= 1e15 {
			return nil
		}
		digits := uint64(scaled + 0.5)
		if float64(digits)/tens[k] == abs {
			return appendScaled(dst, v < 0, digits, k)
		}
	}
	return nil
}

// appendDecimal32 does the same within the six digits that a float holds.
func appendDecimal32(dst []byte, v, abs float32) []byte {
	for k := 0; k <= maxFraction; k++ {
		scaled := float64(abs) * tens[k]
		digits := uint64(scaled + 0.5)
		if digits >= 1e6 {
			return nil
		}
		if float32(float64(digits)/tens[k]) == abs {
			return appendScaled(dst, v < 0, digits, k)
		}
	}
	return nil
}

// appendScaled appends digits/10^k.
func appendScaled(dst []byte, negative bool, digits uint64, k int) []byte {
	if negative {
		dst = append(dst, '-')
	}
	if k == 0 {
		return appendUint(dst, digits)
	}
	power := uint64(tens[k])
	whole := digits / power
	dst = append(appendUint(dst, whole), '.')
	return appendDigits(dst, digits-whole*power, k)
}

func appendAnyFloat(dst []byte, v float64, size int) []byte {
	switch {
	case v != v:
		return append(dst, `"NaN"`...)
	case v > math.MaxFloat64:
		return append(dst, `"Infinity"`...)
	case v < -math.MaxFloat64:
		return append(dst, `"-Infinity"`...)
	}
	format := byte('f')
	if abs := math.Abs(v); abs != 0 && (size == 64 && (abs < 1e-6 || abs >= 1e21) ||
		size == 32 && (float32(abs) < 1e-6 || float32(abs) >= 1e21)) {
		format = 'e'
	}
	dst = strconv.AppendFloat(dst, v, format, -1, size)
	if n := len(dst); format == 'e' && dst[n-4] == 'e' && dst[n-3] == '-' && dst[n-2] == '0' {
		dst[n-2] = dst[n-1]
		dst = dst[:n-1]
	}
	return dst
}

// quietNaN is the NaN that other languages write, which is not that of package
// math: as a float it is 7fc00000, as a double this.
func quietNaN() float64 { return math.Float64frombits(quietNaN64) }

const (
	quietNaN32 = 0x7fc00000
	quietNaN64 = 0x7ff8000000000000
)
