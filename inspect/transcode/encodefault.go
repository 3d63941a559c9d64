package transcode

import (
	"strconv"
	"unicode/utf8"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/inspect/nearest"
	"github.com/pbscope/pbscope/inspect/plan"
	"github.com/pbscope/pbscope/inspect/span"
)

// wantKey says that doc[at] is no key.
func (e *Encoder) wantKey(at int) int {
	if at < len(e.doc) && e.doc[at] == '}' {
		e.fail(at, "a comma before the closing '}'")
		e.problem.Hint = "take the comma away"
		return -1
	}
	e.fail(at, "expected a key in double quotes, found "+e.found(at))
	e.hintComment(at)
	return -1
}

func (e *Encoder) hintComment(at int) {
	if e.problem.Hint == "" && at < len(e.doc) && e.doc[at] == '/' {
		e.problem.Hint = "JSON has no comments"
	}
}

func (e *Encoder) failTwice(key int) int {
	text := e.keyText(key)
	e.fail(key, "the key "+string(span.AppendQuoted(nil, text))+" is given twice")
	e.problem.Key = text
	return e.underKey(key)
}

func (e *Encoder) badString(at, end int) int {
	if end >= len(e.doc) {
		return e.fail(at-1, "a string that does not end")
	}
	return e.fail(end, "a string with "+jsonBadCharacter+" ("+describeByte(e.doc[end:])+")")
}

func (e *Encoder) badUTF8(at int, text []byte) int {
	i := 0
	for i < len(text) {
		r, size := utf8.DecodeRune(text[i:])
		if r == utf8.RuneError && size <= 1 {
			break
		}
		i += size
	}
	e.failTag(at+i, span.InvalidUTF8, "a string with "+jsonInvalidUTF8+" ("+describeByte(text[i:])+")")
	e.problem.Hint = `write bytes that are no text as {"@bytes":"base64"}`
	return -1
}

// strayKey refuses the key at doc[at], of an object that is no message's.
func (e *Encoder) strayKey(at int, why string) int {
	text := e.keyText(at)
	e.fail(at, "unknown key "+string(span.AppendQuoted(nil, text))+why)
	e.problem.Key = text
	return -1
}

// unknownKey refuses a key that is no field of m.
func (e *Encoder) unknownKey(m *plan.Message, at int, name []byte) int {
	key := shortened(name, 200)
	e.fail(at, "unknown key "+string(span.AppendQuoted(nil, key))+": "+string(m.Name)+" has no such field")
	e.problem.Key = key
	names := make([]string, 0, 2*len(m.Fields))
	for i := range m.Fields {
		f := &m.Fields[i]
		names = append(names, f.JSONName)
		if f.ProtoName != f.JSONName {
			names = append(names, f.ProtoName)
		}
	}
	if near := nearest.Name(key, names); near != "" {
		e.problem.Hint = "did you mean " + near + "?"
	} else if len(name) > 0 && name[0] == '[' {
		e.problem.Hint = "the schema has no such extension of " + string(m.Name)
	}
	return -1
}

func (e *Encoder) unknownEnumName(p *plan.Enum, at int, name []byte) int {
	e.failValue(at, "the enum "+string(p.Name)+" has no value "+string(span.AppendQuoted(nil, shortened(name, 200))))
	values := p.Desc.Values()
	names := make([]string, values.Len())
	for i := range names {
		names[i] = string(values.Get(i).Name())
	}
	if near := nearest.Name(shortened(name, 200), names); near != "" {
		e.problem.Hint = "did you mean " + near + "?"
	}
	return -1
}

func (e *Encoder) unnamedNumber(p *plan.Enum, at int, number int32) int {
	e.failValue(at, "the closed enum "+string(p.Name)+" has no value of the number "+strconv.Itoa(int(number)))
	e.problem.Hint = `a number without a name is an unknown field: give it in "@unknown"`
	return -1
}

func (e *Encoder) outOfRange(at, end int, kind protoreflect.Kind) int {
	low, high := integerLimits(kind)
	limits := strconv.FormatUint(low, 10) + " to " + strconv.FormatUint(high, 10)
	if low > 0 {
		limits = "-" + limits
	}
	return e.failValue(at, shortened(e.doc[at:end], 60)+" is out of the range of "+kind.String()+" ("+limits+")")
}

func (e *Encoder) badFloat(at, bitSize int, fault numberFault) int {
	name := "a double"
	if bitSize == 32 {
		name = "a float"
	}
	if fault == numberRange {
		return e.failValue(at, e.found(at)+" is out of the range of "+name[2:])
	}
	e.want(at, name)
	if word := e.found(at); word == "NaN" || word == "Infinity" || word == "-Infinity" {
		e.problem.Hint = "write it as a string: \"" + word + "\""
	}
	return -1
}

// integerName is what is expected of an integer, with its article.
func integerName(kind protoreflect.Kind) string {
	if kind == protoreflect.EnumKind {
		return "an enum value's name or number"
	}
	if name := kind.String(); name[0] == 'i' {
		return "an " + name
	}
	return "a " + kind.String()
}

// kindName is what is expected of a field's value.
func kindName(f *plan.Field) string {
	switch f.Kind {
	case protoreflect.MessageKind, protoreflect.GroupKind:
		return "a message"
	case protoreflect.BytesKind:
		return "bytes in base64"
	}
	return integerName(f.Kind)
}

// oneofName is the name of the oneof of a field that has one.
func oneofName(f *plan.Field) string { return string(f.Desc.ContainingOneof().Name()) }
