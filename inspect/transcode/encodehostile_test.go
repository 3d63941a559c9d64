package transcode

import (
	"bytes"
	"strconv"
	"strings"
	"testing"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/inspect/span"
)

// TestEncodeHostile has documents of megabytes whose shape would cost a
// quadratic reader minutes. What they become must come back.
func TestEncodeHostile(t *testing.T) {
	set := encodeSchema(t)
	const n = 1 << 20
	filler := strings.Repeat("A", 4*n)
	nest := func(open, middle, close string, depth int) string {
		return strings.Repeat(open, depth) + middle + strings.Repeat(close, depth)
	}
	var keys, numbers strings.Builder
	for i := range n / 8 {
		keys.WriteString(`,"k` + strconv.Itoa(i) + `":{}`)
		numbers.WriteString(`,` + strconv.Itoa(i))
	}
	for _, c := range []struct {
		name, typ, text string
		fails           span.Tag
	}{
		{"deep", "e.Deep", nest(`{"d":`, `{"b":"`+filler+`"}`, `}`, 9999), ""},
		{"deep and out of order", "e.Deep", nest(`{"b":"AA==","d":`, `{"b":"`+filler+`"}`, `}`, 9999), ""},
		{"too deep", "e.Deep", nest(`{"d":`, `{}`, `}`, 1<<20), span.TooDeep},
		{"Any in Any", "google.protobuf.Any", nest(`{"@type":"/google.protobuf.Any","value":`, `{"@type":"/e.Deep","b":"`+filler+`"}`, `}`, 4000), ""},
		{"Any in Any, types last", "google.protobuf.Any", nest(`{"value":`, `{"b":"`+filler+`","@type":"/e.Deep"}`, `,"@type":"/google.protobuf.Any"}`, 4000), ""},
		{"Any in messages, types last", "e.Deep", nest(`{"a":{"d":`, `{"b":"`+filler+`"}`, `,"@type":"/e.Deep"}}`, 3000), ""},
		{"open brackets", "e.Book", `{"x":` + strings.Repeat(`[`, n), span.InvalidJSON},
		{"open brackets to pass over", "google.protobuf.Any", `{"value":` + strings.Repeat(`[`, n), span.TooDeep},
		{"keys", "e.Book", `{"name":"","counts":{"":{}` + keys.String() + `}}`, ""},
		{"digits", "e.Trade", `{"tradeId":1` + strings.Repeat("0", n) + `e-` + strconv.Itoa(n) + `}`, ""},
		{"digits of a double", "e.Trade", `{"price":0.` + strings.Repeat("0", n) + `1e` + strconv.Itoa(n) + `}`, ""},
		{"an exponent beyond all", "e.Trade", `{"tradeId":0e` + strings.Repeat("9", n) + `}`, ""},
		{"a negative exponent beyond all", "e.Trade", `{"tradeId":1e-` + strings.Repeat("9", n) + `}`, span.InvalidJSON},
		{"escapes", "e.Trade", `{"symbol":"` + strings.Repeat(`\ud83d\ude01`, n/4) + `"}`, ""},
		{"a struct", "google.protobuf.Struct", `{"":0` + strings.ReplaceAll(keys.String(), "{}", "[{}]") + `}`, ""},
		{"unknown groups", "", `{"@unknown":` + nest(`[{"field":1,"wire":"group","value":`, `[{"field":1,"wire":"len","value":"`+filler+`"}]`, `}]`, 9999) + `}`, ""},
		{"bytes beside each level", "e.Deep", nest(`{"@wire":"CgA=","d":`, `{"b":"`+filler+`"}`, `}`, 3000), ""},
		{"a long unknown key", "e.Trade", `{"` + filler + `":1}`, span.InvalidJSON},
		{"a long enum name", "e.Trade", `{"side":"` + filler + `"}`, span.InvalidJSON},
	} {
		m := set.Named(protoreflect.FullName(c.typ))
		wire, p := NewEncoder(EncodeOptions{}).Append(nil, m, []byte(c.text))
		if p != nil {
			if p.Tag != c.fails {
				t.Errorf("%s: %v, want %q", c.name, p, c.fails)
			}
			if len(p.Message)+len(p.Path)+len(p.Key)+len(p.Hint) > 2000 {
				t.Errorf("%s: a problem of %d bytes", c.name, len(p.Message)+len(p.Path)+len(p.Key)+len(p.Hint))
			}
			continue
		}
		if c.fails != "" {
			t.Errorf("%s: accepted", c.name)
			continue
		}
		text, _, ok := NewDecoder(Options{}).Append(nil, m, wire)
		if !ok {
			t.Errorf("%s: the Decoder refuses the %d bytes", c.name, len(wire))
			continue
		}
		again, p := NewEncoder(EncodeOptions{}).Append(nil, m, text)
		if p != nil || !bytes.Equal(wire, again) {
			t.Errorf("%s: %d bytes come back as %d: %v", c.name, len(wire), len(again), p)
		}
	}
}
