package sample_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/descriptors"
	"github.com/pbscope/pbscope/descriptors/sample"
	"github.com/pbscope/pbscope/inspect/plan"
	"github.com/pbscope/pbscope/inspect/transcode"
)

// schemas are the schemas that samples are tried with. PBSCOPE_SCHEMAS names
// further import paths, of which all files are taken.
func schemas(t testing.TB) map[string]descriptors.Sources {
	t.Helper()
	fixtures := filepath.Join("..", "..", "fixtures", "schemas")
	all := map[string]descriptors.Sources{
		"trades":   {ImportPaths: []string{filepath.Join(fixtures, "trades")}},
		"user":     {ImportPaths: []string{fixtures}, Protos: []string{filepath.Join(fixtures, "user/v1/user.proto")}},
		"grpctest": {ImportPaths: []string{filepath.Join(fixtures, "grpctest")}},
		"kinds":    {ImportPaths: []string{"testdata"}},
	}
	if dir := os.Getenv("PBSCOPE_CONFORMANCE"); dir != "" {
		all["conformance"] = descriptors.Sources{DescriptorSets: []string{filepath.Join(dir, "test_messages.binpb")}}
	}
	for _, root := range filepath.SplitList(os.Getenv("PBSCOPE_SCHEMAS")) {
		all[root] = descriptors.Sources{ImportPaths: []string{root}}
	}
	return all
}

// filesOf are the files of a schema that declare something. They are compiled
// one by one: a tree may have several versions of one file.
func filesOf(t testing.TB, schema *descriptors.Schema) []protoreflect.FileDescriptor {
	t.Helper()
	var files []protoreflect.FileDescriptor
	last := ""
	for _, e := range schema.Entries() {
		if e.File == last {
			continue
		}
		last = e.File
		fd, err := schema.FindFileByPath(e.File)
		if err != nil {
			t.Errorf("%s: %v", e.File, err)
			continue
		}
		files = append(files, fd)
	}
	return files
}

// checker turns samples into JSON and back.
type checker struct {
	testing.TB
	schema  *descriptors.Schema
	set     *plan.Set
	decoder *transcode.Decoder
	encoder *transcode.Encoder
	samples int
	bytes   int
}

func newChecker(t testing.TB, schema *descriptors.Schema) *checker {
	return &checker{TB: t, schema: schema, set: plan.NewSet(schema),
		decoder: transcode.NewDecoder(transcode.Options{Unknown: transcode.RefuseUnknown}), encoder: transcode.NewEncoder(transcode.EncodeOptions{})}
}

func (c *checker) options() sample.Options {
	return sample.Options{Extensions: c.schema.ExtensionNumbers}
}

// check is the JSON of a sample, which must encode to the same bytes.
func (c *checker) check(m *plan.Message, raw []byte) []byte {
	c.Helper()
	c.samples++
	c.bytes += len(raw)
	text, failed, ok := c.decoder.Append(nil, m, raw)
	if !ok || failed > 0 {
		c.Errorf("%s: %x is refused, %d values failed: %s", m.Name, brief(raw), failed, brief(text))
		return nil
	}
	if !json.Valid(text) {
		c.Errorf("%s: no JSON: %s", m.Name, brief(text))
	}
	again, problem := c.encoder.Append(nil, m, text)
	if problem != nil {
		c.Errorf("%s: %s does not encode: %v", m.Name, brief(text), problem)
	} else if !bytes.Equal(again, raw) {
		at := 0
		for at < min(len(again), len(raw)) && again[at] == raw[at] {
			at++
		}
		c.Errorf("%s: %s encodes to %x in place of %x at byte %d", m.Name, brief(text), brief(again[at:]), brief(raw[at:]), at)
	}
	return text
}

// brief is as much of a text as a report needs.
func brief(text []byte) []byte { return text[:min(len(text), 200)] }

// eachMessage calls visit for the messages of the files but those of maps.
func eachMessage(files []protoreflect.FileDescriptor, visit func(protoreflect.MessageDescriptor)) {
	var each func(protoreflect.MessageDescriptors)
	each = func(messages protoreflect.MessageDescriptors) {
		for i := range messages.Len() {
			if m := messages.Get(i); !m.IsMapEntry() {
				visit(m)
				each(m.Messages())
			}
		}
	}
	for _, fd := range files {
		each(fd.Messages())
	}
}

// TestRoundTrip: every sample of every type decodes, and encodes to the same
// bytes.
func TestRoundTrip(t *testing.T) {
	for name, src := range schemas(t) {
		t.Run(name, func(t *testing.T) {
			schema, err := descriptors.Open(src)
			if err != nil {
				t.Fatal(err)
			}
			files := filesOf(t, schema)
			c, types, examples := newChecker(t, schema), 0, 0
			eachMessage(files, func(d protoreflect.MessageDescriptor) {
				m := c.set.Message(d)
				types++
				x := sample.NewExamples(m, c.options())
				for range 40 {
					raw, more, err := x.Next(nil)
					if err != nil {
						if !strings.Contains(string(d.FullName()), "Endless") && !strings.Contains(string(d.FullName()), "TestAllRequiredTypesProto2") {
							t.Error(err)
						}
						return
					}
					examples++
					c.check(m, raw)
					if !more {
						break
					}
				}
				for i := range uint64(20) {
					raw, err := sample.Random(nil, m, sample.Source(7, i), c.options())
					if err != nil {
						t.Error(err)
					}
					c.check(m, raw)
				}
			})
			t.Logf("%d types, %d examples, %d samples, %d bytes", types, examples, c.samples, c.bytes)
			if types == 0 {
				t.Error("no types")
			}
		})
	}
}
