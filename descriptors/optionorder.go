package descriptors

import (
	"cmp"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
)

// orderOptions is a FileDescriptorProto that was compiled, with its custom
// options in the order of the source, where it has source info, as protoc has
// them, else by ascending number, and the fields of what they hold by ascending
// number: the compiler writes both in another order each time. A map's entries
// stand by their bytes.
func (s *Schema) orderOptions(file []byte) []byte {
	o := optionOrder{schema: s, file: file}
	return o.message(nil, file, (*descriptorpb.FileDescriptorProto)(nil).ProtoReflect().Descriptor(), nil, false, 0)
}

type optionOrder struct {
	schema *Schema
	file   []byte
	// set are the numbers of the options at a path of source info, in the order
	// of the source; made when somebody asks.
	set map[string][]protowire.Number
}

// record is one field on the wire.
type record struct {
	number protowire.Number
	bytes  []byte
	// extension puts it behind the message's own fields, where protoc has it;
	// rank is its place among the extensions of options.
	extension bool
	rank      int
	entry     bool // of a map
}

// message appends a message whose fields are put in order if it is options or
// lies within some. The path is that of source info, as packed varints.
func (o *optionOrder) message(dst, raw []byte, d protoreflect.MessageDescriptor, path []byte, within bool, depth int) []byte {
	options := isOptions(d)
	within = within || options
	var records []record
	var counts [16]uint64 // of what is repeated in a descriptor
	for len(raw) > 0 {
		number, kind, n := protowire.ConsumeField(raw)
		if n < 0 || depth > maxNesting {
			return append(dst, raw...)
		}
		f := d.Fields().ByNumber(number)
		r := record{number: number, bytes: raw[:n], extension: options && f == nil}
		raw = raw[n:]
		if f == nil && d.ExtensionRanges().Has(number) {
			f, _ = o.schema.FindExtensionByNumber(d.FullName(), number)
		}
		if f != nil && f.Message() != nil && (depth > 0 || number != fileSourceInfo) {
			below := protowire.AppendVarint(slices.Clip(path), uint64(number))
			if f.IsList() && int(number) < len(counts) {
				below = protowire.AppendVarint(below, counts[number])
				counts[number]++
			}
			r.bytes = o.nested(r.bytes, kind, f, below, within, depth)
			r.entry = f.IsMap()
		}
		if options && f != nil && f.IsPacked() && kind == protowire.BytesType {
			records = appendUnpacked(records, r, f)
			continue
		}
		records = append(records, r)
	}
	if options {
		o.rank(records, string(path))
	}
	if within {
		slices.SortStableFunc(records, inOrder)
	}
	for _, r := range records {
		dst = append(dst, r.bytes...)
	}
	return dst
}

// appendUnpacked adds a packed field's elements one by one: so protoc writes
// options, however their field is declared.
func appendUnpacked(records []record, packed record, f protoreflect.FieldDescriptor) []record {
	_, _, n := protowire.ConsumeTag(packed.bytes)
	elements, _ := protowire.ConsumeBytes(packed.bytes[n:])
	kind := protowire.VarintType
	switch f.Kind() {
	case protoreflect.Fixed32Kind, protoreflect.Sfixed32Kind, protoreflect.FloatKind:
		kind = protowire.Fixed32Type
	case protoreflect.Fixed64Kind, protoreflect.Sfixed64Kind, protoreflect.DoubleKind:
		kind = protowire.Fixed64Type
	}
	before := len(records)
	for len(elements) > 0 {
		n := protowire.ConsumeFieldValue(packed.number, kind, elements)
		if n < 0 {
			return append(records[:before], packed)
		}
		one := packed
		one.bytes = append(protowire.AppendTag(nil, packed.number, kind), elements[:n]...)
		records = append(records, one)
		elements = elements[n:]
	}
	return records
}

// rank gives the extensions among the options at a path their places in the
// source.
func (o *optionOrder) rank(records []record, path string) {
	first := slices.IndexFunc(records, func(r record) bool { return r.extension })
	if first < 0 || !slices.ContainsFunc(records, func(r record) bool { return r.extension && r.number != records[first].number }) {
		return
	}
	if o.set == nil {
		o.set = optionsInSource(o.file)
	}
	order := o.set[path]
	for i := range records {
		if at := slices.Index(order, records[i].number); at >= 0 {
			records[i].rank = at - len(order)
		}
	}
}

// optionsInSource reads from the source info of a file which options stand at
// which path, in their order.
func optionsInSource(file []byte) map[string][]protowire.Number {
	set := make(map[string][]protowire.Number)
	eachField(file, func(field protowire.Number, info []byte, _ uint64) bool {
		if field != fileSourceInfo {
			return true
		}
		return eachField(info, func(field protowire.Number, value []byte, _ uint64) bool {
			if field == infoLocation {
				path, _ := location(value)
				noteOptions(set, path)
			}
			return true
		})
	})
	return set
}

// noteOptions notes the option that a path leads to or into, under what leads
// to the options.
func noteOptions(set map[string][]protowire.Number, path string) {
	raw, at := []byte(path), 0
	next := func() (protowire.Number, bool) {
		number, n := protowire.ConsumeVarint(raw[at:])
		at += max(n, 0)
		return protowire.Number(number), n > 0 && number <= uint64(protowire.MaxValidNumber)
	}
	d := (*descriptorpb.FileDescriptorProto)(nil).ProtoReflect().Descriptor()
	for !isOptions(d) {
		number, ok := next()
		f := d.Fields().ByNumber(number)
		if !ok || f == nil || f.Message() == nil {
			return
		}
		if d = f.Message(); f.IsList() {
			if _, ok = next(); !ok {
				return
			}
		}
	}
	here := path[:at]
	if number, ok := next(); ok && !slices.Contains(set[here], number) {
		set[here] = append(set[here], number)
	}
}

// isOptions says whether a message of descriptor.proto holds options.
func isOptions(d protoreflect.MessageDescriptor) bool {
	return d.ParentFile().Path() == descriptorProto && d.ExtensionRanges().Len() > 0
}

// inOrder compares records; in options the extensions come last.
func inOrder(a, b record) int {
	switch {
	case a.extension != b.extension && a.extension:
		return 1
	case a.extension != b.extension:
		return -1
	case a.number == b.number && a.entry:
		return slices.Compare(a.bytes, b.bytes)
	}
	return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(a.number, b.number))
}

// nested is a record of a message, put in order.
func (o *optionOrder) nested(raw []byte, kind protowire.Type, f protoreflect.FieldDescriptor, path []byte, within bool, depth int) []byte {
	number, _, n := protowire.ConsumeTag(raw)
	switch kind {
	case protowire.BytesType:
		value, _ := protowire.ConsumeBytes(raw[n:])
		inner := o.message(nil, value, f.Message(), path, within, depth+1)
		return protowire.AppendBytes(protowire.AppendTag(nil, number, kind), inner)
	case protowire.StartGroupType:
		value, _ := protowire.ConsumeGroup(number, raw[n:])
		inner := o.message(protowire.AppendTag(nil, number, kind), value, f.Message(), path, within, depth+1)
		return protowire.AppendTag(inner, number, protowire.EndGroupType)
	}
	return raw
}
