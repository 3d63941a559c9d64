package breaking

import (
	"bytes"
	"context"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/pbscope/pbscope/descriptors"
	"github.com/pbscope/pbscope/descriptors/breaking/filetree"
)

// fileFacts are what is known of a file that is not compiled.
type fileFacts struct {
	imports []string
	*descriptors.Facts
}

// selection finds the files that have to be compiled: those that differ, what
// they import, and those unchanged ones that a change elsewhere can reach. The
// rest is equal on both sides and means the same there, since the names that it
// refers to are declared as before.
//
// Every reference in an unchanged file has the last part of a name in its text,
// so that it is enough to look for the words of what was declared, changed or
// taken away elsewhere: too many files do no harm.
type selection struct {
	ctx      context.Context
	old, new *treeSide
	// changed are the names of files that differ in more than comments, or
	// that one side lacks.
	changed map[string]bool
	// chosen are the names of unchanged files that are compiled.
	chosen map[string]bool
	// words are, by file, last parts of names that can mean something else now
	// to those who see the file; declared are those of new names, by package.
	words, declared map[string]map[string]bool
	// paths are files whose importers see something else.
	paths    map[string]bool
	packages map[string]bool // that lost declarations
	public   map[string][]string
}

// selectFiles is the names of the files to compile.
func selectFiles(ctx context.Context, old, new *treeSide) (map[string]bool, error) {
	s := &selection{
		ctx: ctx, old: old, new: new, changed: make(map[string]bool), chosen: make(map[string]bool),
		words: make(map[string]map[string]bool), declared: make(map[string]map[string]bool),
		paths: make(map[string]bool), packages: make(map[string]bool), public: make(map[string][]string),
	}
	if err := s.findChanged(); err != nil {
		return nil, err
	}
	if len(s.changed) > 0 {
		if err := s.findReached(); err != nil {
			return nil, err
		}
	}
	for _, f := range new.files { // waivers that nothing needs are told of
		if bytes.Contains(f.Text, []byte(waiverMark)) {
			s.chosen[f.name] = true
		}
	}
	s.addImports()
	maps.Copy(s.chosen, s.changed)
	return s.chosen, nil
}

func (s *selection) findChanged() error {
	var both []*filetree.File
	same := make(map[*filetree.File]bool)
	for _, f := range s.new.files {
		o := s.old.names[f.name]
		switch {
		case o == nil:
			s.changed[f.name] = true
		case o.ID != "" && o.ID == f.ID || bytes.Equal(o.Text, f.Text):
		default:
			both = append(both, f.File)
		}
	}
	equal := make([]bool, len(both))
	index := make(map[*filetree.File]int, len(both))
	for i, f := range both {
		index[f] = i
	}
	names := make(map[*filetree.File]*sideFile, len(both))
	for _, f := range s.new.files {
		names[f.File] = f
	}
	err := filetree.EachFile(s.ctx, both, func(f *filetree.File) error {
		equal[index[f]] = descriptors.SameTokens(s.old.names[names[f].name].Text, f.Text)
		return nil
	})
	for i, f := range both {
		same[f] = equal[i]
		if !equal[i] {
			s.changed[names[f].name] = true
		}
	}
	for _, f := range s.old.files {
		if s.new.names[f.name] == nil {
			s.changed[f.name] = true
		}
	}
	return err
}

// unchanged are the files of the new side that are equal on both.
func (s *selection) unchanged() []*sideFile {
	var all []*sideFile
	for _, f := range s.new.files {
		if !s.changed[f.name] {
			all = append(all, f)
		}
	}
	return all
}

// findReached chooses the unchanged files that a change can reach.
func (s *selection) findReached() error {
	if err := s.readFacts(); err != nil {
		return err
	}
	for name := range s.changed {
		s.compareFile(name)
	}
	s.comparePackages()
	s.compareOptions()
	s.choosePaths()
	s.choosePackages()
	unchanged := s.unchanged()
	files := make([]*filetree.File, len(unchanged))
	reached := make(map[*filetree.File]*bool, len(unchanged))
	seen := make(map[*filetree.File][]string, len(unchanged))
	for i, f := range unchanged {
		files[i], reached[f.File], seen[f.File] = f.File, new(bool), s.seenBy(f)
	}
	err := filetree.EachFile(s.ctx, files, func(f *filetree.File) error {
		*reached[f] = s.reaches(f, seen[f])
		return nil
	})
	for _, f := range unchanged {
		if *reached[f.File] {
			s.chosen[f.name] = true
		}
	}
	return err
}

// readFacts reads what the changed files declare, and the packages of the
// others.
func (s *selection) readFacts() error {
	for _, side := range []*treeSide{s.old, s.new} {
		files := make([]*filetree.File, len(side.files))
		changed := make(map[*filetree.File]bool)
		for i, f := range side.files {
			files[i] = f.File
			changed[f.File] = s.changed[f.name]
		}
		if err := filetree.EachFile(s.ctx, files, func(f *filetree.File) error {
			facts := side.facts[f.Path]
			switch {
			case changed[f] || declaresOptions(f.Text) || bytes.Contains(f.Text, []byte("public")):
				facts.Facts = descriptors.ReadFacts(f.Text)
			default:
				facts.Facts = &descriptors.Facts{Package: packageOf(f.Text)}
			}
			return nil
		}); err != nil {
			return err
		}
		for _, f := range side.files {
			if all := publicImports(side.facts[f.Path]); all != nil {
				s.public[f.name] = append(s.public[f.name], all...)
			}
		}
	}
	return nil
}

// declaresOptions says whether a file may extend the messages of options.
func declaresOptions(text []byte) bool {
	return bytes.Contains(text, []byte("extend")) && bytes.Contains(text, []byte("Options"))
}

// packageOf is the package of a file.
func packageOf(text []byte) string {
	for at := 0; ; {
		next := bytes.Index(text[at:], []byte("package"))
		if next < 0 {
			return ""
		}
		before := bytes.TrimRight(text[:at+next], " \t")
		at += next + len("package")
		end := bytes.IndexByte(text[at:], ';')
		if end < 0 {
			return ""
		}
		name := strings.Join(strings.Fields(string(text[at:at+min(end, 4096)])), "")
		plain := name != "" && !strings.ContainsFunc(name, func(r rune) bool {
			return r != '.' && r != '_' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
		})
		last := byte('\n')
		if len(before) > 0 {
			last = before[len(before)-1]
		}
		if plain && (last == '\n' || last == ';' || last == '/' || last == '\r') {
			// Such a line in a comment can be taken for it: then the file is read
			// closely.
			if bytes.Contains(text[:at], []byte("/*")) {
				return descriptors.ReadFacts(text).Package
			}
			return name
		}
	}
}

func (s *treeSide) factsOf(name string) *fileFacts {
	if f := s.names[name]; f != nil {
		return s.facts[f.Path]
	}
	return nil
}

func (s *treeSide) textOf(name string) []byte {
	if f := s.names[name]; f != nil {
		return f.Text
	}
	return nil
}

// compareFile notes what the importers of a changed file can see of the
// change.
func (s *selection) compareFile(name string) {
	old, new := s.old.factsOf(name), s.new.factsOf(name)
	before, after := declarations(old), declarations(new)
	s.lost(old, after)
	everything := s.hidden(name)
	enums := everything || s.settingsChanged(name)
	extended := mentions(s, name, "extensions")
	for _, side := range []struct{ these, those map[descriptors.Declared]bool }{{before, after}, {after, before}} {
		for d := range side.these {
			if d.Kind == descriptors.MethodEntry {
				continue
			}
			if !side.those[d] || everything || enums && d.Kind == descriptors.EnumEntry || extended && d.Kind == descriptors.MessageEntry {
				note(s.words, name, last(d.Name))
			}
			switch {
			case !before[d]: // if it is not new, nobody else has the name
				note(s.declared, new.Package, last(d.Name))
			case len(s.old.parts) > 1 || len(s.new.parts) > 1: // or a copy of it has
				note(s.declared, old.Package, last(d.Name))
			}
		}
	}
	if old == nil || new == nil || old.Package != new.Package || !slices.Equal(publicImports(old), publicImports(new)) {
		s.paths[name] = true
	}
}

func note(in map[string]map[string]bool, key, word string) {
	if in[key] == nil {
		in[key] = make(map[string]bool)
	}
	in[key][word] = true
}

func declarations(f *fileFacts) map[descriptors.Declared]bool {
	all := make(map[descriptors.Declared]bool)
	if f != nil {
		for _, d := range f.Declared {
			all[d] = true
		}
	}
	return all
}

func publicImports(f *fileFacts) []string {
	var all []string
	for _, i := range f.Imports {
		if i.Public {
			all = append(all, i.Path)
		}
	}
	return all
}

func last(name string) string { return name[strings.LastIndexByte(name, '.')+1:] }

// lost notes the packages that lack something now.
func (s *selection) lost(old *fileFacts, after map[descriptors.Declared]bool) {
	if old == nil {
		return
	}
	if len(after) == 0 {
		s.packages[old.Package] = true
	}
	for _, d := range old.Declared {
		if !after[d] {
			s.packages[old.Package] = true
			return
		}
	}
}

func mentions(s *selection, name, word string) bool {
	return bytes.Contains(s.old.textOf(name), []byte(word)) || bytes.Contains(s.new.textOf(name), []byte(word))
}

// hidden says whether a file can hide declarations from others (edition 2024).
func (s *selection) hidden(name string) bool {
	return mentions(s, name, "edition") && (mentions(s, name, "local") || mentions(s, name, "export") || mentions(s, name, "visibility"))
}

// settingsChanged says whether the enums of a file may be open now that were
// closed, or the reverse.
func (s *selection) settingsChanged(name string) bool {
	return mentions(s, name, "features") || syntaxOf(s.old.textOf(name)) != syntaxOf(s.new.textOf(name))
}

// syntaxOf is the syntax or edition of a file, as it is written; "" where the
// first statement does not say.
func syntaxOf(text []byte) string {
	for _, word := range []string{"syntax", "edition"} {
		if at := bytes.Index(text, []byte(word)); at >= 0 {
			if end := bytes.IndexByte(text[at:], ';'); end >= 0 && end < 100 {
				return strings.Join(strings.Fields(string(text[at:at+end])), "")
			}
		}
	}
	return ""
}

// comparePackages notes the packages that are new: nothing may have their names.
func (s *selection) comparePackages() {
	before := s.old.packages()
	for pkg := range s.new.packages() {
		if !before[pkg] {
			note(s.declared, pkg[:max(0, strings.LastIndexByte(pkg, '.'))], last(pkg))
		}
	}
}

// packages are the packages of all files, and those around them.
func (s *treeSide) packages() map[string]bool {
	all := make(map[string]bool)
	for _, f := range s.files {
		for pkg := s.facts[f.Path].Package; pkg != "" && !all[pkg]; pkg = pkg[:max(0, strings.LastIndexByte(pkg, '.'))] {
			all[pkg] = true
		}
	}
	return all
}

// compareOptions: what a file declares for options is seen by all that use
// them, however far away the change is.
func (s *selection) compareOptions() {
	for _, side := range []*treeSide{s.old, s.new} {
		touched := make(map[string]int) // 1 being looked at, 2 no, 3 yes
		var touches func(name string) bool
		touches = func(name string) bool {
			if s.changed[name] && !s.onlyAdds(name) {
				return true
			}
			facts := side.factsOf(name)
			if facts == nil || touched[name] != 0 {
				return touched[name] == 3
			}
			touched[name] = 1
			for _, imported := range facts.imports {
				if touches(imported) {
					touched[name] = 3
					return true
				}
			}
			touched[name] = 2
			return false
		}
		for _, f := range side.files {
			for _, d := range side.facts[f.Path].Declared {
				if d.Kind == descriptors.ExtensionEntry && strings.HasSuffix(d.Extends, "Options") && touches(f.name) {
					s.paths[f.name] = true
					break
				}
			}
		}
	}
}

// onlyAdds says whether what a file had is all there: options that were set
// still can be, and say the same.
func (s *selection) onlyAdds(name string) bool {
	old, new := s.old.textOf(name), s.new.textOf(name)
	return old != nil && new != nil && bytes.Count(old, []byte("required")) == bytes.Count(new, []byte("required")) && descriptors.OnlyAdds(old, new)
}

// choosePackages chooses files of packages that lost something so that it is
// seen which kinds of declarations are left there.
func (s *selection) choosePackages() {
	kinds := make(map[string]map[descriptors.EntryKind]bool)
	for _, f := range s.unchanged() {
		pkg := s.new.facts[f.Path].Package
		if !s.packages[pkg] {
			continue
		}
		if kinds[pkg] == nil {
			kinds[pkg] = make(map[descriptors.EntryKind]bool)
			s.chosen[f.name] = true
		}
		for _, d := range descriptors.ReadFacts(f.Text).Declared {
			if !kinds[pkg][d.Kind] {
				kinds[pkg][d.Kind] = true
				s.chosen[f.name] = true
			}
		}
	}
}

// choosePaths chooses the files that import what others see differently, and
// those that get it from them.
func (s *selection) choosePaths() {
	for again := len(s.paths) > 0; again; {
		again = false
		for _, f := range s.unchanged() {
			facts := s.new.facts[f.Path]
			if s.chosen[f.name] || !slices.ContainsFunc(facts.imports, func(i string) bool { return s.paths[i] }) {
				continue
			}
			s.chosen[f.name] = true
			if len(s.public[f.name]) > 0 && !s.paths[f.name] {
				s.paths[f.name], again = true, true
			}
		}
	}
}

// seenBy are the changed files whose declarations an unchanged one sees.
func (s *selection) seenBy(f *sideFile) []string {
	var all []string
	seen := make(map[string]bool)
	for queue := slices.Clone(s.new.facts[f.Path].imports); len(queue) > 0; queue = queue[1:] {
		name := queue[0]
		if seen[name] {
			continue
		}
		seen[name] = true
		if len(s.words[name]) > 0 {
			all = append(all, name)
		}
		queue = append(queue, s.public[name]...)
	}
	return all
}

// reaches says whether a change can reach an unchanged file that sees some
// changed ones. It is called from several goroutines.
func (s *selection) reaches(f *filetree.File, seen []string) bool {
	if hasWord(f.Text, s.declared[s.new.facts[f.Path].Package]) {
		return true
	}
	return slices.ContainsFunc(seen, func(name string) bool { return hasWord(f.Text, s.words[name]) })
}

// hasWord says whether one of some words stands in a text.
func hasWord(text []byte, words map[string]bool) bool {
	const few = 8 // words are found faster one by one
	if len(words) <= few {
		for w := range words {
			if bytes.Contains(text, []byte(w)) {
				return true
			}
		}
		return false
	}
	for len(text) > 0 {
		end := 0
		for end < len(text) && isWord(text[end]) {
			end++
		}
		if end > 0 && words[string(text[:end])] {
			return true
		}
		for end < len(text) && !isWord(text[end]) {
			end++
		}
		text = text[end:]
	}
	return false
}

func isWord(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_'
}

// addImports adds the compared files that the chosen ones import, on either
// side, so that both sides compile the same unchanged files.
func (s *selection) addImports() {
	var queue []string
	for name := range s.changed {
		queue = append(queue, name)
	}
	for name := range s.chosen {
		queue = append(queue, name)
	}
	for len(queue) > 0 {
		name := queue[0]
		queue = queue[1:]
		for _, side := range []*treeSide{s.old, s.new} {
			facts := side.factsOf(name)
			if facts == nil {
				continue
			}
			for _, imported := range slices.Concat(facts.imports, facts.declaredImports()) {
				imported = path.Clean(imported)
				if !s.changed[imported] && !s.chosen[imported] && s.new.names[imported] != nil {
					s.chosen[imported] = true
					queue = append(queue, imported)
				}
			}
		}
	}
}

func (f *fileFacts) declaredImports() []string {
	if f.Facts == nil {
		return nil
	}
	var all []string
	for _, i := range f.Imports {
		all = append(all, i.Path)
	}
	return all
}
