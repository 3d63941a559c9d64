package message

import (
	"os"
	"path/filepath"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/pbscope/pbscope/inspect/plan"
)

// descriptorBytes is a FileDescriptorSet: deep nesting, strings, small fields.
func descriptorBytes(b *testing.B) []byte {
	b.Helper()
	set, err := os.ReadFile(filepath.Join("..", "..", "fixtures", "data", "user", "user.protoset"))
	if err != nil {
		b.Fatal(err)
	}
	return set
}

func BenchmarkExplain(b *testing.B) {
	set, m := descriptorBytes(b), plan.NewSet(nil).Message(descriptorSet())
	b.SetBytes(int64(len(set)))
	b.ReportAllocs()
	for b.Loop() {
		Explain(m, set, Options{})
	}
}

func BenchmarkExplainUntyped(b *testing.B) {
	set := descriptorBytes(b)
	b.SetBytes(int64(len(set)))
	b.ReportAllocs()
	for b.Loop() {
		Explain(nil, set, Options{})
	}
}

func BenchmarkDiagnose(b *testing.B) {
	set, m := descriptorBytes(b), plan.NewSet(nil).Message(descriptorSet())
	b.SetBytes(int64(len(set)))
	b.ReportAllocs()
	for b.Loop() {
		Diagnose(m, set, Options{})
	}
}

// BenchmarkProtojson is what protobuf-go takes for the same bytes to JSON.
func BenchmarkProtojson(b *testing.B) {
	set, d := descriptorBytes(b), descriptorSet()
	b.SetBytes(int64(len(set)))
	b.ReportAllocs()
	for b.Loop() {
		m := dynamicpb.NewMessage(d)
		if err := proto.Unmarshal(set, m); err != nil {
			b.Fatal(err)
		}
		if _, err := protojson.Marshal(m); err != nil {
			b.Fatal(err)
		}
	}
}
