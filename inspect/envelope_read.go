package inspect

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/inspect/frame"
	"github.com/pbscope/pbscope/inspect/span"
)

// Envelope is what encode takes from an envelope.
type Envelope struct {
	Type protoreflect.FullName
	Meta *frame.Meta
	// Value is the message's JSON text, nil if there is none; ValueOffset is
	// where it begins in the document.
	Value       []byte
	ValueOffset int
	// Error says that the record failed; Raw are its bytes, and ErrorOfFrame
	// that they are a damaged frame and not a payload.
	Error        bool
	ErrorOfFrame bool
	Raw          []byte
}

// envelopeJSON is the envelope but for its value, which is never decoded
// here: only its place is taken.
type envelopeJSON struct {
	Time   *string         `json:"time"`
	Type   string          `json:"type"`
	Kafka  *kafkaJSON      `json:"kafka"`
	TWS    *twsJSON        `json:"tws"`
	GRPC   *grpcJSON       `json:"grpc"`
	Value  json.RawMessage `json:"value"`
	Fields []string        `json:"fields"`
	Error  *errorJSON      `json:"error"`
	Raw    *string         `json:"raw"`
}

type errorJSON struct {
	Offset *int64 `json:"offset"`
}

type grpcJSON struct {
	Encoding string `json:"encoding"`
}

type twsJSON struct {
	Direction     string  `json:"direction"`
	Kind          string  `json:"kind"`
	ID            *uint32 `json:"id"`
	WireID        *uint32 `json:"wireId"`
	Name          string  `json:"name"`
	Encoding      string  `json:"encoding"`
	ServerVersion int     `json:"serverVersion"`
	Charset       string  `json:"charset"`
	IDEncoding    string  `json:"idEncoding"`
}

type kafkaJSON struct {
	Topic         string          `json:"topic"`
	Partition     *int32          `json:"partition"`
	Offset        *int64          `json:"offset"`
	TimestampType string          `json:"timestampType"`
	Timestamp     *int64          `json:"timestamp"`
	Key           json.RawMessage `json:"key"`
	Headers       *[][2]metaBytes `json:"headers"`
	Codec         string          `json:"codec"`
	ProducerID    *int64          `json:"producerId"`
	ProducerEpoch *int16          `json:"producerEpoch"`
	Sequence      *int32          `json:"sequence"`
	LeaderEpoch   *int32          `json:"leaderEpoch"`
	Batch         *int64          `json:"batch"`
	Transactional bool            `json:"transactional"`
	Aborted       bool            `json:"aborted"`
	Undecided     bool            `json:"undecided"`
	Control       string          `json:"control"`
	Broker        *int32          `json:"broker"`
}

// kafkaKeys are the members of kafkaJSON; others are kept as they are.
func kafkaKeys(key string) bool {
	switch key {
	case "topic", "partition", "offset", "timestampType", "timestamp", "key", "headers", "codec",
		"producerId", "producerEpoch", "sequence", "leaderEpoch", "batch", "transactional", "aborted",
		"undecided", "control", "broker":
		return true
	}
	return false
}

// metaBytes is metadata bytes as the envelope writes them; nil is null.
type metaBytes []byte

// UnmarshalJSON reads a string, {"base64":"…"} or null.
func (b *metaBytes) UnmarshalJSON(text []byte) error {
	if string(text) == "null" {
		*b = nil
		return nil
	}
	if text[0] == '"' {
		var s string
		if err := json.Unmarshal(text, &s); err != nil {
			return err
		}
		*b = metaBytes(s)
		if *b == nil {
			*b = metaBytes{}
		}
		return nil
	}
	var coded struct {
		Base64 *string `json:"base64"`
	}
	if err := json.Unmarshal(text, &coded); err != nil || coded.Base64 == nil {
		return errors.New(`metadata bytes must be a string, {"base64":"…"} or null`)
	}
	raw, err := base64.StdEncoding.DecodeString(*coded.Base64)
	if err != nil {
		return errors.New("the base64 of metadata bytes is damaged")
	}
	*b = raw
	return nil
}

// ParseEnvelope takes one envelope apart. The value is left as text.
func ParseEnvelope(document []byte) (*Envelope, *span.Problem) {
	var in envelopeJSON
	if err := json.Unmarshal(document, &in); err != nil {
		return nil, envelopeProblem(document, err)
	}
	env := &Envelope{Type: protoreflect.FullName(in.Type), Error: in.Error != nil}
	if in.Value != nil {
		env.Value, env.ValueOffset = in.Value, valueOffset(document)
	}
	if in.Error != nil {
		env.ErrorOfFrame = in.Error.Offset == nil
		if in.Raw != nil {
			raw, err := base64.StdEncoding.DecodeString(*in.Raw)
			if err != nil {
				return nil, envelopeProblem(document, errors.New(`the base64 of "raw" is damaged`))
			}
			env.Raw = raw
		}
	}
	meta, err := in.meta(document)
	if err != nil {
		return nil, envelopeProblem(document, err)
	}
	env.Meta = meta
	return env, nil
}

func (in *envelopeJSON) meta(document []byte) (*frame.Meta, error) {
	m := new(frame.Meta)
	if in.Time != nil {
		t, err := time.Parse(time.RFC3339Nano, *in.Time)
		if err != nil {
			return nil, fmt.Errorf("time %q is not RFC 3339", *in.Time)
		}
		m.Time, m.TimeDigits = t, 3
	}
	if in.Kafka != nil {
		k, err := in.Kafka.meta(document)
		if err != nil {
			return nil, err
		}
		m.Kafka = k
	}
	if in.TWS != nil {
		m.TWS = in.TWS.meta(in)
	}
	if in.GRPC != nil {
		m.GRPC = &frame.GRPCPrefix{Encoding: in.GRPC.Encoding}
	}
	return m, nil
}

func (in *twsJSON) meta(env *envelopeJSON) *frame.TWS {
	t := &frame.TWS{
		Direction: in.Direction, Kind: in.Kind, Name: in.Name, Encoding: in.Encoding,
		ServerVersion: in.ServerVersion, Charset: in.Charset, Fields: env.Fields,
		IDEncoding: in.IDEncoding,
	}
	if in.ID != nil && in.WireID != nil {
		t.ID, t.WireID, t.HasID = *in.ID, *in.WireID, true
	}
	if in.Kind != "message" {
		t.Value = env.Value
	}
	return t
}

func (in *kafkaJSON) meta(document []byte) (*frame.Kafka, error) {
	k := &frame.Kafka{
		Topic: in.Topic, Partition: in.Partition, Offset: in.Offset,
		TimestampType: in.TimestampType, Timestamp: in.Timestamp, Codec: in.Codec,
		ProducerID: in.ProducerID, ProducerEpoch: in.ProducerEpoch, Sequence: in.Sequence,
		LeaderEpoch: in.LeaderEpoch, Batch: in.Batch, Transactional: in.Transactional,
		Aborted: in.Aborted, Undecided: in.Undecided, Control: in.Control, Broker: in.Broker,
	}
	if in.Key != nil {
		var key metaBytes
		if err := key.UnmarshalJSON(in.Key); err != nil {
			return nil, err
		}
		k.Key, k.HasKey = key, true
	}
	if in.Headers != nil {
		k.HasHeaders = true
		for _, h := range *in.Headers {
			k.Headers = append(k.Headers, frame.Header{Name: h[0], Value: h[1]})
		}
	}
	extra, err := extraMembers(document)
	k.Extra = extra
	return k, err
}

// extraMembers are the members of "kafka" that have no place in frame.Kafka,
// in their order.
func extraMembers(document []byte) ([]frame.Member, error) {
	var outer struct {
		Kafka json.RawMessage `json:"kafka"`
	}
	if err := json.Unmarshal(document, &outer); err != nil {
		return nil, err
	}
	var extra []frame.Member
	err := eachMember(outer.Kafka, func(key string, value json.RawMessage, _ int64) {
		if !kafkaKeys(key) {
			extra = append(extra, frame.Member{Key: key, Value: bytes.Clone(value)})
		}
	})
	return extra, err
}

// valueOffset is where the text of the member "value" begins.
func valueOffset(document []byte) int {
	at := 0
	// The document has been parsed before: this cannot fail.
	_ = eachMember(document, func(key string, value json.RawMessage, end int64) {
		if key == "value" {
			at = int(end) - len(value)
		}
	})
	return at
}

// eachMember calls visit for each member of an object, with the offset of the
// first byte after the value.
func eachMember(object []byte, visit func(key string, value json.RawMessage, end int64)) error {
	d := json.NewDecoder(bytes.NewReader(object))
	if _, err := d.Token(); err != nil {
		return err
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return err
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return err
		}
		name, _ := key.(string)
		visit(name, value, d.InputOffset())
	}
	return nil
}

// envelopeProblem says where an envelope is damaged, as far as the reader of
// JSON knows.
func envelopeProblem(document []byte, err error) *span.Problem {
	offset := 0
	message := "this is not an envelope: " + err.Error()
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		offset = int(max(syntax.Offset-1, 0))
		message = "this is not JSON: " + syntax.Error()
	case errors.As(err, &kind):
		offset = int(max(kind.Offset-1, 0))
		message = fmt.Sprintf("this is not an envelope: %s must not be a JSON %s", kind.Field, kind.Value)
	}
	p := span.New(span.InvalidJSON, 0, message)
	p.Line, p.Column = 1, 1
	return within(p, document, min(offset, len(document)))
}
