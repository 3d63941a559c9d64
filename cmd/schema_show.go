package cmd

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/descriptors"
)

type schemaShowOptions struct {
	schema schemaFlags
	deps   bool
	output string
}

func newSchemaShow(a *app) *cobra.Command {
	o := new(schemaShowOptions)
	c := &cobra.Command{
		Use:   "show NAME…",
		Short: "Show types as .proto source",
		Long: `show prints a message, enum, service, method or extension as .proto source,
with its comments where the schema has them, and its options, custom ones by
their names. NAME is a full name, or a file as imports call it, which is shown
whole. What is shown compiles to the same descriptor.

--deps adds everything that it depends on: of each file what is needed, as a
file that compiles, but for those of google/protobuf, which every compiler
brings along. --output writes these files below a directory.`,
		Example: `  pbscope schema show -I protos trades.v1.Trade
  pbscope schema show -d schema.binpb user.v1.UserService user/v1/user.proto
  pbscope schema show -I protos --deps user.v1.UserService --output lean
  pbscope schema show google.rpc.Status`,
		Args:              arguments(cobra.MinimumNArgs(1)),
		RunE:              func(_ *cobra.Command, args []string) error { return runSchemaShow(a, o, args) },
		ValidArgsFunction: o.schema.completeName(append(descriptors.EntryKinds(), descriptors.FileEntry)...),
	}
	o.schema.addSources(c)
	c.Flags().BoolVar(&o.deps, "deps", false, "show what the named ones depend on too")
	c.Flags().StringVarP(&o.output, "output", "o", "", "with --deps: write each file below `DIR`")
	_ = c.MarkFlagDirname("output")
	return c
}

func runSchemaShow(a *app, o *schemaShowOptions, names []string) error {
	if o.output != "" && !o.deps {
		return usagef("--output is for whole files, with --deps", "add --deps, or redirect what is printed")
	}
	schema, err := o.schema.openAll(a, false, true)
	if err != nil {
		return err
	}
	var named []protoreflect.Descriptor
	var errs descriptors.Errors
	for _, name := range names {
		d, err := fileOrType(schema, name)
		errs = append(errs, schemaErrors(err)...)
		named = append(named, d)
	}
	if len(errs) > 0 {
		return errs
	}
	if o.output != "" {
		return saveFiles(o.output, schema.ShowDeps(named))
	}
	text := shown(schema, named)
	if o.deps {
		text = joined(schema.ShowDeps(named))
	}
	if _, err := a.stdout.WriteString(text); err != nil {
		return writeError(err)
	}
	return nil
}

// shown is declarations one after another, each under its place.
func shown(schema *descriptors.Schema, named []protoreflect.Descriptor) string {
	var text strings.Builder
	for i, d := range named {
		if i > 0 {
			text.WriteByte('\n')
		}
		if _, ok := d.(protoreflect.FileDescriptor); !ok {
			text.WriteString("// " + descriptors.Place(d) + "\n")
		}
		text.WriteString(schema.Show(d))
	}
	return text.String()
}

// joined is files one after another, each under its name.
func joined(files []descriptors.ShownFile) string {
	var text strings.Builder
	for i, f := range files {
		if i > 0 {
			text.WriteByte('\n')
		}
		text.WriteString("// " + f.Path + "\n" + f.Text)
	}
	return text.String()
}

// saveFiles writes files below a directory. Their names are imports, which
// never lead out of it.
func saveFiles(dir string, files []descriptors.ShownFile) error {
	for _, f := range files {
		if !filepath.IsLocal(filepath.FromSlash(f.Path)) {
			return &unreadableError{message: "cannot write " + f.Path + ": the name leads out of " + dir}
		}
		path := filepath.Join(dir, filepath.FromSlash(f.Path))
		err := os.MkdirAll(filepath.Dir(path), 0o777)
		if err == nil {
			err = os.WriteFile(path, []byte(f.Text), 0o666)
		}
		if err != nil {
			return cannotWrite(path, err)
		}
	}
	return nil
}

// fileOrType is the file that imports call so, or else the declaration of
// that full name.
func fileOrType(schema *descriptors.Schema, name string) (protoreflect.Descriptor, error) {
	if strings.HasSuffix(name, ".proto") {
		if fd, err := schema.FindFileByPath(name); err == nil {
			return fd, nil
		}
	}
	return schema.Descriptor(name)
}
