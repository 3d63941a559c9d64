package descriptors

import (
	"bytes"
	"strings"

	"github.com/pbscope/pbscope/descriptors/check"
)

// diagnose adds to the errors of a compilation what else is wrong with the
// files that it read: the compiler stops early.
func (s *Schema) diagnose(err error) error {
	errs := flatten(err)
	set := s.checkSet(func(*sourceFile) bool { return true })
	s.readFurther(set)
	for name, parsed := range set.Files {
		f := s.tree.files[name]
		problems := append(parsed.Problems, set.Check(name)...)
		errs = s.merge(errs, f, problems, len(parsed.Problems) > 0)
	}
	errs = errs.sorted()
	return errs[:min(len(errs), maxErrors)].asError()
}

// readFurther adds the files that only this reading of an import statement
// leads to: a missing semicolon makes one name of two.
func (s *Schema) readFurther(set *check.Set) {
	var queue []string
	for _, parsed := range set.Files {
		queue = append(queue, parsed.Imports()...)
	}
	for len(queue) > 0 {
		name := queue[0]
		queue = queue[1:]
		if set.Files[name] != nil {
			continue
		}
		if f, err := s.tree.find(name); err == nil && f != nil && f.text != nil {
			set.Files[name], set.Paths[name] = check.Parse(f.text), f.path
			queue = append(queue, set.Files[name].Imports()...)
		}
	}
}

// checkSet reads the files of the tree that are not compiled yet and that want
// says.
func (s *Schema) checkSet(want func(*sourceFile) bool) *check.Set {
	set := &check.Set{Files: make(map[string]*check.File), Paths: make(map[string]string), Outside: s.declaredBy}
	for _, f := range s.tree.sorted() {
		if f.text != nil && want(f) {
			set.Files[f.name] = check.Parse(f.text)
			set.Paths[f.name] = f.path
		}
	}
	return set
}

// declaredBy is what a file declares that is not read closely.
func (s *Schema) declaredBy(name string) (declares map[string]check.Kind, public []string, ok bool) {
	var o *outline
	if f := s.tree.files[name]; f != nil {
		o = f.outline
	} else if e := s.sets.files[name]; e != nil {
		o = e.outline()
	} else if o = builtinOutline(name); o == nil {
		return nil, nil, false
	}
	declares = make(map[string]check.Kind, len(o.decls))
	for _, d := range o.decls {
		declares[d.name] = checkKind(d.kind)
	}
	for _, i := range o.imports {
		if i.public {
			public = append(public, i.path)
		}
	}
	return declares, public, true
}

func checkKind(kind EntryKind) check.Kind {
	switch kind {
	case MessageEntry:
		return check.Message
	case EnumEntry:
		return check.Enum
	case ExtensionEntry:
		return check.Extension
	case ServiceEntry:
		return check.Service
	}
	return check.Other
}

// merge puts problems of a file to the errors of the compiler. Where both
// speak of one place the compiler's words stay; about the syntax, of which it
// tells little, it is not asked.
func (s *Schema) merge(errs Errors, f *sourceFile, problems []check.Problem, syntax bool) Errors {
	type place struct{ line, column int }
	told := make(map[place]*Error)
	lines := make(map[int]bool)
	for _, p := range problems {
		lines[p.Line] = true
	}
	kept := errs[:0]
	for _, e := range errs {
		switch {
		case e.File != f.path:
		case e.Kind == KindImport:
			// A missing semicolon makes one import of two.
			if syntax && lines[e.Line] {
				continue
			}
		case e.Kind == KindSource || e.Kind == KindConflict:
			if syntax || lines[e.Line] && strings.HasPrefix(e.Message, "syntax error") {
				continue
			}
			told[place{e.Line, e.Column}] = e
		}
		kept = append(kept, e)
	}
	for _, p := range problems {
		if len(kept) >= 2*maxErrors {
			break
		}
		if before := told[place{p.Line, p.Column}]; before != nil {
			if before.Hint == "" {
				before.Hint = p.Hint
			}
			continue
		}
		kept = append(kept, s.problemError(f, p))
	}
	return kept
}

func (s *Schema) problemError(f *sourceFile, p check.Problem) *Error {
	e := f.errorAt(p.Line, p.Column)
	e.Message = printable(p.Message)
	if e.Hint = printable(p.Hint); e.Hint == "" {
		s.explain(e, f)
	}
	return e
}

// checkEditions holds files of editions to those of their rules that the
// compiler leaves out.
func (s *Schema) checkEditions() error {
	var errs Errors
	set := s.checkSet(func(f *sourceFile) bool { return bytes.Contains(f.text, []byte("edition")) })
	for _, parsed := range set.Files {
		if parsed.Edition() >= "2024" {
			// What it hides, it hides from files of all kinds.
			set = s.checkSet(func(*sourceFile) bool { return true })
			break
		}
	}
	for name := range set.Files {
		for _, p := range set.Check(name) {
			if p.Edition {
				errs = append(errs, s.problemError(s.tree.files[name], p))
			}
		}
	}
	return errs.sorted().asError()
}
