// Package mend puts the reserved statements that findings ask for into .proto
// source. It inserts lines and changes none.
package mend

import (
	"bytes"
	"cmp"
	"slices"
	"strings"

	"github.com/pbscope/pbscope/descriptors/breaking"
)

// File is what is to be inserted into one file.
type File struct {
	// Path is the file's as the findings have it.
	Path  string
	lines []insertion // by line, each line once
}

// insertion is what is reserved before a line, which counts from 1.
type insertion struct {
	line           int
	numbers, names []string
}

// Files are the mends of the findings, by path. Left are findings with a mend
// that has no line, as of a declaration on one line or in a descriptor set.
func Files(findings []*breaking.Finding) (files []File, left []*breaking.Finding) {
	at := make(map[string]int) // by path, in files
	for _, f := range findings {
		if f.Fix == nil {
			continue
		}
		reserved, ok := strings.CutPrefix(strings.TrimSuffix(f.Fix.Text, ";"), "reserved ")
		if !ok || f.Fix.Line == 0 || f.Fix.Path == "" {
			left = append(left, f)
			continue
		}
		i, ok := at[f.Fix.Path]
		if !ok {
			i = len(files)
			at[f.Fix.Path] = i
			files = append(files, File{Path: f.Fix.Path})
		}
		files[i].reserve(f.Fix.Line, reserved)
	}
	slices.SortFunc(files, func(a, b File) int { return cmp.Compare(a.Path, b.Path) })
	return files, left
}

// reserve adds a number, a range or a name.
func (f *File) reserve(line int, reserved string) {
	i, found := slices.BinarySearchFunc(f.lines, line, func(in insertion, line int) int { return cmp.Compare(in.line, line) })
	if !found {
		f.lines = slices.Insert(f.lines, i, insertion{line: line})
	}
	list := &f.lines[i].numbers
	if c := reserved[0]; c != '-' && (c < '0' || c > '9') {
		list = &f.lines[i].names
	}
	*list = append(*list, reserved)
}

// statements are the lines to insert, without indentation.
func (in insertion) statements() []string {
	var statements []string
	for _, list := range [][]string{in.numbers, in.names} {
		if len(list) > 0 {
			statements = append(statements, "reserved "+breaking.JoinReserved(list)+";")
		}
	}
	return statements
}

// Apply is the source with the statements in it, indented and ended as the
// lines around them.
func (f *File) Apply(source []byte) []byte {
	lines := bytes.SplitAfter(source, []byte("\n"))
	var out []byte
	at := 0
	for _, in := range f.lines {
		before := min(in.line-1, len(lines))
		for ; at < before; at++ {
			out = append(out, lines[at]...)
		}
		for _, text := range in.text(lines) {
			out = append(out, text...)
		}
	}
	for ; at < len(lines); at++ {
		out = append(out, lines[at]...)
	}
	return out
}

// text is the lines to insert.
func (in insertion) text(lines [][]byte) []string {
	indent, end := indentAt(lines, in.line-1), "\n"
	if i := min(in.line-1, len(lines)) - 1; i >= 0 && bytes.HasSuffix(lines[i], []byte("\r\n")) {
		end = "\r\n"
	}
	var text []string
	for _, statement := range in.statements() {
		text = append(text, indent+statement+end)
	}
	return text
}

// indentAt is the indentation of a statement before the line of that index: of
// the next line that is not empty, or a step more than that of a closing brace.
func indentAt(lines [][]byte, index int) string {
	for ; index < len(lines); index++ {
		trimmed := bytes.TrimSpace(lines[index])
		if len(trimmed) == 0 {
			continue
		}
		indent := string(lines[index][:len(lines[index])-len(bytes.TrimLeft(lines[index], " \t"))])
		if trimmed[0] != '}' {
			return indent
		}
		return indent + step(lines)
	}
	return step(lines)
}

// step is one step of indentation in a file: the first there is.
func step(lines [][]byte) string {
	for _, line := range lines {
		trimmed := bytes.TrimLeft(line, " \t")
		if n := len(line) - len(trimmed); n > 0 && len(bytes.TrimSpace(trimmed)) > 0 && trimmed[0] != '*' {
			return string(line[:n])
		}
	}
	return "  "
}
