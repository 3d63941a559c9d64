package frame

import (
	"bytes"
	"encoding/hex"
	"io"
	"strconv"
	"strings"
)

// Hex is the form with one message a line in hexadecimal digits, upper or
// lower case. Digits may be grouped: by white space, commas, colons or dashes,
// with 0x or \x before each group. An empty line is an empty message, and what
// follows a # is a comment (a line with nothing else is no message).
//
// Several lines are one message where they say so themselves: a line that ends
// with a comma or a backslash goes on in the next one; a C array (xxd -i) goes
// on to its closing brace; a dump with an offset column (xxd, hexdump -C,
// od -t x1) goes on to its end or to the next offset 0. With Options.Joined
// all lines are one message.
func Hex() Form {
	return Form{
		Name:      "hex",
		Printable: true,
		Summary:   "one message a line in hex digits, or a dump by xxd or hexdump -C (--joined: all lines are one)",
		Guess:     true,
		Sure:      surelyDump,
		Read: func(in *Input, o *Options) Reader {
			return &hexReader{lines: lines{in: in, limit: o.Limit()}, o: o}
		},
		Write: func(*Options) Writer { return hexWriter{} },
	}
}

type hexReader struct {
	lines
	o       *Options
	done    bool // something has been read
	wrapped bool // the first line has the length at which xxd -p wraps
	array   int  // bytes of the C array just read, -1 if there was none
}

func (r *hexReader) Next(f *Frame) error {
	if r.number == 0 {
		r.array = -1
	}
	for {
		line, err := r.peek()
		switch {
		case err == nil:
		case !r.joined():
			return r.broken(f, line, err)
		case len(line) == 0 && (err != io.EOF || r.done):
			return err
		}
		again, err := r.message(f, line)
		if !again {
			return err
		}
	}
}

func (r *hexReader) joined() bool { return r.o != nil && r.o.Joined }

// message makes f the message that line begins; again says that it has none.
func (r *hexReader) message(f *Frame, line []byte) (again bool, err error) {
	r.done = true
	text, front := bare(line)
	if d, ok := dumpStart(text); ok {
		return false, r.dump(f, d)
	}
	if r.joined() {
		return false, r.several(f, func([]byte) bool { return true })
	}
	if int64(len(text)/2) <= r.limit && plainHex(text) {
		r.warn(len(text))
		r.place(f)
		f.Payload = decodeHex(text)
		r.advance(len(line))
		r.array = -1
		return false, nil
	}
	switch {
	case isArrayStart(text):
		return false, r.cArray(f)
	case r.array >= 0 && isArrayLength(text):
		return r.arrayLength(f, line, text)
	case len(text) > 0 && text[0] == '#':
		r.advance(len(line))
		return true, nil
	case goesOn(text):
		return false, r.several(f, goesOn)
	}
	message, at, why := appendHex(nil, text)
	if why == "" && int64(len(message)) <= r.limit {
		r.place(f)
		f.Payload = message
		r.advance(len(line))
		return false, nil
	}
	p := r.problem(front+at, why)
	if why == "" {
		p = r.tooLong()
	}
	r.damaged(f, len(line), p)
	return false, nil
}

// warn tells, at the second line, that the first looks like a wrapped one.
func (r *hexReader) warn(size int) {
	if r.number == 0 {
		r.wrapped = size == 60
	} else if r.number == 1 && r.wrapped && size > 0 {
		r.o.Tell("the first line has 60 digits, as xxd -p wraps them; if all lines are one message, use --joined")
	}
}

// several makes f the message of the next line and of further ones, as long as
// more says of a line that another one follows it.
func (r *hexReader) several(f *Frame, more func(text []byte) bool) error {
	g := r.start(f)
	for {
		line, ok := g.next()
		if !ok {
			break
		}
		text, front := bare(line)
		last := !more(text)
		if g.problem == nil {
			r.gatherHex(g, bytes.TrimSuffix(text, []byte(`\`)), front)
		}
		g.take(len(line))
		if last {
			break
		}
	}
	return g.finish(f)
}

func (r *hexReader) gatherHex(g *gather, text []byte, front int) {
	out, at, why := appendHex(g.message, text)
	if g.message = out; why != "" {
		g.fail(r.problem(front+at, why))
		return
	}
	g.room(0)
}

// goesOn says that a line ends in a way that continues it.
func goesOn(text []byte) bool {
	return len(text) > 0 && (text[len(text)-1] == ',' || text[len(text)-1] == '\\') && !bytes.ContainsRune(text, '#')
}

// isArrayStart knows the first line of a C array of bytes.
func isArrayStart(text []byte) bool {
	square := bytes.IndexByte(text[:min(len(text), 1024)], '[')
	return square > 0 && bytes.IndexByte(text[square:min(len(text), 1024)], '{') > 0
}

// cArray makes f the bytes between the braces of a C array.
func (r *hexReader) cArray(f *Frame) error {
	g := r.start(f)
	closed := false
	for !closed {
		line, ok := g.next()
		if !ok {
			g.fail(r.problem(0, "the C array has no closing brace"))
			break
		}
		text, front := bare(line)
		if g.size == 0 {
			brace := bytes.IndexByte(text, '{')
			text, front = text[brace+1:], front+brace+1
		}
		text, _, closed = bytes.Cut(text, []byte("}"))
		if g.problem == nil {
			r.gatherHex(g, text, front)
		}
		g.take(len(line))
	}
	r.array = len(g.message)
	if g.problem != nil {
		r.array = -1
	}
	return g.finish(f)
}

// isArrayLength knows the line that xxd -i writes after an array.
func isArrayLength(text []byte) bool {
	return bytes.HasPrefix(text, []byte("unsigned int ")) && bytes.HasSuffix(text, []byte(";")) && bytes.Contains(text, []byte("="))
}

// arrayLength compares that line with the array before it.
func (r *hexReader) arrayLength(f *Frame, line, text []byte) (again bool, err error) {
	_, value, _ := strings.Cut(strings.TrimSuffix(string(text), ";"), "=")
	n, err := strconv.Atoi(strings.TrimSpace(value))
	was := r.array
	r.array = -1
	if err == nil && n == was {
		r.advance(len(line))
		return true, nil
	}
	r.damaged(f, len(line), r.problem(0, "the C array before this line has "+count(int64(was), "byte")+", which is not what the line says"))
	return false, nil
}

// appendHex appends the bytes of grouped digits up to a comment; else why says
// what is wrong with the byte at.
func appendHex(dst, text []byte) (out []byte, at int, why string) {
	for i := 0; i < len(text) && text[i] != '#'; {
		if isHexSeparator(text[i]) {
			i++
			continue
		}
		start, prefixed := i, false
		if i+1 < len(text) && (text[i] == '0' || text[i] == '\\') && text[i+1]|0x20 == 'x' {
			i, prefixed = i+2, true
		}
		from := i
		for i < len(text) && hexValues[text[i]] != 0 {
			i++
		}
		digits := text[from:i]
		switch {
		case len(digits) == 0 && i == len(text):
			return dst, start, "no hex digits follow the prefix"
		case len(digits) == 0:
			return dst, i, quoteByte(text[i]) + " is no hex digit"
		case len(digits) == 1 && prefixed:
			dst = append(dst, hexValues[digits[0]]&15)
			continue
		case len(digits)%2 != 0:
			return dst, start, "a group with an odd number of hex digits (" + strconv.Itoa(len(digits)) + ")"
		}
		for ; len(digits) >= 2; digits = digits[2:] {
			dst = append(dst, hexValues[digits[0]]<<4|hexValues[digits[1]]&15)
		}
	}
	return dst, 0, ""
}

func isHexSeparator(c byte) bool {
	switch c {
	case ' ', '\t', '\v', '\f', '\r', ',', ':', '-':
		return true
	}
	return false
}

// validHex marks the digits in hexValues.
const validHex = 0x10

// hexValues is the value of each hex digit, with validHex.
var hexValues = [256]byte{
	'0': 0x10, '1': 0x11, '2': 0x12, '3': 0x13, '4': 0x14, '5': 0x15, '6': 0x16, '7': 0x17,
	'8': 0x18, '9': 0x19, 'a': 0x1a, 'b': 0x1b, 'c': 0x1c, 'd': 0x1d, 'e': 0x1e, 'f': 0x1f,
	'A': 0x1a, 'B': 0x1b, 'C': 0x1c, 'D': 0x1d, 'E': 0x1e, 'F': 0x1f,
}

type hexWriter struct{}

func (hexWriter) Append(dst []byte, f *Frame) ([]byte, error) {
	if err := noNull(f, "hex"); err != nil {
		return dst, err
	}
	if f.Problem != nil {
		return append(dst, f.Payload...), nil
	}
	return append(hex.AppendEncode(dst, f.Payload), '\n'), nil
}

func (hexWriter) Finish(dst []byte) ([]byte, error) { return dst, nil }
