package render

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

func TestIndented(t *testing.T) {
	for _, c := range []struct {
		in     string
		indent int
		want   string
	}{
		{`{}`, 2, "{}"},
		{`[]`, 2, "[]"},
		{`{"a":1}`, 2, "{\n  \"a\": 1\n}"},
		{`{"a":1}`, 0, `{"a":1}`},
		{`[1,-2.5e10,"x",true,null,{"b":[]}]`, 1, "[\n 1,\n -2.5e10,\n \"x\",\n true,\n null,\n {\n  \"b\": []\n }\n]"},
		{`{"a\"}":"[{,:\\"}`, 2, "{\n  \"a\\\"}\": \"[{,:\\\\\"\n}"},
		{`"lone"`, 2, `"lone"`},
		{``, 2, ``},
	} {
		if got := string(AppendIndented(nil, []byte(c.in), JSONStyle{Indent: c.indent})); got != c.want {
			t.Errorf("%s: %s, want %s", c.in, got, c.want)
		}
	}
}

func TestIndentedColors(t *testing.T) {
	got := string(AppendIndented([]byte("x"), []byte(`{"a":"b","@unknown":[null,1]}`), JSONStyle{Color: true}))
	want := "x\x1b[1;39m{\x1b[0m\x1b[34;1m\"a\"\x1b[0m\x1b[1;39m:\x1b[0m\x1b[32m\"b\"\x1b[0m\x1b[1;39m,\x1b[0m" +
		"\x1b[31;1m\"@unknown\"\x1b[0m\x1b[1;39m:\x1b[0m\x1b[1;39m[\x1b[0m\x1b[90mnull\x1b[0m\x1b[1;39m,\x1b[0m\x1b[39m1\x1b[0m" +
		"\x1b[1;39m]\x1b[0m\x1b[1;39m}\x1b[0m"
	if got != want {
		t.Errorf("%q\nwant\n%q", got, want)
	}
}

// TestIndentedDeep holds the output for deep nesting to a multiple of the
// input's length.
func TestIndentedDeep(t *testing.T) {
	const levels = 20000
	in := strings.Repeat("[", levels) + "1" + strings.Repeat("]", levels)
	out := AppendIndented(nil, []byte(in), JSONStyle{Indent: 2})
	if limit := (2*maxJSONIndent + 2) * len(in); len(out) > limit {
		t.Errorf("%d bytes of %d, limit %d", len(out), len(in), limit)
	}
	if got := strip(out); got != in {
		t.Error("the tokens changed")
	}
}

// strip takes white space and colours out of JSON without strings.
func strip(b []byte) string {
	return strings.NewReplacer(" ", "", "\n", "").Replace(string(b))
}

// FuzzIndented holds indented JSON to the same tokens: compacted it is the
// input again, byte for byte, and coloured it is the same but for the colours.
func FuzzIndented(f *testing.F) {
	for _, s := range []string{`{"a":[1,2,{"b":"c\\\"d"}],"@x":null}`, `[[],{},"\u0000é",-0,1e5]`, `"x"`, `{"a":{}}`} {
		f.Add([]byte(s), 2)
	}
	f.Fuzz(func(t *testing.T, in []byte, indent int) {
		if !json.Valid(in) {
			AppendIndented(nil, in, JSONStyle{Indent: 2, Color: true})
			return
		}
		var compact bytes.Buffer
		if err := json.Compact(&compact, in); err != nil {
			t.Fatal(err)
		}
		src := compact.Bytes()
		out := AppendIndented(nil, src, JSONStyle{Indent: indent % 9})
		var again bytes.Buffer
		if err := json.Compact(&again, out); err != nil {
			t.Fatalf("%s becomes %s: %v", src, out, err)
		}
		if !bytes.Equal(again.Bytes(), src) {
			t.Errorf("%s becomes %s", src, out)
		}
		colored := AppendIndented(nil, src, JSONStyle{Indent: indent % 9, Color: true})
		if !bytes.Equal(uncolored(colored), out) {
			t.Errorf("%s: colours change the text", src)
		}
	})
}

// uncolored takes the sequences out that put writes. JSON has no control
// characters of its own.
func uncolored(b []byte) []byte {
	var out []byte
	for i := 0; i < len(b); i++ {
		if b[i] != '\x1b' {
			out = append(out, b[i])
			continue
		}
		for b[i] != 'm' {
			i++
		}
	}
	return out
}
