package breaking

import (
	"fmt"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// typeMove is a declaration of the old side and the one that corresponds to
// it, nil for none.
type typeMove struct{ old, new protoreflect.Descriptor }

// typeMoves are the messages, enums and services of the old side, in order.
func (c *comparison) typeMoves() []typeMove {
	if c.moves == nil {
		c.moves = c.findTypeMoves()
	}
	return c.moves
}

func (c *comparison) findTypeMoves() []typeMove {
	all := []typeMove{}
	add := func(old, new protoreflect.Descriptor) { all = append(all, typeMove{old, new}) }
	for _, t := range c.old.typeOrder {
		if n := c.pairs.types[t]; n != nil {
			add(t.desc, n.desc)
		} else {
			add(t.desc, nil)
		}
	}
	for _, e := range c.old.enumOrder {
		if n := c.pairs.enums[e.desc.FullName()]; n != nil {
			add(e.desc, n.desc)
		} else {
			add(e.desc, nil)
		}
	}
	for _, s := range c.old.serviceOrder {
		if n := c.new.services[s.FullName()]; n != nil {
			add(s, n)
		} else {
			add(s, nil)
		}
	}
	return all
}

// newFile is a compared file of the new side by its name; nil for none.
func (c *comparison) newFile(path string) protoreflect.FileDescriptor {
	if c.newFiles == nil {
		c.newFiles = make(map[string]protoreflect.FileDescriptor, len(c.new.files))
		for _, f := range c.new.files {
			c.newFiles[f.Path()] = f
		}
	}
	return c.newFiles[path]
}

// renamedPackages are the old packages that nothing declares any more and all
// of whose types stand in one other, under the names that they had.
func (c *comparison) renamedPackages() map[protoreflect.FullName]protoreflect.FullName {
	if c.renamed == nil {
		c.renamed = c.findRenamedPackages()
	}
	return c.renamed
}

func (c *comparison) findRenamedPackages() map[protoreflect.FullName]protoreflect.FullName {
	there := make(map[protoreflect.FullName]bool)
	for _, f := range c.new.files {
		there[f.Package()] = true
	}
	renamed := make(map[protoreflect.FullName]protoreflect.FullName)
	for _, m := range c.typeMoves() {
		from := m.old.ParentFile().Package()
		if there[from] {
			continue
		}
		to, known := renamed[from]
		_, service := m.old.(protoreflect.ServiceDescriptor)
		switch {
		case m.new == nil && service: // it has no shape to be known by
		case m.new == nil, known && to != m.new.ParentFile().Package(), codeName(m.old) != codeName(m.new):
			renamed[from] = ""
		default:
			renamed[from] = m.new.ParentFile().Package()
		}
	}
	for from, to := range renamed {
		if to == "" {
			delete(renamed, from)
		}
	}
	return renamed
}

func codePackagesRenamed(c *comparison) {
	renamed, told := c.renamedPackages(), make(map[protoreflect.FullName]*Finding)
	for _, m := range c.typeMoves() {
		from := m.old.ParentFile().Package()
		to, ok := renamed[from]
		if !ok {
			continue
		}
		if told[from] == nil && m.new != nil {
			f := c.found(m.new.ParentFile(), m.old.ParentFile(), fmt.Sprintf("package %s was renamed to %s", from, to))
			f.Element, f.Previous.Element = string(to), string(from)
			told[from] = hurtsCode(f, "code names the package: none of its types are found under their old names")
		}
		if f := told[from]; f != nil {
			f.Contents = append(f.Contents, elementName(m.old))
		}
	}
}

// codeFilesDeleted tells of files that are gone: those of a package that is
// gone together. Where a whole package was renamed, that says it.
func codeFilesDeleted(c *comparison) {
	renamed, packages := c.renamedPackages(), make(map[protoreflect.FullName]*Finding)
	there := make(map[protoreflect.FullName]bool)
	for _, f := range c.new.files {
		there[f.Package()] = true
	}
	for _, old := range c.old.files {
		pkg := old.Package()
		if renamed[pkg] != "" || c.newFile(old.Path()) != nil {
			continue
		}
		f := packages[pkg]
		switch {
		case f == nil:
			f = hurtsCode(c.gone(nil, old, "file "+old.Path()+" was deleted"), "what imports the file does not compile")
			if !there[pkg] && pkg != "" {
				packages[pkg] = f
			}
		case f.Element != string(pkg):
			f.Element, f.Message, f.Why = string(pkg), "package "+string(pkg)+" was deleted with all of its files", "what imports one of them does not compile"
			f.Contents = append([]string{f.File}, f.Contents...)
			fallthrough
		default:
			f.Contents = append(f.Contents, old.Path())
		}
		f.Contents = append(f.Contents, declared(old)...)
	}
}

// declared are the types and services of a file, with what lies within them.
func declared(file protoreflect.FileDescriptor) []string {
	var all []string
	for i := range file.Messages().Len() {
		all = append(append(all, elementName(file.Messages().Get(i))), contentsOf(file.Messages().Get(i))...)
	}
	for i := range file.Enums().Len() {
		all = append(all, elementName(file.Enums().Get(i)))
	}
	for i := range file.Services().Len() {
		all = append(append(all, elementName(file.Services().Get(i))), contentsOf(file.Services().Get(i))...)
	}
	return all
}

// goneAlong says whether an old type went with its file, and what corresponds
// to it by its shape is another one to those who used it.
func (c *comparison) goneAlong(old, new protoreflect.Descriptor) bool {
	return old.FullName() != new.FullName() && c.newFile(old.ParentFile().Path()) == nil && c.renamedPackages()[old.ParentFile().Package()] == ""
}

// covered says whether a lost declaration is told of with what held it: its
// file, its package, or a message around it that is lost too.
func (c *comparison) covered(old protoreflect.Descriptor) bool {
	if _, ok := c.renamedPackages()[old.ParentFile().Package()]; ok || c.newFile(old.ParentFile().Path()) == nil {
		return true
	}
	parent, ok := old.Parent().(protoreflect.MessageDescriptor)
	return ok && c.pairs.types[c.old.types[parent.FullName()]] == nil
}

func codeTypesDeleted(c *comparison) {
	for _, m := range c.typeMoves() {
		if m.new == nil && !c.covered(m.old) {
			f := c.gone(c.holderOf(m.old), m.old, elementName(m.old)+" was deleted")
			f.Contents = contentsOf(m.old)
			hurtsCode(f, "code that names the type does not compile")
		}
	}
}

func codeTypesMoved(c *comparison) {
	renamed := c.renamedPackages()
	for _, m := range c.typeMoves() {
		if m.new == nil || renamed[m.old.ParentFile().Package()] != "" || c.movedWithin(m) || c.goneAlong(m.old, m.new) {
			continue
		}
		from, to := m.old.ParentFile(), m.new.ParentFile()
		switch {
		case m.old.FullName() != m.new.FullName():
			hurtsCode(c.found(m.new, m.old, fmt.Sprintf("%s is called %s now", elementName(m.old), elementName(m.new))),
				"code that names the type does not compile")
		case from.Path() != to.Path():
			if file := c.newFile(from.Path()); file != nil && !seesPublicly(file, to.Path(), nil) {
				hurtsCode(c.found(m.new, m.old, fmt.Sprintf("%s moved from %s to %s", elementName(m.old), from.Path(), to.Path())),
					"what imports "+from.Path()+" does not see the type any more")
			}
		}
	}
}

// movedWithin says whether a type went along with the message around it.
func (c *comparison) movedWithin(m typeMove) bool {
	before, ok := m.old.Parent().(protoreflect.MessageDescriptor)
	after, ok2 := m.new.Parent().(protoreflect.MessageDescriptor)
	if !ok || !ok2 || m.old.Name() != m.new.Name() {
		return false
	}
	n := c.pairs.types[c.old.types[before.FullName()]]
	return n != nil && n.desc == after
}

// seesPublicly says whether importers of a file see another through its public
// imports.
func seesPublicly(file protoreflect.FileDescriptor, path string, seen map[string]bool) bool {
	if seen == nil {
		seen = make(map[string]bool)
	}
	for i := range file.Imports().Len() {
		imported := file.Imports().Get(i)
		if !imported.IsPublic || seen[imported.Path()] {
			continue
		}
		seen[imported.Path()] = true
		if imported.Path() == path || seesPublicly(imported.FileDescriptor, path, seen) {
			return true
		}
	}
	return false
}

func codeImportsPublic(c *comparison) {
	for _, old := range c.old.files {
		new := c.newFile(old.Path())
		if new == nil {
			continue
		}
		for i := range old.Imports().Len() {
			imported := old.Imports().Get(i)
			if !imported.IsPublic || seesPublicly(new, imported.Path(), nil) {
				continue
			}
			f := c.found(new, old, fmt.Sprintf("%s does not import %s publicly any more", new.Path(), imported.Path()))
			hurtsCode(f, "what imports "+new.Path()+" does not see what "+imported.Path()+" declares any more")
		}
	}
}

func codeExtensionsDeleted(c *comparison) {
	for _, old := range c.old.extensionOrder {
		if c.new.extensionsNamed[old.FullName()] != nil || c.covered(old) {
			continue
		}
		f := c.gone(c.holderOf(old), old, fmt.Sprintf("extension %s of %s was deleted", old.FullName(), old.ContainingMessage().FullName()))
		hurtsCode(f, "code that names the extension does not compile")
	}
}

func codeExtensionRanges(c *comparison, p *messagePair) {
	if c.goneAlong(p.old.desc, p.new.desc) {
		return
	}
	held := sortedRanges(fieldRanges(p.new.desc.ExtensionRanges()))
	for _, r := range sortedRanges(fieldRanges(p.old.desc.ExtensionRanges())) {
		if free := without(r, held); len(free) > 0 {
			f := c.found(p.new.desc, p.old.desc, fmt.Sprintf("%s of %s cannot be numbers of extensions any more", spanText(free), p.new.desc.FullName()))
			hurtsCode(f, "files that declare an extension there do not compile")
		}
	}
}
