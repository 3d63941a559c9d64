package capture

import (
	"cmp"
	"io"
	"maps"
	"slices"
	"strconv"

	"github.com/pbscope/pbscope/inspect/frame"
	"github.com/pbscope/pbscope/inspect/span"
)

// Listed is a connection of a capture, for a listing.
type Listed struct {
	Connection int64
	// Protocol is the name that --decode-as takes; "unknown" for others.
	Protocol string
	// Read says that the protocol's messages can be decoded.
	Read bool
	// Client and Server are "address:port". Guessed says that no SYN told
	// them apart, but the ports, or else who sent the first packet.
	Client, Server string
	Guessed        bool
	Packets        int64
	// Bytes are those of the two streams that were captured, each once.
	Bytes int64
	// First and Last are the times of the first and last packets, as RFC 3339
	// has them; "" without.
	First, Last string
	// Gaps are the places where the capture has lost bytes, GapBytes those.
	Gaps, GapBytes int64
}

// maxUnordered is how many connections that are over are kept until those
// before them are; then all go out at once.
const maxUnordered = 1 << 15

// List reads a capture to its end. each is called for every connection that o
// wants, when it is over, in the order of their first packets; where a
// connection outlasts more than 32,768 later ones, those come before it. problem
// is told of damage; on a read error the connections up to there come with it.
// An error of each ends it.
func List(in *frame.Input, o *frame.Options, protocols []frame.Protocol, problem func(p *span.Problem), each func(l *Listed) error) error {
	r := newReader(in, o, protocols)
	order := inOrder{each: each, next: 1, over: make(map[int64]*Listed)}
	r.list = func(c *connection) {
		var l *Listed
		if !c.unwanted {
			l = r.listed(c)
		}
		order.add(c.number, l)
	}
	var f frame.Frame
	var err error
	for err = r.Next(&f); err == nil && order.failed == nil; err = r.Next(&f) {
		if f.Problem != nil {
			problem(f.Problem)
		}
		f = frame.Frame{}
	}
	if err == io.EOF {
		err = nil
	}
	if r.file != nil && !r.ended {
		r.end()
		for len(r.queue) > 0 {
			r.handle(&f)
		}
		r.settleDropped()
	}
	order.all()
	return cmp.Or(order.failed, err)
}

// inOrder puts connections that are over into order.
type inOrder struct {
	each   func(l *Listed) error
	next   int64             // the lowest number that is not over
	over   map[int64]*Listed // those beyond; nil for one that is not wanted
	failed error             // of each
}

func (o *inOrder) add(number int64, l *Listed) {
	o.over[number] = l
	if number < o.next {
		o.tell(number)
	}
	for {
		if _, ok := o.over[o.next]; !ok {
			break
		}
		o.tell(o.next)
		o.next++
	}
	if len(o.over) > maxUnordered {
		o.all()
	}
}

// all tells all that are over.
func (o *inOrder) all() {
	for _, number := range slices.Sorted(maps.Keys(o.over)) {
		o.tell(number)
		o.next = number + 1
	}
}

func (o *inOrder) tell(number int64) {
	if l := o.over[number]; l != nil && o.failed == nil {
		o.failed = o.each(l)
	}
	delete(o.over, number)
}

func (r *reader) listed(c *connection) *Listed {
	l := &Listed{Connection: c.number, Protocol: "unknown", Packets: c.packets}
	if c.protocol != nil {
		l.Protocol, l.Read = c.protocol.Name, c.protocol.Converse != nil
	}
	for i := range c.streams {
		s := &c.streams[i]
		l.Bytes += s.bytes
		l.Gaps += s.gaps
		l.GapBytes += s.gapBytes
	}
	client := c.client
	if client < 0 {
		client, l.Guessed = c.likelyClient(r.want), true
	}
	l.Client, l.Server = c.ends[client].String(), c.ends[1-client].String()
	l.First, l.Last = c.first.String(), c.last.String()
	return l
}

// likelyClient is the direction whose sender is rather the client: the other
// side has the protocol's port, or one far below.
func (c *connection) likelyClient(want *frame.CaptureOptions) int {
	ports := [2]uint16{c.ends[0].port, c.ends[1].port}
	for _, as := range want.DecodeAs {
		if (ports[0] == as.Port) != (ports[1] == as.Port) {
			return index(ports[0] == as.Port)
		}
	}
	if c.protocol != nil {
		usual := [2]bool{slices.Contains(c.protocol.Ports, ports[0]), slices.Contains(c.protocol.Ports, ports[1])}
		if usual[0] != usual[1] {
			return index(usual[0])
		}
	}
	const ephemeral = 32768
	return index(ports[0] < ephemeral && ports[1] >= ephemeral)
}

func index(second bool) int {
	if second {
		return 1
	}
	return 0
}

// String is the stamp as RFC 3339, "" if it is none.
func (s stamp) String() string {
	if s.digits == 0 {
		return ""
	}
	layout := "2006-01-02T15:04:05." + "000000000"[:s.digits] + "Z"
	return s.time().UTC().Format(layout)
}

// Names is the names of the protocols that --decode-as takes.
func Names(protocols []frame.Protocol) []string {
	var names []string
	for _, p := range append(slices.Clone(protocols), others()...) {
		names = append(names, p.Name)
	}
	return names
}

// Command is the command line that decodes a connection of a file, as a shell
// takes it; "" for a protocol that is not read.
func (l *Listed) Command(file string) string {
	if !l.Read {
		return ""
	}
	return "pbscope decode --from pcap --connection " + strconv.FormatInt(l.Connection, 10) + " " + file
}
