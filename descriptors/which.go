package descriptors

import (
	"os"
	"path/filepath"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// OriginKind is a kind of source.
type OriginKind string

// The kinds of sources.
const (
	FromImportPath OriginKind = "import-path"
	FromSet        OriginKind = "descriptor-set"
	FromCode       OriginKind = "generated-code"
	FromReflection OriginKind = "reflection"
	FromBuiltIn    OriginKind = "built-in"
)

// Origin is a source that has a file.
type Origin struct {
	Kind OriginKind
	// Source is the path of the .proto file, of the descriptor set or of the
	// generated code, or "built-in".
	Source string
	// Root is the import path, "" for other kinds.
	Root string
	// Within says where in generated code, "" for other kinds.
	Within string
}

// Found is a declaration, or a file, and where it comes from.
type Found struct {
	Entry
	// Origin is the source whose file is used.
	Origin Origin
	// Shadowed are the other sources that have a file of that name, which is
	// not used.
	Shadowed []Origin
}

// Which says where the declaration of a full name, or the file that imports
// call so, is found. Beside messages, enums, services, methods and extensions
// it knows fields, oneofs and values of enums. Nothing is compiled but for
// those. For an unknown name the error names the nearest.
func (s *Schema) Which(name string) (*Found, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	name = strings.TrimPrefix(name, ".")
	if o := s.outlineOf(name); o != nil {
		return s.found(name, fileEntry(name, o)), nil
	}
	path, err := s.declaringFile(name)
	if err != nil {
		return nil, err
	}
	if path == "" {
		return s.whichMember(name)
	}
	if e := s.sets.files[path]; e != nil {
		e.addLines()
	}
	o := s.outlineOf(path)
	for i := range o.decls {
		if o.decls[i].name == name {
			return s.found(path, o.decls[i].entry(path, o)), nil
		}
	}
	return nil, s.unknownType(name)
}

func (s *Schema) found(path string, e Entry) *Found {
	all := s.origins(path)
	f := &Found{Entry: e}
	if len(all) > 0 {
		f.Origin, f.Shadowed = all[0], all[1:]
	}
	return f
}

// origins are the sources that have a file, the one that is used first.
func (s *Schema) origins(name string) []Origin {
	var all []Origin
	for _, root := range s.tree.roots {
		path := filepath.Join(root, filepath.FromSlash(name))
		if info, err := os.Stat(path); validImport(name) && err == nil && !info.IsDir() {
			all = append(all, Origin{Kind: FromImportPath, Source: path, Root: root})
		}
	}
	builtIn := Origin{Kind: FromBuiltIn, Source: "built-in"}
	if len(all) == 0 && s.compilerHas(name) {
		all = append(all, builtIn)
	}
	if e := s.sets.file(name); e != nil {
		all = append(all, e.origin())
		for _, set := range e.same {
			all = append(all, Origin{Kind: e.origin().Kind, Source: set})
		}
		for _, other := range e.others {
			all = append(all, other.origin())
		}
	}
	if hasBuiltin(name) && (len(all) == 0 || all[0] != builtIn) {
		all = append(all, builtIn)
	}
	return all
}

func (e *setEntry) origin() Origin {
	if e.within != "" {
		return Origin{Kind: FromCode, Source: e.set, Within: e.within}
	}
	if e.remote {
		return Origin{Kind: FromReflection, Source: e.set}
	}
	return Origin{Kind: FromSet, Source: e.set}
}

// whichMember finds a field, a oneof or a value of an enum.
func (s *Schema) whichMember(name string) (*Found, error) {
	d, err := s.member(name)
	if err != nil {
		return nil, err
	}
	if d == nil {
		return nil, s.unknownType(name)
	}
	fd := d.ParentFile()
	e := Entry{Kind: FieldEntry, Name: d.FullName(), File: fd.Path(), Package: string(fd.Package())}
	switch d.(type) {
	case protoreflect.OneofDescriptor:
		e.Kind = OneofEntry
	case protoreflect.EnumValueDescriptor:
		e.Kind = ValueEntry
	}
	locations := fd.SourceLocations()
	at := locations.ByPath(append(locations.ByDescriptor(d).Path, 1))
	if len(at.Path) == 0 {
		at = locations.ByDescriptor(d)
	}
	if len(at.Path) > 0 {
		e.Line, e.Column = at.StartLine+1, at.StartColumn+1
	}
	return s.found(fd.Path(), e), nil
}

// member is the field, oneof or enum value of a full name, nil if there is
// none. A value may also be named with its enum.
func (s *Schema) member(name string) (protoreflect.Descriptor, error) {
	full := protoreflect.FullName(name)
	if !full.IsValid() {
		return nil, nil
	}
	parent, err := s.locate(string(full.Parent()))
	if err != nil {
		return nil, err
	}
	switch parent := parent.(type) {
	case protoreflect.EnumDescriptor:
		if v := parent.Values().ByName(full.Name()); v != nil {
			return v, nil
		}
		return nil, nil
	case protoreflect.MessageDescriptor:
		if f := parent.Fields().ByName(full.Name()); f != nil {
			return f, nil
		}
		if o := parent.Oneofs().ByName(full.Name()); o != nil {
			return o, nil
		}
		return valueIn(parent.Enums(), full.Name()), nil
	}
	return s.packageValue(full)
}

// valueIn is the value of that name in one of the enums; nil if none has it.
func valueIn(enums protoreflect.EnumDescriptors, name protoreflect.Name) protoreflect.Descriptor {
	for i := range enums.Len() {
		if v := enums.Get(i).Values().ByName(name); v != nil {
			return v
		}
	}
	return nil
}

// packageValue is the value of that full name of an enum that a file
// declares; nil if there is none.
func (s *Schema) packageValue(full protoreflect.FullName) (protoreflect.Descriptor, error) {
	var paths []string
	s.eachOutline(func(path string, o *outline) {
		for _, d := range o.decls {
			if o.pkg == string(full.Parent()) && d.kind == EnumEntry && d.top {
				paths = append(paths, path)
				return
			}
		}
	})
	for _, path := range paths {
		l, err := s.link(path, 0)
		if err != nil {
			return nil, err
		}
		if l != nil {
			if v := valueIn(l.fd.Enums(), full.Name()); v != nil {
				return v, nil
			}
		}
	}
	return nil, nil
}
