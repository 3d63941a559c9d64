package transcode

import (
	"sync"

	"github.com/pbscope/pbscope/inspect/plan"
	"github.com/pbscope/pbscope/inspect/span"
)

// TextOptions are the settings of AppendText and ParseText.
type TextOptions struct {
	// MaxDepth is how many levels of messages and groups may nest, the top one
	// included; 0 is DefaultMaxDepth.
	MaxDepth int
	// Unknown says what AppendText does with fields that the type does not
	// know.
	Unknown Unknown
	// ASCII makes AppendText escape every byte beyond ASCII, as protoc does;
	// else the text of string fields stays readable.
	ASCII bool
}

func (o TextOptions) maxDepth() int {
	if o.MaxDepth <= 0 {
		return DefaultMaxDepth
	}
	return o.MaxDepth
}

// AppendText appends payload, read as m, in protobuf's text format
// (protobuf.dev, "Text Format Language Specification"): a field a line, fields
// in the order in which they first appear on the wire, then the unknown ones.
// With m nil all fields are unknown.
//
// An unknown field stands by number, and its value says how it was on the
// wire: a varint is decimal, fixed-size values are 0x with 8 or 16 digits, a
// group is in angle brackets, and length-delimited content is a string, or in
// braces where it is a message that would be written as the same bytes and is
// not plain text. ParseText takes all of them back.
//
// ok false: the payload was refused, and dst comes back at its old length.
func AppendText(dst []byte, m *plan.Message, payload []byte, o TextOptions) (out []byte, ok bool) {
	p := textPrinters.Get().(*textPrinter)
	defer p.release()
	p.src, p.dst, p.o, p.max = payload, dst, o, o.maxDepth()
	if !p.message(m, textRange{0, len(payload)}, 1) {
		return p.dst[:len(dst)], false
	}
	return p.dst, true
}

// ParseText appends the wire form of a message in text format, which is m's:
// known fields by ascending number, packed as the schema says, then those
// given by number, in their order. Names are those of the .proto source, and a
// group goes by its message's name as well.
//
// A field given by number is written as its value says (see AppendText), and
// only where the type would not read it as a field that it knows: that has a
// name. With m nil all fields are given by number.
//
// A problem carries the byte offset in text, the line and column there, and
// the path; dst is then returned as it came.
func ParseText(dst []byte, m *plan.Message, text []byte, o TextOptions) ([]byte, *span.Problem) {
	p := textParsers.Get().(*textParser)
	defer p.release()
	p.src, p.max = text, o.maxDepth()
	if !p.document(m) {
		return dst, p.place()
	}
	return p.tree.emit(dst, p.root.from, p.root.to), nil
}

// Printers and parsers keep their stacks from one message to the next.
var (
	textPrinters = sync.Pool{New: func() any { return new(textPrinter) }}
	textParsers  = sync.Pool{New: func() any { return new(textParser) }}
)

// textKeep is how many entries a stack may have to be kept.
const textKeep = 1 << 14

// textStack is s empty, to be used again unless it has become large.
func textStack[T any](s []T) []T {
	if cap(s) > textKeep {
		return nil
	}
	return s[:0]
}

func (p *textPrinter) release() {
	*p = textPrinter{occurrences: textStack(p.occurrences), fields: textStack(p.fields)}
	textPrinters.Put(p)
}

func (p *textParser) release() {
	*p = textParser{tree: textTree{values: textStack(p.tree.values), open: textStack(p.tree.open), done: textStack(p.tree.done)}}
	textParsers.Put(p)
}

// textIndex maps a few int32 keys to places, without memory of its own as long
// as they are few: field numbers, and oneofs as negative numbers.
type textIndex struct {
	few  [8]struct{ key, at int32 }
	n    int
	many map[int32]int32
}

func (x *textIndex) get(key int32) (at int32, ok bool) {
	if x.many != nil {
		at, ok = x.many[key]
		return at, ok
	}
	for i := range x.few[:x.n] {
		if x.few[i].key == key {
			return x.few[i].at, true
		}
	}
	return 0, false
}

func (x *textIndex) set(key, at int32) {
	if x.many != nil {
		x.many[key] = at
		return
	}
	for i := range x.few[:x.n] {
		if x.few[i].key == key {
			x.few[i].at = at
			return
		}
	}
	if x.n < len(x.few) {
		x.few[x.n] = struct{ key, at int32 }{key, at}
		x.n++
		return
	}
	x.many = make(map[int32]int32, 2*len(x.few))
	for _, e := range x.few {
		x.many[e.key] = e.at
	}
	x.many[key] = at
}
