package cmd

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/pbscope/pbscope/inspect/nearest"
)

// enumFlag is a flag with a fixed list of values, from which its usage, its
// check and its completion derive.
type enumFlag struct {
	value  *string
	values []string
}

// addEnum adds a flag; *value is its default.
func addEnum(c *cobra.Command, value *string, name string, values []string, usage string) {
	c.Flags().Var(&enumFlag{value, values}, name, usage+": "+strings.Join(values, ", "))
	_ = c.RegisterFlagCompletionFunc(name, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
}

func (f *enumFlag) String() string {
	if f.value == nil {
		return ""
	}
	return *f.value
}

func (f *enumFlag) Type() string { return "NAME" }

// Set implements pflag.Value.
func (f *enumFlag) Set(value string) error {
	for _, v := range f.values {
		if v == value {
			*f.value = value
			return nil
		}
	}
	return &enumError{value, f.values}
}

type enumError struct {
	value  string
	values []string
}

func (e *enumError) Error() string {
	text := "must be one of " + strings.Join(e.values, ", ")
	if near := nearest.Name(e.value, e.values); near != "" {
		text += "; did you mean " + near + "?"
	}
	return text
}
