package cmd

import (
	"strconv"
	"strings"

	"github.com/pbscope/pbscope/inspect/capture"
)

// listing writes the connections of captures as they come: JSON at once, and a
// table when a capture has ended or has very many of them.
type listing struct {
	sink   sink
	asJSON bool
	many   bool // captures
	file   string
	rows   [][]string // of the table that have not been written
	widths []int
	failed error
}

// maxRows is how many rows of a table are kept, whose columns then have the
// same widths.
const maxRows = 1 << 14

func (l *listing) begin(file string) { l.file, l.rows, l.widths = file, nil, nil }

// end writes what is left of a capture's table.
func (l *listing) end() {
	if l.asJSON {
		return
	}
	l.write()
}

// waits is called before input is waited for: what is known is shown.
func (l *listing) waits() {
	if err := l.sink.Flush(); err != nil && l.failed == nil {
		l.failed = err
	}
}

func (l *listing) add(c *capture.Listed) error {
	if l.asJSON {
		if err := l.sink.PutAll(listedJSON(nil, c, l.file)); err != nil && l.failed == nil {
			l.failed = err
		}
		return l.failed
	}
	if l.rows = append(l.rows, listedRow(c, l.file)); len(l.rows) >= maxRows {
		l.write()
	}
	return l.failed
}

// write writes the table's rows, and its head before the first.
func (l *listing) write() {
	var text []byte
	if l.widths == nil {
		if l.many {
			text = append(append(text, l.file...), ":\n"...)
		}
		head := []string{"#", "client", "server", "protocol", "packets", "bytes", "first", "last", "gaps", "decode with"}
		l.widths = make([]int, len(head))
		l.rows = append([][]string{head}, l.rows...)
	}
	for _, row := range l.rows {
		for i, cell := range row {
			l.widths[i] = max(l.widths[i], len(cell))
		}
	}
	for _, row := range l.rows {
		line := ""
		for i, cell := range row {
			line += cell + strings.Repeat(" ", l.widths[i]-len(cell)+2)
		}
		text = append(append(text, strings.TrimRight(line, " ")...), '\n')
	}
	l.rows = nil
	if err := l.sink.PutAll(text); err != nil && l.failed == nil {
		l.failed = err
	}
}

func listedRow(l *capture.Listed, file string) []string {
	number := strconv.FormatInt(l.Connection, 10)
	if l.Guessed {
		number += "?"
	}
	gaps := strconv.FormatInt(l.Gaps, 10)
	if l.Gaps > 0 {
		gaps += " (" + strconv.FormatInt(l.GapBytes, 10) + " bytes)"
	}
	return []string{
		number, l.Client, l.Server, l.Protocol, strconv.FormatInt(l.Packets, 10), strconv.FormatInt(l.Bytes, 10),
		l.First, l.Last, gaps, l.Command(shellWord(file)),
	}
}

func listedJSON(dst []byte, l *capture.Listed, file string) []byte {
	dst = append(dst, `{"connection":`...)
	dst = strconv.AppendInt(dst, l.Connection, 10)
	dst = appendStringMember(dst, "protocol", l.Protocol)
	dst = appendStringMember(dst, "client", l.Client)
	dst = appendStringMember(dst, "server", l.Server)
	dst = strconv.AppendInt(append(dst, `,"packets":`...), l.Packets, 10)
	dst = strconv.AppendInt(append(dst, `,"bytes":`...), l.Bytes, 10)
	dst = appendStringMember(dst, "first", l.First)
	dst = appendStringMember(dst, "last", l.Last)
	dst = strconv.AppendInt(append(dst, `,"gaps":`...), l.Gaps, 10)
	dst = strconv.AppendInt(append(dst, `,"gapBytes":`...), l.GapBytes, 10)
	dst = appendStringMember(dst, "source", file)
	if l.Guessed {
		dst = append(dst, `,"clientGuessed":true`...)
	}
	dst = appendStringMember(dst, "command", l.Command(shellWord(file)))
	return append(dst, "}\n"...)
}
