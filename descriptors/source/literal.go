package source

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// literal is a value in an option.
func (p *printer) literal(f protoreflect.FieldDescriptor, v protoreflect.Value) string {
	if f.Message() == nil {
		return scalar(f, v)
	}
	return p.aggregate(v.Message())
}

// aggregate is a message in braces, as text format.
func (p *printer) aggregate(m protoreflect.Message) string {
	var parts []string
	add := func(f protoreflect.FieldDescriptor, v protoreflect.Value) {
		name := string(f.Name())
		switch {
		case f.IsExtension():
			name = "[" + string(f.FullName()) + "]"
			p.use(f)
		case f.Kind() == protoreflect.GroupKind && isGroup(f):
			name = string(f.Message().Name())
		}
		parts = append(parts, name+": "+p.literal(f, v))
	}
	for _, f := range present(m) {
		v := m.Get(f)
		switch {
		case f.IsList():
			for i := range v.List().Len() {
				add(f, v.List().Get(i))
			}
		case f.IsMap():
			parts = append(parts, p.mapEntries(f, v.Map())...)
		default:
			add(f, v)
		}
	}
	if len(parts) == 0 {
		return "{}"
	}
	return "{ " + strings.Join(parts, ", ") + " }"
}

func (p *printer) mapEntries(f protoreflect.FieldDescriptor, m protoreflect.Map) []string {
	var parts []string
	m.Range(func(k protoreflect.MapKey, v protoreflect.Value) bool {
		parts = append(parts, string(f.Name())+": { key: "+scalar(f.MapKey(), k.Value())+", value: "+p.literal(f.MapValue(), v)+" }")
		return true
	})
	slices.Sort(parts)
	return parts
}

// scalar is a value that is no message.
func scalar(f protoreflect.FieldDescriptor, v protoreflect.Value) string {
	switch f.Kind() {
	case protoreflect.BoolKind:
		return strconv.FormatBool(v.Bool())
	case protoreflect.EnumKind:
		if e := f.Enum().Values().ByNumber(v.Enum()); e != nil {
			return string(e.Name())
		}
		return strconv.Itoa(int(v.Enum()))
	case protoreflect.FloatKind:
		return float(v.Float(), 32)
	case protoreflect.DoubleKind:
		return float(v.Float(), 64)
	case protoreflect.StringKind:
		return quote(v.String())
	case protoreflect.BytesKind:
		return quoteBytes(v.Bytes())
	}
	return v.String()
}

func float(v float64, bits int) string {
	switch {
	case math.IsInf(v, 1):
		return "inf"
	case math.IsInf(v, -1):
		return "-inf"
	case math.IsNaN(v):
		return "nan"
	}
	return strconv.FormatFloat(v, 'g', -1, bits)
}

func quote(s string) string { return quoted([]byte(s), utf8.ValidString(s)) }

func quoteBytes(b []byte) string { return quoted(b, false) }

// quoted is a string literal; text keeps characters beyond ASCII.
func quoted(b []byte, text bool) string {
	out := []byte{'"'}
	for _, c := range b {
		switch {
		case c == '"' || c == '\\':
			out = append(out, '\\', c)
		case c == '\n':
			out = append(out, '\\', 'n')
		case c == '\r':
			out = append(out, '\\', 'r')
		case c == '\t':
			out = append(out, '\\', 't')
		case c < ' ' || c == 0x7f || c >= 0x80 && !text:
			out = append(out, '\\', '0'+c>>6, '0'+c>>3&7, '0'+c&7)
		default:
			out = append(out, c)
		}
	}
	return string(append(out, '"'))
}
