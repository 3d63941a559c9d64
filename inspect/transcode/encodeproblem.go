package transcode

import (
	"bytes"
	"strconv"
	"unicode/utf8"

	"github.com/pbscope/pbscope/inspect/plan"
	"github.com/pbscope/pbscope/inspect/span"
)

// pathStep is one step of a path, the innermost first: a field's name, or an
// index or key in brackets.
type pathStep struct {
	text  string
	index bool
}

// fail notes a problem of the text at doc[at]; it is -1, so that callers can
// return it. The first problem counts.
func (e *Encoder) fail(at int, message string) int {
	return e.failTag(at, span.InvalidJSON, message)
}

func (e *Encoder) failTag(at int, tag span.Tag, message string) int {
	if e.problem == nil {
		e.problem = span.New(tag, int64(at), message)
	}
	return -1
}

// failValue is fail for a value whose field is to be named in the message.
func (e *Encoder) failValue(at int, message string) int {
	if e.problem == nil {
		e.inValue = true
	}
	return e.fail(at, message)
}

// want says what was expected at doc[at] and what stands there.
func (e *Encoder) want(at int, what string) int {
	if e.problem != nil {
		return -1
	}
	return e.failValue(at, "expected "+what+", found "+e.found(at))
}

// wantHinted is want with what to do about it.
func (e *Encoder) wantHinted(at int, what, hint string) int {
	fresh := e.problem == nil
	e.want(at, what)
	if fresh {
		e.problem.Hint = hint
	}
	return -1
}

func (e *Encoder) failKey(key int, f *plan.Field, message string) int {
	e.fail(key, message)
	e.problem.Field = int32(f.Number)
	e.problem.Key = e.keyText(key)
	e.steps = append(e.steps, pathStep{text: f.ProtoName})
	return -1
}

func (e *Encoder) tooDeep(at int) int {
	return e.failTag(at, span.TooDeep, "messages nest deeper than "+strconv.Itoa(e.maxDepth)+" levels")
}

// under names the field that the problem lies in, if next is -1; it is next.
func (e *Encoder) under(m *plan.Message, f *plan.Field, next int) int {
	if next >= 0 {
		return next
	}
	e.steps = append(e.steps, pathStep{text: f.ProtoName})
	p := e.problem
	if p.Field == 0 {
		p.Field = int32(f.Number)
	}
	if e.inValue {
		e.inValue = false
		p.Message = "field " + f.ProtoName + " of " + string(m.Name) + ": " + p.Message
	}
	if p.Key == "" {
		p.Key = f.JSONName
	}
	return -1
}

func (e *Encoder) underIndex(i int) int {
	e.steps = append(e.steps, pathStep{text: strconv.Itoa(i), index: true})
	return -1
}

// underKey names the entry of a map whose key is at doc[key].
func (e *Encoder) underKey(key int) int {
	text := e.keyText(key)
	if e.problem.Key == "" {
		e.problem.Key = text
	}
	e.steps = append(e.steps, pathStep{text: string(span.AppendQuoted(nil, text)), index: true})
	return -1
}

// keyText is the value of the string token at doc[at].
func (e *Encoder) keyText(at int) string {
	s := jsonStringEnd(e.doc, at+1)
	text := e.doc[at+1 : s.end]
	if value, _, why := jsonUnescape(nil, text); why == "" {
		text = value
	}
	return shortened(text, longestName)
}

// What a problem spells out of what the input says.
const (
	longestPath = 60  // steps of a path
	longestName = 200 // bytes of a name
)

// finishProblem adds what can be said at the end: the path, line and column.
func (e *Encoder) finishProblem(m *plan.Message) {
	p := e.problem
	var path []byte
	for i := len(e.steps) - 1; i >= 0; i-- {
		if hidden := len(e.steps) - longestPath; hidden > 0 && i == longestPath/2+hidden-1 {
			path = append(path, "…"...)
			i = longestPath / 2
			continue
		}
		switch step := e.steps[i]; {
		case step.index:
			path = append(append(append(path, '['), step.text...), ']')
		case len(path) > 0:
			path = append(append(path, '.'), step.text...)
		default:
			path = append(path, step.text...)
		}
	}
	p.Path = string(path)
	if e.inValue && m != nil {
		p.Message = string(m.Name) + ": " + p.Message
	}
	at := min(int(p.Offset), len(e.doc))
	p.Line = 1 + bytes.Count(e.doc[:at], []byte{'\n'})
	p.Column = at - bytes.LastIndexByte(e.doc[:at], '\n')
}

// found describes the token at doc[at].
func (e *Encoder) found(at int) string {
	if at >= len(e.doc) {
		return "the end of the document"
	}
	rest := e.doc[at:]
	switch c := rest[0]; {
	case c == '{':
		return "an object"
	case c == '[':
		return "a list"
	case c == '"':
		s := jsonStringEnd(e.doc, at+1)
		if s.bad {
			return "a string that does not end"
		}
		return "the string " + shortened(e.doc[at:s.end+1], 60)
	}
	if end := jsonNumberEnd(e.doc, at); end > at {
		return "the number " + shortened(e.doc[at:end], 60)
	}
	n := 0
	for n < len(rest) && n < 60 && isWordByte(rest[n]) {
		n++
	}
	if n > 0 {
		return string(rest[:n])
	}
	return describeByte(rest)
}

func isWordByte(c byte) bool {
	return c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' || c == '_' || c == '.' || c == '+' || c == '-'
}

// describeByte is the first character of text, or its byte if it is none that
// can be shown.
func describeByte(text []byte) string {
	r, size := utf8.DecodeRune(text)
	if r == utf8.RuneError && size <= 1 || r < 0x20 || r == 0x7f {
		return "byte 0x" + string([]byte{"0123456789abcdef"[text[0]>>4], "0123456789abcdef"[text[0]&15]})
	}
	return "'" + string(r) + "'"
}

// shortened is text as valid UTF-8 of at most limit bytes and an ellipsis.
func shortened(text []byte, limit int) string {
	if len(text) <= limit {
		return string(bytes.ToValidUTF8(text, []byte("\uFFFD")))
	}
	return string(bytes.ToValidUTF8(text[:limit], nil)) + "…"
}
