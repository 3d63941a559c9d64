package cmd

import (
	"context"
	"errors"
	"slices"

	"github.com/pbscope/pbscope/descriptors/breaking"
)

// settleWhyOK makes sure that the rules about bytes are among those that an
// account rests on.
func (o *breakingOptions) settleWhyOK() error {
	switch {
	case o.format != "text" && o.format != "json":
		return usagef("--why-ok prints text or json, not "+o.format, "leave out --format "+o.format)
	case o.fix || len(o.outputs) > 0:
		return usagef("--why-ok changes and writes no files", "leave out --fix and --output")
	case !slices.Contains(o.use, breaking.Data):
		o.use = append([]string{breaking.Data}, o.use...)
	}
	return nil
}

// printAccounts prints what became of an element since each old schema.
func (a *app) printAccounts(ctx context.Context, o *breakingOptions, rules []breaking.Rule, name string) error {
	worst := breaking.None
	unknown, known := error(nil), false
	for i, against := range o.against {
		note := a.tell
		if i > 0 {
			note = func(string) {}
		}
		old, new, options, err := a.loadSides(ctx, o, rules, against, name, note)
		if err != nil {
			return err
		}
		account, err := promptly(ctx, func() (*breaking.Account, error) { return breaking.WhyOK(old, new, options, o.whyOK) })
		var missing *breaking.UnknownElementError
		if errors.As(err, &missing) {
			unknown = usagef(missing.Error(), "an element is a full name: pkg.Message.field, pkg.Enum.VALUE, pkg.Service.Method, or a file as imports name it")
			continue
		}
		if err != nil {
			return err
		}
		known = true
		if err := a.printAccount(o, account); err != nil {
			return err
		}
		worst = max(worst, account.Worst())
	}
	switch {
	case !known:
		return unknown
	case worst >= breaking.SeverityNamed(o.failOn):
		return failedError{}
	}
	return nil
}

func (a *app) printAccount(o *breakingOptions, account *breaking.Account) error {
	if o.format == "json" {
		text, err := account.AppendJSON(nil)
		if err != nil {
			return err
		}
		return a.printText(string(text))
	}
	return a.printText(string(account.AppendText(nil, breaking.TextOptions{Color: a.color(o.color, a.stdout)})))
}
