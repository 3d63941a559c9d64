package cmd

import (
	"io"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/pbscope/pbscope/descriptors"
	"github.com/pbscope/pbscope/inspect/span"
)

type schemaListOptions struct {
	schema schemaFlags
	kinds  []string
	asJSON bool
}

func newSchemaList(a *app) *cobra.Command {
	o := new(schemaListOptions)
	c := &cobra.Command{
		Use:   "list [PATTERN]",
		Short: "List the types, services and methods of a schema",
		Long: `list prints each declaration of the files that are named, or of all files under
the import paths: its kind, its full name, and where it stands. PATTERN is a
part of the name, in any case, or a pattern with * and ? for the whole name.
Files under an import path are read without compiling them.`,
		Example: `  pbscope schema list -I protos
  pbscope schema list -d schema.binpb 'trades.v1.*' --kind message
  pbscope schema list -p user.proto --json | jq -r .name`,
		Args: arguments(cobra.MaximumNArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			pattern := ""
			if len(args) > 0 {
				pattern = args[0]
			}
			return runSchemaList(a, o, pattern)
		},
	}
	o.schema.addSources(c)
	c.Flags().StringSliceVar(&o.kinds, "kind", nil, "only these `KINDS`: "+strings.Join(entryKinds(), ", "))
	_ = c.RegisterFlagCompletionFunc("kind", cobra.FixedCompletions(entryKinds(), cobra.ShellCompDirectiveNoFileComp))
	c.Flags().BoolVar(&o.asJSON, "json", false, "print one JSON object a line: kind, name, file, line")
	return c
}

func entryKinds() []string {
	var names []string
	for _, k := range descriptors.EntryKinds() {
		names = append(names, string(k))
	}
	return names
}

func runSchemaList(a *app, o *schemaListOptions, pattern string) error {
	for _, k := range o.kinds {
		if !slices.Contains(entryKinds(), k) {
			return usagef("there is no kind "+k, "the kinds are "+strings.Join(entryKinds(), ", "))
		}
	}
	if _, err := path.Match(pattern, ""); err != nil {
		return usagef("the pattern "+pattern+" is malformed", "a [ needs its ]; * and ? stand for any characters")
	}
	schema, err := o.schema.openAll(a, true, false)
	if err != nil {
		return err
	}
	var entries []descriptors.Entry
	for _, e := range schema.Entries() {
		if (len(o.kinds) == 0 || slices.Contains(o.kinds, string(e.Kind))) && matchesName(pattern, string(e.Name)) {
			entries = append(entries, e)
		}
	}
	text := listText(entries)
	if o.asJSON {
		text = listJSON(entries)
	}
	if _, err := a.stdout.Write(text); err != nil {
		return writeError(err)
	}
	return nil
}

// matchesName says whether a full name fits a pattern: as a whole where the
// pattern has wildcards, else as a part.
func matchesName(pattern, name string) bool {
	if strings.ContainsAny(pattern, "*?[") {
		ok, _ := path.Match(pattern, name)
		return ok
	}
	return strings.Contains(strings.ToLower(name), strings.ToLower(pattern))
}

func listText(entries []descriptors.Entry) []byte {
	var b strings.Builder
	width := 0
	for _, e := range entries {
		width = max(width, len(e.Name))
	}
	width = min(width, 60)
	for _, e := range entries {
		writePadded(&b, string(e.Kind), len("extension")+2)
		writePadded(&b, string(e.Name), width+2)
		b.WriteString(e.File)
		if e.Line > 0 {
			b.WriteString(":" + strconv.Itoa(e.Line))
		}
		b.WriteByte('\n')
	}
	return []byte(b.String())
}

// writePadded writes text and spaces to a width, at least two.
func writePadded(w io.StringWriter, text string, width int) {
	_, _ = w.WriteString(text + strings.Repeat(" ", max(2, width-len(text))))
}

func listJSON(entries []descriptors.Entry) []byte {
	var b []byte
	for _, e := range entries {
		b = append(b, `{"kind":`...)
		b = span.AppendQuoted(b, string(e.Kind))
		b = append(b, `,"name":`...)
		b = span.AppendQuoted(b, string(e.Name))
		b = append(b, `,"file":`...)
		b = span.AppendQuoted(b, e.File)
		if e.Line > 0 {
			b = append(b, `,"line":`...)
			b = strconv.AppendInt(b, int64(e.Line), 10)
		}
		b = append(b, "}\n"...)
	}
	return b
}
