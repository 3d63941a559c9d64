package kafka

import (
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// member is a bit for each member that kcat writes.
type member uint16

const (
	memberTopic member = 1 << iota
	memberPartition
	memberOffset
	memberTimeType
	memberTime
	memberBroker
	memberHeaders
	memberKey
	memberPayload
)

// result is what became of parsing.
type result uint8

const (
	parsed     result = iota
	incomplete        // the bytes end within the record
	refused
)

// text is a JSON string, or null, in the bytes that were parsed.
type text struct {
	from, to int // between the quotes
	escaped  bool
	null     bool
}

// bytes is what the string stands for, nil for null. Escapes are undone in
// place, so a string is to be taken only once.
func (t text) bytes(b []byte) []byte {
	switch {
	case t.null:
		return nil
	case !t.escaped:
		return b[t.from:t.to:t.to]
	}
	return unescape(b[t.from:t.to])
}

// extraMember is a member that kcat does not write.
type extraMember struct {
	key      text
	from, to int // of its value
}

// kcatParser takes one object apart. It only notes where things lie; nothing
// is changed or copied until the whole object is known to be good.
type kcatParser struct {
	b       []byte
	at      int    // next byte; after parsing the object's end, or where it went wrong
	message string // what went wrong
	short   bool   // the bytes ended

	seen                member
	topic, key, payload text
	partition, broker   int64
	offset, time        int64
	timeType            string
	headers             []text
	extra               []extraMember
}

func (p *kcatParser) has(m member) bool { return p.seen&m != 0 }

// parse reads the object that b begins with.
func (p *kcatParser) parse(b []byte) result {
	*p = kcatParser{b: b, headers: p.headers[:0], extra: p.extra[:0]}
	switch ok := p.object(); {
	case ok:
		return parsed
	case p.short:
		return incomplete
	}
	return refused
}

// fail notes what is wrong at the next byte, or that there is none.
func (p *kcatParser) fail(message string) bool {
	if p.at >= len(p.b) {
		p.short = true
	}
	p.message = message
	return false
}

// next is the next byte that is no white space; 0 at the end.
func (p *kcatParser) next() byte {
	for p.at < len(p.b) {
		switch c := p.b[p.at]; c {
		case ' ', '\t', '\n', '\r':
			p.at++
		default:
			return c
		}
	}
	return 0
}

func (p *kcatParser) want(c byte, message string) bool {
	if p.next() != c || p.at >= len(p.b) {
		return p.fail(message)
	}
	p.at++
	return true
}

func (p *kcatParser) object() bool {
	if !p.want('{', "a record begins with {") {
		return false
	}
	if p.next() == '}' {
		p.at++
		return true
	}
	for {
		if p.next() != '"' {
			return p.fail("a member's name should stand here")
		}
		var name text
		if !p.str(&name) || !p.want(':', "a colon should stand here") {
			return false
		}
		p.next()
		if !p.member(name) {
			return false
		}
		switch p.next() {
		case ',':
			p.at++
		case '}':
			p.at++
			return true
		default:
			return p.fail("a comma or } should stand here")
		}
	}
}

// member reads the value of the named member.
func (p *kcatParser) member(name text) bool {
	if name.escaped {
		return p.other(name)
	}
	switch string(p.b[name.from:name.to]) {
	case "topic":
		return p.once(memberTopic) && p.str(&p.topic)
	case "partition":
		return p.once(memberPartition) && p.number(&p.partition, 32)
	case "offset":
		return p.once(memberOffset) && p.number(&p.offset, 64)
	case "tstype":
		return p.once(memberTimeType) && p.timestampType()
	case "ts":
		return p.once(memberTime) && p.number(&p.time, 64)
	case "broker":
		return p.once(memberBroker) && p.number(&p.broker, 32)
	case "headers":
		return p.once(memberHeaders) && p.list()
	case "key":
		return p.once(memberKey) && p.nullable(&p.key)
	case "payload":
		return p.once(memberPayload) && p.nullable(&p.payload)
	}
	return p.other(name)
}

func (p *kcatParser) once(m member) bool {
	if p.seen&m != 0 {
		return p.fail("the member stands twice in the record")
	}
	p.seen |= m
	return true
}

// nullable reads a string or null.
func (p *kcatParser) nullable(t *text) bool {
	if p.next() == 'n' {
		t.null = true
		return p.word("null")
	}
	if p.next() != '"' {
		return p.fail("a string or null should stand here: kcat wrote the bytes in another form (its -s option)")
	}
	return p.str(t)
}

func (p *kcatParser) word(w string) bool {
	rest := p.b[p.at:]
	if len(rest) < len(w) && string(rest) == w[:len(rest)] {
		p.at = len(p.b)
		return p.fail("")
	}
	if len(rest) < len(w) || string(rest[:len(w)]) != w {
		return p.fail("no JSON value")
	}
	p.at += len(w)
	return true
}

// str reads a string, escapes checked but not undone.
func (p *kcatParser) str(t *text) bool {
	if p.next() != '"' {
		return p.fail("a string should stand here")
	}
	b, i := p.b, p.at+1
	t.from = i
	for ; i < len(b); i++ {
		c := b[i]
		if c >= 0x20 && c != '"' && c != '\\' {
			continue
		}
		p.at = i
		switch {
		case c == '"':
			t.to = i
			p.at = i + 1
			return true
		case c < 0x20:
			return p.fail("a control character stands in a string, where kcat writes it escaped")
		}
		t.escaped = true
		n := p.escape()
		if n == 0 {
			return false
		}
		i += n - 1
	}
	p.at = len(b)
	return p.fail("")
}

// escape is the length of the escape at p.at; 0 where it is none.
func (p *kcatParser) escape() int {
	rest := p.b[p.at:]
	if len(rest) < 2 {
		p.at = len(p.b)
		p.fail("")
		return 0
	}
	switch rest[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2
	case 'u':
		return p.escapeU(rest)
	}
	p.fail("there is no such escape")
	return 0
}

func (p *kcatParser) escapeU(rest []byte) int {
	const message = "an escape of four hexadecimal digits, paired if a surrogate, should stand here"
	r, ok, cut := hex4(rest)
	n := 6
	if ok && utf16.IsSurrogate(r) {
		n = 12
		var low rune
		low, ok, cut = hex4(rest[6:])
		ok = ok && utf16.DecodeRune(r, low) != utf8.RuneError
	}
	if ok {
		return n
	}
	if cut {
		p.at = len(p.b)
	}
	p.fail(message)
	return 0
}

// hex4 reads \uXXXX; cut says that only the end of the bytes is in the way.
func hex4(b []byte) (r rune, ok, cut bool) {
	for i := range 6 {
		if i == len(b) {
			return 0, false, true
		}
		c := b[i]
		switch {
		case i == 0 && c == '\\', i == 1 && c == 'u':
			continue
		case i < 2:
			return 0, false, false
		case c >= '0' && c <= '9':
			c -= '0'
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		case c >= 'A' && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false, false
		}
		r = r<<4 | rune(c)
	}
	return r, true, false
}

// unescape undoes the escapes in b, which are known to be good, in place.
func unescape(b []byte) []byte {
	to := 0
	for i := 0; i < len(b); {
		c := b[i]
		if c != '\\' {
			b[to] = c
			to++
			i++
			continue
		}
		if b[i+1] == 'u' {
			r, _, _ := hex4(b[i:])
			i += 6
			if utf16.IsSurrogate(r) {
				low, _, _ := hex4(b[i:])
				r = utf16.DecodeRune(r, low)
				i += 6
			}
			to += utf8.EncodeRune(b[to:to+4], r)
			continue
		}
		b[to] = simpleEscape(b[i+1])
		to++
		i += 2
	}
	return b[:to:to]
}

func simpleEscape(c byte) byte {
	switch c {
	case 'b':
		return '\b'
	case 'f':
		return '\f'
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 't':
		return '\t'
	}
	return c
}

// number reads an integer of so many bits.
func (p *kcatParser) number(v *int64, bits int) bool {
	p.next()
	start := p.at
	for p.at < len(p.b) && (p.b[p.at]-'0' < 10 || p.b[p.at] == '-') {
		p.at++
	}
	if p.at >= len(p.b) {
		return p.fail("")
	}
	n, err := strconv.ParseInt(string(p.b[start:p.at]), 10, bits)
	if err != nil {
		p.at = start
		return p.fail("an integer of " + strconv.Itoa(bits) + " bits should stand here")
	}
	*v = n
	return true
}

// timestampType reads one of kcat's three words.
func (p *kcatParser) timestampType() bool {
	var t text
	start := p.at
	if !p.str(&t) {
		return false
	}
	switch word := string(p.b[t.from:t.to]); word {
	case "create":
		p.timeType = "create"
	case "logappend":
		p.timeType = "logappend"
	case "unknown":
		p.timeType = "unknown"
	default:
		p.at = start
		return p.fail("a kind of timestamp that kcat does not have")
	}
	return true
}

// list reads the flat list of header names and values.
func (p *kcatParser) list() bool {
	if !p.want('[', "a list of headers should stand here") {
		return false
	}
	if p.next() == ']' {
		p.at++
		return true
	}
	for {
		var t text
		if len(p.headers)%2 == 0 && p.next() != '"' {
			return p.fail("a header's name should stand here")
		}
		if !p.nullable(&t) {
			return false
		}
		p.headers = append(p.headers, t)
		switch p.next() {
		case ',':
			p.at++
		case ']':
			if len(p.headers)%2 != 0 {
				return p.fail("a header has a name and no value")
			}
			p.at++
			return true
		default:
			return p.fail("a comma or ] should stand here")
		}
	}
}

// other keeps a member of another name as it is.
func (p *kcatParser) other(name text) bool {
	p.next()
	m := extraMember{key: name, from: p.at}
	if !p.value() {
		return false
	}
	m.to = p.at
	p.extra = append(p.extra, m)
	return true
}

// maxNesting is how deep lists and objects may lie in a further member. It
// also bounds how often damaged bytes are looked at again.
const maxNesting = 64

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
