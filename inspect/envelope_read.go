package inspect

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
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
	// Length is how many bytes an error without Raw is about.
	Length int64
}

// envelopeJSON is the envelope but for its value, which is never decoded
// here: only its place is taken.
type envelopeJSON struct {
	Time      *string
	Type      string
	Kafka     *kafkaJSON
	kafkaText []byte
	TWS       *twsJSON
	GRPC      *grpcJSON
	TCP       *tcpJSON
	Value     []byte
	valueAt   int
	Fields    []string
	named     []byte
	namedAt   int
	Error     *errorJSON
	Raw       *string
	rawAt     int
	timeAt    int
	kafkaAt   int
	seen      uint
}

// set reads one member. Others than these are for readers of the output
// (source, offset, tcp) and only have to be JSON.
func (in *envelopeJSON) set(key string, text []byte, at int) error {
	var target any
	bit := uint(0)
	switch key {
	case "time":
		target, bit, in.timeAt = &in.Time, 1, at
	case "type":
		target, bit = &in.Type, 2
	case "kafka":
		target, bit, in.kafkaText, in.kafkaAt = &in.Kafka, 4, text, at
	case "tws":
		target, bit = &in.TWS, 8
	case "grpc":
		target, bit = &in.GRPC, 16
	case "tcp":
		target, bit = &in.TCP, 512
	case "value":
		bit, in.Value, in.valueAt = 32, text, at
	case "fields":
		target, bit = &in.Fields, 64
	case "named":
		bit, in.named, in.namedAt = 1024, text, at
	case "error":
		target, bit = &in.Error, 128
	case "raw":
		target, bit, in.rawAt = &in.Raw, 256, at
	default:
		target = new(json.RawMessage)
	}
	if in.seen&bit != 0 {
		return &memberError{at, strconv.Quote(key) + " is given twice"}
	}
	in.seen |= bit
	if target == nil {
		return nil
	}
	if err := json.Unmarshal(text, target); err != nil {
		return memberProblem(key, text, at, err)
	}
	return nil
}

type errorJSON struct {
	Offset *int64 `json:"offset"`
	Length int64  `json:"length"`
}

type tcpJSON struct {
	Src          string `json:"src"`
	Dst          string `json:"dst"`
	Connection   int64  `json:"connection"`
	Packet       int64  `json:"packet"`
	StreamOffset int64  `json:"streamOffset"`
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
	if err := eachMember(document, in.set); err != nil {
		return nil, envelopeProblem(document, err)
	}
	env := &Envelope{Type: protoreflect.FullName(in.Type), Error: in.Error != nil, Value: in.Value, ValueOffset: in.valueAt}
	if in.Error != nil {
		env.ErrorOfFrame, env.Length = in.Error.Offset == nil, in.Error.Length
		if in.Raw != nil {
			raw, err := base64.StdEncoding.DecodeString(*in.Raw)
			if err != nil {
				return nil, envelopeProblem(document, &memberError{in.rawAt, `the base64 of "raw" is damaged`})
			}
			env.Raw = raw
		}
	}
	meta, err := in.meta()
	if err != nil {
		return nil, envelopeProblem(document, err)
	}
	env.Meta = meta
	return env, nil
}

func (in *envelopeJSON) meta() (*frame.Meta, error) {
	m := new(frame.Meta)
	if in.Time != nil {
		t, err := time.Parse(time.RFC3339Nano, *in.Time)
		if err != nil {
			return nil, &memberError{in.timeAt, fmt.Sprintf("time %q is not RFC 3339", *in.Time)}
		}
		m.Time, m.TimeDigits = t, 3
	}
	if in.Kafka != nil {
		k, err := in.Kafka.meta(in.kafkaText)
		if err != nil {
			return nil, &memberError{in.kafkaAt, err.Error()}
		}
		m.Kafka = k
	}
	if in.TWS != nil {
		m.TWS = in.TWS.meta(in)
		if err := in.checkNamed(); err != nil {
			return nil, err
		}
	}
	if in.TCP != nil {
		m.TCP = &frame.TCP{Src: in.TCP.Src, Dst: in.TCP.Dst, Connection: in.TCP.Connection, Packet: in.TCP.Packet, StreamOffset: in.TCP.StreamOffset}
		if in.Time != nil && len(*in.Time) > len("2006-01-02T15:04:05.000000Z") {
			m.TimeDigits = 9
		}
	}
	if in.GRPC != nil {
		m.GRPC = &frame.GRPCPrefix{Encoding: in.GRPC.Encoding}
	}
	return m, nil
}

// checkNamed says where the named fields of a text message are not its first
// ones: what is written are the fields, and somebody may have edited the others.
func (in *envelopeJSON) checkNamed() error {
	if in.named == nil {
		return nil
	}
	i := 0
	return eachMember(in.named, func(key string, value []byte, at int) error {
		var text string
		if json.Unmarshal(value, &text) != nil || i >= len(in.Fields) || in.Fields[i] != text {
			return &memberError{in.namedAt + at, fmt.Sprintf(`%q in "named" is not element %d of "fields", which is what is written: edit that, or leave "named" out`, key, i)}
		}
		i++
		return nil
	})
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

func (in *kafkaJSON) meta(text []byte) (*frame.Kafka, error) {
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
	extra, err := extraMembers(text)
	k.Extra = extra
	return k, err
}

// extraMembers are the members of "kafka" that have no place in frame.Kafka,
// in their order.
func extraMembers(object []byte) ([]frame.Member, error) {
	var extra []frame.Member
	err := eachMember(object, func(key string, value []byte, _ int) error {
		if !kafkaKeys(key) {
			extra = append(extra, frame.Member{Key: key, Value: bytes.Clone(value)})
		}
		return nil
	})
	return extra, err
}

// memberProblem says where the text of a member is damaged, as far as the
// reader of JSON knows.
func memberProblem(key string, text []byte, at int, err error) error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		inner := min(max(int(syntax.Offset)-1, 0), len(text))
		return &memberError{at + inner, "this is not JSON, within " + strconv.Quote(key)}
	case errors.As(err, &kind):
		name := key
		if kind.Field != "" {
			name += "." + kind.Field
		}
		inner := min(max(int(kind.Offset)-1, 0), len(text))
		return &memberError{at + inner, fmt.Sprintf("%s must not be a JSON %s", name, kind.Value)}
	}
	return &memberError{at, err.Error()}
}

// envelopeProblem is an error of an envelope at its place in the document.
func envelopeProblem(document []byte, err error) *span.Problem {
	at := 0
	var member *memberError
	if errors.As(err, &member) {
		at = member.at
	}
	p := span.New(span.InvalidJSON, 0, "this is not an envelope: "+err.Error())
	p.Line, p.Column = 1, 1
	return within(p, document, at)
}
