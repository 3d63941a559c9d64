package cmd

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/pbscope/pbscope/descriptors/breaking"
)

func completeRules(categories []string) cobra.CompletionFunc {
	return func(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
		names := slices.Clone(categories)
		for _, r := range breaking.Rules() {
			names = append(names, cobra.CompletionWithDesc(r.ID, r.Summary))
		}
		return names, cobra.ShellCompDirectiveNoFileComp
	}
}

func unknownRule(err error) error {
	var unknown *breaking.UnknownRuleError
	if errors.As(err, &unknown) {
		return usagef(unknown.Error(), "`pbscope breaking --list-rules` lists them")
	}
	return err
}

func listRules(a *app, o *breakingOptions) error {
	rules := breaking.Rules()
	if len(o.use)+len(o.except) > 0 {
		var err error
		if rules, err = breaking.Select(o.use, o.except); err != nil {
			return unknownRule(err)
		}
	}
	if o.format == "json" {
		return a.printRules(rules)
	}
	var b strings.Builder
	for _, r := range rules {
		fmt.Fprintf(&b, "%-46s %-32s %s\n", r.ID, strings.Join(r.Categories, ","), r.Summary)
	}
	return a.printText(b.String())
}

// ruleEntry is a rule as JSON.
type ruleEntry struct {
	Rule       string      `json:"rule"`
	Categories []string    `json:"categories"`
	Severity   string      `json:"severity"`
	Summary    string      `json:"summary"`
	Mend       string      `json:"mend"`
	Example    ruleExample `json:"example"`
}

type ruleExample struct {
	Old string `json:"old"`
	New string `json:"new"`
}

// printRules prints one object a line.
func (a *app) printRules(rules []breaking.Rule) error {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	for _, r := range rules {
		if err := e.Encode(ruleEntry{r.ID, r.Categories, r.Severity, r.Summary, r.Mend, ruleExample{r.Old, r.New}}); err != nil {
			return err
		}
	}
	return a.printText(b.String())
}

func explainRule(a *app, o *breakingOptions) error {
	r, err := breaking.RuleNamed(o.explain)
	if err != nil {
		return unknownRule(err)
	}
	if o.format == "json" {
		return a.printRules([]breaking.Rule{r})
	}
	example := func(source string) string { return strings.ReplaceAll(source, "\n", "\n          ") }
	return a.printText(fmt.Sprintf("%s (%s): %s\n\n%s\n\n  before  %s\n  after   %s\n\nTo mend it: %s.\n",
		r.ID, strings.Join(r.Categories, ", "), r.Severity, r.Summary, example(r.Old), example(r.New), r.Mend))
}
