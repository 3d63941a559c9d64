// Package descriptors finds schemas and makes descriptors of them: from .proto
// source, from descriptor sets, and from the standard files that every tool
// knows. Nothing is built before it is wanted: only the imports' closure of
// the wanted types is compiled or linked.
//
// It hands out protoreflect descriptors only. It does not read messages (see
// inspect) and prints nothing; package cmd does.
package descriptors

import (
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/descriptors/cache"
	"github.com/pbscope/pbscope/descriptors/reflection"
)

// Sources says where a schema comes from. Of several sources that have a file
// the first wins: .proto files, then descriptor sets, then a server that is
// asked by reflection, then the standard files that are built in
// (google/protobuf, google/api, google/rpc, google/type, google/longrunning).
type Sources struct {
	// ImportPaths are directories that imports are relative to, searched in
	// this order. Of one that has a buf.yaml or buf.work.yaml the modules'
	// roots are, and files that a module excludes are not found by Types.
	ImportPaths []string
	// Protos are .proto files, relative to an import path or paths on disk.
	// One that lies under no import path makes one: the directory that its
	// imports fit, or its own.
	Protos []string
	// Texts has files that need not lie on disk, by the name that imports use;
	// they go before those of ImportPaths. With Texts, Protos are such names.
	Texts func(name string) (Text, bool)
	// DescriptorSets are paths of files with a FileDescriptorSet: binary,
	// JSON or text format, gzip- or zstd-compressed or not.
	DescriptorSets []string
	// Reflection is a server to ask for what the import paths and the sets do
	// not have; nil asks none. It is connected to when it is first needed.
	Reflection *reflection.Options
	// Types are full names of types that are wanted. With ImportPaths alone,
	// the files that declare them are found.
	Types []string
	// SourceInfo keeps positions and comments in descriptors; compiling takes
	// longer.
	SourceInfo bool
	// Cache keeps what was compiled, for a schema of the same sources to be
	// opened without reading them; nil keeps nothing.
	Cache *cache.Store
	// Note is told what was chosen in silence otherwise (one line, lower case,
	// no full stop); nil drops it. It may be called from any goroutine that
	// uses the Schema, one at a time, and must not use it itself.
	Note func(string)
}

// Text is the contents of a .proto file, and its path for people.
type Text struct {
	Path string
	Text []byte
}

// Schema is an open schema. It is safe for concurrent use and implements
// plan.Resolver.
type Schema struct {
	src   Sources
	disk  *disk
	tree  *tree
	sets  *sets
	named []string // names of the files in Sources.Protos

	mu         schemaLock
	files      map[string]*linked
	byPackage  map[protoreflect.FullName][]protoreflect.FileDescriptor
	broken     map[string]error // files that do not link
	linking    map[string]bool  // files of sets that are being linked
	order      []string         // of files
	noted      map[string]bool
	said       []string // of noted, in order
	extensions extensionIndex

	// cold says that the schema has only what the cache had, which is frozen,
	// and has not looked at its sources.
	cold   bool
	frozen *frozen
}

// Open opens a schema. Errors are *Error or Errors.
func Open(src Sources) (*Schema, error) {
	if s := openKept(src); s != nil {
		return s, nil
	}
	s := emptySchema(src)
	if src.key() != nil {
		s.disk.trace = new(cache.Trace)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.begin()
	if err := s.open(); err != nil {
		return nil, err
	}
	s.keep()
	return s, nil
}

// open reads what was named and wanted. The caller holds s.mu.
func (s *Schema) open() error {
	if err := s.prepare(); err != nil {
		return err
	}
	if len(s.named) > 0 {
		if err := s.compile(s.named); err != nil {
			return err
		}
	}
	var errs Errors
	for _, name := range s.src.Types {
		if _, err := s.descriptor(name); err != nil {
			errs = append(errs, flatten(err)...)
		}
	}
	return errs.asError()
}

// newSchema is a schema that has the built-in files alone.
func newSchema(src Sources) *Schema {
	s := emptySchema(src)
	s.begin()
	return s
}

// emptySchema is a schema that cannot find anything yet.
func emptySchema(src Sources) *Schema {
	s := &Schema{
		src:       src,
		disk:      new(disk),
		files:     make(map[string]*linked),
		byPackage: make(map[protoreflect.FullName][]protoreflect.FileDescriptor),
		broken:    make(map[string]error),
		linking:   make(map[string]bool),
		noted:     make(map[string]bool),
	}
	s.mu.locked = s.thaw
	return s
}

// begin makes the places where files are looked for.
func (s *Schema) begin() {
	s.sets = &sets{files: make(map[string]*setEntry), note: s.note, disk: s.disk}
	s.sets.remote = newRemote(s.src.Reflection, s.sets)
	s.tree = newTree(s.disk, s.src, s.hasElsewhere, s.note)
}

// prepare is a schema that has read the sets and found the named files; it has
// compiled nothing.
func prepare(src Sources) (*Schema, error) {
	s := newSchema(src)
	return s, s.prepare()
}

func (s *Schema) prepare() error {
	errs := s.sets.open(s.src.DescriptorSets)
	errs = append(errs, s.disk.checkRoots(s.src.ImportPaths)...)
	errs = append(errs, s.tree.problems...)
	for _, given := range s.src.Protos {
		if s.src.Texts != nil {
			s.named = append(s.named, given)
			continue
		}
		name, err := s.tree.resolve(given)
		errs = append(errs, flatten(err)...)
		if err == nil {
			s.named = append(s.named, name)
		}
	}
	return errs.asError()
}

// hasElsewhere says whether a source other than the tree has a file.
func (s *Schema) hasElsewhere(name string) bool {
	return s.sets.file(name) != nil || hasBuiltin(name)
}

// note says a thing once.
func (s *Schema) note(text string) {
	if s.noted[text] {
		return
	}
	s.noted[text] = true
	s.said = append(s.said, text)
	if s.src.Note != nil {
		s.src.Note(text)
	}
}

func (s *Schema) add(name string, l *linked) {
	s.files[name] = l
	s.order = append(s.order, name)
	s.byPackage[l.fd.Package()] = append(s.byPackage[l.fd.Package()], l.fd)
	s.extensions.pending = append(s.extensions.pending, l.fd)
}

// Files are the files that were named: those of Sources.Protos and of
// Sources.DescriptorSets, in that order, or all files under the import paths
// where no file was named and no type wanted. Their imports are not among
// them.
func (s *Schema) Files() ([]protoreflect.FileDescriptor, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	names := s.fileNames()
	var fresh []string
	for _, name := range names {
		if f, err := s.tree.find(name); err == nil && f != nil && s.files[name] == nil {
			fresh = append(fresh, name)
		}
	}
	if len(fresh) > 0 {
		if err := s.compile(fresh); err != nil {
			return nil, err
		}
	}
	var files []protoreflect.FileDescriptor
	var errs Errors
	for _, name := range names {
		l, err := s.link(name, 0)
		if err != nil {
			errs = append(errs, flatten(err)...)
		} else if l != nil {
			files = append(files, l.fd)
		}
	}
	if len(errs) > 0 {
		return nil, errs.asError()
	}
	return files, nil
}

// fileNames are the names of Files.
func (s *Schema) fileNames() []string {
	seen := make(map[string]bool)
	var names []string
	add := func(name string) {
		if !seen[name] {
			seen[name] = true
			names = append(names, name)
		}
	}
	for _, name := range s.named {
		add(name)
	}
	for _, e := range s.sets.all() {
		add(e.name)
	}
	if len(names) > 0 {
		return names
	}
	for _, f := range s.tree.index().files {
		add(f.name)
	}
	return names
}

// FindFileByPath finds a file by the name that imports use;
// protoregistry.NotFound where no source has it.
func (s *Schema) FindFileByPath(path string) (protoreflect.FileDescriptor, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l, err := s.link(path, 0)
	if err != nil {
		return nil, err
	}
	if l == nil {
		return nil, errNotFound
	}
	return l.fd, nil
}

// Source is where a file came from that has been linked: a path on disk, the
// path of a descriptor set, or "" for the built-in files.
func (s *Schema) Source(path string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if l := s.files[path]; l != nil {
		return l.source
	}
	return ""
}
