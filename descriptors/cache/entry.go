package cache

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
)

// format is the version of what is written, traces and entries.
const format = 1

// entry is one file of a store: the magic word, the version, a SHA-256 over
// all that follows it, then key, trace and value, each after its length.
type entry struct{ key, trace, value []byte }

const (
	magic      = "pbscope\x00"
	headerSize = len(magic) + 4 + sha256.Size
)

// append adds the entry in the form of its file.
func (e entry) append(b []byte) []byte {
	from := len(b)
	b = append(b, magic...)
	b = binary.LittleEndian.AppendUint32(b, format)
	b = append(b, make([]byte, sha256.Size)...)
	for _, part := range [][]byte{e.key, e.trace, e.value} {
		b = binary.AppendUvarint(b, uint64(len(part)))
		b = append(b, part...)
	}
	sum := sha256.Sum256(b[from+headerSize:])
	copy(b[from+len(magic)+4:], sum[:])
	return b
}

// parseEntry takes a file apart; false for one that is damaged, or of another
// version. The parts lie in data.
func parseEntry(data []byte) (entry, bool) {
	if len(data) < headerSize || string(data[:len(magic)]) != magic || binary.LittleEndian.Uint32(data[len(magic):]) != format {
		return entry{}, false
	}
	sum := sha256.Sum256(data[headerSize:])
	if !bytes.Equal(sum[:], data[len(magic)+4:headerSize]) {
		return entry{}, false
	}
	r := reader{data: data[headerSize:]}
	e := entry{key: r.bytes(), trace: r.bytes(), value: r.bytes()}
	return e, r.done()
}

// reader takes numbers and byte strings off its data; what does not fit makes
// it bad for good.
type reader struct {
	data []byte
	bad  bool
}

func (r *reader) number() uint64 {
	v, n := binary.Uvarint(r.data)
	if n <= 0 {
		r.bad, r.data = true, nil
		return 0
	}
	r.data = r.data[n:]
	return v
}

func (r *reader) bytes() []byte {
	n := r.number()
	if n > uint64(len(r.data)) {
		r.bad, r.data = true, nil
		return nil
	}
	b := r.data[:n:n]
	r.data = r.data[n:]
	return b
}

func (r *reader) done() bool { return !r.bad && len(r.data) == 0 }
