package descriptors

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"

	//lint:ignore SA1019 the compiler of .proto source hands out these descriptors
	"github.com/jhump/protoreflect/desc"
	//lint:ignore SA1019 the compiler of .proto source that this project uses
	"github.com/jhump/protoreflect/desc/protoparse"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"

	"github.com/pbscope/pbscope/descriptors/source"
)

// maxErrors is how many errors of one compilation are kept.
const maxErrors = 50

// errEnough stops a compilation that has too many errors.
var errEnough = errors.New("enough errors")

// compile compiles files of the tree with their imports' closure and adds all
// of it to s.files. The caller holds s.mu.
func (s *Schema) compile(names []string) error {
	if err := s.tree.closure(names); err != nil {
		return s.withServer(s.diagnose(err))
	}
	if err := s.linkImports(); err != nil {
		return err
	}
	if s.addFrozen(names) {
		return nil
	}
	c := &compilation{Schema: s}
	parser := protoparse.Parser{
		Accessor:                  c.openSource,
		LookupImport:              c.lookupLinked,
		LookupImportProto:         s.lookupBuiltin,
		IncludeSourceCodeInfo:     s.src.SourceInfo && !s.longLines(),
		AllowExperimentalEditions: true,
		ErrorReporter:             c.report,
	}
	files, err := parse(parser, names)
	errs := c.end()
	if len(errs) > 0 {
		return s.diagnose(errs)
	}
	if err != nil {
		return s.diagnose(s.otherError(names, err))
	}
	if err := s.checkEditions(); err != nil {
		return err
	}
	for _, f := range files {
		s.addCompiled(f)
	}
	for _, f := range files {
		s.linkOptionImports(f.UnwrapFile())
	}
	return nil
}

// linkOptionImports makes the files known that a compiled one imports for its
// options alone: they are not among its dependencies, and the extensions in
// them are what its custom options are read with.
func (s *Schema) linkOptionImports(f protoreflect.FileDescriptor) {
	for _, path := range source.OptionImports(f) {
		if _, err := s.link(path, 0); err != nil {
			s.note(path + " cannot be used: " + flatten(err)[0].Error())
		}
	}
}

// maxLine bounds the lines of files whose positions are kept, in bytes: the
// compiler counts columns from the line's start for each of its tokens.
const maxLine = 64 << 10

// longLines says whether a file that is to be compiled has lines beyond that.
func (s *Schema) longLines() bool {
	for _, f := range s.tree.sorted() {
		if hasLongLine(f.text) {
			s.note(f.path + ": has lines of more than 64 KiB; positions and comments are left out")
			return true
		}
	}
	return false
}

// parse runs the compiler; what it panics about is an error.
func parse(parser protoparse.Parser, names []string) (files []*desc.FileDescriptor, err error) {
	defer func() {
		if p := recover(); p != nil {
			files, err = nil, fmt.Errorf("the .proto compiler gave up: %v", p)
		}
	}()
	return parser.ParseFiles(names...)
}

// linkImports links what files of the tree import from sets.
func (s *Schema) linkImports() error {
	var errs Errors
	for _, f := range s.tree.fresh {
		for _, i := range f.outline.imports {
			if s.sets.files[i.path] == nil || s.tree.files[i.path] != nil {
				continue
			}
			_, err := s.link(i.path, 0)
			errs = append(errs, flatten(err)...)
		}
	}
	s.tree.fresh = nil
	return errs.asError()
}

// compilation is what a run of the compiler asks of the schema and tells it. A
// run that fails returns while goroutines of its own go on with other files:
// what they ask for then is not there, and nobody hears their errors.
type compilation struct {
	*Schema
	lock  sync.Mutex // of ended and errs; Schema.mu is held by who waits for the compiler
	ended bool
	errs  Errors
}

// end ends the run; it returns the errors so far.
func (c *compilation) end() Errors {
	c.lock.Lock()
	defer c.lock.Unlock()
	c.ended = true
	return c.errs
}

func (c *compilation) report(err protoparse.ErrorWithPos) error {
	c.lock.Lock()
	defer c.lock.Unlock()
	if c.ended {
		return errEnough
	}
	if c.errs = append(c.errs, c.compilerError(err)); len(c.errs) >= maxErrors {
		return errEnough
	}
	return nil
}

// openSource gives the compiler a file of the tree that is not compiled yet.
func (c *compilation) openSource(name string) (io.ReadCloser, error) {
	c.lock.Lock()
	defer c.lock.Unlock()
	if c.ended {
		return nil, os.ErrNotExist
	}
	s := c.Schema
	f := s.tree.files[name]
	if f == nil && name != descriptorProto {
		// The compiler asks for descriptor.proto even if nobody imports it.
		var err error
		if f, err = s.tree.find(name); err != nil {
			return nil, err
		}
	}
	if f == nil || s.files[name] != nil {
		return nil, os.ErrNotExist
	}
	return io.NopCloser(bytes.NewReader(f.text)), nil
}

// lookupLinked gives the compiler a file that is linked already. The compiler
// keeps its own descriptor.proto, which is the one that options are read with.
func (c *compilation) lookupLinked(name string) (*desc.FileDescriptor, error) {
	c.lock.Lock()
	defer c.lock.Unlock()
	if c.ended {
		return nil, os.ErrNotExist
	}
	l := c.files[name]
	if l == nil || l.fd == linkedBuiltin(name) || name == descriptorProto && l.entry != nil {
		return nil, os.ErrNotExist
	}
	return desc.WrapFile(l.fd)
}

const descriptorProto = "google/protobuf/descriptor.proto"

func (s *Schema) lookupBuiltin(name string) (*descriptorpb.FileDescriptorProto, error) {
	if file := builtinProto(name); file != nil {
		return file, nil
	}
	return nil, os.ErrNotExist
}

// addCompiled adds a file that was compiled, and all that it imports.
func (s *Schema) addCompiled(f *desc.FileDescriptor) {
	name := f.GetName()
	if s.files[name] != nil {
		return
	}
	l := &linked{fd: f.UnwrapFile(), proto: f.AsFileDescriptorProto()}
	if fd := linkedBuiltin(name); fd != nil && s.tree.files[name] == nil {
		l = &linked{fd: fd}
	}
	if source := s.tree.files[name]; source != nil {
		l.source = source.path
		source.text = nil
	}
	s.add(name, l)
	for _, d := range f.GetDependencies() {
		s.addCompiled(d)
	}
}

// compilerError puts an error of the compiler into our form.
func (s *Schema) compilerError(err protoparse.ErrorWithPos) *Error {
	pos := err.GetPosition()
	text := err.Unwrap().Error()
	f := s.tree.files[pos.Filename]
	if f == nil {
		return &Error{Kind: KindSource, File: pos.Filename, Line: pos.Line, Column: pos.Col, Message: text}
	}
	e := f.errorAt(pos.Line, 0)
	if pos.Line > 0 {
		// The compiler counts a tab as several columns.
		before := withoutMark(f.text)
		before = before[:min(pos.Offset, len(before))]
		e.Column = len(before) - bytes.LastIndexByte(before, '\n')
	}
	e.Message = printable(text)
	s.explain(e, f)
	return e
}

// otherError is an error of the compiler that has no position.
func (s *Schema) otherError(names []string, err error) error {
	var positioned protoparse.ErrorWithPos
	if errors.As(err, &positioned) {
		return s.compilerError(positioned)
	}
	e := &Error{Kind: KindSource, Message: strings.TrimSpace(err.Error())}
	if len(names) == 1 {
		if f := s.tree.files[names[0]]; f != nil {
			e.File = f.path
		}
	}
	return e
}

// findIn is the message, enum, service, method or extension of that full name
// in a file, nil if there is none.
func findIn(fd protoreflect.FileDescriptor, name protoreflect.FullName) protoreflect.Descriptor {
	rest := string(name)
	if pkg := string(fd.Package()); pkg != "" {
		if !inPackage(rest, pkg) {
			return nil
		}
		rest = rest[len(pkg)+1:]
	}
	var at interface {
		Messages() protoreflect.MessageDescriptors
		Enums() protoreflect.EnumDescriptors
		Extensions() protoreflect.ExtensionDescriptors
	} = fd
	for {
		first, more, nested := strings.Cut(rest, ".")
		n := protoreflect.Name(first)
		if nested {
			if m := at.Messages().ByName(n); m != nil {
				at, rest = m, more
				continue
			}
			if service := fd.Services().ByName(n); service != nil && at == fd {
				if m := service.Methods().ByName(protoreflect.Name(more)); m != nil {
					return m
				}
			}
			return nil
		}
		if m := at.Messages().ByName(n); m != nil {
			return m
		}
		if e := at.Enums().ByName(n); e != nil {
			return e
		}
		if x := at.Extensions().ByName(n); x != nil {
			return x
		}
		if service := fd.Services().ByName(n); service != nil && at == fd {
			return service
		}
		return nil
	}
}
