package sample_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/descriptors"
	"github.com/pbscope/pbscope/descriptors/sample"
	"github.com/pbscope/pbscope/inspect/plan"
)

// kinds is the plan of a message of testdata/kinds.proto.
func kinds(t testing.TB, name string) (*plan.Message, *descriptors.Schema) {
	t.Helper()
	schema, err := descriptors.Open(descriptors.Sources{ImportPaths: []string{"testdata"}})
	if err != nil {
		t.Fatal(err)
	}
	d, err := schema.Message("kinds." + name)
	if err != nil {
		t.Fatal(err)
	}
	return plan.NewSet(schema).Message(d), schema
}

// TestSeedsStay holds that a seed means the same in every release: people keep
// what they found with it.
func TestSeedsStay(t *testing.T) {
	m, _ := kinds(t, "Scalars")
	for _, c := range []struct {
		seed, index uint64
		want        string
	}{
		{0, 0, "09f6285c8fc22a9540158fca4545189eab0220c8d60530424d130000005140b7811c000000005de715000061b7ad0000000000007206636f74746f6e"},
		{0, 1, "090000000000708a40157bfe90451812201628ffffffff0730c3f6033886860740ed8c867c4d150000005143000000000000005dd4120000612000000000000000680172146c616e7465726e20616d6265722062726f6e7a657a097c2e7d6bf68c18810e800101"},
		{1, 0, "0928d4bb0d0983c03f15c756adb2182520172829309fe0a68eceeae09d5538d8f8d30b405a4dbc0b000051873eaf12000000005df8ffffff616b55000000000000720d7369657272612077696e7465727a0d01340bd2167f0244eaf587a9e9"},
	} {
		raw, err := sample.Random(nil, m, sample.Source(c.seed, c.index), sample.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if got := hex.EncodeToString(raw); got != c.want {
			t.Errorf("seed %d, sample %d: %s", c.seed, c.index, got)
		}
	}
}

// TestRandomIsVaried: of a thousand samples, each field is absent in some and
// present in some, and takes the values at the edges of its range.
func TestRandomIsVaried(t *testing.T) {
	m, _ := kinds(t, "Scalars")
	seen := make(map[string]int)
	texts := make(map[int]int)
	empty := 0
	for i := range uint64(2000) {
		raw, err := sample.Random(nil, m, sample.Source(1, i), sample.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if len(raw) == 0 {
			empty++
		}
		for len(raw) > 0 {
			number, kind, n := protowire.ConsumeField(raw)
			seen[fmt.Sprint(number)]++
			value := raw[protowire.SizeTag(number):n]
			if kind == protowire.BytesType && number == 14 {
				text, _ := protowire.ConsumeBytes(value)
				if !utf8.Valid(text) {
					t.Errorf("%q is not UTF-8", text)
				}
				texts[min(utf8.RuneCount(text)/100, 3)]++
				if len(text) > utf8.RuneCount(text) {
					seen["beyond ASCII"]++
				}
			} else {
				seen[fmt.Sprintf("%d=%x", number, value)]++
			}
			raw = raw[n:]
		}
	}
	for number := 1; number <= 16; number++ {
		if n := seen[fmt.Sprint(number)]; n < 500 || n > 1900 {
			t.Errorf("field %d is in %d of 2000", number, n)
		}
	}
	for _, edge := range []string{
		"1=000000000000f07f", "1=000000000000f87f", "1=0000000000000080", "2=0000807f",
		"3=80808080f8ffffffff01", "3=ffffffff07", "4=80808080808080808001", "4=ffffffffffffffff7f", "5=ffffffff0f", "6=ffffffffffffffffff01",
		"7=ffffffff0f", "8=ffffffffffffffffff01", "9=ffffffff", "10=ffffffffffffffff", "11=00000080", "12=0000000000000080",
		"13=01", "16=ffffffffffffffffff01", "beyond ASCII",
	} {
		if seen[edge] == 0 {
			t.Errorf("%s never comes", edge)
		}
	}
	if empty == 0 || texts[0] == 0 || texts[3] == 0 {
		t.Errorf("%d are empty, lengths of texts are %v", empty, texts)
	}
}

// TestSizesAreBounded: types that nest in themselves many times over end.
func TestSizesAreBounded(t *testing.T) {
	for _, name := range []string{"Explicit", "Maps", "WellKnown", "Choices", "Required"} {
		m, schema := kinds(t, name)
		largest := 0
		for i := range uint64(300) {
			raw, err := sample.Random(nil, m, sample.Source(2, i), sample.Options{Extensions: schema.ExtensionNumbers})
			if err != nil {
				t.Fatal(err)
			}
			largest = max(largest, len(raw))
		}
		if largest > 1<<20 {
			t.Errorf("%s: %d bytes", name, largest)
		}
	}
}

func TestEndless(t *testing.T) {
	for _, name := range []string{"Endless", "AlsoEndless"} {
		m, _ := kinds(t, name)
		var endless *sample.EndlessError
		if err := sample.Possible(m); !errors.As(err, &endless) || string(endless.Type) != "kinds."+name {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := sample.Random(nil, m, sample.Source(0, 0), sample.Options{}); !errors.As(err, &endless) {
			t.Errorf("%s: %v", name, err)
		}
		if _, more, err := sample.NewExamples(m, sample.Options{}).Next(nil); !errors.As(err, &endless) || more {
			t.Errorf("%s: %v", name, err)
		}
	}
	// A type that only may hold one that is impossible is possible.
	m, _ := kinds(t, "Required")
	if err := sample.Possible(m); err != nil {
		t.Error(err)
	}
}

// TestExampleHasEveryField: all but an enum field of one value and members of
// a oneof that is shown with another.
func TestExampleHasEveryField(t *testing.T) {
	for _, name := range []string{"Scalars", "Explicit", "Maps", "WellKnown", "Names"} {
		m, schema := kinds(t, name)
		raw, more, err := sample.NewExamples(m, sample.Options{Extensions: schema.ExtensionNumbers}).Next(nil)
		if err != nil || more {
			t.Fatalf("%s: %v, more %v", name, err, more)
		}
		present := make(map[protoreflect.FieldNumber]bool)
		for rest := raw; len(rest) > 0; {
			number, _, n := protowire.ConsumeField(rest)
			present[number] = true
			rest = rest[n:]
		}
		want := schema.ExtensionNumbers(m.Name)
		for _, f := range m.ByNumber {
			want = append(want, f.Number)
		}
		for _, number := range want {
			if f := m.Field(number); !present[number] && !(f.Enum != nil && f.Enum.Null && !f.Presence) {
				t.Errorf("%s: field %d is not there", name, number)
			}
		}
	}
}

// TestExamplesShowEveryMember: the JSON of all examples together has each
// member of each oneof at each place.
func TestExamplesShowEveryMember(t *testing.T) {
	m, schema := kinds(t, "Choices")
	c := newChecker(t, schema)
	x := sample.NewExamples(m, sample.Options{})
	var all bytes.Buffer
	count := 0
	for more := true; more; count++ {
		raw, next, err := x.Next(nil)
		if err != nil || count > 20 {
			t.Fatalf("after %d: %v", count, err)
		}
		more = next
		all.Write(append(c.check(m, raw), '\n'))
	}
	for _, want := range []string{`"a":`, `"b":{}`, `"c":{"x":true}`, `"c":{"y":1.5}`, `"c":{"z":"string value"}`,
		`"none":null`, `"d":1`, `"e":{"x":true}`, `"e":{"y":1.5}`, `"e":{"z":"string value"}`, `"f":"Zg=="`} {
		if !strings.Contains(all.String(), want) {
			t.Errorf("%s is not among\n%s", want, all.String())
		}
	}
	if count != 6 {
		t.Errorf("%d examples", count)
	}
}

// TestDepth: no message below the levels that are asked for has fields that
// are not required.
func TestDepth(t *testing.T) {
	m, schema := kinds(t, "Maps")
	c := newChecker(t, schema)
	raw, _, err := sample.NewExamples(m, sample.Options{Depth: 1}).Next(nil)
	if err != nil {
		t.Fatal(err)
	}
	if text := string(c.check(m, raw)); !strings.Contains(text, `"tree":{"true":{}}`) {
		t.Error(text)
	}
}

func BenchmarkRandom(b *testing.B) {
	m, _ := kinds(b, "WellKnown")
	var raw []byte
	size := 0
	for i := 0; b.Loop(); i++ {
		raw, _ = sample.Random(raw[:0], m, sample.Source(3, uint64(i)), sample.Options{})
		size += len(raw)
	}
	b.ReportMetric(float64(size)/float64(b.N), "B/sample")
}

// TestTooLarge: required fields that double at each level do not take the
// machine with them.
func TestTooLarge(t *testing.T) {
	var text strings.Builder
	text.WriteString("syntax = \"proto2\";\n")
	for i := range 40 {
		fmt.Fprintf(&text, "message M%d { required M%d a = 1; required M%d b = 2; }\n", i, i+1, i+1)
	}
	text.WriteString("message M40 { optional int32 x = 1; }\n")
	path := filepath.Join(t.TempDir(), "m.proto")
	if err := os.WriteFile(path, []byte(text.String()), 0o666); err != nil {
		t.Fatal(err)
	}
	schema, err := descriptors.Open(descriptors.Sources{Protos: []string{path}})
	if err != nil {
		t.Fatal(err)
	}
	d, err := schema.Message("M0")
	if err != nil {
		t.Fatal(err)
	}
	m := plan.NewSet(schema).Message(d)
	var large *sample.TooLargeError
	if raw, err := sample.Random(nil, m, sample.Source(0, 0), sample.Options{}); !errors.As(err, &large) || len(raw) > 0 {
		t.Errorf("%d bytes, %v", len(raw), err)
	}
	if _, more, err := sample.NewExamples(m, sample.Options{}).Next(nil); !errors.As(err, &large) || more {
		t.Errorf("%v", err)
	}
}
