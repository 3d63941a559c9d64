package descriptors

import (
	"bytes"
	"strings"
)

// closure reads the named files and all that they import from the tree. It
// says what is missing, unreadable or cyclic, everything in one go, before
// anything is compiled.
func (t *tree) closure(names []string) error {
	w := walker{tree: t, state: make(map[string]walkState)}
	for _, name := range names {
		f, err := t.find(name)
		if err != nil {
			w.fail(err)
			continue
		}
		if f != nil {
			w.visit(f)
		}
	}
	return w.errs[:min(len(w.errs), maxErrors)].asError()
}

type walkState uint8

const (
	unseen walkState = iota
	open
	done
)

type walker struct {
	tree  *tree
	state map[string]walkState
	path  []string // the open files, outermost first
	errs  Errors
}

func (w *walker) fail(err error) { w.errs = append(w.errs, flatten(err)...) }

func (w *walker) visit(f *sourceFile) {
	w.state[f.name] = open
	w.path = append(w.path, f.name)
	w.oneName(f)
	for i := range f.outline.imports {
		line := &f.outline.imports[i]
		switch w.state[line.path] {
		case open:
			w.errs = append(w.errs, w.cycle(f, line))
		case unseen:
			w.enter(f, line)
		}
	}
	w.path = w.path[:len(w.path)-1]
	w.state[f.name] = done
}

// oneName reports a file that two names lead to: what it declares would be
// declared twice.
func (w *walker) oneName(f *sourceFile) {
	first, ok := w.tree.names[f.path]
	if !ok {
		w.tree.names[f.path] = f.name
		return
	}
	if first != f.name && len(f.outline.decls) > 0 {
		w.errs = append(w.errs, &Error{Kind: KindConflict, File: f.path,
			Message: `is imported by two names: "` + first + `" and "` + f.name + `"`,
			Hint:    "import it by one name everywhere, and give with -I only the directory that this name is relative to"})
	}
}

// enter goes on to an imported file.
func (w *walker) enter(f *sourceFile, line *importLine) {
	imported, err := w.tree.find(line.path)
	if err == nil && imported == nil && !w.tree.elsewhere(line.path) {
		imported, err = w.tree.guess(f, line)
	}
	if err != nil {
		w.state[line.path] = done
		w.fail(err)
		return
	}
	if imported == nil {
		w.state[line.path] = done
		return
	}
	w.visit(imported)
}

// maxGuesses is for how many imports a root is looked for: if more are
// missing, the sources are the wrong ones.
const maxGuesses = 16

// guess takes the one root that resolves an import, or says what is missing.
func (t *tree) guess(f *sourceFile, line *importLine) (*sourceFile, error) {
	e := f.errorAt(line.line, line.column)
	e.Kind = KindImport
	e.Message = printable(`import "` + line.path + `" not found`)
	if !validImport(line.path) {
		e.Hint = "imports are relative to an import path (-I), without ./ and ../ in them"
		return nil, e
	}
	var roots []string
	all, near := false, ""
	if t.guesses++; t.guesses <= maxGuesses && (t.texts == nil || t.disk.isFile(f.path)) {
		if roots, all = t.guessRoots(f, line.path); len(roots) == 0 {
			near = t.nearestFile(line.path)
		}
	}
	if len(roots) == 1 && all {
		t.addRoot(roots[0])
		t.note("import path " + roots[0] + " taken: " + f.path + ` imports "` + line.path + `"`)
		return t.find(line.path)
	}
	if len(t.roots) > 0 {
		e.Message += "; searched: " + strings.Join(t.roots, ", ")
	}
	switch {
	case len(roots) == 1:
		e.Hint = "it lies under " + roots[0] + ": -I " + roots[0]
	case len(roots) > 1:
		e.Hint = "it lies under several directories; choose one: -I " + strings.Join(roots, " or -I ")
	case near != "":
		e.Hint = "did you mean \"" + near + "\"? Else give the directory that the import is relative to with -I"
	case t.registryHint() != "":
		e.Hint = t.registryHint()
	default:
		e.Hint = "give the directory that the import is relative to with -I, or a descriptor set that has the file with -d"
	}
	return nil, e
}

func (w *walker) cycle(f *sourceFile, line *importLine) *Error {
	from := 0
	for i, name := range w.path {
		if name == line.path {
			from = i
		}
	}
	e := f.errorAt(line.line, line.column)
	e.Kind = KindImport
	e.Message = "imports form a cycle: " + strings.Join(w.path[from:], " → ") + " → " + line.path
	e.Hint = "move what both files need into a third"
	return e
}

// withoutMark is a text without its byte order mark.
func withoutMark(text []byte) []byte { return bytes.TrimPrefix(text, []byte("\xef\xbb\xbf")) }

// errorAt is an error of the file at that line and column, both from 1.
func (f *sourceFile) errorAt(line, column int) *Error {
	return &Error{Kind: KindSource, File: f.path, Line: line, Column: column, SourceLine: lineOf(f.text, line)}
}

// lineOf is a line of a text, counted from 1, without its end; at most 200
// bytes of it.
func lineOf(text []byte, line int) string {
	text = withoutMark(text)
	for ; line > 1; line-- {
		i := bytes.IndexByte(text, '\n')
		if i < 0 {
			return ""
		}
		text = text[i+1:]
	}
	if i := bytes.IndexByte(text, '\n'); i >= 0 {
		text = text[:i]
	}
	text = bytes.TrimRight(text, "\r")
	return printable(string(text[:min(len(text), 200)]))
}
