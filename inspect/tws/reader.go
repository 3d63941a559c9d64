package tws

import (
	"fmt"
	"io"

	"github.com/pbscope/pbscope/inspect/frame"
	"github.com/pbscope/pbscope/inspect/span"
)

// reader takes a stream apart. A frame that cannot be one makes it look for
// the next that can; see resync.go.
type reader struct {
	in        *frame.Input
	o         *frame.Options
	direction string
	version   int  // of the server, 0 until it is known
	begun     bool // the direction is settled
	whole     bool // the stream's first byte is the direction's first
	lost      bool // the next bytes are to be passed over up to a frame
	search    search

	// Of one direction of a captured connection; see Conversation.
	peer    *reader // the other direction
	missing int64   // bytes that are lost after the input's end
	rest    int64   // of a frame that lost bytes: what follows them
	broken  bool    // rest is known
	resumed bool    // bytes were lost before
	check   bool    // the input's place is to be looked at before it is trusted
	note    string  // to be told with the next frame
	seen    idStyle // of the last message
}

// Next implements frame.Reader. Where the input is starved, the reader stays
// as it was, but for how far it has looked for a frame.
func (r *reader) Next(f *frame.Frame) error {
	r.in.Begin()
	before := *r
	err := r.next(f)
	if !r.in.Starved() {
		return err
	}
	if !r.search.on {
		*r = before
		r.in.Back()
	}
	*f = frame.Frame{}
	return frame.ErrStarved
}

func (r *reader) next(f *frame.Frame) error {
	if !r.begun {
		if err := r.begin(); err != nil {
			return err
		}
	}
	if r.rest > 0 {
		return r.passRest(f)
	}
	if r.check {
		aligned := r.chained(0)
		if r.in.Starved() {
			return nil
		}
		r.check, r.lost = false, !aligned
	}
	if r.lost && (r.skip(f) || r.in.Starved()) {
		return nil
	}
	head, err := r.in.Need(4)
	if len(head) == 0 {
		return err
	}
	if len(head) < 4 {
		r.truncated(f, 4, err)
		return nil
	}
	if string(head[:4]) == handshake {
		r.take(f, head[:4], 0, &frame.TWS{Kind: kindHandshake})
		return nil
	}
	if length(head) > maxFrame {
		r.lose(f, fmt.Sprintf("the length before a frame is %d, and frames have at most %d bytes", uint32(length(head)), maxFrame))
		return nil
	}
	return r.frame(f, length(head))
}

// begin settles who sends the stream.
func (r *reader) begin() error {
	head, err := r.in.Need(4)
	if len(head) == 0 {
		return err
	}
	switch {
	case len(head) >= 4 && string(head[:4]) == handshake:
		head, err = r.in.Need(beginning)
	case len(head) >= 4 && length(head) <= maxServerInfo:
		head, err = r.in.Need(4 + length(head))
	}
	sender := senderOf(head)
	switch {
	case sender == "" && r.direction == "":
		if err != nil && err != io.EOF {
			return err
		}
		return ErrDirection
	case sender != "" && r.direction != "" && sender != r.direction:
		r.o.Tell("the stream begins as one that the " + sender + " sends, and is read as that of the " + r.direction + " (--direction)")
	case r.direction == "":
		r.o.Tell("the stream begins as one that the " + sender + " sends (--direction " + sender + ")")
		r.direction = sender
	}
	r.begun, r.whole = true, true
	r.lost = !r.startsFrame()
	return nil
}

// frame makes f the frame at the input's place, whose payload has n bytes.
func (r *reader) frame(f *frame.Frame, n int) error {
	if int64(n) > r.o.Limit() {
		p := span.InInput(span.TooLarge, r.in.Offset(), fmt.Sprintf("a frame of %d bytes is above the limit of %d bytes", n, r.o.Limit()))
		p.Hint = "--max-size N allows larger ones"
		frame.Damaged(r.in, f, int64(4+n), p)
		return nil
	}
	head, _ := r.in.Need(min(4+n, headBytes))
	state := r.judge(head, n)
	if state == impossible && n > likelyBytes {
		r.lose(f, fmt.Sprintf("no frame begins here: the %d bytes that follow would begin with no message id", n))
		return nil
	}
	b, err := r.in.Need(4 + n)
	if r.in.Starved() {
		return nil
	}
	if len(b) < 4+n {
		if (state >= possible || len(b) < 8) && !r.cut() {
			r.truncated(f, int64(4+n), err)
		} else {
			r.lose(f, fmt.Sprintf("no frame begins here: the input has %d of its %d bytes", len(b)-4, n))
		}
		return nil
	}
	meta, body := r.read(b[4 : 4+n])
	idBytes := n - len(body)
	if meta != nil && state != unlikely {
		r.take(f, b[:4+n], idBytes, meta)
		return nil
	}
	wrong := whatIsWrong(b[4 : 4+n])
	chained := r.chained(4 + n)
	if r.in.Starved() {
		return nil
	}
	if b, _ = r.in.Need(4 + n); chained && meta != nil { // looking on may have moved the bytes
		r.take(f, b[:4+n], idBytes, meta)
	} else if chained {
		frame.Damaged(r.in, f, int64(4+n), span.InInput(span.InvalidFrame, r.in.Offset(), wrong))
	} else {
		r.lose(f, "no frame begins here: neither its payload nor what follows it is one")
	}
	return nil
}

// likelyBytes is the payload size up to which a damaged frame is worth waiting
// for; a larger one is rather a length that is none.
const likelyBytes = 4096

func whatIsWrong(payload []byte) string {
	switch {
	case len(payload) == 0:
		return "a frame without payload, and so without a message id"
	case payload[0] == 0 && len(payload) < 4:
		return "a frame with a part of a message id"
	}
	if _, _, _, ok := splitID(payload); ok {
		return "the last field of a text message does not end with NUL"
	}
	return "a frame whose payload begins with no message id"
}

// read is what a frame's payload says of itself, and its body; nil if it
// cannot be read.
func (r *reader) read(payload []byte) (*frame.TWS, []byte) {
	t := &frame.TWS{ServerVersion: r.version}
	if r.direction != server && len(payload) > 0 && payload[0] == 'v' {
		v, ok := parseClientVersions(payload)
		t.Kind, t.Value = kindClientVersions, v.appendJSON(nil)
		return orNil(t, ok), payload
	}
	if r.direction == server {
		if v, ok := r.serverInfo(payload); ok {
			r.meet(t, &v)
			return t, payload
		}
	}
	wireID, digits, body, ok := splitID(payload)
	if !ok {
		return nil, nil
	}
	id, isProtobuf := baseID(wireID)
	row, _ := r.table().find(r.direction, id)
	t.Kind, t.ID, t.WireID, t.HasID, t.Name, t.Encoding = kindMessage, id, wireID, true, row.name, protobuf
	if usual := r.version > 0 && r.version < binaryIDs; digits != usual {
		t.IDEncoding = fourBytes
		if digits {
			t.IDEncoding = text
		}
	}
	if !isProtobuf || digits {
		t.Encoding = text
		if digits {
			t.ID, t.Name = wireID, ""
			if row, known := r.table().find(r.direction, wireID); known {
				t.Name = row.name
			}
		}
		t.Fields, t.Charset, ok = splitFields(body)
		if ok && r.o != nil && r.o.TWS != nil && r.o.TWS.Names {
			t.Names = namesOf(layoutOf(r.direction, t.Name), versionsOf(r.serverVersion(), digits), t.Fields)
		}
	}
	return orNil(t, ok), body
}

// serverInfo reads the payload as a server's first one, if it may be that.
func (r *reader) serverInfo(payload []byte) (handshakeValue, bool) {
	if r.whole && r.in.Offset() == 0 {
		return parseFirstInfo(payload, r.table())
	}
	return parseServerInfo(payload, false)
}

// meet takes note of a server's version.
func (r *reader) meet(t *frame.TWS, v *handshakeValue) {
	t.Kind, t.Value, t.Charset = kindServerInfo, v.appendJSON(nil), v.charset
	r.version = max(*v.ServerVersion, 0)
	t.ServerVersion = r.version
	if v.Redirect != nil {
		r.note = "the server redirects the client to " + *v.Redirect
	}
}

// serverVersion is that of the connection's server, 0 where it is not known; a
// client's stream alone does not say it.
func (r *reader) serverVersion() int {
	if r.version == 0 && r.peer != nil {
		return r.peer.version
	}
	return r.version
}

// idStyle is how the messages of a connection write their ids.
type idStyle uint8

const (
	anyID idStyle = iota // not known
	digitsID
	binaryID
)

// style is how ids are written: as the server's version implies, or else as
// the last message had it, of either direction.
func (r *reader) style() idStyle {
	for _, of := range []*reader{r, r.peer} {
		switch {
		case of == nil:
		case of.version >= binaryIDs:
			return binaryID
		case of.version > 0:
			return digitsID
		case of.seen != anyID:
			return of.seen
		}
	}
	return anyID
}

func orNil(t *frame.TWS, ok bool) *frame.TWS {
	if !ok {
		return nil
	}
	return t
}

// take makes f the frame of all its bytes, of which the first 4+head are not
// its message.
func (r *reader) take(f *frame.Frame, all []byte, head int, meta *frame.TWS) {
	if meta.Kind != kindHandshake {
		head += 4
	}
	meta.Direction = r.direction
	f.Offset = r.in.Offset()
	f.PayloadOffset = f.Offset + int64(head)
	f.Payload = all[head:len(all):len(all)]
	f.Meta = &frame.Meta{TWS: meta}
	if meta.Encoding == protobuf {
		row, _ := r.table().find(r.direction, meta.ID)
		f.Type = row.message()
	}
	r.in.Advance(len(all))
	if meta.Kind == kindMessage {
		if r.seen = binaryID; all[4] != 0 {
			r.seen = digitsID
		}
	}
	if r.note != "" {
		r.o.Tell(r.note)
		r.note = ""
	}
}
