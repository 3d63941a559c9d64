package breaking

import (
	"slices"
	"strings"

	"github.com/pbscope/pbscope/descriptors/breaking/bufrules"
	"github.com/pbscope/pbscope/inspect/nearest"
)

// Data is the category of the rules about bytes and calls.
const Data = "DATA"

// Rule is one row of the table: what it is called, what it says, and a check
// of one pair. Of the checks one is set.
type Rule struct {
	ID         string
	Categories []string
	// Severity is what its findings have, in words where it depends.
	Severity string
	// Summary is one sentence: what the rule finds.
	Summary string
	// Mend is what to do about a finding.
	Mend string
	// Old and New are the declarations of a small schema before and after a
	// change that the rule finds, without the head of the file unless it
	// matters; several files begin with a line "-- NAME --" each.
	Old, New string

	// exclusive: of the field rules that are, the first that finds something
	// for a field is the only one.
	exclusive bool
	field     func(c *comparison, p *fieldPair) (found bool)
	message   func(c *comparison, p *messagePair)
	enum      func(c *comparison, p *enumPair)
	method    func(c *comparison, p *methodPair)
	schema    func(c *comparison)
	buf       *bufrules.Rule // a rule of buf's categories
}

// Rules is the table. The order is that of precedence among the rules for one
// field, and that of lists.
func Rules() []Rule {
	return slices.Concat(fieldRules(), oneofRules(), enumRules(), reservedRules(), typeRules(), serviceRules(), jsonRules(), strictRules(), codeRules(), protolockRules(), bufRows())
}

// Categories are the names that --use knows beside the rules'.
func Categories() []string {
	return append(append([]string{Data, jsonCategory, codeCategory}, bufrules.CategoryNames()...), protolockCategory)
}

// UnknownRuleError is a name that is neither a rule nor a category.
type UnknownRuleError struct {
	Name    string
	Nearest []string
}

// Error names the nearest ones.
func (e *UnknownRuleError) Error() string {
	text := "there is no rule or category " + e.Name
	if len(e.Nearest) > 0 {
		text += "; did you mean " + strings.Join(e.Nearest, " or ") + "?"
	}
	return text
}

// Select is the rules that use names (ids and categories; none is DATA) and
// except does not, in the order of the table. The error is an
// *UnknownRuleError.
func Select(use, except []string) ([]Rule, error) {
	if len(use) == 0 {
		use = []string{Data}
	}
	use, except = bufrules.Current(protolockIDs(use), bufrules.V1), bufrules.Current(protolockIDs(except), bufrules.V1)
	all := Rules()
	for _, name := range slices.Concat(use, except) {
		if err := known(name, all); err != nil {
			return nil, err
		}
	}
	selected := []Rule{}
	for _, r := range all {
		if r.in(use) && !r.in(except) {
			selected = append(selected, r)
		}
	}
	return selected, nil
}

func (r *Rule) in(names []string) bool {
	return slices.ContainsFunc(names, func(name string) bool {
		return name == r.ID || slices.Contains(r.Categories, name)
	})
}

func known(name string, all []Rule) error {
	names := Categories()
	for _, r := range all {
		names = append(names, r.ID)
	}
	for _, row := range protolockNames() {
		names = append(names, row.name)
	}
	if slices.Contains(names, name) {
		return nil
	}
	return unknown(name, names)
}

func unknown(name string, names []string) error {
	return &UnknownRuleError{Name: name, Nearest: nearest.Names(strings.ToUpper(name), names, 3)}
}

// RuleNamed is the rule of that id; the error is an *UnknownRuleError.
func RuleNamed(id string) (Rule, error) {
	if ids := protolockIDs([]string{id}); len(ids) != 1 || ids[0] != id {
		return Rule{}, &UnknownRuleError{id, ids}
	}
	if ids, ok := bufrules.Replacements(id, bufrules.V1); ok {
		return Rule{}, &UnknownRuleError{id, ids}
	}
	var ids []string
	for _, r := range Rules() {
		if r.ID == id {
			return r, nil
		}
		ids = append(ids, r.ID)
	}
	return Rule{}, unknown(id, ids)
}
