package transcode

import (
	"bytes"

	"github.com/pbscope/pbscope/inspect/plan"
)

// wireMember notes the "@wire" of a message.
func (e *Encoder) wireMember(l *level, key, at int) int {
	if l.wire > 0 {
		return e.failTwice(key)
	}
	if at = e.colon(at); at < 0 {
		return -1
	}
	l.wire = at
	if _, at = e.str(at); at < 0 {
		return e.failUnder("@wire")
	}
	return at
}

// wireCheck is what it takes to compare the bytes of "@wire" with the JSON
// beside them.
type wireCheck struct {
	decoder                     *Decoder
	encoder                     *Encoder
	original, encoded           []byte
	json, fromWire, fromEncoded []byte
}

// originalBytes puts the bytes of "@wire" in the place of what was encoded
// from the members beside it, if both are the same message.
func (e *Encoder) originalBytes(l *level) bool {
	s, next := e.str(l.wire)
	if next < 0 {
		return false
	}
	if e.wires == nil {
		e.wires = &wireCheck{
			decoder: NewDecoder(Options{Sort: true, MaxDepth: e.maxDepth}),
			encoder: NewEncoder(EncodeOptions{MaxDepth: e.maxDepth}),
		}
		e.wires.encoder.canonical = true
	}
	c := e.wires
	var ok bool
	if c.original, ok = jsonBase64(c.original[:0], s); !ok {
		e.want(l.wire, "bytes in base64")
		e.failUnder("@wire")
		return false
	}
	if len(e.out)-l.start > expansion*(len(c.original)+1) {
		return true
	}
	if c.same(l.m, e.outputFrom(l.start)) {
		e.deferred.drop(l.start, l.inserted)
		e.out = append(e.out[:l.start], c.original...)
	}
	return true
}

// expansion bounds how much longer than the original bytes their canonical
// form can be: an empty map entry gains a key and a value. It keeps the work
// linear in the original bytes, so that hostile text cannot make the content
// of nested messages be compared again and again.
const expansion = 32

// outputFrom is what was written since start, with its deferred edits.
func (e *Encoder) outputFrom(start int) []byte {
	if !e.deferred.after(start) {
		return e.out[start:]
	}
	e.wires.encoded = e.edited(e.wires.encoded[:0], start)
	return e.wires.encoded
}

// same says whether the original bytes and the encoded ones, unless they are
// equal anyway, are the same message.
func (c *wireCheck) same(m *plan.Message, encoded []byte) (ok bool) {
	if bytes.Equal(c.original, encoded) {
		return false
	}
	if c.fromWire, ok = c.canonical(c.fromWire[:0], m, c.original); !ok {
		return false
	}
	c.fromEncoded, ok = c.canonical(c.fromEncoded[:0], m, encoded)
	return ok && bytes.Equal(c.fromWire, c.fromEncoded)
}

// canonical appends the bytes that stand for a message whatever its spelling.
func (c *wireCheck) canonical(dst []byte, m *plan.Message, payload []byte) (out []byte, ok bool) {
	if c.json, _, ok = c.decoder.Append(c.json[:0], m, payload); !ok {
		return dst, false
	}
	out, p := c.encoder.Append(dst, m, c.json)
	return out, p == nil
}
