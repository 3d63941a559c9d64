package breaking

import (
	"fmt"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"
)

// hurtText is hurt for ProtoJSON, by protobuf-go's own reader and writer.
func (j *judge) hurtText(w *dynamicpb.Message, reader protoreflect.MessageDescriptor) string {
	if refusesTree(w) != "" {
		return "" // not to be written
	}
	if j.forward {
		j.narrow(w, reader)
	}
	text, err := protojson.MarshalOptions{AllowPartial: true}.Marshal(w)
	if err != nil {
		return ""
	}
	r := dynamicpb.NewMessage(reader)
	if err := (protojson.UnmarshalOptions{AllowPartial: true, DiscardUnknown: !j.jsonStrict}).Unmarshal(text, r); err != nil {
		return "refused: " + err.Error()
	}
	if why := refusesTree(r); why != "" {
		return "refused: " + why
	}
	return j.messages(w, r, false)
}

// partner is the field that reads what f writes: by number, in text by name,
// else by the number of one whose name the writer does not have.
func (j *judge) partner(f protoreflect.FieldDescriptor, r protoreflect.MessageDescriptor) protoreflect.FieldDescriptor {
	if !j.json {
		return r.Fields().ByNumber(f.Number())
	}
	if g := r.Fields().ByName(f.Name()); g != nil {
		return g
	}
	if g := r.Fields().ByNumber(f.Number()); g != nil && f.ContainingMessage().Fields().ByName(g.Name()) == nil {
		return g
	}
	return nil
}

// readFrom is the field that is read from the key of f.
func readFrom(f protoreflect.FieldDescriptor, r protoreflect.MessageDescriptor) protoreflect.FieldDescriptor {
	if g := r.Fields().ByJSONName(f.JSONName()); g != nil {
		return g
	}
	return r.Fields().ByTextName(f.JSONName())
}

// losesValues: an old reader with a closed enum, where that counts; in text
// names that it lacks are passed over.
func (j *judge) losesValues(g protoreflect.FieldDescriptor) bool {
	return j.strictEnums && j.forward && !j.json && closedEnum(g)
}

// narrow takes the values that only a widened type holds out of a message that
// the new side writes.
func (j *judge) narrow(w protoreflect.Message, r protoreflect.MessageDescriptor) {
	w.Range(func(f protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		g := j.partner(f, r)
		switch {
		case g == nil:
		case j.widened(f, g) && !j.holds(f, g, w, v):
			w.Clear(f)
		case f.IsMap() && g.IsMap():
			v.Map().Range(func(k protoreflect.MapKey, v2 protoreflect.Value) bool {
				if j.widened(f.MapKey(), g.MapKey()) && !fits(g.MapKey(), k.Value()) || j.widened(f.MapValue(), g.MapValue()) && !fits(g.MapValue(), v2) {
					v.Map().Clear(k)
				} else if f.MapValue().Message() != nil && g.MapValue().Message() != nil {
					j.narrow(v2.Message(), g.MapValue().Message())
				}
				return true
			})
		case f.Message() == nil || g.Message() == nil || f.IsMap() || g.IsMap():
		case f.IsList():
			for i := range v.List().Len() {
				j.narrow(v.List().Get(i).Message(), g.Message())
			}
		default:
			j.narrow(v.Message(), g.Message())
		}
		return true
	})
}

func (j *judge) holds(f, g protoreflect.FieldDescriptor, w protoreflect.Message, v protoreflect.Value) bool {
	if !f.IsList() {
		return fits(g, v)
	}
	for i := range v.List().Len() {
		if !fits(g, v.List().Get(i)) {
			return false
		}
	}
	return true
}

// fits says whether a narrower field can hold an integer.
func fits(g protoreflect.FieldDescriptor, v protoreflect.Value) bool {
	var n int64
	switch x := v.Interface().(type) {
	case int32:
		n = int64(x)
	case int64:
		n = x
	case uint32:
		n = int64(x)
	case uint64:
		if n = int64(x); n < 0 {
			return false
		}
	case protoreflect.EnumNumber:
		n = int64(x)
	}
	switch sameTextKind(g.Kind()) {
	case protoreflect.BoolKind:
		return n == 0 || n == 1
	case protoreflect.Uint32Kind:
		return n >= 0 && n < 1<<32
	case protoreflect.EnumKind:
		return n == int64(int32(n)) && g.Enum().Values().ByNumber(protoreflect.EnumNumber(n)) != nil
	}
	return n == int64(int32(n))
}

// sameDocument compares a string with the text of another kind.
func sameDocument(f, g protoreflect.FieldDescriptor, v, u protoreflect.Value) string {
	if spell(f, v) != spell(g, u) {
		return "text is none"
	}
	return ""
}

func spell(f protoreflect.FieldDescriptor, v protoreflect.Value) string {
	switch f.Kind() {
	case protoreflect.EnumKind:
		if named := f.Enum().Values().ByNumber(v.Enum()); named != nil {
			return string(named.Name())
		}
	case protoreflect.StringKind, protoreflect.BytesKind:
		return string(textOf(v))
	}
	return fmt.Sprint(v.Interface())
}

// sameTextKind: the kinds that have one text.
func sameTextKind(k protoreflect.Kind) protoreflect.Kind {
	switch k {
	case protoreflect.Sint32Kind, protoreflect.Sfixed32Kind:
		return protoreflect.Int32Kind
	case protoreflect.Sint64Kind, protoreflect.Sfixed64Kind:
		return protoreflect.Int64Kind
	case protoreflect.Fixed32Kind:
		return protoreflect.Uint32Kind
	case protoreflect.Fixed64Kind:
		return protoreflect.Uint64Kind
	}
	return k
}

// bits says whether an enum names 0 and 1 alone.
func bits(e protoreflect.EnumDescriptor) bool {
	values := e.Values()
	return values.Len() == 2 && values.ByNumber(0) != nil && values.ByNumber(1) != nil
}
