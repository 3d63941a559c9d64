package descriptors

import (
	"slices"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// EntryKind is what an Entry declares.
type EntryKind string

// The kinds of declarations.
const (
	MessageEntry   EntryKind = "message"
	EnumEntry      EntryKind = "enum"
	ServiceEntry   EntryKind = "service"
	MethodEntry    EntryKind = "method"
	ExtensionEntry EntryKind = "extension"
	// FileEntry is a file; it is listed only where it is asked for.
	FileEntry EntryKind = "file"
	// These are found by Which alone.
	FieldEntry EntryKind = "field"
	OneofEntry EntryKind = "oneof"
	ValueEntry EntryKind = "value"
)

// EntryKinds are the kinds of declarations, in the order of the documentation.
func EntryKinds() []EntryKind {
	return []EntryKind{MessageEntry, EnumEntry, ServiceEntry, MethodEntry, ExtensionEntry}
}

// Entry is one declaration of a schema, or a file.
type Entry struct {
	Kind EntryKind
	// Name is the full name; of a method, service.Method; of a file, what
	// imports call it.
	Name protoreflect.FullName
	// File is the name that imports use, Line counts from 1 and is 0 where it
	// is not known (a descriptor set without source info).
	File string
	Line int
	// Package is the file's, "" for none.
	Package string
	// Column is that of the name in its line, from 1, in bytes; 0 where Line is
	// 0.
	Column int
}

// Entries are the declarations of Files, in their order: what the sources
// say, read without compiling. Errors that the compiler would find are not
// found.
func (s *Schema) Entries() []Entry { return s.entries(false) }

// FileEntries are Entries with each file before what it declares.
func (s *Schema) FileEntries() []Entry { return s.entries(true) }

func (s *Schema) entries(files bool) []Entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	var entries []Entry
	add := func(file string, o *outline) {
		if files {
			entries = append(entries, fileEntry(file, o))
		}
		for _, d := range o.decls {
			entries = append(entries, d.entry(file, o))
		}
	}
	if len(s.named) == 0 && len(s.sets.all()) == 0 {
		x := s.tree.index()
		for i, o := range x.outlines {
			add(x.files[i].name, o)
		}
		return entries
	}
	for _, name := range s.fileNames() {
		if e := s.sets.files[name]; e != nil {
			e.addLines()
		}
		if o := s.outlineOf(name); o != nil {
			add(name, o)
		}
	}
	return entries
}

func fileEntry(file string, o *outline) Entry {
	return Entry{Kind: FileEntry, Name: protoreflect.FullName(file), File: file, Package: o.pkg}
}

// entry is a declaration of the file that o is of.
func (d *decl) entry(file string, o *outline) Entry {
	return Entry{d.kind, protoreflect.FullName(d.name), file, d.line, o.pkg, d.column}
}

// TypeNames are the full names of the message types of sources that begin
// with prefix, sorted, for completion: nothing is compiled, and what cannot be
// read is passed over. Built-in types are not among them.
func TypeNames(src Sources, prefix string) []string {
	return Names(src, prefix, MessageEntry)
}

// Names are the full names of all declarations of those kinds, as TypeNames.
func Names(src Sources, prefix string, kinds ...EntryKind) []string {
	return completions(src, prefix, func(file string, o *outline, add func(string)) {
		if slices.Contains(kinds, FileEntry) {
			add(file)
		}
		for _, d := range o.decls {
			if slices.Contains(kinds, d.kind) {
				add(d.name)
			}
		}
	})
}

// Packages are the packages of the sources' files, as TypeNames.
func Packages(src Sources, prefix string) []string {
	return completions(src, prefix, func(_ string, o *outline, add func(string)) { add(o.pkg) })
}

// completions are the names that visit adds for each file, if they begin with
// prefix, sorted and each once.
func completions(src Sources, prefix string, visit func(file string, o *outline, add func(string))) []string {
	src.Note = nil
	s, _ := prepare(src)
	if len(s.named) > 0 {
		_ = s.tree.closure(s.named)
	}
	var names []string
	add := func(name string) {
		if name != "" && strings.HasPrefix(name, prefix) {
			names = append(names, name)
		}
	}
	s.eachOutline(func(file string, o *outline) { visit(file, o, add) })
	slices.Sort(names)
	return slices.Compact(names)
}

// eachOutline visits what is known of files without compiling: those that
// were named and what they import, those of sets, and all under the import
// paths where none was named.
func (s *Schema) eachOutline(visit func(file string, o *outline)) {
	for _, f := range s.tree.sorted() {
		visit(f.name, f.outline)
	}
	if len(s.tree.given) > 0 && len(s.named) == 0 {
		x := s.tree.index()
		for i, o := range x.outlines {
			visit(x.files[i].name, o)
		}
	}
	for _, e := range s.sets.all() {
		visit(e.name, e.outline())
	}
}

// addLines sets the places of an outline's declarations from the source info:
// those of their names, or else of the declarations.
func (e *setEntry) addLines() {
	o := e.outline()
	if e.lined {
		return
	}
	e.lined = true
	var info []byte
	eachField(e.raw, func(field protowire.Number, value []byte, _ uint64) bool {
		if field == fileSourceInfo {
			info = value
		}
		return true
	})
	if info == nil {
		return
	}
	places := make(map[string]place)
	eachField(info, func(field protowire.Number, value []byte, _ uint64) bool {
		if field == infoLocation {
			path, at := location(value)
			if _, ok := places[path]; !ok && at.line > 0 {
				places[path] = at
			}
		}
		return true
	})
	for i := range o.decls {
		d := &o.decls[i]
		// The name is field 1 in all kinds of declarations.
		at, ok := places[d.path+"\x01"]
		if !ok {
			at = places[d.path]
		}
		d.line, d.column = at.line, at.column
	}
}

// place is a line and a column, both from 1.
type place struct{ line, column int }

// location is the path of a source location, as packed varints, and where it
// begins.
func location(value []byte) (path string, at place) {
	eachField(value, func(field protowire.Number, value []byte, _ uint64) bool {
		switch field {
		case locationPath:
			path = string(value)
		case locationSpan:
			line, n := protowire.ConsumeVarint(value)
			column, m := protowire.ConsumeVarint(value[max(n, 0):])
			if n > 0 && m > 0 && line < 1<<31-1 && column < 1<<31-1 {
				at = place{int(line) + 1, int(column) + 1}
			}
		}
		return true
	})
	return path, at
}
