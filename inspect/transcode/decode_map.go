package transcode

import (
	"encoding/binary"
	"unicode/utf8"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/inspect/plan"
)

// The field numbers of a map's entry.
const (
	entryKey   = 1
	entryValue = 2
)

// mapKey is the key of an entry: the bytes of a string, or the value as it
// stands on the wire, cut to the kind's width.
type mapKey struct {
	piece
	bits  uint64
	entry int // the record that holds the entry
}

// entry is a map's entry taken apart. Positions are those right after a tag;
// a value that came several times counts last, or, for messages, as all.
type entry struct {
	key    mapKey
	start  int // of the entry's content
	end    int
	value  int // 0 if there is none
	keys   int
	values int
	odd    bool // something in it is not as the schema writes it
}

// takeApart fills e, an entry of map f of which the place is known. It is false
// if the entry is refused.
func (d *Decoder) takeApart(e *entry, f *plan.Field, depth int) bool {
	buf := d.buf[:e.end]
	for pos := e.start; pos < e.end; {
		tag, at := readTag(buf, pos)
		if at < 0 || tag>>3 == 0 {
			return false
		}
		e.odd = e.odd || padded(buf, pos, at)
		number, wire := protoreflect.FieldNumber(tag>>3), uint8(tag&7)
		switch {
		case number == entryKey && wire == f.MapKey.WireType:
			e.odd = e.odd || e.keys > 0 || e.values > 0
			e.keys++
			pos = d.takeKey(e, f.MapKey, buf, at)
		case number == entryValue && wire == f.MapValue.WireType:
			if e.values > 0 && !d.replaceable(f.MapValue, buf, e.value) {
				return false
			}
			e.odd = e.odd || e.keys == 0 || e.values > 0
			e.values++
			e.value = at
			pos = d.skip(buf, at, number, wire, depth)
		default:
			e.odd = true
			if pos = d.skip(buf, at, number, wire, depth); d.o.Unknown == RefuseUnknown {
				return false
			}
		}
		if pos < 0 {
			return false
		}
	}
	e.odd = e.odd || e.keys == 0 || e.values == 0
	return true
}

func (d *Decoder) takeKey(e *entry, f *plan.Field, buf []byte, at int) (next int) {
	switch f.WireType {
	case wireLen:
		start, stop := readLen(buf, at)
		if stop < 0 || f.UTF8 && e.keys > 1 && !utf8.Valid(buf[e.key.start:e.key.end]) {
			return refused
		}
		e.odd = e.odd || padded(buf, at, start)
		e.key.piece = piece{start, stop}
		return stop
	case wireVarint:
		v, next := readVarint(buf, at)
		e.key.bits = canonical(f.Kind, v)
		e.odd = e.odd || padded(buf, at, next) || e.key.bits != v
		return next
	case wireI32:
		if at+4 > len(buf) {
			return refused
		}
		e.key.bits = uint64(binary.LittleEndian.Uint32(buf[at:]))
		return at + 4
	}
	if at+8 > len(buf) {
		return refused
	}
	e.key.bits = binary.LittleEndian.Uint64(buf[at:])
	return at + 8
}

// replaceable says whether a value that another one follows may stand there.
func (d *Decoder) replaceable(f *plan.Field, buf []byte, at int) bool {
	if f.Kind != protoreflect.StringKind || !f.UTF8 {
		return true
	}
	start, stop := readLen(buf, at)
	return utf8.Valid(buf[start:stop])
}

// isEntry says whether an entry is one of the map: it is an unknown field if
// its value is an unnamed number of a closed enum or its key is not UTF-8 where
// that need not be. It is not ok if it is refused.
func (d *Decoder) isEntry(f *plan.Field, e *entry, depth int) (known, ok bool) {
	if f.MapKey.Kind == protoreflect.StringKind && !utf8.Valid(d.buf[e.key.start:e.key.end]) {
		return false, !f.MapKey.UTF8 && d.checkValue(f, e, depth)
	}
	if enum := f.MapValue.Enum; enum != nil && enum.Closed && e.values > 0 {
		v, _ := readVarint(d.buf[:e.end], e.value)
		return enum.Quoted(int32(v)) != nil, true
	}
	return true, true
}

// mapEntry is the entry whose length stands at buf[pos:]; stop is the position
// after it, or refused. One that is none of the map (known false) is an unknown
// field.
func (d *Decoder) mapEntry(e *entry, f *plan.Field, buf []byte, pos, depth int) (known bool, stop int) {
	start, stop := readLen(buf, pos)
	if stop < 0 {
		return false, refused
	}
	*e = entry{start: start, end: stop}
	if !e.usual(f, buf[:stop]) && !d.takeApart(e, f, depth) {
		return false, refused
	}
	known, ok := d.isEntry(f, e, depth)
	if !ok {
		return false, refused
	}
	d.note(padded(buf, pos, start) || known && e.odd)
	return known, stop
}

// usual takes an entry apart that is a short string and a value of which the
// length can be told, as most are; it is false, and e as it was, for others.
func (e *entry) usual(f *plan.Field, buf []byte) bool {
	const keyTag, valueTag = entryKey<<3 | wireLen, entryValue << 3
	if f.MapKey.WireType != wireLen || e.start+2 > len(buf) || buf[e.start] != keyTag {
		return false
	}
	key := e.start + 2
	tag := key + int(buf[e.start+1])
	if buf[e.start+1] >= 0x80 || tag+2 > len(buf) || buf[tag] != valueTag|f.MapValue.WireType {
		return false
	}
	switch n := len(buf) - tag - 2; f.MapValue.WireType {
	case wireLen:
		if int(buf[tag+1]) != n || n >= 0x80 {
			return false
		}
	case wireVarint:
		if n > 0 || buf[tag+1] >= 0x80 {
			return false
		}
	case wireI32:
		if n != 3 {
			return false
		}
	case wireI64:
		if n != 7 {
			return false
		}
	}
	e.key.piece = piece{key, tag}
	e.value, e.keys, e.values = tag+1, 1, 1
	return true
}

// known says whether the entry, or the closed enum's number, at buf[pos:] is
// one of the field or an unknown field; stop is the position after it, or
// refused.
func (d *Decoder) known(f *plan.Field, buf []byte, pos, depth int) (known bool, stop int) {
	if f.Map {
		var e entry
		return d.mapEntry(&e, f, buf, pos, depth)
	}
	v, stop := readVarint(buf, pos)
	return stop >= 0 && f.Enum.Quoted(int32(v)) != nil, stop
}

// mapField appends the entry whose length stands at buf[pos:], or keeps it as
// an unknown field; opened says whether the map's bracket is printed.
func (d *Decoder) mapField(dst []byte, f *plan.Field, buf []byte, tagAt, pos, depth int, opened bool) (out []byte, next int, known bool) {
	var e entry
	known, stop := d.mapEntry(&e, f, buf, pos, depth)
	if stop < 0 || !known && !d.keepUnknown(tagAt, stop) {
		return dst, refused, false
	}
	if !known {
		return dst, stop, false
	}
	if opened {
		dst = append(dst, ',')
	} else {
		dst = append(d.appendName(dst, f), '{')
	}
	d.keys = append(d.keys, e.key)
	if dst, next = d.appendEntry(dst, f, &e, depth); next < 0 {
		return dst, refused, false
	}
	return dst, stop, true
}

// appendEntry appends "key":value.
func (d *Decoder) appendEntry(dst []byte, f *plan.Field, e *entry, depth int) (out []byte, next int) {
	dst = append(d.appendKey(dst, f.MapKey, e.key), ':')
	value := f.MapValue
	if value.Kind != protoreflect.MessageKind {
		if e.values == 0 {
			return d.appendZero(dst, value), e.end
		}
		return d.value(dst, value, d.buf[:e.end], e.value, depth)
	}
	d.path = append(d.path, keyStep(f, e.key))
	switch e.values {
	case 0: // not there, and so not too deep
		dst, next = d.submessage(dst, value, e.end, e.end, depth+1, 0)
	case 1:
		dst, next = d.value(dst, value, d.buf[:e.end], e.value, depth)
	default:
		dst, next = d.mergedValue(dst, value, e.start, e.end, depth)
	}
	d.path = d.path[:len(d.path)-1]
	return dst, next
}

// mergedValue appends the message that an entry holds in several parts.
func (d *Decoder) mergedValue(dst []byte, f *plan.Field, pos, end, depth int) (out []byte, next int) {
	base := len(d.pieces)
	for pos < end {
		tag, at := readTag(d.buf[:end], pos)
		pos = d.skip(d.buf[:end], at, protoreflect.FieldNumber(tag>>3), uint8(tag&7), 0)
		if pos < 0 {
			return dst, refused
		}
		if tag == entryValue<<3|wireLen {
			start, stop := readLen(d.buf[:end], at)
			d.pieces = append(d.pieces, piece{start, stop})
		}
	}
	dst, ok := d.merged(dst, f, base, len(d.pieces), depth+1)
	d.pieces = d.pieces[:base]
	if !ok {
		return dst, refused
	}
	return dst, end
}
