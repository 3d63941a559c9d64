package capture

import "encoding/binary"

// pseudoHeader is the length of a header that the capture itself has put
// before a packet, and the link type of what follows; 0 where there is none.
func pseudoHeader(link uint16, b []byte) (inner uint16, n int) {
	if len(b) < 12 {
		return 0, 0
	}
	little, big := binary.LittleEndian, binary.BigEndian
	inner = linkWLAN
	switch link {
	case linkWLANRadio:
		n = int(little.Uint16(b[2:]))
	case linkWLANPrism, linkWLANAVS:
		// Prism's lengths are of the capturing machine's byte order.
		if n = int(little.Uint32(b[4:])); big.Uint32(b)>>12 == 0x80211 || n > len(b) {
			n = int(big.Uint32(b[4:]))
		}
	case linkPPI:
		inner, n = uint16(little.Uint32(b[4:])), int(little.Uint16(b[2:]))
	case linkPKTAP, linkPKTAPOld:
		if little.Uint32(b[4:]) != 1 { // no packet
			return 0, 0
		}
		inner, n = uint16(little.Uint32(b[8:])), int(little.Uint32(b))
	default:
		return 0, 0
	}
	if n < 8 || n > len(b) {
		return 0, 0
	}
	if link == linkWLANRadio && padded(b[:n]) {
		inner = linkWLANPadded
	}
	return inner, n
}

// linkWLANPadded stands for 802.11 whose header is filled up to four bytes.
const linkWLANPadded = 0xfffe

// padded says that a radiotap header has the flag for that. Its fields are
// those of the bits of the words from its byte 4 on, whose last has no bit 31;
// the first field is a time of 8 bytes, the second the flags.
func padded(b []byte) bool {
	at := 4
	present := binary.LittleEndian.Uint32(b[at:])
	for word := present; ; word = binary.LittleEndian.Uint32(b[at:]) {
		at += 4
		if word>>31 == 0 {
			break
		}
		if at+4 > len(b) {
			return false
		}
	}
	if present&1 != 0 {
		at = (at+7)&^7 + 8
	}
	return present&2 != 0 && at < len(b) && b[at]&0x20 != 0
}

// Why packets of 802.11 are passed over.
const (
	wlanEncrypted = "encrypted 802.11 frames"
	wlanParts     = "802.11 frames that are fragments"
	wlanMany      = "802.11 frames that hold several packets (A-MSDU)"
)

// wlan is what an 802.11 frame carries and the length of its header, 0 if it is
// none with data (IEEE 802.11, section 9.3.2).
func wlan(b []byte, padded bool) (ether uint16, n int, why string) {
	const toDS, fromDS, moreParts, protected, order, qos = 1, 2, 4, 0x40, 0x80, 0x80
	if len(b) < 24 || b[0]&0x0f != 0x08 || b[0]&0x40 != 0 {
		return 0, 0, ""
	}
	n = 24
	if b[1]&(toDS|fromDS) == toDS|fromDS {
		n += 6
	}
	many := false
	if b[0]&qos != 0 {
		many = len(b) > n && b[n]&0x80 != 0
		if n += 2; b[1]&order != 0 {
			n += 4
		}
	}
	if padded {
		n = (n + 3) &^ 3
	}
	switch {
	case b[1]&protected != 0:
		return 0, 0, wlanEncrypted
	case b[1]&moreParts != 0, b[22]&0x0f != 0:
		return 0, 0, wlanParts
	case many:
		return 0, 0, wlanMany
	case len(b) < n:
		return 0, 0, ""
	}
	return etherLLC, n, ""
}

// erf is what a record of Endace's cards carries: a header of 16 bytes, further
// ones of 8, each of which says whether another follows, and two bytes before
// Ethernet.
func erf(b []byte) (ether uint16, n int, ok bool) {
	if len(b) < 16 {
		return 0, 0, false
	}
	n = 16
	for more := b[8]&0x80 != 0; more; n += 8 {
		if len(b) < n+8 {
			return 0, 0, false
		}
		more = b[n]&0x80 != 0
	}
	switch b[8] & 0x7f {
	case 2, 11, 16, 20: // Ethernet, in several colours
		return etherBridge, n + 2, true
	case 22, 23:
		return etherAny, n, true
	}
	return 0, 0, false
}

// nflog is where the packet begins in what Linux' netfilter logs: a header of 4
// bytes, then attributes of length, type and value, each filled up to four
// bytes, in the byte order of the machine.
func nflog(b []byte) (ether uint16, n int, ok bool) {
	const payload = 9
	var order binary.ByteOrder = binary.LittleEndian
	if len(b) >= 8 && int(order.Uint16(b[4:])) > len(b)-4 {
		order = binary.BigEndian
	}
	for n = 4; n+4 <= len(b); {
		size := int(order.Uint16(b[n:]))
		if order.Uint16(b[n+2:])&0x7fff == payload {
			return etherAny, n + 4, true
		}
		if size < 4 {
			break
		}
		n += (size + 3) &^ 3
	}
	return 0, 0, false
}

// juniper is what a router of Juniper's puts before Ethernet: "MGC", flags, and
// maybe extensions after their length. A packet that it makes itself has four
// bytes for the protocol, and no Ethernet.
func juniper(b []byte) (ether uint16, n int, ok bool) {
	const noLink, extended = 2, 0x80
	if len(b) < 6 || string(b[:3]) != "MGC" {
		return 0, 0, false
	}
	if n = 4; b[3]&extended != 0 {
		n += 2 + int(binary.BigEndian.Uint16(b[4:]))
	}
	if b[3]&noLink != 0 {
		return etherAny, n + 4, true
	}
	return etherBridge, n, true
}
