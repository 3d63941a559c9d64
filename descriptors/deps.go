package descriptors

import (
	"slices"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// DepsOptions say what Deps looks for.
type DepsOptions struct {
	// Direct stops at what the named ones refer to themselves.
	Direct bool
	// Reverse looks for what refers to the named ones.
	Reverse bool
	// Files looks at the files of declarations, and at what they import.
	Files bool
}

// Dep is a declaration or a file that depends on others.
type Dep struct {
	Entry
	// Level is how many steps it is from what was named: 0 for that itself.
	Level int
	// Needs are what it refers to itself, each once, in the order in which it
	// does; with DepsOptions.Reverse, what refers to it. It is nil where that
	// was not looked for.
	Needs []Need
}

// Need is one reference.
type Need struct {
	Name string
	// By are the fields that refer, or "request" and "response", "extends" for
	// what an extension extends; empty for imports.
	By []string
}

// Deps are the declarations and files of those names and, after them, all
// that they depend on, nearer ones first. Names are full names, or files as
// imports call them. Of files that are looked at to find what refers to
// something, those that cannot be used are passed over.
func (s *Schema) Deps(names []string, o DepsOptions) ([]Dep, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var errs Errors
	w := depWalk{Schema: s, options: o, seen: make(map[string]bool)}
	for _, name := range names {
		errs = append(errs, flatten(w.start(name))...)
	}
	if len(errs) > 0 {
		return nil, errs
	}
	for i := 0; i < len(w.deps); i++ {
		if err := w.expand(i); err != nil {
			return nil, err
		}
	}
	return w.deps, nil
}

type depWalk struct {
	*Schema
	options DepsOptions
	deps    []Dep
	seen    map[string]bool // files have names that no declaration has
	users   map[string][]Need
	looked  map[string]bool // files whose references are in users
	entries map[string]map[protoreflect.FullName]Entry
}

// start adds what was named.
func (w *depWalk) start(name string) error {
	name = strings.TrimPrefix(name, ".")
	if w.outlineOf(name) != nil {
		w.add(name, 0)
		return nil
	}
	d, err := w.descriptor(name)
	switch {
	case err != nil && strings.HasSuffix(name, ".proto"):
		return w.unknownFile(name)
	case err != nil:
		return err
	}
	if w.options.Files {
		w.add(d.ParentFile().Path(), 0)
	} else {
		w.addDeclared(d, 0)
	}
	return nil
}

// add adds a file, addDeclared a declaration.
func (w *depWalk) add(file string, level int) {
	if w.seen[file] {
		return
	}
	w.seen[file] = true
	e := Entry{Kind: FileEntry, Name: protoreflect.FullName(file), File: file}
	if o := w.outlineOf(file); o != nil {
		e = fileEntry(file, o)
	}
	w.deps = append(w.deps, Dep{Entry: e, Level: level})
}

func (w *depWalk) addDeclared(d protoreflect.Descriptor, level int) {
	if name := string(d.FullName()); !w.seen[name] {
		w.seen[name] = true
		w.deps = append(w.deps, Dep{Entry: w.entryOf(d), Level: level})
	}
}

// entryOf is the entry of a message, enum, service, method or extension.
func (w *depWalk) entryOf(d protoreflect.Descriptor) Entry {
	path := d.ParentFile().Path()
	if w.entries == nil {
		w.entries = make(map[string]map[protoreflect.FullName]Entry)
	}
	declared, ok := w.entries[path]
	if !ok {
		declared = make(map[protoreflect.FullName]Entry)
		w.entries[path] = declared
		if e := w.sets.files[path]; e != nil {
			e.addLines()
		}
		if o := w.outlineOf(path); o != nil {
			for i := range o.decls {
				declared[protoreflect.FullName(o.decls[i].name)] = o.decls[i].entry(path, o)
			}
		}
	}
	if e, ok := declared[d.FullName()]; ok {
		return e
	}
	return Entry{Kind: kindOf(d), Name: d.FullName(), File: path, Package: string(d.ParentFile().Package())}
}

// kindOf is the kind of a message, enum, service, method or extension.
func kindOf(d protoreflect.Descriptor) EntryKind {
	switch d.(type) {
	case protoreflect.MessageDescriptor:
		return MessageEntry
	case protoreflect.EnumDescriptor:
		return EnumEntry
	case protoreflect.ServiceDescriptor:
		return ServiceEntry
	case protoreflect.MethodDescriptor:
		return MethodEntry
	}
	return ExtensionEntry
}

// expand finds what one dependency needs, and adds that to the list.
func (w *depWalk) expand(i int) error {
	dep := &w.deps[i]
	name, level := string(dep.Name), dep.Level+1
	if w.options.Direct && level > 1 {
		return nil
	}
	if dep.Kind == FileEntry {
		dep.Needs = append([]Need{}, w.filesOf(name)...)
		for _, n := range w.deps[i].Needs {
			w.add(n.Name, level)
		}
		return nil
	}
	d, err := w.descriptor(name)
	if err != nil {
		return err
	}
	found := references
	if w.options.Reverse {
		found = w.usersOf
	}
	dep.Needs = append([]Need{}, found(d)...)
	for _, n := range w.deps[i].Needs {
		if used, err := w.descriptor(n.Name); err == nil {
			w.addDeclared(used, level)
		}
	}
	return nil
}

// filesOf are the files that a file imports, or that import it.
func (w *depWalk) filesOf(name string) []Need {
	var needs []Need
	if !w.options.Reverse {
		if o := w.outlineOf(name); o != nil {
			for _, i := range o.imports {
				needs = append(needs, Need{Name: i.path})
			}
		}
		return needs
	}
	w.eachOutline(func(file string, o *outline) {
		if slices.ContainsFunc(o.imports, func(i importLine) bool { return i.path == name }) &&
			!slices.ContainsFunc(needs, func(n Need) bool { return n.Name == file }) {
			needs = append(needs, Need{Name: file})
		}
	})
	return needs
}

// references are the types that a declaration refers to.
func references(d protoreflect.Descriptor) []Need {
	var r needList
	switch d := d.(type) {
	case protoreflect.MessageDescriptor:
		for i := range d.Fields().Len() {
			r.field(d.Fields().Get(i))
		}
	case protoreflect.ServiceDescriptor:
		for i := range d.Methods().Len() {
			r.method(d.Methods().Get(i), string(d.Methods().Get(i).Name())+" ")
		}
	case protoreflect.MethodDescriptor:
		r.method(d, "")
	case protoreflect.FieldDescriptor:
		r.add(d.ContainingMessage(), "extends")
		r.field(d)
	}
	return r.needs
}

// needList gathers references, by the name of what they are to.
type needList struct {
	needs  []Need
	places map[string]int
}

func (l *needList) add(d protoreflect.Descriptor, by string) {
	name := string(d.FullName())
	at, ok := l.places[name]
	if !ok {
		if l.places == nil {
			l.places = make(map[string]int)
		}
		at = len(l.needs)
		l.places[name] = at
		l.needs = append(l.needs, Need{Name: name})
	}
	l.needs[at].By = append(l.needs[at].By, by)
}

func (l *needList) field(f protoreflect.FieldDescriptor) {
	value := f
	if f.IsMap() {
		value = f.MapValue()
	}
	if m := value.Message(); m != nil {
		l.add(m, string(f.Name()))
	} else if e := value.Enum(); e != nil {
		l.add(e, string(f.Name()))
	}
}

func (l *needList) method(m protoreflect.MethodDescriptor, prefix string) {
	l.add(m.Input(), prefix+"request")
	l.add(m.Output(), prefix+"response")
}

// usersOf are the declarations that refer to d: they lie in its file, or in
// files that import it or what imports it publicly.
func (w *depWalk) usersOf(d protoreflect.Descriptor) []Need {
	if w.users == nil {
		w.users, w.looked = make(map[string][]Need), make(map[string]bool)
	}
	visible := []string{d.ParentFile().Path()}
	for i := 0; i < len(visible); i++ {
		w.look(visible[i])
		w.eachOutline(func(file string, o *outline) {
			for _, line := range o.imports {
				if line.path != visible[i] {
					continue
				}
				if line.public && !slices.Contains(visible, file) {
					visible = append(visible, file)
				}
				w.look(file)
			}
		})
	}
	return w.users[string(d.FullName())]
}

// look notes the references of all declarations of a file.
func (w *depWalk) look(path string) {
	if w.looked[path] {
		return
	}
	w.looked[path] = true
	l, err := w.link(path, 0)
	if err != nil || l == nil {
		w.note(path + " is passed over: it cannot be used")
		return
	}
	note := func(d protoreflect.Descriptor) {
		for _, n := range references(d) {
			w.users[n.Name] = append(w.users[n.Name], Need{Name: string(d.FullName()), By: n.By})
		}
	}
	eachDeclared(l.fd, note)
}

// eachDeclared visits the messages, extensions and methods of a file but the
// messages of maps.
func eachDeclared(fd protoreflect.FileDescriptor, visit func(protoreflect.Descriptor)) {
	eachWithin(fd, visit)
	for i := range fd.Services().Len() {
		for j := range fd.Services().Get(i).Methods().Len() {
			visit(fd.Services().Get(i).Methods().Get(j))
		}
	}
}

// eachWithin visits the messages and extensions of a file or message but the
// messages of maps.
func eachWithin(scope interface {
	Messages() protoreflect.MessageDescriptors
	Extensions() protoreflect.ExtensionDescriptors
}, visit func(protoreflect.Descriptor)) {
	for i := range scope.Messages().Len() {
		if m := scope.Messages().Get(i); !m.IsMapEntry() {
			visit(m)
			eachWithin(m, visit)
		}
	}
	for i := range scope.Extensions().Len() {
		visit(scope.Extensions().Get(i))
	}
}
