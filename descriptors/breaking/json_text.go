package breaking

import (
	"bytes"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/inspect/plan"
	"github.com/pbscope/pbscope/inspect/transcode"
)

// readText writes a payload as w's JSON and reads that as r; problem is why r
// refuses it, or nil.
func (c *comparison) readText(w, r *typ, payload []byte) (written, read, problem []byte, ok bool) {
	written, ok = c.json(w.plan, payload)
	if !ok {
		return nil, nil, nil, false
	}
	if c.encoder == nil {
		c.encoder = transcode.NewEncoder(transcode.EncodeOptions{IgnoreUnknownKeys: !c.options.JSONStrict})
	}
	wire, refused := c.encoder.Append(nil, r.plan, written)
	if refused != nil {
		return written, nil, refused.AppendJSON(nil), true
	}
	read, ok = c.json(r.plan, wire)
	return written, read, nil, ok
}

// tryText writes what f can hold as JSON, reads it as g and tells the worst
// that happens. Fields of corresponding types are compared by themselves.
func (c *comparison) tryText(w, r *typ, f, g *plan.Field, backward bool) effect {
	if !readsKey(g, f.JSONName) || c.sameText(f, g, backward) {
		return effect{}
	}
	worst := effect{}
	for _, t := range c.textCandidates(f, g, backward) {
		payload, ok := c.complete(w, r, f, t.records)
		if !ok {
			continue
		}
		written, read, problem, ok := c.readText(w, r, payload)
		if !ok {
			continue
		}
		how, hit := c.textHit(f, g, written, read, problem, backward)
		if !hit {
			continue
		}
		if t.ordinary {
			return effect{severity: Break, sample: t.records, which: "every value", how: how}
		}
		if worst.severity == None {
			worst = effect{severity: Lossy, sample: t.records, which: t.which, how: how}
		} else if len(worst.which) < maxWhich && !strings.Contains(worst.which, t.which) {
			worst.which += ", " + t.which
		}
	}
	return worse(worst, c.textWithin(f, g, backward))
}

// textCandidates are contents of f, of a map those of its keys and values too.
// What only a widened type holds is exempt. What both hold is tried where its
// text may not be read: 1 on a bool, the numbers of an enum on the enum, which
// takes those of 64 bits, in quotes, for names.
func (c *comparison) textCandidates(f, g *plan.Field, backward bool) []candidate {
	if !backward && widenedText(g, f) {
		all := c.candidates(f, g)
		switch {
		case g.Kind == protoreflect.BoolKind && len(all) > 0:
			return all[:1]
		case g.Enum != nil:
			return c.namedNumbers(f, g.Enum)
		}
		return nil
	}
	if !f.Map || !g.Map {
		return c.candidates(f, g)
	}
	all := c.candidates(f, g)
	key, ok := c.ordinaryField(f.MapKey, 0)
	value, ok2 := c.ordinaryField(f.MapValue, 0)
	if !ok || !ok2 {
		return all
	}
	if !backward && widenedText(g.MapValue, f.MapValue) {
		all = nil // an ordinary one may be one that the narrower type does not name
	}
	for _, k := range c.textCandidates(f.MapKey, g.MapKey, backward) {
		all = append(all, candidate{c.records(f, append(k.records, value...)), false, k.which})
	}
	for _, v := range c.textCandidates(f.MapValue, g.MapValue, backward) {
		all = append(all, candidate{c.records(f, append(slices.Clone(key), v.records...)), false, v.which})
	}
	return all
}

// namedNumbers are the numbers of an enum as the integers of f.
func (c *comparison) namedNumbers(f *plan.Field, e *plan.Enum) []candidate {
	var all []candidate
	for i := range min(e.Desc.Values().Len(), maxEnumValues) {
		v := int64(e.Desc.Values().Get(i).Number())
		n := number{v < 0, uint64(max(v, -v))}
		if b, ok := encodeInteger(f.Kind, n); ok && v != 0 {
			ordinary := v > 0 && !slices.ContainsFunc(all, func(c candidate) bool { return c.ordinary })
			all = append(all, candidate{c.records(f, b), ordinary, "the number " + strconv.FormatInt(v, 10)})
		}
	}
	return all
}

// sameText says that two fields read each other's text whatever it is, but for
// what lies within their types. Both sides of fields' sides stay what they are:
// f and g are turned round where the new side writes.
func (c *comparison) sameText(f, g *plan.Field, backward bool) bool {
	if f.Repeated != g.Repeated || f.Map != g.Map {
		return false
	}
	if f.Map {
		return valueKind(f.MapKey.Kind) == valueKind(g.MapKey.Kind) && c.sameText(f.MapValue, g.MapValue, backward)
	}
	if !backward {
		f, g = g, f
	}
	switch {
	case isMessage(f) && isMessage(g):
		return c.pairs.sameTypes(c.old.typeOf(f), c.new.typeOf(g))
	case f.Enum != nil && g.Enum != nil:
		return c.pairs.sameEnums(f.Enum, g.Enum)
	}
	return f.Enum == nil && g.Enum == nil && !isMessage(f) && valueKind(f.Kind) == valueKind(g.Kind)
}

// valueKind is one for the kinds whose values are one and the same in text and
// in generated code.
func valueKind(k protoreflect.Kind) protoreflect.Kind {
	switch k {
	case protoreflect.Sint32Kind, protoreflect.Sfixed32Kind:
		return protoreflect.Int32Kind
	case protoreflect.Fixed32Kind:
		return protoreflect.Uint32Kind
	case protoreflect.Sint64Kind, protoreflect.Sfixed64Kind:
		return protoreflect.Int64Kind
	case protoreflect.Fixed64Kind:
		return protoreflect.Uint64Kind
	}
	return k
}

// textHit compares a field's value in two documents.
func (c *comparison) textHit(f, g *plan.Field, written, read, problem []byte, backward bool) (how string, hit bool) {
	if problem != nil {
		return "the reader refuses it: " + problemText(problem), true
	}
	how = c.textDiffers(f, g, member(written, f.JSONName), member(read, g.JSONName), backward)
	return how, how != ""
}

// textHurt is a severity with a document that shows it: the sample's records,
// or an ordinary value of f.
func (c *comparison) textHurt(w, r *typ, f *plan.Field, severity Severity, sample []byte) hurt {
	if c.endless(w) {
		return hurt{}
	}
	return hurt{severity, func() *Witness {
		if sample == nil {
			var ok bool
			if sample, ok = c.ordinaryField(f, 0); !ok {
				return nil
			}
		}
		payload, ok := c.complete(w, r, f, sample)
		if !ok {
			return nil
		}
		return c.textWitness(w, r, payload)
	}}
}

// textWitness runs both schemas over a document. It is nil where they agree
// about it after all.
func (c *comparison) textWitness(w, r *typ, payload []byte) *Witness {
	written, read, problem, ok := c.readText(w, r, payload)
	if !ok {
		return nil
	}
	witness := &Witness{Type: string(w.desc.FullName()), WrittenBy: c.side(w), Text: string(written), Written: written, Read: read, Error: problem}
	if problem == nil && bytes.Equal(written, read) {
		// One text, which may go from one field into another.
		names := transcode.NewDecoder(transcode.Options{ProtoNames: true})
		wire, _ := c.encoder.Append(nil, r.plan, written)
		witness.Written, _, _ = names.Append(nil, w.plan, payload)
		witness.Read, _, _ = names.Append(nil, r.plan, wire)
		if bytes.Equal(witness.Written, witness.Read) {
			// One field too, which holds something else: what its reader has,
			// as the writer would write it.
			if witness.Read, ok = c.json(w.plan, wire); !ok || bytes.Equal(witness.Written, witness.Read) {
				return nil
			}
		}
	}
	return witness
}

// asText makes a document of the bytes that show a finding of a rule of both
// DATA and JSON, where JSON alone is asked for and text shows it too.
func (c *comparison) asText(f *Finding) {
	other := func(r Rule) bool { return !slices.Contains(r.Categories, jsonCategory) }
	if f.Witness == nil || f.Witness.Text != "" || !slices.Contains(f.Categories, jsonCategory) ||
		!c.jsonInUse() || slices.ContainsFunc(c.options.Rules, other) {
		return
	}
	name := protoreflect.FullName(f.Witness.Type)
	w, r := c.old.types[name], c.pairs.types[c.old.types[name]]
	if f.Witness.WrittenBy == "new" {
		w, r = c.new.types[name], c.pairs.typeOld[c.new.types[name]]
	}
	payload, err := hex.DecodeString(f.Witness.Bytes)
	if err != nil || w == nil || r == nil {
		return
	}
	if text := c.textWitness(w.load(), r.load(), payload); text != nil {
		f.Witness = text
	} else if text, ok := c.json(w.load().plan, payload); ok && f.Rule == "FIELD_DEFAULT_CHANGED" {
		// Both sides read the same text; what they have for the absent field
		// is in the witness already.
		f.Witness.Text, f.Witness.Bytes = string(text), ""
	}
}

// jsonInUse says whether the category is asked for, and not only rules that
// DATA has too.
func (c *comparison) jsonInUse() bool {
	return slices.ContainsFunc(c.options.Rules, func(r Rule) bool { return len(r.Categories) == 1 && r.Categories[0] == jsonCategory })
}

// enumTextHurt shows a value in the first field that holds the enum on both
// sides; nothing else is written as text.
func (c *comparison) enumTextHurt(w, r *Schema, we, re *plan.Enum, number int32) hurt {
	return hurt{Break, func() *Witness {
		for t, f := range c.holders(w, we, re) {
			other := c.partner(t)
			if payload, ok := c.complete(t, other, f, c.enumRecords(f, number)); ok {
				if witness := c.textWitness(t, other, payload); witness != nil {
					return witness
				}
			}
		}
		return &Witness{Type: string(we.Name), WrittenBy: map[bool]string{true: "old", false: "new"}[w == c.old],
			Text: string(we.Quoted(number)), Written: we.Quoted(number), Error: []byte(`{"message":"the enum has no value of that name"}`)}
	}}
}
