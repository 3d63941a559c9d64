package breaking

import (
	"slices"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	"github.com/pbscope/pbscope/inspect/plan"
)

// Schema is one side of a comparison: the files that are compared, and
// everything that they import.
type Schema struct {
	// Name is what the user called it.
	Name string

	files    []protoreflect.FileDescriptor
	modules  []schemaModule         // of its buf.yaml, if it has one
	checked  map[string]bool        // by file name: it is compared, not only imported
	paths    map[string]string      // by file name: its path on disk, "" if it has none
	sources  map[string][]byte      // by file name: its text; none for a set
	located  map[string]*locations  // by file name; see there
	texts    map[string]*sourceText // by file name; see there
	plans    *plan.Set
	types    map[protoreflect.FullName]*typ
	enums    map[protoreflect.FullName]*enum
	services map[protoreflect.FullName]protoreflect.ServiceDescriptor

	equal []equalFile // compared files that were not compiled

	// In the order of declaration, compared files only.
	typeOrder    []*typ
	enumOrder    []*enum
	serviceOrder []protoreflect.ServiceDescriptor

	// In that order too.
	extensionOrder []protoreflect.ExtensionDescriptor

	extensionsOf     map[protoreflect.FullName][]protoreflect.ExtensionDescriptor
	extensionsNamed  map[protoreflect.FullName]protoreflect.ExtensionDescriptor
	extensionsNumber map[extensionKey]protoreflect.ExtensionDescriptor
}

type extensionKey struct {
	extendee protoreflect.FullName
	number   protoreflect.FieldNumber
}

// typ is a message type of one side.
type typ struct {
	schema  *Schema
	desc    protoreflect.MessageDescriptor
	checked bool
	// used says that a field of another type or a method refers to it.
	used     bool
	loaded   bool
	plan     *plan.Message
	fields   []*plan.Field // with extensions, by ascending number
	required []*plan.Field // of them
	number   map[protoreflect.FieldNumber]*plan.Field
	named    map[string]*plan.Field // by proto name; extensions by [full.name]
}

// enum is an enum type of one side.
type enum struct {
	desc    protoreflect.EnumDescriptor
	checked bool
}

// newSchema indexes files, in their order, and what they import; paths and
// sources are by file name.
func newSchema(name string, files []protoreflect.FileDescriptor, paths map[string]string, sources map[string][]byte) *Schema {
	s := &Schema{
		Name:     name,
		files:    files,
		checked:  make(map[string]bool, len(files)),
		paths:    paths,
		sources:  sources,
		located:  make(map[string]*locations),
		texts:    make(map[string]*sourceText),
		types:    make(map[protoreflect.FullName]*typ),
		enums:    make(map[protoreflect.FullName]*enum),
		services: make(map[protoreflect.FullName]protoreflect.ServiceDescriptor),

		extensionsOf:     make(map[protoreflect.FullName][]protoreflect.ExtensionDescriptor),
		extensionsNamed:  make(map[protoreflect.FullName]protoreflect.ExtensionDescriptor),
		extensionsNumber: make(map[extensionKey]protoreflect.ExtensionDescriptor),
	}
	s.plans = plan.NewSet(s)
	for _, f := range files {
		s.checked[f.Path()] = true
	}
	seen := make(map[string]bool)
	for _, f := range files {
		s.addFile(f, seen)
	}
	s.markUses()
	return s
}

func (s *Schema) addFile(f protoreflect.FileDescriptor, seen map[string]bool) {
	if f.IsPlaceholder() || seen[f.Path()] {
		return
	}
	seen[f.Path()] = true
	for i := range f.Imports().Len() {
		s.addFile(f.Imports().Get(i).FileDescriptor, seen)
	}
	checked := s.checked[f.Path()]
	s.addScope(f, checked)
	for i := range f.Services().Len() {
		d := f.Services().Get(i)
		if s.services[d.FullName()] != nil {
			continue
		}
		s.services[d.FullName()] = d
		if checked {
			s.serviceOrder = append(s.serviceOrder, d)
		}
	}
}

// scope is what declares types: a file or a message.
type scope interface {
	Messages() protoreflect.MessageDescriptors
	Enums() protoreflect.EnumDescriptors
	Extensions() protoreflect.ExtensionDescriptors
}

func (s *Schema) addScope(in scope, checked bool) {
	for i := range in.Enums().Len() {
		e := &enum{desc: in.Enums().Get(i), checked: checked}
		if s.enums[e.desc.FullName()] != nil {
			continue // declared twice, in modules that do not see each other
		}
		s.enums[e.desc.FullName()] = e
		if checked {
			s.enumOrder = append(s.enumOrder, e)
		}
	}
	for i := range in.Extensions().Len() {
		x := in.Extensions().Get(i)
		if s.extensionsNamed[x.FullName()] != nil {
			continue
		}
		s.extensionsNamed[x.FullName()] = x
		if checked {
			s.extensionOrder = append(s.extensionOrder, x)
		}
		extendee := x.ContainingMessage().FullName()
		s.extensionsOf[extendee] = append(s.extensionsOf[extendee], x)
		s.extensionsNumber[extensionKey{extendee, x.Number()}] = x
	}
	for i := range in.Messages().Len() {
		t := &typ{schema: s, desc: in.Messages().Get(i), checked: checked}
		if s.types[t.desc.FullName()] != nil {
			continue
		}
		s.types[t.desc.FullName()] = t
		if checked && !t.desc.IsMapEntry() {
			s.typeOrder = append(s.typeOrder, t)
		}
		s.addScope(t.desc, checked)
	}
}

// markUses notes which types fields of other types and methods refer to.
func (s *Schema) markUses() {
	use := func(by protoreflect.FullName, f protoreflect.FieldDescriptor) {
		if m := f.Message(); m != nil && m.FullName() != by {
			if t := s.types[m.FullName()]; t != nil {
				t.used = true
			}
		}
	}
	for name, t := range s.types {
		if t.desc.IsMapEntry() {
			name = t.desc.Parent().FullName()
		}
		for i := range t.desc.Fields().Len() {
			use(name, t.desc.Fields().Get(i))
		}
	}
	for _, x := range s.extensionsNamed {
		use("", x)
	}
	for _, d := range s.services {
		for i := range d.Methods().Len() {
			m := d.Methods().Get(i)
			for _, d := range []protoreflect.MessageDescriptor{m.Input(), m.Output()} {
				if t := s.types[d.FullName()]; t != nil {
					t.used = true
				}
			}
		}
	}
}

// load fills the tables of fields when they are first needed.
func (t *typ) load() *typ {
	if t.loaded {
		return t
	}
	t.loaded = true
	t.plan = t.schema.plans.Message(t.desc)
	t.fields = slices.Clone(t.plan.ByNumber)
	for _, x := range t.schema.extensionsOf[t.desc.FullName()] {
		if f := t.plan.Field(x.Number()); f != nil && f.Extension {
			t.fields = append(t.fields, f)
		}
	}
	slices.SortFunc(t.fields, func(a, b *plan.Field) int { return int(a.Number) - int(b.Number) })
	t.number = make(map[protoreflect.FieldNumber]*plan.Field, len(t.fields))
	t.named = make(map[string]*plan.Field, len(t.fields))
	for _, f := range t.fields {
		t.number[f.Number] = f
		t.named[f.ProtoName] = f
		if f.Required {
			t.required = append(t.required, f)
		}
	}
	return t
}

// typeOf is the type of a message field, nil for other kinds.
func (s *Schema) typeOf(f *plan.Field) *typ {
	d := f.Desc.Message()
	if d == nil {
		return nil
	}
	return s.typeNamed(d)
}

func (s *Schema) typeNamed(d protoreflect.MessageDescriptor) *typ {
	t := s.types[d.FullName()]
	if t == nil {
		// A placeholder: the set that it came from lacks the file.
		t = &typ{schema: s, desc: d}
		s.types[d.FullName()] = t
	}
	return t.load()
}

// FindMessageByName implements plan.Resolver.
func (s *Schema) FindMessageByName(name protoreflect.FullName) (protoreflect.MessageDescriptor, error) {
	if t := s.types[name]; t != nil {
		return t.desc, nil
	}
	return nil, protoregistry.NotFound
}

// FindExtensionByName implements plan.Resolver.
func (s *Schema) FindExtensionByName(name protoreflect.FullName) (protoreflect.ExtensionDescriptor, error) {
	if x := s.extensionsNamed[name]; x != nil {
		return x, nil
	}
	return nil, protoregistry.NotFound
}

// FindExtensionByNumber implements plan.Resolver.
func (s *Schema) FindExtensionByNumber(message protoreflect.FullName, number protoreflect.FieldNumber) (protoreflect.ExtensionDescriptor, error) {
	if x := s.extensionsNumber[extensionKey{message, number}]; x != nil {
		return x, nil
	}
	return nil, protoregistry.NotFound
}
