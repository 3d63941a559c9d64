package breaking

import (
	"fmt"
	"slices"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
)

// groupKey tells one cause of findings from another; the zero key is no
// group.
type groupKey struct {
	rule, file, element string
}

// cause is what several findings have in common: a file's syntax or feature,
// or an enum.
type cause struct {
	new, old protoreflect.Descriptor
	message  func(n int) string
	lost     *lostScope // in place of all others
}

func featuresOf(d protoreflect.Descriptor) *descriptorpb.FeatureSet {
	switch o := d.Options().(type) {
	case *descriptorpb.FieldOptions:
		return o.GetFeatures()
	case *descriptorpb.OneofOptions:
		return o.GetFeatures()
	case *descriptorpb.MessageOptions:
		return o.GetFeatures()
	}
	return nil
}

// fileCause notes that a finding comes from its file where neither side says
// anything nearer to the field: the syntax, the edition, or a file's feature.
func (c *comparison) fileCause(f *Finding, old, new protoreflect.Descriptor, x feature) {
	if nearer(old, x) || nearer(new, x) || x == fieldPresence && !byFeature(old, new) {
		return
	}
	file := new.ParentFile()
	f.group = groupKey{f.Rule, file.Path(), ""}
	c.causes[f.group] = &cause{new: file, old: old.ParentFile(), message: func(n int) string {
		return fmt.Sprintf("%s changed its syntax, edition or features, which touches %d fields", file.Path(), n)
	}}
}

func nearer(d protoreflect.Descriptor, x feature) bool {
	for at := d; at != nil; at = at.Parent() {
		if x.states(at) {
			return true
		}
	}
	return false
}

// byFeature: the labels optional and required of proto2 are a field's own.
func byFeature(old, new protoreflect.Descriptor) bool {
	return old.ParentFile().Syntax() == protoreflect.Editions && new.ParentFile().Syntax() == protoreflect.Editions
}

// enumCause notes that a default comes from the first value of a closed enum.
func (c *comparison) enumCause(f *Finding, p *fieldPair) {
	if p.old.Enum == nil || p.new.Enum == nil || p.old.Desc.HasDefault() || p.new.Desc.HasDefault() || !c.pairs.sameEnums(p.old.Enum, p.new.Enum) {
		return
	}
	e := p.new.Enum.Desc
	f.group = groupKey{f.Rule, "", string(e.FullName())}
	message := f.Message
	c.causes[f.group] = &cause{new: e, old: p.old.Enum.Desc, message: func(n int) string {
		return fmt.Sprintf("the first value of %s changed, the default of %d fields (%s, for one)", e.FullName(), n, message)
	}}
}

// merge makes one finding of those that have one cause.
func (c *comparison) merge(findings []*Finding) []*Finding {
	groups := make(map[groupKey][]*Finding)
	for _, f := range findings {
		groups[f.group] = append(groups[f.group], f)
	}
	var merged []*Finding
	for _, f := range findings {
		group := groups[f.group]
		if f.group == (groupKey{}) || len(group) == 1 {
			merged = append(merged, f)
			continue
		}
		if group[0] == f {
			merged = append(merged, c.mergeGroup(c.causes[f.group], group))
		}
	}
	return merged
}

func (c *comparison) mergeGroup(cause *cause, group []*Finding) *Finding {
	one := *slices.MaxFunc(group, func(a, b *Finding) int {
		if a.Severity != b.Severity {
			return int(a.Severity) - int(b.Severity)
		}
		return 0
	})
	if cause.lost != nil {
		c.mergeLost(&one, cause.lost, group)
		return &one
	}
	one.Contents = nil
	for _, f := range group {
		one.Contents = append(one.Contents, f.Element)
		one.Breaks |= f.Breaks
	}
	one.Element, one.Message, one.Fix = elementName(cause.new), cause.message(len(group)), nil
	c.place(&one, cause.new)
	one.Previous = c.previous(cause.old)
	return &one
}
