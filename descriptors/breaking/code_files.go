package breaking

import (
	"fmt"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"

	"github.com/pbscope/pbscope/descriptors/breaking/bufrules"
)

func codeVisibility(c *comparison) {
	for _, m := range c.typeMoves() {
		if m.new == nil || !exported(m.old) || exported(m.new) {
			continue
		}
		hurtsCode(c.found(m.new, m.old, elementName(m.new)+" is local to its file now"), "other files that use the type do not compile")
	}
}

// exported says whether other files may use a message or enum: by its keyword,
// else as default_symbol_visibility says. Before edition 2024 all may.
func exported(d protoreflect.Descriptor) bool {
	if bufrules.Edition(d.ParentFile()) < descriptorpb.Edition_EDITION_2024 {
		return true
	}
	if known, ok := d.(interface{ Visibility() int32 }); ok {
		switch descriptorpb.SymbolVisibility(known.Visibility()) {
		case descriptorpb.SymbolVisibility_VISIBILITY_EXPORT:
			return true
		case descriptorpb.SymbolVisibility_VISIBILITY_LOCAL:
			return false
		}
	}
	options, _ := d.ParentFile().Options().(*descriptorpb.FileOptions)
	switch options.GetFeatures().GetDefaultSymbolVisibility() {
	case descriptorpb.FeatureSet_VisibilityFeature_EXPORT_ALL:
		return true
	case descriptorpb.FeatureSet_VisibilityFeature_LOCAL_ALL, descriptorpb.FeatureSet_VisibilityFeature_STRICT:
		return false
	}
	_, top := d.Parent().(protoreflect.FileDescriptor)
	return top
}

func codeFileOptions(c *comparison) {
	for _, old := range c.old.files {
		new := c.newFile(old.Path())
		if new == nil {
			continue
		}
		for _, o := range bufrules.ChangedOptions(old, new) {
			f := c.found(new, old, fmt.Sprintf("the option %s of %s was %s and is %s", o.Name, new.Path(), o.Old, o.New))
			if l := c.new.locations(new).ByPath(o.Place); l.Path != nil {
				f.Range = c.new.rangeOf(new, l)
			}
			hurtsCode(f, "generated code has other names or another shape")
		}
	}
}
