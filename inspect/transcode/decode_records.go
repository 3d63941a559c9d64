package transcode

import (
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/inspect/plan"
)

// printRecords appends the arranged records from to to, a key a field.
func (d *Decoder) printRecords(dst []byte, m *plan.Message, from, to, depth int) (out []byte, ok bool) {
	required, nextIndex := 0, 0
	bits := len(d.bits)
	if d.o.Defaults && !d.o.Sort {
		d.pushBits(max(m.Slots, 64))
	}
	for i := from; i < to; {
		f, end := d.records[i].field, i+1
		for end < to && d.records[end].field == f {
			end++
		}
		if d.hasAll {
			dst = d.defaultsUpTo(dst, m, &nextIndex, f.Index)
		}
		if d.o.Defaults && !d.o.Sort && f.Slot >= 0 {
			d.bits[bits+f.Slot/64] |= 1 << (f.Slot % 64)
		}
		if dst, ok = d.printField(dst, f, i, end, depth); !ok {
			return dst, false
		}
		if f.Required {
			required++
		}
		i = end
	}
	switch {
	case d.hasAll:
		dst = d.defaultsUpTo(dst, m, &nextIndex, -1)
	case d.o.Defaults:
		dst = d.defaults(dst, m, d.bits[bits], d.bits[bits+1:])
	}
	d.bits = d.bits[:bits]
	return dst, required == m.Required || d.lacking(depth)
}

// defaultsUpTo appends the absent fields from *next to the one of that index,
// or to the last one for an index below zero.
func (d *Decoder) defaultsUpTo(dst []byte, m *plan.Message, next *int, index int) []byte {
	if index < 0 {
		index = len(m.Fields)
	}
	for ; *next < index; *next++ {
		dst = d.absent(dst, &m.Fields[*next])
	}
	*next = max(*next, index+1)
	return dst
}

// printField appends the records from to to, all of f.
func (d *Decoder) printField(dst []byte, f *plan.Field, from, to, depth int) (out []byte, ok bool) {
	switch {
	case f.Map:
		dst = append(d.appendName(dst, f), '{')
		if dst, ok = d.printEntries(dst, f, from, to, depth); !ok {
			return dst, false
		}
		return append(dst, '}'), true
	case f.Repeated:
		return d.printList(dst, f, from, to, depth)
	}
	return d.printSingular(dst, f, from, to, depth)
}

func (d *Decoder) printList(dst []byte, f *plan.Field, from, to, depth int) (out []byte, ok bool) {
	opened := false
	for i := from; i < to; i++ {
		r, next := d.records[i], 0
		buf := d.buf[:r.end]
		d.note(f.Packable && (r.packed != f.Packed || r.packed && to-from > 1))
		if r.packed {
			dst, next, opened = d.packedNamed(dst, f, buf, r.at, opened)
		} else {
			if opened {
				dst = append(dst, ',')
			} else {
				dst, opened = append(d.appendName(dst, f), '['), true
			}
			d.index = i - from
			dst, next = d.value(dst, f, buf, r.at, depth)
		}
		if next < 0 {
			return dst, false
		}
	}
	if opened {
		return append(dst, ']'), true
	}
	if d.o.Defaults {
		dst = d.absent(dst, f)
	}
	return dst, true
}

// packedNamed is packedField without the unnamed numbers of a closed enum,
// which have been kept by then.
func (d *Decoder) packedNamed(dst []byte, f *plan.Field, buf []byte, pos int, opened bool) (out []byte, next int, now bool) {
	unknown := len(d.unknown)
	dst, next, now = d.packedField(dst, f, buf, pos, opened)
	d.unknown = d.unknown[:unknown]
	return dst, next, now
}

func (d *Decoder) printSingular(dst []byte, f *plan.Field, from, to, depth int) (out []byte, ok bool) {
	message := f.Kind == protoreflect.MessageKind || f.Kind == protoreflect.GroupKind
	live := 0
	for i := from; i < to; i++ {
		if !message && i < to-1 {
			d.records[i].dropped = true
		}
		if !d.records[i].dropped {
			live++
		} else if dst, ok = d.check(dst, i, depth); !ok {
			return dst, false
		}
	}
	d.note(to-from > 1)
	if live == 0 {
		return dst, true
	}
	r := d.records[to-1]
	if live == 1 {
		next := 0
		if f.Presence {
			dst, next = d.value(d.appendName(dst, f), f, d.buf[:r.end], r.at, depth)
		} else {
			dst, next = d.implicit(dst, f, d.buf[:r.end], r.at, depth)
		}
		return dst, next >= 0
	}
	base := len(d.pieces)
	for i := from; i < to; i++ {
		if r := d.records[i]; !r.dropped {
			d.pieces = append(d.pieces, d.content(r))
		}
	}
	dst, ok = d.merged(d.appendName(dst, f), f, base, len(d.pieces), depth+1)
	d.pieces = d.pieces[:base]
	return dst, ok
}

// content is what a record of a message holds without length or end-group tag.
func (d *Decoder) content(r record) piece {
	if r.field.Kind == protoreflect.GroupKind {
		return piece{r.at, d.groups[r.at].content}
	}
	start, stop := readLen(d.buf[:r.end], r.at)
	return piece{start, stop}
}
