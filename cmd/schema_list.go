package cmd

import (
	"io"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/pbscope/pbscope/descriptors"
	"github.com/pbscope/pbscope/inspect/nearest"
	"github.com/pbscope/pbscope/inspect/span"
)

type schemaListOptions struct {
	schema   schemaFlags
	kinds    []string
	packages []string
	tree     bool
	count    bool
	asJSON   bool
}

func newSchemaList(a *app) *cobra.Command {
	o := new(schemaListOptions)
	c := &cobra.Command{
		Use:   "list [PATTERN…]",
		Short: "List the types, services and methods of a schema",
		Long: `list prints each declaration of the files that are named, or of all files under
the import paths: its kind, its full name, and where it stands. Files under an
import path are read without compiling them.

PATTERN is a part of the name, in any case, or a pattern with * and ? for the
whole name; of several, one has to fit. --package takes a package with all below
it, or a pattern. --tree shows packages, their files and what these declare;
--count how much there is in each package.`,
		Example: `  pbscope schema list -I protos
  pbscope schema list -d schema.binpb 'trades.v1.*' --kind message
  pbscope schema list -I protos --package user.v1 --tree
  pbscope schema list -I protos --count
  pbscope schema list -p user.proto --json | jq -r .name`,
		RunE:              func(_ *cobra.Command, args []string) error { return runSchemaList(a, o, args) },
		ValidArgsFunction: o.schema.completeName(descriptors.EntryKinds()...),
	}
	o.schema.addSources(c)
	f := c.Flags()
	f.StringSliceVar(&o.kinds, "kind", nil, "only these `KINDS`: "+strings.Join(entryKinds(), ", "))
	_ = c.RegisterFlagCompletionFunc("kind", cobra.FixedCompletions(entryKinds(), cobra.ShellCompDirectiveNoFileComp))
	f.StringSliceVar(&o.packages, "package", nil, "only these `PACKAGES`, with those below them")
	_ = c.RegisterFlagCompletionFunc("package", o.schema.completePackage)
	f.BoolVar(&o.tree, "tree", false, "show packages, files and what they declare as a tree")
	f.BoolVar(&o.count, "count", false, "count the declarations of each package")
	f.BoolVar(&o.asJSON, "json", false, "print one JSON object a line: kind, name, file, line")
	return c
}

// entryKinds are the values of --kind.
func entryKinds() []string {
	var names []string
	for _, k := range append(descriptors.EntryKinds(), descriptors.FileEntry) {
		names = append(names, string(k))
	}
	return names
}

func runSchemaList(a *app, o *schemaListOptions, patterns []string) error {
	if err := o.check(patterns); err != nil {
		return err
	}
	schema, err := o.schema.openAll(a, true, false)
	if err != nil {
		return err
	}
	entries := o.filter(schema.FileEntries(), patterns)
	if err := schema.SourceError(); err != nil {
		return err
	}
	var text []byte
	switch {
	case o.count && o.asJSON:
		text = countJSON(countEntries(entries))
	case o.count:
		text = countText(countEntries(entries))
	case o.tree:
		text = treeText(entries)
	case o.asJSON:
		text = listJSON(entries)
	default:
		text = listText(entries)
	}
	if _, err := a.stdout.Write(text); err != nil {
		return writeError(err)
	}
	return nil
}

func (o *schemaListOptions) check(patterns []string) error {
	for _, k := range o.kinds {
		if !slices.Contains(entryKinds(), k) {
			hint := "the kinds are " + strings.Join(entryKinds(), ", ")
			if near := nearest.Name(k, entryKinds()); near != "" {
				hint = "did you mean " + near + "?"
			}
			return usagef("there is no kind "+k, hint)
		}
	}
	for _, p := range append(slices.Clip(patterns), o.packages...) {
		if _, err := path.Match(p, ""); err != nil {
			return usagef("the pattern "+p+" is malformed", "a [ needs its ]; * and ? stand for any characters")
		}
	}
	switch {
	case o.tree && o.count:
		return usagef("--tree and --count exclude each other", "")
	case o.tree && o.asJSON:
		return usagef("--tree and --json exclude each other", "the names say what lies in what")
	}
	return nil
}

// filter keeps what was asked for. Files stay only by --kind file, or where
// --count counts them.
func (o *schemaListOptions) filter(entries []descriptors.Entry, patterns []string) []descriptors.Entry {
	kept := entries[:0]
	for _, e := range entries {
		wanted := len(o.kinds) == 0 && (e.Kind != descriptors.FileEntry || o.count && len(patterns) == 0) ||
			slices.Contains(o.kinds, string(e.Kind))
		if wanted && o.inPackages(e.Package) && (len(patterns) == 0 || slices.ContainsFunc(patterns, func(p string) bool { return matchesName(p, string(e.Name)) })) {
			kept = append(kept, e)
		}
	}
	return kept
}

func (o *schemaListOptions) inPackages(pkg string) bool {
	return len(o.packages) == 0 || slices.ContainsFunc(o.packages, func(p string) bool {
		if strings.ContainsAny(p, "*?[") {
			return matchesName(p, pkg)
		}
		return pkg == p || strings.HasPrefix(pkg, p+".")
	})
}

// matchesName says whether a full name fits a pattern: as a whole where the
// pattern has wildcards, else as a part.
func matchesName(pattern, name string) bool {
	if strings.ContainsAny(pattern, "*?[") {
		// In the names of files a slash is a character like others.
		const slash = "\x00"
		ok, _ := path.Match(strings.ReplaceAll(pattern, "/", slash), strings.ReplaceAll(name, "/", slash))
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
		if e.Kind == descriptors.FileEntry {
			b.WriteString(e.File + "\n")
			continue
		}
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
		b = append(appendEntry(b, e), "}\n"...)
	}
	return b
}

// appendEntry appends the object of a declaration without its closing brace.
func appendEntry(b []byte, e descriptors.Entry) []byte {
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
	return b
}
