package cmd

import (
	"github.com/spf13/cobra"

	"github.com/pbscope/pbscope/descriptors"
	"github.com/pbscope/pbscope/inspect/nearest"
)

func newSchema(a *app) *cobra.Command {
	c := &cobra.Command{
		Use:     "schema",
		GroupID: "schemas",
		Short:   "List, show, build and identify schemas, and make samples",
		Long: `schema looks at schemas themselves: what they declare, how a type reads as
.proto source, what it depends on and which source it comes from, one descriptor
set of all that it needs, messages of it for examples and tests, and which types
fit given bytes.`,
		Args: noSubcommand,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(newSchemaList(a), newSchemaShow(a), newSchemaBuild(a), newSchemaSample(a), newSchemaWhich(a), newSchemaDeps(a), newSchemaIdentify(a))
	return c
}

func noSubcommand(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	hint := "`pbscope schema --help` lists the commands"
	var names []string
	for _, sub := range c.Commands() {
		names = append(names, sub.Name())
	}
	if near := nearest.Name(args[0], names); near != "" {
		hint = "did you mean " + near + "?"
	}
	return usagef("there is no command schema "+args[0], hint)
}

// openAll opens the sources; one is needed where needed is set, because the
// built-in files alone would not do.
func (s *schemaFlags) openAll(a *app, needed, sourceInfo bool) (*descriptors.Schema, error) {
	if err := s.reflect.check(); err != nil {
		return nil, err
	}
	if needed && !s.given() {
		return nil, usagef("no schema given", "say where it is with -I DIR, -p FILE, -d FILE or --reflect HOST:PORT")
	}
	src := s.sources(a)
	src.SourceInfo = sourceInfo
	return descriptors.Open(src)
}

// completeName completes the full names of the schema's declarations of some
// kinds; files complete by the names that imports use.
func (s *schemaFlags) completeName(kinds ...descriptors.EntryKind) cobra.CompletionFunc {
	return func(c *cobra.Command, _ []string, toComplete string) ([]cobra.Completion, cobra.ShellCompDirective) {
		_ = configure(c, nil)
		if !s.given() {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return descriptors.Names(s.sources(newApp()), toComplete, kinds...), cobra.ShellCompDirectiveNoFileComp
	}
}

// completePackage completes packages.
func (s *schemaFlags) completePackage(c *cobra.Command, _ []string, toComplete string) ([]cobra.Completion, cobra.ShellCompDirective) {
	_ = configure(c, nil)
	if !s.given() {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return descriptors.Packages(s.sources(newApp()), toComplete), cobra.ShellCompDirectiveNoFileComp
}
