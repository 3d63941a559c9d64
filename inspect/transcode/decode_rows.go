package transcode

import (
	"encoding/binary"
	"slices"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/inspect/plan"
)

// progress is how far a pass has come in a message.
type progress struct {
	seen     uint64      // of the first 64 slots
	open     *plan.Field // the list or map at hand
	index    int         // its number of elements
	last     protoreflect.FieldNumber
	required int
	keys     int // of d.keys, how many are not the message's
}

// rowRoom is the least room in bytes that the pass over rows has at each
// field: for a bracket, a key, and a number or an enum's name.
const rowRoom = 96

// byRows appends the keys of the message buf[pos:] as long as its fields come
// as plan.Row describes them, which in most messages is to the end. What it
// leaves to fields begins at next: where a field is unusual, broken, or comes
// again; d.progress then says how far it has come. It decides about no field
// that it does not print.
func (d *Decoder) byRows(dst []byte, m *plan.Message, pos, end, depth int) (out []byte, next int, done bool) {
	made := m.Rows(d.names)
	if made == nil {
		made = m.MakeRows(d.names)
	}
	var (
		rows     = *made
		buf      = d.buf[:end]
		lossless = d.o.Lossless
		keyBase  = len(d.keys)
		seen     uint64
		open     *plan.Field
		index    int
		last     uint32
		required int
	)
fields:
	for pos < len(buf) {
		tag, at := uint32(buf[pos]), pos+1
		if tag >= 0x80 {
			if at >= len(buf) || buf[at]-1 >= 0x7f {
				break
			}
			tag = tag&0x7f | uint32(buf[at])<<7
			at++
		}
		if int(tag>>3) >= len(rows) {
			break
		}
		r := &rows[tag>>3]
		if uint32(r.Tag) != tag {
			break
		}

		// v is the value, or the length of one that begins at value.
		var v uint64
		value := at
		switch tag & 7 {
		case wireI64:
			if at+8 > len(buf) {
				break fields
			}
			v, at = binary.LittleEndian.Uint64(buf[at:]), at+8
		case wireI32:
			if at+4 > len(buf) {
				break fields
			}
			v, at = uint64(binary.LittleEndian.Uint32(buf[at:])), at+4
		default:
			if at < len(buf) && buf[at] < 0x80 {
				v, at = uint64(buf[at]), at+1
			} else if v, at = readLongVarint(buf, at); at < 0 || lossless && buf[at-1] == 0 {
				break fields
			}
			if tag&7 == wireLen {
				if v > uint64(len(buf)-at) {
					break fields
				}
				value = at
				at += int(v)
			}
		}
		if r.Implicit && (v == 0 || tag&7 == wireVarint && uint32(v) == 0) {
			break // zero, if a value of 32 bits is all that the field takes
		}
		var name []byte
		switch r.Op {
		case plan.OpEnum:
			names := *r.Names
			if v >= uint64(len(names)) || names[v] == nil || d.o.EnumNumbers {
				break fields
			}
			name = names[v]
		case plan.OpPacked:
			if v == 0 {
				break fields
			}
		case plan.OpTextMap:
			if !usualText(buf[:at], value) {
				break fields
			}
		case plan.OpMap:
			if !d.takeEntry(r.Field, value, at, depth) {
				break fields
			}
		case plan.OpMessage:
			if depth >= d.maxDepth {
				break fields
			}
		}

		// From here on the field is printed.
		if lossless {
			if tag>>3 < last {
				d.dirty = true
			}
			last = tag >> 3
		}
		if cap(dst)-len(dst) < rowRoom {
			dst = slices.Grow(dst, rowRoom)
		}
		f := r.Field
		if f == open {
			dst = append(dst, ',')
			index++
		} else {
			if open != nil {
				if !open.Map {
					dst = append(dst, ']')
				} else if len(d.keys)-keyBase > 1 && !d.distinct(open, keyBase) {
					// fields finds that out for itself, and gathers.
					break
				} else {
					dst = append(dst, '}')
					d.keys = d.keys[:keyBase]
				}
				open = nil
			}
			if seen&r.Bit != 0 {
				break
			}
			seen |= r.Bit
			required += int(r.Required)
			if n := len(dst); r.KeyLen > 0 {
				copyKey((*[plan.KeyRoom]byte)(dst[n:n+plan.KeyRoom]), &r.Key)
				dst = dst[:n+int(r.KeyLen)]
			} else if dst = d.appendName(dst, f); cap(dst)-len(dst) < rowRoom {
				dst = slices.Grow(dst, rowRoom)
			}
			if r.Repeated {
				if f.Map {
					dst = append(dst, '{')
				} else {
					dst = append(dst, '[')
				}
				open, index = f, 0
			}
		}
		switch r.Op {
		case plan.OpString:
			var ok bool
			if dst, ok = appendString(dst, d.buf, value, at); !ok {
				if f.UTF8 {
					return dst, refused, false
				}
				dst = d.appendNotText(dst, value, at)
			}
		case plan.OpBytes:
			dst = d.appendBytes(dst, buf[value:at])
		case plan.OpMessage:
			if inner := f.Message(); d.quick && inner.Plain {
				start, next, done := len(dst), 0, false
				if dst, next, done = d.byRows(dst, inner, value, at, depth+1); !done {
					if dst, at = d.finish(dst, inner, start, value, next, at, depth+1); at < 0 {
						return dst, refused, false
					}
				}
				dst = braces(dst, start)
			} else {
				d.index = index
				if dst, at = d.submessage(dst, f, value, at, depth+1, 0); at < 0 {
					return dst, refused, false
				}
			}
		case plan.OpTextMap:
			var ok bool
			if dst, ok = d.appendTextEntry(dst, value, at); !ok {
				return dst, refused, false
			}
		case plan.OpMap:
			var ok bool
			if dst, ok = d.appendTaken(dst, f, depth); !ok {
				return dst, refused, false
			}
		case plan.OpPacked:
			if lossless && index > 0 {
				d.dirty = true
			}
			if dst, at = d.packedRun(dst, f, buf[:at], value); at < 0 {
				return dst, refused, false
			}
		case plan.OpEnum:
			if n := len(dst); len(name) <= plan.KeyRoom {
				copyKey((*[plan.KeyRoom]byte)(dst[n:n+plan.KeyRoom]), (*[plan.KeyRoom]byte)(name[:plan.KeyRoom]))
				dst = dst[:n+len(name)]
			} else {
				dst = append(dst, name...)
			}
		case plan.OpBool:
			if lossless && v > 1 {
				d.dirty = true
			}
			if v != 0 {
				dst = append(dst, "true"...)
			} else {
				dst = append(dst, "false"...)
			}
		case plan.OpInt32:
			if lossless && uint64(int64(int32(v))) != v {
				d.dirty = true
			}
			dst = appendInt(dst, int64(int32(v)))
		case plan.OpInt64:
			dst = d.appendInt64(dst, int64(v))
		case plan.OpUint64:
			dst = d.appendUint64(dst, v)
		case plan.OpFixed32:
			dst = d.appendI32(dst, f.Kind, uint32(v))
		case plan.OpFixed64:
			dst = d.appendI64(dst, f.Kind, v)
		default:
			if lossless && canonical(f.Kind, v) != v {
				d.dirty = true
			}
			dst = d.appendVarint(dst, f, v)
		}
		pos = at
	}
	if pos == len(buf) && required == m.Required {
		if open == nil {
			return dst, pos, true
		}
		var ok bool
		if dst, ok = d.closeRepeated(dst, open, true, keyBase); ok {
			return dst, pos, true
		}
	}
	d.progress = progress{seen: seen, open: open, index: index + 1, last: protoreflect.FieldNumber(last), required: required, keys: keyBase}
	return dst, pos, false
}

// finish appends the keys of the message buf[from:end] that byRows has left at
// pos when it was quick; its output begins at start.
func (d *Decoder) finish(dst []byte, m *plan.Message, start, from, pos, end, depth int) (out []byte, next int) {
	if pos < 0 {
		return dst, refused
	}
	base := place{len(d.unknown), d.progress.keys, len(d.laters), d.failed, d.wired}
	for base.laters > 0 && d.laters[base.laters-1].at >= start {
		base.laters--
	}
	dst, next = d.fields(dst, m, pos, end, depth, 0, base, d.progress)
	if next != again {
		return dst, next
	}
	return d.redo(dst[:start], m, from, end, depth, 0)
}

// takeEntry takes the entry of map f in buf[start:end] apart, into d.entry. It
// is false for one that is none of the map or is refused.
func (d *Decoder) takeEntry(f *plan.Field, start, end, depth int) bool {
	e := &d.entry
	*e = entry{start: start, end: end}
	if !e.usual(f, d.buf[:end]) && !d.takeApart(e, f, depth) {
		return false
	}
	if known, ok := d.isEntry(f, e, depth); !known || !ok {
		return false
	}
	d.note(e.odd)
	return true
}

// appendTaken appends the entry that takeEntry has taken apart.
func (d *Decoder) appendTaken(dst []byte, f *plan.Field, depth int) (out []byte, ok bool) {
	e := d.entry // maps within have entries too
	d.keys = append(d.keys, e.key)
	dst, next := d.appendEntry(dst, f, &e, depth)
	return dst, next >= 0
}

// usualText says whether the entry that begins at start and ends with b is a
// key and a value of less than 128 bytes each, both of them length-delimited.
func usualText(b []byte, start int) bool {
	const keyTag, valueTag = entryKey<<3 | wireLen, entryValue<<3 | wireLen
	if start+2 > len(b) || b[start] != keyTag || b[start+1] >= 0x80 {
		return false
	}
	tag := start + 2 + int(b[start+1])
	return tag+2 <= len(b) && b[tag] == valueTag && b[tag+1] < 0x80 && tag+2+int(b[tag+1]) == len(b)
}

// appendTextEntry appends an entry that is as usualText has it, in
// buf[start:end]. It is not ok where a string is not UTF-8.
func (d *Decoder) appendTextEntry(dst []byte, start, end int) (out []byte, ok bool) {
	key := start + 2
	keyEnd := key + int(d.buf[start+1])
	d.keys = append(d.keys, mapKey{piece: piece{key, keyEnd}})
	if dst, ok = appendString(dst, d.buf, key, keyEnd); !ok {
		return dst, false
	}
	return appendString(append(dst, ':'), d.buf, keyEnd+2, end)
}
