package descriptors

import (
	"slices"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/descriptors/source"
)

// SetOptions say what goes into a FileDescriptorSet.
type SetOptions struct {
	// Names are files, as imports call them, or full names of declarations,
	// whose files are taken; none stands for Schema.Files.
	Names []string
	// Imports adds all files that those import.
	Imports bool
	// SourceInfo keeps positions and comments, where the schema has them:
	// files that were compiled have them if Sources.SourceInfo was set.
	SourceInfo bool
}

// FileSet is a FileDescriptorSet in wire form. A file comes after those that
// it imports; the same schema always gives the same bytes.
func (s *Schema) FileSet(o SetOptions) ([]byte, error) {
	roots, err := s.filesOf(o.Names)
	if err != nil {
		return nil, err
	}
	files, err := s.packed(roots, o)
	if err != nil {
		return nil, err
	}
	var set []byte
	for _, f := range files {
		if f.compiled {
			f.raw = s.orderOptions(f.raw)
		}
		if !o.SourceInfo {
			f.raw = withoutField(f.raw, fileSourceInfo)
		}
		set = protowire.AppendBytes(protowire.AppendTag(set, setFile, protowire.BytesType), f.raw)
	}
	return set, nil
}

// packed are the files of a set.
func (s *Schema) packed(roots []protoreflect.FileDescriptor, o SetOptions) ([]packedFile, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(o.Names) > 0 || len(s.sets.order) == 0 {
		// Whoever names the same files in another order means the same; a set has
		// an order of its own.
		slices.SortStableFunc(roots, func(a, b protoreflect.FileDescriptor) int { return strings.Compare(a.Path(), b.Path()) })
	}
	w := setWriter{schema: s, options: o, seen: make(map[string]bool), named: make(map[string]bool)}
	for _, fd := range roots {
		w.named[fd.Path()] = true
	}
	for _, fd := range roots {
		if err := w.add(fd.Path(), fd); err != nil {
			return nil, err
		}
	}
	return w.files, nil
}

// packedFile is a FileDescriptorProto in wire form.
type packedFile struct {
	raw      []byte
	compiled bool // from source
}

// filesOf are the files of those names, files or declarations.
func (s *Schema) filesOf(names []string) ([]protoreflect.FileDescriptor, error) {
	if len(names) == 0 {
		return s.Files()
	}
	var files []protoreflect.FileDescriptor
	var errs Errors
	for _, name := range names {
		fd, err := s.FindFileByPath(name)
		if err == errNotFound {
			var d protoreflect.Descriptor
			if d, err = s.Descriptor(name); err == nil {
				fd = d.ParentFile()
			}
		}
		errs = append(errs, flatten(err)...)
		files = append(files, fd)
	}
	return files, errs.asError()
}

type setWriter struct {
	schema  *Schema
	options SetOptions
	named   map[string]bool
	seen    map[string]bool
	files   []packedFile
}

func (w *setWriter) add(path string, fd protoreflect.FileDescriptor) error {
	if w.seen[path] {
		return nil
	}
	w.seen[path] = true
	for i := range fd.Imports().Len() {
		if imported := fd.Imports().Get(i); !imported.IsPlaceholder() {
			if err := w.add(imported.Path(), imported.FileDescriptor); err != nil {
				return err
			}
		}
	}
	for _, path := range source.OptionImports(fd) {
		if l, err := w.schema.link(path, 0); err == nil && l != nil {
			if err := w.add(path, l.fd); err != nil {
				return err
			}
		}
	}
	if !w.options.Imports && !w.named[path] {
		return nil
	}
	raw, err := w.descriptor(path, fd)
	if err != nil {
		return &Error{Kind: KindSet, File: path, Message: "cannot be written as a descriptor: " + protobufText(err)}
	}
	l := w.schema.files[path]
	w.files = append(w.files, packedFile{raw, l == nil || l.entry == nil})
	return nil
}

// descriptor is the FileDescriptorProto of a file. That of a set goes on as it
// is, so that nothing is lost that this program does not know.
func (w *setWriter) descriptor(path string, fd protoreflect.FileDescriptor) ([]byte, error) {
	l := w.schema.files[path]
	if l != nil && l.entry != nil {
		return l.entry.raw, nil
	}
	if l != nil && l.raw != nil {
		return l.raw, nil
	}
	options := proto.MarshalOptions{Deterministic: true, AllowPartial: true}
	if l == nil || l.proto == nil {
		return options.Marshal(protodesc.ToFileDescriptorProto(fd))
	}
	return options.Marshal(l.proto)
}

// withoutField is a message without one of its fields.
func withoutField(message []byte, without protowire.Number) []byte {
	kept := make([]byte, 0, len(message))
	for len(message) > 0 {
		field, _, n := protowire.ConsumeField(message)
		if n < 0 {
			return append(kept, message...)
		}
		if field != without {
			kept = append(kept, message[:n]...)
		}
		message = message[n:]
	}
	return kept
}
