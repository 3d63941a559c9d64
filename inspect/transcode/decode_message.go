package transcode

import (
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/inspect/plan"
)

// message appends the message at pos as an object. It ends at end or, for a
// group, at the end-group tag of number group before it; next is the position
// after that, or refused.
func (d *Decoder) message(dst []byte, m *plan.Message, pos, end, depth int, group protoreflect.FieldNumber) (out []byte, next int) {
	start, outer := len(dst), d.dirty
	d.dirty = false
	if d.careful || m.MessageSet {
		dst, next = d.gatherOne(dst, m, pos, end, depth, group)
	} else {
		dst, next = d.inOrder(dst, m, pos, end, depth, group)
	}
	if next < 0 {
		return dst, next
	}
	if d.dirty {
		if group != 0 {
			end = d.endTag
		}
		dst = d.appendWire(dst, pos, end, depth)
	}
	d.dirty = d.dirty || outer
	if len(dst) == start {
		return append(dst, '{', '}'), next
	}
	dst[start] = '{'
	return append(dst, '}'), next
}

// braces closes the object whose keys begin at start, each with a comma.
func braces(dst []byte, start int) []byte {
	if len(dst) == start {
		return append(dst, '{', '}')
	}
	dst[start] = '{'
	return append(dst, '}')
}

// redo gathers a message that turned out not to come in order. Everything
// within is gathered at once, since a message within a message within a message
// would otherwise be read twice, four times and eight times. When more has
// been read again than the payload has, the payload starts again as a whole.
func (d *Decoder) redo(dst []byte, m *plan.Message, pos, end, depth int, group protoreflect.FieldNumber) (out []byte, next int) {
	stop := end
	if group != 0 {
		found, ok := d.endOf(d.buf[:end], pos, group, depth)
		if !ok {
			return dst, refused
		}
		stop = found.next
	}
	d.redone += stop - pos
	if d.redone > len(d.buf) {
		d.giveUp = true
		return dst, refused
	}
	d.careful = true
	dst, next = d.gatherOne(dst, m, pos, end, depth, group)
	d.careful = false
	return dst, next
}

// place is how far the stacks were that a message puts something on, and the
// counts, when it began.
type place struct{ unknown, keys, laters, failed, wired int }

// leave takes back what a message has left in between, bits and extensions
// being counted.
func (d *Decoder) leave(p place, bits, extensions int) {
	d.unknown, d.keys, d.laters = d.unknown[:p.unknown], d.keys[:p.keys], d.laters[:p.laters]
	d.bits, d.extensions = d.bits[:len(d.bits)-bits], d.extensions[:len(d.extensions)-extensions]
	d.failed, d.wired = p.failed, p.wired
}

// inOrder appends the keys of a message, each with a comma before it, as the
// fields come.
func (d *Decoder) inOrder(dst []byte, m *plan.Message, pos, end, depth int, group protoreflect.FieldNumber) (out []byte, next int) {
	base := place{len(d.unknown), len(d.keys), len(d.laters), d.failed, d.wired}
	start, from := len(dst), pos
	if d.noRows {
		d.progress = progress{}
	} else {
		var done bool
		if dst, pos, done = d.byRows(dst, m, pos, end, depth); pos < 0 || done && group == 0 {
			return dst, pos
		}
	}
	dst, next = d.fields(dst, m, pos, end, depth, group, base, d.progress)
	if next != again {
		return dst, next
	}
	return d.redo(dst[:start], m, from, end, depth, group)
}

// again is what fields returns in place of a position when the message must be
// gathered.
const again = -2

// fields appends the keys of a message, or what byRows has left of it. When a
// field comes that has been closed before, the message is to be gathered.
func (d *Decoder) fields(dst []byte, m *plan.Message, pos, end, depth int, group protoreflect.FieldNumber, base place, p progress) (out []byte, next int) {
	var (
		buf        = d.buf[:end]
		dense      = m.Dense
		extensions int
		lossless   = d.o.Lossless
		seen       = p.seen
		more       []uint64
		open       = p.open
		opened     = open != nil // its bracket is printed
		index      = p.index
		last       = p.last
		order      int
		required   = p.required
		sawUnknown bool
		closed     = group == 0
	)
	if m.Slots > 64 {
		more = d.pushBits(m.Slots - 64)
	}
	for pos < len(buf) {
		tagAt := pos
		tag := uint32(buf[pos])
		pos++
		if tag >= 0x80 {
			if tag, pos = readLongTag(buf, tagAt); pos < 0 {
				return dst, refused
			}
			if lossless && buf[pos-1] == 0 && tag&7 != wireEnd {
				d.dirty = true
			}
		}
		number, wire := protoreflect.FieldNumber(tag>>3), uint8(tag&7)
		f := open
		if f == nil || f.Number != number {
			if f = nil; int(number) < len(dense) {
				f = dense[number]
			}
			if f == nil {
				f = m.Field(number)
			}
		}
		packed := false
		if f == nil || wire != f.WireType {
			if f != nil && wire == wireLen && f.Packable {
				packed = true
			} else {
				if wire == wireEnd && number == group && group != 0 {
					d.endTag, closed = tagAt, true
					break
				}
				if number == 0 {
					return dst, refused
				}
				if pos = d.skip(buf, pos, number, wire, depth); pos < 0 || !d.keepUnknown(tagAt, pos) {
					return dst, refused
				}
				sawUnknown = true
				continue
			}
		}
		if f.Selective && !packed && (f != open || !f.Map || lossless && sawUnknown) {
			known, stop := d.known(f, buf, pos, depth)
			if stop < 0 {
				return dst, refused
			}
			if !known {
				if !d.keepUnknown(tagAt, stop) {
					return dst, refused
				}
				pos, sawUnknown = stop, true
				continue
			}
		}
		if lossless {
			if sawUnknown || number < last {
				d.dirty = true
			}
			last = number
		}
		if f != open {
			if open != nil {
				var ok bool
				if dst, ok = d.closeRepeated(dst, open, opened, base.keys); !ok {
					goto gather
				}
				open = nil
			}
			switch slot := uint(f.Slot); {
			case slot < 64:
				if seen&(1<<slot) != 0 {
					goto gather
				}
				seen |= 1 << slot
			case f.Slot < 0:
				if extensions++; !d.firstExtension(f, extensions) {
					goto gather
				}
			default:
				word, bit := &more[slot/64-1], uint64(1)<<(slot%64)
				if *word&bit != 0 {
					goto gather
				}
				*word |= bit
			}
			if d.o.Sort {
				if rank(f) < order {
					goto gather
				}
				order = rank(f)
			}
			if f.Required {
				required++
			}
			if f.Repeated || f.Map {
				open, opened, index = f, false, 0
			}
		}
		switch {
		case f.Map:
			var known bool
			if dst, pos, known = d.mapField(dst, f, buf, tagAt, pos, depth, opened); pos < 0 {
				return dst, refused
			}
			opened = opened || known
			sawUnknown = sawUnknown || !known
		case packed:
			if lossless && (index > 0 || !f.Packed) {
				d.dirty = true
			}
			before := len(d.unknown)
			if dst, pos, opened = d.packedField(dst, f, buf, pos, opened); pos < 0 {
				return dst, pos
			}
			index++
			sawUnknown = sawUnknown || len(d.unknown) > before
		case f.Repeated:
			if opened {
				dst = append(dst, ',')
			} else {
				dst = append(d.appendName(dst, f), '[')
				opened = true
			}
			if lossless && f.Packed {
				d.dirty = true
			}
			d.index = index
			index++
			if dst, pos = d.value(dst, f, buf, pos, depth); pos < 0 {
				return dst, pos
			}
		case f.Presence:
			dst = d.appendName(dst, f)
			if dst, pos = d.value(dst, f, buf, pos, depth); pos < 0 {
				return dst, pos
			}
		default:
			if dst, pos = d.implicit(dst, f, buf, pos, depth); pos < 0 {
				return dst, pos
			}
		}
	}
	if !closed || required < m.Required && !d.lacking(depth) {
		return dst, refused
	}
	if open != nil {
		var ok bool
		if dst, ok = d.closeRepeated(dst, open, opened, base.keys); !ok {
			goto gather
		}
	}
	if d.o.Defaults {
		dst = d.defaults(dst, m, seen, more)
	}
	if len(d.unknown) > base.unknown {
		dst = d.appendUnknown(dst, base.unknown)
	}
	if more != nil {
		d.bits = d.bits[:len(d.bits)-len(more)]
	}
	if extensions > 0 {
		d.extensions = d.extensions[:len(d.extensions)-extensions]
	}
	return dst, pos

gather:
	d.leave(base, len(more), extensions)
	return dst, again
}
