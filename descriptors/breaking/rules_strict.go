package breaking

import (
	"fmt"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/inspect/plan"
)

// strictRules find nothing unless their flag asks for it: they report what
// protobuf promises to be safe and some readers lose or refuse all the same.
func strictRules() []Rule {
	return []Rule{{
		ID: "ENUM_VALUE_ADDED", Categories: data, Severity: "lossy",
		Summary: "A value was added to an enum that old readers hold closed: they do not see it (--strict-enums).",
		Mend:    "write the value only when all readers have the new schema, or leave the enum as it is",
		Old:     closedExample + `B = 1; } message M { E e = 1; }`,
		New:     closedExample + `B = 1; C = 2; } message M { E e = 1; }`,
		enum:    strictValuesAdded,
	}, {
		ID: "ENUM_OPENED", Categories: data, Severity: "lossy",
		Summary: "A closed enum became open: old readers do not see the unnamed numbers that it can now hold (--strict-enums).",
		Mend:    "keep features.enum_type = CLOSED until all readers have the new schema",
		Old:     closedExample + `B = 1; } message M { E e = 1; }`,
		New:     `enum E { A = 0; B = 1; } message M { E e = 1; }`,
		enum:    strictEnumOpened,
	}, {
		ID: "JSON_FIELD_ADDED", Categories: []string{jsonCategory}, Severity: "break",
		Summary: "A field was added: old readers that refuse unknown keys refuse messages with it (--json-strict).",
		Mend:    "write the field only when all readers have the new schema, or have them ignore unknown keys",
		Old:     `message M { string a = 1; }`,
		New:     `message M { string a = 1; string b = 2; }`,
		message: strictFieldsAdded,
	}, {
		ID: "JSON_FIELD_DELETED", Categories: []string{jsonCategory}, Severity: "break",
		Summary: "A field is gone: new readers that refuse unknown keys refuse old messages with it (--json-strict).",
		Mend:    "keep the field, deprecated, while such messages may exist",
		Old:     `message M { string a = 1; string b = 2; }`,
		New:     `message M { string a = 1; reserved 2; }`,
		message: strictFieldsDeleted,
	}, {
		ID: "JSON_ENUM_VALUE_ADDED", Categories: []string{jsonCategory}, Severity: "lossy",
		Summary: "An enum value was added: old readers that refuse unknown names refuse messages with it (--json-strict).",
		Mend:    "write the value only when all readers have the new schema",
		Old:     `enum E { A = 0; B = 1; } message M { E e = 1; }`,
		New:     `enum E { A = 0; B = 1; C = 2; } message M { E e = 1; }`,
		enum:    func(c *comparison, p *enumPair) { c.strictValues(p.newDesc, p.new, p.old, "was added", false) },
	}, {
		ID: "JSON_ENUM_VALUE_DELETED", Categories: []string{jsonCategory}, Severity: "lossy",
		Summary: "An enum value is gone: new readers that refuse unknown names refuse old messages with it (--json-strict).",
		Mend:    "keep the value, deprecated, while such messages may exist",
		Old:     `enum E { A = 0; B = 1; C = 2; } message M { E e = 1; }`,
		New:     `enum E { A = 0; B = 1; reserved 2; } message M { E e = 1; }`,
		enum:    func(c *comparison, p *enumPair) { c.strictValues(p.oldDesc, p.old, p.new, "was deleted", true) },
	}}
}

const closedExample = `enum E { option features.enum_type = CLOSED; A = 0; `

// strictValuesAdded: numbers that the old, closed enum does not name. One that
// a value moved to is told by the rules of moves.
func strictValuesAdded(c *comparison, p *enumPair) {
	if !c.options.StrictEnums || !p.old.Closed {
		return
	}
	told := make(map[protoreflect.EnumNumber]bool)
	for i := range p.newDesc.Values().Len() {
		v := p.newDesc.Values().Get(i)
		n := v.Number()
		if told[n] || p.old.Quoted(int32(n)) != nil || p.touched(int32(n), namesOf(p.new, int32(n))) {
			continue
		}
		told[n] = true
		f := c.found(v, nil, fmt.Sprintf("%s was added to an enum that old readers hold closed", elementName(v)))
		f.Previous = c.previous(p.oldDesc)
		f.Why = fmt.Sprintf("old readers of new data, the value %s: it becomes an unknown field", v.Name())
		f.hurts[1] = c.enumHurt(c.new, c.old, p.new, p.old, int32(n))
		f.hurts[1].severity = Lossy
	}
}

func strictEnumOpened(c *comparison, p *enumPair) {
	if !c.options.StrictEnums || !p.old.Closed || p.new.Closed {
		return
	}
	number := int32(1)
	for p.old.Quoted(number) != nil || p.new.Quoted(number) != nil {
		number++
	}
	held := false
	for range c.holders(c.new, p.new, p.old) {
		held = true
		break
	}
	if !held {
		return
	}
	f := c.found(p.newDesc, p.oldDesc, fmt.Sprintf("%s was closed and is open", p.newDesc.FullName()))
	f.Why = "old readers of new data, numbers without a name: they become unknown fields"
	f.hurts[1] = c.enumHurt(c.new, c.old, p.new, p.old, number)
	f.hurts[1].severity = Lossy
}

func strictFieldsAdded(c *comparison, p *messagePair) {
	c.unknownKeys(p.new, p.old, func(g *plan.Field) {
		f := c.found(g.Desc, nil, fmt.Sprintf("%s was added", elementName(g.Desc)))
		f.Previous = c.previous(p.old.desc)
		f.also, f.Why = JSON, fmt.Sprintf("old readers that refuse unknown keys refuse %q", g.JSONName)
		f.hurts[1] = c.textHurt(p.new, p.old, g, Break, nil)
	})
}

func strictFieldsDeleted(c *comparison, p *messagePair) {
	c.unknownKeys(p.old, p.new, func(g *plan.Field) {
		f := c.gone(p.new.desc, g.Desc, fmt.Sprintf("%s was deleted", elementName(g.Desc)))
		f.also, f.Why = JSON, fmt.Sprintf("new readers that refuse unknown keys refuse %q", g.JSONName)
		f.hurts[0] = c.textHurt(p.old, p.new, g, Break, nil)
	})
}

// unknownKeys are the fields of w whose key no field of r is read from, and
// which pair with none of it.
func (c *comparison) unknownKeys(w, r *typ, step func(f *plan.Field)) {
	if !c.options.JSONStrict {
		return
	}
	readers := keysOf(r)
	for _, f := range w.fields {
		if readers[f.JSONName] == nil && jsonPartner(w, r, f) == nil {
			step(f)
		}
	}
}

// strictValues are the numbers of w's enum that r's does not have, where it
// does not know the name that they are written by either.
func (c *comparison) strictValues(declared protoreflect.EnumDescriptor, w, r *plan.Enum, what string, backward bool) {
	if !c.options.JSONStrict {
		return
	}
	told := make(map[protoreflect.EnumNumber]bool)
	for i := range declared.Values().Len() {
		v := declared.Values().Get(i)
		n := int32(v.Number())
		if told[v.Number()] || r.Quoted(n) != nil {
			continue
		}
		told[v.Number()] = true
		if _, known := numberNamed(r, v.Name()); known {
			continue
		}
		message, why := elementName(v)+" "+what, " readers that refuse unknown names refuse "+string(v.Name())
		if backward {
			f := c.gone(c.pairs.enums[declared.FullName()].desc, v, message)
			f.also, f.Why = JSON, "new"+why
			f.hurts[0] = c.enumTextHurt(c.old, c.new, w, r, n)
			f.hurts[0].severity = Lossy
			continue
		}
		f := c.found(v, nil, message)
		f.Previous = c.previous(c.pairs.enumsOld[declared.FullName()].desc)
		f.also, f.Why = JSON, "old"+why
		f.hurts[1] = c.enumTextHurt(c.new, c.old, w, r, n)
		f.hurts[1].severity = Lossy
	}
}

// strictNotes tell of a flag that no rule in use looks at.
func (c *comparison) strictNotes() []string {
	inUse := func(id string) bool {
		for _, r := range c.options.Rules {
			if r.ID == id {
				return true
			}
		}
		return false
	}
	var notes []string
	if c.options.JSONStrict && !inUse("JSON_FIELD_ADDED") && !c.jsonInUse() {
		notes = append(notes, "--json-strict says how JSON is read, and no rule of JSON is in use (--use DATA,JSON)")
	}
	if c.options.StrictEnums && !inUse("ENUM_VALUE_ADDED") && !inUse("ENUM_OPENED") {
		notes = append(notes, "--strict-enums adds to the rules of DATA, which are not in use (--use DATA)")
	}
	return notes
}
