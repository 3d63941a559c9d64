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
	return d.onePiece((*Decoder).gather, dst, m, pos, end, depth, group)
}

// onePiece appends by pieces, which takes a message in several, the one at pos
// that comes in a single piece.
func (d *Decoder) onePiece(pieces func(d *Decoder, dst []byte, m *plan.Message, from, to, depth int) ([]byte, bool),
	dst []byte, m *plan.Message, pos, end, depth int, group protoreflect.FieldNumber) (out []byte, next int) {
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
	dst, ok := pieces(d, dst, m, base, base+1, depth)
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
