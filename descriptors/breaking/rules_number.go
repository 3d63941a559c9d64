package breaking

import (
	"fmt"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"

	"github.com/pbscope/pbscope/inspect/plan"
	"github.com/pbscope/pbscope/inspect/wire"
)

// swapped is the field that took f's number while g, the new f, took its
// number; nil if they did not.
func (p *messagePair) swapped(f, g *plan.Field) *plan.Field {
	other := p.new.number[f.Number]
	if other == nil || p.moves[other] == nil || p.moves[other].Number != g.Number {
		return nil
	}
	return other
}

func fieldsSwapped(c *comparison, p *messagePair) {
	for _, g := range p.new.fields {
		f := p.moves[g]
		if f == nil {
			continue
		}
		// Both fields see the swap; the one with the lower number tells it.
		if other := p.swapped(f, g); other != nil && g.Number < other.Number {
			finding := c.found(g.Desc, f.Desc, fmt.Sprintf("%s and %s of %s swapped their numbers %d and %d",
				g.ProtoName, other.ProtoName, p.new.desc.FullName(), g.Number, f.Number))
			finding.Contents = []string{elementName(g.Desc), elementName(other.Desc)}
			c.moved(finding, p, f, g)
		}
	}
}

// moved fills in what a move does: nobody reads the number that the other
// side writes.
func (c *comparison) moved(finding *Finding, p *messagePair, f, g *plan.Field) {
	lost := func(w, r *typ, written *plan.Field) string {
		at := r.number[written.Number]
		if at == nil {
			return "number " + itoa(written.Number) + " is not read any more"
		}
		return "number " + itoa(written.Number) + " is read as " + at.ProtoName
	}
	finding.Why = "new readers of old data: " + lost(p.old, p.new, f)
	if p.old.number[g.Number] == nil {
		finding.Why += "; old readers of new data: number " + itoa(g.Number) + " is unknown to them"
	} else {
		finding.Why += "; old readers of new data: number " + itoa(g.Number) + " is read as " + p.old.number[g.Number].ProtoName
	}
	if c.options.Mode == ModeBackward {
		finding.Why = "new readers of old data: " + lost(p.old, p.new, f)
	}
	backward, _ := c.ordinaryField(f, 0)
	forward, _ := c.ordinaryField(g, 0)
	finding.hurts[0] = c.fieldHurt(p.old, p.new, f, effect{severity: Break, sample: backward})
	finding.hurts[1] = c.fieldHurt(p.new, p.old, g, effect{severity: Break, sample: forward})
}

func fieldRenumbered(c *comparison, p *messagePair)     { c.renumbered(p, false) }
func extensionRenumbered(c *comparison, p *messagePair) { c.renumbered(p, true) }

func (c *comparison) renumbered(p *messagePair, extension bool) {
	for _, g := range p.new.fields {
		f := p.moves[g]
		if f == nil || g.Extension != extension || p.swapped(f, g) != nil && !extension {
			continue
		}
		message := fmt.Sprintf("%s moved from number %d to %d", elementName(g.Desc), f.Number, g.Number)
		if other := p.new.number[f.Number]; other != nil {
			message += fmt.Sprintf(", and %s took number %d", other.ProtoName, f.Number)
		}
		c.moved(c.found(g.Desc, f.Desc, message), p, f, g)
	}
}

func requiredAdded(c *comparison, p *messagePair) {
	for _, g := range p.new.fields {
		f := p.old.number[g.Number]
		if !g.Required || f != nil && f.Required || p.moves[g] != nil && p.moves[g].Required {
			continue
		}
		var old protoreflect.Descriptor
		message := fmt.Sprintf("%s is new and required", elementName(g.Desc))
		if f != nil {
			old = f.Desc
			message = fmt.Sprintf("%s became required", elementName(g.Desc))
		}
		finding := c.found(g.Desc, old, message)
		if old == nil {
			finding.Previous = c.previous(p.old.desc)
		}
		finding.Why = "new readers refuse every old message that lacks the field"
		finding.hurts[0] = c.lacking(p.old, p.new)
		if f != nil {
			c.fileCause(finding, f.Desc, g.Desc, fieldPresence)
		}
	}
}

func requiredRemoved(c *comparison, p *messagePair) {
	for _, f := range p.old.fields {
		g := p.new.number[f.Number]
		if !f.Required || g != nil && g.Required || p.movesAway[f] != nil && p.movesAway[f].Required {
			continue
		}
		var finding *Finding
		if g != nil {
			finding = c.found(g.Desc, f.Desc, fmt.Sprintf("%s is not required any more", elementName(g.Desc)))
			c.fileCause(finding, f.Desc, g.Desc, fieldPresence)
		} else {
			finding = c.gone(p.new.desc, f.Desc, fmt.Sprintf("%s, a required field, was deleted", elementName(f.Desc)))
		}
		finding.Why = "old readers refuse every new message that lacks the field"
		finding.hurts[1] = c.lacking(p.new, p.old)
	}
}

// lacking is the break of a reader that requires a field which w need not
// write.
func (c *comparison) lacking(w, r *typ) hurt {
	if c.endless(w) {
		return hurt{} // nobody can write such a message
	}
	return hurt{Break, func() *Witness {
		if b, ok := c.minimal(w, nil); ok {
			return c.witness(w, r, b)
		}
		return nil
	}}
}

func fieldDeleted(c *comparison, p *messagePair) {
	ranges := sortedRanges(fieldRanges(p.new.desc.ReservedRanges()))
	for _, f := range p.old.fields {
		if p.new.number[f.Number] != nil || p.movesAway[f] != nil || holds(ranges, int64(f.Number)) || f.Extension && extensionReserved(p.new.desc, f) {
			continue
		}
		kind := "field"
		if f.Extension {
			kind = "extension"
		}
		finding := c.gone(p.new.desc, f.Desc, fmt.Sprintf("%s was deleted and its number %d is not reserved", elementName(f.Desc), f.Number))
		finding.hurts[0].severity = Risk
		finding.Why = "a new " + kind + " can take the number, and will then be read out of old data"
		if !f.Extension {
			finding.Fix = c.reserve(p.new.desc, "reserved "+itoa(f.Number)+";")
			finding.Advice = ""
		}
	}
}

// extensionReserved says whether nobody can take the number of an extension
// that is gone: its range is gone too, or declares it reserved.
func extensionReserved(m protoreflect.MessageDescriptor, f *plan.Field) bool {
	ranges := m.ExtensionRanges()
	for i := range ranges.Len() {
		if r := ranges.Get(i); r[0] <= f.Number && f.Number < r[1] {
			return declaredReserved(m.ExtensionRangeOptions(i), f.Number)
		}
	}
	return true
}

func declaredReserved(options proto.Message, number protoreflect.FieldNumber) bool {
	o, _ := options.(*descriptorpb.ExtensionRangeOptions)
	for _, d := range o.GetDeclaration() {
		if d.GetNumber() == int32(number) && d.GetReserved() {
			return true
		}
	}
	return false
}

// messageSetItem is an extension as a MessageSet writes it: a group 1 with
// the type id 2 and the message 3.
func messageSetItem(number protoreflect.FieldNumber, content []byte) []byte {
	b := wire.AppendTag(nil, 1, wire.Group)
	b = wire.AppendVarint(wire.AppendTag(b, 2, wire.Varint), uint64(number))
	b = wire.AppendLen(wire.AppendTag(b, 3, wire.Len), content)
	return wire.AppendTag(b, 1, wire.EndGroup)
}
