package transcode

import (
	"encoding/binary"
	"math"
	"math/bits"
	"slices"
	"strconv"
)

// numberRoom is what a number takes at most, and the eight bytes that are
// written at a time beyond.
const numberRoom = 32

func appendUint(dst []byte, v uint64) []byte {
	if v < 10 {
		return append(dst, byte('0'+v))
	}
	n := len(dst)
	if cap(dst)-n < numberRoom {
		dst = slices.Grow(dst, numberRoom)
	}
	return dst[:n+putUint(dst[n:n+numberRoom], v)]
}

const (
	eightTens   = 100_000_000
	sixteenTens = eightTens * eightTens
	zeros       = '0' * eachByte
)

// putUint writes v to the first of numberRoom bytes and is how many digits it
// has.
func putUint(to []byte, v uint64) int {
	to = to[:numberRoom]
	switch {
	case v < eightTens:
		return putFirst(to, v)
	case v < sixteenTens:
		high := v / eightTens
		n := putFirst(to, high)
		binary.LittleEndian.PutUint64(to[n:], eightDecimals(v-high*eightTens)+zeros)
		return n + 8
	}
	high := v / sixteenTens
	v -= high * sixteenTens
	n := putFirst(to, high)
	high = v / eightTens
	binary.LittleEndian.PutUint64(to[n:], eightDecimals(high)+zeros)
	binary.LittleEndian.PutUint64(to[n+8:], eightDecimals(v-high*eightTens)+zeros)
	return n + 16
}

// putFirst writes v, which is below eightTens, without leading zeros and is how
// many digits it has.
func putFirst(to []byte, v uint64) int {
	digits := eightDecimals(v)
	leading := bits.TrailingZeros64(digits|1<<56) &^ 7
	binary.LittleEndian.PutUint64(to, (digits+zeros)>>leading)
	return 8 - leading/8
}

// eightDecimals is the decimal digits of v, which is below eightTens, a byte each,
// the first one lowest. It halves the number three times, in lanes of 32, 16
// and 8 bits; the divisions by 100 and 10 are products that are exact for what
// a lane can hold.
func eightDecimals(v uint64) uint64 {
	fours := v/10000 | v%10000<<32
	hundreds := fours * 10486 >> 20 & 0x0000007f_0000007f
	pairs := hundreds | (fours-100*hundreds)<<16
	tens := pairs * 103 >> 10 & 0x000f_000f_000f_000f
	return tens | (pairs-10*tens)<<8
}

func appendInt(dst []byte, v int64) []byte {
	if v < 0 {
		return appendUint(append(dst, '-'), -uint64(v))
	}
	return appendUint(dst, uint64(v))
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
	if whole := uint64(abs); float64(whole) == abs {
		return appendScaled(dst, v < 0, whole, 0, 0)
	}
	if abs < 1e11 { // prices
		if digits := uint64(abs*1e4 + 0.5); float64(digits)/1e4 == abs {
			return appendScaled(dst, v < 0, digits/1e4, digits%1e4, 4)
		}
	}
	k := 8
	switch {
	case abs >= 1e13:
		k = 1
	case abs >= 1e10:
		k = 2
	case abs >= 1e7:
		k = 5
	}
	digits := uint64(abs*tens[k] + 0.5)
	if digits >= 1e15 || float64(digits)/tens[k] != abs {
		return nil
	}
	return appendScaled(dst, v < 0, digits/uint64(tens[k]), digits%uint64(tens[k]), k)
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
	return appendScaled(dst, v < 0, digits/uint64(tens[k]), digits%uint64(tens[k]), k)
}

// appendScaled appends whole and fraction/10^k, without zeros at the end; k is
// at most 8.
func appendScaled(dst []byte, negative bool, whole, fraction uint64, k int) []byte {
	if negative {
		dst = append(dst, '-')
	}
	n := len(dst)
	if cap(dst)-n < 2*numberRoom {
		dst = slices.Grow(dst, 2*numberRoom)
	}
	n += putUint(dst[n:n+numberRoom], whole)
	if fraction == 0 {
		return dst[:n]
	}
	digits := eightDecimals(fraction) >> (64 - 8*k)
	to := dst[n : n+9]
	to[0] = '.'
	binary.LittleEndian.PutUint64(to[1:], digits+zeros)
	return dst[:n+9-bits.LeadingZeros64(digits)/8]
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
