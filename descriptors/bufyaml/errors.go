package bufyaml

import (
	"strconv"
	"strings"
)

// Error is one thing that is wrong with a file.
type Error struct {
	File         string
	Line, Column int // from 1; Column counts bytes; 0 for the file as a whole
	// SourceLine is the text of that line.
	SourceLine string
	// Message says what is wrong: lower case, no full stop.
	Message string
	// Hint says what to do, or is empty.
	Hint string
}

// Error is the position and the message on one line.
func (e *Error) Error() string {
	place := e.File
	if e.Line > 0 {
		place += ":" + strconv.Itoa(e.Line) + ":" + strconv.Itoa(e.Column)
	}
	return place + ": " + e.Message
}

// Errors are all that is wrong, in the order of the files; never empty where
// it is an error.
type Errors []*Error

// Error is the lines of all errors.
func (es Errors) Error() string {
	lines := make([]string, len(es))
	for i, e := range es {
		lines[i] = e.Error()
	}
	return strings.Join(lines, "\n")
}
