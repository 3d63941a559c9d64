package kafka

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"encoding/hex"
	"strconv"

	"github.com/pbscope/pbscope/inspect/frame"
	"github.com/pbscope/pbscope/inspect/span"
)

// SchemaHeader is what a schema registry's serializer put before a value, or
// into the headers of its record.
type SchemaHeader struct {
	// Kind is "confluent", "glue" or "apicurio".
	Kind string
	// In is "prefix" (before the value) or "header" (in the record's headers).
	In string
	// SchemaID is the registry's number; HasID says whether there is one.
	SchemaID int64
	HasID    bool
	// GUID is the schema's or schema version's UUID in lower case, or "".
	GUID string
	// MessageIndexes is the path of the message within its file (Confluent:
	// top-level index, nested index, …), or the rank of its full name among
	// all of the file (Glue, one number); nil where the header has none.
	MessageIndexes []int32
	// MessageName is the message's name (Apicurio's Ref), or "".
	MessageName string
	// Zlib says that the rest of the value is compressed (Glue); Inflate
	// undoes it.
	Zlib bool
	// Length is how many bytes of the value the header takes.
	Length int
}

// Names of the record headers that carry schema ids.
const (
	confluentValueHeader = "__value_schema_id"
	confluentKeyHeader   = "__key_schema_id"
	apicurioPrefix       = "apicurio."
)

func badHeader(offset int, message string) *span.Problem {
	return span.New(span.InvalidSchemaHeader, int64(offset), message)
}

// ParseConfluent reads Confluent's header at the start of a value, or of the
// record header that has it: 00 and a u32 schema id, or 01 and a 16-byte GUID,
// then the message indexes as zigzag varints, a count first. plain reads the
// varints as old clients wrote them (use.deprecated.format), not zigzag. An
// index below 0 is refused: with plain varints it is the sign of the other
// kind. Offsets of problems count from the first byte of b.
func ParseConfluent(b []byte, plain bool) (SchemaHeader, *span.Problem) {
	h := SchemaHeader{Kind: "confluent", In: "prefix"}
	if len(b) == 0 {
		return h, badHeader(0, "no schema header: the value is empty")
	}
	switch b[0] {
	case 0:
		if len(b) < 5 {
			return h, badHeader(len(b), "the value ends within the schema id")
		}
		h.SchemaID, h.HasID = int64(binary.BigEndian.Uint32(b[1:])), true
		h.Length = 5
	case 1:
		if len(b) < 17 {
			return h, badHeader(len(b), "the value ends within the schema's GUID")
		}
		h.GUID = formatUUID(b[1:17])
		h.Length = 17
	default:
		return h, badHeader(0, "no Confluent schema header: the first byte is "+strconv.Itoa(int(b[0]))+", not 0 or 1")
	}
	problem := h.indexes(b, plain)
	return h, problem
}

// indexes reads the list of message indexes at b[h.Length:].
func (h *SchemaHeader) indexes(b []byte, plain bool) *span.Problem {
	count, problem := h.index(b, plain)
	if problem != nil {
		return problem
	}
	if count == 0 {
		h.MessageIndexes = []int32{0}
		return nil
	}
	for range count {
		i, problem := h.index(b, plain)
		if problem != nil {
			return problem
		}
		h.MessageIndexes = append(h.MessageIndexes, i)
	}
	return nil
}

func (h *SchemaHeader) index(b []byte, plain bool) (int32, *span.Problem) {
	u, n := uvarint(b[h.Length:])
	v := int64(u>>1) ^ -int64(u&1)
	if plain {
		v = int64(u)
	}
	switch {
	case n == 0:
		return 0, badHeader(h.Length, "the message indexes are cut or no varints")
	case v < 0 || int64(int32(v)) != v:
		return 0, badHeader(h.Length, "a message index or their count is "+strconv.FormatInt(v, 10))
	}
	h.Length += n
	return int32(v), nil
}

// formatUUID is the usual text of 16 bytes.
func formatUUID(b []byte) string {
	text := hex.EncodeToString(b[:16])
	return text[:8] + "-" + text[8:12] + "-" + text[12:16] + "-" + text[16:20] + "-" + text[20:]
}

// ParseGlue reads the header of AWS Glue: 03, 00 or 05 (zlib), the UUID of the
// schema version; then, in the rest, which zlib covers whole, the rank of the
// message as a plain varint. With zlib the rank is read by Inflate.
func ParseGlue(b []byte) (SchemaHeader, *span.Problem) {
	const size = 18
	h := SchemaHeader{Kind: "glue", In: "prefix"}
	switch {
	case len(b) == 0 || b[0] != 3:
		return h, badHeader(0, "no Glue schema header: the first byte is not 3")
	case len(b) < size:
		return h, badHeader(len(b), "the value ends within the Glue schema header")
	case b[1] != 0 && b[1] != 5:
		return h, badHeader(1, "the compression "+strconv.Itoa(int(b[1]))+" of a Glue schema header is not 0 or 5")
	}
	h.GUID, h.Length = formatUUID(b[2:size]), size
	if h.Zlib = b[1] == 5; h.Zlib {
		return h, nil
	}
	return h, h.rank(b)
}

func (h *SchemaHeader) rank(b []byte) *span.Problem {
	i, problem := h.index(b, true)
	h.MessageIndexes = []int32{i}
	return problem
}

// Inflate is the message of a compressed Glue value b, at most limit bytes,
// and completes h with the message's rank.
func (h *SchemaHeader) Inflate(b []byte, limit int64) ([]byte, *span.Problem) {
	bad := func(tag span.Tag, message string) *span.Problem {
		return span.New(tag, int64(h.Length), message)
	}
	z, err := zlib.NewReader(bytes.NewReader(b[h.Length:]))
	if err != nil {
		return nil, bad(span.InvalidCompression, "the zlib data of the value cannot be decompressed")
	}
	plain, err := appendAll(nil, z, limit)
	switch err {
	case nil:
	case errTooLarge:
		return nil, bad(span.TooLarge, "the value decompresses to more than "+strconv.FormatInt(limit, 10)+" bytes")
	default:
		return nil, bad(span.InvalidCompression, "the zlib data of the value cannot be decompressed")
	}
	inner := SchemaHeader{}
	if inner.rank(plain) != nil {
		return nil, bad(span.InvalidSchemaHeader, "the decompressed value does not begin with the rank of its message")
	}
	h.MessageIndexes = inner.MessageIndexes
	return plain[inner.Length:], nil
}

// ApicurioLayout is how a producer's Apicurio serializer was set up; the bytes
// do not say it.
type ApicurioLayout struct {
	LongID  bool // eight bytes of id, as older versions wrote it
	Ref     bool // a length-delimited Ref message with the name follows the id
	Indexes bool // Confluent's message indexes follow
}

// ParseApicurio reads Apicurio's header at the start of a value.
func ParseApicurio(b []byte, layout ApicurioLayout) (SchemaHeader, *span.Problem) {
	h := SchemaHeader{Kind: "apicurio", In: "prefix", Length: 5}
	if layout.LongID {
		h.Length = 9
	}
	switch {
	case len(b) == 0 || b[0] != 0:
		return h, badHeader(0, "no Apicurio schema header: the first byte is not 0")
	case len(b) < h.Length:
		return h, badHeader(len(b), "the value ends within the schema id")
	}
	h.HasID = true
	if h.SchemaID = int64(binary.BigEndian.Uint32(b[1:])); layout.LongID {
		h.SchemaID = int64(binary.BigEndian.Uint64(b[1:]))
	}
	if layout.Ref {
		if problem := h.ref(b); problem != nil {
			return h, problem
		}
	}
	if layout.Indexes {
		return h, h.indexes(b, false)
	}
	return h, nil
}

// ref reads Apicurio's Ref: a length, then a message with the name as field 1.
func (h *SchemaHeader) ref(b []byte) *span.Problem {
	const nameTag = 1<<3 | 2
	size, n := uvarint(b[h.Length:])
	if n == 0 || size > uint64(len(b)-h.Length-n) {
		return badHeader(h.Length, "the Ref message of the schema header is cut")
	}
	start := h.Length + n
	h.Length = start + int(size)
	for ref := b[start:h.Length]; len(ref) > 0; {
		tag, n := uvarint(ref)
		length, m := uvarint(ref[n:])
		if n == 0 || m == 0 || tag&7 != 2 || length > uint64(len(ref)-n-m) {
			return badHeader(h.Length-len(ref), "the Ref message of the schema header cannot be read")
		}
		if tag == nameTag {
			h.MessageName = string(ref[n+m : n+m+int(length)])
		}
		ref = ref[n+m+int(length):]
	}
	return nil
}

// FindSchemaHeader looks for a registry's record header of the value (or of the
// key). ok is false if there is none; the value then may have a prefix.
func FindSchemaHeader(headers []frame.Header, key bool) (h SchemaHeader, problem *span.Problem, ok bool) {
	confluent, part := confluentValueHeader, "value."
	if key {
		confluent, part = confluentKeyHeader, "key."
	}
	for _, header := range headers {
		switch name := string(header.Name); name {
		case confluent:
			h, problem = ParseConfluent(header.Value, false)
		case apicurioPrefix + part + "globalId", apicurioPrefix + part + "contentId":
			h = SchemaHeader{Kind: "apicurio", HasID: true}
			if len(header.Value) != 8 {
				problem = badHeader(0, "the record header "+name+" does not have the 8 bytes of an id")
			} else {
				h.SchemaID = int64(binary.BigEndian.Uint64(header.Value))
			}
		default:
			continue
		}
		h.In, h.Length = "header", 0
		return h, problem, true
	}
	return h, nil, false
}
