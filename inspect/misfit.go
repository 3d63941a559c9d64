package inspect

import (
	"github.com/pbscope/pbscope/inspect/plan"
	"github.com/pbscope/pbscope/inspect/transcode"
	"github.com/pbscope/pbscope/inspect/wire"
)

// Misfits says whether a message hardly is of type m: it does not decode, or
// half of its bytes or more belong to fields that m does not know. A field or
// two that are new are no misfit.
func Misfits(m *plan.Message, message []byte) bool {
	strict := transcode.NewDecoder(transcode.Options{Unknown: transcode.RefuseUnknown})
	if _, _, ok := strict.Append(nil, m, message); ok {
		return false
	}
	if _, _, ok := transcode.NewDecoder(transcode.Options{Unknown: transcode.DropUnknown}).Append(nil, m, message); !ok {
		return true
	}
	return 2*unknownBytes(m, message, misfitLevels) >= len(message)
}

// misfitLevels is how deep messages within messages are looked into.
const misfitLevels = 100

// unknownBytes is how many bytes of a message that decodes belong to fields
// that m, or the types of the messages in it, do not know.
func unknownBytes(m *plan.Message, message []byte, levels int) (unknown int) {
	for len(message) > 0 {
		number, typ, head, code := wire.ConsumeTag(message)
		if code != wire.OK {
			return unknown
		}
		size, code := wire.SkipValue(message[head:], number, typ, transcode.DefaultMaxDepth)
		if code != wire.OK {
			return unknown
		}
		f := m.Field(number)
		switch {
		case f == nil || wire.Type(f.WireType) != typ && !(f.Packable && typ == wire.Len):
			unknown += head + size
		case typ == wire.Len && levels > 0 && f.Message() != nil:
			content, _, _, _ := wire.ConsumeLen(message[head:])
			unknown += unknownBytes(f.Message(), content, levels-1)
		}
		message = message[head+size:]
	}
	return unknown
}
