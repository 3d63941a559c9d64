package capture

import "encoding/binary"

// The link types that are read, from the list at www.tcpdump.org/linktypes.html;
// linkNames has the names.
const (
	linkNull       = 0
	linkEthernet   = 1
	linkTokenRing  = 6
	linkSLIP       = 8
	linkPPP        = 9
	linkFDDI       = 10
	linkRawOld     = 12 // raw IP on most systems, in files of old tools
	linkRawBSD     = 14 // the same on OpenBSD
	linkPPPHDLC    = 50
	linkPPPoE      = 51
	linkLLC        = 100
	linkRaw        = 101
	linkCiscoHDLC  = 104
	linkWLAN       = 105
	linkLoop       = 108
	linkEnc        = 109
	linkSLL        = 113
	linkPFLog      = 117
	linkWLANPrism  = 119
	linkIPOverFC   = 122
	linkWLANRadio  = 127
	linkFirewire   = 138
	linkPKTAPOld   = 149 // USER2, which macOS writes for PKTAP
	linkWLANAVS    = 163
	linkPPPDirOld  = 166
	linkJuniper    = 178
	linkPPI        = 192
	linkERF        = 197
	linkPPPDir     = 204
	linkIPNet      = 226
	linkIPv4       = 228
	linkIPv6       = 229
	linkNFLog      = 239
	linkInfiniBand = 242
	linkPKTAP      = 258
	linkSLL2       = 276
	linkDSABroad   = 281 // Ethernet with a tag of a switch within: Broadcom's
	linkDSABefore  = 282 // the same, before Ethernet
	linkDSA        = 284 // Marvell's
	linkDSALong    = 285
	unknownLink    = 0xffff
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
	etherBridge   = 0x6558 // Ethernet within GRE, and wherever Ethernet follows
	etherBackbone = 0x88e7
	etherVNTag    = 0x8926
	etherHSR      = 0x892f
	// etherLLC is no type but a length, and LLC follows.
	etherLLC = 1
	// etherAny stands for IP of the version that its first four bits say.
	etherAny = 0
)

// passed is why packets are passed over: their link type is not read, or what
// why says.
type passed struct {
	link uint16
	why  string
}

// linkHeader is what a link's header says of the bytes after it, which begin
// at n. Where that cannot be read, but might be something, why says so.
func linkHeader(link uint16, b []byte) (ether uint16, n int, why passed, ok bool) {
	at := 0
	for range 4 { // headers of what the capture itself adds
		inner, n := pseudoHeader(link, b[at:])
		if n == 0 {
			break
		}
		link, at = inner, at+n
	}
	if link == linkWLAN || link == linkWLANPadded {
		ether, n, why.why = wlan(b[at:], link == linkWLANPadded)
		return ether, at + n, why, n > 0
	}
	if !readable(link) {
		return 0, 0, passed{link: link}, false
	}
	ether, n, ok = linkType(link, b[at:])
	return ether, at + n, passed{}, ok && at+n <= len(b)
}

// linkType is linkHeader for headers of a link's own.
func linkType(link uint16, b []byte) (ether uint16, n int, ok bool) {
	typeAt := func(at, n int) (uint16, int, bool) {
		if len(b) < n {
			return 0, 0, false
		}
		return binary.BigEndian.Uint16(b[at:]), n, true
	}
	switch link {
	case linkEthernet:
		return typeAt(12, 14)
	case linkSLL:
		return typeAt(14, 16)
	case linkSLL2:
		return typeAt(0, 20)
	case linkRaw, linkRawOld, linkRawBSD, linkIPv4, linkIPv6:
		return etherAny, 0, true
	case linkNull, linkLoop:
		// An address family, whose numbers differ by system.
		return etherAny, 4, len(b) > 4
	case linkEnc:
		return etherAny, 12, len(b) > 12
	case linkSLIP:
		return etherAny, 16, len(b) > 16
	case linkIPNet:
		return etherAny, 24, len(b) > 24
	case linkPPP, linkPPPHDLC, linkPPPDir, linkPPPDirOld:
		return pppHeader(b, index(link == linkPPPDir || link == linkPPPDirOld))
	case linkPPPoE:
		return etherPPPoE, 0, true
	case linkCiscoHDLC:
		return typeAt(2, 4)
	case linkDSA, linkDSABroad, linkDSABefore:
		return typeAt(16, 18)
	case linkDSALong:
		return typeAt(20, 22)
	case linkFirewire:
		return typeAt(16, 18)
	case linkInfiniBand:
		return typeAt(40, 44)
	case linkLLC:
		return etherLLC, 0, true
	case linkFDDI:
		return etherLLC, 13, len(b) > 13
	case linkIPOverFC:
		return etherLLC, 16, len(b) > 16
	case linkTokenRing:
		if n = 14; len(b) > n && b[8]&0x80 != 0 { // routing information
			n += int(b[14] & 0x1f)
		}
		return etherLLC, n, len(b) > n
	case linkPFLog:
		if len(b) == 0 {
			return 0, 0, false
		}
		n = (int(b[0]) + 3) &^ 3
		return etherAny, n, len(b) > n
	case linkERF:
		return erf(b)
	case linkNFLog:
		return nflog(b)
	case linkJuniper:
		return juniper(b)
	}
	return 0, 0, false
}

// readable says that a link type is one of the above.
func readable(link uint16) bool {
	switch link {
	case linkNull, linkEthernet, linkTokenRing, linkSLIP, linkPPP, linkFDDI, linkRawOld, linkRawBSD, linkPPPHDLC, linkPPPoE, linkLLC,
		linkRaw, linkCiscoHDLC, linkWLAN, linkLoop, linkEnc, linkSLL, linkPFLog, linkWLANPrism, linkIPOverFC, linkWLANRadio, linkFirewire,
		linkPKTAPOld, linkWLANAVS, linkPPPDirOld, linkJuniper, linkPPI, linkERF, linkPPPDir, linkIPNet, linkIPv4, linkIPv6, linkNFLog, linkInfiniBand,
		linkPKTAP, linkSLL2, linkDSABroad, linkDSABefore, linkDSA, linkDSALong:
		return true
	}
	return false
}

// pppHeader begins at n: an address and a control byte, which may be missing,
// and a protocol of one byte or two (RFC 1661, section 6.5). Cisco's HDLC has
// other addresses, and types of Ethernet.
func pppHeader(b []byte, n int) (ether uint16, end int, ok bool) {
	if len(b) < n+4 {
		return 0, 0, false
	}
	switch {
	case b[n] == 0x0f || b[n] == 0x8f:
		return binary.BigEndian.Uint16(b[n+2:]), n + 4, true
	case b[n] == 0xff && b[n+1] == 3:
		n += 2
	}
	if b[n]&1 != 0 {
		return pppType(uint16(b[n])), n + 1, true
	}
	return pppType(binary.BigEndian.Uint16(b[n:])), n + 2, true
}

func pppType(protocol uint16) uint16 {
	switch protocol {
	case 0x0021:
		return etherIPv4
	case 0x0057:
		return etherIPv6
	case 0x0281:
		return etherMPLS
	case 0x0283:
		return etherMPLSMany
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
		case (ether == etherMPLS || ether == etherMPLSMany) && len(rest) >= 5:
			n += 4
			if rest[2]&1 != 0 { // the bottom of the stack
				ether = labelled(rest[4])
			}
			if ether == etherBridge && rest[4]>>4 == 0 && len(rest) >= 8 {
				n += 4 // a control word (RFC 4385)
			}
		case ether == etherPPPoE && len(rest) >= 8:
			ether, n = pppType(binary.BigEndian.Uint16(rest[6:])), n+8
		case ether == etherBridge && len(rest) >= 14:
			ether, n = binary.BigEndian.Uint16(rest[12:]), n+14
		case ether == etherBackbone && len(rest) >= 18:
			ether, n = binary.BigEndian.Uint16(rest[16:]), n+18
		case (ether == etherVNTag || ether == etherHSR) && len(rest) >= 6:
			ether, n = binary.BigEndian.Uint16(rest[4:]), n+6
		case ether < 0x600 && len(rest) >= 8 && string(rest[:6]) == "\xaa\xaa\x03\x00\x00\x00":
			ether, n = binary.BigEndian.Uint16(rest[6:]), n+8
		default:
			return 0, n, false
		}
	}
	return 0, n, false
}

// labelled is what follows the last label of MPLS, which only its first byte
// shows: IP of some version, or else Ethernet.
func labelled(first byte) uint16 {
	if version := first >> 4; version == 4 || version == 6 {
		return etherAny
	}
	return etherBridge
}
