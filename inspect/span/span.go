// Package span says where a thing lies in some bytes and what is wrong with
// it. It holds the one error type of everything that reads input: Problem.
//
// It knows nothing of protobuf; every other package under inspect uses it.
package span

// Unknown stands for an offset that has no meaning: bytes that do not lie in
// the input as they are (decompressed, unescaped), or text without a payload.
const Unknown = -1

// Span is a run of bytes: Offset in bytes from a stated start, Length in bytes.
type Span struct {
	Offset int64
	Length int64
}

// End is the offset of the first byte after the span.
func (s Span) End() int64 { return s.Offset + s.Length }

// Sub is the span of data[from:to] within s.
func (s Span) Sub(from, to int) Span {
	return Span{Offset: s.Offset + int64(from), Length: int64(to - from)}
}
