package transcode

import (
	"encoding/binary"
	"slices"

	"github.com/pbscope/pbscope/inspect/plan"
)

// The ranges of Timestamp and Duration (timestamp.proto, duration.proto): the
// years 1 to 9999, and about ten thousand years either way.
const (
	minTimestamp = -62135596800
	maxTimestamp = 253402300799
	maxDuration  = 315576000000
	maxNanos     = 999999999
)

func (d *Decoder) appendTime(dst []byte, kind plan.WellKnown, seconds int64, nanos int32) []byte {
	if kind == plan.Timestamp {
		switch {
		case seconds < minTimestamp || seconds > maxTimestamp:
			d.noForm = "a Timestamp outside the years 1 to 9999"
		case nanos < 0 || nanos > maxNanos:
			d.noForm = "a Timestamp whose nanos are not from 0 to 999999999"
		default:
			return d.appendTimestamp(dst, seconds, nanos)
		}
		return dst
	}
	switch {
	case seconds < -maxDuration || seconds > maxDuration:
		d.noForm = "a Duration of more than 315576000000 seconds"
	case nanos < -maxNanos || nanos > maxNanos:
		d.noForm = "a Duration whose nanos make a second or more"
	case seconds < 0 && nanos > 0 || seconds > 0 && nanos < 0:
		d.noForm = "a Duration whose seconds and nanos differ in sign"
	default:
		return appendDuration(dst, seconds, nanos)
	}
	return dst
}

// plainTimestamp appends the Timestamp buf[pos:end] if it has a form and comes
// as it is usually written: seconds, and then nanos unless they are 0.
func (d *Decoder) plainTimestamp(dst []byte, pos, end int) (out []byte, ok bool) {
	const secondsTag, nanosTag = 1<<3 | wireVarint, 2<<3 | wireVarint
	if pos >= end || d.buf[pos] != secondsTag {
		return dst, false
	}
	buf, nanos := d.buf[:end], uint64(0)
	seconds, at := readVarint(buf, pos+1)
	if at < 0 || seconds == 0 || padded(buf, pos+1, at) {
		return dst, false
	}
	if at < end {
		if buf[at] != nanosTag {
			return dst, false
		}
		tail := at + 1
		if nanos, at = readVarint(buf, tail); at != end || nanos == 0 || padded(buf, tail, at) {
			return dst, false
		}
	}
	if s := int64(seconds); s < minTimestamp || s > maxTimestamp || nanos > maxNanos {
		return dst, false
	}
	return d.appendTimestamp(dst, int64(seconds), int32(nanos)), true
}

// dayText is the text of a day, `"2026-03-04T`: timestamps in a stream mostly
// are of the same one.
type dayText struct {
	days int64    // since 1970-01-01
	text [16]byte // the last four are none of it
}

func (t *dayText) set(days int64) {
	year, month, day := civil(days)
	t.days = days
	digits := eightDecimals(uint64(year*10000+month*100+day)) + zeros
	copy(t.text[:], `"0000-00-00T`)
	binary.LittleEndian.PutUint32(t.text[1:], uint32(digits))
	binary.LittleEndian.PutUint16(t.text[6:], uint16(digits>>32))
	binary.LittleEndian.PutUint16(t.text[9:], uint16(digits>>48))
}

func (d *Decoder) appendTimestamp(dst []byte, seconds int64, nanos int32) []byte {
	const day, room = 86400, len(`"2026-03-04T14:30:00.123456789Z"`)
	days := seconds / day
	rest := seconds - day*days
	if rest < 0 {
		rest += day
		days--
	}
	if d.day.days != days || d.day.text[0] == 0 {
		d.day.set(days)
	}
	n := len(dst)
	if cap(dst)-n < room {
		dst = slices.Grow(dst, room)
	}
	to := dst[n : n+room]
	binary.LittleEndian.PutUint64(to, binary.LittleEndian.Uint64(d.day.text[:8]))
	binary.LittleEndian.PutUint64(to[8:], binary.LittleEndian.Uint64(d.day.text[8:]))
	// Two zeros among the digits become the colons.
	const colons = zeros + (':'-'0')<<16 + (':'-'0')<<40
	clock := uint64(rest/3600*1000000 + rest/60%60*1000 + rest%60)
	binary.LittleEndian.PutUint64(to[12:], eightDecimals(clock)+colons)
	n += 20 + putNanos(to[20:], nanos)
	return append(dst[:n], 'Z', '"')
}

// civil is the date of the Gregorian calendar that many days after 1970-01-01,
// by the well-known arithmetic that lets the year begin in March, so that the
// leap day is its last, and counts from the start of a cycle of 400 years.
func civil(days int64) (year, month, day int64) {
	const (
		cycle = 146097 // days of 400 years
		epoch = 719468 // days from 0000-03-01 to 1970-01-01
	)
	days += epoch + cycle
	era := days / cycle
	n := days - era*cycle
	yearOfEra := (n - n/1460 + n/36524 - n/146096) / 365
	dayOfYear := n - (365*yearOfEra + yearOfEra/4 - yearOfEra/100)
	march := (5*dayOfYear + 2) / 153
	day = dayOfYear - (153*march+2)/5 + 1
	year, month = yearOfEra+(era-1)*400, march+3
	if month > 12 {
		month -= 12
		year++
	}
	return year, month, day
}

// putNanos writes a fraction of 0, 3, 6 or 9 digits to the first ten bytes and
// is how long it is with its point.
func putNanos(to []byte, nanos int32) int {
	if nanos == 0 {
		return 0
	}
	to = to[:10]
	to[0] = '.'
	eight := uint64(nanos) / 10
	binary.LittleEndian.PutUint64(to[1:], eightDecimals(eight)+zeros)
	to[9] = byte('0' + uint64(nanos) - 10*eight)
	switch {
	case nanos%1000 != 0:
		return 10
	case nanos%1000000 != 0:
		return 7
	}
	return 4
}

func appendDuration(dst []byte, seconds int64, nanos int32) []byte {
	dst = append(dst, '"')
	if seconds < 0 || nanos < 0 {
		dst = append(dst, '-')
		seconds, nanos = -seconds, -nanos
	}
	dst = appendUint(dst, uint64(seconds))
	var fraction [10]byte
	dst = append(dst, fraction[:putNanos(fraction[:], nanos)]...)
	return append(dst, 's', '"')
}
