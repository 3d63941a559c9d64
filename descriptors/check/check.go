// Package check reads .proto source that does not compile and says all that is
// wrong with it: a compiler stops at the first thing that it does not
// understand, and people want to mend a file in one go.
//
// Its parser goes on after an error, and its checks need no linked
// descriptors. It is no compiler: what it passes may still be refused. It also
// holds edition 2024 to the rules that the compiler leaves out. Package
// descriptors runs it where a compilation fails, and over files of edition
// 2024.
package check

import (
	"slices"
)

// Problem is one thing that is wrong with a file.
type Problem struct {
	Line, Column int // from 1; Column counts bytes
	// Message says what is wrong: lower case, no full stop.
	Message string
	// Hint says what to do, or is empty.
	Hint string
	// Syntax says that the text is no protobuf, rather than a wrong schema.
	Syntax bool
	// Edition says that it is a rule of editions alone, of which compilers
	// know not all.
	Edition bool
}

// File is a file that has been read.
type File struct {
	// Problems are those of the syntax.
	Problems []Problem

	syntax   Name // proto2, proto3, or an edition; proto2 where none is said
	edition  bool
	pkg      Name
	imports  []Import
	options  []option
	messages []*message
	enums    []*enum
	services []*service
	extends  []*extend

	byName map[string]*message // made by messageNamed
}

// Name is a word and where it stands.
type Name struct {
	Text         string
	Line, Column int
}

// Import is an import statement.
type Import struct {
	Path   Name
	Public bool
	// Option says that it is for options alone, Weak that it may be missing.
	Option, Weak bool
}

// Edition says which edition a file is of: "2023", "2024", or "" for proto2
// and proto3.
func (f *File) Edition() string {
	if f.edition {
		return f.syntax.Text
	}
	return ""
}

// Imports are the names of the files that it imports.
func (f *File) Imports() []string {
	var names []string
	for _, i := range f.imports {
		names = append(names, i.Path.Text)
	}
	return names
}

type message struct {
	name          Name
	full          string
	visibility    Name // export or local, in edition 2024
	fields        []*field
	oneofs        []*oneof
	messages      []*message
	enums         []*enum
	extends       []*extend
	reserved      []numbers
	reservedNames []Name
	extensions    []numbers
	options       []option
	nested        bool
}

type field struct {
	label   Name
	typ     Name // a group's is its own name
	key     Name // of a map
	name    Name
	number  number
	options []option
	group   *message
	oneof   *oneof
}

type oneof struct {
	name    Name
	options []option
	fields  int
}

type enum struct {
	name          Name
	full          string
	visibility    Name
	values        []*value
	reserved      []numbers
	reservedNames []Name
	options       []option
	nested        bool
}

type value struct {
	name    Name
	number  number
	options []option
}

type service struct {
	name    Name
	methods []*method
	options []option
}

type method struct {
	name    Name
	in, out Name
	options []option
}

type extend struct {
	extendee Name
	fields   []*field
}

// number is an integer literal; ok is false where none could be read.
type number struct {
	Name
	value int64
	ok    bool
}

// numbers is a range, both ends in it.
type numbers struct {
	from, to number
}

// option is NAME = VALUE; parts of the name keep their parentheses.
type option struct {
	parts []Name
	value token
	// aggregate says that the value stands in braces, or is a list.
	aggregate bool
}

func (o *option) is(name string) bool { return len(o.parts) == 1 && o.parts[0].Text == name }

func find(options []option, name string) *option {
	for i := range options {
		if options[i].is(name) {
			return &options[i]
		}
	}
	return nil
}

// sorted puts problems in the order of the text, each once.
func sorted(problems []Problem) []Problem {
	slices.SortStableFunc(problems, func(a, b Problem) int {
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return a.Column - b.Column
	})
	return slices.CompactFunc(problems, func(a, b Problem) bool {
		return a.Line == b.Line && a.Column == b.Column && a.Message == b.Message
	})
}
