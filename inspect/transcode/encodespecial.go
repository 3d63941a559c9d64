package transcode

import (
	"bytes"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/inspect/plan"
	"github.com/pbscope/pbscope/inspect/wire"
)

// specialMember encodes a member whose key is no plain field name: an
// extension, a name with escapes, one of the keys that begin with @.
func (e *Encoder) specialMember(l *level, key, depth int) int {
	name, at := e.str(key)
	if at < 0 {
		return -1
	}
	if n := l.m.Lookup(name, 0, len(name)); n != nil {
		if at = e.colon(at); at < 0 {
			return -1
		}
		return e.member(l, n, key, at, depth)
	}
	if len(name) > 2 && name[0] == '[' {
		if n := e.extension(l.m, name); n != nil {
			if at = e.colon(at); at < 0 {
				return -1
			}
			return e.member(l, n, key, at, depth)
		}
	}
	if len(name) > 0 && name[0] == '@' {
		switch string(name) {
		case "@unknown":
			return e.unknownMember(l, key, at, depth)
		case "@wire":
			return e.wireMember(l, key, at)
		case "@type":
			if l.inAny {
				if l.typed {
					return e.failTwice(key)
				}
				l.typed = true
				return e.skipMember(at)
			}
		case "@error":
			if jsonSpace(e.doc, l.object+1) == key {
				l.required = l.m.Required
				return e.rawRecord(l.object) - 1
			}
		}
	}
	if e.o.IgnoreUnknownKeys {
		return e.skipMember(at)
	}
	return e.unknownKey(l.m, key, name)
}

func (e *Encoder) skipMember(at int) int {
	if at = e.colon(at); at < 0 {
		return -1
	}
	return e.skipValue(at, nil)
}

// extension is the extension of m whose key is [full.name].
func (e *Encoder) extension(m *plan.Message, key []byte) *plan.Name {
	if !m.Extendable || key[len(key)-1] != ']' {
		return nil
	}
	if n := e.lookup.extensions[string(key)]; n != nil && e.lookup.extended[n] == m {
		return n
	}
	f := m.ExtensionNamed(protoreflect.FullName(key[1 : len(key)-1]))
	if f == nil {
		return nil
	}
	n := plan.NameOf(f)
	e.lookup.addExtension(string(key), m, &n)
	return &n
}

// messageSetItem encodes an extension of a MessageSet: a group of its number
// and its bytes.
func (e *Encoder) messageSetItem(n *plan.Name, at, depth int) int {
	if n.Field.Kind != protoreflect.MessageKind {
		return e.single(n, at, depth, true)
	}
	e.out = append(e.out, 1<<3|byte(wire.Group), 2<<3)
	e.out = wire.AppendVarint(e.out, uint64(n.Field.Number))
	e.out = append(e.out, 3<<3|byte(wire.Len))
	mark := e.open()
	at = e.message(n.Field.Message(), at, depth+1) // the group is no level of its own
	if at < 0 {
		return -1
	}
	e.close(mark)
	e.out = append(e.out, 1<<3|byte(wire.EndGroup))
	return at
}

// isKey says that the string token at doc[at] says name, whatever its escapes.
func (e *Encoder) isKey(at int, name string) bool {
	if at >= len(e.doc) || e.doc[at] != '"' {
		return false
	}
	if bytes.HasPrefix(e.doc[at+1:], []byte(name)) {
		return len(e.doc) > at+1+len(name) && e.doc[at+1+len(name)] == '"'
	}
	s := jsonStringEnd(e.doc, at+1)
	if s.bad || !s.escaped {
		return false
	}
	value, _, why := jsonUnescape(nil, e.doc[at+1:s.end])
	return why == "" && string(value) == name
}

// lookups are what was found by name in the schema, so that no name is
// looked up, or becomes a string, twice. Only what the schema has is kept.
type lookups struct {
	types      map[string]*plan.Message
	extensions map[string]*plan.Name
	extended   map[*plan.Name]*plan.Message
}

func (k *lookups) addExtension(key string, m *plan.Message, n *plan.Name) {
	if k.extensions == nil {
		k.extensions = make(map[string]*plan.Name)
		k.extended = make(map[*plan.Name]*plan.Message)
	}
	k.extensions[key] = n
	k.extended[n] = m
}
