package descriptors_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/descriptors"
	"github.com/pbscope/pbscope/descriptors/sample"
	"github.com/pbscope/pbscope/descriptors/standard"
	"github.com/pbscope/pbscope/inspect/identify"
	"github.com/pbscope/pbscope/inspect/plan"
)

// treeVariable names a schema to measure identify over: a descriptor set, or a
// directory of .proto files. Where it is unset, the fixtures and the standard
// files are taken.
const treeVariable = "PBSCOPE_SCHEMA_TREE"

// maxTrials bounds how many types are tried; of more, some are taken evenly.
const maxTrials = 1000

// identifyTree is the schema to measure over.
func identifyTree(t testing.TB) descriptors.Sources {
	src := descriptors.Sources{}
	path := os.Getenv(treeVariable)
	switch info, err := os.Stat(path); {
	case path == "":
		src.ImportPaths = []string{"../fixtures/schemas"}
		for _, name := range standard.Paths() {
			if strings.HasPrefix(name, "google/") {
				src.Protos = append(src.Protos, name)
			}
		}
		src.Protos = append(src.Protos, "trades/trades.proto", "tws/session.proto", "tws/market.proto", "tws/orders.proto",
			"grpctest/grpctest.proto", "user/v1/user.proto")
	case err != nil:
		t.Fatal(err)
	case info.IsDir():
		src.ImportPaths = []string{path}
	default:
		src.DescriptorSets = []string{path}
	}
	return src
}

func tableOf(t testing.TB, src descriptors.Sources) *identify.Table {
	table, err := descriptors.Types(src)
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// trials are types of a table with random samples of each.
func trials(t testing.TB, src descriptors.Sources, table *identify.Table, samples int, yield func(name string, samples [][]byte)) {
	schema, err := descriptors.Open(src)
	if err != nil {
		t.Fatal(err)
	}
	plans := plan.NewSet(schema)
	var names []string
	for i := range table.Types {
		if typ := &table.Types[i]; typ.Candidate && len(typ.Fields) > 0 {
			names = append(names, typ.Name)
		}
	}
	step := float64(len(names)) / float64(min(len(names), maxTrials))
	for at := 0.0; int(at) < len(names); at += step {
		m := plans.Named(protoreflect.FullName(names[int(at)]))
		if m == nil || sample.Possible(m) != nil {
			continue
		}
		var made [][]byte
		for i := range samples {
			bytes, err := sample.Random(nil, m, sample.Source(uint64(at), uint64(i)), sample.Options{})
			if err != nil {
				t.Fatal(err)
			}
			made = append(made, bytes)
		}
		yield(string(m.Name), made)
	}
}

// BenchmarkIdentify measures how often the right type comes first over three
// random samples, alone or tied with types that these samples cannot tell from
// it, and how many tie then.
func BenchmarkIdentify(b *testing.B) {
	src := identifyTree(b)
	table := tableOf(b, src)
	for b.Loop() {
		var tied []int
		trialCount, alone := 0, 0
		trials(b, src, table, 3, func(name string, samples [][]byte) {
			trialCount++
			r := table.Rank(samples, identify.Options{})
			if place := r.Place(name); place != 1 {
				b.Logf("%s comes at place %d, first is %s", name, place, r.Candidates[0].Type)
				return
			}
			tied = append(tied, r.Candidates[0].Tied)
			if r.Candidates[0].Tied == 1 {
				alone++
			}
		})
		slices.Sort(tied)
		b.ReportMetric(100*float64(len(tied))/float64(trialCount), "right-%")
		b.ReportMetric(100*float64(alone)/float64(trialCount), "alone-%")
		b.ReportMetric(float64(tied[len(tied)/2]), "median-tied")
		b.ReportMetric(float64(trialCount), "trials")
	}
}

// BenchmarkTypes measures how long the table of a schema takes.
func BenchmarkTypes(b *testing.B) {
	src := identifyTree(b)
	for b.Loop() {
		b.ReportMetric(float64(len(tableOf(b, src).Types)), "types")
	}
}
