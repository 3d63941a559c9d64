package kafka

import (
	"bytes"
	"encoding/binary"

	"github.com/pbscope/pbscope/inspect/snappy"
)

// xerialMagic begins what the JVM's snappy stream writes: the magic, two i32
// versions, then blocks with i32 lengths before them. librdkafka writes one
// bare block.
const (
	xerialMagic  = "\x82SNAPPY\x00"
	xerialHeader = len(xerialMagic) + 8
)

// appendSnappyAny decompresses a bare block or a xerial stream.
func appendSnappyAny(dst, src []byte, limit int64) ([]byte, error) {
	if !bytes.HasPrefix(src, []byte(xerialMagic)) {
		return appendSnappyBlock(dst, src, limit)
	}
	if len(src) < xerialHeader {
		return dst, errCorrupt
	}
	for src = src[xerialHeader:]; len(src) > 0; {
		if len(src) < 4 {
			return dst, errCorrupt
		}
		n := int64(int32(binary.BigEndian.Uint32(src)))
		if src = src[4:]; n < 0 || n > int64(len(src)) {
			return dst, errCorrupt
		}
		var err error
		if dst, err = appendSnappyBlock(dst, src[:n], limit-int64(len(dst))); err != nil {
			return dst, err
		}
		src = src[n:]
	}
	return dst, nil
}

// appendSnappyBlock decompresses one block.
func appendSnappyBlock(dst, src []byte, limit int64) ([]byte, error) {
	dst, err := snappy.AppendDecoded(dst, src, limit)
	switch err {
	case snappy.ErrCorrupt:
		err = errCorrupt
	case snappy.ErrTooLarge:
		err = errTooLarge
	}
	return dst, err
}
