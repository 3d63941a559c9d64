package capture_test

import (
	"encoding/binary"
	"fmt"
	"strings"
	"testing"

	"github.com/pbscope/pbscope/inspect/frame"
)

// talk is a connection on which a client and a server say things in turn, each
// in a segment of its own.
func talk(port uint16, said ...string) []byte {
	pkts := []pkt{{from: 50000, to: port, seq: 999, flags: syn}, {from: port, to: 50000, seq: 4999, ack: 1000, flags: syn | ack}}
	seqs := [2]uint32{1000, 5000}
	for i, data := range said {
		p := pkt{from: 50000, to: port, seq: seqs[i%2], ack: seqs[1-i%2], flags: ack, data: []byte(data)}
		if i%2 == 1 {
			p.from, p.to = p.to, p.from
		}
		seqs[i%2] += uint32(len(data))
		pkts = append(pkts, p)
	}
	return writePcap(pkts)
}

func framed(payloads ...string) string {
	var b []byte
	for _, p := range payloads {
		b = append(binary.BigEndian.AppendUint32(b, uint32(len(p))), p...)
	}
	return string(b)
}

// said is what the records of a conversation come to.
func said(frames []frame.Frame) string {
	var all []string
	for i := range frames {
		f := &frames[i]
		if f.Problem != nil {
			all = append(all, string(f.Problem.Tag))
			continue
		}
		t := f.Meta.TWS
		one := t.Kind
		if t.Kind == "message" {
			one = fmt.Sprintf("%s%d", t.Name, len(t.Fields))
		} else if t.Value != nil {
			one = string(t.Value)
		}
		all = append(all, t.Direction[:1]+":"+one)
	}
	return strings.Join(all, " ")
}

// TestOtherClients decodes how clients and servers of several makes and ages
// begin, on a port that says nothing.
func TestOtherClients(t *testing.T) {
	const start = "71\x002\x000\x00\x00"
	const utc = "20260930 12:34:56 UTC"
	began := func(versions, info string) string {
		return `c:handshake c:{` + versions + `} s:{` + info + `} c:START_API3 s:NEXT_VALID_ID2`
	}
	for _, c := range []struct{ name, hello, info, want string }{
		{"Python, C#, Java", "v100..225", "178\x00" + utc + "\x00",
			began(`"minVersion":100,"maxVersion":225`, `"serverVersion":178,"connectionTime":"`+utc+`"`)},
		{"with pacing", "v157..178 +PACEAPI", "176\x00" + utc + "\x00",
			began(`"minVersion":157,"maxVersion":178,"connectOptions":"+PACEAPI"`, `"serverVersion":176,"connectionTime":"`+utc+`"`)},
		{"one version", "v100", "100\x00" + utc + "\x00",
			began(`"minVersion":100`, `"serverVersion":100,"connectionTime":"`+utc+`"`)},
		{"an old server", "v100..151", "38\x00" + utc + "\x00",
			began(`"minVersion":100,"maxVersion":151`, `"serverVersion":38,"connectionTime":"`+utc+`"`)},
		{"a zone's name in another charset", "v100..151", "151\x0020260930 12:34:56 \xd6\xd0\xb9\xfa\x00",
			began(`"minVersion":100,"maxVersion":151`, `"serverVersion":151,"connectionTime":"20260930 12:34:56 ÖÐ¹ú"`)},
		{"no time", "v100..187", "187\x00\x00",
			began(`"minVersion":100,"maxVersion":187`, `"serverVersion":187,"connectionTime":""`)},
		{"another form of time", "v100..187", "187\x002026-09-30T12:34:56Z\x00",
			began(`"minVersion":100,"maxVersion":187`, `"serverVersion":187,"connectionTime":"2026-09-30T12:34:56Z"`)},
	} {
		file := talk(5999, "API\x00"+framed(c.hello), framed(c.info), framed(start), framed("9\x001\x007\x00"))
		if got := said(decode(t, file, nil, nil)); got != c.want {
			t.Errorf("%s:\n%s, want\n%s", c.name, got, c.want)
		}
	}
	var notes []string
	want := `c:handshake c:{"minVersion":100,"maxVersion":225} s:{"serverVersion":-1,"redirect":"gw2.example:4001"}`
	if got := said(decode(t, talk(5999, "API\x00"+framed("v100..225"), framed("-1\x00gw2.example:4001\x00")), nil, &notes)); got != want {
		t.Errorf("a redirect: %s, want %s", got, want)
	}
	if len(notes) != 1 || !strings.Contains(notes[0], "redirects the client to gw2.example:4001") {
		t.Errorf("a redirect: %q", notes)
	}
}

// TestNewServer reads a server of version 201 or later, where both encodings
// have ids of four bytes.
func TestNewServer(t *testing.T) {
	for _, version := range []int{201, 213, 225, 300} {
		file := talk(5999, "API\x00"+framed("v100..300 +PACEAPI"), framed(fmt.Sprintf("%d\x0020260930 12:34:56 EST\x00", version)),
			framed("\x00\x00\x01\x0f\x08\x07", "\x00\x00\x00\x4811\x00app\x001\x00key\x00"), framed("\x00\x00\x00\x091\x007\x00", "\x00\x00\x00\xd1", "\x00\x0f\x42\x41\x08\x01"))
		want := fmt.Sprintf(`c:handshake c:{"minVersion":100,"maxVersion":300,"connectOptions":"+PACEAPI"} s:{"serverVersion":%d,"connectionTime":"20260930 12:34:56 EST"} `, version) +
			`c:START_API0 c:VERIFY_AND_AUTH_REQUEST4 s:NEXT_VALID_ID2 s:NEXT_VALID_ID0 s:TICK_PRICE0`
		if got := said(decode(t, file, nil, nil)); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

// TestUnframedServer reads both directions of a connection without the
// handshake "API", as very old clients have it: what it is is said, and no
// message is made up.
func TestUnframedServer(t *testing.T) {
	file := talk(7496, "63\x00", "76\x0020120930 12:34:56 EST\x00", "71\x001\x007\x00", "15\x001\x00DU1\x009\x001\x007\x00")
	frames := decode(t, file, nil, nil)
	if len(frames) != 2 {
		t.Fatal(said(frames))
	}
	for _, f := range frames {
		if f.Problem == nil || !strings.Contains(f.Problem.Message, "text without frames") {
			t.Errorf("%+v", f)
		}
	}
}
