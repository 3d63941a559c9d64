package transcode

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/inspect/internal/conformance"
	"github.com/pbscope/pbscope/inspect/internal/corpus"
	"github.com/pbscope/pbscope/inspect/plan"
)

// appendCareful is Append with every message gathered from the start.
func (d *Decoder) appendCareful(m *plan.Message, payload []byte) (out []byte, failed int, ok bool) {
	d.reset(payload, true)
	out, ok = d.top(nil, m)
	if !ok {
		return nil, 0, false
	}
	return d.putLaters(out), d.failed, true
}

// TestPassesAgree has the fast pass and gathering say the same of every
// message, whatever the options.
func TestPassesAgree(t *testing.T) {
	s := conformance.Schema(t)
	for _, name := range randomTypes() {
		m := s.Message(t, name)
		for seed := range rounds(t) {
			w := corpus.NewWriter(seed, int(seed%4)*8)
			payload := w.Message(m, 0)
			if seed%5 == 4 {
				payload = w.Mutate(payload)
			}
			for _, o := range allOptions() {
				d := NewDecoder(o)
				fast, failed, ok := d.Append(nil, m, payload)
				slow, slowFailed, slowOK := d.appendCareful(m, payload)
				if ok != slowOK || ok && (failed != slowFailed || string(fast) != string(slow)) {
					t.Fatalf("%s %+v\n%x\nfast %t %d %s\nslow %t %d %s", name, o, payload, ok, failed, fast, slowOK, slowFailed, slow)
				}
				if ok && !json.Valid(fast) {
					t.Fatalf("%s %+v %x: no JSON: %s", name, o, payload, fast)
				}
			}
		}
	}
}

// againstProtobufGo compares with protobuf-go's dynamic messages. These
// differences are known:
//
//   - protobuf-go reads tags of more than five bytes, which the specification
//     of C++ and this engine refuse;
//   - it takes unnamed numbers of closed enums for values (it "does not
//     conform", says its documentation);
//   - a Value whose null_value is not 0 is null in JSON all the same;
//   - its limit of nesting counts entries of maps as levels;
//   - its JSON has no form for an Any that cannot be resolved, for a FieldMask
//     path that does not come back, for an unset Value, and so on: those that
//     stand under an @ key here are not compared.
func againstProtobufGo(t *testing.T, s *conformance.Suite, name protoreflect.FullName, payload []byte) {
	t.Helper()
	m := s.Message(t, name)
	theirs := s.New(t, name)
	err, broke := unmarshal(s, payload, theirs)
	if broke || strings.Contains(theirs.String(), "message_set_correct") {
		return // without its legacy build tag protobuf-go knows no MessageSet
	}
	kept, _, ok := NewDecoder(Options{}).Append(nil, m, payload)
	if ok != (err == nil) {
		if err == nil && hasLongTag(payload) {
			return
		}
		t.Fatalf("%s %x: protobuf-go says %v, here %t %s", name, payload, err, ok, kept)
	}
	if !ok || strings.Contains(string(kept), `{"@`) {
		return
	}
	out, _, _ := NewDecoder(Options{Unknown: DropUnknown}).Append(nil, m, payload)
	if strings.Contains(string(kept), `"@unknown"`) && hasClosedEnums(m) {
		return
	}
	ours := s.New(t, name)
	if err := (protojson.UnmarshalOptions{Resolver: s.Types, RecursionLimit: 20000}).Unmarshal(out, ours); err != nil {
		t.Fatalf("%s %x: %v in %s", name, payload, err, out)
	}
	if !proto.Equal(ours, theirs) && !oddNull.MatchString(theirs.String()) {
		t.Fatalf("%s %x: not the same message\n%s\n%v\n%v", name, payload, out, ours, theirs)
	}
}

// unmarshal says as well whether protobuf-go panicked: its dynamic maps do for
// some entries without a key.
func unmarshal(s *conformance.Suite, payload []byte, m proto.Message) (err error, broke bool) {
	defer func() { broke = recover() != nil }()
	return (proto.UnmarshalOptions{Resolver: s.Types, DiscardUnknown: true}).Unmarshal(payload, m), false
}

// oddNull is a Value's null with another number than 0 in the text of a message.
var oddNull = regexp.MustCompile(`null_value:\s*-?[0-9]`)

func hasClosedEnums(m *plan.Message) bool {
	return m.Desc.ParentFile().Syntax() != protoreflect.Proto3
}

// hasLongTag says whether there may be a tag of more than five bytes: a run of
// bytes with the top bit set that is as long.
func hasLongTag(b []byte) bool {
	run := 0
	for _, c := range b {
		if run++; c < 0x80 {
			run = 0
		}
		if run >= 5 {
			return true
		}
	}
	return false
}

func TestDecodeAgainstProtobufGo(t *testing.T) {
	s := conformance.Schema(t)
	for _, name := range randomTypes()[:5] {
		m := s.Message(t, name)
		for seed := range rounds(t) {
			w := corpus.NewWriter(seed, int(seed%4)*8)
			payload := w.Message(m, 0)
			if seed%5 == 4 {
				payload = w.Mutate(payload)
			}
			againstProtobufGo(t, s, name, payload)
		}
	}
}

func FuzzDecodeAgainstProtobufGo(f *testing.F) {
	s := conformance.Load(f)
	for i, c := range s.Cases {
		if c.Input == "protobuf" && i%7 == 0 {
			f.Add(uint8(0), c.Payload)
			f.Add(uint8(1), c.Payload)
		}
	}
	f.Fuzz(func(t *testing.T, which uint8, payload []byte) {
		names := randomTypes()[:5]
		againstProtobufGo(t, s, names[int(which)%len(names)], payload)
	})
}

// FuzzPassesAgree is TestPassesAgree for any bytes.
func FuzzPassesAgree(f *testing.F) {
	s := conformance.Load(f)
	for i, c := range s.Cases {
		if c.Input == "protobuf" && i%7 == 0 {
			f.Add(uint8(i), uint8(i/7), c.Payload)
		}
	}
	f.Fuzz(func(t *testing.T, which, option uint8, payload []byte) {
		names, options := randomTypes(), allOptions()
		m := s.Message(t, names[int(which)%len(names)])
		d := NewDecoder(options[int(option)%len(options)])
		fast, failed, ok := d.Append(nil, m, payload)
		slow, slowFailed, slowOK := d.appendCareful(m, payload)
		if ok != slowOK || ok && (failed != slowFailed || string(fast) != string(slow)) {
			t.Fatalf("fast %t %d %s\nslow %t %d %s", ok, failed, fast, slowOK, slowFailed, slow)
		}
		if ok && !json.Valid(fast) {
			t.Fatalf("no JSON: %s", fast)
		}
	})
}
