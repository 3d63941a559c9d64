package transcode

import (
	"encoding/hex"
	"strings"
	"testing"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/inspect/internal/conformance"
	"github.com/pbscope/pbscope/inspect/internal/corpus"
	"github.com/pbscope/pbscope/inspect/plan"
)

func tableHex(t *testing.T, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(text, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestDecodeTable(t *testing.T) {
	two, three := conformance.Compile(t, corpus.Proto2), conformance.Compile(t, corpus.Proto3)
	for _, c := range []struct {
		name, message, wire, want string
		o                         Options
	}{
		{"empty", "t.M", "", `{}`, Options{}},
		{"order of the wire", "t.M", "12016108 01", `{"s":"a","i":1}`, Options{}},
		{"sorted", "t.M", "120161 0801", `{"i":1,"s":"a"}`, Options{Sort: true}},
		{"scalar twice", "t.M", "0801 120161 0802", `{"i":2,"s":"a"}`, Options{}},
		{"list apart", "t.M", "2001 0801 2002", `{"list":[1,2],"i":1}`, Options{}},
		{"list packed and not", "t.M", "220201022003", `{"list":[1,2,3]}`, Options{}},
		{"split message merges", "t.M", "32020801 120161 3203120162", `{"m":{"i":1,"s":"b"},"s":"a"}`, Options{}},
		{"lists of a split message", "t.M", "32022001 0801 32022002", `{"m":{"list":[1,2]},"i":1}`, Options{}},
		{"negative int32", "t.M", "08ffffffffffffffffff01", `{"i":-1}`, Options{}},
		{"group", "t.M", "43080144", `{"g":{"x":1}}`, Options{}},
		{"group twice", "t.M", "43080144 0805 43080244", `{"g":{"x":2},"i":5}`, Options{}},
		{"map, last wins at first place", "t.M", "4a050a01611001 4a050a01621002 4a050a01611003", `{"counts":{"a":3,"b":2}}`, Options{}},
		{"map sorted", "t.M", "4a050a01621002 4a050a01611001", `{"counts":{"a":1,"b":2}}`, Options{Sort: true}},
		{"map entry without key and value", "t.M", "4a00", `{"counts":{"":0}}`, Options{}},
		{"map of messages, absent value", "t.M", "52020801", `{"children":{"1":{}}}`, Options{}},
		{"map value in parts", "t.M", "520b 0801 12020801 1203120161", `{"children":{"1":{"i":1,"s":"a"}}}`, Options{}},
		{"map key not UTF-8", "t.M", "4a050a01ff1001", `{"@unknown":[{"field":9,"wire":"len","value":"CgH/EAE="}]}`, Options{}},
		{"closed enum", "t.M", "5805 5807", `{"color":"GREEN","@unknown":[{"field":11,"wire":"varint","value":"7"}]}`, Options{}},
		{"closed enum, packed", "t.M", "6203 050700", `{"colors":["GREEN","RED"],"@unknown":[{"field":12,"wire":"varint","value":"7"}]}`, Options{}},
		{"closed enum in a map", "t.M", "6a050a01611007", `{"@unknown":[{"field":13,"wire":"len","value":"CgFhEAc="}]}`, Options{}},
		{"a value without a JSON form that another replaces", "t.M", "ba01200a0e0a0161120911000000000000f87f0a0e0a0161120911000000000000f03f", `{"struct":{"a":1}}`, Options{}},
		{"enum numbers", "t.M", "5805", `{"color":5}`, Options{EnumNumbers: true}},
		{"oneof, last wins", "t.M", "720161 7a020801", `{"inner":{"i":1}}`, Options{}},
		{"oneof, member comes back afresh", "t.M", "7a020801 720161 7a03120162", `{"inner":{"s":"b"}}`, Options{}},
		{"oneof, message merges", "t.M", "7a020801 7a03120162", `{"inner":{"i":1,"s":"b"}}`, Options{}},
		{"names", "t.M", "880107", `{"snakeCase":"7"}`, Options{}},
		{"proto names, int64 numbers", "t.M", "880107", `{"snake_case":7}`, Options{ProtoNames: true, Int64Numbers: true}},
		{"a name that begins with @", "t.M", "92010161", `{"@odd":"a"}`, Options{}},
		{"not UTF-8", "t.M", "1201ff", `{"s":{"@bytes":"/w=="}}`, Options{}},
		{"bytes", "t.M", "1a02ff00", `{"b":"/wA="}`, Options{}},
		{"bytes as hex", "t.M", "1a02ff00 1201fe", `{"b":"ff00","s":{"@bytes":"/g=="}}`, Options{BytesHex: true}},
		{"unknown", "t.M", "f03f01 f53f01000000 f13f0100000000000000 f23f0161 f33ff03f02f43f", `{"@unknown":[` +
			`{"field":1022,"wire":"varint","value":"1"},{"field":1022,"wire":"i32","value":1},{"field":1022,"wire":"i64","value":"1"},` +
			`{"field":1022,"wire":"len","value":"YQ=="},{"field":1022,"wire":"group","value":[{"field":1022,"wire":"varint","value":"2"}]}]}`, Options{}},
		{"unknown dropped", "t.M", "f03f01 0801", `{"i":1}`, Options{Unknown: DropUnknown}},
		{"another wire type", "t.M", "0a0161 1005", `{"@unknown":[{"field":1,"wire":"len","value":"YQ=="},{"field":2,"wire":"varint","value":"5"}]}`, Options{}},
		{"extensions", "t.M", "a00605 aa060161 0801 aa060162", `{"[t.ext]":5,"[t.exts]":["a","b"],"i":1}`, Options{}},
		{"timestamp", "t.M", "a20106 0880e2cfaa06", `{"time":"2023-11-14T22:13:20Z"}`, Options{}},
		{"duration", "t.M", "aa0104 08011001", `{"span":"1.000000001s"}`, Options{}},
		{"no JSON form", "t.M", "da010b10ffffffffffffffffff01", `{"times":[{"@error":{"tag":"no-json-form","offset":3,` +
			`"path":"times[0]","field":27,"message":"a Timestamp whose nanos are not from 0 to 999999999"},"@raw":"EP///////////wE="}]}`, Options{}},
		{"no JSON form in a map", "t.M", "e20110 0a0161 120b 10ffffffffffffffffff01", `{"stamps":{"a":{"@error":{"tag":"no-json-form","offset":8,` +
			`"path":"stamps[\"a\"]","field":2,"message":"a Timestamp whose nanos are not from 0 to 999999999"},"@raw":"EP///////////wE="}}}`, Options{}},
		{"unknown field of a timestamp", "t.M", "a20104 08011801", `{"time":{"@value":"1970-01-01T00:00:01Z","@unknown":[{"field":3,"wire":"varint","value":"1"}]}}`, Options{}},
		{"field mask", "t.M", "ca010a 0a03615f62 0a03632e64", `{"mask":"aB,c.d"}`, Options{}},
		{"wrapper", "t.M", "d201030a01ff", `{"wrapped":"/w=="}`, Options{}},
		{"wrapper of nothing", "t.M", "d20100", `{"wrapped":""}`, Options{}},
		{"struct", "t.M", "ba0109 0a07 0a0161 1202 2001", `{"struct":{"a":true}}`, Options{}},
		{"value", "t.M", "c20102 0800", `{"value":null}`, Options{}},
		{"value of no kind", "t.M", "c20100", `{"value":{"@error":{"tag":"no-json-form","offset":3,"path":"value","field":24,"message":"a Value without a kind"},"@raw":""}}`, Options{}},
		{"value within a struct", "t.M", "ba0107 0a05 0a0161 1200", `{"struct":{"@error":{"tag":"no-json-form","offset":3,"path":"struct","field":23,"message":"a Value without a kind"},"@raw":"CgUKAWESAA=="}}`, Options{}},
		{"null", "t.M", "f00100", `{"null":null}`, Options{}},
		{"any", "t.M", "b2010b 0a05 782f742e4d 1202 0801", `{"any":{"@type":"x/t.M","i":1}}`, Options{}},
		{"any of another type", "t.M", "b2010b 0a05 782f742e51 1202 0801", `{"any":{"@type":"x/t.Q","@bytes":"CAE="}}`, Options{}},
		{"any of broken bytes", "t.M", "b2010b 0a05 782f742e4d 1202 08ff", `{"any":{"@type":"x/t.M","@bytes":"CP8="}}`, Options{}},
		{"any, value first", "t.M", "b2010b 1202 0801 0a05 782f742e4d", `{"any":{"@type":"x/t.M","i":1}}`, Options{}},
		{"any of empty", "t.M", "b20119 0a17 782f676f6f676c652e70726f746f6275662e456d707479", `{"any":{"@type":"x/google.protobuf.Empty"}}`, Options{}},
		{"any of a duration", "t.M", "b20120 0a1a 782f676f6f676c652e70726f746f6275662e4475726174696f6e 1202 0801", `{"any":{"@type":"x/google.protobuf.Duration","value":"1s"}}`, Options{}},
		{"any of nothing", "t.M", "b20100", `{"any":{}}`, Options{}},
		{"required", "t.Needs", "08011802", `{"a":1,"b":2}`, Options{}},
		{"required, one missing", "t.Needs", "0801", ``, Options{}},
		{"required, merged", "t.Needs", "08011802 12020803 12021804", `{"a":1,"b":2,"n":{"a":3,"b":4}}`, Options{}},
		{"required of a replaced member", "t.Needs", "08011802 22020801 2805", `{"a":1,"b":2,"y":5}`, Options{}},
		{"message set", "t.Set", "0b 10e807 1a020805 0c", `{"[t.Item.item]":{"i":5}}`, Options{}},
		{"message set, message first", "t.Set", "0b 1a020805 10e807 0c", `{"[t.Item.item]":{"i":5}}`, Options{}},
		{"message set, unknown item", "t.Set", "0b 10e907 1a020805 0c", `{"@unknown":[{"field":1,"wire":"group","value":[{"field":2,"wire":"varint","value":"1001"},{"field":3,"wire":"len","value":"CAU="}]}]}`, Options{}},
		{"many fields", "t.Wide", "5001 980602 5004", `{"f10":4,"f99":2}`, Options{}},
		{"no schema", "", "0801 1b2002 1c", `{"@unknown":[{"field":1,"wire":"varint","value":"1"},{"field":3,"wire":"group","value":[{"field":4,"wire":"varint","value":"2"}]}]}`, Options{}},
		{"no schema, empty", "", "", `{"@unknown":[]}`, Options{}},
		{"lossless, canonical", "t.M", "0801120161", `{"i":1,"s":"a"}`, Options{Lossless: true}},
		{"lossless, out of order", "t.M", "1201610801", `{"s":"a","i":1,"@wire":"EgFhCAE="}`, Options{Lossless: true}},
		{"lossless, innermost", "t.M", "3203 088100", `{"m":{"i":1,"@wire":"CIEA"}}`, Options{Lossless: true}},
		{"lossless, well-known", "t.M", "a2010410010801", `{"time":"1970-01-01T00:00:01.000000001Z","@wire":"ogEEEAEIAQ=="}`, Options{Lossless: true}},
		{"lossless, any", "t.M", "b2010b 1202 0801 0a05 782f742e4d", `{"any":{"@type":"x/t.M","i":1,"@wire":"EgIIAQoFeC90Lk0="}}`, Options{Lossless: true}},
		{"lossless, top well-known", "google.protobuf.Timestamp", "10010801", `{"@value":"1970-01-01T00:00:01.000000001Z","@wire":"EAEIAQ=="}`, Options{Lossless: true}},
		{"depth", "t.M", "32023200", `{"m":{"m":{}}}`, Options{MaxDepth: 3}},
		{"too deep", "t.M", "32023200", ``, Options{MaxDepth: 2}},
		{"absent value of a map at the limit", "t.M", "52020801", `{"children":{"1":{}}}`, Options{MaxDepth: 1}},
		{"refused unknown", "t.M", "f03f01", ``, Options{Unknown: RefuseUnknown}},

		{"p3 zero", "p.P", "0800 1200 1a00 2000 29 0000000000000000 3000 3d00000000 6000 6d00000000", `{}`, Options{}},
		{"p3 zero with defaults", "p.P", "0800", `{"i":0,"s":"","b":"","flag":false,"d":0,"e":"ZERO","f":0,"list":[],"map":{},"u":"0","x":0,"es":[]}`, Options{Defaults: true}},
		{"p3 defaults after the rest", "p.P", "5001 0805", `{"opt":1,"i":5,"s":"","b":"","flag":false,"d":0,"e":"ZERO","f":0,"list":[],"map":{},"u":"0","x":0,"es":[]}`, Options{Defaults: true}},
		{"p3 defaults sorted", "p.P", "50010805", `{"i":5,"s":"","b":"","flag":false,"d":0,"e":"ZERO","f":0,"list":[],"map":{},"opt":1,"u":"0","x":0,"es":[]}`, Options{Defaults: true, Sort: true}},
		{"p3 minus zero", "p.P", "29 0000000000000080", `{"d":-0}`, Options{}},
		{"p3 presence", "p.P", "5000", `{"opt":0}`, Options{}},
		{"p3 open enum", "p.P", "3007 7202 0107", `{"e":7,"es":["ONE",7]}`, Options{}},
		{"p3 not UTF-8", "p.P", "1201ff", ``, Options{}},
		{"p3 zero in a oneof", "p.P", "7800", `{"one":0}`, Options{}},
		{"p3 zero overwrites", "p.P", "0805 0800", `{}`, Options{}},
		{"p3 nan", "p.P", "29 000000000000f87f 3d 0000807f", `{"d":"NaN","f":"Infinity"}`, Options{}},

		{"cut tag", "t.M", "08", ``, Options{}},
		{"cut length", "t.M", "1205 61", ``, Options{}},
		{"field 0", "t.M", "0001", ``, Options{}},
		{"wire type 6", "t.M", "0e01", ``, Options{}},
		{"stray end of group", "t.M", "44", ``, Options{}},
		{"open group", "t.M", "430801", ``, Options{}},
		{"another end of group", "t.M", "43080154", ``, Options{}},
		{"varint of eleven bytes", "t.M", "08ffffffffffffffffffff01", ``, Options{}},
		{"varint above 64 bits", "t.M", "08ffffffffffffffffff02", ``, Options{}},
		{"length of 2^63", "t.M", "1280808080808080808001", ``, Options{}},
		{"tag of six bytes", "t.M", "888080808000 01", ``, Options{}},
	} {
		s := two
		if strings.HasPrefix(c.message, "p.") {
			s = three
		}
		var m *plan.Message
		if c.message != "" {
			m = s.Message(t, protoreflect.FullName(c.message))
		}
		out, _, ok := NewDecoder(c.o).Append([]byte("> "), m, tableHex(t, c.wire))
		if got := strings.TrimPrefix(string(out), "> "); got != c.want || ok != (c.want != "") {
			t.Errorf("%s: %t\n got %s\nwant %s", c.name, ok, got, c.want)
		}
	}
}

func TestErrorsWithinAMessageHaveTheirPlace(t *testing.T) {
	m := conformance.Compile(t, corpus.Proto2).Message(t, "t.M")
	payload := tableHex(t, "3209 a20106 108094ebdc03")
	d := NewDecoder(Options{})
	d.SetBase(1000)
	out, failed, ok := d.Append(nil, m, payload)
	want := `{"m":{"time":{"@error":{"tag":"no-json-form","offset":5,"inputOffset":1005,"path":"m.time","field":20,` +
		`"message":"a Timestamp whose nanos are not from 0 to 999999999"},"@raw":"EICU69wD"}}}`
	if string(out) != want || failed != 1 || !ok {
		t.Errorf("%t, %d failed\n got %s\nwant %s", ok, failed, out, want)
	}
}
