package transcode

import (
	"github.com/pbscope/pbscope/inspect/plan"
	"github.com/pbscope/pbscope/inspect/span"
)

// EncodeOptions say how JSON text is read. The spellings that a Decoder can
// be told to print (numbers, names, enums) are read without being told.
type EncodeOptions struct {
	// BytesHex reads bytes fields as hex in place of base64.
	BytesHex bool
	// IgnoreUnknownKeys passes over keys that are no field of the message and
	// over enum names that are no value of the enum.
	IgnoreUnknownKeys bool
	// MaxDepth is how many levels of messages and groups may nest, the top one
	// included; 0 is DefaultMaxDepth.
	MaxDepth int
}

// Encoder turns JSON documents into messages. It keeps buffers from one
// document to the next and is not safe for concurrent use.
type Encoder struct {
	o EncodeOptions
}

// NewEncoder is an encoder with its own buffers.
func NewEncoder(o EncodeOptions) *Encoder { return &Encoder{o: o} }

// Append appends the wire form of one JSON document read as m; m nil reads a
// schema-less {"@unknown":[…]}. A problem carries the byte offset in doc, the
// line and column there, the key and the path; dst is then returned as it came.
func (e *Encoder) Append(dst []byte, m *plan.Message, doc []byte) ([]byte, *span.Problem) {
	return dst, span.New(span.InvalidJSON, 0, "no message")
}
