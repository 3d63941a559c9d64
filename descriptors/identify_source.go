package descriptors

import (
	"strconv"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/inspect/identify"
)

// sourceTypes reads the types of a .proto file without compiling it: what the
// compiler would refuse is passed over.
func sourceTypes(text []byte) *typeFile {
	p := typeScanner{scanner: scanner{text: withoutMark(text), line: 1, out: new(outline)}, types: new(typeFile)}
	syntax := "proto2"
	pkg := ""
	for {
		end := p.collect()
		switch {
		case end == 0:
			p.types.features.setSyntax(syntax)
			return p.types
		case p.is(0, "syntax") && p.literal != "":
			syntax = p.literal
		case p.is(0, "edition") && p.literal != "":
			syntax = ""
		case p.is(0, "package") && end == ';':
			pkg = p.name(1, len(p.tokens))
		case p.is(0, "option"):
			p.option(p.tokens[1:], &p.types.features)
		case end == '{':
			p.block(pkg, &p.types.features, 0)
		}
	}
}

// typeScanner walks over statements like scanner, with all their words.
type typeScanner struct {
	scanner
	types *typeFile
	// tokens and options are the statement at hand, the options those in
	// brackets behind it; literal is its last string.
	tokens, options []token
	literal         string
}

// maxTokens bounds a statement; what is longer is cut.
const maxTokens = 4096

// collect reads a statement up to its end: a semicolon, a brace, or 0 at the
// end of the text.
func (p *typeScanner) collect() byte {
	p.tokens, p.options, p.literal = p.tokens[:0], p.options[:0], ""
	assigned := false
	for {
		t := p.next()
		switch t.kind {
		case 0, ';', '}':
			return t.kind
		case '{':
			if !assigned || p.isGroup() {
				return t.kind
			}
			p.skipNested()
		case '[':
			p.bracket()
		case '(':
			p.skipNested()
		case '"':
			p.literal = string(t.text)
		default:
			assigned = assigned || t.kind == '='
			if len(p.tokens) < maxTokens {
				p.tokens = append(p.tokens, t)
			}
		}
	}
}

// bracket keeps the options in brackets, but for what stands in brackets of
// their own.
func (p *typeScanner) bracket() {
	for {
		t := p.next()
		switch t.kind {
		case 0, ']':
			return
		case '{', '(', '[', '<':
			p.skipNested()
		default:
			if len(p.options) < maxTokens {
				p.options = append(p.options, t)
			}
		}
	}
}

func (p *typeScanner) is(i int, word string) bool {
	return i < len(p.tokens) && p.tokens[i].kind == 'w' && string(p.tokens[i].text) == word
}

func (p *typeScanner) isGroup() bool {
	at := 0
	if labelOf(p.text0(0)) != noLabel {
		at = 1
	}
	return p.is(at, "group") && at+2 < len(p.tokens) && p.tokens[at+2].kind == '='
}

func (p *typeScanner) text0(i int) string {
	if i < len(p.tokens) {
		return string(p.tokens[i].text)
	}
	return ""
}

func labelOf(word string) label {
	switch word {
	case "optional":
		return optionalLabel
	case "required":
		return requiredLabel
	case "repeated":
		return repeatedLabel
	}
	return noLabel
}

// name is a dotted name of the tokens from:to.
func (p *typeScanner) name(from, to int) string {
	if to-from == 1 {
		return p.text0(from)
	}
	var b strings.Builder
	for _, t := range p.tokens[min(from, to):to] {
		if b.Len() > maxName {
			break
		}
		if t.kind == '.' {
			b.WriteByte('.')
		} else {
			b.Write(t.text)
		}
	}
	return b.String()
}

// option reads name = value where the name is that of a feature.
func (p *typeScanner) option(tokens []token, into *features) {
	for len(tokens) >= 5 {
		if string(tokens[0].text) == "features" && tokens[1].kind == '.' && tokens[3].kind == '=' {
			if which, value := featureNamed(string(tokens[2].text), string(tokens[4].text)); value > 0 {
				into.own[which] = value
			}
		}
		tokens = tokens[1:]
	}
}

func featureNamed(name, value string) (feature, uint8) {
	values := func(names ...string) uint8 {
		for i, n := range names {
			if n == value {
				return uint8(i)
			}
		}
		return 0
	}
	switch name {
	case "field_presence":
		return fieldPresence, values("", "EXPLICIT", "IMPLICIT", "LEGACY_REQUIRED")
	case "enum_type":
		return enumType, values("", "OPEN", "CLOSED")
	case "repeated_field_encoding":
		return repeatedEncoding, values("", "PACKED", "EXPANDED")
	case "utf8_validation":
		return utf8Validation, values("", "", "VERIFY", "NONE")
	case "message_encoding":
		return messageEncoding, values("", "LENGTH_PREFIXED", "DELIMITED")
	}
	return 0, 0
}

// block reads what stands in the braces that the statement at hand opens, at
// the level of a file or a message.
func (p *typeScanner) block(scope string, parent *features, depth int) {
	first := 0
	if p.is(0, "export") || p.is(0, "local") {
		first = 1
	}
	name := p.text0(first + 1)
	switch {
	case depth > maxNesting:
		p.skipNested()
	case p.is(first, "message"):
		p.message(joinName(scope, name), parent, depth)
	case p.is(first, "enum"):
		p.enum(joinName(scope, name), parent)
	case p.is(first, "extend"):
		p.extend(p.name(first+1, len(p.tokens)), scope, parent, depth)
	default:
		p.skipNested()
	}
}

func (p *typeScanner) message(name string, parent *features, depth int) {
	d := typeDecl{features: &features{parent: parent}}
	d.Name = name
	d.Form = identify.FormNamed(name)
	oneofs := uint16(0)
	for {
		end := p.collect()
		switch {
		case end == 0 || end == '}':
			p.types.messages = append(p.types.messages, d)
			return
		case p.field(&d, end, 0, depth):
		case p.is(0, "option"):
			p.option(p.tokens[1:], d.features)
			d.messageSet = d.messageSet || p.is(1, "message_set_wire_format") && p.is(3, "true")
		case p.is(0, "extensions"):
			p.ranges(&d)
		case end == '{' && p.is(0, "oneof"):
			oneofs++
			p.oneof(&d, oneofs, depth)
		case end == '{':
			p.block(name, d.features, depth+1)
		}
	}
}

func (p *typeScanner) oneof(d *typeDecl, oneof uint16, depth int) {
	for {
		end := p.collect()
		if end == 0 || end == '}' {
			return
		}
		if !p.field(d, end, oneof, depth) && end == '{' {
			p.skipNested()
		}
	}
}

// field adds the field that the statement at hand declares, with the message
// that a group or a map declares besides; false if it declares none.
func (p *typeScanner) field(to *typeDecl, end byte, oneof uint16, depth int) bool {
	d, ok := p.fieldOf(to.Name, to.features)
	if !ok || end == '{' && d.Kind != protoreflect.GroupKind {
		return false
	}
	d.Oneof = oneof
	if d.Kind == protoreflect.GroupKind {
		p.message(joinName(to.Name, d.ref), to.features, depth+1)
	}
	to.refs = append(to.refs, d)
	return true
}

// fieldOf reads [label] type name = number.
func (p *typeScanner) fieldOf(scope string, parent *features) (fieldDecl, bool) {
	d := fieldDecl{scope: scope, features: parent}
	d.Sub = -1
	equals := 0
	for equals < len(p.tokens) && p.tokens[equals].kind != '=' {
		equals++
	}
	if equals < 2 || equals+1 >= len(p.tokens) || p.is(0, "option") {
		return d, false
	}
	number, err := strconv.ParseInt(p.text0(equals+1), 0, 32)
	if err != nil || number < 1 {
		return d, false
	}
	d.Number = int32(number)
	first := 0
	if equals > 2 {
		if d.label = labelOf(p.text0(0)); d.label != noLabel {
			first = 1
		}
	}
	switch {
	case p.is(first, "group") && equals == first+2:
		d.Kind, d.ref = protoreflect.GroupKind, p.text0(first+1)
	case p.is(first, "map") && p.tokens[first+1].kind == '<':
		if !p.entry(&d, first, equals) {
			return d, false
		}
	default:
		d.ref = p.name(first, equals-1)
		d.Kind = scalarKind(d.ref)
	}
	p.fieldOptions(&d)
	return d, true
}

func (p *typeScanner) fieldOptions(d *fieldDecl) {
	if len(p.options) == 0 {
		return
	}
	own := &features{parent: d.features}
	p.option(p.options, own)
	if own.own != [lastFeature + 1]uint8{} {
		d.features = own
	}
	for i := 0; i+2 < len(p.options); i++ {
		if string(p.options[i].text) == "packed" && p.options[i+1].kind == '=' && (i == 0 || p.options[i-1].kind == ',') {
			d.packed = -1
			if string(p.options[i+2].text) == "true" {
				d.packed = 1
			}
		}
	}
}

// entry declares the message of a map's entries: map < key , value > name.
func (p *typeScanner) entry(d *fieldDecl, first, equals int) bool {
	if equals-first < 7 || p.tokens[first+3].kind != ',' || p.tokens[equals-2].kind != '>' {
		return false
	}
	part := func(number int32, ref string) fieldDecl {
		f := fieldDecl{ref: ref, scope: d.scope, features: d.features, inEntry: true}
		f.Number, f.Sub, f.Kind = number, -1, scalarKind(ref)
		return f
	}
	e := typeDecl{features: d.features}
	e.Name, e.Form = mapEntryName(d.scope, p.text0(equals-1)), identify.Entry
	e.refs = []fieldDecl{part(1, p.text0(first+2)), part(2, p.name(first+4, equals-2))}
	p.types.messages = append(p.types.messages, e)
	d.Kind, d.ref, d.entry = protoreflect.MessageKind, "."+e.Name, true
	return true
}

func (p *typeScanner) extend(extendee, scope string, parent *features, depth int) {
	var in typeDecl
	in.Name, in.features = scope, parent
	for {
		end := p.collect()
		if end == 0 || end == '}' {
			break
		}
		if !p.field(&in, end, 0, depth) && end == '{' {
			p.skipNested()
		}
	}
	for _, f := range in.refs {
		f.extendee, f.Extension = extendee, true
		p.types.extensions = append(p.types.extensions, f)
	}
}

// ranges reads extensions 100 to 199, 300, 400 to max.
func (p *typeScanner) ranges(d *typeDecl) {
	for i := 1; i < len(p.tokens); i++ {
		first, err := strconv.ParseInt(p.text0(i), 0, 32)
		if err != nil {
			continue
		}
		last := first
		if p.is(i+1, "to") {
			if last, err = strconv.ParseInt(p.text0(i+2), 0, 32); err != nil {
				last = 1<<29 - 1
			}
			i += 2
		}
		d.Extensions = append(d.Extensions, [2]int32{int32(first), int32(last)})
	}
}

func (p *typeScanner) enum(name string, parent *features) {
	d := enumDecl{name: name, features: &features{parent: parent}}
	for {
		end := p.collect()
		switch {
		case end == 0 || end == '}':
			p.types.enums = append(p.types.enums, d)
			return
		case end == '{':
			p.skipNested()
		case len(p.tokens) >= 3 && p.tokens[1].kind == '=':
			text := p.text0(2)
			if p.tokens[2].kind == '-' {
				text = "-" + p.text0(3)
			}
			if n, err := strconv.ParseInt(text, 0, 32); err == nil {
				d.numbers = append(d.numbers, int32(n))
			}
		case p.is(0, "option"):
			p.option(p.tokens[1:], d.features)
		}
	}
}
