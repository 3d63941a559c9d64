package transcode

import (
	"strconv"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/inspect/nearest"
	"github.com/pbscope/pbscope/inspect/plan"
)

// textName is the name in text format of a field of m: a group goes by the
// name of its message, an extension by [full.name], or in a MessageSet by the
// name of its type where that declares it.
func textName(m *plan.Message, f *plan.Field) string {
	switch {
	case m.MessageSet && f.Extension && !f.Repeated && textDeclaredInType(f):
		return "[" + string(f.Desc.Message().FullName()) + "]"
	case textGroupLike(f):
		return string(f.Desc.Message().Name())
	}
	return f.ProtoName
}

func textDeclaredInType(f *plan.Field) bool {
	message := f.Desc.Message()
	return message != nil && f.Desc.Parent() == message
}

// textGroupLike says whether a delimited field is written as a proto2 group
// is: named after its message, which is declared beside it.
func textGroupLike(f *plan.Field) bool {
	if f.Kind != protoreflect.GroupKind || f.Extension {
		return false
	}
	message := f.Desc.Message()
	return string(f.Desc.Name()) == strings.ToLower(string(message.Name())) &&
		message.Parent() == f.Desc.Parent() && message.ParentFile() == f.Desc.ParentFile()
}

// textField is the field of a name: its own, or for a group its message's.
func textField(m *plan.Message, name string) *plan.Field {
	fields := m.Desc.Fields()
	if d := fields.ByName(protoreflect.Name(name)); d != nil {
		return m.Field(d.Number())
	}
	d := fields.ByName(protoreflect.Name(strings.ToLower(name)))
	if d == nil || d.Message() == nil || string(d.Message().Name()) != name {
		return nil
	}
	if f := m.Field(d.Number()); f != nil && textGroupLike(f) {
		return f
	}
	return nil
}

// textExtension is the extension of a name; in a MessageSet also the one that
// a type of that name declares.
func textExtension(m *plan.Message, name protoreflect.FullName) *plan.Field {
	if f := m.ExtensionNamed(name); f != nil || !m.MessageSet {
		return f
	}
	typ := m.Set().Named(name)
	if typ == nil {
		return nil
	}
	extensions := typ.Desc.Extensions()
	for i := range extensions.Len() {
		if x := extensions.Get(i); x.ContainingMessage().FullName() == m.Name && x.Message() == typ.Desc {
			return m.Field(x.Number())
		}
	}
	return nil
}

func (p *textParser) unknownName(t *textMessage, offset int, name string) bool {
	shown := shortened([]byte(name), longestName)
	p.fail(offset, strconv.Quote(shown)+" is no field of "+string(t.m.Name))
	p.problem.Key = shown
	names := make([]string, len(t.m.Fields))
	for i := range t.m.Fields {
		names[i] = textName(t.m, &t.m.Fields[i])
	}
	if near := nearest.Name(name, names); near != "" {
		p.problem.Hint = "did you mean " + near + "?"
	}
	return false
}

func (p *textParser) unknownExtension(t *textMessage, offset int, name string) bool {
	shown := shortened([]byte(name), longestName)
	p.fail(offset, "the schema has no extension ["+shown+"] of "+string(t.m.Name))
	p.problem.Key = shown
	p.problem.Hint = "an extension goes by its full name; name the file that declares it as well"
	return false
}
