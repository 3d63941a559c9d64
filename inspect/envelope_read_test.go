package inspect_test

import (
	"strings"
	"testing"

	"github.com/pbscope/pbscope/inspect"
)

// TestParseEnvelopeProblems says what is wrong with an envelope, and where.
func TestParseEnvelopeProblems(t *testing.T) {
	for document, want := range map[string]struct {
		line, column int
		message      string
	}{
		`[1]`:                                        {1, 1, "expected an object, found '['"},
		`{"value":{}`:                                {1, 12, "expected a comma or }, found the end of the document"},
		`{"value":{},}`:                              {1, 13, "expected a key in quotes, found '}'"},
		`{"value" {}}`:                               {1, 10, "expected a colon, found '{'"},
		`{"value":}`:                                 {1, 10, "expected a value, found '}'"},
		`{"value":{}} x`:                             {1, 14, "expected nothing after the object, found 'x'"},
		"{\"value\":{},\n \"value\":{}}":             {2, 10, `"value" is given twice`},
		"{\"kafka\":\n{\"offset\":\"1\"}}":           {2, 13, "kafka.offset must not be a JSON string"},
		`{"time":"today","value":{}}`:                {1, 9, `time "today" is not RFC 3339`},
		`{"error":{},"raw":"?"}`:                     {1, 19, `the base64 of "raw" is damaged`},
		`{"source":nothing,"value":{}}`:              {1, 12, `this is not JSON, within "source"`},
		`{"kafka":{"key":{"base64":"?"}}}`:           {1, 10, "the base64 of metadata bytes is damaged"},
		"{\n\t\"kafka\": {\"headers\": [[1, 2]]}\n}": {2, 11, `metadata bytes must be a string, {"base64":"…"} or null`},
	} {
		_, p := inspect.ParseEnvelope([]byte(document))
		if p == nil {
			t.Errorf("%s: no problem", document)
		} else if p.Line != want.line || p.Column != want.column || !strings.HasSuffix(p.Message, want.message) {
			t.Errorf("%s: %d:%d: %s; want %d:%d: %s", document, p.Line, p.Column, p.Message, want.line, want.column, want.message)
		}
	}
}

// TestParseEnvelopeValue finds the text of the message, however deep and with
// whatever strings in it.
func TestParseEnvelopeValue(t *testing.T) {
	deep := strings.Repeat(`{"n":[`, 20_000) + strings.Repeat("]}", 20_000)
	for _, value := range []string{"{}", "null", "1.5", `"a\\"`, `{"a":"}\"\\\\\"{"}`, `[{"value":1}]`, deep} {
		document := `{"source":"{\"","value": ` + value + ` ,"more":[1]}`
		env, p := inspect.ParseEnvelope([]byte(document))
		if p != nil || string(env.Value) != value || document[env.ValueOffset:][:len(value)] != value {
			t.Errorf("%.60s: %v, %+v", document, p, env)
		}
	}
}
