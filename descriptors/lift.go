package descriptors

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/pbscope/pbscope/descriptors/artefact"
)

// liftFile takes the descriptors out of a file with generated code, or of a
// directory of such; nil, nil for what is neither. It reads large files piece
// by piece; what cannot be read that way, liftData gets.
func (s *sets) liftFile(path string) (*artefact.Result, *Error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil // told when it is read as a set
	}
	defer f.Close()
	info, err := f.Stat()
	switch {
	case err != nil:
		return nil, nil
	case info.IsDir():
		return s.liftDirectory(path)
	case !info.Mode().IsRegular():
		return nil, nil
	}
	result, problem := s.lift(path, f, info.Size())
	if result != nil {
		s.disk.seen().Stamped(path, info)
	}
	return result, problem
}

// liftData is liftFile for contents that had to be read or unpacked as a
// whole.
func (s *sets) liftData(path string, data []byte) (*artefact.Result, *Error) {
	for _, suffix := range []string{".gz", ".zst"} {
		path = strings.TrimSuffix(path, suffix)
	}
	return s.lift(path, bytes.NewReader(data), int64(len(data)))
}

func (s *sets) lift(path string, r io.ReaderAt, size int64) (*artefact.Result, *Error) {
	head := make([]byte, min(artefact.SniffLength, size))
	n, err := r.ReadAt(head, 0)
	if err != nil && err != io.EOF {
		return nil, unreadable(path, err)
	}
	kind := artefact.Sniff(path, head[:n])
	if kind == artefact.None {
		return nil, nil
	}
	result, err := artefact.Lift(kind, r, size)
	if err != nil {
		return nil, liftError(path, err)
	}
	s.tellLifted(path, result)
	if len(result.Files) == 0 {
		message, hint := artefact.Missing(kind, r, size)
		return nil, &Error{Kind: KindFile, File: path, Message: message, Hint: hint}
	}
	return result, nil
}

func liftError(path string, err error) *Error {
	var cause *fs.PathError
	if errors.As(err, &cause) {
		return unreadable(path, err)
	}
	return &Error{Kind: KindFile, File: path, Message: printable(err.Error())}
}

// liftDirectory is nil, nil for a directory without generated code.
func (s *sets) liftDirectory(path string) (*artefact.Result, *Error) {
	s.disk.unfit()
	result, err := artefact.LiftDirectory(os.DirFS(path))
	if err != nil {
		return nil, liftError(path, err)
	}
	s.tellLifted(path, result)
	if len(result.Files) == 0 {
		return nil, nil
	}
	return result, nil
}

func (s *sets) tellLifted(path string, result *artefact.Result) {
	for _, note := range result.Notes {
		s.note(path + ": " + printable(note))
	}
}

// addLifted indexes what was lifted.
func (s *sets) addLifted(path string, result *artefact.Result) *Error {
	for i, f := range result.Files {
		entry := &setEntry{raw: f.Raw, set: path, place: i + 1, within: printable(f.Where)}
		if !entry.readHead() {
			return &Error{Kind: KindFile, File: path, Message: "holds a damaged descriptor at " + entry.within}
		}
		s.insert(entry)
	}
	return nil
}

// otherwise is the one file that an import can mean which no source has by
// that name: programs register files by other names than they import them by
// (vendored ones; gogo's and Kubernetes' own). One of the two names then ends
// with the other. It is nil where no file or several fit, or the one that does
// cannot be linked.
func (s *Schema) otherwise(imported, source string, depth int) *linked {
	found := ""
	for name := range s.sets.files {
		if !endsWithPath(name, imported) && !endsWithPath(imported, name) {
			continue
		}
		if found != "" {
			return nil
		}
		found = name
	}
	if found == "" || s.linking[found] {
		return nil
	}
	l, err := s.link(found, depth+1)
	if err != nil || l == nil {
		return nil
	}
	s.disk.unfit() // the cache knows files by one name
	if len(s.unsaid(source, []string{""})) > 0 {
		s.note(source + ": " + printable(found) + " taken for the import of " + printable(imported) + ", which no source has; others likewise")
	}
	return l
}

// unsaid are those imports of which nobody has said yet that a source lacks
// them: many files may import one.
func (s *Schema) unsaid(source string, imports []string) []string {
	var fresh []string
	for _, path := range imports {
		if key := source + "\x00" + path; !s.noted[key] {
			s.noted[key] = true
			fresh = append(fresh, path)
		}
	}
	return fresh
}

// endsWithPath says whether a path ends with whole components of another.
func endsWithPath(path, end string) bool {
	return len(path) > len(end) && strings.HasSuffix(path, end) && path[len(path)-len(end)-1] == '/'
}
