package transcode

import (
	"encoding/binary"
	"math"

	"github.com/pbscope/pbscope/inspect/plan"
)

// The members of google.protobuf.Value's oneof.
const (
	valueNull   = 1
	valueNumber = 2
	valueString = 3
	valueBool   = 4
)

// structure appends a Struct, ListValue or Value as the JSON that it stands
// for. A Value that stands for none sets noForm; reading goes on, since the
// rest must be whole all the same.
func (d *Decoder) structure(dst []byte, m *plan.Message, from, to, depth int) (out []byte, ok bool) {
	base, unknown, nested := len(d.records), len(d.unknown), d.nested
	if !d.scan(m, from, to, depth) {
		return dst, false
	}
	if m.WellKnown != plan.Value {
		if d.nested++; d.nested > maxValueDepth {
			d.noForm = "a Value whose objects and lists nest deeper than 100 levels"
		}
	}
	end := len(d.records)
	switch {
	case m.WellKnown == plan.Value:
		dst, ok = d.valueOf(dst, m, base, depth)
	case m.WellKnown == plan.Struct:
		dst = append(dst, '{')
		dst, ok = d.printEntries(dst, &m.Fields[0], base, end, depth)
		dst = append(dst, '}')
	default:
		dst, ok = d.listOf(dst, base, end, depth)
	}
	if !ok {
		return dst, false
	}
	d.records, d.nested = d.records[:base], nested
	if len(d.unknown) > unknown {
		d.note(true)
		d.unknown = d.unknown[:unknown]
	}
	return dst, true
}

func (d *Decoder) listOf(dst []byte, from, to, depth int) (out []byte, ok bool) {
	dst = append(dst, '[')
	for i := from; i < to; i++ {
		if i > from {
			dst = append(dst, ',')
		}
		r, next := d.records[i], 0
		d.index = i - from
		if dst, next = d.value(dst, r.field, d.buf[:r.end], r.at, depth); next < 0 {
			return dst, false
		}
	}
	return append(dst, ']'), true
}

func (d *Decoder) valueOf(dst []byte, m *plan.Message, base, depth int) (out []byte, ok bool) {
	end := len(d.records)
	if end == base {
		d.noForm = "a Value without a kind"
		return append(dst, "null"...), true
	}
	if end-base > 1 {
		return d.lastValue(dst, m, base, depth)
	}
	return d.oneValue(dst, d.records[base], depth)
}

// lastValue is for a Value whose oneof is written more than once.
func (d *Decoder) lastValue(dst []byte, m *plan.Message, base, depth int) (out []byte, ok bool) {
	end := len(d.records)
	d.note(true)
	d.settleOneofs(m, d.records[base:end])
	winner := d.records[end-1]
	message := winner.field.Message() != nil
	pieces := len(d.pieces)
	for i := base; i < end; i++ {
		switch r := d.records[i]; {
		case r.dropped || !message && i < end-1:
			if dst, ok = d.check(dst, i, depth); !ok {
				return dst, false
			}
		case message:
			d.pieces = append(d.pieces, d.content(r))
		}
	}
	if len(d.pieces)-pieces > 1 {
		dst, ok = d.merged(dst, winner.field, pieces, len(d.pieces), depth+1)
	} else {
		dst, ok = d.oneValue(dst, winner, depth)
	}
	d.pieces = d.pieces[:pieces]
	return dst, ok
}

func (d *Decoder) oneValue(dst []byte, r record, depth int) (out []byte, ok bool) {
	f, buf := r.field, d.buf[:r.end]
	switch f.Number {
	case valueNull:
		v, _ := readVarint(buf, r.at)
		d.note(v != 0 || r.end-r.at > 1)
		return append(dst, "null"...), true
	case valueNumber:
		if v := math.Float64frombits(binary.LittleEndian.Uint64(buf[r.at:])); v-v != 0 {
			d.noForm = "a Value whose number is not finite"
		}
	case valueString, valueBool:
	default:
		if !structural(f.Message()) {
			d.noForm = "a Value of an unusual Struct or ListValue"
		}
	}
	start := len(dst)
	dst, next := d.value(dst, f, buf, r.at, depth)
	if f.Number == valueString && next >= 0 && dst[start] == '{' {
		d.noForm = "a Value whose string is not UTF-8"
	}
	return dst, next >= 0
}
