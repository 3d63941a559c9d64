// Package render makes text of explained messages: the annotated hex tree for
// people, its JSON form for programs, and indented, coloured JSON.
//
// It only appends to buffers; whether there is a terminal is for the commands
// to know.
package render

import "github.com/pbscope/pbscope/inspect/message"

// TreeOptions is how AppendTree lays out.
type TreeOptions struct {
	// Color adds ANSI colours.
	Color bool
	// Base is the offset of the payload in its input, in bytes; it is added
	// to the offsets shown.
	Base int64
	// Decimal shows offsets in decimal; they are hexadecimal otherwise.
	Decimal bool
	// Full shows all bytes and whole values; long ones are cut otherwise.
	Full bool
}

// AppendTree appends t for people.
func AppendTree(dst []byte, t *message.Tree, o TreeOptions) []byte { return dst }

// AppendTreeJSON appends t as one line of JSON, without a line end: section 5
// of the output contract.
func AppendTreeJSON(dst []byte, t *message.Tree) []byte { return dst }
