package breaking

import (
	"encoding/hex"
	"flag"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"
)

var (
	pairs    = flag.Int("pairs", 120, "schema pairs of the property tests")
	onePair  = flag.Int("pair", -1, "the one pair to test")
	messages = flag.Int("messages", 10_000, "random messages of each type among which one must show a break")
)

// A side of the property: what is judged, by which rules.
type medium struct {
	judge   judge
	options Options
	seed    uint64
}

func rulesFor(t *testing.T, categories ...string) []Rule {
	t.Helper()
	rules, err := Select(categories, nil)
	if err != nil {
		t.Fatal(err)
	}
	return rules
}

// TestBytesAgree and its like write random messages under random schema pairs:
// where the comparison found no break or loss, no message may hurt; each
// witness must hurt; and where it found some, a random message must show it.
func TestBytesAgree(t *testing.T) { agree(t, medium{seed: 7}) }

func TestBytesAgreeWithStrictEnums(t *testing.T) {
	agree(t, medium{judge{strictEnums: true}, Options{StrictEnums: true}, 8})
}

func TestTextAgrees(t *testing.T) {
	agree(t, medium{judge{json: true}, Options{Rules: rulesFor(t, "JSON")}, 9})
}

func TestStrictTextAgrees(t *testing.T) {
	agree(t, medium{judge{json: true, jsonStrict: true}, Options{Rules: rulesFor(t, "JSON"), JSONStrict: true}, 10})
}

func agree(t *testing.T, m medium) {
	breaks := 0
	for seed := range uint64(*pairs) {
		if *onePair >= 0 && seed != uint64(*onePair) {
			continue
		}
		g := &generator{Rand: rand.New(rand.NewPCG(seed, m.seed)), unnamed: m.judge.strictEnums}
		old := g.schema()
		new := old.clone()
		edits := 1 + g.IntN(3)
		for range 100 {
			if len(new.log) < edits {
				g.edit(new)
			}
		}
		a, b := load(t, map[string]string{"p.proto": old.source()}, map[string]string{"p.proto": new.source()})
		report := Compare(a, b, m.options)
		fail := func(format string, args ...any) {
			t.Helper()
			t.Errorf("seed %d: "+format, append([]any{seed}, args...)...)
			t.Logf("edits: %s\n%s\n---\n%s\n---\n%s", strings.Join(new.log, "; "), old.source(), new.source(), report.AppendText(nil, TextOptions{}))
		}
		v := &voices{generator: g, a: a, b: b, back: m.judge, forth: m.judge}
		v.back.renamed, v.forth.renamed, v.forth.forward = new.renamed, inverse(new.renamed), true
		if !m.judge.json {
			checkTraffic(v, report, fail)
		}
		v.witnesses(report, fail)
		for _, d := range []Direction{Backward, Forward} {
			switch found, bare := breaking(report, d); {
			case found == nil && !bare:
				v.silent(d, fail)
			case found != nil:
				breaks++
				v.shown(d, found, fail)
			}
		}
		if t.Failed() {
			return
		}
	}
	if *onePair < 0 && (breaks < *pairs/3 || breaks > *pairs*19/10) {
		t.Errorf("%d of %d pairs break, each in two directions: the generator tests one side only", breaks, *pairs)
	}
}

// breaking is a finding that breaks a direction, or nil; bare says that there
// is one of an enum that no message holds.
func breaking(report *Report, d Direction) (found *Finding, bare bool) {
	for _, f := range report.Findings {
		switch {
		case f.Breaks&d == 0:
		case renamesZero(f):
			bare = true
		case f.Witness != nil && report.comparison.old.enums[protoreflect.FullName(f.Witness.Type)] != nil:
			bare = true
		default:
			return f, false
		}
	}
	return nil, bare
}

// renamesZero: the name of the zero value is told of although a reader that
// passes over it has the zero value all the same, but for one in a list or map.
func renamesZero(f *Finding) bool {
	return f.Rule == "ENUM_VALUE_RENAMED" && strings.HasPrefix(f.Message, "number 0 ")
}

// voices are the judges of a pair in both directions.
type voices struct {
	*generator
	a, b        *Schema
	back, forth judge
}

// side is the writer and the reader of a direction, with their judge.
func (v *voices) side(d Direction) (w, r *Schema, j *judge) {
	if d == Backward {
		return v.a, v.b, &v.back
	}
	return v.b, v.a, &v.forth
}

func (v *voices) witnesses(report *Report, fail func(string, ...any)) {
	for _, f := range report.Findings {
		if f.Breaks&(Backward|Forward) == 0 || f.Rule == "FIELD_DEFAULT_CHANGED" {
			continue
		}
		if f.Witness == nil {
			fail("%s has no witness", f.Rule)
			return
		}
		if renamesZero(f) {
			continue
		}
		w, r, j := v.side(Backward)
		if f.Witness.WrittenBy == "new" {
			w, r, j = v.side(Forward)
		}
		if w.enums[protoreflect.FullName(f.Witness.Type)] != nil {
			continue
		}
		writer := w.types[protoreflect.FullName(f.Witness.Type)]
		reader := r.types[protoreflect.FullName(j.readerName(f.Witness.Type))]
		m := dynamicpb.NewMessage(writer.desc)
		var err error
		if j.json {
			err = protojson.UnmarshalOptions{AllowPartial: true}.Unmarshal([]byte(f.Witness.Text), m)
		} else {
			payload, _ := hex.DecodeString(f.Witness.Bytes)
			err = proto.Unmarshal(payload, m)
		}
		if err != nil {
			fail("%s: the writer does not read the witness: %v", f.Rule, err)
			return
		}
		if j.hurt(m, reader.desc) == "" {
			fail("%s: the witness %s%s does not hurt", f.Rule, f.Witness.Bytes, f.Witness.Text)
			return
		}
	}
}

// messages writes random messages of all types that both sides have, in turn,
// until step is false.
func (v *voices) messages(d Direction, n int, step func(j *judge, m *dynamicpb.Message, reader protoreflect.MessageDescriptor) bool) {
	w, r, j := v.side(d)
	for range n {
		for _, t := range w.typeOrder {
			reader := r.types[protoreflect.FullName(j.readerName(string(t.desc.FullName())))]
			if reader != nil && !step(j, v.message(t.desc, 0), reader.desc) {
				return
			}
		}
	}
}

// silent: no message may hurt.
func (v *voices) silent(d Direction, fail func(string, ...any)) {
	v.messages(d, 20, func(j *judge, m *dynamicpb.Message, reader protoreflect.MessageDescriptor) bool {
		why := j.hurt(m, reader)
		if why != "" {
			fail("passed, but a reader is hurt (%s): %s: %v", d.Words(), why, m)
		}
		return why == ""
	})
}

// shown: of many messages one must hurt.
func (v *voices) shown(d Direction, f *Finding, fail func(string, ...any)) {
	hurt := false
	v.messages(d, *messages, func(j *judge, m *dynamicpb.Message, reader protoreflect.MessageDescriptor) bool {
		hurt = j.hurt(m, reader) != ""
		return !hurt
	})
	if !hurt {
		fail("%s %s is said to break %s, and no message shows it", f.Rule, f.Element, d.Words())
	}
}

func (j *judge) readerName(full string) string {
	pkg, name := full[:strings.LastIndex(full, ".")+1], full[strings.LastIndex(full, ".")+1:]
	if to, ok := j.renamed[name]; ok {
		name = to
	}
	return pkg + name
}

func inverse(m map[string]string) map[string]string {
	back := make(map[string]string)
	for k, v := range m {
		back[v] = k
	}
	return back
}

// message is a random message that its type allows.
func (g *generator) message(d protoreflect.MessageDescriptor, depth int) *dynamicpb.Message {
	m := dynamicpb.NewMessage(d)
	for i := range d.Fields().Len() {
		f := d.Fields().Get(i)
		g.used++
		if f.Cardinality() != protoreflect.Required && (g.IntN(2) == 0 || g.limit > 0 && g.used > g.limit || depth > 3 && f.Message() != nil) || depth > 6 {
			continue
		}
		switch {
		case f.IsMap():
			if depth > 3 {
				continue
			}
			for range 1 + g.IntN(2) {
				m.Mutable(f).Map().Set(g.value(f.MapKey(), depth).MapKey(), g.value(f.MapValue(), depth))
			}
		case f.IsList():
			for range 1 + g.IntN(3) {
				m.Mutable(f).List().Append(g.value(f, depth))
			}
		default:
			m.Set(f, g.value(f, depth))
		}
	}
	return m
}

func (g *generator) value(f protoreflect.FieldDescriptor, depth int) protoreflect.Value {
	signed := pick(g, []int64{0, 1, 2, -1, 127, math.MaxInt32, math.MinInt32, math.MaxInt64, math.MinInt64, 1 << 31, 1 << 32, 1<<40 + 1})
	switch f.Kind() {
	case protoreflect.BoolKind:
		return protoreflect.ValueOfBool(signed&1 == 1)
	case protoreflect.Int32Kind, protoreflect.Sint32Kind, protoreflect.Sfixed32Kind:
		return protoreflect.ValueOfInt32(int32(signed))
	case protoreflect.Int64Kind, protoreflect.Sint64Kind, protoreflect.Sfixed64Kind:
		return protoreflect.ValueOfInt64(signed)
	case protoreflect.Uint32Kind, protoreflect.Fixed32Kind:
		return protoreflect.ValueOfUint32(uint32(signed))
	case protoreflect.Uint64Kind, protoreflect.Fixed64Kind:
		return protoreflect.ValueOfUint64(uint64(signed))
	case protoreflect.FloatKind:
		return protoreflect.ValueOfFloat32(float32(signed) / 3)
	case protoreflect.DoubleKind:
		return protoreflect.ValueOfFloat64(float64(signed) / 3)
	case protoreflect.StringKind:
		texts := []string{"", "a", "é", "long enough to be no number"}
		if !strict(f) {
			texts = append(texts, "\xff")
		}
		return protoreflect.ValueOfString(pick(g, texts))
	case protoreflect.BytesKind:
		return protoreflect.ValueOfBytes([]byte(pick(g, []string{"", "a", "\xff", "\x08\x01"})))
	case protoreflect.EnumKind:
		if g.unnamed && !f.Enum().IsClosed() && g.IntN(4) == 0 {
			return protoreflect.ValueOfEnum(999)
		}
		return protoreflect.ValueOfEnum(f.Enum().Values().Get(g.IntN(f.Enum().Values().Len())).Number())
	}
	return protoreflect.ValueOfMessage(g.message(f.Message(), depth+1))
}
