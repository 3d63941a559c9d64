package breaking

import (
	"fmt"
	"slices"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/descriptors/breaking/bufrules"
)

// bufRows are the rules of buf's categories as rows of this table.
func bufRows() []Rule {
	var rows []Rule
	for _, r := range bufrules.Rules() {
		rows = append(rows, bufRow(r, bufrules.V2))
	}
	return rows
}

// bufRow is a rule with the categories that it has in a version.
func bufRow(r bufrules.Rule, v bufrules.Version) Rule {
	return Rule{
		ID: r.ID, Categories: r.Categories(v).Names(), Severity: Break.String(),
		Summary: r.Summary, Mend: r.Mend, Old: r.Old, New: r.New, buf: &r,
	}
}

// bufRules runs those of the rules that are buf's, module by module where
// there are some. Their findings stand where buf puts them.
func (c *comparison) bufRules() {
	told := make(map[string]bool) // a module's imports are another's own
	for _, p := range c.modulePairs() {
		var rules []bufrules.Rule
		for _, r := range p.rules {
			if r.buf != nil {
				rules = append(rules, *r.buf)
			}
		}
		if len(rules) == 0 {
			continue
		}
		for _, found := range bufrules.Run(p.old, p.new, rules, c.new.locate) {
			if !p.config.ignores(found) {
				c.bufFinding(found, told)
			}
		}
	}
}

// modulePair is the files of one module on both sides, with its rules and what
// its buf.yaml says.
type modulePair struct {
	old, new []protoreflect.FileDescriptor
	rules    []Rule
	config   *moduleRules
}

// modulePairs pairs modules by path, then by the name that the registry has
// for them, then in order. What is left on the old side was deleted; old files
// without modules belong to the new module that has them, or to the first.
func (c *comparison) modulePairs() []modulePair {
	if len(c.new.modules) == 0 {
		return []modulePair{{c.old.files, c.new.files, c.options.Rules, nil}}
	}
	var pairs []modulePair
	partners, left := c.partners()
	for i, m := range c.new.modules {
		p := modulePair{new: c.new.filesIn(m.files), rules: c.options.Rules}
		if c.options.Buf != nil {
			p.config = c.options.Buf.modules[m.Path]
			p.rules = p.config.rules
		}
		switch {
		case partners[i] != nil:
			p.old = c.old.filesIn(partners[i].files)
		case len(c.old.modules) == 0:
			p.old = c.old.filesIn(c.oldNames(i))
		}
		pairs = append(pairs, p)
	}
	for _, m := range left {
		pairs = append(pairs, modulePair{c.old.filesIn(m.files), nil, pairs[0].rules, pairs[0].config})
	}
	return pairs
}

func (c *comparison) partners() (partners []*schemaModule, left []*schemaModule) {
	for i := range c.old.modules {
		left = append(left, &c.old.modules[i])
	}
	partners = make([]*schemaModule, len(c.new.modules))
	for _, same := range []func(old *schemaModule, new schemaModule) bool{
		func(old *schemaModule, new schemaModule) bool { return old.Path == new.Path },
		func(old *schemaModule, new schemaModule) bool { return old.Name == new.Name && new.Name != "" },
		func(*schemaModule, schemaModule) bool { return true },
	} {
		for i, m := range c.new.modules {
			at := slices.IndexFunc(left, func(old *schemaModule) bool { return same(old, m) })
			if partners[i] == nil && at >= 0 {
				partners[i] = left[at]
				left = slices.Delete(left, at, at+1)
			}
		}
	}
	return partners, left
}

// oldNames are the files of an old side without modules that belong to the
// new side's module of that index.
func (c *comparison) oldNames(index int) map[string]bool {
	names := make(map[string]bool)
	for _, f := range c.old.files {
		owner := slices.IndexFunc(c.new.modules, func(m schemaModule) bool { return m.files[f.Path()] })
		if max(owner, 0) == index {
			names[f.Path()] = true
		}
	}
	return names
}

func (s *Schema) filesIn(names map[string]bool) []protoreflect.FileDescriptor {
	return slices.DeleteFunc(slices.Clone(s.files), func(f protoreflect.FileDescriptor) bool { return !names[f.Path()] })
}

func (c *comparison) bufFinding(found bufrules.Finding, told map[string]bool) {
	c.rule = c.rowOf(found.Rule.ID)
	f := c.finding(elementName(found.Element), found.Message)
	if found.Package != "" {
		f.Element = string(found.Package)
	}
	f.base, f.Why, f.also = Break, found.Rule.Summary, directionsNamed(found.Rule.Breaks)
	f.Previous = c.previous(found.Old)
	c.bufPlace(f, found)
	c.bufHurts(f, found)
	key := fmt.Sprint(f.Rule, f.File, f.Range, f.Element, f.Message)
	if told[key] {
		c.findings = c.findings[:len(c.findings)-1]
	}
	told[key] = true
}

// bufHurts adds what readers really get, where the rule is about a field's
// bytes: a witness, or that there is none.
func (c *comparison) bufHurts(f *Finding, found bufrules.Finding) {
	old, ok := found.Old.(protoreflect.FieldDescriptor)
	new, ok2 := found.New.(protoreflect.FieldDescriptor)
	if !found.Rule.Bytes || !ok || !ok2 || old.ContainingMessage().IsMapEntry() || new.ContainingMessage().IsMapEntry() {
		return
	}
	before, after := c.old.typeNamed(old.ContainingMessage()), c.new.typeNamed(new.ContainingMessage())
	x, y := before.number[old.Number()], after.number[new.Number()]
	if x == nil || y == nil {
		return
	}
	o := c.field(x, y)
	f.extra = true
	switch {
	case y.Required && !x.Required:
		f.hurts[0], f.Why = c.lacking(before, after), "new readers refuse every old message that lacks the field"
		return
	case x.Required && !y.Required:
		f.hurts[1], f.Why = c.lacking(after, before), "old readers refuse every new message that lacks the field"
		return
	}
	if c.severity(o) == None {
		f.Why += " By DATA, no message is hurt by it."
		return
	}
	f.Why = c.why(o)
	f.hurts[0] = c.fieldHurt(before, after, x, o.backward)
	f.hurts[1] = c.fieldHurt(after, before, y, o.forward)
}

func (c *comparison) rowOf(id string) *Rule {
	return &c.options.Rules[slices.IndexFunc(c.options.Rules, func(r Rule) bool { return r.ID == id })]
}

func (c *comparison) bufPlace(f *Finding, found bufrules.Finding) {
	f.Range = Range{1, 1, 1, 1} // what has no place stands at the beginning
	if found.File == nil {
		f.File = found.Old.ParentFile().Path()
		return
	}
	f.File, f.Path = found.File.Path(), c.new.paths[found.File.Path()]
	f.at = placement{found.File, found.New}
	if _, ok := found.New.(protoreflect.FileDescriptor); ok {
		f.at.desc = nil
	}
	if found.Location.Path != nil {
		f.Range = c.new.bufRange(found.File, found.Location)
	}
}

// bufRange is a place with columns as buf counts them where the schema was
// compiled; those of a descriptor set are its compiler's.
func (s *Schema) bufRange(file protoreflect.FileDescriptor, l protoreflect.SourceLocation) Range {
	text := s.text(file.Path())
	if text == nil {
		return Range{l.StartLine + 1, l.StartColumn + 1, l.EndLine + 1, l.EndColumn + 1}
	}
	column := func(line, column int) int {
		return bufrules.Column(text.before(line, text.column(line, column))) + 1
	}
	return Range{l.StartLine + 1, column(l.StartLine, l.StartColumn), l.EndLine + 1, column(l.EndLine, l.EndColumn)}
}
