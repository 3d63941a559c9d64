package transcode

import "testing"

func TestErrorRecord(t *testing.T) {
	for _, c := range []struct {
		doc     string
		raw     string
		ofFrame bool
		ok      bool
	}{
		{`{"@error":{"tag":"truncated","offset":0,"message":"m"},"@raw":"/w=="}`, "\xff", false, true},
		{` { "@error" : { "tag" : "invalid-frame" } , "@raw" : "YWI" } `, "ab", true, true},
		{`{"@error":{"tag":"x","message":"no \"offset\""},"@raw":""}`, "", true, true},
		{`{"\u0040error":{"offset":1},"@raw":"/w=="}`, "\xff", false, true},
		{`{"@error":{"tag":"x"}}`, "", false, false},
		{`{"@error":{"tag":"x"},"@raw":"?"}`, "", false, false},
		{`{"@error":{"tag":"x"},"@raw":"/w==","a":1}`, "", false, false},
		{`{"@error":{"tag":"x"},"@raw":"/w=="} x`, "", false, false},
		{`{"@error":{"tag":"x",},"@raw":"/w=="}`, "", false, false},
		{`{"@error":1,"@raw":"/w=="}`, "", false, false},
		{`{"@errors":{}}`, "", false, false},
		{`{"a":1}`, "", false, false},
		{`{"@error`, "", false, false},
		{`{`, "", false, false},
		{``, "", false, false},
	} {
		raw, ofFrame, ok := ErrorRecord([]byte(c.doc))
		if string(raw) != c.raw || ofFrame != c.ofFrame || ok != c.ok {
			t.Errorf("%s: %q %t %t", c.doc, raw, ofFrame, ok)
		}
	}
}
