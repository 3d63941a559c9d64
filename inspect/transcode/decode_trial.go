package transcode

import "github.com/pbscope/pbscope/inspect/plan"

// trial is what has to be put back after reading something of which nothing
// stays, or perhaps nothing.
type trial struct {
	place
	pieces, records, members, path, bits, extensions int
	dirty, lenient, inside                           bool
	noForm                                           string
}

func (d *Decoder) try() trial {
	return trial{
		place:  place{len(d.unknown), len(d.keys), len(d.laters), d.failed, d.wired},
		pieces: len(d.pieces), records: len(d.records), members: len(d.members), path: len(d.path),
		bits: len(d.bits), extensions: len(d.extensions),
		dirty: d.dirty, lenient: d.lenient, inside: d.inside, noForm: d.noForm,
	}
}

func (d *Decoder) undo(t trial) {
	d.leave(t.place, len(d.bits)-t.bits, len(d.extensions)-t.extensions)
	d.pieces, d.records = d.pieces[:t.pieces], d.records[:t.records]
	d.members, d.path = d.members[:t.members], d.path[:t.path]
	d.dirty, d.lenient, d.inside = t.dirty, t.lenient, t.inside
}

// forget is undo for a value that does not count: that it has no JSON form
// does not matter either.
func (d *Decoder) forget(t trial) {
	d.undo(t)
	d.noForm = t.noForm
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
	d.forget(t)
	return dst[:start], true
}

func (d *Decoder) checkEntry(dst []byte, f *plan.Field, i, depth int) (out []byte, ok bool) {
	start, t := len(dst), d.try()
	d.lenient = true
	e := d.entryOf(i, depth)
	dst, next := d.appendEntry(dst, f, &e, depth)
	if next < 0 {
		return dst, false
	}
	d.forget(t)
	return dst[:start], true
}

// checkValue reads the value of an entry that is kept as bytes: it must be
// whole all the same.
func (d *Decoder) checkValue(f *plan.Field, e *entry, depth int) bool {
	t, scratch := d.try(), d.scratch
	d.scratch = nil
	out, next := d.appendEntry(scratch[:0], f, e, depth)
	d.forget(t)
	d.scratch = out
	return next >= 0
}
