package transcode

import (
	"bytes"
	"encoding/binary"
	"hash/maphash"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/inspect/plan"
)

// mapField encodes a map: an entry for each member, in the text's order.
func (e *Encoder) mapField(n *plan.Name, at, depth int) int {
	if at >= len(e.doc) || e.doc[at] != '{' {
		return e.want(at, "an object")
	}
	key, value := plan.NameOf(n.Field.MapKey), plan.NameOf(n.Field.MapValue)
	return e.entries(at, func(at int) int {
		before := len(e.out)
		e.tag(n)
		entry := e.open()
		start := at
		if at = e.mapKey(&key, start); at < 0 {
			return -1
		}
		if at = e.colon(at); at < 0 {
			return -1
		}
		if at = e.single(&value, at, depth, true); at < 0 {
			return e.underKey(start)
		}
		if e.skipped {
			e.skipped = false
			e.out = e.out[:before]
			e.keys.pop()
			return at
		}
		e.close(entry)
		return at
	})
}

// entries calls entry with the place of each key of the object at doc[at] and
// refuses keys that come twice.
func (e *Encoder) entries(at int, entry func(at int) int) int {
	doc := e.doc
	at = jsonSpace(doc, at+1)
	if at < len(doc) && doc[at] == '}' {
		return at + 1
	}
	from, text := len(e.keys.list), len(e.keys.text)
	for more := true; more; {
		if at >= len(doc) || doc[at] != '"' {
			return e.wantKey(at)
		}
		if at = entry(at); at < 0 {
			return -1
		}
		if at, more = e.afterElement(at, '}'); at < 0 {
			return -1
		}
	}
	if twice := e.keys.twice(from); twice >= 0 {
		return e.failTwice(twice)
	}
	e.keys.list, e.keys.text = e.keys.list[:from], e.keys.text[:text]
	return at
}

// mapKey encodes the key at doc[at].
func (e *Encoder) mapKey(n *plan.Name, at int) int {
	switch n.Field.Kind {
	case protoreflect.StringKind:
		s, next := e.str(at)
		if next < 0 {
			return -1
		}
		e.keys.add(s, at)
		e.tag(n)
		e.varint(uint64(len(s)))
		e.out = append(e.out, s...)
		return next
	case protoreflect.BoolKind:
		s, next := e.str(at)
		if next < 0 {
			return -1
		}
		v := string(s) == "true"
		if !v && string(s) != "false" {
			return e.want(at, `a key "true" or "false"`)
		}
		e.keys.addNumber(uint64(boolByte(v)), at)
		e.tag(n)
		e.out = append(e.out, boolByte(v))
		return next
	}
	v, next := e.integer(at, n.Field.Kind)
	if next < 0 {
		return -1
	}
	e.keys.addNumber(v, at)
	e.number(n, v)
	return next
}

// mapKeys are the keys of the open maps.
type mapKeys struct {
	list  []mapKeyText
	text  []byte
	table []uint32
	seed  maphash.Seed
}

// mapKeyText is a key's value, mapKeys.text[start:end], and its place in the
// document.
type mapKeyText struct{ start, end, at int }

func (k *mapKeys) add(value []byte, at int) {
	start := len(k.text)
	k.text = append(k.text, value...)
	k.list = append(k.list, mapKeyText{start, len(k.text), at})
}

func (k *mapKeys) addNumber(v uint64, at int) {
	start := len(k.text)
	k.text = binary.LittleEndian.AppendUint64(k.text, v)
	k.list = append(k.list, mapKeyText{start, len(k.text), at})
}

func (k *mapKeys) pop() {
	last := k.list[len(k.list)-1]
	k.list, k.text = k.list[:len(k.list)-1], k.text[:last.start]
}

func (k *mapKeys) reset() { k.list, k.text = k.list[:0], k.text[:0] }

func (k *mapKeys) value(i int) []byte { return k.text[k.list[i].start:k.list[i].end] }

// fewKeys are compared each with each.
const fewKeys = 8

// twice is the place in the document of the first key since from that was
// there before, or -1.
func (k *mapKeys) twice(from int) int {
	if len(k.list)-from > fewKeys {
		return k.hashed(from)
	}
	for i := from + 1; i < len(k.list); i++ {
		for j := from; j < i; j++ {
			if bytes.Equal(k.value(i), k.value(j)) {
				return k.list[i].at
			}
		}
	}
	return -1
}

// hashed is twice by way of a hash table with a seed that no input knows.
func (k *mapKeys) hashed(from int) int {
	size := 16
	for size < 2*(len(k.list)-from) {
		size *= 2
	}
	if cap(k.table) < size {
		k.table = make([]uint32, size)
	}
	table := k.table[:size]
	clear(table)
	for i := from; i < len(k.list); i++ {
		value := k.value(i)
		for slot := int(maphash.Bytes(k.seed, value)); ; slot++ {
			other := table[slot&(size-1)]
			if other == 0 {
				table[slot&(size-1)] = uint32(i + 1)
				break
			}
			if bytes.Equal(value, k.value(int(other-1))) {
				return k.list[i].at
			}
		}
	}
	return -1
}
