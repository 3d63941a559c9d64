package transcode

import (
	"bytes"
	"encoding/hex"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"

	"github.com/pbscope/pbscope/inspect/internal/conformance"
	"github.com/pbscope/pbscope/inspect/internal/corpus"
	"github.com/pbscope/pbscope/inspect/plan"
	"github.com/pbscope/pbscope/inspect/span"
)

// textPlan is a message with a field of each sort, T of package t.
func textPlan(t testing.TB) *plan.Message {
	t.Helper()
	field := func(name string, number int32, typ descriptorpb.FieldDescriptorProto_Type, label descriptorpb.FieldDescriptorProto_Label, typeName string) *descriptorpb.FieldDescriptorProto {
		f := &descriptorpb.FieldDescriptorProto{Name: &name, Number: &number, Type: &typ, Label: &label}
		if typeName != "" {
			f.TypeName = &typeName
		}
		return f
	}
	const (
		one  = descriptorpb.FieldDescriptorProto_LABEL_OPTIONAL
		need = descriptorpb.FieldDescriptorProto_LABEL_REQUIRED
		many = descriptorpb.FieldDescriptorProto_LABEL_REPEATED
	)
	member := func(f *descriptorpb.FieldDescriptorProto) *descriptorpb.FieldDescriptorProto {
		f.OneofIndex = proto.Int32(0)
		return f
	}
	closed := &descriptorpb.EnumDescriptorProto{Name: proto.String("Closed"), Value: []*descriptorpb.EnumValueDescriptorProto{
		{Name: proto.String("ZERO"), Number: proto.Int32(0)}, {Name: proto.String("ONE"), Number: proto.Int32(1)}, {Name: proto.String("TWO"), Number: proto.Int32(2)}}}
	entry := &descriptorpb.DescriptorProto{Name: proto.String("MapEntry"), Options: &descriptorpb.MessageOptions{MapEntry: proto.Bool(true)},
		Field: []*descriptorpb.FieldDescriptorProto{
			field("key", 1, descriptorpb.FieldDescriptorProto_TYPE_STRING, one, ""),
			field("value", 2, descriptorpb.FieldDescriptorProto_TYPE_ENUM, one, ".t.T.Closed")}}
	inner := &descriptorpb.DescriptorProto{Name: proto.String("Inner"), Field: []*descriptorpb.FieldDescriptorProto{
		field("must", 1, descriptorpb.FieldDescriptorProto_TYPE_INT32, need, "")}}
	group := &descriptorpb.DescriptorProto{Name: proto.String("Grp"), Field: []*descriptorpb.FieldDescriptorProto{
		field("x", 1, descriptorpb.FieldDescriptorProto_TYPE_INT32, one, "")}}
	packed := field("ints", 3, descriptorpb.FieldDescriptorProto_TYPE_SINT32, many, "")
	packed.Options = &descriptorpb.FieldOptions{Packed: proto.Bool(true)}
	enums := field("enums", 12, descriptorpb.FieldDescriptorProto_TYPE_ENUM, many, ".t.T.Closed")
	enums.Options = &descriptorpb.FieldOptions{Packed: proto.Bool(true)}
	message := &descriptorpb.DescriptorProto{
		Name: proto.String("T"),
		Field: []*descriptorpb.FieldDescriptorProto{
			field("name", 1, descriptorpb.FieldDescriptorProto_TYPE_STRING, one, ""),
			field("raw", 2, descriptorpb.FieldDescriptorProto_TYPE_BYTES, one, ""),
			packed,
			field("inner", 4, descriptorpb.FieldDescriptorProto_TYPE_MESSAGE, one, ".t.T.Inner"),
			field("grp", 5, descriptorpb.FieldDescriptorProto_TYPE_GROUP, many, ".t.T.Grp"),
			member(field("left", 6, descriptorpb.FieldDescriptorProto_TYPE_MESSAGE, one, ".t.T.Inner")),
			member(field("right", 7, descriptorpb.FieldDescriptorProto_TYPE_UINT64, one, "")),
			field("map", 8, descriptorpb.FieldDescriptorProto_TYPE_MESSAGE, many, ".t.T.MapEntry"),
			field("self", 9, descriptorpb.FieldDescriptorProto_TYPE_MESSAGE, one, ".t.T"),
			field("real", 10, descriptorpb.FieldDescriptorProto_TYPE_DOUBLE, one, ""),
			field("single", 11, descriptorpb.FieldDescriptorProto_TYPE_FLOAT, one, ""),
			enums,
			field("flag", 13, descriptorpb.FieldDescriptorProto_TYPE_BOOL, one, ""),
		},
		OneofDecl:    []*descriptorpb.OneofDescriptorProto{{Name: proto.String("choice")}},
		NestedType:   []*descriptorpb.DescriptorProto{entry, inner, group},
		EnumType:     []*descriptorpb.EnumDescriptorProto{closed},
		ReservedName: []string{"gone"},
	}
	types, err := conformance.Link(&descriptorpb.FileDescriptorProto{
		Name: proto.String("t.proto"), Package: proto.String("t"), MessageType: []*descriptorpb.DescriptorProto{message}})
	if err != nil {
		t.Fatal(err)
	}
	m := plan.NewSet(conformance.Resolver{Types: types}).Named(protoreflect.FullName("t.T"))
	if m == nil {
		t.Fatal("no plan of t.T")
	}
	return m
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestTextOfWire holds the printed text to the letter, and ParseText to the
// canonical bytes of the same message.
func TestTextOfWire(t *testing.T) {
	m := textPlan(t)
	for _, c := range []struct {
		name, wire, text, canonical string
	}{
		{"nothing", "", "", ""},
		{"a string keeps its UTF-8", "0a 07 c3 a9 e2 82 ac 0a 22", `name: "é€\n\""` + "\n", "0a 07 c3 a9 e2 82 ac 0a 22"},
		{"what does not print is escaped", "0a 06 e2 80 a8 c2 85 7f", `name: "\342\200\250\302\205\177"` + "\n", "0a 06 e2 80 a8 c2 85 7f"},
		{"a proto2 string need not be UTF-8", "0a 02 c3 28", `name: "\303("` + "\n", "0a 02 c3 28"},
		{"bytes are octal beyond ASCII", "12 03 c3 a9 00", `raw: "\303\251\000"` + "\n", "12 03 c3 a9 00"},
		{"a list packed and not", "18 01 1a 02 00 03 18 04", "ints: -1\nints: 0\nints: -2\nints: 2\n", "1a 04 01 00 03 04"},
		{"the last scalar counts", "0a 01 61 0a 01 62", "name: \"b\"\n", "0a 01 62"},
		{"a message in two parts", "22 02 08 01 22 02 08 02", "inner {\n  must: 2\n}\n", "22 02 08 02"},
		{"a group has its message's name", "2b 08 07 2c 2b 2c", "Grp {\n  x: 7\n}\nGrp {\n}\n", "2b 08 07 2c 2b 2c"},
		{"the last member of a oneof counts", "32 02 08 01 38 05", "right: 5\n", "38 05"},
		{"and comes anew", "32 02 08 01 38 05 32 02 08 03", "left {\n  must: 3\n}\n", "32 02 08 03"},
		{"one that left need not be whole", "32 00 38 05", "right: 5\n", "38 05"},
		{"a map keeps the last of equal keys", "42 05 0a 01 61 10 01 42 05 0a 01 62 10 02 42 05 0a 01 61 10 02",
			"map {\n  key: \"a\"\n  value: TWO\n}\nmap {\n  key: \"b\"\n  value: TWO\n}\n",
			"42 05 0a 01 61 10 02 42 05 0a 01 62 10 02"},
		{"an entry without value has the first", "42 03 0a 01 61", "map {\n  key: \"a\"\n  value: ZERO\n}\n", "42 05 0a 01 61 10 00"},
		{"a closed enum's unnamed number is unknown", "62 03 01 09 02", "enums: ONE\nenums: TWO\n12: 9\n", "62 02 01 02 60 09"},
		{"and so is an entry with one", "42 05 0a 01 61 10 09", "8 {\n  1: \"a\"\n  2: 9\n}\n", "42 05 0a 01 61 10 09"},
		{"of an entry's values the last one counts", "42 06 10 09 10 02 0a 00", "map {\n  key: \"\"\n  value: TWO\n}\n", "42 04 0a 00 10 02"},
		{"numbers", "51 00 00 00 00 00 00 f0 3f 5d 00 00 80 7f", "real: 1\nsingle: inf\n", "51 00 00 00 00 00 00 f0 3f 5d 00 00 80 7f"},
		{"large and small ones", "51 00 00 34 26 f5 6b 0c 43 5d 17 b7 d1 38", "real: 1e+15\nsingle: 0.0001\n", "51 00 00 34 26 f5 6b 0c 43 5d 17 b7 d1 38"},
		{"unknown fields by wire type", "a0 06 96 01 a5 06 01 00 00 00 a1 06 01 00 00 00 00 00 00 00 a2 06 02 68 69 a3 06 08 01 a4 06",
			"100: 150\n100: 0x00000001\n100: 0x0000000000000001\n100: \"hi\"\n100 <\n  1: 1\n>\n",
			"a0 06 96 01 a5 06 01 00 00 00 a1 06 01 00 00 00 00 00 00 00 a2 06 02 68 69 a3 06 08 01 a4 06"},
		{"an unknown message", "a2 06 02 08 01", "100 {\n  1: 1\n}\n", "a2 06 02 08 01"},
		{"and one whose bytes would not come back", "a2 06 03 08 81 00", "100: \"\\010\\201\\000\"\n", "a2 06 03 08 81 00"},
		{"a known number with another wire type", "0d 01 00 00 00", "1: 0x00000001\n", "0d 01 00 00 00"},
		{"first appearance decides the order", "38 05 0a 01 61", "right: 5\nname: \"a\"\n", "0a 01 61 38 05"},
	} {
		t.Run(c.name, func(t *testing.T) {
			text, ok := AppendText([]byte("x"), m, unhex(t, c.wire), TextOptions{})
			if !ok || string(text) != "x"+c.text {
				t.Errorf("%s prints as\n%s, %t; want\n%s", c.wire, text, ok, c.text)
			}
			wire, problem := ParseText([]byte("x"), m, []byte(c.text), TextOptions{})
			if problem != nil || !bytes.Equal(wire, append([]byte("x"), unhex(t, c.canonical)...)) {
				t.Errorf("%s\nis written as % x, %v; want %s", c.text, wire, problem, c.canonical)
			}
		})
	}
}

func TestTextRefusesPayloads(t *testing.T) {
	m := textPlan(t)
	for _, wire := range []string{
		"0a", "0a 02 61", "08 80", "00", "07", "06", "2b", "2b 2c 2c", "2c", "2b 34", "1a 01 80", "52 03 00 00 00 0a",
		"22 00",                   // required
		"32 01 08 38 05",          // what left the oneof is broken
		"42 02 0a 05",             // an entry is cut
		"42 01 08 42 03 0a 01 61", // an entry that is replaced is cut
		"88 80 80 80 80 00 01",    // a tag of six bytes
	} {
		if text, ok := AppendText([]byte("x"), m, unhex(t, wire), TextOptions{}); ok || string(text) != "x" {
			t.Errorf("%s: %q, %t; want a refusal", wire, text, ok)
		}
	}
	if _, ok := AppendText(nil, m, unhex(t, "a0 06 01"), TextOptions{Unknown: RefuseUnknown}); ok {
		t.Error("an unknown field is accepted in spite of RefuseUnknown")
	}
}

// TestTextReads are spellings that printing does not produce.
func TestTextReads(t *testing.T) {
	m := textPlan(t)
	for _, c := range []struct{ text, wire string }{
		{"name: 'a' \"b\"\n'c'", "0a 03 61 62 63"},
		{`name: '\u00e9\U0001F600\x41\101\?'`, "0a 09 c3 a9 f0 9f 98 80 41 41 3f"},
		{"# nothing", ""},
		{"ints: [1, -0x1, 010], ints: 2;", "1a 04 02 01 10 04"},
		{"ints: []", ""},
		{"inner: < must: 1 >", "22 02 08 01"},
		{"grp { x: 1 } Grp < > Grp [{x:2}, {}]", "2b 08 01 2c 2b 2c 2b 08 02 2c 2b 2c"},
		{"real: .5 single: - INF", "51 00 00 00 00 00 00 e0 3f 5d 00 00 80 ff"},
		{"real: 10 single: 1.e1F", "51 00 00 00 00 00 00 24 40 5d 00 00 20 41"},
		{"flag: t", "68 01"}, {"flag: 0", "68 00"}, {"flag: False", "68 00"},
		{"enums: [ONE, 2]", "62 02 01 02"},
		{"map [{ value: TWO }, {}]", "42 04 0a 00 10 02 42 04 0a 00 10 00"},
		{"gone: [1.5, inf] gone { a: 1 [b.c/d]: 'x' 7 <> c: -x }, gone <>; gone: []", ""},
		{"100: [1, 'a', {}, <1: 2>]", "a0 06 01 a2 06 01 61 a2 06 00 a3 06 08 02 a4 06"},
		{"100: -1", "a0 06 ff ff ff ff ff ff ff ff ff 01"},
		{"right: 18446744073709551615", "38 ff ff ff ff ff ff ff ff ff 01"},
	} {
		wire, problem := ParseText(nil, m, []byte(c.text), TextOptions{})
		if problem != nil || !bytes.Equal(wire, unhex(t, c.wire)) {
			t.Errorf("%s: % x, %v; want %s", c.text, wire, problem, c.wire)
		}
	}
}

// TestTextProblems holds the place, the path and the words of what is wrong.
func TestTextProblems(t *testing.T) {
	m := textPlan(t)
	for _, c := range []struct {
		text         string
		tag          span.Tag
		line, column int
		path         string
		message      string
		hint         string
	}{
		{"nmae: 'x'", span.InvalidText, 1, 1, "", `"nmae" is no field of t.T`, "did you mean name?"},
		{"self {\n  inner {\n    must: x\n  }\n}", span.InvalidText, 3, 11, "self.inner.must", `an integer is due here, not "x"`, ""},
		{"ints: [1,\n 2147483648]", span.InvalidText, 2, 2, "ints[1]", "the number is out of range; the field holds -2147483648 to 2147483647", ""},
		{"right: -1", span.InvalidText, 1, 8, "right", "the number is out of range; the field holds 0 to 18446744073709551615", ""},
		{"name: 'a' name: 'b'", span.InvalidText, 1, 11, "name", "name is given twice", ""},
		{"left { must: 1 } right: 1", span.InvalidText, 1, 18, "right", "right and left exclude each other (oneof choice)", ""},
		{"inner { }", span.MissingRequired, 1, 7, "inner", "required field must of t.T.Inner is absent", ""},
		{"inner {", span.InvalidText, 1, 7, "inner", "the message is not closed", ""},
		{"name: 'a", span.InvalidText, 1, 7, "name", "the string is not closed", ""},
		{"name: 'a\n'", span.InvalidText, 1, 7, "name", "the string is not closed on its line", ""},
		{`name: "\q"`, span.InvalidText, 1, 8, "name", `an escape that does not exist; a backslash itself is \\`, ""},
		{`name: "\400"`, span.InvalidText, 1, 8, "name", `an octal escape above \377`, ""},
		{`name: "\ud800"`, span.InvalidText, 1, 8, "name", `\u with 4 or \U with 8 hexadecimal digits names no Unicode character here`, ""},
		{"name 'a'", span.InvalidText, 1, 6, "name", `a colon is due after name, not "'"`, ""},
		{"name: 1", span.InvalidText, 1, 7, "name", `a string in quotes is due here, not "1"`, ""},
		{"enums: ONES", span.InvalidText, 1, 8, "enums", `"ONES" is no value of t.T.Closed`, "did you mean ONE?"},
		{"enums: 7", span.InvalidText, 1, 8, "enums", "7 is no value of t.T.Closed, which is closed", ""},
		{"real: 0x1", span.InvalidText, 1, 7, "real", "a floating-point number is decimal", ""},
		{"ints: 08", span.InvalidText, 1, 7, "ints", `"08" is no number`, ""},
		{"ints: 1.5", span.InvalidText, 1, 7, "ints", "an integer is due here, without point, exponent or suffix", ""},
		{"ints: [1 2]", span.InvalidText, 1, 10, "ints", `a comma or ] is due after a list's value, not "2"`, ""},
		{"name: 'x',,", span.InvalidText, 1, 11, "", `a field name is due here, not ","`, ""},
		{"1: 'x'", span.InvalidText, 1, 1, "1", "field 1 is known to t.T", "call it name"},
		{"5 <>", span.InvalidText, 1, 1, "5", "field 5 is known to t.T", "call it Grp"},
		{"100: 0x1", span.InvalidText, 1, 6, "100", "the value of a numbered field is a 64-bit integer, or 0x with 8 or 16 digits for a fixed-size value", ""},
		{"0: 1", span.InvalidText, 1, 1, "", "a field number is 1 to 536870911", ""},
		{"[no.such]: 1", span.InvalidText, 1, 1, "", "the schema has no extension [no.such] of t.T", "an extension goes by its full name; name the file that declares it as well"},
		{"[a/b.C] {}", span.InvalidText, 1, 1, "", "a type URL stands in an Any, and this is t.T", "an extension's name has no slash"},
		{"self { self { self {} } }", span.TooDeep, 1, 21, "self.self.self", "messages are nested deeper than 3 levels", ""},
		{"100 { 1 { 1 { } } }", span.TooDeep, 1, 14, "100.1.1", "messages are nested deeper than 3 levels", ""},
		{"gone: [1, {a: b c: }]", span.InvalidText, 1, 20, "gone[1].c", `a value is due here, not "}"`, ""},
		{"gone { a { a { } } }", span.TooDeep, 1, 14, "gone.a.a", "messages are nested deeper than 3 levels", ""},
	} {
		wire, p := ParseText([]byte("x"), m, []byte(c.text), TextOptions{MaxDepth: 3})
		if p == nil || string(wire) != "x" {
			t.Errorf("%s: % x, %v; want a problem", c.text, wire, p)
			continue
		}
		if p.Tag != c.tag || p.Line != c.line || p.Column != c.column || p.Path != c.path || p.Message != c.message || p.Hint != c.hint {
			t.Errorf("%s:\n%s %d:%d %s: %s (%s); want\n%s %d:%d %s: %s (%s)", c.text,
				p.Tag, p.Line, p.Column, p.Path, p.Message, p.Hint, c.tag, c.line, c.column, c.path, c.message, c.hint)
		}
	}
}

// TestTextWithoutSchema prints and reads by number.
func TestTextWithoutSchema(t *testing.T) {
	wire := unhex(t, "08 01 12 02 68 69 1b 08 02 1c 22 04 0a 02 08 03")
	text, ok := AppendText(nil, nil, wire, TextOptions{})
	const want = "1: 1\n2: \"hi\"\n3 <\n  1: 2\n>\n4 {\n  1 {\n    1: 3\n  }\n}\n"
	if !ok || string(text) != want {
		t.Fatalf("%s, %t; want %s", text, ok, want)
	}
	back, problem := ParseText(nil, nil, text, TextOptions{})
	if problem != nil || !bytes.Equal(back, wire) {
		t.Errorf("% x, %v; want % x", back, problem, wire)
	}
	if _, problem := ParseText(nil, nil, []byte("name: 1"), TextOptions{}); problem == nil {
		t.Error("a name is accepted without a schema")
	}
}

func TestTextASCII(t *testing.T) {
	text, ok := AppendText(nil, textPlan(t), unhex(t, "0a 02 c3 a9"), TextOptions{ASCII: true})
	if want := `name: "\303\251"` + "\n"; !ok || string(text) != want {
		t.Errorf("%s, %t; want %s", text, ok, want)
	}
}

// TestTextDepth nests to the limit and one deeper, in messages, groups and
// what no schema knows.
func TestTextDepth(t *testing.T) {
	m := textPlan(t)
	message := func(levels int) []byte { // a message in itself, levels deep
		var sizes []int
		size := 0
		for range levels - 1 {
			sizes = append(sizes, size)
			size += 1 + len(appendLength(nil, size))
		}
		var out []byte
		for i := len(sizes) - 1; i >= 0; i-- {
			out = appendLength(append(out, 0x4a), sizes[i])
		}
		return out
	}
	group := func(levels int) []byte {
		return append(bytes.Repeat([]byte{0xa3, 0x06}, levels-1), bytes.Repeat([]byte{0xa4, 0x06}, levels-1)...)
	}
	for name, make := range map[string]func(int) []byte{"messages": message, "groups": group} {
		for _, typ := range []*plan.Message{m, nil} {
			if typ == nil && name == "messages" {
				continue // without a schema a deeper message is a string
			}
			if _, ok := AppendText(nil, typ, make(DefaultMaxDepth+1), TextOptions{}); ok {
				t.Errorf("%s: %d levels are accepted", name, DefaultMaxDepth+1)
			}
			text, ok := AppendText(nil, typ, make(DefaultMaxDepth), TextOptions{})
			if !ok {
				t.Errorf("%s: %d levels are refused", name, DefaultMaxDepth)
				continue
			}
			back, problem := ParseText(nil, typ, text, TextOptions{})
			if problem != nil || !bytes.Equal(back, make(DefaultMaxDepth)) {
				t.Errorf("%s: not the same after a round: %v", name, problem)
			}
		}
	}
	if _, ok := AppendText(nil, nil, message(DefaultMaxDepth+1), TextOptions{}); !ok {
		t.Error("an unknown message that is too deep is no string")
	}
	deep := strings.Repeat("self {", DefaultMaxDepth)
	if _, problem := ParseText(nil, m, []byte(deep), TextOptions{}); problem == nil || problem.Tag != span.TooDeep {
		t.Errorf("%v, want too-deep", problem)
	}
}

func appendLength(dst []byte, n int) []byte {
	for ; n >= 0x80; n >>= 7 {
		dst = append(dst, byte(n)|0x80)
	}
	return append(dst, byte(n))
}

// FuzzText holds printing and reading to each other, for any bytes and for any
// text: what is printed can be read, and prints again as the same lines. Text
// format and JSON refuse the same bytes.
func FuzzText(f *testing.F) {
	types := corpus.Load(f)
	samples := types.Samples(f)
	for _, s := range corpus.Of(samples, "text", 4096) {
		f.Add(s.Type, s.Data)
	}
	for _, s := range corpus.Of(samples, "protobuf", 512) {
		f.Add(s.Type, s.Data)
		if text, ok := AppendText(nil, types.At(s.Type).Message, s.Data, TextOptions{}); ok {
			f.Add(s.Type, text)
		}
	}
	f.Fuzz(func(t *testing.T, which uint8, data []byte) {
		for _, m := range []*plan.Message{types.At(which).Message, nil} {
			text, ok := AppendText(nil, m, data, TextOptions{})
			if _, _, json := NewDecoder(Options{}).Append(nil, m, data); ok != json {
				t.Fatalf("% x is accepted as text: %t, as JSON: %t", data, ok, json)
			}
			if ok {
				textFixpoint(t, m, text)
			}
			wire, problem := ParseText(nil, m, data, TextOptions{})
			switch {
			case problem == nil:
				text, ok := AppendText(nil, m, wire, TextOptions{})
				if !ok {
					t.Fatalf("%q is written as % x, which is refused", data, wire)
				}
				textFixpoint(t, m, text)
			case problem.Line < 1 || problem.Column < 1 || problem.Offset > int64(len(data)):
				t.Fatalf("%q: %v at %d:%d", data, problem, problem.Line, problem.Column)
			}
		}
	})
}

func textFixpoint(t *testing.T, m *plan.Message, text []byte) {
	t.Helper()
	wire, problem := ParseText(nil, m, text, TextOptions{})
	if problem != nil {
		t.Fatalf("%s\n%v", text, problem)
	}
	again, ok := AppendText(nil, m, wire, TextOptions{})
	if !ok {
		t.Fatalf("%s\nis written as % x, which is refused", text, wire)
	}
	if !slices.Equal(sortedLines(text), sortedLines(again)) {
		t.Fatalf("%s\nis written as % x and printed as\n%s", text, wire, again)
	}
	back, problem := ParseText(nil, m, again, TextOptions{})
	if problem != nil || !bytes.Equal(back, wire) {
		t.Fatalf("%s\nand\n%s\nare written as % x and % x, %v", text, again, wire, back, problem)
	}
}

// sortedLines takes the order away, which reading changes to that of numbers.
func sortedLines(text []byte) []string {
	return slices.Sorted(strings.Lines(string(text)))
}
