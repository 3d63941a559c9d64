package tws

import (
	"fmt"
	"slices"

	"github.com/pbscope/pbscope/inspect/frame"
	"github.com/pbscope/pbscope/inspect/span"
)

// OnTCP is the TWS API as what may run on a captured connection.
func OnTCP() frame.Protocol {
	return frame.Protocol{
		Name: "tws", Title: "TWS API",
		Ports:     []uint16{7496, 7497, 4001, 4002},
		Recognise: recognise,
		Converse:  converse,
		Write:     func(*frame.Options) frame.Writer { return &writer{both: true} },
	}
}

// minHead is how many bytes must have come before a connection without a
// handshake is called something.
const minHead = 12

// recognise goes by the handshake of either direction, else by the port, or by
// frames that follow each other from the first byte on.
func recognise(o *frame.Opening) frame.Verdict {
	verdict := frame.No
	for i, head := range o.Heads {
		if o.Whole[i] || len(head) > 0 {
			verdict = max(verdict, recogniseHead(o, i))
		}
	}
	onPort := slices.Contains(OnTCP().Ports, o.Ports[0]) || slices.Contains(OnTCP().Ports, o.Ports[1])
	enough := slices.ContainsFunc(o.Heads[:], func(head []byte) bool { return len(head) >= minHead })
	if verdict < frame.Likely && onPort && (enough || o.Ended == [2]bool{true, true}) {
		return frame.Likely
	}
	if onPort && verdict == frame.No {
		return frame.Unsure
	}
	return verdict
}

func recogniseHead(o *frame.Opening, i int) frame.Verdict {
	head := o.Heads[i]
	n := min(len(head), len(handshake))
	switch {
	case senderOf(head) != "" && (o.Whole[i] || len(head) >= beginning || o.Ended[i]):
		return frame.Sure
	case len(head) < beginning:
		if o.Ended[i] || string(head[:n]) != handshake[:n] && len(head) > 0 && head[0] != 0 {
			return frame.No
		}
		return frame.Unsure
	case o.Whole[i] && length(head) <= maxServerInfo && len(head) < 4+length(head) && !o.Ended[i]:
		return frame.Unsure
	case o.Whole[i]:
		return frame.No
	}
	return recogniseInside(o, i)
}

// recogniseInside looks for frames in a direction whose first byte was not
// captured. From the first byte there is on, they are sure; where they come
// later, after the rest of a frame, it takes as many to call them likely.
func recogniseInside(o *frame.Opening, i int) frame.Verdict {
	in := frame.NewFed()
	in.Feed(o.Heads[i])
	if o.Ended[i] {
		in.End()
	}
	r := &reader{in: in, o: o.Options}
	in.Begin()
	switch ok := r.frameAt(0, known); {
	case in.Starved():
		return frame.Unsure
	case ok:
		return frame.Sure
	}
	head := o.Heads[i]
	for skip := 1; skip < len(head); {
		none := noFrameIn(head[skip:])
		if skip += none; none == 0 {
			if r.frameAt(skip, known) && r.followed(skip) {
				return frame.Likely
			}
			skip++
		}
	}
	if o.Ended[i] {
		return frame.No
	}
	return frame.Unsure
}

// followed says that the frame that begins skip bytes after the input's place
// is followed by two others, all of them there: nothing else shows that the
// bytes are the protocol's.
func (r *reader) followed(skip int) bool {
	for range chainLength {
		end, l := r.at(skip)
		if b := r.in.Buffered(); l < known || end == skip || end > len(b) {
			return false
		}
		skip = end
	}
	return true
}

// conversation reads both directions of a connection, each by a reader.
type conversation struct {
	c       *frame.Connection
	o       frame.Options
	readers [2]reader
	told    bool
}

func converse(c *frame.Connection) frame.Conversation {
	v := &conversation{c: c}
	if c.Options != nil {
		v.o = *c.Options
	}
	v.o.Note = c.Note
	for i := range v.readers {
		v.readers[i] = reader{o: &v.o, peer: &v.readers[1-i]}
	}
	if c.Client >= 0 {
		v.settle(c.Client)
	}
	return v
}

// settle says which side is the client.
func (v *conversation) settle(clientSide int) {
	v.readers[clientSide].direction = client
	v.readers[1-clientSide].direction = server
}

// Next implements frame.Conversation.
func (v *conversation) Next(s *frame.Side, f *frame.Frame) error {
	r := &v.readers[s.Index]
	r.in, r.missing = s.In, s.Missing
	if !r.begun {
		if err := v.begin(s, r); err != nil {
			return err
		}
	}
	return r.Next(f)
}

// begin settles who sends what, and whether the side begins with a frame.
func (v *conversation) begin(s *frame.Side, r *reader) error {
	s.In.Begin()
	head, err := s.In.Need(1)
	if len(head) == 0 {
		return err
	}
	if r.direction == "" {
		v.guess(s)
	}
	if r.whole = s.Whole; !r.whole {
		r.lost = !r.startsFrame()
	} else if head[0] > '0' && head[0] <= '9' {
		// Digits as a length would be far too many.
		head, _ = s.In.Need(8)
		r.lost = isUnframed(head[:min(len(head), 8)])
	}
	if s.In.Starved() {
		r.lost = false
		return frame.ErrStarved
	}
	r.begun = true
	return nil
}

// guess finds the client by the handshake, then by the usual ports, then by
// --direction, which names the sender of the connection's first packet.
func (v *conversation) guess(s *frame.Side) {
	heads := v.c.Heads
	heads[s.Index] = s.In.Buffered()
	for i, head := range heads {
		switch senderOf(head) {
		case client:
			v.settle(i)
			return
		case server:
			v.settle(1 - i)
			return
		}
	}
	usual := func(port uint16) bool { return slices.Contains(OnTCP().Ports, port) }
	switch ports := v.c.Ports; {
	case usual(ports[0]) != usual(ports[1]):
		v.settle(map[bool]int{true: 1, false: 0}[usual(ports[0])])
	case v.o.Direction == client:
		v.settle(0)
	case v.o.Direction == server:
		v.settle(1)
	case !v.told:
		v.told = true
		v.o.Tell("it cannot be told which side is the client, so messages whose ids mean different things in the two directions have no name: --direction client|server says who sent the first packet, --decode-as PORT=tws which port is the server's")
	}
}

// Resume implements frame.Conversation.
func (v *conversation) Resume(s *frame.Side) {
	r := &v.readers[s.Index]
	r.in, r.whole, r.resumed, r.search = s.In, false, true, search{}
	if r.broken && r.rest >= 0 {
		r.begun, r.broken, r.lost, r.check = true, false, false, r.rest == 0
		return
	}
	r.begun, r.broken, r.lost, r.check, r.rest = false, false, false, false, 0
}

// truncated makes f the frame that the input's end cuts; where bytes are lost
// there, what follows them of the frame is kept in mind.
func (r *reader) truncated(f *frame.Frame, need int64, err error) {
	had := int64(len(r.in.Buffered()))
	frame.Truncated(r.in, f, need, err)
	if r.missing > 0 {
		f.Problem.Message = fmt.Sprintf("%d bytes of a frame that lost bytes", had)
		if had >= 4 {
			r.rest, r.broken = need-had-r.missing, true
		}
	}
}

// passRest makes f the rest of a frame that lost bytes.
func (r *reader) passRest(f *frame.Frame) error {
	n := min(r.rest, frame.MaxKept)
	b, err := r.in.Need(int(n))
	if r.in.Starved() {
		return nil
	}
	if len(b) == 0 {
		return err
	}
	n = min(n, int64(len(b)))
	frame.Damaged(r.in, f, n, span.InInput(span.Skipped, r.in.Offset(), "the rest of a frame that lost bytes"))
	f.Problem.Length = n
	if r.rest -= n; r.rest == 0 {
		r.check = true
	} else if r.missing > 0 && len(r.in.Buffered()) == 0 && r.in.Ended() {
		r.rest, r.broken = r.rest-r.missing, true
	}
	return nil
}
