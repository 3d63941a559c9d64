package descriptors

import (
	"google.golang.org/protobuf/encoding/protowire"
)

// scanRaw reads the declarations of a FileDescriptorProto in wire form. Their
// lines are left to addLines.
func scanRaw(raw []byte, pkg string) *outline {
	r := rawScanner{out: &outline{pkg: pkg}}
	prefix := ""
	if pkg != "" {
		prefix = pkg + "."
	}
	r.declarations(raw, prefix, "", 0, func(field protowire.Number, value []byte) {
		if field == fileDependency {
			r.out.imports = append(r.out.imports, importLine{path: string(value)})
		}
	})
	const publicDependency = 10
	eachField(raw, func(field protowire.Number, packed []byte, index uint64) bool {
		for field == publicDependency {
			if packed != nil {
				n := 0
				if index, n = protowire.ConsumeVarint(packed); n <= 0 {
					break
				}
				packed = packed[n:]
			}
			if index < uint64(len(r.out.imports)) {
				r.out.imports[index].public = true
			}
			if packed == nil {
				break
			}
		}
		return true
	})
	return r.out
}

type rawScanner struct{ out *outline }

// declarations reads those of a file (depth 0) or a message, whose field
// numbers for the same things differ. The path is that of source info, as
// packed varints.
func (r *rawScanner) declarations(value []byte, prefix, path string, depth int, other func(protowire.Number, []byte)) {
	messages, enums, extensions := fileMessage, fileEnum, fileExtension
	if depth > 0 {
		messages, enums, extensions = messageNested, messageEnum, messageExtension
	}
	var counts [fileExtension + 1]uint64
	eachField(value, func(field protowire.Number, value []byte, _ uint64) bool {
		if field > fileExtension || field < 1 {
			return true
		}
		at := func() string {
			here := string(protowire.AppendVarint(protowire.AppendVarint([]byte(path), uint64(field)), counts[field]))
			counts[field]++
			return here
		}
		switch {
		case field == messages:
			r.message(prefix, value, at(), depth)
		case field == enums:
			r.declare(EnumEntry, prefix, value, at(), depth == 0)
		case field == extensions:
			r.extension(prefix, value, at(), depth == 0)
		case field == fileService && depth == 0:
			r.service(prefix, value, at())
		case other != nil:
			other(field, value)
		}
		return true
	})
}

func (r *rawScanner) declare(kind EntryKind, prefix string, value []byte, path string, top bool) string {
	name := ""
	eachField(value, func(field protowire.Number, value []byte, _ uint64) bool {
		if field == messageName {
			name = printable(string(value))
		}
		return true
	})
	full := prefix + name
	r.out.decls = append(r.out.decls, decl{kind: kind, name: full, top: top, path: path})
	return full + "."
}

func (r *rawScanner) message(prefix string, value []byte, path string, depth int) {
	if depth > maxNesting || isMapEntry(value) {
		return
	}
	prefix = r.declare(MessageEntry, prefix, value, path, depth == 0)
	r.declarations(value, prefix, path, depth+1, nil)
}

// isMapEntry reads the option that marks the message of a map's entries.
func isMapEntry(message []byte) bool {
	const messageOptions, mapEntry = 7, 7
	found := false
	eachField(message, func(field protowire.Number, value []byte, _ uint64) bool {
		if field == messageOptions {
			eachField(value, func(field protowire.Number, _ []byte, number uint64) bool {
				if field == mapEntry {
					found = number != 0
				}
				return true
			})
		}
		return true
	})
	return found
}

func (r *rawScanner) service(prefix string, value []byte, path string) {
	prefix = r.declare(ServiceEntry, prefix, value, path, true)
	count := uint64(0)
	eachField(value, func(field protowire.Number, value []byte, _ uint64) bool {
		if field == serviceMethod {
			here := protowire.AppendVarint(protowire.AppendVarint([]byte(path), uint64(field)), count)
			count++
			r.declare(MethodEntry, prefix, value, string(here), false)
		}
		return true
	})
}

func (r *rawScanner) extension(prefix string, value []byte, path string, top bool) {
	r.declare(ExtensionEntry, prefix, value, path, top)
	added := &r.out.decls[len(r.out.decls)-1]
	eachField(value, func(field protowire.Number, value []byte, _ uint64) bool {
		if field == fieldExtendee {
			added.extendee = lastComponent(string(value))
		}
		return true
	})
}
