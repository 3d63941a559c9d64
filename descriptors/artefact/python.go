package artefact

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf8"
)

// pythonMarks are what stands before the literal: the argument of a call since
// protoc 3.20, a keyword argument before.
func pythonMarks() []string { return []string{"AddSerializedFile(", "serialized_pb="} }

func isPython(name string, head []byte) bool {
	if strings.HasSuffix(name, ".py") {
		return true
	}
	if bytes.IndexByte(head, 0) >= 0 {
		return false
	}
	return bytes.Contains(head, []byte("import descriptor as _descriptor")) || bytes.Contains(head, []byte("AddSerializedFile("))
}

// python finds the literals of descriptors in a Python module.
func (l *lifter) python(text []byte, at place) error {
	for _, mark := range pythonMarks() {
		for from := 0; ; {
			i := bytes.Index(text[from:], []byte(mark))
			if i < 0 {
				break
			}
			from += i + len(mark)
			raw, n, ok := pythonLiteral(text[from:])
			if n == 0 {
				continue // a name or call, which stands for no new bytes
			}
			if !ok {
				return errPythonBytes
			}
			line := 1 + bytes.Count(text[:from], []byte{'\n'})
			from += n
			if !whole(raw) {
				return errDescriptor
			}
			l.found(raw, at.at("line "+strconv.Itoa(line)))
		}
	}
	return nil
}

// pythonLiteral reads string literals that stand one after another, as the
// language joins them, with what may stand around: parentheses, comments,
// the function _b of older modules. It is the bytes, and how much of text was
// read, 0 where no literal stands.
func pythonLiteral(text []byte) (raw []byte, length int, ok bool) {
	pos, end := 0, 0
	for pos < len(text) {
		rest := text[pos:]
		switch c := rest[0]; {
		case c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\\' || c == '(':
			pos++
		case c == '#':
			pos += lineLength(rest)
		case bytes.HasPrefix(rest, []byte("_b(")):
			pos += 3
		default:
			part, n, good := pythonString(rest)
			if n == 0 {
				return raw, end, true
			}
			if !good {
				return nil, pos + n, false
			}
			raw = append(raw, part...)
			pos += n
			end = pos
		}
	}
	return raw, end, true
}

func lineLength(text []byte) int {
	if i := bytes.IndexByte(text, '\n'); i >= 0 {
		return i
	}
	return len(text)
}

// pythonString reads one literal with its prefix and quotes.
func pythonString(text []byte) (raw []byte, length int, ok bool) {
	i, verbatim := 0, false
	for i < len(text) && i < 2 && strings.IndexByte("bBrRuU", text[i]) >= 0 {
		verbatim = verbatim || text[i]|0x20 == 'r'
		i++
	}
	if i == len(text) || text[i] != '"' && text[i] != '\'' {
		return nil, 0, false
	}
	quote := text[i : i+1]
	triple := bytes.Repeat(quote, 3)
	if bytes.HasPrefix(text[i:], triple) {
		quote = triple
	}
	for i += len(quote); i < len(text); {
		switch c := text[i]; {
		case bytes.HasPrefix(text[i:], quote):
			return raw, i + len(quote), true
		case c == '\n' && len(quote) == 1:
			return nil, i, false
		case c == '\\' && verbatim:
			raw = append(raw, text[i:min(i+2, len(text))]...)
			i += 2
		case c == '\\':
			var n int
			if raw, n = pythonEscape(raw, text[i:]); n == 0 {
				return nil, i, false
			}
			i += n
		case c < utf8.RuneSelf:
			raw = append(raw, c)
			i++
		default:
			// A literal of characters, not bytes, of which each stands for one.
			r, n := utf8.DecodeRune(text[i:])
			if r > 0xff {
				return nil, i, false
			}
			raw = append(raw, byte(r))
			i += n
		}
	}
	return nil, len(text), false
}

// pythonEscape appends what an escape sequence stands for and gives its
// length, 0 for one that is malformed.
func pythonEscape(raw, text []byte) ([]byte, int) {
	if len(text) < 2 {
		return raw, 0
	}
	switch c := text[1]; c {
	case '\n':
		return raw, 2
	case '\r':
		if bytes.HasPrefix(text[2:], []byte("\n")) {
			return raw, 3
		}
		return raw, 2
	case '\\', '\'', '"':
		return append(raw, c), 2
	case '0', '1', '2', '3', '4', '5', '6', '7':
		value, n := 0, 1
		for n < len(text) && n < 4 && text[n] >= '0' && text[n] <= '7' {
			value = value<<3 | int(text[n]-'0')
			n++
		}
		return append(raw, byte(value)), n
	case 'x':
		return pythonHex(raw, text, 2)
	case 'u':
		return pythonHex(raw, text, 4)
	case 'U':
		return pythonHex(raw, text, 8)
	default:
		if i := strings.IndexByte("abfnrtv", c); i >= 0 {
			return append(raw, "\a\b\f\n\r\t\v"[i]), 2
		}
		// Python keeps the backslash of what is no escape.
		return append(raw, '\\', c), 2
	}
}

func pythonHex(raw, text []byte, digits int) ([]byte, int) {
	if len(text) < 2+digits {
		return raw, 0
	}
	value, err := strconv.ParseUint(string(text[2:2+digits]), 16, 32)
	if err != nil || value > 0xff {
		return raw, 0
	}
	return append(raw, byte(value)), 2 + digits
}
