package cmd

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/pbscope/pbscope/descriptors"
	"github.com/pbscope/pbscope/inspect/span"
)

// noPackage stands for files without a package where people read it.
const noPackage = "(no package)"

// treeText is declarations below their packages and files, each by its name
// within what is shown above it.
func treeText(entries []descriptors.Entry) []byte {
	entries = slices.Clone(entries)
	slices.SortStableFunc(entries, func(a, b descriptors.Entry) int {
		return cmp.Or(strings.Compare(a.Package, b.Package), strings.Compare(a.File, b.File))
	})
	var b strings.Builder
	var open []string // full names of the declarations that the next may lie in
	for i, e := range entries {
		if i == 0 || e.Package != entries[i-1].Package {
			b.WriteString(cmp.Or(e.Package, noPackage) + "\n")
		}
		if i == 0 || e.Package != entries[i-1].Package || e.File != entries[i-1].File {
			b.WriteString("  " + e.File + "\n")
			open = open[:0]
		}
		if e.Kind == descriptors.FileEntry {
			continue
		}
		name := string(e.Name)
		for len(open) > 0 && !strings.HasPrefix(name, open[len(open)-1]+".") {
			open = open[:len(open)-1]
		}
		within := e.Package
		if len(open) > 0 {
			within = open[len(open)-1]
		}
		b.WriteString(strings.Repeat("  ", len(open)+2) + string(e.Kind) + " " + strings.TrimPrefix(name[min(len(within), len(name)):], "."))
		if e.Line > 0 {
			b.WriteString("  :" + strconv.Itoa(e.Line))
		}
		b.WriteByte('\n')
		open = append(open, name)
	}
	return []byte(b.String())
}

// packageCount is how many declarations of each kind a package has, in the
// order of countKinds.
type packageCount struct {
	name   string
	counts [6]int
}

// countKinds are the columns of counts: files, then the kinds of
// declarations.
func countKinds() []descriptors.EntryKind {
	return append([]descriptors.EntryKind{descriptors.FileEntry}, descriptors.EntryKinds()...)
}

func countEntries(entries []descriptors.Entry) []packageCount {
	kinds := countKinds()
	places := make(map[string]int)
	var all []packageCount
	for _, e := range entries {
		at, ok := places[e.Package]
		if !ok {
			at = len(all)
			places[e.Package] = at
			all = append(all, packageCount{name: e.Package})
		}
		all[at].counts[slices.Index(kinds, e.Kind)]++
	}
	slices.SortFunc(all, func(a, b packageCount) int { return strings.Compare(a.name, b.name) })
	return all
}

func countText(packages []packageCount) []byte {
	var b strings.Builder
	width := len(noPackage)
	total := packageCount{name: "total"}
	for i := range packages {
		packages[i].name = cmp.Or(packages[i].name, noPackage)
		width = max(width, len(packages[i].name))
		for k, n := range packages[i].counts {
			total.counts[k] += n
		}
	}
	writePadded(&b, "package", width)
	for _, k := range countKinds() {
		b.WriteString("  " + string(k) + "s")
	}
	b.WriteByte('\n')
	for _, p := range append(packages, total) {
		b.WriteString(p.name + strings.Repeat(" ", width-len(p.name)))
		for k, n := range p.counts {
			text := strconv.Itoa(n)
			b.WriteString("  " + strings.Repeat(" ", max(0, len(countKinds()[k])+1-len(text))) + text)
		}
		b.WriteByte('\n')
	}
	return []byte(b.String())
}

func countJSON(packages []packageCount) []byte {
	var b []byte
	for _, p := range packages {
		b = span.AppendQuoted(append(b, `{"package":`...), p.name)
		for k, kind := range countKinds() {
			b = append(b, `,"`+string(kind)+`s":`...)
			b = strconv.AppendInt(b, int64(p.counts[k]), 10)
		}
		b = append(b, "}\n"...)
	}
	return b
}
