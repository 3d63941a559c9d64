package frame

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/pbscope/pbscope/inspect/span"
)

// plainForms are the forms of this package with frames of bytes.
func plainForms() []Form {
	return []Form{Raw(), Delimited(), U32BE(), U32LE(), GRPC(), Hex(), Base64()}
}

// seen is a frame as tests compare it.
type seen struct {
	payload string
	tag     span.Tag
}

func read(t testing.TB, form Form, r io.Reader, o *Options) []Frame {
	t.Helper()
	frames, err := ReadAll(&copying{form.Read(NewInput(r), o)})
	if err != nil {
		t.Fatalf("%s: %v", form.Name, err)
	}
	return frames
}

// copying is a reader whose frames outlive their block.
type copying struct{ Reader }

func (c *copying) Next(f *Frame) error {
	err := c.Reader.Next(f)
	f.Payload = bytes.Clone(f.Payload)
	return err
}

func summary(frames []Frame) []seen {
	var all []seen
	for _, f := range frames {
		s := seen{payload: string(f.Payload)}
		if f.Problem != nil {
			s.tag = f.Problem.Tag
		}
		all = append(all, s)
	}
	return all
}

func write(t testing.TB, form Form, frames []Frame) []byte {
	t.Helper()
	w := form.Write(&Options{})
	var out []byte
	for i := range frames {
		var err error
		if out, err = w.Append(out, &frames[i]); err != nil {
			t.Fatalf("%s: %v", form.Name, err)
		}
	}
	out, err := w.Finish(out)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func payloads(texts ...string) []Frame {
	var frames []Frame
	for _, s := range texts {
		frames = append(frames, Frame{Payload: []byte(s)})
	}
	return frames
}

func TestWhatIsWrittenIsRead(t *testing.T) {
	lists := [][]string{
		{}, {""}, {"", ""}, {"a"}, {"", "a", ""}, {"\x08\x96\x01", "", strings.Repeat("x", 127)},
		{strings.Repeat("x", 128), strings.Repeat("y", 300000), "z"},
		{"\x00\x00\x00", "\x00\x00\x00\x00", "\x00"},
		{strings.Repeat("\x00", 40), "\x1f\x8b\x08"},
	}
	for _, form := range plainForms() {
		for _, list := range lists {
			if form.Name == "raw" && len(list) != 1 {
				continue
			}
			out := write(t, form, payloads(list...))
			for name, r := range slowReaders(out) {
				got := summary(read(t, form, r, nil))
				var want []seen
				for _, s := range list {
					want = append(want, seen{payload: s})
				}
				if !equal(got, want) {
					t.Errorf("%s, %s: %d payloads came back as %.200q", form.Name, name, len(list), fmt.Sprint(got))
				}
			}
		}
	}
}

func equal(a, b []seen) bool { return fmt.Sprintf("%q", a) == fmt.Sprintf("%q", b) }

func slowReaders(b []byte) map[string]io.Reader {
	readers := map[string]io.Reader{
		"at once": bytes.NewReader(b),
		"half":    iotest.HalfReader(bytes.NewReader(b)),
		"dataerr": iotest.DataErrReader(bytes.NewReader(b)),
	}
	if len(b) < 10000 {
		readers["byte by byte"] = iotest.OneByteReader(bytes.NewReader(b))
	}
	return readers
}

func TestDamage(t *testing.T) {
	cases := []struct {
		form  Form
		input string // hex, blanks ignored
		want  []seen
	}{
		{Delimited(), "01 61 02 62", []seen{{"a", ""}, {"\x02b", span.Truncated}}},
		{Delimited(), "01 61 80", []seen{{"a", ""}, {"\x80", span.Truncated}}},
		{Delimited(), "ffffffffffffffffff7f 61", []seen{{"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7fa", span.InvalidFrame}}},
		{Delimited(), "ffffffff08 61", []seen{{"\xff\xff\xff\xff\x08a", span.InvalidFrame}}},
		{Delimited(), "ffffffff07 61", []seen{{"\xff\xff\xff\xff\x07a", span.Truncated}}},
		{Delimited(), "8100 61", []seen{{"a", ""}}},
		{U32BE(), "00000001 61 000000", []seen{{"a", ""}, {"\x00\x00\x00", span.Truncated}}},
		{U32BE(), "00000002 61", []seen{{"\x00\x00\x00\x02a", span.Truncated}}},
		{U32BE(), "ffffffff 61", []seen{{"\xff\xff\xff\xffa", span.InvalidFrame}}},
		{U32LE(), "01000000 61 00000080", []seen{{"a", ""}, {"\x00\x00\x00\x80", span.InvalidFrame}}},
		{GRPC(), "00 00000001 61 00 0000", []seen{{"a", ""}, {"\x00\x00\x00", span.Truncated}}},
		{GRPC(), "04 00000001 61", []seen{{"\x04\x00\x00\x00\x01a", span.InvalidFrame}}},
		{GRPC(), "05", []seen{{"\x05", span.InvalidFrame}}},
		{GRPC(), "01 00000001 61 00 00000001 62", []seen{{"\x01\x00\x00\x00\x01a", span.UnsupportedCompression}, {"b", ""}}},
		{GRPC(), "01 00000003 1f8b08 00 00000001 62", []seen{{"\x01\x00\x00\x00\x03\x1f\x8b\x08", span.InvalidCompression}, {"b", ""}}},
		{GRPC(), "01 00000000", []seen{{"", ""}}},
		{GRPC(), "80 00000001 61 00 00000001 62", []seen{{"\x80\x00\x00\x00\x01a", span.Skipped}, {"b", ""}}},
	}
	for _, c := range cases {
		input := unhex(t, c.input)
		for name, r := range slowReaders(input) {
			frames := read(t, c.form, r, nil)
			if got := summary(frames); !equal(got, c.want) {
				t.Errorf("%s %s, %s:\n got %q\nwant %q", c.form.Name, c.input, name, got, c.want)
			}
		}
	}
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestSizeLimit(t *testing.T) {
	o := &Options{MaxSize: 4}
	for _, form := range plainForms() {
		if form.Name == "raw" {
			continue
		}
		w := write(t, form, payloads("abcd", strings.Repeat("x", 60000), "e", strings.Repeat("y", MaxKept+5), "f"))
		frames := read(t, form, bytes.NewReader(w), o)
		if len(frames) != 5 || frames[1].Problem == nil || frames[1].Problem.Tag != span.TooLarge || len(frames[1].Payload) < 60000 ||
			frames[3].Problem == nil || frames[3].Payload != nil || frames[3].Problem.Length <= MaxKept ||
			string(frames[0].Payload)+string(frames[2].Payload)+string(frames[4].Payload) != "abcdef"[:4]+"ef" {
			t.Errorf("%s: %.300q", form.Name, fmt.Sprint(summary(frames)))
		}
	}
	frames := read(t, Raw(), strings.NewReader("abcde"), o)
	if len(frames) != 1 || frames[0].Problem.Tag != span.TooLarge || string(frames[0].Payload) != "abcde" {
		t.Errorf("raw: %q", summary(frames))
	}
}

func TestReadErrorAfterPart(t *testing.T) {
	broken := errors.New("the disk is broken")
	for _, form := range plainForms() {
		whole := write(t, form, payloads("abcdef"))
		for cut := range whole {
			in := NewInput(io.MultiReader(bytes.NewReader(whole[:cut]), iotest.ErrReader(broken)))
			r := form.Read(in, nil)
			var f Frame
			err := r.Next(&f)
			if cut > 0 {
				if err != nil || f.Problem == nil || f.Problem.Tag != span.Truncated || string(f.Payload) != string(whole[:cut]) {
					t.Errorf("%s cut at %d: %v, %v, %q", form.Name, cut, err, f.Problem, f.Payload)
				}
				err = r.Next(new(Frame))
			}
			if err != broken {
				t.Errorf("%s cut at %d ends with %v", form.Name, cut, err)
			}
		}
	}
}

func TestOffsets(t *testing.T) {
	for _, form := range plainForms()[1:] {
		b := write(t, form, payloads("abc", "", "de"))
		var offset int64
		for i, f := range read(t, form, bytes.NewReader(b), nil) {
			if f.Offset != offset {
				t.Errorf("%s: frame %d at %d, want %d", form.Name, i, f.Offset, offset)
			}
			if f.PayloadOffset >= 0 && string(b[f.PayloadOffset:][:len(f.Payload)]) != string(f.Payload) {
				t.Errorf("%s: payload %d is not at %d", form.Name, i, f.PayloadOffset)
			}
			offset += int64(len(write(t, form, []Frame{f})))
		}
	}
}

func TestRefusedFrames(t *testing.T) {
	for _, form := range plainForms() {
		w := form.Write(nil)
		if out, err := w.Append([]byte("x"), &Frame{Null: true}); err == nil || string(out) != "x" {
			t.Errorf("%s holds a null value as %q", form.Name, out)
		}
	}
	w := Raw().Write(nil)
	if _, err := w.Append(nil, &Frame{}); err != nil {
		t.Error(err)
	}
	if _, err := w.Append(nil, &Frame{}); err == nil {
		t.Error("raw takes a second message")
	}
}

func TestDelimitedAllocatesNothing(t *testing.T) {
	b := write(t, Delimited(), payloads(strings.Split(strings.Repeat("some message,", 1000), ",")...))
	r := Delimited().Read(NewInput(bytes.NewReader(b)), nil)
	var f Frame
	if n := testing.AllocsPerRun(900, func() {
		f = Frame{}
		if err := r.Next(&f); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations a frame", n)
	}
}

func BenchmarkDelimited(b *testing.B) {
	for _, size := range []int{20, 200, 2000} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			data := write(b, Delimited(), payloads(strings.Split(strings.Repeat(strings.Repeat("x", size)+",", 20_000_000/size), ",")...))
			b.SetBytes(int64(len(data)))
			for b.Loop() {
				r := Delimited().Read(NewInput(bytes.NewReader(data)), nil)
				var f Frame
				for {
					f = Frame{}
					if r.Next(&f) != nil {
						break
					}
				}
			}
		})
	}
}
