package inspect

import (
	"bytes"
	"errors"
	"io"
	"strconv"

	"github.com/pbscope/pbscope/inspect/frame"
	"github.com/pbscope/pbscope/inspect/identify"
)

// Group is the records of one kind in an input: those of a topic, those of an
// id of the TWS API, or all where the form tells none apart.
type Group struct {
	// Topic is the records' Kafka topic, or "".
	Topic string
	// Direction and ID are those of a TWS message; HasID says that it is one.
	Direction string
	ID        uint32
	HasID     bool
	// Samples are the first payloads, with memory of their own.
	Samples [][]byte
	// Records is how many there were, samples or not; nulls and what is no
	// protobuf message do not count.
	Records int64
	// Broken is how many frames were damaged and had no payload to look at.
	Broken int64

	bytes int
}

// Name is the group for people: the topic, the direction and the id, or "".
func (g *Group) Name() string {
	switch {
	case g.HasID:
		return g.Direction + " " + strconv.FormatUint(uint64(g.ID), 10)
	case g.Topic != "":
		return "topic " + g.Topic
	}
	return ""
}

// Gatherer collects samples of each group of records.
type Gatherer struct {
	// Samples is how many payloads are kept of a group.
	Samples int
	// Groups are in the order of their first records.
	Groups []*Group

	known map[groupKey]*Group
}

type groupKey struct {
	topic, direction string
	id               uint32
	hasID            bool
}

// maxGroups bounds the groups of an input, maxGroupBytes the memory of one.
const (
	maxGroups     = 1000
	maxGroupBytes = 16 << 20
)

// Add takes a frame.
func (g *Gatherer) Add(f *frame.Frame) {
	if f.Null || !HasMessage(f) {
		return
	}
	group := g.group(keyOf(f))
	if group == nil {
		return
	}
	if f.Problem != nil {
		group.Broken++
		return
	}
	group.Records++
	if len(group.Samples) < g.Samples && group.bytes+len(f.Payload) <= maxGroupBytes {
		group.bytes += len(f.Payload)
		group.Samples = append(group.Samples, append([]byte{}, f.Payload...))
	}
}

// Full says that a single group has all the samples that it wants, and no
// record so far belonged to another.
func (g *Gatherer) Full() bool {
	return len(g.Groups) == 1 && g.Groups[0].Name() == "" && len(g.Groups[0].Samples) >= g.Samples
}

func keyOf(f *frame.Frame) (k groupKey) {
	switch m := f.Meta; {
	case m == nil:
	case m.TWS != nil && m.TWS.HasID:
		k.direction, k.id, k.hasID = m.TWS.Direction, m.TWS.ID, true
	case m.Kafka != nil:
		k.topic = m.Kafka.Topic
	}
	return k
}

func (g *Gatherer) group(k groupKey) *Group {
	if group, ok := g.known[k]; ok || len(g.Groups) >= maxGroups {
		return group
	}
	if g.known == nil {
		g.known = make(map[groupKey]*Group)
	}
	group := &Group{Topic: k.topic, Direction: k.direction, ID: k.id, HasID: k.hasID}
	g.known[k] = group
	g.Groups = append(g.Groups, group)
	return group
}

// DetectAmong finds the form of an input as Detect does, where no type is given
// but those of a schema: by a sure sign, else the one plain form under which
// some type of the table fits all of the first 64 KiB, and describes them in
// the fewest bits.
func DetectAmong(in *frame.Input, t *identify.Table) (frame.Form, error) {
	form, err := Detect(in, nil)
	var ambiguous *AmbiguousError
	if !errors.As(err, &ambiguous) {
		return form, err
	}
	head, err := in.Need(autoBytes)
	if err != nil && !errors.Is(err, io.EOF) {
		return frame.Form{}, err
	}
	var fits []frame.Form
	best := 0.0
	for _, form := range Forms() {
		if !form.Guess || sameAs(form, fits) {
			continue
		}
		bits, ok := bestOf(form, head, err != nil, t)
		switch {
		case !ok || len(fits) > 0 && bits > best+framingBits:
		case len(fits) > 0 && bits > best-framingBits:
			fits = append(fits, form)
			best = min(best, bits)
		default:
			fits, best = []frame.Form{form}, bits
		}
	}
	if len(fits) == 1 {
		return fits[0], nil
	}
	ambiguous.Among = true
	for _, form := range fits {
		ambiguous.Candidates = append(ambiguous.Candidates, form.Name)
	}
	return frame.Form{}, ambiguous
}

// framingBits is by how much one form must describe an input better than
// another to be taken: less could be chance.
const framingBits = 20

// bestOf is the price in bits of the head of an input under a form and the type
// that fits it best; false if none fits.
func bestOf(form frame.Form, head []byte, atEOF bool, t *identify.Table) (bits float64, ok bool) {
	payloads, ok := payloadsOf(form, head, atEOF)
	if !ok || len(payloads) == 0 {
		return 0, false
	}
	r := t.Rank(payloads, identify.Options{Limit: 1})
	if r.Damaged > 0 || len(r.Fitting()) == 0 {
		return 0, false
	}
	// A length before each payload is 8 bits or more; of those that a form adds,
	// the raw form has none.
	framing := 0
	if form.Name != "raw" {
		framing = 8 * len(payloads)
	}
	return r.Candidates[0].Bits + float64(framing), true
}

// headSamples is how many payloads of an input's head are looked at.
const headSamples = 50

// payloadsOf are the first payloads of the head of an input under a form, and
// whether the form takes all of the head apart without damage. Where the head is
// cut, so may the last one be, which is left out.
func payloadsOf(form frame.Form, head []byte, atEOF bool) (payloads [][]byte, sound bool) {
	reader := form.Read(frame.NewInput(&cutReader{*bytes.NewReader(head), atEOF}), &frame.Options{})
	for {
		var f frame.Frame
		switch err := reader.Next(&f); {
		case errors.Is(err, errCut):
			return payloads, len(payloads) > 0
		case err != nil:
			return payloads, err == io.EOF
		case f.Problem != nil:
			return payloads, !atEOF && len(payloads) > 0
		case f.Null || !HasMessage(&f):
			continue
		}
		if len(payloads) < headSamples {
			payloads = append(payloads, append([]byte{}, f.Payload...))
		}
	}
}

// HeadPayloads are the first payloads of an input that has not been read from,
// under a form: at most 50, within the first 64 KiB. They are left unread.
func HeadPayloads(in *frame.Input, form frame.Form) [][]byte {
	head, err := in.Need(autoBytes)
	payloads, _ := payloadsOf(form, head, err != nil)
	return payloads
}
