package descriptors

import (
	"strings"
)

// outline is what a file declares, read without compiling or unmarshalling it.
type outline struct {
	pkg     string
	imports []importLine
	decls   []decl
	// deepest is the greatest depth of braces and brackets.
	deepest int
}

// importLine is one import statement.
type importLine struct {
	path         string
	line, column int // from 1; 0 in a descriptor set without source info
	public       bool
}

// decl is one declaration.
type decl struct {
	kind EntryKind
	name string // full name
	line int    // of the name, from 1; 0 where it is not known
	top  bool   // declared by the file itself, not inside a message
	// extendee is the last component of the extended type, for extensions.
	extendee string
	column   int    // of the name, from 1, in bytes; 0 where line is 0
	path     string // place in the descriptor, as packed varints; sets only
}

// declares says whether a declaration has that full name.
func (o *outline) declares(name string) bool {
	for i := range o.decls {
		if o.decls[i].name == name {
			return true
		}
	}
	return false
}

// inPackage says whether a full name can be declared by a file of that
// package.
func inPackage(name, pkg string) bool {
	return pkg == "" || len(name) > len(pkg) && name[len(pkg)] == '.' && strings.HasPrefix(name, pkg)
}

func lastComponent(name string) string {
	return name[strings.LastIndexByte(name, '.')+1:]
}
