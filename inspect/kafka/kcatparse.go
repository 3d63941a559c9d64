package kafka

import "strconv"

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
		if len(p.headers) == 2*maxHeaders {
			return p.fail("the record has too many headers")
		}
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
