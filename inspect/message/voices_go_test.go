package message_test

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/pbscope/pbscope/inspect/internal/corpus"
	"github.com/pbscope/pbscope/inspect/message"
	"github.com/pbscope/pbscope/inspect/span"
	"github.com/pbscope/pbscope/inspect/wire"
)

// goFault is a way in which protobuf-go's dynamic messages are known to say
// something else than both engines; see TestProtobufGoFaults for each.
type goFault string

const (
	longTag     goFault = "reads a tag of more than five bytes"
	extension   goFault = "does not validate the strings of extensions"
	messageSet  goFault = "knows no MessageSet"
	closedEnum  goFault = "takes unnamed numbers of closed enums for values"
	keyPanic    goFault = "panics over a map's entry with a second key of another wire type"
	entryLevels goFault = "counts a map's entry as a level of nesting"
	// The next two are no faults, but what JSON cannot say.
	badKey   goFault = "has map keys that are not UTF-8"
	standsIn goFault = "has values without a place in ProtoJSON"
)

// third compares what both engines say of a payload with what protobuf-go's
// dynamic messages say: the verdict, and where they accept, that our JSON reads
// back as the message that they have made of the bytes. fault says why the two
// are not compared, if they are not.
func third(t corpus.Type, payload []byte) (fault goFault, err error) {
	theirs := dynamicpb.NewMessage(t.Desc)
	verdict, panics := unmarshal(t, payload, theirs)
	if panics {
		return keyPanic, nil
	}
	doc, _, ok := message.AppendJSON(nil, t.Message, payload, message.JSONOptions{DropUnknown: true})
	if ok != (verdict == nil) {
		if fault = verdictFault(t, payload, verdict); fault != "" {
			return fault, nil
		}
		return "", fmt.Errorf("%s %x: accepted %t, protobuf-go says %v", t.Name, payload, ok, verdict)
	}
	switch {
	case !ok:
		return "", nil
	case bytes.Contains(doc, []byte(`{"@`)), bytes.Contains(doc, []byte(`,"@bytes":`)):
		return standsIn, nil
	}
	ours := dynamicpb.NewMessage(t.Desc)
	if err := (protojson.UnmarshalOptions{Resolver: t.Suite.Types, RecursionLimit: 20000}).Unmarshal(doc, ours); err != nil {
		return "", fmt.Errorf("%s %x: protobuf-go does not read %s: %w", t.Name, payload, doc, err)
	}
	c := canon{t: t}
	c.message(theirs)
	if c.fault != "" {
		return c.fault, nil
	}
	c.message(ours)
	if !proto.Equal(ours, theirs) {
		return "", fmt.Errorf("%s %x: %s is not\n%v", t.Name, payload, doc, theirs)
	}
	return "", nil
}

// unmarshal says as well whether protobuf-go met the known panic.
func unmarshal(t corpus.Type, payload []byte, m proto.Message) (err error, panics bool) {
	defer func() {
		switch r := recover(); {
		case r == nil:
		case strings.Contains(fmt.Sprint(r), "cannot convert nil to map key"):
			panics = true
		default:
			panic(r)
		}
	}()
	return proto.UnmarshalOptions{Resolver: t.Suite.Types, DiscardUnknown: true}.Unmarshal(payload, m), false
}

// verdictFault is the known fault that explains another verdict than ours.
func verdictFault(t corpus.Type, payload []byte, verdict error) goFault {
	p := message.Diagnose(t.Message, payload, message.Options{})
	if p == nil {
		if strings.Contains(verdict.Error(), "recursion") {
			return entryLevels
		}
		return ""
	}
	if p.Tag == span.VarintOverflow && strings.HasPrefix(p.Message, "a tag longer") {
		return longTag
	}
	// Where the path leads through an extension.
	for _, part := range strings.Split(p.Path, "[")[1:] {
		name, _, _ := strings.Cut(part, "]")
		x, err := t.Suite.Types.FindExtensionByName(protoreflect.FullName(name))
		switch {
		case err != nil:
		case t.Set().Message(x.TypeDescriptor().ContainingMessage()).MessageSet:
			return messageSet
		case p.Tag == span.InvalidUTF8:
			return extension
		}
	}
	return ""
}

// canon makes a message comparable: the bytes of an Any are written anew, and a
// Value's null has the number 0, which is all that JSON can say. fault is what
// of it JSON cannot say.
type canon struct {
	t     corpus.Type
	fault goFault
}

func (c *canon) message(m protoreflect.Message) {
	switch m.Descriptor().FullName() {
	case "google.protobuf.Any":
		c.any(m)
		return
	case "google.protobuf.Value":
		null := m.Descriptor().Fields().ByNumber(1)
		if m.Has(null) {
			m.Set(null, protoreflect.ValueOfEnum(0))
		}
	}
	if c.t.Set().Message(m.Descriptor()).MessageSet {
		c.fault = messageSet
	}
	m.Range(func(f protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		switch {
		case f.IsMap():
			v.Map().Range(func(key protoreflect.MapKey, v protoreflect.Value) bool {
				if f.MapKey().Kind() == protoreflect.StringKind && !utf8.ValidString(key.String()) {
					c.fault = badKey
				}
				c.value(f.MapValue(), v)
				return true
			})
		case f.IsList():
			for i := range v.List().Len() {
				c.value(f, v.List().Get(i))
			}
		default:
			c.value(f, v)
		}
		return true
	})
}

func (c *canon) value(f protoreflect.FieldDescriptor, v protoreflect.Value) {
	switch {
	case f.Message() != nil:
		c.message(v.Message())
	case f.Enum() != nil && f.Enum().IsClosed() && f.Enum().Values().ByNumber(v.Enum()) == nil:
		c.fault = closedEnum
	}
}

func (c *canon) any(m protoreflect.Message) {
	fields := m.Descriptor().Fields()
	url, content := fields.ByNumber(1), fields.ByNumber(2)
	mt, err := c.t.Suite.Types.FindMessageByURL(m.Get(url).String())
	if err != nil {
		return
	}
	inner := mt.New()
	if err, panics := unmarshal(c.t, m.Get(content).Bytes(), inner.Interface()); err != nil || panics {
		return
	}
	c.message(inner)
	b, _ := proto.MarshalOptions{Deterministic: true, AllowPartial: true}.Marshal(inner.Interface())
	m.Set(content, protoreflect.ValueOfBytes(b))
}

// TestProtobufGoFaults shows each fault of protobuf-go that third allows for,
// by bytes that it reads otherwise than the specification and the conformance
// suite say. A row that protobuf-go passes one day fails, and has to go.
func TestProtobufGoFaults(t *testing.T) {
	types := corpus.Load(t)
	for _, c := range []struct {
		fault goFault
		// why it is one, with the case of the conformance suite that says so.
		why       string
		typ, wire string
		json      string // what it is; "" if it must be refused
	}{
		{longTag, "a tag is a varint of 32 bits: Required.Proto3.ProtobufInput.BadTag_OverlongVarint",
			"t.M", "888080808000 01", ""},
		{extension, "strings of extensions are validated as the feature says: Recommended.Editions.ProtobufInput.RejectInvalidUtf8.String.Extension",
			"protobuf_test_messages.editions.TestAllTypesEdition2023", "aa0804a0b0c0d0", ""},
		{messageSet, "without its build tag protolegacy it keeps no item: Required.Proto2.ProtobufInput.ValidMessageSetEncoding",
			"t.Set", "0b 10e807 1a020801 0c", `{"[t.Item.item]":{"i":1}}`},
		{messageSet, "nor does it see what is broken in one",
			"t.Set", "0b 10e807 1a0208ff 0c", ""},
		{closedEnum, "an unnamed number of a closed enum is an unknown field (protobuf.dev/programming-guides/enum: \"Go … does not conform\")",
			"t.M", "5807", `{}`},
		{closedEnum, "in a packed field too", "t.M", "6202 0507", `{"colors":["GREEN"]}`},
		{closedEnum, "and the entry of a map whole", "t.M", "6a050a01611007", `{}`},
		{keyPanic, "a key of another wire type is an unknown field of the entry, whatever came before",
			"t.M", "5204 0830 0a00", `{"children":{"48":{}}}`},
		{entryLevels, "an entry of a map is not a message that anybody nests: 6,000 levels of messages are below the limit of 10,000",
			"t.M", deepMaps(6000), strings.Repeat(`{"children":{"0":`, 6000) + `{}` + strings.Repeat(`}}`, 6000)},
	} {
		i := types.Number(protoreflect.FullName(c.typ))
		if i < 0 {
			t.Logf("%s: no conformance data, passed over", c.why)
			continue
		}
		payload := unhex(t, c.wire)
		doc, _, ok := message.AppendJSON(nil, types[i].Message, payload, message.JSONOptions{DropUnknown: true})
		if ok != (c.json != "") || string(doc) != c.json {
			t.Errorf("%s: %.100s is %.100s, want %.100s", c.fault, c.wire, doc, c.json)
		}
		if fault, err := third(types[i], payload); fault != c.fault || err != nil {
			t.Errorf("%s: %s: protobuf-go passes now, or fails otherwise: %q %v", c.fault, c.wire[:min(len(c.wire), 100)], fault, err)
		}
	}
}

// deepMaps is levels of t.M within each other, each the value of a map.
func deepMaps(levels int) string {
	var b []byte
	for range levels {
		const children, value = 10, 2
		b = wire.AppendLen(wire.AppendTag(nil, children, wire.Len), wire.AppendLen(wire.AppendTag(nil, value, wire.Len), b))
	}
	return hex.EncodeToString(b)
}

func unhex(t *testing.T, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(text, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestThreeVoices asks all three about every sample and messages made by chance.
func TestThreeVoices(t *testing.T) {
	types := corpus.Load(t)
	c := complaints{t: t}
	counts := make(map[goFault]int)
	ask := func(name string, m corpus.Type, payload []byte) {
		fault, err := third(m, payload)
		counts[fault]++
		c.add(name, err)
	}
	for _, s := range corpus.Of(types.Samples(t), "protobuf", 1<<20) {
		ask(s.Name, types.At(s.Type), s.Data)
		if len(s.Data) < 200 {
			for n := range s.Data {
				ask(s.Name, types.At(s.Type), s.Data[:n])
			}
		}
	}
	for _, m := range types {
		for seed := range rounds() {
			w := corpus.NewWriter(seed, int(seed%4)*10)
			payload := w.Message(m.Message, 0)
			if seed%5 == 4 {
				payload = w.Mutate(payload)
			}
			ask("", m, payload)
		}
	}
	c.total()
	// What is not compared must stay the exception.
	all := 0
	for _, n := range counts {
		all += n
	}
	if counts[""] < all*3/4 {
		t.Errorf("of %d only %d were compared: %v", all, counts[""], counts)
	}
}
