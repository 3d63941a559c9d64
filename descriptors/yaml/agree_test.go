package yaml

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	judge "go.yaml.in/yaml/v3"
)

// judged is what the library makes of a text, in the form that shape prints.
func judged(text []byte) (shape string, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("the library gave up: %v", r)
		}
	}()
	d := judge.NewDecoder(strings.NewReader(string(text)))
	var doc judge.Node
	if err := d.Decode(&doc); err != nil {
		if errors.Is(err, io.EOF) {
			return "nothing", nil
		}
		return "", err
	}
	var value any
	if err := doc.Decode(&value); err != nil {
		return "", err
	}
	if err := d.Decode(new(judge.Node)); !errors.Is(err, io.EOF) {
		return "", errors.New("several documents")
	}
	return shapeOfJudged(doc.Content[0], 0), nil
}

func shapeOfJudged(n *judge.Node, depth int) string {
	if depth > 200 {
		return "deep"
	}
	switch n.Kind {
	case judge.AliasNode:
		return shapeOfJudged(n.Alias, depth+1)
	case judge.SequenceNode:
		var items []string
		for _, i := range n.Content {
			items = append(items, shapeOfJudged(i, depth+1))
		}
		return "[" + strings.Join(items, ",") + "]"
	case judge.MappingNode:
		var entries, merged []string
		own := make(map[string]bool)
		for i := 0; i < len(n.Content); i += 2 {
			own[n.Content[i].Value] = true
		}
		for i := 0; i < len(n.Content); i += 2 {
			if n.Content[i].Tag == "!!merge" {
				merged = append(merged, "merge")
				continue
			}
			entries = append(entries, fmt.Sprintf("%q:%s", n.Content[i].Value, shapeOfJudged(n.Content[i+1], depth+1)))
		}
		return "{" + strings.Join(append(entries, merged...), ",") + "}"
	}
	quoted := n.Style&(judge.DoubleQuotedStyle|judge.SingleQuotedStyle|judge.LiteralStyle|judge.FoldedStyle) != 0
	return fmt.Sprintf("%q/%t", n.Value, quoted)
}

func shape(n *Node) string {
	if n == nil {
		return "nothing"
	}
	switch n.Kind {
	case Sequence:
		var items []string
		for _, i := range n.Items {
			items = append(items, shape(i))
		}
		return "[" + strings.Join(items, ",") + "]"
	case Mapping:
		var entries []string
		for _, e := range n.Entries {
			entries = append(entries, fmt.Sprintf("%q:%s", e.Key.Text, shape(e.Value)))
		}
		return "{" + strings.Join(entries, ",") + "}"
	}
	return fmt.Sprintf("%q/%t", n.Text, n.Quoted)
}

// documents that both read, with the same result.
func documents() []string {
	return []string{
		"", "\n", "# nothing\n", "a", "a: 1", "a: 1\n", "\xef\xbb\xbfa: 1\n", "---\na: 1\n", "--- a\n", "--- [a]\n...\n", "--- # c\n- 1\n...\n# end\n",
		"- &a\n- \n", "k: &a\n- x\n", "a:\nb:\n", "a: ~\n", "a:\n  b: 1\n  c: 2\nd: 3\n", "a:\n- 1\n- 2\nb: 3\n", "a:\n  - 1\n  - 2\n", "- a\n- b\n-\n- c\n",
		"- - 1\n  - 2\n- 3\n", "- a: 1\n  b: 2\n- c: 3\n", "-   a: 1\n    b: 2\n", "- a:\n  - 1\n  b: 2\n", "- a:\n    - 1\n",
		"a: b c d # comment\n", "a: b#c\n", "a: 'it''s'\n", `a: "x\ty\u00e9\x41\U0001F600\\ \""`, "a: \"x\n  y\n\n  z\"\n", "a: \"x \\\n  y\"\n", "a: 'x\n  y'\n",
		"a: x\n  y\n\n  z\nb: 1\n", "a:\n  x\n  y\nb: 1\n", "a: [1, 2, [3], {b: c}, 'd', \"e\"]\n", "a: {b: 1, c: [x], d: , e}\n", "{}\n", "[]\n", "[a,]\n", "[\n a,\n b # c\n]\n",
		"a: |\n  x\n   y\n\n  z\n", "a: |-\n  x\n", "a: |+\n  x\n\nb: 1\n", "a: >\n  x\n  y\n\n  z\n   w\n  v\n", "a: >-\n  x\n", "a: >+\n  x\n\n\nb: 1\n", "a: |2\n    x\n", "a: |1-\n  x\n", "|\n x\n", "- |\n x\n- y\n",
		"a: |", "a: |\n", "a: |\n\n", "a: |+\n\n\n", "a: |\n  x", "a: >\n  x\n  y", "a: |\n  x\n # c\nb: 1\n", "a: |\n\n  x\n", "a: >\n\n  x\n\n   y\n\n  z\n",
		"a: &x 1\nb: *x\n", "a: &x {b: 1}\nc: *x\n", "a: &x\n  b: 1\nc: *x\n", "a: &x\n- 1\nb: *x\n", "- &x a\n- *x\n",
		"\"a\": 1\n'b': 2\n\"c d\" : 3\ne f: 4\n", "a:   b\n", "a : b\n", "a: http://x/y\n", "a: -1\nb: -x\nc: ?x\nd: :x\n", "a: 'b: c'\n",
		"a:\r\n  b: 1\r\n  c: x\r\n    y\r\n", "a: |\r\n  x\r\n  y\r\n", "a: \"x\r\n  y\"\r\n", "a:\t1\n", "a: 1 \t# c\n", "a:\n  # c\n  b: 1\n # d\n  c: 2\n",
		"version: v2\nmodules:\n  - path: proto\n    name: buf.build/acme/x\n    excludes: [proto/y]\nbreaking:\n  use:\n    - FILE\n  ignore_only:\n    FIELD_SAME_TYPE:\n      - proto/a\n",
		"a: \"\"\nb: ''\n", "a: null\nb: Null\nc: 'null'\n", "é: ü\n", "a: x: y\n"[:4] + "\n", "- a\n -b\n", "a: b\n  -c\n", "? a\n"[2:], "a: [b: c]\n"[:3] + "1\n", "a: [x y, z]", "a: [x\n  y]\n", "{a: b, \"c\":d}\n", "{a: [b]}\n", "[a b: c]\n"[:4] + "]\n",
		"a: \n\n\n  b: 1\n", "a:\n    b: 1\n    c:\n     d: 2\ne: 3\n", "- \n  a: 1\n", "-\n  - 1\n", "-\n a\n", "a: *b\n"[:3] + "c\n", "a: @b\n"[:3] + "b\n", "a: b @c %d\n", "key with spaces: v\n", "a: b\\n\n", "a: 'x\\n'\n", "-\n-\n", "- # c\n  a\n", "a: # c\n  b\n", "a: &x # c\n  b: 1\n", "a: {\n  b: 1,\n  c: 2\n}\n", "a: \"b\" # c\n", "a: [b] # c\n", "---\n", "---\n---\n"[:4], "a: >2\n    x\n   y\n", "- a\n\n\n- b\n", "a: x\n\n\n  y\n", "'a': b\n", "'': b\n", "a:  |\n  x\n", "a:\n  |\n  x\n", "a:\n |\n x\n", "a:\n  'x'\n", "a:\n  [x]\n", "[a, [b, c], {d: e}]\n", "[? x]\n"[:1] + "y]\n", "a: {x: -1, y: -}\n"[:10] + "}\n", "a: :b\n", "[a:b]\n", "{a:b}\n", "{a:b: c}\n", "{\"a\":b}\n",
	}
}

// refused are documents that the library reads and this package does not, by
// intention.
func refused() []string {
	return []string{
		`{:"b}`, `[:b]`,
		"? a\n: b\n", "!!str a\n", "a: !x b\n", "%YAML 1.2\n---\na\n", "a: 1\n---\nb: 2\n", "[a: b]\n", "{[a]: b}\n", "&a b: c\n", "- ? a\n", "*a : b\n", "a: \x00", "\"\\ud800\"",
	}
}

// TestReadsMore holds what YAML 1.2 allows and the library refuses.
func TestReadsMore(t *testing.T) {
	for text, want := range map[string]string{
		`"\/"`:                `"/"/true`,
		"-\t1\n":              `["1"/false]`,
		"...\n":               `nothing`,
		"a: b\n\t\n":          `{"a":"b"/false}`,
		"a: 1\n\t# c\nb: 2\n": `{"a":"1"/false,"b":"2"/false}`,
		"[http://a/b?c=d]":    `["http://a/b?c=d"/false]`,
	} {
		if n, err := Parse([]byte(text)); err != nil || shape(n) != want {
			t.Errorf("%q: %s, %v; want %s", text, shape(n), err, want)
		}
	}
}

func TestAgreesWithTheLibrary(t *testing.T) {
	for _, text := range documents() {
		want, err := judged([]byte(text))
		if err != nil {
			t.Errorf("%q: the library refuses it: %v", text, err)
			continue
		}
		got, err := Parse([]byte(text))
		if err != nil {
			t.Errorf("%q: %v, want %s", text, err, want)
			continue
		}
		if shape(got) != want && !sameNothing(got, want) {
			t.Errorf("%q:\n got %s\nwant %s", text, shape(got), want)
		}
	}
	for _, text := range refused() {
		if n, err := Parse([]byte(text)); err == nil {
			t.Errorf("%q is read: %s", text, shape(n))
		}
	}
}

// sameNothing says whether both mean a document without a value.
func sameNothing(n *Node, want string) bool {
	return n == nil && (want == `""/false` || want == "nothing")
}

// FuzzAgreesWithTheLibrary holds that a text that both read means the same to
// both. Either may refuse what the other reads: the library has limits of its
// own (a key ends within 1,024 bytes, YAML 1.1's words for flow), and refused
// lists what must not be read.
func FuzzAgreesWithTheLibrary(f *testing.F) {
	for _, text := range append(documents(), refused()...) {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		got, err := Parse(text)
		if err != nil {
			var e *Error
			if !errors.As(err, &e) || e.Line < 1 || e.Column < 1 || e.Message == "" {
				t.Fatalf("no place or words: %#v", err)
			}
			return
		}
		if strings.ContainsAny(string(text), "&*<\u0085\u2028\u2029\ufeff") {
			return // other line ends in YAML 1.1, anchors and merges have tests of their own
		}
		want, err := judged(text)
		if err != nil {
			return
		}
		if shape(got) != want && !sameNothing(got, want) {
			t.Fatalf("%q:\n got %s\nwant %s", text, shape(got), want)
		}
	})
}
