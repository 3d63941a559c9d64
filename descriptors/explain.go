package descriptors

import (
	"io/fs"
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
			if strings.Contains(e.Message, "unknown extension ") {
				e.Hint = s.extensionHint(name, f)
			} else {
				e.Hint = s.typeHint(name, f)
			}
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
		full := strings.TrimPrefix(scope+"."+name, ".")
		if path := builtinDeclaring(full); path != "" {
			return "add: import \"" + path + "\";"
		}
		if path := s.tree.importFor(full); path != "" && path != f.name {
			return full + " is declared in " + path + `; add: import "` + path + `";`
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
	if near := nearest.Name(name, declared); near != "" && len(lastComponent(name)) > 3 {
		return "did you mean " + near + "?"
	}
	return "no file that is imported here declares it"
}

// extensionHint says where an option is declared, or what was meant.
func (s *Schema) extensionHint(name string, f *sourceFile) string {
	for scope := f.outline.pkg; ; scope = parent(scope) {
		full := strings.TrimPrefix(scope+"."+name, ".")
		path := s.tree.importFor(full)
		if path == "" {
			path = builtinDeclaring(full)
		}
		if path != "" && path != f.name {
			return full + " is declared in " + path + `; add: import "` + path + `";`
		}
		if scope == "" {
			break
		}
	}
	var declared []string
	for _, other := range s.tree.sorted() {
		for _, d := range other.outline.decls {
			if d.kind == ExtensionEntry {
				declared = append(declared, d.name)
			}
		}
	}
	if near := nearest.Name(name, declared); near != "" {
		return "did you mean " + near + "?"
	}
	return "an option of your own is declared by: extend google.protobuf.FieldOptions { … }, in a file that is imported here"
}

// maxNearby is how many files are read to find one that a file does not
// import.
const maxNearby = 20_000

// importFor is the file under the roots that declares a name, "" for none.
func (t *tree) importFor(full string) string {
	if t.nearby == nil {
		t.nearby = make(map[string]string)
		for i, o := range t.nearbyOutlines() {
			for _, d := range o.decls {
				if t.nearby[d.name] == "" {
					t.nearby[d.name] = i
				}
			}
		}
	}
	return t.nearby[full]
}

// nearbyOutlines are the files under the roots by their names: all that the
// given roots have, and those beside a lone file.
func (t *tree) nearbyOutlines() map[string]*outline {
	found := make(map[string]*outline)
	if len(t.given) > 0 {
		x := t.index()
		for i, f := range x.files {
			found[f.name] = x.outlines[i]
		}
		return found
	}
	for name, path := range t.protosBelow(t.roots) {
		if text, err := t.disk.readSource(path); err == nil {
			found[name] = scanSource(text)
		}
	}
	return found
}

// protosBelow are the .proto files under roots, by the names that imports use;
// not more than a search may look at.
func (t *tree) protosBelow(roots []string) map[string]string {
	files := make(map[string]string)
	left := maxNearby
	for _, root := range roots {
		_ = t.disk.walkRoot(root, func(path string, entry fs.DirEntry, err error) error {
			if left--; left < 0 {
				return fs.SkipAll
			}
			if err == nil && !entry.IsDir() && strings.HasSuffix(path, ".proto") {
				if name, ok := relative(root, path); ok && files[name] == "" {
					files[name] = path
				}
			}
			return nil
		})
	}
	return files
}

// minMisspelt is the shortest name of a file that may be another misspelt.
const minMisspelt = 3

// nearestFile is the file under the roots that an import most likely means: of
// the same name in another directory, or of a similar one.
func (t *tree) nearestFile(imported string) string {
	files := t.protosBelow(t.roots)
	byBase := make(map[string][]string)
	var bases []string
	for name := range files {
		base := baseOf(name)
		if byBase[base] == nil {
			bases = append(bases, base)
		}
		byBase[base] = append(byBase[base], name)
	}
	sort.Strings(bases)
	candidates := byBase[baseOf(imported)]
	if candidates == nil && len(baseOf(imported)) >= minMisspelt {
		candidates = byBase[nearest.Name(baseOf(imported), bases)]
	}
	sort.Slice(candidates, func(i, j int) bool {
		a, b := candidates[i], candidates[j]
		if la, lb := shared(a, imported), shared(b, imported); la != lb {
			return la > lb
		}
		return a < b
	})
	if len(candidates) == 0 {
		return ""
	}
	return candidates[0]
}

// baseOf is the last component of a file's name, without its ending.
func baseOf(name string) string {
	return strings.TrimSuffix(name[strings.LastIndexByte(name, '/')+1:], ".proto")
}

// shared is how many bytes two names begin with alike.
func shared(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
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
