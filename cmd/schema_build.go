package cmd

import (
	"github.com/spf13/cobra"

	"github.com/pbscope/pbscope/descriptors"
)

type schemaBuildOptions struct {
	schema       schemaFlags
	output       string
	imports      bool
	noSourceInfo bool
}

func newSchemaBuild(a *app) *cobra.Command {
	o := new(schemaBuildOptions)
	c := &cobra.Command{
		Use:   "build [TYPE…]",
		Short: "Build a descriptor set",
		Long: `build writes a FileDescriptorSet of the files that are named, or of the files
that declare the given types: everything that -d needs in one file. A file
stands after those that it imports, and the same schema gives the same bytes.
TYPE is a full name, or a file as imports call it.`,
		Example: `  pbscope schema build -I protos -o schema.binpb
  pbscope schema build -I protos trades.v1.Trade --no-source-info -o trade.binpb
  pbscope schema build -d a.binpb -d b.binpb -o both.binpb`,
		RunE: func(_ *cobra.Command, args []string) error { return runSchemaBuild(a, o, args) },
		ValidArgsFunction: func(c *cobra.Command, args []string, toComplete string) ([]cobra.Completion, cobra.ShellCompDirective) {
			return o.schema.completeType(c, args, toComplete)
		},
	}
	o.schema.addSources(c)
	f := c.Flags()
	f.StringVarP(&o.output, "output", "o", "", "write to `FILE`, whole or not at all")
	f.BoolVar(&o.imports, "include-imports", true, "add the files that are imported")
	f.BoolVar(&o.noSourceInfo, "no-source-info", false, "leave out positions and comments")
	return c
}

func runSchemaBuild(a *app, o *schemaBuildOptions, names []string) error {
	if o.output == "" && isTerminal(a.stdout) {
		return usagef("a descriptor set is binary and this is a terminal", "write it to a file with -o FILE")
	}
	schema, err := o.schema.openAll(a, len(names) == 0, !o.noSourceInfo)
	if err != nil {
		return err
	}
	set, err := schema.FileSet(descriptors.SetOptions{Names: names, Imports: o.imports, SourceInfo: !o.noSourceInfo})
	if err != nil {
		return err
	}
	out, err := a.openOutput(o.output)
	if err != nil {
		return err
	}
	if _, err := out.file.Write(set); err != nil {
		_ = out.close(false)
		return writeError(err)
	}
	return out.close(true)
}
