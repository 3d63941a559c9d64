package descriptors

import (
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/inspect/identify"
)

// typeFile is the types of a file as it declares them, with the names of what
// they refer to not looked up yet.
type typeFile struct {
	features   features // of the file; the root
	messages   []typeDecl
	enums      []enumDecl
	extensions []fieldDecl
}

// typeDecl is a message.
type typeDecl struct {
	identify.Type
	refs       []fieldDecl // the fields
	features   *features
	messageSet bool
}

type enumDecl struct {
	name     string
	numbers  []int32
	features *features
}

// fieldDecl is a field or an extension.
type fieldDecl struct {
	identify.Field
	ref string // name of its type, as it is written
	// scope is the full name of what the names are written in; extendee the
	// message that an extension extends, as it is written.
	scope, extendee string
	features        *features
	label           label
	packed          int8 // the option: 1 true, -1 false, 0 not there
	entry           bool // a map
	inEntry         bool // the key or the value of one
}

type label uint8

const (
	noLabel label = iota
	optionalLabel
	requiredLabel
	repeatedLabel
)

// feature is a feature of editions that matters on the wire; the numbers and
// those of the values are descriptor.proto's FeatureSet.
type feature uint8

const (
	fieldPresence     feature = 1
	enumType          feature = 2
	repeatedEncoding  feature = 3
	utf8Validation    feature = 4
	messageEncoding   feature = 5
	lastFeature               = messageEncoding
	presenceImplicit          = 2
	presenceRequired          = 3
	enumClosed                = 2
	encodingExpanded          = 2
	utf8Verify                = 2
	encodingDelimited         = 2
)

// features are those that a declaration states, 0 for the others, which it has
// from what it stands in.
type features struct {
	parent *features
	own    [lastFeature + 1]uint8
}

func (f *features) get(which feature) uint8 {
	for ; f != nil; f = f.parent {
		if v := f.own[which]; v != 0 {
			return v
		}
	}
	return 0
}

// setSyntax sets what a file's syntax stands for: proto2, proto3 or "" for an
// edition.
func (f *features) setSyntax(syntax string) {
	defaults := [lastFeature + 1]uint8{0, 1, 1, 1, utf8Verify, 1}
	switch syntax {
	case "proto2":
		defaults = [lastFeature + 1]uint8{0, 1, enumClosed, encodingExpanded, 3, 1}
	case "proto3":
		defaults[fieldPresence] = presenceImplicit
	}
	for i, v := range defaults {
		if f.own[i] == 0 {
			f.own[i] = v
		}
	}
}

// settle makes of what the declaration says what stands on the wire.
func (d *fieldDecl) settle() {
	f := &d.Field
	f.Repeated = d.label == repeatedLabel || d.entry
	presence := d.features.get(fieldPresence)
	f.Required = d.label == requiredLabel || presence == presenceRequired && d.label == noLabel && f.Oneof == 0
	if f.Kind == protoreflect.MessageKind && !d.entry && !d.inEntry && d.features.get(messageEncoding) == encodingDelimited {
		f.Kind = protoreflect.GroupKind
	}
	f.UTF8 = d.features.get(utf8Validation) == utf8Verify
	message := f.Kind == protoreflect.MessageKind || f.Kind == protoreflect.GroupKind
	f.Implicit = presence == presenceImplicit && d.label != optionalLabel && !f.Repeated && !message && f.Oneof == 0 && !f.Extension
	f.Packed = f.Repeated && !message && f.Kind != protoreflect.StringKind && f.Kind != protoreflect.BytesKind &&
		(d.packed > 0 || d.packed == 0 && d.features.get(repeatedEncoding) != encodingExpanded)
}

// scalarKind is the kind of that name in .proto source; 0 for the name of a
// type.
func scalarKind(name string) protoreflect.Kind {
	switch name {
	case "double", "float", "int64", "uint64", "int32", "fixed64", "fixed32", "bool", "string", "bytes",
		"uint32", "sfixed32", "sfixed64", "sint32", "sint64":
	default:
		return 0
	}
	for k := protoreflect.DoubleKind; k <= protoreflect.Sint64Kind; k++ {
		if k.String() == name {
			return k
		}
	}
	return 0
}

func joinName(scope, name string) string {
	if scope == "" {
		return name
	}
	return scope + "." + name
}

// mapEntryName is the name of the message of a map's entries, which only tells
// it apart: nothing refers to it by name.
func mapEntryName(scope, field string) string {
	return joinName(scope, strings.ToLower(field)+" entry")
}
