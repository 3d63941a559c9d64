package breaking

import (
	"encoding/hex"
	"flag"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"
)

var pairs = flag.Int("pairs", 300, "schema pairs of the property test")

// TestBytesAgree writes random messages under random schema pairs: where the
// comparison found no break or loss, no message may hurt; and each witness
// must hurt.
func TestBytesAgree(t *testing.T) {
	breaks := 0
	for seed := range uint64(*pairs) {
		g := &generator{Rand: rand.New(rand.NewPCG(seed, 7))}
		old := g.schema()
		new := old.clone()
		edits := 1 + g.IntN(3)
		for range 100 {
			if len(new.log) < edits {
				g.edit(new)
			}
		}
		a, b := load(t, map[string]string{"p.proto": old.source()}, map[string]string{"p.proto": new.source()})
		report := Compare(a, b, Options{})
		fail := func(format string, args ...any) {
			t.Helper()
			t.Errorf("seed %d: "+format, append([]any{seed}, args...)...)
			t.Logf("edits: %s\n%s\n---\n%s\n---\n%s", strings.Join(new.log, "; "), old.source(), new.source(), report.AppendText(nil, TextOptions{}))
		}
		checkTraffic(g, a, b, new, report, fail)
		if report.Verdict == Breaking {
			breaks++
			checkWitnesses(a, b, new, report, fail)
		} else {
			checkSilence(g, a, b, new, fail)
		}
		if t.Failed() {
			return
		}
	}
	if breaks < *pairs/5 || breaks > *pairs*19/20 {
		t.Errorf("%d of %d pairs break: the generator tests one side only", breaks, *pairs)
	}
}

func checkWitnesses(a, b *Schema, edited *genSchema, report *Report, fail func(string, ...any)) {
	for _, f := range report.Findings {
		if f.Breaks&(Backward|Forward) == 0 || f.Rule == "FIELD_DEFAULT_CHANGED" {
			continue
		}
		if f.Witness == nil {
			fail("%s has no witness", f.Rule)
			return
		}
		w, r, j := a, b, &judge{renamed: edited.renamed}
		if f.Witness.WrittenBy == "new" {
			w, r, j = b, a, &judge{forward: true, renamed: inverse(edited.renamed)}
		}
		if w.enums[protoreflect.FullName(f.Witness.Type)] != nil {
			continue
		}
		writer := w.types[protoreflect.FullName(f.Witness.Type)]
		reader := r.types[protoreflect.FullName(j.readerName(f.Witness.Type))]
		payload, _ := hex.DecodeString(f.Witness.Bytes)
		m := dynamicpb.NewMessage(writer.desc)
		if err := proto.Unmarshal(payload, m); err != nil {
			fail("%s: the writer does not read the witness: %v", f.Rule, err)
			return
		}
		if j.hurt(m, reader.desc) == "" {
			fail("%s: the witness %s does not hurt", f.Rule, f.Witness.Bytes)
			return
		}
	}
}

func checkSilence(g *generator, a, b *Schema, edited *genSchema, fail func(string, ...any)) {
	for _, t := range a.typeOrder {
		j := &judge{renamed: edited.renamed}
		n := b.types[protoreflect.FullName(j.readerName(string(t.desc.FullName())))]
		if n == nil {
			continue
		}
		back := &judge{forward: true, renamed: inverse(edited.renamed)}
		for range 40 {
			m := g.message(t.desc, 0)
			if why := j.hurt(m, n.desc); why != "" {
				fail("passed, but a new reader is hurt: %s: %v", why, m)
				return
			}
			m = g.message(n.desc, 0)
			if why := back.hurt(m, t.desc); why != "" {
				fail("passed, but an old reader is hurt: %s: %v", why, m)
				return
			}
		}
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
		if f.Cardinality() != protoreflect.Required && (g.IntN(2) == 0 || depth > 3 && f.Message() != nil) || depth > 6 {
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
		return protoreflect.ValueOfEnum(f.Enum().Values().Get(g.IntN(f.Enum().Values().Len())).Number())
	}
	return protoreflect.ValueOfMessage(g.message(f.Message(), depth+1))
}
