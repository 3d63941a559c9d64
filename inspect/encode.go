package inspect

import (
	"bytes"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/inspect/frame"
	"github.com/pbscope/pbscope/inspect/plan"
	"github.com/pbscope/pbscope/inspect/span"
	"github.com/pbscope/pbscope/inspect/transcode"
)

// EncodeOptions say how documents become messages.
type EncodeOptions struct {
	// FromText reads text format in place of JSON.
	FromText bool
	Options  transcode.EncodeOptions
	Text     transcode.TextOptions
	// Envelope reads each document as an envelope: the message is its value,
	// the metadata goes to the form that is written.
	Envelope bool
	// Set is where an envelope's own type is looked up; nil without a schema.
	Set *plan.Set
	// Type is the message type of documents that name none; nil without one.
	Type *plan.Message
}

// Encoder is the Worker that turns documents into messages.
type Encoder struct {
	o    EncodeOptions
	fast *transcode.Encoder
}

// NewEncoder is a worker for one goroutine.
func NewEncoder(o EncodeOptions) *Encoder {
	return &Encoder{o: o, fast: transcode.NewEncoder(o.Options)}
}

// Work implements Worker. A document that cannot be read is reported and
// leaves nothing in the output.
func (e *Encoder) Work(dst []byte, _ *Source, f *frame.Frame, rec *Record) []byte {
	if f.Problem != nil {
		rec.Problem, rec.Drop = f.Problem, true
		return dst
	}
	document := *f
	rec.document = origin{document.Offset, document.Line, document.Column}
	*f = frame.Frame{Offset: span.Unknown, PayloadOffset: span.Unknown}
	out, p := e.encode(dst, &document, f)
	if p != nil {
		rec.Problem, rec.Drop = inDocument(p, &document), true
		return dst
	}
	return out
}

func (e *Encoder) encode(dst []byte, document, f *frame.Frame) ([]byte, *span.Problem) {
	switch {
	case e.o.FromText:
		return e.text(dst, document.Payload, f)
	case e.o.Envelope:
		return e.envelope(dst, document.Payload, f)
	}
	if raw, ofFrame, ok := transcode.ErrorRecord(document.Payload); ok {
		return appendRaw(dst, raw, ofFrame, f), nil
	}
	if isNull(document.Payload) && !takesNull(e.o.Type) {
		f.Null = true
		return dst, nil
	}
	out, p := e.fast.Append(dst, e.o.Type, document.Payload)
	if p != nil && p.Hint == "" && p.Offset == 0 && bytes.HasPrefix(document.Payload, []byte("[")) {
		p.Hint = "each element of a list is a document of its own: jq -c '.[]' takes them out"
	}
	return out, p
}

// text reads text format, and the comments that decode prints in place of a
// message.
func (e *Encoder) text(dst, document []byte, f *frame.Frame) ([]byte, *span.Problem) {
	switch {
	case string(document) == textNull:
		f.Null = true
		return dst, nil
	case bytes.HasPrefix(document, []byte(textError)):
		p := span.New(span.InvalidText, 0, "a record that did not decode: text format has no bytes of it")
		p.Line, p.Column = 1, 1
		p.Hint = "take JSON, which keeps them under @raw"
		return dst, p
	}
	return transcode.ParseText(dst, e.o.Type, document, e.o.Text)
}

// envelope reads the metadata into f and encodes the value.
func (e *Encoder) envelope(dst, document []byte, f *frame.Frame) ([]byte, *span.Problem) {
	env, p := ParseEnvelope(document)
	if p != nil {
		return dst, p
	}
	f.Meta, f.Type = env.Meta, env.Type
	if env.Error {
		dst = appendRaw(dst, env.Raw, env.ErrorOfFrame, f)
		if f.Problem != nil && len(env.Raw) == 0 {
			f.Problem.Length = env.Length
		}
		return dst, nil
	}
	if !HasMessage(f) {
		return dst, nil
	}
	if env.Value == nil {
		p := span.New(span.InvalidJSON, 0, `the envelope has neither "value" nor "error"`)
		p.Line, p.Column = 1, 1
		p.Hint = "if these are bare messages, give --bare in place of --envelope"
		return dst, p
	}
	m, p := e.typeOf(env)
	if p != nil {
		return dst, within(p, document, env.ValueOffset)
	}
	if isNull(env.Value) && !takesNull(m) {
		f.Null = true
		return dst, nil
	}
	out, p := e.fast.Append(dst, m, env.Value)
	if p != nil {
		return dst, within(p, document, env.ValueOffset)
	}
	return out, nil
}

func (e *Encoder) typeOf(env *Envelope) (*plan.Message, *span.Problem) {
	if env.Type == "" {
		if e.o.Type != nil && env.Meta != nil && env.Meta.TWS != nil {
			return nil, nil
		}
		return e.o.Type, nil
	}
	if e.o.Set != nil {
		if m := e.o.Set.Named(env.Type); m != nil {
			return m, nil
		}
	}
	if e.o.Type != nil && e.o.Type.Name == protoreflect.FullName(env.Type) {
		return e.o.Type, nil
	}
	p := span.New(span.UnknownType, 0, "message type "+string(env.Type)+" is not in the schema")
	p.Line, p.Column = 1, 1
	p.Hint = "give the schema that has it with -I, -p or -d"
	return nil, p
}

func appendRaw(dst, raw []byte, ofFrame bool, f *frame.Frame) []byte {
	if ofFrame {
		f.Problem = span.InInput(span.InvalidFrame, span.Unknown, "a damaged frame, written as it was")
	}
	return append(dst, raw...)
}

func isNull(document []byte) bool { return string(document) == "null" }

// takesNull says that null is a message of the type: a google.protobuf.Value.
func takesNull(m *plan.Message) bool { return m != nil && m.WellKnown == plan.Value }

// within moves a problem of document[offset:] to document.
func within(p *span.Problem, document []byte, offset int) *span.Problem {
	q := *p
	if q.Offset >= 0 {
		q.Offset += int64(offset)
	}
	line, column := 1, 1
	for _, c := range document[:offset] {
		column++
		if c == '\n' {
			line, column = line+1, 1
		}
	}
	if q.Line <= 1 {
		q.Column += column - 1
	}
	q.Line += line - 1
	return &q
}

// inDocument moves a problem of a document to the input that it stands in.
func inDocument(p *span.Problem, document *frame.Frame) *span.Problem {
	q := p.At(document.Offset)
	if q.Line == 1 && document.Column > 1 {
		q.Column += document.Column - 1
	}
	if q.Line > 0 && document.Line > 1 {
		q.Line += document.Line - 1
	}
	return q
}
