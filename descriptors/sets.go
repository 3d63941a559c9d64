package descriptors

import (
	"bytes"
	"strconv"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/descriptorpb"
)

// sets is the index of all descriptor sets: files by name, still packed.
type sets struct {
	files map[string]*setEntry
	order []*setEntry // without the duplicates
	// declared is the file that declares a full name, made when somebody looks
	// for one that was not expected.
	declared map[string]*setEntry
	note     func(string)
	remote   *remote // asked for what no set has
	disk     *disk
}

// setEntry is one file of a set.
type setEntry struct {
	name, pkg string
	raw       []byte // FileDescriptorProto in wire form
	set       string // path of the set
	place     int    // its rank there, from 1
	within    string // where in it, for generated code
	remote    bool   // set is a server that was asked
	named     bool   // it is in sets.order
	// others are files of the same name and other bytes, same the other sets
	// that have it with the same.
	others  []*setEntry
	same    []string
	checked bool // others were compared

	outlined *outline
	lined    bool // the outline has its lines
}

func (e *setEntry) where() string {
	if e.within != "" {
		return e.set + " (" + e.within + ")"
	}
	return e.set + " (file " + strconv.Itoa(e.place) + ")"
}

// open indexes the sets of those paths.
func (s *sets) open(paths []string) Errors {
	var errs Errors
	for _, path := range paths {
		if err := s.openFile(path); err != nil {
			errs = append(errs, err)
		}
	}
	return errs
}

// openFile indexes the set, or the generated code, of a path.
func (s *sets) openFile(path string) *Error {
	lifted, err := s.liftFile(path)
	if err != nil {
		return err
	}
	if lifted != nil {
		return s.addLifted(path, lifted)
	}
	data, err := s.readSet(path)
	if err != nil {
		return err
	}
	if lifted, err = s.liftData(path, data); err != nil {
		return err
	}
	if lifted != nil {
		return s.addLifted(path, lifted)
	}
	return s.add(path, data)
}

// add indexes one set.
func (s *sets) add(path string, data []byte) *Error {
	place := 0
	var bad *Error
	ok := eachField(data, func(field protowire.Number, value []byte, _ uint64) bool {
		if field != setFile || value == nil {
			return true
		}
		place++
		entry := &setEntry{raw: value, set: path, place: place}
		if !entry.readHead() {
			bad = &Error{Kind: KindFile, File: path, Message: "is not a descriptor set"}
			return false
		}
		s.insert(entry)
		return true
	})
	switch {
	case ok && place > 0:
		return nil
	case place > 1 || place == 1 && bad == nil:
		return &Error{Kind: KindFile, File: path, Message: "is damaged or cut off: file " + strconv.Itoa(place) + " and what follows it cannot be read",
			Hint: "make the descriptor set again"}
	}
	return notASet(path, data)
}

// readHead reads the name and the package; false for what is no
// FileDescriptorProto.
func (e *setEntry) readHead() bool {
	ok := eachField(e.raw, func(field protowire.Number, value []byte, _ uint64) bool {
		switch field {
		case fileName:
			e.name = printable(string(value))
		case filePackage:
			e.pkg = printable(string(value))
		}
		return true
	})
	return ok && e.name != ""
}

// imageImport is the field of a file in an image of buf that says whether the
// file is there for others to import: a message with the bool as its field 1.
const imageImport = 8042

// IsImport says whether the descriptor set that has a file marks it as one that
// is only imported, as buf's images do.
func (s *Schema) IsImport(file string) bool {
	e := s.sets.files[file]
	marked := false
	if e != nil {
		eachField(e.raw, func(field protowire.Number, value []byte, _ uint64) bool {
			if field == imageImport {
				eachField(value, func(field protowire.Number, _ []byte, v uint64) bool {
					marked = marked || field == 1 && v != 0
					return true
				})
			}
			return true
		})
	}
	return marked
}

func (s *sets) insert(e *setEntry) {
	first := s.files[e.name]
	if first == nil {
		s.files[e.name] = e
		s.name(e)
		return
	}
	if !bytes.Equal(first.raw, e.raw) {
		first.others = append(first.others, e)
	} else if first.set != e.set {
		first.same = append(first.same, e.set)
	}
}

// conflict is an error where another file of the same name says something
// else. Comments, positions and the order of bytes do not count.
func (e *setEntry) conflict() error {
	if e.checked {
		return nil
	}
	mine, err := e.unmarshal()
	if err != nil {
		return err
	}
	for _, other := range e.others {
		theirs, err := other.unmarshal()
		if err != nil {
			return err
		}
		if !sameFile(mine, theirs) {
			return &Error{Kind: KindConflict, File: e.set,
				Message: "has another " + e.name + " than " + other.set + ": " + e.where() + " and " + other.where() + " differ",
				Hint:    "leave one of the sets out"}
		}
	}
	e.others, e.checked = nil, true
	return nil
}

func sameFile(a, b *descriptorpb.FileDescriptorProto) bool {
	a, b = proto.CloneOf(a), proto.CloneOf(b)
	a.SourceCodeInfo, b.SourceCodeInfo = nil, nil
	return proto.Equal(a, b)
}

func (e *setEntry) unmarshal() (*descriptorpb.FileDescriptorProto, error) {
	file := new(descriptorpb.FileDescriptorProto)
	err := proto.UnmarshalOptions{AllowPartial: true, Resolver: noTypes{}}.Unmarshal(e.raw, file)
	if err != nil {
		return nil, &Error{Kind: KindSet, File: e.set, Message: "holds a damaged " + e.name,
			Hint: "make the descriptor set again"}
	}
	return file, nil
}

// declaring is the file that declares a full name, nil if none does. It looks
// only into files of a fitting package.
func (s *sets) declaring(name string) *setEntry {
	for _, e := range s.order {
		if inPackage(name, e.pkg) && e.outline().declares(name) {
			return e
		}
	}
	return nil
}

// indexed is declaring for a name that the input brought, of which there may
// be many: it reads the declarations of all files once.
func (s *sets) indexed(name string) *setEntry {
	if s.declared == nil {
		s.declared = make(map[string]*setEntry)
		for _, e := range s.order {
			for _, d := range e.outline().decls {
				if _, ok := s.declared[d.name]; !ok {
					s.declared[d.name] = e
				}
			}
		}
	}
	return s.declared[name]
}

func (e *setEntry) outline() *outline {
	if e.outlined == nil {
		e.outlined = scanRaw(e.raw, e.pkg)
	}
	return e.outlined
}
