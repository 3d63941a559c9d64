package breaking

import (
	"bytes"
	"unicode/utf8"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/descriptors/breaking/bufrules"
)

// sourceText is a file whose columns have to be counted again; starts are
// those of its lines.
type sourceText struct {
	text   []byte
	starts []int
}

// column turns a column as compilers count, a tab leading to the next
// multiple of 8 and a character being one, into one of bytes. Both count from
// 0.
func (t *sourceText) column(line, column int) int {
	if t == nil {
		return column
	}
	rest, ok := t.line(line)
	if !ok {
		return column
	}
	at := 0
	for i, b := range rest {
		switch {
		case at >= column && utf8.RuneStart(b):
			return i
		case b == '\t':
			at += 8 - at%8
		case utf8.RuneStart(b):
			at++
		}
	}
	return len(rest)
}

// line is a line without its end; ok is false for one that the file has not.
func (t *sourceText) line(line int) (text []byte, ok bool) {
	if t.starts == nil {
		t.starts = []int{0}
		for i, b := range t.text {
			if b == '\n' {
				t.starts = append(t.starts, i+1)
			}
		}
	}
	if line >= len(t.starts) {
		return nil, false
	}
	text = t.text[t.starts[line]:]
	if end := bytes.IndexByte(text, '\n'); end >= 0 {
		text = text[:end]
	}
	return text, true
}

// before is the part of a line that is that many bytes long.
func (t *sourceText) before(line, column int) []byte {
	text, _ := t.line(line)
	return text[:min(column, len(text))]
}

// declared is where a declaration stands; zero without source info.
func (s *Schema) declared(d protoreflect.Descriptor) Range {
	return s.rangeOf(d.ParentFile(), s.locations(d.ParentFile()).ByPath(bufrules.Path(d)))
}

func (s *Schema) rangeOf(file protoreflect.FileDescriptor, l protoreflect.SourceLocation) Range {
	if l.Path == nil {
		return Range{}
	}
	text := s.text(file.Path())
	return Range{l.StartLine + 1, text.column(l.StartLine, l.StartColumn) + 1, l.EndLine + 1, text.column(l.EndLine, l.EndColumn) + 1}
}

// head is where a file says its syntax, edition or package.
func (s *Schema) head(f protoreflect.FileDescriptor) Range {
	const syntaxTag, editionTag, packageTag = 12, 14, 2 // of FileDescriptorProto
	for _, tag := range []int32{syntaxTag, editionTag, packageTag} {
		if l := s.locations(f).ByPath(protoreflect.SourcePath{tag}); l.Path != nil {
			return s.rangeOf(f, l)
		}
	}
	return Range{}
}
