package cmd

import (
	"bufio"
	"bytes"
	"compress/gzip"
	little "encoding/binary"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/pbscope/pbscope/descriptors"
	"github.com/pbscope/pbscope/inspect/plan"
	"github.com/pbscope/pbscope/inspect/transcode"
)

// recordedCase is one line of the recorded conformance cases.
type recordedCase struct {
	Name         string
	Level        string
	MessageType  protoreflect.FullName `json:"message_type"`
	Input        string
	Payload      []byte `json:"payload_b64"`
	Output       string
	Category     string
	PrintUnknown bool `json:"print_unknown"`
	Expect       struct {
		Kind string
		Wire []byte `json:"wire_b64"`
	}
}

func recordedCases(t *testing.T, dir string) []recordedCase {
	t.Helper()
	file, err := os.Open(filepath.Join(dir, "cases.jsonl.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	unzipped, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	var cases []recordedCase
	for lines := json.NewDecoder(bufio.NewReaderSize(unzipped, 1<<20)); lines.More(); {
		var c recordedCase
		if err := lines.Decode(&c); err != nil {
			t.Fatal(err)
		}
		cases = append(cases, c)
	}
	return cases
}

// request is the ConformanceRequest of the case, as the runner writes it.
func (c recordedCase) request() []byte {
	payload := map[string]protowire.Number{"protobuf": 1, "json": 2, "text": 8}[c.Input]
	output := map[string]uint64{"protobuf": 1, "json": 2, "text": 4}[c.Output]
	category := map[string]uint64{"binary": 1, "json": 2, "json_ignore_unknown": 3, "text_format": 5}[c.Category]
	b := protowire.AppendTag(nil, payload, protowire.BytesType)
	b = protowire.AppendBytes(b, c.Payload)
	b = protowire.AppendTag(b, 3, protowire.VarintType)
	b = protowire.AppendVarint(b, output)
	b = protowire.AppendTag(b, 4, protowire.BytesType)
	b = protowire.AppendString(b, string(c.MessageType))
	b = protowire.AppendTag(b, 5, protowire.VarintType)
	b = protowire.AppendVarint(b, category)
	if c.PrintUnknown {
		b = protowire.AppendTag(b, 9, protowire.VarintType)
		b = protowire.AppendVarint(b, 1)
	}
	return b
}

// runner is the other end of the command's pipes.
type runner struct {
	t    *testing.T
	in   *os.File
	out  *bufio.Reader
	done chan error
}

// startRunner runs `conformance -d set` in this process.
func startRunner(t *testing.T, set string) *runner {
	t.Helper()
	stdin, in, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	out, stdout, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	a := newApp()
	a.stdin, a.stdout = stdin, stdout
	r := &runner{t: t, in: in, out: bufio.NewReader(out), done: make(chan error, 1)}
	root := newRoot(a, "conformance")
	root.SetArgs([]string{"conformance", "-d", set})
	go func() {
		err := root.Execute()
		stdout.Close()
		r.done <- err
	}()
	t.Cleanup(func() { in.Close(); out.Close(); stdin.Close() })
	return r
}

// ask is the one field of the response to a request, and its content.
func (r *runner) ask(request []byte) (field protowire.Number, content []byte) {
	r.t.Helper()
	if _, err := r.in.Write(append(little.LittleEndian.AppendUint32(nil, uint32(len(request))), request...)); err != nil {
		r.t.Fatal(err)
	}
	var length uint32
	if err := little.Read(r.out, little.LittleEndian, &length); err != nil {
		r.t.Fatal(err, <-r.done)
	}
	response := make([]byte, length)
	if _, err := io.ReadFull(r.out, response); err != nil {
		r.t.Fatal(err)
	}
	field, typ, n := protowire.ConsumeTag(response)
	if n < 0 || typ != protowire.BytesType {
		r.t.Fatalf("the response %x begins with no length-delimited field", response)
	}
	content, m := protowire.ConsumeBytes(response[n:])
	if m < 0 || n+m != len(response) {
		r.t.Fatalf("the response %x is not one field", response)
	}
	return field, content
}

// stop ends the input and waits for the command.
func (r *runner) stop() {
	r.t.Helper()
	r.in.Close()
	if err := <-r.done; err != nil {
		r.t.Error(err)
	}
}

// TestConformanceSuite plays every recorded case of the official suite
// through the command, as its runner would.
func TestConformanceSuite(t *testing.T) {
	dir := os.Getenv("PBSCOPE_CONFORMANCE")
	if dir == "" {
		t.Skip("PBSCOPE_CONFORMANCE does not name the folder of the conformance data")
	}
	set := filepath.Join(dir, "test_messages.binpb")
	schema, err := descriptors.Open(descriptors.Sources{DescriptorSets: []string{set}})
	if err != nil {
		t.Fatal(err)
	}
	judge := &judge{schema: schema, plans: plan.NewSet(schema)}
	r := startRunner(t, set)
	first := protowire.AppendString(protowire.AppendTag(nil, 4, protowire.BytesType), "conformance.FailureSet")
	if field, content := r.ask(first); field != 3 || len(content) > 0 {
		t.Errorf("the failure set is field %d with %q, want an empty protobuf_payload", field, content)
	}
	passed, failed := make(map[string]int), 0
	for _, c := range recordedCases(t, dir) {
		field, content := r.ask(c.request())
		if fault := judge.fault(c, field, content); fault != "" {
			failed++
			t.Errorf("%s: %s", c.Name, fault)
			continue
		}
		passed[c.Level]++
		passed[c.Expect.Kind]++
	}
	r.stop()
	t.Logf("%d failed, passed: %v; texts that only we can read: %d", failed, passed, judge.ours)
	if passed["required"] != 5165 || passed["recommended"] != 1393 {
		t.Errorf("%d required and %d recommended cases passed, want 5165 and 1393", passed["required"], passed["recommended"])
	}
}

// judge decides whether an answer is what a case expects. Messages are
// compared as protobuf-go reads them.
type judge struct {
	schema *descriptors.Schema
	plans  *plan.Set
	ours   int // texts with unknown fields, which only we can read
}

// fault is what is wrong with the response to a case, "" if nothing is.
func (j *judge) fault(c recordedCase, field protowire.Number, content []byte) string {
	want := map[string]protowire.Number{"protobuf": 3, "json": 4, "text": 8}[c.Output]
	switch c.Expect.Kind {
	case "parse_error":
		want = 1
	case "serialize_error":
		want = 6
	}
	if field != want {
		return "the response has field " + string('0'+rune(field)) + ": " + string(content)
	}
	switch c.Expect.Kind {
	case "parse_error", "serialize_error":
		if len(content) == 0 {
			return "the error says nothing"
		}
		return ""
	case "same_bytes":
		return unequal(content, c.Expect.Wire)
	case "same_unknown_order":
		// The message has nothing but unknown fields.
		return unequal(content, c.Payload)
	case "json_validator":
		return invalid(c, content)
	case "equivalent":
		return j.different(c, content)
	}
	return "nobody knows what " + c.Expect.Kind + " means"
}

func unequal(got, want []byte) string {
	if bytes.Equal(got, want) {
		return ""
	}
	return strings.Join([]string{"got", hexOf(got), "want", hexOf(want)}, " ")
}

func hexOf(b []byte) string { return string(appendHex(nil, b)) }

func appendHex(dst, b []byte) []byte {
	const digits = "0123456789abcdef"
	for _, c := range b {
		dst = append(dst, digits[c>>4], digits[c&15])
	}
	return dst
}

// invalid holds the JSON of a validator's case to the property that its name
// states: which members there are, and what each is, as it is written.
func invalid(c recordedCase, doc []byte) string {
	name := strings.Split(c.Name, ".")[3]
	want, ok := map[string]map[string]string{
		"FieldNameInLowerCamelCase":       {"fieldname1": "1", "fieldName2": "2", "FieldName3": "3", "fieldName4": "4"},
		"FieldNameWithNumbers":            {"field0name5": "5", "field0Name6": "6"},
		"FieldNameWithMixedCases":         {"fieldName7": "7", "FieldName8": "8", "fieldName9": "9", "FieldName10": "10", "FIELDNAME11": "11", "FIELDName12": "12"},
		"FieldNameWithDoubleUnderscores":  {"FieldName13": "13", "FieldName14": "14", "fieldName15": "15", "fieldName16": "16", "fieldName17": "17", "FieldName18": "18"},
		"FieldNameExtension":              {"[protobuf_test_messages." + fileOf(c) + ".extension_int32]": "1"},
		"SkipsDefaultPrimitive":           {},
		"StoresDefaultPrimitive":          {"FieldName13": "0"},
		"Int64FieldBeString":              {"optionalInt64": `"1"`},
		"Uint64FieldBeString":             {"optionalUint64": `"1"`},
		"EnumFieldUnknownValue":           {"optionalNestedEnum": "123"},
		"DurationHasZeroFractionalDigit":  {"optionalDuration": `"1s"`},
		"DurationHas3FractionalDigits":    {"optionalDuration": `"1.010s"`},
		"DurationHas6FractionalDigits":    {"optionalDuration": `"1.000010s"`},
		"DurationHas9FractionalDigits":    {"optionalDuration": `"1.000000010s"`},
		"TimestampZeroNormalized":         {"optionalTimestamp": `"1970-01-01T00:00:00Z"`},
		"TimestampHasZeroFractionalDigit": {"optionalTimestamp": `"1970-01-01T00:00:00Z"`},
		"TimestampHas3FractionalDigits":   {"optionalTimestamp": `"1970-01-01T00:00:00.010Z"`},
		"TimestampHas6FractionalDigits":   {"optionalTimestamp": `"1970-01-01T00:00:00.000010Z"`},
		"TimestampHas9FractionalDigits":   {"optionalTimestamp": `"1970-01-01T00:00:00.000000010Z"`},
		"NullValueInOtherOneofOldFormat":  {"oneofNullValue": "null"},
		"NullValueInOtherOneofNewFormat":  {"oneofNullValue": "null"},
		"NullValueInNormalMessage":        {},
	}[name]
	if !ok {
		return "nobody knows the property of " + name
	}
	var got map[string]json.RawMessage
	if err := json.Unmarshal(doc, &got); err != nil {
		return err.Error()
	}
	for key, value := range want {
		if string(got[key]) != value {
			return string(doc) + " has no " + key + " of " + value
		}
	}
	if len(got) != len(want) {
		return string(doc) + " has other members"
	}
	return ""
}

// fileOf is the part of the message type's package that the suite's files
// differ in.
func fileOf(c recordedCase) string {
	return strings.TrimPrefix(string(c.MessageType.Parent()), "protobuf_test_messages.")
}

// different compares the message that an output says with the one expected.
func (j *judge) different(c recordedCase, content []byte) string {
	d, err := j.schema.FindMessageByName(c.MessageType)
	if err != nil {
		return err.Error()
	}
	want, got := dynamicpb.NewMessage(d), dynamicpb.NewMessage(d)
	read := proto.UnmarshalOptions{Resolver: types{j.schema}}
	if err := read.Unmarshal(c.Expect.Wire, want); err != nil {
		return err.Error()
	}
	switch c.Output {
	case "json":
		err = protojson.UnmarshalOptions{Resolver: types{j.schema}}.Unmarshal(content, got)
	case "text":
		err = prototext.UnmarshalOptions{Resolver: types{j.schema}}.Unmarshal(content, got)
	default:
		err = read.Unmarshal(content, got)
	}
	if err == nil && proto.Equal(got, want) {
		return ""
	}
	if err == nil || !c.PrintUnknown {
		return string(content) + " is another message"
	}
	// protobuf-go reads no fields by number from text.
	j.ours++
	wire, p := transcode.ParseText(nil, j.plans.Named(c.MessageType), content, transcode.TextOptions{})
	if p != nil {
		return p.Error()
	}
	proto.Reset(got)
	if err := read.Unmarshal(wire, got); err != nil {
		return err.Error()
	}
	if !proto.Equal(got, want) {
		return string(content) + " is " + hexOf(wire) + ", want " + hexOf(c.Expect.Wire)
	}
	return ""
}

// types gives protobuf-go the types of a schema.
type types struct{ schema *descriptors.Schema }

func (r types) FindMessageByName(name protoreflect.FullName) (protoreflect.MessageType, error) {
	d, err := r.schema.FindMessageByName(name)
	if err != nil {
		return nil, err
	}
	return dynamicpb.NewMessageType(d), nil
}

func (r types) FindMessageByURL(url string) (protoreflect.MessageType, error) {
	return r.FindMessageByName(protoreflect.FullName(url[strings.LastIndexByte(url, '/')+1:]))
}

func (r types) FindExtensionByName(name protoreflect.FullName) (protoreflect.ExtensionType, error) {
	d, err := r.schema.FindExtensionByName(name)
	if err != nil {
		return nil, err
	}
	return dynamicpb.NewExtensionType(d), nil
}

func (r types) FindExtensionByNumber(message protoreflect.FullName, number protoreflect.FieldNumber) (protoreflect.ExtensionType, error) {
	d, err := r.schema.FindExtensionByNumber(message, number)
	if err != nil {
		return nil, err
	}
	return dynamicpb.NewExtensionType(d), nil
}
