package cmd

import (
	"strings"

	"github.com/spf13/cobra"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/descriptors"
)

func newSchemaShow(a *app) *cobra.Command {
	schema := new(schemaFlags)
	c := &cobra.Command{
		Use:   "show TYPE…",
		Short: "Show types as .proto source",
		Long: `show prints a message, enum, service, method or extension as .proto source,
with its comments where the schema has them. TYPE is a full name, or a file as
imports call it, which is shown whole.`,
		Example: `  pbscope schema show -I protos trades.v1.Trade
  pbscope schema show -d schema.binpb user.v1.UserService user/v1/user.proto
  pbscope schema show google.rpc.Status`,
		Args:              arguments(cobra.MinimumNArgs(1)),
		RunE:              func(_ *cobra.Command, args []string) error { return runSchemaShow(a, schema, args) },
		ValidArgsFunction: schema.completeName(append(descriptors.EntryKinds(), descriptors.FileEntry)...),
	}
	schema.addSources(c)
	return c
}

func runSchemaShow(a *app, flags *schemaFlags, names []string) error {
	schema, err := flags.openAll(a, false, true)
	if err != nil {
		return err
	}
	var text strings.Builder
	for i, name := range names {
		d, err := fileOrType(schema, name)
		if err != nil {
			return err
		}
		if i > 0 {
			text.WriteByte('\n')
		}
		if _, ok := d.(protoreflect.FileDescriptor); !ok {
			text.WriteString("// " + descriptors.Place(d) + "\n")
		}
		text.WriteString(schema.Show(d))
	}
	if _, err := a.stdout.WriteString(text.String()); err != nil {
		return writeError(err)
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
