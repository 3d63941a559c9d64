package frame

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/pbscope/pbscope/inspect/span"
)

// jsonTexts are the payloads of a stream of documents; what is a problem is
// "tag: message".
func jsonTexts(t testing.TB, r io.Reader, o *Options) []string {
	t.Helper()
	docs := NewJSONDocs(NewInput(r), o)
	var texts []string
	for {
		var f Frame
		err := docs.Next(&f)
		if err == io.EOF {
			return texts
		}
		if err != nil {
			t.Fatal(err)
		}
		if f.Problem != nil {
			texts = append(texts, string(f.Problem.Tag)+": "+f.Problem.Message)
		} else {
			texts = append(texts, string(f.Payload))
		}
	}
}

func TestJSONDocs(t *testing.T) {
	long := `{"a":"` + strings.Repeat(`x\"\\{[`, 50) + `","b":[` + strings.Repeat(`{"c":1},`, 30) + `0]}`
	for _, c := range []struct {
		name, in string
		want     []string
	}{
		{"nothing", "", nil},
		{"white space", " \r\n\t\n", nil},
		{"lines", "{\"a\":1}\n{\"b\":2}\n", []string{`{"a":1}`, `{"b":2}`}},
		{"CRLF, no last line feed", "{\"a\":1}\r\n{\"b\":2}", []string{`{"a":1}`, `{"b":2}`}},
		{"byte order mark", "\xef\xbb\xbf{}\n{}", []string{"{}", "{}"}},
		{"RS", "\x1e{\"a\":1}\n\x1e{\"b\":2}\n", []string{`{"a":1}`, `{"b":2}`}},
		{"one line", `{"a":1}{"b":2} {"c":3}  [1]`, []string{`{"a":1}`, `{"b":2}`, `{"c":3}`, `[1]`}},
		{"indented", "{\n  \"a\": {\n    \"b\": [\n    ]\n  }\n}\n{\n}\n", []string{"{\n  \"a\": {\n    \"b\": [\n    ]\n  }\n}", "{\n}"}},
		{"objects of a list in column 1", "{\"a\":[\n{\"b\":1},\n{\"b\":2}\n]}\n{}", []string{"{\"a\":[\n{\"b\":1},\n{\"b\":2}\n]}", "{}"}},
		{"brackets and quotes in strings", `{"a":"}\"}{"}` + "\n" + `{"b":"\\"}`, []string{`{"a":"}\"}{"}`, `{"b":"\\"}`}},
		{"longer than a block", long + "\n" + long + long, []string{long, long, long}},
		{"scalars", "\"1970-01-01T00:00:00Z\" 1 null\n-2.5\ntrue\"a\\\"b\"{}", []string{`"1970-01-01T00:00:00Z"`, "1", "null", "-2.5", "true", `"a\"b"`, "{}"}},

		{"line cut in a string", "{\"a\":\"x\n{\"b\":2}\n", []string{`{"a":"x`, `{"b":2}`}},
		{"line cut after a value", "{\"a\":1\n{\"b\":2}\n", []string{`{"a":1`, `{"b":2}`}},
		{"line cut after a bracket", "{\"a\":[\n{\"b\":2}\n{\"c\":3}\n", []string{`{"a":[`, `{"b":2}`, `{"c":3}`}},
		{"line cut at its start", "{\n{\"b\":2}\n", []string{`{`, `{"b":2}`}},
		{"last line cut", "{\"a\":1}\n{\"b\":[", []string{`{"a":1}`, `{"b":[`}},
		{"a string that looks like an end", "{\"a\":[{\"x\":\"},\"}\n,{}]}\n{}", []string{"{\"a\":[{\"x\":\"},\"}\n,{}]}", "{}"}},
		{"two in a line among lines", "{\"a\":1}\n{\"b\":2} {\"c\":{}}\n{\"d\":3}\n", []string{`{"a":1}`, `{"b":2}`, `{"c":{}}`, `{"d":3}`}},
		{"indented, a bracket lost", "{\n  \"a\": {\n}\n{\n  \"b\": 1\n}\n", []string{"{\n  \"a\": {\n}", "{\n  \"b\": 1\n}"}},
		{"indented, a quote lost", "{\n  \"a: 1\n}\n{\n  \"b\": 1\n}\n", []string{"{\n  \"a: 1\n}", "{\n  \"b\": 1\n}"}},
		{"RS in a document", "\x1e{\"a\":\x1e{}", []string{`{"a":`, "{}"}},
		{"text between", "{}\nhello {\n{}\n", []string{"{}", `invalid-json: this is not JSON: "h" cannot begin a document`, "{}"}},
		{"messages", "\x0a\x03abc\n{}\n", []string{`invalid-json: this is not JSON: the byte 0x03 cannot stand in it`}},
		{"UTF-16", "\xff\xfe{\x00}\x00", []string{`invalid-json: this is not JSON: the byte 0xff cannot begin a document`}},
	} {
		for _, r := range []io.Reader{strings.NewReader(c.in), iotest.OneByteReader(strings.NewReader(c.in))} {
			if got := jsonTexts(t, r, &Options{}); fmt.Sprintf("%q", got) != fmt.Sprintf("%q", c.want) {
				t.Errorf("%s: %q, want %q", c.name, got, c.want)
			}
		}
	}
}

func TestJSONDocsBracketTooMany(t *testing.T) {
	for _, c := range []struct {
		name, in string
		want     []string
	}{
		{"line with a bracket too many", "{\"a\":1}}\n{\"b\":2}\n", []string{`{"a":1}}`, `{"b":2}`}},
		{"RS after a bracket too many", "{\"a\":1}]\x1e{\"b\":2}\n", []string{`{"a":1}]`, `{"b":2}`}},
		{"and a comma", "{\"a\":1} ,{\n{\"b\":2}\n", []string{`{"a":1} ,{`, `{"b":2}`}},
	} {
		if got := jsonTexts(t, strings.NewReader(c.in), &Options{}); fmt.Sprintf("%q", got) != fmt.Sprintf("%q", c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestJSONDocsPlaces(t *testing.T) {
	docs := NewJSONDocs(NewInput(strings.NewReader("\xef\xbb\xbf{}\n\n  {\n}[]\nx\n{\"a\n{}")), &Options{})
	frames, err := ReadAll(docs)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range frames {
		got = append(got, fmt.Sprintf("%d/%d/%d", f.Offset, f.Line, f.Column))
	}
	if want := "[3/1/1 9/3/3 12/4/2 15/5/1 17/6/1 21/7/1]"; fmt.Sprint(got) != want {
		t.Errorf("offset/line/column %v, want %s", got, want)
	}
}

// TestJSONDocsOneBadLine damages one line in every way that a byte can be
// lost or changed, and the others must come through.
func TestJSONDocsOneBadLine(t *testing.T) {
	line := `{"a":{"b":[1,{"c":"x\"y"}],"d":"{"},"e":[]}`
	const good = `{"good":[{"a":1}]}`
	try := func(bad string) {
		got := jsonTexts(t, strings.NewReader(good+"\n"+bad+"\n"+good+"\n"+good+"\n"), &Options{})
		n := 0
		for _, text := range got {
			if text == good {
				n++
			}
		}
		if n != 3 {
			t.Errorf("%s: %d of 3 good lines come through: %q", bad, n, got)
		}
	}
	for i := range line {
		try(line[:i])
		try(line[:i] + line[i+1:])
		for _, c := range "\"{}[]\\,:x\x00" {
			try(line[:i] + string(c) + line[i+1:])
			try(line[:i] + string(c) + line[i:])
		}
	}
}

func TestJSONDocsTooLarge(t *testing.T) {
	big := `{"a":"` + strings.Repeat("x", 1000) + `"}`
	indented := "{\n\"a\":\n\"" + strings.Repeat("x", 1000) + "\"\n}"
	got := jsonTexts(t, strings.NewReader(big+"\n{}\n"+indented+"\n{}\n\""+big), &Options{MaxSize: 100})
	want := []string{"too-large", "{}", "too-large", "{}", "too-large"}
	if len(got) != len(want) {
		t.Fatalf("%q", got)
	}
	for i := range want {
		if !strings.HasPrefix(got[i], want[i]) {
			t.Errorf("frame %d: %s, want %s", i, got[i], want[i])
		}
	}
}

func TestJSONDocsLongLine(t *testing.T) {
	long := `{"a":"` + strings.Repeat("y", 100<<20) + `"}`
	got := jsonTexts(t, io.MultiReader(strings.NewReader(long), strings.NewReader("\n{}\n")), &Options{})
	if len(got) != 2 || got[0] != long || got[1] != "{}" {
		t.Errorf("%d documents", len(got))
	}
}

// TestJSONDocsComesAtOnce reads a line as soon as it has arrived.
func TestJSONDocsComesAtOnce(t *testing.T) {
	reader, writer := io.Pipe()
	docs := NewJSONDocs(NewInput(reader), &Options{})
	for range 3 {
		go writer.Write([]byte("{\"a\":1}\n"))
		var f Frame
		if err := docs.Next(&f); err != nil || string(f.Payload) != `{"a":1}` {
			t.Fatalf("%q, %v", f.Payload, err)
		}
	}
	writer.CloseWithError(errors.New("lost"))
	var f Frame
	if err := docs.Next(&f); err == nil || err == io.EOF {
		t.Errorf("error %v, want the reader's", err)
	}
}

// FuzzJSONDocs says that nothing is lost but white space and RS between
// documents, whatever the input and however it arrives.
func FuzzJSONDocs(f *testing.F) {
	f.Add([]byte("{\"a\":1}\n{\"b\":\"\\\"\"}[1]x\n{\n{\"a\":[\n{}\n{"))
	f.Add([]byte("\x1e{\"a\n{}\x1e{"))
	f.Fuzz(func(t *testing.T, data []byte) {
		frames, err := ReadAll(NewJSONDocs(NewInput(bytes.NewReader(data)), &Options{}))
		if err != nil {
			t.Fatal(err)
		}
		at := int64(0)
		if bytes.HasPrefix(data, []byte("\xef\xbb\xbf")) {
			at = 3
		}
		for _, frame := range frames {
			if between := data[at:frame.Offset]; len(bytes.Trim(between, " \t\r\n\x1e")) > 0 {
				t.Fatalf("%q is lost before offset %d", between, frame.Offset)
			}
			if !bytes.HasPrefix(data[frame.Offset:], frame.Payload) {
				t.Fatalf("offset %d: %q", frame.Offset, frame.Payload)
			}
			line := 1 + bytes.Count(data[:frame.Offset], []byte{'\n'})
			column := int(frame.Offset) - bytes.LastIndexByte(data[:frame.Offset], '\n')
			if line == 1 && bytes.HasPrefix(data, []byte("\xef\xbb\xbf")) {
				column -= 3
			}
			if frame.Line != line || frame.Column != column {
				t.Fatalf("offset %d: line %d, column %d, want %d, %d", frame.Offset, frame.Line, frame.Column, line, column)
			}
			if frame.Problem != nil && frame.Problem.Tag != span.InvalidJSON {
				t.Fatalf("%v", frame.Problem)
			}
			at = frame.Offset + int64(len(frame.Payload))
		}
		if rest := data[at:]; len(bytes.Trim(rest, " \t\r\n\x1e")) > 0 {
			t.Fatalf("%q is lost at the end", rest)
		}
		for _, frame := range frames {
			if !json.Valid(frame.Payload) {
				return // how damage is cut up may depend on what has arrived
			}
		}
		slow, err := ReadAll(NewJSONDocs(NewInput(iotest.OneByteReader(bytes.NewReader(data))), &Options{}))
		if err != nil || len(slow) != len(frames) {
			t.Fatalf("%d frames, byte by byte %d: %v", len(frames), len(slow), err)
		}
		for i := range slow {
			if slow[i].Offset != frames[i].Offset || (slow[i].Problem == nil) != (frames[i].Problem == nil) {
				t.Fatalf("frame %d differs byte by byte", i)
			}
		}
	})
}

func BenchmarkJSONDocs(b *testing.B) {
	line := `{"msgType":"TRADE","trade":{"id":"123456789","symbol":"BTC-USD","price":65123.25,"quantity":0.125,"side":"BUY","timestamp":"1700000000000","venue":"XNAS","flags":["A","B"],"note":"some \"quoted\" text"}}` + "\n"
	data := strings.Repeat(line, 4<<20/len(line))
	b.SetBytes(int64(len(data)))
	var f Frame
	for b.Loop() {
		docs := NewJSONDocs(NewInput(strings.NewReader(data)), &Options{})
		for docs.Next(&f) == nil {
			f = Frame{}
		}
	}
}
