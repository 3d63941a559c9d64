package transcode

import (
	"slices"
	"unicode/utf8"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/inspect/plan"
)

// special appends the message at pos of a type with a JSON form of its own;
// see message for its end.
func (d *Decoder) special(dst []byte, m *plan.Message, pos, end, depth int, group protoreflect.FieldNumber) (out []byte, next int) {
	return d.onePiece((*Decoder).specialPieces, dst, m, pos, end, depth, group)
}

// topSpecial appends a payload that as a whole is such a type. There is no
// message around it to keep its bytes.
func (d *Decoder) topSpecial(dst []byte, m *plan.Message) ([]byte, bool) {
	start := len(dst)
	dst, next := d.special(dst, m, 0, len(d.buf), 1, 0)
	if next < 0 {
		return dst, false
	}
	if d.dirty {
		if !d.wrapped {
			dst = append(d.wrap(dst, start), '}')
		}
		dst = append(d.appendWire(dst[:len(dst)-1], 0, len(d.buf), 1), '}')
	}
	return dst, true
}

// wrap puts the value that begins at start under the key @value; the object
// stays open.
func (d *Decoder) wrap(dst []byte, start int) []byte {
	d.shiftLaters(start, len(`{"@value":`))
	return slices.Insert(dst, start, []byte(`{"@value":`)...)
}

// structural says whether every key of the type's JSON form is data.
func structural(m *plan.Message) bool {
	return m.WellKnown == plan.Struct || m.WellKnown == plan.Value || m.WellKnown == plan.ListValue
}

// specialPieces appends the message of such a type that comes in the pieces
// from to to.
func (d *Decoder) specialPieces(dst []byte, m *plan.Message, from, to, depth int) (out []byte, ok bool) {
	if d.inside && structural(m) {
		return d.structure(dst, m, from, to, depth)
	}
	start, t, any := len(dst), d.try(), m.WellKnown == plan.Any
	d.inside, d.noForm, d.nested = structural(m), "", 0
	if any {
		d.dirty = false
	}
	if dst, ok = d.wellKnown(dst, m, from, to, depth); !ok {
		return dst, false
	}
	d.inside, d.wrapped = t.inside, false
	if structural(m) && d.noForm == "" && looksLikeStandIn(dst[start:], depth) {
		d.noForm = "an object with the very keys that stand for a value without a JSON form"
	}
	if d.noForm != "" {
		if d.quick {
			d.needPath, d.giveUp = true, true
			return dst, false
		}
		d.undo(t)
		d.failed++
		return d.appendNoForm(dst[:start], from, to), true
	}
	if len(d.unknown) > t.unknown {
		if structural(m) {
			d.note(true)
			d.unknown = d.unknown[:t.unknown]
		} else {
			dst = d.appendUnknown(d.wrap(dst, start), t.unknown)
			dst, d.wrapped = append(dst, '}'), true
		}
	}
	if any {
		if d.dirty && to-from == 1 {
			dst = d.wireOfAny(dst, d.pieces[from], depth)
		}
		d.dirty = d.dirty || t.dirty
	}
	return dst, true
}

// wireOfAny puts the bytes of an Any last into its object.
func (d *Decoder) wireOfAny(dst []byte, p piece, depth int) []byte {
	end := len(dst) - 1
	dst = d.appendWire(dst[:end], p.start, p.end, depth)
	if dst[end-1] == '{' && len(dst) > end {
		dst = slices.Delete(dst, end, end+1) // the comma
	}
	return append(dst, '}')
}

// wellKnown appends the value in its usual form, or sets noForm.
func (d *Decoder) wellKnown(dst []byte, m *plan.Message, from, to, depth int) (out []byte, ok bool) {
	switch m.WellKnown {
	case plan.Struct, plan.Value, plan.ListValue:
		return d.structure(dst, m, from, to, depth)
	}
	base := len(d.records)
	if !d.scan(m, from, to, depth) {
		return dst, false
	}
	switch m.WellKnown {
	case plan.Any:
		dst, ok = d.any(dst, m, base, depth)
	case plan.Timestamp, plan.Duration:
		seconds := d.lastInt(base, 1)
		nanos := int32(d.lastInt(base, 2))
		dst, ok = d.appendTime(dst, m.WellKnown, seconds, nanos), true
	case plan.FieldMask:
		dst, ok = d.fieldMask(dst, base)
	default:
		dst, ok = d.wrapper(dst, &m.Fields[0], base, depth)
	}
	d.records = d.records[:base]
	return dst, ok
}

// last is the last record from base on with that number, none if there is
// none. It is not ok if one before it is a string that may not stand there.
func (d *Decoder) last(base int, number protoreflect.FieldNumber) (r record, ok bool) {
	for _, other := range d.records[base:] {
		if other.field.Number != number {
			continue
		}
		if r.field != nil {
			d.note(true)
			if !d.replaceable(r.field, d.buf[:r.end], r.at) {
				return r, false
			}
		}
		r = other
	}
	return r, true
}

func (d *Decoder) lastInt(base int, number protoreflect.FieldNumber) int64 {
	r, _ := d.last(base, number)
	if r.field == nil {
		return 0
	}
	v, next := readVarint(d.buf[:r.end], r.at)
	d.note(padded(d.buf, r.at, next) || canonical(r.field.Kind, v) != v || v == 0 && !r.field.Presence)
	return int64(v)
}

func (d *Decoder) wrapper(dst []byte, f *plan.Field, base, depth int) (out []byte, ok bool) {
	r, ok := d.last(base, f.Number)
	if !ok {
		return dst, false
	}
	if r.field == nil {
		return d.appendZero(dst, f), true
	}
	start := len(dst)
	dst, next := d.value(dst, f, d.buf[:r.end], r.at, depth)
	if next < 0 {
		return dst, false
	}
	d.note(!f.Presence && isZero(f, dst[start:], d.buf[:r.end], r.at))
	return dst, true
}

func (d *Decoder) fieldMask(dst []byte, base int) (out []byte, ok bool) {
	dst = append(dst, '"')
	for i, r := range d.records[base:] {
		start, stop := readLen(d.buf[:r.end], r.at)
		d.note(padded(d.buf, r.at, start))
		path := d.buf[start:stop]
		if r.field.UTF8 && !utf8.Valid(path) {
			return dst, false
		}
		if i > 0 {
			dst = append(dst, ',')
		}
		var fits bool
		if dst, fits = appendCamel(dst, path); !fits {
			d.noForm = "a FieldMask path that lowerCamelCase cannot hold"
		}
	}
	return append(dst, '"'), true
}

// appendCamel appends a path in lowerCamelCase. It does not fit if the way back
// would not give the same path: the spelling has no capitals, and an
// underscore only before a small letter.
func appendCamel(dst, path []byte) (out []byte, fits bool) {
	begins := true
	for i := 0; i < len(path); i++ {
		c := path[i]
		letter := c >= 'a' && c <= 'z'
		switch {
		case c == '_' && i+1 < len(path) && path[i+1] >= 'a' && path[i+1] <= 'z':
			i++
			dst = append(dst, path[i]-'a'+'A')
			begins = false
		case letter, c >= '0' && c <= '9' && !begins:
			dst = append(dst, c)
			begins = false
		case c == '.' && !begins:
			dst = append(dst, c)
			begins = true
		default:
			return dst, false
		}
	}
	return dst, !begins
}
