// Package span says where a thing lies in some bytes and what is wrong with
// it. It holds the one error type of everything that reads input: Problem.
//
// It knows nothing of protobuf; every other package under inspect uses it.
package span

// Unknown stands for an offset that has no meaning: bytes that do not lie in
// the input as they are (decompressed, unescaped), or text without a payload.
const Unknown = -1
