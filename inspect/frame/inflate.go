package frame

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"io"

	"github.com/klauspost/compress/zstd"

	"github.com/pbscope/pbscope/inspect/snappy"
	"github.com/pbscope/pbscope/inspect/span"
)

// inflater decompresses single messages and keeps its tables for the next one.
type inflater struct {
	gzip   *gzip.Reader
	zstd   *zstd.Decoder
	zlib   io.ReadCloser
	source bytes.Reader
}

// message is the decompressed form of data, which begins with the magic bytes
// of its compression, and gRPC's name of that compression. The limit is that
// of the decompressed message in bytes.
func (i *inflater) message(data []byte, limit int64) (string, []byte, *span.Problem) {
	name := compressionOf(data)
	if name == "" {
		p := span.InInput(span.UnsupportedCompression, span.Unknown, "the message is compressed, and not in a way that its first bytes tell")
		p.Hint = "known are gzip, deflate (zlib), zstd and framed snappy"
		return "", nil, p
	}
	out, err := i.inflate(name, data, limit)
	switch {
	case err == nil:
		return name, out, nil
	case errors.Is(err, snappy.ErrTooLarge):
		p := span.InInput(span.TooLarge, span.Unknown, "the decompressed message is above the limit of "+count(limit, "byte"))
		p.Hint = hintMaxSize
		return name, nil, p
	}
	return name, nil, span.InInput(span.InvalidCompression, span.Unknown, "the message cannot be decompressed: "+reasonOfInflate(name, err))
}

// inflate decompresses data; the error is snappy.ErrTooLarge above limit bytes.
func (i *inflater) inflate(name string, data []byte, limit int64) ([]byte, error) {
	if name == "snappy" {
		return snappy.AppendDecodedStream(nil, data, limit)
	}
	i.source.Reset(data)
	r, err := i.open(name)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if _, err := out.ReadFrom(io.LimitReader(r, limit+1)); err != nil {
		return nil, err
	}
	if int64(out.Len()) > limit {
		return nil, snappy.ErrTooLarge
	}
	return out.Bytes(), nil
}

// compressionOf is gRPC's name of the compression that data begins with, or "".
func compressionOf(data []byte) string {
	switch {
	case bytes.HasPrefix(data, []byte("\x1f\x8b\x08")):
		return "gzip"
	case bytes.HasPrefix(data, []byte("\x28\xb5\x2f\xfd")):
		return "zstd"
	case bytes.HasPrefix(data, []byte(snappy.StreamMagic)):
		return "snappy"
	case len(data) >= 2 && data[0]&0x0f == 8 && data[0]>>4 <= 7 && (uint(data[0])<<8|uint(data[1]))%31 == 0:
		return "deflate" // RFC 1950, 2.2: method 8, a window up to 32 KiB, a check sum of the two bytes
	}
	return ""
}

func (i *inflater) open(name string) (io.Reader, error) {
	switch name {
	case "gzip":
		if i.gzip == nil {
			i.gzip = new(gzip.Reader)
		}
		return i.gzip, i.gzip.Reset(&i.source)
	case "zstd":
		if i.zstd == nil {
			d, err := newZstd(nil)
			if err != nil {
				return nil, err
			}
			i.zstd = d
		}
		return i.zstd, i.zstd.Reset(&i.source)
	}
	if i.zlib == nil {
		z, err := zlib.NewReader(&i.source)
		i.zlib = z
		return z, err
	}
	return i.zlib, i.zlib.(zlib.Resetter).Reset(&i.source, nil)
}

// newZstd is a decoder that works in the reader's own goroutine and in the
// window that the zstd tool allows by default. The decoder reserves what a
// frame claims as its window, up to that limit, and touches what it uses.
func newZstd(r io.Reader) (*zstd.Decoder, error) {
	return zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(maxWindow))
}

// maxWindow is zstd's ZSTD_WINDOWLOG_LIMIT_DEFAULT, in bytes.
const maxWindow = 1 << 27

// reasonOfInflate says in our words why name's data could not be decompressed.
func reasonOfInflate(name string, err error) string {
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return "the " + name + " data ends too early"
	case errors.Is(err, gzip.ErrChecksum), errors.Is(err, zlib.ErrChecksum), errors.Is(err, zstd.ErrCRCMismatch), errors.Is(err, snappy.ErrCorrupt):
		return "the " + name + " data is damaged (its checksum does not match)"
	case errors.Is(err, gzip.ErrHeader), errors.Is(err, zlib.ErrHeader), errors.Is(err, zstd.ErrMagicMismatch):
		return "something that is not " + name + " follows the compressed data"
	case errors.Is(err, zstd.ErrWindowSizeExceeded), errors.Is(err, zstd.ErrDecoderSizeExceeded):
		return "its zstd window is above 128 MiB, which the zstd tool refuses too (--long)"
	}
	return "the " + name + " data is damaged"
}
