package tws

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/inspect/frame"
)

// FileError is what is wrong with a table of messages, and where: Line and
// Column count from 1, Column in bytes.
type FileError struct {
	Line, Column  int
	Message, Hint string
}

func (e *FileError) Error() string { return e.Message }

// The columns of a table of messages; a file without a line of their names has
// the first four, in this order.
const (
	columnDirection = iota
	columnID
	columnName
	columnType
	columns
)

func columnNames() []string {
	return []string{"direction", "base_msg_id", "constant", "proto_message"}
}

// ParseMessages reads a table of messages: lines of cells between tabs. The
// first line may name the columns; others than direction ("out" or "client",
// "in" or "server"), base_msg_id, constant and proto_message (a full name, or
// nothing) are passed over, and so are empty lines and those that begin with #.
// The result is ordered as frame.TWSOptions wants it. An error is a *FileError.
func ParseMessages(text string) ([]frame.TWSMessage, error) {
	f := messagesFile{places: [columns]int{0, 1, 2, 3}, lines: map[frame.TWSMessage]int{}}
	for line := range strings.SplitSeq(strings.TrimPrefix(text, "\ufeff"), "\n") {
		f.line++
		line = strings.TrimSuffix(line, "\r")
		if strings.TrimSpace(line) == "" || line[0] == '#' {
			continue
		}
		if err := f.read(line); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(f.messages, compareMessages)
	return f.messages, nil
}

type messagesFile struct {
	line     int
	begun    bool
	places   [columns]int
	messages []frame.TWSMessage
	// lines are where an id of a direction stands already.
	lines map[frame.TWSMessage]int
	cells []string
}

func (f *messagesFile) read(line string) error {
	f.cells = strings.Split(line, "\t")
	first := !f.begun
	f.begun = true
	if first && slices.ContainsFunc(f.cells, func(cell string) bool { return slices.Contains(columnNames(), strings.TrimSpace(cell)) }) {
		return f.head()
	}
	if len(f.cells) == 1 && strings.Contains(line, " ") {
		return f.wrong(columnDirection, "one cell where four are wanted", "cells stand between tabs, not spaces")
	}
	m, err := f.message()
	if err != nil {
		return err
	}
	key := frame.TWSMessage{Direction: m.Direction, ID: m.ID}
	if before := f.lines[key]; before > 0 {
		return f.wrong(columnID, fmt.Sprintf("message %d of the %s stands on line %d already", m.ID, m.Direction, before), "")
	}
	f.lines[key] = f.line
	f.messages = append(f.messages, m)
	return nil
}

// head reads the names of the columns.
func (f *messagesFile) head() error {
	names := columnNames()
	f.places = [columns]int{-1, -1, -1, -1}
	for at, cell := range f.cells {
		column := slices.Index(names, strings.TrimSpace(cell))
		if column < 0 {
			continue
		}
		if f.places[column] >= 0 {
			return f.at(at, "column "+names[column]+" is named twice", "")
		}
		f.places[column] = at
	}
	for column, at := range f.places {
		if at < 0 {
			return f.at(0, "column "+names[column]+" is missing", "the columns are "+strings.Join(names, ", "))
		}
	}
	return nil
}

// highestOwnID keeps text ids and both offsets apart.
const highestOwnID = wideOffset - offset - 1

func (f *messagesFile) message() (m frame.TWSMessage, err error) {
	switch direction := f.cell(columnDirection); direction {
	case "out", client:
		m.Direction = client
	case "in", server:
		m.Direction = server
	default:
		return m, f.wrong(columnDirection, fmt.Sprintf("direction %q is neither out (client) nor in (server)", direction), "")
	}
	id, err := strconv.ParseUint(f.cell(columnID), 10, 32)
	if err != nil || id == 0 || id > highestOwnID {
		return m, f.wrong(columnID, fmt.Sprintf("message id %q is not a number from 1 to %d", f.cell(columnID), highestOwnID),
			"the id is the base id, without the 200 that is added for protobuf")
	}
	m.ID, m.Name, m.Type = uint32(id), f.cell(columnName), protoreflect.FullName(f.cell(columnType))
	if m.Name == "" || strings.ContainsFunc(m.Name, func(r rune) bool { return r <= ' ' || r == utf8.RuneError }) {
		return m, f.wrong(columnName, fmt.Sprintf("constant %q is not a name", m.Name), "")
	}
	if m.Type != "" && !m.Type.IsValid() {
		return m, f.wrong(columnType, fmt.Sprintf("message type %q is not a full name such as protobuf.TickPrice", m.Type), "")
	}
	return m, nil
}

// cell is that of a column, "" where the line ends before it.
func (f *messagesFile) cell(column int) string {
	if at := f.places[column]; at < len(f.cells) {
		return strings.TrimSpace(f.cells[at])
	}
	return ""
}

func (f *messagesFile) wrong(column int, message, hint string) error {
	return f.at(f.places[column], message, hint)
}

// at is an error about a cell.
func (f *messagesFile) at(cell int, message, hint string) error {
	e := &FileError{Line: f.line, Column: 1, Message: message, Hint: hint}
	for _, before := range f.cells[:min(cell, len(f.cells))] {
		e.Column += len(before) + 1
	}
	return e
}

// MergeMessages is messages with those of more, which count where both have an
// id.
func MergeMessages(messages, more []frame.TWSMessage) []frame.TWSMessage {
	merged := slices.Clone(more)
	for _, m := range messages {
		if _, ok := slices.BinarySearchFunc(more, m, compareMessages); !ok {
			merged = append(merged, m)
		}
	}
	slices.SortFunc(merged, compareMessages)
	return merged
}
