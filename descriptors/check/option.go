package check

import "strings"

// option reads an option statement.
func (p *parser) option() []option {
	p.next()
	o, ok := p.assignment()
	if !ok {
		p.skip()
		return nil
	}
	p.end()
	return []option{o}
}

// bracketed reads [NAME = VALUE, …].
func (p *parser) bracketed() []option {
	p.next()
	var all []option
	for {
		o, ok := p.assignment()
		if !ok {
			p.skipBracket()
			return all
		}
		all = append(all, o)
		switch {
		case p.accept(','):
		case p.accept(']'):
			return all
		default:
			p.unexpected(`"," or "]"`)
			p.skipBracket()
			return all
		}
	}
}

// skipBracket goes past the closing bracket, or to the end of the statement.
func (p *parser) skipBracket() {
	for {
		switch p.peek().kind {
		case ']':
			p.next()
			return
		case ';', '}', '{', 0:
			return
		}
		p.next()
	}
}

// assignment reads NAME = VALUE.
func (p *parser) assignment() (option, bool) {
	var o option
	for {
		t := p.peek()
		if p.accept('(') {
			name := Name{"(" + p.typeName().Text + ")", t.line, t.column}
			o.parts = append(o.parts, name)
			if !p.expect(')') {
				return o, false
			}
		} else if t.kind == 'w' {
			o.parts = append(o.parts, p.next().name())
		} else {
			p.unexpected("an option's name")
			return o, false
		}
		if !p.accept('.') {
			break
		}
	}
	if !p.expect('=') {
		return o, false
	}
	return o, p.value(&o)
}

func (p *parser) value(o *option) bool {
	t := p.peek()
	o.value = t
	switch t.kind {
	case '{':
		o.aggregate = true
		p.braces()
	case '[':
		o.aggregate = true
		p.next()
		p.skipBracket()
	case 's':
		o.value = p.str()
	case '-', '+':
		p.next()
		number := p.next()
		o.value.kind, o.value.text = number.kind, t.text+number.text
	case 'w':
		p.next()
		for p.peek().kind == '.' {
			p.next()
			o.value.text += "." + p.next().text
		}
	case 'i', 'f':
		p.next()
	default:
		p.unexpected("a value")
		return false
	}
	return true
}

// braces passes over {…}.
func (p *parser) braces() {
	open := p.next()
	for depth := 1; depth > 0; {
		switch t := p.peek(); t.kind {
		case '{':
			depth++
		case '}':
			depth--
		case 0:
			p.fail(open, `syntax error: this "{" is not closed`, "")
			return
		}
		p.next()
	}
}

// full is an option's whole name.
func (o *option) full() string {
	var parts []string
	for _, part := range o.parts {
		parts = append(parts, part.Text)
	}
	return strings.Join(parts, ".")
}
