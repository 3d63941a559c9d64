package capture_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"

	"github.com/pbscope/pbscope/inspect/capture"
	"github.com/pbscope/pbscope/inspect/frame"
	"github.com/pbscope/pbscope/inspect/tws"
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

type wrap struct {
	name string
	link uint32
	wrap func(tcp []byte) [][]byte
}

// wraps are ways to put a TCP segment into one or more packets.
var wraps = []wrap{
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
		pppoe := binary.BigEndian.AppendUint16([]byte{0x11, 0, 0, 1}, uint16(22+len(b)))
		return [][]byte{ethernet(0x8864, cat(pppoe, "\x00\x21", ipv4(6, 0, 1, nil, b)))}
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
	{"VXLAN", 101, overUDP(4789, "\x08\x00\x00\x00\x00\x00\x05\x00", true)},
	{"Geneve", 101, overUDP(6081, "\x01\x00\x65\x58\x00\x00\x05\x00opts", true)},
	{"length 0 of a segmented packet", 101, func(b []byte) [][]byte {
		ip := ipv4(6, 0, 1, nil, b)
		ip[2], ip[3] = 0, 0
		return [][]byte{ip}
	}},
}

// eth is Ethernet without filling, for what lies deeper.
func eth(kind uint16, payload []byte) []byte {
	return append(binary.BigEndian.AppendUint16(make([]byte, 12), kind), payload...)
}

// one wraps a segment in IPv4 and puts bytes before it.
func one(before string) func(b []byte) [][]byte {
	return func(b []byte) [][]byte { return [][]byte{cat(before, ipv4(6, 0, 1, nil, b))} }
}

// overUDP wraps a segment in Ethernet (or IP alone), a tunnel over UDP and IP.
func overUDP(port uint16, header string, bridged bool) func(b []byte) [][]byte {
	return func(b []byte) [][]byte {
		inner := ipv4(6, 0, 1, nil, b)
		if bridged {
			inner = eth(0x800, inner)
		}
		udp := binary.BigEndian.AppendUint16([]byte{0x30, 0x39}, port)
		udp = binary.BigEndian.AppendUint16(udp, uint16(8+len(header)+len(inner)))
		return [][]byte{ipv4(17, 0, 1, nil, cat(udp, "\x00\x00", header, inner))}
	}
}

// sized is a wrap that puts the number of bytes after a length's own header,
// and of those before it, into its place.
func sized(wrap func(b []byte) [][]byte, at, less int) func(b []byte) [][]byte {
	return func(b []byte) [][]byte {
		packets := wrap(b)
		binary.BigEndian.PutUint16(packets[0][at:], uint16(len(packets[0])-less))
		return packets
	}
}

var (
	zeros = strings.Repeat("\x00", 256)
	snap  = "\xaa\xaa\x03\x00\x00\x00\x08\x00"
)

// moreWraps are ways that fewer people meet.
var moreWraps = []wrap{
	{"802.11 to the access point", 105, one("\x08\x01" + zeros[:22] + snap)},
	{"802.11 QoS from the access point", 105, one("\x88\x02" + zeros[:20] + "\x10\x00" + zeros[:2] + snap)},
	{"802.11 QoS and HT control, between access points", 105, one("\x88\x83" + zeros[:28] + zeros[:2] + "\x01\x02\x03\x04" + snap)},
	{"radiotap", 127, one("\x00\x00\x08\x00\x00\x00\x00\x00" + "\x08\x02" + zeros[:22] + snap)},
	{"radiotap with time, flags and padding", 127, one("\x00\x00\x1a\x00\x03\x00\x00\x80\x00\x00\x00\x00" + zeros[:4] + "\x11\x12\x13\x14\x15\x16\x17\x18" + "\x20\x00" +
		"\x88\x02" + zeros[:22] + "\x00\x00" + zeros[:2] + snap)},
	{"Prism", 119, one("\x44\x00\x00\x00\x90\x00\x00\x00" + zeros[:136] + "\x08\x01" + zeros[:22] + snap)},
	{"AVS", 163, one("\x80\x21\x10\x01\x00\x00\x00\x40" + zeros[:56] + "\x08\x01" + zeros[:22] + snap)},
	{"PPI and 802.11", 192, one("\x00\x00\x0c\x00\x69\x00\x00\x00" + zeros[:4] + "\x08\x01" + zeros[:22] + snap)},
	{"PPI and Ethernet", 192, one("\x00\x00\x08\x00\x01\x00\x00\x00" + zeros[:12] + "\x08\x00")},
	{"PKTAP and Ethernet", 258, one("\x6c\x00\x00\x00\x01\x00\x00\x00\x01\x00\x00\x00" + zeros[:96] + zeros[:12] + "\x08\x00")},
	{"PKTAP and loopback", 149, one("\x6c\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00" + zeros[:96] + "\x02\x00\x00\x00")},
	{"NFLOG", 239, one("\x02\x00\x00\x05" + "\x08\x00\x01\x00\x08\x00\x01\x00" + "\x07\x00\x0a\x00ab\x00\x00" + "\x00\x04\x09\x00")},
	{"NFLOG of a big-endian machine", 239, one("\x02\x00\x00\x05" + "\x00\x08\x00\x01\x08\x00\x01\x00" + "\x00\x07\x00\x0aab\x00\x00" + "\x04\x00\x00\x09")},
	{"PPP with short protocol", 9, one("\x21")},
	{"MPLS over PPP", 9, one("\xff\x03\x02\x81" + "\x00\x02\x01\x40")},
	{"Juniper's Ethernet", 178, one("MGC\x80\x00\x04\x03\x02\x01\x06" + zeros[:12] + "\x08\x00")},
	{"PPP in HDLC", 50, one("\xff\x03\x00\x21")},
	{"PPP in HDLC, Cisco's", 50, one("\x0f\x00\x08\x00")},
	{"PPP with direction", 204, one("\x01\xff\x03\x00\x21")},
	{"PPPoE alone", 51, sized(one("\x11\x00\x00\x01\x00\x00\x00\x21"), 4, 6)},
	{"Cisco HDLC", 104, one("\x0f\x00\x08\x00")},
	{"SLIP", 8, one(zeros[:16])},
	{"IPsec's interface of OpenBSD", 109, one("\x02\x00\x00\x00" + zeros[:8])},
	{"the log of pf", 117, one("\x3d\x02" + zeros[:62])},
	{"FireWire", 138, one(zeros[:16] + "\x08\x00")},
	{"InfiniBand", 242, one(zeros[:40] + "\x08\x00\x00\x00")},
	{"IPNET", 226, sized(one("\x01\x02"+zeros[:22]), 4, 24)},
	{"LLC of ATM", 100, one(snap)},
	{"FDDI", 10, one("\x50" + zeros[:12] + snap)},
	{"token ring", 6, one("\x10\x40" + zeros[:6] + "\x80" + zeros[:5] + "\x04\x00\x00\x00" + snap)},
	{"fibre channel", 122, one(zeros[:16] + snap)},
	{"ERF", 197, sized(sized(one(zeros[:8]+"\x82\x00"+zeros[:6]+"\x85"+zeros[:7]+"\x05"+zeros[:7]+zeros[:2]+zeros[:12]+"\x08\x00"), 10, 0), 14, 34)},
	{"ERF of IPv4", 197, sized(sized(one(zeros[:8]+"\x16"+zeros[:7]), 10, 0), 14, 16)},
	{"DSA", 284, one(zeros[:16] + "\x08\x00")},
	{"DSA, long", 285, one(zeros[:20] + "\x08\x00")},
	{"VN tag", 1, one(zeros[:12] + "\x89\x26" + "\x00\x01\x00\x02" + "\x08\x00")},
	{"HSR", 1, one(zeros[:12] + "\x89\x2f" + "\x10\x30\x00\x02" + "\x08\x00")},
	{"Ethernet in Ethernet", 1, one(zeros[:12] + "\x88\xe7" + "\x00\x00\x00\x05" + zeros[:12] + "\x08\x00")},
	{"Ethernet over MPLS", 1, one(zeros[:12] + "\x88\x47" + "\x00\x02\x01\x40" + zeros[:4] + "\x00\x11\x22\x33\x44\x55\x00\x11\x22\x33\x44\x66" + "\x08\x00")},
	{"ERSPAN I", 101, func(b []byte) [][]byte {
		return [][]byte{ipv4(47, 0, 1, nil, cat("\x00\x00\x88\xbe", eth(0x800, ipv4(6, 0, 1, nil, b))))}
	}},
	{"ERSPAN II", 101, func(b []byte) [][]byte {
		return [][]byte{ipv4(47, 0, 1, nil, cat("\x10\x00\x88\xbe\x00\x00\x00\x07\x10\x00"+zeros[:6], eth(0x800, ipv4(6, 0, 1, nil, b))))}
	}},
	{"ERSPAN III", 101, func(b []byte) [][]byte {
		return [][]byte{ipv4(47, 0, 1, nil, cat("\x10\x00\x22\xeb\x00\x00\x00\x07\x20\x00"+zeros[:9]+"\x01\x14"+zeros[:7], eth(0x800, ipv4(6, 0, 1, nil, b))))}
	}},
	{"VXLAN-GPE", 101, overUDP(4790, "\x0c\x00\x00\x01\x00\x00\x05\x00", false)},
	{"VXLAN-GPE of Ethernet", 101, overUDP(4790, "\x0c\x00\x00\x03\x00\x00\x05\x00", true)},
	{"GTP-U", 101, sized(overUDP(2152, "\x30\xff\x00\x00\x00\x00\x00\x01", false), 30, 36)},
	{"GTP-U with an extension", 101, sized(overUDP(2152, "\x34\xff\x00\x00\x00\x00\x00\x01\x00\x00\x00\x85\x01\x00\x05\x00", false), 30, 36)},
	{"TZSP", 101, overUDP(37008, "\x01\x00\x00\x01\x0a\x01\xc4\x01", true)},
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
	for _, w := range append(wraps[:len(wraps):len(wraps)], moreWraps...) {
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

// TestPassed says what is passed over, and refuses a capture of nothing else.
func TestPassed(t *testing.T) {
	little := binary.LittleEndian
	read := func(file []byte) (notes []string, err error) {
		o := &frame.Options{Note: func(text string) { notes = append(notes, text) }}
		_, err = frame.ReadAll(capture.Form(tws.OnTCP()).Read(frame.NewInput(bytes.NewReader(file)), o))
		return notes, err
	}
	for _, c := range []struct {
		link uint32
		data string
		want string
	}{
		{220, zeros[:64], "its link type is 220 (USB_LINUX_MMAPPED); "},
		{999, zeros[:64], "its link type is 999; "},
		{147, zeros[:64], "its link type is 147 (USER0, which means "},
		{192, "\x00\x00\x08\x00\xbb\x00\x00\x00" + zeros[:64], "its link type is 187 (BLUETOOTH_HCI_H4); "},
		{105, "\x08\x41" + zeros[:62], "they are encrypted 802.11 frames"},
		{105, "\x08\x05" + zeros[:62], "they are 802.11 frames that are fragments"},
		{105, "\x88\x01" + zeros[:22] + "\x80" + zeros[:62], "they are 802.11 frames that hold several packets (A-MSDU)"},
	} {
		file := pcapPacket(pcapHeader(little, 0xa1b2c3d4, c.link), little, 1, 0, []byte(c.data))
		if notes, err := read(file); err == nil || len(notes) != 0 || !strings.Contains(err.Error(), "no packet of the capture can be read: "+c.want) {
			t.Errorf("link type %d: %v %q", c.link, err, notes)
		}
	}
	// Beside others they are told.
	file := append(section(little), describeInterface(little, 101)...)
	file = append(file, describeInterface(little, 189)...)
	file = append(file, enhanced(little, 0, 1, ipPacket(session()[0]))...)
	file = append(file, enhanced(little, 1, 2, make([]byte, 60))...)
	file = append(file, enhanced(little, 1, 3, make([]byte, 60))...)
	file = append(file, enhanced(little, 7, 3, make([]byte, 60))...)
	notes, err := read(file)
	if got := strings.Join(notes, "\n"); err != nil || got != "2 packets passed over: link type 189 (USB_LINUX) is not read\n1 packet passed over: of interfaces that are not described" {
		t.Errorf("%v %q", err, notes)
	}
}
