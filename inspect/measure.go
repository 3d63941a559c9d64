package inspect

import (
	"encoding/binary"
	"math"
	"time"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/inspect/frame"
	"github.com/pbscope/pbscope/inspect/plan"
	"github.com/pbscope/pbscope/inspect/span"
	"github.com/pbscope/pbscope/inspect/tws"
)

// Meter is the Worker that decodes messages as Decoder does, keeps nothing of
// what they say, and measures how long that takes for some of them.
//
// It sets a frame's Type to the type that its message was read as, "" where
// none is known, and appends the nanoseconds that decoding the message took
// (see Nanoseconds) for those that it has measured.
type Meter struct {
	decoder Decoder
	clock   bool
	paces   map[paceKey]*pace
	recent  [64]*pace // that were met, by id and length of the name
	last    *pace
}

// NewMeter is a worker for one goroutine; with clock it measures.
func NewMeter(o DecodeOptions, clock bool) *Meter {
	return &Meter{decoder: *NewDecoder(o), clock: clock, paces: make(map[paceKey]*pace)}
}

// paceKey tells apart what is measured by itself.
type paceKey struct {
	name      protoreflect.FullName
	direction string
	id        uint32
	text      bool
}

// pace says how often messages of one kind are measured.
type pace struct {
	key        paceKey
	seen, next int64
	// runs is how often a message was decoded the last time, to take long
	// enough.
	runs int
}

const (
	// measuredFirst is how many messages of a kind are all measured.
	measuredFirst = 32
	// measuredShare is how many messages go by for one run of measuring.
	measuredShare = 128
	// measuredTimes is of how many times the best one counts.
	measuredTimes = 3
	// measuredLeast is the time that a message is decoded for, again and again,
	// so that reading the clock does not count; measuredRuns is how often at
	// most.
	measuredLeast = 2 * time.Microsecond
	measuredRuns  = 64
	// measuredOnce is the time from which on once is enough: in a kind's first
	// message, which may have to wait for tables, measuredCold.
	measuredOnce = 200 * time.Microsecond
	measuredCold = 5 * time.Millisecond
	// maxPaces is how many kinds are told apart by a worker.
	maxPaces = 4096
)

// due says whether a message of that kind is to be measured.
func (m *Meter) due(key paceKey) bool {
	if !m.clock {
		return false
	}
	slot := (key.id + uint32(len(key.name))) % uint32(len(m.recent))
	if m.last = m.recent[slot]; m.last == nil || m.last.key != key {
		m.last = m.paceOf(key)
		m.recent[slot] = m.last
	}
	m.last.seen++
	return m.last.seen <= measuredFirst || m.last.seen >= m.last.next
}

func (m *Meter) paceOf(key paceKey) *pace {
	p := m.paces[key]
	if p == nil && len(m.paces) >= maxPaces {
		key = paceKey{}
		p = m.paces[key]
	}
	if p == nil {
		p = &pace{key: key}
		m.paces[key] = p
	}
	return p
}

// Work implements Worker.
func (m *Meter) Work(dst []byte, _ *Source, f *frame.Frame, rec *Record) []byte {
	switch {
	case f.Problem != nil:
		rec.Problem = f.Problem
		return dst
	case f.Null:
		f.Type = nameOf(m.decoder.typeOf(f))
		return dst
	case HasMessage(f):
		return m.message(dst, f, rec)
	}
	f.Type = ""
	if t := f.Meta.TWS; t.Encoding == "text" && m.due(paceKey{direction: t.Direction, id: t.ID, text: true}) {
		m.text(f.Payload)
		return appendNanoseconds(dst, m.measure(func() { m.text(f.Payload) }))
	}
	return dst
}

func nameOf(m *plan.Message) protoreflect.FullName {
	if m == nil {
		return ""
	}
	return m.Name
}

func (m *Meter) message(dst []byte, f *frame.Frame, rec *Record) []byte {
	d := &m.decoder
	typ := d.typeOf(f)
	key := paceKey{name: f.Type}
	if typ != nil {
		key.name = typ.Name
	}
	d.fast.SetBase(f.PayloadOffset)
	due := m.due(key)
	var start time.Time
	if due {
		start = time.Now()
	}
	out, failed, ok := d.fast.Append(d.scratch[:0], typ, f.Payload)
	var spent time.Duration
	if due {
		spent = time.Since(start)
	}
	d.keep(out)
	if p := d.verified(typ, f, out); p != nil {
		rec.Problem = p
	} else if !ok {
		rec.Problem = d.diagnose(typ, f)
	}
	f.Type, rec.Failed = nameOf(typ), failed
	switch {
	case rec.Problem != nil:
		rec.Failed = 0
		return dst
	case failed > 0, !due:
		return dst
	case spent > measuredOnce && m.last.seen > 1, spent > measuredCold:
		m.last.next = m.last.seen + 1
		return appendNanoseconds(dst, float64(spent))
	}
	return appendNanoseconds(dst, m.measure(func() {
		out, _, _ = d.fast.Append(d.scratch[:0], typ, f.Payload)
	}))
}

// keep takes a buffer back for the next message, unless it is a large one's.
func (d *Decoder) keep(buffer []byte) {
	d.scratch = buffer[:0]
	if cap(buffer) > keepOutput {
		d.scratch = nil
	}
}

// text is what decoding does with a text message: take it apart and print it.
func (m *Meter) text(body []byte) {
	fields, ok := tws.Fields(body)
	if !ok {
		return
	}
	t := frame.TWS{Encoding: "text", Fields: fields}
	out := appendOwnValue(m.decoder.scratch[:0], &frame.Frame{Meta: &frame.Meta{TWS: &t}})
	m.decoder.keep(out)
}

// measure is how many nanoseconds work takes for the kind that was due: the mean
// of as many runs as take long enough, the best of three times, for other
// programs may have had the processor. It has been done before, so that caches
// and tables are warm.
func (m *Meter) measure(work func()) float64 {
	p := m.last
	p.runs = max(p.runs, 1)
	spent := timed(work, p.runs)
	for spent < measuredLeast && 2*p.runs <= measuredRuns {
		p.runs *= 2
		spent = timed(work, p.runs)
	}
	runs := p.runs
	p.next = p.seen + int64(runs)*measuredShare
	for range measuredTimes - 1 {
		spent = min(spent, timed(work, runs))
	}
	if spent > 4*measuredLeast {
		p.runs = max(runs/2, 1)
	}
	return float64(spent) / float64(runs)
}

// timed is how long some runs of work take.
func timed(work func(), runs int) time.Duration {
	start := time.Now()
	for range runs {
		work()
	}
	return time.Since(start)
}

func appendNanoseconds(dst []byte, ns float64) []byte {
	return binary.LittleEndian.AppendUint64(dst, math.Float64bits(ns))
}

// Nanoseconds is what a Meter appended for a message; false if that was not
// measured.
func Nanoseconds(appended []byte) (float64, bool) {
	if len(appended) != 8 {
		return 0, false
	}
	return math.Float64frombits(binary.LittleEndian.Uint64(appended)), true
}

// ErrorTag is why a record counts as failed, "" if it does not.
func (r *Record) ErrorTag() span.Tag {
	switch {
	case r.Problem != nil:
		return r.Problem.Tag
	case r.Failed > 0:
		return span.NoJSONForm
	}
	return ""
}
