package artefact

import (
	"bytes"
	"math/bits"

	"google.golang.org/protobuf/encoding/protowire"
)

// maxName bounds the name of a .proto file, in bytes.
const maxName = 1024

// nameAt is the length of the field with which a FileDescriptorProto begins,
// tag included: a name that ends in ".proto". It is 0 where data does not
// begin so; data must hold maxName bytes and the tag, or end with the file.
func nameAt(data []byte) int {
	if len(data) < 2 || data[0] != 0x0a {
		return 0
	}
	length, n := int(data[1]), 2
	if length >= 0x80 {
		if len(data) < 3 || data[2] >= 0x80 || data[2] == 0 {
			return 0
		}
		length, n = length&0x7f|int(data[2])<<7, 3
	}
	if length < len(".proto")+1 || length > maxName || n+length > len(data) {
		return 0
	}
	name := data[n : n+length]
	if string(name[length-len(".proto"):]) != ".proto" || !isPath(name) {
		return 0
	}
	return n + length
}

// outline is what has been seen of a FileDescriptorProto. It decides which
// field can come next, and with that where one ends that has no length before
// it. Every serializer writes fields by ascending number, the shortest
// varints, and single fields once; so the descriptor ends before the first
// field that breaks this order, has a number that no file has, or whose value
// cannot be one of that field: names are identifiers, submessages parse to
// their last byte with the right wire types. Mostly that is the byte after
// "syntax" or "edition", which nothing can follow. A proto2 file has neither;
// then what follows it in memory would have to be the whole of a valid
// further field, a few bytes of text or padding are not.
type outline struct {
	last         protowire.Number
	dependencies uint64
	public, weak uint64 // the last index of either and one
	declares     bool
	editions     bool
	syntax       bool
}

// Field numbers of FileDescriptorProto.
const (
	fileName             = 1
	filePackage          = 2
	fileDependency       = 3
	fileMessage          = 4
	fileEnum             = 5
	fileService          = 6
	fileExtension        = 7
	fileOptions          = 8
	fileSourceInfo       = 9
	filePublicDependency = 10
	fileWeakDependency   = 11
	fileSyntax           = 12
	fileEdition          = 14
	fileOptionDependency = 15
)

// header is a tag, and a length or varint value behind it.
type header struct {
	field  protowire.Number
	length bool // value is the length of what follows
	value  uint64
	size   int
}

// readHeader reads the head of the next field of a file; false for bytes that
// no serializer writes there.
func readHeader(data []byte) (header, bool) {
	if len(data) < 2 || data[0] >= 0x80 {
		return header{}, false
	}
	h := header{field: protowire.Number(data[0] >> 3)}
	value, n := protowire.ConsumeVarint(data[1:])
	if n < 0 || n != varintSize(value) {
		return header{}, false
	}
	h.value, h.size = value, 1+n
	switch protowire.Type(data[0] & 7) {
	case protowire.BytesType:
		h.length = true
	case protowire.VarintType:
	default:
		return header{}, false
	}
	return h, true
}

func varintSize(v uint64) int { return (bits.Len64(v|1) + 6) / 7 }

// allows says whether a field can come next, by its head alone.
func (o *outline) allows(h header) bool {
	switch h.field {
	case fileName, filePackage, fileOptions, fileSourceInfo, fileSyntax:
		if h.field <= o.last || !h.length {
			return false
		}
	case fileDependency, fileMessage, fileEnum, fileService, fileExtension, fileOptionDependency:
		if h.field < o.last || !h.length {
			return false
		}
	case filePublicDependency:
		return h.field >= o.last && !h.length && h.value < o.dependencies && h.value >= o.public
	case fileWeakDependency:
		return h.field >= o.last && !h.length && h.value < o.dependencies && h.value >= o.weak
	case fileEdition:
		return h.field > o.last && !h.length && o.editions && h.value < 1<<31
	default:
		return false
	}
	return true
}

// begins says whether the first bytes of a value can be those of the field;
// it spares reading a value that cannot.
func (o *outline) begins(field protowire.Number, head []byte) bool {
	switch field {
	case fileMessage, fileEnum, fileService, fileExtension:
		if len(head) < 3 || head[0] != 0x0a || head[1] == 0 {
			return false
		}
		return isLetter(head[2]) || head[1] >= 0x80
	case fileSourceInfo:
		return len(head) == 0 || head[0] == 0x0a
	}
	return true
}

// accepts says whether a value can be the field's, and takes note of it if so.
func (o *outline) accepts(h header, value []byte) bool {
	ok := true
	switch h.field {
	case fileName, fileDependency, fileOptionDependency:
		ok = len(value) > 0 && isPath(value)
	case filePackage:
		ok = isFullName(value)
	case fileSyntax:
		ok = string(value) == "proto2" || string(value) == "proto3" || string(value) == "editions"
	case filePublicDependency, fileWeakDependency, fileEdition:
	default:
		ok = valid(fileKind(h.field), value, 0)
	}
	if ok {
		o.note(h, value)
	}
	return ok
}

func (o *outline) note(h header, value []byte) {
	o.last = h.field
	switch h.field {
	case fileDependency:
		o.dependencies++
	case fileMessage, fileEnum, fileService, fileExtension:
		o.declares = true
	case filePublicDependency:
		o.public = h.value + 1
	case fileWeakDependency:
		o.weak = h.value + 1
	case fileSyntax:
		o.syntax, o.editions = true, string(value) == "editions"
	}
}

// complete says whether what has been seen is a file that somebody can use,
// and not only bytes that begin like one.
func (o *outline) complete() bool {
	return o.declares || o.dependencies > 0 || o.syntax
}

// whole says whether all of data is one FileDescriptorProto.
func whole(data []byte) bool {
	var o outline
	rest := data
	for len(rest) > 0 {
		h, ok := readHeader(rest)
		if !ok || !o.allows(h) {
			return false
		}
		rest = rest[h.size:]
		var value []byte
		if h.length {
			if h.value > uint64(len(rest)) {
				return false
			}
			value, rest = rest[:h.value], rest[h.value:]
		}
		if !o.accepts(h, value) {
			return false
		}
	}
	return o.last > 0 && bytes.HasPrefix(data, []byte{0x0a})
}

// isPath says whether bytes can be the name of a .proto file.
func isPath(name []byte) bool {
	for _, c := range name {
		if c < ' ' || c == 0x7f {
			return false
		}
	}
	return true
}

func isLetter(c byte) bool {
	return c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_'
}

func isIdentifier(name []byte) bool {
	if len(name) == 0 || !isLetter(name[0]) {
		return false
	}
	for _, c := range name[1:] {
		if !isLetter(c) && (c < '0' || c > '9') {
			return false
		}
	}
	return true
}

func isFullName(name []byte) bool {
	for {
		part, rest, more := bytes.Cut(name, []byte("."))
		if !isIdentifier(part) {
			return false
		}
		if !more {
			return true
		}
		name = rest
	}
}
