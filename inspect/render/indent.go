package render

// JSONStyle is how AppendIndented lays out.
type JSONStyle struct {
	// Indent is the number of spaces a level; 0 keeps one line.
	Indent int
	// Color adds ANSI colours.
	Color bool
}

// The colours of JSON are those that jq's users know.
const (
	jsonNull    style = "\x1b[90m"
	jsonLiteral style = "\x1b[39m"
	jsonString  style = "\x1b[32m"
	jsonKey     style = "\x1b[34;1m"
	jsonMark    style = "\x1b[1;39m"
	jsonOwn     style = "\x1b[31;1m" // keys that begin with @: what is no plain field
)

// maxJSONIndent is the level up to which lines are set in: deeper ones stand
// where it does, so that deep nesting costs no more than a multiple of its
// length.
const maxJSONIndent = 64

// AppendIndented appends compactJSON, which must be valid JSON without white
// space between its tokens, with white space and colours added. It copies
// tokens and reads no value, so that none changes.
func AppendIndented(dst, compactJSON []byte, o JSONStyle) []byte {
	f := formatter{dst: dst, o: o}
	for at := 0; at < len(compactJSON); {
		at = f.token(compactJSON, at)
	}
	return f.dst
}

type formatter struct {
	dst   []byte
	o     JSONStyle
	level int
}

// token copies the token at src[at] and is the offset after it.
func (f *formatter) token(src []byte, at int) int {
	switch c := src[at]; c {
	case '{', '[':
		if at+1 < len(src) && (src[at+1] == '}' || src[at+1] == ']') {
			f.put(jsonMark, src[at:at+2])
			return at + 2
		}
		f.put(jsonMark, src[at:at+1])
		f.level++
		f.newline()
	case '}', ']':
		f.level--
		f.newline()
		f.put(jsonMark, src[at:at+1])
	case ',':
		f.put(jsonMark, src[at:at+1])
		f.newline()
	case ':':
		f.put(jsonMark, src[at:at+1])
		if f.o.Indent > 0 {
			f.dst = append(f.dst, ' ')
		}
	case '"':
		return f.string(src, at)
	default:
		return f.literal(src, at)
	}
	return at + 1
}

func (f *formatter) string(src []byte, at int) int {
	end := at + 1
	for end < len(src) && src[end] != '"' {
		if src[end] == '\\' {
			end++
		}
		end++
	}
	end = min(end+1, len(src))
	s := jsonString
	if end < len(src) && src[end] == ':' {
		s = jsonKey
		if src[at+1] == '@' {
			s = jsonOwn
		}
	}
	f.put(s, src[at:end])
	return end
}

// literal copies a number, true, false or null, and whatever else there is.
func (f *formatter) literal(src []byte, at int) int {
	end := at
	for end < len(src) {
		switch src[end] {
		case ',', ':', '{', '}', '[', ']', '"':
			if end > at {
				f.put(literalStyle(src[at]), src[at:end])
				return end
			}
		}
		end++
	}
	f.put(literalStyle(src[at]), src[at:end])
	return end
}

func literalStyle(first byte) style {
	if first == 'n' {
		return jsonNull
	}
	return jsonLiteral
}

func (f *formatter) put(s style, token []byte) {
	if !f.o.Color {
		f.dst = append(f.dst, token...)
		return
	}
	f.dst = append(append(append(f.dst, s...), token...), reset...)
}

func (f *formatter) newline() {
	if f.o.Indent <= 0 {
		return
	}
	f.dst = append(f.dst, '\n')
	for range f.o.Indent * min(max(f.level, 0), maxJSONIndent) {
		f.dst = append(f.dst, ' ')
	}
}
