package descriptors

import (
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/inspect/identify"
)

// rawTypes reads the types of a FileDescriptorProto in wire form.
func rawTypes(raw []byte) *typeFile {
	const options, syntax, edition = 8, 12, 14
	const fileFeatures = 50
	r := rawTypeReader{out: new(typeFile)}
	pkg, spoken := "", "proto2"
	eachField(raw, func(field protowire.Number, value []byte, _ uint64) bool {
		switch field {
		case filePackage:
			pkg = printable(string(value))
		case syntax:
			spoken = string(value)
		case options:
			r.out.features.read(value, fileFeatures)
		}
		return true
	})
	if spoken == "editions" {
		spoken = ""
	}
	r.out.features.setSyntax(spoken)
	eachField(raw, func(field protowire.Number, value []byte, _ uint64) bool {
		switch field {
		case fileMessage:
			r.message(value, pkg, &r.out.features, 0)
		case fileEnum:
			r.enum(value, pkg, &r.out.features)
		case fileExtension:
			r.extension(value, pkg, &r.out.features)
		}
		return true
	})
	return r.out
}

type rawTypeReader struct{ out *typeFile }

// read takes the FeatureSet out of options, where it is the field at.
func (f *features) read(options []byte, at protowire.Number) {
	eachField(options, func(field protowire.Number, set []byte, _ uint64) bool {
		if field == at {
			eachField(set, func(field protowire.Number, _ []byte, number uint64) bool {
				if field <= protowire.Number(lastFeature) && number < 256 {
					f.own[field] = uint8(number)
				}
				return true
			})
		}
		return true
	})
}

func (r *rawTypeReader) message(raw []byte, scope string, parent *features, depth int) {
	const fields, ranges, options = 2, 5, 7
	const messageSetFormat, mapEntry, messageFeatures = 1, 7, 12
	if depth > maxNesting {
		return
	}
	d := typeDecl{features: parent}
	count := 0
	eachField(raw, func(field protowire.Number, value []byte, _ uint64) bool {
		switch field {
		case messageName:
			d.Name = joinName(scope, printable(string(value)))
		case fields:
			count++
		case options:
			own := &features{parent: parent}
			own.read(value, messageFeatures)
			if own.own != [lastFeature + 1]uint8{} {
				d.features = own
			}
			eachField(value, func(field protowire.Number, _ []byte, number uint64) bool {
				switch {
				case field == messageSetFormat:
					d.messageSet = number != 0
				case field == mapEntry && number != 0:
					d.Form = identify.Entry
				}
				return true
			})
		}
		return true
	})
	d.refs = make([]fieldDecl, 0, count)
	eachField(raw, func(field protowire.Number, value []byte, _ uint64) bool {
		switch field {
		case fields:
			f := rawField(value, d.Name, d.features)
			f.inEntry = d.Form == identify.Entry
			d.refs = append(d.refs, f)
		case messageNested:
			r.message(value, d.Name, d.features, depth+1)
		case messageEnum:
			r.enum(value, d.Name, d.features)
		case messageExtension:
			r.extension(value, d.Name, d.features)
		case ranges:
			if first, end := rawRange(value); first < end {
				d.Extensions = append(d.Extensions, [2]int32{first, end - 1})
			}
		}
		return true
	})
	r.out.messages = append(r.out.messages, d)
}

func rawRange(value []byte) (first, end int32) {
	eachField(value, func(field protowire.Number, _ []byte, number uint64) bool {
		switch field {
		case 1:
			first = int32(number)
		case 2:
			end = int32(number)
		}
		return true
	})
	return first, end
}

func (r *rawTypeReader) extension(raw []byte, scope string, parent *features) {
	d := rawField(raw, scope, parent)
	d.Extension = true
	r.out.extensions = append(r.out.extensions, d)
}

func rawField(raw []byte, scope string, parent *features) fieldDecl {
	const number, labelled, kind, typeName, options, oneof, proto3Optional = 3, 4, 5, 6, 8, 9, 17
	const packed, fieldFeatures = 2, 21
	d := fieldDecl{scope: scope, features: parent}
	d.Sub = -1
	synthetic := false
	eachField(raw, func(field protowire.Number, value []byte, n uint64) bool {
		switch field {
		case number:
			d.Number = int32(n)
		case labelled:
			switch n {
			case 2:
				d.label = requiredLabel
			case 3:
				d.label = repeatedLabel
			}
		case kind:
			if n <= uint64(protoreflect.Sint64Kind) {
				d.Kind = protoreflect.Kind(n)
			}
		case typeName:
			d.ref = string(value)
		case fieldExtendee:
			d.extendee = string(value)
		case oneof:
			d.Oneof = uint16(min(n, 1<<15)) + 1
		case proto3Optional:
			synthetic = n != 0
		case options:
			own := &features{parent: parent}
			own.read(value, fieldFeatures)
			if own.own != [lastFeature + 1]uint8{} {
				d.features = own
			}
			eachField(value, func(field protowire.Number, _ []byte, n uint64) bool {
				if field == packed {
					d.packed = 1
					if n == 0 {
						d.packed = -1
					}
				}
				return true
			})
		}
		return true
	})
	if synthetic {
		d.Oneof, d.label = 0, optionalLabel
	}
	return d
}

func (r *rawTypeReader) enum(raw []byte, scope string, parent *features) {
	const values, options, enumFeatures = 2, 3, 7
	d := enumDecl{features: parent}
	eachField(raw, func(field protowire.Number, value []byte, _ uint64) bool {
		switch field {
		case messageName:
			d.name = joinName(scope, printable(string(value)))
		case values:
			var number int32
			eachField(value, func(field protowire.Number, _ []byte, n uint64) bool {
				if field == 2 {
					number = int32(n)
				}
				return true
			})
			d.numbers = append(d.numbers, number)
		case options:
			own := &features{parent: parent}
			own.read(value, enumFeatures)
			d.features = own
		}
		return true
	})
	r.out.enums = append(r.out.enums, d)
}
