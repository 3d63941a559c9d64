package source

import (
	"slices"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// item is one thing among the declarations of a scope.
type item struct {
	d     protoreflect.Descriptor
	print func()
	block bool // set off by blank lines
	// owns is the index of the nested message that the item declares with
	// itself (a group, a map's entry), or -1. nested is the index of the nested
	// message that the item is, or -1. The compiler numbers both in order.
	owns, nested int
}

// print puts items in order and prints them.
func (p *printer) print(items []item, scope protoreflect.Descriptor, first bool) {
	if !p.bySource(items) {
		items = byNumbering(items)
	}
	for i, it := range items {
		if i > 0 && (it.block || items[i-1].block) || i == 0 && first {
			p.blank()
		}
		it.print()
	}
}

// bySource sorts items by their lines; false if the lines are not known.
func (p *printer) bySource(items []item) bool {
	lines := make(map[protoreflect.Descriptor]int, len(items))
	for _, it := range items {
		location := p.location(it.d)
		if len(location.Path) == 0 {
			return false
		}
		lines[it.d] = location.StartLine<<12 | min(location.StartColumn, 1<<12-1)
	}
	slices.SortStableFunc(items, func(a, b item) int { return lines[a.d] - lines[b.d] })
	return true
}

func (p *printer) location(d protoreflect.Descriptor) protoreflect.SourceLocation {
	return d.ParentFile().SourceLocations().ByDescriptor(d)
}

// byNumbering moves a nested message before an item that declares a later
// one, so that the compiler numbers them alike.
func byNumbering(items []item) []item {
	var sorted []item
	done := make([]bool, len(items))
	for i, it := range items {
		if done[i] {
			continue
		}
		for j := i + 1; it.owns >= 0 && j < len(items); j++ {
			if !done[j] && items[j].nested >= 0 && items[j].nested < it.owns {
				done[j] = true
				sorted = append(sorted, items[j])
			}
		}
		sorted = append(sorted, it)
	}
	return sorted
}

func (p *printer) messageItem(d protoreflect.MessageDescriptor) item {
	return item{d, func() { p.message(d, visibility(d)+"message "+string(d.Name()), d) }, true, -1, d.Index()}
}

func (p *printer) enumItem(d protoreflect.EnumDescriptor) item {
	return item{d, func() { p.enum(d) }, true, -1, -1}
}
