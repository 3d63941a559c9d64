package inspect

import (
	"github.com/pbscope/pbscope/inspect/frame"
	"github.com/pbscope/pbscope/inspect/message"
	"github.com/pbscope/pbscope/inspect/render"
	"github.com/pbscope/pbscope/inspect/span"
	"github.com/pbscope/pbscope/inspect/transcode"
)

// ExplainOptions say how messages are explained.
type ExplainOptions struct {
	// Decode has the types, the limits and, for JSON, what has the last word.
	// Its Envelope adds what the framing carries beside each message.
	Decode DecodeOptions
	// Message is how payloads are read.
	Message message.Options
	// JSON prints each message as an object of the output contract.
	JSON bool
	// Tree is how trees are laid out for people; Base and Title are set for
	// each message.
	Tree render.TreeOptions
}

// Explainer is the Worker that explains every byte of its frames.
type Explainer struct {
	o       ExplainOptions
	decoder Decoder
	scratch []byte
}

// NewExplainer is a worker for one goroutine.
func NewExplainer(o ExplainOptions) *Explainer {
	o.Message.MaxDepth = o.Decode.Options.MaxDepth
	o.Message.RefuseUnknown = o.Decode.Options.Unknown == transcode.RefuseUnknown
	return &Explainer{o: o, decoder: Decoder{o: o.Decode}}
}

// Work implements Worker.
func (e *Explainer) Work(dst []byte, s *Source, f *frame.Frame, rec *Record) []byte {
	tree, base := e.tree(f)
	if p := tree.Problem; p != nil {
		if rec.Problem = p; f.Problem == nil {
			e.decoder.hintTWS(p, e.decoder.typeOf(f), f)
			rec.Problem = p.At(base)
		}
	}
	if !e.o.JSON {
		return e.text(dst, s, f, tree, base)
	}
	if e.o.Decode.Finish != nil {
		e.scratch = e.json(e.scratch[:0], s, f, tree, base)
		return append(e.o.Decode.Finish(dst, e.scratch), '\n')
	}
	return append(e.json(dst, s, f, tree, base), '\n')
}

// tree is the explanation of a frame, and where its bytes begin in the input.
func (e *Explainer) tree(f *frame.Frame) (*message.Tree, int64) {
	switch {
	case f.Problem != nil:
		return message.Damaged(f.Payload, f.Problem), f.Offset
	case f.Null, !HasMessage(f):
		return new(message.Tree), f.PayloadOffset
	}
	return message.Explain(e.decoder.typeOf(f), f.Payload, e.o.Message), f.PayloadOffset
}

func (e *Explainer) text(dst []byte, s *Source, f *frame.Frame, tree *message.Tree, base int64) []byte {
	if e.o.Decode.Envelope || s.Envelope {
		head := AppendEnvelopeHead(nil, s.Name, f, "")
		if !f.Null && !HasMessage(f) {
			head = appendOwnValue(head, f)
		}
		dst = append(render.AppendIndented(dst, append(head, '}'), render.JSONStyle{Color: e.o.Tree.Color}), '\n')
	}
	o := e.o.Tree
	o.Base = base
	switch {
	case f.Problem != nil:
		o.Title = "damaged frame"
	case f.Null:
		o.Title = "null, no message"
	case !HasMessage(f):
		o.Title = "no protobuf message"
	case f.Type != "" && tree.Type == nil:
		o.Title = "message of the type " + string(f.Type) + ", which the schema does not have"
	}
	return render.AppendTree(dst, tree, o)
}

// json is the object of a message. After the keys of the contract stand null
// for a frame without a message, and the envelope or the source.
func (e *Explainer) json(dst []byte, s *Source, f *frame.Frame, tree *message.Tree, base int64) []byte {
	dst = render.AppendTreeJSON(dst, tree, base)
	dst = dst[:len(dst)-1]
	if f.Null {
		dst = append(AppendMember(dst, "null"), "true"...)
	}
	switch {
	case e.o.Decode.Envelope || s.Envelope:
		dst = AppendEnvelopeHead(AppendMember(dst, "envelope"), s.Name, f, "")
		if !f.Null && !HasMessage(f) {
			dst = appendOwnValue(dst, f)
		}
		dst = append(dst, '}')
	case s.Name != "":
		dst = span.AppendQuoted(AppendMember(dst, "source"), s.Name)
	}
	return append(dst, '}')
}
