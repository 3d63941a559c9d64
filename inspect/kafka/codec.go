package kafka

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"io"
	"strconv"

	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"

	"github.com/pbscope/pbscope/inspect/span"
)

// The codecs by their numbers in a batch's attributes.
const (
	codecNone = iota
	codecGzip
	codecSnappy
	codecLZ4
	codecZstd
)

// codecName is the name of a codec as the envelope has it; "" for none and
// for numbers that nobody has defined.
func codecName(codec int) string {
	switch codec {
	case codecGzip:
		return "gzip"
	case codecSnappy:
		return "snappy"
	case codecLZ4:
		return "lz4"
	case codecZstd:
		return "zstd"
	}
	return ""
}

// codecNumber is the inverse of codecName.
func codecNumber(name string) (int, bool) {
	for codec := codecNone; codec <= codecZstd; codec++ {
		if codecName(codec) == name {
			return codec, true
		}
	}
	return 0, false
}

var (
	errTooLarge    = errors.New("decompressed data above the size limit")
	errCorrupt     = errors.New("corrupt data")
	errUnsupported = errors.New("unknown codec")
)

// decompressor undoes the codecs. It keeps what they need between batches.
type decompressor struct {
	limit   int64
	scratch []byte
	gzip    *gzip.Reader
	lz4     *lz4.Reader
	zstd    *zstd.Decoder
}

// decompress is src decompressed, in memory of its own. magic is the format of
// the message around it: the oldest one has lz4 frames of its own kind.
func (d *decompressor) decompress(codec int, magic int8, src []byte) ([]byte, error) {
	out, err := d.scratch[:0], error(nil)
	switch codec {
	case codecGzip:
		out, err = d.appendGzip(out, src)
	case codecSnappy:
		out, err = appendSnappyAny(out, src, d.limit)
	case codecLZ4:
		out, err = d.appendLZ4(out, src, magic)
	case codecZstd:
		out, err = d.appendZstd(out, src)
	default:
		return nil, errUnsupported
	}
	if cap(out) > cap(d.scratch) && cap(out) <= maxScratch {
		d.scratch = out[:0]
	}
	if err != nil {
		return nil, err
	}
	return append(make([]byte, 0, len(out)), out...), nil
}

// maxScratch is the largest buffer in bytes that is kept for the next batch.
const maxScratch = 4 << 20

func (d *decompressor) appendGzip(dst, src []byte) ([]byte, error) {
	r := bytes.NewReader(src)
	if d.gzip == nil {
		z, err := gzip.NewReader(r)
		if err != nil {
			return dst, errCorrupt
		}
		d.gzip = z
	} else if err := d.gzip.Reset(r); err != nil {
		return dst, errCorrupt
	}
	return appendAll(dst, d.gzip, d.limit)
}

func (d *decompressor) appendLZ4(dst, src []byte, magic int8) ([]byte, error) {
	if magic == 0 {
		src = mendLZ4(src)
	}
	if d.lz4 == nil {
		d.lz4 = lz4.NewReader(nil)
	}
	d.lz4.Reset(bytes.NewReader(src))
	return appendAll(dst, d.lz4, d.limit)
}

// appendAll reads r to its end; memory grows with what really comes.
func appendAll(dst []byte, r io.Reader, limit int64) ([]byte, error) {
	for {
		if cap(dst)-len(dst) < 512 {
			dst = append(dst, make([]byte, max(len(dst), 64<<10))...)[:len(dst)]
		}
		n, err := r.Read(dst[len(dst):cap(dst)])
		dst = dst[:len(dst)+n]
		if int64(len(dst)) > limit {
			return dst, errTooLarge
		}
		if err == io.EOF {
			return dst, nil
		}
		if err != nil {
			return dst, errCorrupt
		}
	}
}

// appendZstd decompresses into memory for as much as the blocks can hold,
// which the frame header's own word need not be.
func (d *decompressor) appendZstd(dst, src []byte) ([]byte, error) {
	room, ok := zstdBound(src)
	if !ok {
		return dst, errCorrupt
	}
	if d.zstd == nil {
		z, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecodeAllCapLimit(true))
		if err != nil {
			return dst, errCorrupt
		}
		d.zstd = z
	}
	room = min(room, d.limit)
	if int64(cap(dst)) < room {
		dst = make([]byte, 0, room)
	}
	// The capacity is the limit, so that a batch has the same one however
	// large the buffer from the batches before it is.
	out, err := d.zstd.DecodeAll(src, dst[:0:room])
	switch {
	case errors.Is(err, zstd.ErrDecoderSizeExceeded) && room == d.limit:
		return dst, errTooLarge
	case err != nil:
		return dst, errCorrupt
	}
	return out, nil
}

// zstdBound is the most bytes that the blocks of the zstd frames in src can
// decompress to (RFC 8878, sections 3.1.1 and 3.1.2). ok is false where the
// frames are cut or are no frames.
func zstdBound(src []byte) (bound int64, ok bool) {
	const maxBlock = 128 << 10
	for len(src) > 0 {
		if len(src) < 5 {
			return 0, false
		}
		magic := binary.LittleEndian.Uint32(src)
		if magic&^0xf == 0x184d2a50 {
			if len(src) < 8 || int64(binary.LittleEndian.Uint32(src[4:])) > int64(len(src)-8) {
				return 0, false
			}
			src = src[8+binary.LittleEndian.Uint32(src[4:]):]
			continue
		}
		if magic != 0xfd2fb528 {
			return 0, false
		}
		flags := src[4]
		at := 5 + [4]int{0, 1, 2, 4}[flags&3] + [4]int{0, 2, 4, 8}[flags>>6]
		if flags&0x20 == 0 {
			at++ // window descriptor
		} else if flags>>6 == 0 {
			at++ // one byte of content size
		}
		for last := false; !last; {
			if at+3 > len(src) {
				return 0, false
			}
			block := uint32(src[at]) | uint32(src[at+1])<<8 | uint32(src[at+2])<<16
			at += 3
			last = block&1 != 0
			size := int(block >> 3)
			switch block >> 1 & 3 {
			case 0:
				at, bound = at+size, bound+int64(size)
			case 1:
				at, bound = at+1, bound+int64(size)
			case 2:
				at, bound = at+size, bound+maxBlock
			default:
				return 0, false
			}
		}
		if flags&4 != 0 {
			at += 4 // checksum
		}
		if at > len(src) {
			return 0, false
		}
		src = src[at:]
	}
	return bound, true
}

// codecProblem is why the bytes at offset of the input did not decompress.
func codecProblem(err error, codec int, offset, limit int64) *span.Problem {
	name := codecName(codec)
	switch err {
	case errUnsupported:
		return span.InInput(span.UnsupportedCompression, offset, "codec "+strconv.Itoa(codec)+" of the record batch is not known")
	case errTooLarge:
		p := span.InInput(span.TooLarge, offset, "the record batch decompresses ("+name+") to more than "+strconv.FormatInt(limit, 10)+" bytes")
		p.Hint = "--max-size sets the limit"
		return p
	}
	return span.InInput(span.InvalidCompression, offset, "the record batch's "+name+" data cannot be decompressed")
}
