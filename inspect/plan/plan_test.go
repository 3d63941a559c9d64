package plan_test

import (
	"slices"
	"testing"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/inspect/internal/conformance"
	"github.com/pbscope/pbscope/inspect/plan"
)

const planSchema = `
edition = "2023";
import "google/protobuf/timestamp.proto";
package t;
message M {
  int32 a = 1;
  string checked = 2;
  string unchecked = 3 [features.utf8_validation = NONE];
  repeated int32 packed = 4;
  repeated int32 expanded = 5 [features.repeated_field_encoding = EXPANDED];
  M delimited = 6 [features.message_encoding = DELIMITED];
  int32 implicit = 7 [features.field_presence = IMPLICIT];
  int32 required = 8 [features.field_presence = LEGACY_REQUIRED];
  oneof one { int32 x = 9; string y = 10; }
  oneof two { int32 z = 11; }
  map<string, M> map = 12;
  map<string, string> free = 13 [features.utf8_validation = NONE];
  sint64 far = 300;
  fixed32 farther = 536870911;
  extensions 100 to 199;
}
extend M { int32 ext = 100; string text = 101 [features.utf8_validation = NONE]; }
enum Open { O = 0; P = 5; Q = -1; }
enum Shut { option features.enum_type = CLOSED; S = 3; }
`

func compiled(t *testing.T) (*conformance.Suite, *plan.Message) {
	s := conformance.Compile(t, planSchema)
	return s, s.Message(t, "t.M")
}

func TestFieldsAreFoundByNumber(t *testing.T) {
	_, m := compiled(t)
	for _, c := range []struct {
		number protoreflect.FieldNumber
		name   string
	}{
		{1, "a"}, {13, "free"}, {300, "far"}, {536870911, "farther"}, {100, "[t.ext]"}, {101, "[t.text]"},
		{0, ""}, {14, ""}, {102, ""}, {200, ""}, {299, ""}, {301, ""}, {536870910, ""},
	} {
		f := m.Field(c.number)
		if f == nil && c.name != "" || f != nil && f.ProtoName != c.name {
			t.Errorf("field %d is %v, want %q", c.number, f, c.name)
		}
		if f != nil && f != m.Field(c.number) {
			t.Errorf("field %d is compiled twice", c.number)
		}
	}
	if f := m.ExtensionNamed("t.ext"); f == nil || f.Number != 100 || f.Slot != -1 || f.Index != -1 {
		t.Errorf("the extension by name is %+v", f)
	}
	if m.ExtensionNamed("t.none") != nil {
		t.Error("an extension that is not there is found")
	}
}

func TestFeaturesAreResolved(t *testing.T) {
	_, m := compiled(t)
	for _, c := range []struct {
		number                              protoreflect.FieldNumber
		utf8, packed, packable, presence    bool
		required, repeated, isMap, isInAOne bool
		wire                                uint8
	}{
		{number: 1, presence: true},
		{number: 2, presence: true, utf8: true, wire: 2},
		{number: 3, presence: true, wire: 2},
		{number: 4, packed: true, packable: true, repeated: true},
		{number: 5, packable: true, repeated: true},
		{number: 6, presence: true, wire: 3},
		{number: 7},
		{number: 8, presence: true, required: true},
		{number: 9, presence: true, isInAOne: true},
		{number: 12, isMap: true, wire: 2},
		{number: 300, presence: true},
		{number: 536870911, presence: true, wire: 5},
		{number: 101, presence: true, wire: 2},
	} {
		f := m.Field(c.number)
		if f.UTF8 != c.utf8 || f.Packed != c.packed || f.Packable != c.packable || f.Presence != c.presence ||
			f.Required != c.required || f.Repeated != c.repeated || f.Map != c.isMap || f.Oneof > 0 != c.isInAOne || f.WireType != c.wire {
			t.Errorf("field %d is %+v, want %+v", c.number, f, c)
		}
	}
	if f := m.Field(12); !f.MapKey.UTF8 || f.MapValue.Message() != m {
		t.Error("the map's key is not checked, or its value is another type")
	}
	if f := m.Field(13); f.MapKey.UTF8 || f.MapValue.UTF8 {
		t.Error("the map's field says not to check its strings")
	}
	if m.Required != 1 {
		t.Errorf("%d required fields, want 1", m.Required)
	}
}

func TestSlotsTellFieldsApart(t *testing.T) {
	_, m := compiled(t)
	if m.Field(9).Slot != m.Field(10).Slot || m.Field(9).Slot == m.Field(11).Slot {
		t.Error("slots are not one a oneof")
	}
	var slots []int
	for i := range m.Fields {
		slots = append(slots, m.Fields[i].Slot)
	}
	slices.Sort(slots)
	if slots = slices.Compact(slots); len(slots) != m.Slots || slots[0] != 0 || slots[len(slots)-1] != m.Slots-1 {
		t.Errorf("slots %v, want 0 to %d", slots, m.Slots-1)
	}
	if m.Oneofs != 2 {
		t.Errorf("%d oneofs, want 2", m.Oneofs)
	}
}

func TestKeysHaveRoom(t *testing.T) {
	_, m := compiled(t)
	for i := range m.Fields {
		f := &m.Fields[i]
		if len(f.JSONKey) <= plan.KeyRoom && cap(f.JSONKey) < plan.KeyRoom {
			t.Errorf("%s: room for %d bytes", f.JSONKey, cap(f.JSONKey))
		}
	}
	if key := string(m.Field(2).JSONKey); key != `,"checked":` {
		t.Errorf("the key is %s", key)
	}
}

func TestEnumsKnowTheirNumbers(t *testing.T) {
	s := conformance.Compile(t, planSchema+`message E { Open open = 1; Shut shut = 2; }`)
	m := s.Message(t, "t.E")
	open, shut := m.Field(1).Enum, m.Field(2).Enum
	if open.Closed || !shut.Closed || shut.First != 3 {
		t.Errorf("open %t, closed %t, first %d", !open.Closed, shut.Closed, shut.First)
	}
	for number, name := range map[int32]string{0: `"O"`, 5: `"P"`, -1: `"Q"`, 1: "", 1 << 30: ""} {
		if got := string(open.Quoted(number)); got != name {
			t.Errorf("%d is %s, want %s", number, got, name)
		}
	}
	if n, ok := open.Number([]byte("Q")); n != -1 || !ok {
		t.Errorf("Q is %d, %t", n, ok)
	}
}

// TestWellKnownTypesKeepTheirShape has types that only bear the names.
func TestWellKnownTypesKeepTheirShape(t *testing.T) {
	real := conformance.Compile(t, planSchema)
	if m := real.Message(t, "google.protobuf.Timestamp"); m.WellKnown != plan.Timestamp {
		t.Error("Timestamp is not well-known")
	}
	other := conformance.Compile(t, `syntax = "proto3"; package google.protobuf;
		message Timestamp { repeated int64 seconds = 1; int32 nanos = 2; }
		message Duration { int64 seconds = 1; int32 nanos = 2; int32 more = 3; }
		message StringValue { bytes value = 1; }
		message Struct { repeated Value fields = 1; }
		message Value { string s = 1; }
		message Empty { int32 i = 1; }
		message Any { string type_url = 1; bytes value = 2; }`)
	for _, name := range []protoreflect.FullName{"Timestamp", "Duration", "StringValue", "Struct", "Value", "Empty"} {
		if m := other.Message(t, "google.protobuf."+name); m.WellKnown != plan.NotWellKnown {
			t.Errorf("%s of another shape is taken for the well-known one", name)
		}
	}
	if m := other.Message(t, "google.protobuf.Any"); m.WellKnown != plan.Any {
		t.Error("Any of the right shape is not taken for the well-known one")
	}
}
