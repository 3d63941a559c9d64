package frame

import (
	"compress/gzip"
	"io"

	"github.com/pbscope/pbscope/inspect/span"
)

// Decompress is the decompressed stream of an input that is gzip (RFC 1952,
// any number of members) or zstd (RFC 8878, any number of frames), with the
// compression's name; another input comes back as it is, with the name "".
//
// It reads as many bytes as rule both compressions out, which is one for most
// inputs, and nothing more until the stream is read. Compressed bytes that
// cannot be decompressed are a read error of the stream, a *span.Problem with
// the tag invalid-compression, after all the bytes before them; errors of r
// itself are passed on as they are.
func Decompress(r io.Reader) (io.Reader, string, error) {
	s := &sniffed{source: r}
	name := s.sniff()
	if name == "" {
		return s, "", nil
	}
	return &decompressed{source: s, name: name}, name, nil
}

// sniffed is a reader whose first bytes have been looked at.
type sniffed struct {
	source io.Reader
	head   []byte
	err    error // what came with or after head
}

// sniff reads until the input's compression is known, "" for none.
func (s *sniffed) sniff() string {
	buf := make([]byte, 0, longestMagic)
	for empty := 0; s.err == nil && empty < 100; empty++ {
		n, err := s.source.Read(buf[len(buf):cap(buf)])
		buf, s.err = buf[:len(buf)+n], err
		s.head = buf
		if name, more := magic(buf); !more {
			return name
		}
		if n > 0 {
			empty = 0
		}
	}
	return ""
}

func (s *sniffed) Read(p []byte) (int, error) {
	if len(s.head) > 0 {
		n := copy(p, s.head)
		s.head = s.head[n:]
		return n, nil
	}
	if s.err != nil {
		return 0, s.err
	}
	n, err := s.source.Read(p)
	s.err = err
	return n, err
}

// longestMagic is the bytes that decide on the longest of the signs below.
const longestMagic = 16

// magic is the compression of an input that begins with head; more says that
// further bytes may decide otherwise.
func magic(head []byte) (name string, more bool) {
	if yes, more := gzipHeader(head); yes || more {
		return "gzip", more
	}
	if yes, more := zstdHeader(head); yes || more {
		return "zstd", more
	}
	return "", false
}

// gzipHeader looks at the ten bytes of RFC 1952, 2.3: the magic and method 8,
// flags whose reserved bits are 0, a time, the extra flags 0, 2 or 4, and an
// operating system from 0 to 13 or 255. A delimited stream may well begin with
// the magic, but not with all of this.
func gzipHeader(head []byte) (yes, more bool) {
	for i, b := range head[:min(len(head), 10)] {
		switch {
		case i < 3 && b != "\x1f\x8b\x08"[i],
			i == 3 && b&0xe0 != 0,
			i == 8 && b != 0 && b != 2 && b != 4,
			i == 9 && b > 13 && b != 255:
			return false, false
		}
	}
	return len(head) >= 10, len(head) < 10
}

// zstdHeader looks for the magic of RFC 8878, 3.1.1, with the reserved bit of
// the frame header 0, or for the skippable frame of four bytes that pzstd
// writes in front of it.
func zstdHeader(head []byte) (yes, more bool) {
	const frame, skippable = "\x28\xb5\x2f\xfd", "\x50\x2a\x4d\x18\x04\x00\x00\x00"
	if len(head) > 0 && head[0]&0xf0 == 0x50 {
		n := min(len(head), len(skippable))
		if string(head[1:n]) != skippable[1:n] {
			return false, false
		}
		if len(head) < 12 {
			return false, true
		}
		head = head[12:]
		n = min(len(head), len(frame))
		return string(head[:n]) == frame && n == 4, n < 4 && string(head[:n]) == frame[:n]
	}
	n := min(len(head), len(frame))
	if string(head[:n]) != frame[:n] {
		return false, false
	}
	return len(head) > 4 && head[4]&0x08 == 0, len(head) <= 4
}

// decompressed is the stream of a gzip or zstd input; it starts to read that
// input when it is read itself.
type decompressed struct {
	source *sniffed
	name   string
	stream io.Reader
	err    error
}

func (d *decompressed) Read(p []byte) (int, error) {
	if d.err != nil || len(p) == 0 {
		return 0, d.err
	}
	n, err := d.read(p)
	if err == nil || err == io.EOF {
		d.err = err
		return n, err
	}
	if d.source.err != nil && d.source.err != io.EOF {
		d.err = d.source.err
	} else {
		d.err = span.InInput(span.InvalidCompression, span.Unknown, "the input cannot be decompressed further: "+reasonOfInflate(d.name, err))
	}
	if n > 0 {
		return n, nil
	}
	return 0, d.err
}

func (d *decompressed) read(p []byte) (n int, err error) {
	if d.stream == nil {
		if d.stream, err = openStream(d.name, d.source); err != nil {
			return 0, noEOF(err)
		}
	}
	return d.stream.Read(p)
}

func openStream(name string, r io.Reader) (io.Reader, error) {
	if name == "gzip" {
		return gzip.NewReader(r)
	}
	return newZstd(r)
}

// noEOF makes the end of an input within a header an error.
func noEOF(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
