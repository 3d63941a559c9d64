package kafka

import (
	"strconv"

	"github.com/pbscope/pbscope/inspect/frame"
)

// kcatJSONWriter writes the bytes that kcat -J writes. Members of which the
// record knows nothing are left out, but key and payload always stand there.
type kcatJSONWriter struct{}

// Append implements frame.Writer.
func (kcatJSONWriter) Append(dst []byte, f *frame.Frame) ([]byte, error) {
	if f.Problem != nil {
		return append(dst, f.Payload...), nil
	}
	k := &frame.Kafka{}
	if f.Meta != nil && f.Meta.Kafka != nil {
		k = f.Meta.Kafka
	}
	dst = append(dst, '{')
	if k.Topic != "" {
		dst = append(appendJSONBytes(append(dst, `"topic":`...), []byte(k.Topic)), ',')
	}
	if k.Partition != nil {
		dst = appendMember(dst, `"partition":`, int64(*k.Partition))
	}
	if k.Offset != nil {
		dst = appendMember(dst, `"offset":`, *k.Offset)
	}
	dst = appendKcatTime(dst, f.Meta, k)
	if k.Broker != nil {
		dst = appendMember(dst, `"broker":`, int64(*k.Broker))
	}
	dst = appendKcatHeaders(dst, k.Headers)
	dst = appendJSONNullable(append(dst, `"key":`...), k.Key, k.Key == nil)
	dst = appendJSONNullable(append(dst, `,"payload":`...), f.Payload, f.Null)
	for _, m := range k.Extra {
		dst = append(appendJSONBytes(append(dst, ','), []byte(m.Key)), ':')
		dst = append(dst, m.Value...)
	}
	return append(dst, "}\n"...), nil
}

// Finish implements frame.Writer.
func (kcatJSONWriter) Finish(dst []byte) ([]byte, error) { return dst, nil }

func appendMember(dst []byte, key string, value int64) []byte {
	return append(strconv.AppendInt(append(dst, key...), value, 10), ',')
}

func appendKcatTime(dst []byte, meta *frame.Meta, k *frame.Kafka) []byte {
	if k.TimestampType != "" {
		dst = append(append(append(dst, `"tstype":"`...), k.TimestampType...), `",`...)
	}
	switch {
	case k.Timestamp != nil:
		return appendMember(dst, `"ts":`, *k.Timestamp)
	case meta != nil && meta.TimeDigits > 0:
		return appendMember(dst, `"ts":`, meta.Time.UnixMilli())
	}
	return dst
}

// appendKcatHeaders writes the flat list of names and values; kcat leaves an
// empty one out.
func appendKcatHeaders(dst []byte, headers []frame.Header) []byte {
	if len(headers) == 0 {
		return dst
	}
	dst = append(dst, `"headers":[`...)
	for i, h := range headers {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(appendJSONBytes(dst, h.Name), ',')
		dst = appendJSONNullable(dst, h.Value, h.Value == nil)
	}
	return append(dst, "],"...)
}

func appendJSONNullable(dst, data []byte, null bool) []byte {
	if null {
		return append(dst, "null"...)
	}
	return appendJSONBytes(dst, data)
}

const upperHex = "0123456789ABCDEF"

// appendJSONBytes writes data as kcat does: quotes, backslashes and bytes below
// 0x20 are escaped, everything else goes out as it is, UTF-8 or not.
func appendJSONBytes(dst, data []byte) []byte {
	dst = append(dst, '"')
	start := 0
	for i, c := range data {
		if c >= 0x20 && c != '"' && c != '\\' {
			continue
		}
		dst = append(append(dst, data[start:i]...), '\\')
		start = i + 1
		switch c {
		case '"', '\\':
			dst = append(dst, c)
		case '\b':
			dst = append(dst, 'b')
		case '\t':
			dst = append(dst, 't')
		case '\n':
			dst = append(dst, 'n')
		case '\f':
			dst = append(dst, 'f')
		case '\r':
			dst = append(dst, 'r')
		default:
			dst = append(dst, 'u', '0', '0', upperHex[c>>4], upperHex[c&15])
		}
	}
	return append(append(dst, data[start:]...), '"')
}
