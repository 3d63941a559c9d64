package transcode

import (
	"testing"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// randomTypes are message types with every kind of field between them.
func randomTypes() []protoreflect.FullName {
	return []protoreflect.FullName{
		"protobuf_test_messages.proto3.TestAllTypesProto3",
		"protobuf_test_messages.proto2.TestAllTypesProto2",
		"protobuf_test_messages.editions.TestAllTypesEdition2023",
		"google.protobuf.Struct",
		"google.protobuf.Value",
		"google.protobuf.Any",
		"google.protobuf.Timestamp",
	}
}

// allOptions are settings that between them use every option.
func allOptions() []Options {
	return []Options{
		{},
		{Lossless: true},
		{Sort: true},
		{Defaults: true},
		{Sort: true, Defaults: true, Lossless: true},
		{Int64Numbers: true, BytesHex: true, ProtoNames: true, EnumNumbers: true},
		{Unknown: DropUnknown},
		{Unknown: RefuseUnknown},
		{MaxDepth: 3},
	}
}

func rounds(t testing.TB) uint64 {
	if testing.Short() {
		return 100
	}
	return 800
}
