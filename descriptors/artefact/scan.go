package artefact

import (
	"bytes"
	"compress/gzip"
	"io"
	"strconv"
)

const (
	// blockSize is how much of a file is looked at in one piece, in bytes.
	blockSize = 4 << 20
	// overlap is how much of the next block the last name of a block may need.
	overlap = maxName + 16
	// maxDescriptor bounds one FileDescriptorProto, in bytes.
	maxDescriptor = 64 << 20
)

// scan finds descriptors anywhere in a file: each begins with its name, and
// ends where outline says. Gzip-compressed ones are found by the magic number.
func (l *lifter) scan(r io.ReaderAt, size int64, at place) error {
	s := &scanner{lifter: l, window: window{r: r, size: size}, place: at, budget: 4*size + 64<<20}
	block := make([]byte, min(blockSize+overlap, size))
	for start := int64(0); start < size; start += blockSize {
		n, err := r.ReadAt(block[:min(int64(len(block)), size-start)], start)
		if err != nil && err != io.EOF {
			return err
		}
		s.window.block, s.window.start = block[:n], start
		if err := s.names(min(n, blockSize)); err != nil {
			return err
		}
		if err := s.compressed(min(n, blockSize)); err != nil {
			return err
		}
	}
	return nil
}

// scanner is one scan of one file.
type scanner struct {
	*lifter
	window window
	place  place
	// next is the end of the last descriptor.
	next int64
	// budget is how many bytes may still be looked at closely. A file of
	// beginnings within beginnings would otherwise cost its square.
	budget int64
	gzip   *gzip.Reader
}

// names looks at what begins like a descriptor in the first bytes of the
// block.
func (s *scanner) names(limit int) error {
	block := s.window.block
	for i := 0; i < limit; i++ {
		i = max(i, int(min(s.next-s.window.start, int64(limit))))
		step := bytes.IndexByte(block[i:limit], 0x0a)
		if step < 0 {
			return nil
		}
		i += step
		if nameAt(block[i:]) == 0 {
			continue
		}
		offset := s.window.start + int64(i)
		length, err := s.measure(offset)
		if err != nil {
			return err
		}
		if length > 0 {
			raw, err := s.window.at(offset, length)
			if err != nil {
				return err
			}
			s.found(bytes.Clone(raw), s.where(offset))
			s.next = offset + length
		}
	}
	return nil
}

func (s *scanner) where(offset int64) string {
	return s.place.at("offset 0x" + strconv.FormatInt(offset, 16))
}

// measure is the length of the descriptor that begins at offset; 0 where none
// does.
func (s *scanner) measure(offset int64) (int64, error) {
	var o outline
	length := int64(0)
	for {
		h, value, err := s.field(&o, offset+length)
		if err != nil {
			return 0, err
		}
		if h.size == 0 {
			break
		}
		if length+int64(h.size+len(value)) > maxDescriptor {
			return 0, nil
		}
		if !o.accepts(h, value) {
			if o.complete() && h.field >= fileMessage && h.field <= fileExtension {
				s.note("the descriptor at " + s.where(offset) + " is damaged after " + strconv.FormatInt(length, 10) + " bytes; what follows is left out")
			}
			break
		}
		length += int64(h.size + len(value))
	}
	if !o.complete() {
		return 0, nil
	}
	return length, nil
}

// field reads the field at offset; the header's size is 0 where the outline
// ends.
func (s *scanner) field(o *outline, offset int64) (header, []byte, error) {
	const head = 16
	data, err := s.window.at(offset, head)
	if err != nil {
		return header{}, nil, err
	}
	h, ok := readHeader(data)
	if !ok || !o.allows(h) {
		return header{}, nil, nil
	}
	if !h.length {
		return h, nil, nil
	}
	inside := data[h.size:]
	if h.value > maxDescriptor || int64(h.value) > s.window.size-offset-int64(h.size) ||
		!o.begins(h.field, inside[:min(uint64(len(inside)), h.value)]) {
		return header{}, nil, nil
	}
	if s.budget -= head + int64(h.value); s.budget < 0 {
		return header{}, nil, errHostile
	}
	value, err := s.window.at(offset+int64(h.size), int64(h.value))
	if err == nil && uint64(len(value)) < h.value {
		return header{}, nil, nil
	}
	return h, value, err
}

// compressed looks at what begins like gzip in the first bytes of the block.
func (s *scanner) compressed(limit int) error {
	magic := []byte{0x1f, 0x8b, 8}
	block := s.window.block
	for i := 0; i < limit; i++ {
		step := bytes.Index(block[i:], magic)
		if i += step; step < 0 || i >= limit {
			return nil
		}
		if len(block) > i+3 && block[i+3]>>5 != 0 {
			continue // flags that RFC 1952 reserves
		}
		offset := s.window.start + int64(i)
		raw, err := s.inflate(offset)
		if err != nil {
			return err
		}
		if raw != nil {
			s.found(raw, s.where(offset)+", compressed")
		}
	}
	return nil
}

// inflate is the descriptor that lies compressed at offset, nil where none
// does.
func (s *scanner) inflate(offset int64) ([]byte, error) {
	// About what it costs to begin, and then what comes out.
	if s.budget -= 4096; s.budget < 0 {
		return nil, errHostile
	}
	from := io.NewSectionReader(s.window.r, offset, min(s.window.size-offset, maxDescriptor))
	if s.gzip == nil {
		s.gzip = new(gzip.Reader)
	}
	if s.gzip.Reset(from) != nil {
		return nil, nil
	}
	s.gzip.Multistream(false)
	head := make([]byte, overlap)
	n, err := io.ReadFull(s.gzip, head)
	if err != nil && err != io.ErrUnexpectedEOF || nameAt(head[:n]) == 0 {
		return nil, nil
	}
	rest, err := io.ReadAll(io.LimitReader(s.gzip, min(maxDescriptor, s.budget+1)))
	if s.budget -= int64(len(rest)); s.budget < 0 {
		return nil, errHostile
	}
	raw := append(head[:n], rest...)
	if err != nil || !whole(raw) {
		return nil, nil
	}
	return raw, nil
}

// window is a file of which a block is in memory, and a piece beyond it when
// that is needed.
type window struct {
	r     io.ReaderAt
	size  int64
	start int64 // of block
	block []byte

	pieceStart int64
	piece      []byte
}

// at is n bytes of the file at offset, fewer at its end. They are valid until
// the next call.
func (w *window) at(offset, n int64) ([]byte, error) {
	n = min(n, w.size-offset)
	if n <= 0 {
		return nil, nil
	}
	if b := cut(w.block, w.start, offset, n); b != nil {
		return b, nil
	}
	if b := cut(w.piece, w.pieceStart, offset, n); b != nil {
		return b, nil
	}
	const ahead = 64 << 10
	piece := make([]byte, min(n+ahead, w.size-offset))
	got, err := w.r.ReadAt(piece, offset)
	if err != nil && err != io.EOF {
		return nil, err
	}
	w.pieceStart, w.piece = offset, piece[:got]
	return w.piece[:min(n, int64(got))], nil
}

// cut is the n bytes at offset of data that lies at start, nil where it does
// not hold them.
func cut(data []byte, start, offset, n int64) []byte {
	if offset < start || offset+n > start+int64(len(data)) {
		return nil
	}
	return data[offset-start : offset-start+n]
}
