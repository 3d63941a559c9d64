package snappy

import (
	"encoding/binary"
	"hash/crc32"
)

// StreamMagic begins a framed stream (framing_format.txt of google/snappy).
const StreamMagic = "\xff\x06\x00\x00sNaPpY"

// The chunk types of a framed stream. Those from 0x80 on may be passed over.
const (
	chunkCompressed = 0x00
	chunkPlain      = 0x01
	chunkSkippable  = 0x80
)

// chunkHead is a chunk's type and its length in three bytes.
const chunkHead = 4

// AppendDecodedStream appends what the framed stream src holds, at most limit
// bytes, with its checksums checked.
func AppendDecodedStream(dst, src []byte, limit int64) ([]byte, error) {
	start := len(dst)
	table := crc32.MakeTable(crc32.Castagnoli)
	for len(src) > 0 {
		if len(src) < chunkHead {
			return dst, ErrCorrupt
		}
		kind, length := src[0], int(src[1])|int(src[2])<<8|int(src[3])<<16
		if src = src[chunkHead:]; length > len(src) {
			return dst, ErrCorrupt
		}
		body := src[:length]
		src = src[length:]
		if kind >= chunkSkippable {
			continue
		}
		if kind > chunkPlain || length < 4 {
			return dst, ErrCorrupt
		}
		sum, from := binary.LittleEndian.Uint32(body), len(dst)
		left := limit - int64(from-start)
		if kind == chunkPlain {
			if int64(length-4) > left {
				return dst, ErrTooLarge
			}
			dst = append(dst, body[4:]...)
		} else {
			var err error
			if dst, err = AppendDecoded(dst, body[4:], left); err != nil {
				return dst, err
			}
		}
		if masked(crc32.Checksum(dst[from:], table)) != sum {
			return dst, ErrCorrupt
		}
	}
	return dst, nil
}

// masked is the checksum as the framing stores it, so that the checksum of
// data that holds checksums stays useful.
func masked(sum uint32) uint32 { return sum>>15 | sum<<17 + 0xa282ead8 }
