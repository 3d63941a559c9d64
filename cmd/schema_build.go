package cmd

import (
	"github.com/spf13/cobra"

	"github.com/pbscope/pbscope/descriptors"
	"github.com/pbscope/pbscope/inspect/plan"
	"github.com/pbscope/pbscope/inspect/render"
	"github.com/pbscope/pbscope/inspect/transcode"
)

type schemaBuildOptions struct {
	schema     schemaFlags
	types      []string
	output     string
	to         string
	imports    bool
	sourceInfo bool
	// noSourceInfo is --source-info=false.
	noSourceInfo bool
}

func newSchemaBuild(a *app) *cobra.Command {
	o := &schemaBuildOptions{to: "raw", imports: true, sourceInfo: true}
	c := &cobra.Command{
		Use:   "build [TYPE…]",
		Short: "Build a descriptor set",
		Long: `build writes a FileDescriptorSet of the files that are named, or of the files
that declare the given types: everything that -d needs in one file. A file
stands after those that it imports, options are kept, and the same schema gives
the same bytes, in whatever order it is named.
TYPE is a full name, or a file as imports call it.`,
		Example: `  pbscope schema build -I protos -o schema.binpb
  pbscope schema build -I protos trades.v1.Trade --no-source-info -o trade.binpb
  pbscope schema build -d a.binpb -d b.binpb -o both.binpb
  pbscope schema build -I protos -t trades.v1.Trade --to json | jq '.file[].name'`,
		RunE:              func(_ *cobra.Command, args []string) error { return runSchemaBuild(a, o, append(args, o.types...)) },
		ValidArgsFunction: o.schema.completeName(append(descriptors.EntryKinds(), descriptors.FileEntry)...),
	}
	o.schema.addSources(c)
	f := c.Flags()
	f.StringArrayVarP(&o.types, "type", "t", nil, "full `NAME` of a type, as an argument is (repeatable)")
	_ = c.RegisterFlagCompletionFunc("type", o.schema.completeName(append(descriptors.EntryKinds(), descriptors.FileEntry)...))
	f.StringVarP(&o.output, "output", "o", "", "write to `FILE`, whole or not at all")
	addEnum(c, &o.to, "to", []string{"raw", "json", "text"}, "form of the set; -d takes them all")
	f.BoolVar(&o.imports, "include-imports", true, "add the files that are imported")
	f.BoolVar(&o.sourceInfo, "source-info", true, "keep positions and comments")
	f.BoolVar(&o.noSourceInfo, "no-source-info", false, "leave out positions and comments")
	return c
}

func runSchemaBuild(a *app, o *schemaBuildOptions, names []string) error {
	if o.to == "raw" && o.output == "" && isTerminal(a.stdout) {
		return usagef("a descriptor set is binary and this is a terminal", "write it to a file with -o FILE, or print it with --to json")
	}
	info := o.sourceInfo && !o.noSourceInfo
	// Source info says in which order custom options stand.
	schema, err := o.schema.openAll(a, len(names) == 0, true)
	if err != nil {
		return err
	}
	set, err := schema.FileSet(descriptors.SetOptions{Names: names, Imports: o.imports, SourceInfo: info})
	if err != nil {
		return err
	}
	if set, err = printedSet(schema, set, o.to); err != nil {
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

// printedSet is a descriptor set in the form of that name. Custom options have
// their names where the schema declares them.
func printedSet(schema *descriptors.Schema, set []byte, form string) ([]byte, error) {
	if form == "raw" {
		return set, nil
	}
	d, err := schema.Message("google.protobuf.FileDescriptorSet")
	if err != nil {
		return nil, err
	}
	m := plan.NewSet(schema).Message(d)
	var text []byte
	ok := false
	if form == "text" {
		text, ok = transcode.AppendText(nil, m, set, transcode.TextOptions{})
	} else if text, _, ok = transcode.NewDecoder(transcode.Options{}).Append(nil, m, set); ok {
		text = append(render.AppendIndented(nil, text, render.JSONStyle{Indent: 2}), '\n')
	}
	if !ok {
		return nil, &unreadableError{message: "the set cannot be written as " + form, hint: "write it with --to raw"}
	}
	return text, nil
}
