package kafka

// other keeps a member of another name as it is.
func (p *kcatParser) other(name text) bool {
	p.next()
	if len(p.extra) == maxExtra {
		return p.fail("the record has too many members that kcat does not write")
	}
	m := extraMember{key: name, from: p.at}
	if !p.value() {
		return false
	}
	m.to = p.at
	p.extra = append(p.extra, m)
	return true
}

const (
	// maxNesting is how deep lists and objects may lie in a further member. It
	// also bounds how often damaged bytes are looked at again.
	maxNesting = 32
	// maxExtra is how many further members a record may have.
	maxExtra = 1 << 16
)

// value passes over any JSON value.
func (p *kcatParser) value() bool {
	var closers []byte
	for {
		switch c := p.next(); c {
		case '{', '[':
			if len(closers) == maxNesting {
				return p.fail("lists and objects are nested too deep")
			}
			p.at++
			closers = append(closers, c+2)
			if p.next() == c+2 {
				break // empty: closed below
			}
			if c == '{' && !p.name() {
				return false
			}
			continue
		default:
			if !p.scalar(c) {
				return false
			}
		}
		for len(closers) > 0 && p.next() == closers[len(closers)-1] {
			p.at++
			closers = closers[:len(closers)-1]
		}
		if len(closers) == 0 {
			return true
		}
		if !p.want(',', "a comma should stand here") {
			return false
		}
		if closers[len(closers)-1] == '}' && !p.name() {
			return false
		}
	}
}

// name reads a member's name and the colon behind it.
func (p *kcatParser) name() bool {
	var t text
	return p.str(&t) && p.want(':', "a colon should stand here")
}

func (p *kcatParser) scalar(c byte) bool {
	switch c {
	case '"':
		var t text
		return p.str(&t)
	case 't':
		return p.word("true")
	case 'f':
		return p.word("false")
	case 'n':
		return p.word("null")
	}
	start := p.at
	for p.at < len(p.b) {
		switch c := p.b[p.at]; {
		case c >= '0' && c <= '9', c == '-', c == '+', c == '.', c == 'e', c == 'E':
			p.at++
			continue
		}
		break
	}
	if p.at >= len(p.b) {
		return p.fail("")
	}
	if !isNumber(p.b[start:p.at]) {
		p.at = start
		return p.fail("a value should stand here")
	}
	return true
}

// isNumber says whether b is a number by JSON's grammar (RFC 8259, section 6).
func isNumber(b []byte) bool {
	digits := func() bool {
		n := 0
		for n < len(b) && b[n]-'0' < 10 {
			n++
		}
		b = b[n:]
		return n > 0
	}
	if len(b) > 0 && b[0] == '-' {
		b = b[1:]
	}
	if len(b) > 1 && b[0] == '0' && b[1]-'0' < 10 || !digits() {
		return false
	}
	if len(b) > 0 && b[0] == '.' {
		if b = b[1:]; !digits() {
			return false
		}
	}
	if len(b) > 0 && b[0]|0x20 == 'e' {
		if b = b[1:]; len(b) > 0 && (b[0] == '+' || b[0] == '-') {
			b = b[1:]
		}
		return digits() && len(b) == 0
	}
	return len(b) == 0
}

// objectEnd finds where an object ends, or that it cannot go on, in bytes that
// become more with each call.
type objectEnd struct {
	at       int
	depth    int
	inString bool
	escaped  bool
}

// scan is true once b holds the whole object, or something that no object has.
func (e *objectEnd) scan(b []byte) bool {
	for ; e.at < len(b); e.at++ {
		c := b[e.at]
		switch {
		case e.escaped:
			e.escaped = false
		case e.inString:
			switch {
			case c == '"':
				e.inString = false
			case c == '\\':
				e.escaped = true
			case c < 0x20:
				return true
			}
		case c == '"':
			e.inString = true
		case c == '{' || c == '[':
			e.depth++
		case c == '}' || c == ']':
			if e.depth--; e.depth <= 0 {
				e.at++
				return true
			}
		}
	}
	return false
}
