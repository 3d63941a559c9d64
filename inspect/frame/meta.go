package frame

import "time"

// Meta is what forms carry beside a message: the parts of the envelope that
// come from the protocol. Each part is nil where the protocol has none.
type Meta struct {
	// Time is when the message was written or captured; TimeDigits is how
	// many fraction digits the source knows (3, 6 or 9; 0: there is no time).
	Time       time.Time
	TimeDigits int
	Kafka      *Kafka
	TWS        *TWS
	GRPC       *GRPCPrefix
	TCP        *TCP
}

// Kafka is what a Kafka record carries beside its value.
type Kafka struct {
	Topic     string
	Partition *int32
	Offset    *int64
	// TimestampType is "create", "logappend", "unknown" or "".
	TimestampType string
	// Timestamp is the raw milliseconds, only where Meta.Time cannot hold it.
	Timestamp *int64
	// Key is nil for a null key; HasKey says whether the form has keys at all.
	Key    []byte
	HasKey bool
	// Headers in their order; nil where the form has none.
	Headers []Header
	// HasHeaders tells an empty list of headers from a form without them.
	HasHeaders bool
	// Codec is "gzip", "snappy", "lz4", "zstd" or "" for none.
	Codec         string
	ProducerID    *int64
	ProducerEpoch *int16
	Sequence      *int32
	LeaderEpoch   *int32
	// Batch is the base offset of the record's batch.
	Batch         *int64
	Transactional bool
	Aborted       bool
	Undecided     bool
	// Control is "commit", "abort", another name, or "" for data.
	Control string
	Broker  *int32
	// Extra are further members as "key":value pairs of JSON text, which a
	// form met and which have no place above; they stand at the end.
	Extra []Member
}

// Header is a Kafka record header; a nil Value is null.
type Header struct {
	Name  []byte
	Value []byte
}

// Member is a key and its value as JSON text.
type Member struct {
	Key   string
	Value []byte
}

// TWS is what a frame of the TWS API says of itself.
type TWS struct {
	// Direction is the sender: "client" or "server".
	Direction string
	// Kind is "handshake", "client_versions", "server_info" or "message".
	Kind string
	// ID is the base id, WireID the id on the wire; valid where Kind is
	// "message" and HasID is set.
	ID, WireID uint32
	HasID      bool
	// Name is IB's constant for the id, or "".
	Name string
	// Encoding is "protobuf", "text" or "".
	Encoding string
	// ServerVersion is 0 until it is known.
	ServerVersion int
	// Charset is "latin-1" where a text frame is not UTF-8.
	Charset string
	// Fields are those of a text message, as UTF-8.
	Fields []string
	// Names are those of the first len(Names) fields, as far as they are known.
	Names []string
	// IDEncoding is "text" or "binary" where the id is not written as
	// ServerVersion implies: digits below 201, four bytes from there on and
	// where the version is not known.
	IDEncoding string
	// Value is the JSON of a frame that is neither text nor protobuf
	// (client_versions, server_info), or nil.
	Value []byte
}

// GRPCPrefix is what a gRPC message prefix says beside the length.
type GRPCPrefix struct {
	// Encoding is the compression of a compressed message, or "".
	Encoding string
}

// TCP is where a message of a capture was on the wire.
type TCP struct {
	// Src and Dst are "address:port".
	Src, Dst string
	// Connection counts the capture's connections from 1, Packet its packets:
	// the one that completed the record.
	Connection, Packet int64
	// StreamOffset is that of the record's first byte in its direction.
	StreamOffset int64
}
