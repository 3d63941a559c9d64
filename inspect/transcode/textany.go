package transcode

import (
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/inspect/plan"
	"github.com/pbscope/pbscope/inspect/wire"
)

// expansion reads [type.googleapis.com/full.Name] { … }, whose name has been
// read, into the two fields of an Any.
func (p *textParser) expansion(t *textMessage, offset int, url string) bool {
	name := "[" + url + "]"
	if t.m.WellKnown != plan.Any {
		p.fail(offset, "a type URL stands in an Any, and this is "+string(t.m.Name))
		p.problem.Hint = "an extension's name has no slash"
		return false
	}
	typ := textAnyType(t.m, url)
	if typ == nil {
		p.fail(offset, "the schema has no type for "+name)
		p.problem.Key = url
		p.problem.Hint = "name the file that declares it, or give the bytes: type_url and value"
		return false
	}
	for _, number := range []protoreflect.FieldNumber{1, 2} {
		if !p.first(t, t.m.Field(number), offset) {
			return false
		}
	}
	p.accept(':')
	value, ok := p.nested(typ, t.level+1)
	if !ok {
		return p.inField(name, false)
	}
	from := len(p.tree.values)
	p.tree.values = append(p.tree.values, url...)
	p.tree.open = append(p.tree.open, textNode{number: 1, order: 1, typ: wire.Len, leaf: true,
		from: from, to: len(p.tree.values), size: len(url)})
	if value.size > 0 {
		value.number, value.order, value.typ = 2, 2, wire.Len
		p.tree.open = append(p.tree.open, value)
	}
	return true
}

// textAnyType is the type that a URL names: what follows its last slash.
func textAnyType(m *plan.Message, url string) *plan.Message {
	slash := strings.LastIndexByte(url, '/')
	if slash < 0 {
		return nil
	}
	name := protoreflect.FullName(url[slash+1:])
	if !name.IsValid() {
		return nil
	}
	return m.Set().Named(name)
}

// textURL says whether a type URL can stand between brackets as it is.
func textURL(url []byte) bool {
	slash := false
	for i := 0; i < len(url); i++ {
		switch c := url[i]; {
		case c == '/':
			slash = true
		case c == '%':
			if i+2 >= len(url) || !textHexDigit(url[i+1]) || !textHexDigit(url[i+2]) {
				return false
			}
		case !textURLByte(c):
			return false
		}
	}
	return slash
}
