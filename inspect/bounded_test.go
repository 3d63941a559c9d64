package inspect

import (
	"bytes"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/inspect/internal/corpus"
	"github.com/pbscope/pbscope/inspect/message"
	"github.com/pbscope/pbscope/inspect/plan"
	"github.com/pbscope/pbscope/inspect/render"
	"github.com/pbscope/pbscope/inspect/span"
	"github.com/pbscope/pbscope/inspect/transcode"
	"github.com/pbscope/pbscope/inspect/wire"
)

// printer is something that is made of a payload, and how many bytes of it a
// byte of the payload makes at most. What names add that the schema chooses
// comes on top: see longest. `pbscope help json` states the factors of decode
// and encode.
type printer struct {
	name          string
	factor, names int
	print         func(m *plan.Message, payload []byte) []byte
}

func printers() []printer {
	decode := func(o transcode.Options) func(*plan.Message, []byte) []byte {
		return func(m *plan.Message, payload []byte) []byte {
			out, _, _ := transcode.NewDecoder(o).Append(nil, m, payload)
			return out
		}
	}
	return []printer{
		{"json", 200, 1, decode(transcode.Options{})},
		{"lossless json", 205, 1, decode(transcode.Options{Lossless: true})},
		{"json, sorted, with defaults", 200, 2, decode(transcode.Options{Sort: true, Defaults: true})},
		{"json of the explaining engine", 200, 1, func(m *plan.Message, payload []byte) []byte {
			out, _, _ := message.AppendJSON(nil, m, payload, message.JSONOptions{Base: span.Unknown})
			return out
		}},
		{"text", 200, 1, func(m *plan.Message, payload []byte) []byte {
			out, _ := transcode.AppendText(nil, m, payload, transcode.TextOptions{})
			return out
		}},
		{"inspect", 400, 2, func(m *plan.Message, payload []byte) []byte {
			return render.AppendTree(nil, message.Explain(m, payload, message.Options{}), render.TreeOptions{Base: span.Unknown, Full: true})
		}},
		{"inspect --to json", 600, 2, func(m *plan.Message, payload []byte) []byte {
			return render.AppendTreeJSON(nil, message.Explain(m, payload, message.Options{}), span.Unknown)
		}},
		{"problem", 3, 1, func(m *plan.Message, payload []byte) []byte {
			if p := message.Diagnose(m, payload, message.Options{}); p != nil {
				return p.AppendJSON(nil)
			}
			return nil
		}},
	}
}

// longest is the bytes of all names that one message of a type or within it
// can print: with defaults two bytes of payload make an empty message, and all
// keys of its type.
func longest(m *plan.Message, seen map[*plan.Message]bool) int {
	if m == nil || seen[m] {
		return 0
	}
	seen[m] = true
	size, inner := len(m.Name), 0
	for i := range m.Fields {
		f := &m.Fields[i]
		size += len(f.JSONKey) + 4
		if f.Message() != nil {
			inner = max(inner, longest(f.Message(), seen))
		}
		if f.Enum != nil {
			size += len(f.Enum.Name)
			for k := range f.Enum.Desc.Values().Len() {
				inner = max(inner, len(f.Enum.Desc.Values().Get(k).Name()))
			}
		}
	}
	return max(size, inner)
}

// shapes make a payload of about size bytes of a unit.
var shapes = []struct {
	name string
	make func(m *plan.Message, unit []byte, size int) []byte
}{
	{"in a row", func(_ *plan.Message, unit []byte, size int) []byte {
		return bytes.Repeat(unit, size/len(unit)+1)
	}},
	{"nested", func(m *plan.Message, unit []byte, size int) []byte {
		f := fieldOf(m, func(f *plan.Field) bool { return !f.Map && f.Kind == protoreflect.MessageKind && f.Message() == m })
		return nested(size, unit, unit, nil, func(n int) []byte {
			return wire.AppendVarint(wire.AppendTag(nil, f, wire.Len), uint64(n))
		})
	}},
	{"nested, with more behind", func(m *plan.Message, unit []byte, size int) []byte {
		f := fieldOf(m, func(f *plan.Field) bool { return !f.Map && f.Kind == protoreflect.MessageKind && f.Message() == m })
		return nested(size, bytes.Repeat(unit, size/2/len(unit)+1), nil, unit, func(n int) []byte {
			return wire.AppendVarint(wire.AppendTag(nil, f, wire.Len), uint64(n))
		})
	}},
	{"groups", func(m *plan.Message, unit []byte, size int) []byte {
		f := fieldOf(m, func(f *plan.Field) bool { return f.Kind == protoreflect.GroupKind })
		return nested(size, unit, unit, wire.AppendTag(nil, f, wire.EndGroup), func(int) []byte {
			return wire.AppendTag(nil, f, wire.Group)
		})
	}},
	{"maps", func(m *plan.Message, unit []byte, size int) []byte {
		f := fieldOf(m, func(f *plan.Field) bool { return f.Map && f.MapValue.Message() == m })
		return nested(size, unit, unit, nil, func(n int) []byte {
			value := wire.AppendVarint([]byte{2<<3 | 2}, uint64(n))
			return append(wire.AppendVarint(wire.AppendTag(nil, f, wire.Len), uint64(n+len(value))), value...)
		})
	}},
	{"Any", func(m *plan.Message, unit []byte, size int) []byte {
		f := fieldOf(m, func(f *plan.Field) bool { return !f.Map && f.Message() != nil && f.Message().WellKnown == plan.Any })
		return nested(size, bytes.Repeat(unit, size/2/len(unit)+1), nil, unit, func(n int) []byte {
			url := wire.AppendLen([]byte{1<<3 | 2}, []byte("/"+m.Name))
			value := wire.AppendVarint(append(url, 2<<3|2), uint64(n))
			return append(wire.AppendVarint(wire.AppendTag(nil, f, wire.Len), uint64(n+len(value))), value...)
		})
	}},
}

// fieldOf is the number of the first field that fits, or one that is unknown.
func fieldOf(m *plan.Message, fits func(*plan.Field) bool) wire.Number {
	for i := range m.Fields {
		if fits(&m.Fields[i]) {
			return m.Fields[i].Number
		}
	}
	return 9999
}

// nested is core within so many levels that all have about size bytes; on each
// level before stands in front of, and after behind the one within. head is the
// tag and length of what has n bytes.
func nested(size int, core, before, after []byte, head func(n int) []byte) []byte {
	var heads [][]byte
	n := len(core)
	for n < size && len(heads) < 9000 {
		heads = append(heads, append(bytes.Clone(before), head(n)...))
		n += len(heads[len(heads)-1]) + len(after)
	}
	b := make([]byte, 0, n)
	for i := range heads {
		b = append(b, heads[len(heads)-1-i]...)
	}
	return append(append(b, core...), bytes.Repeat(after, len(heads))...)
}

// bounded says that twice the bytes make about twice the output with about
// twice the memory, and no more output than the factors say. What grows until
// it comes to a limit (indentation, paths, readings) is told from what grows
// without one by more bytes.
func bounded(m *plan.Message, shape int, unit []byte) error {
	err := doubled(m, shape, unit, 4000)
	for _, size := range []int{60_000, 240_000} {
		if err == nil {
			return nil
		}
		err = doubled(m, shape, unit, size)
	}
	return err
}

func doubled(m *plan.Message, shape int, unit []byte, size int) error {
	if len(unit) == 0 {
		return nil
	}
	once, twice := shapes[shape].make(m, unit, size), shapes[shape].make(m, unit, 2*size)
	ratio := float64(len(twice)) / float64(len(once))
	for _, p := range printers() {
		small, a := allocated(func() []byte { return p.print(m, once) })
		large, b := allocated(func() []byte { return p.print(m, twice) })
		what := fmt.Sprintf("%s, %s of %.40x, as %s", m.Name, shapes[shape].name, unit, p.name)
		if limit := (p.factor+p.names*longest(m, make(map[*plan.Message]bool)))*len(twice) + 2000; large > limit {
			return fmt.Errorf("%s: %d bytes of %d", what, large, len(twice))
		}
		if small == 0 {
			continue // the shorter one is refused, and nothing grows from it
		}
		if large > 20*len(twice) && float64(large) > 1.4*ratio*float64(small)+20_000 {
			return fmt.Errorf("%s: %d bytes make %d, %d make %d", what, len(once), small, len(twice), large)
		}
		if float64(b) > 1.6*ratio*float64(a)+400_000 {
			return fmt.Errorf("%s: %d bytes allocate %d, %d allocate %d", what, len(once), a, len(twice), b)
		}
	}
	return nil
}

// allocated is the length of what print makes, and the bytes that it takes to
// make it, those that were freed again included.
func allocated(print func() []byte) (size int, bytes uint64) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	size = len(print())
	runtime.ReadMemStats(&after)
	return size, after.TotalAlloc - before.TotalAlloc
}

// TestOutputIsBounded holds every printer to its factor for fields of all
// numbers and kinds, in all shapes.
func TestOutputIsBounded(t *testing.T) {
	types := corpus.Load(t)
	n, step := 0, 4
	if testing.Short() {
		step = 16
	}
	for _, name := range []protoreflect.FullName{"t.M", "google.protobuf.Any", "google.protobuf.Value", "google.protobuf.FieldMask", "p.P"} {
		m := types[types.Number(name)].Message
		for _, f := range m.ByNumber {
			for _, unit := range units(f.Number) {
				// Units and shapes in turns; the fuzz target tries all.
				if n++; n%step == 0 {
					if err := bounded(m, n/step%len(shapes), unit); err != nil {
						t.Error(err)
					}
				}
			}
			n++
		}
	}
}

// units are fields of that number, of each wire type, short ones mostly: they
// make the most of a byte.
func units(number wire.Number) [][]byte {
	content := func(b ...byte) []byte { return wire.AppendLen(wire.AppendTag(nil, number, wire.Len), b) }
	return [][]byte{
		content(),
		content(1),
		content(0x10, 0xff, 0xff, 0xff, 0xff, 15), // nanos out of range
		content([]byte("\x0a\x01_")...),
		content(bytes.Repeat([]byte{7, 0x80, 1}, 100)...),
		append(wire.AppendTag(nil, number, wire.Varint), 1),
		wire.AppendI64(wire.AppendTag(nil, number, wire.I64), 1),
		wire.AppendTag(wire.AppendTag(nil, number, wire.Group), number, wire.EndGroup),
	}
}

// FuzzBounded is the same for any unit, under any type: no input of n bytes
// makes more than O(n) output or memory.
func FuzzBounded(f *testing.F) {
	types := corpus.Load(f)
	for i, s := range corpus.Of(types.Samples(f), "protobuf", 128) {
		if i%60 == 0 {
			f.Add(s.Type, uint8(i/60), s.Data)
		}
	}
	for _, number := range []wire.Number{6, 22, 24} { // a message, an Any and a Value of t.M
		for i, unit := range units(number) {
			f.Add(uint8(0), uint8(i), unit)
		}
	}
	f.Fuzz(func(t *testing.T, which, shape uint8, unit []byte) {
		if len(unit) > 256 {
			return
		}
		if err := bounded(types.At(which).Message, int(shape)%len(shapes), unit); err != nil {
			t.Fatal(err)
		}
	})
}

// encodeFactor is how many bytes encode makes of a byte of JSON at most: of a
// list of ones, a tag and a double each.
const encodeFactor = 12

// TestEncodedIsBounded does the same for JSON and text format.
func TestEncodedIsBounded(t *testing.T) {
	types := corpus.Load(t)
	for _, c := range []struct {
		typ                 protoreflect.FullName
		open, unit, closing string
	}{
		{"t.M", `{"packed":[0`, `,-1`, `]}`},
		{"t.M", `{"list":[0`, `,-1`, `]}`},
		{"t.M", `{"ms":[{}`, `,{}`, `]}`},
		{"t.M", `{"children":{"0":{}`, `,"#":{}`, `}}`},
		{"t.M", `{"m":`, `{"m":`, `{}#}`},
		{"t.M", `{"[t.exts]":[""`, `,""`, `]}`},
		{"t.M", `{"times":["1970-01-01T00:00:00Z"`, `,"1970-01-01T00:00:00Z"`, `]}`},
		{"t.M", `{"mask":"a`, `,a`, `"}`},
		{"t.M", `{"s":"`, `\u00e9`, `"}`},
		{"t.M", `{"i":1`, `0`, `e-#}`},
		{"t.M", `{"i":1e-`, `9`, `}`},
		{"t.M", `{"b":"`, `AAAA`, `"}`},
		{"google.protobuf.ListValue", `[0`, `,0`, `]`},
		{"google.protobuf.ListValue", `[[]`, `,[]`, `]`},
		{"google.protobuf.Struct", `{"":0`, `,"#":0`, `}`},
		{"p.P", `{"es":[0`, `,1`, `]}`},
		{"p.P", `{"i":1`, `,"i":1`, `}`},
	} {
		m := types[types.Number(c.typ)].Message
		doc := func(n int) []byte {
			var b strings.Builder
			b.WriteString(strings.ReplaceAll(c.open, "#", "0"))
			for i := range n {
				b.WriteString(strings.ReplaceAll(c.unit, "#", fmt.Sprint(i+1)))
			}
			closing := strings.ReplaceAll(c.closing, "#", fmt.Sprint(n))
			if strings.Contains(c.closing, "{}#") {
				closing = "{}" + strings.Repeat("}", n+1)
			}
			b.WriteString(closing)
			return []byte(b.String())
		}
		once, twice := doc(4000), doc(8000)
		encode := func(doc []byte) func() []byte {
			return func() []byte {
				out, p := transcode.NewEncoder(transcode.EncodeOptions{}).Append(nil, m, doc)
				if p != nil {
					return p.AppendJSON(nil)
				}
				return out
			}
		}
		small, a := allocated(encode(once))
		large, b := allocated(encode(twice))
		if large > encodeFactor*len(twice)+2000 || float64(large) > 2.5*float64(small)+2000 {
			t.Errorf("%s %s%s: %d bytes make %d, %d make %d", c.typ, c.open, c.unit, len(once), small, len(twice), large)
		}
		if float64(b) > 3.5*float64(a)+400_000 {
			t.Errorf("%s %s%s: %d bytes allocate %d, %d allocate %d", c.typ, c.open, c.unit, len(once), a, len(twice), b)
		}
	}
}
