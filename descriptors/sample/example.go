package sample

import (
	"math"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/inspect/plan"
)

// example chooses every field, one element a list, and values that say which
// field they stand in.
type example struct {
	oneofs oneofs
}

func (e *example) choose(m *plan.Message, fields []*plan.Field) []*plan.Field {
	var members map[int][]*plan.Field
	kept := fields[:0]
	for _, f := range fields {
		if f.Oneof == 0 {
			kept = append(kept, f)
			continue
		}
		if members == nil {
			members = make(map[int][]*plan.Field)
		}
		members[f.Oneof] = append(members[f.Oneof], f)
	}
	for oneof := 1; oneof <= m.Oneofs; oneof++ {
		if all := members[oneof]; len(all) > 0 {
			kept = append(kept, e.oneofs.member(oneof, all))
		}
	}
	return kept
}

func (e *example) length(*plan.Field) int { return 1 }
func (e *example) enter(f *plan.Field)    { e.oneofs.enter(f.Number) }
func (e *example) leave()                 { e.oneofs.leave() }

// exampleTime is the point in time of examples, in Unix seconds: 15 January
// 2024, 10:30 UTC.
const exampleTime = 1705314600

func (e *example) timestamp() (int64, int32) { return exampleTime, 0 }
func (e *example) duration() (int64, int32)  { return 1, 500_000_000 }
func (e *example) mask() []string            { return []string{"name", "display_name"} }
func (e *example) value(bool) int            { return valueString }

func (e *example) any(types []*plan.Message) *plan.Message {
	if len(types) == 0 {
		return nil
	}
	return types[0]
}

func (e *example) number(f *plan.Field) uint64 {
	if f.Desc.HasDefault() {
		return defaultNumber(f)
	}
	switch f.Kind {
	case protoreflect.BoolKind:
		return 1
	case protoreflect.EnumKind:
		return uint64(int64(exampleEnum(f)))
	case protoreflect.FloatKind:
		return uint64(math.Float32bits(1.5))
	case protoreflect.DoubleKind:
		return math.Float64bits(1.5)
	case protoreflect.Int64Kind, protoreflect.Uint64Kind, protoreflect.Fixed64Kind, protoreflect.Sfixed64Kind, protoreflect.Sint64Kind:
		if unit := timeUnit(string(f.Desc.Name())); unit > 0 {
			return uint64(exampleTime * unit)
		}
	}
	return 1
}

// defaultNumber is the default that the schema gives to a field.
func defaultNumber(f *plan.Field) uint64 {
	v := f.Desc.Default()
	switch f.Kind {
	case protoreflect.BoolKind:
		if v.Bool() {
			return 1
		}
		return 0
	case protoreflect.EnumKind:
		return uint64(int64(v.Enum()))
	case protoreflect.FloatKind:
		return uint64(math.Float32bits(float32(v.Float())))
	case protoreflect.DoubleKind:
		return math.Float64bits(v.Float())
	case protoreflect.Uint32Kind, protoreflect.Uint64Kind, protoreflect.Fixed32Kind, protoreflect.Fixed64Kind:
		return v.Uint()
	}
	return uint64(v.Int())
}

// exampleEnum is the first value that says something: in most enums 0 stands
// for none.
func exampleEnum(f *plan.Field) int32 {
	values := f.Enum.Desc.Values()
	for i := range values.Len() {
		if n := values.Get(i).Number(); n != 0 {
			return int32(n)
		}
	}
	return f.Enum.First
}

func (e *example) text(dst []byte, f *plan.Field) []byte {
	if f.Desc.HasDefault() {
		return append(dst, f.Desc.Default().String()...)
	}
	return append(dst, exampleText(string(f.Desc.Name()))...)
}

// exampleText is a text that fits a field's name, or the name itself.
func exampleText(name string) string {
	switch meaningOf(name) {
	case email:
		return "user@example.com"
	case url:
		return "https://example.com/"
	case uuid:
		return "123e4567-e89b-12d3-a456-426614174000"
	case currency:
		return "EUR"
	case language:
		return "en"
	case country:
		return "US"
	case timeZone:
		return "Europe/Berlin"
	case date:
		return "2024-01-15"
	case address:
		return "192.0.2.1"
	}
	return strings.ReplaceAll(name, "_", " ")
}

func (e *example) bytes(dst []byte, f *plan.Field) []byte {
	if f.Desc.HasDefault() {
		return append(dst, f.Desc.Default().Bytes()...)
	}
	return append(dst, f.Desc.Name()...)
}
