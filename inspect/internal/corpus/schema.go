package corpus

import "strings"

// Proto2 is a schema with what proto2 has and what is hard to read: package t,
// its main message M.
var Proto2 = `
syntax = "proto2";
import "google/protobuf/any.proto";
import "google/protobuf/duration.proto";
import "google/protobuf/empty.proto";
import "google/protobuf/field_mask.proto";
import "google/protobuf/struct.proto";
import "google/protobuf/timestamp.proto";
import "google/protobuf/wrappers.proto";
package t;
enum Color { RED = 0; GREEN = 5; VERT = 5; MINUS = -1; option allow_alias = true; }
message M {
  optional int32 i = 1;
  optional string s = 2;
  optional bytes b = 3;
  repeated int32 list = 4;
  repeated int32 packed = 5 [packed = true];
  optional M m = 6;
  repeated M ms = 7;
  optional group G = 8 { optional int32 x = 1; }
  map<string, int32> counts = 9;
  map<int32, M> children = 10;
  optional Color color = 11;
  repeated Color colors = 12 [packed = true];
  map<string, Color> named = 13;
  oneof one { string text = 14; M inner = 15; int64 number = 16; }
  optional int64 snake_case = 17;
  optional string odd = 18 [json_name = "@odd"];
  optional google.protobuf.Timestamp time = 20;
  optional google.protobuf.Duration span = 21;
  optional google.protobuf.Any any = 22;
  optional google.protobuf.Struct struct = 23;
  optional google.protobuf.Value value = 24;
  optional google.protobuf.FieldMask mask = 25;
  optional google.protobuf.BytesValue wrapped = 26;
  repeated google.protobuf.Timestamp times = 27;
  map<string, google.protobuf.Timestamp> stamps = 28;
  optional bool flag = 29;
  optional google.protobuf.NullValue null = 30;
  extensions 100 to 200;
}
extend M { optional int32 ext = 100; repeated string exts = 101; optional M self = 102; }
message Needs { required int32 a = 1; optional Needs n = 2; required int32 b = 3; oneof o { Needs x = 4; int32 y = 5; } }
message Set { option message_set_wire_format = true; extensions 4 to max; }
message Item { extend Set { optional Item item = 1000; } optional int32 i = 1; }
message Hold { repeated Set sets = 1; optional Needs needs = 2; repeated Needs list = 3; map<string, Needs> map = 4; optional M m = 5; }
message Wide {` + wideFields() + `}
`

// wideFields are more fields than one word of bits holds.
func wideFields() string {
	var b strings.Builder
	for _, tens := range "123456789" {
		for _, ones := range "0123456789" {
			n := string(tens) + string(ones)
			b.WriteString("optional int32 f" + n + " = " + n + ";")
		}
	}
	return b.String()
}

// Proto3 is a schema with what proto3 has: package p, its main message P.
const Proto3 = `
syntax = "proto3";
package p;
enum E { ZERO = 0; ONE = 1; }
message P {
  int32 i = 1; string s = 2; bytes b = 3; bool flag = 4; double d = 5; E e = 6; float f = 7;
  repeated int32 list = 8; map<string, string> map = 9; optional int32 opt = 10; P p = 11; uint64 u = 12; fixed32 x = 13;
  repeated E es = 14; oneof o { int32 one = 15; string two = 16; }
}
`
