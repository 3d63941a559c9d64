package breaking

import (
	"encoding/json"
	"slices"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/inspect/nearest"
)

// Account is what became of one element and why that is compatible, or what is
// not.
type Account struct {
	// Element is its name as findings have it, Kind what it is.
	Element string `json:"element"`
	Kind    string `json:"kind"`
	// Verdict is unchanged, or the word of a report about this element alone.
	Verdict Verdict `json:"verdict"`
	// Against is what the user called the old schema.
	Against string `json:"against"`
	// Old and New are where it stands; nil on a side that has it not.
	Old *Place `json:"old,omitempty"`
	New *Place `json:"new,omitempty"`
	// Changes are those that hurt nobody, Findings and Waived the others.
	Changes  []Change   `json:"changes"`
	Findings []*Finding `json:"findings"`
	Waived   []*Finding `json:"waived"`
}

// Unchanged is the verdict about an element that is the same on both sides.
const Unchanged Verdict = "unchanged"

// Place is where a declaration stands.
type Place struct {
	Element string `json:"element"`
	// File is the name that imports use, Path the one that people know.
	File string `json:"file"`
	Path string `json:"path,omitempty"`
	Range
}

// Change is a difference that hurts nobody.
type Change struct {
	// Element is what changed: the one that was asked for, or a part of it.
	Element string `json:"element"`
	// What says what changed, Why who relies on it and why it holds.
	What string `json:"what"`
	Why  string `json:"why"`
	Old  *Place `json:"old,omitempty"`
	New  *Place `json:"new,omitempty"`
	// Shown are bytes under both schemas, where that says more.
	Shown *Shown `json:"shown,omitempty"`
}

// Shown is one message as both sides read it.
type Shown struct {
	// Type is its full name under the schema of its writer.
	Type      string          `json:"type"`
	WrittenBy string          `json:"writtenBy"` // old or new
	Bytes     string          `json:"bytes"`     // in hex
	Old       json.RawMessage `json:"old"`
	New       json.RawMessage `json:"new"`
}

// Worst is the worst severity among the findings.
func (a *Account) Worst() Severity { return (&Report{Findings: a.Findings}).Worst() }

// UnknownElementError is a name that neither schema has.
type UnknownElementError struct {
	Name    string
	Nearest []string
}

// Error names the nearest ones.
func (e *UnknownElementError) Error() string {
	text := "neither schema has an element " + e.Name
	if len(e.Nearest) > 0 {
		text += "; did you mean " + strings.Join(e.Nearest, " or ") + "?"
	}
	return text
}

// WhyOK is what became of an element: a message, field, extension, oneof,
// enum, value, service or method by its full name (a value's with or without
// the enum's name in it), or a file by the name that imports use. The error is
// an *UnknownElementError.
func WhyOK(old, new *Schema, o Options, name string) (*Account, error) {
	c := compare(old, new, o)
	report := c.report()
	before, after := elementsOf(old), elementsOf(new)
	x := &accountant{comparison: c, report: report, hit: make(map[string]bool)}
	for _, f := range slices.Concat(report.Findings, report.Waived) {
		x.hit[f.Element] = true
		if f.Previous != nil {
			x.hit[f.Previous.Element] = true
		}
		for _, element := range f.Contents {
			x.hit[element] = true
		}
	}
	d, e := before.find(name), after.find(name)
	if d == nil && e == nil {
		names := append(before.names(), after.names()...)
		slices.Sort(names)
		return nil, &UnknownElementError{name, nearest.Names(name, slices.Compact(names), 3)}
	}
	d, e = x.partners(d, e)
	return x.account(d, e), nil
}

// accountant tells what became of elements.
type accountant struct {
	*comparison
	report  *Report
	changes []Change
	hit     map[string]bool // the elements that findings name
}

// account is about a declaration of both sides, or of one.
func (x *accountant) account(old, new protoreflect.Descriptor) *Account {
	a := &Account{Against: x.old.Name, Findings: []*Finding{}, Waived: []*Finding{}, Verdict: Compatible}
	if old != nil {
		a.Element, a.Kind, a.Old = elementName(old), kindOf(old), x.old.placeOf(old)
	}
	if new != nil {
		a.Element, a.Kind, a.New = elementName(new), kindOf(new), x.new.placeOf(new)
	}
	sides := append(x.lostHolders(old), old, new)
	a.Findings, a.Waived = about(x.report.Findings, sides...), about(x.report.Waived, sides...)
	if x.explain(old, new); len(x.changes)+len(a.Findings)+len(a.Waived) == 0 && old != nil && new != nil && !sameDeclaration(old, new) {
		x.add(old, new, "declared otherwise", "what changed is nothing that bytes show: features that resolve to the same, visibility, or what JSON and code get of it (--use JSON,CODE)", nil)
	}
	a.Changes = append([]Change{}, x.changes...)
	r := &Report{Findings: a.Findings}
	r.conclude()
	if a.Verdict = r.Verdict; a.Verdict == Compatible && len(a.Changes)+len(a.Waived) == 0 {
		a.Verdict = Unchanged
	}
	return a
}

// lostHolders are the declarations around an old one that nothing corresponds
// to: what is told of them holds for what lies in them.
func (x *accountant) lostHolders(old protoreflect.Descriptor) []protoreflect.Descriptor {
	var lost []protoreflect.Descriptor
	for d := old; d != nil; d = d.Parent() {
		if _, ok := d.(protoreflect.FileDescriptor); ok || d != old && x.partnerOf(d) != nil {
			break
		}
		lost = append(lost, d)
	}
	return lost
}

// about are the findings about a declaration or what lies in it.
func about(findings []*Finding, sides ...protoreflect.Descriptor) []*Finding {
	found := []*Finding{}
	for _, f := range findings {
		if slices.ContainsFunc(sides, func(d protoreflect.Descriptor) bool { return d != nil && f.touches(d) }) {
			found = append(found, f)
		}
	}
	return found
}

// touches says whether a finding is about d, lies in it or lists it.
func (f *Finding) touches(d protoreflect.Descriptor) bool {
	name := elementName(d)
	within := func(element string) bool { return element == name || strings.HasPrefix(element, name+".") }
	switch {
	case within(f.Element), f.Previous != nil && within(f.Previous.Element), slices.ContainsFunc(f.Contents, within):
		return true
	}
	if file, ok := d.(protoreflect.FileDescriptor); ok {
		return f.File == file.Path() || f.Previous != nil && f.Previous.File == file.Path()
	}
	return false
}

// hasFinding says whether a finding names one of some declarations.
func (x *accountant) hasFinding(sides ...protoreflect.Descriptor) bool {
	return slices.ContainsFunc(sides, func(d protoreflect.Descriptor) bool { return x.hit[elementName(d)] })
}

// add notes a change; old or new may be nil.
func (x *accountant) add(old, new protoreflect.Descriptor, what, why string, shown *Shown) {
	c := Change{What: what, Why: why, Shown: shown}
	if old != nil {
		c.Element, c.Old = elementName(old), x.old.placeOf(old)
	}
	if new != nil {
		c.Element, c.New = elementName(new), x.new.placeOf(new)
	}
	x.changes = append(x.changes, c)
}

func (s *Schema) placeOf(d protoreflect.Descriptor) *Place {
	file := d.ParentFile()
	p := &Place{Element: elementName(d), File: file.Path(), Path: s.paths[file.Path()], Range: s.declared(d)}
	if _, ok := d.(protoreflect.FileDescriptor); ok {
		p.Range = s.head(file)
	}
	return p
}

// shown is a message that w's side writes, as both read it; nil where one of
// them refuses it.
func (x *accountant) shown(w, r *typ, payload []byte) *Shown {
	written, ok := x.json(w.plan, payload)
	read, ok2 := x.json(r.plan, payload)
	if !ok || !ok2 {
		return nil
	}
	s := &Shown{Type: string(w.desc.FullName()), WrittenBy: x.side(w), Bytes: hexOf(payload), Old: written, New: read}
	if s.WrittenBy == "new" {
		s.Old, s.New = read, written
	}
	return s
}
