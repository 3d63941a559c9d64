package check

import (
	"math"
	"strings"

	"github.com/pbscope/pbscope/inspect/nearest"
)

const (
	// maxDepth bounds how deep messages nest.
	maxDepth = 100
	// maxSyntax bounds the syntax errors of a file.
	maxSyntax = 30
)

// Parse reads a file. It always gives one; what it could not read is in
// Problems.
func Parse(text []byte) *File {
	f := new(File)
	p := &parser{file: f, tokens: lex(text, &f.Problems)}
	f.syntax = Name{Text: "proto2"}
	for p.peek().kind != 0 && !p.enough() {
		p.topLevel()
	}
	f.Problems = sorted(f.Problems)
	return f
}

// parser walks over tokens.
type parser struct {
	file   *File
	tokens []token
	pos    int
	depth  int
}

func (p *parser) enough() bool { return len(p.file.Problems) > maxSyntax }

func (p *parser) peek() token { return p.at(0) }

func (p *parser) at(ahead int) token { return p.tokens[min(p.pos+ahead, len(p.tokens)-1)] }

func (p *parser) next() token {
	t := p.peek()
	p.pos = min(p.pos+1, len(p.tokens)-1)
	return t
}

func (p *parser) accept(kind byte) bool {
	if p.peek().kind != kind {
		return false
	}
	p.next()
	return true
}

func (p *parser) word(text string) bool {
	t := p.peek()
	return t.kind == 'w' && t.text == text
}

func (p *parser) fail(t token, message, hint string) {
	p.file.Problems = append(p.file.Problems, Problem{Line: t.line, Column: t.column, Message: message, Hint: hint, Syntax: true})
}

// unexpected reports the token that stands here.
func (p *parser) unexpected(wanted string) {
	t := p.peek()
	if !t.bad && (p.pos == 0 || !p.tokens[p.pos-1].bad) {
		p.fail(t, "syntax error: unexpected "+t.said()+", expecting "+wanted, "")
	}
}

// end reads the semicolon of a statement. One that is missing at the end of a
// line is reported there, and the next line is read as what it is.
func (p *parser) end() {
	if p.accept(';') {
		return
	}
	before, here := p.tokens[max(p.pos-1, 0)], p.peek()
	if here.line > before.endLine || here.kind == '}' || here.kind == 0 {
		before.line, before.column = before.endLine, before.end
		p.fail(before, "syntax error: a semicolon is missing here", "")
		return
	}
	p.unexpected(`";"`)
	p.skip()
}

// skip goes to the end of a statement that cannot be read: past its semicolon
// or its closing brace, or before the brace that closes what it stands in.
func (p *parser) skip() {
	depth := 0
	for {
		switch p.peek().kind {
		case 0:
			return
		case '{':
			depth++
		case '}':
			if depth--; depth < 0 {
				return
			}
			if depth == 0 {
				p.next()
				return
			}
		case ';':
			if depth == 0 {
				p.next()
				return
			}
		}
		p.next()
	}
}

func (p *parser) topLevel() {
	t := p.peek()
	if t.kind == ';' {
		p.next()
		return
	}
	if t.kind == '}' {
		p.fail(t, `syntax error: this "}" closes nothing`, "")
		p.next()
		return
	}
	visibility := p.visibility()
	switch {
	case p.word("message") && p.at(1).kind == 'w':
		p.file.messages = append(p.file.messages, p.message(visibility, false))
	case p.word("enum") && p.at(1).kind == 'w':
		p.file.enums = append(p.file.enums, p.enum(visibility, false))
	case t.kind == 'w' && p.statement(t.text):
	default:
		p.badStatement("message, enum, service, extend, import, option or package")
	}
}

// badStatement reports what begins no statement, and passes over it.
func (p *parser) badStatement(wanted string) {
	t := p.peek()
	hint := ""
	if t.kind == 'w' {
		if near := nearest.Name(t.text, []string{"message", "enum", "service", "extend", "import", "option", "package", "syntax", "edition"}); near != "" && near != t.text {
			hint = "did you mean " + near + "?"
		}
	}
	if !t.bad {
		p.fail(t, "syntax error: unexpected "+t.said()+", expecting "+wanted, hint)
	}
	p.next()
	p.skip()
}

// statement reads the statements of a file that begin with a word of their
// own.
func (p *parser) statement(word string) bool {
	f := p.file
	switch word {
	case "syntax", "edition":
		p.next()
		p.expect('=')
		f.syntax, f.edition = p.str().name(), word == "edition"
		p.end()
	case "package":
		p.next()
		f.pkg = p.typeName()
		p.end()
	case "import":
		p.imported()
	case "option":
		f.options = append(f.options, p.option()...)
	case "service":
		f.services = append(f.services, p.service())
	case "extend":
		f.extends = append(f.extends, p.extend())
	default:
		return false
	}
	return true
}

func (p *parser) visibility() Name {
	t := p.peek()
	if t.kind == 'w' && (t.text == "export" || t.text == "local") && (p.at(1).text == "message" || p.at(1).text == "enum") && p.at(2).kind == 'w' && p.at(3).kind == '{' {
		return p.next().name()
	}
	return Name{}
}

func (p *parser) expect(kind byte) bool {
	if p.accept(kind) {
		return true
	}
	p.unexpected(`"` + string(rune(kind)) + `"`)
	return false
}

// str reads a string; several one after the other are one.
func (p *parser) str() token {
	t := p.peek()
	if t.kind != 's' {
		p.unexpected("a string")
		return token{line: t.line, column: t.column}
	}
	p.next()
	for p.peek().kind == 's' {
		t.text += p.next().text
	}
	return t
}

func (p *parser) imported() {
	p.next()
	i := Import{}
	switch t := p.peek(); {
	case t.kind == 'w' && t.text == "public":
		i.Public = true
		p.next()
	case t.kind == 'w' && t.text == "weak":
		i.Weak = true
		p.next()
	case t.kind == 'w' && t.text == "option":
		i.Option = true
		p.next()
	}
	if p.peek().kind != 's' {
		p.unexpected("the name of a file in quotes")
		p.skip()
		return
	}
	i.Path = p.str().name()
	p.end()
	p.file.imports = append(p.file.imports, i)
}

// ident reads a name.
func (p *parser) ident(what string) Name {
	t := p.peek()
	if t.kind != 'w' {
		p.unexpected(what)
		return Name{Line: t.line, Column: t.column}
	}
	return p.next().name()
}

// typeName reads a dotted name, with a dot before it or not.
func (p *parser) typeName() Name {
	first := p.peek()
	var b strings.Builder
	if p.accept('.') {
		b.WriteByte('.')
	}
	for {
		b.WriteString(p.ident("a name").Text)
		if p.peek().kind != '.' {
			break
		}
		p.next()
		b.WriteByte('.')
	}
	return Name{b.String(), first.line, first.column}
}

// integer reads a number with or without a sign.
func (p *parser) integer() number {
	t := p.peek()
	negative := p.accept('-')
	digits := p.peek()
	n := number{Name: Name{t.text, t.line, t.column}}
	if digits.kind != 'i' {
		if digits.kind == 'f' {
			p.fail(digits, "syntax error: "+digits.text+" is no whole number", "")
			p.next()
		} else {
			p.unexpected("a whole number")
		}
		return n
	}
	p.next()
	if negative {
		n.Text += digits.text
	}
	value, err := parseInt(digits.text)
	n.ok = err == nil
	n.value = int64(min(value, math.MaxInt64))
	if negative {
		n.value = -n.value
	}
	return n
}
