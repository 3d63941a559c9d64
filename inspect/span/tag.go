package span

// Tag names a kind of problem. Tags are stable: scripts match on them.
type Tag string

// The tags, in the order in which help lists them. See Tags for their meaning.
const (
	Truncated              Tag = "truncated"
	VarintOverflow         Tag = "varint-overflow"
	InvalidTag             Tag = "invalid-tag"
	InvalidWireType        Tag = "invalid-wire-type"
	UnmatchedGroup         Tag = "unmatched-group"
	InvalidUTF8            Tag = "invalid-utf8"
	TooDeep                Tag = "too-deep"
	TooLarge               Tag = "too-large"
	MissingRequired        Tag = "missing-required"
	UnknownField           Tag = "unknown-field"
	UnknownType            Tag = "unknown-type"
	NoJSONForm             Tag = "no-json-form"
	InvalidFrame           Tag = "invalid-frame"
	InvalidChecksum        Tag = "invalid-checksum"
	InvalidSchemaHeader    Tag = "invalid-schema-header"
	UnsupportedCompression Tag = "unsupported-compression"
	InvalidCompression     Tag = "invalid-compression"
	Encrypted              Tag = "encrypted"
	Gap                    Tag = "gap"
	Skipped                Tag = "skipped"
	InvalidJSON            Tag = "invalid-json"
	InvalidText            Tag = "invalid-text"
	EnginesDiffer          Tag = "engines-differ"
)

// TagInfo is a row of the table of tags.
type TagInfo struct {
	Tag     Tag
	Meaning string
}

// Tags is the ordered table that help prints and tests walk.
func Tags() []TagInfo {
	return []TagInfo{
		{Truncated, "the bytes end within a tag, a value, a group or a frame"},
		{VarintOverflow, "a varint of more than ten bytes, or above 64 bits; a tag above 32 bits"},
		{InvalidTag, "a tag with field number 0 (above 536870911 it is a varint-overflow)"},
		{InvalidWireType, "wire type 6 or 7, which do not exist"},
		{UnmatchedGroup, "an end-group tag without its start-group, or of another field"},
		{InvalidUTF8, "a string field that must be UTF-8 and is not"},
		{TooDeep, "messages or groups nested deeper than the limit (--max-depth)"},
		{TooLarge, "a message or frame above the size limit (--max-size)"},
		{MissingRequired, "a required field is absent"},
		{UnknownField, "a field that the schema does not know (with --unknown error)"},
		{UnknownType, "the message type is not in the schema"},
		{NoJSONForm, "a well-known type whose value has no JSON form (a Timestamp in the year 10000)"},
		{InvalidFrame, "the framing itself is damaged: a length, header or separator that cannot be"},
		{InvalidChecksum, "a stored checksum does not match the bytes"},
		{InvalidSchemaHeader, "the schema header before a Kafka value cannot be read"},
		{UnsupportedCompression, "a compression that is not known"},
		{InvalidCompression, "compressed bytes that cannot be decompressed"},
		{Encrypted, "the bytes are encrypted"},
		{Gap, "bytes that the capture does not have"},
		{Skipped, "bytes passed over while looking for the next frame"},
		{InvalidJSON, "JSON input that cannot be read as the message"},
		{InvalidText, "text format input that cannot be read as the message"},
		{EnginesDiffer, "the two decoding engines do not read a message alike (--verify): a defect of pbscope"},
	}
}
