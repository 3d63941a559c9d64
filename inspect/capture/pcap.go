package capture

import (
	"encoding/binary"
	"io"

	"github.com/pbscope/pbscope/inspect/frame"
	"github.com/pbscope/pbscope/inspect/span"
)

// pcapFile reads a pcap file.
type pcapFile struct {
	in        *frame.Input
	order     binary.ByteOrder
	perSecond uint64
	header    int // bytes before a packet
	link      uint16
	snap      uint32
	number    int64
	last      int64 // seconds of the last packet
}

// pcapOrder is the byte order of a file that begins with head, nil if that is
// no pcap.
func pcapOrder(head []byte) binary.ByteOrder {
	for _, order := range []binary.ByteOrder{binary.LittleEndian, binary.BigEndian} {
		switch order.Uint32(head) {
		case magicMicros, magicNanos, magicModified:
			return order
		}
	}
	return nil
}

// newPcapFile takes the file header, of 24 bytes, off the input.
func newPcapFile(in *frame.Input, head []byte) *pcapFile {
	f := &pcapFile{in: in}
	f.begin(head)
	in.Advance(24)
	return f
}

func (f *pcapFile) begin(head []byte) {
	f.order, f.perSecond, f.header = pcapOrder(head), 1e6, 16
	switch f.order.Uint32(head) {
	case magicNanos:
		f.perSecond = 1e9
	case magicModified:
		f.header = 24
	}
	f.snap = f.order.Uint32(head[16:])
	// The upper bits say whether packets end with a checksum.
	f.link = uint16(f.order.Uint32(head[20:]))
}

func (f *pcapFile) next(p *packet) error {
	head, err := f.in.Need(f.header)
	if len(head) == 0 {
		return err
	}
	if len(head) >= 24 && f.fileHeader(head) {
		// Files that were put together with cat.
		f.begin(head)
		f.in.Advance(24)
		return f.next(p)
	}
	if len(head) < f.header {
		if err != io.EOF {
			return err
		}
		return f.end(len(head), "the capture ends within the header of a packet")
	}
	n := int(f.order.Uint32(head[8:]))
	if !f.plausible(head) || (f.isFar(head) || !f.inSecond(head)) && !f.follows(0, false) {
		return f.resync()
	}
	b, err := f.in.Need(f.header + n)
	if len(b) < f.header+n {
		if err != io.EOF {
			return err
		}
		n, p.cut = len(b)-f.header, true
	}
	f.number++
	p.number, p.link = f.number, f.link
	f.last = int64(f.order.Uint32(b))
	p.at = newStamp(uint64(f.last)*f.perSecond+uint64(f.order.Uint32(b[4:])), f.perSecond, 0)
	p.offset = f.in.Offset() + int64(f.header)
	p.data = b[f.header : f.header+n]
	f.in.Advance(f.header + n)
	return nil
}

// fileHeader says that another file begins here.
func (f *pcapFile) fileHeader(head []byte) bool {
	order := pcapOrder(head)
	return order != nil && order.Uint16(head[4:]) == 2 && order.Uint16(head[6:]) == 4
}

// plausible says that a packet may have the header.
func (f *pcapFile) plausible(head []byte) bool {
	captured, length := f.order.Uint32(head[8:]), f.order.Uint32(head[12:])
	limit := max(uint32(256<<10), min(f.snap, maxPacket))
	return captured <= limit && captured <= max(length, 1<<16)
}

// inSecond says that a header's fraction of a second is one, as all but a few
// writers have it.
func (f *pcapFile) inSecond(head []byte) bool { return uint64(f.order.Uint32(head[4:])) < f.perSecond }

// far is how many seconds packets beside each other are apart at most, when a
// place is looked for where the file goes on.
const far = 7 * 24 * 3600

// isFar says that a packet's time is far from that of the one before.
func (f *pcapFile) isFar(head []byte) bool {
	seconds := int64(f.order.Uint32(head))
	return f.number > 0 && (seconds < f.last-far || seconds > f.last+far)
}

// follows says that a packet begins at of the unread bytes, and another one or
// the end of the file after it; near, that their times must be near the last
// one's.
func (f *pcapFile) follows(at int, near bool) bool {
	for range 2 {
		b, _ := f.in.Need(at + f.header)
		if len(b) == at {
			return true
		}
		if len(b) < at+f.header || !f.plausible(b[at:]) {
			return false
		}
		captured := f.order.Uint32(b[at+8:])
		if near && (f.isFar(b[at:]) || !f.inSecond(b[at:])) || captured == 0 {
			return false
		}
		at += f.header + int(captured)
	}
	return true
}

// resync passes over bytes up to the next packet.
func (f *pcapFile) resync() error {
	start := f.in.Offset()
	p := damaged(span.Skipped, start, "no packet begins here: bytes of the capture passed over")
	for {
		f.in.Advance(1)
		b, err := f.in.Need(1)
		if len(b) == 0 || f.follows(0, true) {
			p.Length = f.in.Offset() - start
			if err != nil && err != io.EOF {
				return err
			}
			return p
		}
	}
}

func (f *pcapFile) end(n int, message string) error {
	p := damaged(span.Truncated, f.in.Offset(), "%s", message)
	p.Length = int64(n)
	f.in.Advance(n)
	return p
}
