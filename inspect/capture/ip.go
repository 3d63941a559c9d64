package capture

import "encoding/binary"

// The protocols over IP that are read.
const (
	protocolIPv4 = 4
	protocolTCP  = 6
	protocolUDP  = 17
	protocolIPv6 = 41
	protocolGRE  = 47
)

// maxTunnels is how many tunnels may lie within each other.
const maxTunnels = 6

// layers takes packets apart down to TCP.
type layers struct {
	fragments fragments
	// passed counts packets by why they are passed over.
	passed map[passed]int64
}

// datagram is what an IP header carries.
type datagram struct {
	src, dst [16]byte
	protocol byte
	data     []byte
	// total is how many bytes data had on the wire, at least those captured.
	total int
	// at is where data begins in the packet; -1 if it was put together.
	at int
}

// tcp is true if the packet has a TCP segment, which it then puts into s.
func (l *layers) tcp(p *packet, s *segment) bool {
	ether, n, why, ok := linkHeader(p.link, p.data)
	if !ok {
		l.pass(why)
		return false
	}
	b, at := p.data[n:], n
	for range maxTunnels {
		version, n, ok := network(ether, b)
		if !ok {
			return false
		}
		at = further(at, n)
		d := datagram{at: at}
		if !l.ip(version, b[n:], &d) {
			return false
		}
		at = d.at
		switch d.protocol {
		case protocolTCP:
			return s.read(p, &d)
		case protocolIPv4, protocolIPv6:
			ether, b = etherAny, d.data
			continue
		case protocolGRE:
			ether, n = gre(d.data)
		case protocolUDP:
			ether, n = udpTunnel(d.data)
		default:
			return false
		}
		if n == 0 {
			return false
		}
		b, at = d.data[n:], further(at, n)
	}
	return false
}

// further is a place n bytes on, unless it is none.
func further(at, n int) int {
	if at < 0 {
		return at
	}
	return at + n
}

func (l *layers) ip(version byte, b []byte, d *datagram) bool {
	switch version {
	case 4:
		return l.ipv4(b, d)
	case 6:
		return l.ipv6(b, d)
	}
	return false
}

func (l *layers) ipv4(b []byte, d *datagram) bool {
	if len(b) < 20 {
		return false
	}
	head, total := int(b[0]&15)*4, int(binary.BigEndian.Uint16(b[2:]))
	if total == 0 {
		total = len(b) // segmented by the network card, after the capture
	}
	if head < 20 || head > len(b) || total < head {
		return false
	}
	d.src, d.dst = mapped(b[12:16]), mapped(b[16:20])
	d.protocol = b[9]
	d.data = b[head:min(len(b), total)]
	d.total, d.at = total-head, further(d.at, head)
	if where := binary.BigEndian.Uint16(b[6:]); where&0x3fff != 0 {
		id := uint32(binary.BigEndian.Uint16(b[4:]))
		return l.fragment(d, id, int(where&0x1fff)*8, where&0x2000 != 0)
	}
	return true
}

// mapped is an IPv4 address as IPv6 writes it.
func mapped(b []byte) (a [16]byte) {
	a[10], a[11] = 0xff, 0xff
	copy(a[12:], b)
	return a
}

func (l *layers) ipv6(b []byte, d *datagram) bool {
	if len(b) < 40 {
		return false
	}
	total := int(binary.BigEndian.Uint16(b[4:]))
	if total == 0 {
		total = len(b) - 40 // a jumbogram
	}
	copy(d.src[:], b[8:])
	copy(d.dst[:], b[24:])
	d.data, d.total, d.at = b[40:min(len(b), 40+total)], total, further(d.at, 40)
	next := b[6]
	for range 12 {
		n := 0
		switch next {
		case 0, 43, 60, 135, 139, 140: // options, routing, mobility, HIP
			if len(d.data) >= 8 {
				n = int(d.data[1])*8 + 8
			}
		case 51: // authentication
			if len(d.data) >= 8 {
				n = int(d.data[1])*4 + 8
			}
		case 44: // fragment
			if len(d.data) < 8 {
				return false
			}
			where, id := binary.BigEndian.Uint16(d.data[2:]), binary.BigEndian.Uint32(d.data[4:])
			next = d.data[0]
			d.skip(8)
			if where&^6 != 0 {
				d.protocol = next
				if !l.fragment(d, id, int(where&^7), where&1 != 0) {
					return false
				}
			}
			continue
		default:
			d.protocol = next
			return true
		}
		if n == 0 || n > len(d.data) {
			return false
		}
		next = d.data[0]
		d.skip(n)
	}
	return false
}

func (d *datagram) skip(n int) {
	d.data, d.total, d.at = d.data[n:], d.total-n, further(d.at, n)
}

// gre is what a GRE header carries and its length, 0 if it cannot be read
// (RFC 2784, RFC 2890). Mirrored Ethernet (ERSPAN) has another header after it:
// none without a sequence number, 8 bytes, or 12 and maybe 8 further ones.
func gre(b []byte) (ether uint16, n int) {
	const checksum, routing, key, sequence = 0x80, 0x40, 0x20, 0x10
	if len(b) < 4 || b[1]&7 != 0 || b[0]&routing != 0 {
		return 0, 0
	}
	n = 4
	for _, bit := range []byte{checksum, key, sequence} {
		if b[0]&bit != 0 {
			n += 4
		}
	}
	switch ether = binary.BigEndian.Uint16(b[2:]); {
	case ether == 0x88be && b[0]&sequence != 0:
		ether, n = etherBridge, n+8
	case ether == 0x88be:
		ether = etherBridge
	case ether == 0x22eb:
		if ether, n = etherBridge, n+12; n <= len(b) && b[n-1]&1 != 0 {
			n += 8
		}
	}
	if n > len(b) {
		return 0, 0
	}
	return ether, n
}

// udpTunnel is what VXLAN (RFC 7348, and its generic extension), Geneve (RFC
// 8926), GTP-U (3GPP TS 29.281) or TZSP carries, and the length of its header
// and UDP's together, 0 if it is none of them.
func udpTunnel(b []byte) (ether uint16, n int) {
	if len(b) < 16 {
		return 0, 0
	}
	switch port := binary.BigEndian.Uint16(b[2:]); {
	case (port == 4789 || port == 8472) && b[8]&8 != 0:
		return etherBridge, 16
	case port == 4790 && b[8]&0x0c == 0x0c:
		switch b[11] {
		case 1, 2:
			return etherAny, 16
		case 3:
			return etherBridge, 16
		}
	case port == 6081 && b[8]>>6 == 0:
		if n := 16 + int(b[8]&0x3f)*4; n <= len(b) {
			return binary.BigEndian.Uint16(b[10:]), n
		}
	case port == 2152 && b[8]>>4 == 3 && b[9] == 255:
		return gtp(b)
	case port == 37008 && b[8] == 1 && binary.BigEndian.Uint16(b[10:]) == 1:
		return tzsp(b)
	}
	return 0, 0
}

// gtp passes over a header of 8 bytes and 4 optional ones, the last of which is
// the type of an extension: one of 4 bytes or a multiple, whose last byte is the
// type of the next.
func gtp(b []byte) (ether uint16, n int) {
	if n = 16; b[8]&7 == 0 {
		return etherAny, n
	}
	if n += 4; n > len(b) {
		return 0, 0
	}
	for b[8]&4 != 0 && b[n-1] != 0 {
		if n >= len(b) || b[n] == 0 || n+int(b[n])*4 > len(b) {
			return 0, 0
		}
		n += int(b[n]) * 4
	}
	return etherAny, n
}

// tzsp passes over tags, of type, length and value but for two of type alone.
func tzsp(b []byte) (ether uint16, n int) {
	const padding, end = 0, 1
	for n = 12; n < len(b); {
		switch {
		case b[n] == end:
			return etherBridge, n + 1
		case b[n] == padding:
			n++
		case n+1 < len(b):
			n += 2 + int(b[n+1])
		default:
			return 0, 0
		}
	}
	return 0, 0
}

// pass counts a packet that is passed over, unless nobody would miss it.
func (l *layers) pass(why passed) {
	if why == (passed{}) {
		return
	}
	if l.passed == nil {
		l.passed = make(map[passed]int64)
	}
	l.passed[why]++
}
