package kafka

import (
	"errors"
	"math"
	"strconv"

	"github.com/pbscope/pbscope/inspect/frame"
)

// maxRun is how many bytes of records go into a batch whose records do not say
// by themselves where it ends.
const (
	maxRun    = 1 << 20
	maxPinned = 64 << 20 // and where they do
)

// segmentWriter gathers runs of records into batches of format 2. A batch ends
// where a record has another base offset of its batch, codec, producer, leader
// epoch, kind of timestamp or kind of record, or an offset or sequence that
// does not go on.
//
// What a record does not say gets the value that stands for nothing: no
// timestamp, producer and leader epoch (-1 each); offsets count on from the
// record before, the first one from 0. A null key and no headers are their own
// absence.
type segmentWriter struct {
	o       *frame.Options
	codecs  compressor
	run     header // of the batch that is being gathered
	body    []byte // its records
	pinned  bool   // they name their batch
	pin     int64  // by this base offset
	maxSaid bool   // its latest timestamp is given
	last    int64  // offset of the record before
	topic   string
	part    int32
	told    bool
}

func newSegmentWriter(o *frame.Options) *segmentWriter {
	if o == nil {
		o = &frame.Options{}
	}
	return &segmentWriter{o: o, last: -1}
}

// Append implements frame.Writer.
func (w *segmentWriter) Append(dst []byte, f *frame.Frame) ([]byte, error) {
	if f.Problem != nil {
		// Its bytes stand between two batches as they are.
		return append(w.flush(dst), f.Payload...), nil
	}
	var k frame.Kafka
	var meta frame.Meta
	if f.Meta != nil {
		if meta = *f.Meta; meta.Kafka != nil {
			k = *meta.Kafka
		}
	}
	r, err := w.record(&k, &meta)
	if err != nil {
		return dst, err
	}
	if f.Null && k.Control != "" {
		if value := controlValue(&k); value != nil {
			f = &frame.Frame{Payload: value}
		}
	}
	if r.size = sizeRecord(r.key, f, k.Headers); r.size > math.MaxInt32-2*headerSize {
		return dst, errors.New("the record is larger than a record batch can be")
	}
	w.mixed(&k)
	if w.run.count > 0 && !w.fits(&r) {
		dst = w.flush(dst)
	}
	if w.run.count == 0 {
		w.begin(&r)
	}
	w.add(&r, f, &k)
	return dst, nil
}

// Finish implements frame.Writer.
func (w *segmentWriter) Finish(dst []byte) ([]byte, error) { return w.flush(dst), nil }

// wanted is a record and the header of a batch that could hold it.
type wanted struct {
	header           // attributes, producer, epoch and leader epoch; sequence of the record
	offset    int64  // of the record
	written   int64  // its timestamp in the record
	appended  int64  // the broker's time, for logappend
	batch     *int64 // base offset of its batch
	lastDelta int64  // the batch's, or -1
	maxSaid   bool   // maxTimestamp is given
	key       []byte
	size      int // in bytes, without its deltas
}

func (w *segmentWriter) record(k *frame.Kafka, meta *frame.Meta) (wanted, error) {
	r := wanted{offset: w.last + 1, written: noTimestamp, batch: k.Batch, lastDelta: -1, key: k.Key}
	r.producerID, r.producerEpoch, r.baseSequence, r.leaderEpoch = noProducer, noProducerEpoch, noSequence, noLeaderEpoch
	codec, ok := codecNumber(k.Codec)
	if !ok {
		return r, errors.New("unknown codec " + strconv.Quote(k.Codec) + ": gzip, snappy, lz4, zstd or none")
	}
	r.attributes = int16(codec)
	if k.Offset != nil {
		r.offset = *k.Offset
	}
	if r.offset < 0 {
		return r, errors.New("a record's offset is below 0")
	}
	r.setTime(k, meta)
	if k.Transactional {
		r.attributes |= attrTransaction
	}
	if k.Control != "" {
		r.attributes |= attrControl
		if k.Key == nil {
			r.key = controlKey(k.Control)
		}
	}
	setIf(&r.producerID, k.ProducerID)
	setIf(&r.producerEpoch, k.ProducerEpoch)
	setIf(&r.baseSequence, k.Sequence)
	setIf(&r.leaderEpoch, k.LeaderEpoch)
	if horizon, ok := extra(k, extraHorizon); ok {
		r.attributes |= attrHorizon
		r.baseTimestamp = horizon
	} else if base, ok := extra(k, extraBase); ok {
		r.baseTimestamp = base
	}
	if last, ok := extra(k, extraLastDelta); ok {
		r.lastDelta = last
	}
	return r, nil
}

// setTime settles the timestamps; the base is the record's own unless it is
// said.
func (r *wanted) setTime(k *frame.Kafka, meta *frame.Meta) {
	switch {
	case k.Timestamp != nil:
		r.written = *k.Timestamp
	case meta.TimeDigits > 0:
		r.written = meta.Time.UnixMilli()
	}
	r.maxTimestamp, r.maxSaid = extra(k, extraMax)
	if k.TimestampType == "logappend" {
		r.attributes |= attrLogAppend
		r.appended = r.written
		if written, ok := extra(k, extraCreate); ok {
			r.written = written
		}
	}
	r.baseTimestamp = r.written
}

func setIf[T any](dst *T, value *T) {
	if value != nil {
		*dst = *value
	}
}

// extra is the number of a further member.
func extra(k *frame.Kafka, key string) (int64, bool) {
	for _, m := range k.Extra {
		if m.Key == key {
			v, err := strconv.ParseInt(string(m.Value), 10, 64)
			return v, err == nil
		}
	}
	return 0, false
}

// mixed notes once that records of several partitions go into one segment,
// where their offsets mean nothing.
func (w *segmentWriter) mixed(k *frame.Kafka) {
	if k.Topic == "" || w.told {
		return
	}
	part := int32(0)
	setIf(&part, k.Partition)
	if w.topic == "" {
		w.topic, w.part = k.Topic, part
	}
	if k.Topic != w.topic || part != w.part {
		w.told = true
		w.o.Tell("records of several partitions go into one segment")
	}
}

// fits says whether r can stand in the batch that is being gathered.
func (w *segmentWriter) fits(r *wanted) bool {
	run := &w.run
	delta := r.offset - run.baseOffset
	switch {
	case (r.attributes^run.attributes)&^attrHorizon != 0 || r.producerID != run.producerID ||
		r.producerEpoch != run.producerEpoch || r.leaderEpoch != run.leaderEpoch,
		(r.batch != nil) != w.pinned || w.pinned && *r.batch != w.pin,
		r.offset <= w.last || delta > math.MaxInt32 || run.count == math.MaxInt32,
		r.baseSequence != run.sequence(int32(delta)),
		run.logAppend() && r.appended != run.maxTimestamp:
		return false
	}
	limit := maxRun
	if w.pinned {
		limit = maxPinned
	}
	return len(w.body)+r.size <= limit
}

// begin opens a batch with r as its first record.
func (w *segmentWriter) begin(r *wanted) {
	w.run = r.header
	w.run.count, w.run.lastOffsetDelta = 0, 0
	w.run.baseOffset = r.offset
	if w.pinned = r.batch != nil; w.pinned {
		// The base may lie before the first record, where compaction took
		// records away, but not before records that are written already.
		if w.pin = *r.batch; w.pin > w.last && w.pin >= 0 && w.pin <= r.offset && r.offset-w.pin <= math.MaxInt32 {
			w.run.baseOffset = w.pin
		}
	}
	if r.baseSequence >= 0 {
		// The sequence of the base; they wrap from the largest int32 to 0.
		w.run.baseSequence = int32((int64(r.baseSequence) - (r.offset - w.run.baseOffset)) & maxSequence)
	}
	switch {
	case r.attributes&attrLogAppend != 0:
		w.run.maxTimestamp = r.appended
	case !r.maxSaid:
		w.run.maxTimestamp = r.written
	}
	w.maxSaid = r.maxSaid
	if r.lastDelta >= 0 && r.lastDelta <= math.MaxInt32 {
		w.run.lastOffsetDelta = int32(r.lastDelta)
	}
	w.body = w.body[:0]
}

// add appends r to the open batch.
func (w *segmentWriter) add(r *wanted, f *frame.Frame, k *frame.Kafka) {
	run := &w.run
	delta := int32(r.offset - run.baseOffset)
	run.lastOffsetDelta = max(run.lastOffsetDelta, delta)
	if !run.logAppend() && !w.maxSaid {
		run.maxTimestamp = max(run.maxTimestamp, r.written)
	}
	w.body = appendRecord(w.body, r, f, k, r.written-run.baseTimestamp, delta)
	run.count++
	w.last = r.offset
}

// flush ends the open batch, if there is one.
func (w *segmentWriter) flush(dst []byte) []byte {
	if w.run.count == 0 {
		return dst
	}
	start := len(dst)
	dst = w.run.append(dst)
	dst = w.codecs.append(dst, w.run.codec(), w.body)
	seal(dst[start:])
	w.run.count = 0
	w.body = w.body[:0]
	return dst
}

// nullableSize is the bytes that data takes with its length before it.
func nullableSize(data []byte, null bool) int {
	if null {
		return 1
	}
	return sizeVarlong(int64(len(data))) + len(data)
}

func appendNullable(dst, data []byte, null bool) []byte {
	if null {
		return appendVarlong(dst, -1)
	}
	return append(appendVarlong(dst, int64(len(data))), data...)
}

// sizeRecord is the bytes of a record without its length, attributes and
// deltas.
func sizeRecord(key []byte, f *frame.Frame, headers []frame.Header) int {
	n := nullableSize(key, key == nil) + nullableSize(f.Payload, f.Null) + sizeVarlong(int64(len(headers)))
	for _, h := range headers {
		n += nullableSize(h.Name, false) + nullableSize(h.Value, h.Value == nil)
	}
	return n
}

func appendRecord(dst []byte, r *wanted, f *frame.Frame, k *frame.Kafka, timestampDelta int64, offsetDelta int32) []byte {
	size := 1 + sizeVarlong(timestampDelta) + sizeVarlong(int64(offsetDelta)) + r.size
	dst = append(appendVarlong(dst, int64(size)), 0)
	dst = appendVarlong(dst, timestampDelta)
	dst = appendVarlong(dst, int64(offsetDelta))
	dst = appendNullable(dst, r.key, r.key == nil)
	dst = appendNullable(dst, f.Payload, f.Null)
	dst = appendVarlong(dst, int64(len(k.Headers)))
	for _, h := range k.Headers {
		dst = appendNullable(dst, h.Name, false)
		dst = appendNullable(dst, h.Value, h.Value == nil)
	}
	return dst
}
