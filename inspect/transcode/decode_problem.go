package transcode

import (
	"strconv"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/inspect/plan"
	"github.com/pbscope/pbscope/inspect/span"
)

// step is a field on the way to the message at hand.
type step struct {
	field *plan.Field
	// index is that of a list's element. Of a map's key it is the bits or,
	// for a string, where it begins; it then ends at end.
	index, end int
}

func keyStep(f *plan.Field, k mapKey) step {
	if f.MapKey.Kind == protoreflect.StringKind {
		return step{f, k.start, k.end}
	}
	return step{f, int(k.bits), 0}
}

func (s *step) key() mapKey {
	return mapKey{piece: piece{s.index, s.end}, bits: uint64(s.index)}
}

// appendNoForm appends {"@error":…,"@raw":…} for the value in the pieces from
// to to, which has no JSON form.
func (d *Decoder) appendNoForm(dst []byte, from, to int) []byte {
	p := span.New(span.NoJSONForm, int64(d.pieces[from].start), d.noForm)
	p.Path = span.ShortPath(d.pathText(nil), span.MaxValuePath)
	if len(d.path) > 0 {
		p.Field = int32(d.path[len(d.path)-1].field.Number)
	}
	d.noForm = ""
	dst = p.At(d.base).AppendJSON(append(dst, `{"@error":`...))
	dst = append(dst, `,"@raw":`...)
	raw := d.buf[d.pieces[from].start:d.pieces[from].end]
	if to-from > 1 {
		raw = nil
		for _, p := range d.pieces[from:to] {
			raw = append(raw, d.buf[p.start:p.end]...)
		}
	}
	return append(appendBase64(dst, raw), '}')
}

// pathText appends the path to the message at hand in proto names. Of a very
// long one it leaves out the middle: hostile bytes can have a problem in every
// field at the end of a path as long as the nesting is deep.
func (d *Decoder) pathText(dst []byte) []byte {
	const ends = 16
	for i := 0; i < len(d.path); i++ {
		s := &d.path[i]
		if i == ends && len(d.path) > 2*ends {
			dst = append(dst, ".…"...)
			i = len(d.path) - ends - 1
			continue
		}
		if s.field.Desc.ContainingMessage().IsMapEntry() {
			continue
		}
		if len(dst) > 0 {
			dst = append(dst, '.')
		}
		dst = append(dst, s.field.ProtoName...)
		switch {
		case s.field.Map:
			dst = append(d.keyText(append(dst, '['), s.field.MapKey, s.key()), ']')
		case s.field.Repeated:
			dst = append(strconv.AppendInt(append(dst, '['), int64(s.index), 10), ']')
		}
	}
	return dst
}

func (d *Decoder) keyText(dst []byte, f *plan.Field, k mapKey) []byte {
	if f.Kind == protoreflect.StringKind {
		const most = 100
		if text := d.buf[k.start:k.end]; len(text) > most {
			return span.AppendQuoted(dst, string(text[:most])+"…")
		}
		dst, _ = appendString(dst, d.buf, k.start, k.end)
		return dst
	}
	start := len(dst)
	dst = d.appendKey(dst, f, k)
	return append(dst[:start], dst[start+1:len(dst)-1]...)
}
