package breaking

import (
	"fmt"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/inspect/plan"
)

func oneofRules() []Rule {
	return []Rule{{
		ID: "FIELD_JOINED_ONEOF", Categories: both, Severity: "lossy",
		Summary: "Fields that could be set together exclude each other now: of two the last one stays.",
		Mend:    "leave the field outside, or move fields into a oneof of their own, one in each",
		Old:     `message M { string a = 1; oneof kind { string b = 2; } }`,
		New:     `message M { oneof kind { string a = 1; string b = 2; } }`,
		message: joinedOneof,
	}, {
		ID: "FIELD_LEFT_ONEOF", Categories: both, Severity: "lossy",
		Summary: "Fields that excluded each other can be set together now: old readers keep the last one.",
		Mend:    "keep the fields in one oneof, or make sure that only one of them is set",
		Old:     `message M { oneof kind { string a = 1; string b = 2; } }`,
		New:     `message M { string a = 1; oneof kind { string b = 2; } }`,
		message: leftOneof,
	}}
}

func joinedOneof(c *comparison, p *messagePair) {
	for _, group := range c.usable(p, oneofGroups(p.new, p.old)) {
		joined := newFields(p, group.strangers())
		oneof := p.new.number[group.classes[0][0].Number].Desc.ContainingOneof()
		f := c.oneofFinding(p, joined, fmt.Sprintf("%s joined the oneof %s of %s", list(joined), oneof.Name(), p.new.desc.FullName()))
		a, b := group.separate()
		f.Why = fmt.Sprintf("old data can hold %s together with %s; new readers keep the last one only", a.ProtoName, b.ProtoName)
		f.hurts[0] = c.fieldHurt(p.old, p.new, a, effect{severity: Lossy, sample: c.together(a, b)})
	}
}

func leftOneof(c *comparison, p *messagePair) {
	for _, group := range c.usable(p, oneofGroups(p.old, p.new)) {
		left := group.strangers()
		oneof := p.old.number[group.classes[0][0].Number].Desc.ContainingOneof()
		f := c.oneofFinding(p, left, fmt.Sprintf("%s left the oneof %s of %s", list(left), oneof.Name(), p.new.desc.FullName()))
		a, b := group.separate()
		f.Why = fmt.Sprintf("new data can hold %s together with %s; old readers keep the last one only", a.ProtoName, b.ProtoName)
		f.hurts[1] = c.fieldHurt(p.new, p.old, a, effect{severity: Lossy, sample: c.together(a, b)})
	}
}

// usable leaves out the fields whose number holds another field now: what was
// written in them is lost anyway.
func (c *comparison) usable(p *messagePair, groups []*oneofGroup) []*oneofGroup {
	var usable []*oneofGroup
	for _, g := range groups {
		var fields []*plan.Field
		for _, class := range g.classes {
			for _, f := range class {
				old, new := p.old.number[f.Number], p.new.number[f.Number]
				if p.movesAway[old] == nil && p.moves[new] == nil {
					fields = append(fields, f)
				}
			}
		}
		if again := newOneofGroup(g.name, fields); len(again.classes) > 1 {
			usable = append(usable, again)
		}
	}
	return usable
}

func newFields(p *messagePair, old []*plan.Field) []*plan.Field {
	var fields []*plan.Field
	for _, f := range old {
		fields = append(fields, p.new.number[f.Number])
	}
	return fields
}

// oneofFinding stands at the first of the fields of the new side.
func (c *comparison) oneofFinding(p *messagePair, fields []*plan.Field, message string) *Finding {
	f := c.found(fields[0].Desc, p.old.number[fields[0].Number].Desc, message)
	if len(fields) > 1 {
		for _, g := range fields {
			f.Contents = append(f.Contents, elementName(g.Desc))
		}
	}
	return f
}

func list(fields []*plan.Field) string {
	var names []string
	for i, f := range fields {
		if i == 5 {
			names = append(names, fmt.Sprintf("%d more", len(fields)-i))
			break
		}
		names = append(names, f.ProtoName)
	}
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}

// feature is one of the features that a file can set for all that it declares.
type feature uint8

const (
	utf8Validation feature = iota
	messageEncoding
	fieldPresence
)

// states says whether a declaration sets the feature itself.
func (x feature) states(d protoreflect.Descriptor) bool {
	f := featuresOf(d)
	switch x {
	case utf8Validation:
		return f.GetUtf8Validation() != 0
	case messageEncoding:
		return f.GetMessageEncoding() != 0
	}
	return f.GetFieldPresence() != 0
}
