// Package config reads pbscope.yaml: where schemas are, which types lie in
// which topics, files and methods, how output looks, and what `breaking`
// accepts. Every value keeps its place, so that `pbscope config` can say where
// it came from and an error where it lies.
//
// It only reads: the text in, values and errors out. Package cmd finds the
// file and applies it; where a flag says something else, the flag wins.
package config

import (
	"strconv"
	"strings"
	"time"
)

// FileName is the name that is looked for.
const FileName = "pbscope.yaml"

// Config is what a file says. The zero Config says nothing.
type Config struct {
	// File is its path as it was opened; "" for none.
	File     string
	Schema   Schema
	Types    Types
	Registry Registry
	// Output are the settings that are given, in the order of the file; their
	// names are those of flags, their values texts that the flags take.
	Output   []Setting
	Breaking Breaking
}

// Text is a value and where it stands.
type Text struct {
	Text         string
	Line, Column int // from 1, 0 for a value that is not given; Column counts bytes
}

// Given says whether the file has the value.
func (t Text) Given() bool { return t.Line > 0 }

// Schema says where schemas are. Relative paths have been joined to the file's
// directory.
type Schema struct {
	ImportPaths, Protos, DescriptorSets []Text
	// Reflect is HOST:PORT of a gRPC server with reflection, ReflectHeaders
	// are "name: value".
	Reflect        Text
	ReflectHeaders []Text
}

// Types says which message type is where. Of several patterns that fit, the
// first counts.
type Types struct {
	// Default is the type of messages that nothing else says one for.
	Default Text
	Topics  []Topic
	Files   []File
	Methods []Method
}

// Topic is the types of the Kafka topics that a pattern fits: * is any run of
// characters, ? is any one.
type Topic struct{ Pattern, Value, Key Text }

// File is the type in the input files that a pattern fits: one without a slash
// fits names in any directory; one with a slash is relative to the
// configuration's directory, ** is any number of directories.
type File struct{ Pattern, Type Text }

// Method is the types of the gRPC methods that a pattern fits.
type Method struct{ Pattern, Request, Response Text }

// Registry says where a schema registry is.
type Registry struct {
	URL Text
	// Directory holds schemas by their ids.
	Directory Text
}

// Setting is one option of the output.
type Setting struct {
	Name  string
	Value Text
}

// Breaking says what `breaking` compares with and accepts. Ids and the values
// of flags are not checked here.
type Breaking struct {
	Use, Except, Against, AnyTypes []Text
	Mode, FailOn                   Text
	Waivers                        []Waiver
}

// Waiver accepts the findings of a rule about an element.
type Waiver struct {
	Element, Rule, Reason Text
	// Expires is the last day of the waiver; the zero time for one that stays.
	Expires time.Time
	// Place is where the entry begins.
	Place Text
}

// Error is one thing that is wrong with a file.
type Error struct {
	File         string
	Line, Column int // from 1; 0 for the file as a whole
	SourceLine   string
	// Message says what is wrong: lower case, no full stop.
	Message string
	// Hint says what to do, or is empty.
	Hint string
}

// Error is the position and the message on one line.
func (e *Error) Error() string {
	if e.Line == 0 {
		return e.File + ": " + e.Message
	}
	return e.File + ":" + strconv.Itoa(e.Line) + ":" + strconv.Itoa(e.Column) + ": " + e.Message
}

// Errors are all that is wrong, in the order of the lines; never empty where it
// is an error.
type Errors []*Error

// Error is the lines of all errors.
func (es Errors) Error() string {
	lines := make([]string, len(es))
	for i, e := range es {
		lines[i] = e.Error()
	}
	return strings.Join(lines, "\n")
}
