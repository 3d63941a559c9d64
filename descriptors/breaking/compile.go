package breaking

import (
	"bytes"
	"context"
	"path/filepath"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/descriptors"
	"github.com/pbscope/pbscope/descriptors/breaking/filetree"
)

// compile compiles the chosen ones of the compared files, all where chosen is
// nil, with what they import.
func (s *treeSide) compile(ctx context.Context, chosen map[string]bool) (*Schema, error) {
	b := newBuilder(s.in)
	texts := make(map[string][]byte) // by shown path
	for i := range s.parts {
		p := &s.parts[i]
		src := descriptors.Sources{DescriptorSets: s.in.ImportSets, ImportPaths: p.disk}
		for _, f := range p.files {
			if chosen == nil || chosen[f.name] {
				src.Protos = append(src.Protos, f.name)
			}
		}
		if len(src.Protos) == 0 {
			continue
		}
		found, err := s.imported(ctx, p, src.Protos)
		if err != nil {
			return nil, err
		}
		src.Texts = func(name string) (descriptors.Text, bool) {
			f := found[name]
			if f == nil {
				return descriptors.Text{}, false
			}
			shown := s.shown(f.Path)
			texts[shown] = f.Text
			return descriptors.Text{Path: shown, Text: f.Text}, true
		}
		if s.disk != "" {
			src.Note = s.in.Note
			for _, root := range p.roots {
				// A root of the other side need not be one here.
				if directory := filepath.Join(s.disk, filepath.FromSlash(root)); isDirectory(directory) {
					src.ImportPaths = append(src.ImportPaths, directory)
				}
			}
		}
		read := func(path string) []byte {
			if text, ok := texts[path]; ok {
				return text
			}
			return readAgain(path)
		}
		if err := b.addBatches(ctx, src, s.batches(src.Protos), read); err != nil {
			if several := s.severalSchemas(p); several != nil && strings.Contains(err.Error(), "already defined") {
				return nil, several
			}
			return nil, err
		}
	}
	schema := b.schema()
	schema.modules = s.modules
	s.leave(schema)
	return schema, nil
}

// addBatches adds a part in batches. What is declared twice shows only where all
// is compiled together.
func (b *builder) addBatches(ctx context.Context, src descriptors.Sources, batches [][]string, read func(string) []byte) error {
	from, names := len(b.files), src.Protos
	for _, batch := range batches {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		src.Protos = batch
		if err := b.add(src, read); err != nil {
			return err
		}
	}
	if len(batches) > 1 {
		b.sortFiles(from, names)
		if declaredTwice(b.files[from:]) {
			src.Protos = names
			b.files = b.files[:from]
			return b.add(src, read)
		}
	}
	return nil
}

// declaredTwice says whether two files declare one name at their top level.
func declaredTwice(files []protoreflect.FileDescriptor) bool {
	seen := make(map[protoreflect.FullName]bool)
	twice := false
	add := func(d protoreflect.Descriptor) {
		twice = twice || seen[d.FullName()]
		seen[d.FullName()] = true
	}
	for _, f := range files {
		for i := range f.Messages().Len() {
			add(f.Messages().Get(i))
		}
		for i := range f.Services().Len() {
			add(f.Services().Get(i))
		}
		for i := range f.Extensions().Len() {
			add(f.Extensions().Get(i))
		}
		for i := range f.Enums().Len() {
			e := f.Enums().Get(i)
			add(e)
			for j := range e.Values().Len() {
				add(e.Values().Get(j))
			}
		}
	}
	for _, f := range files {
		twice = twice || f.Package() != "" && seen[f.Package()]
	}
	return twice
}

// imported are the named files of a part and what they import, with their
// texts, as far as the tree has them.
func (s *treeSide) imported(ctx context.Context, p *part, names []string) (map[string]*filetree.File, error) {
	found := make(map[string]*filetree.File, len(names))
	for queue := names; len(queue) > 0; {
		var files []*filetree.File
		for _, name := range queue {
			if f := s.find(p, name); f != nil {
				found[name] = f
				files = append(files, f)
			} else {
				found[name] = nil
			}
		}
		if err := s.tree.Load(ctx, files); err != nil {
			return nil, asProblem(err)
		}
		queue = nil
		for _, f := range files {
			facts := s.facts[f.Path]
			if facts == nil {
				facts = &fileFacts{imports: importsOf(f.Text)}
				s.facts[f.Path] = facts
			}
			for _, name := range facts.imports {
				if _, known := found[name]; !known {
					found[name] = nil
					queue = append(queue, name)
				}
			}
		}
	}
	return found, nil
}

// importsOf are all imports of a file that is not compared.
func importsOf(text []byte) []string {
	var all []string
	for _, i := range descriptors.ReadFacts(text).Imports {
		all = append(all, i.Path)
	}
	return all
}

// leave notes what a schema does not have, since it is the same on both sides.
func (s *treeSide) leave(schema *Schema) {
	for _, f := range s.files {
		if !schema.checked[f.name] {
			schema.equal = append(schema.equal, equalFile{f.name, f.Text})
		}
	}
}

// equalFile is a file that is the same on both sides and was not compiled.
type equalFile struct {
	name string
	text []byte
}

// equalMessages are the full names of the messages that were not compiled.
func (s *Schema) equalMessages() []string {
	var all []string
	for _, f := range s.equal {
		for _, d := range descriptors.ReadFacts(f.text).Declared {
			if d.Kind == descriptors.MessageEntry {
				all = append(all, d.Name)
			}
		}
	}
	return all
}

// EqualFile is the name of the file that declares a message, enum, service,
// method or extension and was not compiled, since it is the same on both sides;
// "" for none.
func (s *Schema) EqualFile(fullName string) string {
	word := []byte(last(fullName))
	for _, f := range s.equal {
		if !bytes.Contains(f.text, word) {
			continue
		}
		for _, d := range descriptors.ReadFacts(f.text).Declared {
			if d.Name == fullName {
				return f.name
			}
		}
	}
	return ""
}
