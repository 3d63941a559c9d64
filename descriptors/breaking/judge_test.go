package breaking

import (
	"bytes"
	"fmt"
	"math"
	"math/big"
	"strconv"
	"unicode/utf8"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"
)

// judge decides by messages of protobuf-go whether a reader is hurt. It shares
// no code with the comparison, and knows the exemptions of the definition: new
// and deleted enum values, and what only a widened type holds.
type judge struct {
	forward bool
	renamed map[string]string // writer's message name → reader's
	// json judges by ProtoJSON text in place of bytes; jsonStrict takes readers
	// that refuse unknown keys and names, strictEnums counts what old readers
	// with a closed enum lose.
	json, jsonStrict, strictEnums bool
}

// hurt says how a reader is hurt by a message, "" if it is not.
func (j *judge) hurt(w *dynamicpb.Message, reader protoreflect.MessageDescriptor) string {
	if j.json {
		return j.hurtText(w, reader)
	}
	payload, err := proto.MarshalOptions{Deterministic: true, AllowPartial: true}.Marshal(w)
	if err != nil {
		return ""
	}
	r := dynamicpb.NewMessage(reader)
	if err := (proto.UnmarshalOptions{AllowPartial: true}).Unmarshal(payload, r); err != nil {
		return "refused: " + err.Error()
	}
	if why := refusesTree(r); why != "" {
		return "refused: " + why
	}
	return j.messages(w, r, false)
}

// refusesTree finds what protobuf-go's dynamic messages of editions pass over.
func refusesTree(m protoreflect.Message) string {
	fields := m.Descriptor().Fields()
	for i := range fields.Len() {
		if f := fields.Get(i); f.Cardinality() == protoreflect.Required && !m.Has(f) {
			return "lacks " + string(f.FullName())
		}
	}
	why := ""
	m.Range(func(f protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		switch {
		case f.IsMap():
			v.Map().Range(func(k protoreflect.MapKey, v protoreflect.Value) bool {
				why = refusesValue(f.MapValue(), v, true)
				return why == ""
			})
		case f.IsList():
			for i := 0; i < v.List().Len() && why == ""; i++ {
				why = refusesValue(f, v.List().Get(i), strict(f))
			}
		default:
			why = refusesValue(f, v, strict(f))
		}
		return why == ""
	})
	return why
}

func strict(f protoreflect.FieldDescriptor) bool {
	if f.ParentFile().Syntax() != protoreflect.Editions {
		return f.ParentFile().Syntax() == protoreflect.Proto3
	}
	o, _ := f.Options().(*descriptorpb.FieldOptions)
	return o.GetFeatures().GetUtf8Validation() != descriptorpb.FeatureSet_NONE
}

func refusesValue(f protoreflect.FieldDescriptor, v protoreflect.Value, strict bool) string {
	switch f.Kind() {
	case protoreflect.StringKind:
		if strict && !utf8.ValidString(v.String()) {
			return "not UTF-8"
		}
	case protoreflect.MessageKind, protoreflect.GroupKind:
		return refusesTree(v.Message())
	}
	return ""
}

func (j *judge) corresponds(w, r protoreflect.MessageDescriptor) bool {
	name := string(w.Name())
	if to, ok := j.renamed[name]; ok {
		name = to
	}
	return name == string(r.Name())
}

// messages: must says that all fields of the writer's type have to be there.
func (j *judge) messages(w, r protoreflect.Message, must bool) string {
	fields := w.Descriptor().Fields()
	for i := range fields.Len() {
		f := fields.Get(i)
		g := j.partner(f, r.Descriptor())
		if key := readFrom(f, r.Descriptor()); j.json && key != nil && key != g && saysMore(w, f) {
			return fmt.Sprintf("%s is read as %s", f.FullName(), key.FullName())
		}
		if named := r.Descriptor().Fields().ByName(f.Name()); !j.json && named != nil && named.Number() != f.Number() && saysMore(w, f) {
			return fmt.Sprintf("%s moved", f.FullName())
		}
		switch {
		case g == nil && must && saysMore(w, f):
			return fmt.Sprintf("%s is lost", f.FullName())
		case g == nil:
			continue
		}
		if why := j.field(f, g, w, r); why != "" {
			return fmt.Sprintf("%s: %s", f.FullName(), why)
		}
	}
	return ""
}

func (j *judge) field(f, g protoreflect.FieldDescriptor, w, r protoreflect.Message) string {
	if j.widened(f, g) && !j.json { // of text, narrow has taken out what is exempt
		return ""
	}
	meant, got := items(f, w), items(g, r)
	if !w.Has(f) && !r.Has(g) {
		if f.Cardinality() == protoreflect.Repeated || g.Cardinality() == protoreflect.Repeated || f.Message() != nil || g.Message() != nil {
			return ""
		}
		if !f.HasDefault() && !g.HasDefault() && !closedEnum(f) && !closedEnum(g) {
			return ""
		}
		return j.value(f, g, f.Default(), g.Default())
	}
	if f.Enum() != nil && g.Enum() != nil && (j.forward || j.sameEnumName(f, g)) && !j.losesValues(g) {
		meant, got = known2(f, g, meant), known2(f, g, got)
		if len(meant) == 0 {
			return ""
		}
	}
	if len(got) == 0 && g.Cardinality() != protoreflect.Repeated && g.Message() == nil {
		got = []protoreflect.Value{g.Default()}
	}
	if f.IsMap() && g.IsMap() && j.widened(f.MapValue(), g.MapValue()) && !j.json {
		return ""
	}
	if f.IsMap() && g.IsMap() {
		return j.maps(f, g, w.Get(f).Map(), r.Get(g).Map())
	}
	if len(got) == 0 && len(meant) == 1 && f.Cardinality() != protoreflect.Repeated && isDefault(f, meant[0]) {
		return "" // presence is no value
	}
	if len(meant) == 0 && len(got) == 1 && g.Cardinality() != protoreflect.Repeated && isDefault(g, got[0]) {
		return ""
	}
	if len(meant) != len(got) {
		return fmt.Sprintf("%d became %d", len(meant), len(got))
	}
	if f.IsMap() != g.IsMap() {
		return j.mapAndList(f, g, w, r)
	}
	for i := range meant {
		if why := j.value(f, g, meant[i], got[i]); why != "" {
			return why
		}
	}
	return ""
}

func isDefault(f protoreflect.FieldDescriptor, v protoreflect.Value) bool {
	if f.Message() == nil {
		return v.Equal(f.Default())
	}
	empty := true
	v.Message().Range(func(protoreflect.FieldDescriptor, protoreflect.Value) bool {
		empty = false
		return false
	})
	return empty && len(v.Message().GetUnknown()) == 0
}

// saysMore: a present default says no more than an absent field.
func saysMore(w protoreflect.Message, f protoreflect.FieldDescriptor) bool {
	return w.Has(f) && (f.Cardinality() == protoreflect.Repeated || !isDefault(f, w.Get(f)))
}

func isZeroValue(f protoreflect.FieldDescriptor, v protoreflect.Value) bool {
	return isDefault(f, v) && !f.HasDefault() && (f.Enum() == nil || v.Enum() == 0)
}

func (j *judge) maps(f, g protoreflect.FieldDescriptor, a, b protoreflect.Map) (why string) {
	if j.widened(f.MapKey(), g.MapKey()) && !allFit(g.MapKey(), a) {
		return "" // a key that is cut can take the place of another
	}
	a.Range(func(k protoreflect.MapKey, v protoreflect.Value) bool {
		if f.MapValue().Enum() != nil && g.MapValue().Enum() != nil && (j.forward || j.sameEnumName(f.MapValue(), g.MapValue())) && !j.losesValues(g.MapValue()) && unknownValue(f.MapValue(), g.MapValue(), v) {
			return true
		}
		u, ok := valueAt(f, g, b, k)
		if !ok || dropped(g.MapValue(), u) {
			why = "a key is lost"
			return false
		}
		why = j.value(f.MapValue(), g.MapValue(), v, u)
		return why == ""
	})
	return why
}

func allFit(key protoreflect.FieldDescriptor, m protoreflect.Map) bool {
	all := true
	m.Range(func(k protoreflect.MapKey, _ protoreflect.Value) bool {
		all = fits(key, k.Value())
		return all
	})
	return all
}

// valueAt is the value at a key of the same number or text, whatever its type.
func valueAt(f, g protoreflect.FieldDescriptor, b protoreflect.Map, k protoreflect.MapKey) (v protoreflect.Value, ok bool) {
	want := numeric(f.MapKey(), k.Value())
	b.Range(func(k protoreflect.MapKey, u protoreflect.Value) bool {
		if numeric(g.MapKey(), k.Value()) == want {
			v, ok = u, true
		}
		return !ok
	})
	return v, ok
}

// mapAndList is true to the numbers of the generator's entries alone: its
// messages are never entries of its maps with equal types by intent, so any
// map against a message is compared entry by entry through bytes.
func (j *judge) mapAndList(f, g protoreflect.FieldDescriptor, w, r protoreflect.Message) string {
	if f.Kind() == protoreflect.BytesKind || g.Kind() == protoreflect.BytesKind {
		return "" // an entry and its bytes
	}
	if f.Message() == nil || g.Message() == nil {
		return "a map is none"
	}
	if f.IsMap() {
		i, why := 0, ""
		list := items(g, r)
		w.Get(f).Map().Range(func(k protoreflect.MapKey, v protoreflect.Value) bool {
			entry := dynamicpb.NewMessage(f.Message())
			entry.Set(f.MapKey(), k.Value())
			entry.Set(f.MapValue(), v)
			if len(list) == 1 {
				why = j.messages(entry, list[0].Message(), true)
			}
			i++
			return why == ""
		})
		return why
	}
	why := ""
	list := items(f, w)
	r.Get(g).Map().Range(func(k protoreflect.MapKey, v protoreflect.Value) bool {
		entry := dynamicpb.NewMessage(g.Message())
		entry.Set(g.MapKey(), k.Value())
		entry.Set(g.MapValue(), v)
		if len(list) == 1 {
			why = j.messages(list[0].Message(), entry, !j.forward)
		}
		return why == ""
	})
	return why
}

func closedEnum(f protoreflect.FieldDescriptor) bool { return f.Enum() != nil && f.Enum().IsClosed() }

func (j *judge) sameEnumName(f, g protoreflect.FieldDescriptor) bool {
	name := string(f.Enum().Name())
	if to, ok := j.renamed[name]; ok {
		name = to
	}
	return name == string(g.Enum().Name())
}

// known2 leaves out the values that were added to an enum: the reader has
// neither their number nor their name.
func known2(f, g protoreflect.FieldDescriptor, values []protoreflect.Value) []protoreflect.Value {
	var known []protoreflect.Value
	for _, v := range values {
		if !unknownValue(f, g, v) {
			known = append(known, v)
		}
	}
	return known
}

func unknownValue(f, g protoreflect.FieldDescriptor, v protoreflect.Value) bool {
	values := f.Enum().Values()
	for i := range values.Len() {
		if a := values.Get(i); a.Number() == v.Enum() && g.Enum().Values().ByName(a.Name()) != nil {
			return false
		}
	}
	return g.Enum().Values().ByNumber(v.Enum()) == nil
}

// items are the values of a field; of a map, a value for each entry.
func items(f protoreflect.FieldDescriptor, m protoreflect.Message) []protoreflect.Value {
	if !m.Has(f) {
		return nil
	}
	var all []protoreflect.Value
	v := m.Get(f)
	switch {
	case f.IsMap():
		v.Map().Range(func(_ protoreflect.MapKey, v protoreflect.Value) bool {
			if !dropped(f.MapValue(), v) {
				all = append(all, v)
			}
			return true
		})
	case f.IsList():
		for i := range v.List().Len() {
			if !dropped(f, v.List().Get(i)) {
				all = append(all, v.List().Get(i))
			}
		}
	case dropped(f, v):
	default:
		all = append(all, v)
	}
	return all
}

// dropped: the unnamed number of a closed enum is an unknown field.
func dropped(f protoreflect.FieldDescriptor, v protoreflect.Value) bool {
	return closedEnum(f) && f.Enum().Values().ByNumber(v.Enum()) == nil
}

func (j *judge) value(f, g protoreflect.FieldDescriptor, v, u protoreflect.Value) string {
	if !f.IsList() && !g.IsList() && (f.Enum() == nil || g.Enum() == nil) && f.Kind() != g.Kind() && isZeroValue(f, v) && isZeroValue(g, u) {
		return "" // presence is no value, in an entry of a map neither
	}
	switch {
	case f.Message() != nil && g.Message() != nil:
		return j.messages(v.Message(), u.Message(), !j.forward && !j.corresponds(f.Message(), g.Message()))
	case f.Message() != nil || g.Message() != nil:
		if !j.json && f.Kind() != protoreflect.GroupKind && g.Kind() != protoreflect.GroupKind && (f.Kind() == protoreflect.BytesKind || g.Kind() == protoreflect.BytesKind) {
			return "" // read without a refusal: the same bytes
		}
		return "a message is none"
	case f.Enum() != nil && g.Enum() != nil:
		return j.enums(f, g, v.Enum(), u.Enum())
	case j.json && text2(f) != text2(g):
		return sameDocument(f, g, v, u)
	case text2(f) != text2(g):
		return "text is none"
	case text2(f):
		if !bytes.Equal(textOf(v), textOf(u)) {
			return "other bytes"
		}
		return ""
	}
	if j.widened(f, g) && !j.json {
		return ""
	}
	x, y := numeric(f, v), numeric(g, u)
	if x != y {
		return fmt.Sprintf("%s became %s", x, y)
	}
	return ""
}

func (j *judge) enums(f, g protoreflect.FieldDescriptor, v, u protoreflect.EnumNumber) string {
	a, b := f.Enum().Values().ByNumber(v), g.Enum().Values().ByNumber(u)
	if a == nil && j.losesValues(g) && u != v {
		return fmt.Sprintf("the number %d is lost", v)
	}
	if a == nil {
		return ""
	}
	if moved, same := namesAt(f.Enum(), v, g.Enum(), u); same {
		return ""
	} else if moved != "" {
		return fmt.Sprintf("%s is not %v", moved, b)
	}
	if b == nil && j.sameEnumName(f, g) {
		return ""
	}
	if b == nil {
		if j.forward {
			return "" // added
		}
		return fmt.Sprintf("%s has no number %d", g.Enum().Name(), v)
	}
	if v != u {
		return fmt.Sprintf("%d became %d", v, u)
	}
	return ""
}

// namesAt looks for the names of a writer's number with the reader: same, if
// one of them has the number u there; moved is one that has another.
func namesAt(w protoreflect.EnumDescriptor, v protoreflect.EnumNumber, r protoreflect.EnumDescriptor, u protoreflect.EnumNumber) (moved protoreflect.Name, same bool) {
	for i := range w.Values().Len() {
		a := w.Values().Get(i)
		if a.Number() != v {
			continue
		}
		if b := r.Values().ByName(a.Name()); b != nil && b.Number() == u {
			return "", true
		} else if b != nil {
			moved = a.Name()
		}
	}
	return moved, false
}

func text2(f protoreflect.FieldDescriptor) bool {
	return f.Kind() == protoreflect.StringKind || f.Kind() == protoreflect.BytesKind
}

func textOf(v protoreflect.Value) []byte {
	if b, ok := v.Interface().([]byte); ok {
		return b
	}
	return []byte(v.String())
}

func numeric(f protoreflect.FieldDescriptor, v protoreflect.Value) string {
	switch x := v.Interface().(type) {
	case bool:
		if x {
			return "1"
		}
		return "0"
	case float32:
		return rational(strconv.FormatFloat(float64(x), 'g', -1, 32))
	case protoreflect.EnumNumber:
		return fmt.Sprint(int32(x))
	case float64:
		if math.IsNaN(x) {
			return "NaN"
		}
		return rational(strconv.FormatFloat(x, 'g', -1, 64))
	}
	return fmt.Sprint(v.Interface())
}

// rational is a decimal number in one spelling.
func rational(text string) string {
	if n, ok := new(big.Rat).SetString(text); ok {
		return n.RatString()
	}
	return text
}

// widened says whether the writer, the new side, has a wider type than the
// reader: what hurts is a value that only it holds.
func (j *judge) widened(f, g protoreflect.FieldDescriptor) bool {
	if !j.forward || f.Cardinality() != g.Cardinality() {
		return false
	}
	from, to := g.Kind(), f.Kind()
	if j.json {
		from, to = sameTextKind(from), sameTextKind(to)
	}
	integer := to == protoreflect.Int32Kind || to == protoreflect.Int64Kind || to == protoreflect.Uint32Kind || to == protoreflect.Uint64Kind
	switch from {
	case protoreflect.Int32Kind:
		return to == protoreflect.Int64Kind
	case protoreflect.Uint32Kind:
		return to == protoreflect.Uint64Kind || to == protoreflect.Int64Kind
	case protoreflect.Sint32Kind:
		return to == protoreflect.Sint64Kind
	case protoreflect.BoolKind:
		return integer || f.Enum() != nil && bits(f.Enum())
	case protoreflect.EnumKind:
		return integer
	}
	return false
}
