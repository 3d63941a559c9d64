package mend

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"
)

// context is how many lines a patch shows around what it inserts.
const context = 3

// Patch is a unified diff that does what Apply does, for git apply and patch.
func (f *File) Patch(source []byte) []byte {
	lines := bytes.SplitAfter(source, []byte("\n"))
	if n := len(lines); len(lines[n-1]) == 0 {
		lines = lines[:n-1]
	}
	path := filepath.ToSlash(f.Path)
	out := fmt.Appendf(nil, "--- a/%s\n+++ b/%s\n", path, path)
	added := 0
	for i := 0; i < len(f.lines); {
		last := i
		for last+1 < len(f.lines) && f.lines[last+1].line-f.lines[last].line <= 2*context {
			last++
		}
		var hunk []byte
		hunk, n := f.hunk(hunk, lines, i, last, added)
		out = append(out, hunk...)
		added += n
		i = last + 1
	}
	return out
}

// hunk appends the hunk with the insertions from first to last; added is how
// many lines stand before it that are new, n how many it adds.
func (f *File) hunk(dst []byte, lines [][]byte, first, last, added int) (out []byte, n int) {
	from := max(f.lines[first].line-1-context, 0)
	to := min(f.lines[last].line-1+context, len(lines))
	var body strings.Builder
	at := from
	copyUpTo := func(end int) {
		for ; at < end; at++ {
			body.WriteByte(' ')
			body.Write(lines[at])
			if !bytes.HasSuffix(lines[at], []byte("\n")) {
				body.WriteString("\n\\ No newline at end of file\n")
			}
		}
	}
	for _, in := range f.lines[first : last+1] {
		copyUpTo(min(in.line-1, to))
		for _, text := range in.text(lines) {
			body.WriteString("+" + text)
			n++
		}
	}
	copyUpTo(to)
	dst = fmt.Appendf(dst, "@@ -%d,%d +%d,%d @@\n", from+1, to-from, from+1+added, to-from+n)
	return append(dst, body.String()...), n
}
