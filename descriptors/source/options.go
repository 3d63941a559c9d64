package source

import (
	"slices"
	"strconv"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/dynamicpb"
)

// option is one option as source. One that nobody can name has only a
// comment.
type option struct {
	name, value string
	comment     string
}

// statements prints options as statements.
func (p *printer) statements(options []option) {
	for _, o := range options {
		if o.comment == "" {
			p.line("option ", o.name, " = ", o.value, ";")
		}
	}
	p.comments(options)
}

// comments prints the options that cannot be written.
func (p *printer) comments(options []option) {
	for _, o := range options {
		if o.comment != "" {
			p.line("// ", o.comment)
		}
	}
}

// inline is options in brackets, with a space before.
func inline(options []option) string {
	var parts []string
	for _, o := range options {
		if o.comment == "" {
			parts = append(parts, o.name+" = "+o.value)
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return " [" + strings.Join(parts, ", ") + "]"
}

// options are the options of a descriptor, by number. Custom ones are bytes
// to the descriptor; they are read with the schema's own extensions.
func (p *printer) options(m protoreflect.ProtoMessage) []option {
	if m == nil || !m.ProtoReflect().IsValid() {
		return nil
	}
	raw, err := proto.MarshalOptions{AllowPartial: true, Deterministic: true}.Marshal(m)
	if err != nil || len(raw) == 0 {
		return nil
	}
	read := dynamicpb.NewMessage(m.ProtoReflect().Descriptor())
	types := extensionTypes{p.resolver}
	if err := (proto.UnmarshalOptions{AllowPartial: true, Resolver: types}).Unmarshal(raw, read); err != nil {
		return []option{{comment: "options that cannot be read"}}
	}
	return p.fieldsOf(read, "")
}

// fieldsOf are the fields of an options message. Those of a message that is
// no extension (features) are options by themselves.
func (p *printer) fieldsOf(m protoreflect.Message, prefix string) []option {
	var options []option
	for _, f := range present(m) {
		if f.Name() == "uninterpreted_option" && !f.IsExtension() {
			continue
		}
		name := prefix + string(f.Name())
		if f.IsExtension() {
			name = prefix + "(" + p.extensionName(f) + ")"
		}
		value := m.Get(f)
		switch {
		case f.IsList():
			for i := range value.List().Len() {
				options = append(options, option{name: name, value: p.literal(f, value.List().Get(i))})
			}
		case f.Message() != nil && (!f.IsExtension() || prefix != "") && len(value.Message().GetUnknown()) == 0:
			inner := p.fieldsOf(value.Message(), name+".")
			if len(inner) == 0 {
				inner = []option{{name: name, value: "{}"}}
			}
			options = append(options, inner...)
		default:
			options = append(options, option{name: name, value: p.literal(f, value)})
		}
	}
	return append(options, unknown(m.GetUnknown())...)
}

// extensionName is the name of an extension in parentheses: it is looked up
// like a type's, and a leading dot leaves no doubt.
func (p *printer) extensionName(f protoreflect.FieldDescriptor) string {
	p.use(f)
	full := string(f.FullName())
	first, _, compound := strings.Cut(full, ".")
	for scope := string(p.file.Package()); scope != ""; scope = parentOf(scope) {
		if compound && p.isScope(scope+"."+first, true) {
			return "." + full
		}
	}
	return full
}

// use notes an extension that an option is written with.
func (p *printer) use(f protoreflect.FieldDescriptor) {
	if p.used != nil {
		p.used[f.FullName()] = f
	}
}

// present are the fields that a message has, by number.
func present(m protoreflect.Message) []protoreflect.FieldDescriptor {
	var fields []protoreflect.FieldDescriptor
	m.Range(func(f protoreflect.FieldDescriptor, _ protoreflect.Value) bool {
		fields = append(fields, f)
		return true
	})
	slices.SortFunc(fields, func(a, b protoreflect.FieldDescriptor) int { return int(a.Number()) - int(b.Number()) })
	return fields
}

// unknown are comments for the options whose extensions nobody declares.
func unknown(raw []byte) []option {
	var options []option
	for len(raw) > 0 {
		number, _, n := protowire.ConsumeField(raw)
		if n < 0 {
			return options
		}
		raw = raw[n:]
		options = append(options, option{comment: "option " + strconv.Itoa(int(number)) + " is set; the schema does not declare it"})
	}
	return options
}

// extensionTypes reads custom options with the extensions of a schema.
type extensionTypes struct{ Resolver }

func (t extensionTypes) FindExtensionByName(protoreflect.FullName) (protoreflect.ExtensionType, error) {
	return nil, protoregistry.NotFound
}

func (t extensionTypes) FindExtensionByNumber(message protoreflect.FullName, number protoreflect.FieldNumber) (protoreflect.ExtensionType, error) {
	if t.Resolver == nil {
		return nil, protoregistry.NotFound
	}
	d, err := t.Resolver.FindExtensionByNumber(message, number)
	if err != nil {
		return nil, protoregistry.NotFound
	}
	return dynamicpb.NewExtensionType(d), nil
}
