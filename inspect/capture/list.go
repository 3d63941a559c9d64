package capture

import (
	"cmp"
	"io"
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

// List reads a capture to its end and is its connections in the order of their
// first packets. Those that o does not want are left out. problem is told of
// damage; on a read error the connections up to there come with it.
func List(in *frame.Input, o *frame.Options, protocols []frame.Protocol, problem func(p *span.Problem)) ([]Listed, error) {
	var all []Listed
	r := newReader(in, o, protocols)
	r.list = func(c *connection) { all = append(all, r.listed(c)) }
	var f frame.Frame
	var err error
	for err = r.Next(&f); err == nil; err = r.Next(&f) {
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
	slices.SortFunc(all, func(a, b Listed) int { return cmp.Compare(a.Connection, b.Connection) })
	return all, err
}

func (r *reader) listed(c *connection) Listed {
	l := Listed{Connection: c.number, Protocol: "unknown", Packets: c.packets}
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
