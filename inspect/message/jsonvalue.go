package message

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"math"
	"strconv"
	"unicode/utf8"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/inspect/plan"
	"github.com/pbscope/pbscope/inspect/span"
)

// scalar appends the value of node i, which is no message, in a field f.
func (w *jsonWriter) scalar(f *plan.Field, i int) {
	switch f.Kind {
	case protoreflect.StringKind:
		w.string(w.t.Content(i))
	case protoreflect.BytesKind:
		w.data(w.t.Content(i))
	default:
		w.number(f, scalar(f, w.t.bits(i)))
	}
}

// isZero says whether node i is what a field f without presence has when it is
// not there.
func (w *jsonWriter) isZero(f *plan.Field, i int) bool {
	switch f.Kind {
	case protoreflect.StringKind, protoreflect.BytesKind:
		return len(w.t.Content(i)) == 0
	}
	v := scalar(f, w.t.bits(i))
	return v.Int == 0 && v.Uint == 0 && math.Float64bits(v.Float) == 0
}

// zero appends what a field f, which is no message, has when it is not there.
func (w *jsonWriter) zero(f *plan.Field) {
	switch {
	case f.Kind == protoreflect.StringKind, f.Kind == protoreflect.BytesKind:
		w.dst = append(w.dst, `""`...)
	case f.Enum != nil:
		w.number(f, scalar(f, uint64(int64(f.Enum.First))))
	default:
		w.number(f, scalar(f, 0))
	}
}

// number appends a value of f that is a number, a bool or an enum's value.
func (w *jsonWriter) number(f *plan.Field, v Value) {
	switch v.Kind {
	case Bool:
		w.dst = strconv.AppendBool(w.dst, v.Uint != 0)
	case Int:
		w.integer(f, strconv.FormatInt(v.Int, 10))
	case Uint:
		w.integer(f, strconv.FormatUint(v.Uint, 10))
	case Float:
		w.float(v.Float, float32(v.Float))
	case Double:
		w.float(v.Float, v.Float)
	case Enum:
		w.enum(f.Enum, v)
	}
}

// integer appends digits, in quotes for the types of 64 bits.
func (w *jsonWriter) integer(f *plan.Field, digits string) {
	switch f.Kind {
	case protoreflect.Int64Kind, protoreflect.Uint64Kind, protoreflect.Sint64Kind,
		protoreflect.Fixed64Kind, protoreflect.Sfixed64Kind:
		if !w.o.Int64Numbers {
			w.text(digits)
			return
		}
	}
	w.dst = append(w.dst, digits...)
}

// float appends v as the standard library writes it: the shortest digits that
// read as v again, which is a float32 or a float64.
func (w *jsonWriter) float(f float64, v any) {
	switch {
	case math.IsNaN(f):
		w.text("NaN")
	case math.IsInf(f, 1):
		w.text("Infinity")
	case math.IsInf(f, -1):
		w.text("-Infinity")
	default:
		number, _ := json.Marshal(v)
		w.dst = append(w.dst, number...)
	}
}

func (w *jsonWriter) enum(e *plan.Enum, v Value) {
	switch {
	case e.Null && v.Int == 0:
		w.dst = append(w.dst, "null"...)
	case v.Name != nil && !w.o.EnumNumbers && !e.Null:
		w.dst = append(w.dst, v.Name...)
	default:
		w.dst = strconv.AppendInt(w.dst, v.Int, 10)
	}
}

// string appends b, or its bytes where it is no text.
func (w *jsonWriter) string(b []byte) {
	if utf8.Valid(b) {
		w.dst = span.AppendQuoted(w.dst, b)
		return
	}
	w.dst = append(w.dst, '{')
	w.key("@bytes")
	w.base64(b)
	w.dst = append(w.dst, '}')
}

func (w *jsonWriter) data(b []byte) {
	if w.o.BytesHex {
		w.text(hex.EncodeToString(b))
		return
	}
	w.base64(b)
}

func (w *jsonWriter) base64(b []byte) {
	w.dst = append(base64.StdEncoding.AppendEncode(append(w.dst, '"'), b), '"')
}

// text appends s, which needs no escapes, in quotes.
func (w *jsonWriter) text(s string) { w.dst = append(append(append(w.dst, '"'), s...), '"') }

func (w *jsonWriter) uint(v uint64) { w.dst = strconv.AppendUint(w.dst, v, 10) }

func (w *jsonWriter) quotedUint(v uint64) { w.text(strconv.FormatUint(v, 10)) }
