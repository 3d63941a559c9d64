package kafka

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/pbscope/pbscope/inspect/frame"
	"github.com/pbscope/pbscope/inspect/span"
)

// fullRecords are the records that a short list beside a dump names.
func fullRecords(t *testing.T, dump string) []expected {
	t.Helper()
	cache := map[string]map[int64]expected{}
	var full []expected
	for _, e := range readExpected(t, dump+".expected.jsonl") {
		name := e.Topic + "-" + string('0'+rune(e.Partition))
		if cache[name] == nil {
			cache[name] = map[int64]expected{}
			for _, r := range readExpected(t, filepath.Join(captures(t), "segments", name+".expected.jsonl")) {
				cache[name][r.Offset] = r
			}
		}
		full = append(full, cache[name][e.Offset])
	}
	return full
}

func dumps(t *testing.T, pattern string) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(captures(t), "kcat", pattern))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no %s: %v", pattern, err)
	}
	return paths
}

// TestKcatJSON reads every dump of kcat -J, whole and byte by byte, and writes
// the same bytes again.
func TestKcatJSON(t *testing.T) {
	for _, path := range dumps(t, "*kcat-J*.json") {
		data, want := read(t, path), fullRecords(t, path)
		if !sureKcatJSON(data, true) {
			t.Errorf("%s: not recognised", path)
		}
		frames := readAll(t, KcatJSON(), bytes.NewReader(data), nil)
		compareKcat(t, path, frames, want)
		for i, f := range frames {
			e := want[i]
			k := f.Meta.Kafka
			kind := map[string]string{"CreateTime": "create", "LogAppendTime": "logappend"}[e.TimestampType]
			if k.Topic != e.Topic || *k.Partition != e.Partition || *k.Offset != e.Offset || f.Meta.Time.UnixMilli() != e.Timestamp || k.TimestampType != kind {
				t.Errorf("%s: record %d is %s", path, i, describe(f))
			}
			if (k.Key == nil) != (e.Key == nil) || e.Key != nil && !bytes.Equal(k.Key, *e.Key) {
				t.Errorf("%s: record %d has key %x", path, i, k.Key)
			}
			compareHeaders(t, k.Headers, &e)
			if data[f.Offset] != '{' || f.PayloadOffset >= 0 && !bytes.HasPrefix(data[f.PayloadOffset:], f.Payload) {
				t.Errorf("%s: record %d is not at %d", path, i, f.Offset)
			}
		}
		compareFrames(t, path, readAll(t, KcatJSON(), iotest.OneByteReader(bytes.NewReader(data)), nil), frames)
		out := writeAll(t, KcatJSON(), nil, frames)
		if strings.Contains(path, "J-D") {
			out = bytes.ReplaceAll(out, []byte("}\n"), []byte("}\x1e"))
		}
		if !bytes.Equal(out, data) {
			t.Errorf("%s: not the same bytes again", path)
		}
	}
}

// TestKcatR reads every dump of kcat -f '%R%s', with and without -Z, told of it
// or not, and writes the same bytes again.
func TestKcatR(t *testing.T) {
	for _, path := range dumps(t, "*kcat-R*.bin") {
		data, want := read(t, path), fullRecords(t, path)
		nulls := strings.Contains(path, "nulls") && strings.Contains(path, "R-Z")
		notes := 0
		o := &frame.Options{Note: func(string) { notes++ }}
		frames := readAll(t, KcatR(), bytes.NewReader(data), o)
		compareKcat(t, path, frames, want)
		if (notes == 1) != nulls || notes > 1 {
			t.Errorf("%s: %d notes", path, notes)
		}
		for i, f := range frames {
			if f.PayloadOffset < 0 || !bytes.HasPrefix(data[f.PayloadOffset:], f.Payload) {
				t.Errorf("%s: record %d is not at %d", path, i, f.PayloadOffset)
			}
		}
		told := &frame.Options{NullText: nulls}
		compareFrames(t, path, readAll(t, KcatR(), iotest.OneByteReader(bytes.NewReader(data)), told), frames)
		if out := writeAll(t, KcatR(), told, frames); !bytes.Equal(out, data) {
			t.Errorf("%s: not the same bytes again", path)
		}
	}
}

func compareKcat(t *testing.T, path string, frames []frame.Frame, want []expected) {
	t.Helper()
	if len(frames) != len(want) {
		t.Fatalf("%s: %d records, want %d", path, len(frames), len(want))
	}
	for i, f := range frames {
		e := want[i]
		if f.Problem != nil {
			t.Fatalf("%s: record %d: %v", path, i, f.Problem)
		}
		if f.Null != (e.Value == nil) || e.Value != nil && !bytes.Equal(f.Payload, *e.Value) {
			t.Errorf("%s: record %d has value %x (null %v)", path, i, f.Payload, f.Null)
		}
	}
}

// TestKcatJSONText shows what is read from one text, a line for each frame.
func TestKcatJSONText(t *testing.T) {
	const good = `{"topic":"a","partition":1,"offset":2,"tstype":"create","ts":3,"broker":4,"key":null,"payload":"x"}`
	tests := []struct{ name, text, want string }{
		{"empty", "", ""},
		{"white space", " \n\t\r\n", ""},
		{"one", good, `1:1 "x"`},
		{"two in a line", good + good, `1:1 "x" | 1:100 "x"`},
		{"pretty", "{\n \"payload\" : \"x\" ,\n \"key\" : \"\" }\n" + good, `1:1 "x" | 4:1 "x"`},
		{"null and empty", `{"payload":null}{"payload":""}`, `1:1 null | 1:17 ""`},
		{"escapes", `{"payload":"\u0000\u001F\b\t\n\f\r\"\\\/\u00e9\uD83D\uDE00\u007F"}`, `1:1 "\x00\x1f\b\t\n\f\r\"\\/é😀\x7f"`},
		{"raw bytes", "{\"payload\":\"\xff\xfe\x7f\x80\"}", `1:1 "\xff\xfe\x7f\x80"`},
		{"extra members", `{"payload":"","x":{"a":[1,-2.5e+3,true,false,null,"}"],"b":{},"c":[]},"key_error":"e"}`, `1:1 "" x={"a":[1,-2.5e+3,true,false,null,"}"],"b":{},"c":[]} key_error="e"`},
		{"garbage line", "garbage\n" + good, `1:1 invalid-frame at 0 1:1 len 8 | 2:1 "x"`},
		{"cut line", good[:50] + "\n" + good, `1:1 invalid-frame at 50 1:51 len 51 | 2:1 "x"`},
		{"cut line before a member", good[:13] + "\n" + good, `1:1 invalid-frame at 14 2:1 len 14 | 2:1 "x"`},
		{"cut at the end", good + "\n" + good[:60], `1:1 "x" | 2:1 truncated at 160 2:61 len 60`},
		{"no end of line", good[:50] + good, `1:1 invalid-frame at 47 1:48 len 50 | 1:51 "x"`},
		{"bad number", `{"offset":9223372036854775808,"payload":""}`, `1:1 invalid-frame at 10 1:11 len 43`},
		{"bad surrogate", `{"payload":"\ud800x"}`, `1:1 invalid-frame at 12 1:13 len 21`},
		{"bad escape", `{"payload":"\x"}`, `1:1 invalid-frame at 12 1:13 len 16`},
		{"unpacked", `{"payload":17}`, `1:1 invalid-frame at 11 1:12 len 14`},
		{"no payload", `{"topic":"a"}`, `1:1 invalid-frame at 0 1:1 len 13`},
		{"twice", `{"key":"a","key":"b","payload":""}`, `1:1 invalid-frame at 17 1:18 len 34`},
		{"odd headers", `{"headers":["a"],"payload":""}`, `1:1 invalid-frame at 15 1:16 len 30`},
		{"unknown time", `{"tstype":"unknown","ts":-1,"payload":""}`, `1:1 "" ts -1`},
		{"far time", `{"ts":253402300800000,"payload":""}`, `1:1 "" ts 253402300800000`},
		{"separator", good + "--" + good + "--" + good + "--\n", `1:1 "x" | 1:102 "x" | 1:203 "x"`},
		{"no separator", good + "\n--\n" + good + "++" + good, `1:1 "x" | 3:1 "x" | 3:100 invalid-frame at 202 3:100 len 2 | 3:102 "x"`},
		{"deep", `{"payload":"","x":` + strings.Repeat("[", 100) + strings.Repeat("]", 100) + "}", `1:1 invalid-frame at 50 1:51 len 219`},
	}
	for _, test := range tests {
		for _, whole := range []bool{true, false} {
			var source = iotest.DataErrReader(strings.NewReader(test.text))
			if !whole {
				source = iotest.OneByteReader(source)
			}
			frames := readAll(t, KcatJSON(), source, nil)
			var got []string
			for _, f := range frames {
				got = append(got, sketch(&f))
			}
			if text := strings.Join(got, " | "); text != test.want {
				t.Errorf("%s: got\n%s, want\n%s", test.name, text, test.want)
			}
			length := 0
			for _, f := range frames {
				if f.Problem != nil {
					length += len(f.Payload)
				}
			}
			if out := writeAll(t, KcatJSON(), nil, frames); length > len(out) {
				t.Errorf("%s: damage is not written again", test.name)
			}
		}
	}
}

func sketch(f *frame.Frame) string {
	place := itoa(f.Line) + ":" + itoa(f.Column) + " "
	if p := f.Problem; p != nil {
		return place + string(p.Tag) + " at " + itoa(int(p.InputOffset)) + " " + itoa(p.Line) + ":" + itoa(p.Column) + " len " + itoa(int(p.Length))
	}
	text := place + "null"
	if !f.Null {
		text = place + quote(f.Payload)
	}
	if ts := f.Meta.Kafka.Timestamp; ts != nil {
		text += " ts " + itoa(int(*ts))
	}
	for _, m := range f.Meta.Kafka.Extra {
		text += " " + m.Key + "=" + string(m.Value)
	}
	return text
}

// TestKcatRText shows what is read from hostile lengths.
func TestKcatRText(t *testing.T) {
	tests := []struct{ name, data, want string }{
		{"empty", "", ""},
		{"null, empty, one", "\xff\xff\xff\xff\x00\x00\x00\x00\x00\x00\x00\x01x", `null | "" | "x"`},
		{"cut length", "\x00\x00", "truncated len 2"},
		{"cut value", "\x00\x00\x00\x02x", "truncated len 5"},
		{"negative", "\xff\xff\xff\xfeabc", "invalid-frame len 7"},
		{"huge", "\x7f\xff\xff\xffabc", "truncated len 7"},
		{"above the limit", "\x00\x00\x00\x09123456789\x00\x00\x00\x01x", `too-large len 13 | "x"`},
		{"noticed", "\xff\xff\xff\xffNULL\x00\x00\x00\x00NULL\x00\x00\x00\x04NULL", `null | "" | "NULL"`},
		{"noticed and missed", "\xff\xff\xff\xffNULL\x00\x00\x00\x00\x00\x00\x00\x01x", `null | invalid-frame len 9`},
		{"noticed and cut", "\xff\xff\xff\xffNULL\x00\x00\x00\x00", `null | truncated len 4`},
	}
	for _, test := range tests {
		frames := readAll(t, KcatR(), strings.NewReader(test.data), &frame.Options{MaxSize: 8})
		var got []string
		for _, f := range frames {
			switch {
			case f.Problem != nil:
				got = append(got, string(f.Problem.Tag)+" len "+itoa(len(f.Payload)))
			case f.Null:
				got = append(got, "null")
			default:
				got = append(got, quote(f.Payload))
			}
		}
		if text := strings.Join(got, " | "); text != test.want {
			t.Errorf("%s: got %s, want %s", test.name, text, test.want)
		}
	}
}

// FuzzKcatJSON: what is read from any bytes is written, and read again as the
// same; and nothing but separators is lost.
func FuzzKcatJSON(f *testing.F) {
	f.Add([]byte(`{"topic":"a","partition":1,"offset":2,"tstype":"create","ts":3,"broker":4,"headers":["n",null,"m","v"],"key":null,"payload":"x\u0000\xff"}` + "\n"))
	f.Add([]byte(`{"payload":"","x":{"a":[1,-2.5e+3,true]},"key_error":"e"}--{"topic":"","payload":null}--`))
	f.Add([]byte("garbage\n{\"topic\":\"\\ud83d\\ude00\"\n{\"topic\""))
	f.Fuzz(func(t *testing.T, data []byte) {
		frames := readAll(t, KcatJSON(), bytes.NewReader(data), nil)
		end := int64(0)
		for i := range frames {
			g := &frames[i]
			if g.Offset < end || g.Offset >= int64(len(data)) {
				t.Fatalf("frame %d at %d after %d", i, g.Offset, end)
			}
			end = g.Offset + 1
			if g.Problem != nil {
				if g.Problem.Length != int64(len(g.Payload)) || !bytes.HasPrefix(data[g.Offset:], g.Payload) {
					t.Fatalf("damage %+v does not lie at its place", g)
				}
				end = g.Offset + g.Problem.Length
			}
		}
		byteByByte := readAll(t, KcatJSON(), iotest.OneByteReader(bytes.NewReader(data)), nil)
		compareFrames(t, "one byte a read", byteByByte, frames)
		var good []frame.Frame
		for _, g := range frames {
			if g.Problem == nil {
				good = append(good, g)
			}
		}
		compareFrames(t, "again", readAll(t, KcatJSON(), bytes.NewReader(writeAll(t, KcatJSON(), nil, good)), nil), good)
	})
}

// FuzzKcatR: reading and writing is the identity on any bytes.
func FuzzKcatR(f *testing.F) {
	f.Add([]byte("\xff\xff\xff\xff\x00\x00\x00\x00\x00\x00\x00\x01x"), false)
	f.Add([]byte("\xff\xff\xff\xffNULL\x00\x00\x00\x00NULL\x00\x00\x00\x04NULL"), true)
	f.Add([]byte("\xff\xff\xff\xfe"), false)
	f.Fuzz(func(t *testing.T, data []byte, text bool) {
		noticed := false
		o := &frame.Options{NullText: text, Note: func(string) { noticed = true }}
		frames := readAll(t, KcatR(), bytes.NewReader(data), o)
		out := writeAll(t, KcatR(), &frame.Options{NullText: text}, frames)
		if !noticed && !bytes.Equal(out, data) {
			t.Fatalf("got %x, want %x", out, data)
		}
		compareFrames(t, "one byte a read", readAll(t, KcatR(), iotest.OneByteReader(bytes.NewReader(data)), o), frames)
		if len(frames) > 0 && frames[0].Offset != 0 {
			t.Fatal("the first frame does not begin at 0")
		}
		for _, g := range frames {
			if g.Problem != nil && g.Problem.InputOffset == span.Unknown {
				t.Fatal("a problem without a place")
			}
		}
	})
}
