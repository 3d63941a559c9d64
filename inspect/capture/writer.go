package capture

import (
	"encoding/binary"
	"errors"
	"net/netip"
	"time"

	"github.com/pbscope/pbscope/inspect/frame"
)

// writer writes frames as a pcap of raw IP, each as one segment or more. A
// connection begins with SYN, unless its first bytes are damaged, and ends with
// FIN, unless its last ones are; a gap leaves out its bytes.
type writer struct {
	bytes  frame.Writer // the frames' own form
	conns  []*written   // by number, from the first
	nanos  bool
	began  bool
	last   time.Time
	number uint16 // of the next IP packet
}

// written is a connection that is being written. Side 0 is the client's.
type written struct {
	number  int64
	ends    [2]netip.AddrPort
	seq     [2]uint32
	damaged [2]bool // the last record was
	open    bool
}

// maxSegment is the most data of a packet, in bytes.
const maxSegment = 65535 - 60

// Append implements frame.Writer.
func (w *writer) Append(dst []byte, f *frame.Frame) ([]byte, error) {
	m := f.Meta
	if m == nil || m.TWS == nil && m.TCP == nil {
		return dst, errors.New(`pcap needs to know who sent each message: give it envelopes with "tws" or "tcp" (--envelope)`)
	}
	// A message that cannot be written leaves no trace, and others follow it.
	data, err := w.bytes.Append(nil, f)
	if err != nil {
		return dst, err
	}
	c, side, err := w.connection(m)
	if err != nil {
		return dst, err
	}
	dst = w.begin(dst, m)
	if !m.Time.IsZero() {
		w.last = m.Time
	}
	c.damaged[side] = f.Problem != nil
	if !c.open {
		c.open = true
		if f.Problem == nil {
			dst = w.handshake(dst, c)
		}
	}
	if f.Problem != nil && len(f.Payload) == 0 {
		c.seq[side] += uint32(f.Problem.Length)
	}
	for len(data) > 0 {
		n := min(len(data), maxSegment)
		dst = w.packet(dst, c, side, flagACK|flagPSH, data[:n])
		data = data[n:]
	}
	return dst, nil
}

// Finish implements frame.Writer.
func (w *writer) Finish(dst []byte) ([]byte, error) {
	dst = w.begin(dst, nil)
	for _, c := range w.conns {
		for side := range c.ends {
			if !c.damaged[side] {
				dst = w.packet(dst, c, side, flagACK|flagFIN, nil)
			}
		}
	}
	return dst, nil
}

// begin writes the header of the file before its first packet.
func (w *writer) begin(dst []byte, m *frame.Meta) []byte {
	if w.began {
		return dst
	}
	w.began, w.last = true, time.Unix(0, 0)
	magic := uint32(magicMicros)
	if m != nil && m.TimeDigits == 9 {
		magic, w.nanos = magicNanos, true
	}
	dst = binary.LittleEndian.AppendUint32(dst, magic)
	dst = append(dst, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0)
	dst = binary.LittleEndian.AppendUint32(dst, 256<<10)
	return binary.LittleEndian.AppendUint32(dst, linkRaw)
}

// connection is that of a frame, and the side that sent it.
func (w *writer) connection(m *frame.Meta) (c *written, side int, err error) {
	if m.TWS != nil && m.TWS.Direction == "server" {
		side = 1
	}
	if m.TCP == nil {
		return w.numbered(0, netip.MustParseAddrPort("127.0.0.1:50000"), netip.MustParseAddrPort("127.0.0.1:7497")), side, nil
	}
	src, err := netip.ParseAddrPort(m.TCP.Src)
	dst, dstErr := netip.ParseAddrPort(m.TCP.Dst)
	if err != nil || dstErr != nil || src.Addr().Is4() != dst.Addr().Is4() {
		return nil, 0, errors.New(`"src" and "dst" of "tcp" must be address:port, of one kind`)
	}
	for _, c := range w.conns {
		if c.number == m.TCP.Connection && (c.ends == [2]netip.AddrPort{src, dst} || c.ends == [2]netip.AddrPort{dst, src}) {
			if side = 0; c.ends[0] != src {
				side = 1
			}
			return c, side, nil
		}
	}
	if side == 1 {
		src, dst = dst, src
	}
	return w.numbered(m.TCP.Connection, src, dst), side, nil
}

func (w *writer) numbered(number int64, client, server netip.AddrPort) *written {
	for _, c := range w.conns {
		if c.number == number && c.ends[0] == client {
			return c
		}
	}
	c := &written{number: number, ends: [2]netip.AddrPort{client, server}, seq: [2]uint32{1000, 5000}}
	w.conns = append(w.conns, c)
	return c
}

func (w *writer) handshake(dst []byte, c *written) []byte {
	dst = w.packet(dst, c, 0, flagSYN, nil)
	dst = w.packet(dst, c, 1, flagSYN|flagACK, nil)
	return w.packet(dst, c, 0, flagACK, nil)
}

// packet appends a packet that one side sends.
func (w *writer) packet(dst []byte, c *written, side int, flags byte, data []byte) []byte {
	fraction := uint32(w.last.Nanosecond())
	if !w.nanos {
		fraction /= 1000
	}
	dst = binary.LittleEndian.AppendUint32(dst, uint32(w.last.Unix()))
	dst = binary.LittleEndian.AppendUint32(dst, fraction)
	src, dest := c.ends[side], c.ends[1-side]
	head := 40
	if src.Addr().Is4() {
		head = 20
	}
	n := uint32(head + 20 + len(data))
	dst = binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(dst, n), n)
	start := len(dst)
	dst = w.ip(dst, src.Addr(), dest.Addr(), 20+len(data))
	tcp := len(dst)
	dst = binary.BigEndian.AppendUint16(dst, src.Port())
	dst = binary.BigEndian.AppendUint16(dst, dest.Port())
	dst = binary.BigEndian.AppendUint32(dst, c.seq[side])
	ack := uint32(0)
	if flags&flagACK != 0 {
		ack = c.seq[1-side]
	}
	dst = binary.BigEndian.AppendUint32(dst, ack)
	dst = append(dst, 5<<4, flags, 0xff, 0xff, 0, 0, 0, 0)
	dst = append(dst, data...)
	addresses := dst[start+head-8 : start+head]
	if head == 40 {
		addresses = dst[start+8 : start+40]
	}
	sum := checksum(checksum(protocolTCP+uint32(20+len(data)), addresses), dst[tcp:])
	binary.BigEndian.PutUint16(dst[tcp+16:], ^uint16(sum))
	c.seq[side] += uint32(len(data))
	if flags&(flagSYN|flagFIN) != 0 {
		c.seq[side]++
	}
	return dst
}

// ip appends the header of a packet with n bytes of TCP.
func (w *writer) ip(dst []byte, src, dest netip.Addr, n int) []byte {
	if src.Is6() {
		dst = append(dst, 0x60, 0, 0, 0, byte(n>>8), byte(n), protocolTCP, 64)
		return append(append(dst, src.AsSlice()...), dest.AsSlice()...)
	}
	w.number++
	n += 20
	start := len(dst)
	dst = append(dst, 0x45, 0, byte(n>>8), byte(n), byte(w.number>>8), byte(w.number), 0x40, 0, 64, protocolTCP, 0, 0)
	dst = append(append(dst, src.AsSlice()...), dest.AsSlice()...)
	binary.BigEndian.PutUint16(dst[start+10:], ^uint16(checksum(0, dst[start:])))
	return dst
}

// checksum adds b to a sum of 16-bit numbers in one's complement (RFC 1071).
func checksum(sum uint32, b []byte) uint32 {
	for ; len(b) >= 2; b = b[2:] {
		sum += uint32(binary.BigEndian.Uint16(b))
	}
	if len(b) == 1 {
		sum += uint32(b[0]) << 8
	}
	for sum > 0xffff {
		sum = sum>>16 + sum&0xffff
	}
	return sum
}
