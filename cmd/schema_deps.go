package cmd

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/pbscope/pbscope/descriptors"
	"github.com/pbscope/pbscope/inspect/span"
)

type schemaDepsOptions struct {
	schema            schemaFlags
	options           descriptors.DepsOptions
	tree, dot, asJSON bool
}

func newSchemaDeps(a *app) *cobra.Command {
	o := new(schemaDepsOptions)
	c := &cobra.Command{
		Use:   "deps NAME…",
		Short: "Show what types and files depend on, or what depends on them",
		Long: `deps lists all that a type, service, method or extension refers to, and what that
refers to in turn; of a file, what it imports. --direct stops at the first step.
--reverse turns it round: what refers to a type, or imports a file. --files
looks at the files of types.

It prints a line for each, nearer ones first, as list does; --tree shows what
leads to what, with "…" where that is shown above; --json has one object a line,
with "needs" or, reversed, "neededBy", and the fields that refer; --dot is a
graph for Graphviz.`,
		Example: `  pbscope schema deps -I protos trades.v1.MessageWrapper
  pbscope schema deps -I protos --reverse --direct trades.v1.Trade
  pbscope schema deps -I protos --files user.v1.UserService
  pbscope schema deps -I protos --dot trades.v1.MessageWrapper | dot -Tsvg > deps.svg`,
		Args:              arguments(cobra.MinimumNArgs(1)),
		RunE:              func(_ *cobra.Command, args []string) error { return runSchemaDeps(a, o, args) },
		ValidArgsFunction: o.schema.completeName(append(descriptors.EntryKinds(), descriptors.FileEntry)...),
	}
	o.schema.addSources(c)
	f := c.Flags()
	f.BoolVar(&o.options.Direct, "direct", false, "only what is referred to directly")
	f.BoolVar(&o.options.Reverse, "reverse", false, "what refers to the named ones")
	f.BoolVar(&o.options.Files, "files", false, "the files of types, and what those import")
	f.BoolVar(&o.tree, "tree", false, "show what leads to what as a tree")
	f.BoolVar(&o.dot, "dot", false, "print a graph for Graphviz")
	f.BoolVar(&o.asJSON, "json", false, "print one JSON object a line: kind, name, file, line, needs")
	c.MarkFlagsMutuallyExclusive("tree", "dot", "json")
	return c
}

func runSchemaDeps(a *app, o *schemaDepsOptions, names []string) error {
	schema, err := o.schema.openAll(a, false, false)
	if err != nil {
		return err
	}
	deps, err := schema.Deps(names, o.options)
	if err != nil {
		return err
	}
	var text []byte
	switch {
	case o.asJSON:
		text = depsJSON(deps, o.options.Reverse)
	case o.dot:
		text = depsDot(deps, o.options.Reverse)
	case o.tree:
		text = depsTree(deps)
	default:
		var entries []descriptors.Entry
		for _, d := range deps {
			if d.Level > 0 {
				entries = append(entries, d.Entry)
			}
		}
		text = listText(entries)
	}
	if _, err := a.stdout.Write(text); err != nil {
		return writeError(err)
	}
	return nil
}

func depsJSON(deps []descriptors.Dep, reverse bool) []byte {
	key := `,"needs":[`
	if reverse {
		key = `,"neededBy":[`
	}
	var b []byte
	for _, d := range deps {
		b = appendEntry(b, d.Entry)
		if d.Needs != nil {
			b = append(b, key...)
			for i, n := range d.Needs {
				if i > 0 {
					b = append(b, ',')
				}
				b = appendNeed(b, n)
			}
			b = append(b, ']')
		}
		b = append(b, "}\n"...)
	}
	return b
}

func appendNeed(b []byte, n descriptors.Need) []byte {
	b = span.AppendQuoted(append(b, `{"name":`...), n.Name)
	if len(n.By) > 0 {
		b = append(b, `,"by":[`...)
		for i, by := range n.By {
			if i > 0 {
				b = append(b, ',')
			}
			b = span.AppendQuoted(b, by)
		}
		b = append(b, ']')
	}
	return append(b, '}')
}

// depsDot is a graph in the language of Graphviz, an edge from each to what
// it needs.
func depsDot(deps []descriptors.Dep, reverse bool) []byte {
	b := []byte("digraph deps {\n  rankdir=LR;\n  node [shape=box];\n")
	shown := make(map[string]bool)
	for _, d := range deps {
		shown[string(d.Name)] = true
		b = append(span.AppendQuoted(append(b, "  "...), string(d.Name)), ";\n"...)
	}
	for _, d := range deps {
		for _, n := range d.Needs {
			if !shown[n.Name] {
				continue
			}
			from, to := string(d.Name), n.Name
			if reverse {
				from, to = to, from
			}
			b = append(span.AppendQuoted(append(b, "  "...), from), " -> "...)
			b = append(span.AppendQuoted(b, to), ";\n"...)
		}
	}
	return append(b, "}\n"...)
}

// maxTree is how many levels of a tree are shown: beyond it lines are mostly
// white space.
const maxTree = 100

// depsTree is what leads to what, each expanded once.
func depsTree(deps []descriptors.Dep) []byte {
	var b strings.Builder
	places := make(map[string]int)
	for i, d := range deps {
		places[string(d.Name)] = i
	}
	expanded := make(map[string]bool)
	var show func(at, depth int, by []string)
	show = func(at, depth int, by []string) {
		d := &deps[at]
		name := string(d.Name)
		b.WriteString(strings.Repeat("  ", depth))
		if d.Kind != descriptors.FileEntry {
			b.WriteString(string(d.Kind) + " ")
		}
		b.WriteString(name)
		if len(by) > 0 {
			b.WriteString("  (" + strings.Join(by, ", ") + ")")
		}
		if (expanded[name] || depth >= maxTree) && len(d.Needs) > 0 {
			b.WriteString("  …\n")
			return
		}
		expanded[name] = true
		b.WriteByte('\n')
		for _, n := range d.Needs {
			if next, ok := places[n.Name]; ok {
				show(next, depth+1, n.By)
			}
		}
	}
	for i, d := range deps {
		if d.Level == 0 {
			show(i, 0, nil)
		}
	}
	return []byte(b.String())
}
