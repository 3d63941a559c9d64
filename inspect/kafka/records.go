package kafka

import (
	"strconv"
	"time"

	"github.com/pbscope/pbscope/inspect/frame"
	"github.com/pbscope/pbscope/inspect/span"
)

// row is the memory of one frame's metadata; they are made many at a time.
type row struct {
	meta      frame.Meta
	kafka     frame.Kafka
	offset    int64
	timestamp int64
	sequence  int32
}

// rowsAtOnce is how many rows are made at a time: few enough that a slow
// consumer who keeps one frame does not keep much with it.
const rowsAtOnce = 64

func (r *segmentReader) row() *row {
	if len(r.rows) == 0 {
		r.rows = make([]row, rowsAtOnce)
	}
	first := &r.rows[0]
	r.rows = r.rows[1:]
	return first
}

// records are the records of an open batch that are still to come.
type records struct {
	header
	body   []byte
	base   int64 // offset of body in the input, or below 0
	start  int64 // of the batch in the input
	left   int32
	first  bool
	survey survey
	shared frame.Kafka // what all records have in common
}

// open begins a batch whose records are body, at offset base of the input
// (below 0: nowhere).
func (rs *records) open(b *batch, body []byte, base int64) {
	*rs = records{header: b.header, body: body, base: base, start: b.offset, left: b.count, first: true}
	rs.survey = surveyRecords(body, b.baseTimestamp)
	k := &rs.shared
	own := &struct {
		batch, producer int64
		epoch           int16
		leader          int32
	}{b.baseOffset, b.producerID, b.producerEpoch, b.leaderEpoch}
	k.Batch = &own.batch
	if own.producer != noProducer {
		k.ProducerID = &own.producer
	}
	if own.epoch != noProducerEpoch {
		k.ProducerEpoch = &own.epoch
	}
	if own.leader != noLeaderEpoch {
		k.LeaderEpoch = &own.leader
	}
	k.TimestampType = "create"
	if b.logAppend() {
		k.TimestampType = "logappend"
	}
	k.HasKey, k.HasHeaders = true, true
	k.Codec = codecName(b.codec())
	k.Transactional = b.transactional()
	k.Aborted = b.state == aborted
	k.Undecided = b.state == undecided
}

// next fills f with the next record, or with what is wrong with the rest of
// the batch; false when the batch is done.
func (rs *records) next(r *segmentReader, f *frame.Frame) bool {
	if rs.left <= 0 && len(rs.body) == 0 {
		return false
	}
	if rs.left <= 0 {
		return rs.rest(f, "the record batch has "+strconv.Itoa(len(rs.body))+" bytes after the last of its "+strconv.Itoa(int(rs.count))+" records")
	}
	size, prefix := recordLength(rs.body)
	if size == 0 {
		return rs.rest(f, "record "+rs.number()+" of the batch has an impossible length")
	}
	var raw rawRecord
	if !raw.parse(rs.body[:size:size], prefix) {
		return rs.damaged(f, size, "the lengths within record "+rs.number()+" of the batch do not add up")
	}
	row := r.row()
	row.kafka = rs.shared
	k := &row.kafka
	var ok bool
	if k.Headers, ok = r.headers(&raw); !ok {
		return rs.damaged(f, size, "the headers of record "+rs.number()+" of the batch cannot be read")
	}
	rs.fill(row, &raw)
	f.Offset, f.PayloadOffset = span.Unknown, span.Unknown
	if rs.base >= 0 {
		f.Offset = rs.base
		f.PayloadOffset = rs.base + int64(raw.valueAt)
	}
	f.Payload, f.Null, f.Meta = raw.value, raw.value == nil, &row.meta
	if rs.control() && raw.value != nil {
		// What a control record holds is no message.
		f.Payload, f.Null, f.PayloadOffset = nil, true, span.Unknown
		k.Extra = appendControlValue(k.Extra, raw.value)
	}
	rs.pass(size)
	return true
}

// fill sets what is the record's own.
func (rs *records) fill(row *row, raw *rawRecord) {
	k := &row.kafka
	row.offset = rs.baseOffset + int64(raw.offsetDelta)
	k.Offset = &row.offset
	if s := rs.sequence(raw.offsetDelta); s != noSequence {
		row.sequence = s
		k.Sequence = &row.sequence
	}
	k.Key = raw.key
	if rs.control() {
		k.Control = controlName(controlType(raw.key))
	}
	written := rs.baseTimestamp + raw.timestampDelta
	row.setTime(written)
	if rs.logAppend() {
		row.setTime(rs.maxTimestamp)
		if written != rs.maxTimestamp {
			k.Extra = appendExtra(nil, extraCreate, written)
		}
	}
	if rs.first {
		k.Extra = rs.extras(k.Extra)
	}
	row.meta.Kafka = k
}

// Members that a batch's records carry only where the batch is not what the
// records alone would give, on the first record of the batch: with them encode
// gives back the same header. extraCreate is a record's own: the time that its
// producer gave it, in a batch with the broker's time.
const (
	extraCreate    = "createTimestamp"
	extraBase      = "baseTimestamp"
	extraMax       = "maxTimestamp"
	extraLastDelta = "lastOffsetDelta"
	extraHorizon   = "deleteHorizon"
)

func (rs *records) extras(dst []frame.Member) []frame.Member {
	s := &rs.survey
	if rs.deleteHorizon() {
		dst = appendExtra(dst, extraHorizon, rs.baseTimestamp)
	} else if s.first != rs.baseTimestamp {
		dst = appendExtra(dst, extraBase, rs.baseTimestamp)
	}
	if !rs.logAppend() && s.last != rs.maxTimestamp {
		dst = appendExtra(dst, extraMax, rs.maxTimestamp)
	}
	if s.lastDelta != rs.lastOffsetDelta {
		dst = appendExtra(dst, extraLastDelta, int64(rs.lastOffsetDelta))
	}
	return dst
}

func appendExtra(dst []frame.Member, key string, value int64) []frame.Member {
	return append(dst, frame.Member{Key: key, Value: strconv.AppendInt(nil, value, 10)})
}

// The milliseconds that a time in RFC 3339 can hold: years 1 to 9999.
const (
	minTime = -62135596800000
	maxTime = 253402300799999
)

// setTime sets the time in ms; -1 means that there is none.
func (r *row) setTime(ms int64) {
	if ms != noTimestamp && ms >= minTime && ms <= maxTime {
		r.meta.Time, r.meta.TimeDigits = time.UnixMilli(ms).UTC(), 3
		r.kafka.Timestamp = nil
		return
	}
	r.meta.Time, r.meta.TimeDigits = time.Time{}, 0
	r.timestamp = ms
	r.kafka.Timestamp = &r.timestamp
}

func (rs *records) number() string { return strconv.Itoa(int(rs.count-rs.left) + 1) }

// pass goes on behind a record of size bytes.
func (rs *records) pass(size int) {
	rs.body = rs.body[size:]
	if rs.base >= 0 {
		rs.base += int64(size)
	}
	rs.left--
	rs.first = false
}

// damaged is a record whose length leads to the next one but which cannot be
// read itself.
func (rs *records) damaged(f *frame.Frame, size int, message string) bool {
	at := rs.start
	f.Offset, f.PayloadOffset = span.Unknown, span.Unknown
	if rs.base >= 0 {
		at = rs.base
		f.Offset, f.PayloadOffset = at, at
	}
	f.Problem = span.InInput(span.InvalidFrame, at, message)
	f.Problem.Length = int64(size)
	if size <= maxKept {
		f.Payload = rs.body[:size:size]
	}
	f.Meta = &frame.Meta{Kafka: &frame.Kafka{Batch: rs.shared.Batch}}
	rs.pass(size)
	return true
}

// rest gives up on the rest of the batch.
func (rs *records) rest(f *frame.Frame, message string) bool {
	if len(rs.body) == 0 {
		message = "the record batch says " + strconv.Itoa(int(rs.count)) + " records and holds " + strconv.Itoa(int(rs.count-rs.left))
	}
	rs.damaged(f, len(rs.body), message)
	rs.left = 0
	return true
}

// maxHeaders is the most headers of a record that are read: two bytes of input
// are enough for one, and it takes 48 of memory.
const maxHeaders = 1 << 20

// headers takes the headers of a record apart, into memory that many records
// share.
func (r *segmentReader) headers(raw *rawRecord) ([]frame.Header, bool) {
	switch {
	case raw.headerCount == 0:
		return nil, true
	case raw.headerCount > maxHeaders:
		return nil, false
	}
	if cap(r.heads)-len(r.heads) < 4 {
		r.heads = make([]frame.Header, 0, rowsAtOnce)
	}
	from := len(r.heads)
	b, p := raw.headers, 0
	for range raw.headerCount {
		var h frame.Header
		var ok bool
		if h.Name, p, ok = nullable(b, p); !ok || h.Name == nil {
			return nil, false
		}
		if h.Value, p, ok = nullable(b, p); !ok {
			return nil, false
		}
		r.heads = append(r.heads, h)
	}
	to := len(r.heads)
	return r.heads[from:to:to], p == len(b)
}
