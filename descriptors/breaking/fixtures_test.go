package breaking

import (
	"context"
	"slices"
	"strings"
	"testing"
)

// TestFixtures holds the old and new shop of the fixtures to what their
// comments say.
func TestFixtures(t *testing.T) {
	const folder = "../../fixtures/breaking/"
	compare := func(new string) *Report {
		o, err := LoadOld(context.Background(), Input{Name: folder + "old"})
		if err != nil {
			t.Fatal(err)
		}
		n, err := LoadNew(context.Background(), Input{Name: folder + new})
		if err != nil {
			t.Fatal(err)
		}
		return Compare(o, n, Options{})
	}
	if r := compare("compatible"); r.Verdict != Compatible {
		t.Errorf("%s", r.AppendText(nil, TextOptions{}))
	}
	r := compare("new")
	var got []string
	for _, f := range r.Findings {
		got = append(got, f.Rule+" "+f.Element[strings.LastIndexByte(f.Element, '.')+1:])
	}
	want := []string{
		"MESSAGE_DELETED AuditRecord", "RPC_DELETED CancelOrder", "RPC_STREAMING_CHANGED WatchOrder",
		"RESERVED_REMOVED Order", "FIELD_DELETED_NOT_RESERVED note", "FIELD_NUMBER_REUSED warehouse", "FIELD_RENUMBERED currency",
		"FIELD_TYPE_INCOMPATIBLE total_cents", "FIELDS_SWAPPED height", "FIELD_TYPE_INCOMPATIBLE discount",
		"FIELD_CARDINALITY_LOSSY street", "FIELD_TYPE_LOSSY created", "RESERVED_REUSED coupon_code",
		"FIELD_CARDINALITY_LOSSY tags", "ENUM_VALUE_DELETED_NOT_RESERVED STATE_RETURNED", "ENUM_VALUES_SWAPPED STATE_OPEN",
		"ENUM_VALUE_NUMBER_REUSED STATE_ON_HOLD", "FIELD_TYPE_LOSSY pdf", "FIELD_REQUIRED_REMOVED sku",
		"FIELD_DEFAULT_CHANGED count", "FIELD_REQUIRED_ADDED shelf", "ENUM_VALUE_RENUMBERED ZONE_BACK",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if len(r.Waived) != 1 || r.Waived[0].Rule != "FIELD_TYPE_INCOMPATIBLE" {
		t.Errorf("waived: %v", r.Waived)
	}
	for _, f := range r.Findings {
		if f.Line == 0 || f.Column == 0 || f.EndLine < f.Line || f.Previous == nil || f.Previous.Line == 0 {
			t.Errorf("%s: positions %+v %+v", f.Rule, f.Range, f.Previous)
		}
	}
}

func TestAnyTypes(t *testing.T) {
	const head = "edition = \"2023\"; package p; import \"google/protobuf/any.proto\"; message Box { google.protobuf.Any any = 1; } "
	o := Options{AnyTypes: []string{"p.Event"}}
	for new, want := range map[string]string{
		head + "message Event { string x = 1; int32 y = 2; }": "",
		head: "ANY_TYPE_DELETED",
		head + "message Event2 { string x = 1; }": "ANY_TYPE_DELETED",
	} {
		r := compareText(t, head+"message Event { string x = 1; }", new, o)
		if got := rulesOf(r); got != want {
			t.Errorf("%s: got %q, want %q", new, got, want)
		}
		for _, f := range r.Findings {
			if f.Witness == nil || f.Severity != Break || f.Breaks != Backward {
				t.Errorf("%s", r.AppendText(nil, TextOptions{}))
			}
		}
	}
}

// A schema that does not import Any itself can travel in one too.
func TestAnyTypesWithoutAny(t *testing.T) {
	r := compareText(t, `message Event { string x = 1; }`, `message Other { int32 x = 1; }`, Options{AnyTypes: []string{"p.Event"}})
	if rulesOf(r) != "ANY_TYPE_DELETED" || r.Findings[0].Witness == nil {
		t.Errorf("%s", r.AppendText(nil, TextOptions{}))
	}
	r = compareText(t, `message Event { string x = 1; }`, `message Event { string x = 1; }`, Options{AnyTypes: []string{"p.Evnt"}})
	if len(r.Notes) != 1 || !strings.Contains(r.Notes[0], "did you mean p.Event?") {
		t.Errorf("%q", r.Notes)
	}
}

// A value's witness is found in a map too, and by itself where nothing holds
// the enum.
func TestWitnessesOfEnums(t *testing.T) {
	r := compareText(t, `enum E { A = 0; B = 1; } message M { map<string, E> m = 4; }`, `enum E { A = 0; B = 2; } message M { map<string, E> m = 4; }`, Options{})
	if w := r.Findings[0].Witness; w == nil || w.Bytes != "22050a01611001" || string(w.Read) != `{"m":{"a":1}}` {
		t.Errorf("%+v", w)
	}
	r = compareText(t, `enum E { A = 0; B = 1; }`, `enum E { A = 0; B = 2; }`, Options{})
	if w := r.Findings[0].Witness; w == nil || w.Type != "p.E" || w.Bytes != "01" || string(w.Written) != `"B"` || string(w.Read) != `1` {
		t.Errorf("%+v", w)
	}
}

func TestAlikeNames(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"user_name", "userName", true}, {"name", "full_name", true}, {"tag", "tags", true}, {"category", "categories", true},
		{"colour", "color", true}, {"organisation_id", "organization_id", true}, {"recieved", "received", true},
		{"enabled", "not_enabled", false}, {"width", "height", false}, {"address1", "address2", false}, {"id", "ip", false},
		{"include", "exclude", true}, {"isp_db_path", "asn_db_path", false}, {"start", "stop", false}, {"email", "phone", false},
		{"a", "b", false}, {"x", "x", true}, {"status_code", "code", true}, {"", "x", false},
	} {
		if got := alike(c.a, c.b); got != c.want {
			t.Errorf("%s, %s: %v", c.a, c.b, got)
		}
		if got := alike(c.b, c.a); got != c.want {
			t.Errorf("%s, %s: %v", c.b, c.a, got)
		}
	}
}
