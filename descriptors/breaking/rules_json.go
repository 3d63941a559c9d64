package breaking

import (
	"fmt"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/inspect/plan"
)

// jsonCategory is the category of the rules about JSON text and REST calls.
const jsonCategory = "JSON"

// jsonRules read by one schema what the other writes as ProtoJSON. A field
// pairs with that of its name, else, where that is gone, with that of its
// number.
func jsonRules() []Rule {
	category := []string{jsonCategory}
	rules := []Rule{{
		ID: "FIELD_JSON_NAME_CHANGED", Severity: "break",
		Summary: "A field is written under a key that the other side does not read.",
		Mend:    "set json_name to what it was",
		Old:     `message M { string a = 1; }`,
		New:     `message M { string b = 1; }`,
		message: jsonNamesChanged,
	}, {
		ID: "JSON_NAME_REUSED", Severity: "break",
		Summary: "A key is read into another field than the one that it is written from.",
		Mend:    "give the new field another name in JSON",
		Old:     `message M { string a = 1; }`,
		New:     `message M { string other = 2 [json_name = "a"]; reserved 1; }`,
		message: jsonNamesReused,
	}, {
		ID: "JSON_TYPE_INCOMPATIBLE", Severity: "break",
		Summary: "A field has a type that refuses or misreads ordinary text of the other.",
		Mend:    "add a field with a new name and number in place of changing this one",
		Old:     `message M { int32 a = 1; }`,
		New:     `message M { bool a = 1; }`,
		message: func(c *comparison, p *messagePair) { c.jsonTypes(p, Break) },
	}, {
		ID: "JSON_TYPE_LOSSY", Severity: "lossy",
		Summary: "A field has a type that refuses or misreads text of particular values of the other.",
		Mend:    "add a field with a new name and number, or make sure that such values are never written",
		Old:     `message M { int64 a = 1; }`,
		New:     `message M { int32 a = 1; }`,
		message: func(c *comparison, p *messagePair) { c.jsonTypes(p, Lossy) },
	}, {
		ID: "ENUM_VALUE_RENAMED", Severity: "break",
		Summary: "A value is written by a name that the other side does not have.",
		Mend:    "keep the old name, first, beside the new one with allow_alias",
		Old:     `enum E { NONE = 0; BUY = 1; } message M { E e = 1; }`,
		New:     `enum E { NONE = 0; E_BUY = 1; } message M { E e = 1; }`,
		enum:    jsonValuesRenamed,
	}, {
		ID: "HTTP_RULE_CHANGED", Severity: "break",
		Summary: "A path of google.api.http by which a method is called is gone, or takes or returns another body.",
		Mend:    "keep the old binding among additional_bindings",
		Old:     httpExample(`/v1/a`),
		New:     httpExample(`/v2/a`),
		method:  httpRuleChanged,
		schema:  httpServicesDeleted,
	}}
	for i := range rules {
		rules[i].Categories = category
	}
	return rules
}

// jsonPartner is the field of r that reads what f, a field of w, writes.
func jsonPartner(w, r *typ, f *plan.Field) *plan.Field {
	if g := r.named[f.ProtoName]; g != nil {
		return g
	}
	if g := r.number[f.Number]; g != nil && w.named[g.ProtoName] == nil {
		return g
	}
	return nil
}

// readsKey says whether a field is read from a key.
func readsKey(f *plan.Field, key string) bool {
	return f.JSONName == key || f.ProtoName == key
}

// jsonPairs are the fields of the old side with their partners.
func jsonPairs(p *messagePair, step func(f, g *plan.Field)) {
	for _, f := range p.old.fields {
		if g := jsonPartner(p.old, p.new, f); g != nil {
			step(f, g)
		}
	}
}

func jsonNamesChanged(c *comparison, p *messagePair) {
	jsonPairs(p, func(f, g *plan.Field) {
		backward, forward := !readsKey(g, f.JSONName), !readsKey(f, g.JSONName)
		if !backward && !forward {
			return
		}
		finding := c.found(g.Desc, f.Desc, fmt.Sprintf("%s was %q in JSON and is %q", elementName(g.Desc), f.JSONName, g.JSONName))
		var why []string
		finding.also = JSON
		if backward {
			why = append(why, fmt.Sprintf("new readers pass over %q", f.JSONName))
			finding.hurts[0] = c.textHurt(p.old, p.new, f, Break, nil)
		}
		if forward {
			why = append(why, fmt.Sprintf("old readers pass over %q", g.JSONName))
			finding.hurts[1] = c.textHurt(p.new, p.old, g, Break, nil)
		}
		finding.Why = strings.Join(why, "; ")
	})
}

func jsonNamesReused(c *comparison, p *messagePair) {
	told := make(map[*plan.Field]*Finding)
	c.reusedKeys(p.old, p.new, func(f, g *plan.Field) {
		finding := c.found(g.Desc, f.Desc, fmt.Sprintf("%s is read from %q, which %s is written to", elementName(g.Desc), f.JSONName, elementName(f.Desc)))
		finding.also, finding.Why = JSON, fmt.Sprintf("what old writers put into %q is read as %s", f.JSONName, g.ProtoName)
		finding.hurts[0] = c.textHurt(p.old, p.new, f, Break, nil)
		told[g] = finding
	})
	c.reusedKeys(p.new, p.old, func(g, f *plan.Field) {
		finding := told[g]
		if finding == nil {
			finding = c.found(g.Desc, f.Desc, fmt.Sprintf("%s is written to %q, which %s is read from", elementName(g.Desc), g.JSONName, elementName(f.Desc)))
			finding.also = JSON
		} else {
			finding.Why += "; "
		}
		finding.Why += fmt.Sprintf("what new writers put into %q is read as %s", g.JSONName, f.ProtoName)
		finding.hurts[1] = c.textHurt(p.new, p.old, g, Break, nil)
	})
}

// reusedKeys are the fields of w whose key is read into a field of r that is
// not their partner.
func (c *comparison) reusedKeys(w, r *typ, step func(f, g *plan.Field)) {
	readers := keysOf(r)
	for _, f := range w.fields {
		if g := readers[f.JSONName]; g != nil && g != jsonPartner(w, r, f) {
			step(f, g)
		}
	}
}

// jsonTypes tells of the fields whose worst effect in text is of a severity;
// one that the comparison of bytes tells too is added to that finding.
func (c *comparison) jsonTypes(p *messagePair, severity Severity) {
	jsonPairs(p, func(f, g *plan.Field) {
		o := c.counted(outcome{c.tryText(p.old, p.new, f, g, true), c.tryText(p.new, p.old, g, f, false)})
		if o.severity() != severity {
			return
		}
		if same := c.dataFinding(g); same != nil && c.hurts(same) {
			same.also |= JSON
			return
		}
		finding := c.found(g.Desc, f.Desc, fmt.Sprintf("%s changed from %s to %s", elementName(g.Desc), typeText(f), typeText(g)))
		finding.also, finding.Why = JSON, c.why(o)
		finding.hurts[0] = c.textHurt(p.old, p.new, f, o.backward.severity, o.backward.sample)
		finding.hurts[1] = c.textHurt(p.new, p.old, g, o.forward.severity, o.forward.sample)
	})
}

// dataFinding is what DATA found about the type of a field.
func (c *comparison) dataFinding(g *plan.Field) *Finding {
	for _, f := range c.fieldFindings[elementName(g.Desc)] {
		return f
	}
	return nil
}

// hurts says whether a finding about bytes is more than a risk in the
// directions that count: one that is not does not stand for what text loses.
func (c *comparison) hurts(f *Finding) bool {
	return max(f.base, c.severity(outcome{effect{severity: f.hurts[0].severity}, effect{severity: f.hurts[1].severity}})) > Risk
}

func jsonValuesRenamed(c *comparison, p *enumPair) {
	told := make(map[protoreflect.EnumNumber]bool)
	for _, v := range p.values {
		n := v.old.Number()
		names := namesOf(p.new, int32(n))
		if told[n] || names == nil {
			continue
		}
		told[n] = true
		before := namesOf(p.old, int32(n))[0]
		_, read := numberNamed(p.new, before)
		_, known := numberNamed(p.old, names[0])
		if read && known {
			continue
		}
		at := p.byName[names[0]]
		f := c.found(at, v.old, fmt.Sprintf("number %d of %s was written as %s and is %s", n, p.newDesc.FullName(), before, names[0]))
		f.also = JSON
		var why []string
		if !read {
			why = append(why, "new readers do not know "+string(before))
			f.hurts[0] = c.enumTextHurt(c.old, c.new, p.old, p.new, int32(n))
		}
		if !known {
			why = append(why, "old readers do not know "+string(names[0]))
			f.hurts[1] = c.enumTextHurt(c.new, c.old, p.new, p.old, int32(n))
		}
		f.Why = strings.Join(why, "; ")
	}
}

func httpExample(path string) string {
	return "-- google/api/http.proto --\nsyntax = \"proto3\"; package google.api; message HttpRule { oneof pattern { string get = 2; } }\n" +
		"-- google/api/annotations.proto --\nsyntax = \"proto3\"; package google.api; import \"google/api/http.proto\"; import \"google/protobuf/descriptor.proto\"; extend google.protobuf.MethodOptions { HttpRule http = 72295728; }\n" +
		"-- p.proto --\nsyntax = \"proto3\"; package p; import \"google/api/annotations.proto\"; message M {} service S { rpc Get(M) returns (M) { option (google.api.http) = { get: \"" + path + "\" }; } }"
}
