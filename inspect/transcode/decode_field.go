package transcode

import (
	"encoding/binary"
	"slices"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/inspect/plan"
)

// appendName appends the field's name as text, with a comma before and the
// colon after. Short ones are copied in one piece, whatever their length.
func (d *Decoder) appendName(dst []byte, f *plan.Field) []byte {
	name := f.JSONKey
	if d.o.ProtoNames {
		name = f.ProtoKey
	}
	if n := len(dst); len(name) <= plan.KeyRoom && cap(dst)-n >= plan.KeyRoom && cap(name) >= plan.KeyRoom {
		copyKey((*[plan.KeyRoom]byte)(dst[n:n+plan.KeyRoom]), (*[plan.KeyRoom]byte)(name[:plan.KeyRoom]))
		return dst[:n+len(name)]
	}
	return append(dst, name...)
}

// copyKey copies word by word: for an assignment of arrays that might overlap
// the compiler calls a function.
func copyKey(to, from *[plan.KeyRoom]byte) {
	a, b := binary.LittleEndian.Uint64(from[0:8]), binary.LittleEndian.Uint64(from[8:16])
	c, d := binary.LittleEndian.Uint64(from[16:24]), binary.LittleEndian.Uint64(from[24:32])
	binary.LittleEndian.PutUint64(to[0:8], a)
	binary.LittleEndian.PutUint64(to[8:16], b)
	binary.LittleEndian.PutUint64(to[16:24], c)
	binary.LittleEndian.PutUint64(to[24:32], d)
}

// rank is the field's place in the order of the schema.
func rank(f *plan.Field) int {
	if f.Index < 0 {
		return 1<<30 + int(f.Number)
	}
	return f.Index
}

// pushBits is room for a set of n slots, all clear.
func (d *Decoder) pushBits(n int) []uint64 {
	base := len(d.bits)
	for range (n + 63) / 64 {
		d.bits = append(d.bits, 0)
	}
	return d.bits[base:]
}

// firstExtension notes the extension, the count-th to come, unless it has come
// before. Beyond a few it says that it has: gathering does not search.
func (d *Decoder) firstExtension(f *plan.Field, count int) bool {
	const few = 16
	d.extensions = append(d.extensions, f)
	before := len(d.extensions) - 1
	return count <= few && !slices.Contains(d.extensions[before-count+1:before], f)
}

// closeRepeated ends the list or map at hand. It is not ok if a map's keys
// come twice, or, with Sort, out of order.
func (d *Decoder) closeRepeated(dst []byte, f *plan.Field, opened bool, keyBase int) (out []byte, ok bool) {
	if f.Map {
		if len(d.keys)-keyBase > 1 && !d.distinct(f, keyBase) {
			return dst, false
		}
		d.keys = d.keys[:keyBase]
	}
	if !opened {
		if d.o.Defaults {
			dst = d.absent(dst, f)
		}
		return dst, true
	}
	if f.Map {
		return append(dst, '}'), true
	}
	return append(dst, ']'), true
}

// lacking says whether a message may lack a required field. As long as a later
// part of the message may bring it, that is for a pass that gathers everything
// to say.
func (d *Decoder) lacking(depth int) bool {
	if !d.lenient && !d.whole && depth > 1 {
		d.giveUp = true
	}
	return d.lenient
}

// implicit appends a field without presence unless its value is zero.
func (d *Decoder) implicit(dst []byte, f *plan.Field, buf []byte, pos, depth int) (out []byte, next int) {
	start := len(dst)
	dst = d.appendName(dst, f)
	at := len(dst)
	dst, next = d.value(dst, f, buf, pos, depth)
	if next < 0 || !isZero(f, dst[at:], buf, pos) {
		return dst, next
	}
	if d.o.Lossless {
		d.dirty = true
	}
	if d.o.Defaults {
		return dst, next
	}
	return dst[:start], next
}

// isZero says whether the text of a value is that of zero. Enums are told by
// their number, which is at buf[pos:].
func isZero(f *plan.Field, text, buf []byte, pos int) bool {
	switch f.Kind {
	case protoreflect.EnumKind:
		v, _ := readVarint(buf, pos)
		return int32(v) == 0
	case protoreflect.BoolKind:
		return text[0] == 'f'
	case protoreflect.StringKind, protoreflect.BytesKind:
		return len(text) == 2
	}
	return len(text) == 1 && text[0] == '0' || len(text) == 3 && text[0] == '"' && text[1] == '0'
}

// defaults appends the absent fields that Options.Defaults asks for; seen and
// more are the slots that came.
func (d *Decoder) defaults(dst []byte, m *plan.Message, seen uint64, more []uint64) []byte {
	for i := range m.Fields {
		f := &m.Fields[i]
		word := seen
		if f.Slot >= 64 {
			word = more[f.Slot/64-1]
		}
		if word&(1<<(f.Slot%64)) == 0 {
			dst = d.absent(dst, f)
		}
	}
	return dst
}

// absent appends a field that is not there, if Options.Defaults asks for it.
func (d *Decoder) absent(dst []byte, f *plan.Field) []byte {
	switch {
	case f.Map:
		return append(d.appendName(dst, f), '{', '}')
	case f.Repeated:
		return append(d.appendName(dst, f), '[', ']')
	case f.Presence:
		return dst
	}
	return d.appendZero(d.appendName(dst, f), f)
}

// appendZero appends the zero value of a kind that is no message.
func (d *Decoder) appendZero(dst []byte, f *plan.Field) []byte {
	switch f.Kind {
	case protoreflect.BoolKind:
		return append(dst, "false"...)
	case protoreflect.EnumKind:
		return d.appendEnum(dst, f.Enum, f.Enum.First)
	case protoreflect.StringKind, protoreflect.BytesKind:
		return append(dst, '"', '"')
	case protoreflect.Int64Kind, protoreflect.Sint64Kind, protoreflect.Sfixed64Kind,
		protoreflect.Uint64Kind, protoreflect.Fixed64Kind:
		if !d.o.Int64Numbers {
			return append(dst, `"0"`...)
		}
	}
	return append(dst, '0')
}

func (d *Decoder) appendEnum(dst []byte, e *plan.Enum, number int32) []byte {
	if e.Null && number == 0 {
		return append(dst, "null"...)
	}
	if !d.o.EnumNumbers && !e.Null {
		if name := e.Quoted(number); name != nil {
			return append(dst, name...)
		}
	}
	return appendInt(dst, int64(number))
}
