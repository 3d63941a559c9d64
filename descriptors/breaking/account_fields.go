package breaking

import (
	"fmt"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/inspect/plan"
)

// fields tells of the fields of two corresponding types; only those that touch
// one of only, where that is given.
func (x *accountant) fields(p *messagePair, only ...protoreflect.Descriptor) {
	wanted := func(f *plan.Field) bool {
		if f == nil {
			return false
		}
		for _, d := range only {
			if d != nil && d == protoreflect.Descriptor(f.Desc) {
				return true
			}
		}
		return len(only) == 0
	}
	for _, f := range p.old.fields {
		g := p.new.number[f.Number]
		switch {
		case !wanted(f) && !wanted(g) || p.movesAway[f] != nil || g != nil && p.moves[g] != nil:
		case g == nil:
			x.fieldGone(p, f)
		default:
			x.fieldStays(&fieldPair{messagePair: p, old: f, new: g})
		}
	}
	for _, g := range p.new.fields {
		if wanted(g) && p.old.number[g.Number] == nil && p.moves[g] == nil {
			x.fieldAdded(p, g)
		}
	}
}

func (x *accountant) fieldGone(p *messagePair, f *plan.Field) {
	if x.hasFinding(f.Desc) {
		return
	}
	why := fmt.Sprintf("number %d is reserved, so nothing else can take it; new readers keep what old data has there as an unknown field", f.Number)
	if f.Extension {
		why = fmt.Sprintf("nothing else can take number %d; new readers keep what old data has there as an unknown field", f.Number)
	}
	if other := p.new.named[f.ProtoName]; other != nil {
		why = "a field of another type that took its name stands at another number, which is the advised way to change a type: " + why
	}
	var shown *Shown
	if records, ok := x.ordinaryField(f, 0); ok {
		if payload, ok := x.complete(p.old, p.new, f, records); ok {
			shown = x.shown(p.old, p.new, payload)
		}
	}
	x.add(f.Desc, nil, "deleted", why, shown)
}

func (x *accountant) fieldAdded(p *messagePair, g *plan.Field) {
	if x.hasFinding(g.Desc) {
		return
	}
	var shown *Shown
	if records, ok := x.ordinaryField(g, 0); ok {
		if payload, ok := x.complete(p.new, p.old, g, records); ok {
			shown = x.shown(p.new, p.old, payload)
		}
	}
	why := "what only the writer knows does not hurt: old readers keep it as an unknown field; new readers of old data find it absent"
	if oneofName(g.Desc) != "" && p.old.desc.Oneofs().ByName(oneofName(g.Desc)) != nil {
		why += "; a member that old readers do not know leaves their oneof unset"
	}
	x.add(nil, g.Desc, "added", why, shown)
}

// fieldStays tells what changed about a field that kept its number.
func (x *accountant) fieldStays(p *fieldPair) {
	f, g := p.old, p.new
	o := x.field(f, g)
	hurt := o.severity() > None || x.hasFinding(g.Desc)
	say := func(what, why string, shown *Shown) { x.add(f.Desc, g.Desc, what, why, shown) }
	if f.ProtoName != g.ProtoName && x.alikeFields(f, g) {
		why := "fields correspond by number, and bytes hold no names; the two names are alike, so it is a rename and not a reuse of the number"
		if !x.jsonInUse() {
			why += " (what JSON text and code get of it is judged with --use JSON,CODE)"
		}
		say("renamed from "+f.ProtoName+" to "+g.ProtoName, why, x.sample(p))
	}
	switch {
	case o.severity() > None && !x.hasFinding(g.Desc):
		say("changed from "+typeText(f)+" to "+typeText(g), "this is not ok, but no rule in use reports it: "+x.why(o), nil)
	case !hurt && typeText(f) != typeText(g):
		say("changed from "+typeText(f)+" to "+typeText(g), x.whyEqual(f, g), x.sample(p))
	}
	if f.Extension != g.Extension {
		say("moved between a field and an extension", "a field and an extension of the same number and type have the same bytes", nil)
	}
	if f.Presence != g.Presence && !f.Required && !g.Required && !isMessage(f) && !f.Repeated && !f.Map {
		what := map[bool]string{true: "has presence now", false: "has no presence any more"}[g.Presence]
		say(what, "presence is no value: a field that is present with its default equals an absent one", nil)
	}
	if f.Packed != g.Packed && f.Packable && g.Packable && !hurt {
		what := map[bool]string{true: "is written packed now", false: "is written expanded now"}[g.Packed]
		say(what, "readers take a list packed and expanded, whatever their schema says", x.sample(p))
	}
	x.oneofStays(p, say)
	if f.JSONName != g.JSONName && f.ProtoName == g.ProtoName {
		say("json_name changed from "+f.JSONName+" to "+g.JSONName, "bytes hold no names (what readers of JSON get is judged with --use JSON)", nil)
	}
	if !hurt && f.Enum != nil && g.Enum != nil && f.Enum.Closed != g.Enum.Closed {
		say(openness(g.Enum.Closed), whyOpenness, nil)
	}
	if optionsDiffer(f.Desc, g.Desc) {
		say("options changed", "options are for code generators and tools; those that readers go by are compared as types, encodings and defaults", nil)
	}
}

const whyOpenness = "writers write numbers that have names, and those are read alike by open and closed enums (--strict-enums reports what an old closed reader loses)"

func openness(closed bool) string {
	if closed {
		return "the enum is closed now"
	}
	return "the enum is open now"
}

// oneofStays tells of oneofs that a field went into or out of alone, and of
// those that have another name.
func (x *accountant) oneofStays(p *fieldPair, say func(what, why string, shown *Shown)) {
	was, is := oneofName(p.old.Desc), oneofName(p.new.Desc)
	if was == is || x.hasFinding(p.new.Desc) {
		return
	}
	const alone = "it excludes no field that could be set together with it before, on either side"
	switch {
	case was == "":
		say("went into the oneof "+string(is), alone, x.sample(p))
	case is == "":
		say("left the oneof "+string(was), alone, x.sample(p))
	default:
		say("the oneof "+string(was)+" is "+string(is)+" now", "a oneof's name is not in the bytes", nil)
	}
}

// whyEqual says why two types read each other's values.
func (x *accountant) whyEqual(f, g *plan.Field) string {
	switch {
	case f.Enum != nil && g.Enum != nil:
		return "enums are compared by their values: every number has the same name on both sides"
	case isMessage(f) && isMessage(g):
		return "types that a field refers to are compared by their fields, whatever their names: every field of the old one corresponds to one of the new one"
	case f.Map && g.Map:
		return "keys and values of the two maps are read alike"
	}
	return "every value that one side writes is read as the same value by the other"
}

// sample is an ordinary value of a field, written by the old side.
func (x *accountant) sample(p *fieldPair) *Shown {
	records, ok := x.ordinaryField(p.old, 0)
	if !ok {
		return nil
	}
	payload, ok := x.complete(p.messagePair.old, p.messagePair.new, p.old, records)
	if !ok {
		return nil
	}
	return x.shown(p.messagePair.old, p.messagePair.new, payload)
}

// optionsDiffer says whether options other than those that are compared by
// what they do are different.
func optionsDiffer(old, new protoreflect.Descriptor) bool {
	plainOptions := func(d protoreflect.Descriptor) proto.Message {
		o := d.Options().ProtoReflect()
		if !o.IsValid() {
			return o.New().Interface()
		}
		o = proto.Clone(o.Interface()).ProtoReflect()
		for _, name := range []protoreflect.Name{"features", "packed", "idempotency_level"} {
			if f := o.Descriptor().Fields().ByName(name); f != nil {
				o.Clear(f)
			}
		}
		return o.Interface()
	}
	return !proto.Equal(plainOptions(old), plainOptions(new))
}
