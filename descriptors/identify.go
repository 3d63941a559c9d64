package descriptors

import (
	"runtime"
	"slices"
	"sync"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/descriptors/standard"
	"github.com/pbscope/pbscope/inspect/identify"
)

// Types are the message types of sources as package identify compares them:
// those of the files that were named and of what they import, of all
// descriptor sets, and, where no file was named, of all files under the import
// paths. Built-in types are among them where their files were named or lie in a
// set. The files are read without compiling them, so that errors in them are
// not found; what no source declares is left open. Errors are *Error or Errors.
func Types(src Sources) (*identify.Table, error) {
	src.Types, src.Cache = nil, nil
	s, err := prepare(src)
	if err == nil && len(s.named) > 0 {
		err = s.tree.closure(s.named)
	}
	if err != nil {
		return nil, err
	}
	return s.types(), s.sets.remote.problem()
}

func (s *Schema) types() *identify.Table {
	l := typeLinker{messages: make(map[string]int32), enums: make(map[string]int32), table: new(identify.Table)}
	seen := make(map[string]bool)
	for _, f := range s.tree.sorted() {
		seen[f.name] = true
		l.add(sourceTypes(f.text), true)
	}
	for _, name := range s.named {
		if !seen[name] && s.sets.files[name] == nil {
			seen[name] = true
			if raw := builtinRaw(name); raw != nil {
				l.add(rawTypes(raw), true)
			}
		}
	}
	if len(s.named) == 0 && len(s.tree.given) > 0 {
		l.addAll(s.unread(seen))
	}
	var packed []*setEntry
	for _, e := range s.sets.all() {
		if !seen[e.name] {
			packed = append(packed, e)
		}
	}
	files := make([]*typeFile, len(packed))
	onAllCores(len(packed), func(i int) { files[i] = rawTypes(packed[i].raw) })
	l.addAll(files)
	l.link()
	return l.table
}

// unread are the files under the import paths but those that were read.
func (s *Schema) unread(seen map[string]bool) []*typeFile {
	var rest []candidate
	for _, c := range s.tree.all() {
		if !seen[c.name] {
			seen[c.name] = true
			rest = append(rest, c)
		}
	}
	slices.SortFunc(rest, func(a, b candidate) int {
		if a.name < b.name {
			return -1
		}
		return 1
	})
	return scanEach(s.tree, rest, sourceTypes)
}

// onAllCores calls do for 0 to n-1.
func onAllCores(n int, do func(int)) {
	workers := min(runtime.GOMAXPROCS(0), max(1, n/8))
	var group sync.WaitGroup
	for w := range workers {
		group.Go(func() {
			for i := w; i < n; i += workers {
				do(i)
			}
		})
	}
	group.Wait()
}

// typeLinker makes a table of files.
type typeLinker struct {
	table      *identify.Table
	messages   map[string]int32
	enums      map[string]int32
	decls      []typeDecl // by index in the table
	extensions []fieldDecl
	name       []byte
}

func (l *typeLinker) addAll(files []*typeFile) {
	for _, f := range files {
		if f != nil {
			l.add(f, true)
		}
	}
}

// add enters what a file declares and nothing before it has.
func (l *typeLinker) add(f *typeFile, candidates bool) {
	for i := range f.messages {
		d := &f.messages[i]
		if _, ok := l.messages[d.Name]; ok {
			continue
		}
		l.messages[d.Name] = int32(len(l.decls))
		if d.Form != identify.Entry {
			d.Form = identify.FormNamed(d.Name)
			d.Candidate = candidates
		}
		l.decls = append(l.decls, *d)
	}
	for i := range f.enums {
		d := &f.enums[i]
		if _, ok := l.enums[d.name]; ok {
			continue
		}
		l.enums[d.name] = int32(len(l.table.Enums))
		slices.Sort(d.numbers)
		l.table.Enums = append(l.table.Enums, identify.Enum{
			Numbers: slices.Compact(d.numbers), Closed: d.features.get(enumType) == enumClosed,
		})
	}
	l.extensions = append(l.extensions, f.extensions...)
}

// link looks all names up. What nobody declares is looked for among the
// built-in files, whose types are in turn linked.
func (l *typeLinker) link() {
	for from, extension := 0, 0; from < len(l.decls) || extension < len(l.extensions); {
		for ; from < len(l.decls); from++ {
			l.adaptMessageSet(from)
			for k := range l.decls[from].refs {
				l.resolve(&l.decls[from].refs[k])
			}
		}
		for ; extension < len(l.extensions); extension++ {
			l.extend(l.extensions[extension])
		}
	}
	l.table.Types = make([]identify.Type, len(l.decls))
	for i := range l.decls {
		l.table.Types[i] = l.finished(&l.decls[i])
	}
	l.table.Index()
}

// resolve settles a field and finds its type.
func (l *typeLinker) resolve(d *fieldDecl) {
	if d.ref != "" && (d.Kind == 0 || d.Kind >= protoreflect.GroupKind && d.Kind <= protoreflect.MessageKind || d.Kind == protoreflect.EnumKind) {
		index, enum, ok := l.find(d.ref, d.scope)
		switch {
		case !ok:
			if d.Kind == 0 {
				d.Kind = protoreflect.MessageKind
			}
		case enum:
			d.Kind, d.Sub = protoreflect.EnumKind, index
		default:
			if d.Kind == 0 {
				d.Kind = protoreflect.MessageKind
			}
			d.Sub = index
			d.entry = l.decls[index].Form == identify.Entry
		}
	}
	d.settle()
}

// find looks a name up as it is written in a scope: from the innermost
// outwards, then among the built-in files.
func (l *typeLinker) find(ref, scope string) (index int32, enum, ok bool) {
	if ref == "" {
		return 0, false, false
	}
	if ref[0] == '.' {
		scope, ref = "", ref[1:]
	}
	for outer := scope; ; outer = parent(outer) {
		l.name = append(l.name[:0], outer...)
		if outer != "" {
			l.name = append(l.name, '.')
		}
		l.name = append(l.name, ref...)
		if i, found := l.messages[string(l.name)]; found {
			return i, false, true
		}
		if i, found := l.enums[string(l.name)]; found {
			return i, true, true
		}
		if outer == "" {
			break
		}
	}
	return l.builtin(ref, scope)
}

// builtin adds the built-in file that declares a name.
func (l *typeLinker) builtin(ref, scope string) (index int32, enum, ok bool) {
	for outer := scope; ; outer = parent(outer) {
		name := joinName(outer, ref)
		if path := builtinDeclaring(name); path != "" {
			raw := builtinRaw(path)
			if raw == nil {
				return 0, false, false
			}
			l.add(rawTypes(raw), false)
			if i, found := l.messages[name]; found {
				return i, false, true
			}
			i, found := l.enums[name]
			return i, true, found
		}
		if outer == "" {
			return 0, false, false
		}
	}
}

// builtinRaw is the FileDescriptorProto of a built-in file, nil if there is
// none.
func builtinRaw(name string) []byte {
	if raw, ok := standard.File(name); ok {
		return raw
	}
	file := builtinProto(name)
	if linked := linkedBuiltin(name); linked != nil {
		file = protodesc.ToFileDescriptorProto(linked)
	}
	if file == nil {
		return nil
	}
	raw, err := proto.Marshal(file)
	if err != nil {
		return nil
	}
	return raw
}

// extend adds an extension to the type that it extends.
func (l *typeLinker) extend(x fieldDecl) {
	l.resolve(&x)
	if i, enum, ok := l.find(x.extendee, x.scope); ok && !enum && !l.decls[i].messageSet {
		l.decls[i].refs = append(l.decls[i].refs, x)
	}
}

// adaptMessageSet gives a type with message_set_wire_format the fields that
// stand on the wire: a group for each extension, with its number and its
// bytes.
func (l *typeLinker) adaptMessageSet(i int) {
	if !l.decls[i].messageSet {
		return
	}
	field := func(number int32, kind protoreflect.Kind) fieldDecl {
		d := fieldDecl{features: l.decls[i].features, label: requiredLabel}
		d.Number, d.Kind, d.Sub = number, kind, -1
		return d
	}
	var item typeDecl
	item.Name, item.features = l.decls[i].Name+" item", l.decls[i].features
	item.refs = []fieldDecl{field(2, protoreflect.Int32Kind), field(3, protoreflect.BytesKind)}
	l.messages[item.Name] = int32(len(l.decls))
	items := field(1, protoreflect.GroupKind)
	items.ref, items.label = "."+item.Name, repeatedLabel
	l.decls[i].refs, l.decls[i].Extensions = []fieldDecl{items}, nil
	l.decls = append(l.decls, item)
}

// finished is a type for the table: fields in order, each number once.
func (l *typeLinker) finished(d *typeDecl) identify.Type {
	t := d.Type
	t.Fields = make([]identify.Field, 0, len(d.refs))
	for i := range d.refs {
		if d.refs[i].Kind.IsValid() {
			t.Fields = append(t.Fields, d.refs[i].Field)
		}
	}
	slices.SortStableFunc(t.Fields, func(a, b identify.Field) int { return int(a.Number) - int(b.Number) })
	t.Fields = slices.CompactFunc(t.Fields, func(a, b identify.Field) bool { return a.Number == b.Number })
	return t
}
