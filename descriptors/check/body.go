package check

import "math"

// body reads statements up to the closing brace of what name begins.
func (p *parser) body(name Name, what string, statement func()) {
	if !p.accept('{') {
		p.unexpected(`"{"`)
		p.skip()
		return
	}
	p.depth++
	defer func() { p.depth-- }()
	for !p.enough() {
		switch p.peek().kind {
		case '}':
			p.next()
			return
		case ';':
			p.next()
			continue
		case 0:
			p.fail(token{line: name.Line, column: name.Column}, "syntax error: "+what+" "+name.Text+" is not closed", `its "}" is missing`)
			return
		}
		if p.depth > maxDepth {
			p.skip()
			continue
		}
		before := p.pos
		statement()
		if p.pos == before {
			p.next()
		}
	}
}

func (p *parser) message(visibility Name, nested bool) *message {
	p.next()
	m := &message{name: p.ident("a message's name"), visibility: visibility, nested: nested}
	p.messageBody(m, "message")
	return m
}

func (p *parser) messageBody(m *message, what string) {
	p.body(m.name, what, func() { p.member(m) })
}

func (p *parser) member(m *message) {
	visibility := p.visibility()
	t, after := p.peek(), p.at(1)
	if t.kind == 'w' && after.kind == 'w' && p.at(2).kind == '{' {
		switch t.text {
		case "message":
			m.messages = append(m.messages, p.message(visibility, true))
			return
		case "enum":
			m.enums = append(m.enums, p.enum(visibility, true))
			return
		case "oneof":
			p.oneof(m)
			return
		}
	}
	switch {
	case t.kind == 'w' && t.text == "extend" && (after.kind == 'w' && p.at(2).kind != '=' || after.kind == '.'):
		m.extends = append(m.extends, p.extend())
	case t.kind == 'w' && t.text == "option" && (after.kind == 'w' && p.at(2).kind != 'w' && !p.fieldFollows() || after.kind == '('):
		m.options = append(m.options, p.option()...)
	case t.kind == 'w' && t.text == "extensions" && after.kind == 'i':
		m.extensions = append(m.extensions, p.ranges(maxField)...)
	case t.kind == 'w' && t.text == "reserved" && (after.kind == 'i' || after.kind == 's' || after.kind == '-' || after.kind == 'w' && (p.at(2).kind == ';' || p.at(2).kind == ',')):
		numbers, names := p.reserved(maxField)
		m.reserved = append(m.reserved, numbers...)
		m.reservedNames = append(m.reservedNames, names...)
	case t.kind == 'w' || t.kind == '.':
		if f := p.field(); f != nil {
			m.fields = append(m.fields, f)
		}
	default:
		p.unexpected("a field, or what else a message has")
		p.next()
		p.skip()
	}
}

// fieldFollows says whether "option X = N;" here can only be a field of a type
// that is called option.
func (p *parser) fieldFollows() bool {
	return p.at(2).kind == '=' && p.at(3).kind == 'i' && p.at(4).kind == '['
}

func (p *parser) oneof(m *message) {
	p.next()
	o := &oneof{name: p.ident("a oneof's name")}
	m.oneofs = append(m.oneofs, o)
	p.body(o.name, "oneof", func() {
		t := p.peek()
		switch {
		case t.kind == 'w' && t.text == "option":
			o.options = append(o.options, p.option()...)
		case t.kind == 'w' || t.kind == '.':
			if f := p.field(); f != nil {
				f.oneof = o
				o.fields++
				m.fields = append(m.fields, f)
			}
		default:
			p.unexpected("a field")
			p.next()
			p.skip()
		}
	})
}

// field reads a field, a map or a group; nil for what is none.
func (p *parser) field() *field {
	f := new(field)
	if t := p.peek(); t.kind == 'w' && (t.text == "optional" || t.text == "required" || t.text == "repeated") && p.at(1).kind != '=' {
		f.label = p.next().name()
	}
	switch {
	case p.word("group") && p.at(1).kind == 'w' && p.at(2).kind == '=':
		p.next()
		f.name = p.ident("a group's name")
		f.typ = f.name
		f.group = &message{name: f.name, nested: true}
	case p.word("map") && p.at(1).kind == '<':
		p.next()
		p.next()
		f.key = p.typeName()
		p.expect(',')
		f.typ = p.typeName()
		p.expect('>')
		f.name = p.ident("a field's name")
	default:
		f.typ = p.typeName()
		if p.peek().kind != 'w' {
			p.unexpected("a field's name")
			p.skip()
			return nil
		}
		f.name = p.ident("a field's name")
	}
	if !p.accept('=') {
		if p.peek().kind == ';' {
			p.fail(p.peek(), "syntax error: "+f.name.Text+" has no number", "write "+f.name.Text+" = N;")
			p.next()
			return f
		}
		p.unexpected(`"="`)
		p.skip()
		return nil
	}
	f.number = p.integer()
	if p.peek().kind == '[' {
		f.options = p.bracketed()
	}
	if f.group != nil {
		p.messageBody(f.group, "group")
		return f
	}
	p.end()
	return f
}

func (p *parser) enum(visibility Name, nested bool) *enum {
	p.next()
	e := &enum{name: p.ident("an enum's name"), visibility: visibility, nested: nested}
	p.body(e.name, "enum", func() {
		t, after := p.peek(), p.at(1)
		switch {
		case t.kind == 'w' && t.text == "option" && after.kind != '=':
			e.options = append(e.options, p.option()...)
		case t.kind == 'w' && t.text == "reserved" && after.kind != '=':
			numbers, names := p.reserved(math.MaxInt32)
			e.reserved = append(e.reserved, numbers...)
			e.reservedNames = append(e.reservedNames, names...)
		case t.kind == 'w' && after.kind == '=':
			v := &value{name: p.next().name()}
			p.next()
			v.number = p.integer()
			if p.peek().kind == '[' {
				v.options = p.bracketed()
			}
			p.end()
			e.values = append(e.values, v)
		default:
			if t.kind == 'w' {
				p.next()
			}
			p.unexpected(`a value: NAME = NUMBER;`)
			p.skip()
		}
	})
	return e
}

func (p *parser) extend() *extend {
	p.next()
	x := &extend{extendee: p.typeName()}
	p.body(x.extendee, "extend", func() {
		if f := p.field(); f != nil {
			x.fields = append(x.fields, f)
		}
	})
	return x
}

func (p *parser) service() *service {
	p.next()
	s := &service{name: p.ident("a service's name")}
	p.body(s.name, "service", func() {
		switch {
		case p.word("option"):
			s.options = append(s.options, p.option()...)
		case p.word("rpc"):
			if m := p.method(); m != nil {
				s.methods = append(s.methods, m)
			}
		default:
			p.unexpected("rpc or option")
			p.next()
			p.skip()
		}
	})
	return s
}

func (p *parser) method() *method {
	p.next()
	m := &method{name: p.ident("a method's name")}
	var ok bool
	if m.in, ok = p.argument(); !ok {
		return nil
	}
	if !p.word("returns") {
		p.unexpected("returns")
		p.skip()
		return nil
	}
	p.next()
	if m.out, ok = p.argument(); !ok {
		return nil
	}
	if p.peek().kind != '{' {
		p.end()
		return m
	}
	p.body(m.name, "method", func() {
		if !p.word("option") {
			p.unexpected("option")
			p.next()
			p.skip()
			return
		}
		m.options = append(m.options, p.option()...)
	})
	return m
}

// argument reads (TYPE) or (stream TYPE).
func (p *parser) argument() (Name, bool) {
	if !p.expect('(') {
		p.skip()
		return Name{}, false
	}
	if p.word("stream") && p.at(1).kind != ')' && p.at(1).kind != '.' || p.word("stream") && p.at(1).kind == '.' && p.at(1).line == p.peek().line && p.at(1).column > p.peek().end {
		p.next()
	}
	name := p.typeName()
	if !p.expect(')') {
		p.skip()
		return name, false
	}
	return name, true
}

// reserved reads numbers or names.
func (p *parser) reserved(most int64) ([]numbers, []Name) {
	if after := p.at(1); after.kind != 's' && after.kind != 'w' {
		return p.ranges(most), nil
	}
	p.next()
	var names []Name
	for {
		t := p.next()
		if t.kind != 's' && t.kind != 'w' {
			p.pos--
			p.unexpected("a name")
			p.skip()
			return nil, names
		}
		names = append(names, t.name())
		if !p.accept(',') {
			p.end()
			return nil, names
		}
	}
}

// ranges reads N, N to N, N to max.
func (p *parser) ranges(most int64) []numbers {
	p.next()
	var all []numbers
	for {
		r := numbers{from: p.integer()}
		r.to = r.from
		if p.word("to") {
			p.next()
			if t := p.peek(); p.word("max") {
				p.next()
				r.to = number{t.name(), most, true}
			} else {
				r.to = p.integer()
			}
		}
		if !r.from.ok || !r.to.ok {
			p.skip()
			return all
		}
		all = append(all, r)
		if !p.accept(',') {
			break
		}
	}
	if p.peek().kind == '[' {
		p.bracketed()
	}
	p.end()
	return all
}
