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
	// Verify has every message read by both engines: where they differ, the
	// record fails.
	Verify bool
	// Finish, when set, has the last word on a record's JSON, compact and
	// without the line feed: it appends what is to be printed (indented, say).
	Finish func(dst, compact []byte) []byte
}

// Decoder is the Worker that turns frames into messages.
type Decoder struct {
	o       DecodeOptions
	fast    *transcode.Decoder
	verify  *verifier // nil without Verify
	scratch []byte
}

// NewDecoder is a worker for one goroutine.
func NewDecoder(o DecodeOptions) *Decoder {
	d := &Decoder{o: o, fast: transcode.NewDecoder(o.Options)}
	if o.Verify {
		d.verify = newVerifier(o.Options)
	}
	return d
}

// Work implements Worker.
func (d *Decoder) Work(dst []byte, s *Source, f *frame.Frame, rec *Record) []byte {
	switch d.o.Output {
	case OutputFrames:
		d.check(f, rec)
		if f.Problem != nil && f.Payload == nil && (f.Meta == nil || f.Meta.TCP == nil) {
			rec.Drop = true
		}
		return append(dst, f.Payload...)
	case OutputText:
		return d.text(dst, f, rec)
	}
	if d.o.Finish != nil {
		compact := d.json(d.scratch[:0], s, f, rec)
		d.keep(compact)
		return append(d.o.Finish(dst, compact), '\n')
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
	if m != nil && HasMessage(f) {
		typeName = string(m.Name)
	}
	dst = AppendEnvelopeHead(dst, s.Name, f, typeName)
	switch {
	case f.Problem != nil:
		return d.failed(dst, f.Payload, f.Problem, rec)
	case !HasMessage(f):
		return append(appendOwnValue(dst, f), '}')
	case f.Null:
		return append(AppendMember(dst, "value"), "null}"...)
	}
	head := len(dst)
	dst = AppendMember(dst, "value")
	out, p := d.value(dst, m, f, rec)
	if p == nil {
		return append(out, '}')
	}
	return d.failed(out[:head], f.Payload, p, rec)
}

// value appends the message of f, or says why there is none.
func (d *Decoder) value(dst []byte, m *plan.Message, f *frame.Frame, rec *Record) ([]byte, *span.Problem) {
	d.fast.SetBase(f.PayloadOffset)
	start := len(dst)
	out, failed, ok := d.fast.Append(dst, m, f.Payload)
	if p := d.verified(m, f, out[start:]); p != nil {
		return out[:start], p
	}
	if !ok {
		return out, d.diagnose(m, f)
	}
	rec.Failed = failed
	return out, nil
}

// verified is where the engines differ about f, if that is asked for; doc is
// what the fast one has printed.
func (d *Decoder) verified(m *plan.Message, f *frame.Frame, doc []byte) *span.Problem {
	if d.verify == nil {
		return nil
	}
	p := d.verify.check(m, f.Payload, f.PayloadOffset, doc)
	if p != nil {
		p = p.At(f.PayloadOffset)
	}
	return p
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
	case !HasMessage(f):
		return append(appendOwnValue(append(dst, '{'), f), '}')
	case f.Null:
		return append(dst, "null"...)
	}
	out, p := d.value(dst, d.typeOf(f), f, rec)
	if p == nil {
		return out
	}
	rec.Problem = p
	return appendErrorRecord(out, p, f.Payload)
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
		p = differ("one refuses this message, the other accepts it")
	}
	d.hintTWS(p, m, f)
	return p.At(f.PayloadOffset)
}

// check decodes a payload only to see whether it can be.
func (d *Decoder) check(f *frame.Frame, rec *Record) {
	if f.Problem != nil {
		rec.Problem = f.Problem
		return
	}
	if f.Null || !HasMessage(f) {
		return
	}
	m := d.typeOf(f)
	out, failed, ok := d.fast.Append(d.scratch[:0], m, f.Payload)
	d.scratch = out[:0]
	rec.Failed = failed
	switch p := d.verified(m, f, nil); {
	case p != nil:
		rec.Problem = p
	case !ok:
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
	case !HasMessage(f):
		return append(append(appendOwnValue(append(dst, "# {"...), f), '}'), '\n')
	}
	m := d.typeOf(f)
	if rec.Problem = d.verified(m, f, nil); rec.Problem != nil {
		return appendTextError(dst, rec.Problem)
	}
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

// HasMessage is false for frames that carry something else than a protobuf
// message: the handshakes and text messages of the TWS API.
func HasMessage(f *frame.Frame) bool {
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
	dst = append(dst, ']')
	if len(t.Names) == 0 {
		return dst
	}
	dst = append(dst, `,"named":{`...)
	for i, name := range t.Names {
		dst = span.AppendQuoted(AppendMember(dst, name), t.Fields[i])
	}
	return append(dst, '}')
}
