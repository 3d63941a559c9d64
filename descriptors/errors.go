package descriptors

import (
	"sort"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Kind is the class of an Error.
type Kind string

// The kinds of errors.
const (
	// KindSource: a .proto file that does not compile.
	KindSource Kind = "source"
	// KindImport: an import that no source has, or imports that form a cycle.
	KindImport Kind = "import"
	// KindFile: a file that cannot be read or is not what it was given as.
	KindFile Kind = "file"
	// KindSet: a descriptor set whose contents do not hold together.
	KindSet Kind = "set"
	// KindConflict: two sources that say different things of one name.
	KindConflict Kind = "conflict"
	// KindServer: a server that cannot be asked for its schema.
	KindServer Kind = "server"
	// KindUnknownType: a type, or a file, that no source has.
	KindUnknownType Kind = "unknown-type"
	// KindAmbiguous: a type has to be named, or is declared more than once.
	KindAmbiguous Kind = "ambiguous"
)

// Error is one thing that is wrong with a schema.
type Error struct {
	Kind Kind
	// File is the path as somebody would open it; "" if the error lies in no
	// file.
	File string
	// Line and Column count from 1; 0 if there are none. Column counts bytes,
	// a tab is one.
	Line, Column int
	// SourceLine is the text of that line, "" if there is none.
	SourceLine string
	// Message says what is wrong: lower case, no full stop.
	Message string
	// Hint says what to do, or is empty.
	Hint string
	// Names are the candidates that Message or Hint speaks of: types near to
	// an unknown one, or those to choose from.
	Names []string
}

// Error is the position and the message on one line, without the hint.
func (e *Error) Error() string {
	var b strings.Builder
	if e.File != "" {
		b.WriteString(e.File)
		if e.Line > 0 {
			b.WriteString(":" + strconv.Itoa(e.Line))
			if e.Column > 0 {
				b.WriteString(":" + strconv.Itoa(e.Column))
			}
		}
		b.WriteString(": ")
	}
	b.WriteString(e.Message)
	return b.String()
}

// Errors is several errors of one run, in the order of files and lines.
type Errors []*Error

// Error is the lines of all errors.
func (es Errors) Error() string {
	lines := make([]string, len(es))
	for i, e := range es {
		lines[i] = e.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap gives errors.As and errors.Is each of them.
func (es Errors) Unwrap() []error {
	all := make([]error, len(es))
	for i, e := range es {
		all[i] = e
	}
	return all
}

// sorted puts the errors in the order of files and lines, and drops what is
// said twice.
func (es Errors) sorted() Errors {
	sort.SliceStable(es, func(i, j int) bool {
		a, b := es[i], es[j]
		if a.File != b.File {
			return a.File < b.File
		}
		if a.Line != b.Line {
			return a.Line < b.Line
		}
		return a.Column < b.Column
	})
	var kept Errors
	twice := make(map[string]bool) // files with declarations that exist already
	for _, e := range es {
		if e.Kind == KindConflict && twice[e.File] {
			continue
		}
		twice[e.File] = twice[e.File] || e.Kind == KindConflict
		if n := len(kept); n == 0 || !e.follows(kept[n-1]) {
			kept = append(kept, e)
		}
	}
	return kept
}

// follows says whether the error before says the same, or is the cause.
func (e *Error) follows(before *Error) bool {
	same := e.File == before.File && e.Line == before.Line && e.Column == before.Column
	return same && (e.Message == before.Message || e.Message == "syntax error: unexpected error")
}

// asError is nil for no errors and the one error where there is one.
func (es Errors) asError() error {
	switch len(es) {
	case 0:
		return nil
	case 1:
		return es[0]
	}
	return es
}

// maxText bounds what is said of names that a schema brings, in bytes.
const maxText = 500

// printable is text with a question mark for each control character but the
// tab: names and lines of a schema end up on terminals.
func printable(text string) string {
	if len(text) > maxText {
		text = strings.ToValidUTF8(text[:maxText], "") + "…"
	}
	if strings.IndexFunc(text, isCommand) < 0 {
		return text
	}
	var b strings.Builder
	for len(text) > 0 {
		r, size := utf8.DecodeRuneInString(text)
		if isCommand(r) {
			b.WriteByte('?')
		} else {
			b.WriteString(text[:size])
		}
		text = text[size:]
	}
	return b.String()
}

func isCommand(r rune) bool { return unicode.IsControl(r) && r != '\t' }

// flatten are the errors in err.
func flatten(err error) Errors {
	switch err := err.(type) {
	case nil:
		return nil
	case *Error:
		return Errors{err}
	case Errors:
		return err
	}
	return Errors{{Kind: KindFile, Message: err.Error()}}
}
