package transcode

import (
	"encoding/hex"
	"strconv"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/fieldmaskpb"
	"google.golang.org/protobuf/types/known/structpb"
	"google.golang.org/protobuf/types/known/timestamppb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/pbscope/pbscope/inspect/internal/conformance"
	"github.com/pbscope/pbscope/inspect/plan"
	"github.com/pbscope/pbscope/inspect/span"
	"github.com/pbscope/pbscope/inspect/wire"
)

// encodeSchema is a few messages of our own beside the well-known types.
func encodeSchema(t testing.TB) *plan.Set {
	t.Helper()
	const (
		optional = descriptorpb.FieldDescriptorProto_LABEL_OPTIONAL
		required = descriptorpb.FieldDescriptorProto_LABEL_REQUIRED
		repeated = descriptorpb.FieldDescriptorProto_LABEL_REPEATED
	)
	field := func(name string, number int32, label descriptorpb.FieldDescriptorProto_Label, kind descriptorpb.FieldDescriptorProto_Type, typ string) *descriptorpb.FieldDescriptorProto {
		f := &descriptorpb.FieldDescriptorProto{Name: proto.String(name), Number: proto.Int32(number), Label: label.Enum(), Type: kind.Enum()}
		if typ != "" {
			f.TypeName = proto.String(typ)
		}
		return f
	}
	const (
		tInt32  = descriptorpb.FieldDescriptorProto_TYPE_INT32
		tString = descriptorpb.FieldDescriptorProto_TYPE_STRING
		tDouble = descriptorpb.FieldDescriptorProto_TYPE_DOUBLE
		tMsg    = descriptorpb.FieldDescriptorProto_TYPE_MESSAGE
		tEnum   = descriptorpb.FieldDescriptorProto_TYPE_ENUM
		tGroup  = descriptorpb.FieldDescriptorProto_TYPE_GROUP
		tBytes  = descriptorpb.FieldDescriptorProto_TYPE_BYTES
	)
	odd := field("odd", 7, optional, tInt32, "")
	odd.JsonName = proto.String("@unknown")
	mapEntry := &descriptorpb.DescriptorProto{
		Name:    proto.String("CountsEntry"),
		Field:   []*descriptorpb.FieldDescriptorProto{field("key", 1, optional, tString, ""), field("value", 2, optional, tMsg, ".e.Trade")},
		Options: &descriptorpb.MessageOptions{MapEntry: proto.Bool(true)},
	}
	own := &descriptorpb.FileDescriptorProto{
		Name: proto.String("e.proto"), Package: proto.String("e"), Syntax: proto.String("proto2"),
		Dependency: []string{"google/protobuf/any.proto", "google/protobuf/timestamp.proto", "google/protobuf/struct.proto"},
		EnumType: []*descriptorpb.EnumDescriptorProto{{Name: proto.String("Side"), Value: []*descriptorpb.EnumValueDescriptorProto{
			{Name: proto.String("BUY"), Number: proto.Int32(0)}, {Name: proto.String("SELL"), Number: proto.Int32(1)}}}},
		MessageType: []*descriptorpb.DescriptorProto{
			{Name: proto.String("Trade"), ExtensionRange: []*descriptorpb.DescriptorProto_ExtensionRange{{Start: proto.Int32(100), End: proto.Int32(200)}},
				Field: []*descriptorpb.FieldDescriptorProto{
					field("trade_id", 1, optional, tInt32, ""),
					field("price", 2, optional, tDouble, ""),
					field("symbol", 3, optional, tString, ""),
					field("side", 4, optional, tEnum, ".e.Side"),
					field("raw", 5, optional, tBytes, ""),
					field("leg", 6, repeated, tGroup, ".e.Trade.Leg"),
				},
				NestedType: []*descriptorpb.DescriptorProto{{Name: proto.String("Leg"), Field: []*descriptorpb.FieldDescriptorProto{field("n", 1, optional, tInt32, "")}}}},
			{Name: proto.String("Book"), NestedType: []*descriptorpb.DescriptorProto{mapEntry},
				Field: []*descriptorpb.FieldDescriptorProto{
					field("name", 1, required, tString, ""),
					field("trades", 2, repeated, tMsg, ".e.Trade"),
					field("counts", 3, repeated, tMsg, ".e.Book.CountsEntry"),
					field("any", 4, optional, tMsg, ".google.protobuf.Any"),
					field("time", 5, optional, tMsg, ".google.protobuf.Timestamp"),
					field("struct", 6, optional, tMsg, ".google.protobuf.Struct"),
				}},
			{Name: proto.String("Odd"), Field: []*descriptorpb.FieldDescriptorProto{odd}},
			{Name: proto.String("Deep"), Field: []*descriptorpb.FieldDescriptorProto{field("d", 1, optional, tMsg, ".e.Deep"), field("b", 2, optional, tBytes, ""), field("a", 3, optional, tMsg, ".google.protobuf.Any")}},
		},
		Extension: []*descriptorpb.FieldDescriptorProto{{Name: proto.String("note"), Number: proto.Int32(100), Label: optional.Enum(), Type: tString.Enum(), Extendee: proto.String(".e.Trade")}},
	}
	files := []*descriptorpb.FileDescriptorProto{}
	for _, f := range []protoreflect.FileDescriptor{anypb.File_google_protobuf_any_proto, timestamppb.File_google_protobuf_timestamp_proto,
		structpb.File_google_protobuf_struct_proto, durationpb.File_google_protobuf_duration_proto, wrapperspb.File_google_protobuf_wrappers_proto,
		emptypb.File_google_protobuf_empty_proto, fieldmaskpb.File_google_protobuf_field_mask_proto} {
		files = append(files, protodesc.ToFileDescriptorProto(f))
	}
	types, err := conformance.Link(append(files, own)...)
	if err != nil {
		t.Fatal(err)
	}
	return plan.NewSet(conformance.Resolver{Types: types})
}

func TestEncodeTable(t *testing.T) {
	set := encodeSchema(t)
	for _, c := range []struct{ typ, in, want string }{
		{"e.Trade", `{}`, ""},
		{"e.Trade", ` { "trade_id" : 1 , "price" : 1.5 } `, "0801 11000000000000f83f"},
		{"e.Trade", `{"symbol":"x","price":0,"tradeId":-1}`, "08ffffffffffffffffff01 110000000000000000 1a0178"},
		{"e.Trade", `{"tradeId":"1.50e1","side":"SELL"}`, "080f 2001"},
		{"e.Trade", `{"symbol":{"@bytes":"/w=="}}`, "1a01ff"},
		{"e.Trade", `{"raw":"-_8="}`, "2a02fbff"},
		{"e.Trade", `{"leg":[{"n":1},{}]}`, "33080134 3334"},
		{"e.Trade", `{"[e.note]":"n","tradeId":1}`, "0801 a206016e"},
		{"e.Trade", `{"@unknown":[{"field":50,"wire":"varint","value":"300"},{"field":51,"wire":"i32","value":7},{"field":52,"wire":"i64","value":"8"},{"field":53,"wire":"len","value":"AQI="},{"field":54,"wire":"group","value":[{"field":1,"wire":"varint","value":1}]}],"tradeId":1}`,
			"0801 9003ac02 9d0307000000 a1030800000000000000 aa03020102 b3030801b403"},
		{"e.Trade", `{"tradeId":1,"@wire":"iAEB"}`, "0801"},         // field 17: another message
		{"e.Trade", `{"tradeId":1,"@wire":"CIGAAA=="}`, "08818000"}, // a padded varint
		{"e.Trade", `{"tradeId":2,"@wire":"CIGAAA=="}`, "0802"},     // edited
		{"e.Trade", `{"tradeId":1,"@wire":"/w=="}`, "0801"},
		{"e.Trade", `{"@error":{"tag":"truncated","offset":0},"@raw":"/w=="}`, "ff"},
		{"e.Odd", `{"@unknown":5}`, "3805"},
		{"e.Book", `{"name":"n","counts":{"b":{},"a":{"tradeId":1}}}`, "0a016e 1a050a01621200 1a070a016112020801"},
		{"e.Book", `{"name":"","time":"1970-01-01T00:00:01.5+00:00"}`, "0a00 2a080801 1080cab5ee01"},
		{"e.Book", `{"name":"","time":{"@error":{"tag":"no-json-form"},"@raw":"CP//////Pw=="}}`, "0a00 2a0708ffffffffff3f"},
		{"e.Book", `{"name":"","time":{"@value":"1970-01-01T00:00:01Z","@unknown":[{"field":9,"wire":"varint","value":"1"}]}}`, "0a00 2a0408014801"},
		{"e.Book", `{"name":"","struct":{"@error":1,"b":null}}`, "0a00 321e 0a130a06406572726f72120911000000000000f03f 0a070a016212020800"},
		{"e.Book", `{"name":"","struct":{"@error":{"tag":"no-json-form"},"@raw":"CgA="}}`, "0a00 32020a00"},
		{"e.Book", `{"name":"","any":{"@type":"x/e.Odd","@unknown":1}}`, "0a00 220d 0a07782f652e4f6464 12023801"},
		{"e.Book", `{"name":"","any":{"@type":"x/y","@bytes":"AQ=="}}`, "0a00 2208 0a03782f79 120101"},
		{"e.Book", `{"name":"","any":{"@bytes":"AQ==","@type":"x/y"}}`, "0a00 2208 0a03782f79 120101"},
		{"e.Book", `{"name":"","any":{}}`, "0a00 2200"},
		{"google.protobuf.Any", `{"value":"1s","@type":"x/google.protobuf.Duration"}`, "0a1a" + hex.EncodeToString([]byte("x/google.protobuf.Duration")) + "12020801"},
		{"google.protobuf.Any", `{"@type":"/google.protobuf.Any","value":{"value":{},"@type":"/google.protobuf.Struct"}}`,
			"0a14" + hex.EncodeToString([]byte("/google.protobuf.Any")) + "1219 0a17" + hex.EncodeToString([]byte("/google.protobuf.Struct"))},
		{"google.protobuf.Any", `{"@type":"/google.protobuf.Empty","value":{}}`, "0a16" + hex.EncodeToString([]byte("/google.protobuf.Empty"))},
		{"google.protobuf.Any", `{"@type":"/google.protobuf.Empty"}`, "0a16" + hex.EncodeToString([]byte("/google.protobuf.Empty"))},
		{"google.protobuf.Value", `null`, "0800"},
		{"google.protobuf.Duration", `"-0.000000001s"`, "10ffffffffffffffffff01"},
		{"google.protobuf.Duration", `{"@value":"0s","@wire":"CAA="}`, "0800"},
		{"google.protobuf.Struct", `{"@value":{},"@wire":"CgA="}`, ""},
		{"google.protobuf.FieldMask", `"a.bC,d"`, "0a05612e625f630a0164"},
		{"google.protobuf.Int64Value", `"5"`, "0805"},
		{"google.protobuf.BytesValue", `""`, ""},
		{"", `{"@unknown":[{"field":1,"wire":"len","value":""}]}`, "0a00"},
		{"", `{}`, ""},
	} {
		m := set.Named(protoreflect.FullName(c.typ))
		got, p := NewEncoder(EncodeOptions{}).Append(nil, m, []byte(c.in))
		if want := strings.ReplaceAll(c.want, " ", ""); p != nil || hex.EncodeToString(got) != want {
			t.Errorf("%s %s: %x %v, want %s", c.typ, c.in, got, p, want)
		}
	}
}

func TestEncodeRefusesFieldMasks(t *testing.T) {
	m := encodeSchema(t).Named("google.protobuf.FieldMask")
	for _, mask := range []string{",", "a,", ",a", "a,,b", "a_b", "1a", "a..b", ".a", "a.", "a b", "a/b", "é"} {
		if wire, p := NewEncoder(EncodeOptions{}).Append(nil, m, []byte(`"`+mask+`"`)); p == nil {
			t.Errorf("%s is read as %x", mask, wire)
		}
	}
}

func TestEncodeProblems(t *testing.T) {
	set := encodeSchema(t)
	deep := strings.Repeat(`{"d":`, 10001) + `{}` + strings.Repeat(`}`, 10001)
	for _, c := range []struct {
		typ, in, want string // tag line:column key path: message (hint)
	}{
		{"e.Book", "{\"name\":\"n\",\n  \"trades\": [{}, {\"prize\": 1}]}", `invalid-json 2:19 prize trades[1]: unknown key "prize": e.Trade has no such field (did you mean price?)`},
		{"e.Book", `{"name":"n","counts":{"a":{"side":"SEL"}}}`, `invalid-json 1:35 side counts["a"].side: field side of e.Trade: the enum e.Side has no value "SEL" (did you mean SELL?)`},
		{"e.Book", `{"name":"n","trades":[{"price":"abc"}]}`, `invalid-json 1:32 price trades[0].price: field price of e.Trade: expected a double, found the string "abc"`},
		{"e.Book", `{"trades":[]}`, `missing-required 1:1 name name: required field name of e.Book is absent`},
		{"e.Book", `{"name":null}`, `missing-required 1:1 name name: required field name of e.Book is absent`},
		{"e.Book", `{"name":"n","trades":[null]}`, `invalid-json 1:23 trades trades[0]: field trades of e.Book: expected an object, found null`},
		{"e.Book", `{"name":"n","counts":{"a":{},"a":{}}}`, `invalid-json 1:30 a counts["a"]: the key "a" is given twice`},
		{"e.Trade", `{"tradeId":3000000000}`, `invalid-json 1:12 tradeId trade_id: field trade_id of e.Trade: 3000000000 is out of the range of int32 (-2147483648 to 2147483647)`},
		{"e.Trade", `{"tradeId":1.5}`, `invalid-json 1:12 tradeId trade_id: field trade_id of e.Trade: expected an int32, found the number 1.5, which has a fraction`},
		{"e.Trade", `{"tradeId":1,"trade_id":2}`, `invalid-json 1:14 trade_id trade_id: field trade_id of e.Trade is given twice`},
		{"e.Trade", `{"side":7}`, `invalid-json 1:9 side side: field side of e.Trade: the closed enum e.Side has no value of the number 7 (a number without a name is an unknown field: give it in "@unknown")`},
		{"e.Trade", `{"symbol":5}`, `invalid-json 1:11 symbol symbol: field symbol of e.Trade: expected a string, found the number 5 (put it in double quotes)`},
		{"e.Book", `{"name":"","trades":{}}`, `invalid-json 1:21 trades trades: field trades of e.Book: expected a list, found an object (the field is repeated: put its values in [ and ])`},
		{"google.protobuf.BoolValue", `"true"`, `invalid-json 1:1  : google.protobuf.BoolValue: expected true or false, found the string "true" (write it without quotes)`},
		{"e.Trade", `{"price":NaN}`, `invalid-json 1:10 price price: field price of e.Trade: expected a double, found NaN (write it as a string: "NaN")`},
		{"e.Trade", `{"price":1e400}`, `invalid-json 1:10 price price: field price of e.Trade: the number 1e400 is out of the range of double`},
		{"e.Trade", "{\"symbol\":\"a\xff\"}", `invalid-utf8 1:13 symbol symbol: a string with bytes that are not valid UTF-8 (byte 0xff) (write bytes that are no text as {"@bytes":"base64"})`},
		{"e.Trade", `{"symbol":"\ud800x"}`, `invalid-json 1:12 symbol symbol: a string with a lone half of a surrogate pair`},
		{"e.Trade", `{"symbol":"x`, `invalid-json 1:11 symbol symbol: a string that does not end`},
		{"e.Trade", `{"tradeId":1,}`, `invalid-json 1:14  : a comma before the closing '}' (take the comma away)`},
		{"e.Trade", `{tradeId:1}`, `invalid-json 1:2  : expected a key in double quotes, found tradeId`},
		{"e.Trade", `{"trade":1, // x`, `invalid-json 1:2 trade : unknown key "trade": e.Trade has no such field (did you mean tradeId?)`},
		{"e.Trade", `{"tradeId":1, // x`, `invalid-json 1:15  : expected a key in double quotes, found '/' (JSON has no comments)`},
		{"e.Trade", `{"side":1,"side":null}`, `invalid-json 1:11 side side: field side of e.Trade is given twice`},
		{"e.Trade", `{"tradeId":1 "price":2}`, `invalid-json 1:14  : expected a comma or }, found the string "price"`},
		{"e.Trade", `{} x`, `invalid-json 1:4  : expected nothing after the message, found x`},
		{"e.Trade", ``, `invalid-json 1:1  : expected a JSON document, found nothing`},
		{"e.Trade", `[]`, `invalid-json 1:1  : e.Trade: expected an object, found a list`},
		{"e.Trade", `null`, `invalid-json 1:1  : e.Trade: expected an object, found null`},
		{"e.Book", `{"name":"n","any":{"@type":"x/no.Such","a":1}}`, `unknown-type 1:28 @type any: the type of the Any, "x/no.Such", is not in the schema (give the schema that has it, or the value's bytes in base64 under "@bytes" next to "@type")`},
		{"e.Book", `{"name":"n","time":"1970-01-01"}`, `invalid-json 1:20 time time: field time of e.Book: expected a timestamp such as "2006-01-02T15:04:05Z", found the string "1970-01-01"`},
		{"e.Book", `{"name":"n","time":"1970-02-30T00:00:00Z"}`, `invalid-json 1:20 time time: field time of e.Book: expected a timestamp such as "2006-01-02T15:04:05Z", found the string "1970-02-30T00:00:00Z"`},
		{"e.Trade", `{"@unknown":[{"field":0,"wire":"len","value":""}]}`, `invalid-json 1:23 @unknown : e.Trade: expected a field number above 0, found the number 0`},
		{"", `{"a":1}`, `invalid-json 1:2 a : unknown key "a": without a message type there is only "@unknown" (give the message type)`},
	} {
		m := set.Named(protoreflect.FullName(c.typ))
		out, p := NewEncoder(EncodeOptions{}).Append([]byte("x"), m, []byte(c.in))
		if p == nil {
			t.Errorf("%s %s: accepted as %x", c.typ, c.in, out)
			continue
		}
		got := string(p.Tag) + " " + strconv.Itoa(p.Line) + ":" + strconv.Itoa(p.Column) + " " + p.Key + " " + p.Path + ": " + p.Message
		if p.Hint != "" {
			got += " (" + p.Hint + ")"
		}
		if got != c.want || string(out) != "x" {
			t.Errorf("%s %s:\n got %s\nwant %s", c.typ, c.in, got, c.want)
		}
	}
	_, p := NewEncoder(EncodeOptions{}).Append(nil, set.Named("e.Deep"), []byte(deep))
	if p == nil || p.Tag != span.TooDeep || len(p.Path) > 200 {
		t.Errorf("10002 levels: %v", p)
	}
}

// TestStructThatLooksLikeARecord has data with the keys of an error record;
// the bytes come back all the same. So do values nested deeper than JSON input
// may be.
func TestStructThatLooksLikeARecord(t *testing.T) {
	set := encodeSchema(t)
	inner := []byte{4 << 3, 1}
	for range 150 {
		inner = wire.AppendLen([]byte{6<<3 | 2}, wire.AppendLen([]byte{1<<3 | 2}, inner)) // Value.list_value.values
	}
	for _, c := range []struct {
		typ     protoreflect.FullName
		payload []byte
	}{
		{"google.protobuf.Struct", structEntry(structEntry(nil, "@error", []byte{4 << 3, 1}), "@raw", []byte{4 << 3, 0})},
		{"google.protobuf.Struct", structEntry(structEntry(nil, "@value", []byte{4 << 3, 1}), "@wire", []byte{3<<3 | 2, 0})},
		{"google.protobuf.Struct", structEntry(structEntry(nil, "@error", []byte{4 << 3, 1}), "raw", []byte{4 << 3, 0})},
		{"google.protobuf.Value", inner},
	} {
		m := set.Named(c.typ)
		text, failed, ok := NewDecoder(Options{}).Append(nil, m, c.payload)
		back, p := NewEncoder(EncodeOptions{}).Append(nil, m, text)
		if !ok || p != nil || string(back) != string(c.payload) {
			t.Errorf("%s %x prints as %s (%d failed) and comes back as %x: %v", c.typ, c.payload, text, failed, back, p)
		}
	}
}

// structEntry appends an entry of a Struct.
func structEntry(b []byte, key string, value []byte) []byte {
	content := wire.AppendLen([]byte{1<<3 | 2}, []byte(key))
	content = wire.AppendLen(append(content, 2<<3|2), value)
	return wire.AppendLen(append(b, 1<<3|2), content)
}
