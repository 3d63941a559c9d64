package breaking

import (
	"fmt"
	"slices"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// lostScope is a package or file that is gone as a whole, of which several
// rules tell: that of services and that of messages.
type lostScope struct {
	what, name string
	file       protoreflect.FileDescriptor // its first one
	kinds      map[string]lostKind         // by rule
}

// lostKind is what one rule tells of.
type lostKind struct {
	kind     string
	elements []string // with what they contain
	count    int
}

// lostCause notes that a finding is about what a package or file held.
func (c *comparison) lostCause(f *Finding, all []protoreflect.Descriptor, what, name, kind string) {
	f.group = groupKey{"", "", what + " " + name}
	if c.causes[f.group] == nil {
		c.causes[f.group] = &cause{lost: &lostScope{what, name, all[0].ParentFile(), make(map[string]lostKind)}}
	}
	k := lostKind{kind: kind, count: len(all)}
	for _, d := range all {
		k.elements = append(append(k.elements, elementName(d)), contentsOf(d)...)
	}
	c.causes[f.group].lost.kinds[f.Rule] = k
}

// mergeLost makes the worst finding of a group stand for all of it.
func (c *comparison) mergeLost(one *Finding, scope *lostScope, group []*Finding) {
	var counts, why []string
	one.Contents = nil
	for _, f := range slices.SortedStableFunc(slices.Values(group), func(a, b *Finding) int { return int(b.Severity) - int(a.Severity) }) {
		k := scope.kinds[f.Rule]
		text := fmt.Sprintf("%d %s", k.count, k.kind)
		if k.count > 1 {
			text += "s"
		}
		counts, why = append(counts, text), append(why, f.Why)
		one.Contents = append(one.Contents, k.elements...)
		one.Breaks |= f.Breaks
		one.lostMessages = one.lostMessages || f.Rule == "MESSAGE_DELETED"
	}
	one.Element = scope.name
	one.Message = fmt.Sprintf("%s %s was deleted, with %s", scope.what, scope.name, strings.Join(counts, ", "))
	one.Why = strings.Join(why, "; ")
	one.Previous = c.previous(scope.file)
	one.Previous.Element = scope.name
}
