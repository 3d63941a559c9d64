package kafka

import (
	"encoding/binary"
)

// Message sets of format 0 and 1 (before Kafka 0.11): offset i64, size i32,
// then a message: CRC-32, magic, attributes, with magic 1 a timestamp, key and
// value with i32 lengths. A compressed message's value is a message set.

const (
	legacyFixed0 = 26 // offset, size, crc, magic, attributes, two lengths
	legacyFixed1 = legacyFixed0 + 8
)

func legacyMin(magic byte) int64 {
	if magic == 0 {
		return legacyFixed0
	}
	return legacyFixed1
}

// legacyHeader is what a message says, in the terms of a batch.
func legacyHeader(b []byte) header {
	h := header{
		baseOffset: int64(binary.BigEndian.Uint64(b)), length: int32(len(b) - prefixSize),
		leaderEpoch: noLeaderEpoch, magic: int8(b[magicAt]), attributes: int16(b[magicAt+1]),
		baseTimestamp: noTimestamp, maxTimestamp: noTimestamp, producerID: noProducer,
		producerEpoch: noProducerEpoch, baseSequence: noSequence, count: 1,
	}
	h.attributes &= codecMask | attrLogAppend
	if h.magic == 0 {
		h.attributes &= codecMask
	} else {
		h.baseTimestamp = int64(binary.BigEndian.Uint64(b[18:]))
		h.maxTimestamp = h.baseTimestamp
	}
	return h
}

// legacyPlausible says whether b begins a message of n bytes whose lengths add
// up, as far as b goes.
func legacyPlausible(b []byte, n int64) bool {
	at := legacyMin(b[magicAt]) - 8
	if int64(len(b)) < at+4 || b[0]&0x80 != 0 || b[magicAt+1]&codecMask > codecZstd || b[magicAt+1]&^0x0f != 0 {
		return false
	}
	key := max(int64(int32(binary.BigEndian.Uint32(b[at:]))), 0)
	at += 4 + key
	if at+4 > n {
		return false
	}
	if at+4 > int64(len(b)) {
		return true
	}
	return at+4+max(int64(int32(binary.BigEndian.Uint32(b[at:]))), 0) == n
}

// legacyBody is the key and value of a whole message, nil for null; at is the
// place of the value in b. ok is false if the lengths do not add up.
func legacyBody(b []byte) (key, value []byte, at int, ok bool) {
	rest := b[legacyMin(b[magicAt])-8:]
	if key, rest, ok = legacyBytes(rest); !ok {
		return nil, nil, 0, false
	}
	value, rest, ok = legacyBytes(rest)
	return key, value, len(b) - len(value), ok && len(rest) == 0
}

func legacyBytes(b []byte) (data, rest []byte, ok bool) {
	if len(b) < 4 {
		return nil, nil, false
	}
	n := int64(int32(binary.BigEndian.Uint32(b)))
	b = b[4:]
	switch {
	case n == -1:
		return nil, b, true
	case n < 0 || n > int64(len(b)):
		return nil, nil, false
	}
	return b[:n:n], b[n:], true
}

// innerSet is a decompressed message set with what is needed to count its
// offsets.
type innerSet struct {
	rest []byte
	// base is added to the offset of each message: in format 1 they are
	// relative, and the wrapper's offset is that of the last.
	base int64
}

// newInnerSet looks through the decompressed messages of a wrapper. A set that
// is damaged further on still yields its first messages.
func newInnerSet(wrapper *header, data []byte) innerSet {
	set := innerSet{rest: data}
	if wrapper.magic == 0 {
		return set
	}
	last := int64(-1)
	for rest := data; ; {
		m, after, ok := innerMessage(rest)
		if !ok {
			break
		}
		last = int64(binary.BigEndian.Uint64(m))
		rest = after
	}
	if last >= 0 {
		set.base = wrapper.baseOffset - last
	}
	return set
}

// innerMessage splits the first message off a set.
func innerMessage(b []byte) (message, rest []byte, ok bool) {
	if len(b) < minPlausible || b[magicAt] > 1 {
		return nil, nil, false
	}
	n := total(b)
	if n < legacyMin(b[magicAt]) || n > int64(len(b)) {
		return nil, nil, false
	}
	return b[:n:n], b[n:], true
}
