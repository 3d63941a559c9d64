package capture_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"testing"

	"github.com/pbscope/pbscope/inspect/frame"
)

// session is a short conversation: a handshake, and three messages of the server.
func session() []pkt {
	const client, server = 50000, 7497
	out := []byte("API\x00\x00\x00\x00\x09v100..225")
	info := []byte("225\x0020260930 12:34:56 UTC\x00")
	in := append(binary.BigEndian.AppendUint32(nil, uint32(len(info))), info...)
	at := len(in)
	in = append(in, "\x00\x00\x00\x06\x00\x00\x00\xd1\x08\x05\x00\x00\x00\x04\x00\x00\x00\xcb\x00\x00\x00\x07\x00\x00\x00\x0f1\x00\x00"...)
	pkts := []pkt{
		{micros: 1e6, from: client, to: server, seq: 999, flags: syn},
		{micros: 2e6, from: server, to: client, seq: 4999, ack: 1000, flags: syn | ack},
		{micros: 3e6, from: client, to: server, seq: 1000, ack: 5000, flags: ack | psh, data: out},
		{micros: 4e6, from: server, to: client, seq: 5000, ack: 1017, flags: ack | psh, data: in[:at]},
		{micros: 5e6, from: server, to: client, seq: 5000 + uint32(at), ack: 1017, flags: ack | psh, data: in[at : at+13]},
		{micros: 6e6, from: server, to: client, seq: 5013 + uint32(at), ack: 1017, flags: ack | psh, data: in[at+13:]},
		{micros: 7e6, from: client, to: server, seq: 1017, ack: 5000 + uint32(len(in)), flags: ack | fin},
		{micros: 8e6, from: server, to: client, seq: 5000 + uint32(len(in)), ack: 1018, flags: ack | fin},
	}
	for i := range pkts {
		pkts[i].micros += midnight * 1e6
	}
	return pkts
}

// midnight is the second at which the session's day began.
const midnight = 19676 * 86400

// sessionText is what the session's frames come to.
const sessionText = `client handshake 0
client client_versions 0
server server_info 0
server message 9
server message 3
server message 15
`

func summary(frames []frame.Frame) string {
	var b bytes.Buffer
	for i := range frames {
		if f := &frames[i]; f.Problem != nil {
			fmt.Fprintf(&b, "%s %d cut=%t\n", f.Problem.Tag, f.Problem.Length, f.Cut)
		} else {
			fmt.Fprintf(&b, "%s %s %d\n", f.Meta.TWS.Direction, f.Meta.TWS.Kind, f.Meta.TWS.ID)
		}
	}
	return b.String()
}

func ipv4(protocol byte, flags uint16, id uint16, options, payload []byte) []byte {
	n := 20 + len(options) + len(payload)
	b := []byte{0x40 | byte(5+len(options)/4), 0, byte(n >> 8), byte(n), byte(id >> 8), byte(id), byte(flags >> 8), byte(flags), 64, protocol, 0, 0, 127, 0, 0, 1, 127, 0, 0, 1}
	return append(append(b, options...), payload...)
}

func ipv6(next byte, payload []byte) []byte {
	b := []byte{0x60, 0, 0, 0, byte(len(payload) >> 8), byte(len(payload)), next, 64}
	addr := []byte{0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}
	return append(append(append(b, addr...), addr...), payload...)
}

func ethernet(kind uint16, payload []byte) []byte {
	b := binary.BigEndian.AppendUint16(make([]byte, 12), kind)
	b = append(b, payload...)
	for len(b) < 60 {
		b = append(b, 0xee) // padding that is no data
	}
	return b
}

func cat(parts ...any) []byte {
	var b []byte
	for _, p := range parts {
		switch p := p.(type) {
		case string:
			b = append(b, p...)
		case []byte:
			b = append(b, p...)
		}
	}
	return b
}

// wraps are ways to put a TCP segment into one or more packets.
var wraps = []struct {
	name string
	link uint32
	wrap func(tcp []byte) [][]byte
}{
	{"raw IPv4", 101, func(b []byte) [][]byte { return [][]byte{ipv4(6, 0, 1, nil, b)} }},
	{"raw IPv6", 101, func(b []byte) [][]byte { return [][]byte{ipv6(6, b)} }},
	{"link type IPv4", 228, func(b []byte) [][]byte { return [][]byte{ipv4(6, 0, 1, nil, b)} }},
	{"old raw", 12, func(b []byte) [][]byte { return [][]byte{ipv4(6, 0, 1, nil, b)} }},
	{"IPv4 options", 101, func(b []byte) [][]byte { return [][]byte{ipv4(6, 0, 1, []byte{1, 1, 1, 0}, b)} }},
	{"Ethernet", 1, func(b []byte) [][]byte { return [][]byte{ethernet(0x800, ipv4(6, 0, 1, nil, b))} }},
	{"Ethernet with checksum", 1 | 0x24000000, func(b []byte) [][]byte {
		return [][]byte{append(ethernet(0x800, ipv4(6, 0, 1, nil, b)), 1, 2, 3, 4)}
	}},
	{"Ethernet IPv6", 1, func(b []byte) [][]byte { return [][]byte{ethernet(0x86dd, ipv6(6, b))} }},
	{"VLAN", 1, func(b []byte) [][]byte {
		return [][]byte{ethernet(0x8100, cat("\x00\x05\x08\x00", ipv4(6, 0, 1, nil, b)))}
	}},
	{"QinQ", 1, func(b []byte) [][]byte {
		return [][]byte{ethernet(0x88a8, cat("\x00\x05\x81\x00\x00\x06\x86\xdd", ipv6(6, b)))}
	}},
	{"MPLS", 1, func(b []byte) [][]byte {
		return [][]byte{ethernet(0x8847, cat("\x00\x01\x00\x40\x00\x02\x01\x40", ipv4(6, 0, 1, nil, b)))}
	}},
	{"PPPoE", 1, func(b []byte) [][]byte {
		return [][]byte{ethernet(0x8864, cat("\x11\x00\x00\x01\x00\x30\x00\x21", ipv4(6, 0, 1, nil, b)))}
	}},
	{"LLC and SNAP", 1, func(b []byte) [][]byte {
		return [][]byte{ethernet(0x50, cat("\xaa\xaa\x03\x00\x00\x00\x08\x00", ipv4(6, 0, 1, nil, b)))}
	}},
	{"cooked", 113, func(b []byte) [][]byte {
		return [][]byte{cat("\x00\x00\x03\x04\x00\x06\x00\x00\x00\x00\x00\x00\x00\x00\x08\x00", ipv4(6, 0, 1, nil, b))}
	}},
	{"cooked 2", 276, func(b []byte) [][]byte {
		return [][]byte{cat("\x86\xdd\x00\x00\x00\x00\x00\x01\x03\x04\x00\x06\x00\x00\x00\x00\x00\x00\x00\x00", ipv6(6, b))}
	}},
	{"null", 0, func(b []byte) [][]byte { return [][]byte{cat("\x02\x00\x00\x00", ipv4(6, 0, 1, nil, b))} }},
	{"null IPv6", 0, func(b []byte) [][]byte { return [][]byte{cat("\x1e\x00\x00\x00", ipv6(6, b))} }},
	{"loop", 108, func(b []byte) [][]byte { return [][]byte{cat("\x00\x00\x00\x02", ipv4(6, 0, 1, nil, b))} }},
	{"PPP", 9, func(b []byte) [][]byte { return [][]byte{cat("\xff\x03\x00\x21", ipv4(6, 0, 1, nil, b))} }},
	{"extension headers", 101, func(b []byte) [][]byte {
		return [][]byte{ipv6(0, cat("\x3c\x00\x01\x04\x00\x00\x00\x00", "\x2b\x00\x01\x04\x00\x00\x00\x00", "\x06\x00\x00\x00\x00\x00\x00\x00", b))}
	}},
	{"IPv4 fragments", 101, func(b []byte) [][]byte {
		return [][]byte{ipv4(6, 0x2000|1, 7, nil, b[8:16]), ipv4(6, 2, 7, nil, b[16:]), ipv4(6, 0x2000, 7, nil, b[:8])}
	}},
	{"IPv6 fragments", 101, func(b []byte) [][]byte {
		return [][]byte{
			ipv6(44, cat("\x06\x00\x00\x01\x00\x00\x00\x09", b[:16])),
			ipv6(44, cat("\x06\x00\x00\x09\x00\x00\x00\x09", b[8:16])), // again
			ipv6(44, cat("\x06\x00\x00\x10\x00\x00\x00\x09", b[16:])),
		}
	}},
	{"IPv6 atomic fragment", 101, func(b []byte) [][]byte { return [][]byte{ipv6(44, cat("\x06\x00\x00\x00\x00\x00\x00\x09", b))} }},
	{"IPv4 in IPv4", 101, func(b []byte) [][]byte { return [][]byte{ipv4(4, 0, 1, nil, ipv4(6, 0, 1, nil, b))} }},
	{"IPv6 in IPv4", 101, func(b []byte) [][]byte { return [][]byte{ipv4(41, 0, 1, nil, ipv6(6, b))} }},
	{"GRE", 101, func(b []byte) [][]byte {
		return [][]byte{ipv4(47, 0, 1, nil, cat("\x00\x00\x08\x00", ipv4(6, 0, 1, nil, b)))}
	}},
	{"GRE with key, number and Ethernet", 101, func(b []byte) [][]byte {
		return [][]byte{ipv4(47, 0, 1, nil, cat("\x30\x00\x65\x58\x00\x00\x00\x01\x00\x00\x00\x02", ethernet(0x8100, cat("\x00\x05\x08\x00", ipv4(6, 0, 1, nil, b)))))}
	}},
	{"VXLAN", 101, func(b []byte) [][]byte {
		return [][]byte{ipv4(17, 0, 1, nil, cat("\x30\x39\x12\xb5\x00\x00\x00\x00", "\x08\x00\x00\x00\x00\x00\x05\x00", ethernet(0x800, ipv4(6, 0, 1, nil, b))))}
	}},
	{"Geneve", 101, func(b []byte) [][]byte {
		return [][]byte{ipv4(17, 0, 1, nil, cat("\x30\x39\x17\xc1\x00\x00\x00\x00", "\x01\x00\x65\x58\x00\x00\x05\x00opts", ethernet(0x800, ipv4(6, 0, 1, nil, b))))}
	}},
	{"length 0 of a segmented packet", 101, func(b []byte) [][]byte {
		ip := ipv4(6, 0, 1, nil, b)
		ip[2], ip[3] = 0, 0
		return [][]byte{ip}
	}},
}

func pcapHeader(order binary.AppendByteOrder, magic, link uint32) []byte {
	out := order.AppendUint32(nil, magic)
	out = order.AppendUint16(order.AppendUint16(out, 2), 4)
	out = append(out, 0, 0, 0, 0, 0, 0, 0, 0)
	return order.AppendUint32(order.AppendUint32(out, 262144), link)
}

func pcapPacket(out []byte, order binary.AppendByteOrder, seconds, fraction uint32, data []byte) []byte {
	out = order.AppendUint32(order.AppendUint32(out, seconds), fraction)
	out = order.AppendUint32(order.AppendUint32(out, uint32(len(data))), uint32(len(data)))
	return append(out, data...)
}

func TestLayers(t *testing.T) {
	for _, w := range wraps {
		file := pcapHeader(binary.LittleEndian, 0xa1b2c3d4, w.link)
		for _, p := range session() {
			for _, packet := range w.wrap(tcpHeader(p)) {
				file = pcapPacket(file, binary.LittleEndian, uint32(p.micros/1e6), 0, packet)
			}
		}
		if got := summary(decode(t, file, nil, nil)); got != sessionText {
			t.Errorf("%s:\n%s", w.name, got)
		}
		// Cut anywhere, nothing but the end is damaged, and nothing counts as failed.
		for n := 24; n < len(file); n += 5 {
			for _, f := range decode(t, file[:n], nil, nil) {
				if f.Problem != nil && !f.Cut {
					t.Fatalf("%s, %d bytes: %v", w.name, n, f.Problem)
				}
			}
		}
	}
}

func TestUnreadLinkTypes(t *testing.T) {
	file := pcapPacket(pcapHeader(binary.BigEndian, 0xa1b2c3d4, 105), binary.BigEndian, 1, 0, make([]byte, 60))
	var notes []string
	if frames := decode(t, file, nil, &notes); len(frames) != 0 || len(notes) != 1 {
		t.Errorf("%v %q", frames, notes)
	}
}
