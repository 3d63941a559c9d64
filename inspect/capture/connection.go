package capture

import (
	"slices"
	"time"

	"github.com/pbscope/pbscope/inspect/frame"
)

// state is what becomes of a connection's bytes.
type state uint8

const (
	undecided state = iota // the protocol is not known yet
	decoded                // a conversation reads them
	counted                // only their number matters, for a listing
	ignored                // nothing of them matters
)

// connection is what is known of a TCP connection.
type connection struct {
	number  int64
	ends    [2]endpoint // of the two directions' senders; the first packet's is 0
	names   [2]string   // of the ends, while decoded
	streams [2]stream
	client  int // the direction that the client sends, -1 if not known

	state        state
	protocol     *frame.Protocol
	conversation frame.Conversation
	pending      []event        // while undecided
	opening      *frame.Opening // while undecided
	unwanted     bool           // by a filter
	// How much of the opening was there when it was last looked at: bytes, and
	// directions that had ended.
	looked, endedThen int

	packets     int64
	first, last stamp
	late        lateness
	reset       bool
	ending      int64 // number of the packet that reset it, 0 if none did
	endingAt    stamp
	done        bool // both directions have ended and been handed on

	// The list of connections by use.
	older, newer *connection
}

// flow is the two ends of a connection, the lower one first.
type flow struct{ low, high endpoint }

func newFlow(a, b endpoint) flow {
	if less(b, a) {
		a, b = b, a
	}
	return flow{a, b}
}

func less(a, b endpoint) bool {
	if a.port != b.port {
		return a.port < b.port
	}
	return string(a.ip[:]) < string(b.ip[:])
}

// maxConnections is how many connections are known at a time. When there are
// more, the one that has been quiet longest is taken to have ended.
const maxConnections = 1 << 15

// table is the connections that are known.
type table struct {
	byFlow         map[flow]*connection
	count          int64 // of all connections ever
	oldest, newest *connection
	last           *connection // of the last packet
}

// find is the connection of a segment and the segment's direction in it; nil
// if it belongs to none that is known.
func (t *table) find(s *segment) (c *connection, side int) {
	if c := t.last; c != nil {
		if c.ends[0] == s.src && c.ends[1] == s.dst {
			return c, 0
		}
		if c.ends[1] == s.src && c.ends[0] == s.dst {
			return c, 1
		}
	}
	c = t.byFlow[newFlow(s.src, s.dst)]
	if c == nil {
		return nil, 0
	}
	t.last = c
	t.touch(c)
	if c.ends[0] == s.src {
		return c, 0
	}
	return c, 1
}

// add makes a connection of a segment that belongs to none before.
func (t *table) add(s *segment) *connection {
	if t.byFlow == nil {
		t.byFlow = make(map[flow]*connection)
	}
	t.count++
	c := &connection{number: t.count, ends: [2]endpoint{s.src, s.dst}, client: -1}
	for i := range c.streams {
		c.streams[i].fin = -1
	}
	t.byFlow[newFlow(s.src, s.dst)] = c
	t.link(c)
	t.last = c
	return c
}

func (t *table) remove(c *connection) {
	key := newFlow(c.ends[0], c.ends[1])
	if t.byFlow[key] == c {
		delete(t.byFlow, key)
	}
	t.unlink(c)
	if t.last == c {
		t.last = nil
	}
}

func (t *table) link(c *connection) {
	c.older, c.newer = t.newest, nil
	if t.newest != nil {
		t.newest.newer = c
	} else {
		t.oldest = c
	}
	t.newest = c
}

func (t *table) unlink(c *connection) {
	if c.older != nil {
		c.older.newer = c.newer
	} else {
		t.oldest = c.newer
	}
	if c.newer != nil {
		c.newer.older = c.older
	} else {
		t.newest = c.older
	}
	c.older, c.newer = nil, nil
}

func (t *table) touch(c *connection) {
	if t.newest != c {
		t.unlink(c)
		t.link(c)
	}
}

// all is the connections that are known, by number.
func (t *table) all() []*connection {
	var all []*connection
	for c := t.oldest; c != nil; c = c.newer {
		all = append(all, c)
	}
	slices.SortFunc(all, func(a, b *connection) int { return int(a.number - b.number) })
	return all
}

// youngPackets is the number of packets up to which a SYN may come after
// packets of its own connection, where the capture has them out of order.
const youngPackets = 128

// begins says that a segment with SYN begins another connection between the
// same ends.
func (c *connection) begins(side int, s *segment) bool {
	st := &c.streams[side]
	switch {
	case st.syn:
		return st.isn != s.seq
	case c.leads(side, s):
		return false
	case c.packets > youngPackets || c.reset || c.streams[0].fin >= 0 || c.streams[1].fin >= 0:
		return true
	case !st.seen:
		return false
	}
	return !near(st.firstSeq, s.seq+1)
}

// leads says that a segment with SYN fits right before what has come of the
// connection, out of order: nothing of its direction has been handed on, and
// what the two directions say of each other agrees.
func (c *connection) leads(side int, s *segment) bool {
	st, other := &c.streams[side], &c.streams[1-side]
	switch {
	case st.whole:
		return st.zero == s.seq+1
	case st.going:
		return false
	case st.seen:
		return near(st.firstSeq, s.seq+1)
	case st.hasAck:
		return near(st.zero+uint32(st.acked), s.seq+1)
	}
	return s.flags&flagACK != 0 && other.seen && near(other.firstSeq+1, s.ack)
}

// near says that a stream with a byte at seq may well begin at first.
func near(seq, first uint32) bool {
	before := int32(seq - first)
	return before >= 0 && before <= maxLead
}

// maxLead is how many bytes before the first that was seen a stream may begin.
const maxLead = 1 << 20

// count takes note of a packet.
func (c *connection) count(p *packet) {
	if c.packets == 0 {
		c.first = p.at
	}
	c.packets++
	if c.last.digits == 0 || p.at.since(c.last) > 0 {
		c.last = p.at
	}
	if p.at.since(c.first) < 0 {
		c.first = p.at
	}
}

// age is the time between the connection's first and last packets.
func (c *connection) age() time.Duration { return c.last.since(c.first) }
