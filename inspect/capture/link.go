package capture

import "encoding/binary"

// The link types that are read, from the list at www.tcpdump.org/linktypes.html.
const (
	linkNull     = 0
	linkEthernet = 1
	linkPPP      = 9
	linkRawOld   = 12 // raw IP on most systems, in files of old tools
	linkRawBSD   = 14 // the same on OpenBSD
	linkRaw      = 101
	linkLoop     = 108
	linkSLL      = 113
	linkIPv4     = 228
	linkIPv6     = 229
	linkSLL2     = 276
	unknownLink  = 0xffff
)

// The types of what a link carries that are read: IEEE 802 numbers.
const (
	etherIPv4     = 0x0800
	etherIPv6     = 0x86dd
	etherVLAN     = 0x8100
	etherQinQ     = 0x88a8
	etherQinQOld  = 0x9100
	etherMPLS     = 0x8847
	etherMPLSMany = 0x8848
	etherPPPoE    = 0x8864
	etherBridge   = 0x6558 // Ethernet within GRE
	// etherAny stands for IP of the version that its first four bits say.
	etherAny = 0
)

// linkHeader is what a link's header says of the bytes after it, which begin
// at n.
func linkHeader(link uint16, b []byte) (ether uint16, n int, ok bool) {
	switch link {
	case linkEthernet:
		if len(b) >= 14 {
			return binary.BigEndian.Uint16(b[12:]), 14, true
		}
	case linkSLL:
		if len(b) >= 16 {
			return binary.BigEndian.Uint16(b[14:]), 16, true
		}
	case linkSLL2:
		if len(b) >= 20 {
			return binary.BigEndian.Uint16(b), 20, true
		}
	case linkRaw, linkRawOld, linkRawBSD, linkIPv4, linkIPv6:
		return etherAny, 0, true
	case linkNull, linkLoop:
		// An address family, whose numbers differ by system.
		return etherAny, 4, len(b) > 4
	case linkPPP:
		n := 0
		if len(b) > 2 && b[0] == 0xff && b[1] == 3 {
			n = 2
		}
		if len(b) >= n+2 {
			return pppType(b[n:]), n + 2, true
		}
	}
	return 0, 0, false
}

// readable says that a link type is one of the above.
func readable(link uint16) bool {
	switch link {
	case linkNull, linkEthernet, linkPPP, linkRawOld, linkRawBSD, linkRaw, linkLoop, linkSLL, linkIPv4, linkIPv6, linkSLL2:
		return true
	}
	return false
}

func pppType(b []byte) uint16 {
	switch binary.BigEndian.Uint16(b) {
	case 0x0021:
		return etherIPv4
	case 0x0057:
		return etherIPv6
	}
	return unknownLink
}

// network passes over tags between the link's header and IP. b begins with
// what has the type ether; n is where IP begins.
func network(ether uint16, b []byte) (version byte, n int, ok bool) {
	for range 8 {
		switch rest := b[n:]; {
		case ether == etherIPv4, ether == etherIPv6, ether == etherAny:
			if len(rest) == 0 {
				return 0, n, false
			}
			return rest[0] >> 4, n, true
		case (ether == etherVLAN || ether == etherQinQ || ether == etherQinQOld) && len(rest) >= 4:
			ether, n = binary.BigEndian.Uint16(rest[2:]), n+4
		case (ether == etherMPLS || ether == etherMPLSMany) && len(rest) >= 4:
			n += 4
			if rest[2]&1 != 0 { // the bottom of the stack
				ether = etherAny
			}
		case ether == etherPPPoE && len(rest) >= 8:
			ether, n = pppType(rest[6:]), n+8
		case ether < 0x600 && len(rest) >= 8 && string(rest[:6]) == "\xaa\xaa\x03\x00\x00\x00":
			ether, n = binary.BigEndian.Uint16(rest[6:]), n+8
		default:
			return 0, n, false
		}
	}
	return 0, n, false
}
