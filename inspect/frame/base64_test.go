package frame

import (
	"bytes"
	"encoding/base64"
	"strings"
	"testing"
)

func TestBase64Lines(t *testing.T) {
	cases := []struct {
		text   string
		joined bool
		want   []string // payloads; ! and the tag for a damaged one
	}{
		{"", false, nil},
		{"", true, []string{""}},
		{"\n", false, []string{""}},
		{"aGVsbG8=\n\naGVsbG8\n", false, []string{"hello", "", "hello"}},
		{"aGVsbG8=\r\n aGVs bG8 \n", false, []string{"hello", "hello"}},
		{"+/+/-_-_", false, []string{"\xfb\xff\xbf\xfb\xff\xbf"}},
		{"-_8", false, []string{"\xfb\xff"}},
		{"aA==aGk=aGlp\n", false, []string{"hhihii"}},
		{"data:application/x-protobuf;base64,aGVsbG8=\n", false, []string{"hello"}},
		{"aGVsbG8=\n!\naGk=\n", false, []string{"hello", "!invalid-frame", "hi"}},
		{"a\n", false, []string{"!invalid-frame"}},
		{"aGVsb\n", false, []string{"!invalid-frame"}},
		{"aGVsbG9=\n", false, []string{"!invalid-frame"}},
		{"aGVsbG9\n", false, []string{"!invalid-frame"}},
		{"aGVsbA\n", false, []string{"hell"}},
		{"aGV=bG8=\n", false, []string{"!invalid-frame"}},
		{"aA=\n", false, []string{"!invalid-frame"}},
		{"aA=a\n", false, []string{"!invalid-frame"}},
		{"=\n", false, []string{"!invalid-frame"}},
		{"====\n", false, []string{"!invalid-frame"}},
		{"aGVsbG8==\n", false, []string{"!invalid-frame"}},
		{"aGVs\nbG8=\n", true, []string{"hello"}},
		{"aGV\nsbG8\n\n", true, []string{"hello"}},
		{"aGV\ns!G8\n\n", true, []string{"!invalid-frame"}},
		{"aGVsb\n", true, []string{"!invalid-frame"}},
		{"data:;base64,aGV\nsbG8=\n", true, []string{"hello"}},
	}
	for _, c := range cases {
		for name, r := range slowReaders([]byte(c.text)) {
			var got []string
			for _, f := range read(t, Base64(), r, &Options{Joined: c.joined}) {
				s := string(f.Payload)
				if f.Problem != nil {
					if s = "!" + string(f.Problem.Tag); !strings.Contains(c.text, string(f.Payload)) || len(f.Payload) == 0 {
						t.Errorf("%q: damaged payload %q", c.text, f.Payload)
					}
				}
				got = append(got, s)
			}
			if strings.Join(got, "|") != strings.Join(c.want, "|") || len(got) != len(c.want) {
				t.Errorf("%q, joined %v, %s:\n got %q\nwant %q", c.text, c.joined, name, got, c.want)
			}
		}
	}
}

// The plain path and the tolerant one must agree, and both with the standard
// library where that is strict.
func FuzzBase64Line(f *testing.F) {
	for _, s := range []string{"", "aGVsbG8=", "aGVsbG8", "aGVsbG9=", "-_-_", "aA==aGk="} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var d decoder64
		slow, _, why := d.append(nil, []byte(s))
		if why == "" {
			slow, why = d.finish(slow)
		}
		if n := plain64([]byte(s)); n >= 0 {
			if fast := decode64([]byte(s[:n])); why != "" || !bytes.Equal(fast, slow) {
				t.Fatalf("%q: plain %q, tolerant %q %s", s, fast, slow, why)
			}
		}
		std := strings.NewReplacer("-", "+", "_", "/", "=", "").Replace(s)
		want, err := base64.RawStdEncoding.Strict().DecodeString(std)
		if strings.ContainsAny(s, "= \t\r\n") {
			return
		}
		if (err == nil) != (why == "") || err == nil && !bytes.Equal(want, slow) {
			t.Fatalf("%q: %q %s, the standard library %q %v", s, slow, why, want, err)
		}
	})
}
