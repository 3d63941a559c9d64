package source

import (
	"strings"
	"unicode"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// leading prints the comments that stand before a declaration.
func (p *printer) leading(location protoreflect.SourceLocation) {
	for _, detached := range location.LeadingDetachedComments {
		p.comment(detached)
		p.blank()
	}
	p.comment(location.LeadingComments)
}

// trailing prints the comment behind a declaration on lines of its own.
func (p *printer) trailing(location protoreflect.SourceLocation) {
	if location.TrailingComments != "" {
		p.comment(location.TrailingComments)
		p.blank()
	}
}

// sameLine is a trailing comment of one line, to stand behind a declaration.
func sameLine(location protoreflect.SourceLocation) string {
	text := strings.TrimRight(location.TrailingComments, "\n")
	if text == "" || strings.Contains(text, "\n") {
		return ""
	}
	return " //" + commentLine(text)
}

func (p *printer) comment(text string) {
	if text == "" {
		return
	}
	for _, line := range strings.Split(strings.TrimRight(text, "\n"), "\n") {
		p.line("//", commentLine(line))
	}
}

// commentLine is a line of a comment without characters that source cannot
// have, or a terminal would obey.
func commentLine(line string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\t' {
			return -1
		}
		return r
	}, strings.ToValidUTF8(strings.TrimRight(line, " \t\r"), "?"))
}
