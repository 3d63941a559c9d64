package render

import (
	"encoding/base64"
	"math"
	"strconv"
	"unicode/utf8"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/inspect/message"
	"github.com/pbscope/pbscope/inspect/span"
	"github.com/pbscope/pbscope/inspect/wire"
)

// AppendTreeJSON appends t as one line of JSON, without a line end: section 5
// of the output contract. The message's own offset is base, where its payload
// begins in the input in bytes; it is left out if base is span.Unknown. A node
// has, as far as they exist: offset, length, field, name, wire, type, value,
// nodes, readings, problem; their offsets count from the payload's first byte. 64-bit integers are strings, bytes base64, a
// string that is not UTF-8 is {"@bytes":"…"}, as in a message's own JSON.
//
// The text is at most a fixed multiple of the payload's length: each level's
// readings repeat its content, so that in large messages the readings that are
// not the best may stand without their values; the message then says
// "abridged":true. The best ones always have theirs.
func AppendTreeJSON(dst []byte, t *message.Tree, base int64) []byte {
	w := treeJSON{dst: append(dst, '{'), t: t, base: base, left: 8*len(t.Payload) + 1<<20}
	if base >= 0 {
		w.text(`"offset":`).int(int(base)).text(",")
	}
	w.text(`"length":`).int(len(t.Payload))
	if t.Type != nil {
		w.text(`,"type":`).quoted(string(t.Type.Name))
	}
	w.text(`,"nodes":`).nodes(-1)
	w.problem(t.Problem)
	if t.Abridged || w.abridged {
		w.text(`,"abridged":true`)
	}
	return append(w.dst, '}')
}

type treeJSON struct {
	dst      []byte
	t        *message.Tree
	base     int64
	left     int // bytes of content that readings but the best may still show
	aside    int // above 0 within a message reading that is not the best
	abridged bool
}

func (w *treeJSON) text(s string) *treeJSON {
	w.dst = append(w.dst, s...)
	return w
}

func (w *treeJSON) int(n int) *treeJSON {
	w.dst = strconv.AppendInt(w.dst, int64(n), 10)
	return w
}

func (w *treeJSON) quoted(s string) *treeJSON {
	w.dst = span.AppendQuoted(w.dst, s)
	return w
}

func (w *treeJSON) nodes(i int) {
	w.text("[")
	first := true
	for c := range w.t.Children(i) {
		if !first {
			w.text(",")
		}
		first = false
		w.node(c)
	}
	w.text("]")
}

func (w *treeJSON) node(i int) {
	n := w.t.Node(i)
	w.text(`{"offset":`).int(n.Offset).text(`,"length":`).int(n.Length)
	if n.Number != 0 {
		w.text(`,"field":`).int(int(n.Number))
		if n.Field != nil {
			w.text(`,"name":`).quoted(n.Field.ProtoName)
		}
		w.text(`,"wire":`).quoted(n.Wire.String())
	}
	if name := nodeType(n); name != "" {
		w.text(`,"type":`).quoted(name)
	}
	w.content(i)
	if len(w.t.Readings(i)) > 0 {
		w.text(`,"readings":`).readings(i)
	}
	w.problem(n.Problem)
	w.text("}")
}

func (w *treeJSON) problem(p *span.Problem) {
	switch {
	case p == nil:
		return
	case p.Offset >= 0:
		p = p.At(w.base)
	}
	w.text(`,"problem":`)
	w.dst = p.AppendJSON(w.dst)
}

// nodeType is the full name of a message or enum, else the kind; "" where the
// schema does not say.
func nodeType(n message.Node) string {
	switch {
	case n.Type != nil:
		return string(n.Type.Name)
	case n.Field == nil || n.Why == message.OtherWireType:
		return ""
	}
	return typeName(n)
}

func (w *treeJSON) content(i int) {
	n := w.t.Node(i)
	switch {
	case n.Packed:
		w.text(`,"nodes":[`).elements(i).text("]")
	case len(w.t.Readings(i)) > 0:
		if n.Why == message.Known {
			w.text(`,"value":`).value(i, w.t.Value(i))
		}
	case n.Type != nil, n.Wire == wire.Group, n.Next > i+1:
		w.text(`,"nodes":`).nodes(i)
	case n.Role == message.Broken:
		w.text(`,"value":`).base64(w.t.Content(i))
	case n.Wire == wire.I32 && (n.Field == nil || n.Why == message.OtherWireType):
		w.text(`,"value":`).int(int(n.Bits))
	case n.Wire != wire.Len, n.Why == message.Known:
		w.text(`,"value":`).value(i, w.t.Value(i))
	}
}

func (w *treeJSON) value(i int, v message.Value) *treeJSON {
	n := w.t.Node(i)
	switch v.Kind {
	case message.String:
		if !utf8.Valid(v.Bytes) {
			return w.text(`{"@bytes":`).base64(v.Bytes).text("}")
		}
		w.dst = span.AppendQuoted(w.dst, v.Bytes)
	case message.Bytes:
		w.base64(v.Bytes)
	case message.Float:
		w.float(v.Float, 32)
	case message.Double:
		w.float(v.Float, 64)
	case message.Bool:
		w.dst = strconv.AppendBool(w.dst, v.Uint != 0)
	case message.Enum:
		if v.Name != nil {
			w.dst = append(w.dst, v.Name...)
			break
		}
		w.int(int(v.Int))
	case message.Int:
		if wide(n) {
			return w.quoted(strconv.FormatInt(v.Int, 10))
		}
		w.int(int(v.Int))
	default:
		if wide(n) {
			return w.quoted(strconv.FormatUint(v.Uint, 10))
		}
		w.dst = strconv.AppendUint(w.dst, v.Uint, 10)
	}
	return w
}

// wide says whether a node's integers are of 64 bits, or of no known type.
func wide(n message.Node) bool {
	if n.Field == nil || n.Why == message.OtherWireType {
		return true
	}
	switch n.Field.Kind {
	case protoreflect.Int64Kind, protoreflect.Uint64Kind, protoreflect.Sint64Kind,
		protoreflect.Fixed64Kind, protoreflect.Sfixed64Kind:
		return true
	}
	return false
}

func (w *treeJSON) base64(b []byte) *treeJSON {
	w.dst = append(w.dst, '"')
	w.dst = base64.StdEncoding.AppendEncode(w.dst, b)
	w.dst = append(w.dst, '"')
	return w
}

// float is a number as ProtoJSON has it: the shortest digits, and a string for
// what JSON has no number for.
func (w *treeJSON) float(f float64, size int) {
	switch {
	case math.IsNaN(f):
		w.text(`"NaN"`)
	case math.IsInf(f, 1):
		w.text(`"Infinity"`)
	case math.IsInf(f, -1):
		w.text(`"-Infinity"`)
	default:
		format := byte('f')
		if a := math.Abs(f); a != 0 && (a < 1e-6 || a >= 1e21) {
			format = 'e'
		}
		w.dst = strconv.AppendFloat(w.dst, f, format, -1, size)
	}
}

func (w *treeJSON) elements(i int) *treeJSON {
	n := w.t.Node(i)
	first := true
	for el := range w.t.Elements(i) {
		if !first {
			w.text(",")
		}
		first = false
		w.text(`{"offset":`).int(el.Offset).text(`,"length":`).int(el.Length)
		w.text(`,"wire":`).quoted(w.t.ElementType(i).String())
		w.text(`,"type":`).quoted(typeName(n)).text(`,"value":`)
		if el.Code != wire.OK {
			w.base64(w.t.Payload[el.Offset : el.Offset+el.Length]).text("}")
			continue
		}
		w.value(i, w.t.ElementValue(i, el)).text("}")
	}
	return w
}

func (w *treeJSON) readings(i int) {
	w.text("[")
	for k, r := range w.t.Readings(i) {
		if k > 0 {
			w.text(",")
		}
		w.text(`{"as":`).quoted(r.As.String())
		if k > 0 {
			w.aside++
		}
		if r.As == message.AsMessage {
			w.text(`,"nodes":`).nodes(i)
		} else if w.affords(len(w.t.Content(i))) {
			w.text(`,"value":`).reading(i, r.As)
		}
		if k > 0 {
			w.aside--
		}
		w.text(`,"score":`).score(r.Score).text("}")
	}
	w.text("]")
}

// affords says whether a reading of n bytes may have its value.
func (w *treeJSON) affords(n int) bool {
	switch {
	case w.aside == 0:
		return true
	case n > w.left:
		w.abridged = true
		return false
	}
	w.left -= n
	return true
}

// score is a number from 0 to 1 with three digits.
func (w *treeJSON) score(score float64) *treeJSON {
	thousands := min(int(1000*score+0.5), 1000)
	w.int(thousands / 1000).text(".")
	w.dst = append(w.dst, byte('0'+thousands/100%10), byte('0'+thousands/10%10), byte('0'+thousands%10))
	return w
}

func (w *treeJSON) reading(i int, as message.As) {
	content := w.t.Content(i)
	switch as {
	case message.AsString:
		w.dst = span.AppendQuoted(w.dst, content)
		return
	case message.AsBytes:
		w.base64(content)
		return
	}
	w.text("[")
	first := true
	for el := range w.t.ElementsAs(i, as) {
		if !first {
			w.text(",")
		}
		first = false
		if as == message.AsPackedI32 {
			w.int(int(el.Bits))
		} else {
			w.dst = append(strconv.AppendUint(append(w.dst, '"'), el.Bits, 10), '"')
		}
	}
	w.text("]")
}
