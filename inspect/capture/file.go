package capture

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/bits"
	"time"

	"github.com/pbscope/pbscope/inspect/frame"
	"github.com/pbscope/pbscope/inspect/span"
)

// packet is a captured packet. Its data is valid until the next one is read.
type packet struct {
	number int64 // from 1
	at     stamp
	data   []byte
	offset int64  // of data in the file
	link   uint16 // link type
	cut    bool   // the file ends within it
}

// stamp is a time of a capture and how exactly it is known: digits is 3, 6 or
// 9, or 0 where there is none.
type stamp struct {
	seconds int64
	nanos   int32
	digits  int8
}

// maxSeconds is the end of the year 9999, beyond which RFC 3339 has no times.
const maxSeconds = 253402300799

// newStamp is units of 1/perSecond s since 1970, moved by offset seconds.
func newStamp(units, perSecond uint64, offset int64) stamp {
	seconds := units/perSecond + uint64(offset)
	high, low := bits.Mul64(units%perSecond, 1e9)
	nanos, _ := bits.Div64(high, low, perSecond)
	s := stamp{seconds: int64(seconds), nanos: int32(nanos), digits: 9}
	switch {
	case seconds > maxSeconds:
		return stamp{}
	case perSecond <= 1<<10:
		s.digits = 3
	case perSecond <= 1<<20:
		s.digits = 6
	}
	return s
}

func (s stamp) time() time.Time { return time.Unix(s.seconds, int64(s.nanos)) }

// since is the time from another stamp to s, up to about 30 years; 0 where
// either is unknown.
func (s stamp) since(o stamp) time.Duration {
	const most = 1e9
	if s.digits == 0 || o.digits == 0 {
		return 0
	}
	return time.Duration(min(max(s.seconds-o.seconds, -most), most))*time.Second + time.Duration(s.nanos-o.nanos)
}

// source reads the packets of a capture file.
type source interface {
	// next fills p with the next packet. A *span.Problem is damage of the
	// file, after which next may be called again; io.EOF is its end.
	next(p *packet) error
}

// maxPacket is the largest packet in bytes that is believed. Captures have at
// most 256 KiB for most link types.
const maxPacket = 16 << 20

// The magic numbers of the two formats: draft-ietf-opsawg-pcap, section 4, and
// draft-ietf-opsawg-pcapng, section 4.1.
const (
	magicMicros   = 0xa1b2c3d4
	magicNanos    = 0xa1b23c4d
	magicModified = 0xa1b2cd34 // with longer packet headers, by Kuznetzov's libpcap
	magicSection  = 0x0a0d0d0a // the same in both byte orders
	magicOrder    = 0x1a2b3c4d
)

// isCapture says that an input that begins with head is a capture.
func isCapture(head []byte) bool {
	if len(head) >= 12 && binary.BigEndian.Uint32(head) == magicSection {
		return sectionOrder(head[8:]) != nil
	}
	return len(head) >= 24 && pcapOrder(head) != nil
}

// openFile looks at the first bytes of a capture.
func openFile(in *frame.Input) (source, error) {
	head, err := in.Need(24)
	if err != nil && err != io.EOF {
		return nil, err
	}
	switch {
	case len(head) == 0:
		return nil, errors.New("the input is empty, and not a capture")
	case len(head) >= 12 && binary.BigEndian.Uint32(head) == magicSection && sectionOrder(head[8:]) != nil:
		return &pcapngFile{in: in}, nil
	case len(head) >= 4 && pcapOrder(head) != nil:
		if len(head) < 24 {
			return nil, fmt.Errorf("the capture ends within its header, after %d bytes", len(head))
		}
		return newPcapFile(in, head), nil
	}
	return nil, errors.New("the input is no capture: it begins like neither pcap nor pcapng")
}

// damaged is a problem of the file at an offset.
func damaged(tag span.Tag, offset int64, format string, args ...any) *span.Problem {
	return span.InInput(tag, offset, fmt.Sprintf(format, args...))
}
