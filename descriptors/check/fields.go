package check

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/pbscope/pbscope/inspect/nearest"
)

// maxField is the highest field number, maxSetField that of a message in the
// MessageSet format.
const (
	maxField    = 1<<29 - 1
	maxSetField = math.MaxInt32
)

func (c *checker) message(m *message, scope string) {
	m.full = join(scope, m.name.Text)
	c.settings(m.options, "MessageOptions", m.full)
	c.numbers(m)
	c.jsonNames(m)
	for _, o := range m.oneofs {
		c.settings(o.options, "OneofOptions", join(m.full, o.name.Text))
		if o.fields == 0 {
			c.fail(o.name, "oneof "+o.name.Text+" has no fields", "")
		}
	}
	for _, f := range m.fields {
		c.field(f, m.full)
	}
	for _, n := range m.messages {
		c.message(n, m.full)
	}
	for _, e := range m.enums {
		c.enum(e, m.full)
	}
	for _, x := range m.extends {
		c.extend(x, m.full)
	}
}

// numbers checks the field numbers of a message against one another and what
// is reserved.
func (c *checker) numbers(m *message) {
	most := int64(maxField)
	if o := find(m.options, "message_set_wire_format"); o != nil && o.value.text == "true" {
		most = maxSetField
	}
	taken := make(map[int64]*field)
	reserved, extensions := indexed(m.reserved), indexed(m.extensions)
	reservedNames := make(map[string]bool)
	for _, n := range m.reservedNames {
		reservedNames[n.Text] = true
	}
	for _, r := range append(append([]numbers(nil), m.reserved...), m.extensions...) {
		if r.from.value < 1 || r.to.value > maxSetField || r.to.value < r.from.value {
			c.fail(r.from.Name, "the range "+r.from.Text+" to "+r.to.Text+" holds no field numbers", "field numbers are 1 to 536,870,911")
		}
	}
	for _, f := range m.fields {
		if reservedNames[f.name.Text] {
			c.fail(f.name, "field "+join(m.full, f.name.Text)+" has a reserved name", "choose another name; who reads old JSON would take it for the old field")
		}
		if !f.number.ok || !c.inRange(f, m.full, most) {
			continue
		}
		n := f.number.value
		if before := taken[n]; before != nil {
			c.fail(f.number.Name, fmt.Sprintf("message %s: fields %s and %s both have the same tag %d", m.full, before.name.Text, f.name.Text, n),
				c.free(m))
			continue
		}
		taken[n] = f
		if reserved.hold(n) {
			c.fail(f.number.Name, fmt.Sprintf("message %s: field %s is using tag %d which is in a reserved range", m.full, f.name.Text, n),
				c.free(m))
		}
		if extensions.hold(n) {
			c.fail(f.number.Name, fmt.Sprintf("message %s: field %s is using tag %d which is in an extension range", m.full, f.name.Text, n), "")
		}
	}
}

func (c *checker) inRange(f *field, owner string, most int64) bool {
	n := f.number.value
	switch {
	case n < 1 || n > most:
		c.fail(f.number.Name, "field "+join(owner, f.name.Text)+" has the number "+f.number.Text, "field numbers are 1 to "+strconv.FormatInt(most, 10)+" without 19000 to 19999")
	case n >= 19000 && n <= 19999:
		c.fail(f.number.Name, "field "+join(owner, f.name.Text)+" has the number "+f.number.Text+"; 19000 to 19999 belong to protobuf itself", "")
	default:
		return true
	}
	return false
}

// ranges answers quickly whether numbers lie in one of many ranges: they are
// sorted by their beginnings, and most is the greatest end so far.
type ranges struct{ from, most []int64 }

func indexed(all ...[]numbers) ranges {
	sorted := slices.Concat(all...)
	slices.SortFunc(sorted, func(a, b numbers) int { return cmp.Compare(a.from.value, b.from.value) })
	var r ranges
	most := int64(math.MinInt64)
	for _, n := range sorted {
		most = max(most, n.to.value)
		r.from, r.most = append(r.from, n.from.value), append(r.most, most)
	}
	return r
}

func (r ranges) hold(n int64) bool {
	i, _ := slices.BinarySearch(r.from, n+1)
	return i > 0 && r.most[i-1] >= n
}

// free tells the lowest number that is above all fields and not reserved.
func (c *checker) free(m *message) string {
	if c.enough() {
		return ""
	}
	var highest int64
	for _, f := range m.fields {
		if n := f.number.value; f.number.ok && n <= maxField && (n < 19000 || n > 19999) {
			highest = max(highest, n)
		}
	}
	taken := indexed(m.reserved, m.extensions, []numbers{{number{value: 19000}, number{value: 19999}}})
	for n := highest + 1; n <= maxField && n < highest+10_000; n++ {
		if !taken.hold(n) {
			return "the next free number is " + strconv.FormatInt(n, 10)
		}
	}
	return ""
}

// jsonNames reports fields that JSON cannot tell apart, where the syntax
// forbids that.
func (c *checker) jsonNames(m *message) {
	if c.file.syntax.Text == "proto2" || find(m.options, "deprecated_legacy_json_field_conflicts") != nil {
		return
	}
	names := make(map[string]*field)
	for _, f := range m.fields {
		json := jsonName(f)
		before := names[json]
		names[json] = f
		if before != nil && before.name.Text != f.name.Text {
			c.fail(f.name, "fields "+before.name.Text+" and "+f.name.Text+" of "+m.full+" are both "+json+" in JSON", "give one of them another name or a json_name")
		}
	}
}

func jsonName(f *field) string {
	if o := find(f.options, "json_name"); o != nil && o.value.kind == 's' {
		return o.value.text
	}
	var b strings.Builder
	upper := false
	for _, r := range []byte(f.name.Text) {
		if r == '_' {
			upper = true
			continue
		}
		if upper && r >= 'a' && r <= 'z' {
			r -= 'a' - 'A'
		}
		upper = false
		b.WriteByte(r)
	}
	return b.String()
}

func (c *checker) field(f *field, scope string) {
	full := join(scope, f.name.Text)
	c.label(f, full)
	c.settings(f.options, "FieldOptions", full)
	if f.group != nil {
		c.message(f.group, scope)
		return
	}
	if f.key.Text != "" {
		c.mapKey(f, full)
	}
	d, ok := declared{kind: Other}, true
	if !isScalar(f.typ.Text) {
		d, ok = c.typed(f.typ, scope, "field "+full+": unknown type ", Message, Enum)
	}
	if !ok {
		return
	}
	c.preset(f, full, scope, d.kind)
	if o := find(f.options, "packed"); o != nil && o.value.text == "true" && !c.file.edition {
		if f.label.Text != "repeated" || d.kind == Message || f.typ.Text == "string" || f.typ.Text == "bytes" {
			c.fail(o.parts[0], "field "+full+": packed is for repeated numbers, bools and enums", "leave it out")
		}
	}
}

// label checks optional, required and repeated against the syntax.
func (c *checker) label(f *field, full string) {
	label, syntax := f.label.Text, c.file.syntax.Text
	at := f.label
	switch {
	case f.oneof != nil && label != "":
		c.fail(at, "field "+full+" is in a oneof and cannot be "+label, "leave the label out")
	case f.key.Text != "" && label != "":
		c.fail(at, "map "+full+" cannot be "+label, "leave the label out")
	case c.file.edition && (label == "optional" || label == "required"):
		hint := "a field without a label has presence in editions"
		if label == "required" {
			hint = "write [features.field_presence = LEGACY_REQUIRED]"
		}
		c.fail(at, "field "+full+": the label "+label+" does not exist in editions", hint)
	case syntax == "proto3" && label == "required":
		c.fail(at, "field "+full+": the label required does not exist in proto3", "leave it out, or write optional to know whether it was set")
	case syntax == "proto2" && label == "" && f.oneof == nil && f.key.Text == "":
		c.fail(f.name, "field "+full+": field has no label; proto2 requires explicit 'optional' label", `write optional, repeated or required before the type, or begin the file with: syntax = "proto3";`)
	}
	if f.group != nil && syntax != "proto2" {
		hint := "write a message and a field of it"
		if c.file.edition {
			hint = "write a message and a field of it with [features.message_encoding = DELIMITED]"
		}
		c.fail(f.name, "group "+full+": groups exist in proto2 only", hint)
	}
}

func (c *checker) mapKey(f *field, full string) {
	switch f.key.Text {
	case "float", "double", "bytes":
	default:
		if isScalar(f.key.Text) {
			return
		}
	}
	c.fail(f.key, "map "+full+": a key cannot be "+f.key.Text, "keys are integers, bool or string")
}

// preset checks [default = …].
func (c *checker) preset(f *field, full, scope string, kind Kind) {
	o := find(f.options, "default")
	if o == nil {
		return
	}
	at := o.parts[0]
	value := Name{o.value.text, o.value.line, o.value.column}
	switch {
	case c.file.syntax.Text == "proto3":
		c.fail(at, "field "+full+": proto3 has no default values", "leave it out: the default is zero")
	case f.label.Text == "repeated" || f.key.Text != "":
		c.fail(at, "field "+full+": repeated fields have no default values", "")
	case kind == Message:
		c.fail(at, "field "+full+": messages have no default values", "")
	case !fits(f.typ.Text, kind, o.value):
		c.fail(value, "field "+full+": "+o.value.said()+" is no default value of "+f.typ.Text, "")
	case kind == Enum && !o.value.bad:
		c.presetValue(f, value, scope)
	case strings.Contains(f.typ.Text, "32") && (o.value.kind == 'i'):
		if n, err := strconv.ParseInt(o.value.text, 0, 64); err != nil || n > math.MaxUint32 || n < math.MinInt32 {
			c.fail(value, "field "+full+": "+o.value.text+" is out of range", "")
		}
	}
}

// presetValue checks that an enum has the value that is a field's default.
func (c *checker) presetValue(f *field, value Name, scope string) {
	full, _, file, _ := c.resolve(f.typ.Text, scope)
	in := c.set.Files[file]
	if in == nil {
		return
	}
	e := in.enumNamed(full)
	if e == nil {
		return
	}
	var names []string
	for _, v := range e.values {
		if v.name.Text == value.Text {
			return
		}
		names = append(names, v.name.Text)
	}
	hint := ""
	if near := nearest.Name(value.Text, names); near != "" {
		hint = "did you mean " + near + "?"
	}
	c.fail(value, "enum "+full+" has no value "+value.Text, hint)
}

// fits says whether a literal can be the default of a type.
func fits(typ string, kind Kind, t token) bool {
	switch {
	case t.bad:
		return true
	case kind == Enum:
		return t.kind == 'w'
	case !isScalar(typ):
		return true
	}
	switch typ {
	case "string", "bytes":
		return t.kind == 's'
	case "bool":
		return t.text == "true" || t.text == "false"
	case "float", "double":
		return t.kind == 'i' || t.kind == 'f' || strings.HasSuffix(t.text, "inf") || strings.HasSuffix(t.text, "nan")
	}
	return t.kind == 'i'
}
