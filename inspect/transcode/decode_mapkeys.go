package transcode

import (
	"bytes"
	"cmp"
	"hash/maphash"
	"slices"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/inspect/plan"
)

func (d *Decoder) appendKey(dst []byte, f *plan.Field, k mapKey) []byte {
	switch f.Kind {
	case protoreflect.StringKind:
		dst, _ = appendString(dst, d.buf, k.start, k.end)
		return dst
	case protoreflect.Fixed32Kind, protoreflect.Fixed64Kind:
		return append(appendUint(append(dst, '"'), k.bits), '"')
	case protoreflect.Sfixed32Kind:
		return append(appendInt(append(dst, '"'), int64(int32(k.bits))), '"')
	case protoreflect.Sfixed64Kind:
		return append(appendInt(append(dst, '"'), int64(k.bits)), '"')
	}
	dst = append(dst, '"')
	start := len(dst)
	if dst = d.appendVarint(dst, f, k.bits); dst[start] != '"' {
		return append(dst, '"')
	}
	return append(dst[:start-1], dst[start:]...)
}

// compareKeys orders keys as Options.Sort prints them.
func (d *Decoder) compareKeys(f *plan.Field, a, b mapKey) int {
	switch f.MapKey.Kind {
	case protoreflect.StringKind:
		return bytes.Compare(d.buf[a.start:a.end], d.buf[b.start:b.end])
	case protoreflect.Int32Kind, protoreflect.Int64Kind, protoreflect.Sfixed64Kind:
		return cmp.Compare(int64(a.bits), int64(b.bits))
	case protoreflect.Sfixed32Kind:
		return cmp.Compare(int32(a.bits), int32(b.bits))
	case protoreflect.Sint32Kind, protoreflect.Sint64Kind:
		return cmp.Compare(int64(a.bits>>1)^-int64(a.bits&1), int64(b.bits>>1)^-int64(b.bits&1))
	}
	return cmp.Compare(a.bits, b.bits)
}

// distinct says whether the keys from base on need no gathering: they differ,
// and, with Sort, ascend. Keys that ascend, as writers that sort have them, are
// told by one comparison each.
func (d *Decoder) distinct(f *plan.Field, base int) bool {
	keys := d.keys[base:]
	ascending := true
	for i := 1; i < len(keys) && ascending; i++ {
		ascending = d.compareKeys(f, keys[i-1], keys[i]) < 0
	}
	if ascending || d.o.Sort {
		return ascending
	}
	if len(keys) <= 8 {
		for i := range keys {
			for j := range i {
				if d.sameKey(f, keys[i], keys[j]) {
					return false
				}
			}
		}
		return true
	}
	d.clearTable(len(keys))
	for i := range keys {
		if d.find(f, keys, i) != i {
			return false
		}
	}
	return true
}

func (d *Decoder) sameKey(f *plan.Field, a, b mapKey) bool {
	if f.MapKey.Kind == protoreflect.StringKind {
		return bytes.Equal(d.buf[a.start:a.end], d.buf[b.start:b.end])
	}
	return a.bits == b.bits
}

// clearTable makes room for n keys, at most half full. The seed of the hashes
// is the decoder's own: nobody can choose keys that collide.
func (d *Decoder) clearTable(n int) {
	if d.table == nil {
		d.seed = maphash.MakeSeed()
	}
	size := 16
	for size < 2*n {
		size *= 2
	}
	if cap(d.table) < size {
		d.table = make([]uint32, size)
		return
	}
	d.table = d.table[:size]
	clear(d.table)
}

// find is the first of keys that equals keys[i]; it notes keys[i] if that is
// itself.
func (d *Decoder) find(f *plan.Field, keys []mapKey, i int) int {
	k := keys[i]
	var hash uint64
	if f.MapKey.Kind == protoreflect.StringKind {
		hash = maphash.Bytes(d.seed, d.buf[k.start:k.end])
	} else {
		hash = maphash.Comparable(d.seed, k.bits)
	}
	mask := uint64(len(d.table) - 1)
	for at := hash & mask; ; at = (at + 1) & mask {
		j := int(d.table[at])
		if j == 0 {
			d.table[at] = uint32(i + 1)
			return i
		}
		if d.sameKey(f, keys[j-1], k) {
			return j - 1
		}
	}
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

// lastEntries keeps, of the keys from base on, one a key: where it came first,
// with the entry that came last. With Sort they are put in order.
func (d *Decoder) lastEntries(f *plan.Field, base int) {
	keys := d.keys[base:]
	d.clearTable(len(keys))
	for i := range keys {
		if first := d.find(f, keys, i); first != i {
			keys[first].entry = keys[i].entry
			keys[i].entry = -1
		}
	}
	keys = slices.DeleteFunc(keys, func(k mapKey) bool { return k.entry < 0 })
	d.keys = d.keys[:base+len(keys)]
	if d.o.Sort {
		compare := func(a, b mapKey) int { return d.compareKeys(f, a, b) }
		d.note(!slices.IsSortedFunc(keys, compare))
		slices.SortFunc(keys, compare)
	}
}
