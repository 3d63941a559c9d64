// Package capture reads pcap and pcapng files, puts TCP streams together and
// finds out which protocol runs on each; what lies in the protocols is for
// others (inspect/tws), which give their readers as rows of a table.
//
// Headers of links, IP and TCP are read here, in a page of code: the libraries
// for it cost every start of the program more than the program itself.
package capture

import (
	"io"
	"maps"
	"slices"

	"github.com/pbscope/pbscope/inspect/frame"
	"github.com/pbscope/pbscope/inspect/span"
)

// Name is the form's.
const Name = "pcap"

// Form is captures as a form that frames are read from. protocols are those
// whose frames can be read; others are recognised and left alone.
func Form(protocols ...frame.Protocol) frame.Form {
	return frame.Form{
		Name:    Name,
		Summary: "a capture, pcap or pcapng, of TCP connections (see `pbscope capture`)",
		Meta:    true,
		Typed:   true,
		Read: func(in *frame.Input, o *frame.Options) frame.Reader {
			return newReader(in, o, protocols)
		},
		Write: writeWith(protocols),
		Sure:  func(head []byte, _ bool) bool { return isCapture(head) },
	}
}

// writeWith makes writers of the first protocol that has frames to write; nil
// if there is none.
func writeWith(protocols []frame.Protocol) func(o *frame.Options) frame.Writer {
	for _, p := range protocols {
		if p.Write != nil {
			return func(o *frame.Options) frame.Writer { return &writer{bytes: p.Write(o)} }
		}
	}
	return nil
}

// reader is the frames of a capture's connections.
type reader struct {
	in        *frame.Input
	o         *frame.Options
	want      *frame.CaptureOptions
	protocols []frame.Protocol
	file      source
	layers    layers
	table     table
	queue     []event
	ready     []frame.Frame // of a direction's end, in order
	ending    []*connection // that were reset, and may yet get packets
	packets   int64
	now       stamp // the latest time of a packet
	start     stamp // of the first packet
	ended     bool
	buffered  int // bytes kept for all connections
	left      tally
	dropped   []*connection       // whose last events are in the queue
	list      func(c *connection) // called for each connection that is over
}

func newReader(in *frame.Input, o *frame.Options, protocols []frame.Protocol) *reader {
	if o == nil {
		o = new(frame.Options)
	}
	r := &reader{in: in, o: o, want: o.Capture, protocols: append(protocols, others()...)}
	if r.want == nil {
		r.want = new(frame.CaptureOptions)
	}
	return r
}

// Next implements frame.Reader.
func (r *reader) Next(f *frame.Frame) error {
	if r.file == nil {
		file, err := openFile(r.in)
		if err != nil {
			return err
		}
		r.file = file
	}
	for {
		if len(r.ready) > 0 {
			*f = r.ready[0]
			r.ready = r.ready[1:]
			return nil
		}
		if len(r.queue) > 0 {
			if r.handle(f) {
				return nil
			}
			continue
		}
		r.settleDropped()
		if r.ended {
			if err := r.unread(); err != nil {
				return err
			}
			r.tellEnd()
			return io.EOF
		}
		if r.buffered > maxBuffered {
			r.relieve()
			continue
		}
		if problem, err := r.read(); err != nil {
			return err
		} else if problem != nil {
			f.Problem, f.Offset, f.PayloadOffset = problem, problem.InputOffset, span.Unknown
			f.Cut = problem.Tag == span.Truncated
			return nil
		}
	}
}

// read reads one packet.
func (r *reader) read() (*span.Problem, error) {
	var p packet
	err := r.file.next(&p)
	if problem, ok := err.(*span.Problem); ok {
		return problem, nil
	}
	if err == io.EOF {
		r.end()
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	r.packet(&p)
	if _, alike := r.file.(*pcapFile); alike && p.number == 1 {
		// All packets have the link type, and an endless input no end to say so.
		if err := r.unread(); err != nil {
			return nil, err
		}
	}
	if p.cut {
		return damaged(span.Truncated, p.offset+int64(len(p.data)), "the capture ends within packet %d", p.number), nil
	}
	return nil, nil
}

// packet takes one packet in.
func (r *reader) packet(p *packet) {
	r.packets = p.number
	if r.start.digits == 0 {
		r.start = p.at
	}
	if r.now.digits == 0 || p.at.since(r.now) > 0 {
		r.now = p.at
	}
	r.expire()
	var s segment
	if !r.layers.tcp(p, &s) {
		return
	}
	c, side := r.table.find(&s)
	if s.flags&flagSYN != 0 && c != nil && c.begins(side, &s) {
		r.drop(c, false)
		c = nil
	}
	if c == nil {
		if len(r.table.byFlow) >= maxConnections {
			r.drop(r.table.oldest, true)
		}
		c, side = r.table.add(&s), 0
		r.choose(c)
	}
	c.count(p)
	c.late.time = max(c.late.time, r.now.since(p.at))
	c.streams[side].packets++
	c.handshake(side, &s)
	if c.state != ignored && !c.done {
		r.segment(c, side, &s, p)
	}
}

// handshake takes note of what shows where streams begin and who the client is.
func (c *connection) handshake(side int, s *segment) {
	st := &c.streams[side]
	if !st.seen && s.flags&flagRST == 0 {
		st.seen, st.firstSeq = true, s.seq
	}
	if s.flags&flagSYN == 0 {
		return
	}
	if st.syn, st.isn = true, s.seq; c.packets > 2 {
		c.late.packets = max(c.late.packets, c.packets-1)
	}
	if s.flags&flagACK == 0 && c.client < 0 {
		c.client = side
	} else if s.flags&flagACK != 0 {
		c.client = 1 - side
	}
}

// end is the end of the file.
func (r *reader) end() {
	r.ended = true
	for _, c := range r.table.all() {
		r.drop(c, true)
	}
}

// tellEnd says what was left alone.
func (r *reader) tellEnd() {
	for _, why := range slices.SortedFunc(maps.Keys(r.layers.passed), comparePassed) {
		r.o.Tell(why.note(r.layers.passed[why]))
	}
	r.left.tell(r.o)
}
