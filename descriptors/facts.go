package descriptors

import (
	"bytes"
	"hash/fnv"
)

// Facts are what other files can see of a .proto file, read without compiling
// it: what is no declaration is passed over.
type Facts struct {
	Package  string
	Imports  []Import
	Declared []Declared
}

// Import is one import statement.
type Import struct {
	Path   string
	Public bool
}

// Declared is a declaration of a file.
type Declared struct {
	Kind EntryKind
	// Name is the full name.
	Name string
	// Extends is the last component of what an extension extends.
	Extends string
	// Body stands for what is in an enum's braces: equal bodies have equal
	// numbers. 0 for all others.
	Body uint64
}

// ReadFacts reads the facts of a file.
func ReadFacts(text []byte) *Facts {
	o := scanSource(text)
	f := &Facts{Package: o.pkg, Declared: make([]Declared, len(o.decls))}
	for _, i := range o.imports {
		f.Imports = append(f.Imports, Import{i.path, i.public})
	}
	rest, line := withoutMark(text), 1
	for i, d := range o.decls { // which stand in the order of their lines
		f.Declared[i] = Declared{Kind: d.kind, Name: d.name, Extends: d.extendee}
		if d.kind == EnumEntry {
			for ; line < d.line; line++ {
				rest = rest[bytes.IndexByte(rest, '\n')+1:]
			}
			f.Declared[i].Body = bodyDigest(rest[d.column-1:])
		}
	}
	return f
}

// bodyDigest is the digest of the tokens from a declaration's name, with which
// the text begins, to the brace that closes it.
func bodyDigest(text []byte) uint64 {
	s := scanner{text: text, line: 1, out: new(outline)}
	h := fnv.New64a()
	for depth := 0; ; {
		t := s.next()
		switch t.kind {
		case '{':
			depth++
		case '}':
			depth--
		}
		_, _ = h.Write([]byte{t.kind})
		_, _ = h.Write(t.text)
		if t.kind == 0 || t.kind == '}' && depth <= 0 {
			return h.Sum64()
		}
	}
}

// SameTokens says whether two .proto files differ in nothing but comments and
// white space.
func SameTokens(a, b []byte) bool {
	x := scanner{text: withoutMark(a), line: 1}
	y := scanner{text: withoutMark(b), line: 1}
	for {
		s, t := x.next(), y.next()
		if s.kind != t.kind || !bytes.Equal(s.text, t.text) {
			return false
		}
		if s.kind == 0 {
			return true
		}
	}
}

// OnlyAdds says whether the tokens of one .proto file stand in another one in
// the same order, so that the other one only has more.
func OnlyAdds(a, b []byte) bool {
	x := scanner{text: withoutMark(a), line: 1}
	y := scanner{text: withoutMark(b), line: 1}
	for s := x.next(); s.kind != 0; s = x.next() {
		for t := y.next(); t.kind != s.kind || !bytes.Equal(t.text, s.text); t = y.next() {
			if t.kind == 0 {
				return false
			}
		}
	}
	return true
}
