package stats

import (
	"time"

	"github.com/pbscope/pbscope/inspect/span"
)

// Key is what the messages of a row have in common. What rows are not told
// apart by is the zero value.
type Key struct {
	// Other stands for all kinds beyond the limit of rows.
	Other bool
	// Error is why the records of the row failed, "" for messages.
	Error span.Tag

	Source       string
	Topic        string
	Partition    int32
	HasPartition bool
	Connection   int64
	// Client and Server are the ends of Connection, "address:port", where it is
	// known which is which; else in the order of the row's first message.
	Client, Server string

	// Direction is the sender of a TWS message; Kind is "handshake",
	// "client_versions" or "server_info" of what comes before the first one.
	Direction string
	Kind      string
	// ID is the base id of a TWS message, where HasID is set; Name is the
	// constant for it.
	ID    uint32
	HasID bool
	Name  string
	// Type is the full name of the type that the messages were read as.
	Type string
	// Encoding is "protobuf", "text", or "null" for no message at all.
	Encoding string
}

// Row is what is known of the messages of a kind.
type Row struct {
	Key
	Count int64
	// Bytes is the sum of the messages' sizes, and Sizes those sizes. Of a
	// damaged frame it is what was kept of it.
	Bytes int64
	Sizes Histogram
	// WireBytes is what the frames took with their headers: in the streams of a
	// capture, else in the input. The bytes of a Kafka batch count where its
	// first record does.
	WireBytes int64
	// LostBytes is what is missing in a capture.
	LostBytes int64
	// KeyBytes is the sum of the sizes of Kafka keys; HasKeys says that there
	// may be some.
	KeyBytes int64
	HasKeys  bool
	// Times are the nanoseconds in which messages were decoded, of those that
	// were measured.
	Times Histogram
	// First and Last are the least and the greatest time that a message had.
	First, Last time.Time
	TimeDigits  int
	// Candidates are the types that fit messages whose type is not known.
	Candidates []string
	Answers    Answers
}

// Answers is what became of requests.
type Answers struct {
	// Requests is how many there were; 0 for messages that are no requests.
	Requests int64
	// Unknown is how many of them have an id that could not be read; none of
	// these has an answer.
	Unknown int64
	// Times are the nanoseconds from a request to its first answer.
	Times Histogram
	// Errors is how many of the first answers were errors.
	Errors int64
	// WithID is how many requests have an id, which their answers bear; of
	// others the next message of a kind that answers them is taken.
	WithID int64
}

// Merge adds the messages of another row.
func (r *Row) Merge(o *Row) {
	r.Count += o.Count
	r.Bytes += o.Bytes
	r.WireBytes += o.WireBytes
	r.LostBytes += o.LostBytes
	r.KeyBytes += o.KeyBytes
	r.HasKeys = r.HasKeys || o.HasKeys
	r.Sizes.Merge(&o.Sizes)
	r.Times.Merge(&o.Times)
	if o.TimeDigits > 0 {
		r.at(o.First, o.TimeDigits)
		r.at(o.Last, o.TimeDigits)
	}
	r.Answers.Requests += o.Answers.Requests
	r.Answers.Unknown += o.Answers.Unknown
	r.Answers.Errors += o.Answers.Errors
	r.Answers.WithID += o.Answers.WithID
	r.Answers.Times.Merge(&o.Answers.Times)
}

// at takes note of a message's time.
func (r *Row) at(t time.Time, digits int) {
	if r.TimeDigits == 0 || t.Before(r.First) {
		r.First = t
	}
	if r.TimeDigits == 0 || t.After(r.Last) {
		r.Last = t
	}
	r.TimeDigits = max(r.TimeDigits, digits)
}
