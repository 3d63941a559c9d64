package breaking

import (
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

// bufRules runs those of the rules that are buf's. Their findings stand where
// buf puts them.
func (c *comparison) bufRules() {
	var rules []bufrules.Rule
	rows := make(map[string]*Rule)
	for i := range c.options.Rules {
		if r := &c.options.Rules[i]; r.buf != nil {
			rules = append(rules, *r.buf)
			rows[r.ID] = r
		}
	}
	if len(rules) == 0 {
		return
	}
	for _, found := range bufrules.Run(c.old.files, c.new.files, rules) {
		c.rule = rows[found.Rule.ID]
		c.bufFinding(found)
	}
}

func (c *comparison) bufFinding(found bufrules.Finding) {
	f := c.finding(elementName(found.Element), found.Message)
	if found.Package != "" {
		f.Element = string(found.Package)
	}
	f.base, f.Why, f.also = Break, found.Rule.Summary, directionsNamed(found.Rule.Breaks)
	f.Previous = c.previous(found.Old)
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
	text := s.texts[file.Path()]
	if text == nil {
		return Range{l.StartLine + 1, l.StartColumn + 1, l.EndLine + 1, l.EndColumn + 1}
	}
	column := func(line, column int) int {
		return bufrules.Column(text.before(line, text.column(line, column))) + 1
	}
	return Range{l.StartLine + 1, column(l.StartLine, l.StartColumn), l.EndLine + 1, column(l.EndLine, l.EndColumn)}
}
