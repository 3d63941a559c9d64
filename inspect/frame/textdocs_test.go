package frame

import (
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

func TestTextDocs(t *testing.T) {
	for _, c := range []struct {
		input string
		docs  []string
		lines []int
	}{
		{"", []string{""}, []int{1}},
		{"a: 1\n", []string{"a: 1\n"}, []int{1}},
		{"a: 1\n# ---\nb: 2", []string{"a: 1\n", "b: 2"}, []int{1, 3}},
		{"# ---\n", []string{"", ""}, []int{1, 2}},
		{"a: 1\r\n# ---\r\n\nb: 2\n# ----\n", []string{"a: 1\r\n", "\nb: 2\n# ----\n"}, []int{1, 3}},
		{`s: "# ---"`, []string{`s: "# ---"`}, []int{1}},
	} {
		frames, err := ReadAll(NewTextDocs(NewInput(iotest.OneByteReader(strings.NewReader(c.input))), nil))
		if err != nil {
			t.Fatalf("%q: %v", c.input, err)
		}
		var docs []string
		var lines []int
		for _, f := range frames {
			docs, lines = append(docs, string(f.Payload)), append(lines, f.Line)
		}
		if !slices.Equal(docs, c.docs) || !slices.Equal(lines, c.lines) {
			t.Errorf("%q: documents %q at lines %v, want %q at %v", c.input, docs, lines, c.docs, c.lines)
		}
	}
}
