package capture

import "time"

// When a hole in a stream is a gap, and no longer waited for. What the other
// side has acknowledged will not be sent again: the capture has lost it, or has
// it a little later, where several queues or interfaces were captured. What is
// not acknowledged will be sent again, and is waited for as long as there is
// room. A capture of one direction only shows no acknowledgements.
const (
	ackedPackets  = 64 // of the connection, after the hole was acknowledged
	ackedTime     = 2 * time.Second
	oneWayPackets = 256
	oneWayTime    = 10 * time.Second
	longTime      = time.Minute
	maxHeld       = 8 << 20 // bytes of a stream out of order
	maxChunks     = 1 << 12
)

// When a stream whose first packets were not captured is handed on: until then
// earlier bytes of it may come, out of order.
const (
	startPackets = 32
	startTime    = time.Second
	startMost    = 64 // packets, without any acknowledgement
)

// wait is how long a hole has been there.
type wait struct {
	on      bool
	acked   bool
	packets int64
	at      stamp
}

// over says that the hole before the first held chunk is a gap.
func (c *connection) over(side int) bool {
	s := &c.streams[side]
	if len(s.held) == 0 {
		s.wait = wait{}
		return false
	}
	acked := s.hasAck && s.acked >= s.held[0].from
	if !s.wait.on || acked != s.wait.acked {
		s.wait = wait{on: true, acked: acked, packets: c.packets, at: c.last}
	}
	packets, time := c.late.less(c.packets-s.wait.packets, c.last.since(s.wait.at))
	switch {
	case s.size > maxHeld, len(s.held) > maxChunks, time >= longTime:
		return true
	case acked:
		return packets >= ackedPackets || time >= ackedTime && (c.late.packets == 0 || packets >= lateFewest)
	case c.streams[1-side].packets == 0:
		return packets >= oneWayPackets || time >= oneWayTime
	}
	return false
}

// mayStart says that a stream without a known start is handed on.
func (c *connection) mayStart(side int) bool {
	s := &c.streams[side]
	if len(s.held) == 0 {
		return false
	}
	if s.size > maxLead {
		return true
	}
	packets, age := c.late.less(c.packets, c.age())
	return packets >= startMost || s.hasAck && s.acked >= s.held[0].from && (packets >= startPackets || age >= startTime && c.late.packets == 0)
}

// lateness is how far packets of a connection have come out of order at most:
// in packets of the connection, and in time. A multiple of it is waited longer
// for others, and time alone does not tell that none will come.
type lateness struct {
	packets int64
	time    time.Duration
}

// The most that is waited longer.
const (
	lateTimes   = 4
	latePackets = 1 << 12
	lateFewest  = 16 // packets, however long it takes
	lateMost    = time.Minute
)

// less is a number of packets and a time that have been waited, less what has
// to be waited longer.
func (l *lateness) less(packets int64, time time.Duration) (int64, time.Duration) {
	return packets - min(lateTimes*l.packets, latePackets), time - lateTimes*min(l.time, lateMost/lateTimes)
}

// came takes note of a packet that came before others of its stream, which
// came when the connection had so many packets, at that time.
func (c *connection) came(packets int64, at stamp, p *packet) {
	c.late.packets = max(c.late.packets, c.packets-packets)
	c.late.time = max(c.late.time, p.at.since(at), at.since(p.at))
}
