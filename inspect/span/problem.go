package span

import (
	"strconv"
	"strings"
)

// Problem is what is wrong with some bytes, and where. It is the error of
// everything that reads input.
type Problem struct {
	Tag Tag
	// Offset counts bytes from the payload's first byte; Unknown if the
	// problem lies in no payload.
	Offset int64
	// InputOffset counts bytes from the input's first byte; Unknown where the
	// payload does not lie in the input as it is.
	InputOffset int64
	// Length is the number of bytes concerned (gaps, skipped bytes); 0 for
	// problems that are a place and not a run.
	Length int64
	// Path is the field path in proto names: trades[3].price.
	Path string
	// Field is the field number, 0 if none.
	Field int32
	// Message says what is wrong: lower case, no full stop.
	Message string
	// Hint says what to do, or is empty.
	Hint string
	// Line and Column, from 1, of text input (JSON, text format); 0 if none.
	// Column counts bytes.
	Line, Column int
	// Key is the JSON key concerned, for text input.
	Key string
}

// New is a problem at a payload offset, with no place in the input yet.
func New(tag Tag, offset int64, message string) *Problem {
	return &Problem{Tag: tag, Offset: offset, InputOffset: Unknown, Message: message}
}

// InInput is a problem of the input itself (a frame, a checksum) at offset
// bytes from the input's start; it has no payload offset.
func InInput(tag Tag, offset int64, message string) *Problem {
	return &Problem{Tag: tag, Offset: Unknown, InputOffset: offset, Message: message}
}

// Error is the message with the path and the offset where there are any.
func (p *Problem) Error() string {
	var b strings.Builder
	if p.Line > 0 {
		b.WriteString("line " + strconv.Itoa(p.Line) + ", column " + strconv.Itoa(p.Column) + ": ")
	}
	if p.Path != "" {
		b.WriteString(p.Path + ": ")
	}
	b.WriteString(p.Message)
	if p.Offset >= 0 && p.Line == 0 {
		b.WriteString(" (at byte " + strconv.FormatInt(p.Offset, 10) + ")")
	}
	return b.String()
}

// At is a copy of p moved by base bytes: for a payload that begins base bytes
// into its input. A base below zero leaves InputOffset unknown.
func (p *Problem) At(base int64) *Problem {
	q := *p
	q.InputOffset = Unknown
	if base >= 0 && p.Offset >= 0 {
		q.InputOffset = base + p.Offset
	}
	return &q
}

// AppendJSON appends the error object of the output contract.
func (p *Problem) AppendJSON(dst []byte) []byte {
	dst = append(dst, `{"tag":`...)
	dst = AppendQuoted(dst, string(p.Tag))
	if p.Offset >= 0 {
		dst = append(dst, `,"offset":`...)
		dst = strconv.AppendInt(dst, p.Offset, 10)
	}
	if p.InputOffset >= 0 {
		dst = append(dst, `,"inputOffset":`...)
		dst = strconv.AppendInt(dst, p.InputOffset, 10)
	}
	dst = appendOptional(dst, `,"path":`, p.Path)
	if p.Field != 0 {
		dst = append(dst, `,"field":`...)
		dst = strconv.AppendInt(dst, int64(p.Field), 10)
	}
	dst = append(dst, `,"message":`...)
	dst = AppendQuoted(dst, p.Message)
	dst = appendOptional(dst, `,"hint":`, p.Hint)
	if p.Length > 0 {
		dst = append(dst, `,"length":`...)
		dst = strconv.AppendInt(dst, p.Length, 10)
	}
	if p.Line > 0 {
		dst = append(dst, `,"line":`...)
		dst = strconv.AppendInt(dst, int64(p.Line), 10)
		dst = append(dst, `,"column":`...)
		dst = strconv.AppendInt(dst, int64(p.Column), 10)
	}
	dst = appendOptional(dst, `,"key":`, p.Key)
	return append(dst, '}')
}

func appendOptional(dst []byte, key, value string) []byte {
	if value == "" {
		return dst
	}
	return AppendQuoted(append(dst, key...), value)
}
