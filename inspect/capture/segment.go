package capture

import (
	"encoding/binary"
	"net/netip"
	"strconv"
)

// The flags of a TCP header that matter here.
const (
	flagFIN = 1 << iota
	flagSYN
	flagRST
	flagPSH
	flagACK
)

// endpoint is an address and a port. IPv4 addresses are mapped.
type endpoint struct {
	ip   [16]byte
	port uint16
}

// String is "address:port", with brackets around IPv6.
func (e endpoint) String() string {
	ip := e.addr()
	port := strconv.Itoa(int(e.port))
	if ip.Is4() {
		return ip.String() + ":" + port
	}
	return "[" + ip.String() + "]:" + port
}

func (e endpoint) addr() netip.Addr { return netip.AddrFrom16(e.ip).Unmap() }

// segment is a TCP segment of a packet.
type segment struct {
	src, dst endpoint
	seq, ack uint32
	flags    byte
	data     []byte
	// missing is how many bytes after data the capture has cut off.
	missing int
	// offset is that of data in the file, -1 where it does not lie there.
	offset int64
}

// read takes the TCP header off a datagram.
func (s *segment) read(p *packet, d *datagram) bool {
	b := d.data
	if len(b) < 20 {
		return false
	}
	head := int(b[12]>>4) * 4
	if head < 20 || head > d.total {
		return false
	}
	s.src = endpoint{d.src, binary.BigEndian.Uint16(b)}
	s.dst = endpoint{d.dst, binary.BigEndian.Uint16(b[2:])}
	s.seq, s.ack = binary.BigEndian.Uint32(b[4:]), binary.BigEndian.Uint32(b[8:])
	s.flags = b[13]
	s.data = b[min(head, len(b)):]
	s.missing = d.total - head - len(s.data)
	s.offset = -1
	if d.at >= 0 {
		s.offset = p.offset + int64(d.at+min(head, len(b)))
	}
	if p.cut {
		s.missing = 0 // the file's end is no loss
	}
	return true
}
