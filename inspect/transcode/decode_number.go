package transcode

import (
	"encoding/binary"
	"math"
	"math/bits"
	"slices"
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
	n := len(dst)
	if cap(dst)-n < maxDigits {
		dst = slices.Grow(dst, maxDigits)
	}
	end := n + decimalDigits(v)
	dst = dst[:end]
	putDigits(dst[n:], v)
	return dst
}

// maxDigits is the length of the highest number of 64 bits.
const maxDigits = 20

// putDigits fills dst with the last digits of v, two at a time.
func putDigits(dst []byte, v uint64) {
	at := len(dst)
	for at >= 2 {
		q := v / 100
		at -= 2
		binary.LittleEndian.PutUint16(dst[at:], digitPair(v-100*q))
		v = q
	}
	if at > 0 {
		dst[0] = byte('0' + v%10)
	}
}

func digitPair(v uint64) uint16 {
	return uint16(digitPairs[2*v]) | uint16(digitPairs[2*v+1])<<8
}

// decimalDigits is how many digits v has: its bits times log 2, corrected.
func decimalDigits(v uint64) int {
	n := bits.Len64(v) * 1233 >> 12
	if v >= integerTens[n] {
		n++
	}
	return n
}

var integerTens = [20]uint64{0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19}

func appendInt(dst []byte, v int64) []byte {
	if v < 0 {
		return appendUint(append(dst, '-'), -uint64(v))
	}
	return appendUint(dst, uint64(v))
}

// appendDigits appends the last n digits of v, with leading zeros; n is at most
// maxDigits.
func appendDigits(dst []byte, v uint64, n int) []byte {
	at := len(dst)
	dst = append(dst, "00000000000000000000"[:n]...)
	putDigits(dst[at:], v)
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

var tens = [9]float64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8}

// appendDecimal appends a number that has at most 15 digits, up to eight
// of them after the point; nil for others. digits/10^k is rounded correctly, since
// both are exact, so that equality says that the text reads back as v; and no
// two decimals of up to 15 digits read as the same number, so that it is the
// shortest one.
func appendDecimal(dst []byte, v, abs float64) []byte {
	k := 8
	switch {
	case abs >= 1e13:
		k = 1
	case abs >= 1e10:
		k = 2
	case abs >= 1e7:
		k = 5
	}
	whole := uint64(abs)
	if float64(whole) == abs {
		return appendScaled(dst, v < 0, whole, 0)
	}
	digits := uint64(abs*tens[k] + 0.5)
	if digits >= 1e15 || float64(digits)/tens[k] != abs {
		return nil
	}
	return appendScaled(dst, v < 0, digits, k)
}

// appendDecimal32 does the same within the six digits that a float holds.
func appendDecimal32(dst []byte, v, abs float32) []byte {
	k := 6
	for ten := float32(1); k > 0 && abs >= ten; ten *= 10 {
		k--
	}
	digits := uint64(float64(abs)*tens[k] + 0.5)
	if digits >= 1e6 || float32(float64(digits)/tens[k]) != abs {
		return nil
	}
	return appendScaled(dst, v < 0, digits, k)
}

// appendScaled appends digits/10^k without zeros at the end.
func appendScaled(dst []byte, negative bool, digits uint64, k int) []byte {
	if negative {
		dst = append(dst, '-')
	}
	for k >= 2 && digits%100 == 0 {
		digits /= 100
		k -= 2
	}
	if k > 0 && digits%10 == 0 {
		digits /= 10
		k--
	}
	if k == 0 {
		return appendUint(dst, digits)
	}
	n, count := len(dst), max(decimalDigits(digits), k+1)
	if cap(dst)-n < maxDigits+1 {
		dst = slices.Grow(dst, maxDigits+1)
	}
	dst = dst[:n+count+1]
	text := dst[n:]
	putDigits(text[1:], digits)
	for i := range count - k {
		text[i] = text[i+1]
	}
	text[count-k] = '.'
	return dst
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
