package transcode

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/pbscope/pbscope/inspect/internal/conformance"
	"github.com/pbscope/pbscope/inspect/plan"
)

// textFixtures are sample messages with their types.
func textFixtures(t testing.TB) (plans *plan.Set, types *dynamicpb.Types, payloads map[protoreflect.FullName][][]byte) {
	t.Helper()
	data := filepath.Join("..", "..", "fixtures", "data")
	read := func(name string) []byte {
		b, err := os.ReadFile(filepath.Join(data, filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	types, err := conformance.Types(read("user/user.protoset"))
	if err != nil {
		t.Fatal(err)
	}
	return plan.NewSet(conformance.Resolver{Types: types}), types, map[protoreflect.FullName][][]byte{
		"user.v1.User":     {read("user/user.binpb"), read("user/newer.binpb"), read("user/unknown-any.binpb")},
		"user.v1.Scalars":  {read("user/scalars-max.binpb"), read("user/scalars-min.binpb")},
		"user.v1.Wrappers": {read("user/wrappers.binpb")},
	}
}

// TestTextOfFixtures: the samples are canonical, so that reading what was
// printed gives the same bytes.
func TestTextOfFixtures(t *testing.T) {
	plans, _, payloads := textFixtures(t)
	for name, samples := range payloads {
		m := plans.Named(name)
		for i, payload := range samples {
			for _, typ := range []*plan.Message{m, nil} {
				text, ok := AppendText(nil, typ, payload, TextOptions{})
				if !ok {
					t.Errorf("%s %d is refused", name, i)
					continue
				}
				back, problem := ParseText(nil, typ, text, TextOptions{})
				if problem != nil || !bytes.Equal(back, payload) {
					t.Errorf("%s %d: % x, %v; want % x", name, i, back, problem, payload)
				}
			}
		}
	}
}

// TestTextSample reads the sample that is written by hand.
func TestTextSample(t *testing.T) {
	data := filepath.Join("..", "..", "fixtures", "data", "trades")
	var files [3][]byte
	for i, name := range []string{"trades.protoset", "trade.txtpb", "trade.binpb"} {
		var err error
		if files[i], err = os.ReadFile(filepath.Join(data, name)); err != nil {
			t.Fatal(err)
		}
	}
	types, err := conformance.Types(files[0])
	if err != nil {
		t.Fatal(err)
	}
	m := plan.NewSet(conformance.Resolver{Types: types}).Named("trades.v1.Trade")
	wire, problem := ParseText(nil, m, files[1], TextOptions{})
	if problem != nil || !bytes.Equal(wire, files[2]) {
		t.Errorf("% x, %v; want % x", wire, problem, files[2])
	}
}

// TestTextOfDamage cuts the samples at every byte and changes every byte:
// text format and JSON must accept what protobuf-go accepts, and nothing else,
// and what is printed must mean what protobuf-go has read.
func TestTextOfDamage(t *testing.T) {
	plans, types, payloads := textFixtures(t)
	d := NewDecoder(Options{})
	for name, samples := range payloads {
		m := plans.Named(name)
		mt, err := types.FindMessageByName(name)
		if err != nil {
			t.Fatal(err)
		}
		check := func(payload []byte) {
			// protobuf-go panics over a map's entry whose key has another wire
			// type.
			defer func() { _ = recover() }()
			msg := dynamicpb.NewMessage(mt.Descriptor())
			// Unknown fields may lose an overlong spelling of their tags, which
			// does not matter here.
			known := proto.UnmarshalOptions{Resolver: types, DiscardUnknown: true}
			err := known.Unmarshal(payload, msg)
			text, ok := AppendText(nil, m, payload, TextOptions{})
			_, _, json := d.Append(nil, m, payload)
			if ok != (err == nil) || ok != json {
				if !textLongTag(payload) {
					t.Errorf("%s % x: as text %t, as JSON %t, protobuf-go says %v", name, payload, ok, json, err)
				}
				return
			}
			if !ok {
				return
			}
			back, problem := ParseText(nil, m, text, TextOptions{})
			again := dynamicpb.NewMessage(mt.Descriptor())
			if problem != nil || known.Unmarshal(back, again) != nil || !proto.Equal(withoutAny(msg), withoutAny(again)) {
				t.Errorf("%s % x: read back from\n%s\n% x, %v", name, payload, text, back, problem)
			}
		}
		for _, payload := range samples {
			for i := range payload {
				check(payload[:i])
				changed := bytes.Clone(payload)
				for _, flip := range []byte{0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80, 0xff} {
					changed[i] = payload[i] ^ flip
					check(changed)
				}
			}
		}
	}
}

// textLongTag says whether a tag of the outermost level, or anything that looks
// like one, has more than five bytes: protobuf-go alone accepts that.
func textLongTag(b []byte) bool {
	run := 0
	for _, c := range b {
		if c < 0x80 {
			run = 0
		} else if run++; run >= 5 {
			return true
		}
	}
	return false
}

// withoutAny takes the Any of user.v1.User away, whose bytes are written anew.
func withoutAny(m *dynamicpb.Message) *dynamicpb.Message {
	if f := m.Descriptor().Fields().ByName("profile"); f != nil {
		m.Clear(f)
	}
	return m
}

// TestTextZeroValues: an absent field without presence and one that is given
// as zero are the same; a string that holds a byte of zero is not.
func TestTextZeroValues(t *testing.T) {
	plans, _, _ := textFixtures(t)
	m := plans.Named("user.v1.Scalars")
	for _, c := range []struct{ text, wire string }{
		{`int32_value: 0 double_value: 0 float_value: 0.0 bool_value: false string_value: "" bytes_value: '' sfixed64_value: 0`, ""},
		{`string_value: "\0"`, "72 01 00"},
		{`bytes_value: "\0\0"`, "7a 02 00 00"},
		{`double_value: -0`, "09 00 00 00 00 00 00 00 80"},
		{`float_value: -0.0`, "15 00 00 00 80"},
		{`int32s: 0 strings: ""`, "ba 01 01 00 92 02 00"},
	} {
		wire, problem := ParseText(nil, m, []byte(c.text), TextOptions{})
		if problem != nil || !bytes.Equal(wire, unhex(t, c.wire)) {
			t.Errorf("%s: % x, %v; want %s", c.text, wire, problem, c.wire)
		}
	}
}

func TestTextPrintsNoZeroWithoutPresence(t *testing.T) {
	plans, _, _ := textFixtures(t)
	for _, c := range []struct {
		name       protoreflect.FullName
		wire, text string
	}{
		{"user.v1.User", "08 00 12 00", ""},
		{"user.v1.User", "08 01 08 00", ""},
		{"user.v1.User", "20 80 80 80 80 10", ""}, // 2^32
		{"user.v1.User", "08 80 80 80 80 10", "id: 4294967296\n"},
		{"user.v1.User", "68 00 52 00", "age: 0\nuser_name: \"\"\n"},
		{"user.v1.User", "4a 02 08 00", "other_addresses {\n  key: 0\n  value {\n  }\n}\n"},
		{"user.v1.Scalars", "09 00 00 00 00 00 00 00 80 15 00 00 00 00", "double_value: -0\n"},
	} {
		text, ok := AppendText(nil, plans.Named(c.name), unhex(t, c.wire), TextOptions{})
		if !ok || string(text) != c.text {
			t.Errorf("%s: %q, %t; want %q", c.wire, text, ok, c.text)
		}
	}
}
