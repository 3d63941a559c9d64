package sample

import (
	"cmp"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/inspect/plan"
)

// chooser decides what a sample holds; example and random are the two.
type chooser interface {
	// choose keeps of the fields that m could have those that are set, one of
	// each oneof at most. Required ones stay in any case. It may change fields.
	choose(m *plan.Message, fields []*plan.Field) []*plan.Field
	// length is how many elements or entries a list or map has.
	length(f *plan.Field) int
	// enter and leave stand around what is in a message field.
	enter(f *plan.Field)
	leave()
	// number is the value of a numeric field: that of a varint before zigzag
	// encoding, or the bits of a fixed-size one.
	number(f *plan.Field) uint64
	// text and bytes append the value of a string or bytes field.
	text(dst []byte, f *plan.Field) []byte
	bytes(dst []byte, f *plan.Field) []byte
	// timestamp and duration are seconds and nanoseconds.
	timestamp() (seconds int64, nanos int32)
	duration() (seconds int64, nanos int32)
	// mask are the paths of a field mask.
	mask() []string
	// any is the type that an Any holds, nil for an empty one.
	any(types []*plan.Message) *plan.Message
	// value is the field of google.protobuf.Value that is set: 1 null,
	// 2 number, 3 string, 4 bool, 5 struct, 6 list; only the first four where
	// flat is set.
	value(flat bool) int
}

// maker writes one sample.
type maker struct {
	chooser
	o Options
	// open are the types that are being written, outermost first.
	open []*plan.Message
	// finite says of types whether they have messages at all.
	finite map[*plan.Message]bool
	set    *plan.Set
	held   []*plan.Message // what an Any may hold
	made   int             // messages so far
}

// maxMade bounds the messages that are made because they are required, below
// each other and many times over.
const maxMade = 1 << 18

func (w *maker) make(dst []byte, m *plan.Message) ([]byte, error) {
	w.o.Depth = cmp.Or(w.o.Depth, DefaultDepth)
	w.finite = make(map[*plan.Message]bool)
	w.set = m.Set()
	if !w.isFinite(m) {
		return dst, &EndlessError{m.Name}
	}
	start := len(dst)
	if dst = w.message(dst, m, w.o.Messages); w.made > maxMade {
		return dst[:start], &TooLargeError{m.Name}
	}
	return dst, nil
}

// isFinite says whether a type's required fields end somewhere. A type that is
// asked for again while its fields are looked at does not.
func (w *maker) isFinite(m *plan.Message) bool {
	if m.Required == 0 {
		return true
	}
	if known, ok := w.finite[m]; ok {
		return known
	}
	w.finite[m] = false
	for _, f := range m.ByNumber {
		if f.Required && f.Message() != nil && !w.isFinite(f.Message()) {
			return false
		}
	}
	w.finite[m] = true
	return true
}

// message appends the fields of a message that may have that many messages
// below it.
func (w *maker) message(dst []byte, m *plan.Message, budget int) []byte {
	if w.made++; w.made > maxMade {
		return dst
	}
	switch m.WellKnown {
	case plan.Any:
		return w.appendAny(dst, m, budget)
	case plan.Timestamp:
		return appendTime(dst, w.timestamp)
	case plan.Duration:
		return appendTime(dst, w.duration)
	case plan.FieldMask:
		for _, path := range w.mask() {
			dst = protowire.AppendString(protowire.AppendTag(dst, 1, protowire.BytesType), path)
		}
		return dst
	case plan.Value:
		return w.appendValue(dst, m, budget)
	}
	fields := w.choose(m, w.candidates(m, budget))
	slices.SortFunc(fields, func(a, b *plan.Field) int { return int(a.Number) - int(b.Number) })
	w.open = append(w.open, m)
	share := budget
	if n := countMessages(fields); n > 0 {
		share = (budget - n) / n
	}
	for _, f := range fields {
		dst = w.field(dst, m, f, share)
	}
	w.open = w.open[:len(w.open)-1]
	return dst
}

// candidates are the fields that a message could have: all, or where nothing
// may nest any more those that are required.
func (w *maker) candidates(m *plan.Message, budget int) []*plan.Field {
	bare := budget <= 0 || len(w.open) >= w.o.Depth || slices.Contains(w.open, m) && !w.repeats(m)
	var fields []*plan.Field
	add := func(f *plan.Field) {
		inner := f.Message()
		if f.Map {
			inner = f.MapValue.Message()
		}
		if (!bare || f.Required) && (inner == nil || w.isFinite(inner)) {
			fields = append(fields, f)
		}
	}
	for _, f := range m.ByNumber {
		add(f)
	}
	if m.Extendable && !bare && w.o.Extensions != nil {
		for _, number := range w.o.Extensions(m.Name) {
			if f := m.Field(number); f != nil {
				add(f)
			}
		}
	}
	return fields
}

// repeats says whether a type may nest in itself: random samples do, an
// example stops.
func (w *maker) repeats(m *plan.Message) bool {
	_, random := w.chooser.(*random)
	return random || m.WellKnown != plan.NotWellKnown
}

func countMessages(fields []*plan.Field) int {
	n := 0
	for _, f := range fields {
		if f.Message() != nil && (!f.Map || f.MapValue.Message() != nil) {
			n++
		}
	}
	return n
}

// field appends a field with all its elements, which may have budget messages
// below them.
func (w *maker) field(dst []byte, m *plan.Message, f *plan.Field, budget int) []byte {
	switch {
	case f.Map:
		return w.entries(dst, f, budget)
	case f.Repeated && f.Packed:
		start := len(dst)
		for range w.length(f) {
			dst = w.scalar(dst, f)
		}
		if len(dst) == start {
			return dst
		}
		return delimit(dst, start, f.Number)
	case f.Repeated:
		n := w.length(f)
		if f.Message() != nil {
			n = min(n, max(1, budget))
			budget /= max(1, n)
		}
		for range n {
			dst = w.element(dst, m, f, budget)
		}
		return dst
	}
	start := len(dst)
	dst = w.element(dst, m, f, budget)
	if !f.Presence && isZero(f, dst[start:]) {
		// The field is as good as absent, and encode leaves it out.
		return dst[:start]
	}
	return dst
}

// isZero says whether an element with its tag has the zero value.
func isZero(f *plan.Field, element []byte) bool {
	_, _, n := protowire.ConsumeTag(element)
	for _, b := range element[n:] {
		if b != 0 {
			return false
		}
	}
	return f.WireType != 2 || len(element) == n+1
}

// element appends one value with its tag.
func (w *maker) element(dst []byte, m *plan.Message, f *plan.Field, budget int) []byte {
	inner := f.Message()
	switch {
	case inner == nil:
		dst = protowire.AppendTag(dst, f.Number, protowire.Type(f.WireType))
		return w.scalar(dst, f)
	case f.Kind == protoreflect.GroupKind:
		dst = protowire.AppendTag(dst, f.Number, protowire.StartGroupType)
		dst = w.nested(dst, f, inner, budget)
		return protowire.AppendTag(dst, f.Number, protowire.EndGroupType)
	case m.MessageSet && f.Extension:
		// An item of a MessageSet: a group of the type's number and the message.
		dst = protowire.AppendTag(dst, 1, protowire.StartGroupType)
		dst = protowire.AppendVarint(protowire.AppendTag(dst, 2, protowire.VarintType), uint64(f.Number))
		dst = delimit(w.nested(dst, f, inner, budget), len(dst), 3)
		return protowire.AppendTag(dst, 1, protowire.EndGroupType)
	}
	return delimit(w.nested(dst, f, inner, budget), len(dst), f.Number)
}

func (w *maker) nested(dst []byte, f *plan.Field, m *plan.Message, budget int) []byte {
	w.enter(f)
	dst = w.message(dst, m, budget)
	w.leave()
	return dst
}

// delimit puts the tag and the length before dst[start:].
func delimit(dst []byte, start int, number protoreflect.FieldNumber) []byte {
	length := len(dst) - start
	var room [20]byte
	head := protowire.AppendTag(room[:0], number, protowire.BytesType)
	head = protowire.AppendVarint(head, uint64(length))
	return slices.Insert(dst, start, head...)
}

// scalar appends a value without its tag.
func (w *maker) scalar(dst []byte, f *plan.Field) []byte {
	switch f.Kind {
	case protoreflect.StringKind:
		start := len(dst)
		return insertLength(w.text(dst, f), start)
	case protoreflect.BytesKind:
		start := len(dst)
		return insertLength(w.bytes(dst, f), start)
	}
	return appendNumber(dst, f, w.number(f))
}

func insertLength(dst []byte, start int) []byte {
	var room [10]byte
	return slices.Insert(dst, start, protowire.AppendVarint(room[:0], uint64(len(dst)-start))...)
}

func appendNumber(dst []byte, f *plan.Field, v uint64) []byte {
	switch f.Kind {
	case protoreflect.Sint32Kind, protoreflect.Sint64Kind:
		v = protowire.EncodeZigZag(int64(v))
	}
	switch f.WireType {
	case 1:
		return protowire.AppendFixed64(dst, v)
	case 5:
		return protowire.AppendFixed32(dst, uint32(v))
	}
	return protowire.AppendVarint(dst, v)
}

// entries appends a map.
func (w *maker) entries(dst []byte, f *plan.Field, budget int) []byte {
	n := w.length(f)
	inner := f.MapValue.Message()
	if inner != nil {
		n = min(n, max(1, budget))
		budget /= max(1, n)
	}
	keys := make(map[string]bool, n)
	for range n {
		start := len(dst)
		dst = protowire.AppendTag(dst, 1, protowire.Type(f.MapKey.WireType))
		dst = w.scalar(dst, f.MapKey)
		if keys[string(dst[start:])] {
			dst = dst[:start]
			continue
		}
		keys[string(dst[start:])] = true
		if inner != nil {
			at := len(dst)
			dst = delimit(w.nested(dst, f, inner, budget), at, 2)
		} else {
			dst = protowire.AppendTag(dst, 2, protowire.Type(f.MapValue.WireType))
			dst = w.scalar(dst, f.MapValue)
		}
		dst = delimit(dst, start, f.Number)
	}
	return dst
}
