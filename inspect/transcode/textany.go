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
	shown := shortened([]byte(url), longestName)
	name := "[" + shown + "]"
	if t.m.WellKnown != plan.Any {
		p.fail(offset, "a type URL stands in an Any, and this is "+string(t.m.Name))
		p.problem.Hint = "an extension's name has no slash"
		return false
	}
	typ := textAnyType(t.m, url)
	if typ == nil {
		p.fail(offset, "the schema has no type for "+name)
		p.problem.Key = shown
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

// any prints an Any by its type, where the schema has that and the bytes are
// in order; false: nothing was printed.
func (p *textPrinter) any(g *textGathered) bool {
	place, ok := g.index.get(1)
	if !ok || g.first >= 0 {
		return false
	}
	at := p.occurrences[p.fields[place].last].at
	url := p.src[at.from:at.to]
	if !textURL(url) {
		return false
	}
	typ := textAnyType(g.m, string(url))
	if typ == nil {
		return false
	}
	var value textRange
	if place, ok := g.index.get(2); ok {
		value = p.occurrences[p.fields[place].last].at
	}
	length, indent, partial := len(p.dst), p.indent, p.partial
	p.partial = false
	p.open("["+string(url)+"]", '{')
	ok = p.message(typ, value, g.level+1)
	p.partial = partial
	if !ok {
		p.dst, p.indent = p.dst[:length], indent
		return false
	}
	p.close('}')
	return true
}
