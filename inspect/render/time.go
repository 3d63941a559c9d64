package render

import (
	"strconv"
	"strings"
	"time"

	"github.com/pbscope/pbscope/inspect/message"
	"github.com/pbscope/pbscope/inspect/plan"
)

// wellKnown is what node i, a Timestamp or Duration, says in one word; "" for
// other types and for what is out of range.
func (p *printer) wellKnown(i int) string {
	n := p.t.Node(i)
	if n.Type.WellKnown != plan.Timestamp && n.Type.WellKnown != plan.Duration {
		return ""
	}
	var seconds, nanos int64
	for c := range p.t.Children(i) {
		field := p.t.Node(c)
		if field.Role == message.Broken {
			return ""
		}
		if field.Why != message.Known {
			continue
		}
		switch field.Number {
		case 1:
			seconds = p.t.Value(c).Int
		case 2:
			nanos = p.t.Value(c).Int
		}
	}
	if n.Type.WellKnown == plan.Timestamp {
		return timestamp(seconds, nanos)
	}
	return duration(seconds, nanos)
}

// The range of google.protobuf.Timestamp, in seconds: the years 1 to 9999.
const (
	minTimestamp = -62135596800
	maxTimestamp = 253402300799
)

func timestamp(seconds, nanos int64) string {
	if seconds < minTimestamp || seconds > maxTimestamp || nanos < 0 || nanos > 999_999_999 {
		return ""
	}
	return time.Unix(seconds, nanos).UTC().Format(time.RFC3339Nano)
}

// duration is in seconds, as ProtoJSON writes it.
func duration(seconds, nanos int64) string {
	const most = 315_576_000_000
	if seconds < -most || seconds > most || nanos < -999_999_999 || nanos > 999_999_999 ||
		seconds < 0 && nanos > 0 || seconds > 0 && nanos < 0 {
		return ""
	}
	sign := ""
	if seconds < 0 || nanos < 0 {
		sign, seconds, nanos = "-", -seconds, -nanos
	}
	text := sign + strconv.FormatInt(seconds, 10)
	if nanos > 0 {
		digits := strconv.FormatInt(nanos, 10)
		text += "." + strings.TrimRight(strings.Repeat("0", 9-len(digits))+digits, "0")
	}
	return text + "s"
}

// timeOf is v as a time of our age, in seconds, milliseconds, microseconds or
// nanoseconds; "" if it is in none of them between the years 2001 and 2096.
func timeOf(v uint64) string {
	const from, to = 1_000_000_000, 4_000_000_000
	for unit := uint64(1); unit <= 1_000_000_000; unit *= 1000 {
		if v/unit >= from && v/unit < to {
			return time.Unix(int64(v/unit), int64(v%unit*(1_000_000_000/unit))).UTC().Format(time.RFC3339Nano)
		}
	}
	return ""
}
