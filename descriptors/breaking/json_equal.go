package breaking

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/inspect/plan"
)

// textDiffers compares what f was written as with what g, which read it, is
// written as; "" for the same by the rules of equality. What lies within
// corresponding types is compared at their own fields.
func (c *comparison) textDiffers(f, g *plan.Field, meant, got json.RawMessage, backward bool) string {
	switch {
	case len(got) == 0 || len(meant) == 0:
		return c.absentText(f, g, meant, got, backward)
	case f.Map && g.Map:
		return c.mapsDiffer(f, g, meant, got, backward)
	case f.Map || g.Map || f.Repeated != g.Repeated:
		return becomesText(meant, got)
	case f.Repeated:
		var x, y []json.RawMessage
		if json.Unmarshal(meant, &x) != nil || json.Unmarshal(got, &y) != nil {
			return becomesText(meant, got)
		}
		if f.Enum != nil && g.Enum != nil && c.silentValues(f, g, backward) {
			x = slices.DeleteFunc(x, func(v json.RawMessage) bool { return addedValue(f, g, v) })
		}
		if len(x) != len(y) {
			return becomesText(meant, got)
		}
		for i := range x {
			if how := c.oneDiffers(f, g, x[i], y[i], backward); how != "" {
				return how
			}
		}
		return ""
	}
	return c.oneDiffers(f, g, meant, got, backward)
}

// absentText: an absent value is one that says no more than its default.
func (c *comparison) absentText(f, g *plan.Field, meant, got json.RawMessage, backward bool) string {
	switch {
	case len(meant) == 0 || saysNothing(f, meant):
		return ""
	case f.Enum != nil && g.Enum != nil && c.silentValues(f, g, backward) && !f.Repeated && addedValue(f, g, meant):
		return "" // added and deleted values are silent
	}
	return "the reader passes over " + string(meant)
}

func becomesText(meant, got json.RawMessage) string {
	return fmt.Sprintf("%s is read as %s", meant, got)
}

// silentValues says whether a name that the reader's enum lacks is passed over
// by right: forward always, backward where the enums correspond.
func (c *comparison) silentValues(f, g *plan.Field, backward bool) bool {
	return !backward || c.sameEnums(f.Enum, g.Enum)
}

// addedValue says whether a reader has neither the name that a value is written
// by nor its number: another name of the number is a rename.
func addedValue(f, g *plan.Field, text json.RawMessage) bool {
	if _, known := enumNumber(g.Enum, text); known {
		return false
	}
	number, ok := enumNumber(f.Enum, text)
	return ok && g.Enum.Quoted(number) == nil
}

// enumNumber is the number that a name or a number in a document stands for.
func enumNumber(e *plan.Enum, text json.RawMessage) (int32, bool) {
	var name string
	if json.Unmarshal(text, &name) == nil {
		return e.Number([]byte(name))
	}
	var number int32
	return number, json.Unmarshal(text, &number) == nil
}

func (c *comparison) mapsDiffer(f, g *plan.Field, meant, got json.RawMessage, backward bool) string {
	var x, y map[string]json.RawMessage
	if json.Unmarshal(meant, &x) != nil || json.Unmarshal(got, &y) != nil {
		return becomesText(meant, got)
	}
	for key, v := range x {
		u, ok := y[key]
		switch {
		case ok:
			if how := c.textDiffers(f.MapValue, g.MapValue, v, u, backward); how != "" {
				return how
			}
		case f.MapValue.Enum != nil && g.MapValue.Enum != nil && c.silentValues(f.MapValue, g.MapValue, backward) && addedValue(f.MapValue, g.MapValue, v):
		default:
			return becomesText(meant, got)
		}
	}
	return ""
}

func (c *comparison) oneDiffers(f, g *plan.Field, meant, got json.RawMessage, backward bool) string {
	switch {
	case isMessage(f) && isMessage(g):
		return c.messagesDiffer(f, g, meant, got, backward)
	case f.Enum != nil && g.Enum != nil:
		return c.enumsDiffer(f, g, meant, got)
	case f.Enum != nil:
		meant = numbered(f.Enum, g, meant)
	case g.Enum != nil:
		got = numbered(g.Enum, f, got)
	case isText(f) && isText(g) && f.Kind != g.Kind && bytes.Equal(meant, got) && !saysNothing(f, meant):
		// Bytes are written in base64, which is another text to a string.
		return "base64 is taken for the text, or the text for base64"
	}
	if !sameValue(meant, got) {
		return becomesText(meant, got)
	}
	return ""
}

// numbered is the number of an enum's value for a reader or writer of numbers.
func numbered(e *plan.Enum, other *plan.Field, text json.RawMessage) json.RawMessage {
	if number, ok := enumNumber(e, text); ok && !isText(other) {
		return json.RawMessage(itoa(number))
	}
	return text
}

// enumsDiffer compares by name where the reader has the name, else by number.
func (c *comparison) enumsDiffer(f, g *plan.Field, meant, got json.RawMessage) string {
	want, known := enumNumber(g.Enum, meant)
	if !known {
		want, known = enumNumber(f.Enum, meant)
	}
	number, ok := enumNumber(g.Enum, got)
	if !known || !ok || want != number {
		return becomesText(meant, got)
	}
	return ""
}

func (c *comparison) messagesDiffer(f, g *plan.Field, meant, got json.RawMessage, backward bool) string {
	w, r := c.schemaOf(f).typeOf(f), c.schemaOf(g).typeOf(g)
	if c.partner(w) == r {
		return ""
	}
	var x, y map[string]json.RawMessage
	if json.Unmarshal(meant, &x) != nil || json.Unmarshal(got, &y) != nil {
		if !sameValue(meant, got) { // a type with text of its own
			return becomesText(meant, got)
		}
		return ""
	}
	for _, f := range w.fields {
		v, ok := x[f.JSONName]
		if !ok {
			continue
		}
		g := jsonPartner(w, r, f)
		switch {
		case g == nil && backward && !saysNothing(f, v):
			return fmt.Sprintf("%s has no field %s", r.desc.FullName(), f.ProtoName)
		case g == nil:
		default:
			if how := c.textDiffers(f, g, v, y[g.JSONName], backward); how != "" {
				return how
			}
		}
	}
	return ""
}

// member is the raw value of a key of an object; nil for none.
func member(object []byte, key string) json.RawMessage {
	var members map[string]json.RawMessage
	if json.Unmarshal(object, &members) != nil {
		return nil
	}
	return members[key]
}

// sameValue compares JSON values; a number and the string of it are equal.
func sameValue(a, b json.RawMessage) bool {
	if bytes.Equal(a, b) {
		return true
	}
	x, ok := numberIn(a)
	y, ok2 := numberIn(b)
	return ok && ok2 && x.Cmp(y) == 0
}

func numberIn(raw json.RawMessage) (*big.Rat, bool) {
	text := strings.Trim(string(raw), `"`)
	const maxNumber = 400 // digits that a double's shortest text has at most
	if text == "" || len(text) > maxNumber || strings.ContainsAny(text, "/_xXpP") {
		return nil, false
	}
	if i := strings.IndexAny(text, "eE"); i >= 0 && len(text)-i > 5 {
		return nil, false
	}
	return new(big.Rat).SetString(text)
}

// saysNothing: a default that is present says no more than an absent value.
func saysNothing(f *plan.Field, raw json.RawMessage) bool {
	switch string(raw) {
	case "", "0", `"0"`, "0.0", "false", `""`, "[]", "{}":
		return true
	}
	if f.Enum == nil || f.Repeated || f.Map {
		return false
	}
	number, ok := enumNumber(f.Enum, raw)
	return ok && protoreflect.EnumNumber(number) == f.Desc.Default().Enum()
}
