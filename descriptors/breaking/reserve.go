package breaking

import (
	"bytes"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/descriptors/breaking/bufrules"
)

// reserve is the mend for a free number: the line after the last reserved
// statement of the declaration, or its first. Where no line fits, as in a
// declaration on one line, it is the text alone.
func (c *comparison) reserve(holder protoreflect.Descriptor, text string) *Fix {
	fix := &Fix{Text: text, Path: c.new.paths[holder.ParentFile().Path()]}
	line, ok := c.reserveLines[holder]
	if !ok {
		line = c.reserveLine(holder)
		c.reserveLines[holder] = line
	}
	fix.Line = line
	return fix
}

// reserveLine is a line of a declaration before which a statement fits, 0 if
// there is none.
func (c *comparison) reserveLine(holder protoreflect.Descriptor) int {
	at := c.new.declared(holder)
	if at.Line == 0 {
		return 0
	}
	line := c.bodyLine(holder.ParentFile(), at)
	if line == 0 {
		return 0
	}
	for i := range reservedCount(holder) {
		l := c.new.rangeOf(holder.ParentFile(), c.new.reservedLocation(holder, i))
		if l.Line > 0 && l.EndLine < at.EndLine && c.endsLine(holder, l) {
			line = max(line, l.EndLine+1)
		}
	}
	return line
}

// endsLine says whether the statement that l is the end of is the last on its
// line.
func (c *comparison) endsLine(holder protoreflect.Descriptor, l Range) bool {
	lines := c.lines(holder.ParentFile(), l.EndLine)
	if lines == nil {
		return false
	}
	last := lines[l.EndLine-1]
	rest, ok := bytes.CutPrefix(bytes.TrimSpace(last[min(l.EndColumn-1, len(last)):]), []byte(";"))
	rest = bytes.TrimSpace(rest)
	return ok && (len(rest) == 0 || bytes.HasPrefix(rest, []byte("//")))
}

// lines are those of a file of the new side, n of them or more; nil
// where there are none or the file cannot be read again.
func (c *comparison) lines(file protoreflect.FileDescriptor, n int) [][]byte {
	lines, ok := c.texts[file.Path()]
	if !ok {
		lines = bytes.Split(c.new.source(file.Path()), []byte("\n"))
		c.texts[file.Path()] = lines
	}
	if len(lines) < n {
		return nil
	}
	return lines
}

// bodyLine is the line after the one with a declaration's opening brace; 0
// where the declaration ends on that one, or a comment does not.
func (c *comparison) bodyLine(file protoreflect.FileDescriptor, at Range) int {
	lines := c.lines(file, at.EndLine)
	if lines == nil {
		return 0
	}
	open, rest := openingBrace(lines[at.Line-1:at.EndLine], at.Column-1)
	if open < 0 || at.Line+open == at.EndLine || bytes.Contains(rest, []byte("/*")) {
		return 0
	}
	return at.Line + open + 1
}

// openingBrace is the index of the line with the first brace outside comments
// and strings, and what follows it there; -1 if there is none. The search
// begins at a column of the first line.
func openingBrace(lines [][]byte, column int) (index int, rest []byte) {
	inComment := false
	for index, line := range lines {
		if index == 0 {
			line = line[min(column, len(line)):]
		}
		var quote byte
		for i := 0; i < len(line); i++ {
			two := line[i:min(i+2, len(line))]
			switch {
			case inComment:
				if string(two) == "*/" {
					inComment = false
					i++
				}
			case quote != 0:
				switch line[i] {
				case quote:
					quote = 0
				case '\\':
					i++
				}
			case string(two) == "/*":
				inComment = true
				i++
			case string(two) == "//":
				i = len(line)
			case line[i] == '"' || line[i] == '\'':
				quote = line[i]
			case line[i] == '{':
				return index, line[i+1:]
			}
		}
	}
	return -1, nil
}

func reservedCount(d protoreflect.Descriptor) int {
	switch d := d.(type) {
	case protoreflect.MessageDescriptor:
		return d.ReservedRanges().Len()
	case protoreflect.EnumDescriptor:
		return d.ReservedRanges().Len()
	}
	return 0
}

// reservedLocation is where the reserved range i of a message or enum stands.
func (s *Schema) reservedLocation(d protoreflect.Descriptor, i int) protoreflect.SourceLocation {
	const messageTag, enumTag = 9, 4 // reserved_range of DescriptorProto, EnumDescriptorProto
	locations := s.locations(d.ParentFile())
	l := locations.ByPath(bufrules.Path(d))
	if l.Path == nil {
		return l
	}
	tag := int32(messageTag)
	if _, ok := d.(protoreflect.EnumDescriptor); ok {
		tag = enumTag
	}
	path := append(protoreflect.SourcePath{}, l.Path...)
	return locations.ByPath(append(path, tag, int32(i)))
}
