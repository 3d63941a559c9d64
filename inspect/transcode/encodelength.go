package transcode

import (
	"slices"

	"github.com/pbscope/pbscope/inspect/wire"
)

// A nested message is written behind one byte that is to become its length.
// Where the length needs more bytes the content moves on, and where members
// came out of order their bytes change places. Each byte may so be moved once
// by every message around it; when a document nests so deeply that this would
// cost more than reading it, the rest is noted as deferred and done by one
// copy at the end.

// segment is the bytes of one field in the output.
type segment struct {
	number uint32
	start  int
	end    int // set when it matters
}

// mark is where a length is to be: the byte before start.
type mark struct {
	start    int
	inserted int
}

// open leaves room for a length.
func (e *Encoder) open() mark {
	e.out = append(e.out, 0)
	return mark{len(e.out), e.deferred.inserted}
}

// close puts the length of all that was written since open in its place.
func (e *Encoder) close(m mark) {
	n := len(e.out) - m.start
	if n < 0x80 && !e.deferred.after(m.start) {
		e.out[m.start-1] = byte(n)
		return
	}
	e.closeLong(m)
}

func (e *Encoder) closeLong(m mark) {
	d := &e.deferred
	n := len(e.out) - m.start
	length := uint64(n + d.inserted - m.inserted)
	if d.after(m.start) || !d.pay(n) {
		d.add(deferredEdit{at: m.start - 1, end: m.start, length: length})
		d.inserted += wire.SizeVarint(length) - 1
		return
	}
	size := wire.SizeVarint(length)
	for range size - 1 {
		e.out = append(e.out, 0)
	}
	copy(e.out[m.start+size-1:], e.out[m.start:m.start+n])
	wire.AppendVarint(e.out[:m.start-1], length)
}

// reorder puts the fields of an open message in ascending order.
func (e *Encoder) reorder(l *level) {
	fields := e.segments[l.segments:]
	end := len(e.out)
	for i := len(fields) - 1; i >= 0; i-- {
		fields[i].end = end
		end = fields[i].start
	}
	if len(fields) <= 12 {
		insertionSort(fields)
	} else {
		slices.SortFunc(fields, func(a, b segment) int { return int(a.number) - int(b.number) })
	}
	n := len(e.out) - l.start
	if d := &e.deferred; d.after(l.start) || !d.pay(n) {
		from := len(d.fields)
		d.fields = append(d.fields, fields...)
		d.add(deferredEdit{at: l.start, end: len(e.out), fields: from, count: len(fields)})
		return
	}
	e.scratch = append(e.scratch[:0], e.out[l.start:]...)
	e.out = e.out[:l.start]
	for _, f := range fields {
		e.out = append(e.out, e.scratch[f.start-l.start:f.end-l.start]...)
	}
}

func insertionSort(fields []segment) {
	for i := 1; i < len(fields); i++ {
		f := fields[i]
		j := i
		for ; j > 0 && fields[j-1].number > f.number; j-- {
			fields[j] = fields[j-1]
		}
		fields[j] = f
	}
}

// deferredEdit is a length to be put in the place of out[at:end], or fields
// whose bytes out[at:end] are to be put in order.
type deferredEdit struct {
	at, end int
	length  uint64
	fields  int // the first in deferred.fields
	count   int
}

// deferred is the edits that are put off to the end.
type deferred struct {
	list   []deferredEdit
	fields []segment
	// inserted is how many bytes the lengths in list add.
	inserted int
	// budget is how many bytes may still be moved at once: moves for each byte
	// of the document.
	budget, moves int
}

// movesPerByte bounds the work of moving by the length of the document: no
// document of a sane depth comes near it.
const movesPerByte = 16

func (d *deferred) begin(size int) {
	d.list, d.fields = d.list[:0], d.fields[:0]
	d.inserted, d.budget = 0, d.moves*size
}

// after says whether an edit lies at or after that place of the output: then
// nothing there can be moved any more.
func (d *deferred) after(start int) bool {
	return len(d.list) > 0 && d.list[len(d.list)-1].at >= start
}

func (d *deferred) pay(n int) bool {
	if n > d.budget {
		return false
	}
	d.budget -= n
	return true
}

func (d *deferred) add(edit deferredEdit) { d.list = append(d.list, edit) }

// drop forgets the edits at or after that place, which is written anew.
func (d *deferred) drop(start, inserted int) {
	for d.after(start) {
		d.list = d.list[:len(d.list)-1]
	}
	d.inserted = inserted
}

// assembled is the output with the deferred edits made in what follows
// out[:from].
func (e *Encoder) assembled(from int) []byte {
	whole := e.edited(nil, from)
	return append(e.out[:from], whole...)
}

// edited appends out[from:] with the edits in it made.
func (e *Encoder) edited(dst []byte, from int) []byte {
	d := &e.deferred
	slices.SortFunc(d.list, func(a, b deferredEdit) int { return a.at - b.at })
	return d.apply(dst, e.out, from, len(e.out), 0)
}

// apply appends out[from:to] with the edits in it made, which are all in
// list[first:]. It recurses once for each message out of order around another.
func (d *deferred) apply(dst, out []byte, from, to, first int) []byte {
	i := d.next(first, from)
	for from < to {
		if i >= len(d.list) || d.list[i].at >= to {
			return append(dst, out[from:to]...)
		}
		edit := d.list[i]
		i++
		dst = append(dst, out[from:edit.at]...)
		from = edit.end
		if edit.count == 0 {
			dst = wire.AppendVarint(dst, edit.length)
			continue
		}
		for _, f := range d.fields[edit.fields : edit.fields+edit.count] {
			dst = d.apply(dst, out, f.start, f.end, i)
		}
		i = d.next(i, from)
	}
	return dst
}

// next is the first edit of list[first:] at or after that place.
func (d *deferred) next(first, at int) int {
	i, _ := slices.BinarySearchFunc(d.list[first:], at, func(edit deferredEdit, at int) int { return edit.at - at })
	return first + i
}
