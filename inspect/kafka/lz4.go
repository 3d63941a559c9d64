package kafka

import (
	"bytes"
	"encoding/binary"
	"math/bits"
)

// mendLZ4 corrects the header checksum of an lz4 frame: with messages of
// format 0 Kafka's clients computed it over the magic number as well
// (KAFKA-3160), which no lz4 reader accepts.
func mendLZ4(src []byte) []byte {
	if len(src) < 7 || binary.LittleEndian.Uint32(src) != 0x184d2204 {
		return src
	}
	end := 6
	if src[4]&0x08 != 0 {
		end += 8
	}
	if end >= len(src) {
		return src
	}
	right := byte(xxh32Short(src[4:end]) >> 8)
	if src[end] == right || src[end] != byte(xxh32Short(src[:end])>>8) {
		return src
	}
	src = bytes.Clone(src)
	src[end] = right
	return src
}

// xxh32Short is the xxHash32 with seed 0 of fewer than 16 bytes, which is all
// that an lz4 frame header takes.
func xxh32Short(b []byte) uint32 {
	const (
		prime1 = 2654435761
		prime2 = 2246822519
		prime3 = 3266489917
		prime4 = 668265263
		prime5 = 374761393
	)
	h := uint32(prime5) + uint32(len(b))
	for ; len(b) >= 4; b = b[4:] {
		h = bits.RotateLeft32(h+binary.LittleEndian.Uint32(b)*prime3, 17) * prime4
	}
	for _, c := range b {
		h = bits.RotateLeft32(h+uint32(c)*prime5, 11) * prime1
	}
	h = (h ^ h>>15) * prime2
	h = (h ^ h>>13) * prime3
	return h ^ h>>16
}
