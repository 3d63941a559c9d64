package breaking

import (
	"slices"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/inspect/plan"
)

// fieldKey is a pair of fields of one number.
type fieldKey struct{ old, new *plan.Field }

// field is what becomes of the values of a field when old and new are the two
// sides of it.
func (c *comparison) field(old, new *plan.Field) outcome {
	key := fieldKey{old, new}
	if o, ok := c.fields[key]; ok {
		return o
	}
	o := c.fieldAlone(old, new)
	if child := c.child(old, new); child != nil {
		c.settle()
		o.backward = worse(o.backward, c.wrap(old, child.backward))
		o.forward = worse(o.forward, c.wrap(new, child.forward))
	}
	c.fields[key] = o
	return o
}

// fieldAlone leaves out what lies within two message types.
func (c *comparison) fieldAlone(old, new *plan.Field) outcome {
	if c.sameShape(old, new) {
		return outcome{}
	}
	o := outcome{backward: c.try(old, new, true), forward: c.try(new, old, false)}
	if widened(old, new) {
		o.forward = effect{severity: Risk, which: widerValues(old, new)}
	}
	if reused := c.reusedValue(old, new); reused != "" {
		o.backward = worse(o.backward, effect{severity: Risk, reuse: true, how: reused})
	}
	return o
}

// sameShape says that two fields read each other's bytes whatever they are,
// but for what lies within their message types.
func (c *comparison) sameShape(old, new *plan.Field) bool {
	if old.Kind != new.Kind || old.Repeated != new.Repeated || old.Map != new.Map {
		return false
	}
	switch {
	case old.Kind == protoreflect.StringKind:
		return old.UTF8 == new.UTF8
	case old.Enum != nil:
		return c.pairs.sameEnums(old.Enum, new.Enum)
	}
	return true
}

// worse is the worse of two effects; of equal ones the first.
func worse(a, b effect) effect {
	if b.severity > a.severity {
		return b
	}
	return a
}

// widened says whether new holds all values of old and more, which an old
// reader cuts: a risk by definition, not a loss.
func widened(old, new *plan.Field) bool {
	return old.Repeated == new.Repeated && !old.Map && !new.Map && widenedKind(old.Kind, new.Kind, new.Enum)
}

// widenedText is widened for text, in which kinds of one text are one.
func widenedText(old, new *plan.Field) bool {
	return old.Repeated == new.Repeated && !old.Map && !new.Map && widenedKind(valueKind(old.Kind), valueKind(new.Kind), new.Enum)
}

// widenedKind compares kinds; enum is that of the new one, if it is one.
func widenedKind(old, new protoreflect.Kind, enum *plan.Enum) bool {
	integer := func(k protoreflect.Kind) bool {
		return k == protoreflect.Int32Kind || k == protoreflect.Int64Kind || k == protoreflect.Uint32Kind || k == protoreflect.Uint64Kind
	}
	switch old {
	case protoreflect.Int32Kind:
		return new == protoreflect.Int64Kind
	case protoreflect.Uint32Kind:
		return new == protoreflect.Uint64Kind || new == protoreflect.Int64Kind
	case protoreflect.Sint32Kind:
		return new == protoreflect.Sint64Kind
	case protoreflect.BoolKind:
		return integer(new) || enum != nil && namesBits(enum)
	case protoreflect.EnumKind:
		return integer(new)
	}
	return false
}

// namesBits says whether an enum names 0 and 1 and nothing else.
func namesBits(e *plan.Enum) bool {
	values := e.Desc.Values()
	for i := range values.Len() {
		if n := values.Get(i).Number(); n != 0 && n != 1 {
			return false
		}
	}
	return e.Quoted(0) != nil && e.Quoted(1) != nil
}

func widerValues(old, new *plan.Field) string {
	switch {
	case old.Kind == protoreflect.EnumKind:
		return "numbers that " + string(old.Enum.Name) + " does not name"
	case old.Kind == protoreflect.BoolKind && new.Enum != nil:
		return "values that are later added to " + string(new.Enum.Name)
	case old.Kind == protoreflect.BoolKind:
		return "numbers other than 0 and 1"
	case old.Kind == protoreflect.Uint32Kind && new.Kind == protoreflect.Int64Kind:
		return "negative numbers and numbers above 4294967295"
	case old.Kind == protoreflect.Uint32Kind:
		return "numbers above 4294967295"
	}
	return "numbers that do not fit 32 bits"
}

// reusedValue tells of a number whose values in two enums that do not
// correspond have unlike names; "" if there is none.
func (c *comparison) reusedValue(old, new *plan.Field) string {
	if old.Enum == nil || new.Enum == nil || c.pairs.sameEnums(old.Enum, new.Enum) {
		return ""
	}
	values := old.Enum.Desc.Values()
	for i := range values.Len() {
		v := values.Get(i)
		n := int32(v.Number())
		if names := namesOf(new.Enum, n); names != nil && c.unlikeValues(old.Enum, new.Enum, n) {
			return "number " + itoa(n) + " is " + string(v.Name()) + " in " + string(old.Enum.Name) + " and " +
				string(names[0]) + " in " + string(new.Enum.Name)
		}
	}
	return ""
}

// node is a pair of message types that do not correspond and are compared
// because a field or a method refers to the one and then to the other.
type node struct {
	old, new          *typ
	backward, forward effect // sample: a whole message of the writer
	parents           []use
	settled           bool
}

// use is a pair of fields through which one node contains another.
type use struct {
	in       *node
	old, new *plan.Field
}

type nodeKey struct{ old, new *typ }

// child is the node of two message fields' types; nil where they are not both
// messages, or correspond and so are compared on their own.
func (c *comparison) child(old, new *plan.Field) *node {
	if !isMessage(old) || !isMessage(new) {
		return nil
	}
	return c.node(c.old.typeOf(old), c.new.typeOf(new))
}

func (c *comparison) node(old, new *typ) *node {
	if c.pairs.sameTypes(old, new) || c.equalEntries(old, new) {
		return nil
	}
	key := nodeKey{old, new}
	n := c.nodes[key]
	if n == nil {
		n = &node{old: old, new: new}
		c.nodes[key] = n
		c.unsettled = append(c.unsettled, n)
	}
	return n
}

// equalEntries spares the usual case of an unchanged map a node.
func (c *comparison) equalEntries(old, new *typ) bool {
	if !old.desc.IsMapEntry() || !new.desc.IsMapEntry() {
		return false
	}
	for number, f := range old.number {
		g := new.number[number]
		if g == nil || !c.sameShape(f, g) || isMessage(f) && !c.pairs.sameTypes(c.old.typeOf(f), c.new.typeOf(g)) {
			return false
		}
	}
	return true
}

// settle works out the nodes that are not yet: first what
// each finds in its own fields, then what their parents get of it, until
// nothing gets worse. Recursive types end because severities only rise.
func (c *comparison) settle() {
	var found []*node
	for len(c.unsettled) > 0 {
		next := c.unsettled[len(c.unsettled)-1]
		c.unsettled = c.unsettled[:len(c.unsettled)-1]
		c.inspect(next)
		found = append(found, next)
	}
	for queue := slices.Clone(found); len(queue) > 0; {
		child := queue[0]
		queue = queue[1:]
		for _, u := range child.parents {
			if c.hand(child, u) {
				queue = append(queue, u.in)
			}
		}
	}
	for _, n := range found {
		n.settled, n.parents = true, nil
	}
}

// hand gives a parent what its child found.
func (c *comparison) hand(child *node, u use) bool {
	backward := c.raise(&u.in.backward, u.in.old, u.in.new, u.old, c.wrap(u.old, child.backward))
	forward := c.raise(&u.in.forward, u.in.new, u.in.old, u.new, c.wrap(u.new, child.forward))
	return backward || forward
}

// inspect finds what the fields of a node do by themselves. Every field of the
// old type must have its like in the new one.
func (c *comparison) inspect(n *node) {
	for _, f := range n.old.fields {
		g := n.new.number[f.Number]
		if g == nil {
			c.raise(&n.backward, n.old, n.new, f, c.unread(f, n.new))
			continue
		}
		alone := c.fieldAlone(f, g)
		c.raise(&n.backward, n.old, n.new, f, alone.backward)
		c.raise(&n.forward, n.new, n.old, g, alone.forward)
		if child := c.child(f, g); child != nil {
			if u := (use{n, f, g}); child.settled {
				c.hand(child, u)
			} else {
				child.parents = append(child.parents, u)
			}
		}
		if !alike(f.ProtoName, g.ProtoName) && !n.old.desc.IsMapEntry() && !n.new.desc.IsMapEntry() {
			c.raise(&n.backward, n.old, n.new, f, effect{severity: Risk, reuse: true,
				how: "number " + itoa(f.Number) + " is " + f.ProtoName + " in " + string(n.old.desc.FullName()) + " and " + g.ProtoName + " in " + string(n.new.desc.FullName())})
		}
		c.inspectDefault(n, f, g)
	}
	if n.new.desc.IsMapEntry() && !n.old.desc.IsMapEntry() {
		// Keys and values are no additions: a map is nothing without them.
		for _, g := range n.new.fields {
			if n.old.number[g.Number] == nil {
				c.raise(&n.forward, n.new, n.old, g, c.unread(g, n.old))
			}
		}
	}
	c.inspectRequired(&n.backward, n.old, n.new)
	c.inspectRequired(&n.forward, n.new, n.old)
	c.inspectOneofs(&n.backward, n.old, n.new)
	c.inspectOneofs(&n.forward, n.new, n.old)
}

// unread is the loss of a field that the reader's type does not have.
func (c *comparison) unread(f *plan.Field, r *typ) effect {
	lost := effect{severity: Break, which: "every value", how: string(r.desc.FullName()) + " has no field " + itoa(f.Number)}
	lost.sample, _ = c.ordinaryField(f, 0)
	return lost
}

// inspectDefault: an absent field means something else.
func (c *comparison) inspectDefault(n *node, f, g *plan.Field) {
	if !c.defaultChanged(f, g) {
		return
	}
	change := effect{severity: Lossy, sample: []byte{}, which: "messages without " + f.ProtoName,
		how: "its default " + show(defaultValue(f)) + " is read as " + show(defaultValue(g))}
	n.backward = worse(n.backward, c.completed(n.old, n.new, nil, change))
}

// inspectRequired: the reader refuses what lacks a field that it requires.
func (c *comparison) inspectRequired(at *effect, w, r *typ) {
	for _, g := range r.fields {
		if f := w.number[g.Number]; g.Required && (f == nil || !f.Required) {
			e := effect{severity: Break, which: "every message without " + g.ProtoName, how: "the reader refuses it"}
			if f == nil {
				e.which = "every message"
			}
			message, ok := c.minimal(w, nil)
			if e.sample = message; ok {
				*at = worse(*at, e)
			}
			return
		}
	}
}

// inspectOneofs: two fields that can both be set exclude each other in r.
func (c *comparison) inspectOneofs(at *effect, w, r *typ) {
	for _, group := range oneofGroups(r, w) {
		if a, b := group.separate(); a != nil {
			records := c.together(a, b)
			*at = worse(*at, c.completed(w, r, a, effect{severity: Lossy, sample: records,
				which: a.ProtoName + " together with " + b.ProtoName, how: "the reader keeps the last one only"}))
		}
	}
}

// raise makes the effect of the field f, written in w, that of the message,
// where it is worse than what is known: a field that is not the first is not
// in an ordinary message.
func (c *comparison) raise(at *effect, w, r *typ, f *plan.Field, e effect) bool {
	if e.severity == Break && !c.inOrdinary(w, f) {
		e.severity = Lossy
		e.which = "messages with " + f.ProtoName
	}
	if e.severity <= at.severity {
		return false
	}
	e = c.completed(w, r, f, e)
	if e.how != "" && e.severity > Risk && len(e.how) < maxHow {
		e.how = f.ProtoName + ": " + e.how
	}
	*at = e
	return true
}

func (c *comparison) inOrdinary(t *typ, f *plan.Field) bool {
	return t.desc.IsMapEntry() || f.Required || len(t.plan.Fields) > 0 && f == &t.plan.Fields[0]
}

// completed makes the records of a field, its sample, a whole message.
func (c *comparison) completed(w, r *typ, f *plan.Field, e effect) effect {
	if e.sample == nil {
		return e
	}
	if w.desc.IsMapEntry() && f != nil {
		other := w.number[3-f.Number]
		records, _ := c.ordinaryField(other, 0)
		if other.Number < f.Number {
			e.sample = append(records, e.sample...)
		} else {
			e.sample = append(slices.Clone(e.sample), records...)
		}
		return e
	}
	e.sample, _ = c.complete(w, r, f, e.sample)
	return e
}

// wrap makes the message that shows an effect the content of the field w.
func (c *comparison) wrap(w *plan.Field, e effect) effect {
	switch {
	case len(e.sample) > maxSample:
		e.sample = nil
	case e.sample != nil:
		e.sample = c.records(w, e.sample)
	}
	return e
}

// maxSample bounds the samples of deeply nested types, maxHow the paths in
// words: each level adds to both.
const (
	maxSample = 8 << 10
	maxHow    = 300
)
