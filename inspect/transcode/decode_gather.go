package transcode

import (
	"cmp"
	"slices"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/inspect/plan"
)

// record is a known field of a message that is gathered.
type record struct {
	field   *plan.Field
	at, end int // from right after the tag to the end of the value
	seq     int // place on the wire
	order   int // place of the key
	packed  bool
	dropped bool // another member of its oneof, or another value, replaces it
}

// member is which field of a oneof is set, by records from seq on.
type member struct {
	field *plan.Field
	seq   int
}

// canon follows whether a message's fields come as encoding would write them.
type canon struct {
	last    protoreflect.FieldNumber
	unknown bool
}

// gatherOne is object for a message in one piece, gathered.
func (d *Decoder) gatherOne(dst []byte, m *plan.Message, pos, end, depth int, group protoreflect.FieldNumber) (out []byte, next int) {
	next = end
	if group != 0 {
		found, ok := d.endOf(d.buf[:end], pos, group, depth)
		if !ok {
			return dst, refused
		}
		end, next = found.content, found.next
	}
	base := len(d.pieces)
	d.pieces = append(d.pieces, piece{pos, end})
	dst, ok := d.gather(dst, m, base, base+1, depth)
	d.pieces = d.pieces[:base]
	if !ok {
		return dst, refused
	}
	d.endTag = end
	return dst, next
}

// merged appends the message that is the value of f and comes in pieces from
// to to, which are more than one.
func (d *Decoder) merged(dst []byte, f *plan.Field, from, to, depth int) (out []byte, ok bool) {
	if depth > d.maxDepth {
		return dst, false
	}
	m, start := f.Message(), len(dst)
	d.note(true)
	d.path = append(d.path, step{field: f, index: d.index})
	if special(m) {
		dst, ok = d.specialPieces(dst, m, from, to, depth)
	} else {
		dst, ok = d.gather(dst, m, from, to, depth)
		dst = braces(dst, start)
	}
	d.path = d.path[:len(d.path)-1]
	return dst, ok
}

// gather is object for the message in pieces from to to: it first notes all
// fields and then prints them field by field.
func (d *Decoder) gather(dst []byte, m *plan.Message, from, to, depth int) (out []byte, ok bool) {
	base, unknown := len(d.records), len(d.unknown)
	if !d.scan(m, from, to, depth) {
		return dst, false
	}
	d.arrange(m, base)
	if dst, ok = d.printRecords(dst, m, base, len(d.records), depth); !ok {
		return dst, false
	}
	d.records = d.records[:base]
	if len(d.unknown) > unknown {
		dst = d.appendUnknown(dst, unknown)
	}
	return dst, true
}

// scan notes the known fields of the pieces as records and the others as
// unknown. It looks into no message.
func (d *Decoder) scan(m *plan.Message, from, to, depth int) bool {
	base := len(d.records)
	var c canon
	for i := from; i < to; i++ {
		buf := d.buf[:d.pieces[i].end]
		for pos := d.pieces[i].start; pos < len(buf); {
			tag, at := readTag(buf, pos)
			if at < 0 || tag>>3 == 0 {
				return false
			}
			d.note(padded(buf, pos, at))
			if pos = d.scanField(m, buf, tag, pos, at, depth, base, &c); pos < 0 {
				return false
			}
		}
	}
	return true
}

func (d *Decoder) scanField(m *plan.Message, buf []byte, tag uint32, tagAt, at, depth, base int, c *canon) (next int) {
	number, wire := protoreflect.FieldNumber(tag>>3), uint8(tag&7)
	r := record{field: m.Field(number), at: at, seq: len(d.records) - base}
	f := r.field
	if f != nil && wire == wireGroup && wire == f.WireType {
		end, ok := d.endOf(buf, at, number, depth)
		if !ok {
			return refused
		}
		next = end.next
	} else if next = d.skip(buf, at, number, wire, depth); next < 0 {
		return refused
	}
	r.end = next
	known := f != nil && (wire == f.WireType || wire == wireLen && f.Packable)
	switch {
	case m.MessageSet && number == itemNumber && wire == wireGroup:
		known = d.item(m, &r)
	case !known:
	case wire != f.WireType:
		r.packed = true
		if f.Enum != nil && f.Enum.Closed && !d.keepUnnamed(f, buf[:next], at, c) {
			return refused
		}
	case f.Map:
		var e entry
		if known, next = d.mapEntry(&e, f, buf, at, depth); next < 0 {
			return refused
		}
	case f.Enum != nil && f.Enum.Closed:
		v, _ := readVarint(buf, at)
		known = f.Enum.Quoted(int32(v)) != nil
	default:
		d.note(m.MessageSet)
	}
	if !known {
		c.unknown = true
		if !d.keepUnknown(tagAt, next) {
			return refused
		}
		return next
	}
	d.note(c.unknown || r.field.Number < c.last)
	c.last = r.field.Number
	d.records = append(d.records, r)
	return next
}

// keepUnnamed keeps the unnamed numbers of a packed closed enum. It is false if
// there may be none.
func (d *Decoder) keepUnnamed(f *plan.Field, buf []byte, at int, c *canon) bool {
	for at, _ = readLen(buf, at); at < len(buf); {
		var v uint64
		if v, at = readVarint(buf, at); at < 0 {
			return false
		}
		if f.Enum.Quoted(int32(v)) == nil {
			c.unknown = true
			if !d.keepElement(f, v) {
				return false
			}
		}
	}
	return true
}

// arrange puts the records from base on into the order of printing, field by
// field, and drops members of oneofs that others replace.
func (d *Decoder) arrange(m *plan.Message, base int) {
	records := d.records[base:]
	if len(records) < 2 {
		return
	}
	if m.Oneofs > 0 {
		d.settleOneofs(m, records)
	}
	if d.o.Sort {
		for i := range records {
			records[i].order = rank(records[i].field)
		}
		slices.SortFunc(records, byOrder)
		return
	}
	slices.SortFunc(records, func(a, b record) int {
		return cmp.Or(cmp.Compare(a.field.Number, b.field.Number), cmp.Compare(a.seq, b.seq))
	})
	for i := range records {
		records[i].order = records[i].seq
		if i > 0 && records[i-1].field == records[i].field {
			records[i].order = records[i-1].order
		}
	}
	slices.SortFunc(records, byOrder)
}

func byOrder(a, b record) int {
	return cmp.Or(cmp.Compare(a.order, b.order), cmp.Compare(a.seq, b.seq))
}

// settleOneofs drops what a later member of the oneof replaces: what comes
// before the last run of one member's records.
func (d *Decoder) settleOneofs(m *plan.Message, records []record) {
	base := len(d.members)
	for range m.Oneofs {
		d.members = append(d.members, member{})
	}
	members := d.members[base:]
	for i, r := range records {
		if o := r.field.Oneof; o > 0 && members[o-1].field != r.field {
			members[o-1] = member{r.field, i}
		}
	}
	for i, r := range records {
		if o := r.field.Oneof; o > 0 && i < members[o-1].seq {
			records[i].dropped = true
			d.note(true)
		}
	}
	d.members = d.members[:base]
}

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

// trial is what has to be put back after reading something of which nothing
// stays, or perhaps nothing.
type trial struct {
	place
	pieces, records, members, path, bits, extensions int
	dirty, lenient, inside                           bool
}

func (d *Decoder) try() trial {
	return trial{
		place:  place{len(d.unknown), len(d.keys), d.failed, d.wired},
		pieces: len(d.pieces), records: len(d.records), members: len(d.members), path: len(d.path),
		bits: len(d.bits), extensions: len(d.extensions),
		dirty: d.dirty, lenient: d.lenient, inside: d.inside,
	}
}

func (d *Decoder) undo(t trial) {
	d.leave(t.place, len(d.bits)-t.bits, len(d.extensions)-t.extensions)
	d.pieces, d.records = d.pieces[:t.pieces], d.records[:t.records]
	d.members, d.path = d.members[:t.members], d.path[:t.path]
	d.dirty, d.lenient, d.inside = t.dirty, t.lenient, t.inside
}

// check reads a value that another one replaces: it must be whole, but it may
// lack required fields, and nothing of it stays.
func (d *Decoder) check(dst []byte, i, depth int) (out []byte, ok bool) {
	start, t := len(dst), d.try()
	d.lenient = true
	r := d.records[i]
	dst, next := d.value(dst, r.field, d.buf[:r.end], r.at, depth)
	if next < 0 {
		return dst, false
	}
	d.undo(t)
	return dst[:start], true
}

// printEntries appends the entries of a map: one a key, the last one, where the
// first one stood.
func (d *Decoder) printEntries(dst []byte, f *plan.Field, from, to, depth int) (out []byte, ok bool) {
	base := len(d.keys)
	for i := from; i < to; i++ {
		e := d.entryOf(i, depth)
		e.key.entry = i
		d.keys = append(d.keys, e.key)
		d.records[i].dropped = true
	}
	d.lastEntries(f, base)
	d.note(len(d.keys)-base < to-from)
	for _, k := range d.keys[base:] {
		d.records[k.entry].dropped = false
	}
	for i := from; i < to; i++ {
		if !d.records[i].dropped {
			continue
		}
		if dst, ok = d.checkEntry(dst, f, i, depth); !ok {
			return dst, false
		}
	}
	for i := base; i < len(d.keys); i++ {
		if i > base {
			dst = append(dst, ',')
		}
		e, next := d.entryOf(d.keys[i].entry, depth), 0
		if dst, next = d.appendEntry(dst, f, &e, depth); next < 0 {
			return dst, false
		}
	}
	d.keys = d.keys[:base]
	return dst, true
}

// entryOf is the entry of record i, which has been read before.
func (d *Decoder) entryOf(i, depth int) entry {
	r := d.records[i]
	var e entry
	d.mapEntry(&e, r.field, d.buf[:r.end], r.at, depth)
	return e
}

func (d *Decoder) checkEntry(dst []byte, f *plan.Field, i, depth int) (out []byte, ok bool) {
	start, t := len(dst), d.try()
	d.lenient = true
	e := d.entryOf(i, depth)
	dst, next := d.appendEntry(dst, f, &e, depth)
	if next < 0 {
		return dst, false
	}
	d.undo(t)
	return dst[:start], true
}
