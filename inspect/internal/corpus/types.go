// Package corpus is what the engines' tests run over: message types of every
// kind of schema, messages made by chance, and the samples of the fixtures and
// of the conformance suite.
//
// It is used by tests only. The conformance suite's part is there where
// PBSCOPE_CONFORMANCE names its folder (see package conformance); the rest
// always is.
package corpus

import (
	"os"
	"path/filepath"
	"testing"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/inspect/internal/conformance"
	"github.com/pbscope/pbscope/inspect/plan"
)

// Type is a message type with the schema that it is from.
type Type struct {
	*plan.Message
	Suite *conformance.Suite
}

// Types are message types of all schemas, in an order that only grows at its
// end: fuzz targets choose one by its place.
type Types []Type

// At is the type of that number, counted in a circle.
func (t Types) At(number uint8) Type { return t[int(number)%len(t)] }

// Number is the place of a type, -1 if it is not there.
func (t Types) Number(name protoreflect.FullName) int {
	for i := range t {
		if t[i].Name == name {
			return i
		}
	}
	return -1
}

// Load makes the types.
func Load(t testing.TB) Types {
	t.Helper()
	var types Types
	add := func(s *conformance.Suite, names ...protoreflect.FullName) {
		for _, name := range names {
			types = append(types, Type{s.Message(t, name), s})
		}
	}
	root := Root(t)
	add(conformance.Compile(t, Proto2), "t.M", "t.Hold", "t.Needs", "t.Set", "t.Wide",
		"google.protobuf.Any", "google.protobuf.Struct", "google.protobuf.Value", "google.protobuf.ListValue",
		"google.protobuf.Timestamp", "google.protobuf.Duration", "google.protobuf.FieldMask", "google.protobuf.BytesValue",
		"google.protobuf.DoubleValue", "google.protobuf.Empty")
	add(conformance.Compile(t, Proto3), "p.P")
	add(conformance.CompileFiles(t, filepath.Join(root, "fixtures", "schemas"), "user/v1/legacy.proto", "user/v1/modern.proto"),
		"user.v1.LegacyUser", "user.v1.ModernUser")
	for _, f := range []struct {
		set   string
		names []protoreflect.FullName
	}{
		{"user/user.protoset", []protoreflect.FullName{"user.v1.User", "user.v1.Scalars", "user.v1.Wrappers"}},
		{"trades/trades.protoset", []protoreflect.FullName{"trades.v1.MessageWrapper", "trades.v1.Trade", "trades.v1.Quote"}},
	} {
		set, err := os.ReadFile(filepath.Join(root, "fixtures", "data", filepath.FromSlash(f.set)))
		if err != nil {
			t.Fatal(err)
		}
		add(conformance.FromSet(t, set), f.names...)
	}
	if os.Getenv(conformance.Variable) != "" {
		add(conformance.Schema(t), "protobuf_test_messages.proto3.TestAllTypesProto3",
			"protobuf_test_messages.proto2.TestAllTypesProto2",
			"protobuf_test_messages.editions.TestAllTypesEdition2023",
			"protobuf_test_messages.editions.proto3.TestAllTypesProto3",
			"protobuf_test_messages.editions.proto2.TestAllTypesProto2",
			"protobuf_test_messages.proto2.TestAllTypesProto2.MessageSetCorrect")
	}
	return types
}

// Root is the folder of the repository.
func Root(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	for err == nil {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			break
		}
		dir = filepath.Dir(dir)
	}
	t.Fatal("the tests do not run within the repository")
	return ""
}
