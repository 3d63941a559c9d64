package cmd

import (
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/pbscope/pbscope/descriptors"
	"github.com/pbscope/pbscope/inspect/span"
)

func newSchemaWhich(a *app) *cobra.Command {
	schema, asJSON := new(schemaFlags), false
	c := &cobra.Command{
		Use:   "which NAME…",
		Short: "Say which source has a type, and where it is declared",
		Long: `which says for types, services, methods, extensions, fields, values of enums and
files where they are declared, and which source that file was taken from: of
several that have it the first wins (.proto files under import paths in their
order, then descriptor sets in their order, then what is built in). The others,
which it shadows, are named as well.

NAME is a full name, or a file as imports call it.`,
		Example: `  pbscope schema which -I protos -I vendor -d schema.binpb trades.v1.Trade
  pbscope schema which -I protos trades.v1.Trade.price google/protobuf/any.proto
  pbscope schema which -I protos --json trades.v1.Trade | jq -r .source`,
		Args:              arguments(cobra.MinimumNArgs(1)),
		RunE:              func(_ *cobra.Command, args []string) error { return runSchemaWhich(a, schema, args, asJSON) },
		ValidArgsFunction: schema.completeName(append(descriptors.EntryKinds(), descriptors.FileEntry)...),
	}
	schema.addSources(c)
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON object a line: kind, name, file, line, source, …")
	return c
}

func runSchemaWhich(a *app, flags *schemaFlags, names []string, asJSON bool) error {
	schema, err := flags.openAll(a, false, true)
	if err != nil {
		return err
	}
	var text []byte
	var errs descriptors.Errors
	for _, name := range names {
		found, err := schema.Which(name)
		switch {
		case err != nil:
			errs = append(errs, schemaErrors(err)...)
		case asJSON:
			text = append(appendFound(text, found), '\n')
		default:
			text = append(text, foundText(found)...)
		}
	}
	if _, err := a.stdout.Write(text); err != nil {
		return writeError(err)
	}
	if len(errs) > 0 {
		return errs
	}
	return nil
}

// foundText is where a declaration stands, and what it was taken from.
func foundText(f *descriptors.Found) string {
	var b strings.Builder
	b.WriteString(string(f.Kind) + " " + string(f.Name) + "\n")
	if f.Kind != descriptors.FileEntry {
		b.WriteString("  declared  " + f.File + position(f) + "\n")
	}
	source := originText(f.Origin)
	if f.Origin.Kind == descriptors.FromImportPath {
		// As editors open it.
		source = f.Origin.Source + position(f) + strings.TrimPrefix(source, f.Origin.Source)
	}
	b.WriteString("  source    " + source + "\n")
	for _, o := range f.Shadowed {
		b.WriteString("  shadows   " + originText(o) + "\n")
	}
	return b.String()
}

func position(f *descriptors.Found) string {
	if f.Line == 0 {
		return ""
	}
	return ":" + strconv.Itoa(f.Line) + ":" + strconv.Itoa(f.Column)
}

func originText(o descriptors.Origin) string {
	switch o.Kind {
	case descriptors.FromImportPath:
		return o.Source + " (import path " + o.Root + ")"
	case descriptors.FromSet:
		return o.Source + " (descriptor set)"
	case descriptors.FromBuiltIn:
		return "built in"
	}
	if o.Within != "" {
		return o.Source + " (" + o.Within + ")"
	}
	return o.Source + " (" + strings.ReplaceAll(string(o.Kind), "-", " ") + ")"
}

// appendFound appends the object that list prints, with the source.
func appendFound(b []byte, f *descriptors.Found) []byte {
	b = appendEntry(b, f.Entry)
	b = append(b, `,"source":`...)
	b = span.AppendQuoted(b, f.Origin.Source)
	if f.Column > 0 {
		b = append(b, `,"column":`...)
		b = strconv.AppendInt(b, int64(f.Column), 10)
	}
	b = appendOrigin(b, f.Origin)
	if len(f.Shadowed) > 0 {
		b = append(b, `,"shadowed":[`...)
		for i, o := range f.Shadowed {
			if i > 0 {
				b = append(b, ',')
			}
			b = span.AppendQuoted(append(b, `{"source":`...), o.Source)
			b = append(appendOrigin(b, o), '}')
		}
		b = append(b, ']')
	}
	return append(b, '}')
}

// appendOrigin appends the members that say more of a source.
func appendOrigin(b []byte, o descriptors.Origin) []byte {
	member := func(key, value string) {
		if value != "" {
			b = append(b, `,"`+key+`":`...)
			b = span.AppendQuoted(b, value)
		}
	}
	member("origin", string(o.Kind))
	member("importPath", o.Root)
	member("within", o.Within)
	return b
}
