package message

import (
	"bytes"
	"encoding/binary"
	"strconv"

	"github.com/pbscope/pbscope/inspect/plan"
	"github.com/pbscope/pbscope/inspect/span"
	"github.com/pbscope/pbscope/inspect/wire"
)

// hint is what to do about the decisive problem of t, "" if nothing is known.
// Bytes that are no message at all, but a message with something before it,
// are told by their beginning.
func hint(t *Tree) string {
	switch t.Problem.Tag {
	case span.MissingRequired:
		return "the sender's schema may not require the field, or the bytes are of another type"
	case span.UnknownField:
		return "the sender may know a newer schema; --unknown keep keeps such fields"
	case span.TooDeep:
		return "--max-depth raises the limit"
	}
	if text := prefixHint(t.Type, t.Payload); text != "" {
		return text
	}
	switch t.Problem.Tag {
	case span.Truncated:
		if isText(t.Payload) {
			return "the bytes are all printable text: is this a protobuf message?"
		}
		if reachesEnd(t) {
			return "the message is cut short, or the bytes are " + otherwise(t)
		}
		return "the bytes may be damaged or " + otherwise(t) + ": the message goes on after the field"
	case span.InvalidUTF8:
		return "the field may be bytes in the sender's schema, or the bytes are of another type"
	}
	if isText(t.Payload) {
		return "the bytes are all printable text: is this a protobuf message?"
	}
	return "the bytes may be damaged, " + otherwise(t) + ", or have something before or around the message"
}

// otherwise is what the bytes may be in place of what they were read as.
func otherwise(t *Tree) string {
	if t.Type == nil {
		return "no protobuf message"
	}
	return "of another type"
}

// reachesEnd says whether what is broken ends where the payload does.
func reachesEnd(t *Tree) bool {
	for i, p := range t.problems {
		if p == t.Problem {
			c := t.cells.at(i)
			return int(c.offset)+int(c.length) == len(t.Payload)
		}
	}
	return true
}

// prefixHint says what the payload begins with, if that explains why it is not
// a message.
func prefixHint(m *plan.Message, b []byte) string {
	switch {
	case len(b) == 0:
		return ""
	case bytes.HasPrefix(b, []byte{0x1f, 0x8b}):
		return "the bytes begin like gzip: decompress them first"
	case bytes.HasPrefix(b, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		return "the bytes begin like zstd: decompress them first"
	case bytes.HasPrefix(b, []byte("API\x00")):
		return "the bytes begin like a TWS stream: try --from tws"
	case chain(m, b, grpcFrame):
		return "looks like a gRPC message prefix: try --from grpc"
	case chain(m, b, u32beFrame):
		return "looks like a length prefix of four bytes: try --from u32be"
	case chain(m, b, u32leFrame):
		return "looks like a length prefix of four bytes: try --from u32le"
	case chain(m, b, varintFrame):
		return "looks like a length prefix: try --from delimited"
	}
	return headerHint(m, b)
}

// headerHint tells the schema headers of Kafka values, if the type can be read
// from what follows them.
func headerHint(m *plan.Message, b []byte) string {
	if n := confluentHeader(b); n > 0 && n < len(b) && accepts(m, b[n:]) {
		id := strconv.FormatUint(uint64(binary.BigEndian.Uint32(b[1:])), 10)
		return "looks like a Confluent schema header (schema id " + id + "): the message begins at byte " + strconv.Itoa(n)
	}
	if len(b) > glueHeader && b[0] == 3 && b[1] == 0 {
		if _, n, code := wire.ConsumeVarint(b[glueHeader:]); code == wire.OK && accepts(m, b[glueHeader+n:]) {
			return "looks like an AWS Glue schema header: the message begins at byte " + strconv.Itoa(glueHeader+n)
		}
	}
	return ""
}

// glueHeader is the length of AWS Glue's header before the message's index: a
// version byte of 3, the compression (0: none), a schema version's UUID.
const glueHeader = 18

// confluentHeader is the length of the Confluent wire format's header: a zero
// byte, the schema id, the number of message indexes and the indexes, as
// zigzag varints; the usual one index of 0 is a lone zero byte. It is 0 if b
// does not begin with one.
func confluentHeader(b []byte) int {
	if len(b) < 6 || b[0] != 0 {
		return 0
	}
	at := 5
	count, n, code := wire.ConsumeVarint(b[at:])
	at += n
	for range min(wire.UnZigZag(count), maxIndexes) {
		if code != wire.OK {
			return 0
		}
		_, n, code = wire.ConsumeVarint(b[at:])
		at += n
	}
	if code != wire.OK {
		return 0
	}
	return at
}

// maxIndexes is how deep messages nest in a .proto file, at most.
const maxIndexes = 32

// chain says whether b is nothing but frames, and the first one holds what can
// be read as m. frame gives the lengths of the header of the frame at the
// front and of its content, or a header of 0 if there is none. A frame must
// hold something, else runs of zeros would be chains.
func chain(m *plan.Message, b []byte, frame func(b []byte) (head, length int)) bool {
	for at := 0; at < len(b); {
		head, length := frame(b[at:])
		if head == 0 || length == 0 || length > len(b)-at-head {
			return false
		}
		packed := head == grpcHead && b[0] == compressed
		if at == 0 && !packed && !accepts(m, b[head:head+length]) {
			return false
		}
		at += head + length
	}
	return true
}

// A gRPC message has a header of five bytes; the first is 1 if it is compressed.
const (
	grpcHead   = 5
	compressed = 1
)

func varintFrame(b []byte) (head, length int) {
	v, n, code := wire.ConsumeVarint(b)
	if code != wire.OK || v > uint64(len(b)) {
		return 0, 0
	}
	return n, int(v)
}

func u32beFrame(b []byte) (head, length int) {
	if len(b) < 4 {
		return 0, 0
	}
	return 4, fixedLength(b, binary.BigEndian.Uint32(b))
}

func u32leFrame(b []byte) (head, length int) {
	if len(b) < 4 {
		return 0, 0
	}
	return 4, fixedLength(b, binary.LittleEndian.Uint32(b))
}

func grpcFrame(b []byte) (head, length int) {
	if len(b) < grpcHead || b[0] > compressed {
		return 0, 0
	}
	return grpcHead, fixedLength(b, binary.BigEndian.Uint32(b[1:]))
}

// fixedLength is length, or 0 if b has not as many bytes.
func fixedLength(b []byte, length uint32) int {
	if uint64(length) > uint64(len(b)) {
		return 0
	}
	return int(length)
}

// isText says whether b is printable ASCII with white space, and long enough
// for that to be no accident.
func isText(b []byte) bool {
	if len(b) < 8 {
		return false
	}
	for _, c := range b[:min(len(b), 4096)] {
		if (c < ' ' || c > '~') && c != '\n' && c != '\r' && c != '\t' {
			return false
		}
	}
	return true
}
