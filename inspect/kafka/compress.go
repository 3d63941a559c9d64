package kafka

import (
	"bytes"
	"compress/gzip"

	"github.com/klauspost/compress/zstd"

	"github.com/pbscope/pbscope/inspect/snappy"
	"github.com/pierrec/lz4/v4"
)

// compressor applies the codecs. It keeps what they need between batches.
type compressor struct {
	buffer bytes.Buffer
	gzip   *gzip.Writer
	lz4    *lz4.Writer
	zstd   *zstd.Encoder
}

// append appends src compressed, as Kafka's clients do it: snappy as one bare
// block, lz4 with blocks of 64 KiB and no checksums. Writing to memory does
// not fail.
func (c *compressor) append(dst []byte, codec int, src []byte) []byte {
	c.buffer.Reset()
	switch codec {
	case codecGzip:
		if c.gzip == nil {
			c.gzip = gzip.NewWriter(&c.buffer)
		}
		c.gzip.Reset(&c.buffer)
		c.gzip.Write(src)
		c.gzip.Close()
	case codecSnappy:
		return snappy.AppendEncoded(dst, src)
	case codecLZ4:
		c.appendLZ4(src)
	case codecZstd:
		if c.zstd == nil {
			// The options are constants and valid: there is no error.
			c.zstd, _ = zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1))
		}
		return c.zstd.EncodeAll(src, dst)
	default:
		return append(dst, src...)
	}
	return append(dst, c.buffer.Bytes()...)
}

func (c *compressor) appendLZ4(src []byte) {
	if c.lz4 == nil {
		c.lz4 = lz4.NewWriter(&c.buffer)
		// The options are constants and valid: there is no error.
		_ = c.lz4.Apply(lz4.BlockSizeOption(lz4.Block64Kb), lz4.ChecksumOption(false))
	}
	c.lz4.Reset(&c.buffer)
	c.lz4.Write(src)
	c.lz4.Close()
}
