package breaking

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/descriptors"
	"github.com/pbscope/pbscope/descriptors/bufyaml"
)

// Input says where one side of a comparison is.
type Input struct {
	// Name is a directory of .proto files, one .proto file, a descriptor set,
	// or for the old side a git ref, REF:PATH, or REPOSITORY.git#branch=…,
	// tag=…, ref=…, subdir=….
	Name string
	// ImportPaths are directories that imports are relative to; where they do
	// not say, the imports themselves do.
	ImportPaths []string
	// ImportSets are descriptor sets that have what is imported from elsewhere.
	ImportSets []string
	// Beside is what the old side is compared with: a git ref without a path
	// means that path in it. "" is the working directory.
	Beside string
	// NoMergeBase takes a git ref itself and not the commit where the two
	// histories parted.
	NoMergeBase bool
	// ExcludeImports leaves out the files of a descriptor set that it marks as
	// imports.
	ExcludeImports bool
	// Note is told what was chosen in silence otherwise; nil drops it.
	Note func(string)
}

func (in Input) note(text string) {
	if in.Note != nil {
		in.Note(text)
	}
}

// Side names a side of a comparison in errors.
type Side string

// The sides.
const (
	OldSide Side = "old"
	NewSide Side = "new"
)

// SideError is an error of one side's schema. The error within is one of
// package descriptors where it lies in a file.
type SideError struct {
	Side Side
	Name string
	Err  error
}

// Error says which side and what.
func (e *SideError) Error() string {
	return fmt.Sprintf("the %s schema (%s): %v", e.Side, e.Name, e.Err)
}

// Unwrap is the error within.
func (e *SideError) Unwrap() error { return e.Err }

// Problem is an input error with a hint.
type Problem struct{ Message, Hint string }

// Error is the message.
func (p *Problem) Error() string { return p.Message }

// Load loads both sides at once. It returns as soon as ctx ends, with its
// error; other errors are *SideError, that of the new side where both have one.
func Load(ctx context.Context, old, new Input) (oldSchema, newSchema *Schema, err error) {
	inner, cancel := context.WithCancel(ctx)
	defer cancel()
	var told [2][]string // the notes of each side, which come in any order
	notes := [2]func(string){old.Note, new.Note}
	old.Note = func(text string) { told[0] = append(told[0], text) }
	new.Note = func(text string) { told[1] = append(told[1], text) }
	var oldErr error
	done := make(chan struct{})
	go func() {
		defer close(done)
		oldSchema, oldErr = LoadOld(inner, old)
	}()
	if newSchema, err = LoadNew(inner, new); err != nil {
		cancel()
	}
	<-done
	switch {
	case ctx.Err() != nil:
		return nil, nil, ctx.Err()
	case err != nil:
		return nil, nil, err
	}
	for _, side := range []int{1, 0} {
		for _, text := range told[side] {
			if notes[side] != nil {
				notes[side](text)
			}
		}
	}
	return oldSchema, newSchema, oldErr
}

// LoadOld loads the side that is compared against. Errors are *SideError, or
// that of ctx.
func LoadOld(ctx context.Context, in Input) (*Schema, error) {
	s, err := loadOld(ctx, in)
	return s, sideError(ctx, OldSide, in, err)
}

// LoadNew loads the other side. Errors are *SideError, or that of ctx.
func LoadNew(ctx context.Context, in Input) (*Schema, error) {
	s, err := promptly(ctx, func() (*Schema, error) { return loadPath(in) })
	return s, sideError(ctx, NewSide, in, err)
}

func sideError(ctx context.Context, side Side, in Input, err error) error {
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	}
	return &SideError{side, in.Name, err}
}

// promptly returns when work does or when ctx ends: then the work, which may
// be a compilation that knows no context, goes on unheard.
func promptly(ctx context.Context, work func() (*Schema, error)) (*Schema, error) {
	type result struct {
		schema *Schema
		err    error
	}
	done := make(chan result, 1)
	go func() {
		s, err := work()
		done <- result{s, err}
	}()
	select {
	case r := <-done:
		return r.schema, r.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func loadOld(ctx context.Context, in Input) (*Schema, error) {
	_, err := os.Stat(in.Name)
	switch {
	case strings.Contains(in.Name, ".git#"):
		return loadGit(ctx, in)
	case err == nil:
		return promptly(ctx, func() (*Schema, error) { return loadPath(in) })
	case !errors.Is(err, fs.ErrNotExist):
		return nil, plain(err)
	case looksLikePath(in.Name):
		return nil, &Problem{in.Name + ": no such file or directory", ""}
	}
	return loadGit(ctx, in)
}

// looksLikePath says that nobody means a git ref by the name.
func looksLikePath(name string) bool {
	for _, suffix := range []string{".proto", ".binpb", ".pb", ".desc", ".protoset", ".json", ".bin", ".gz"} {
		if strings.HasSuffix(name, suffix) && !strings.Contains(name, ":") {
			return true
		}
	}
	return strings.HasPrefix(name, "./") || strings.HasPrefix(name, "../") || filepath.IsAbs(name)
}

// plain takes the operation out of an error of the file system.
func plain(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return &Problem{path.Path + ": " + path.Err.Error(), ""}
	}
	return err
}

func loadPath(in Input) (*Schema, error) {
	info, err := os.Stat(in.Name)
	switch {
	case err != nil:
		return nil, plain(err)
	case info.IsDir():
		return loadDirectory(in, in.Name, func(path string) string { return path })
	case strings.HasSuffix(in.Name, ".proto"):
		return open(in, nil, descriptors.Sources{ImportPaths: in.ImportPaths, Protos: []string{in.Name}, DescriptorSets: in.ImportSets})
	}
	return open(in, nil, descriptors.Sources{ImportPaths: in.ImportPaths, DescriptorSets: []string{in.Name}})
}

// loadDirectory loads all .proto files below a directory. shown is a path as
// people know it.
func loadDirectory(in Input, directory string, shown func(string) string) (*Schema, error) {
	files, err := protoFiles(directory)
	if err != nil {
		return nil, plain(err)
	}
	if len(files) == 0 {
		return nil, &Problem{"there is no .proto file in " + shown(directory), "name the directory that holds them"}
	}
	if w := workspaceOf(in, directory); w != nil {
		return loadWorkspace(in, w, directory, files, shown)
	}
	roots := importRoots(directory, files)
	modules, twice := split(roots, files)
	if len(twice) > 0 {
		in.note(fmt.Sprintf("%s: %d files have the import name of another one there (%s, for one) and are not compared", shown(directory), len(twice), shown(twice[0])))
	}
	var parts []descriptors.Sources
	for _, m := range modules {
		parts = append(parts, descriptors.Sources{ImportPaths: slices.Concat(in.ImportPaths, m.roots), Protos: m.files, DescriptorSets: in.ImportSets})
	}
	return open(in, shown, parts...)
}

// workspaceOf is the modules of a directory as its buf.yaml or buf.work.yaml
// says; of an old side that has neither, as that of the new side does. A file
// that cannot be read is told by the compiler, which reads it too.
func workspaceOf(in Input, directory string) *bufyaml.Workspace {
	own, err := bufyaml.Find(directory)
	if err != nil || own != nil || in.Beside == "" {
		return own
	}
	other, _ := bufyaml.Find(in.Beside)
	if other == nil {
		return nil
	}
	there := *other
	there.Dir = directory
	there.Modules = slices.DeleteFunc(slices.Clone(other.Modules), func(m bufyaml.Module) bool {
		return !isDirectory(filepath.Join(directory, filepath.FromSlash(m.Path)))
	})
	if len(there.Modules) == 0 {
		return nil
	}
	return &there
}

// loadWorkspace loads the files of modules.
func loadWorkspace(in Input, w *bufyaml.Workspace, directory string, files []string, shown func(string) string) (*Schema, error) {
	src := descriptors.Sources{ImportPaths: slices.Clone(in.ImportPaths), DescriptorSets: in.ImportSets}
	for _, m := range w.Modules {
		for _, root := range m.Roots {
			src.ImportPaths = append(src.ImportPaths, filepath.Join(directory, filepath.FromSlash(root)))
		}
	}
	src.ImportPaths = append(src.ImportPaths, directory)
	var relative []string
	for _, f := range files {
		rel, err := filepath.Rel(directory, f)
		if err != nil {
			return nil, err
		}
		rel = filepath.ToSlash(rel)
		if slices.ContainsFunc(w.Modules, func(m bufyaml.Module) bool { return m.Contains(rel) }) {
			relative = append(relative, rel)
			src.Protos = append(src.Protos, f)
		}
	}
	if len(src.Protos) == 0 {
		return nil, &Problem{"the modules of " + strings.Join(w.Files, " and ") + " have no .proto file", ""}
	}
	s, err := open(in, shown, src)
	if err == nil {
		s.modules = newModules(w, relative)
	}
	return s, err
}

// protoFiles are the .proto files below a directory, without hidden
// directories and packages of npm, in order.
func protoFiles(directory string) ([]string, error) {
	var files []string
	err := filepath.WalkDir(directory, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && path != directory && (strings.HasPrefix(entry.Name(), ".") || entry.Name() == "node_modules"):
			return fs.SkipDir
		case !entry.IsDir() && strings.HasSuffix(entry.Name(), ".proto"):
			files = append(files, path)
		}
		return nil
	})
	return files, err
}

// open compiles or links the files of each part by itself; shown turns paths
// on disk into those that people know, nil leaves them.
func open(in Input, shown func(string) string, parts ...descriptors.Sources) (*Schema, error) {
	note := in.Note
	if shown == nil {
		shown = func(path string) string { return path }
	} else {
		note = nil
	}
	var all []protoreflect.FileDescriptor
	paths := make(map[string]string)
	sources := make(map[string][]byte)
	for _, src := range parts {
		src.Note = note
		src.SourceInfo = len(src.Protos) == 0 // else they are found when wanted
		schema, err := descriptors.Open(src)
		if err != nil {
			return nil, renamed(err, shown)
		}
		files, err := schema.Files()
		if err != nil {
			return nil, renamed(err, shown)
		}
		for _, f := range files {
			source := schema.Source(f.Path())
			switch {
			case in.ExcludeImports && schema.IsImport(f.Path()):
				continue
			case len(src.Protos) == 0: // a set is compared
			case slices.Contains(src.DescriptorSets, source):
				continue
			default:
				paths[f.Path()] = filepath.ToSlash(nearby(shown(source)))
			}
			all = append(all, f)
		}
		for _, f := range files {
			addSources(sources, f, schema, src.DescriptorSets)
		}
	}
	return newSchema(in.Name, all, paths, sources), nil
}

// addSources adds the text of a file, and of what it imports, where source had
// them.
func addSources(to map[string][]byte, f protoreflect.FileDescriptor, schema *descriptors.Schema, sets []string) {
	source := schema.Source(f.Path())
	if _, ok := to[f.Path()]; ok || source == "" || slices.Contains(sets, source) {
		return
	}
	to[f.Path()] = readAgain(source)
	for i := range f.Imports().Len() {
		addSources(to, f.Imports().Get(i).FileDescriptor, schema, sets)
	}
}

// readAgain is a file; nil for one that is none to be read twice.
func readAgain(path string) []byte {
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
		return nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil
	}
	return text
}

// nearby is an absolute path below the working directory as a relative one.
func nearby(path string) string {
	working, err := os.Getwd()
	if err != nil || !filepath.IsAbs(path) {
		return path
	}
	if rel, err := filepath.Rel(working, path); err == nil && filepath.IsLocal(rel) {
		return rel
	}
	return path
}

// renamed changes the paths in errors.
func renamed(err error, shown func(string) string) error {
	var list descriptors.Errors
	var one *descriptors.Error
	switch {
	case errors.As(err, &list):
	case errors.As(err, &one):
		list = descriptors.Errors{one}
	default:
		return err
	}
	for _, e := range list {
		if e.File != "" {
			e.File = shown(e.File)
		}
	}
	return list
}
