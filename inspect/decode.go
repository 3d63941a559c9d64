package inspect

import (
	"encoding/base64"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/inspect/frame"
	"github.com/pbscope/pbscope/inspect/message"
	"github.com/pbscope/pbscope/inspect/plan"
	"github.com/pbscope/pbscope/inspect/span"
	"github.com/pbscope/pbscope/inspect/transcode"
)

// Output is what decode makes of a record.
type Output uint8

// The outputs of decode.
const (
	// OutputJSON is one line of JSON a record.
	OutputJSON Output = iota
	// OutputText is text format.
	OutputText
	// OutputFrames is the payload itself, for a framed form to write.
	OutputFrames
)

// DecodeOptions say how records become output.
type DecodeOptions struct {
	Output  Output
	Options transcode.Options
	Text    transcode.TextOptions
	// Envelope puts each message into an object with its metadata.
	Envelope bool
	// Set is where a frame's own type is looked up; nil without a schema.
	Set *plan.Set
	// Type is the message type of frames that name none; nil without one.
	Type *plan.Message
	// Finish, when set, has the last word on a record's JSON, compact and
	// without the line feed: it appends what is to be printed (indented, say).
	Finish func(dst, compact []byte) []byte
}

// Decoder is the Worker that turns frames into messages.
type Decoder struct {
	o       DecodeOptions
	fast    *transcode.Decoder
	scratch []byte
}

// NewDecoder is a worker for one goroutine.
func NewDecoder(o DecodeOptions) *Decoder {
	return &Decoder{o: o, fast: transcode.NewDecoder(o.Options)}
}

// Work implements Worker.
func (d *Decoder) Work(dst []byte, s *Source, f *frame.Frame, rec *Record) []byte {
	switch d.o.Output {
	case OutputFrames:
		d.check(f, rec)
		if f.Problem != nil && f.Payload == nil {
			rec.Drop = true
		}
		return append(dst, f.Payload...)
	case OutputText:
		return d.text(dst, f, rec)
	}
	if d.o.Finish != nil {
		d.scratch = d.json(d.scratch[:0], s, f, rec)
		return append(d.o.Finish(dst, d.scratch), '\n')
	}
	return append(d.json(dst, s, f, rec), '\n')
}

// typeOf is the type of a frame: its own if the schema has it, else the one
// that was given for all.
func (d *Decoder) typeOf(f *frame.Frame) *plan.Message {
	if f.Type != "" && d.o.Set != nil {
		if m := d.o.Set.Named(f.Type); m != nil {
			return m
		}
	}
	if f.Type != "" && d.o.Type != nil && d.o.Type.Name != protoreflect.FullName(f.Type) {
		return nil
	}
	return d.o.Type
}

func (d *Decoder) json(dst []byte, s *Source, f *frame.Frame, rec *Record) []byte {
	if !d.o.Envelope && !s.Envelope {
		return d.bare(dst, f, rec)
	}
	m := d.typeOf(f)
	typeName := ""
	if m != nil && hasMessage(f) {
		typeName = string(m.Name)
	}
	dst = AppendEnvelopeHead(dst, s.Name, f, typeName)
	switch {
	case f.Problem != nil:
		return d.failed(dst, f.Payload, f.Problem, rec)
	case !hasMessage(f):
		return append(appendOwnValue(dst, f), '}')
	case f.Null:
		return append(AppendMember(dst, "value"), "null}"...)
	}
	head := len(dst)
	dst = AppendMember(dst, "value")
	d.fast.SetBase(f.PayloadOffset)
	out, failed, ok := d.fast.Append(dst, m, f.Payload)
	if ok {
		rec.Failed = failed
		return append(out, '}')
	}
	return d.failed(dst[:head], f.Payload, d.diagnose(m, f), rec)
}

// failed ends an envelope with an error in place of the value.
func (d *Decoder) failed(dst, raw []byte, p *span.Problem, rec *Record) []byte {
	rec.Problem = p
	dst = p.AppendJSON(AppendMember(dst, "error"))
	if raw != nil {
		dst = append(AppendMember(dst, "raw"), '"')
		dst = append(base64.StdEncoding.AppendEncode(dst, raw), '"')
	}
	return append(dst, '}')
}

func (d *Decoder) bare(dst []byte, f *frame.Frame, rec *Record) []byte {
	switch {
	case f.Problem != nil:
		rec.Problem = f.Problem
		return appendErrorRecord(dst, f.Problem, f.Payload)
	case !hasMessage(f):
		return append(appendOwnValue(append(dst, '{'), f), '}')
	case f.Null:
		return append(dst, "null"...)
	}
	m := d.typeOf(f)
	d.fast.SetBase(f.PayloadOffset)
	out, failed, ok := d.fast.Append(dst, m, f.Payload)
	if ok {
		rec.Failed = failed
		return out
	}
	rec.Problem = d.diagnose(m, f)
	return appendErrorRecord(dst, rec.Problem, f.Payload)
}

func appendErrorRecord(dst []byte, p *span.Problem, raw []byte) []byte {
	dst = p.AppendJSON(append(dst, `{"@error":`...))
	if raw != nil {
		dst = append(dst, `,"@raw":"`...)
		dst = append(base64.StdEncoding.AppendEncode(dst, raw), '"')
	}
	return append(dst, '}')
}

// diagnose asks the explaining engine why the fast one refused a payload.
func (d *Decoder) diagnose(m *plan.Message, f *frame.Frame) *span.Problem {
	p := message.Diagnose(m, f.Payload, message.Options{
		MaxDepth:      d.o.Options.MaxDepth,
		RefuseUnknown: d.o.Options.Unknown == transcode.RefuseUnknown,
	})
	if p == nil {
		// The engines disagree: a defect of ours, which must not lose data.
		p = span.New(span.InvalidFrame, 0, "the two decoding engines disagree about this message; please report it")
	}
	return p.At(f.PayloadOffset)
}

// check decodes a payload only to see whether it can be.
func (d *Decoder) check(f *frame.Frame, rec *Record) {
	if f.Problem != nil {
		rec.Problem = f.Problem
		return
	}
	if f.Null || !hasMessage(f) {
		return
	}
	m := d.typeOf(f)
	out, failed, ok := d.fast.Append(d.scratch[:0], m, f.Payload)
	d.scratch = out[:0]
	rec.Failed = failed
	if !ok {
		rec.Problem = d.diagnose(m, f)
	}
}

func (d *Decoder) text(dst []byte, f *frame.Frame, rec *Record) []byte {
	switch {
	case f.Problem != nil:
		rec.Problem = f.Problem
		return appendTextError(dst, f.Problem)
	case f.Null:
		return append(dst, textNull...)
	case !hasMessage(f):
		return append(append(appendOwnValue(append(dst, "# {"...), f), '}'), '\n')
	}
	m := d.typeOf(f)
	out, ok := transcode.AppendText(dst, m, f.Payload, d.o.Text)
	if ok {
		return out
	}
	rec.Problem = d.diagnose(m, f)
	return appendTextError(dst, rec.Problem)
}

// What stands in text output in place of a message: a comment, which encode
// knows.
const (
	textNull  = "# null\n"
	textError = "# error "
)

func appendTextError(dst []byte, p *span.Problem) []byte {
	return append(p.AppendJSON(append(dst, textError...)), '\n')
}

// hasMessage is false for frames that carry something else than a protobuf
// message: the handshakes and text messages of the TWS API.
func hasMessage(f *frame.Frame) bool {
	if f.Meta == nil || f.Meta.TWS == nil {
		return true
	}
	return f.Meta.TWS.Kind == "message" && f.Meta.TWS.Encoding == "protobuf"
}

// appendOwnValue appends the members that stand in place of "value" where the
// frame carries no protobuf message.
func appendOwnValue(dst []byte, f *frame.Frame) []byte {
	t := f.Meta.TWS
	if t.Value != nil {
		return append(AppendMember(dst, "value"), t.Value...)
	}
	if t.Encoding != "text" {
		return dst
	}
	dst = append(AppendMember(dst, "fields"), '[')
	for i, field := range t.Fields {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = span.AppendQuoted(dst, field)
	}
	return append(dst, ']')
}
