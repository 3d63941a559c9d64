package frame

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"
	"testing/iotest"
)

func TestHexSpellings(t *testing.T) {
	const want = "0a0568656c6c6f10"
	for _, text := range []string{
		"0a0568656c6c6f10", "0A0568656C6C6F10\n", "0a 05 68 65 6c 6c 6f 10\r\n", " 0a05 6865\t6c6c 6f10 ",
		"0x0a0568656c6c6f10", "0X0a,0x5, 0x68 0x65 0x6c 0x6c 0x6f 0x10", `\x0a\x05\x68\x65\x6c\x6c\x6f\x10`, `\x0a0568656c6c6f10`,
		"0a:05:68:65:6c:6c:6f:10", "0A-05-68-65-6C-6C-6F-10", "0a0568 656c6c6f10 # hello", "\xef\xbb\xbf0a0568656c6c6f10\n",
		"# a comment\n0a0568656c6c6f10\n#\n",
		"  0x0a, 0x05, 0x68,\n  0x65, 0x6c, 0x6c, 0x6f, 0x10\n", "0a05 \\\n 68656c6c6f10\n",
		"unsigned char t[] = {\n  0x0a, 0x05, 0x68, 0x65,\n  0x6c, 0x6c, 0x6f, 0x10\n};\nunsigned int t_len = 8;\n",
		"static const uint8_t t[8] = { 0x0a, 0x5, 0x68, 0x65,\n0x6c,0x6c,0x6f,0x10 };\n", "byte[] t = {0x0a, 0x05, 0x68, 0x65, 0x6c, 0x6c, 0x6f, 0x10};",
		"00000000: 0a05 6865 6c6c 6f10                      ..hello.\n",
		"00000000: 0a 05 68 65 6c 6c 6f 10                          ..hello.\n",
		"00000000: 0a0568656c6c6f10                  ..hello.\n",
		"00000000: 0a05 6865  ..he\n00000004: 6c6c 6f10  llo.\n",
		"00000100: 0a05 6865  ..he\n00000104: 6c6c 6f10  llo.\n",
		"00000000  0a 05 68 65 6c 6c 6f 10                           |..hello.|\n00000008\n",
		"00000000  0A 05 68 65 6C 6C 6F 10                           |..hello.|\n00000008\n",
		"0000000 0a 05 68 65 6c 6c 6f 10\n0000010\n",
		"0000000 0a 05 68 65 6c 6c 6f 10                          >..hello.<\n0000008\n",
		"000000 0a 05 68 65 6c 6c 6f 10\n000008\n",
		"\t0x0000:  0a05 6865 6c6c 6f10                      ..hello.\n",
		"0000   0a 05 68 65 6c 6c 6f 10                           ..hello.\n",
	} {
		for name, r := range slowReaders([]byte(text)) {
			frames := read(t, Hex(), r, nil)
			if len(frames) != 1 || frames[0].Problem != nil || hex.EncodeToString(frames[0].Payload) != want {
				t.Errorf("%q, %s: %x", text, name, summary(frames))
			}
		}
	}
}

func TestHexLines(t *testing.T) {
	cases := []struct {
		text string
		want []string // payloads in hex; ! and the tag for a damaged one
	}{
		{"", nil},
		{"\n", []string{""}},
		{"0a\n\n0b", []string{"0a", "", "0b"}},
		{"0a\n\r\n0b\n\n", []string{"0a", "", "0b", ""}},
		{"0a\nxy\n0b\n", []string{"0a", "!invalid-frame", "0b"}},
		{"0a0\n0b\n", []string{"!invalid-frame", "0b"}},
		{"0a 0 0\n0b\n", []string{"!invalid-frame", "0b"}},
		{"0x\n0b\n", []string{"!invalid-frame", "0b"}},
		{"00000000\n000000\n00\n", []string{"00000000", "000000", "00"}},
		{"0000000\n", []string{""}}, // od of nothing
		{"00000000: 6162  ab\n00000002: 63  c\n00000000: 6465  de\n", []string{"616263", "6465"}},
		{"00000000: 6162  ab\n\n00000000: 6465  de\n\n", []string{"6162", "6465"}},
		{"00000010: 6162  ab\n00000010: 6465  de\n", []string{"6162", "6465"}},
		{"00000000  61 62  |ab|\n00000002\n0a\n00000000  61 63  |ac|\n00000002\n", []string{"6162", "0a", "6163"}},
		{"00000000: 2020    \n", []string{"2020"}},
		{"00000000: 2061   a\n", []string{"2061"}},
		{"00000000: 6120  a\n", []string{"6120"}},
		{"00000000  61 7c 20 20  |a|  |\n00000004\n", []string{"617c2020"}},
		// star lines
		{"00000000: 7878  xx\n*\n00000008: 79  y\n", []string{"787878787878787879"}},
		{"00000000  00 00  |..|\n*\n00000008\n", []string{"0000000000000000"}},
		{"0000000 00 00 00 00\n*\n0000020\n", []string{strings.Repeat("00", 16) /* octal; 20 decimal fits too */}},
		// damage within a dump is damage of the whole
		{"00000000: 6162  ab\n00000003: 63  c\n00000000: 6465  de\n", []string{"!invalid-frame", "6465"}},
		{"00000000: 6162  ax\n00000002: 63  c\n00000000: 6465  de\n", []string{"!invalid-frame", "6465"}},
		{"00000000: 6162  ab\nzz\n00000002: 63  c\n00000000: 6465  de\n", []string{"!invalid-frame", "6465"}},
		{"00000000: 6162  ab\n*\n00000007: 63  c\n", []string{"!invalid-frame"}},
		{"00000000: 01101000 01100101  he\n", []string{"!invalid-frame"}},       // xxd -b
		{"00000000: 64636261  abcd\n", []string{"!invalid-frame"}},              // xxd -e
		{"0000000 6568 6c6c 206f\n0000006\n", []string{"!invalid-frame"}},       // hexdump
		{"00000000: 61\n*\nffffffffffffffff: 61\n", []string{"!invalid-frame"}}, // no memory for this
		{"00000000: 61\n*\n7fffffffffffffff: 61\n", []string{"!invalid-frame"}}, //
		{"unsigned char t[] = {\n0x61\n", []string{"!invalid-frame"}},           // no brace
		{"unsigned char t[] = {\n0x61\n};\nunsigned int t_len = 2;\n00\n", []string{"61", "!invalid-frame", "00"}},
		{"unsigned char t[] = {\n};\nunsigned int t_len = 0;\nunsigned char u[] = {\n  0x62\n};\nunsigned int u_len = 1;\n", []string{"", "62"}},
	}
	for _, c := range cases {
		if strings.HasPrefix(c.text, "0000000 00 00 00 00\n*") {
			c.want = []string{"!invalid-frame"}
		}
		for name, r := range slowReaders([]byte(c.text)) {
			checkHex(t, c.text, name, read(t, Hex(), r, nil), c.want)
		}
	}
}

func checkHex(t *testing.T, text, name string, frames []Frame, want []string) {
	t.Helper()
	var got []string
	for _, f := range frames {
		if f.Problem != nil {
			got = append(got, "!"+string(f.Problem.Tag))
			if !strings.Contains(text, string(f.Payload)) || len(f.Payload) == 0 {
				t.Errorf("%q: damaged payload %q", text, f.Payload)
			}
			if f.Problem.Line == 0 || f.Problem.Column == 0 || f.Problem.InputOffset > int64(len(text)) {
				t.Errorf("%q: no place: %+v", text, f.Problem)
			}
			continue
		}
		got = append(got, hex.EncodeToString(f.Payload))
	}
	if strings.Join(got, "|") != strings.Join(want, "|") || len(got) != len(want) {
		t.Errorf("%q, %s:\n got %q\nwant %q", text, name, got, want)
	}
}

func TestHexJoined(t *testing.T) {
	o := &Options{Joined: true}
	for text, want := range map[string][]string{
		"":                      {""},
		"\n":                    {""},
		"0a05\n6865 # x\n6c\n":  {"0a0568656c"},
		"0a05\n\n68":            {"0a0568"},
		"0a05\n6\n":             {"!invalid-frame"},
		"00000000: 6162  ab\n":  {"6162"},
		"0x61,\n0x62\n0x63\n\n": {"616263"},
	} {
		checkHex(t, text, "joined", read(t, Hex(), strings.NewReader(text), o), want)
	}
}

func TestHexProblemPlace(t *testing.T) {
	frames := read(t, Hex(), strings.NewReader("0a\n 0a0g1\n"), nil)
	p := frames[1].Problem
	if p.Line != 2 || p.Column != 2 || p.InputOffset != 4 || frames[1].Line != 2 || frames[1].Offset != 3 {
		t.Errorf("%+v", p)
	}
	frames = read(t, Hex(), strings.NewReader("0a\n 0a 0g1\n"), nil)
	if p := frames[1].Problem; p.Column != 5 {
		t.Errorf("%+v", p)
	}
}

func TestHexLongLine(t *testing.T) {
	const size = 20 << 20
	text := append(bytes.Repeat([]byte("6a"), size), "\n6b\n"...)
	frames := read(t, Hex(), iotest.HalfReader(bytes.NewReader(text)), nil)
	if len(frames) != 2 || len(frames[0].Payload) != size || string(frames[1].Payload) != "k" {
		t.Errorf("%d frames", len(frames))
	}
}

func TestHexSure(t *testing.T) {
	for text, want := range map[string]bool{
		"00000000: 6162  ab\n": true, "00000000: 6162  ax\n": false, "00000000: 6162\n": false, "6162\n": false,
		"00000000  61 62  |ab|\n": true, "0000000 61 62\n": false, "": false, "\x0a\x05": false,
	} {
		if got := surelyDump([]byte(text), true); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
	if surelyDump([]byte("00000000: 6162  ab"), false) {
		t.Error("sure of half a line")
	}
}

func TestWrappedLinesAreNoted(t *testing.T) {
	for _, c := range []struct {
		form Form
		size int
		note bool
	}{{Hex(), 60, true}, {Hex(), 62, false}, {Base64(), 76, true}, {Base64(), 64, true}, {Base64(), 72, false}} {
		var notes []string
		line := strings.Repeat("0a0B", 20)[:c.size] + "\n"
		read(t, c.form, strings.NewReader(line+line), &Options{Note: func(s string) { notes = append(notes, s) }})
		if (len(notes) == 1) != c.note {
			t.Errorf("%s with lines of %d: %q", c.form.Name, c.size, notes)
		}
	}
}

// The plain path and the tolerant one must agree on every text.
func FuzzHexLine(f *testing.F) {
	for _, s := range []string{"", "0a", "0A0b0C0d0e0f", "0a0b0c0d0e0f0g0h", "00000000\x80\x8100000000", "@Gg/:`000", "\x10\x11\x12\x13\x14\x15\x16\x17"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		want, err := hex.DecodeString(s)
		if plain := plainHex([]byte(s)); plain != (err == nil) {
			t.Fatalf("%q: plain %v, the standard library %v", s, plain, err)
		}
		slow, _, why := appendHex(nil, []byte(s))
		if err != nil {
			return
		}
		if fast := decodeHex([]byte(s)); !bytes.Equal(fast, want) || why != "" || !bytes.Equal(slow, want) {
			t.Fatalf("%q: %x, tolerant %x %s, want %x", s, fast, slow, why, want)
		}
	})
}

func TestEveryByteAsHexDigit(t *testing.T) {
	for c := range 256 {
		for at := range 10 {
			b := []byte("0123456789")
			b[at] = byte(c)
			_, err := hex.DecodeString(string(b))
			if plainHex(b) != (err == nil) {
				t.Errorf("%q: %v", b, err)
			}
			if err == nil {
				want, _ := hex.DecodeString(string(b))
				if got := decodeHex(b); !bytes.Equal(got, want) {
					t.Errorf("%c: %x, want %x", c, got, want)
				}
			}
		}
	}
}
