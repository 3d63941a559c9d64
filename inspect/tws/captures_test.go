package tws

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pbscope/pbscope/inspect/frame"
)

// connection is the two directions of a captured connection.
type connection struct{ client, server []byte }

// connections are those of a loopback capture (Ethernet, IPv4) in which no
// segment is lost, repeated or out of order, which the sequence numbers show.
func connections(t *testing.T, pcap []byte) []connection {
	t.Helper()
	type flow [2]uint16
	type side struct {
		conn   int
		client bool
		next   uint32
	}
	sides := map[flow]*side{}
	var all []connection
	if binary.LittleEndian.Uint32(pcap) != 0xa1b2c3d4 {
		t.Fatal("not a little-endian pcap")
	}
	for b := pcap[24:]; len(b) > 0; {
		n := binary.LittleEndian.Uint32(b[8:])
		ip := b[16+14 : 16+n]
		b = b[16+n:]
		ip = ip[:binary.BigEndian.Uint16(ip[2:])]
		tcp := ip[int(ip[0]&15)*4:]
		from, to := binary.BigEndian.Uint16(tcp), binary.BigEndian.Uint16(tcp[2:])
		seq, flags := binary.BigEndian.Uint32(tcp[4:]), tcp[13]
		data := tcp[int(tcp[12]>>4)*4:]
		if flags&2 != 0 {
			if flags&16 == 0 {
				all = append(all, connection{})
			}
			sides[flow{from, to}] = &side{len(all) - 1, flags&16 == 0, seq + 1}
			continue
		}
		s := sides[flow{from, to}]
		if len(data) == 0 {
			continue
		}
		if seq != s.next {
			t.Fatalf("a segment out of order")
		}
		s.next += uint32(len(data))
		if s.client {
			all[s.conn].client = append(all[s.conn].client, data...)
		} else {
			all[s.conn].server = append(all[s.conn].server, data...)
		}
	}
	return all
}

// logged is a line of an endpoint's own log.
type logged struct {
	Conn      int
	Direction string
	Kind      string
	WireID    uint32 `json:"wire_msg_id"`
	ID        uint32 `json:"msg_id"`
	Name      string
	Encoding  string
	Proto     string
	Fields    []string
	Length    int
	Text      string
	Version   int    `json:"server_version"`
	Time      string `json:"connection_time"`
}

func capturesDir(t testing.TB) string {
	dir := os.Getenv("PBSCOPE_CAPTURES")
	if dir == "" {
		t.Skip("PBSCOPE_CAPTURES does not name the folder of captures")
	}
	return filepath.Join(dir, "tws")
}

func TestCaptures(t *testing.T) {
	dir := capturesDir(t)
	files, _ := filepath.Glob(filepath.Join(dir, "*.pcap"))
	if len(files) == 0 {
		t.Fatal("no captures")
	}
	for _, file := range files {
		pcap, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		log := readLog(t, strings.TrimSuffix(file, ".pcap")+".expected.jsonl")
		conns := connections(t, pcap)
		seen := 0
		for i, c := range conns {
			for sender, stream := range map[string][]byte{client: c.client, server: c.server} {
				var want []logged
				for _, l := range log {
					if l.Conn == i && strings.HasPrefix(l.Direction, sender) {
						want = append(want, l)
					}
				}
				seen += len(want)
				compare(t, filepath.Base(file)+" "+sender, stream, want)
			}
		}
		if seen != len(log) || seen == 0 {
			t.Errorf("%s: %d of %d logged messages were looked for", file, seen, len(log))
		}
	}
}

func readLog(t *testing.T, file string) []logged {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var all []logged
	s := bufio.NewScanner(bytes.NewReader(text))
	s.Buffer(nil, 1<<24)
	for s.Scan() {
		var l logged
		if err := json.Unmarshal(s.Bytes(), &l); err != nil {
			t.Fatal(err)
		}
		all = append(all, l)
	}
	return all
}

func compare(t *testing.T, name string, stream []byte, want []logged) {
	t.Helper()
	frames := readAll(t, stream, "")
	if len(frames) != len(want) {
		t.Errorf("%s: %d frames, %d logged", name, len(frames), len(want))
		return
	}
	version := 0
	for i, f := range frames {
		w := want[i]
		if f.Problem != nil {
			t.Errorf("%s %d: %v", name, i, f.Problem)
			continue
		}
		g := f.Meta.TWS
		length := len(f.Payload) + int(f.PayloadOffset-f.Offset) - 4
		if !strings.HasPrefix(w.Direction, g.Direction+"->") || g.Kind != w.Kind || g.Kind != kindHandshake && length != w.Length {
			t.Errorf("%s %d: %+v, length %d, logged %+v", name, i, g, length, w)
		}
		switch g.Kind {
		case kindMessage:
			if g.ID != w.ID || g.WireID != w.WireID || g.Name != w.Name || g.Encoding != w.Encoding || string(f.Type) != w.Proto {
				t.Errorf("%s %d: %+v %s, logged %+v", name, i, g, f.Type, w)
			}
			if strings.Join(g.Fields, "|") != strings.Join(w.Fields, "|") || len(g.Fields) != len(w.Fields) {
				t.Errorf("%s %d: fields %q, logged %q", name, i, g.Fields, w.Fields)
			}
			if g.Direction == server && g.ServerVersion != version {
				t.Errorf("%s %d: server version %d", name, i, g.ServerVersion)
			}
		case kindServerInfo:
			var v handshakeValue
			if json.Unmarshal(g.Value, &v) != nil || *v.ServerVersion != w.Version || *v.ConnectionTime != w.Time {
				t.Errorf("%s %d: %s, logged %+v", name, i, g.Value, w)
			}
			version = w.Version
		case kindClientVersions:
			if string(f.Payload) != w.Text {
				t.Errorf("%s %d: %q, logged %+v", name, i, f.Payload, w)
			}
		}
	}
	if out := writeAll(t, frames); !bytes.Equal(out, stream) {
		t.Errorf("%s: not written as it was read", name)
	}
	fromEverywhere(t, name, stream, frames, want)
}

// fromEverywhere starts in the middle: after the first frames every message is
// found again, and no byte is lost.
func fromEverywhere(t *testing.T, name string, stream []byte, frames []frame.Frame, want []logged) {
	t.Helper()
	sender := frames[0].Meta.TWS.Direction
	for cut := 1; cut < len(stream); cut += 3 {
		got := readAll(t, stream[cut:], sender)
		if out := writeAll(t, got); !bytes.Equal(out, stream[cut:]) {
			t.Fatalf("%s from %d: not written as it was read", name, cut)
		}
		whole := 0
		for _, f := range frames {
			if f.Offset >= int64(cut) {
				whole++
			}
		}
		clean := 0
		for i := len(got) - 1; i >= 0 && got[i].Problem == nil; i-- {
			clean++
		}
		if clean < whole && clean < len(want)-2 {
			t.Errorf("%s from %d: %d of %d messages", name, cut, clean, whole)
		}
	}
}
