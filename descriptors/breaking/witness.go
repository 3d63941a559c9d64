package breaking

import (
	"bytes"
	"encoding/hex"
	"math"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	"github.com/pbscope/pbscope/inspect/message"
	"github.com/pbscope/pbscope/inspect/plan"
	"github.com/pbscope/pbscope/inspect/wire"
)

// witness runs both schemas over a message that w's side wrote and that the
// other reads as r. It is nil where they agree about it after all.
func (c *comparison) witness(w, r *typ, payload []byte) *Witness {
	written, ok := c.json(w.plan, payload)
	if !ok {
		return nil
	}
	witness := &Witness{Type: string(w.desc.FullName()), WrittenBy: c.side(w), Bytes: hex.EncodeToString(payload), Written: written}
	if read, ok := c.json(r.plan, payload); ok {
		witness.Read = read
		if bytes.Equal(read, written) {
			return nil
		}
		return witness
	}
	p := message.Diagnose(r.plan, payload, message.Options{})
	if p == nil {
		return nil
	}
	witness.Error = p.AppendJSON(nil)
	return witness
}

// json is a message as its reader gets it; ok is false where it is refused.
func (c *comparison) json(m *plan.Message, payload []byte) (text []byte, ok bool) {
	text, _, ok = c.decoder.Append(nil, m, payload)
	return text, ok
}

// fieldHurt is an effect on a field of two corresponding messages, with its
// witness.
func (c *comparison) fieldHurt(w, r *typ, f *plan.Field, e effect) hurt {
	if e.severity > Risk && c.endless(w) {
		return hurt{} // nobody can write such a message
	}
	return hurt{e.severity, func() *Witness {
		if e.sample == nil {
			return nil
		}
		payload, ok := c.complete(w, r, f, e.sample)
		if !ok {
			return nil
		}
		return c.witness(w, r, payload)
	}}
}

// messageHurt is an effect whose sample is a whole message of w.
func (c *comparison) messageHurt(w, r *typ, e effect) hurt {
	if e.severity > Risk && c.endless(w) {
		return hurt{}
	}
	return hurt{e.severity, func() *Witness {
		if e.sample == nil {
			return nil
		}
		return c.witness(w, r, e.sample)
	}}
}

// defaultWitness shows an absent field: JSON has no absent values, so each
// side's default stands as if it were present.
func (c *comparison) defaultWitness(p *fieldPair, backward bool) *Witness {
	w, r, f, g := p.messagePair.old, p.messagePair.new, p.old, p.new
	if !backward {
		w, r, f, g = r, w, g, f
	}
	empty, ok := c.minimal(w, r)
	if !ok {
		return nil
	}
	witness := &Witness{Type: string(w.desc.FullName()), WrittenBy: c.side(w), Bytes: hex.EncodeToString(empty),
		Written: c.shownDefault(w, f), Read: c.shownDefault(r, g)}
	if witness.Written == nil || witness.Read == nil || bytes.Equal(witness.Written, witness.Read) {
		return nil
	}
	return witness
}

func (c *comparison) shownDefault(t *typ, f *plan.Field) []byte {
	payload, ok := c.complete(t, nil, f, c.records(f, encodeScalar(f.Kind, defaultValue(f))))
	if !ok {
		return nil
	}
	text, ok := c.json(t.plan, payload)
	if !ok {
		return nil
	}
	return text
}

// encodeScalar writes a value of a field of that kind.
func encodeScalar(k protoreflect.Kind, v value) []byte {
	switch {
	case v.bytes != nil || k == protoreflect.StringKind || k == protoreflect.BytesKind:
		return v.bytes
	case k == protoreflect.FloatKind:
		return wire.AppendI32(nil, math.Float32bits(float32(v.float)))
	case k == protoreflect.DoubleKind:
		return wire.AppendI64(nil, math.Float64bits(v.float))
	case k == protoreflect.EnumKind:
		k = protoreflect.Int32Kind
	}
	b, _ := encodeInteger(k, number{v.negative, v.magnitude})
	return b
}

// anyWitness is an Any that holds a message of t. Where a side does not import
// Any, the one that everybody knows stands for it.
func (c *comparison) anyWitness(t *typ) *Witness {
	content, ok := c.ordinary(t.load(), 0)
	old, new := c.old.anyMessage(), c.new.anyMessage()
	if !ok || old == nil || new == nil {
		return nil
	}
	b := wire.AppendLen(wire.AppendTag(nil, 1, wire.Len), []byte("type.googleapis.com/"+string(t.desc.FullName())))
	b = wire.AppendLen(wire.AppendTag(b, 2, wire.Len), content)
	return c.witness(old, new, b)
}

func (s *Schema) anyMessage() *typ {
	const name = "google.protobuf.Any"
	if t := s.types[name]; t != nil {
		return t.load()
	}
	known, err := protoregistry.GlobalFiles.FindDescriptorByName(name)
	if err != nil {
		return nil
	}
	return s.typeNamed(known.(protoreflect.MessageDescriptor))
}

func (c *comparison) side(t *typ) string {
	if t.schema == c.new {
		return "new"
	}
	return "old"
}
