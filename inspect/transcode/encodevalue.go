package transcode

import (
	"encoding/binary"
	"math"
	"unicode/utf8"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/inspect/plan"
	"github.com/pbscope/pbscope/inspect/wire"
)

// single encodes one value with the tag of n before it (none within a packed
// list). Unless always is set, a value that is the default is left out.
func (e *Encoder) single(n *plan.Name, at, depth int, always bool) int {
	f := n.Field
	if at >= len(e.doc) {
		return e.want(at, kindName(f))
	}
	switch f.Kind {
	case protoreflect.MessageKind:
		e.tag(n)
		m := e.open()
		at = e.message(f.Message(), at, depth+1)
		if at >= 0 {
			e.close(m)
		}
		return at
	case protoreflect.GroupKind:
		e.tag(n)
		at = e.message(f.Message(), at, depth+1)
		end := plan.Name{Tag: n.Tag + 1, TagLen: n.TagLen}
		e.tag(&end)
		return at
	case protoreflect.StringKind:
		return e.stringField(n, at, always)
	case protoreflect.BytesKind:
		return e.bytesField(n, at, always)
	case protoreflect.DoubleKind:
		v, at := e.float(at, 64)
		if bits := math.Float64bits(v); at >= 0 && (bits != 0 || always) {
			e.tag(n)
			e.out = binary.LittleEndian.AppendUint64(e.out, bits)
		}
		return at
	case protoreflect.FloatKind:
		v, at := e.float(at, 32)
		if bits := math.Float32bits(float32(v)); at >= 0 && (bits != 0 || always) {
			e.tag(n)
			e.out = binary.LittleEndian.AppendUint32(e.out, bits)
		}
		return at
	case protoreflect.BoolKind:
		v, at := e.boolean(at)
		if at >= 0 && (v || always) {
			e.tag(n)
			e.out = append(e.out, boolByte(v))
		}
		return at
	case protoreflect.EnumKind:
		v, at := e.enum(f.Enum, at)
		if at >= 0 && (v != 0 || always) && !e.skipped {
			e.tag(n)
			e.varint(uint64(int64(v)))
		}
		return at
	}
	v, at := e.integer(at, f.Kind)
	if at >= 0 && (v != 0 || always) {
		e.number(n, v)
	}
	return at
}

// tag writes the tag of n: its word at once, of which TagLen bytes count.
func (e *Encoder) tag(n *plan.Name) {
	size := len(e.out)
	if cap(e.out)-size < 8 {
		e.grow()
	}
	out := e.out[:size+8]
	binary.LittleEndian.PutUint64(out[size:], n.Tag)
	e.out = out[:size+n.TagLen]
}

func (e *Encoder) grow() {
	more := append(e.out, make([]byte, 64)...)
	e.out = more[:len(e.out)]
}

func (e *Encoder) varint(v uint64) {
	if v < 0x80 {
		e.out = append(e.out, byte(v))
		return
	}
	size := len(e.out)
	if cap(e.out)-size < wire.MaxVarint {
		e.grow()
	}
	out := e.out[:size+wire.MaxVarint]
	for ; v >= 0x80; v >>= 7 {
		out[size] = byte(v) | 0x80
		size++
	}
	out[size] = byte(v)
	e.out = out[:size+1]
}

func boolByte(v bool) byte {
	if v {
		return 1
	}
	return 0
}

// str is the value of the string token at doc[at], in the document or, if it
// has escapes, in e.scratch. It is valid UTF-8.
func (e *Encoder) str(at int) (value []byte, next int) {
	doc := e.doc
	if at >= len(doc) || doc[at] != '"' {
		return nil, e.want(at, "a string")
	}
	at++
	s := jsonStringEnd(doc, at)
	if s.bad {
		return nil, e.badString(at, s.end)
	}
	text := doc[at:s.end]
	if s.high && !utf8.Valid(text) {
		return nil, e.badUTF8(at, text)
	}
	if !s.escaped {
		return text, s.end + 1
	}
	out, bad, why := jsonUnescape(e.scratch[:0], text)
	e.scratch = out
	if why != "" {
		return nil, e.fail(at+bad, "a string with "+why)
	}
	return out, s.end + 1
}

func (e *Encoder) stringField(n *plan.Name, at int, always bool) int {
	if e.doc[at] == '{' {
		return e.keptString(n, at, always)
	}
	s, next := e.str(at)
	if next < 0 {
		if jsonNumberEnd(e.doc, at) > 0 {
			e.problem.Hint = "put it in double quotes"
		}
		return -1
	}
	if len(s) > 0 || always {
		e.tag(n)
		e.varint(uint64(len(s)))
		e.out = append(e.out, s...)
	}
	return next
}

func (e *Encoder) bytesField(n *plan.Name, at int, always bool) int {
	s, next := e.str(at)
	if next < 0 {
		return -1
	}
	if len(s) == 0 && !always {
		return next
	}
	e.tag(n)
	if e.o.BytesHex {
		e.varint(uint64(len(s) / 2))
		var ok bool
		if e.out, ok = jsonHexBytes(e.out, s); !ok {
			return e.want(at, "bytes in hexadecimal")
		}
		return next
	}
	return e.base64(at, s, next)
}

// base64 writes the length and the bytes that s, the string token at doc[at],
// says; next is the offset after it.
func (e *Encoder) base64(at int, s []byte, next int) int {
	e.varint(uint64(base64Size(s)))
	var ok bool
	e.out, ok = jsonBase64(e.out, s)
	if !ok || mixedBase64(s) {
		return e.want(at, "bytes in base64")
	}
	return next
}

// base64Size is how many bytes valid base64 says.
func base64Size(text []byte) int {
	n := len(text)
	for pads := 0; pads < 2 && n > 0 && text[n-1] == '='; pads++ {
		n--
	}
	return n * 6 / 8
}

func (e *Encoder) boolean(at int) (v bool, next int) {
	doc := e.doc
	switch {
	case len(doc)-at >= 4 && string(doc[at:at+4]) == "true":
		return true, at + 4
	case len(doc)-at >= 5 && string(doc[at:at+5]) == "false":
		return false, at + 5
	}
	if e.isKey(at, "true") || e.isKey(at, "false") {
		return false, e.wantHinted(at, "true or false", "write it without quotes")
	}
	return false, e.want(at, "true or false")
}

// literal passes over null, true or false.
func (e *Encoder) literal(at int, text string) int {
	if len(e.doc)-at >= len(text) && string(e.doc[at:at+len(text)]) == text {
		return at + len(text)
	}
	return e.want(at, text)
}
