package wire

import (
	"bytes"
	"encoding/hex"
	"math"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"
)

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestConsumeVarint(t *testing.T) {
	for _, c := range []struct {
		hex  string
		v    uint64
		n    int
		code Code
	}{
		{"00", 0, 1, OK},
		{"7f", 127, 1, OK},
		{"9601", 150, 2, OK},
		{"8000", 0, 2, OK},
		{"80808080808080808000", 0, 10, OK},
		{"ffffffffffffffffff01", math.MaxUint64, 10, OK},
		{"ffffffffffffffffff02", 0, 10, Overflow},
		{"ffffffffffffffffffff01", 0, 10, Overflow},
		{"", 0, 0, Truncated},
		{"80", 0, 1, Truncated},
		{"ffffffffffffffffff", 0, 9, Truncated},
	} {
		v, n, code := ConsumeVarint(unhex(t, c.hex))
		if v != c.v || n != c.n || code != c.code {
			t.Errorf("%s: %d, %d, %d, want %d, %d, %d", c.hex, v, n, code, c.v, c.n, c.code)
		}
	}
}

func TestConsumeTag(t *testing.T) {
	for _, c := range []struct {
		hex    string
		number Number
		typ    Type
		n      int
		code   Code
	}{
		{"08", 1, Varint, 1, OK},
		{"12", 2, Len, 1, OK},
		{"8808", 129, Varint, 2, OK},
		{"8880808000", 1, Varint, 5, OK},
		{"ffffffff0f", MaxNumber, 7, 5, BadType},
		{"fdffffff0f", MaxNumber, I32, 5, OK},
		{"8880808040", 1, Varint, 5, Overflow},
		{"888080808000", 0, 0, 5, Overflow},
		{"8880808080", 0, 0, 5, Overflow},
		{"00", 0, Varint, 1, BadNumber},
		{"07", 0, 7, 1, BadNumber},
		{"0e", 1, 6, 1, BadType},
		{"0f", 1, 7, 1, BadType},
		{"0c", 1, EndGroup, 1, OK},
		{"", 0, 0, 0, Truncated},
		{"88", 0, 0, 1, Truncated},
		{"88808080", 0, 0, 4, Truncated},
	} {
		number, typ, n, code := ConsumeTag(unhex(t, c.hex))
		if number != c.number || typ != c.typ || n != c.n || code != c.code {
			t.Errorf("%s: %d, %d, %d, %d, want %d, %d, %d, %d", c.hex, number, typ, n, code, c.number, c.typ, c.n, c.code)
		}
	}
}

func TestConsumeLen(t *testing.T) {
	for _, c := range []struct {
		hex     string
		content string
		length  uint64
		n       int
		code    Code
	}{
		{"00", "", 0, 1, OK},
		{"026162ff", "6162", 2, 3, OK},
		{"820061620a", "6162", 2, 4, OK},
		{"036162", "6162", 3, 3, Truncated},
		{"ffffffffffffffff7f61", "61", math.MaxInt64, 10, Truncated},
		{"ffffffffffffffffff0161", "61", math.MaxUint64, 11, Truncated},
		{"80", "", 0, 1, Truncated},
		{"", "", 0, 0, Truncated},
		{"ffffffffffffffffff02", "", 0, 10, Overflow},
	} {
		content, length, n, code := ConsumeLen(unhex(t, c.hex))
		if !bytes.Equal(content, unhex(t, c.content)) || length != c.length || n != c.n || code != c.code {
			t.Errorf("%s: %x, %d, %d, %d, want %s, %d, %d, %d", c.hex, content, length, n, code, c.content, c.length, c.n, c.code)
		}
	}
}

func TestSkipValue(t *testing.T) {
	for _, c := range []struct {
		hex    string
		number Number
		typ    Type
		levels int
		n      int
		code   Code
	}{
		{"9601", 1, Varint, 0, 2, OK},
		{"01020304", 1, I32, 0, 4, OK},
		{"010203", 1, I32, 0, 3, Truncated},
		{"0102030405060708ff", 1, I64, 0, 8, OK},
		{"0161", 1, Len, 0, 2, OK},
		{"0c", 1, Group, 1, 1, OK},
		{"08010c", 1, Group, 1, 3, OK},
		{"13140c", 1, Group, 2, 3, OK},
		{"13140c", 1, Group, 1, 0, TooDeep},
		{"0c", 1, Group, 0, 0, TooDeep},
		{"14", 1, Group, 1, 0, Unmatched},
		{"130c", 1, Group, 2, 1, Unmatched},
		{"0801", 1, Group, 1, 2, Truncated},
		{"0880", 1, Group, 1, 1, Truncated},
		{"", 1, EndGroup, 1, 0, Unmatched},
		{"", 1, 6, 1, 0, BadType},
	} {
		n, code := SkipValue(unhex(t, c.hex), c.number, c.typ, c.levels)
		if n != c.n || code != c.code {
			t.Errorf("%s: %d, %d, want %d, %d", c.hex, n, code, c.n, c.code)
		}
	}
}

func TestZigZag(t *testing.T) {
	for _, n := range []int64{0, -1, 1, -2, 2, math.MaxInt64, math.MinInt64} {
		if got := UnZigZag(ZigZag(n)); got != n {
			t.Errorf("%d comes back as %d", n, got)
		}
		if got := ZigZag(n); got != protowire.EncodeZigZag(n) {
			t.Errorf("%d is %d, want %d", n, got, protowire.EncodeZigZag(n))
		}
	}
}

// FuzzConsume holds what is read to what is written, and to protowire, which
// takes the same varints.
func FuzzConsume(f *testing.F) {
	for _, s := range []string{"08", "9601", "12026162", "ffffffffffffffffff01", "0b08010c", "8880808000"} {
		b, _ := hex.DecodeString(s)
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		v, n, code := ConsumeVarint(b)
		want, size := protowire.ConsumeVarint(b)
		if (code == OK) != (size > 0) || code == OK && (v != want || n != size) {
			t.Errorf("% x: %d, %d, %d; protowire says %d, %d", b, v, n, code, want, size)
		}
		if code == OK {
			written := AppendVarint(nil, v)
			if again, _, _ := ConsumeVarint(written); again != v || len(written) != SizeVarint(v) || len(written) > n {
				t.Errorf("%d is written as % x", v, written)
			}
		}
		number, typ, n, code := ConsumeTag(b)
		if code != OK {
			return
		}
		if again, sameType, _, code := ConsumeTag(AppendTag(nil, number, typ)); again != number || sameType != typ || code != OK {
			t.Errorf("field %d of wire type %d is read as %d of %d", number, typ, again, sameType)
		}
		rest := b[n:]
		n, code = SkipValue(rest, number, typ, 10000)
		size = protowire.ConsumeFieldValue(number, protowire.Type(typ), rest)
		if code == OK && n != size {
			t.Errorf("% x: the value has %d bytes, protowire says %d", rest, n, size)
		}
	})
}
