package tws

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/pbscope/pbscope/inspect/frame"
)

func readAll(t testing.TB, stream []byte, direction string) []frame.Frame {
	t.Helper()
	frames, err := readFrom(bytes.NewReader(stream), direction)
	if err != nil {
		t.Fatalf("%.40q: %v", stream, err)
	}
	return frames
}

func readFrom(source io.Reader, direction string) ([]frame.Frame, error) {
	r := Stream().Read(frame.NewInput(source), &frame.Options{Direction: direction})
	var frames []frame.Frame
	for {
		var f frame.Frame
		if err := r.Next(&f); err == io.EOF {
			return frames, nil
		} else if err != nil {
			return frames, err
		}
		f.Payload = bytes.Clone(f.Payload)
		frames = append(frames, f)
	}
}

func writeAll(t testing.TB, frames []frame.Frame) []byte {
	t.Helper()
	w := Stream().Write(nil)
	var out []byte
	for i := range frames {
		var err error
		if out, err = w.Append(out, &frames[i]); err != nil {
			t.Fatalf("%+v: %v", frames[i], err)
		}
	}
	return out
}

// framed is each payload after its length.
func framed(payloads ...string) string {
	var b []byte
	for _, p := range payloads {
		b = append(binary.BigEndian.AppendUint32(b, uint32(len(p))), p...)
	}
	return string(b)
}

func id(n uint32) string { return string(binary.BigEndian.AppendUint32(nil, n)) }

// describe is a frame in one line.
func describe(f frame.Frame) string {
	if f.Problem != nil {
		return fmt.Sprintf("%s %x", f.Problem.Tag, f.Payload)
	}
	m := f.Meta.TWS
	s := m.Kind
	if m.HasID {
		s = fmt.Sprintf("%d/%d %s %s %s", m.ID, m.WireID, m.Name, m.Encoding, f.Type)
	}
	if m.IDEncoding != "" {
		s += " id:" + m.IDEncoding
	}
	if m.Charset != "" {
		s += " " + m.Charset
	}
	if m.Encoding == text {
		return s + fmt.Sprintf(" %q", m.Fields)
	}
	if m.Value != nil {
		return s + " " + string(m.Value)
	}
	return s + fmt.Sprintf(" %x", f.Payload)
}

const time = "20260930 12:34:56 UTC"

func TestFrames(t *testing.T) {
	start := "API\x00" + framed("v100..225 +PACEAPI")
	wrong := strings.Repeat("\xff\xee", 20)
	cases := []struct {
		name, direction, stream string
		want                    []string
	}{
		{"client", "", start + framed(id(71)+"2\x007\x00\x00", id(271)+"\x08\x01", id(1000071)+"\x08\x02", id(249)), []string{
			"handshake 41504900", `client_versions {"minVersion":100,"maxVersion":225,"connectOptions":"+PACEAPI"}`,
			`71/71 START_API text  ["2" "7" ""]`, "71/271 START_API protobuf protobuf.StartApiRequest 0801",
			"71/1000071 START_API protobuf protobuf.StartApiRequest 0802", "49/249 REQ_CURRENT_TIME protobuf protobuf.CurrentTimeRequest ",
		}},
		{"client below 201", "", "API\x00" + framed("v100", "71\x002\x007\x00\x00"), []string{
			"handshake 41504900", `client_versions {"minVersion":100}`, `71/71 START_API text  id:text ["2" "7" ""]`,
		}},
		{"server", "", framed("225\x00"+time+"\x00", id(3), id(203), id(204)+"\x08\x01"), []string{
			`server_info {"serverVersion":225,"connectionTime":"` + time + `"}`, `3/3 ORDER_STATUS text  []`,
			"3/203 ORDER_STATUS protobuf protobuf.OrderStatus ", "4/204 ERR_MSG protobuf protobuf.ErrorMessage 0801",
		}},
		{"server below 201", "", framed("200\x00"+time+"\x00", "49\x001\x00"+time+"\x00", id(3)), []string{
			`server_info {"serverVersion":200,"connectionTime":"` + time + `"}`, `49/49 CURRENT_TIME text  ["1" "` + time + `"]`, `3/3 ORDER_STATUS text  id:binary []`,
		}},
		{"redirect", "", framed("-1\x00127.0.0.1:4001\x00"), []string{`server_info {"serverVersion":-1,"redirect":"127.0.0.1:4001"}`}},
		{"two sessions", "", framed("225\x00"+time+"\x00", id(203), "200\x00"+time+"\x00", "9\x001\x005\x00"), []string{
			`server_info {"serverVersion":225,"connectionTime":"` + time + `"}`, "3/203 ORDER_STATUS protobuf protobuf.OrderStatus ",
			`server_info {"serverVersion":200,"connectionTime":"` + time + `"}`, `9/9 NEXT_VALID_ID text  ["1" "5"]`,
		}},
		{"unknown ids", server, framed(id(203), id(350)+"\x08\x01", id(180)+"a\x00", id(1000399)), []string{
			"3/203 ORDER_STATUS protobuf protobuf.OrderStatus ", "150/350  protobuf  0801", `180/180  text  ["a"]`, "399/1000399  protobuf  ",
		}},
		{"latin-1", server, framed(id(4)+"caf\xe9\x00\x00", id(4)+"caf\xc3\xa9\x00", "225\x00"+time+" \xd6\xd0\x00"), []string{
			`4/4 ERR_MSG text  latin-1 ["café" ""]`, `4/4 ERR_MSG text  ["café"]`, `server_info latin-1 {"serverVersion":225,"connectionTime":"` + time + ` ÖÐ"}`,
		}},
		{"no end of text", server, framed(id(203), id(4)+"a\x00b", id(203)), []string{"3/203 ORDER_STATUS protobuf protobuf.OrderStatus ", "invalid-frame 00000007000000046100" + "62", "3/203 ORDER_STATUS protobuf protobuf.OrderStatus "}},
		{"no payload", server, framed(id(203), "", id(203)), []string{"3/203 ORDER_STATUS protobuf protobuf.OrderStatus ", "invalid-frame 00000000", "3/203 ORDER_STATUS protobuf protobuf.OrderStatus "}},
		{"start within a frame", server, wrong + framed(id(203), id(204)), []string{
			"skipped " + fmt.Sprintf("%x", wrong), "3/203 ORDER_STATUS protobuf protobuf.OrderStatus ", "4/204 ERR_MSG protobuf protobuf.ErrorMessage ",
		}},
		{"too long", server, framed(id(203)) + "\x01\x00\x00\x00" + wrong + framed(id(203), id(204)), []string{
			"3/203 ORDER_STATUS protobuf protobuf.OrderStatus ", "invalid-frame 01000000", "skipped " + fmt.Sprintf("%x", wrong),
			"3/203 ORDER_STATUS protobuf protobuf.OrderStatus ", "4/204 ERR_MSG protobuf protobuf.ErrorMessage ",
		}},
		{"a lost byte", server, framed(id(203)) + framed(id(204) + "\x08\x01")[1:] + framed(id(203), id(204)), []string{
			"3/203 ORDER_STATUS protobuf protobuf.OrderStatus ", "invalid-frame 00000600", "skipped 0000cc0801",
			"3/203 ORDER_STATUS protobuf protobuf.OrderStatus ", "4/204 ERR_MSG protobuf protobuf.ErrorMessage ",
		}},
		{"cut", server, framed(id(203), id(204)+"\x08\x01")[:17], []string{"3/203 ORDER_STATUS protobuf protobuf.OrderStatus ", "truncated 00000006000000cc08"}},
		{"cut in the length", server, framed(id(203)) + "\x00\x00", []string{"3/203 ORDER_STATUS protobuf protobuf.OrderStatus ", "truncated 0000"}},
		{"nothing but noise", client, wrong, []string{"skipped " + fmt.Sprintf("%x", wrong)}},
		{"unframed", client, "63\x001\x000\x00", []string{"invalid-frame 363300310030" + "00"}},
		{"empty", "", "", nil},
	}
	for _, c := range cases {
		for name, r := range map[string]io.Reader{"at once": strings.NewReader(c.stream), "byte by byte": iotest.OneByteReader(strings.NewReader(c.stream))} {
			frames, err := readFrom(r, c.direction)
			var got []string
			for _, f := range frames {
				got = append(got, describe(f))
			}
			if err != nil || strings.Join(got, "\n") != strings.Join(c.want, "\n") {
				t.Errorf("%s, %s: %v\n got %s\nwant %s", c.name, name, err, strings.Join(got, "\n     "), strings.Join(c.want, "\n     "))
			}
			if out := writeAll(t, frames); string(out) != c.stream {
				t.Errorf("%s: written as %q, was %q", c.name, out, c.stream)
			}
		}
	}
}

func TestDirectionIsAskedFor(t *testing.T) {
	stream := framed(id(203), id(204))
	for range 2 {
		if _, err := readFrom(strings.NewReader(stream), ""); !errors.Is(err, ErrDirection) {
			t.Errorf("%v", err)
		}
	}
	broken := errors.New("broken")
	if _, err := readFrom(iotest.ErrReader(broken), ""); err != broken {
		t.Errorf("%v", err)
	}
}

func TestSure(t *testing.T) {
	sure := Stream().Sure
	for s, want := range map[string]bool{
		"API\x00\x00\x00\x00\x09v100..225": true, framed("225\x00" + time + "\x00"): true, "": false, framed(id(203)): false,
		framed("15\x001\x00DU1\x00"): false, framed("0\x00" + "\x00"): false, "API": false,
	} {
		if sure([]byte(s), true) != want {
			t.Errorf("%q", s)
		}
	}
}

func TestTableIsSorted(t *testing.T) {
	for _, direction := range []string{client, server} {
		last := uint32(0)
		for n := uint32(0); n < 500; n++ {
			row, ok := find(direction, n)
			if !ok {
				continue
			}
			if row.id != n || row.name == "" || n > highestID {
				t.Errorf("%s %d: %+v", direction, n, row)
			}
			last = n
		}
		if last != 109 && last != 111 {
			t.Errorf("%s: the last id found is %d", direction, last)
		}
	}
	if len(clientMessages) != 85 || len(serverMessages) != 86 {
		t.Errorf("%d and %d messages", len(clientMessages), len(serverMessages))
	}
}

func TestRefusedFrames(t *testing.T) {
	w := Stream().Write(nil)
	for _, f := range []frame.Frame{
		{Payload: []byte("a")},
		{Meta: &frame.Meta{}},
		{Meta: &frame.Meta{TWS: &frame.TWS{Kind: kindMessage}}},
		{Meta: &frame.Meta{TWS: &frame.TWS{Kind: "other"}}},
		{Meta: &frame.Meta{TWS: &frame.TWS{Kind: kindServerInfo}}},
		{Meta: &frame.Meta{TWS: &frame.TWS{Kind: kindServerInfo, Value: []byte(`{"serverVersion":1}`)}}},
		{Meta: &frame.Meta{TWS: &frame.TWS{Kind: kindClientVersions, Value: []byte(`{}`)}}},
		{Meta: &frame.Meta{TWS: &frame.TWS{Kind: kindMessage, HasID: true, WireID: 1, Encoding: text, Fields: []string{"a\x00b"}}}},
		{Meta: &frame.Meta{TWS: &frame.TWS{Kind: kindMessage, HasID: true, WireID: 1, Encoding: text, Charset: latin1, Fields: []string{"€"}}}},
		{Null: true, Meta: &frame.Meta{TWS: &frame.TWS{Kind: kindMessage, HasID: true, WireID: 201}}},
		{Payload: make([]byte, maxFrame), Meta: &frame.Meta{TWS: &frame.TWS{Kind: kindMessage, HasID: true, WireID: 201}}},
	} {
		if out, err := w.Append([]byte("x"), &f); err == nil || string(out) != "x" {
			t.Errorf("%+v is written as %q", f.Meta, out)
		}
	}
}

func TestNotes(t *testing.T) {
	var notes []string
	o := &frame.Options{Direction: server, Note: func(s string) { notes = append(notes, s) }}
	r := Stream().Read(frame.NewInput(strings.NewReader("API\x00"+framed("v100"))), o)
	var f frame.Frame
	if err := r.Next(&f); err != nil || len(notes) != 1 || !strings.Contains(notes[0], "client") {
		t.Errorf("%v %q", err, notes)
	}
}

func TestLongNoise(t *testing.T) {
	noise := bytes.Repeat([]byte("\x00\xff\xff\xf0\x00\x00\x00\x01"), (frame.MaxKept+100000)/8)
	stream := append(append([]byte("\xff"), noise...), framed(id(203), id(204))...)
	frames := readAll(t, stream, server)
	if len(frames) != 3 || frames[0].Problem.Length != int64(1+len(noise)) || frames[0].Payload != nil {
		t.Errorf("%d frames, %+v", len(frames), frames[0].Problem)
	}
}

// A frame that is looked beyond before it is taken keeps its bytes, also when
// looking moves them: here each read ends with such a frame, near the end of
// the input's block.
func TestFramesAtTheEndOfABlock(t *testing.T) {
	const block = 256 << 10
	var stream string
	var reads []io.Reader
	for i := range 20 {
		first := id(203) + "\x08" + strings.Repeat("a", 100000+i)
		second := id(0x500000) + strings.Repeat(string(rune('b'+i)), 30000) + strings.Repeat("c", block-100000-i-30000-100)
		stream += framed(first, second)
		reads = append(reads, strings.NewReader(framed(first, second)))
	}
	frames, err := readFrom(io.MultiReader(reads...), server)
	if err != nil {
		t.Fatal(err)
	}
	if out := writeAll(t, frames); string(out) != stream || len(frames) != 40 {
		t.Errorf("%d frames, not written as they were read", len(frames))
	}
}

// What is read is written as it was, whatever it was, and however it arrives.
func FuzzStream(f *testing.F) {
	for _, s := range []string{
		"API\x00" + framed("v100..225", id(71)+"2\x00", "71\x002\x00", id(271)),
		framed("225\x00"+time+"\x00", id(3), id(203), id(1000203), id(4)+"\xe9\x00"),
		framed("-1\x00a:1\x00"), framed(id(203), "", id(203)), "\xff\xff" + framed(id(203), id(204)), "63\x001\x00",
		framed("200\x00"+time+"\x00", "49\x001\x00"), framed(id(0), id(0x500000), id(201)),
	} {
		f.Add([]byte(s), byte(0))
		f.Add([]byte(s), byte(1))
		f.Add([]byte(s), byte(2))
	}
	f.Fuzz(func(t *testing.T, stream []byte, direction byte) {
		sender := []string{"", client, server}[direction%3]
		frames, err := readFrom(bytes.NewReader(stream), sender)
		slow, err2 := readFrom(iotest.OneByteReader(bytes.NewReader(stream)), sender)
		if err != err2 || err != nil && err != ErrDirection {
			t.Fatal(err, err2)
		}
		if err != nil {
			return
		}
		if out := writeAll(t, frames); !bytes.Equal(out, stream) {
			t.Fatalf("%q was written as %q", stream, out)
		}
		var at int64
		for i, f := range frames {
			if f.Offset != at || describe(f) != describe(slow[i]) {
				t.Fatalf("frame %d at %d, want %d: %s and %s", i, f.Offset, at, describe(f), describe(slow[i]))
			}
			at = f.PayloadOffset + int64(len(f.Payload))
		}
		if at != int64(len(stream)) || len(slow) != len(frames) {
			t.Fatalf("%d of %d bytes", at, len(stream))
		}
	})
}
