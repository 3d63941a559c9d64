package source

import (
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
)

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
