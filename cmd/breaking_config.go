package cmd

import (
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/pbscope/pbscope/cmd/config"
	"github.com/pbscope/pbscope/descriptors/breaking"
)

// configure takes from the configuration what no flag says. modeGiven says
// that somebody asked for the mode. Errors are config.Errors.
func (o *breakingOptions) configure(flags *pflag.FlagSet) (modeGiven bool, err error) {
	read := &o.config.read
	b := &read.Breaking
	c := &breakingConfig{file: read.File, flags: flags}
	c.rules(b.Use)
	c.rules(b.Except)
	c.take("use", b.Use...)
	c.take("except", b.Except...)
	c.take("any-types", b.AnyTypes...)
	c.take("mode", one(b.Mode)...)
	c.take("fail-on", one(b.FailOn)...)
	c.take("against", c.beside(b.Against)...)
	for _, w := range b.Waivers {
		o.waivers = append(o.waivers, c.waiver(w))
	}
	if len(c.errs) > 0 {
		slices.SortStableFunc(c.errs, func(a, b *config.Error) int {
			return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
		})
		return false, c.errs
	}
	return flags.Changed("mode") || b.Mode.Given(), nil
}

// breakingConfig applies the section breaking of one file.
type breakingConfig struct {
	file  string
	flags *pflag.FlagSet
	errs  config.Errors
}

func (c *breakingConfig) fail(at config.Text, message, hint string) {
	c.errs = append(c.errs, &config.Error{File: c.file, Line: at.Line, Column: at.Column, Message: message, Hint: hint})
}

// take sets a flag that is not given.
func (c *breakingConfig) take(name string, values ...config.Text) {
	flag := c.flags.Lookup(name)
	if flag.Changed {
		return
	}
	for _, v := range values {
		if err := flag.Value.Set(v.Text); err != nil {
			c.fail(v, name+" "+err.Error(), "")
		}
	}
}

// rules checks names of rules and categories.
func (c *breakingConfig) rules(names []config.Text) {
	for _, name := range names {
		if _, err := breaking.Select([]string{name.Text}, nil); err != nil {
			c.fail(name, err.Error(), "`pbscope breaking --list-rules` lists them")
		}
	}
}

func (c *breakingConfig) waiver(w config.Waiver) breaking.Waiver {
	var ids []string
	for _, id := range strings.Split(w.Rule.Text, ",") {
		id = strings.TrimSpace(id)
		if _, err := breaking.RuleNamed(id); err != nil {
			c.fail(w.Rule, err.Error(), "`pbscope breaking --list-rules` lists them")
		}
		ids = append(ids, id)
	}
	return breaking.Waiver{Element: w.Element.Text, Rules: ids, Reason: w.Reason.Text, Expires: w.Expires,
		Path: filepath.ToSlash(c.file), Line: w.Place.Line, Column: w.Place.Column}
}

// beside are old schemas with paths relative to the file; what is no path there
// stays, such as a git ref.
func (c *breakingConfig) beside(against []config.Text) []config.Text {
	var all []config.Text
	for _, a := range against {
		if joined := filepath.Join(filepath.Dir(c.file), a.Text); !filepath.IsAbs(a.Text) {
			if _, err := os.Stat(joined); err == nil {
				a.Text = joined
			}
		}
		all = append(all, a)
	}
	return all
}
