package plan

import (
	"encoding/binary"
	"math/bits"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// Name is a name of a field with what a writer of the wire format wants at
// once.
type Name struct {
	Field *Field
	// Tag is the tag in front of the field's value as the schema writes it
	// (packed where it says so), its first byte the lowest of the word.
	Tag uint64
	// TagLen is the length of Tag in bytes, 1 to 5.
	TagLen int

	name        string
	first, last uint64
}

// nameIndex finds fields by the names that JSON and text format write: open
// addressing over the first and the last eight bytes and the length, which
// tell the names of a message apart but for longer ones that differ in the
// middle only.
type nameIndex struct {
	names []Name
	slots []uint32 // 1 + place in names; 0 is free. A power of two, at most half full.
	shift uint8
	// odd says that some name does not stand in JSON as it is.
	odd bool
}

// Named is the field of that JSON name or proto name, or, for a group, of its
// type's name; nil if there is none. Where one field's JSON name is another's
// proto name, the JSON name wins; of two fields with one JSON name, the first
// declared. Extensions are found by ExtensionNamed.
func (m *Message) Named(name []byte) *Field {
	if n := m.Lookup(name, 0, len(name)); n != nil {
		return n.Field
	}
	return nil
}

// Lookup is the name text[start:end], nil if no field has it; the bytes around
// the name make short names cheap to load.
func (m *Message) Lookup(text []byte, start, end int) *Name {
	index := m.names.Load()
	if index == nil {
		index = m.indexNames()
	}
	return index.lookup(text, start, end)
}

// LookupQuoted is the name that begins at text[start] and ends before a quote,
// and the offset of the quote. It is nil where no field has the name, and for
// names of more than 16 bytes, at the text's end or in need of escapes, which
// Lookup may know.
func (m *Message) LookupQuoted(text []byte, start int) (n *Name, end int) {
	index := m.names.Load()
	if index == nil {
		index = m.indexNames()
	}
	if start+16 > len(text) || index.odd {
		return nil, 0
	}
	first := binary.LittleEndian.Uint64(text[start:])
	last := first
	if quote := quotes(first); quote != 0 {
		bit := bits.TrailingZeros64(quote) &^ 7
		first &= 1<<bit - 1
		last, end = first, start+bit>>3
	} else if quote := quotes(binary.LittleEndian.Uint64(text[start+8:])); quote != 0 {
		end = start + 8 + bits.TrailingZeros64(quote)>>3
		last = binary.LittleEndian.Uint64(text[end-8:])
	} else {
		return nil, 0
	}
	mask := uint32(len(index.slots) - 1)
	for at := hashWords(first, last, end-start) >> index.shift; ; at++ {
		slot := index.slots[uint32(at)&mask]
		if slot == 0 {
			return nil, end
		}
		n := &index.names[slot-1]
		if n.first == first && n.last == last && len(n.name) == end-start {
			return n, end
		}
	}
}

// quotes has the high bit of the first byte set that is a quote; those of bytes
// after it mean nothing.
func quotes(w uint64) uint64 {
	const each = 0x0101010101010101
	w ^= each * '"'
	return (w - each) &^ w & (each * 0x80)
}

func (x *nameIndex) lookup(text []byte, start, end int) *Name {
	first, last := words(text, start, end)
	mask := uint32(len(x.slots) - 1)
	for at := hashWords(first, last, end-start) >> x.shift; ; at++ {
		slot := x.slots[uint32(at)&mask]
		if slot == 0 {
			return nil
		}
		n := &x.names[slot-1]
		if n.first == first && n.last == last && len(n.name) == end-start &&
			(end-start <= 16 || n.name == string(text[start:end])) {
			return n
		}
	}
}

// words are the first and the last eight bytes of a name; of one that is
// shorter, all its bytes in both.
func words(text []byte, start, end int) (first, last uint64) {
	switch size := end - start; {
	case size >= 8:
		return binary.LittleEndian.Uint64(text[start:]), binary.LittleEndian.Uint64(text[end-8:])
	case start+8 <= len(text):
		first = binary.LittleEndian.Uint64(text[start:]) & (1<<(8*uint(size)) - 1)
	default:
		for i := end - 1; i >= start; i-- {
			first = first<<8 | uint64(text[i])
		}
	}
	return first, first
}

func hashWords(first, last uint64, size int) uint64 {
	return (first ^ bits.RotateLeft64(last, 29) ^ uint64(size)<<56) * 0x9e3779b97f4a7c15
}

func (m *Message) indexNames() *nameIndex {
	x := &nameIndex{names: make([]Name, 0, 2*len(m.Fields))}
	power := bits.Len(uint(6 * len(m.Fields)))
	x.slots, x.shift = make([]uint32, 1<<power), uint8(64-power)
	for i := range m.Fields {
		x.add(m.Fields[i].JSONName, &m.Fields[i])
	}
	for i := range m.Fields {
		x.add(m.Fields[i].ProtoName, &m.Fields[i])
	}
	for i := range m.Fields {
		x.add(m.Fields[i].Desc.TextName(), &m.Fields[i]) // of a group: its type's name
	}
	m.names.Store(x)
	return x
}

// add enters a name unless it is there.
func (x *nameIndex) add(name string, f *Field) {
	text := []byte(name)
	if x.lookup(text, 0, len(text)) != nil {
		return
	}
	for i := range len(name) {
		x.odd = x.odd || name[i] == '"' || name[i] == '\\'
	}
	n := NameOf(f)
	n.name = name
	n.first, n.last = words(text, 0, len(text))
	x.names = append(x.names, n)
	mask := uint32(len(x.slots) - 1)
	at := uint32(hashWords(n.first, n.last, len(name)) >> x.shift)
	for x.slots[at&mask] != 0 {
		at++
	}
	x.slots[at&mask] = uint32(len(x.names))
}

// NameOf is the Name of a field that was found otherwise: an extension, a part
// of a map's entry.
func NameOf(f *Field) Name {
	n := Name{Field: f}
	for v := uint64(f.Number)<<3 | f.wireType(); ; v >>= 7 {
		if v < 0x80 {
			n.Tag |= v << (8 * n.TagLen)
			n.TagLen++
			return n
		}
		n.Tag |= (v&0x7f | 0x80) << (8 * n.TagLen)
		n.TagLen++
	}
}

// wireType is the type that the schema writes.
func (f *Field) wireType() uint64 {
	if f.Packed {
		return 2
	}
	switch f.Kind {
	case protoreflect.Fixed64Kind, protoreflect.Sfixed64Kind, protoreflect.DoubleKind:
		return 1
	case protoreflect.Fixed32Kind, protoreflect.Sfixed32Kind, protoreflect.FloatKind:
		return 5
	case protoreflect.StringKind, protoreflect.BytesKind, protoreflect.MessageKind:
		return 2
	case protoreflect.GroupKind:
		return 3
	}
	return 0
}
