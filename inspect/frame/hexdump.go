package frame

import (
	"bytes"
	"slices"
	"strconv"
	"unicode/utf8"
)

// dumpLine is a line of a dump: its offset as written, and what follows.
type dumpLine struct {
	offset []byte // 4 to 16 digits
	colon  bool   // after the offset: xxd and tcpdump
	rest   []byte // digits and text column, with the white space before them
	at     int    // of rest within the line
}

// maxDumpLine is the longest line of a dump in bytes; xxd's longest has 256
// columns and some 1,600 bytes.
const maxDumpLine = 4096

// parseDump takes a line without white space in front apart; ok says that it
// begins like a line of a dump.
func parseDump(text []byte) (d dumpLine, ok bool) {
	i := 0
	if bytes.HasPrefix(text, []byte("0x")) {
		i = 2
	}
	from := i
	for i < len(text) && i-from <= 16 && hexValues[text[i]] != 0 {
		i++
	}
	if i-from < 4 || i-from > 16 || len(text) > maxDumpLine {
		return d, false
	}
	d.offset = text[from:i]
	if i < len(text) && text[i] == ':' {
		d.colon = true
		i++
	}
	if i < len(text) && text[i] != ' ' && text[i] != '\t' {
		return d, false
	}
	d.rest, d.at = text[i:], i
	return d, true
}

// dumpStart says that text can only be the first line of a dump: an offset
// with a colon behind it; one of zeros that is set apart from the bytes by two
// spaces, or has the six or seven digits of od; or one before a text column
// between bars.
func dumpStart(text []byte) (d dumpLine, ok bool) {
	d, ok = parseDump(text)
	if !ok || d.colon {
		return d, ok && len(bytes.TrimLeft(d.rest, " \t")) > 0
	}
	if d.zero() && len(d.offset) == 7 {
		return d, true
	}
	apart := len(d.rest) > 2 && d.rest[1] == ' '
	pairs := bytes.TrimLeft(d.rest, " \t")
	if len(pairs) < 2 || len(pairs) > 2 && pairs[2] != ' ' {
		return d, false
	}
	return d, d.zero() && (apart || len(d.offset) == 6) || apart && len(d.offset) == 8 && text[len(text)-1] == '|'
}

func (d *dumpLine) zero() bool { return len(bytes.Trim(d.offset, "0")) == 0 }

// surelyDump knows a dump with a text column by its first line.
func surelyDump(head []byte, atEOF bool) bool {
	i := bytes.IndexByte(head, '\n')
	if i < 0 && !atEOF {
		return false
	}
	if i >= 0 {
		head = head[:i]
	}
	text := bytes.TrimLeft(bytes.TrimRight(head, "\r"), " \t")
	d, ok := dumpStart(text)
	if !ok {
		return false
	}
	_, column, _, why := d.bytes(nil)
	return why == "" && column
}

// bytes appends the line's bytes; column says that a text column stands behind
// them and agrees with them. Otherwise why says what is wrong at byte at of
// the rest.
func (d *dumpLine) bytes(dst []byte) (out []byte, column bool, at int, why string) {
	out = dst
	wide, apart := false, false
	for i := 0; ; {
		gap := i
		for i < len(d.rest) && (d.rest[i] == ' ' || d.rest[i] == '\t') {
			i++
		}
		if i == len(d.rest) {
			break
		}
		if gap > 0 && (i-gap > 1 || d.rest[i] == '|' || d.rest[i] == '>') {
			if textColumn(out[len(dst):], d.rest[gap:], i-gap) {
				return out, true, 0, ""
			}
			apart = true
		}
		from := i
		for i < len(d.rest) && hexValues[d.rest[i]] != 0 {
			i++
		}
		digits := d.rest[from:i]
		end := i == len(d.rest) || d.rest[i] == ' ' || d.rest[i] == '\t'
		if len(digits)%2 != 0 || !end {
			if apart {
				return dst, false, from, mismatch
			}
			if end {
				return dst, false, from, "a group with an odd number of hex digits (" + strconv.Itoa(len(digits)) + ")"
			}
			return dst, false, i, quoteByte(d.rest[i]) + " is no hex digit"
		}
		wide = wide || len(digits) > 2
		for ; len(digits) >= 2; digits = digits[2:] {
			out = append(out, hexValues[digits[0]]<<4|hexValues[digits[1]]&15)
		}
	}
	switch {
	case apart && d.colon:
		return dst, false, 0, mismatch
	case wide && !d.colon:
		return dst, false, 0, "a dump in words, whose byte order it does not tell (use hexdump -C or xxd)"
	}
	return out, false, 0, ""
}

const mismatch = "the text column does not match the bytes (a dump in another byte order, in bits, or a damaged one)"

// textColumn says that right, which begins with gap bytes of white space, is
// that and the text of b. Text may itself begin with spaces, and may have lost
// those at its end.
func textColumn(b, right []byte, gap int) bool {
	text := right[gap:]
	if closing := closingBar(text[0]); closing != 0 {
		trimmed := bytes.TrimRight(text, " \t")
		if len(trimmed) > 1 && trimmed[len(trimmed)-1] == closing && sameText(b, trimmed[1:len(trimmed)-1]) {
			return true
		}
	}
	whole := len(right) - len(b)
	return sameText(b, text) || whole > 0 && whole < gap && sameText(b, right[whole:])
}

// closingBar is the character that closes a text column opened by c, or 0.
func closingBar(c byte) byte {
	switch c {
	case '|':
		return '|'
	case '>':
		return '<'
	}
	return 0
}

// sameText says that text shows b: its printable characters as they are, any
// one character for another byte.
func sameText(b, text []byte) bool {
	for _, c := range b {
		if len(text) == 0 {
			if c != ' ' {
				return false
			}
			continue
		}
		_, size := utf8.DecodeRune(text)
		if c >= ' ' && c < 0x7f && text[0] != c {
			return false
		}
		text = text[size:]
	}
	return len(bytes.TrimRight(text, " ")) == 0
}

// dump makes f the message of a dump whose first line is next.
func (r *hexReader) dump(f *Frame, start dumpLine) error {
	r.array = -1
	d := dump{g: r.start(f), first: string(start.offset), bases: offsetBases(start)}
	for {
		line, ok := d.g.next()
		if !ok {
			break
		}
		text := bytes.TrimRight(line, "\r\n")
		front := len(text) - len(bytes.TrimLeft(text, " \t"))
		next, ok := parseDump(text[front:])
		if ok && d.g.size > 0 && (next.zero() || string(next.offset) == d.first) {
			break
		}
		done := d.g.problem == nil && d.line(text[front:], next, ok, front)
		d.g.take(len(line))
		if done {
			break
		}
	}
	return d.g.finish(f)
}

// dump is a dump in the reading.
type dump struct {
	g     *gather
	first string // offset of the first line
	bases []int  // in which the offsets so far may be written
	last  int    // bytes of the last line
	lines int
	star  bool // lines like the last one are left out here
}

// offsetBases are the number bases of offsets like d's: those of od have seven
// digits and are octal unless it was told otherwise.
func offsetBases(d dumpLine) []int {
	switch {
	case len(d.offset) == 7:
		return []int{8, 10, 16}
	case d.colon:
		return []int{16, 10}
	}
	return []int{16}
}

// line takes the next line of the dump in; done says that it was the last.
func (d *dump) line(text []byte, l dumpLine, ok bool, front int) (done bool) {
	if len(bytes.TrimRight(text, " \t")) == 0 {
		return false
	}
	if text[0] == '*' && len(bytes.TrimRight(text, " \t")) == 1 && d.last > 0 {
		d.star = true
		return false
	}
	if !ok {
		d.g.fail(d.g.lines.problem(front, "this is no line of the dump before it"))
		return false
	}
	if why := d.advance(l); why != "" {
		d.g.fail(d.g.lines.problem(front, why))
		return false
	}
	had := len(d.g.message)
	out, _, at, why := l.bytes(d.g.message)
	if why != "" {
		d.g.fail(d.g.lines.problem(front+l.at+at, why))
		return false
	}
	d.g.message = out
	d.last = len(out) - had
	d.lines++
	return d.g.room(0) && d.last == 0
}

// advance checks a line's offset against the bytes before it and repeats the
// last line where a star stands for lines like it.
func (d *dump) advance(l dumpLine) (why string) {
	have := uint64(len(d.g.message))
	var fit []int
	var at uint64
	for _, base := range d.bases {
		start, err := strconv.ParseUint(d.first, base, 64)
		offset, err2 := strconv.ParseUint(string(l.offset), base, 64)
		if err != nil || err2 != nil || offset < start+have && d.lines > 0 {
			continue
		}
		more := offset - start - have
		if d.star && more%uint64(d.last) != 0 || !d.star && more != 0 {
			continue
		}
		if len(fit) == 0 {
			at = more
		} else if at != more && !l.colon {
			return "the offset may be written in base " + strconv.Itoa(fit[0]) + " or " + strconv.Itoa(base) + ", which makes a difference after a line *"
		} else if at != more {
			continue // xxd counts in hex unless it was told otherwise
		}
		fit = append(fit, base)
	}
	if len(fit) == 0 {
		return "the offset does not follow from the " + count(int64(have), "byte") + " before this line"
	}
	d.bases = fit
	return d.repeat(at)
}

// repeat appends the last line until there are n bytes more.
func (d *dump) repeat(n uint64) (why string) {
	d.star = false
	if n == 0 {
		return ""
	}
	if n > uint64(d.g.lines.limit) || !d.g.room(int64(n)) {
		return "the offset makes a message above the limit of " + count(d.g.lines.limit, "byte")
	}
	start := len(d.g.message) - d.last
	out := slices.Grow(d.g.message, int(n))
	for left := int(n); left > 0; {
		step := min(left, len(out)-start)
		out = append(out, out[start:start+step]...)
		left -= step
	}
	d.g.message = out
	return ""
}
