package capture_test

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strings"
	"testing"

	"github.com/pbscope/pbscope/inspect/capture"
	"github.com/pbscope/pbscope/inspect/frame"
	"github.com/pbscope/pbscope/inspect/span"
	"github.com/pbscope/pbscope/inspect/tws"
)

// moved is the session with other sequence numbers.
func moved(client, server uint32) []pkt {
	pkts := session()
	for i := range pkts {
		p := &pkts[i]
		own, other := &client, &server
		if p.from == 7497 {
			own, other = other, own
		}
		p.seq += *own
		if p.flags&ack != 0 {
			p.ack += *other
		}
	}
	return pkts
}

// insert is pkts with others before number at.
func insert(pkts []pkt, at int, others ...pkt) []pkt {
	return slices.Insert(slices.Clone(pkts), at, others...)
}

func TestTCP(t *testing.T) {
	base := session()
	client, server := base[2], base[4]
	synData := slices.Clone(base)
	synData[0].data = base[2].data
	synData = slices.Delete(synData, 2, 3)
	reused := moved(1e9, 2e9)
	reset := append(slices.Clone(base[:6]), pkt{micros: base[6].micros, from: 7497, to: 50000, seq: base[7].seq, flags: rst})
	differing := slices.Clone(base)
	again := base[5]
	again.data = bytes.Repeat([]byte{0xee}, len(again.data))
	late := base[4]
	finLost := slices.Delete(slices.Clone(base), 7, 8)
	for _, c := range []struct {
		name string
		pkts []pkt
		want string
	}{
		{"plain", base, sessionText},
		{"sequence numbers wrap", moved(1<<32-1005, 1<<32-5010), sessionText},
		{"data with SYN", synData, sessionText},
		{"repeated SYN", insert(base, 1, base[0], base[0]), sessionText},
		{"reset", reset, sessionText},
		{"reset, and data a little later", append(slices.Delete(slices.Clone(reset), 5, 6), base[5]), sessionText},
		{"port reused", append(slices.Clone(base), reused...), sessionText + sessionText},
		{"port reused after a reset", append(slices.Clone(reset), reused...), sessionText + sessionText},
		{"keep-alive probes", insert(base, 5,
			pkt{from: 7497, to: 50000, seq: base[5].seq - 1, ack: 1017, flags: ack},
			pkt{from: 7497, to: 50000, seq: base[5].seq - 1, ack: 1017, flags: ack, data: []byte{0}},
			pkt{from: 50000, to: 7497, seq: 1017, ack: base[5].seq, flags: ack}), sessionText},
		{"window probe", insert(base, 5, pkt{from: 7497, to: 50000, seq: base[5].seq, ack: 1017, flags: ack, data: base[5].data[:1]}), sessionText},
		{"overlap, the first copy counts", insert(differing, 6, again), sessionText},
		{"overlap out of order, the first copy counts", insert(slices.Delete(slices.Clone(base), 4, 5), 5, again, late), sessionText},
		{"longer retransmission", insert(slices.Delete(slices.Clone(base), 5, 6), 5, pkt{from: 7497, to: 50000, seq: server.seq, ack: 1017, flags: ack, data: append(bytes.Clone(server.data), base[5].data...)}), sessionText},
		{"half open", base[:1], ""},
		{"times from another age", insert(slices.Delete(slices.Clone(base), 4, 5), 5, pkt{micros: 1<<32*1e6 - 1, from: 9, to: 10, flags: syn}, late), sessionText},
		{"one direction", []pkt{base[0], base[2], base[6]}, "client handshake 0\nclient client_versions 0\n"},
		{"FIN lost", finLost, sessionText},
		{"SYN of a connection that is not answered, with the same ports", append(slices.Clone(base), pkt{from: client.from, to: client.to, seq: 77, flags: syn}), sessionText},
	} {
		if got := summary(decode(t, writePcap(c.pkts), nil, nil)); got != c.want {
			t.Errorf("%s:\n%s", c.name, got)
		}
	}
}

// TestUnframed reads what very old clients send, and says what it is.
func TestUnframed(t *testing.T) {
	pkts := session()[:3]
	pkts[2].data = []byte("63\x001\x0071\x001\x000\x00")
	frames := decode(t, writePcap(pkts), nil, nil)
	if len(frames) != 1 || frames[0].Problem == nil || !strings.Contains(frames[0].Problem.Message, "without frames") {
		t.Errorf("%s", summary(frames))
	}
}

func TestDifferingCopiesAreTold(t *testing.T) {
	pkts := session()
	held, again, late := pkts[5], pkts[5], pkts[4]
	again.data = bytes.Repeat([]byte{0xee}, len(again.data))
	var notes []string
	decode(t, writePcap([]pkt{pkts[0], pkts[1], pkts[2], pkts[3], held, again, late}), nil, &notes)
	if len(notes) != 1 || !strings.Contains(notes[0], "connection 1: ") || !strings.Contains(notes[0], "differ") {
		t.Errorf("%q", notes)
	}
}

// TestSnapshotLength captures only the first bytes of each packet: what is
// missing is a gap at once.
func TestSnapshotLength(t *testing.T) {
	order := binary.LittleEndian
	file := pcapHeader(order, 0xa1b2c3d4, 101)
	for _, p := range session() {
		ip := ipPacket(p)
		file = order.AppendUint32(file, uint32(p.micros/1e6))
		file = order.AppendUint32(file, 0)
		kept := min(len(ip), 49)
		file = order.AppendUint32(order.AppendUint32(file, uint32(kept)), uint32(len(ip)))
		file = append(file, ip[:kept]...)
	}
	want := `client handshake 0
truncated 0 cut=false
gap 8 cut=false
truncated 0 cut=false
gap 21 cut=false
truncated 0 cut=false
gap 4 cut=false
skipped 9 cut=false
gap 7 cut=false
`
	if got := summary(decode(t, file, nil, nil)); got != want {
		t.Error(got)
	}
}

// TestDirections decodes connections whose start was not captured.
func TestDirections(t *testing.T) {
	on := func(server uint16) []byte {
		pkts := session()[4:]
		for i := range pkts {
			for _, port := range []*uint16{&pkts[i].from, &pkts[i].to} {
				if *port == 7497 {
					*port = server
				}
			}
		}
		return writePcap(pkts)
	}
	read := func(file []byte, o *frame.Options) (string, string) {
		var notes []string
		o.Note = func(text string) { notes = append(notes, text) }
		frames, err := frame.ReadAll(capture.Form(tws.OnTCP()).Read(frame.NewInput(bytes.NewReader(file)), o))
		if err != nil {
			t.Fatal(err)
		}
		return summary(frames), strings.Join(notes, "\n")
	}
	const served, sent, unknown = "server message 9\nserver message 3\nserver message 15\n", "client message 9\nclient message 3\nclient message 15\n", " message 9\n message 3\n message 15\n"
	if got, notes := read(on(4001), &frame.Options{}); got != served || notes != "" {
		t.Errorf("by port: %s%s", got, notes)
	}
	if got, notes := read(on(5000), &frame.Options{}); got != unknown || !strings.Contains(notes, "--direction") {
		t.Errorf("without a sign: %s%s", got, notes)
	}
	if got, _ := read(on(5000), &frame.Options{Direction: "client"}); got != sent {
		t.Errorf("by flag: %s", got)
	}
	as := &frame.CaptureOptions{DecodeAs: []frame.PortProtocol{{Port: 5000, Protocol: "tws"}}}
	if got, _ := read(on(5000), &frame.Options{Capture: as}); got != served {
		t.Errorf("by --decode-as: %s", got)
	}
}

// TestBounds keeps memory bounded, whatever the capture has: holes that nobody
// fills, frames that do not end, connections without number.
func TestBounds(t *testing.T) {
	order := binary.LittleEndian
	t.Run("holes", func(t *testing.T) {
		file := pcapHeader(order, 0xa1b2c3d4, 101)
		chunk := make([]byte, 60000)
		for i := range 400 {
			for port := range uint16(4) {
				file = pcapPacket(file, order, 1, 0, ipPacket(pkt{from: 1000 + port, to: 7497, seq: uint32(i)*70000 + 1, ack: 1, flags: ack, data: chunk}))
				file = pcapPacket(file, order, 1, 0, ipPacket(pkt{to: 1000 + port, from: 7497, seq: 1, ack: 2, flags: ack}))
			}
		}
		listed := list(t, file, nil)
		if len(listed) != 4 || listed[0].Gaps < 300 {
			t.Errorf("%+v", listed)
		}
		gaps := 0
		for _, f := range decode(t, file, nil, nil) {
			if f.Problem != nil && f.Problem.Tag == span.Gap {
				gaps++
			}
		}
		if gaps < 1200 {
			t.Errorf("%d gaps", gaps)
		}
	})
	t.Run("connections", func(t *testing.T) {
		file := pcapHeader(order, 0xa1b2c3d4, 101)
		const n = 100_000
		for i := range n {
			file = pcapPacket(file, order, 1, 0, ipPacket(pkt{from: uint16(i), to: uint16(i >> 16), seq: 1, flags: syn}))
		}
		if listed := list(t, file, nil); len(listed) != n || !slices.IsSortedFunc(listed, func(a, b capture.Listed) int { return int(a.Connection - b.Connection) }) {
			t.Errorf("%d connections", len(listed))
		}
	})
}

// TestBytesBeforeTheStart begins in mid-stream, and goes back when later bytes
// have been handed on: what is not read is told.
func TestBytesBeforeTheStart(t *testing.T) {
	base := session()
	probe := base[5]
	probe.seq, probe.data = probe.seq-1, []byte{0}
	longer := base[4]
	longer.data = append(bytes.Clone(longer.data), base[5].data...)
	for _, c := range []struct {
		name string
		late []pkt
		want string
	}{
		{"nothing", nil, ""},
		{"a keep-alive probe", []pkt{probe}, ""},
		{"again", []pkt{base[5]}, ""},
		{"one segment", []pkt{base[4]}, ": 13 bytes from before"},
		{"two segments", []pkt{base[4], base[3]}, ": 43 bytes from before"},
		{"a segment that reaches into what was read", []pkt{longer}, ": 13 bytes from before"},
	} {
		var notes []string
		decode(t, writePcap(append([]pkt{base[5], base[6]}, c.late...)), nil, &notes)
		if c.want == "" && len(notes) > 0 || c.want != "" && (len(notes) != 1 || !strings.Contains(notes[0], c.want)) {
			t.Errorf("%s: %q", c.name, notes)
		}
	}
}
