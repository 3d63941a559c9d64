package descriptors

import (
	"bytes"
	"slices"
)

// maxNesting bounds braces within braces: protoc allows 32 levels of messages,
// and options add a few. It keeps the compiler's recursion bounded.
const maxNesting = 200

// scanSource reads the declarations of a .proto file. It never fails: what is
// no declaration is passed over, and the compiler says what is wrong.
func scanSource(text []byte) *outline {
	s := scanner{text: withoutMark(text), line: 1, out: new(outline)}
	s.run()
	return s.out
}

// scope is one pair of braces that declarations can stand in.
type scope struct {
	kind   scopeKind
	prefix string // full name of what the scope is, with a dot at the end
	name   string // for an extend block the extendee
}

type scopeKind uint8

const (
	fileScope scopeKind = iota
	messageScope
	enumScope
	serviceScope
	extendScope
	oneofScope
	otherScope
)

// scanner walks over statements; a statement ends with a semicolon or with a
// brace that opens a scope.
type scanner struct {
	text      []byte
	pos       int
	line      int
	lineStart int
	scopes    []scope
	out       *outline
}

// statement is the first words of a statement and what decides its meaning.
type statement struct {
	words    [6]token // leading words (with dots inside names), at most six
	count    int
	text     token // first string literal
	assigned bool  // an = was seen
	name     token // last word before the =
}

func (s *scanner) run() {
	s.scopes = append(s.scopes, scope{kind: fileScope})
	for {
		var st statement
		switch end := s.statement(&st); end.kind {
		case ';':
			s.simple(&st)
		case '{':
			s.open(&st)
		case '}':
			if len(s.scopes) > 1 {
				s.scopes = s.scopes[:len(s.scopes)-1]
			}
		case 0:
			return
		}
		s.out.deepest = max(s.out.deepest, len(s.scopes))
	}
}

// statement reads up to the token that ends it, which it returns.
func (s *scanner) statement(st *statement) token {
	joins := false // the next word belongs to the last (a dotted name)
	for {
		t := s.next()
		switch t.kind {
		case 0, ';', '}':
			return t
		case '{':
			if st.assigned && !st.isGroup() || s.in(otherScope, enumScope) {
				s.skipNested()
				continue
			}
			return t
		case '[', '(':
			s.skipNested()
		case '=':
			st.assigned = true
		case '"':
			if st.text.kind == 0 {
				st.text = t
			} else {
				// Literals one after the other are one.
				st.text.text = joined(st.text.text, t.text)
			}
		case '.':
			joins = !st.startsName()
			continue
		case 'w':
			s.word(st, t, joins)
		}
		joins = false
	}
}

func (s *scanner) in(kinds ...scopeKind) bool {
	for _, k := range kinds {
		if s.scopes[len(s.scopes)-1].kind == k {
			return true
		}
	}
	return false
}

// word adds a word; the parts of a dotted name, which may have white space
// between them, become one.
func (s *scanner) word(st *statement, t token, joins bool) {
	switch {
	case st.assigned:
		return
	case joins && st.count > 0 && st.count <= len(st.words):
		last := &st.words[st.count-1]
		last.text = joined(last.text, []byte("."), t.text)
		st.name = *last
		return
	case st.count < len(st.words):
		st.words[st.count] = t
		st.count++
	}
	st.name = t
}

// maxName bounds names and paths, in bytes; a longer one is cut, and no
// name of anything.
const maxName = 4096

// joined is a new slice of all parts.
func joined(first []byte, more ...[]byte) []byte {
	if len(first) > maxName {
		return first
	}
	return slices.Concat(append([][]byte{first}, more...)...)
}

func (st *statement) is(i int, word string) bool {
	return i < st.count && string(st.words[i].text) == word
}

// isGroup recognises [label] group Name = number.
func (st *statement) isGroup() bool {
	return st.is(0, "group") && st.count == 2 || st.is(1, "group") && st.count == 3
}

// startsName says that a dot after the words so far begins a fully qualified
// name, and goes on with none.
func (st *statement) startsName() bool {
	if st.count != 1 {
		return false
	}
	switch string(st.words[0].text) {
	case "extend", "optional", "required", "repeated":
		return true
	}
	return false
}

func (s *scanner) simple(st *statement) {
	top := &s.scopes[len(s.scopes)-1]
	switch top.kind {
	case fileScope:
		switch {
		case st.is(0, "package") && st.count == 2 && s.out.pkg == "":
			s.out.pkg = string(st.words[1].text)
			top.prefix = s.out.pkg + "."
		case st.is(0, "import") && st.text.kind == '"':
			s.out.imports = append(s.out.imports, importLine{
				path: unquote(st.text.text), line: st.text.line, column: st.text.column, public: st.is(1, "public"),
			})
		}
	case serviceScope:
		s.method(st, top.prefix)
	case extendScope:
		s.extension(st, top)
	}
}

// open handles a statement that ends with an opening brace.
func (s *scanner) open(st *statement) {
	top := s.scopes[len(s.scopes)-1]
	if top.kind == fileScope || top.kind == messageScope {
		first := 0
		if (st.is(0, "export") || st.is(0, "local")) && st.count == 3 {
			first = 1
		}
		if st.count == first+2 {
			name := st.words[first+1]
			switch {
			case st.is(first, "message"):
				s.declare(MessageEntry, top.prefix, name)
				s.push(messageScope, top.prefix+string(name.text)+".", "")
				return
			case st.is(first, "enum"):
				s.declare(EnumEntry, top.prefix, name)
				s.push(enumScope, "", "")
				return
			case st.is(first, "service") && top.kind == fileScope:
				s.declare(ServiceEntry, top.prefix, name)
				s.push(serviceScope, top.prefix+string(name.text)+".", "")
				return
			case st.is(first, "extend"):
				s.push(extendScope, top.prefix, lastComponent(string(name.text)))
				return
			case st.is(first, "oneof"):
				s.push(oneofScope, top.prefix, "")
				return
			}
		}
	}
	switch {
	case top.kind == serviceScope:
		s.method(st, top.prefix)
		s.push(otherScope, "", "")
	case st.isGroup():
		if top.kind == extendScope {
			s.extension(st, &top)
		}
		s.declare(MessageEntry, top.prefix, st.name)
		s.push(messageScope, top.prefix+string(st.name.text)+".", "")
	default:
		s.push(otherScope, "", "")
	}
}

func (s *scanner) push(kind scopeKind, prefix, name string) {
	s.scopes = append(s.scopes, scope{kind, prefix, name})
}

func (s *scanner) method(st *statement, prefix string) {
	if st.is(0, "rpc") && st.count >= 2 {
		s.declare(MethodEntry, prefix, st.words[1])
	}
}

func (s *scanner) extension(st *statement, in *scope) {
	if !st.assigned || st.count < 2 {
		return
	}
	name := st.name
	if st.isGroup() {
		name.text = bytes.ToLower(name.text)
	}
	s.declare(ExtensionEntry, in.prefix, name)
	s.out.decls[len(s.out.decls)-1].extendee = in.name
}

func (s *scanner) declare(kind EntryKind, prefix string, name token) {
	s.out.decls = append(s.out.decls, decl{
		kind: kind, name: prefix + string(name.text), line: name.line, column: name.column, top: len(s.scopes) == 1,
	})
}
