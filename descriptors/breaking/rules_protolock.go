package breaking

import (
	"fmt"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// protolockCategory is the rules that protolock's users know.
const protolockCategory = "PROTOLOCK"

// protolockRules are those of protolock's that nobody else has.
func protolockRules() []Rule {
	category := []string{protolockCategory}
	return []Rule{{
		ID: "NO_CHANGING_FIELD_IDS", Categories: category, Severity: "break",
		Summary: "A field or enum value of one name has another number.",
		Mend:    "give it its old number back, or another name",
		Old:     `message M { string title = 3; }`,
		New:     `message M { int32 title = 5; }`,
		message: fieldIDs, enum: valueIDs,
	}, {
		ID: "NO_USING_RESERVED_FIELDS", Categories: category, Severity: "break",
		Summary: "A number or name that was reserved is used.",
		Mend:    "take a number and a name that were never used, and keep the old ones reserved",
		Old:     `message M { reserved 2; string a = 1; }`,
		New:     `message M { string a = 1; string b = 2; }`,
		message: reservedFieldsUsed, enum: reservedValuesUsed,
	}}
}

// protolockNames are protolock's names of rules with the ids that stand for
// them here.
func protolockNames() []struct {
	name string
	ids  []string
} {
	return []struct {
		name string
		ids  []string
	}{
		{"NoUsingReservedFields", []string{"NO_USING_RESERVED_FIELDS"}},
		{"NoRemovingReservedFields", []string{"RESERVED_MESSAGE_NO_DELETE", "RESERVED_ENUM_NO_DELETE"}},
		{"NoRemovingFieldsWithoutReserve", []string{"FIELD_NO_DELETE_UNLESS_NUMBER_RESERVED", "FIELD_NO_DELETE_UNLESS_NAME_RESERVED",
			"ENUM_VALUE_NO_DELETE_UNLESS_NUMBER_RESERVED", "ENUM_VALUE_NO_DELETE_UNLESS_NAME_RESERVED"}},
		{"NoChangingFieldIDs", []string{"NO_CHANGING_FIELD_IDS"}},
		{"NoChangingFieldTypes", []string{"FIELD_SAME_TYPE", "FIELD_WIRE_JSON_COMPATIBLE_CARDINALITY"}},
		{"NoChangingFieldNames", []string{"FIELD_SAME_NAME", "ENUM_VALUE_SAME_NAME"}},
		{"NoRemovingRPCs", []string{"RPC_NO_DELETE"}},
		{"NoChangingRPCSignature", []string{"RPC_SAME_REQUEST_TYPE", "RPC_SAME_RESPONSE_TYPE", "RPC_SAME_CLIENT_STREAMING", "RPC_SAME_SERVER_STREAMING"}},
	}
}

// protolockIDs are names with ids in place of protolock's; its category is all
// of them. Names may be written as it does, or as ids are.
func protolockIDs(names []string) []string {
	var all []string
	for _, name := range names {
		known := false
		for _, row := range protolockNames() {
			if name == protolockCategory || strings.EqualFold(strings.ReplaceAll(name, "_", ""), row.name) {
				all, known = append(all, row.ids...), true
			}
		}
		if !known {
			all = append(all, name)
		}
	}
	return all
}

// lockFinding is a finding of protolock's rules; both sides have the message.
func (c *comparison) lockFinding(new, old protoreflect.Descriptor, message, why string) *Finding {
	f := c.found(new, old, message)
	f.base, f.Why = Break, why
	return f
}

func fieldIDs(c *comparison, p *messagePair) {
	if p.old.desc.FullName() != p.new.desc.FullName() {
		return
	}
	for _, g := range p.new.fields {
		f := p.old.named[g.ProtoName]
		if f == nil || f.Number == g.Number || f.Extension || g.Extension {
			continue
		}
		finding := c.lockFinding(g.Desc, f.Desc, fmt.Sprintf("%s has number %d, and had %d", elementName(g.Desc), g.Number, f.Number),
			"what was written at the old number is not read by this name")
		backward, _ := c.ordinaryField(f, 0)
		forward, _ := c.ordinaryField(g, 0)
		finding.extra = true
		finding.hurts[0] = c.fieldHurt(p.old, p.new, f, effect{severity: Break, sample: backward})
		finding.hurts[1] = c.fieldHurt(p.new, p.old, g, effect{severity: Break, sample: forward})
	}
}

func valueIDs(c *comparison, p *enumPair) {
	if p.oldDesc.FullName() != p.newDesc.FullName() {
		return
	}
	for _, v := range p.values {
		if v.new != nil && v.old.Number() != v.new.Number() {
			c.lockFinding(v.new, v.old, fmt.Sprintf("%s has number %d, and had %d", elementName(v.new), v.new.Number(), v.old.Number()),
				"what was written with the old number is not read by this name")
		}
	}
}

func reservedFieldsUsed(c *comparison, p *messagePair) {
	if p.old.desc.FullName() != p.new.desc.FullName() {
		return
	}
	for _, g := range p.new.fields {
		if !g.Extension {
			c.reservedUsed(p.old.desc, g.Desc, p.old.desc.ReservedRanges().Has(g.Number), int32(g.Number), p.old.desc.ReservedNames().Has(g.Desc.Name()))
		}
	}
}

func reservedValuesUsed(c *comparison, p *enumPair) {
	if p.oldDesc.FullName() != p.newDesc.FullName() {
		return
	}
	for i := range p.newDesc.Values().Len() {
		v := p.newDesc.Values().Get(i)
		c.reservedUsed(p.oldDesc, v, p.oldDesc.ReservedRanges().Has(v.Number()), int32(v.Number()), p.oldDesc.ReservedNames().Has(v.Name()))
	}
}

// reservedUsed tells of a number and of a name that the old holder reserved.
func (c *comparison) reservedUsed(holder, new protoreflect.Descriptor, number bool, n int32, name bool) {
	const why = "what was reserved can stand for something else in old data"
	if number {
		c.lockFinding(new, holder, fmt.Sprintf("%s uses number %d, which was reserved", elementName(new), n), why)
	}
	if name {
		c.lockFinding(new, holder, fmt.Sprintf("%s uses the name %s, which was reserved", elementName(new), new.Name()), why)
	}
}
