package inspect

import (
	"bytes"
	"strconv"

	"github.com/pbscope/pbscope/inspect/message"
	"github.com/pbscope/pbscope/inspect/plan"
	"github.com/pbscope/pbscope/inspect/span"
	"github.com/pbscope/pbscope/inspect/transcode"
)

// verifier reads every message a second time with the explaining engine and
// compares the JSON of both byte for byte; of lossless JSON it shows besides
// that it encodes to the very payload. The two engines have no code for reading
// or printing in common, so that a fault of one is not a fault of the other.
type verifier struct {
	lossless bool
	plain    *transcode.Decoder // without @wire, which the explaining engine does not print
	encode   *transcode.Encoder
	explain  message.JSONOptions
	fast     []byte
	slow     []byte
}

func newVerifier(o transcode.Options) *verifier {
	v := &verifier{
		lossless: o.Lossless,
		encode:   transcode.NewEncoder(transcode.EncodeOptions{BytesHex: o.BytesHex, MaxDepth: o.MaxDepth}),
		explain: message.JSONOptions{
			Options:      message.Options{MaxDepth: o.MaxDepth, RefuseUnknown: o.Unknown == transcode.RefuseUnknown},
			DropUnknown:  o.Unknown == transcode.DropUnknown,
			Int64Numbers: o.Int64Numbers, BytesHex: o.BytesHex, ProtoNames: o.ProtoNames, EnumNumbers: o.EnumNumbers,
			Defaults: o.Defaults, Sort: o.Sort,
		},
	}
	o.Lossless = false
	v.plain = transcode.NewDecoder(o)
	return v
}

// check says where the engines differ about payload, which begins base bytes
// into its input; nil where they agree. doc is what the fast engine has
// printed of it, nil if that was no JSON.
func (v *verifier) check(m *plan.Message, payload []byte, base int64, doc []byte) *span.Problem {
	v.explain.Base = base
	v.plain.SetBase(base)
	fast, failed, ok := v.plain.Append(v.fast[:0], m, payload)
	slow, slowFailed, slowOK := message.AppendJSON(v.slow[:0], m, payload, v.explain)
	v.fast, v.slow = fast, slow
	switch {
	case ok != slowOK:
		return differ("one accepts this message, the other refuses it")
	case !ok:
		return nil
	case failed != slowFailed || !bytes.Equal(fast, slow):
		return differ(difference(fast, slow))
	case doc == nil || !v.lossless:
		return nil
	}
	raw, _, isError := transcode.ErrorRecord(doc)
	if !isError {
		var p *span.Problem
		if raw, p = v.encode.Append(v.fast[:0], m, doc); p != nil {
			return differ("what decode prints of this message encode refuses: " + p.Message)
		}
		v.fast = raw
	}
	if !bytes.Equal(raw, payload) {
		return differ("the lossless JSON of this message does not encode to its bytes")
	}
	return nil
}

func differ(message string) *span.Problem {
	p := span.New(span.EnginesDiffer, 0, message)
	p.Hint = "this is a defect of pbscope: please report it with the bytes and the schema"
	return p
}

// difference shows the first place where two texts differ.
func difference(a, b []byte) string {
	const before, after = 20, 40
	at := 0
	for at < len(a) && at < len(b) && a[at] == b[at] {
		at++
	}
	show := func(text []byte) string {
		from, to := max(0, at-before), min(len(text), at+after)
		return strconv.Quote(string(text[min(from, to):to]))
	}
	return "they print this message differently from byte " + strconv.Itoa(at) + " of its JSON on: the fast one " + show(a) + ", the explaining one " + show(b)
}
