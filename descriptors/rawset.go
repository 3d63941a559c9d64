package descriptors

import "google.golang.org/protobuf/encoding/protowire"

// Field numbers of google/protobuf/descriptor.proto.
const (
	setFile protowire.Number = 1

	fileName       protowire.Number = 1
	filePackage    protowire.Number = 2
	fileDependency protowire.Number = 3
	fileMessage    protowire.Number = 4
	fileEnum       protowire.Number = 5
	fileService    protowire.Number = 6
	fileExtension  protowire.Number = 7
	fileSourceInfo protowire.Number = 9

	filePublicDependency protowire.Number = 10
	fileOptionDependency protowire.Number = 15

	messageName      protowire.Number = 1
	messageNested    protowire.Number = 3
	messageEnum      protowire.Number = 4
	messageExtension protowire.Number = 6

	serviceMethod protowire.Number = 2

	fieldExtendee protowire.Number = 2

	infoLocation protowire.Number = 1
	locationPath protowire.Number = 1
	locationSpan protowire.Number = 2
)

// eachField calls yield for each field of a message; value is the contents of
// a length-delimited field and nil for others, for which number holds varints.
// It is false when the bytes are no message or yield says false.
func eachField(message []byte, yield func(field protowire.Number, value []byte, number uint64) bool) bool {
	for len(message) > 0 {
		field, kind, n := protowire.ConsumeTag(message)
		if n < 0 {
			return false
		}
		message = message[n:]
		var value []byte
		var number uint64
		switch kind {
		case protowire.BytesType:
			value, n = protowire.ConsumeBytes(message)
			if value == nil {
				value = []byte{}
			}
		case protowire.VarintType:
			number, n = protowire.ConsumeVarint(message)
		default:
			n = protowire.ConsumeFieldValue(field, kind, message)
		}
		if n < 0 {
			return false
		}
		message = message[n:]
		if !yield(field, value, number) {
			return false
		}
	}
	return true
}

// looksLikeSet says whether bytes begin like a FileDescriptorSet: a file,
// whose first field is a name that ends like a .proto file's.
func looksLikeSet(data []byte) bool {
	if len(data) < 4 || data[0] != 0x0a {
		return false
	}
	length, n := protowire.ConsumeVarint(data[1:])
	if n < 0 || length > uint64(len(data)-1-n) {
		return false
	}
	return looksLikeFile(data[1+n : 1+n+int(length)])
}

// looksLikeFile says whether bytes begin like a FileDescriptorProto.
func looksLikeFile(data []byte) bool {
	if len(data) < 3 || data[0] != 0x0a {
		return false
	}
	name, n := protowire.ConsumeBytes(data[1:])
	if n < 0 || len(name) == 0 {
		return false
	}
	for _, c := range name {
		if c < ' ' || c == 0x7f {
			return false
		}
	}
	return n+1 == len(data) || protowire.Number(data[n+1]>>3) >= 1 && data[n+1] < 0x80 && protowire.Number(data[n+1]>>3) <= 14
}
