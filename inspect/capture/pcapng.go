package capture

import (
	"encoding/binary"
	"io"

	"github.com/pbscope/pbscope/inspect/frame"
	"github.com/pbscope/pbscope/inspect/span"
)

// The types of blocks that are read: draft-ietf-opsawg-pcapng, section 4.
const (
	blockInterface = 1
	blockPacket    = 2 // obsolete
	blockSimple    = 3
	blockEnhanced  = 6
)

// pcapngFile reads a pcapng file.
type pcapngFile struct {
	in         *frame.Input
	order      binary.ByteOrder // of the section
	interfaces []captureInterface
	number     int64
}

// captureInterface is what an interface description says.
type captureInterface struct {
	link      uint16
	snap      uint32
	perSecond uint64
	offset    int64 // seconds
}

// sectionOrder is the byte order of a section, nil if there is none. b begins
// with the byte-order magic.
func sectionOrder(b []byte) binary.ByteOrder {
	for _, order := range []binary.ByteOrder{binary.LittleEndian, binary.BigEndian} {
		if order.Uint32(b) == magicOrder {
			return order
		}
	}
	return nil
}

// maxBlock is the largest block in bytes that is believed.
const maxBlock = maxPacket + 1<<20

func (f *pcapngFile) next(p *packet) error {
	for {
		head, err := f.in.Need(12)
		if len(head) == 0 {
			return err
		}
		if len(head) < 12 {
			if err != io.EOF {
				return err
			}
			return f.cut(len(head))
		}
		if binary.BigEndian.Uint32(head) == magicSection {
			order := sectionOrder(head[8:])
			if order == nil {
				return f.resync()
			}
			f.order, f.interfaces = order, nil
		}
		if f.order == nil {
			return f.resync()
		}
		kind, length := f.order.Uint32(head), int(f.order.Uint32(head[4:]))
		if length < 12 || length > maxBlock {
			return f.resync()
		}
		length = (length + 3) &^ 3
		b, err := f.in.Need(length)
		if len(b) < length && err != io.EOF {
			return err
		}
		if len(b) >= length && f.order.Uint32(b[length-4:]) != f.order.Uint32(b[4:]) {
			return f.resync()
		}
		ended := len(b) < length
		body := b[8:min(len(b), length-4)]
		found := f.block(p, kind, body)
		if found {
			p.cut = ended
		} else if ended {
			return f.cut(len(b))
		}
		f.in.Advance(min(len(b), length))
		if found {
			return nil
		}
	}
}

// cut is the problem of a file that ends within a block.
func (f *pcapngFile) cut(n int) error {
	p := damaged(span.Truncated, f.in.Offset(), "the capture ends within a block")
	p.Length = int64(n)
	f.in.Advance(n)
	return p
}

// block reads a block's body; it is true if that is a packet.
func (f *pcapngFile) block(p *packet, kind uint32, body []byte) bool {
	at := f.in.Offset() + 8
	switch {
	case kind == blockInterface && len(body) >= 8:
		f.addInterface(body)
	case kind == blockEnhanced && len(body) >= 20:
		f.packet(p, int(f.order.Uint32(body)), body, at)
		return true
	case kind == blockPacket && len(body) >= 20:
		f.packet(p, int(f.order.Uint16(body)), body, at)
		return true
	case kind == blockSimple && len(body) >= 4:
		f.number++
		*p = packet{number: f.number, link: unknownLink, offset: at + 4}
		n := f.order.Uint32(body)
		if len(f.interfaces) > 0 {
			p.link = f.interfaces[0].link
			if snap := f.interfaces[0].snap; snap > 0 {
				n = min(n, snap)
			}
		}
		p.data = upTo(body[4:], n)
		return true
	}
	return false
}

// packet reads an enhanced or an obsolete packet block, which are alike from
// the time on.
func (f *pcapngFile) packet(p *packet, which int, body []byte, at int64) {
	f.number++
	*p = packet{number: f.number, link: unknownLink, offset: at + 20, data: upTo(body[20:], f.order.Uint32(body[12:]))}
	if which < len(f.interfaces) {
		i := &f.interfaces[which]
		p.link = i.link
		units := uint64(f.order.Uint32(body[4:]))<<32 | uint64(f.order.Uint32(body[8:]))
		p.at = newStamp(units, i.perSecond, i.offset)
	}
}

func upTo(b []byte, n uint32) []byte {
	if uint64(n) < uint64(len(b)) {
		return b[:n:n]
	}
	return b
}

// maxInterfaces bounds what a file can make us remember.
const maxInterfaces = 1 << 16

func (f *pcapngFile) addInterface(body []byte) {
	i := captureInterface{link: f.order.Uint16(body), snap: f.order.Uint32(body[4:]), perSecond: 1e6}
	for o := body[8:]; len(o) >= 4; {
		code, n := f.order.Uint16(o), int(f.order.Uint16(o[2:]))
		value := o[4:]
		if code == 0 || n > len(value) {
			break
		}
		switch {
		case code == 9 && n >= 1: // if_tsresol
			i.perSecond = resolution(value[0])
		case code == 14 && n >= 8: // if_tsoffset
			i.offset = int64(f.order.Uint64(value))
		}
		o = value[min((n+3)&^3, len(value)):]
	}
	if len(f.interfaces) < maxInterfaces {
		f.interfaces = append(f.interfaces, i)
	}
}

// resolution is the units in a second that if_tsresol states: a power of ten,
// or of two with the highest bit set. Finer ones than we can count are none.
func resolution(b byte) uint64 {
	n := int(b & 0x7f)
	switch {
	case b&0x80 != 0 && n < 64:
		return 1 << n
	case b&0x80 == 0 && n < 20:
		units := uint64(1)
		for range n {
			units *= 10
		}
		return units
	}
	return 1e6
}

// resync passes over bytes up to the next block: one of a known type whose two
// lengths agree.
func (f *pcapngFile) resync() error {
	start := f.in.Offset()
	p := damaged(span.Skipped, start, "no block begins here: bytes of the capture passed over")
	for {
		f.in.Advance(1)
		b, err := f.in.Need(12)
		if len(b) < 12 {
			f.in.Advance(len(b))
		}
		if len(b) < 12 || f.blockAt(b) {
			p.Length = f.in.Offset() - start
			if err != nil && err != io.EOF {
				return err
			}
			return p
		}
	}
}

func (f *pcapngFile) blockAt(head []byte) bool {
	order := f.order
	if binary.BigEndian.Uint32(head) == magicSection {
		order = sectionOrder(head[8:])
	}
	if order == nil {
		return false
	}
	kind, length := order.Uint32(head), order.Uint32(head[4:])
	if kind == 0 || kind > blockEnhanced && kind != magicSection || length < 12 || length > maxBlock || length%4 != 0 {
		return false
	}
	b, _ := f.in.Need(int(length))
	return len(b) >= int(length) && order.Uint32(b[length-4:]) == length
}
