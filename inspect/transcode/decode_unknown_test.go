package transcode

import (
	"bytes"
	"runtime"
	"testing"

	"github.com/pbscope/pbscope/inspect/internal/conformance"
	"github.com/pbscope/pbscope/inspect/internal/corpus"
)

// A message of the smallest fields without a schema: what is allocated for it
// is its JSON, once, and nothing of it is kept afterwards.
func TestSchemalessTakesItsOutput(t *testing.T) {
	payload := bytes.Repeat([]byte{8, 1}, 1<<20)
	d := NewDecoder(Options{})
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	out, _, ok := d.Append(nil, nil, payload)
	runtime.ReadMemStats(&after)
	if !ok {
		t.Fatal("refused")
	}
	if took := after.TotalAlloc - before.TotalAlloc; took > uint64(len(out))*3/2 {
		t.Errorf("%d bytes allocated for %d bytes of JSON", took, len(out))
	}
}

func TestManyUnknownFieldsAreForgotten(t *testing.T) {
	m := conformance.Compile(t, corpus.Proto2).Message(t, "t.M")
	payload := bytes.Repeat([]byte{0xf8, 0x3f, 1}, keepUnknowns+1)
	d := NewDecoder(Options{})
	if _, _, ok := d.Append(nil, m, payload); !ok {
		t.Fatal("refused")
	}
	if cap(d.unknown) > 0 {
		t.Errorf("room for %d unknown fields is kept", cap(d.unknown))
	}
}
