package conform

import (
	"errors"

	"github.com/pbscope/pbscope/inspect/message"
	"github.com/pbscope/pbscope/inspect/plan"
	"github.com/pbscope/pbscope/inspect/transcode"
)

// parse reads the payload of a request: the wire form of its message. Binary
// input is read by the decoder, and what comes of it encoded again, so that
// the answer shows what the engines made of the bytes and not the bytes.
func (s *Server) parse(m *plan.Message, q request) ([]byte, error) {
	switch q.payloadField {
	case jsonPayload:
		e := s.strict
		if q.category == ignoreUnknownJSON {
			e = s.lax
		}
		wire, p := e.Append(nil, m, q.payload)
		if p != nil {
			return nil, p
		}
		return wire, nil
	case textPayload:
		wire, p := transcode.ParseText(nil, m, q.payload, transcode.TextOptions{})
		if p != nil {
			return nil, p
		}
		return wire, nil
	}
	return s.canonical(m, q.payload)
}

// canonical is the message of wire in canonical bytes.
func (s *Server) canonical(m *plan.Message, wire []byte) ([]byte, error) {
	doc, _, ok := s.toWire.Append(nil, m, wire)
	if !ok {
		if p := message.Diagnose(m, wire, message.Options{}); p != nil {
			return nil, p
		}
		return nil, errors.New("the payload does not decode")
	}
	canonical, p := s.strict.Append(nil, m, doc)
	if p != nil {
		return nil, p
	}
	return canonical, nil
}

// write is the response that gives the message of wire in the form that the
// request asks for.
func (s *Server) write(m *plan.Message, q request, wire []byte) []byte {
	switch q.output {
	case protobufOutput:
		return appendResult(nil, protobufResult, wire)
	case jsonOutput:
		doc, failed, ok := s.toJSON.Append(nil, m, wire)
		if !ok || failed > 0 {
			return appendResult(nil, serializeError, "the message has no JSON form")
		}
		return appendResult(nil, jsonResult, doc)
	case textOutput:
		o := transcode.TextOptions{}
		if !q.printUnknown {
			o.Unknown = transcode.DropUnknown
		}
		text, ok := transcode.AppendText(nil, m, wire, o)
		if !ok {
			return appendResult(nil, serializeError, "the message has no text form")
		}
		return appendResult(nil, textResult, text)
	}
	return appendResult(nil, runtimeError, "the request names no output format")
}
