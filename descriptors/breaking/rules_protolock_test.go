package breaking

import "testing"

// The rules as protolock has them: by name, in fields and enums, whatever the
// types.
func TestProtolock(t *testing.T) {
	const old = `message M { reserved 7, 20 to 22; reserved x; string a = 1; int32 b = 2; string c = 3; message N { reserved 4; string q = 1; } map<string, int32> m = 9; oneof o { string oa = 11; } }
		enum E { reserved 5; reserved EX; Z = 0; ONE = 1; TWO = 2; } service S { rpc Get(M) returns (M); }`
	const new = `message M { string x = 7; string a = 4; string b = 5; string c = 3; message N { string q = 4; } map<string, int32> m = 10; oneof o { string oa = 12; } int32 y = 21; }
		enum E { Z = 0; ONE = 5; EX = 2; } service S { rpc Put(M) returns (M); }`
	for names, want := range map[string]string{
		"NoChangingFieldIDs":       "NO_CHANGING_FIELD_IDS NO_CHANGING_FIELD_IDS NO_CHANGING_FIELD_IDS NO_CHANGING_FIELD_IDS NO_CHANGING_FIELD_IDS NO_CHANGING_FIELD_IDS",
		"NO_USING_RESERVED_FIELDS": "NO_USING_RESERVED_FIELDS NO_USING_RESERVED_FIELDS NO_USING_RESERVED_FIELDS NO_USING_RESERVED_FIELDS NO_USING_RESERVED_FIELDS NO_USING_RESERVED_FIELDS",
		"NO_REMOVING_RPCS":         "RPC_NO_DELETE",
		"noremovingreservedfields": "RESERVED_MESSAGE_NO_DELETE RESERVED_MESSAGE_NO_DELETE RESERVED_MESSAGE_NO_DELETE RESERVED_MESSAGE_NO_DELETE RESERVED_ENUM_NO_DELETE RESERVED_ENUM_NO_DELETE",
	} {
		rules, err := Select([]string{names}, nil)
		if err != nil {
			t.Fatal(err)
		}
		r := compareText(t, old, new, Options{Rules: rules})
		if got := rulesOf(r); got != want {
			t.Errorf("%s: %s\n%s", names, got, r.AppendText(nil, TextOptions{}))
		}
	}
	all, err := Select([]string{"PROTOLOCK"}, []string{"NoChangingFieldTypes"})
	if err != nil || len(all) != 17-2 {
		t.Errorf("%v, %d rules", err, len(all))
	}
}
