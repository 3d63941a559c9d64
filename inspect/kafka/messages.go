package kafka

import (
	"encoding/binary"
	"strconv"

	"github.com/pbscope/pbscope/inspect/frame"
	"github.com/pbscope/pbscope/inspect/span"
)

// messages are those of a compressed message of format 0 or 1 that are still
// to come.
type messages struct {
	set     innerSet
	wrapper batch
	first   *int64
	count   int
}

// startLegacy opens a message of format 0 or 1. It is true where f holds the
// message itself, or the reason why its messages cannot be read.
func (r *segmentReader) startLegacy(b *batch, f *frame.Frame) bool {
	_, value, at, ok := legacyBody(b.data)
	if !ok {
		b.problem = span.InInput(span.InvalidFrame, b.offset, "the lengths within the message do not add up")
		r.damaged(f, b)
		return true
	}
	if b.codec() == codecNone {
		r.message(f, b.data, b.baseOffset, &b.header, nil)
		f.Offset, f.PayloadOffset = b.offset, b.offset+int64(at)
		return true
	}
	plain, err := r.codecs.decompress(b.codec(), b.magic, value)
	if err != nil {
		b.problem = codecProblem(err, b.codec(), b.offset, r.o.Limit())
		r.damaged(f, b)
		return true
	}
	r.messages = messages{set: newInnerSet(&b.header, plain), wrapper: *b}
	r.messages.wrapper.data = nil
	return false
}

// next fills f with the next message of a set, or with what is wrong with the
// rest of it; false when there is none.
func (m *messages) next(r *segmentReader, f *frame.Frame) bool {
	if len(m.set.rest) == 0 {
		return false
	}
	f.Offset, f.PayloadOffset = span.Unknown, span.Unknown
	m.count++
	data, rest, ok := innerMessage(m.set.rest)
	if !ok {
		return m.damaged(f, m.set.rest, nil, "message "+strconv.Itoa(m.count)+" of a compressed set cannot be read")
	}
	if !legacySum(data) {
		return m.damaged(f, data, rest, "the checksum (CRC-32) of message "+strconv.Itoa(m.count)+" of a compressed set is wrong")
	}
	inner := legacyHeader(data)
	if _, _, _, ok := legacyBody(data); !ok || inner.codec() != codecNone {
		return m.damaged(f, data, rest, "message "+strconv.Itoa(m.count)+" of a compressed set cannot be read")
	}
	offset := m.set.base + int64(binary.BigEndian.Uint64(data))
	if m.first == nil {
		m.first = &offset
	}
	// The wrapper has the broker's time and the codec.
	if m.wrapper.logAppend() {
		inner.attributes |= attrLogAppend
		inner.baseTimestamp = m.wrapper.baseTimestamp
	}
	inner.attributes |= int16(m.wrapper.codec())
	r.message(f, data, offset, &inner, m.first)
	m.set.rest = rest
	return true
}

func (m *messages) damaged(f *frame.Frame, data, rest []byte, message string) bool {
	tag := span.InvalidFrame
	if rest != nil {
		tag = span.InvalidChecksum
	}
	f.Problem = span.InInput(tag, m.wrapper.offset, message)
	f.Problem.Length = int64(len(data))
	if len(data) <= maxKept {
		f.Payload = data
	}
	m.set.rest = rest
	return true
}

// message fills f with the message in data, whose lengths add up.
func (r *segmentReader) message(f *frame.Frame, data []byte, offset int64, h *header, batch *int64) {
	key, value, _, _ := legacyBody(data)
	row := r.row()
	row.offset = offset
	k := &row.kafka
	*k = frame.Kafka{Offset: &row.offset, Batch: batch, Key: key, HasKey: true, Codec: codecName(h.codec())}
	switch {
	case h.magic == 0:
		k.TimestampType = "unknown"
	case h.logAppend():
		k.TimestampType = "logappend"
	default:
		k.TimestampType = "create"
	}
	if h.magic > 0 {
		row.setTime(h.baseTimestamp)
	}
	row.meta.Kafka = k
	f.Payload, f.Null, f.Meta = value, value == nil, &row.meta
}
