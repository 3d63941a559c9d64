package breaking

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/inspect/plan"
	"github.com/pbscope/pbscope/inspect/wire"
)

// link is what is known about two message types before a message of the one is
// read as the other.
type link struct {
	corresponds bool
	pair        *messagePair // nil where they do not correspond
	fields      map[protoreflect.FieldNumber]*fieldLink
	groups      []*oneofGroup // in which the reader keeps one of several
	defaults    []*fieldLink
	required    []*plan.Field // of the reader, that the writer may leave out
	released    []*Finding    // RESERVED_REMOVED
}

// fieldLink is a field of the writer with the one that reads its number.
type fieldLink struct {
	f, g     *plan.Field
	findings []*Finding // about either of them
	moved    bool
	exempt   bool // what only a widened type holds
	text     *plan.Field
}

func (t *Traffic) link(w, r *typ) *link {
	key := nodeKey{w, r}
	if l := t.links[key]; l != nil {
		return l
	}
	l := &link{fields: make(map[protoreflect.FieldNumber]*fieldLink), corresponds: t.c.partner(w) == r && !w.desc.IsMapEntry()}
	t.links[key] = l
	old, new := w, r
	if !t.backward {
		old, new = r, w
	}
	if l.corresponds {
		l.pair = newMessagePair(t.c, old, new)
		l.released = t.about(ruleIs("RESERVED_REMOVED"), string(new.desc.FullName()))
	}
	for _, f := range w.fields {
		g := r.number[f.Number]
		x := &fieldLink{f: f, g: g, text: jsonPartner(w, r, f)}
		if l.pair != nil {
			x.findings = t.aboutFields(f, g, x.text)
			x.moved = l.pair.movesAway[f] != nil || l.pair.moves[f] != nil || g != nil && (l.pair.movesAway[g] != nil || l.pair.moves[g] != nil)
		}
		if g != nil && !t.backward {
			x.exempt = widened(g, f) || f.Map && g.Map && widened(g.MapValue, f.MapValue)
		}
		l.fields[f.Number] = x
		if g != nil && t.c.defaultChanged(f, g) && !f.Required && !g.Required {
			l.defaults = append(l.defaults, x)
		}
	}
	l.groups = oneofGroups(r, w)
	for _, g := range r.required {
		if f := w.number[g.Number]; f == nil || !f.Required {
			l.required = append(l.required, g)
		}
	}
	return l
}

// ruleIs is a test of a finding's rule.
func ruleIs(ids ...string) func(*Finding) bool {
	return func(f *Finding) bool { return slices.Contains(ids, f.Rule) }
}

// about are the findings that name one of some elements.
func (t *Traffic) about(keep func(*Finding) bool, elements ...string) []*Finding {
	var all []*Finding
	for _, element := range elements {
		for _, f := range t.byName[element] {
			if keep(f) && !slices.Contains(all, f) {
				all = append(all, f)
			}
		}
	}
	return all
}

func (t *Traffic) aboutFields(fields ...*plan.Field) []*Finding {
	var names []string
	for _, f := range fields {
		if f != nil {
			names = append(names, elementName(f.Desc))
		}
	}
	return t.about(func(f *Finding) bool { return true }, names...)
}

// direction is the one in which the recording is read.
func (t *Traffic) direction() Direction {
	if t.backward {
		return Backward
	}
	return Forward
}

// hurting are the findings of rules of DATA that hurt in the direction of the
// recording, and risks.
func (t *Traffic) hurting(all []*Finding, not ...string) []*Finding {
	var some []*Finding
	for _, f := range all {
		if slices.Contains(f.Categories, Data) && !slices.Contains(not, f.Rule) && (f.Breaks&t.direction() != 0 || f.Severity == Risk) {
			some = append(some, f)
		}
	}
	return some
}

// records is the records of one number, in the order of the message.
type records struct {
	number protoreflect.FieldNumber
	bytes  []byte
}

// splitRecords sorts a message's records by number.
func splitRecords(payload []byte) []records {
	var all []records
	index := make(map[protoreflect.FieldNumber]int)
	for rest := payload; len(rest) > 0; {
		number, typ, n, code := wire.ConsumeTag(rest)
		if code != wire.OK {
			return all
		}
		size, code := wire.SkipValue(rest[n:], number, typ, maxLevels)
		if code != wire.OK {
			return all
		}
		i, ok := index[number]
		switch {
		case !ok:
			index[number] = len(all)
			all = append(all, records{number, rest[: n+size : n+size]})
		default:
			all[i].bytes = append(all[i].bytes, rest[:n+size]...)
		}
		rest = rest[n+size:]
	}
	return all
}

// maxTrafficDepth is how deep messages are compared.
const maxTrafficDepth = 100

// message compares one message on both sides, and what lies within it.
func (t *Traffic) message(at spot) {
	if at.depth > maxTrafficDepth {
		t.deep = true
		return
	}
	if at.w.plan.MessageSet || at.r.plan.MessageSet {
		t.messageSet(at)
		return
	}
	l := t.link(at.w, at.r)
	all := splitRecords(at.payload)
	present := make(map[protoreflect.FieldNumber]bool, len(all))
	for _, rec := range all {
		present[rec.number] = true
		if x := l.fields[rec.number]; x != nil {
			t.field(at, l, x, rec.bytes)
		} else {
			t.unknown(at, l, rec.number)
		}
	}
	t.absent(at, l, present)
	if at.w.desc.FullName() == "google.protobuf.Any" {
		t.any(at, all)
	}
}

func (t *Traffic) messageSet(at spot) {
	if at.w.plan.MessageSet != at.r.plan.MessageSet && len(at.payload) > 0 {
		t.differs(at, t.about(ruleIs("FIELD_ENCODING_CHANGED"), elementName(at.w.desc), elementName(at.r.desc)), elementName(at.w.desc), "a MessageSet is none")
	}
}

// unknown is a number that the writer's type does not have: data from before a
// reservation, say.
func (t *Traffic) unknown(at spot, l *link, number protoreflect.FieldNumber) {
	if g := at.r.number[number]; g != nil {
		for _, f := range t.about(ruleIs("RESERVED_REUSED"), elementName(g.Desc)) {
			t.hit(f, at, join(at.path, strconv.Itoa(int(number))))
		}
		return
	}
	if at.w.desc.ReservedRanges().Has(number) && !at.r.desc.ReservedRanges().Has(number) {
		for _, f := range l.released {
			t.hit(f, at, join(at.path, strconv.Itoa(int(number))))
		}
	}
}

// absent looks at what the message does not have, and at what it has together.
func (t *Traffic) absent(at spot, l *link, present map[protoreflect.FieldNumber]bool) {
	for _, g := range l.required {
		if !present[g.Number] {
			found := t.about(ruleIs("FIELD_REQUIRED_ADDED", "FIELD_REQUIRED_REMOVED"), elementName(g.Desc))
			t.differs(at, t.orBlame(found, at), elementName(g.Desc), "the reader requires it, and the message lacks it")
		}
	}
	for _, x := range l.defaults {
		if !present[x.f.Number] {
			t.differs(at, t.orBlame(only(x.findings, "FIELD_DEFAULT_CHANGED", "FIELD_NUMBER_REUSED", "FIELD_TYPE_INCOMPATIBLE"), at), elementName(x.g.Desc), "its default differs")
		}
	}
	for _, group := range l.groups {
		var both []string
		for _, class := range group.classes {
			for _, f := range class {
				if present[f.Number] && !l.fields[f.Number].moved {
					both = append(both, elementName(f.Desc))
					break
				}
			}
		}
		if len(both) > 1 {
			found := t.about(ruleIs("FIELD_JOINED_ONEOF", "FIELD_LEFT_ONEOF"), t.oneofNames(at, group)...)
			t.differs(at, t.orBlame(t.hurting(found), at), both[0], "the reader keeps one field of the oneof "+string(group.name))
		}
	}
}

// oneofNames are the names of a group's fields on both sides.
func (t *Traffic) oneofNames(at spot, group *oneofGroup) []string {
	var names []string
	for _, class := range group.classes {
		for _, f := range class {
			names = append(names, elementName(f.Desc), elementName(at.r.number[f.Number].Desc))
		}
	}
	return names
}

func only(all []*Finding, rules ...string) []*Finding {
	var some []*Finding
	for _, f := range all {
		if slices.Contains(rules, f.Rule) {
			some = append(some, f)
		}
	}
	return some
}

// orBlame are the findings of a difference: its own or, within types that do
// not correspond, those of the field that led there.
func (t *Traffic) orBlame(found []*Finding, at spot) []*Finding {
	if len(found) > 0 && t.link(at.w, at.r).corresponds {
		return found
	}
	return at.blame
}

// field compares the records of one field.
func (t *Traffic) field(at spot, l *link, x *fieldLink, b []byte) {
	meant, _ := t.values(x.f, x.f.Number, b)
	if len(meant) == 0 || !says(x.f, meant) && (x.g == nil || x.moved) {
		return // of another wire type they are unknown to the writer too
	}
	element := elementName(x.f.Desc)
	at.field = b
	for _, f := range only(x.findings, "FIELD_NUMBER_REUSED", "FIELD_DELETED_NOT_RESERVED") {
		if f.Severity == Risk && !x.moved && says(x.f, meant) {
			t.hit(f, at, join(at.path, x.f.ProtoName))
		}
	}
	if says(x.f, meant) {
		t.text(at, x, b)
	}
	switch {
	case x.moved:
		found := only(x.findings, "FIELD_RENUMBERED", "FIELDS_SWAPPED", "EXTENSION_RENUMBERED")
		if len(found) == 0 && x.g == nil {
			return // deleted, while another field moved
		}
		t.differs(at, found, element, "it stands at another number")
	case x.g == nil:
		if !l.corresponds && (t.backward || at.w.desc.IsMapEntry()) {
			t.differs(at, at.blame, element, "the reader's type has no such field")
		}
	default:
		t.compare(at, l, x, meant, b)
	}
}

// says whether values are more than an absent field is.
func says(f *plan.Field, meant []value) bool {
	if len(meant) == 0 {
		return false
	}
	if singular(f) && isMessage(f) {
		return len(meant[0].bytes) > 0
	}
	return !singular(f) || !equal(f, f, meant[0], defaultValue(f))
}

// values is what a reader of f gets, as read says it, in linear time: the
// occurrences of a message are joined, and a map's
// entries are all there. The records are those of one number.
func (t *Traffic) values(f *plan.Field, number protoreflect.FieldNumber, b []byte) ([]value, refusal) {
	if !f.Map && !(isMessage(f) && singular(f)) {
		return read(f, number, b)
	}
	var values []value
	for len(b) > 0 {
		_, typ, n, _ := wire.ConsumeTag(b)
		size, code := wire.SkipValue(b[n:], number, typ, maxLevels)
		if code != wire.OK {
			return nil, "the bytes are no message"
		}
		content := b[n : n+size]
		b = b[n+size:]
		if typ != wireType(f.Kind) {
			continue
		}
		v, ok, refused := readOne(f, number, typ, content)
		if refused != "" {
			return nil, refused
		}
		if ok {
			values = append(values, v)
		}
	}
	if f.Map || len(values) < 2 {
		return values, ""
	}
	parts := make([][]byte, len(values))
	for i, v := range values {
		parts[i] = v.bytes
	}
	values[0].bytes = bytes.Join(parts, nil)
	return values[:1], ""
}

func (t *Traffic) compare(at spot, l *link, x *fieldLink, meant []value, b []byte) {
	f, g := x.f, x.g
	found := t.orBlame(t.hurting(x.findings, "FIELD_JOINED_ONEOF", "FIELD_LEFT_ONEOF", "FIELD_REQUIRED_ADDED", "FIELD_REQUIRED_REMOVED", "FIELD_DEFAULT_CHANGED",
		"FIELD_DELETED_NOT_RESERVED", "RESERVED_REUSED", "ENUM_VALUE_NUMBER_REUSED"), at)
	got, refused := t.values(g, f.Number, b)
	if g.Map && !f.Map {
		got = lastOfKeys(g, got)
	}
	element := elementName(f.Desc)
	switch {
	case refused != "":
		t.differs(at, found, element, "the reader refuses it: "+string(refused))
	case isMessage(f) && isMessage(g):
		t.messages(at, l, x, found, meant, got)
	case f.Enum != nil && g.Enum != nil:
		t.enums(at, x, found, meant, got)
	case !x.exempt && !equalLists(f, g, meant, got), x.exempt && len(found) > 0 && !equalLists(f, g, meant, got):
		t.differs(at, found, element, "the reader gets something else: "+becomes(f, g, meant, got))
	}
}

// messages compares the messages of a field one by one.
func (t *Traffic) messages(at spot, l *link, x *fieldLink, found []*Finding, meant, got []value) {
	f, g := x.f, x.g
	element := elementName(f.Desc)
	if len(got) == 0 && !says(f, meant) {
		return
	}
	if len(meant) != len(got) && !(f.Map && g.Map) {
		t.differs(at, found, element, becomes(f, g, meant, got))
		return
	}
	if wireType(f.Kind) != wireType(g.Kind) {
		return
	}
	w, r := t.c.schemaOf(f).typeOf(f), t.c.schemaOf(g).typeOf(g)
	inner := spot{w: w, r: r, depth: at.depth + 1}
	if t.c.partner(w) != r || w.desc.IsMapEntry() {
		inner.blame = found
	}
	for i := range meant {
		inner.payload = meant[i].bytes
		inner.path = join(at.path, f.ProtoName)
		if !singular(f) {
			inner.path += "[" + strconv.Itoa(i) + "]"
		}
		t.message(inner)
	}
}

// lastOfKeys are the entries that a map keeps.
func lastOfKeys(f *plan.Field, entries []value) []value {
	at := make(map[string]int, len(entries))
	var kept []value
	for _, e := range entries {
		key, _ := read(f.MapKey, 1, e.bytes)
		if len(key) == 0 {
			key = []value{defaultValue(f.MapKey)}
		}
		k := fmt.Sprint(key[len(key)-1].negative, key[len(key)-1].magnitude, string(key[len(key)-1].bytes))
		if i, ok := at[k]; ok {
			kept[i] = e
			continue
		}
		at[k] = len(kept)
		kept = append(kept, e)
	}
	return kept
}

// enums compares values of enums: by the findings about the values where the
// enums correspond, else by name.
func (t *Traffic) enums(at spot, x *fieldLink, found []*Finding, meant, got []value) {
	f, g := x.f, x.g
	same := t.c.sameEnums(f.Enum, g.Enum)
	var known []value
	for _, v := range meant {
		n := v.int32()
		if f.Enum.Quoted(n) == nil {
			// Writers write named numbers, unless --strict-enums says no.
			if g.Enum.Closed && !f.Enum.Closed {
				about := t.about(ruleIs("ENUM_OPENED"), string(f.Enum.Name))
				if !same && t.c.options.StrictEnums {
					about = found
				}
				for _, w := range about {
					t.hit(w, at, join(at.path, f.ProtoName))
				}
			}
			continue
		}
		values := t.aboutValue(f.Enum, g.Enum, n)
		for _, w := range values {
			t.hit(w, at, join(at.path, f.ProtoName))
		}
		if same && len(values) == 0 && g.Enum.Quoted(n) != nil && !sharesName(f.Enum, n, g.Enum, n) {
			if _, moved := elsewhere(f.Enum, n, g.Enum); moved {
				t.differs(at, nil, elementName(f.Desc), "the reader takes "+show(v)+" for another value")
			}
		}
		if g.Enum.Quoted(n) != nil {
			known = append(known, v)
		} else if _, moved := elsewhere(f.Enum, n, g.Enum); !same && (t.backward || moved || t.c.options.StrictEnums && g.Enum.Closed) {
			t.differs(at, found, elementName(f.Desc), string(g.Enum.Name)+" has no value "+itoa(n))
			return
		}
	}
	var kept []value
	for _, v := range got {
		if g.Enum.Quoted(v.int32()) != nil && f.Enum.Quoted(v.int32()) != nil {
			kept = append(kept, v)
		}
	}
	if same {
		known, kept = plainNumbers(known), plainNumbers(kept)
	}
	if len(known) > 0 && !equalLists(f, g, known, kept) {
		t.differs(at, found, elementName(f.Desc), becomes(f, g, known, kept))
	}
}

// aboutValue are the findings about the values that have a number on either
// side.
func (t *Traffic) aboutValue(w, r *plan.Enum, number int32) []*Finding {
	key := valueKey{w, r, number}
	if found, ok := t.ofValues[key]; ok {
		return found
	}
	var names []string
	for _, e := range []*plan.Enum{w, r} {
		for _, name := range namesOf(e, number) {
			names = append(names, string(e.Name)+"."+string(name))
		}
	}
	found := t.about(func(f *Finding) bool {
		return strings.Contains(f.Rule, "ENUM_") && (f.Breaks&t.direction() != 0 || f.Severity == Risk)
	}, names...)
	t.ofValues[key] = found
	return found
}

// valueKey is a named number of the writer's enum that is read as another.
type valueKey struct {
	w, r   *plan.Enum
	number int32
}

// text looks at the field as JSON, where rules about that found something.
func (t *Traffic) text(at spot, x *fieldLink, b []byte) {
	for _, f := range x.findings {
		if slices.Contains(f.Categories, Data) || f.Breaks&t.direction() == 0 {
			continue
		}
		switch f.Rule {
		case "JSON_TYPE_INCOMPATIBLE", "JSON_TYPE_LOSSY":
			if x.text != nil && t.textDiffers(at, x, b) {
				t.hit(f, at, join(at.path, x.f.ProtoName))
			}
		case "FIELD_JSON_NAME_CHANGED", "JSON_FIELD_ADDED", "JSON_FIELD_DELETED":
			t.hit(f, at, join(at.path, x.f.ProtoName))
		case "JSON_NAME_REUSED":
			if f.Previous != nil && (f.Previous.Element == elementName(x.f.Desc) || !t.backward && f.Element == elementName(x.f.Desc)) {
				t.hit(f, at, join(at.path, x.f.ProtoName))
			}
		}
	}
}

func (t *Traffic) textDiffers(at spot, x *fieldLink, b []byte) bool {
	payload, ok := t.c.complete(at.w, at.r, x.f, b)
	if !ok {
		return false
	}
	written, read, problem, ok := t.c.readText(at.w, at.r, payload)
	if !ok {
		return false
	}
	_, hit := t.c.textHit(x.f, x.text, written, read, problem, t.backward)
	return hit
}

// any looks into an Any: its type may be gone, and its message is one too.
func (t *Traffic) any(at spot, all []records) {
	var url, content []byte
	for _, rec := range all {
		if x := at.w.number[rec.number]; x != nil {
			values, _ := read(x, rec.number, rec.bytes)
			if len(values) == 1 && rec.number == 1 {
				url = values[0].bytes
			} else if len(values) == 1 {
				content = values[0].bytes
			}
		}
	}
	name := protoreflect.FullName(url[bytes.LastIndexByte(url, '/')+1:])
	w := t.writer().types[name]
	if w == nil {
		return
	}
	w.load()
	inner := spot{w: w, r: t.c.partner(w), payload: content, path: join(at.path, "value"), depth: at.depth + 1}
	if inner.r == nil || t.reader().types[name] == nil {
		t.typeGone(w, &inner)
	}
	if inner.r != nil {
		inner.r.load()
		t.message(inner)
	}
}

func (t *Traffic) reader() *Schema {
	if t.backward {
		return t.c.new
	}
	return t.c.old
}

// typeGone is a message of a type that the reader lacks; within an Any at.
func (t *Traffic) typeGone(w *typ, at *spot) {
	for _, f := range t.about(ruleIs("MESSAGE_DELETED", "ANY_TYPE_DELETED", "SERVICE_DELETED"), elementName(w.desc)) {
		if at == nil {
			t.hit(f, spot{w: w, payload: t.record.Payload}, "")
		} else {
			t.hit(f, spot{w: w, payload: at.payload, depth: at.depth, path: at.path}, at.path)
		}
	}
}

// calls compares a message with the type that the other side's methods have in
// its place.
func (t *Traffic) calls(w *typ, payload []byte) {
	for _, f := range slices.Concat(t.report.Findings, t.report.Waived) {
		if f.Traffic == nil || f.methodTypes[0] == nil || f.Breaks&t.direction() == 0 {
			continue
		}
		types := f.methodTypes
		if !t.backward {
			types[0], types[1] = types[1], types[0]
		}
		if types[0] == w {
			t.message(spot{w: w, r: types[1], payload: payload, blame: []*Finding{f}})
		}
	}
}
