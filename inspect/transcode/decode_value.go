package transcode

import (
	"encoding/binary"
	"math"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/inspect/plan"
)

// value appends the value at buf[pos:], right after its tag. depth is the
// level of the message that the field is in.
func (d *Decoder) value(dst []byte, f *plan.Field, buf []byte, pos, depth int) (out []byte, next int) {
	switch f.WireType {
	case wireLen:
		start, stop := readLen(buf, pos)
		if stop < 0 {
			return dst, refused
		}
		if d.o.Lossless && padded(buf, pos, start) {
			d.dirty = true
		}
		switch f.Kind {
		case protoreflect.StringKind:
			return d.appendText(dst, f, start, stop)
		case protoreflect.BytesKind:
			return d.appendBytes(dst, buf[start:stop]), stop
		}
		if depth >= d.maxDepth {
			return dst, refused
		}
		return d.submessage(dst, f, start, stop, depth+1, 0)
	case wireGroup:
		if depth >= d.maxDepth {
			return dst, refused
		}
		dst, next = d.submessage(dst, f, pos, len(buf), depth+1, f.Number)
		if d.o.Lossless && next >= 0 && buf[next-1] == 0 {
			d.dirty = true
		}
		return dst, next
	}
	return d.scalar(dst, f, buf, pos)
}

func (d *Decoder) appendText(dst []byte, f *plan.Field, start, stop int) (out []byte, next int) {
	dst, ok := appendString(dst, d.buf, start, stop)
	if !ok {
		if f.UTF8 {
			return dst, refused
		}
		dst = d.appendNotText(dst, start, stop)
	}
	return dst, stop
}

// appendNotText appends the content of a string that is not UTF-8 and need not
// be.
func (d *Decoder) appendNotText(dst []byte, start, stop int) []byte {
	return append(appendBase64(append(dst, `{"@bytes":`...), d.buf[start:stop]), '}')
}

func (d *Decoder) appendBytes(dst, content []byte) []byte {
	if d.o.BytesHex {
		return appendHex(dst, content)
	}
	return appendBase64(dst, content)
}

// submessage appends the message that is the value of f; it stands on level
// depth.
func (d *Decoder) submessage(dst []byte, f *plan.Field, pos, end, depth int, group protoreflect.FieldNumber) (out []byte, next int) {
	m := f.Message()
	if m.WellKnown == plan.Timestamp && group == 0 {
		if out, ok := d.plainTimestamp(dst, pos, end); ok {
			return out, end
		}
	}
	d.path = append(d.path, step{field: f, index: d.index})
	if special(m) {
		dst, next = d.special(dst, m, pos, end, depth, group)
	} else {
		dst, next = d.message(dst, m, pos, end, depth, group)
	}
	d.path = d.path[:len(d.path)-1]
	return dst, next
}

// scalar appends the number, bool or enum value at buf[pos:].
func (d *Decoder) scalar(dst []byte, f *plan.Field, buf []byte, pos int) (out []byte, next int) {
	switch f.WireType {
	case wireVarint:
		var v uint64
		if pos < len(buf) && buf[pos] < 0x80 {
			v, next = uint64(buf[pos]), pos+1
		} else if v, next = readLongVarint(buf, pos); next < 0 {
			return dst, refused
		}
		if d.o.Lossless && (padded(buf, pos, next) || canonical(f.Kind, v) != v) {
			d.dirty = true
		}
		return d.appendVarint(dst, f, v), next
	case wireI32:
		if pos+4 > len(buf) {
			return dst, refused
		}
		return d.appendI32(dst, f.Kind, binary.LittleEndian.Uint32(buf[pos:])), pos + 4
	}
	if pos+8 > len(buf) {
		return dst, refused
	}
	return d.appendI64(dst, f.Kind, binary.LittleEndian.Uint64(buf[pos:])), pos + 8
}

// canonical is the varint that the value of v in a field of the kind is
// written with.
func canonical(kind protoreflect.Kind, v uint64) uint64 {
	switch kind {
	case protoreflect.Int32Kind, protoreflect.EnumKind:
		return uint64(int64(int32(v)))
	case protoreflect.Uint32Kind, protoreflect.Sint32Kind:
		return uint64(uint32(v))
	case protoreflect.BoolKind:
		return min(v, 1)
	}
	return v
}

func (d *Decoder) appendVarint(dst []byte, f *plan.Field, v uint64) []byte {
	switch f.Kind {
	case protoreflect.Int32Kind:
		return appendInt(dst, int64(int32(v)))
	case protoreflect.Int64Kind:
		return d.appendInt64(dst, int64(v))
	case protoreflect.Uint32Kind:
		return appendUint(dst, uint64(uint32(v)))
	case protoreflect.Uint64Kind:
		return d.appendUint64(dst, v)
	case protoreflect.Sint32Kind:
		n := uint32(v)
		return appendInt(dst, int64(int32(n>>1)^-int32(n&1)))
	case protoreflect.Sint64Kind:
		return d.appendInt64(dst, int64(v>>1)^-int64(v&1))
	case protoreflect.EnumKind:
		return d.appendEnum(dst, f.Enum, int32(v))
	}
	if v != 0 {
		return append(dst, "true"...)
	}
	return append(dst, "false"...)
}

func (d *Decoder) appendI32(dst []byte, kind protoreflect.Kind, v uint32) []byte {
	switch kind {
	case protoreflect.Fixed32Kind:
		return appendUint(dst, uint64(v))
	case protoreflect.Sfixed32Kind:
		return appendInt(dst, int64(int32(v)))
	}
	if d.o.Lossless && v&0x7fffffff > 0x7f800000 && v != quietNaN32 {
		d.dirty = true // a NaN with other bits than the usual one
	}
	return appendFloat32(dst, math.Float32frombits(v))
}

func (d *Decoder) appendI64(dst []byte, kind protoreflect.Kind, v uint64) []byte {
	switch kind {
	case protoreflect.Fixed64Kind:
		return d.appendUint64(dst, v)
	case protoreflect.Sfixed64Kind:
		return d.appendInt64(dst, int64(v))
	}
	if d.o.Lossless && v&(1<<63-1) > 0x7ff0000000000000 && v != quietNaN64 {
		d.dirty = true
	}
	return appendFloat64(dst, math.Float64frombits(v))
}

func (d *Decoder) appendInt64(dst []byte, v int64) []byte {
	if d.o.Int64Numbers {
		return appendInt(dst, v)
	}
	return append(appendInt(append(dst, '"'), v), '"')
}

func (d *Decoder) appendUint64(dst []byte, v uint64) []byte {
	if d.o.Int64Numbers {
		return appendUint(dst, v)
	}
	return append(appendUint(append(dst, '"'), v), '"')
}

// packedField appends the elements of a packed field whose length stands at
// buf[pos:]. opened says whether the list's bracket is printed, now returns
// whether it is afterwards: empty fields print nothing.
func (d *Decoder) packedField(dst []byte, f *plan.Field, buf []byte, pos int, opened bool) (out []byte, next int, now bool) {
	start, stop := readLen(buf, pos)
	if stop < 0 {
		return dst, refused, opened
	}
	if d.o.Lossless && (padded(buf, pos, start) || start == stop) {
		d.dirty = true
	}
	if start == stop {
		return dst, stop, opened
	}
	if f.Selective {
		return d.packedClosed(dst, f, buf[:stop], start, opened)
	}
	if opened {
		dst = append(dst, ',')
	} else {
		dst = append(d.appendName(dst, f), '[')
	}
	if dst, next = d.packedRun(dst, f, buf[:stop], start); next < 0 {
		return dst, refused, true
	}
	return dst, stop, true
}

// packedRun appends the elements from buf[at:] on, of which there is one at
// least.
func (d *Decoder) packedRun(dst []byte, f *plan.Field, buf []byte, at int) (out []byte, next int) {
	switch f.WireType {
	case wireI32:
		for len(buf)-at >= 4 {
			dst = append(d.appendI32(dst, f.Kind, binary.LittleEndian.Uint32(buf[at:])), ',')
			at += 4
		}
	case wireI64:
		for len(buf)-at >= 8 {
			dst = append(d.appendI64(dst, f.Kind, binary.LittleEndian.Uint64(buf[at:])), ',')
			at += 8
		}
	default:
		for at < len(buf) {
			v, next := uint64(buf[at]), at+1
			if v >= 0x80 {
				if v, next = readLongVarint(buf, at); next < 0 {
					return dst, refused
				}
			}
			if d.o.Lossless && (padded(buf, at, next) || canonical(f.Kind, v) != v) {
				d.dirty = true
			}
			dst = append(d.appendVarint(dst, f, v), ',')
			at = next
		}
	}
	if at != len(buf) {
		return dst, refused
	}
	return dst[:len(dst)-1], at
}

// packedClosed is packedRun for a closed enum, whose unnamed numbers are
// unknown fields.
func (d *Decoder) packedClosed(dst []byte, f *plan.Field, buf []byte, at int, opened bool) (out []byte, next int, now bool) {
	for at < len(buf) {
		v, end := readVarint(buf, at)
		if end >= 0 && f.Enum.Quoted(int32(v)) == nil {
			if !d.keepElement(f, v) {
				return dst, refused, opened
			}
			at = end
			continue
		}
		if opened {
			dst = append(dst, ',')
		} else {
			dst, opened = append(d.appendName(dst, f), '['), true
		}
		if dst, at = d.scalar(dst, f, buf, at); at < 0 {
			return dst, refused, opened
		}
	}
	return dst, at, opened
}
