package capture

import (
	"bytes"
	"encoding/binary"

	"github.com/pbscope/pbscope/inspect/frame"
)

const (
	// maxHead is how many bytes of a direction are looked at.
	maxHead = 4 << 10
	// maxPending is how many events of a connection are kept before it is
	// called unknown.
	maxPending = 1 << 10
	// closeHead is up to how many bytes every further one is looked at; then
	// it takes an eighth more for another look.
	closeHead = 64
)

// open adds an event to what is known of the connection's beginning.
func (r *reader) open(c *connection, e *event) {
	if c.opening == nil {
		c.opening = &frame.Opening{Ports: [2]uint16{c.ends[0].port, c.ends[1].port}, Options: r.o}
		for i := range c.streams {
			c.opening.Whole[i] = c.streams[i].whole
		}
	}
	o, i := c.opening, e.side
	o.Client = c.client
	switch {
	case o.Ended[i]:
	case e.kind == bytesCame:
		if len(o.Heads[i]) == 0 {
			o.Whole[i] = c.streams[i].whole && e.from == 0
		}
		o.Heads[i] = append(o.Heads[i], e.data[:min(len(e.data), maxHead-len(o.Heads[i]))]...)
	case e.kind == bytesLost && len(o.Heads[i]) == 0:
		o.Whole[i] = false
	default:
		o.Ended[i] = true
	}
}

// recognise is the protocol of a connection, nil while that cannot be told.
func (r *reader) recognise(c *connection) *frame.Protocol {
	o := c.opening
	for _, as := range r.want.DecodeAs {
		if p := r.named(as, o); p != nil {
			return p
		}
	}
	if len(o.Heads[0])+len(o.Heads[1]) == 0 {
		if o.Ended[0] && o.Ended[1] {
			return unknownProtocol()
		}
		return nil
	}
	final := o.Ended[0] && o.Ended[1] || len(o.Heads[0]) >= maxHead || len(o.Heads[1]) >= maxHead || len(c.pending) >= maxPending
	have, ended := len(o.Heads[0])+len(o.Heads[1]), index(o.Ended[0])+index(o.Ended[1])
	if !final && have > closeHead && have < c.looked+c.looked/8 && ended == c.endedThen {
		return nil
	}
	c.looked, c.endedThen = have, ended
	var likely *frame.Protocol
	unsure := false
	for i := range r.protocols {
		switch p := &r.protocols[i]; p.Recognise(o) {
		case frame.Sure:
			return p
		case frame.Likely:
			if likely == nil {
				likely = p
			}
		case frame.Unsure:
			unsure = true
		}
	}
	switch {
	case unsure && !final:
		return nil
	case likely != nil:
		return likely
	case final, len(o.Heads[0]) >= enoughHead, len(o.Heads[1]) >= enoughHead:
		return unknownProtocol()
	}
	return nil
}

// enoughHead is how many bytes tell that a protocol is none that is known, if
// no other direction can tell more.
const enoughHead = 512

// named is the protocol that --decode-as gives a connection. Its port is the
// server's.
func (r *reader) named(as frame.PortProtocol, o *frame.Opening) *frame.Protocol {
	if o.Ports[0] != as.Port && o.Ports[1] != as.Port {
		return nil
	}
	for i := range r.protocols {
		if r.protocols[i].Name != as.Protocol {
			continue
		}
		if o.Client < 0 && o.Ports[0] != o.Ports[1] {
			if o.Client = 0; o.Ports[0] == as.Port {
				o.Client = 1
			}
		}
		return &r.protocols[i]
	}
	return nil
}

func unknownProtocol() *frame.Protocol {
	return &frame.Protocol{Name: "unknown", Title: "a protocol that is not known"}
}

// others are the protocols that are recognised and left alone.
func others() []frame.Protocol {
	return []frame.Protocol{
		{Name: "http2", Title: "HTTP/2", Recognise: either(http2)},
		{Name: "http1", Title: "HTTP/1", Recognise: either(http1)},
		{Name: "tls", Title: "TLS", Recognise: either(tls)},
		{Name: "kafka", Title: "Kafka", Ports: []uint16{9092}, Recognise: either(kafka)},
	}
}

// either asks of both directions.
func either(of func(head []byte, whole, ended bool) frame.Verdict) func(o *frame.Opening) frame.Verdict {
	return func(o *frame.Opening) frame.Verdict {
		verdict := frame.No
		for i, head := range o.Heads {
			if len(head) > 0 {
				verdict = max(verdict, of(head, o.Whole[i], o.Ended[i]))
			}
		}
		return verdict
	}
}

// begins says whether head begins with text, as far as it goes.
func begins(head []byte, text string, ended bool) frame.Verdict {
	n := min(len(head), len(text))
	switch {
	case string(head[:n]) != text[:n], n < len(text) && ended:
		return frame.No
	case n < len(text):
		return frame.Unsure
	}
	return frame.Sure
}

func http1(head []byte, _, ended bool) frame.Verdict {
	verdict := frame.No
	for _, text := range []string{"GET /", "POST /", "PUT /", "HEAD /", "DELETE /", "PATCH /", "OPTIONS ", "CONNECT ", "HTTP/1."} {
		verdict = max(verdict, begins(head, text, ended))
	}
	return verdict
}

// http2 knows the client's preface, the server's SETTINGS (RFC 9113, section
// 3.4), and frames that follow each other.
func http2(head []byte, whole, ended bool) frame.Verdict {
	if v := begins(head, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", ended); v != frame.No {
		return v
	}
	frames := 0
	for at := 0; ; frames++ {
		b := head[at:]
		switch {
		case frames == 1 && whole && head[3] == 4:
			return frame.Sure
		case frames == 2:
			return frame.Likely
		}
		if len(b) < 9 {
			if ended {
				return frame.No
			}
			if len(b) > 0 && b[0] != 0 {
				return frame.No
			}
			return frame.Unsure
		}
		n := int(b[0])<<16 | int(b[1])<<8 | int(b[2])
		if !http2Frame(n, b[3], b[4], binary.BigEndian.Uint32(b[5:])) {
			return frame.No
		}
		if at += 9 + n; at > len(head) {
			if whole && frames == 0 && b[3] != 4 || ended || at > maxHead {
				return frame.No
			}
			return frame.Unsure
		}
	}
}

// http2Frame says whether a frame may have such a header: RFC 9113, section 6.
// Streams are numbered from 1, and few connections come far.
func http2Frame(n int, kind, flags byte, stream uint32) bool {
	if stream >= 1<<24 || n > 1<<14 {
		return false
	}
	switch kind {
	case 0, 1, 9: // DATA, HEADERS, CONTINUATION
		return stream != 0 && flags&^0x2d == 0
	case 2: // PRIORITY
		return stream != 0 && n == 5 && flags == 0
	case 3: // RST_STREAM
		return stream != 0 && n == 4 && flags == 0
	case 4: // SETTINGS
		return stream == 0 && n%6 == 0 && n <= 600 && flags&^1 == 0
	case 6: // PING
		return stream == 0 && n == 8 && flags&^1 == 0
	case 7: // GOAWAY
		return stream == 0 && n >= 8 && flags == 0
	case 8: // WINDOW_UPDATE
		return n == 4 && flags == 0
	}
	return false
}

// tls knows the header of a record (RFC 8446, section 5.1), and in a whole
// stream that it holds a handshake.
func tls(head []byte, whole, ended bool) frame.Verdict {
	for i, b := range head[:min(len(head), 3)] {
		if i == 0 && (b < 20 || b > 23 || whole && b != 22 && b != 21) || i == 1 && b != 3 || i == 2 && b > 4 {
			return frame.No
		}
	}
	switch {
	case len(head) < 6 && ended:
		return frame.No
	case len(head) < 6:
		return frame.Unsure
	}
	if n := binary.BigEndian.Uint16(head[3:]); n == 0 || n > 1<<14+2048 {
		return frame.No
	}
	if !whole && string(head[:3]) != "\x17\x03\x03" {
		return frame.Likely
	}
	return frame.Sure
}

// kafka knows the header of a request: its size, the number and version of the
// call, a correlation id and the client's name.
func kafka(head []byte, whole, ended bool) frame.Verdict {
	if len(head) > 0 && head[0] > 7 {
		return frame.No
	}
	if len(head) < 14 {
		if ended || len(head) >= 8 && !kafkaCall(head) {
			return frame.No
		}
		return frame.Unsure
	}
	size, name := int64(binary.BigEndian.Uint32(head)), int(int16(binary.BigEndian.Uint16(head[12:])))
	if !kafkaCall(head) || name < -1 || name > 256 || size < int64(10+max(name, 0)) || size >= maxKafka {
		return frame.No
	}
	if 14+name > len(head) {
		if ended {
			return frame.No
		}
		return frame.Unsure
	}
	if name > 0 && bytes.ContainsFunc(head[14:14+name], func(r rune) bool { return r < ' ' || r > '~' }) {
		return frame.No
	}
	if !whole {
		return frame.Likely
	}
	return frame.Sure
}

// maxKafka is a size in bytes that first requests do not come near.
const maxKafka = 1 << 24

func kafkaCall(head []byte) bool {
	return binary.BigEndian.Uint16(head[4:]) <= 100 && binary.BigEndian.Uint16(head[6:]) <= 30
}
