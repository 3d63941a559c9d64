package breaking

import (
	"fmt"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/inspect/plan"
)

// data and both are categories of rules.
var (
	data = []string{Data}
	both = []string{Data, jsonCategory}
)

func fieldRules() []Rule {
	return []Rule{{
		ID: "FIELDS_SWAPPED", Categories: data, Severity: "break",
		Summary: "Two fields took each other's numbers: each is read as the other.",
		Mend:    "give both fields their old numbers back",
		Old:     `message M { string a = 1; string b = 2; }`,
		New:     `message M { string b = 1; string a = 2; }`,
		message: fieldsSwapped,
	}, {
		ID: "FIELD_RENUMBERED", Categories: data, Severity: "break",
		Summary: "A field stands at another number: what was written at the old one is not read.",
		Mend:    "give the field its old number back; for a new meaning take a new name and a new number",
		Old:     `message M { string title = 3; }`,
		New:     `message M { reserved 3; string title = 5; }`,
		message: fieldRenumbered,
	}, {
		ID: "EXTENSION_RENUMBERED", Categories: data, Severity: "break",
		Summary: "An extension stands at another number of its message.",
		Mend:    "give the extension its old number back",
		Old:     `message M { extensions 100 to 199; } extend M { string note = 100; }`,
		New:     `message M { extensions 100 to 199; } extend M { string note = 101; }`,
		message: extensionRenumbered,
	}, {
		ID: "FIELD_NUMBER_REUSED", Categories: data, Severity: "that of the type change alone, at least risk",
		Summary: "A number holds a field of an unlike name: what was written as the one is read as the other.",
		Mend:    "give the new field a number that was never used, and reserve the old one",
		Old:     `message M { string email = 2; }`,
		New:     `message M { string color = 2; }`,
		field:   numberReused, exclusive: true,
	}, {
		ID: "FIELD_ENCODING_CHANGED", Categories: data, Severity: "break",
		Summary: "A message is written delimited on one side and length-prefixed on the other, or as a MessageSet.",
		Mend:    "keep the old encoding (features.message_encoding, message_set_wire_format)",
		Old:     `message M { M child = 1; }`,
		New:     `message M { M child = 1 [features.message_encoding = DELIMITED]; }`,
		field:   encodingChanged, message: messageSetChanged, exclusive: true,
	}, {
		ID: "UTF8_VALIDATION_ADDED", Categories: data, Severity: "lossy",
		Summary: "A string is now refused when it is not UTF-8.",
		Mend:    "keep features.utf8_validation = NONE, or make the field bytes",
		Old:     `message M { string s = 1 [features.utf8_validation = NONE]; }`,
		New:     `message M { string s = 1; }`,
		field:   utf8Added, exclusive: true,
	}, {
		ID: "UTF8_VALIDATION_REMOVED", Categories: data, Severity: "lossy",
		Summary: "A string may now hold what old readers refuse: text that is not UTF-8.",
		Mend:    "keep features.utf8_validation = VERIFY until all readers have the new schema",
		Old:     `message M { string s = 1; }`,
		New:     `message M { string s = 1 [features.utf8_validation = NONE]; }`,
		field:   utf8Removed, exclusive: true,
	}, {
		ID: "FIELD_CARDINALITY_INCOMPATIBLE", Categories: data, Severity: "break",
		Summary: "A field became singular, repeated or a map in a way that one side cannot read at all.",
		Mend:    "add a field with a new number in place of changing this one",
		Old:     `message M { int32 id = 1; }`,
		New:     `message M { repeated int32 id = 1; }`,
		field:   func(c *comparison, p *fieldPair) bool { return c.typeChange(p, byCardinality, Break) }, exclusive: true,
	}, {
		ID: "FIELD_CARDINALITY_LOSSY", Categories: data, Severity: "lossy",
		Summary: "A field became singular, repeated or a map: several elements or a repeated key are lost.",
		Mend:    "add a field with a new number in place of changing this one",
		Old:     `message M { string tag = 1; }`,
		New:     `message M { repeated string tag = 1; }`,
		field:   func(c *comparison, p *fieldPair) bool { return c.typeChange(p, byCardinality, Lossy) }, exclusive: true,
	}, {
		ID: "FIELD_TYPE_INCOMPATIBLE", Categories: data, Severity: "break",
		Summary: "A field has a type that reads ordinary values of the other as something else, or not at all.",
		Mend:    "add a field with a new number in place of changing this one",
		Old:     `message M { int32 id = 1; }`,
		New:     `message M { string id = 1; }`,
		field:   func(c *comparison, p *fieldPair) bool { return c.typeChange(p, byType, Break) }, exclusive: true,
	}, {
		ID: "FIELD_TYPE_LOSSY", Categories: data, Severity: "lossy",
		Summary: "A field has a type that cuts, refuses or misreads particular values of the other.",
		Mend:    "add a field with a new number, or make sure that such values are never written",
		Old:     `message M { int64 id = 1; }`,
		New:     `message M { int32 id = 1; }`,
		field:   func(c *comparison, p *fieldPair) bool { return c.typeChange(p, byType, Lossy) }, exclusive: true,
	}, {
		ID: "FIELD_TYPE_WIDENED", Categories: data, Severity: "risk",
		Summary: "A field has a wider type: old readers cut the values that only the new one holds.",
		Mend:    "write such values only when all readers have the new schema",
		Old:     `message M { int32 id = 1; }`,
		New:     `message M { int64 id = 1; }`,
		field:   func(c *comparison, p *fieldPair) bool { return c.typeChange(p, byType, Risk) }, exclusive: true,
	}, {
		ID: "FIELD_REQUIRED_ADDED", Categories: both, Severity: "break",
		Summary: "A field is required that old writers leave out.",
		Mend:    "make the field optional",
		Old:     `message M { string a = 1; }`,
		New:     `message M { string a = 1 [features.field_presence = LEGACY_REQUIRED]; }`,
		message: requiredAdded,
	}, {
		ID: "FIELD_REQUIRED_REMOVED", Categories: both, Severity: "break",
		Summary: "New writers may leave out a field that old readers require.",
		Mend:    "keep the field required until all readers have the new schema",
		Old:     `message M { string a = 1 [features.field_presence = LEGACY_REQUIRED]; }`,
		New:     `message M { string a = 1; }`,
		message: requiredRemoved,
	}, {
		ID: "FIELD_DEFAULT_CHANGED", Categories: both, Severity: "lossy",
		Summary: "An absent field has another value: a declared default, or the first value of a closed enum.",
		Mend:    "keep the default; let writers set the new value",
		Old:     `message M { int32 size = 1 [default = 10]; }`,
		New:     `message M { int32 size = 1 [default = 20]; }`,
		field:   defaultChanged,
	}, {
		ID: "FIELD_DELETED_NOT_RESERVED", Categories: data, Severity: "risk",
		Summary: "A field is gone and its number is free to be used for something else.",
		Mend:    "reserve the number",
		Old:     `message M { string a = 1; string b = 2; }`,
		New:     `message M { string a = 1; }`,
		message: fieldDeleted,
	}}
}

// cardinality classes: singular, repeated, map.
func cardinality(f *plan.Field) string {
	switch {
	case f.Map:
		return "map"
	case f.Repeated:
		return "repeated"
	}
	return "singular"
}

// typeText is a field's type as its declaration says it.
func typeText(f *plan.Field) string {
	if f.Map {
		return "map<" + typeText(f.MapKey) + ", " + typeText(f.MapValue) + ">"
	}
	text := f.Kind.String()
	switch {
	case f.Enum != nil:
		text = string(f.Enum.Name)
	case isMessage(f):
		text = string(f.Desc.Message().FullName())
	}
	if f.Repeated {
		text = "repeated " + text
	}
	return text
}

// severity is that of an outcome in the directions that count.
func (c *comparison) severity(o outcome) Severity {
	o = c.counted(o)
	return max(o.backward.severity, o.forward.severity)
}

func (c *comparison) counted(o outcome) outcome {
	switch c.options.Mode {
	case ModeBackward:
		o.forward = effect{}
	case ModeForward:
		o.backward = effect{}
	}
	return o
}

// aspect is what tells two fields apart, the most specific that does.
type aspect uint8

const (
	byType aspect = iota
	byCardinality
	byUTF8
	byEncoding
)

func (p *fieldPair) aspect() aspect {
	added, removed := utf8Change(p.old, p.new)
	switch {
	case isMessage(p.old) && isMessage(p.new) && p.old.Kind != p.new.Kind:
		return byEncoding
	case added || removed:
		return byUTF8
	case cardinality(p.old) != cardinality(p.new):
		return byCardinality
	}
	return byType
}

// typeChange reports a pair whose outcome has just the severity of the rule.
func (c *comparison) typeChange(p *fieldPair, by aspect, severity Severity) bool {
	o := c.counted(p.outcome)
	if p.aspect() != by || max(o.backward.severity, o.forward.severity) != severity || severity == Risk && o.forward.severity != Risk {
		return false
	}
	f := c.found(p.new.Desc, p.old.Desc, changed(p))
	c.effects(f, p)
	return true
}

func changed(p *fieldPair) string {
	if typeText(p.old) == typeText(p.new) {
		return fmt.Sprintf("%s is %s on both sides, with other fields", elementName(p.new.Desc), typeText(p.new))
	}
	return fmt.Sprintf("%s changed from %s to %s", elementName(p.new.Desc), typeText(p.old), typeText(p.new))
}

// effects puts the outcome of a field pair into a finding.
func (c *comparison) effects(f *Finding, p *fieldPair) {
	f.hurts[0] = c.fieldHurt(p.messagePair.old, p.messagePair.new, p.old, p.outcome.backward)
	f.hurts[1] = c.fieldHurt(p.messagePair.new, p.messagePair.old, p.new, p.outcome.forward)
	f.Why = c.why(p.outcome)
}

// why says in words whom an outcome hurts and how.
func (c *comparison) why(o outcome) string {
	o = c.counted(o)
	text := ""
	add := func(who string, e effect) {
		if e.severity == None {
			return
		}
		if text != "" {
			text += "; "
		}
		switch {
		case e.severity == Risk && e.reuse:
			text += "what was written as the one is read as the other: " + e.how
		case e.severity == Risk:
			text += who + " cut " + e.which + ", once somebody writes them"
		default:
			text += who + ", " + e.which + ": " + e.how
		}
	}
	add("new readers of old data", o.backward)
	add("old readers of new data", o.forward)
	return text
}

func (c *comparison) alikeFields(f, g *plan.Field) bool {
	if alike(string(f.Desc.Name()), string(g.Desc.Name())) {
		return true
	}
	return !f.Extension && !g.Extension && f.JSONName == g.JSONName
}

func numberReused(c *comparison, p *fieldPair) bool {
	o := c.counted(p.outcome)
	within := o.backward.reuse && max(o.backward.severity, o.forward.severity) == Risk
	if c.alikeFields(p.old, p.new) && !within {
		return false
	}
	message := fmt.Sprintf("number %d of %s was %s and is %s", p.new.Number, p.messagePair.new.desc.FullName(), p.old.ProtoName, p.new.ProtoName)
	if within {
		message = changed(p)
	} else if typeText(p.old) != typeText(p.new) {
		message += fmt.Sprintf(", changed from %s to %s", typeText(p.old), typeText(p.new))
	}
	f := c.found(p.new.Desc, p.old.Desc, message)
	c.effects(f, p)
	f.hurts[0].severity = max(f.hurts[0].severity, Risk)
	if f.Why == "" {
		f.Why = fmt.Sprintf("a value written as %s is read as %s", p.old.ProtoName, p.new.ProtoName)
	}
	return true
}

func encodingChanged(c *comparison, p *fieldPair) bool {
	if p.aspect() != byEncoding || c.severity(p.outcome) == None {
		return false
	}
	how := map[bool]string{true: "delimited", false: "length-prefixed"}
	f := c.found(p.new.Desc, p.old.Desc, fmt.Sprintf("%s was %s and is %s", elementName(p.new.Desc),
		how[p.old.Kind == protoreflect.GroupKind], how[p.new.Kind == protoreflect.GroupKind]))
	c.effects(f, p)
	c.fileCause(f, p.old.Desc, p.new.Desc, messageEncoding)
	return true
}

func messageSetChanged(c *comparison, p *messagePair) {
	if p.old.plan.MessageSet == p.new.plan.MessageSet {
		return
	}
	f := c.found(p.new.desc, p.old.desc, fmt.Sprintf("%s became a MessageSet", p.new.desc.FullName()))
	if p.old.plan.MessageSet {
		f.Message = fmt.Sprintf("%s is no MessageSet any more", p.new.desc.FullName())
	}
	f.Why = "both sides: extensions written in the one encoding are unknown fields in the other"
	f.hurts = [2]hurt{c.messageSetHurt(p.old, p.new), c.messageSetHurt(p.new, p.old)}
}

// messageSetHurt shows an extension, where there is one.
func (c *comparison) messageSetHurt(w, r *typ) hurt {
	return hurt{Break, func() *Witness {
		for _, f := range w.fields {
			if content, ok := c.ordinary(c.new.typeNamed(r.desc), 0); ok && isMessage(f) {
				records := c.records(f, content)
				if w.plan.MessageSet {
					records = messageSetItem(f.Number, content)
				}
				return c.witness(w, r, records)
			}
		}
		return nil
	}}
}

// utf8Change says whether some string of the field is validated on one side
// only: its own values, or the keys or values of a map.
func utf8Change(f, g *plan.Field) (added, removed bool) {
	if f.Map && g.Map {
		a, b := utf8Change(f.MapKey, g.MapKey)
		x, y := utf8Change(f.MapValue, g.MapValue)
		return a || x, b || y
	}
	if f.Kind != protoreflect.StringKind || g.Kind != protoreflect.StringKind {
		return false, false
	}
	return !f.UTF8 && g.UTF8, f.UTF8 && !g.UTF8
}

func utf8Added(c *comparison, p *fieldPair) bool {
	added, _ := utf8Change(p.old, p.new)
	if !added || c.severity(p.outcome) == None {
		return false
	}
	f := c.found(p.new.Desc, p.old.Desc, fmt.Sprintf("%s must now be valid UTF-8", elementName(p.new.Desc)))
	c.effects(f, p)
	c.fileCause(f, p.old.Desc, p.new.Desc, utf8Validation)
	return true
}

func utf8Removed(c *comparison, p *fieldPair) bool {
	added, removed := utf8Change(p.old, p.new)
	if added || !removed || c.severity(p.outcome) == None {
		return false
	}
	f := c.found(p.new.Desc, p.old.Desc, fmt.Sprintf("%s need not be valid UTF-8 any more", elementName(p.new.Desc)))
	c.effects(f, p)
	c.fileCause(f, p.old.Desc, p.new.Desc, utf8Validation)
	return true
}

// defaultChanged: absent is equal to absent unless a declared default, or the
// first value of a closed enum, differs.
func (c *comparison) defaultChanged(f, g *plan.Field) bool {
	if !singular(f) || !singular(g) || isMessage(f) || isMessage(g) || isText(f) != isText(g) {
		return false
	}
	if !f.Desc.HasDefault() && !g.Desc.HasDefault() && !closed(f) && !closed(g) {
		return false
	}
	return !equal(f, g, defaultValue(f), defaultValue(g)) || !equal(g, f, defaultValue(g), defaultValue(f))
}

func closed(f *plan.Field) bool { return f.Enum != nil && f.Enum.Closed }

func defaultChanged(c *comparison, p *fieldPair) bool {
	if p.old.Required || p.new.Required || p.outcome.severity() == Break || !c.alikeFields(p.old, p.new) || !c.defaultChanged(p.old, p.new) {
		return false
	}
	was, is := show(defaultValue(p.old)), show(defaultValue(p.new))
	f := c.found(p.new.Desc, p.old.Desc, fmt.Sprintf("the default of %s changed from %s to %s", elementName(p.new.Desc), was, is))
	f.Why = fmt.Sprintf("messages without the field: %s is read as %s", was, is)
	if !equal(p.old, p.new, defaultValue(p.old), defaultValue(p.new)) {
		f.hurts[0] = hurt{Lossy, func() *Witness { return c.defaultWitness(p, true) }}
	}
	if !equal(p.new, p.old, defaultValue(p.new), defaultValue(p.old)) {
		f.hurts[1] = hurt{Lossy, func() *Witness { return c.defaultWitness(p, false) }}
	}
	c.enumCause(f, p)
	return true
}
