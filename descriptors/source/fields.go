package source

import (
	"math"
	"strconv"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// field prints a field; labelled is false inside a oneof.
func (p *printer) field(f protoreflect.FieldDescriptor, labelled bool) {
	label := ""
	if labelled {
		label = labelOf(f)
	}
	options := append(p.pseudoOptions(f), p.options(f.Options())...)
	number := " = " + strconv.Itoa(int(f.Number())) + inline(options)
	if isGroup(f) {
		p.message(f.Message(), label+"group "+string(f.Message().Name())+number, f)
		p.comments(options)
		return
	}
	location := p.location(f)
	p.leading(location)
	p.line(label, p.typeOf(f), " ", string(f.Name()), number, ";", sameLine(location))
	p.comments(options)
	if sameLine(location) == "" {
		p.trailing(location)
	}
}

func labelOf(f protoreflect.FieldDescriptor) string {
	switch {
	case f.IsMap():
		return ""
	case f.Cardinality() == protoreflect.Repeated:
		return "repeated "
	case f.ParentFile().Syntax() == protoreflect.Editions:
		return ""
	case f.Cardinality() == protoreflect.Required:
		return "required "
	case f.ParentFile().Syntax() == protoreflect.Proto2 || f.HasOptionalKeyword():
		return "optional "
	}
	return ""
}

func (p *printer) typeOf(f protoreflect.FieldDescriptor) string {
	scope := f.Parent()
	switch {
	case f.IsMap():
		return "map<" + p.typeOf(f.MapKey()) + ", " + p.typeIn(f.MapValue(), f.ContainingMessage()) + ">"
	case f.ContainingMessage().IsMapEntry():
		scope = f.ContainingMessage().Parent()
	}
	return p.typeIn(f, scope)
}

func (p *printer) typeIn(f protoreflect.FieldDescriptor, scope protoreflect.Descriptor) string {
	switch {
	case f.Enum() != nil:
		return p.reference(f.Enum(), scope)
	case f.Message() != nil:
		return p.reference(f.Message(), scope)
	}
	return f.Kind().String()
}

// pseudoOptions are those in brackets that are no options to the descriptor.
func (p *printer) pseudoOptions(f protoreflect.FieldDescriptor) []option {
	var options []option
	if f.HasDefault() {
		options = append(options, option{name: "default", value: defaultOf(f)})
	}
	if !f.IsExtension() && f.HasJSONName() && f.JSONName() != jsonName(string(f.Name())) {
		options = append(options, option{name: "json_name", value: quote(f.JSONName())})
	}
	return options
}

func defaultOf(f protoreflect.FieldDescriptor) string {
	if e := f.DefaultEnumValue(); e != nil {
		return string(e.Name())
	}
	return scalar(f, f.Default())
}

// jsonName is the name that a field has in JSON unless it says otherwise.
func jsonName(name string) string {
	var b strings.Builder
	upper := false
	for i := range len(name) {
		c := name[i]
		if c == '_' {
			upper = true
			continue
		}
		if upper && c >= 'a' && c <= 'z' {
			c -= 'a' - 'A'
		}
		upper = false
		b.WriteByte(c)
	}
	return b.String()
}

func (p *printer) enum(d protoreflect.EnumDescriptor) {
	location := p.location(d)
	p.leading(location)
	p.line("enum ", string(d.Name()), " {")
	p.depth++
	p.trailing(location)
	p.statements(p.options(d.Options()))
	var ranges []string
	for i := range d.ReservedRanges().Len() {
		r := d.ReservedRanges().Get(i)
		ranges = append(ranges, span(int64(r[0]), int64(r[1]), r[1] == math.MaxInt32))
	}
	p.reservedLine(ranges)
	p.reservedNames(d.ReservedNames())
	for i := range d.Values().Len() {
		v := d.Values().Get(i)
		location, options := p.location(v), p.options(v.Options())
		p.leading(location)
		p.line(string(v.Name()), " = ", strconv.Itoa(int(v.Number())), inline(options), ";", sameLine(location))
		p.comments(options)
		if sameLine(location) == "" {
			p.trailing(location)
		}
	}
	p.depth--
	p.line("}")
}

func (p *printer) service(d protoreflect.ServiceDescriptor) {
	location := p.location(d)
	p.leading(location)
	p.line("service ", string(d.Name()), " {")
	p.depth++
	p.trailing(location)
	p.statements(p.options(d.Options()))
	for i := range d.Methods().Len() {
		p.method(d.Methods().Get(i))
	}
	p.depth--
	p.line("}")
}

func (p *printer) method(d protoreflect.MethodDescriptor) {
	location := p.location(d)
	p.leading(location)
	stream := func(is bool) string {
		if is {
			return "stream "
		}
		return ""
	}
	head := "rpc " + string(d.Name()) +
		"(" + stream(d.IsStreamingClient()) + p.reference(d.Input(), d.Parent()) + ")" +
		" returns (" + stream(d.IsStreamingServer()) + p.reference(d.Output(), d.Parent()) + ")"
	options := p.options(d.Options())
	if len(options) == 0 {
		end := ";"
		if d.Options() != nil && d.Options().ProtoReflect().IsValid() {
			// Empty options, which are what an empty block leaves.
			end = " {}"
		}
		p.line(head, end, sameLine(location))
		if sameLine(location) == "" {
			p.trailing(location)
		}
		return
	}
	p.line(head, " {")
	p.depth++
	p.trailing(location)
	p.statements(options)
	p.depth--
	p.line("}")
}

// extends are items of extensions; those that stand together and extend the
// same message share a block.
func (p *printer) extends(extensions protoreflect.ExtensionDescriptors) []item {
	var items []item
	for i := 0; i < extensions.Len(); {
		block := []protoreflect.ExtensionDescriptor{extensions.Get(i)}
		owns := owned(block[0], block[0].Parent())
		for i++; i < extensions.Len() && extensions.Get(i).ContainingMessage() == block[0].ContainingMessage(); i++ {
			block = append(block, extensions.Get(i))
			owns = max(owns, owned(extensions.Get(i), block[0].Parent()))
		}
		items = append(items, item{block[0], func() { p.extend(block) }, true, owns, -1})
	}
	return items
}

func (p *printer) extend(block []protoreflect.ExtensionDescriptor) {
	p.line("extend ", p.reference(block[0].ContainingMessage(), block[0].Parent()), " {")
	p.depth++
	for _, x := range block {
		p.field(x, true)
	}
	p.depth--
	p.line("}")
}

// reference is the name that means d in a scope: the shortest within one
// package, else the full name.
func (p *printer) reference(d, scope protoreflect.Descriptor) string {
	full, pkg := string(d.FullName()), string(p.file.Package())
	from := string(scope.FullName())
	if _, ok := scope.(protoreflect.FileDescriptor); ok {
		from = pkg
	}
	same := d.ParentFile().Package() == p.file.Package()
	for common := from; same && len(common) >= len(pkg) && common != ""; common = parentOf(common) {
		if name, ok := strings.CutPrefix(full, common+"."); ok && p.means(name, full, from) {
			return name
		}
	}
	if p.means(full, full, from) {
		return full
	}
	return "." + full
}

func parentOf(name string) string { return name[:max(strings.LastIndexByte(name, '.'), 0)] }

// means says whether a name, looked up from a scope outwards as the compiler
// does, is the declaration of that full name.
func (p *printer) means(name, full, scope string) bool {
	first, _, compound := strings.Cut(name, ".")
	if !compound && isScalar(first) {
		return false
	}
	for ; ; scope = parentOf(scope) {
		at := first
		if scope != "" {
			at = scope + "." + first
		}
		if p.isScope(at, compound) {
			rest := at + name[len(first):]
			return rest == full
		}
		if scope == "" {
			return false
		}
	}
}

func isScalar(name string) bool {
	switch name {
	case "double", "float", "int32", "int64", "uint32", "uint64", "sint32", "sint64", "fixed32", "fixed64",
		"sfixed32", "sfixed64", "bool", "string", "bytes", "group", "map", "stream", "message", "enum", "oneof",
		"extend", "extensions", "reserved", "option", "optional", "required", "repeated", "returns", "rpc", "service":
		return true
	}
	return false
}

// isScope says whether a full name is a type that the file sees or, where a
// package would do as well, one of its packages.
func (p *printer) isScope(full string, packages bool) bool {
	if p.packages == nil {
		p.packages = make(map[string]bool)
		p.see(p.file, make(map[string]bool))
	}
	if packages && p.packages[full] {
		return true
	}
	return p.declared(p.file, full, packages, make(map[string]bool), 0)
}

// see notes the packages of a file and of all that it imports: to the
// compiler they are all known.
func (p *printer) see(fd protoreflect.FileDescriptor, seen map[string]bool) {
	if seen[fd.Path()] {
		return
	}
	seen[fd.Path()] = true
	for pkg := string(fd.Package()); pkg != ""; pkg = parentOf(pkg) {
		p.packages[pkg] = true
	}
	for i := range fd.Imports().Len() {
		p.see(fd.Imports().Get(i).FileDescriptor, seen)
	}
}

// declared looks for a type in the file, its imports and what those import
// publicly. A service counts where a name goes on behind it.
func (p *printer) declared(fd protoreflect.FileDescriptor, full string, compound bool, seen map[string]bool, level int) bool {
	if seen[fd.Path()] {
		return false
	}
	seen[fd.Path()] = true
	if typeIn(fd, full) || compound && fd.Services().ByName(protoreflect.FullName(full).Name()) != nil && string(fd.Package()) == parentOf(full) {
		return true
	}
	for i := range fd.Imports().Len() {
		if imported := fd.Imports().Get(i); level == 0 || imported.IsPublic {
			if p.declared(imported.FileDescriptor, full, compound, seen, level+1) {
				return true
			}
		}
	}
	return false
}

// typeIn says whether a file declares a message or enum of that full name.
func typeIn(fd protoreflect.FileDescriptor, full string) bool {
	rest := full
	if pkg := string(fd.Package()); pkg != "" {
		if !strings.HasPrefix(full, pkg+".") {
			return false
		}
		rest = full[len(pkg)+1:]
	}
	messages, enums := fd.Messages(), fd.Enums()
	for {
		first, more, nested := strings.Cut(rest, ".")
		m := messages.ByName(protoreflect.Name(first))
		if !nested {
			return m != nil || enums.ByName(protoreflect.Name(first)) != nil
		}
		if m == nil {
			return false
		}
		messages, enums, rest = m.Messages(), m.Enums(), more
	}
}
