package transcode

import (
	"bytes"
	"strconv"
	"strings"
	"testing"

	"github.com/pbscope/pbscope/inspect/internal/conformance"
	"github.com/pbscope/pbscope/inspect/internal/corpus"
	"github.com/pbscope/pbscope/inspect/span"
)

// textHostile are documents of about n bytes whose shape would cost a reader
// that looks back, or prints again and again, the square of their length, and
// the tag of those that are no messages.
func textHostile(n int) map[string]struct {
	text  string
	fails span.Tag
} {
	type document = struct {
		text  string
		fails span.Tag
	}
	nest := func(open, middle, closing string, depth int) string {
		return strings.Repeat(open, depth) + middle + strings.Repeat(closing, depth)
	}
	counted := func(each func(i int) string) string {
		var b strings.Builder
		for i := 0; b.Len() < n; i++ {
			b.WriteString(each(i))
		}
		return b.String()
	}
	filler := strings.Repeat("A", n)
	return map[string]document{
		"fields in turns":          {strings.Repeat("list: 1 ms {} ", n/14), ""},
		"extensions in turns":      {"[t.ext]: 1 " + strings.Repeat("list: 1 [t.exts]: 'a' ", n/22), ""},
		"lists":                    {strings.Repeat("list: [1, 2] ", n/13), ""},
		"a long list":              {"list: [1" + strings.Repeat(",1", n/2) + "]", ""},
		"a list of messages":       {"ms: [{}" + strings.Repeat(",{}", n/3) + "]", ""},
		"deep":                     {nest("m {", "s: '"+filler+"'", "}", 9000), ""},
		"deep, in angle brackets":  {nest("m <", "s: '"+filler+"'", ">", 9000), ""},
		"deep and out of order":    {nest("m { s: 'a' ", "b: '"+filler+"'", "i: 1 }", 9000), ""},
		"deep groups":              {nest("ms { G { x: 1 }", "", "}", 9000), ""},
		"too deep":                 {strings.Repeat("m {", n/3), span.TooDeep},
		"a map's keys":             {counted(func(i int) string { return "counts { key: 'k" + strconv.Itoa(i) + "' }" }), ""},
		"one key":                  {strings.Repeat("children { key: 7 value { i: 2 } }", n/34), ""},
		"maps in maps":             {nest("children { value {", "s: '"+filler+"'", "} key: 7 }", 4000), ""},
		"pieces of a string":       {"s: " + strings.Repeat("'a' ", n/4), ""},
		"comments":                 {strings.Repeat("#\n", n/2) + "i: 1", ""},
		"comments within a string": {"s: " + strings.Repeat("'a' #'\n", n/7), ""},
		"escapes":                  {"s: '" + strings.Repeat(`\U0001F601\303\251\x61`, n/22) + "'", ""},
		"surrogates":               {"s: '" + strings.Repeat(`\ud83d\ude01`, n/12) + "'", span.InvalidText},
		"digits":                   {"i: " + strings.Repeat("7", n), span.InvalidText},
		"digits of a float":        {"value { number_value: 0." + strings.Repeat("0", n) + "1e" + strconv.Itoa(n) + " }", ""},
		"an exponent":              {"value { number_value: 1e-" + strings.Repeat("9", n) + " }", ""},
		"a sign, far away":         {"i: -" + strings.Repeat(" ", n) + "1", ""},
		"unknown groups":           {nest("999 {", "1: '"+filler+"'", "}", 9000), ""},
		"unknown fields in turns":  {strings.Repeat("999: 1 998: 0x00000002 ", n/23), ""},
		"Any in Any":               {"any {" + nest("[a/google.protobuf.Any] {", "[a/t.M] { s: '"+filler+"' }", "}", 4000) + "}", ""},
		"Any in messages":          {nest("any { [a/t.M] {", "s: '"+filler+"'", "} }", 4000), ""},
		"a long name":              {filler + ": 1", span.InvalidText},
		"a long extension":         {"[" + filler + "]: 1", span.InvalidText},
		"a long type":              {"any { [a/" + filler + "] {} }", span.InvalidText},
		"a long enum value":        {"color: " + filler, span.InvalidText},
		"a field twice, at last":   {"i: 1 s: '" + filler + "' i: 2", span.InvalidText},
		"open lists":               {"list: " + strings.Repeat("[", n), span.InvalidText},
		"no end of a string":       {"s: '" + filler, span.InvalidText},
	}
}

// TestTextHostile reads them: what they become must come back, but for entries
// of a map that others replace.
func TestTextHostile(t *testing.T) {
	m := conformance.Compile(t, corpus.Proto2).Message(t, "t.M")
	for name, doc := range textHostile(1 << 21) {
		wire, p := ParseText(nil, m, []byte(doc.text), TextOptions{})
		if p != nil {
			if p.Tag != doc.fails {
				t.Errorf("%s: %v, want %q", name, p, doc.fails)
			}
			if size := len(p.Message) + len(p.Path) + len(p.Key) + len(p.Hint); size > 2000 {
				t.Errorf("%s: a problem of %d bytes", name, size)
			}
			continue
		}
		if doc.fails != "" {
			t.Errorf("%s: accepted", name)
			continue
		}
		text, ok := AppendText(nil, m, wire, TextOptions{})
		if !ok {
			t.Errorf("%s: the %d bytes are refused", name, len(wire))
			continue
		}
		again, p := ParseText(nil, m, text, TextOptions{})
		if p != nil || !bytes.Equal(wire, again) && name != "one key" {
			t.Errorf("%s: %d bytes come back as %d: %v", name, len(wire), len(again), p)
		}
	}
}
