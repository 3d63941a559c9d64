package descriptors

import (
	"sort"
	"strings"

	"github.com/pbscope/pbscope/inspect/nearest"
)

// explain adds a hint to an error of the compiler, and puts its words into
// ours where they are about its own workings.
func (s *Schema) explain(e *Error, f *sourceFile) {
	e.Message = strings.ReplaceAll(e.Message, "; consider using a leading dot", "")
	if i := strings.Index(e.Message, "unknown "); i >= 0 {
		if name := typeAfter(e.Message[i:]); name != "" {
			e.Hint = s.typeHint(name, f)
			return
		}
	}
	if strings.HasPrefix(e.Message, "syntax error") {
		e.Hint = syntaxHint(e, f)
		return
	}
	switch {
	case strings.Contains(e.Message, "use option features.field_presence instead"):
		e.Hint = "in editions write the field without a label, or with [features.field_presence = …]"
	case strings.Contains(e.Message, "field has no label"):
		e.Hint = `write optional, repeated or required before the type, or begin the file with: syntax = "proto3";`
	case strings.Contains(e.Message, "already defined at "+f.name+":"):
		e.Hint = "give one of the two another name"
	case strings.Contains(e.Message, "already defined at"):
		e.Kind = KindConflict
		e.Hint = "one file may be imported by two names, or two files declare the same"
	}
}

func syntaxHint(e *Error, f *sourceFile) string {
	if strings.Contains(e.Message, "$end") {
		e.Message = strings.ReplaceAll(e.Message, "$end", "end of file")
		return "a closing brace or a semicolon is missing"
	}
	start := strings.TrimSpace(e.SourceLine[:min(max(e.Column-1, 0), len(e.SourceLine))])
	if strings.Contains(e.Message, "expecting ';'") && start == "" && e.Line > 1 {
		return "a semicolon is missing on a line above"
	}
	return ""
}

// typeAfter is the name in "unknown type X", "unknown extendee type X",
// "unknown request type X", "unknown response type X" and "unknown extension
// X".
func typeAfter(text string) string {
	for _, lead := range []string{"unknown type ", "unknown extendee type ", "unknown request type ", "unknown response type ", "unknown extension "} {
		if rest, ok := strings.CutPrefix(text, lead); ok {
			name, _, _ := strings.Cut(rest, ";")
			return strings.TrimPrefix(strings.TrimSpace(name), ".")
		}
	}
	return ""
}

// typeHint says where a type is declared that a file does not see, or what
// was meant.
func (s *Schema) typeHint(name string, f *sourceFile) string {
	var declared []string
	for _, other := range s.tree.sorted() {
		for _, d := range other.outline.decls {
			if d.kind != MessageEntry && d.kind != EnumEntry && d.kind != ExtensionEntry {
				continue
			}
			if other != f && (d.name == name || strings.HasSuffix(d.name, "."+name)) {
				return d.name + " is declared in " + other.name + `; import "` + other.name + `" here, or check the package in the name`
			}
			declared = append(declared, d.name)
		}
	}
	for scope := f.outline.pkg; ; scope = parent(scope) {
		if path := builtinDeclaring(strings.TrimPrefix(scope+"."+name, ".")); path != "" {
			return "add: import \"" + path + "\";"
		}
		if scope == "" {
			break
		}
	}
	if path := builtinDeclaring("google.protobuf." + name); path != "" {
		return "did you mean google.protobuf." + name + "? It needs: import \"" + path + "\";"
	}
	if near := scalarMeant(name); near != "" {
		return "did you mean " + near + "?"
	}
	if near := nearest.Name(name, declared); near != "" {
		return "did you mean " + near + "?"
	}
	return "no file that is imported here declares it"
}

// scalarMeant is the language's own type that a name in lower case is meant
// for: a misspelt one, or one that other languages call so.
func scalarMeant(name string) string {
	switch name {
	case "int", "integer", "short":
		return "int32"
	case "long":
		return "int64"
	case "uint":
		return "uint32"
	case "boolean":
		return "bool"
	case "float32":
		return "float"
	case "float64":
		return "double"
	case "byte", "blob", "binary":
		return "bytes"
	case "str", "text":
		return "string"
	}
	if name != strings.ToLower(name) || strings.Contains(name, ".") {
		return ""
	}
	return nearest.Name(name, []string{"double", "float", "int32", "int64", "uint32", "uint64", "sint32", "sint64",
		"fixed32", "fixed64", "sfixed32", "sfixed64", "bool", "string", "bytes"})
}

// sorted are the files that have been read, by name.
func (t *tree) sorted() []*sourceFile {
	var all []*sourceFile
	for _, f := range t.files {
		if f != nil {
			all = append(all, f)
		}
	}
	sort.Slice(all, func(i, j int) bool { return all[i].name < all[j].name })
	return all
}
