package breaking

import (
	"bytes"
	"encoding/binary"
	"unicode/utf8"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/descriptors"
)

// locations are the places in a file of the schema, found when they are first
// asked for: findings touch few files.
type locations struct {
	list  []protoreflect.SourceLocation
	index map[string]int // of the first of each path
}

// locations are those of a descriptor set where it has some, else those of the
// source; empty where there is neither.
func (s *Schema) locations(file protoreflect.FileDescriptor) *locations {
	l := s.located[file.Path()]
	if l == nil {
		l = s.locationsIn(file)
		s.located[file.Path()] = l
	}
	return l
}

func (s *Schema) locationsIn(file protoreflect.FileDescriptor) *locations {
	l := new(locations)
	if text, ok := s.sources[file.Path()]; ok {
		for _, at := range descriptors.Locations(file.Path(), text).GetLocation() {
			span := at.GetSpan()
			if len(span) == 3 { // it ends on the line on which it starts
				span = []int32{span[0], span[1], span[0], span[2]}
			}
			l.list = append(l.list, protoreflect.SourceLocation{
				Path:      at.GetPath(),
				StartLine: int(span[0]), StartColumn: int(span[1]), EndLine: int(span[2]), EndColumn: int(span[3]),
				LeadingDetachedComments: at.GetLeadingDetachedComments(),
				LeadingComments:         at.GetLeadingComments(),
				TrailingComments:        at.GetTrailingComments(),
			})
		}
	} else {
		for i := range file.SourceLocations().Len() {
			l.list = append(l.list, file.SourceLocations().Get(i))
		}
	}
	l.index = make(map[string]int, len(l.list))
	for i, at := range l.list {
		key := string(pathKey(at.Path))
		if _, ok := l.index[key]; !ok {
			l.index[key] = i
		}
	}
	return l
}

func pathKey(path protoreflect.SourcePath) []byte {
	key := make([]byte, 0, 4*len(path))
	for _, n := range path {
		key = binary.AppendVarint(key, int64(n))
	}
	return key
}

// ByPath is the first location of a path; its Path is nil where there is none.
func (l *locations) ByPath(path protoreflect.SourcePath) protoreflect.SourceLocation {
	if i, ok := l.index[string(pathKey(path))]; ok {
		return l.list[i]
	}
	return protoreflect.SourceLocation{}
}

// locate implements bufrules.Locator.
func (s *Schema) locate(file protoreflect.FileDescriptor, path protoreflect.SourcePath) protoreflect.SourceLocation {
	return s.locations(file).ByPath(path)
}

// mentions says whether a file may have a word in one of its comments.
func (s *Schema) mentions(file protoreflect.FileDescriptor, word string) bool {
	text, ok := s.sources[file.Path()]
	return !ok || bytes.Contains(text, []byte(word))
}

// text is a file whose columns have to be counted again; nil for one in which
// those of the compiler and bytes are the same, and for one of a set.
func (s *Schema) text(file string) *sourceText {
	t, ok := s.texts[file]
	if !ok {
		t = newSourceText(s.source(file))
		s.texts[file] = t
	}
	return t
}

// source is the text of a file without its byte order mark; nil for one that
// no source had.
func (s *Schema) source(file string) []byte {
	return bytes.TrimPrefix(s.sources[file], []byte("\ufeff"))
}

func newSourceText(text []byte) *sourceText {
	for _, b := range text {
		if b == '\t' || b >= utf8.RuneSelf {
			return &sourceText{text: text}
		}
	}
	return nil
}
