package identify

import (
	"unicode/utf8"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/inspect/wire"
)

// Count reads a message as the type of that index, as decoders do: ok is false
// where they refuse it or it nests deeper than 100 levels, and unknown is how
// many fields the types of the message and of those within it do not know.
func (t *Table) Count(typ int32, message []byte) (unknown int, ok bool) {
	c := counter{table: t}
	ok = c.message(typ, message, maxLevels)
	return c.unknown, ok
}

type counter struct {
	table   *Table
	unknown int
}

// message is false for a message that is refused.
func (c *counter) message(t int32, message []byte, levels int) bool {
	if levels <= 0 {
		return false
	}
	typ := &c.table.Types[t]
	var few [8]bool
	have := few[:0]
	for len(message) > 0 {
		number, wireType, head, code := wire.ConsumeTag(message)
		if code != wire.OK {
			return false
		}
		message = message[head:]
		size, code := wire.SkipValue(message, number, wireType, levels)
		if code != wire.OK {
			return false
		}
		at, found := typ.field(int32(number))
		if !found || !typ.Fields[at].accepts(wireType) {
			c.unknown++
		} else {
			if !c.value(&typ.Fields[at], wireType, message[:size], levels) {
				return false
			}
			if typ.Fields[at].Required {
				for at >= len(have) {
					have = append(have, false)
				}
				have[at] = true
			}
		}
		message = message[size:]
	}
	for i := range typ.Fields {
		if typ.Fields[i].Required && (i >= len(have) || !have[i]) {
			return false
		}
	}
	return true
}

func (c *counter) value(f *Field, typ wire.Type, value []byte, levels int) bool {
	switch typ {
	case wire.Varint:
		if f.Kind == protoreflect.EnumKind {
			v, _, _ := wire.ConsumeVarint(value)
			c.enum(f, v)
		}
		return true
	case wire.Group:
		end := wire.SizeVarint(uint64(f.Number)<<3 | uint64(wire.EndGroup))
		return f.Sub < 0 || c.message(f.Sub, value[:max(0, len(value)-end)], levels-1)
	case wire.Len:
		content, _, _, _ := wire.ConsumeLen(value)
		return c.content(f, content, levels)
	}
	return true
}

func (c *counter) enum(f *Field, v uint64) {
	if f.Sub < 0 {
		return
	}
	if e := &c.table.Enums[f.Sub]; e.Closed && !e.has(int32(v)) {
		c.unknown++
	}
}

func (c *counter) content(f *Field, content []byte, levels int) bool {
	switch f.Kind {
	case protoreflect.BytesKind:
		return true
	case protoreflect.StringKind:
		return !f.UTF8 || utf8.Valid(content)
	case protoreflect.MessageKind:
		return f.Sub < 0 || c.message(f.Sub, content, levels-1)
	}
	for len(content) > 0 {
		size, code := wire.SkipValue(content, 1, wireType(f.Kind), 0)
		if code != wire.OK {
			return false
		}
		if f.Kind == protoreflect.EnumKind {
			v, _, _ := wire.ConsumeVarint(content)
			c.enum(f, v)
		}
		content = content[size:]
	}
	return true
}
