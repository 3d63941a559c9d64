// Package conformance gives tests the recorded cases of the official protobuf
// conformance suite and plans of the message types that they speak of.
//
// It is used by tests only. The data does not lie in the repository: its
// folder is named by the environment variable PBSCOPE_CONFORMANCE, and a test
// that asks for it is skipped where that is unset.
package conformance

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/pbscope/pbscope/inspect/plan"
)

// Variable is the environment variable that names the folder of the data.
const Variable = "PBSCOPE_CONFORMANCE"

// Case is one recorded case.
type Case struct {
	ID   int    `json:"id"`
	Name string `json:"name"`
	// Level is "required" or "recommended".
	Level string `json:"level"`
	// Suite is "binary_json" or "text_format".
	Suite       string                `json:"suite"`
	MessageType protoreflect.FullName `json:"message_type"`
	// Input and Output are "protobuf", "json" or "text".
	Input   string `json:"input"`
	Payload []byte `json:"payload_b64"`
	Output  string `json:"output"`
	// Category is "json_ignore_unknown" where unknown JSON keys are to be
	// passed over.
	Category     string `json:"category"`
	PrintUnknown bool   `json:"print_unknown"`
	Expect       Expect `json:"expect"`
}

// Expect is what must come of a case.
type Expect struct {
	// Kind is "equivalent", "same_bytes", "parse_error", "serialize_error",
	// "json_validator" or "same_unknown_order".
	Kind string `json:"kind"`
	// Wire is the canonical bytes of the message that the output stands for.
	Wire []byte `json:"wire_b64"`
	Text string `json:"text"`
}

// Suite is the cases and their schema.
type Suite struct {
	Cases []Case
	// Plans resolves every message and extension of the schema.
	Plans *plan.Set
	// Types are the same types for protobuf-go.
	Types *dynamicpb.Types
}

// Load reads the recorded cases, or skips the test where they are not there.
func Load(t testing.TB) *Suite {
	t.Helper()
	s := Schema(t)
	file, err := os.Open(filepath.Join(os.Getenv(Variable), "cases.jsonl.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	unzipped, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	lines := json.NewDecoder(bufio.NewReaderSize(unzipped, 1<<20))
	for lines.More() {
		var c Case
		if err := lines.Decode(&c); err != nil {
			t.Fatal(err)
		}
		s.Cases = append(s.Cases, c)
	}
	if len(s.Cases) == 0 {
		t.Fatal("no conformance cases in " + file.Name())
	}
	return s
}

// Schema is the suite without its cases.
func Schema(t testing.TB) *Suite {
	t.Helper()
	dir := os.Getenv(Variable)
	if dir == "" {
		t.Skip(Variable + " does not name the folder of the conformance data")
	}
	set, err := os.ReadFile(filepath.Join(dir, "test_messages.binpb"))
	if err != nil {
		t.Fatal(err)
	}
	return FromSet(t, set)
}

// FromSet is a suite without cases for the bytes of a FileDescriptorSet.
func FromSet(t testing.TB, set []byte) *Suite {
	t.Helper()
	types, err := Types(set)
	if err != nil {
		t.Fatal(err)
	}
	return &Suite{Plans: plan.NewSet(Resolver{types}), Types: types}
}

// Message is the plan of a type that must be there.
func (s *Suite) Message(t testing.TB, name protoreflect.FullName) *plan.Message {
	t.Helper()
	m := s.Plans.Named(name)
	if m == nil {
		t.Fatalf("the schema has no %s", name)
	}
	return m
}

// New is an empty message of protobuf-go of a type that must be there.
func (s *Suite) New(t testing.TB, name protoreflect.FullName) *dynamicpb.Message {
	t.Helper()
	mt, err := s.Types.FindMessageByName(name)
	if err != nil {
		t.Fatal(err)
	}
	return dynamicpb.NewMessage(mt.Descriptor())
}
