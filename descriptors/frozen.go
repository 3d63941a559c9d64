package descriptors

import (
	"fmt"
	"sync"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/runtime/protoimpl"
	"google.golang.org/protobuf/types/descriptorpb"
)

// frozen is the files of a schema as a cache entry has them: descriptors in
// wire form, which were checked when they were compiled. A file is linked when
// something in it is wanted. It is safe for concurrent use.
type frozen struct {
	notes []string // that were told when the schema was opened
	files []*frozenFile
	// whole says that files need protodesc: they have source info, or what
	// package protoimpl would not read in the same way.
	whole  bool
	byName map[string]*frozenFile
}

// frozenFile is one file.
type frozenFile struct {
	name, source string
	origin       frozenOrigin
	raw          []byte

	link sync.Once // sets fd and err
	fd   protoreflect.FileDescriptor
	err  error

	head   sync.Once // sets what follows
	pkg    string
	deps   []string // names of the files it imports
	public []string // those that it imports publicly
	option []string // those that it imports for options
}

// frozenOrigin is what kind of source had the file.
type frozenOrigin byte

const (
	frozenLinked   frozenOrigin = iota // into this program
	frozenCompiled                     // from .proto source
	frozenPacked                       // in a set
	frozenBuiltin                      // built in, to be linked
)

func (z *frozen) file(name string) *frozenFile {
	if z == nil {
		return nil
	}
	return z.byName[name]
}

// descriptor finds a declaration as Schema.findLinked does; nil if no file has
// it, or its file cannot be linked.
func (z *frozen) descriptor(name protoreflect.FullName) protoreflect.Descriptor {
	for pkg := name.Parent(); ; pkg = pkg.Parent() {
		for _, f := range z.files {
			if f.readHead(); f.pkg != string(pkg) {
				continue
			}
			if fd, err := z.linked(f, 0); err == nil {
				if d := findIn(fd, name); d != nil {
					return d
				}
			}
		}
		if pkg == "" {
			return nil
		}
	}
}

// readHead reads what a file's place among the others depends on.
func (f *frozenFile) readHead() { f.head.Do(f.scanHead) }

func (f *frozenFile) scanHead() {
	if f.origin == frozenLinked {
		if fd := linkedBuiltin(f.name); fd != nil {
			f.pkg = string(fd.Package())
		}
		return
	}
	var public []uint64
	eachField(f.raw, func(field protowire.Number, value []byte, number uint64) bool {
		switch {
		case field == filePackage:
			f.pkg = string(value)
		case field == fileDependency:
			f.deps = append(f.deps, string(value))
		case field == fileOptionDependency:
			f.option = append(f.option, string(value))
		case field == filePublicDependency && value == nil:
			public = append(public, number)
		}
		return true
	})
	for _, i := range public {
		if i < uint64(len(f.deps)) {
			f.public = append(f.public, f.deps[i])
		}
	}
}

// linked is the descriptor of a file. Files do not import each other in a
// cycle, so that nobody waits for himself.
func (z *frozen) linked(f *frozenFile, depth int) (protoreflect.FileDescriptor, error) {
	f.link.Do(func() {
		f.readHead()
		switch {
		case depth > maxImportChain:
			f.err = fmt.Errorf("imports more than %d files deep", maxImportChain)
		case f.origin == frozenLinked:
			if f.fd = linkedBuiltin(f.name); f.fd == nil {
				f.err = errNotFound
			}
		case z.whole:
			f.fd, f.err = z.linkWhole(f, depth)
		default:
			f.fd, f.err = z.linkLazily(f)
		}
	})
	return f.fd, f.err
}

// linkWhole reads all of a file, after those that it imports.
func (z *frozen) linkWhole(f *frozenFile, depth int) (protoreflect.FileDescriptor, error) {
	file := new(descriptorpb.FileDescriptorProto)
	if err := (proto.UnmarshalOptions{AllowPartial: true, Resolver: noTypes{}}).Unmarshal(f.raw, file); err != nil {
		return nil, err
	}
	adaptMessageSets(file)
	view := newVisible()
	for _, name := range imports(file) {
		if imported := z.byName[name]; imported != nil {
			fd, err := z.linked(imported, depth+1)
			if err != nil {
				return nil, err
			}
			view.add(fd)
		}
	}
	return newFile(file, view)
}

// linkLazily makes a descriptor that reads itself when it is asked for more
// than names, as those of generated code do.
func (z *frozen) linkLazily(f *frozenFile) (fd protoreflect.FileDescriptor, err error) {
	defer func() {
		if p := recover(); p != nil {
			fd, err = nil, fmt.Errorf("%v", p)
		}
	}()
	return protoimpl.DescBuilder{RawDescriptor: f.raw, FileRegistry: frozenRegistry{z, f}, TypeResolver: noTypes{}}.Build().File, nil
}

// visible finds a declaration in the files that a file imports, and in what
// those import publicly; nil if none has it.
func (z *frozen) visible(from *frozenFile, name protoreflect.FullName) protoreflect.Descriptor {
	seen := make(map[string]bool)
	wanted := from.deps
	for len(wanted) > 0 {
		f := z.byName[wanted[0]]
		wanted = wanted[1:]
		if f == nil || seen[f.name] {
			continue
		}
		seen[f.name] = true
		f.readHead()
		wanted = append(wanted[:len(wanted):len(wanted)], f.public...)
		if inPackage(string(name), f.pkg) {
			if fd, err := z.linked(f, 0); err == nil {
				if d := findIn(fd, name); d != nil {
					return d
				}
			}
		}
	}
	return nil
}

// frozenRegistry is what a lazy descriptor finds its imports with.
type frozenRegistry struct {
	z    *frozen
	file *frozenFile
}

// FindFileByPath finds a file that is imported.
func (r frozenRegistry) FindFileByPath(path string) (protoreflect.FileDescriptor, error) {
	f := r.z.file(path)
	if f == nil {
		return nil, protoregistry.NotFound
	}
	return r.z.linked(f, 0)
}

// FindDescriptorByName finds a message or enum of another file.
func (r frozenRegistry) FindDescriptorByName(name protoreflect.FullName) (protoreflect.Descriptor, error) {
	if d := r.z.visible(r.file, name); d != nil {
		return d, nil
	}
	return nil, protoregistry.NotFound
}

// RegisterFile has nothing to do: frozen knows its files.
func (frozenRegistry) RegisterFile(protoreflect.FileDescriptor) error { return nil }
