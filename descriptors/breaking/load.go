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
)

// Input says where one side of a comparison is.
type Input struct {
	// Name is a directory of .proto files, one .proto file, a descriptor set,
	// an archive (.tar, .tar.gz, .tgz, .zip, with #subdir=… or without), a git
	// ref, REF:PATH, or REPOSITORY.git#branch=…, tag=…, ref=…, subdir=….
	Name string
	// ImportPaths are directories that imports are relative to; where they do
	// not say, the imports themselves do.
	ImportPaths []string
	// ImportSets are descriptor sets that have what is imported from elsewhere.
	ImportSets []string
	// Beside is what the old side is compared with: a git ref without a path
	// means that path in it. "" is the working directory.
	Beside string
	// NoMergeBase takes the git ref of an old side itself and not the commit
	// where the two histories parted. That of a new side always stands for
	// itself.
	NoMergeBase bool
	// ExcludeImports leaves out the files of a descriptor set that it marks as
	// imports.
	ExcludeImports bool
	// Whole compiles all files: whoever asks for types by name wants to find
	// those that did not change, too.
	Whole bool
	// itself: a git ref stands for its own commit.
	itself bool
	apart  bool // see topsDiffer
	// partly: no schema is too small to be compiled in part.
	partly bool
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

// Load loads both sides. Of two trees of files (directories, archives, commits
// of git) it compiles only the files that differ and what those can reach, but
// for small ones and Input.Whole. It returns as soon as ctx ends, with its error; other errors
// are *SideError, that of the new side where both have one.
func Load(ctx context.Context, old, new Input) (oldSchema, newSchema *Schema, err error) {
	inner, cancel := context.WithCancel(ctx)
	defer cancel()
	var told [2][]string // the notes of each side, which come in any order
	notes := [2]func(string){old.Note, new.Note}
	old.Note = func(text string) { told[0] = append(told[0], text) }
	new.Note = func(text string) { told[1] = append(told[1], text) }
	oldSchema, newSchema, err = loadBoth(inner, old, new)
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
	return oldSchema, newSchema, nil
}

func loadBoth(ctx context.Context, old, new Input) (oldSchema, newSchema *Schema, err error) {
	new.itself = true
	new.apart = topsDiffer(old, new)
	old.apart = new.apart
	n, err := openSide(ctx, new, nil)
	if err != nil {
		return nil, nil, sideError(ctx, NewSide, new, err)
	}
	o, err := openSide(ctx, old, n)
	if err != nil {
		if n == nil { // it may not compile, which is to be told first
			if _, err := LoadNew(ctx, new); err != nil {
				return nil, nil, err
			}
		}
		return nil, nil, sideError(ctx, OldSide, old, err)
	}
	var chosen map[string]bool
	if o != nil && n != nil {
		if chosen, err = prepare(ctx, o, n); err != nil {
			var failed *failedSide
			if errors.As(err, &failed) && failed.side == o {
				return nil, nil, sideError(ctx, OldSide, old, failed.err)
			} else if failed != nil {
				err = failed.err
			}
			return nil, nil, sideError(ctx, NewSide, new, err)
		}
	}
	inner, cancel := context.WithCancel(ctx)
	defer cancel()
	var oldErr error
	done := make(chan struct{})
	go func() {
		defer close(done)
		oldSchema, oldErr = loadSide(inner, old, o, n, chosen)
	}()
	if newSchema, err = loadSide(inner, new, n, n, chosen); err != nil {
		cancel()
	}
	<-done
	if err != nil {
		return nil, nil, sideError(ctx, NewSide, new, err)
	}
	return oldSchema, newSchema, sideError(ctx, OldSide, old, oldErr)
}

// prepare reads two trees and chooses the files to compile.
func prepare(ctx context.Context, old, new *treeSide) (map[string]bool, error) {
	if err := readTexts(ctx, new, old); err != nil {
		return nil, err
	}
	if err := settle(ctx, old, new); err != nil {
		return nil, err
	}
	if old.in.Whole || new.in.Whole || !new.in.partly && new.size() <= wholeSize {
		return nil, nil
	}
	return selectFiles(ctx, old, new)
}

// wholeSize is up to which size of its files a schema is compiled whole, in
// bytes: that takes little longer, and finds errors in files that nobody
// changed.
const wholeSize = 32 << 10

// loadSide compiles the chosen files of a tree, or all where nil is chosen, or
// loads what is no tree.
func loadSide(ctx context.Context, in Input, s, new *treeSide, chosen map[string]bool) (*Schema, error) {
	return promptly(ctx, func() (*Schema, error) {
		if s == nil {
			return loadPath(in)
		}
		if s.names == nil { // the other side is no tree
			if err := readTexts(ctx, s); err != nil {
				return nil, err
			}
			if err := settle(ctx, s); err != nil {
				return nil, err
			}
		}
		return s.compile(ctx, chosen)
	})
}

// LoadOld loads all of the side that is compared against. Errors are
// *SideError, or that of ctx.
func LoadOld(ctx context.Context, in Input) (*Schema, error) {
	return loadAlone(ctx, OldSide, in)
}

// LoadNew loads all of the other side. Errors are *SideError, or that of ctx.
func LoadNew(ctx context.Context, in Input) (*Schema, error) {
	return loadAlone(ctx, NewSide, in)
}

func loadAlone(ctx context.Context, side Side, in Input) (schema *Schema, err error) {
	tree, err := openSide(ctx, in, nil)
	if err == nil {
		schema, err = loadSide(ctx, in, tree, nil, nil)
	}
	return schema, sideError(ctx, side, in, err)
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

// looksLikePath says that nobody means a git ref by the name.
func looksLikePath(name string) bool {
	for _, suffix := range []string{".proto", ".binpb", ".pb", ".desc", ".protoset", ".json", ".bin", ".gz", ".tgz", ".tar", ".zip"} {
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
	if strings.HasSuffix(in.Name, ".proto") {
		return open(in, descriptors.Sources{ImportPaths: in.ImportPaths, Protos: []string{in.Name}, DescriptorSets: in.ImportSets})
	}
	return open(in, descriptors.Sources{ImportPaths: in.ImportPaths, DescriptorSets: []string{in.Name}})
}

// open compiles one file on disk or links a descriptor set.
func open(in Input, src descriptors.Sources) (*Schema, error) {
	b := newBuilder(in)
	src.SourceInfo = len(src.Protos) == 0 // else they are found when wanted
	src.Note = in.Note
	if err := b.add(src, readAgain); err != nil {
		return nil, err
	}
	return b.schema(), nil
}

// builder makes a Schema of parts that compile by themselves.
type builder struct {
	in      Input
	files   []protoreflect.FileDescriptor
	paths   map[string]string
	sources map[string][]byte
}

func newBuilder(in Input) *builder {
	return &builder{in: in, paths: make(map[string]string), sources: make(map[string][]byte)}
}

func (b *builder) schema() *Schema { return newSchema(b.in.Name, b.files, b.paths, b.sources) }

// add compiles or links a part; read is the text of a path that it was compiled
// from.
func (b *builder) add(src descriptors.Sources, read func(path string) []byte) error {
	schema, err := descriptors.Open(src)
	if err != nil {
		return err
	}
	files, err := schema.Files()
	if err != nil {
		return err
	}
	for _, f := range files {
		source := schema.Source(f.Path())
		switch {
		case b.in.ExcludeImports && schema.IsImport(f.Path()):
			continue
		case len(src.Protos) == 0: // a set is compared
		case slices.Contains(src.DescriptorSets, source):
			continue
		default:
			b.paths[f.Path()] = filepath.ToSlash(nearby(source))
		}
		b.files = append(b.files, f)
	}
	for _, f := range files {
		b.addSources(f, schema, src.DescriptorSets, read)
	}
	return nil
}

// addSources adds the text of a file, and of what it imports, where source had
// them.
func (b *builder) addSources(f protoreflect.FileDescriptor, schema *descriptors.Schema, sets []string, read func(string) []byte) {
	source := schema.Source(f.Path())
	if _, ok := b.sources[f.Path()]; ok || source == "" || slices.Contains(sets, source) {
		return
	}
	b.sources[f.Path()] = read(source)
	for i := range f.Imports().Len() {
		b.addSources(f.Imports().Get(i).FileDescriptor, schema, sets, read)
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
