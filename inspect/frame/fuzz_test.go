package frame

import (
	"bytes"
	"testing"
	"testing/iotest"

	"github.com/pbscope/pbscope/inspect/span"
)

// Every byte belongs to a frame, the frames do not depend on how the bytes
// arrive, and what was read is written so that it is read again.
func FuzzRead(f *testing.F) {
	for _, s := range []string{"", "\x01a", "\x00\x00\x00\x01a", "\x01\x00\x00\x00a", "\x00\x00\x00\x00\x01a", "\x80\x00\x00\x00\x01a", "6161\n61", "YWE=\nYQ",
		"00000000: 6162  ab\n*\n00000004: 63  c\n", "00000000  61  |a|\n*\n00000009\n", "0x61,\n0x62\n", "char a[] = {\n0x61\n};\nunsigned int a_len = 1;\n", "# a\n61 # b", "\xff\xff\xff\xff\x0fa",
		"\x01\x00\x00\x00\x20" + string(gzipped("a message"))} {
		for form := range plainForms() {
			f.Add(form, false, []byte(s))
		}
		f.Add(5, true, []byte(s))
		f.Add(6, true, []byte(s))
	}
	f.Fuzz(func(t *testing.T, form int, joined bool, data []byte) {
		all := plainForms()
		if form < 0 || form >= len(all) {
			return
		}
		o := &Options{Joined: joined, MaxSize: 1 << 16}
		frames := read(t, all[form], bytes.NewReader(data), o)
		slow := read(t, all[form], iotest.OneByteReader(bytes.NewReader(data)), o)
		if !equal(summary(frames), summary(slow)) {
			t.Fatalf("%q\nat once %q\nbyte by byte %q", data, summary(frames), summary(slow))
		}
		checkCover(t, all[form], data, frames)
		again := read(t, all[form], bytes.NewReader(write(t, all[form], frames)), &Options{Joined: joined, MaxSize: 1 << 16})
		if joined || all[form].Name == "hex" && hasDamage(frames) {
			return // damaged lines may take their neighbours with them
		}
		if !equal(summary(frames), summary(again)) {
			t.Fatalf("%q\nfirst %q\nagain %q", data, summary(frames), summary(again))
		}
	})
}

func hasDamage(frames []Frame) bool {
	for _, f := range frames {
		if f.Problem != nil {
			return true
		}
	}
	return false
}

// checkCover finds every byte of data in the frames: in binary forms as bytes,
// in text forms between the frames' offsets.
func checkCover(t *testing.T, form Form, data []byte, frames []Frame) {
	t.Helper()
	var at int64
	for i, f := range frames {
		if f.Offset < at || form.Name != "hex" && form.Name != "base64" && f.Offset != at {
			t.Fatalf("%s: frame %d begins at %d, the last one ended at %d: %q", form.Name, i, f.Offset, at, data)
		}
		if f.PayloadOffset != span.Unknown && !bytes.HasPrefix(data[f.PayloadOffset:], f.Payload) {
			t.Fatalf("%s: payload %d is not at %d", form.Name, i, f.PayloadOffset)
		}
		if f.PayloadOffset != span.Unknown {
			at = f.PayloadOffset + int64(len(f.Payload))
		} else if i+1 < len(frames) {
			at = frames[i+1].Offset
		} else {
			at = int64(len(data))
		}
	}
	if at != int64(len(data)) && form.Name != "hex" {
		t.Fatalf("%s: %d of %d bytes: %q", form.Name, at, len(data), data)
	}
}

// A list of payloads survives every form that holds lists.
func FuzzWrite(f *testing.F) {
	f.Add([]byte(""), byte(1))
	f.Add([]byte("\x00\x00\x00\x00\x00\x00\x00\x00 abc"), byte(3))
	f.Fuzz(func(t *testing.T, data []byte, step byte) {
		var list []Frame
		for rest := data; len(rest) > 0; {
			n := min(int(step), len(rest))
			list = append(list, Frame{Payload: rest[:n]})
			rest = rest[max(n, 1):]
		}
		for _, form := range plainForms()[1:] {
			got := read(t, form, bytes.NewReader(write(t, form, list)), nil)
			if !equal(summary(list), summary(got)) {
				t.Fatalf("%s: %q came back as %q", form.Name, summary(list), summary(got))
			}
		}
	})
}
