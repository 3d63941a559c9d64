package conform

import (
	"fmt"

	"github.com/pbscope/pbscope/inspect/wire"
)

// Fields of conformance.ConformanceRequest.
const (
	protobufPayload wire.Number = 1
	jsonPayload     wire.Number = 2
	outputFormat    wire.Number = 3
	messageType     wire.Number = 4
	testCategory    wire.Number = 5
	jspbPayload     wire.Number = 7
	textPayload     wire.Number = 8
	printUnknown    wire.Number = 9
)

// Values of conformance.WireFormat, and the one conformance.TestCategory that
// changes how input is read.
const (
	protobufOutput    = 1
	jsonOutput        = 2
	jspbOutput        = 3
	textOutput        = 4
	ignoreUnknownJSON = 3
)

// Fields of conformance.ConformanceResponse; they are one oneof.
const (
	parseError     wire.Number = 1
	runtimeError   wire.Number = 2
	protobufResult wire.Number = 3
	jsonResult     wire.Number = 4
	skipped        wire.Number = 5
	serializeError wire.Number = 6
	textResult     wire.Number = 8
)

// request is what we need of a ConformanceRequest.
type request struct {
	payloadField wire.Number // of the oneof; 0 where none is set
	payload      []byte
	output       uint64
	messageType  string
	category     uint64
	printUnknown bool
}

// parseRequest reads a ConformanceRequest; what it does not know it passes
// over. problem is "" where the bytes are a message.
func parseRequest(b []byte) (q request, problem string) {
	for at := 0; at < len(b); {
		number, typ, n, code := wire.ConsumeTag(b[at:])
		if code == wire.OK {
			at += n
			n, code = q.field(b[at:], number, typ)
		}
		if code != wire.OK {
			return q, fmt.Sprintf("the request is no ConformanceRequest: %s at offset %d", code.Tag(), at)
		}
		at += n
	}
	return q, ""
}

// field reads the value of a field; n is its length.
func (q *request) field(b []byte, number wire.Number, typ wire.Type) (n int, code wire.Code) {
	var value uint64
	var content []byte
	switch typ {
	case wire.Varint:
		value, n, code = wire.ConsumeVarint(b)
		q.setVarint(number, value)
	case wire.Len:
		content, _, n, code = wire.ConsumeLen(b)
		q.setContent(number, content)
	default:
		const levels = 100
		return wire.SkipValue(b, number, typ, levels)
	}
	return n, code
}

func (q *request) setVarint(number wire.Number, value uint64) {
	switch number {
	case outputFormat:
		q.output = value
	case testCategory:
		q.category = value
	case printUnknown:
		q.printUnknown = value != 0
	}
}

func (q *request) setContent(number wire.Number, content []byte) {
	switch number {
	case protobufPayload, jsonPayload, jspbPayload, textPayload:
		q.payloadField, q.payload = number, content
	case messageType:
		q.messageType = string(content)
	}
}

// appendResult appends a ConformanceResponse with that one field.
func appendResult[T string | []byte](dst []byte, field wire.Number, content T) []byte {
	dst = wire.AppendTag(dst, field, wire.Len)
	dst = wire.AppendVarint(dst, uint64(len(content)))
	return append(dst, content...)
}
