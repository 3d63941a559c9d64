package breaking

import (
	"fmt"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"

	"github.com/pbscope/pbscope/inspect/plan"
)

// explain tells of the changes of a declaration that hurt nobody; one side may
// be nil.
func (x *accountant) explain(old, new protoreflect.Descriptor) {
	switch {
	case new == nil:
		x.explainGone(old)
		return
	case old == nil:
		x.explainAdded(new)
		return
	}
	switch new := new.(type) {
	case protoreflect.FileDescriptor:
		x.file(old.(protoreflect.FileDescriptor), new)
	case protoreflect.MessageDescriptor:
		x.message(old.(protoreflect.MessageDescriptor), new)
	case protoreflect.FieldDescriptor:
		x.oneField(old.(protoreflect.FieldDescriptor), new)
	case protoreflect.OneofDescriptor:
		x.oneof(old.(protoreflect.OneofDescriptor), new)
	case protoreflect.EnumDescriptor:
		x.enum(old.(protoreflect.EnumDescriptor), new)
	case protoreflect.EnumValueDescriptor:
		x.moved(old.Parent(), new.Parent())
		x.enumValues(old.Parent().(protoreflect.EnumDescriptor), new.Parent().(protoreflect.EnumDescriptor), old, new)
	case protoreflect.ServiceDescriptor:
		x.service(old.(protoreflect.ServiceDescriptor), new)
	case protoreflect.MethodDescriptor:
		x.method(old.(protoreflect.MethodDescriptor), new)
	}
}

func (x *accountant) explainAdded(d protoreflect.Descriptor) {
	switch d := d.(type) {
	case protoreflect.FieldDescriptor:
		if x.oneField(nil, d); len(x.changes) > 0 || x.hasFinding(d) {
			return
		}
	case protoreflect.EnumValueDescriptor:
		if e, ok := x.partner(d.Parent(), x.new, x.old, true).(protoreflect.EnumDescriptor); ok {
			x.enumValues(e, d.Parent().(protoreflect.EnumDescriptor), nil, d)
			return
		}
	}
	if !x.hasFinding(d) {
		x.add(nil, d, "added", "additions are additions: no old data holds it, and no old reader or caller asks for it", nil)
	}
}

func (x *accountant) explainGone(d protoreflect.Descriptor) {
	why := "nothing that was written by itself or is called is lost with it"
	switch d := d.(type) {
	case protoreflect.FieldDescriptor:
		if x.oneField(d, nil); len(x.changes) > 0 {
			return
		}
		why = "it went with " + string(d.ContainingMessage().FullName())
	case protoreflect.EnumValueDescriptor:
		if e, ok := x.partner(d.Parent(), x.old, x.new, false).(protoreflect.EnumDescriptor); ok {
			x.enumValues(d.Parent().(protoreflect.EnumDescriptor), e, d, nil)
			return
		}
	case protoreflect.MessageDescriptor, protoreflect.EnumDescriptor:
		why = "it was only used by fields and methods: they are compared along what they refer to now"
	case protoreflect.OneofDescriptor:
		why = "a oneof's name is not in the bytes; its fields are compared by number"
	}
	if !x.hasFinding(d) {
		x.add(d, nil, "deleted", why, nil)
	}
}

// oneField tells of a field by itself; one side may be nil.
func (x *accountant) oneField(old, new protoreflect.FieldDescriptor) {
	var o, n *typ
	switch {
	case new != nil:
		n = x.new.types[new.ContainingMessage().FullName()]
		o = x.pairs.typeOld[n]
	default:
		o = x.old.types[old.ContainingMessage().FullName()]
		n = x.pairs.types[o]
	}
	if o == nil || n == nil {
		return
	}
	if old != nil && new != nil && !new.IsExtension() {
		x.moved(old.ContainingMessage(), new.ContainingMessage())
	}
	p := newMessagePair(x.comparison, o.load(), n.load())
	switch {
	case old == nil:
		x.fields(p, new)
	case new == nil:
		x.fields(p, old)
	default:
		x.fields(p, old, new)
	}
}

func (x *accountant) message(old, new protoreflect.MessageDescriptor) {
	o, n := x.old.types[old.FullName()], x.new.types[new.FullName()]
	x.moved(old, new)
	if o == nil || n == nil || x.pairs.types[o] != n {
		return
	}
	x.fields(newMessagePair(x.comparison, o.load(), n.load()))
	x.reservedMore(old, new, rangeText(fieldRanges(old.ReservedRanges())), rangeText(fieldRanges(new.ReservedRanges())))
	if was, is := rangeText(fieldRanges(old.ExtensionRanges())), rangeText(fieldRanges(new.ExtensionRanges())); was != is {
		x.add(old, new, fmt.Sprintf("extension ranges were %s and are %s", orNone(was), orNone(is)), "ranges say who may declare what; extensions that are gone are findings by themselves", nil)
	}
	if optionsDiffer(old, new) {
		x.add(old, new, "options changed", "options are for code generators and tools", nil)
	}
}

func rangeText(ranges []span2) string { return spanText(sortedRanges(ranges)) }

func (x *accountant) reservedMore(old, new protoreflect.Descriptor, was, is string) {
	if was != is && !x.hasRule(new, "RESERVED_REMOVED", "RESERVED_REUSED") {
		x.add(old, new, fmt.Sprintf("reserved numbers were %s and are %s", orNone(was), orNone(is)), "reserving numbers keeps others from taking them and changes no bytes", nil)
	}
}

func (x *accountant) hasRule(d protoreflect.Descriptor, ids ...string) bool {
	for _, f := range about(x.report.Findings, d) {
		for _, id := range ids {
			if f.Rule == id {
				return true
			}
		}
	}
	return false
}

func orNone(text string) string {
	if text == "" {
		return "none"
	}
	return text
}

// moved tells of another name and another file.
func (x *accountant) moved(old, new protoreflect.Descriptor) {
	if old.FullName() != new.FullName() {
		x.add(old, new, fmt.Sprintf("renamed from %s to %s", old.FullName(), new.FullName()),
			"it is the only pair of one shape that went and came, so they correspond; no bytes hold a type's name (an Any does: --any-types)", nil)
	}
	if old.ParentFile().Path() != new.ParentFile().Path() {
		x.add(old, new, fmt.Sprintf("moved from %s to %s", old.ParentFile().Path(), new.ParentFile().Path()), "file names are not in the bytes", nil)
	}
}

func (x *accountant) oneof(old, new protoreflect.OneofDescriptor) {
	o := x.old.types[old.Parent().FullName()]
	n := x.pairs.types[o]
	if o == nil || n == nil {
		return
	}
	var members []protoreflect.Descriptor
	for _, d := range []protoreflect.OneofDescriptor{old, new} {
		for i := range d.Fields().Len() {
			members = append(members, d.Fields().Get(i))
		}
	}
	x.fields(newMessagePair(x.comparison, o.load(), n.load()), members...)
}

func (x *accountant) enum(old, new protoreflect.EnumDescriptor) {
	x.moved(old, new)
	if old.IsClosed() != new.IsClosed() && !x.hasFinding(new) {
		x.add(old, new, openness(new.IsClosed()), whyOpenness, nil)
	}
	x.enumValues(old, new)
	x.reservedMore(old, new, rangeText(enumRanges(old.ReservedRanges())), rangeText(enumRanges(new.ReservedRanges())))
	if optionsDiffer(old, new) {
		x.add(old, new, "options changed", "options are for code generators and tools", nil)
	}
}

// enumValues tells of the values of an enum; only of some where only is given.
func (x *accountant) enumValues(old, new protoreflect.EnumDescriptor, only ...protoreflect.Descriptor) {
	wanted := func(d protoreflect.Descriptor) bool {
		for _, o := range only {
			if o == d {
				return true
			}
		}
		return len(only) == 0
	}
	was, is := x.old.plans.Enum(old), x.new.plans.Enum(new)
	before, after := valueTables(old), valueTables(new)
	for i := range old.Values().Len() {
		v := old.Values().Get(i)
		w := after.byName[v.Name()]
		if w == nil {
			w = after.byNumber[v.Number()]
		}
		switch {
		case !wanted(v) && (w == nil || !wanted(w)) || x.hasFinding(v) || w != nil && x.hasFinding(w):
		case w == nil:
			x.add(v, nil, "deleted", fmt.Sprintf("number %d is reserved, so no other value can take it; writers write numbers that have names, and a reader keeps one that it does not know", v.Number()), nil)
		case v.Number() != w.Number():
			x.add(v, w, fmt.Sprintf("its first number was %d and is %d", v.Number(), w.Number()), "both sides know the name at both numbers", nil)
		case v.Name() != w.Name():
			x.add(v, w, fmt.Sprintf("renamed from %s to %s", v.Name(), w.Name()), whyRenamedValue(was, is, int32(v.Number())), nil)
		case optionsDiffer(v, w):
			x.add(v, w, "options changed", "options are for code generators and tools", nil)
		}
	}
	for i := range new.Values().Len() {
		w := new.Values().Get(i)
		if !wanted(w) || before.byName[w.Name()] != nil || x.hasFinding(w) {
			continue
		}
		if before.byNumber[w.Number()] == nil {
			x.add(nil, w, "added", "an added value is silent: protobuf promises that values may be added; old readers keep the number, as a value of an open enum or as an unknown field of a closed one (--strict-enums reports the latter)", nil)
		} else if after.byNumber[w.Number()].Name() != w.Name() {
			x.add(nil, w, "added as another name of number "+itoa(w.Number()), "bytes hold the number", nil)
		}
	}
}

// valueTable finds the values of an enum; of several of one number the first.
type valueTable struct {
	byName   map[protoreflect.Name]protoreflect.EnumValueDescriptor
	byNumber map[protoreflect.EnumNumber]protoreflect.EnumValueDescriptor
}

func valueTables(e protoreflect.EnumDescriptor) valueTable {
	t := valueTable{make(map[protoreflect.Name]protoreflect.EnumValueDescriptor), make(map[protoreflect.EnumNumber]protoreflect.EnumValueDescriptor)}
	for i := range e.Values().Len() {
		v := e.Values().Get(i)
		t.byName[v.Name()] = v
		if t.byNumber[v.Number()] == nil {
			t.byNumber[v.Number()] = v
		}
	}
	return t
}

func whyRenamedValue(was, is *plan.Enum, number int32) string {
	if sharesName(was, number, is, number) {
		return "the number still has its old name beside the new one"
	}
	return "bytes hold the number, and the names are alike, so it is no reuse of it (what JSON text and code get of it is judged with --use JSON,CODE)"
}

func (x *accountant) service(old, new protoreflect.ServiceDescriptor) {
	if old.ParentFile().Path() != new.ParentFile().Path() {
		x.moved(old, new)
	}
	for i := range old.Methods().Len() {
		if w := new.Methods().ByName(old.Methods().Get(i).Name()); w != nil {
			x.method(old.Methods().Get(i), w)
		}
	}
	for i := range new.Methods().Len() {
		if w := new.Methods().Get(i); old.Methods().ByName(w.Name()) == nil {
			x.explainAdded(w)
		}
	}
	if optionsDiffer(old, new) {
		x.add(old, new, "options changed", "calls are found by /package.Service/Method, which stays", nil)
	}
}

func (x *accountant) method(old, new protoreflect.MethodDescriptor) {
	if x.hasFinding(new) {
		return
	}
	for _, s := range []struct {
		what    string
		was, is protoreflect.MessageDescriptor
	}{{"request", old.Input(), new.Input()}, {"response", old.Output(), new.Output()}} {
		if s.was.FullName() != s.is.FullName() {
			x.add(old, new, fmt.Sprintf("its %s was %s and is %s", s.what, s.was.FullName(), s.is.FullName()),
				"types that a method refers to are compared by their fields, whatever their names: every field of the old one corresponds to one of the new one", nil)
		}
	}
	if optionsDiffer(old, new) {
		x.add(old, new, "options changed", "calls are found by /package.Service/Method, which stays (bindings of google.api.http are judged with --use JSON)", nil)
	}
}

// file tells of a file and of what it declares.
func (x *accountant) file(old, new protoreflect.FileDescriptor) {
	if was, is := syntaxText(old), syntaxText(new); was != is {
		x.add(old, new, "was "+was+" and is "+is, "what counts are the resolved features of each field and enum; those that changed are told below or are findings", nil)
	}
	if old.Package() != new.Package() {
		x.add(old, new, fmt.Sprintf("its package was %s and is %s", orNone(string(old.Package())), orNone(string(new.Package()))),
			"packages of plain messages are not in the bytes; services and types in Any are findings", nil)
	}
	if optionsDiffer(old, new) {
		x.add(old, new, "options changed", "options of files are for code generators", nil)
	}
	seen := make(map[protoreflect.Descriptor]bool)
	for _, d := range declaredIn(old) {
		if n := x.partnerOf(d); n != nil {
			seen[n] = true
			x.explain(d, n)
		} else {
			x.explainGone(d)
		}
	}
	for _, d := range declaredIn(new) {
		if o, _ := x.partners(nil, d); !seen[d] && o == nil {
			x.explainAdded(d)
		}
	}
}

// declaredIn are the types, enums, extensions and services of a file, nested
// ones too.
func declaredIn(f protoreflect.FileDescriptor) []protoreflect.Descriptor {
	var all []protoreflect.Descriptor
	var add func(in scope)
	add = func(in scope) {
		for i := range in.Enums().Len() {
			all = append(all, in.Enums().Get(i))
		}
		for i := range in.Extensions().Len() {
			all = append(all, in.Extensions().Get(i))
		}
		for i := range in.Messages().Len() {
			if m := in.Messages().Get(i); !m.IsMapEntry() {
				all = append(all, m)
				add(m)
			}
		}
	}
	add(f)
	for i := range f.Services().Len() {
		all = append(all, f.Services().Get(i))
	}
	return all
}

// partnerOf is what an old type, enum or service is now; nil for nothing.
func (x *accountant) partnerOf(d protoreflect.Descriptor) protoreflect.Descriptor {
	if s, ok := d.(protoreflect.ServiceDescriptor); ok {
		if n := x.new.services[s.FullName()]; n != nil {
			return n
		}
		return nil
	}
	return x.partner(d, x.old, x.new, false)
}

func syntaxText(f protoreflect.FileDescriptor) string {
	if e, ok := f.(interface{ Edition() int32 }); ok && f.Syntax() == protoreflect.Editions {
		return "edition " + strings.TrimPrefix(descriptorpb.Edition(e.Edition()).String(), "EDITION_")
	}
	return f.Syntax().String()
}

// sameDeclaration compares what two declarations say themselves.
func sameDeclaration(d, e protoreflect.Descriptor) bool {
	if kindOf(d) != kindOf(e) {
		return false
	}
	switch d := d.(type) {
	case protoreflect.MessageDescriptor:
		a, b := protodesc.ToDescriptorProto(d), protodesc.ToDescriptorProto(e.(protoreflect.MessageDescriptor))
		a.NestedType, b.NestedType, a.EnumType, b.EnumType = nil, nil, nil, nil
		return proto.Equal(a, b)
	case protoreflect.FieldDescriptor:
		a, b := protodesc.ToFieldDescriptorProto(d), protodesc.ToFieldDescriptorProto(e.(protoreflect.FieldDescriptor))
		a.OneofIndex, b.OneofIndex = nil, nil
		return proto.Equal(a, b)
	case protoreflect.EnumDescriptor:
		return proto.Equal(protodesc.ToEnumDescriptorProto(d), protodesc.ToEnumDescriptorProto(e.(protoreflect.EnumDescriptor)))
	case protoreflect.ServiceDescriptor:
		return proto.Equal(protodesc.ToServiceDescriptorProto(d), protodesc.ToServiceDescriptorProto(e.(protoreflect.ServiceDescriptor)))
	}
	return true
}
