package identify

import (
	"encoding/hex"
	"strings"
	"testing"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// typeOf is a candidate of the fields.
func typeOf(name string, fields ...Field) Type {
	for i := range fields {
		if fields[i].Sub == 0 && !fields[i].isMessage() && fields[i].Kind != protoreflect.EnumKind {
			fields[i].Sub = -1
		}
	}
	return Type{Name: name, Fields: fields, Candidate: true}
}

func scalar(number int32, kind protoreflect.Kind) Field {
	return Field{Number: number, Kind: kind, Implicit: true, UTF8: true}
}

func tableOf(types ...Type) *Table {
	t := &Table{Types: types}
	t.Index()
	return t
}

func unhex(t testing.TB, samples string) [][]byte {
	t.Helper()
	var out [][]byte
	for _, s := range strings.Split(samples, ",") {
		b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, b)
	}
	return out
}

// TestSignals has for each signal two types of which it favours the first, and
// no other signal either.
func TestSignals(t *testing.T) {
	const (
		str, byt, i32, i64 = protoreflect.StringKind, protoreflect.BytesKind, protoreflect.Int32Kind, protoreflect.Int64Kind
		u32, boo, enum     = protoreflect.Uint32Kind, protoreflect.BoolKind, protoreflect.EnumKind
		f32, flt, dbl, f64 = protoreflect.Fixed32Kind, protoreflect.FloatKind, protoreflect.DoubleKind, protoreflect.Fixed64Kind
		s32, msg           = protoreflect.Sint32Kind, protoreflect.MessageKind
	)
	list := func(f Field) Field { f.Repeated, f.Implicit = true, false; return f }
	packed := func(f Field) Field { f = list(f); f.Packed = true; return f }
	explicit := func(f Field) Field { f.Implicit = false; return f }
	required := func(f Field) Field { f.Required, f.Implicit = true, false; return f }
	of := func(f Field, sub int32) Field { f.Sub = sub; return f }
	member := func(f Field, oneof uint16) Field { f.Oneof, f.Implicit = oneof, false; return f }
	named := func(form Form, fields ...Field) Type { d := typeOf("", fields...); d.Form = form; return d }

	for _, c := range []struct {
		name, samples string
		better, worse []Field
	}{
		{"unknown field", "0801 1001", []Field{scalar(1, i32), scalar(2, i32)}, []Field{scalar(1, i32)}},
		{"wire type", "0801", []Field{scalar(1, i32)}, []Field{scalar(1, str)}},
		{"UTF-8", "0a03ff80fe", []Field{scalar(1, byt)}, []Field{scalar(1, str)}},
		{"text", "0a0568656c6c6f", []Field{scalar(1, str)}, []Field{scalar(1, byt)}},
		{"control characters", "0a080102030405060708", []Field{scalar(1, byt)}, []Field{scalar(1, str)}},
		{"bool", "0801", []Field{scalar(1, boo)}, []Field{scalar(1, i32)}},
		{"bool above 1", "0802", []Field{scalar(1, i32)}, []Field{scalar(1, boo)}},
		{"named number", "0803", []Field{of(scalar(1, enum), 0)}, []Field{scalar(1, i32)}},
		{"unnamed number", "0807", []Field{scalar(1, i32)}, []Field{of(scalar(1, enum), 0)}},
		{"unnamed number of a closed enum", "0807", []Field{of(scalar(1, enum), 0)}, []Field{of(scalar(1, enum), 1)}},
		{"int32 that overflows", "0880808080808020", []Field{scalar(1, i64)}, []Field{scalar(1, i32)}},
		{"uint32 that is negative", "08ffffffffffffffffff01", []Field{scalar(1, i32)}, []Field{scalar(1, u32)}},
		{"negative in five bytes", "08ffffffff0f", []Field{scalar(1, u32)}, []Field{scalar(1, i32)}},
		{"sint that never is negative", "0804,0806,0808", []Field{scalar(1, u32)}, []Field{scalar(1, s32)}},
		{"float", "0d0000c03f", []Field{scalar(1, flt)}, []Field{scalar(1, f32)}},
		{"fixed32", "0d05000000", []Field{scalar(1, f32)}, []Field{scalar(1, flt)}},
		{"double", "09000000000000f83f", []Field{scalar(1, dbl)}, []Field{scalar(1, f64)}},
		{"fixed64", "090500000000000000", []Field{scalar(1, f64)}, []Field{scalar(1, dbl)}},
		{"packed length", "0a050102030405", []Field{packed(scalar(1, i32))}, []Field{packed(scalar(1, f32))}},
		{"packed where it should be", "0a0103", []Field{packed(scalar(1, i32))}, []Field{list(scalar(1, i32))}},
		{"repeated where it is not", "0801 0802", []Field{list(scalar(1, i32))}, []Field{scalar(1, i32)}},
		{"never repeated", "0801,0802", []Field{explicit(scalar(1, i32))}, []Field{list(scalar(1, i32))}},
		{"zero without presence", "0800", []Field{explicit(scalar(1, i32))}, []Field{scalar(1, i32)}},
		{"empty without presence", "0a00", []Field{explicit(scalar(1, str))}, []Field{scalar(1, str)}},
		{"required", "0801", []Field{scalar(1, i32), explicit(scalar(2, i32))}, []Field{scalar(1, i32), required(scalar(2, i32))}},
		{"coverage", "0801", []Field{scalar(1, i32)}, []Field{scalar(1, i32), scalar(2, i32), scalar(3, str)}},
		{"two of a oneof", "0801 1001", []Field{explicit(scalar(1, i32)), explicit(scalar(2, i32))}, []Field{member(scalar(1, i32), 1), member(scalar(2, i32), 1)}},
		{"nested message", "0a0708011203616263", []Field{of(scalar(1, msg), 2)}, []Field{scalar(1, byt)}},
		{"nested message of another type", "0a0708011203616263", []Field{of(scalar(1, msg), 2)}, []Field{of(scalar(1, msg), 3)}},
		{"content that is no message", "0a0568656c6c6f", []Field{scalar(1, str)}, []Field{of(scalar(1, msg), 2)}},
		{"nanos", "0a0a08011080a8d6b90f1801", []Field{of(scalar(1, msg), 5)}, []Field{of(scalar(1, msg), 4)}},
		{"map entry", "0a050a01611001", []Field{list(of(scalar(1, msg), 6))}, []Field{scalar(1, byt)}},
		{"smaller enum", "0801", []Field{of(scalar(1, enum), 0)}, []Field{of(scalar(1, enum), 2)}},
	} {
		table := &Table{
			Types: []Type{
				typeOf("better", c.better...), typeOf("worse", c.worse...),
				typeOf("", scalar(1, i32), scalar(2, str)), typeOf("", scalar(3, i32)),
				named(Timestamp, scalar(1, i64), scalar(2, i32), scalar(3, i32)), typeOf("", scalar(1, i64), scalar(2, i32), scalar(3, i32)),
				named(Entry, scalar(1, str), scalar(2, i32)),
			},
			Enums: []Enum{{Numbers: []int32{0, 1, 2, 3}}, {Numbers: []int32{0, 1, 2, 3}, Closed: true}, {Numbers: []int32{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}}},
		}
		for i := 2; i < len(table.Types); i++ {
			table.Types[i].Candidate = false
		}
		// The types that messages refer to stand at 2 and above; the table of the
		// cases counts them from there.
		table.Index()
		r := table.Rank(unhex(t, c.samples), Options{})
		if r.Damaged > 0 {
			t.Errorf("%s: the samples are damaged", c.name)
			continue
		}
		if got := r.Candidates[0]; got.Type != "better" || len(r.Candidates) > 1 && r.Candidates[1].Bits <= got.Bits {
			t.Errorf("%s: %+v", c.name, r.Candidates)
		}
	}
}

// TestTies has types that are the same and one that is not.
func TestTies(t *testing.T) {
	a := []Field{scalar(1, protoreflect.StringKind), scalar(2, protoreflect.Int32Kind)}
	table := tableOf(typeOf("z.A", a...), typeOf("b.B", a...), typeOf("c.C", scalar(1, protoreflect.StringKind)), typeOf("d.D", a...))
	r := table.Rank(unhex(t, "0a0568656c6c6f1005,0a05776f726c641007"), Options{Limit: 2})
	if len(r.Candidates) != 2 || r.Candidates[0].Type != "b.B" || r.Candidates[1].Type != "d.D" {
		t.Fatalf("%+v", r.Candidates)
	}
	for _, c := range r.Candidates {
		if c.Rank != 1 || c.Tied != 3 || c.Score < 0.8 {
			t.Errorf("%+v, want rank 1 of 3", c)
		}
	}
	for name, want := range map[string]int{"z.A": 1, "b.B": 1, "c.C": 0, "none": 0} {
		if got := r.Place(name); got != want {
			t.Errorf("%s is at place %d, want %d", name, got, want)
		}
	}
	if r := table.Rank(unhex(t, "0a0568656c6c6f1005"), Options{Keep: func(name string) bool { return name == "c.C" }}); r.Compared != 1 || r.Candidates[0].Unknown != 1 || len(r.Fitting()) != 0 {
		t.Errorf("%+v", r)
	}
}

// TestCounts has what decoders refuse and what they do not know.
func TestCounts(t *testing.T) {
	table := tableOf(typeOf("t.M",
		scalar(1, protoreflect.StringKind), scalar(2, protoreflect.Int32Kind),
		Field{Number: 3, Kind: protoreflect.MessageKind, Sub: 0},
		Field{Number: 4, Kind: protoreflect.GroupKind, Sub: 0},
		Field{Number: 5, Kind: protoreflect.Fixed32Kind, Sub: -1, Repeated: true, Packed: true},
		Field{Number: 6, Kind: protoreflect.EnumKind, Sub: 0, Repeated: true},
	))
	table.Enums = []Enum{{Numbers: []int32{0, 5}, Closed: true}}
	for _, c := range []struct {
		sample  string
		unknown int
		ok      bool
	}{
		{"", 0, true}, {"0a0161", 0, true}, {"0a01ff", 0, false}, {"1005", 0, true}, {"1201", 0, false}, {"120161", 1, true},
		{"1a021005", 0, true}, {"1a0210", 0, false}, {"1a033a0161", 1, true}, {"23100524", 0, true}, {"233a016124", 1, true}, {"2310", 0, false},
		{"2a0401000000", 0, true}, {"2a03010000", 0, false}, {"2d01000000", 0, true}, {"3005", 0, true}, {"3006", 1, true}, {"320305 06 07", 2, true},
		{"7801 7a00", 2, true}, {"24", 0, false}, {"00", 0, false}, {"07", 0, false},
	} {
		unknown, ok := table.Count(0, unhex(t, c.sample)[0])
		if ok != c.ok || ok && unknown != c.unknown {
			t.Errorf("%s: %d unknown, %t; want %d, %t", c.sample, unknown, ok, c.unknown, c.ok)
		}
	}
}

// TestNothingToCompare has samples that say nothing.
func TestNothingToCompare(t *testing.T) {
	table := tableOf(typeOf("t.M", scalar(1, protoreflect.StringKind)))
	for _, c := range []struct {
		samples                [][]byte
		damaged, empty, listed int
	}{
		{nil, 0, 0, 0},
		{[][]byte{{}}, 0, 1, 1},
		{[][]byte{{0x0a}}, 1, 0, 0},
		{[][]byte{{0x0a}, {0x0a, 1, 'x'}, {}}, 1, 1, 1},
	} {
		r := table.Rank(c.samples, Options{})
		if r.Samples != len(c.samples) || r.Damaged != c.damaged || r.Empty != c.empty || len(r.Candidates) != c.listed || r.Compared != 1 {
			t.Errorf("%x: %+v", c.samples, r)
		}
		if c.listed == 1 && (r.Candidates[0].Failed != c.damaged || len(r.Fitting()) != 1) {
			t.Errorf("%x: %+v", c.samples, r.Candidates)
		}
	}
	if r := tableOf().Rank([][]byte{{8, 1}}, Options{}); len(r.Candidates) != 0 || r.Compared != 0 {
		t.Errorf("a table without types gives %+v", r)
	}
}
