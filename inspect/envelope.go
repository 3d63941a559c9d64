package inspect

import (
	"encoding/base64"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/pbscope/pbscope/inspect/frame"
	"github.com/pbscope/pbscope/inspect/span"
)

// AppendEnvelopeHead appends the members of the envelope that stand before
// the value, without the closing brace: {"source":…,"offset":…. typeName is
// the message type that the value is read as, or "".
func AppendEnvelopeHead(dst []byte, source string, f *frame.Frame, typeName string) []byte {
	dst = append(dst, '{')
	start := len(dst)
	if source != "" {
		dst = span.AppendQuoted(append(dst, `,"source":`...), source)
	}
	if f.Offset >= 0 {
		dst = appendInt(dst, `,"offset":`, f.Offset)
	}
	if m := f.Meta; m != nil && m.TimeDigits > 0 {
		dst = append(dst, `,"time":"`...)
		dst = append(AppendTime(dst, m.Time, m.TimeDigits), '"')
	}
	if typeName != "" {
		dst = span.AppendQuoted(append(dst, `,"type":`...), typeName)
	} else if len(f.TypeCandidates) > 0 {
		dst = appendNames(append(dst, `,"typeCandidates":`...), f.TypeCandidates)
	}
	if m := f.Meta; m != nil {
		dst = appendMeta(dst, m)
	}
	if len(dst) > start {
		// The first member's comma.
		dst = append(dst[:start], dst[start+1:]...)
	}
	return dst
}

func appendNames(dst []byte, names []string) []byte {
	dst = append(dst, '[')
	for i, name := range names {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = span.AppendQuoted(dst, name)
	}
	return append(dst, ']')
}

func appendMeta(dst []byte, m *frame.Meta) []byte {
	if m.Kafka != nil {
		dst = appendKafka(append(dst, `,"kafka":`...), m.Kafka)
	}
	if m.TWS != nil {
		dst = appendTWS(append(dst, `,"tws":`...), m.TWS)
	}
	if m.GRPC != nil && m.GRPC.Encoding != "" {
		dst = append(dst, `,"grpc":{"encoding":`...)
		dst = append(span.AppendQuoted(dst, m.GRPC.Encoding), '}')
	}
	if m.TCP != nil {
		dst = appendTCP(append(dst, `,"tcp":`...), m.TCP)
	}
	return dst
}

// AppendMember appends a comma, unless dst ends in an opening brace, and the
// key with its colon.
func AppendMember(dst []byte, key string) []byte {
	if n := len(dst); n > 0 && dst[n-1] != '{' {
		dst = append(dst, ',')
	}
	return append(span.AppendQuoted(dst, key), ':')
}

// AppendTime appends t as RFC 3339 in UTC with exactly digits fraction digits.
func AppendTime(dst []byte, t time.Time, digits int) []byte {
	layout := "2006-01-02T15:04:05.000000000Z"
	return t.UTC().AppendFormat(dst, layout[:len("2006-01-02T15:04:05.")+digits]+"Z")
}

// appendBytes appends metadata bytes: a string when they are UTF-8, else
// {"base64":"…"}; nil is null.
func appendBytes(dst, value []byte) []byte {
	switch {
	case value == nil:
		return append(dst, "null"...)
	case utf8.Valid(value):
		return span.AppendQuoted(dst, value)
	}
	dst = append(dst, `{"base64":"`...)
	return append(base64.StdEncoding.AppendEncode(dst, value), `"}`...)
}

func appendInt(dst []byte, key string, n int64) []byte {
	return strconv.AppendInt(append(dst, key...), n, 10)
}

func appendIntOf[T int16 | int32 | int64](dst []byte, key string, n *T) []byte {
	if n == nil {
		return dst
	}
	return appendInt(dst, key, int64(*n))
}

func appendText(dst []byte, key, value string) []byte {
	if value == "" {
		return dst
	}
	return span.AppendQuoted(append(dst, key...), value)
}

func appendFlag(dst []byte, key string, set bool) []byte {
	if !set {
		return dst
	}
	return append(append(dst, key...), "true"...)
}

func appendKafka(dst []byte, k *frame.Kafka) []byte {
	dst = append(dst, '{')
	start := len(dst)
	dst = appendText(dst, `,"topic":`, k.Topic)
	dst = appendIntOf(dst, `,"partition":`, k.Partition)
	dst = appendIntOf(dst, `,"offset":`, k.Offset)
	dst = appendText(dst, `,"timestampType":`, k.TimestampType)
	dst = appendIntOf(dst, `,"timestamp":`, k.Timestamp)
	if k.HasKey {
		dst = appendBytes(append(dst, `,"key":`...), k.Key)
	}
	if k.HasHeaders {
		dst = appendHeaders(append(dst, `,"headers":`...), k.Headers)
	}
	dst = appendText(dst, `,"codec":`, k.Codec)
	dst = appendIntOf(dst, `,"producerId":`, k.ProducerID)
	dst = appendIntOf(dst, `,"producerEpoch":`, k.ProducerEpoch)
	dst = appendIntOf(dst, `,"sequence":`, k.Sequence)
	dst = appendIntOf(dst, `,"leaderEpoch":`, k.LeaderEpoch)
	dst = appendIntOf(dst, `,"batch":`, k.Batch)
	dst = appendFlag(dst, `,"transactional":`, k.Transactional)
	dst = appendFlag(dst, `,"aborted":`, k.Aborted)
	dst = appendFlag(dst, `,"undecided":`, k.Undecided)
	dst = appendText(dst, `,"control":`, k.Control)
	dst = appendIntOf(dst, `,"broker":`, k.Broker)
	for _, m := range k.Extra {
		dst = append(append(span.AppendQuoted(append(dst, ','), m.Key), ':'), m.Value...)
	}
	return closeObject(dst, start)
}

func appendHeaders(dst []byte, headers []frame.Header) []byte {
	dst = append(dst, '[')
	for i, h := range headers {
		if i > 0 {
			dst = append(dst, ',')
		}
		name := h.Name
		if name == nil {
			name = []byte{}
		}
		dst = appendBytes(append(dst, '['), name)
		dst = append(appendBytes(append(dst, ','), h.Value), ']')
	}
	return append(dst, ']')
}

func appendTWS(dst []byte, t *frame.TWS) []byte {
	dst = append(dst, '{')
	start := len(dst)
	dst = appendText(dst, `,"direction":`, t.Direction)
	dst = appendText(dst, `,"kind":`, t.Kind)
	if t.HasID {
		dst = appendInt(dst, `,"id":`, int64(t.ID))
		dst = appendInt(dst, `,"wireId":`, int64(t.WireID))
	}
	dst = appendText(dst, `,"name":`, t.Name)
	dst = appendText(dst, `,"encoding":`, t.Encoding)
	if t.ServerVersion != 0 {
		dst = appendInt(dst, `,"serverVersion":`, int64(t.ServerVersion))
	}
	dst = appendText(dst, `,"charset":`, t.Charset)
	dst = appendText(dst, `,"idEncoding":`, t.IDEncoding)
	return closeObject(dst, start)
}

func appendTCP(dst []byte, t *frame.TCP) []byte {
	dst = span.AppendQuoted(append(dst, `{"src":`...), t.Src)
	dst = span.AppendQuoted(append(dst, `,"dst":`...), t.Dst)
	dst = appendInt(dst, `,"connection":`, t.Connection)
	dst = appendInt(dst, `,"packet":`, t.Packet)
	dst = appendInt(dst, `,"streamOffset":`, t.StreamOffset)
	return append(dst, '}')
}

// closeObject removes the comma of the first member, which begins at start.
func closeObject(dst []byte, start int) []byte {
	if len(dst) > start {
		dst = append(dst[:start], dst[start+1:]...)
	}
	return append(dst, '}')
}
