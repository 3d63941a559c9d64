package kafka

import (
	"encoding/binary"
	"hash/crc32"
)

// A record batch of format 2 (Kafka 0.11 and later) begins with 61 bytes; its
// length field counts the bytes after the first 12. The older message sets
// have their magic byte at the same place.
const (
	headerSize   = 61
	prefixSize   = 12 // base offset and length
	magicAt      = 16
	crcFrom      = 21 // the checksum covers everything from the attributes on
	minLength    = headerSize - prefixSize
	minRecord    = 7 // length, attributes, two deltas, key and value length, header count
	minPlausible = magicAt + 1
)

// Attribute bits of a batch.
const (
	codecMask       = 7
	attrLogAppend   = 1 << 3
	attrTransaction = 1 << 4
	attrControl     = 1 << 5
	attrHorizon     = 1 << 6
	attrKnown       = 1<<7 - 1
	noTimestamp     = -1
	noProducer      = -1
	noSequence      = -1
	noLeaderEpoch   = -1
	noProducerEpoch = -1
	maxSequence     = 1<<31 - 1
)

// Types of control records that end a transaction.
const (
	controlTypeAbort  = 0
	controlTypeCommit = 1
)

// header is the header of a record batch, fields in their order on disk.
type header struct {
	baseOffset      int64
	length          int32
	leaderEpoch     int32
	magic           int8
	crc             uint32
	attributes      int16
	lastOffsetDelta int32
	baseTimestamp   int64
	maxTimestamp    int64
	producerID      int64
	producerEpoch   int16
	baseSequence    int32
	count           int32
}

// parseHeader reads the header that b, at least 61 bytes, begins with.
func parseHeader(b []byte) header {
	_ = b[headerSize-1]
	return header{
		baseOffset:      int64(binary.BigEndian.Uint64(b)),
		length:          int32(binary.BigEndian.Uint32(b[8:])),
		leaderEpoch:     int32(binary.BigEndian.Uint32(b[12:])),
		magic:           int8(b[magicAt]),
		crc:             binary.BigEndian.Uint32(b[17:]),
		attributes:      int16(binary.BigEndian.Uint16(b[21:])),
		lastOffsetDelta: int32(binary.BigEndian.Uint32(b[23:])),
		baseTimestamp:   int64(binary.BigEndian.Uint64(b[27:])),
		maxTimestamp:    int64(binary.BigEndian.Uint64(b[35:])),
		producerID:      int64(binary.BigEndian.Uint64(b[43:])),
		producerEpoch:   int16(binary.BigEndian.Uint16(b[51:])),
		baseSequence:    int32(binary.BigEndian.Uint32(b[53:])),
		count:           int32(binary.BigEndian.Uint32(b[57:])),
	}
}

// append writes the header; length and crc are filled in by seal.
func (h *header) append(dst []byte) []byte {
	dst = binary.BigEndian.AppendUint64(dst, uint64(h.baseOffset))
	dst = binary.BigEndian.AppendUint32(dst, 0)
	dst = binary.BigEndian.AppendUint32(dst, uint32(h.leaderEpoch))
	dst = append(dst, 2)
	dst = binary.BigEndian.AppendUint32(dst, 0)
	dst = binary.BigEndian.AppendUint16(dst, uint16(h.attributes))
	dst = binary.BigEndian.AppendUint32(dst, uint32(h.lastOffsetDelta))
	dst = binary.BigEndian.AppendUint64(dst, uint64(h.baseTimestamp))
	dst = binary.BigEndian.AppendUint64(dst, uint64(h.maxTimestamp))
	dst = binary.BigEndian.AppendUint64(dst, uint64(h.producerID))
	dst = binary.BigEndian.AppendUint16(dst, uint16(h.producerEpoch))
	dst = binary.BigEndian.AppendUint32(dst, uint32(h.baseSequence))
	return binary.BigEndian.AppendUint32(dst, uint32(h.count))
}

// seal fills in the length and the checksum of a whole batch.
func seal(batch []byte) {
	binary.BigEndian.PutUint32(batch[8:], uint32(len(batch)-prefixSize))
	binary.BigEndian.PutUint32(batch[17:], crc32c(batch[crcFrom:]))
}

// crc32c is the Castagnoli checksum. The table is made on first use and kept
// by the standard library.
func crc32c(b []byte) uint32 {
	return crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli))
}

func (h *header) codec() int          { return int(h.attributes & codecMask) }
func (h *header) logAppend() bool     { return h.attributes&attrLogAppend != 0 }
func (h *header) transactional() bool { return h.attributes&attrTransaction != 0 }
func (h *header) control() bool       { return h.attributes&attrControl != 0 }
func (h *header) deleteHorizon() bool { return h.attributes&attrHorizon != 0 }
func (h *header) sequence(d int32) int32 {
	if h.baseSequence < 0 {
		return noSequence
	}
	// Sequences wrap from the largest int32 to 0.
	return int32((int64(h.baseSequence) + int64(d)) & maxSequence)
}

// plausible says whether the values can be those of a batch that a broker
// wrote: 61 bytes of anything else hardly ever pass.
func (h *header) plausible() bool {
	return h.magic == 2 && h.baseOffset >= 0 && h.length >= minLength &&
		h.leaderEpoch >= noLeaderEpoch && h.attributes&^attrKnown == 0 &&
		h.lastOffsetDelta >= 0 && h.count >= 0 && int64(h.count) <= int64(h.lastOffsetDelta)+1 &&
		h.producerID >= noProducer && h.producerEpoch >= noProducerEpoch && h.baseSequence >= noSequence &&
		(h.codec() != 0 || int64(h.count)*minRecord <= int64(h.length-minLength))
}

// total is the length in bytes of what begins with the 12-byte prefix b.
func total(b []byte) int64 {
	return prefixSize + int64(int32(binary.BigEndian.Uint32(b[8:])))
}

// plausibleStart says whether b, the unread bytes as far as they are known, can
// be where a batch or a message begins, a preallocated tail, or the end.
func plausibleStart(b []byte) bool {
	if allZero(b[:min(len(b), headerSize)]) {
		return true
	}
	if len(b) >= minPlausible && b[magicAt] < 2 {
		n := total(b)
		return n >= legacyMin(b[magicAt]) && legacyPlausible(b, n)
	}
	if len(b) < headerSize {
		return false
	}
	h := parseHeader(b)
	return h.plausible()
}

func allZero(b []byte) bool {
	for _, c := range b {
		if c != 0 {
			return false
		}
	}
	return true
}
